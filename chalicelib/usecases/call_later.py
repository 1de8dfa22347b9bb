"""*Call later*: the gap alert once more, thirty minutes on, if there is still somebody to call (DESIGN §8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.appointment import Channel, chain_start, to_minute
from chalicelib.domain.events import MoveDue, iso
from chalicelib.domain.gap_buttons import CALL_LATER, gap_buttons, read_subject
from chalicelib.domain.send import Move, SendKey
from chalicelib.domain.voice import Template, visit_fields
from chalicelib.domain.wording import local_minute
from chalicelib.domain.work import StaffLine
from chalicelib.errors import Refused
from chalicelib.ports import PutWork, TellOnce
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.shop import Shop, Visit
from chalicelib.usecases.staff_lines import line_work
from chalicelib.usecases.visit_words import visit_in_words

WAIT = timedelta(minutes=30)
LATER = "later#"
"""What a one-off's key begins with that only has an outbox item done at its minute."""


def call_later(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """Promise the line and book its minute; returns what the pressed message says.

    The line is outbox work that isn't done before its minute and is dropped if somebody answered or the visit has
    begun. Raises ValueError for a value of no such button.
    """
    appt_id, chain = read_subject(value)
    shop = Shop(rt)
    row = shop.row(appt_id)
    visit = shop.visit(row, rt.store.standings([appt_id]).get(appt_id)) if row else None
    at = to_minute(now) + WAIT
    if visit is None or visit.appointment.chain != chain:
        return f"Appointment {appt_id} is gone or at another time by now; nothing to call about. ({user})"
    words = visit_in_words(visit.appointment, shop.config.zone)
    if visit.state.closed:
        return f"{words}: {visit.state.closed}, so there is nothing to call about. ({user})"
    if at >= chain_start(chain):
        return f"{words} begins before that: please call now. ({user})"
    done = f"Call later — {user}. {words}: you are asked again at {local_minute(at, shop.config.zone)}."
    work = line_work(rt, _line(shop, visit, at), now, not_before=iso(at), while_open=True)
    try:
        rt.store.commit(TellOnce(f"later#{appt_id}#{chain}"), PutWork(work))
    except Refused:
        return f"{words}: this was put off before. Please call now. ({user})" if not _waits(rt, appt_id) else done
    key = SendKey(appt_id, chain, f"{LATER}{work.work_id}")
    rt.schedules.book(MoveDue(key, Move.GAP_ALERT, at, reason="call later"), at)
    return done


def call_now(rt: Runtime, due: MoveDue) -> str:
    """The put-off minute has come: post the line, or drop it. Returns what became of it, for the log."""
    done = drain_outbox(rt, only=[due.key.what.removeprefix(LATER)])
    return "the put-off call is done with" if done else "the put-off call waits in the outbox"


def _waits(rt: Runtime, appt_id: str) -> bool:
    """Whether the promised line is still to come."""
    return any(w.appt_id == appt_id and w.payload.get("while_open") for w in rt.store.work())


def _line(shop: Shop, visit: Visit, at: datetime) -> StaffLine:
    """The gap alert in the voice doc's words, as it will be true then; it can't be put off a second time."""
    appointment = visit.appointment
    config = shop.config
    language = config.language
    left = max(int((appointment.start - at).total_seconds() // 60), 0)
    fields = visit_fields(appointment, config.zone, language, config.shop_name, config.shop_phone) | {
        "status": appointment.status_text or "no answer yet",
        "hours": f"{left / 60:.1f}".removesuffix(".0"),
    }
    line = StaffLine(
        text=shop.voice.render(Template.GAP_ALERT, Channel.SLACK, language, fields).body,
        move=Move.GAP_ALERT.value,
        appt_id=appointment.appt_id,
        chain=appointment.chain,
        reason="call later",
    )
    buttons = gap_buttons(appointment.appt_id, appointment.chain)
    return replace(line, buttons=tuple(button for button in buttons if button.action != CALL_LATER))
