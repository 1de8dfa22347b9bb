"""What an answer promises, as outbox work of its transaction: the sheet's edit, lines to staff, the customer's note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.appointment import MINUTE, Appointment, Channel, to_minute
from chalicelib.domain.channel import channels
from chalicelib.domain.events import MoveDue, iso
from chalicelib.domain.reconcile import DECIDING
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import Move, SendKey
from chalicelib.domain.work import Work, WorkKind
from chalicelib.ports import PutWork, RemoveWork, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.run_tick import context_of
from chalicelib.usecases.shop import Shop, Visit
from chalicelib.usecases.staff_lines import staff_work

CUSTOMER = "customer"
PAGE = "page"


@dataclass(frozen=True, slots=True)
class Press:
    """One answer: what, by whom (`customer` or a staff member's name), when, and its unique `replied_at`."""

    action: ReplyAction
    by: str
    channel: str
    now: datetime
    key: str
    nonce: bytes | None = None

    @property
    def by_customer(self) -> bool:
        """What staff press sends the customer nothing, and staff no line. A staff member may be called anything."""
        return self.channel == PAGE


def sheet_edit(rt: Runtime, visit: Visit, press: Press, wanted: Mapping[str, str]) -> list[Write]:
    """One edit in place of all that wait: everything promised, from whatever the sheet may show by now.

    `expect` is what the mirror last had; `or_expect` what an edit that this one replaces expected, or may have
    written before it was replaced. `chain` is the start that was answered.
    """
    former = waiting_work(rt, visit, WorkKind.SHEET_EDIT)
    promised = visit.standing.pending if visit.standing is not None and visit.standing.wins else {}
    seen = deciding_cells(visit.row.values)
    others: list[dict[str, str]] = []
    for work in former:
        expected = _texts(work.payload.get("expect"))
        earlier = work.payload.get("or_expect")
        for snapshot in (
            expected,
            *(map(_texts, earlier) if isinstance(earlier, list | tuple) else ()),
            {**expected, **_texts(work.payload.get("cells"))},
        ):
            if snapshot and snapshot != seen and snapshot not in others:
                others.append(snapshot)
    appointment = visit.appointment
    edit = edit_work(rt, appointment.appt_id, appointment.chain, {**promised, **wanted}, seen, press.now, others)
    return [*(RemoveWork(work.work_id) for work in former), PutWork(edit)]


def edit_work(
    rt: Runtime,
    appt_id: str,
    chain: str,
    wanted: Mapping[str, str],
    seen: Mapping[str, str],
    now: datetime,
    or_seen: Sequence[Mapping[str, str]] = (),
) -> Work:
    """An edit of the row, if its status, date and time still show what was `seen`, or one of `or_seen`."""
    return Work(
        work_id=f"{iso(now)}#{rt.tokens.tail()}",
        kind=WorkKind.SHEET_EDIT,
        appt_id=appt_id,
        made_at=now,
        payload={
            "cells": dict(wanted),
            "expect": deciding_cells(seen),
            "or_expect": [dict(other) for other in or_seen],
            "chain": chain,
        },
    )


def deciding_cells(values: Mapping[str, str]) -> dict[str, str]:
    """What an edit goes by, of a row's cells."""
    return {column: values.get(column, "") for column in DECIDING}


def _texts(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, Mapping) else {}


def messages_withdrawn(rt: Runtime, visit: Visit) -> list[Write]:
    """A waiting `moved` or `cancelled` is overtaken by this answer."""
    return [RemoveWork(work.work_id) for work in waiting_work(rt, visit, WorkKind.CUSTOMER_MESSAGE)]


def waiting_work(rt: Runtime, visit: Visit, kind: WorkKind) -> list[Work]:
    """This visit's outbox work of a kind, oldest first. One that was never answered has none, and isn't looked for."""
    if visit.standing is None or not (visit.standing.reply_id or visit.standing.pending):
        return []
    return [w for w in rt.store.work() if w.kind is kind and w.appt_id == visit.appointment.appt_id]


def told_work(rt: Runtime, visit: Visit, press: Press, text: str, move: Move | None = None) -> Work:
    """A line to staff, at any hour, keyed by the reply so that every cancel is told. Without a `move` it is a notice,
    so that a cancel that was taken back isn't counted as two."""
    what = move.value if move is not None else "notice"
    work = staff_work(rt, text, press.now, appointment=visit.appointment, move=what)
    return replace(work, payload={**work.payload, "key": f"{press.action.value}#{press.key}"})


def tick_work(rt: Runtime, appointment: Appointment, press: Press) -> Work:
    """A chain starts, or is on again: the tick decides for it at once (DESIGN §5.9)."""
    return Work(f"{iso(press.now)}#{rt.tokens.tail()}", WorkKind.TICK, appointment.appt_id, press.now)


def customer_message(rt: Runtime, shop: Shop, appointment: Appointment, press: Press, move: Move) -> list[Write]:
    """The customer's answer to a press; dispatch sends it by e-mail at once, else by text in sending hours."""
    planned = message_minute(rt, shop, appointment, press)
    if planned is None:
        return []
    due = MoveDue(
        key=SendKey(appointment.appt_id, appointment.chain, f"{move.value}#{press.key}"),
        move=move,
        planned=planned,
        reason=f"the customer {'moved' if move is Move.MOVED else 'cancelled'} it",
        context=context_of(appointment, shop),
    )
    work_id = f"{iso(press.now)}#{rt.tokens.tail()}"
    work = Work(work_id, WorkKind.CUSTOMER_MESSAGE, appointment.appt_id, press.now, {"event": due.detail()})
    return [PutWork(work)]


def message_minute(rt: Runtime, shop: Shop, appointment: Appointment, press: Press) -> datetime | None:
    """When the answer to a press goes: e-mail now, a text at the next allowed minute; None if neither can."""
    now = to_minute(press.now)
    phones = rt.store.opted_out([appointment.phone]) if appointment.phone else set()
    usable = channels(appointment, phones, email_first=True)
    if not usable:
        return None
    return now if usable[0] is Channel.EMAIL else shop.hours.next_allowed(now, appointment.start - MINUTE)
