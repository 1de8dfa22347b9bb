"""Which dates and times a text states, loosely: enough to say whether it agrees with what is known exactly.

Whatever has several readings is taken in all of them, since a false alarm costs more trust than a missed one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from itertools import zip_longest

from chalicelib.domain import stated_words as words

LONGEST_TEXT = 60_000
"""Characters that are looked at."""


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date in a text: its possible (year, month, day)s, the year 0 where none is given.

    `plain` if it is surely a date (a named month, a year). `weekday` is the one named right before it.
    """

    possible: frozenset[tuple[int, int, int]]
    begin: int
    end: int
    plain: bool
    weekday: int | None = None

    def can_be(self, day: date) -> bool:
        """Whether it can mean that day."""
        return bool(self.possible & {(day.year, day.month, day.day), (0, day.month, day.day)})


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A time of day in a text: what it can mean. `plain` if it is surely one. `is_end`: the end of a range."""

    possible: frozenset[time]
    begin: int
    end: int
    plain: bool
    is_end: bool = False


def folded(text: str) -> str:
    """The text in lower case, without accents and full-width forms, character for character at its place."""
    return "".join(map(_folded, text))


def _folded(character: str) -> str:
    if character.isascii():
        return character.lower()
    if "\uac00" <= character <= "\ud7a3":  # Korean syllables would come apart
        return character
    base = unicodedata.normalize("NFKD", character)[:1].lower()
    return base if len(base) == 1 else character


def tokens(text: str) -> set[str]:
    """The words of two letters and more; of a script without spaces, its characters."""
    found = set(re.findall(r"[^\W\d_]{2,}", folded(text)))
    return found | {c for token in found if not token.isascii() for c in token if c > "\u2e80"}


def _one_of(table: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, table), key=len, reverse=True))


_GAP = r"[ \t\u00a0]{0,3}"
_MONTH = rf"(?P<month>{_one_of(words.MONTHS)})\b\.?"
_DAY = r"(?<![0-9])(?P<day>[0-9]{1,2})(?![0-9:])(?:st|nd|rd|th|er|º|ª)?\.?"
_YEAR = r"(?:,?[ ]{1,2}(?:de[l]?[ ])?(?P<year>20[0-9]{2})(?![0-9]))?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![0-9./-])(?P<year>20[0-9]{2})(?P<sep>[-/.])(?P<month_number>[0-9]{1,2})(?P=sep)(?P<day>[0-9]{1,2})(?![0-9])",
        r"(?:(?P<year>20[0-9]{2})\s?[年년]\s?)?(?P<month_number>[0-9]{1,2})\s?[月월]\s?(?P<day>[0-9]{1,2})\s?[日号號일]",
        r"(?<![0-9./-])(?P<one>[0-9]{1,2})(?P<sep>[-/.])(?P<other>[0-9]{1,2})(?P=sep)(?P<year>20[0-9]{2}|[0-9]{2})(?![0-9])",
        rf"{_DAY}{_GAP}(?:of |de |d')?-?{_MONTH}{_YEAR}",
        rf"\b{_MONTH}{_GAP}{_DAY}{_YEAR}",
        r"(?<![0-9./:-])(?P<one>[0-9]{1,2})(?P<sep>[/.])(?P<other>[0-9]{1,2})(?![0-9/:])",
    )
)
_WEEKDAY_BEFORE = re.compile(rf"\b(?P<weekday>{_one_of(words.WEEKDAYS)})\b\.?,?\s?(?:the |den |dem |le |el )?$")
_NEAR = 30
_WEEKDAY_AT = re.compile(
    rf"(?<![-–])(?<![-–] )\b({_one_of(words.WEEKDAYS)})\b(?!\s?[-–]|\s(?:to|bis|and|&))[^0-9]{{1,12}}$"
)
_HALF = r"[ap]\.?\s?m\b\.?|[ap](?![a-z0-9])"
_TIMES = (
    re.compile(
        rf"(?<![0-9:.,/-])(?P<hour>[0-9]{{1,2}})(?P<sep>[:.h])(?P<minute>[0-5][0-9])(?![0-9])(?::[0-9]{{2}})?"
        rf"\s?(?P<half>{_HALF}|uhr|uur)?"
    ),
    re.compile(rf"(?<![0-9:.,/-])(?P<hour>[0-9]{{1,2}})\s?(?P<half>{_HALF}|u[hu]r\b|h\b)"),
    re.compile(
        r"(?:(?P<half>上午|下午|晚上|早上|午前|午後|오전|오후)\s?)?(?P<hour>[0-9]{1,2})\s?"
        r"(?:[時时點点시]\s?(?P<minute>[0-5]?[0-9](?=\s?[分분])|半)?|(?<=[0-9]):(?P<colon>[0-5][0-9]))"
    ),
    re.compile(r"\b(?P<noon>noon|midday|mittags|mezzogiorno)\b"),
)
_RANGE_BEFORE = re.compile(r"(?:[-–—~]|\bto|\buntil|\btill|\bbis|\ba|\bhasta|\bal|\btot)\s{0,2}$")


def stated_dates(text: str) -> list[StatedDate]:
    """The dates of a `folded` text, in order; where two forms overlap, the one that begins first, or is longer."""
    found = [reading for pattern in _DATES for match in pattern.finditer(text) if (reading := _date(match, text))]
    kept: list[StatedDate] = []
    for reading in sorted(found, key=lambda one: (one.begin, -one.end)):
        if not kept or reading.begin >= kept[-1].end:
            kept.append(reading)
    return kept


def _date(match: re.Match[str], text: str) -> StatedDate | None:
    parts = match.groupdict()
    year = int(parts.get("year") or 0)
    year += 2000 if 0 < year < 100 else 0
    if parts.get("month"):
        pairs = {(words.MONTHS[parts["month"]], int(parts["day"]))}
    elif parts.get("month_number"):
        pairs = {(int(parts["month_number"]), int(parts["day"]))}
    else:
        one, other = int(parts["one"]), int(parts["other"])
        pairs = {(one, other), (other, one)}
    possible = frozenset((year, month, day) for month, day in pairs if _is_day(year or 2000, month, day))
    if not possible:
        return None
    before = _WEEKDAY_BEFORE.search(text[max(0, match.start() - 20) : match.start()])
    plain = bool(parts.get("month") or year or parts.get("month_number"))
    if before is None:
        return StatedDate(possible, match.start(), match.end(), plain)
    begin = match.start() - len(before[0])
    return StatedDate(possible, begin, match.end(), plain, words.WEEKDAYS[before["weekday"]])


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def stated_times(text: str, dates: list[StatedDate]) -> list[StatedTime]:
    """The times of a `folded` text, in order, leaving out what is part of a date."""
    found = [reading for pattern in _TIMES for match in pattern.finditer(text) if (reading := _time(match))]
    kept: list[StatedTime] = []
    taken = iter(dates)
    dated = next(taken, None)
    for reading in sorted(found, key=lambda one: (one.begin, -one.end)):
        while dated and dated.end <= reading.begin:
            dated = next(taken, None)
        in_date = dated is not None and dated.plain and dated.begin < reading.end
        if in_date or (kept and reading.begin < kept[-1].end):
            continue
        ends = bool(kept) and reading.begin - kept[-1].end <= 10
        is_end = ends and bool(_RANGE_BEFORE.search(text[kept[-1].end : reading.begin])) if kept else False
        kept.append(StatedTime(reading.possible, reading.begin, reading.end, reading.plain, is_end))
    return kept


def _time(match: re.Match[str]) -> StatedTime | None:
    parts = match.groupdict()
    if parts.get("noon"):
        return StatedTime(frozenset({time(12)}), match.start(), match.end(), True)
    hour = int(parts["hour"])
    minute = 30 if parts.get("minute") == "半" else int(parts.get("minute") or parts.get("colon") or 0)
    half = (parts.get("half") or "").replace(".", "").replace(" ", "")
    if hour > 23 or minute > 59:
        return None
    if half in words.EVENING or half == "p":
        hours = {hour % 12 + 12} if hour <= 12 else {hour}
    elif half in words.MORNING or half == "a":
        hours = {hour % 12} if hour <= 12 else {hour}
    else:
        hours = {hour, (hour + 12) % 24} if hour <= 12 else {hour}
    plain = half not in ("", "h") or parts.get("sep") in (":", "h") or "colon" in parts
    return StatedTime(frozenset(time(h, minute) for h in hours), match.start(), match.end(), plain)


def weekdays_with_a_time(text: str, times: list[StatedTime]) -> Iterator[tuple[int, int, int]]:
    """(weekday, begin, end) of each weekday that has a time right behind it: `Tuesday at 10am`, no range."""
    followed = [one for one, after in zip_longest(times, times[1:]) if not (after and after.is_end)]
    for clock in followed:
        start = max(0, clock.begin - _NEAR)
        match = _WEEKDAY_AT.search(text[start : clock.begin])
        if match and clock.plain:
            yield words.WEEKDAYS[match[1]], start + match.start(1), start + match.end(1)
