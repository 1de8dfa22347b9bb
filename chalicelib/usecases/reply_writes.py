"""What each answer writes, all in one transaction (DESIGN §6 "who is right", §7).

The first two writes are conditions as well: the nonce must be unspent, the standing as it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.appointment import Status, chain_id, to_minute
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.reply import UNDO_FOR, Present, Stand, present
from chalicelib.domain.respell import respell_date, respell_time
from chalicelib.domain.send import Move
from chalicelib.domain.slots import CELL, cells
from chalicelib.domain.standing import Answer, Standing
from chalicelib.domain.status import read_status
from chalicelib.domain.wording import local_minute
from chalicelib.ports import (
    HoldSlot,
    PutAudit,
    PutReply,
    PutWork,
    ReleaseSlot,
    ReplaceStanding,
    SpendNonce,
    Write,
)
from chalicelib.runtime import Runtime
from chalicelib.usecases.open_slots import folded
from chalicelib.usecases.reply_promises import (
    Press,
    customer_message,
    message_minute,
    messages_withdrawn,
    sheet_edit,
    tick_work,
    told_work,
)
from chalicelib.usecases.shop import Shop, Visit
from chalicelib.usecases.visit_words import visit_in_words

_MOST_WRITES = 100
_OUR_WORDS = frozenset({"confirmed", "cancelled", "moved"})


def confirm_writes(rt: Runtime, visit: Visit, press: Press) -> list[Write]:
    """Confirmed: later windows stop, the sheet's status says so."""
    base = base_standing(rt, visit)
    # A move's own confirmation may still be waiting for the morning: it names the start, and stays true.
    key = base.reply_id if base.moved_from is not None and base.answer is Answer.OPEN and base.reply_id else press.key
    standing = _answered(base, visit, press, Answer.CONFIRMED, {"status": "confirmed"})
    standing = replace(standing, reply_id=key)
    return [
        *_first(visit, press, standing),
        *sheet_edit(rt, visit, press, {"status": "confirmed"}),
    ]


def cancel_writes(rt: Runtime, shop: Shop, visit: Visit, press: Press) -> list[Write]:
    """Cancelled: the slot is given back, staff hear at once, the customer gets a note of it."""
    appointment = visit.appointment
    base = base_standing(rt, visit)
    state = present(appointment, visit.standing)
    standing = replace(
        _answered(base, visit, press, Answer.CANCELLED, {"status": "cancelled"}),
        status_before=_status_to_restore(visit, state),
        undo_until=press.now + UNDO_FOR if press.by_customer else None,
    )
    writes = [
        *_first(visit, press, standing, before=state.stand.value),
        *sheet_edit(rt, visit, press, {"status": "cancelled"}),
        *messages_withdrawn(rt, visit),
    ]
    if press.by_customer:
        text = f"Cancelled by the customer: {visit_in_words(appointment, shop.config.zone)}. The slot is free again."
        writes.append(PutWork(told_work(rt, visit, press, text, Move.CANCELLED)))
        writes += customer_message(rt, shop, appointment, press, Move.CANCELLED)
    return _released(rt, shop, visit, writes, keep=())


def undo_writes(rt: Runtime, shop: Shop, visit: Visit, press: Press) -> list[Write]:
    """The cancel is taken back: former status and chain, the slot held again, the tick run for it."""
    appointment = visit.appointment
    base = base_standing(rt, visit)
    answer = Answer.CONFIRMED if read_status(base.status_before)[0] is Status.CONFIRMED else Answer.OPEN
    standing = replace(_answered(base, visit, press, answer, {"status": base.status_before}), status_before="")
    text = f"Taken back by the customer: the cancellation of {visit_in_words(appointment, shop.config.zone)}. It is on."
    return [
        *_first(visit, press, standing, before="cancelled", after=answer.value),
        *_held(visit, appointment.start, shop.minutes(appointment)),
        *sheet_edit(rt, visit, press, {"status": base.status_before}),
        *messages_withdrawn(rt, visit),
        PutWork(told_work(rt, visit, press, text)),
        PutWork(tick_work(rt, appointment, press)),
    ]


def move_writes(rt: Runtime, shop: Shop, visit: Visit, press: Press, slot: datetime) -> list[Write]:
    """Moved: a new chain at `slot`, its quarter hours held, the former ones given back, sheet and staff told."""
    old, new = visit.appointment, replace(visit.appointment, start=slot)
    cells_written = {
        "date": respell_date(slot, old.date_text, shop.terms, press.now.astimezone(shop.config.zone).date()),
        "time": respell_time(slot, old.time_text, shop.terms),
        "status": "moved",
    }
    base = base_standing(rt, visit)
    standing = Standing(
        appt_id=old.appt_id,
        chain=chain_id(slot),
        reply_id=press.key,
        answered_by=press.by,
        answered_at=press.now,
        cell_before=_own_cell_before(visit, base),
        moved_from=_left_in_the_sheet(visit, base),
        first_seen=to_minute(press.now),
        moved_at=message_minute(rt, shop, new, press) if press.by_customer else None,
        pending={**base.pending, **cells_written},
        sent=sent_on(rt, old.appt_id, chain_id(slot)),
        rev=base.rev,
    )
    zone = shop.config.zone
    text = f"Moved by the customer: {visit_in_words(old, zone)} is now {local_minute(slot, zone)}."
    writes: list[Write] = [
        *_first(visit, press, standing, before=iso(old.start), after=iso(slot), new_time=iso(slot)),
        *_held(visit, slot, shop.minutes(old)),
        *sheet_edit(rt, visit, press, cells_written),
        *messages_withdrawn(rt, visit),
        PutWork(tick_work(rt, new, press)),
    ]
    if press.by_customer:
        writes.append(PutWork(told_work(rt, visit, press, text, Move.MOVED)))
        writes += customer_message(rt, shop, new, press, Move.MOVED)
    return _released(rt, shop, visit, writes, keep=cells(slot, shop.minutes(old)))


