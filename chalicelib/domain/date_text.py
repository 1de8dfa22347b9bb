"""The date cell as people and exports write it: taken apart once, so that it can be read and written back alike.

A text is read only if it has one reading (DESIGN §4.1). Everything here works on the calendar alone; the clock,
the zone and the opening hours are `dates.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chalicelib.domain.cell_text import plain

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIRST_YEAR, _LAST_YEAR = 1899, 2199  # 1899: how spreadsheets date a bare time
_YEARS_AROUND = 8  # so that 29 February finds its nearest leap year, across 2100 as well

_CLOCK_TAIL = re.compile(
    r"(?P<before>[\sT,]\s*(?:at\s+)?)(?P<clock>[0-9]{1,2}(?::[0-9]{2}){1,2}(?:\.[0-9]+)?\s*(?:[ap]\.?\s?m\.?)?"
    r"|[0-9]{1,2}(?:[.][0-9]{2})?\s*[ap]\.?\s?m\.?)$",
    re.I,
)
_ZONE_TAIL = re.compile(r"[0-9]{2}(?::[0-9]{2}){1,2}(?:\.[0-9]+)?\s*(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})$", re.I)
_CJK = re.compile(r"(?:(?P<year>[0-9]{4})\s*年\s*)?(?P<month>[0-9]{1,2})\s*月\s*(?P<day>[0-9]{1,2})\s*[日号]")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|[^\w]+|_", re.I)
_SEPARATORS = re.compile(r"[\s,./()'\-–—]*")
_RELATIVE = {"today", "tomorrow", "tonight", "yesterday", "next", "this", "last", "coming", "week", "month"}


class Role(StrEnum):
    """What a piece of the text stands for."""

    LITERAL = "literal"
    WEEKDAY = "weekday"
    DAY = "day"
    ORDINAL = "ordinal"
    MONTH = "month"
    MONTH_NAME = "month name"
    YEAR = "year"
    COMPACT = "year, month and day"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text and its role; all pieces together are the text."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class DateReading:
    """The day that a text names, and its pieces. `clock` is a time of day that stands in the same cell, or ""."""

    day: date
    pieces: tuple[Piece, ...]
    clock: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One way to read the numbers: None is a year that isn't given."""

    year: int | None
    month: int
    day: int
    roles: tuple[Role, ...]  # of the numbers, left to right


def read_date(text: str, date_order: str, seen_on: date) -> DateReading:
    """The day a cell names. Raises ValueError with the reason, in words that follow the quoted text.

    `seen_on` is the shop-local day of the sync that first saw the text: a date without a year is the nearest to it
    and must then match its weekday. `date_order` (`dmy`, `mdy` or "") settles what has two readings.
    """
    whole = plain(text)
    if _ZONE_TAIL.search(whole):
        raise ValueError("carries a time zone; dates and times are the shop's own")
    tail = _CLOCK_TAIL.search(whole)
    clock = tail["clock"] if tail else ""
    head = whole[: tail.start()] if tail else whole
    pieces, candidates, weekday = _take_apart(head)
    day, roles = _choose(candidates, weekday, date_order, seen_on)
    if weekday is not None and day.weekday() != weekday:
        raise ValueError(f"is a {WEEKDAYS[day.weekday()]} in {day.year}, not a {WEEKDAYS[weekday]}")
    numbered = iter(roles)
    named = [Piece(p.text, next(numbered)) if p.role is Role.DAY else p for p in pieces]
    if tail:
        named += [Piece(tail["before"], Role.LITERAL), Piece(clock, Role.CLOCK)]
    return DateReading(day, tuple(named), clock)


def _take_apart(text: str) -> tuple[list[Piece], list[_Candidate], int | None]:
    """The pieces (every number marked DAY for now), the ways to read the numbers, and the weekday if one is named."""
    cjk = _CJK.fullmatch(text.strip())
    if cjk:
        return _cjk_pieces(cjk)
    pieces: list[Piece] = []
    weekdays: list[int] = []
    months: list[int] = []
    for token in _TOKEN.findall(text):
        role = Role.LITERAL
        if token.isascii() and token.isdigit():
            role = Role.DAY
        elif token.isalpha():
            word = token.casefold()
            if word in ("st", "nd", "rd", "th") and pieces and pieces[-1].role is Role.DAY:
                role = Role.ORDINAL
            elif (weekday := _weekday(word)) is not None:
                role = Role.WEEKDAY
                weekdays.append(weekday)
            elif month := _month(word):
                role = Role.MONTH_NAME
                months.append(month)
            elif word in _RELATIVE:
                raise ValueError("depends on the day it is read; write the date itself")
            elif word not in ("of", "on", "the"):
                raise ValueError("is not a date")
        elif not _SEPARATORS.fullmatch(token):
            raise ValueError("is not a date")
        pieces.append(Piece(token, role))
    if len(weekdays) > 1 or len(months) > 1:
        raise ValueError("names more than one day")
    numbers = [piece.text for piece in pieces if piece.role is Role.DAY]
    candidates = _with_month_name(numbers, months[0]) if months else _all_numbers(numbers, pieces)
    return pieces, candidates, weekdays[0] if weekdays else None


def _cjk_pieces(match: re.Match[str]) -> tuple[list[Piece], list[_Candidate], None]:
    """`2026年11月30日`: the marks name the numbers, so there is one reading."""
    pieces = [Piece(t, Role.DAY if t.isdigit() else Role.LITERAL) for t in re.findall(r"[0-9]+|[^0-9]+", match[0])]
    roles = (Role.MONTH, Role.DAY) if match["year"] is None else (Role.YEAR, Role.MONTH, Role.DAY)
    year = None if match["year"] is None else int(match["year"])
    return pieces, [_Candidate(year, int(match["month"]), int(match["day"]), roles)], None


