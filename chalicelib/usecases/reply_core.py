"""An answer, whoever gives it: the customer by the page, or a staff member by Slack (DESIGN §7, §8).

One transaction holds all that an answer changes, and it is tried again until it is known to have happened or not to
apply. What follows from it (the sheet, Slack, the customer's message) is outbox work of that transaction, tried at
once here and by every tick until done.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.reply import Outcome, Present, judge, present
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.errors import Refused, ReminderError, StoreConflict, StoreNoAnswer
from chalicelib.ports import HoldSlot, PutWork, SpendNonce, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.open_slots import open_slots, read_diary
from chalicelib.usecases.reply_promises import Press
from chalicelib.usecases.reply_writes import cancel_writes, confirm_writes, move_writes, undo_writes
from chalicelib.usecases.shop import Shop, Visit

log = logging.getLogger(__name__)

_TRIES = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an answer. `visit` is how it stands now, None if its row is gone; `was` is the start before."""

    outcome: Outcome
    visit: Visit | None = None
    was: datetime | None = None


def reply(
    rt: Runtime,
    appt_id: str,
    action: ReplyAction,
    by: str,
    channel: str,
    now: datetime,
    *,
    nonce: bytes | None = None,
    slot: datetime | None = None,
    chain: str = "",
) -> Reply:
    """Do what `action` asks if it applies: confirm, reschedule (to `slot`, UTC), cancel or undo.

    `by` is `customer` or the staff member's name, `channel` `page` or `slack`. `nonce` is spent, so a press acts
    once. `chain` is the start that was answered: if the visit is at another time by now, nothing happens. What staff
    press sends the customer nothing. Raises StoreError or UpstreamError only if it can't even be known how the visit
    stands.
    """
    press = Press(action=action, by=by, channel=channel, now=now, key=reply_key(now, rt.tokens.tail()), nonce=nonce)
    before: Visit | None = None
    writes: list[Write] | None = None
    for _ in range(_TRIES):
        shop = Shop(rt)
        visit = find_visit(rt, shop, appt_id)
        if before is not None and writes and was_stored(rt, appt_id, press.key):
            return _done(rt, press, before, visit, writes)
        if visit is None:
            return Reply(Outcome.GONE)
        refusal = judge(action, standing_of(visit), now, chain, slot)
        if refusal is not None:
            return Reply(refusal, visit)
        writes = _writes(rt, shop, visit, press, slot)
        if writes is None:
            return Reply(Outcome.JUST_TAKEN, visit)
        before = visit
        try:
            rt.store.commit(*writes)
        except Refused as no:
            if was_stored(rt, appt_id, press.key):
                return _done(rt, press, before, find_visit(rt, shop, appt_id), writes)
            if isinstance(writes[no.write], HoldSlot):
                return Reply(Outcome.JUST_TAKEN, visit)
            if isinstance(writes[no.write], SpendNonce):
                return _pressed_before(rt, shop, appt_id, press, slot)
        except StoreConflict:
            log.info("another answer was in the way", extra={"appt_id": appt_id})
        except StoreNoAnswer:
            log.warning("the answer may have been stored; reading back", extra={"appt_id": appt_id})
        else:
            return _done(rt, press, before, find_visit(rt, shop, appt_id), writes)
    return Reply(Outcome.BUSY, find_visit(rt, Shop(rt), appt_id))


def find_visit(rt: Runtime, shop: Shop, appt_id: str) -> Visit | None:
    """The visit as it stands now; None if its row is gone from the mirror or can't be read."""
    row = shop.row(appt_id)
    if row is None:
        return None
    return shop.visit(row, rt.store.standings([appt_id]).get(appt_id))


def standing_of(visit: Visit) -> Present:
    """How the visit stands, for a page or a press."""
    return present(visit.appointment, visit.standing)


def try_work_now(rt: Runtime, writes: Sequence[Write]) -> None:
    """Try the outbox work of a commit at once. A failure is left to the next tick: the answer itself is safe."""
    works = [write.work.work_id for write in writes if isinstance(write, PutWork)]
    if not works:
        return
    try:
        drain_outbox(rt, only=works)
    except Exception:  # whatever it was, the person who pressed must see what was stored
        log.exception("outbox work of a reply is left to the next tick")


def _writes(rt: Runtime, shop: Shop, visit: Visit, press: Press, slot: datetime | None) -> list[Write] | None:
    """The answer's transaction; None if the slot that it needs isn't free."""
    match press.action:
        case ReplyAction.CONFIRM:
            return confirm_writes(rt, visit, press)
        case ReplyAction.CANCEL:
            return cancel_writes(rt, shop, visit, press)
        case ReplyAction.UNDO:
            start = visit.appointment.start
            diary = read_diary(rt, shop, visit.appointment, start, start)
            if not diary.is_free(start, shop.minutes(visit.appointment)):
                return None
            return undo_writes(rt, shop, visit, press)
        case ReplyAction.RESCHEDULE:
            if slot is None or slot not in open_slots(rt, shop, visit.appointment, press.now):
                return None
            return move_writes(rt, shop, visit, press, slot)
        case _:
            raise ValueError(f"not an answer: {press.action}")


def _pressed_before(rt: Runtime, shop: Shop, appt_id: str, press: Press, slot: datetime | None) -> Reply:
    """This very button was pressed before: what it asked for is so, or was and has been changed since."""
    visit = find_visit(rt, shop, appt_id)
    if visit is None:
        return Reply(Outcome.GONE)
    return Reply(judge(press.action, standing_of(visit), press.now, "", slot) or Outcome.ALREADY_DONE, visit)


def _done(rt: Runtime, press: Press, before: Visit, after: Visit | None, writes: Sequence[Write]) -> Reply:
    """It is stored. What the left chain sent is archived, and the promised work tried."""
    appointment = before.appointment
    log.info("answered", extra={"event": "reply", "action": press.action.value, "appt_id": appointment.appt_id})
    if press.action is ReplyAction.RESCHEDULE:
        _archive(rt, appointment.appt_id, appointment.chain)
    try_work_now(rt, writes)
    return Reply(Outcome.DONE, after, appointment.start)


def _archive(rt: Runtime, appt_id: str, chain: str) -> None:
    """Copy what a left chain sent to the archive; `ar-sends` keeps it too, so a failure loses but the copy."""
    try:
        rt.ledger.archive(appt_id, chain)
    except ReminderError:
        log.exception("a left chain was not archived", extra={"appt_id": appt_id})


def was_stored(rt: Runtime, appt_id: str, key: str) -> bool:
    """Whether this answer is among the stored ones: what to ask when a commit's own answer was lost."""
    return any(stored.replied_at == key for stored in rt.store.replies(appt_id))


def reply_key(now: datetime, tail: str) -> str:
    """`replied_at`: sorts by time, unique by its tail."""
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z-{tail}"
