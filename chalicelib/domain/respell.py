"""Writing a new time into a cell in the spelling that the cell had (DESIGN §4.1), and never one we couldn't read.

Each piece of the old text is replaced by its like. What comes out is read back; if it says anything but the new
start (`25/12/2026` turned into `03/01/2027` could be two days), a spelling with one reading is written instead.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from chalicelib.domain.date_text import MONTHS, WEEKDAYS, DateReading, Piece, Role, read_date
from chalicelib.domain.dates import EMPTY_DATES, read_start, split_date_and_time
from chalicelib.domain.terms import Terms
from chalicelib.domain.time_text import TimeReading, half_of_day, read_time

_OTHER_HALF = {"上午": "下午", "下午": "上午", "오전": "오후", "오후": "오전"}


def respell_date(new_start: datetime, old_text: str, terms: Terms, seen_on: date | None = None) -> str:
    """The new start's date as `old_text` would have written it; ISO where that said nothing readable.

    `seen_on` is the shop-local day on which the new text will first be read; without it, a date that has no year
    in it is taken to be read near that date.
    """
    local = new_start.astimezone(terms.zone)
    read_on = seen_on or local.date()
    try:
        old = read_date(old_text, terms.date_order, read_on)
    except ValueError:
        return local.date().isoformat()
    month_first = _comes_first(old, Role.MONTH) or _comes_first(old, Role.MONTH_NAME)
    name = MONTHS[local.month - 1][:3]
    clear = f"{name} {local.day}, {local.year}" if month_first else f"{local.day} {name} {local.year}"
    clock = f" {_respelled_clock(local.time(), old.clock)}" if old.clock else ""
    for text in (_like(old, local.date(), local.time()), clear + clock, local.date().isoformat() + clock):
        if read_start(text, _certain(local.time()), terms, read_on) == _minute(new_start):
            return text
    return local.date().isoformat()


def respell_time(new_start: datetime, old_text: str, terms: Terms) -> str:
    """The new start's local time as `old_text` would have written it; `15:00` where that said nothing readable."""
    local = new_start.astimezone(terms.zone)
    dated, old_clock = split_date_and_time(old_text, terms, local.date())
    day = local.date().isoformat()
    for text in (_respelled_clock(local.time(), old_clock, dated, local.date()), f"{local:%H:%M}"):
        if read_start(day, text, terms, local.date()) == _minute(new_start):
            return text
    return _certain(local.time())


def _like(old: DateReading, day: date, clock: time) -> str:
    """The old text with every piece replaced by the new day's."""
    return "".join(_piece(piece, old, day, clock) for piece in old.pieces)


def _piece(piece: Piece, old: DateReading, day: date, clock: time) -> str:
    old_text = piece.text
    match piece.role:
        case Role.WEEKDAY:
            return _name_like(old_text, WEEKDAYS[day.weekday()], full=old_text.title() in WEEKDAYS)
        case Role.MONTH_NAME:
            return _name_like(old_text, MONTHS[day.month - 1], full=_writes_months_out(old))
        case Role.DAY:
            return _padded(day.day, old)
        case Role.MONTH:
            return _padded(day.month, old)
        case Role.YEAR:
            return f"{day.year:04}"
        case Role.COMPACT:
            return f"{day:%Y%m%d}"
        case Role.ORDINAL:
            return _ordinal(day.day).upper() if old_text.isupper() else _ordinal(day.day)
        case Role.CLOCK:
            return old_text if read_time(old_text).at == time(0) else _respelled_clock(clock, old_text)
        case Role.LITERAL:
            return old_text


def _writes_months_out(old: DateReading) -> bool:
    """Whether the month's name stands there in full. `May` doesn't tell, so the weekday beside it does."""
    texts = {piece.role: piece.text.title() for piece in old.pieces}
    if texts[Role.MONTH_NAME] == "May":
        return texts.get(Role.WEEKDAY) in WEEKDAYS
    return texts[Role.MONTH_NAME] in MONTHS


def _name_like(old_text: str, new_name: str, full: bool) -> str:
    """A month's or weekday's name in the old one's length and case."""
    word = new_name if full else new_name[: 2 if len(old_text) == 2 else 3]
    return word.upper() if old_text.isupper() else word.lower() if old_text.islower() else word


