"""One mail's bookings, by the readers in their order: exact ones first, the model for what they leave open (DESIGN §8).

Exact readers cost nothing and don't guess. The model is asked where none of them found anything, or where one left a
needed field blank; then it only fills blanks. Nothing here is stored or said to anybody.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.agreement import filled, same_booking, with_disagreements, without_repeats
from chalicelib.domain.incoming_mail import IncomingMail
from chalicelib.domain.mirror import read_mirror
from chalicelib.domain.model_drafts import drafts_of
from chalicelib.domain.proposal import NEEDED, Draft, Kind, Reader
from chalicelib.domain.proposal_words import SOURCE_TEXT, short
from chalicelib.errors import Malformed, Unreadable
from chalicelib.intake_ports import ExactReader, ShopWords
from chalicelib.runtime import Runtime
from chalicelib.usecases.shop import Shop

log = logging.getLogger(__name__)

LONGEST_TEXT = 200_000
"""Characters of a mail with its documents that are looked through; the model is given fewer still."""
_SHOWN_TEXT = 2900


@dataclass(frozen=True, slots=True)
class Document:
    """An attachment as text; `problem` says in words for staff what of it could not be read."""

    name: str
    text: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail came to. `unread` has the parts that should have been read and could not be; `why_none` says why
    there are no drafts."""

    drafts: Sequence[Draft]
    unread: Sequence[str] = ()
    why_none: str = ""


def exact_drafts(rt: Runtime, mail: IncomingMail, words: ShopWords, now: datetime) -> tuple[list[Draft], list[str]]:
    """The drafts of the exact readers, each visit once, held against the visible text; and what was unreadable."""
    drafts: list[Draft] = []
    unread: list[str] = []
    sources: list[tuple[str, ExactReader, Sequence[bytes | str]]] = [
        ("the calendar file", rt.invites, mail.calendars),
        ("the data in the mail's page", rt.structured_pages, mail.html),
    ]
    for name, reader, contents in sources:
        for content in contents:
            try:
                drafts += reader.read(content, words, now)
            except Unreadable as problem:
                unread.append(f"{name}: {problem.reason}")
    today = now.astimezone(rt.config.zone).date()
    return [with_disagreements(draft, mail.text, today, rt.config.zone) for draft in without_repeats(drafts)], unread


def is_complete(drafts: Sequence[Draft]) -> bool:
    """Whether exact readers have said all there is to say: no needed field of any draft is open."""
    return bool(drafts) and not any(_is_open(draft) for draft in drafts)


def read_bookings(rt: Runtime, mail: IncomingMail, documents: Sequence[Document], shop: Shop, now: datetime) -> Reading:
    """Everything that the mail and its documents book, change or cancel. Raises UpstreamError if the model doesn't
    answer: then the mail is to be read again."""
    words = shop_words(rt, mail, shop)
    exact, unread = exact_drafts(rt, mail, words, now)
    unread += [f"{document.name}: {document.problem}" for document in documents if document.problem]
    text = _whole_text(mail, documents)
    drafts, why_none = exact, ""
    if not is_complete(exact):
        drafts, why_none = _with_the_model(rt, mail, text, exact, words, shop, now)
    said = [*_warnings(mail), *mail.problems, *(f"not read: {problem}" for problem in unread)]
    return Reading([replace(draft, flags=(*draft.flags, *said)) for draft in drafts], unread, why_none)


def shop_words(rt: Runtime, mail: IncomingMail, shop: Shop) -> ShopWords:
    """The shop as readers must know it. Whoever forwards a mail to us, and where to, is no customer."""
    config = rt.config
    own = {address for address in (_bare(config.email_from), config.intake_address) if address}
    domains = {address.rpartition("@")[2] for address in own}
    around = {address for address in (mail.sender, *mail.recipients) if address.rpartition("@")[2] in domains}
    if mail.forwarded_from:
        around |= {mail.sender, *mail.recipients}
    rows = list(read_mirror(shop.mirror)) if shop.mirror else []
    return ShopWords(
        zone=config.zone.key,
        country=config.country,
        name=config.shop_name,
        addresses=frozenset(own | around) - {""},
        date_order=config.date_order,
        services=_named(row.values.get("service", "") for row in rows),
        staff=_named(row.values.get("staff", "") for row in rows),
        phone=config.shop_phone,
    )


def _with_the_model(
    rt: Runtime, mail: IncomingMail, text: str, exact: Sequence[Draft], words: ShopWords, shop: Shop, now: datetime
) -> tuple[list[Draft], str]:
    """The exact drafts, filled; or the model's own; or the text for staff. And why there are none."""
    if not text.strip():
        return list(exact), "there is nothing to read in it"
    model = rt.booking_model
    if model is None:
        if exact:
            return list(exact), ""
        if mail.automatic:
            return [], "sent automatically, and there is nothing in it that can be read without the model"
        return [_as_text(text)], ""
    try:
        reported = model.read(text, mail.subject, mail.sent, words)
    except Malformed:
        log.warning("model_answer_malformed")
        rt.metrics.count("model_malformed")
        return list(exact) or [_as_text(text, "The model's answer could not be used.")], ""
    found = drafts_of(reported, f"{mail.subject}\n{text}", mail.sent, shop.terms, words, now)
    if not exact:
        return found, "no booking in it"
    return [_filled(draft, found, alone=len(exact) == 1 == len(found)) for draft in exact], ""


def _filled(exact: Draft, found: Sequence[Draft], alone: bool) -> Draft:
    """The exact draft with its blanks filled from the model's draft of the same booking."""
    if not _is_open(exact):
        return exact
    match = next((draft for draft in found if alone or same_booking(exact, draft)), None)
    return filled(exact, match) if match else exact


def _is_open(draft: Draft) -> bool:
    return any(not draft.values.get(name) for name in NEEDED)


def _as_text(text: str, flag: str = "") -> Draft:
    """A booking that nobody could read: staff get the text."""
    return Draft(Kind.BOOKING, Reader.NONE, quotes={SOURCE_TEXT: text[:_SHOWN_TEXT]}, flags=(flag,) if flag else ())


def _whole_text(mail: IncomingMail, documents: Sequence[Document]) -> str:
    """What the model is given: the mail as a person sees it, and each document under its name."""
    parts = [mail.text.strip()]
    parts += [f"Attachment {short(document.name)}:\n{document.text.strip()}" for document in documents if document.text]
    return "\n\n".join(part for part in parts if part)[:LONGEST_TEXT]


def _warnings(mail: IncomingMail) -> list[str]:
    """What staff must know of the sender before they believe a word."""
    verdicts = mail.verdicts
    failed = [
        name
        for name, verdict in (("DMARC", verdicts.dmarc), ("SPF", verdicts.spf), ("DKIM", verdicts.dkim))
        if verdict.upper() == "FAIL"
    ]
    if "DMARC" in failed or "SPF" in failed:
        return [f"the sender may be forged ({', '.join(failed)} failed)"]
    return []


def _named(cells: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({name for cell in cells if (name := cell.strip())}))


def _bare(address: str) -> str:
    return address.rpartition("<")[2].rstrip("> ").strip().lower()