def _with_month_name(numbers: Sequence[str], month: int) -> list[_Candidate]:
    """`30 Nov 2026`, `Nov 30, 2026`, `2026-Nov-30`, `30 Nov`."""
    years = [n for n in numbers if len(n) == 4]
    days = [n for n in numbers if len(n) <= 2]
    if len(days) == 2 and not years:
        raise ValueError("has a year of two digits; write all four")
    if len(days) == 0 and len(numbers) == 1:
        raise ValueError("names no day of the month")
    if len(days) != 1 or len(years) > 1 or len(numbers) != len(days) + len(years):
        raise ValueError("is not a date")
    roles = tuple(Role.YEAR if len(n) == 4 else Role.DAY for n in numbers)
    return [_Candidate(int(years[0]) if years else None, month, int(days[0]), roles)]


def _all_numbers(numbers: Sequence[str], pieces: Sequence[Piece]) -> list[_Candidate]:
    """`2026-11-30`, `25/12/2026`, `03.12.2026`, `25/12`, `20261130`: every order that the separators allow."""
    if len(numbers) == 1 and len(numbers[0]) == 8:
        return _compact(numbers[0])
    if len(numbers) == 1 and len(pieces) == 1:
        raise ValueError("is a bare number, as a spreadsheet shows a date whose cell isn't formatted as one")
    if len(numbers) not in (2, 3) or any(len(n) not in (1, 2, 4) for n in numbers):
        raise ValueError("is not a date")
    first = next(i for i, piece in enumerate(pieces) if piece.role is Role.DAY)
    last = max(i for i, piece in enumerate(pieces) if piece.role is Role.DAY)
    between = {p.text.strip() or " " for p in pieces[first + 1 : last] if p.role is not Role.DAY}
    if len(between) != 1 or not (separator := between.pop()) or separator not in "/-–. ":
        raise ValueError("is not a date")
    four = [len(n) == 4 for n in numbers]
    values = [int(n) for n in numbers]
    if len(numbers) == 3:
        if four == [True, False, False]:
            return [_Candidate(values[0], values[1], values[2], (Role.YEAR, Role.MONTH, Role.DAY))]
        if not any(four):
            raise ValueError("has a year of two digits; write all four")
        if four != [False, False, True]:
            raise ValueError("is not a date")
    elif any(four):
        raise ValueError("names no day of the month")
    elif separator == " ":
        raise ValueError("is not a date")
    year = values[2] if len(numbers) == 3 else None
    roles = (Role.YEAR,) if year is not None else ()
    day_first = _Candidate(year, values[1], values[0], (Role.DAY, Role.MONTH, *roles))
    month_first = _Candidate(year, values[0], values[1], (Role.MONTH, Role.DAY, *roles))
    return [day_first] if separator == "." else [day_first, month_first]


def _compact(number: str) -> list[_Candidate]:
    """`20261130`. Nothing that is a date this way round is also one as day, month and year of our centuries."""
    return [_Candidate(int(number[:4]), int(number[4:6]), int(number[6:]), (Role.COMPACT,))]


def _choose(
    candidates: Sequence[_Candidate], weekday: int | None, date_order: str, seen_on: date
) -> tuple[date, tuple[Role, ...]]:
    """The one candidate that counts. Raises ValueError if none is a date or two are."""
    possible = [(day, c.roles) for c in candidates if (day := _day(c, seen_on)) is not None]
    if not possible:
        raise ValueError(f"is no date of the calendar from {_FIRST_YEAR} to {_LAST_YEAR}")
    if len({day for day, _ in possible}) == 1:
        return next((p for p in possible if _order(p[1]) == date_order), possible[0])
    ordered = [p for p in possible if _order(p[1]) == date_order]
    if ordered:
        return ordered[0]
    matching = [p for p in possible if weekday is not None and p[0].weekday() == weekday]
    if len(matching) == 1:
        return matching[0]
    one, other = (f"{day.day} {MONTHS[day.month - 1]}" for day, _ in possible)
    raise ValueError(f"can be {one} or {other}")


def _order(roles: tuple[Role, ...]) -> str:
    return "mdy" if roles[0] is Role.MONTH else "dmy"


def _day(candidate: _Candidate, seen_on: date) -> date | None:
    """The candidate as a date; without a year the nearest to `seen_on`, the later of two as near."""
    if candidate.year is not None:
        return _valid(candidate.year, candidate.month, candidate.day)
    years = range(seen_on.year - _YEARS_AROUND, seen_on.year + _YEARS_AROUND + 1)
    days = [day for year in years if (day := _valid(year, candidate.month, candidate.day))]
    return min(days, key=lambda day: (abs((day - seen_on).days), -day.toordinal()), default=None)


def _valid(year: int, month: int, day: int) -> date | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _weekday(word: str) -> int | None:
    """`mo`, `tues`, `thurs`, `wednesday`: any beginning of two letters or more."""
    if len(word) < 2:
        return None
    if word == "weds":
        return WEEKDAYS.index("Wednesday")
    return next((i for i, name in enumerate(WEEKDAYS) if name.casefold().startswith(word)), None)


def _month(word: str) -> int:
    """1 to 12 for any beginning of three letters or more; 0 for another word."""
    if word == "sept":
        return MONTHS.index("September") + 1
    if len(word) < 3:
        return 0
    return next((i for i, name in enumerate(MONTHS, 1) if name.casefold().startswith(word)), 0)
