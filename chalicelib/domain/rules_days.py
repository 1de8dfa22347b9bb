"""The `Closed` line of the rules doc: weekdays, public holidays, dates and ranges of dates, in prose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain.rule_book import Closed, MonthDay, as_typed
from chalicelib.domain.rules_clock import DAY_GROUPS, DAY_NAMES, weekdays_between
from chalicelib.domain.rules_day_words import LEAP_YEAR, Word, calendar_day, words_of


@dataclass(frozen=True, slots=True)
class _Day:
    """One date as written: with or without its year, perhaps with the weekday that it must fall on."""

    shown: str
    month_day: MonthDay
    year: int | None = None
    weekday: int | None = None

    def dated(self, year: int) -> date:
        return calendar_day(self.shown, year, *self.month_day)


@dataclass(slots=True)
class _Found:
    weekdays: set[int] = field(default_factory=set)
    holidays: bool = False
    dates: set[date] = field(default_factory=set)
    yearly: set[MonthDay] = field(default_factory=set)
    ranges: list[tuple[date, date]] = field(default_factory=list)
    yearly_ranges: list[tuple[MonthDay, MonthDay]] = field(default_factory=list)


def read_closed(text: str) -> Closed:
    """`Sundays, public holidays, 24 December 2026, 9 August to 22 August`; `none` closes no day.

    Raises ValueError with a plain reason.
    """
    said = as_typed(text).casefold().strip(" !;,")
    if re.fullmatch(r"(?:none|never|no days?)\.?", said):
        return Closed()
    said = re.sub(r"\bbetween (.+?) and ", r"\1 to ", said)
    reader = _Reader(words_of(said))
    reader.read_all()
    found = reader.found
    return Closed(
        weekdays=frozenset(found.weekdays),
        public_holidays=found.holidays,
        dates=frozenset(found.dates),
        yearly=frozenset(found.yearly),
        ranges=tuple(found.ranges),
        yearly_ranges=tuple(found.yearly_ranges),
    )


class _Reader:
    """Reads the words from left to right; each method takes what it understands and moves on."""

    def __init__(self, words: list[Word]) -> None:
        self._words = words
        self._at = 0
        self.found = _Found()

    def read_all(self) -> None:
        """The whole line, item by item."""
        while self._kind() == "comma":
            self._at += 1
        if self._at == len(self._words):
            raise ValueError("it says nothing")
        while self._at < len(self._words):
            self._item()
            if self._at < len(self._words) and self._kind() != "comma":
                raise ValueError(f'can\'t read "{self._rest()}"')
            while self._kind() == "comma":
                self._at += 1

    def _item(self) -> None:
        match self._kind():
            case "holidays":
                self._take()
                self.found.holidays = True
            case "group":
                self.found.weekdays |= set(DAY_GROUPS[self._take().shown])
            case "day" if self._kind(1) in ("number", "month", "date"):
                wanted = self._take().number
                self._dates(wanted)
            case "day":
                self._weekdays()
            case "number" | "month" | "date" | "yearly":
                self._dates(None)
            case _:
                raise ValueError(f'can\'t read "{self._rest()}"')

    def _weekdays(self) -> None:
        first = self._take().number
        if self._kind() == "to" and self._kind(1) == "day":
            self._at += 1
            self.found.weekdays |= set(weekdays_between(first, self._take().number))
        else:
            self.found.weekdays.add(first)

    def _dates(self, wanted: int | None) -> None:
        """One date, a range, or several days that share a month: `24, 25 and 27-29 December 2026`."""
        runs = self._runs(wanted)
        begin, end = runs[-1]
        if self._kind() == "to" and begin is end:
            self._at += 1
            wanted = self._take().number if self._kind() == "day" else None
            later = self._runs(wanted)
            end = later[0][0]
            if len(later) > 1 or later[0][0] is not later[0][1]:
                raise ValueError(f'"{end.shown}" does not say where the range ends')
            runs[-1] = (begin, end)
        for first, last in runs:
            if first is last:
                self._add_day(first)
            else:
                self._add_range(first, last)

    def _runs(self, wanted: int | None) -> list[tuple[_Day, _Day]]:
        """Runs of days that one month (and year) speaks for; a run of one day has that day twice."""
        if self._kind() in ("date", "yearly"):
            word = self._take()
            if word.day is not None:
                day = _Day(word.shown, (word.day.month, word.day.day), word.day.year, wanted)
            else:
                day = _Day(word.shown, word.yearly or (0, 0), None, wanted)
            return [(day, day)]
        month_first = self._kind() == "month"
        month = self._take() if month_first else None
        spans = [self._number_span()]
        while self._kind() == "comma" and self._is_another_day(month_first):
            self._at += 1
            spans.append(self._number_span())
        if month is None:
            if self._kind() != "month":
                raise ValueError(f'"{spans[-1][1].shown}" has no month')
            month = self._take()
        year = self._year()
        if wanted is not None and len(spans) > 1:
            raise ValueError(f"{DAY_NAMES[wanted].capitalize()} goes with one date only")
        return [self._run(first, last, month, year, wanted) for first, last in spans]

    def _run(self, first: Word, last: Word, month: Word, year: int | None, wanted: int | None) -> tuple[_Day, _Day]:
        begin = _Day(f"{first.number} {month.shown}", (month.number, first.number), year, wanted)
        if first is last:
            return begin, begin
        if last.number < first.number:
            raise ValueError(f'"{first.number}-{last.number} {month.shown}" ends before it begins')
        return begin, _Day(f"{last.number} {month.shown}", (month.number, last.number), year)

    def _number_span(self) -> tuple[Word, Word]:
        """`24`, or `24-26` where no month stands between."""
        if self._kind() != "number":
            raise ValueError(f'can\'t read "{self._rest() or "the end"}"')
        first = self._take()
        if self._kind() == "to" and self._kind(1) == "number" and self._words[self._at + 1].number <= 31:
            if self._kind(2) == "month" or self._words[self._at - 2].kind == "month":
                self._at += 1
                return first, self._take()
            # "24 to 26, 28 December": the month comes after the list
            if self._kind(2) == "comma" and self._kind(3) == "number":
                self._at += 1
                return first, self._take()
        return first, first

    def _is_another_day(self, month_first: bool) -> bool:
        """Whether the number after this comma is one more day of the same month, not a year or a date of its own."""
        if self._kind(1) != "number" or self._words[self._at + 1].number > 31:
            return False
        return not (month_first and self._kind(2) == "month")

    def _year(self) -> int | None:
        skip = 1 if self._kind() == "comma" else 0
        if self._kind(skip) == "number" and self._words[self._at + skip].number >= 1000:
            self._at += skip
            return self._take().number
        return None

    def _add_day(self, day: _Day) -> None:
        if day.year is not None:
            self.found.dates.add(_checked(day, day.dated(day.year)))
            return
        if day.weekday is not None:
            raise ValueError(f'"{day.shown}" with a weekday needs its year')
        day.dated(LEAP_YEAR)
        self.found.yearly.add(day.month_day)

    def _add_range(self, first: _Day, last: _Day) -> None:
        first.dated(LEAP_YEAR)
        last.dated(LEAP_YEAR)
        wraps = first.month_day > last.month_day
        if first.year is None and last.year is None:
            if first.weekday is not None or last.weekday is not None:
                raise ValueError(f'"{first.shown}" with a weekday needs its year')
            self.found.yearly_ranges.append((first.month_day, last.month_day))
            return
        # "24 December to 2 January 2027": the year that isn't said is the nearest one on its side
        begin_year = first.year if first.year is not None else (last.year or 0) - wraps
        end_year = last.year if last.year is not None else begin_year + wraps
        begin, end = _checked(first, first.dated(begin_year)), _checked(last, last.dated(end_year))
        if end < begin:
            raise ValueError(f'"{first.shown}" to "{last.shown}" ends before it begins')
        self.found.ranges.append((begin, end))

    def _kind(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._words[place].kind if place < len(self._words) else ""

    def _take(self) -> Word:
        self._at += 1
        return self._words[self._at - 1]

    def _rest(self) -> str:
        return " ".join(word.shown for word in self._words[self._at : self._at + 4])


def _checked(day: _Day, on: date) -> date:
    if day.weekday is not None and on.weekday() != day.weekday:
        raise ValueError(f"{day.shown} {on.year} is a {DAY_NAMES[on.weekday()].capitalize()}")
    return on
