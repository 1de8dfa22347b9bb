"""What a mail's visible text says otherwise than an exact source: another day, another time, somebody else.

Only what is surely told as the visit's counts: not when the mail was sent, an invoice's date, the opening hours.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from chalicelib.domain import stated_words as words
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.proposal import Draft
from chalicelib.domain.stated import (
    LONGEST_TEXT,
    StatedDate,
    StatedTime,
    folded,
    stated_dates,
    stated_times,
    tokens,
    weekdays_with_a_time,
)

_NEAR = 60
"""Characters between a date and a time that belong together."""
_HEADER_LINE = re.compile(rf"^[>\s*]*(?P<label>{words.HEADER_LABELS})\s?\*?[:：]")
_FROM_LINE = re.compile(rf"^[>\s*]*(?:{words.FROM_LABELS})\s?\*?[:：]")
_NOT_THE_VISIT = re.compile(rf"\b(?:{words.NOT_THE_VISIT})\b[^.!?\n]{{0,25}}$|[©]\s?$")
_WROTE = re.compile(rf"(?:{words.WROTE})\s?[:：]")
_ZONE_BEHIND = re.compile(r"[ \t]?\(?(utc|gmt|[pmcea][sd]?t|bst|cest|jst|ist|sgt|[a-z]+/[a-z_]+|[a-z]+ time)\b")
_WHEN_LABEL = re.compile(rf"^[>\s*|]*(?:{words.WHEN_LABELS})\s?\*?\s?[:：|]?\s")
_BOOKING = re.compile(rf"(?:\b|(?<=[^\x00-\x7f]))(?:{words.BOOKING_WORDS})")
_NAME_LINE = re.compile(rf"^[>\s*|]*(?:{words.NAME_LABELS})\s?\*?\s?[:：][ \t]*(?P<name>[^\n]{{2,60}})$", re.M)


def said_otherwise(draft: Draft, visible_text: str, today: date, zone: ZoneInfo | None) -> dict[str, str]:
    """For `date`, `time` and `customer` the words in which the text states another one and never the draft's own.

    A past date isn't taken for the visit's; a time with another zone's name isn't compared.
    """
    text = _without_headers(visible_text[:LONGEST_TEXT])
    plain = folded(text)
    dates = stated_dates(plain)
    times = stated_times(plain, dates)
    here = [clock for clock in times if not _is_elsewhere(plain, clock, zone, today.year)]
    other_date = None if len(here) < len(times) else _other_date(draft, plain, dates, times, today)
    found = {
        "date": other_date,
        "time": _other_time(draft, plain, dates, here, other_date),
        "customer": _other_name(draft, plain),
    }
    return {field: text[place[0] : place[1]] for field, place in found.items() if place}


def _without_headers(text: str) -> str:
    """The text without the header blocks and address lines of mails within: their dates are when they were sent."""
    lines = text.splitlines()
    kept: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if _HEADER_LINE.match(folded(line)):
            block.append(line)
            continue
        if len(block) < 2 or not any(_FROM_LINE.match(folded(one)) for one in block):
            kept += block
        block = []
        kept.append(line)
    return "\n".join(kept)


def _other_date(
    draft: Draft, text: str, dates: list[StatedDate], times: list[StatedTime], today: date
) -> tuple[int, int] | None:
    """Where the text states another day and never the draft's; or its day with another weekday."""
    quote = draft.quotes.get("date", "")
    day = _iso(draft.values.get("date", ""))
    if day is None or quote.upper().startswith(("RRULE", "RDATE")):
        return None
    mentions = [stated for stated in dates if stated.can_be(day)]
    wrong = [s for s in mentions if s.weekday is not None and s.weekday != day.weekday() and s.plain]
    if mentions:
        return (wrong[0].begin, wrong[0].end) if wrong and len(wrong) == len(mentions) else None
    if any(stated.can_be(own) for stated in dates if (own := _own_day(quote))):
        return None
    for stated in dates:
        if stated.plain and _is_ahead(stated, today) and _is_of_the_visit(stated, text, times):
            return stated.begin, stated.end
    named = list(weekdays_with_a_time(text, times))
    if len({weekday for weekday, _, _ in named}) == 1 and named[0][0] != day.weekday():
        return named[0][1], named[0][2]
    return None


