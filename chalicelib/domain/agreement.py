"""Whether the sources of one booking agree: exact against the visible text, against the model, against each other.

A disagreement changes no value. It is told to staff with both readings, and the field is doubted. What a text doesn't
mention is no disagreement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time

from chalicelib.domain import stated_words as words
from chalicelib.domain.cell_text import one_line, quoted
from chalicelib.domain.proposal import FIELDS, Draft, Kind, Reader
from chalicelib.domain.stated import (
    LONGEST_TEXT,
    StatedDate,
    StatedTime,
    folded,
    stated_dates,
    stated_times,
    weekdays_with_a_time,
)

_SOURCE = {
    Reader.ICS: "calendar file",
    Reader.JSONLD: "mail's structured part",
    Reader.MICRODATA: "mail's structured part",
    Reader.CALENDAR: "calendar",
    Reader.MODEL: "model",
}
_NEAR = 60
"""Characters between a date and a time that belong together."""
_HEADER_LINE = re.compile(rf"^[>\s*]*(?P<label>{words.HEADER_LABELS})\s?\*?[:：]")
_FROM_LINE = re.compile(rf"^[>\s*]*(?:{words.FROM_LABELS})\s?\*?[:：]")
_NOT_THE_VISIT = re.compile(rf"\b(?:{words.NOT_THE_VISIT})\b[^.!?\n]{{0,25}}$|[©]\s?$")
_WROTE = re.compile(rf"(?:{words.WROTE})\s?[:：]")
_ZONE_BEHIND = re.compile(r"^\s?\(?(?:utc|gmt|[pmce][sd]?t|[ab]st|cest|jst|ist|[a-z]+ time|[a-z]+/[a-z_]+)\b")
_WHEN_LABEL = re.compile(rf"^[>\s*|]*(?:{words.WHEN_LABELS})\s?\*?\s?[:：|]?\s")
_BOOKING = re.compile(rf"(?:\b|(?<=[^\x00-\x7f]))(?:{words.BOOKING_WORDS})")
_NAME_LINE = re.compile(rf"^[>\s*|]*(?:{words.NAME_LABELS})\s?\*?\s?[:：][ \t]*(?P<name>[^\n]{{2,60}})$", re.M)


def with_disagreements(draft: Draft, visible_text: str, today: date) -> Draft:
    """The draft, with a flag and a doubt for date, time and customer where the text states another one and never
    the draft's own. `today` is shop-local: a date that is past isn't taken for the visit's."""
    text = _without_headers(visible_text[:LONGEST_TEXT])
    plain = folded(text)
    dates = stated_dates(plain)
    times = stated_times(plain, dates)
    source = _SOURCE.get(draft.reader, "source")
    other_date = _other_date(draft, plain, dates, times, today)
    for field, stated in (
        ("date", other_date),
        ("time", _other_time(draft, plain, dates, times, other_date)),
        ("customer", _other_name(draft, plain)),
    ):
        if stated:
            said = quoted(text[stated[0] : stated[1]])
            draft = _doubted(draft, field, f"the {source} says {draft.values[field]}, the text says {said}")
    return draft


def filled(exact: Draft, model: Draft) -> Draft:
    """The exact draft, its blanks filled from the model's, with quotes, doubts and flags of what was filled.

    No value is overridden; where the model is sure of another one, staff are told.
    """
    return _completed(exact, model, "model")


def same_booking(a: Draft, b: Draft) -> bool:
    """Whether two drafts of one mail are about the same visit: the same uid, or one start and nobody else's name.

    Drafts of one reader with unlike uids, or without, are one only if all their values are.
    """
    if a.uid and a.uid == b.uid:
        return True
    if a.reader == b.reader:
        return not (a.uid and b.uid) and a.kind == b.kind and dict(a.values) == dict(b.values)
    return _agree(a, b, "date") and _agree(a, b, "time") and _names_agree(a, b) and bool(a.values.get("date"))


def merged(a: Draft, b: Draft) -> Draft:
    """One draft of two that are the `same_booking`: of one uid and reader the later one; else the richer, its blanks
    filled from the other, differences flagged. Where one cancels, a cancellation is proposed."""
    if a.reader == b.reader and a.uid == b.uid and a.sequence != b.sequence:
        return max(a, b, key=lambda draft: draft.sequence)
    richer, other = (b, a) if len(b.values) > len(a.values) else (a, b)
    whole = _completed(richer, other, _SOURCE.get(other.reader, "other source"))
    if not whole.uid:
        whole = replace(whole, uid=other.uid, sequence=other.sequence)
    if a.kind != b.kind and Kind.CANCELLATION in (a.kind, b.kind):
        flag = "one part of the mail cancels the visit, another doesn't"
        whole = replace(whole, kind=Kind.CANCELLATION, flags=_joined(whole.flags, [flag]))
    return whole


