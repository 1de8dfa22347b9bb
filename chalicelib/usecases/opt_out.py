"""A contact is opted out of reminders, or in again: by the page's small button or a mail's one-click header.

Or by an operator, for somebody who said so in another way.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.appointment import Appointment
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.reply import Outcome
from chalicelib.domain.reply_token import Link, ReplyAction
from chalicelib.errors import Refused, StoreConflict, StoreNoAnswer
from chalicelib.ports import PutAudit, PutReply, PutWork, SetOptOut, SpendNonce, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.reply_core import reply_key, try_work_now, was_stored
from chalicelib.usecases.reply_promises import CUSTOMER, PAGE
from chalicelib.usecases.staff_lines import staff_work
from chalicelib.usecases.visit_words import visit_in_words

log = logging.getLogger(__name__)

WITHOUT_VISIT = "optout"
"""The id that it is written down under where the contact has no visit in the sheet."""
_TRIES = 5
_OUT = frozenset({ReplyAction.NO_TEXTS, ReplyAction.NO_EMAILS})
_STAFF_WORDS = {
    ReplyAction.NO_TEXTS: "opted out of texts",
    ReplyAction.TEXTS_AGAIN: "wants texts again",
    ReplyAction.NO_EMAILS: "opted out of reminder e-mails",
    ReplyAction.EMAILS_AGAIN: "wants reminder e-mails again",
}


def opt_out(
    rt: Runtime,
    action: ReplyAction,
    contacts: Sequence[str],
    link: Link,
    appointment: Appointment | None,
    now: datetime,
    nonce: bytes | None = None,
    channel: str = PAGE,
    by: str = CUSTOMER,
) -> Outcome:
    """Opt the contacts out (`no-texts`, `no-emails`) or in again; audited, and staff are told. Nothing else changes.

    `appointment` is the visit whose link was used, if it can still be read. `by` is who says so, `channel` where.
    DONE, ALREADY_DONE or BUSY.
    """
    out = action in _OUT
    already = rt.store.opted_out(contacts)
    changing = [contact for contact in contacts if (contact in already) is not out]
    if not changing:
        return Outcome.ALREADY_DONE
    key = reply_key(now, rt.tokens.tail())
    writes: list[Write] = [SpendNonce(link.appt_id, nonce.hex(), now)] if nonce is not None else []
    writes += [
        *(SetOptOut(contact, out, now) for contact in changing),
        PutReply(link.appt_id, key, action.value, channel, link.chain, by),
        PutAudit(
            AuditEntry(
                appt_id=link.appt_id,
                ts=f"{iso(now)}#{key.rpartition('-')[2]}",
                action=action.value,
                channel=channel,
                before="opted in" if out else "opted out",
                after="opted out" if out else "opted in",
                by=by,
                chain=link.chain,
            )
        ),
        PutWork(staff_work(rt, _staff_text(rt, action, link, appointment, now), now, appt_id=link.appt_id)),
    ]
    for _ in range(_TRIES):
        try:
            rt.store.commit(*writes)
        except Refused:
            if not was_stored(rt, link.appt_id, key):
                return Outcome.ALREADY_DONE
        except (StoreConflict, StoreNoAnswer):
            if not was_stored(rt, link.appt_id, key):
                continue
        try_work_now(rt, writes)
        return Outcome.DONE
    return Outcome.BUSY


def _staff_text(rt: Runtime, action: ReplyAction, link: Link, appointment: Appointment | None, now: datetime) -> str:
    words = _STAFF_WORDS[action]
    if link.appt_id == WITHOUT_VISIT:
        return f"A customer who has no visit in the sheet {words}."
    if appointment is None:
        return f"The customer of {link.appt_id} {words}."
    visit = visit_in_words(appointment, rt.config.zone)
    return f"{visit}: the customer {words}." + (" The visit is still booked." if now < appointment.start else "")
