"""The morning line to the front desk, where a time is configured: today's visits, and who hasn't confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from chalicelib.domain.appointment import Status
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.channel import channels
from chalicelib.domain.mirror import read_mirror
from chalicelib.domain.morning import Expected, morning_due, morning_text
from chalicelib.domain.standing import Answer
from chalicelib.domain.wording import local_minute
from chalicelib.domain.work import StaffLine
from chalicelib.errors import Refused
from chalicelib.ports import PutWork, TellOnce, Untell, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.shop import Shop, Visit
from chalicelib.usecases.staff_lines import line_work

TOLD = "morning#"
_LONGEST = 40


def tell_morning(rt: Runtime) -> str:
    """Tell today's line once, if it is due. Returns what became of it, for the log. Raises ReminderError."""
    config = rt.config
    if config.morning_line is None:
        return "off"
    now = rt.clock()
    told = sorted(rt.store.told(TOLD))
    last = date.fromisoformat(told[-1].removeprefix(TOLD)) if told else None
    day = morning_due(now, config.zone, config.morning_line, last)
    shop = Shop(rt)
    if day is None or not shop.ready:
        return "not due"
    text = morning_text(_day(now, shop), list(_expected(rt, shop, day)), config.zone)
    writes: list[Write] = [TellOnce(f"{TOLD}{day}"), *(Untell(key) for key in told)]
    works = [line_work(rt, StaffLine(text, reason="the morning line"), now)] if text else []
    try:
        rt.store.commit(*writes, *(PutWork(work) for work in works))
    except Refused:
        return "told by another run"
    drain_outbox(rt, only=[work.work_id for work in works])
    return "told"


def _day(now: datetime, shop: Shop) -> str:
    return " ".join(local_minute(now, shop.config.zone).split()[:3])


def _expected(rt: Runtime, shop: Shop, day: date) -> Iterator[Expected]:
    """Today's visits that stand: cancelled, moved away and held ones aren't expected."""
    zone = shop.config.zone
    begin = datetime.combine(day, datetime.min.time(), zone)
    rows = [row for row in read_mirror(shop.mirror) if row.start is not None]
    near = [
        row for row in rows if row.start and abs(row.start - begin) < timedelta(days=30)
    ]  # a move may bring it here
    standings = rt.store.standings([row.appt_id for row in near])
    visits = [visit for row in near if (visit := shop.visit(row, standings.get(row.appt_id))) is not None]
    today = [visit for visit in visits if visit.appointment.start.astimezone(zone).date() == day and _is_on(visit)]
    contacts = {c for visit in today for c in (visit.appointment.phone, visit.appointment.email) if c}
    opted_out = rt.store.opted_out(contacts)
    for visit in today:
        yield Expected(visit.appointment.start, _words(visit), _note(visit, opted_out))


def _is_on(visit: Visit) -> bool:
    return visit.state.answer is not Answer.CANCELLED and not visit.appointment.status.ends_the_visit


def _words(visit: Visit) -> str:
    staff = f" with {one_line(visit.appointment.staff)[:_LONGEST]}" if visit.appointment.staff.strip() else ""
    return f"{one_line(visit.appointment.customer)[:_LONGEST]}, {one_line(visit.appointment.service)[:_LONGEST]}{staff}"


def _note(visit: Visit, opted_out: set[str]) -> str:
    """Why nobody counts on it yet; "" if it is confirmed."""
    if visit.state.answer is Answer.CONFIRMED or visit.appointment.status is Status.CONFIRMED:
        return ""
    if not channels(visit.appointment, opted_out):
        return "can't be reached"
    return "reminded, no answer" if visit.state.reminded else "not reminded yet"
