"""A mail has come in: what it books, changes or cancels is proposed; whatever else it is, staff hear of it.

Nothing here is lost and nothing is done twice: the mail stays in its bucket, proposals have their ids from its key, and
staff are told of it once. So the same notification may come again, and `scripts/ops reparse` may read a mail anew.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib import names
from chalicelib.domain.incoming_mail import Attachment, IncomingMail
from chalicelib.domain.open_mail import LARGEST_MAIL, open_mail, subject_of
from chalicelib.domain.proposal import Draft, Lane, Source
from chalicelib.domain.proposal_words import start_of
from chalicelib.errors import MailRefused, Unreadable
from chalicelib.ports import PendingScan, PutScan
from chalicelib.runtime import Runtime
from chalicelib.usecases.propose import propose
from chalicelib.usecases.read_bookings import Document, exact_drafts, is_complete, read_bookings, shop_words
from chalicelib.usecases.record_mail import MailOutcome, Outcome, record_mail
from chalicelib.usecases.shop import Shop

log = logging.getLogger(__name__)

MOST_SCANS = 10
"""Attachments of one mail that are scanned; each page of them costs."""
MOST_OFFICE_FILES = 8
"""Word and Excel files of one mail that are read: the worst one found takes 1.5 s of a whole core, and the function
has a third of one for a minute."""
SCANNED = frozenset({"application/pdf", "image/png", "image/jpeg", "image/tiff"})
_OVER = timedelta(days=180)
_MB = 1024 * 1024
_BEGINNING = 64 * 1024  # of a mail that is too large: its subject stands there


def take_in_object(rt: Runtime, key: str) -> MailOutcome | None:
    """Take in a new object of the raw-mime bucket; None for what is no mail: an attachment that we laid there
    ourselves, and the note that SES writes when its rule is made."""
    no_mail = key.startswith(names.ATTACHMENTS) or key == names.SES_SETUP_NOTE
    return None if no_mail else take_in_mail(rt, key)


def take_in_mail(rt: Runtime, key: str) -> MailOutcome:
    """Read the mail under this key and propose what is in it, at once or when its scans are done.

    Raises UpstreamError or StoreError when it could not be done now: Lambda hands the notification over again.
    """
    now = rt.clock()
    size = rt.raw_mail.size(key)
    if size is None:
        log.warning("mail_gone", extra={"key": key})
        return MailOutcome(Outcome.UNREADABLE, "there is no such mail")
    if size > LARGEST_MAIL:
        reason = f"it is {size / _MB:.0f} MB large; at most {LARGEST_MAIL / _MB:.0f} MB are read"
        subject = subject_of(rt.raw_mail.read(key, most=_BEGINNING))
        return record_mail(rt, key, subject, MailOutcome(Outcome.REFUSED, reason), now)
    raw = rt.raw_mail.read(key)
    try:
        mail = open_mail(raw)
    except MailRefused as refused:
        return record_mail(rt, key, subject_of(raw), MailOutcome(Outcome.REFUSED, refused.reason), now)
    unwanted = _unwanted(mail, rt.config.intake_senders)
    if unwanted:
        return record_mail(rt, key, mail.subject, unwanted, now, at_once=False)
    return _read(rt, key, mail, now)


def _read(rt: Runtime, key: str, mail: IncomingMail, now: datetime) -> MailOutcome:
    """Propose at once, unless a scan may add to it: then text and scans are read together when all are done."""
    shop = Shop(rt)
    documents = office_documents(rt, mail)
    to_scan = [(place, one) for place, one in enumerate(mail.attachments) if one.media_type in SCANNED]
    if to_scan:
        exact, _ = exact_drafts(rt, mail, shop_words(rt, mail, shop), now)
        if is_complete(exact):
            documents += [Document(one.name, problem="it wasn't needed") for _, one in to_scan]
        elif rt.booking_model is not None or not mail.automatic:
            started, refused = _start_scans(rt, key, to_scan, now)
            if started:
                log.info("mail_waits_for_scans", extra={"key": key, "scans": started})
                return MailOutcome(Outcome.WAITING, f"{started} attachments are being scanned")
            documents += refused
    return propose_from(rt, key, mail, documents, shop, now)


def office_documents(rt: Runtime, mail: IncomingMail) -> list[Document]:
    """The attachments whose text is there without a scan."""
    found = []
    files = [attachment for attachment in mail.attachments if attachment.media_type not in SCANNED]
    for place, attachment in enumerate(files):
        if place >= MOST_OFFICE_FILES:
            reason = f"only the first {MOST_OFFICE_FILES} Word and Excel files of a mail are read"
            found.append(Document(attachment.name, problem=reason))
            continue
        try:
            found.append(Document(attachment.name, rt.office_text.read(attachment.media_type, attachment.content)))
        except Unreadable as problem:
            found.append(Document(attachment.name, problem=problem.reason))
    return found


def propose_from(
    rt: Runtime, key: str, mail: IncomingMail, documents: Sequence[Document], shop: Shop, now: datetime
) -> MailOutcome:
    """Read mail and documents together, propose what they say, and record what became of the mail."""
    reading = read_bookings(rt, mail, documents, shop, now)
    source = Source(Lane.MAIL, key, title=mail.subject, sender=mail.sender_name or mail.sender.rpartition("@")[2])
    ahead = [draft for draft in reading.drafts if not _has_passed(draft, rt.config.zone, now)]
    found = propose(rt, ahead, source, now) if ahead else []
    unread = [*reading.unread, *(() if mail.text.strip() else mail.problems)]
    if any(proposal.source.key == key for proposal in found):
        outcome = MailOutcome(Outcome.PROPOSED)
    elif ahead:
        outcome = MailOutcome(Outcome.NONE, "proposed before" if found else "no news of any visit")
    elif reading.drafts:
        outcome = MailOutcome(Outcome.NONE, "its visit has passed")
    elif unread and not mail.automatic:
        outcome = MailOutcome(Outcome.UNREADABLE, "; ".join(unread))
    else:
        outcome = MailOutcome(Outcome.NONE, reading.why_none)
    return record_mail(rt, key, mail.subject, outcome, now)


def _has_passed(draft: Draft, zone: ZoneInfo, now: datetime) -> bool:
    """Whether it is about a visit that is over. One of long ago may be a slip in the year: a person should look."""
    if not draft.values.get("date"):
        return False
    day, today = date.fromisoformat(draft.values["date"]), now.astimezone(zone).date()
    if day == today:
        start = start_of(draft.values, zone)
        return start is not None and start <= now and "time" not in draft.doubtful
    return timedelta() < today - day <= _OVER


def _unwanted(mail: IncomingMail, senders: frozenset[str]) -> MailOutcome | None:
    """Why it isn't even read: what SES itself found in it, or whom it is from."""
    if mail.verdicts.virus.upper() == "FAIL":
        return MailOutcome(Outcome.REFUSED, "the mail service found a virus in it")
    if mail.verdicts.spam.upper() == "FAIL":
        return MailOutcome(Outcome.NONE, "the mail service takes it for spam")
    domain = mail.sender.rpartition("@")[2]
    if senders and not {mail.sender, f"@{domain}"} & senders:
        return MailOutcome(Outcome.REFUSED, "its sender isn't on the list of those whose mail is read")
    return None


def _start_scans(
    rt: Runtime, key: str, to_scan: Sequence[tuple[int, Attachment]], now: datetime
) -> tuple[int, list[Document]]:
    """Lay the attachments down and begin to scan them: how many, and those that can't be. Safe to repeat."""
    started, refused = 0, []
    for place, attachment in to_scan[:MOST_SCANS]:
        laid = rt.raw_mail.put_attachment(key, place, attachment.media_type, attachment.content)
        try:
            job = rt.scans.start(laid)
        except Unreadable as problem:
            refused.append(Document(attachment.name, problem=problem.reason))
            continue
        rt.store.commit(PutScan(PendingScan(job, key, laid, now)))
        started += 1
    return started, refused
