"""From the words that a mail has for a time of day to the time: code's work, never the model's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chalicelib.domain.cell_text import quoted
from chalicelib.domain.dates import is_doubtful, is_open, local_instant
from chalicelib.domain.named_zones import NamedZone, zone_behind
from chalicelib.domain.quoted_date import date_spans
from chalicelib.domain.source_words import tidy
from chalicelib.domain.spoken_times import spoken_time
from chalicelib.domain.stated import folded
from chalicelib.domain.terms import Terms

_MORNING = (
    r"a\.?\s?m\b\.?|in the morning|morgens|vormittags?|fruh|du matin|(?:de|por) la manana|del mattino|di mattina"
    r"|da manha|'s (?:ochtends|morgens)|上午|早上|早晨|凌晨|午前|朝|오전|pagi|pg\b"
)
_EVENING = (
    r"p\.?\s?m\b\.?|in the (?:afternoon|evening)|at night|nachmittags?|abends?|de l'apres-midi|du soir"
    r"|(?:de|por) la (?:tarde|noche)|del pomeriggio|di sera|d[ae] (?:tarde|noite)|'s (?:middags|avonds)|下午|晚上|傍晚"
    r"|中午|午後|夕方|夜|오후|저녁|petang|ptg\b|malam|siang|sore|tengah hari"
)
_DAY_CLOCK = r"uhr\b|h(?:rs?|ours)?\b|heures?\b|horas\b|ore\b|uur\b|時|时|點|点|시"
"""What stands behind an hour of the 24-hour clock."""
_TIME = re.compile(
    rf"(?:(?P<before>{_MORNING}|{_EVENING})\s*)?"
    rf"(?<![0-9:.,])(?P<hour>[0-9]{{1,2}})"
    rf"(?:\s?(?P<sep>[:.]|h|u(?=[0-9])|uhr(?=\s?[0-9])|[時时點点시])\s?(?P<minute>[0-9]{{2}})(?![0-9])"
    rf"(?::[0-9]{{2}}(?:\.[0-9]+)?)?[分분]?|(?P<half>[時时點点시]半))?"
    rf"\s?(?P<clock>{_DAY_CLOCK}|o'?clock\b)?\s?(?P<after>{_MORNING}|{_EVENING})?",
)
_FOUR_DIGITS = re.compile(r"(?<![0-9:./])(?P<hour>[01][0-9]|2[0-3])(?P<minute>[0-5][0-9])\s?(?:(?:hrs?|h|hours)\b|$)")
_NOON = re.compile(r"(?<![a-z])(?:12\s?)?(?:noon|midday|mittags|midi|mediodia|mezzogiorno|meio-dia|正午)(?![a-z])")
_TO = re.compile(
    r"\s*(?:-|~|\bto\b|\buntil\b|\btill\b|\bbis\b|\ba\b|\bau\b|\bhasta\b|\bal?le\b|\bas\b|\bate\b|\btot\b|から|至|到|\bhingga\b|\bsampai\b)\s*"
)
_AT = re.compile(r"(?:\b(?:at|um|alle|las|om|pukul|jam|kl|as|ore)\s|@\s?|\ba\s(?:las?\s)?)$")
_MORE = re.compile(rf"\s?(?:[ap]\.?\s?m\b\.?|{_DAY_CLOCK})", re.I)
_HALF_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class QuotedTime:
    """The time as the words have it, None where it stays open. `zone` is another zone that they name: then the caller
    converts. `doubts` are sentences for staff."""

    at: time | None
    doubts: tuple[str, ...] = ()
    zone: NamedZone | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """One time in the text. `half` is am, pm or ""; `sure` if the words themselves say which half of the day."""

    hour: int
    minute: int
    half: str
    bare: bool
    day_clock: bool
    begin: int
    end: int


def read_quoted_time(quote: str, after: Sequence[str], day: date | None, terms: Terms) -> QuotedTime:
    """The time of day that a quote names; of a range its begin. A date may stand beside it.

    `after` is what follows the quote at each of its places in the source: an am, pm or zone that was left out of the
    quote counts. `day` (None: not known) says which opening hours judge a time without am or pm: outside of them, it
    is taken twelve hours later if that is inside, and doubted.
    """
    text = _completed(tidy(quote), after)
    if text is None:
        return QuotedTime(None, (f"{quoted(quote)} stands in the mail as several times: which is it?",))
    low = folded(text)
    found = _times(low, date_spans(low, sure=False)) or _times(low, date_spans(low, sure=True))
    is_iso = bool(re.search(r"[0-9]t[0-9]", low))
    found = found[:1] if is_iso else found
    if not found:
        spoken = spoken_time(low)
        if spoken is None:
            return QuotedTime(None, (f"{quoted(quote)} is no time that can be read",))
        found = [_Found(spoken[0], spoken[1], spoken[2], not spoken[2], False, 0, len(low))]
        doubts = [f"{quoted(quote)} is a time in words"]
    else:
        doubts = []
    first = found[0]
    zone = zone_behind(text, found[-1].end, is_iso)
    begin, half_of_end = _begin(found, low)
    if begin is None:
        return QuotedTime(None, (f"{quoted(quote)} names more than one time: which is it?",))
    if half_of_end:
        doubts.append(f"{quoted(quote)} has am or pm only at its end")
    clock = _clock(begin)
    if clock is None:
        return QuotedTime(None, (f"{quoted(quote)} is no time of the clock",))
    if zone is None and len(found) > 1:
        zone = zone_behind(text, first.end, False)
    named = zone[0] if zone else None
    if begin.half or begin.hour > 12 or named:
        return QuotedTime(clock, tuple(doubts), named)
    clock, doubt = _half_told(begin, clock, quote, low, day, terms)
    return QuotedTime(clock, (*doubts, *doubt))


def at_shop(day: date, read: QuotedTime, terms: Terms, quote: str) -> tuple[date, QuotedTime]:
    """The day and time as the shop's clocks have them; converted, and doubted, where another zone is named. A minute
    that a clock change skips or repeats is doubted with that reason."""
    if read.at is None:
        return day, read
    clock, doubts = read.at, list(read.doubts)
    local = datetime.combine(day, clock)
    if read.zone is not None and not read.zone.fits(local, terms.zone):
        if len(read.zone.zones) != 1:
            return day, QuotedTime(
                None, (*doubts, f"{quoted(quote)} names a zone that is not clear: {read.zone.words}")
            )
        local = local.replace(tzinfo=read.zone.zones[0]).astimezone(terms.zone).replace(tzinfo=None)
        doubts.append(f"{quoted(quote)} is in {read.zone.words}: that is {local:%H:%M} on {local:%Y-%m-%d} at the shop")
    try:
        local_instant(local.date(), local.time(), terms.zone)
    except ValueError as reason:
        doubts.append(f"{local:%H:%M} {reason}")
    return local.date(), QuotedTime(local.time(), tuple(doubts))


def _completed(text: str, after: Sequence[str]) -> str | None:
    """The quote with the am, pm or zone that follows it in the source; None if its places differ in that."""
    ends = {_continuation(text, tidy(rest)) for rest in after} or {""}
    return text + ends.pop() if len(ends) == 1 else None


def _continuation(text: str, rest: str) -> str:
    more = _MORE.match(rest)
    end = more.end() if more and text[-1:].isdigit() else 0
    zone = zone_behind(rest, end, False)
    return rest[: zone[1] if zone else end]


def _times(low: str, spans: Sequence[tuple[int, int]]) -> list[_Found]:
    """All times of a text outside its dates, in order. A bare hour counts behind `at`, before a range's end, or
    alone."""
    for begin, end in spans:
        low = low[:begin] + "\n" * (end - begin) + low[end:]
    found: list[_Found] = [
        _Found(12, 0, "pm", False, False, match.start(), match.end()) for match in _NOON.finditer(low)
    ]
    found += [
        _Found(int(match["hour"]), int(match["minute"]), "", False, True, match.start(), match.end())
        for match in _FOUR_DIGITS.finditer(low)
    ]
    for match in _TIME.finditer(low):
        if any(match.start() < other.end and other.begin < match.end() for other in found):
            continue
        bare = not (match["minute"] or match["half"] or match["clock"] or match["before"] or match["after"])
        if bare and not (
            _AT.search(low[: match.start()]) or _TO.match(low, match.end()) or low.strip() == match[0].strip()
        ):
            continue
        found.append(_one(match, bare))
    return sorted(found, key=lambda one: one.begin)


def _one(match: re.Match[str], bare: bool) -> _Found:
    minute = 30 if match["half"] else int(match["minute"] or 0)
    words = match["before"] or match["after"] or ""
    half = "" if not words else "am" if re.fullmatch(_MORNING, words) else "pm"
    clock = match["clock"] or match["sep"] or match["half"] or ""
    bare = bare or (not match["minute"] and not half and "clock" in clock)
    day_clock = bool(clock) and clock not in (":", ".") and "clock" not in clock
    led = match["hour"].startswith("0") and not bare
    end = match.start() + len(match[0].rstrip())
    return _Found(int(match["hour"]), minute, half, bare, day_clock or led, match.start(), end)


def _begin(found: Sequence[_Found], low: str) -> tuple[_Found | None, bool]:
    """The time that counts, and whether its half of the day was told only at the range's end."""
    first = found[0]
    if len({(one.hour, one.minute, one.half) for one in found}) == 1:
        return first, False
    if len(found) == 2 and _TO.fullmatch(low[first.end : found[1].begin]):
        end = found[1]
        if first.half or not end.half or first.hour > 12:
            return first, False
        same = _clock(_with_half(first, end.half))
        other = _clock(_with_half(first, "am"))
        until = _clock(end)
        if same is None or until is None:
            return None, False
        return (_with_half(first, end.half) if same < until or other is None else _with_half(first, "am")), True
    if len({_clock(one) for one in found}) == 1:
        return next(one for one in found if one.half or one.hour > 12 or one is found[-1]), False
    return None, False


