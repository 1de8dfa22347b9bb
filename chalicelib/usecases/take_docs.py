"""Take the rules and the voice doc: whole or not at all (DESIGN §4.2, §4.3).

A doc with a line that can't be understood leaves the former one in force, and staff hear which line and what was
expected, once per version.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial

from chalicelib.config import Config
from chalicelib.domain.mend_links import doc
from chalicelib.domain.rules import RuleBook, parse_rules, windows_since
from chalicelib.domain.sending_hours import public_holidays
from chalicelib.domain.voice import parse_voice
from chalicelib.domain.work import StaffLine
from chalicelib.errors import DocumentError, LineProblem
from chalicelib.ports import Document
from chalicelib.runtime import Runtime
from chalicelib.usecases.sync_state import digest
from chalicelib.usecases.tell_once import Fact, tell_once

log = logging.getLogger(__name__)

_NAME = {Document.RULES: "rules", Document.VOICE: "voice"}
_NO_RULES_YET = "There is no earlier rules doc, so nothing is sent until this one is right."
_FORMER_STAYS = "The former one stays in force until it is right."
_DEFAULTS_STAY = "Until it is right, the standard wording goes out."


def take_docs(rt: Runtime, which: Collection[Document], services: Iterable[str], now: datetime) -> bool:
    """Read these docs and put what is good in force. `services` are the sheet's, known words of the rules doc.

    Returns whether anything that is in force changed. Raises UpstreamError and StoreError.
    """
    changed = False
    if Document.RULES in which:
        changed |= _take_rules(rt, sorted(set(services)), now)
    if Document.VOICE in which:
        changed |= _take_voice(rt, now)
    return changed


def rules_in_force(text: str | None) -> RuleBook | None:
    """The former rules doc; None if there is none. A doc that was taken is read without the services' names."""
    return parse_rules(text, ()) if text is not None else None


def _take_rules(rt: Runtime, services: Sequence[str], now: datetime) -> bool:
    text = rt.docs.text(Document.RULES)
    stored = rt.documents.read(Document.RULES)
    try:
        after = parse_rules(text, services)
        if stored is not None and stored.text.strip() and not text.strip():
            raise DocumentError([LineProblem(1, "the doc is empty; expected a line for each service")])
        _check_holidays(after, text, rt.config, now)
    except DocumentError as bad:
        _report(rt, Document.RULES, text, bad.problems, _FORMER_STAYS if stored else _NO_RULES_YET, now)
        return False
    _report(rt, Document.RULES, text, (), "", now)
    if stored is not None and stored.text == text:
        return False
    before = rules_in_force(stored.text if stored else None)
    record = rt.documents.read(Document.RULES_SINCE)
    earlier: Mapping[str, Mapping[str, str]] = json.loads(record.text) if record else {}
    since = json.dumps(windows_since(before, after, earlier, now, rt.config.windows), sort_keys=True, indent=1)
    if record is None or record.text != since:
        rt.documents.write(Document.RULES_SINCE, since, record)  # first: the doc itself is the commit point
    rt.documents.write(Document.RULES, text, stored)
    log.info("rules_taken", extra={"version": digest(text)})
    return True


def _check_holidays(book: RuleBook, text: str, config: Config, now: datetime) -> None:
    """Raises DocumentError if the doc closes on public holidays that nobody knows for this country."""
    if book.closed is None or not book.closed.public_holidays:
        return
    try:
        public_holidays(config.country, config.region, now.year)
    except ValueError:
        line = next((n for n, part in enumerate(text.splitlines(), 1) if "holiday" in part.casefold()), 1)
        place = f"{config.country}-{config.region}" if config.region else config.country
        raise DocumentError(
            [LineProblem(line, f"the public holidays of {place} are not known; write the closed dates instead")]
        ) from None


def _take_voice(rt: Runtime, now: datetime) -> bool:
    text = rt.docs.text(Document.VOICE)
    stored = rt.documents.read(Document.VOICE)
    try:
        parse_voice(text, rt.config.language)
    except DocumentError as bad:
        _report(rt, Document.VOICE, text, bad.problems, _FORMER_STAYS if stored else _DEFAULTS_STAY, now)
        return False
    _report(rt, Document.VOICE, text, (), "", now)
    facts = {
        f"costly#{digest(f'{warning.line} {warning.problem}')}": {"line": warning.line, "warning": warning.problem}
        for warning in _warnings(text, rt.config.language, tuple(_ours(rt.config).items()))
    }
    tell_once(rt, "costly#", facts, partial(_costly, rt.config), now)
    if stored is not None and stored.text == text:
        return False
    rt.documents.write(Document.VOICE, text, stored)
    log.info("voice_taken", extra={"version": digest(text)})
    return True


@lru_cache(maxsize=4)  # each hour's sync asks for the same doc's again
def _warnings(text: str, language: str, fields: tuple[tuple[str, str], ...]) -> tuple[LineProblem, ...]:
    return parse_voice(text, language).warnings(dict(fields))


def _ours(config: Config) -> dict[str, str]:
    """What the shop's own messages hold, to measure what a template costs."""
    link = config.base_url + "x" * 42
    return {
        "shop": config.shop_name,
        "shop_phone": config.shop_phone,
        "link": link,
        "confirm_link": f"{link}?a=confirm",
        "reschedule_link": f"{link}?a=reschedule",
        "cancel_link": f"{link}?a=cancel",
    }


def _report(
    rt: Runtime, document: Document, text: str, problems: Sequence[LineProblem], meanwhile: str, now: datetime
) -> None:
    """Tell the problems of this version once; without any, the former version's are forgotten."""
    name = _NAME[document]
    facts = {
        f"doc#{name}#{digest(text)}#{n:03d}": {"document": name, "line": p.line, "problem": p.problem}
        for n, p in enumerate(problems)
    }

    def compose(batch: Sequence[Fact]) -> StaffLine:
        lines = "\n".join(f"• line {fact['line']}: {fact['problem']}" for fact in batch)
        text = f"The {name} doc can't be taken as it is. {meanwhile}\n{lines}"
        return StaffLine(text, reason=f"the {name} doc", links=doc(name, _doc_id(rt.config, document)))

    if tell_once(rt, f"doc#{name}#", facts, compose, now):
        log.warning("doc_refused", extra={"document": name, "lines": [p.line for p in problems]})


def _doc_id(config: Config, document: Document) -> str:
    return config.rules_doc_id if document is Document.RULES else config.voice_doc_id


def _costly(config: Config, batch: Sequence[Fact]) -> StaffLine:
    lines = "\n".join(f"• line {fact['line']}: {fact['warning']}" for fact in batch)
    text = f"The voice doc is in force, but please look at some of its texts:\n{lines}"
    return StaffLine(text, reason="the voice doc", links=doc("voice", config.voice_doc_id))
