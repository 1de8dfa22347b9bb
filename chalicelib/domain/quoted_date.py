"""From the words that a mail has for a day to the day: code's work, never the model's.

What a person should look at is filled and doubted, with the reason; what can't be told is left open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.cell_text import quoted
from chalicelib.domain.date_text import MONTHS, WEEKDAYS
from chalicelib.domain.relative_days import relative_day, weekdays_in
from chalicelib.domain.source_words import tidy
from chalicelib.domain.stated import StatedDate, folded, stated_dates
from chalicelib.domain.terms import Terms

_A_YEAR = timedelta(days=366)
_YEARS_AROUND = range(-8, 9)  # so that 29 February finds its nearest leap year
_CLOCK_BEFORE = re.compile(r"(?:\b(?:at|um|a|alle|om|las|pukul|jam)|@|-)\s*$")
_CLOCK_AFTER = re.compile(r"\s*(?:uhr|h\b|[ap]\.?\s?m\b|-\s?[0-9])")


@dataclass(frozen=True, slots=True)
class QuotedDay:
    """The day, None where it stays open; `doubts` are sentences for staff, and none of them means that it is clear."""

    day: date | None
    doubts: tuple[str, ...] = ()


def read_quoted_day(quote: str, sent: datetime | None, terms: Terms, now: datetime) -> QuotedDay:
    """The day that a quote names; a time of day may stand beside it.

    `sent` is when the mail was written, by its own Date: relative days are counted from it, and a year that isn't
    given is the nearest. `03/12/2026` is settled by `date_order` or its weekday; without them it is filled, and
    doubted, only if its other reading lies before the mail or more than a year after it. Else it stays blank: a guess
    in the right form would be waved through, a gap is asked about.
    """
    text = folded(tidy(quote))
    written = _written(sent, terms, now)
    stated = _stated(text)
    if not stated:
        return _relative(text, quote, sent, written, terms)
    if len({one.possible for one in stated}) > 1:
        return QuotedDay(None, (f"{quoted(quote)} names more than one day: which is it?",))
    read = _read(stated[0], text, quote, written, terms)
    today = now.astimezone(terms.zone).date()
    if read.day is not None and read.day < today:
        return QuotedDay(read.day, (*read.doubts, f"{_said(read.day)} is already past"))
    return read


def date_spans(text: str, sure: bool) -> list[tuple[int, int]]:
    """Where dates stand in a `folded` text, so that their numbers aren't taken for a time. `sure`: without the like
    of `9.10`, which may be either."""
    return [(one.begin, one.end) for one in _stated(text) if one.plain or not sure]


def _written(sent: datetime | None, terms: Terms, now: datetime) -> date:
    """The writer's own day. Mail systems stamp UTC, which says nothing of the writer: then it is the shop's day."""
    if sent is None:
        return now.astimezone(terms.zone).date()
    return (sent if sent.utcoffset() else sent.astimezone(UTC).astimezone(terms.zone)).date()


def _stated(text: str) -> list[StatedDate]:
    """The dates of a text; a bare `9.30` counts only where no surer one stands, and it can't be a time."""
    stated = stated_dates(text)
    sure = [one for one in stated if one.plain]
    return sure or [
        one for one in stated if not _CLOCK_BEFORE.search(text[: one.begin]) and not _CLOCK_AFTER.match(text, one.end)
    ]


def _read(one: StatedDate, text: str, quote: str, written: date, terms: Terms) -> QuotedDay:
    matched = text[one.begin : one.end]
    days = _days(one, matched, written)
    if not days:
        return QuotedDay(None, (f"{quoted(quote)} is no day of the calendar",))
    doubts: list[str] = []
    if not any(year for year, _, _ in one.possible):
        doubts.append(f"{quoted(quote)} names no year: the nearest was taken")
    elif re.search(r"[-/.][0-9]{2}\s?$", matched) and not re.match(r"20[0-9]{2}", matched.strip()):
        doubts.append(f"{quoted(quote)} has a year of two digits")
    named = weekdays_in(text)
    if len(days) == 1:
        day = days[0]
    else:
        fitting = [day for day in days if day.weekday() in named]
        ordered = days[1] if terms.date_order == "mdy" else days[0]
        if terms.date_order:
            day = ordered
        elif len(fitting) == 1:
            day = fitting[0]
        else:
            either = " or ".join(_said(day) for day in days)
            likely = [day for day in days if written <= day <= written + _A_YEAR]
            doubts.append(f"{quoted(quote)} can be {either}: which is the day?")
            if len(likely) != 1:
                return QuotedDay(None, tuple(doubts))
            day = likely[0]
    if len(named) > 1:
        doubts.append(f"{quoted(quote)} names more than one weekday")
    elif named and day.weekday() != named[0]:
        doubts.append(f"the text says {WEEKDAYS[named[0]]}, but {_said(day)} is a {WEEKDAYS[day.weekday()]}")
    return QuotedDay(day, tuple(doubts))


def _days(one: StatedDate, matched: str, written: date) -> list[date]:
    """Its readings as days, day first before month first. Dots are day first."""
    numbers = [int(number) for number in re.findall(r"[0-9]+", matched)]
    readings: Sequence[tuple[int, int, int]] = sorted(one.possible, key=lambda reading: reading[2] != numbers[0])
    if len(readings) > 1 and "." in matched:
        readings = readings[:1]
    return [day for reading in readings if (day := _day(*reading, written)) is not None]


def _day(year: int, month: int, day: int, written: date) -> date | None:
    """A day of the calendar; without a year the nearest, of two as near the later one."""
    if year:
        return _valid(year, month, day)
    around = [found for offset in _YEARS_AROUND if (found := _valid(written.year + offset, month, day))]
    return min(around, key=lambda found: (abs((found - written).days), -found.toordinal()), default=None)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _relative(text: str, quote: str, sent: datetime | None, written: date, terms: Terms) -> QuotedDay:
    found = relative_day(text, written)
    if found is None:
        return QuotedDay(None, (f"{quoted(quote)} is no date that can be read",))
    if sent is None:
        return QuotedDay(None, (f"{quoted(quote)} depends on when it was written, and the mail has no date",))
    doubts = [f"{quoted(quote)} was counted from {_said(written)}, the mail's own date"]
    if found.other is not None:
        doubts.append(f"{quoted(quote)} can be {_said(found.other)} or {_said(found.day)}: which is the day?")
    at_shop = sent.astimezone(terms.zone).date()
    if at_shop != written:
        doubts.append(
            f"it was already {_said(at_shop)} at the shop"
            if at_shop > written
            else f"it was still {_said(at_shop)} at the shop"
        )
    return QuotedDay(found.day, tuple(doubts))


def _said(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
