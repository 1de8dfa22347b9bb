"""The single visits of a calendar's events: starts placed in their zones, recurrences expanded, exceptions applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.adapters.icalendar_lines import Component, Line
from chalicelib.adapters.icalendar_zones import Placed, Zones, local_time
from chalicelib.domain.recurrence import Repetition, occurrences, read_repetition

HORIZON = timedelta(days=60)
_MOST_DATES = 500
"""Listed dates (RDATE, EXDATE) that are read of one event."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When: an aware time, a naive one that floats, or a date alone. `zone` is the zone's name as the file has it."""

    at: datetime | None
    day: date
    zone: str = ""
    unknown_zone: bool = False

    @property
    def key(self) -> str:
        """What tells it from the other instances of its event."""
        if self.at is None:
            return f"{self.day:%Y%m%d}"
        if self.at.tzinfo is None:
            return f"{self.at:%Y%m%dT%H%M%S}"
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True)
class Visit:
    """One instance of an event: which component tells of it, when it is, and its key ("" for a single event)."""

    event: Component
    moment: Moment | None
    instance: str = ""
    repeated_by: str = ""  # the line that gives its date, where that isn't DTSTART's
    problem: str = ""


def read_moment(line: Line, zones: Zones) -> Moment | None:
    """What a DTSTART, RECURRENCE-ID or the like says; None if it can't be read."""
    return next(iter(_moments(line, zones)), None)


def visits(events: list[Component], zones: Zones, now: datetime) -> Iterator[Visit]:
    """The visits of one UID's events, in order of time within each: what repeats, for 60 days from now.

    A series with nothing in those days still gives its first visit, so that it isn't lost.
    """
    overrides: dict[str, Component] = {}
    masters = []
    for event in events:
        line = event.first("RECURRENCE-ID")
        moment = read_moment(line, zones) if line else None
        if moment is None:
            masters.append(event)
        else:
            overrides[moment.key] = event
    for event in masters[-1:]:
        for visit in _of_master(event, zones, now):
            own = overrides.pop(visit.instance, None)
            yield Visit(own, _start(own, zones), visit.instance) if own else visit
    for key, event in overrides.items():
        start = _start(event, zones)
        if not masters or start is None or not _is_past(start, now):
            yield Visit(event, start, key)


def _of_master(event: Component, zones: Zones, now: datetime) -> Iterator[Visit]:
    start = _start(event, zones)
    rule, listed = event.value("RRULE"), event.lines.get("RDATE", [])
    if start is None or not (rule or listed):
        yield Visit(event, start)
        return
    found: dict[str, tuple[Moment, str]] = {start.key: (start, "")}
    problem = ""
    if rule:
        try:
            found = {m.key: (m, f"RRULE:{rule}") for m in _repeated(start, rule, zones, now)} | found
        except (ValueError, OverflowError) as error:
            problem = f"it {error}: only its first date is proposed"
    for line in listed:
        found.update((m.key, (m, line.text)) for m in _moments(line, zones))
    gone = {moment.key for line in event.lines.get("EXDATE", ()) for moment in _moments(line, zones)}
    kept = {k: (m, line) for k, (m, line) in found.items() if not gone & {k, f"{m.day:%Y%m%d}"}}
    in_order = sorted(kept.values(), key=lambda pair: _instant(pair[0]))
    ahead = [(m, line) for m, line in in_order if not _is_past(m, now) and _instant(m) <= now + HORIZON]
    if not ahead:
        problem = problem or "it repeats, but not within the next 60 days"
    for moment, source in ahead or in_order[:1]:
        yield Visit(event, moment, moment.key, source, problem)


def _repeated(start: Moment, rule: str, zones: Zones, now: datetime) -> Iterator[Moment]:
    """The moments of a rule around the horizon. `UNTIL` counts as an instant where it is one."""
    repetition = read_repetition(rule)
    until = next((part.partition("=")[2] for part in rule.upper().split(";") if part.startswith("UNTIL=")), "")
    exact = local_time(until) if repetition.until else None
    if exact and repetition.until:
        repetition = replace(repetition, until=repetition.until + timedelta(days=1))
    for day in _days(start.day, repetition, now):
        moment = _on(day, start, zones)
        if exact is None or moment.at is None or _not_after(moment.at, exact, until.endswith("Z")):
            yield moment


def _days(first: date, repetition: Repetition, now: datetime) -> Iterator[date]:
    day = timedelta(days=1)
    return occurrences(first, repetition, (now - 2 * day).date(), (now + HORIZON + 2 * day).date())


def _not_after(at: datetime, until: datetime, is_utc: bool) -> bool:
    if is_utc and at.tzinfo is not None:
        return at <= until.replace(tzinfo=UTC)
    return at.replace(tzinfo=None) <= until


def _on(day: date, start: Moment, zones: Zones) -> Moment:
    """The start's wall-clock time on another day."""
    if start.at is None:
        return replace(start, day=day)
    local = datetime.combine(day, start.at.time())
    placed = zones.placed(start.zone) if start.at.tzinfo is not None else None
    return replace(start, at=placed(local) if placed else local, day=day)


def _start(event: Component, zones: Zones) -> Moment | None:
    line = event.first("DTSTART")
    return read_moment(line, zones) if line else None


def _moments(line: Line, zones: Zones) -> Iterator[Moment]:
    """The moments of a line, of a period its beginning."""
    for text in line.value.split(",")[:_MOST_DATES]:
        stamp = text.split("/")[0].strip()
        if len(stamp) == 8 and stamp.isascii() and stamp.isdigit():
            day = local_time(f"{stamp}T000000")
            if day:
                yield Moment(None, day.date())
            continue
        local = local_time(stamp)
        if local is None or not 1900 < local.year < 2200:
            continue
        zone = "UTC" if stamp.upper().endswith("Z") else line.params.get("TZID", "")
        placed: Placed | None = zones.placed(zone) if zone else None
        yield Moment(placed(local) if placed else local, local.date(), zone, bool(zone) and placed is None)


def _is_past(moment: Moment, now: datetime) -> bool:
    return _instant(moment) < now - (timedelta(days=1) if moment.at is None else timedelta())


def _instant(moment: Moment) -> datetime:
    """Roughly when, for order and horizon: what floats and whole days as if in UTC."""
    at = moment.at or datetime.combine(moment.day, datetime.min.time())
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
