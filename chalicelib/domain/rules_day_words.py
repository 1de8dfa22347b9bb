"""The words of a `Closed` line, each with its one meaning: weekdays, months, numbers, whole dates, joints.

A word that has none, and a date with two readings (`03/04/2026`), is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.rule_book import MonthDay
from chalicelib.domain.rules_clock import weekday

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH_FORMS = {name[:3]: number for number, name in enumerate(_MONTHS, 1)} | {"sept": 9}
_MONTH_FORMS |= {name: number for number, name in enumerate(_MONTHS, 1)}
LEAP_YEAR = 2024
"""To check a day of every year by: 29 February is one."""

_WORD = re.compile(
    r"(?P<iso>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2})(?![0-9])"
    r"|(?P<slashed>[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})(?![0-9])"
    r"|(?P<dotted>[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4})(?![0-9])"
    r"|(?P<yearly>[0-9]{1,2}\.[0-9]{1,2}\.)(?![0-9])"
    r"|(?P<holidays>(?:all )?(?:public|bank) holidays?)\b"
    r"|(?P<group>weekdays?|weekends?)\b"
    r"|(?P<number>[0-9]{1,4})(?:st|nd|rd|th)?\.?(?![0-9a-z/])"
    r"|(?P<to>-|to\b|until\b|till\b|through\b|thru\b)"
    r"|(?P<comma>[,;&+]|and\b)"
    r"|(?P<filler>(?:on|every|each|all|the|of|from|both|day|closed)\b)"
    r"|(?P<name>[a-z]+)\.?"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `kind` is to, comma, day, month, number, date, yearly, holidays or group; the rest is by kind."""

    kind: str
    shown: str
    number: int = 0
    day: date | None = None
    yearly: MonthDay | None = None


def words_of(said: str) -> list[Word]:
    """The line, folded, as words. Raises ValueError at the first that has no meaning."""
    words: list[Word] = []
    position = 0
    while position < len(said):
        if said[position] == " " or said[position:] == ".":
            position += 1
            continue
        found = _WORD.match(said, position)
        if found is None or found.lastgroup is None:
            raise ValueError(f'can\'t read "{said[position : position + 40]}"')
        position = found.end()
        if found.lastgroup != "filler":
            words.append(_READ.get(found.lastgroup, _name)(found.group()))
    return words


def _name(shown: str) -> Word:
    if (number := weekday(shown)) is not None:
        return Word("day", shown, number)
    if (number := _MONTH_FORMS.get(shown.strip("."))) is not None:
        return Word("month", shown.strip("."), number)
    raise ValueError(f'can\'t read "{shown[:40]}"')


def _slashed(shown: str) -> Word:
    first, second, year = map(int, shown.split("/"))
    if first != second and first <= 12 and second <= 12:
        raise ValueError(f'"{shown}" has two readings: write the month as a word')
    day, month = (first, second) if second <= 12 else (second, first)
    return Word("date", shown, day=calendar_day(shown, year, month, day))


def _numeric(shown: str) -> Word:
    parts = [int(part) for part in re.split(r"[-/.]", shown)]
    year, month, day = parts if parts[0] > 31 else reversed(parts)
    return Word("date", shown, day=calendar_day(shown, year, month, day))


def _yearly(shown: str) -> Word:
    day, month = (int(part) for part in shown.split(".")[:2])
    calendar_day(shown, LEAP_YEAR, month, day)
    return Word("yearly", shown, yearly=(month, day))


_READ: dict[str, Callable[[str], Word]] = {
    "iso": _numeric,
    "slashed": _slashed,
    "dotted": _numeric,
    "yearly": _yearly,
    "holidays": lambda shown: Word("holidays", shown),
    "group": lambda shown: Word("group", shown),
    "number": lambda shown: Word("number", shown, int(re.sub(r"\D", "", shown))),
    "to": lambda shown: Word("to", shown),
    "comma": lambda shown: Word("comma", shown),
}


def calendar_day(shown: str, year: int, month: int, day: int) -> date:
    """The day, or ValueError naming what was written."""
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f'"{shown}" is no day of any calendar') from None