def _is_ahead(stated: StatedDate, today: date) -> bool:
    return any(year == 0 or (year, month, day) >= (today.year, today.month, today.day)
               for year, month, day in stated.possible)  # fmt: skip


def _is_of_the_visit(stated: StatedDate, text: str, times: list[StatedTime]) -> bool:
    """Whether a date is told as the visit's: beside a time, behind a label, or in a line about a booking."""
    begin = text.rfind("\n", 0, stated.begin) + 1
    end = text.find("\n", stated.end)
    line = text[begin : end if end >= 0 else len(text)]
    if _is_something_else(text, stated.begin) or _WROTE.search(text[stated.end : stated.end + 200]):
        return False
    if any(0 <= clock.begin - stated.end <= _NEAR // 2 and clock.plain for clock in times):
        return True
    label = text[text.rfind("\n", 0, max(begin - 1, 0)) + 1 : begin]
    return bool(_WHEN_LABEL.match(line) or _BOOKING.search(line) or _WHEN_LABEL.fullmatch(label))


def _other_time(
    draft: Draft, text: str, dates: list[StatedDate], times: list[StatedTime], other_date: tuple[int, int] | None
) -> tuple[int, int] | None:
    """Where the text states another time beside the draft's own day, or the one it has instead of it, or behind a
    label, and never the draft's."""
    day, clock = _iso(draft.values.get("date", "")), _clock(draft.values.get("time", ""))
    if clock is None:
        return None
    own = {clock, _own_clock(draft.quotes.get("time", ""))}
    if any(stated.possible & own for stated in times):
        return None
    for stated in times:
        if stated.is_end or _is_something_else(text, stated.begin):
            continue
        before = [other for other in dates if other.end <= stated.begin]
        is_its_day = before and ((day and before[-1].can_be(day)) or (before[-1].begin, before[-1].end) == other_date)
        beside = is_its_day and stated.begin - before[-1].end <= _NEAR
        begin = text.rfind("\n", 0, stated.begin) + 1
        line = text[begin : stated.begin] + " "
        if (beside and stated.plain) or (_WHEN_LABEL.match(line) and not [d for d in before if d.begin > begin]):
            return stated.begin, stated.end
    return None


def _is_elsewhere(text: str, clock: StatedTime, zone: ZoneInfo | None, year: int) -> bool:
    """Whether a time carries the name of a zone that isn't the shop's: `EST`, `ET`, `Eastern Time` in New York are."""
    match = _ZONE_BEHIND.match(text[clock.end : clock.end + 40])
    if match is None or zone is None:
        return match is not None
    names = {folded(datetime(year, month, 1, tzinfo=zone).tzname() or "") for month in (1, 7)}
    said = match[1]
    short = {f"{name[0]}t" for name in names if len(name) == 3}
    if said in names | short | {zone.key.lower()}:
        return False
    return not (said.endswith(" time") and any(name[:1] == said[:1] and len(name) == 3 for name in names))


def _is_something_else(text: str, begin: int) -> bool:
    return bool(_NOT_THE_VISIT.search(text[max(0, begin - 60) : begin]))


def _other_name(draft: Draft, text: str) -> tuple[int, int] | None:
    """Where a label of the text names somebody else, and the customer is nowhere in it."""
    name = folded(one_line(draft.values.get("customer", "")))
    own = tokens(name)
    if not own or name in text or any(re.search(rf"\b{re.escape(token)}\b", text) for token in own):
        return None
    others = tokens(" ".join(draft.values.get(field, "") for field in ("service", "staff")))
    for match in _NAME_LINE.finditer(text):
        stated = tokens(match["name"])
        same_script = {token.isascii() for token in stated} & {token.isascii() for token in own}
        if stated and same_script and not stated & others and not re.search(r"[0-9@]", match["name"]):
            return match.span("name")
    return None


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def _own_clock(quote: str) -> time | None:
    """The time of the source's own clock, where that is another zone's; files say UTC without meaning it."""
    match = re.search(r"[0-9]T([0-9]{2}):?([0-9]{2})(?::?[0-9]{2})?(?![0-9:]*(?:Z|\+00:?00))", quote)
    return _clock(f"{match[1]}:{match[2]}") if match else None


def _own_day(quote: str) -> date | None:
    match = re.search(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})", quote)
    return _iso("-".join(match.groups())) if match and _own_clock(quote) else None
