"""What became of a mail, written down and told: at once where somebody must look, else once a day in one line.

Each mail is told of once, however often its event comes or it is read again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.proposal_words import short
from chalicelib.domain.work import Work
from chalicelib.errors import Refused
from chalicelib.ports import PutAudit, PutWork, TellOnce, Untell, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.staff_lines import staff_work

log = logging.getLogger(__name__)

MAIL = "mail#"
"""What the audit's `appt_id` of a mail begins with; its key follows."""
GROUPED = "no-booking#"
A_LINE = 40
_DAY = "no-booking-day#"
_MORNING = time(8)


class Outcome(StrEnum):
    """What a mail came to."""

    PROPOSED = "proposed"
    NONE = "none"  # no booking in it
    UNREADABLE = "unreadable"  # what may hold one can't be read
    REFUSED = "refused"  # a guard stopped it
    WAITING = "waiting"  # for a scan


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """What became of one mail, and why; `reason` is for staff and holds no contact."""

    outcome: Outcome
    reason: str = ""


def record_mail(
    rt: Runtime, key: str, subject: str, outcome: MailOutcome, now: datetime, at_once: bool = True
) -> MailOutcome:
    """Audit the outcome and tell staff: nothing of what was proposed, the rest at once or in the day's line.

    Returns the outcome. Raises StoreError.
    """
    audit = PutAudit(_audit(rt, key, outcome, now))
    works: list[Work] = []
    telling: list[Write] = []
    if outcome.outcome in (Outcome.UNREADABLE, Outcome.REFUSED) and at_once:
        works = [staff_work(rt, _line(key, subject, outcome), now, reason=outcome.reason)]
        telling = [TellOnce(f"{MAIL}{outcome.outcome.value}#{key}"), *(PutWork(work) for work in works)]
    elif outcome.outcome is not Outcome.PROPOSED:  # none, or refused for whom it is from
        fact = json.dumps({"subject": short(subject), "key": key, "reason": outcome.reason}, ensure_ascii=False)
        telling = [TellOnce(f"{MAIL}{outcome.outcome.value}#{key}"), TellOnce(f"{GROUPED}{key}", fact)]
    try:
        rt.store.commit(audit, *telling)
    except Refused:
        log.info("mail_told_before", extra={"key": key})
        rt.store.commit(audit)
        works = []
    log.info("mail_read", extra={"key": key, "outcome": outcome.outcome.value, "why": outcome.reason})
    if works:
        drain_outbox(rt, only=[work.work_id for work in works])
    return outcome


def tell_of_no_bookings(rt: Runtime, now: datetime) -> int:
    """The day's line about the mails that were no booking, when the shop's quiet hours have ended; once a day.

    Returns how many mails were told of. More than forty take more than one line. Raises StoreError.
    """
    local = now.astimezone(rt.config.zone)
    if local.time() < (rt.config.quiet[1] if rt.config.quiet else _MORNING):
        return 0
    facts = rt.store.told(GROUPED)
    days = rt.store.told(_DAY)
    today = f"{_DAY}{local.date().isoformat()}"
    if not facts or today in days:
        return 0
    keys = sorted(facts)
    told: list[str] = []
    marks: list[Write] = [TellOnce(today), *(Untell(day) for day in days)]
    for begin in range(0, len(keys), A_LINE):
        batch = keys[begin : begin + A_LINE]
        work = staff_work(rt, _grouped_line([json.loads(facts[key]) for key in batch]), now, reason="no booking")
        try:
            rt.store.commit(*marks, PutWork(work), *(Untell(key) for key in batch))
        except Refused:
            log.info("told_by_another_run", extra={"prefix": GROUPED})
            return 0
        marks = []
        told.append(work.work_id)
    drain_outbox(rt, only=told)
    return len(keys)


def _line(key: str, subject: str, outcome: MailOutcome) -> str:
    what = "can't be read" if outcome.outcome is Outcome.UNREADABLE else "wasn't opened"
    return (
        f"A mail {what}: “{short(subject) or 'no subject'}”. Why: {outcome.reason}. If it holds a booking, please look "
        f"at the original. It is kept as {key}."
    )


def _grouped_line(facts: Sequence[dict[str, str]]) -> str:
    one = len(facts) == 1
    head = f"{'One mail was' if one else f'{len(facts)} mails were'} taken for no booking; kept, should that be wrong:"
    lines = [f"• “{fact['subject'] or 'no subject'}” ({fact['reason']}), kept as {fact['key']}" for fact in facts]
    return "\n".join([head, *lines])


def _audit(rt: Runtime, key: str, outcome: MailOutcome, now: datetime) -> AuditEntry:
    return AuditEntry(
        appt_id=f"{MAIL}{key}",
        ts=f"{iso(now)}#{rt.tokens.tail()}",
        action="mail_read",
        channel="email",
        after=outcome.outcome.value,
        reason=outcome.reason,
    )