def base_standing(rt: Runtime, visit: Visit) -> Standing:
    """The standing to change: the stored one if it is on this chain, else a fresh one that keeps its revision."""
    stored, appointment = visit.standing, visit.appointment
    if stored is not None and stored.chain == appointment.chain:
        return stored
    return Standing(
        appt_id=appointment.appt_id,
        chain=appointment.chain,
        sent=sent_on(rt, appointment.appt_id, appointment.chain) if stored is not None else {},
        rev=stored.rev if stored is not None else 0,
    )


def sent_on(rt: Runtime, appt_id: str, chain: str) -> dict[str, datetime]:
    """What a chain sent already: a start that comes back resumes its sends, never its old reply (DESIGN §6)."""
    return {
        send.key.what: send.sent_at or send.planned
        for send in rt.ledger.chain(appt_id, chain)
        if send.attempt > 0 and not send.key.email and "#" not in send.key.what
    }


def _answered(base: Standing, visit: Visit, press: Press, answer: Answer, wanted: Mapping[str, str]) -> Standing:
    return replace(
        base,
        answer=answer,
        reply_id=press.key,
        answered_by=press.by,
        answered_at=press.now,
        cell_before=_own_cell_before(visit, base),
        pending={**base.pending, **wanted},
        undo_until=None,
    )


def _own_cell_before(visit: Visit, base: Standing) -> str:
    """What people last had in the status cell: a second answer must not take our own word for theirs."""
    cell = visit.row.values.get("status", "")
    if base.reply_id and (base.wins or cell.strip().casefold() in _OUR_WORDS):
        return base.cell_before
    return cell


def _status_to_restore(visit: Visit, state: Present) -> str:
    """The status cell as it is, or will be when the sheet has what was promised; `confirmed` if the visit is."""
    standing = visit.standing
    promised = standing.pending.get("status") if standing is not None and standing.wins else None
    cell = visit.row.values.get("status", "") if promised is None else promised
    if state.stand is Stand.CONFIRMED and read_status(cell)[0] is not Status.CONFIRMED:
        return "confirmed"
    return cell


def _left_in_the_sheet(visit: Visit, base: Standing) -> datetime:
    """The start that an export may bring back: the one that the sheet last had, whatever moves it has not seen yet."""
    if base.pending and base.moved_from is not None:
        return base.moved_from
    return visit.appointment.start


def _first(
    visit: Visit, press: Press, standing: Standing, before: str = "", after: str = "", new_time: str = ""
) -> list[Write]:
    """What every answer writes: nonce, standing, reply, audit."""
    appointment = visit.appointment
    writes: list[Write] = []
    if press.nonce is not None:
        writes.append(SpendNonce(appointment.appt_id, press.nonce.hex(), press.now))
    writes += [
        ReplaceStanding(standing),
        PutReply(
            appt_id=appointment.appt_id,
            replied_at=press.key,
            action=press.action.value,
            channel=press.channel,
            chain=appointment.chain,
            by=press.by,
            old_time=iso(appointment.start) if new_time else "",
            new_time=new_time,
        ),
        PutAudit(
            AuditEntry(
                appt_id=appointment.appt_id,
                ts=f"{iso(press.now)}#{press.key.rpartition('-')[2]}",
                action=press.action.value,
                channel=press.channel,
                before=before or present(appointment, visit.standing).stand.value,
                after=after or standing.answer.value,
                by=press.by,
                chain=appointment.chain,
            )
        ),
    ]
    return writes


def _held(visit: Visit, start: datetime, minutes: int) -> list[Write]:
    resource, appt_id = folded(visit.appointment.staff), visit.appointment.appt_id
    return [HoldSlot(resource, cell, appt_id, chain_id(start)) for cell in cells(start, minutes)]


def _released(rt: Runtime, shop: Shop, visit: Visit, writes: list[Write], keep: Iterable[datetime]) -> list[Write]:
    """The writes, and this visit's own holds on the slot that it leaves given back, as far as the transaction holds.

    A hold that is left over keeps one slot from being offered, no more.
    """
    appointment = visit.appointment
    left = cells(appointment.start, shop.minutes(appointment))
    resource, kept = folded(appointment.staff), set(keep)
    held = rt.store.holds(resource, left[0], left[-1] + CELL)
    give_back = [
        ReleaseSlot(resource, cell, appointment.appt_id)
        for cell in left
        if held.get(cell) == appointment.appt_id and cell not in kept
    ]
    return [*writes, *give_back[: _MOST_WRITES - len(writes)]]