def _with_half(one: _Found, half: str) -> _Found:
    return _Found(one.hour, one.minute, half, False, one.day_clock, one.begin, one.end)


def _clock(one: _Found) -> time | None:
    hour = one.hour
    if one.half and hour <= 12:
        hour = hour % 12 + (12 if one.half == "pm" else 0)
    elif one.half == "am":
        return None
    return time(hour, one.minute) if hour <= 23 and one.minute <= 59 else None


def _half_told(
    begin: _Found, clock: time, quote: str, low: str, day: date | None, terms: Terms
) -> tuple[time, tuple[str, ...]]:
    """A time without am or pm against the opening hours."""
    judged = day or _any_day(terms)
    later = is_doubtful(clock, judged, terms)
    if later and not begin.day_clock:
        afternoon = (datetime.combine(judged, clock) + _HALF_DAY).time()
        return afternoon, (f"{quoted(quote)} says neither am nor pm: {afternoon:%H:%M} is inside the opening hours",)
    if begin.bare:
        return clock, (f"{quoted(quote)} says neither am nor pm",)
    if not is_open(clock, judged, terms):
        return clock, (f"{quoted(quote)} is outside the opening hours",)
    return clock, ()


def _any_day(terms: Terms) -> date:
    """A day that is judged by all opening hours together, if there is one; else a Monday."""
    shut = next((weekday for weekday in range(7) if not terms.opening.days.get(weekday)), 0)
    return date(2024, 1, 1 + shut)
