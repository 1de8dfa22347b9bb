"""Who a person should mind after the week, and how many came: names beside the figures of `week_count.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Status
from chalicelib.domain.week_count import KnownVisit, Records, Span, span_of
from chalicelib.domain.week_facts import Attendance, Rate, ToDo, VisitToMind

AHEAD = timedelta(days=7)
MOST_LETTERS = 60
"""Of a name: a cell may hold a letter."""
_OPEN = (Status.NONE, Status.BOOKED)


def quiet_customers(records: Records, week: Span, now: datetime, zone: ZoneInfo) -> tuple[VisitToMind, ...]:
    """Those who were reminded and never answered: the seven days ahead first, then the told week, each by start."""
    quiet = [visit for visit in _by_start(records.visits) if visit.stands and records.never_answered(visit)]
    ahead = [visit for visit in quiet if now < visit.start <= now + AHEAD and visit.status in _OPEN]
    past = [(visit, to_do) for visit in quiet if week.has(visit.start) and (to_do := _afterwards(visit))]
    return (
        *(_to_mind(visit, ToDo.CALL, zone) for visit in ahead),
        *(_to_mind(visit, to_do, zone) for visit, to_do in past),
    )


def unreachable_ahead(records: Records, now: datetime, zone: ZoneInfo) -> tuple[VisitToMind, ...]:
    """Visits in the seven days ahead that no message can be sent for and that nobody confirmed, by start."""
    return tuple(
        _to_mind(visit, ToDo.CALL, zone)
        for visit in _by_start(records.visits)
        if now < visit.start <= now + AHEAD
        and not visit.reachable
        and visit.stands
        and visit.status in _OPEN
        and (visit.appt_id, visit.chain) not in records.confirmed
    )


def attendance(records: Records, mondays: Sequence[date], zone: ZoneInfo) -> Attendance | None:
    """No-shows of confirmed and of unanswered visits, over those of these weeks in which staff noted attendance."""
    since: date | None = None
    weeks, confirmed, unconfirmed = 0, Rate(0, 0), Rate(0, 0)
    for monday in sorted(mondays):
        week = span_of(monday, zone)
        stood = [visit for visit in records.visits if visit.stands and week.has(visit.start)]
        if not any(visit.attendance_noted for visit in stood):
            continue
        since, weeks = since or monday, weeks + 1
        for visit in stood:
            chain = (visit.appt_id, visit.chain)
            if chain in records.confirmed:
                confirmed = _with(confirmed, visit)
            elif visit.status is not Status.CONFIRMED and not records.has_answer(visit):
                unconfirmed = _with(unconfirmed, visit)
    return Attendance(since, weeks, confirmed, unconfirmed) if since else None


def _with(rate: Rate, visit: KnownVisit) -> Rate:
    return replace(rate, no_shows=rate.no_shows + (visit.status is Status.NO_SHOW), visits=rate.visits + 1)


def _afterwards(visit: KnownVisit) -> ToDo | None:
    """What is left to do about a quiet customer's visit that is over; None if they came, or staff spoke to them."""
    if visit.status is Status.NO_SHOW:
        return ToDo.OFFER_ANOTHER_TIME
    return ToDo.NOTE_ATTENDANCE if visit.status in _OPEN else None


def _by_start(visits: Iterable[KnownVisit]) -> list[KnownVisit]:
    return sorted(visits, key=lambda visit: (visit.start, visit.appt_id))


def _to_mind(visit: KnownVisit, to_do: ToDo, zone: ZoneInfo) -> VisitToMind:
    customer, service, staff = (
        " ".join(t.split())[:MOST_LETTERS] for t in (visit.customer, visit.service, visit.staff)
    )
    return VisitToMind(visit.appt_id, customer, service, staff, visit.start.astimezone(zone), to_do)