def _padded(number: int, old: DateReading) -> str:
    """Two digits where the old text leads with zeros, or would: all in numbers and none of them of one digit."""
    numbers = [piece.text for piece in old.pieces if piece.role in (Role.DAY, Role.MONTH)]
    leads = any(text.startswith("0") for text in numbers)
    return f"{number:02}" if leads or (len(numbers) == 2 and min(map(len, numbers)) == 2) else str(number)


def _ordinal(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _comes_first(old: DateReading, role: Role) -> bool:
    named = [piece.role for piece in old.pieces if piece.role in (Role.DAY, Role.MONTH, Role.MONTH_NAME)]
    return bool(named) and named[0] is role


def _respelled_clock(clock: time, old_text: str, dated: DateReading | None = None, day: date | None = None) -> str:
    """The time alone in the old one's spelling, behind the old cell's date (or its place-holder) if it had one."""
    try:
        old = read_time(old_text)
    except ValueError:
        return f"{clock:%H:%M}"
    text = _clock_like(clock, old)
    if old.until is not None:
        text += old.between + _clock_like(_shifted(clock, old), old.until)
    if dated is None or day is None:
        return text
    keeps = dated.day in EMPTY_DATES
    front = [p for p in dated.pieces if p.role is not Role.CLOCK]
    return "".join(p.text if keeps else _piece(p, dated, day, clock) for p in front) + text


def _shifted(clock: time, old: TimeReading) -> time:
    """The end of a span that keeps its length."""
    begin, end = (datetime.combine(date.min, at) for at in (old.at, old.until.at if old.until else old.at))
    length = (end - begin) % timedelta(days=1)
    return (datetime.combine(date(2000, 1, 1), clock) + length).time()


def _clock_like(clock: time, old: TimeReading) -> str:
    """`9:00am` -> `3:00pm`, `14.30` -> `15.00`, `9am` -> `3:30pm`, `0900` -> `1500`."""
    spelling = old.spelling
    groups = spelling.groupdict()
    if "hour" not in groups:  # "noon"
        return spelling[0] if clock == time(12) else _certain(clock)
    if groups["together"]:
        return _in_place(spelling, f"{clock:%H%M}", clock)
    half = half_of_day(groups["before"] or groups["after"] or "")
    if half == "noon":
        return spelling[0] if clock == time(12) else _certain(clock)
    old_hour = groups["hour"]
    if half in ("am", "pm"):
        hour = f"{(clock.hour + 11) % 12 + 1:{'02' if old_hour.startswith('0') else ''}}"
    else:
        hour = f"{clock.hour:02}" if len(old_hour) == 2 else str(clock.hour)
    if groups["minute"]:
        second = spelling[0][spelling.end("minute") - spelling.start() : spelling.end("second") - spelling.start()]
        seconds = f"{second[:1]}00" if groups["second"] else ""
        return _in_place(spelling, f"{hour}{groups['separator']}{clock.minute:02}{seconds}", clock)
    if clock.minute and groups["tail"] and not half:  # `14h` -> `15h30`
        return f"{hour}h{clock.minute:02}"
    return _in_place(spelling, f"{hour}:{clock.minute:02}" if clock.minute else hour, clock)


def _in_place(spelling: re.Match[str], numbers: str, clock: time) -> str:
    """The matched text with these numbers in place of its own, and am or pm as the new time has it."""
    ends = [spelling.end(name) for name in ("hour", "minute", "second", "together")]
    swaps = [(spelling.start("hour" if spelling["hour"] else "together"), max(ends), numbers)]
    for name in ("before", "after"):
        if spelling[name]:
            swaps.append((*spelling.span(name), _half_like(spelling[name], clock)))
    text, whole = "", spelling.string
    position = spelling.start()
    for begin, end, new in sorted(swaps):
        text += whole[position:begin] + new
        position = end
    return text + whole[position : spelling.end()]


def _half_like(old_mark: str, clock: time) -> str:
    """`AM` -> `PM`, `a.m.` -> `p.m.`, `上午` -> `下午`."""
    wanted = "am" if clock.hour < 12 else "pm"
    if half_of_day(old_mark) == wanted:
        return old_mark
    letter = wanted[0].upper() if old_mark[0].isupper() else wanted[0]
    return _OTHER_HALF.get(old_mark) or letter + old_mark[1:]


def _certain(clock: time) -> str:
    """A spelling that can only be read one way."""
    return f"{(clock.hour + 11) % 12 + 1}:{clock.minute:02}{'am' if clock.hour < 12 else 'pm'}"


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
