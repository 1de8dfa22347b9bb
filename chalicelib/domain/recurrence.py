"""On which days something repeats: iCalendar's rules by day, week, month and year, in steps that always end.

The usual libraries walk to the year 9999 for a rule that never matches; here each walk ends at the day asked for.
Rules by the hour or shorter, and by week or day of the year, are refused: no booking repeats like that.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
_MOST_DAYS = 366 * 30
"""How far from its first day a counted rule is followed."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """A rule. `weekdays` are (which of its period, 0 for every; weekday, Monday is 0). `until` is inclusive."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


def read_repetition(rule: str) -> Repetition:
    """The meaning of `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=8`. Raises ValueError with the reason."""
    parts = {}
    for part in rule.upper().strip().strip(";").split(";"):
        name, _, value = part.partition("=")
        parts[name.strip()] = value.strip()
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise ValueError(f"repeats {frequency.lower()}" if frequency.isalpha() else "doesn't say how often it repeats")
    unknown = sorted(parts.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"repeats by {unknown[0][:12]}")
    interval = _number(parts.get("INTERVAL", "1"), 1, 1000)
    return Repetition(
        frequency,
        interval,
        _number(parts["COUNT"], 1, 10_000) if "COUNT" in parts else None,
        _until(parts["UNTIL"]) if "UNTIL" in parts else None,
        tuple(_weekday(day) for day in _listed(parts, "BYDAY")),
        tuple(_number(day, -31, 31) for day in _listed(parts, "BYMONTHDAY")),
        tuple(_number(month, 1, 12) for month in _listed(parts, "BYMONTH")),
        tuple(_number(place, -366, 366) for place in _listed(parts, "BYSETPOS")),
        _weekday(parts.get("WKST", "MO"))[1],
    )


def occurrences(first: date, rule: Repetition, since: date, last: date) -> Iterator[date]:
    """The days of a rule from `since` to `last`, both included, in order; `first` is always one of its days.

    Raises ValueError for a counted rule that began decades before `last`.
    """
    end = min(last, rule.until) if rule.until else last
    if rule.count and (last - first).days > _MOST_DAYS:
        raise ValueError("began too long ago to be counted")
    for counted, day in enumerate(_days(first, rule, first if rule.count else since, end), 1):
        if day >= since:
            yield day
        if counted == rule.count:
            return


def _days(first: date, rule: Repetition, since: date, end: date) -> Iterator[date]:
    """The days from about `since` on; `first` is there even where the rule doesn't name it (as RFC 5545 has it)."""
    if first <= end and first >= since:
        yield first
    for begin, days in _periods(first, rule, since, end):
        matching = [day for day in days if _matches(day, first, rule)]
        if rule.positions:
            chosen = {place - 1 if place > 0 else len(matching) + place for place in rule.positions if place}
            matching = [day for place, day in enumerate(matching) if place in chosen]
        for day in matching:
            if day > end:
                return
            if day > first:
                yield day
        if begin > end:
            return


def _periods(first: date, rule: Repetition, since: date, end: date) -> Iterator[tuple[date, list[date]]]:
    """Each period that counts by the interval, from the one of `since` on: its first day, and its days."""
    since = max(first, since)
    if rule.frequency in ("DAILY", "WEEKLY"):
        length = 1 if rule.frequency == "DAILY" else 7
        origin = first if length == 1 else first - _DAY * ((first.weekday() - rule.week_start) % 7)
        step = rule.interval * length
        begin = origin + _DAY * ((since - origin).days // step * step)
        while begin <= end:
            yield begin, [begin + _DAY * n for n in range(length)]
            begin += _DAY * step
        return
    months = rule.interval * (1 if rule.frequency == "MONTHLY" else 12)
    origin_month = first.year * 12 + (first.month - 1 if rule.frequency == "MONTHLY" else 0)
    month = origin_month + (since.year * 12 + since.month - 1 - origin_month) // months * months
    span = 1 if rule.frequency == "MONTHLY" else 12
    while month <= end.year * 12 + end.month - 1:
        yield _month(month)[0], [day for n in range(span) for day in _month(month + n)]
        month += months


def _month(number: int) -> list[date]:
    year, month = number // 12, number % 12 + 1
    return [date(year, month, day + 1) for day in range(monthrange(year, month)[1])]


def _matches(day: date, first: date, rule: Repetition) -> bool:
    """Whether a day of a period is named by the rule, what the rule leaves open being as on the first day."""
    if rule.months and day.month not in rule.months:
        return False
    length = monthrange(day.year, day.month)[1]
    if rule.month_days and day.day not in rule.month_days and day.day - length - 1 not in rule.month_days:
        return False
    if rule.weekdays and not any(_is_weekday(day, length, which, rule) for which in rule.weekdays):
        return False
    if rule.frequency == "WEEKLY" and not rule.weekdays:
        return day.weekday() == first.weekday()
    if rule.frequency in ("MONTHLY", "YEARLY") and not (rule.weekdays or rule.month_days):
        if rule.frequency == "YEARLY" and not rule.months and day.month != first.month:
            return False
        return day.day == first.day
    return True


def _is_weekday(day: date, length: int, which: tuple[int, int], rule: Repetition) -> bool:
    """Whether a day is the `-1`st Friday (of its month, or of a year without named months), or any Friday."""
    nth, weekday = which
    if day.weekday() != weekday:
        return False
    if not nth or rule.frequency in ("DAILY", "WEEKLY"):
        return True
    if rule.frequency == "YEARLY" and not rule.months:
        ordinal = day.timetuple().tm_yday
        length = date(day.year, 12, 31).timetuple().tm_yday
    else:
        ordinal = day.day
    return nth in ((ordinal - 1) // 7 + 1, -((length - ordinal) // 7 + 1))


def _listed(parts: Mapping[str, str], name: str) -> list[str]:
    listed = [item.strip() for item in parts[name].split(",")] if name in parts else []
    if len(listed) > 366:
        raise ValueError(f"repeats by too long a {name} list")
    return listed


def _number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,5}", text) or not least <= int(text) <= most:
        raise ValueError("repeats by a number that can't be read")
    return int(text)


def _weekday(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", text)
    if match is None:
        raise ValueError("repeats on a weekday that can't be read")
    return int(match[1] or 0), _WEEKDAYS.index(match[2])


def _until(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise ValueError("repeats until a day that can't be read") from None
