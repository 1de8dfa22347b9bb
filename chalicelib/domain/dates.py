"""From the two cells that say when to the one instant that everything else counts from (DESIGN §4.1).

Local time enters here and nowhere else: what comes out is UTC, or a problem in words for the front desk.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Problem
from chalicelib.domain.cell_text import is_spreadsheet_error, plain, quoted
from chalicelib.domain.date_text import DateReading, read_date
from chalicelib.domain.terms import Terms
from chalicelib.domain.time_text import TimeReading, read_time

NOTHING_UNTIL_MENDED = "Nothing is sent for this visit until it is mended."
EMPTY_DATES = frozenset({date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1)})
"""What spreadsheets date a bare time of day by."""
_HALF_DAY = timedelta(hours=12)


def read_start(date_text: str, time_text: str, terms: Terms, seen_on: date) -> datetime | Problem:
    """The start in UTC, to the minute, or what is wrong with the date or the time.

    `seen_on` is the shop-local day of the sync that first saw these texts in the row: a date without a year is the
    one nearest to it.
    """
    try:
        day, clock = _read_day(date_text, terms, seen_on)
    except ValueError as reason:
        return _problem("date", date_text, reason, "2026-11-30 or 30 Nov 2026")
    try:
        reading = _read_clock(time_text, clock, day, terms, seen_on)
        start = local_instant(day, reading.at, terms.zone)
        _one_half_only(reading, day, terms)
    except ValueError as reason:
        return _problem("time", time_text or clock, reason, "9:00am or 14:30")
    return start


def local_instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local minute. Raises ValueError for one that a clock change skips or repeats."""
    local = datetime.combine(day, clock)
    early, late = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    if early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError(f"doesn't exist on {day.isoformat()}: the clocks go forward over it")
    raise ValueError(f"happens twice on {day.isoformat()}: the clocks go back over it")


def split_date_and_time(text: str, terms: Terms, seen_on: date) -> tuple[DateReading | None, str]:
    """A cell that holds a date before its time of day, as spreadsheets write one; (None, text) for any other."""
    try:
        read_time(text)
    except ValueError:
        try:
            reading = read_date(text, terms.date_order, seen_on)
        except ValueError:
            return None, text
        return (reading, reading.clock) if reading.clock else (None, text)
    return None, text


def is_doubtful(clock: time, day: date, terms: Terms) -> bool:
    """Whether a time without am or pm is outside the opening hours while twelve hours later is inside.

    On a day without opening hours of its own, the other days' say what the shop's hours look like. The minute of
    closing counts as inside: `5:00` at a shop that closes at five is more likely the afternoon than the night.
    """
    later = datetime.combine(day, clock) + _HALF_DAY
    if later.date() != day:
        return False
    return not is_open(clock, day, terms) and is_open(later.time(), day, terms)


def is_open(clock: time, day: date, terms: Terms) -> bool:
    """Whether a time is inside the opening hours of a day, or for a day without any, of another. Closing counts."""
    days = terms.opening.days
    spans = days.get(day.weekday()) or tuple(span for others in days.values() for span in others)
    return _inside(clock, spans)


def _read_day(text: str, terms: Terms, seen_on: date) -> tuple[date, str]:
    """The day, and a time of day that stands in the same cell: "" if there is none or it is a bare midnight."""
    if not plain(text):
        raise ValueError("is blank")
    if is_spreadsheet_error(text):
        raise ValueError("is a spreadsheet's error")
    reading = read_date(text, terms.date_order, seen_on)
    if reading.day in EMPTY_DATES:
        raise ValueError("is how a spreadsheet shows a date that isn't there")
    midnight = bool(reading.clock) and read_time(reading.clock).at == time(0)
    return reading.day, "" if midnight else reading.clock


def _read_clock(text: str, clock: str, day: date, terms: Terms, seen_on: date) -> TimeReading:
    """The time of the time cell; where that is blank, the one that stands beside the date."""
    if not plain(text):
        if not clock:
            raise ValueError("is blank")
        return read_time(clock)
    if is_spreadsheet_error(text):
        raise ValueError("is a spreadsheet's error")
    dated, own = split_date_and_time(text, terms, seen_on)
    if dated is not None and dated.day != day and dated.day not in EMPTY_DATES:
        raise ValueError(f"is on another day than the date cell ({day.isoformat()})")
    reading = read_time(own)
    if clock and read_time(clock).at != reading.at:
        raise ValueError(f"is another time than the one in the date cell ({clock})")
    return reading


def _one_half_only(reading: TimeReading, day: date, terms: Terms) -> None:
    """Raises ValueError if the text may mean morning or afternoon.

    A 24-hour spelling (`03:00`) is clear enough on a day that has no hours of its own to judge by.
    """
    zero_led = reading.spelling[0].startswith("0")
    own_hours = bool(terms.opening.days.get(day.weekday()))
    if not reading.marked and (own_hours or not zero_led) and is_doubtful(reading.at, day, terms):
        raise ValueError("is outside the opening hours: am or pm?")


def _inside(clock: time, spans: tuple[tuple[time, time], ...]) -> bool:
    return any(
        begin <= clock <= end if begin < end else clock >= begin or (end != time(0) and clock <= end)
        for begin, end in spans
    )


def _problem(field: str, text: str, reason: ValueError, expected: str) -> Problem:
    subject = quoted(text) if plain(text) else f"The {field}"
    stop = "" if str(reason).endswith("?") else "."
    return Problem(field, f"{subject} {reason}{stop} Write it like {expected}. {NOTHING_UNTIL_MENDED}")
