"""Which starts a customer may move to, and the quarter-hour cells that a visit holds (DESIGN §7, reschedule)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CELL = timedelta(minutes=15)
DAYS_AHEAD = 14
LEAD = timedelta(hours=2)
LONGEST_HOLD = 80  # cells: twenty hours; a hold must fit one transaction with all else that a move writes

Span = tuple[datetime, datetime]


class Opening(Protocol):
    """Opening hours by weekday (Monday is 0), several spans a day possible (`rules.OpeningHours`)."""

    @property
    def days(self) -> Mapping[int, tuple[tuple[time, time], ...]]: ...


def cells(start: datetime, minutes: int) -> list[datetime]:
    """Every quarter hour (UTC) that a visit of that length touches; at least one."""
    begin = start.astimezone(UTC)
    end = begin + timedelta(minutes=max(minutes, 1))
    cell = begin.replace(minute=begin.minute - begin.minute % 15, second=0, microsecond=0)
    found = []
    while cell < end:
        found.append(cell)
        cell += CELL
    return found


def free_slots(
    opening: Opening,
    closed: Callable[[date], bool],
    zone: ZoneInfo,
    minutes: int,
    taken: Iterable[Span],
    now: datetime,
    days: int = DAYS_AHEAD,
    lead: timedelta = LEAD,
    step: timedelta = CELL,
) -> list[datetime]:
    """The free starts in UTC, earliest first: on the step's grid, the whole visit inside one opening span.

    From `now + lead` up to `days` days from now, not on closed days, not overlapping `taken`. A local time that a
    clock change skips or repeats is never offered: people would not agree on when it is. A visit too long to be
    held at once has no slots.
    """
    length = timedelta(minutes=minutes)
    if minutes < 1 or len(cells(now, minutes)) > LONGEST_HOLD:
        return []
    earliest, latest = now + lead, now + timedelta(days=days)
    busy = _merged(taken)
    today = now.astimezone(zone).date()
    found: set[datetime] = set()
    for offset in range(-1, days + 2):  # a span over midnight may have begun yesterday
        day = today + timedelta(days=offset)
        if closed(day):
            continue
        for begin, end in opening.days.get(day.weekday(), ()):
            for start in _starts(day, begin, end, zone, step, length):
                if earliest <= start <= latest and not _overlaps(busy, start, start + length):
                    found.add(start)
    return sorted(found)


def _starts(
    day: date, begin: time, end: time, zone: ZoneInfo, step: timedelta, length: timedelta
) -> Iterable[datetime]:
    """The grid's starts of one opening span; an end at or before the begin is the next day's."""
    wall = datetime.combine(day, begin)
    last = datetime.combine(day if end > begin else day + timedelta(days=1), end)
    past_grid = timedelta(hours=wall.hour, minutes=wall.minute) % step
    if past_grid:
        wall += step - past_grid
    closes = last.replace(tzinfo=zone).astimezone(UTC)
    while wall < last:
        start = _instant(wall, zone)
        if start is not None and start + length <= closes:
            yield start
        wall += step


def _instant(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """The one instant of a local time; None where a clock change skips or repeats it."""
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        return None
    return first.astimezone(UTC)


def _merged(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _overlaps(busy: list[Span], begin: datetime, end: datetime) -> bool:
    return any(other_begin < end and begin < other_end for other_begin, other_end in busy)
