"""The time cell as people and exports write it: taken apart once, so that it can be read and written back alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from chalicelib.domain.cell_text import plain

_MERIDIEM = r"[ap]\.?\s?m\.?|[ap]|上午|下午|오전|오후"
_CLOCK = re.compile(
    rf"""(?:at\s+)?
    (?:(?P<before>[ap]\.?m\.?|上午|下午|오전|오후)\s*)?
    (?:(?P<hour>[0-9]{{1,2}})
       (?:(?P<separator>\s?[:h]\s?|\.)(?P<minute>[0-9]{{2}})(?:[:.](?P<second>[0-9]{{2}})(?:[.,][0-9]+)?)?)?
      |(?P<together>[0-9]{{4}}))
    (?:\s*(?P<after>{_MERIDIEM}|noon|midday))?
    (?:\s*(?P<tail>h|hrs?|hours|uhr|o'?clock))?""",
    re.I | re.X,
)
_RANGE = re.compile(r"(?P<begin>.+?)\s*(?:[-–—~]|\bto\b|\buntil\b|\btill\b)\s*(?P<end>.+)", re.I)
_NOON = re.compile(r"(?:12\s*)?(?:noon|midday)", re.I)
_LONGEST = 80
"""Characters that a time and its end may take; a range of ranges without end would never be read to its end."""
_MORNING = ("上午", "오전")
_EVENING = ("下午", "오후")


@dataclass(frozen=True, slots=True)
class TimeReading:
    """A time of day. `marked` if the text itself says which half of the day it is; `spelling` is what was matched.

    `until` is the other end of a text like `9:00am - 9:45am`, and `between` what stands between the two.
    """

    at: time
    marked: bool
    spelling: re.Match[str]
    until: TimeReading | None = None
    between: str = ""


def read_time(text: str) -> TimeReading:
    """The time of day a cell names, cut to its minute. Raises ValueError with the reason.

    A bare hour is refused: `9` is morning, evening, or half a date.
    """
    whole = plain(text)
    if len(whole) > _LONGEST:
        raise ValueError("is not a time")
    span = _RANGE.fullmatch(whole)
    if span:
        begin, until = read_time(span["begin"]), read_time(span["end"])
        return TimeReading(begin.at, begin.marked, begin.spelling, until, whole[span.end("begin") : span.start("end")])
    noon = _NOON.fullmatch(whole)
    if noon:
        return TimeReading(time(12), True, noon)
    match = _CLOCK.fullmatch(whole)
    if match is None:
        raise ValueError("is not a time")
    if match["hour"] and not (match["minute"] or match["before"] or match["after"] or match["tail"]):
        raise ValueError("is a bare number: am or pm?")
    if match["tail"] and "clock" in match["tail"].casefold() and not (match["before"] or match["after"]):
        raise ValueError("could be morning or evening: am or pm?")
    return _checked(match)


def _checked(match: re.Match[str]) -> TimeReading:
    """The matched numbers as a time. Raises ValueError if there is none such."""
    together = match["together"]
    hour = int(match["hour"] or together[:2])
    minute = int(match["minute"] or (together[2:] if together else 0))
    half = half_of_day(match["before"] or match["after"] or "")
    if match["before"] and match["after"]:
        raise ValueError("says twice which half of the day")
    if half == "noon":
        if (hour, minute) != (12, 0):
            raise ValueError("is not noon")
    elif half and hour <= 12:
        if hour == 0 and half == "pm":
            raise ValueError("is not a time")
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half == "am":
        raise ValueError("is after noon, yet says am")
    if hour > 23 or minute > 59 or int(match["second"] or 0) > 59:
        raise ValueError("is not a time of the clock (00:00 to 23:59)")
    return TimeReading(time(hour, minute), bool(half) or hour > 12, match)


def half_of_day(mark: str) -> str:
    """`am`, `pm`, `noon` or "" for what stands beside the numbers."""
    folded = mark.casefold()
    if folded in ("noon", "midday"):
        return "noon"
    if folded[:1] == "a" or folded in _MORNING:
        return "am"
    if folded[:1] == "p" or folded in _EVENING:
        return "pm"
    return ""
