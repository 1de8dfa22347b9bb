"""Times of day in the rules doc: "9pm to 8am", "Mon-Fri 9am-6pm, Sat 9am-1pm". Shop-local, whole minutes."""

from __future__ import annotations

import re
from datetime import time
from itertools import pairwise

from chalicelib.domain.rule_book import OpeningHours, QuietHours, as_typed

DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_FORMS = {
    "mon": 0, "mo": 0, "tue": 1, "tues": 1, "tu": 1, "wed": 2, "weds": 2, "we": 2, "thu": 3, "thur": 3,
    "thurs": 3, "th": 3, "fri": 4, "fr": 4, "sat": 5, "sa": 5, "sun": 6, "su": 6,
} | {name: number for number, name in enumerate(DAY_NAMES)}  # fmt: skip
DAY_GROUPS = {
    "weekday": range(5),
    "weekdays": range(5),
    "weekend": range(5, 7),
    "weekends": range(5, 7),
    "daily": range(7),
    "every day": range(7),
    "everyday": range(7),
}

_MIDNIGHT_AS_END = time(23, 59)
_CLOCK = (
    r"(?:(?P<{0}h>[0-9]{{1,2}})(?:[:.](?P<{0}m>[0-9]{{2}}))? ?(?P<{0}ap>am|pm|a\.m\.?|p\.m\.?)"
    r"|(?P<{0}h24>[0-9]{{1,2}})[:.](?P<{0}m24>[0-9]{{2}})(?: ?(?:h|hrs|hours))?"
    r"|(?P<{0}mil>[0-9]{{4}})(?: ?(?:h|hrs|hours))?"
    r"|(?P<{0}bare>[0-9]{{1,2}})"
    r"|(?P<{0}word>noon|midday|midnight))(?![0-9a-z])"
)
_TO = r"(?: ?- ?| (?:to|until|till|and|through) )"
_SPAN = re.compile(rf"(?:from |between )?{_CLOCK.format('b')}{_TO}{_CLOCK.format('e')}")
_NO_QUIET = re.compile(r"(?:none|no|off|never|no quiet hours)")
_DAY = r"(?:every day|[a-z]+)"
_DAYS = re.compile(
    rf"(?P<first>{_DAY})\.?(?: ?(?:-| to | through | thru | until | till ) ?(?P<last>[a-z]+)\.?)?(?![a-z])"
)


def weekday(word: str) -> int | None:
    """Monday is 0: `Sunday`, `Sundays`, `Sun`, `Sun.`; None for any other word."""
    word = word.casefold().strip(".")
    return _DAY_FORMS.get(word, _DAY_FORMS.get(word.removesuffix("s")))


def weekdays_between(first: int, last: int) -> list[int]:
    """`Sat-Mon` is Saturday, Sunday and Monday."""
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def read_quiet_hours(text: str) -> QuietHours | None:
    """`9pm to 8am`, `21:00-08:00`; None for `none`. Raises ValueError with a plain reason."""
    said = re.sub(r"(?:,? (?:every|each) day|,? daily)$", "", as_typed(text).casefold().strip(" .!;,"))
    if _NO_QUIET.fullmatch(said):
        return None
    span = _SPAN.fullmatch(said)
    if span is None:
        raise ValueError(f'can\'t read "{said[:40]}"' if said else "it says nothing")
    begin, end = _time(span, "b"), _time(span, "e")
    if _half_day_clock(span):
        raise ValueError(f'"{said}" doesn\'t say am or pm')
    if begin == end:
        raise ValueError("it begins and ends at the same time")
    return QuietHours(begin, end)


def read_opening_hours(text: str) -> OpeningHours:
    """`Mon-Fri 9am-12pm and 1pm-6pm, Sat 9am-1pm, Sun closed`. Raises ValueError with a plain reason."""
    said = as_typed(text).casefold().strip(" .!;,")
    said = re.sub(r"(?<=[a-z]):(?= |$)", "", said)
    spans: dict[int, list[tuple[time, time]]] = {}
    days: list[int] = []
    complete = True  # whether the days read last have been given their times
    position = 0
    while position < len(said):
        gap = re.compile(r"[ ,;/&+]+|and\b|on\b|open\b").match(said, position)
        if gap:
            position = gap.end()
            continue
        if span := _SPAN.match(said, position):
            if not days:
                raise ValueError(f'"{span.group()}" comes before its days')
            for day in days:
                spans[day].append(_open_span(span))
            complete = True
        elif span := re.compile(r"closed\b").match(said, position):
            if not days or any(spans[day] for day in days):
                raise ValueError('"closed" comes without its days')
            complete = True
        elif (span := _DAYS.match(said, position)) and (named := _days_of(span)):
            days = named if complete else days + named
            complete = False
            for day in named:
                if day in spans:
                    raise ValueError(f"{DAY_NAMES[day].capitalize()} is there twice")
                spans[day] = []
        else:
            raise ValueError(f'can\'t read "{said[position : position + 40]}"')
        position = span.end()
    if not spans:
        raise ValueError("it says nothing")
    if not complete:
        raise ValueError(f"{DAY_NAMES[days[-1]].capitalize()} has no times")
    return OpeningHours({day: _in_order(day, spans[day]) for day in sorted(spans) if spans[day]})


def _days_of(found: re.Match[str]) -> list[int]:
    if found["first"] in DAY_GROUPS:
        return [] if found["last"] else list(DAY_GROUPS[found["first"]])
    first = weekday(found["first"])
    last = weekday(found["last"]) if found["last"] else first
    return [] if first is None or last is None else weekdays_between(first, last)


def _open_span(span: re.Match[str]) -> tuple[time, time]:
    begin, end = _time(span, "b"), _time(span, "e")
    if end == time(0):
        end = _MIDNIGHT_AS_END
    if begin >= end:
        raise ValueError(f'"{span.group()}" ends before it begins: am or pm?')
    return begin, end


def _in_order(day: int, spans: list[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    spans = sorted(spans)
    for (_, end), (begin, _) in pairwise(spans):
        if begin < end:
            raise ValueError(f"{DAY_NAMES[day].capitalize()}'s times overlap")
    return tuple(spans)


def _time(span: re.Match[str], side: str) -> time:
    """One side of a span. Raises ValueError for a bare `9`, and for what no clock shows."""
    if word := span[f"{side}word"]:
        return time(0) if word == "midnight" else time(12)
    if bare := span[f"{side}bare"]:
        raise ValueError(f'"{bare}" doesn\'t say am or pm')
    if half := span[f"{side}ap"]:
        hour, minute = int(span[f"{side}h"]), int(span[f"{side}m"] or 0)
        if not 1 <= hour <= 12 or minute > 59:
            raise ValueError(f'no clock shows "{span.group()}"')
        return time(hour % 12 + (12 if half.startswith("p") else 0), minute)
    if military := span[f"{side}mil"]:
        hour, minute = int(military[:2]), int(military[2:])
    else:
        hour, minute = int(span[f"{side}h24"]), int(span[f"{side}m24"])
    if (hour, minute) == (24, 0) and side == "e":
        return time(0)
    if hour > 23 or minute > 59:
        raise ValueError(f'no clock shows "{span.group()}"')
    return time(hour, minute)


def _half_day_clock(span: re.Match[str]) -> bool:
    """`9:00 to 8:00` may be either half of the day; a leading zero or an hour past twelve says 24-hour clock."""
    hours = [span[f"{side}h24"] for side in "be"]
    return all(hour and not hour.startswith("0") and int(hour) <= 12 for hour in hours)