def without_repeats(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts of one mail's exact readers, each visit once, in order.

    One draft from each of two readers that differ only in when the visit is are taken for one visit, too.
    """
    kept: list[Draft] = []
    for draft in drafts:
        place = next((n for n, other in enumerate(kept) if draft.values and same_booking(other, draft)), None)
        if place is None:
            kept.append(draft)
        else:
            kept[place] = merged(kept[place], draft)
    if len(kept) == 2 and kept[0].reader != kept[1].reader and _names_agree(*kept) and _services_agree(*kept):
        return [merged(*kept)]
    return kept


def _completed(first: Draft, second: Draft, source: str) -> Draft:
    values, quotes = dict(first.values), dict(first.quotes)
    doubtful, flags = list(first.doubtful), list(first.flags)
    for field in FIELDS:
        value = second.values.get(field, "")
        if not value:
            continue
        if not values.get(field):
            values[field] = value
            quotes[field] = second.quotes.get(field, "")
            doubtful = [name for name in doubtful if name != field]
            doubtful += [field] if field in second.doubtful else []
        elif field not in second.doubtful and not _same_value(field, values[field], value):
            flags.append(f"{field}: {values[field]} is taken, the {source} says {value}")
            doubtful.append(field)
    return replace(
        first,
        values=values,
        quotes=quotes,
        doubtful=_joined(doubtful, [f for f in second.doubtful if not values.get(f)]),
        flags=_joined(flags, second.flags),
        old_values={**second.old_values, **first.old_values},
        is_reminder=first.is_reminder or second.is_reminder,
    )


def _doubted(draft: Draft, field: str, flag: str) -> Draft:
    return replace(draft, doubtful=_joined(draft.doubtful, [field]), flags=_joined(draft.flags, [flag]))


def _joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))


def _agree(a: Draft, b: Draft, field: str) -> bool:
    one, other = a.values.get(field, ""), b.values.get(field, "")
    return not one or not other or one == other


def _names_agree(a: Draft, b: Draft) -> bool:
    one, other = a.values.get("customer", ""), b.values.get("customer", "")
    return not one or not other or _same_value("customer", one, other)


def _services_agree(a: Draft, b: Draft) -> bool:
    one, other = a.values.get("service", ""), b.values.get("service", "")
    return not one or not other or _same_value("service", one, other)


def _same_value(field: str, one: str, other: str) -> bool:
    """Names and services that share a word are the same; links differ for many reasons and say nothing."""
    if field == "link" or folded(one) == folded(other):
        return True
    return field in ("customer", "service", "staff") and bool(_tokens(one) & _tokens(other))


def _tokens(text: str) -> set[str]:
    """The words of two letters and more; of a script without spaces, its characters."""
    tokens = set(re.findall(r"[^\W\d_]{2,}", folded(text)))
    return tokens | {c for token in tokens if not token.isascii() for c in token if c > "\u2e80"}


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
        if not stated.plain or stated.is_end or _is_something_else(text, stated.begin):
            continue
        if _ZONE_BEHIND.match(text[stated.end : stated.end + 30]):
            continue
        before = [other for other in dates if other.end <= stated.begin]
        is_its_day = before and ((day and before[-1].can_be(day)) or (before[-1].begin, before[-1].end) == other_date)
        beside = is_its_day and stated.begin - before[-1].end <= _NEAR
        line = text[text.rfind("\n", 0, stated.begin) + 1 : stated.begin] + " "
        if beside or (_WHEN_LABEL.match(line) and not before):
            return stated.begin, stated.end
    return None


def _is_something_else(text: str, begin: int) -> bool:
    return bool(_NOT_THE_VISIT.search(text[max(0, begin - 60) : begin]))


def _other_name(draft: Draft, text: str) -> tuple[int, int] | None:
    """Where a label of the text names somebody else, and the customer is nowhere in it."""
    name = folded(one_line(draft.values.get("customer", "")))
    tokens = _tokens(name)
    if not tokens or name in text or any(re.search(rf"\b{re.escape(token)}\b", text) for token in tokens):
        return None
    others = _tokens(" ".join(draft.values.get(field, "") for field in ("service", "staff")))
    for match in _NAME_LINE.finditer(text):
        stated = _tokens(match["name"])
        same_script = {token.isascii() for token in stated} & {token.isascii() for token in tokens}
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
