"""Which zone a TZID names: IANA's, Windows' names, a path that ends in one, or the file's own VTIMEZONE."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from chalicelib.adapters.icalendar_lines import Component
from chalicelib.domain.recurrence import occurrences, read_repetition

Placed = Callable[[datetime], datetime]
"""A naive local time as an aware one."""
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,3}")
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})(?:[0-9]{2})?")
_MOST_OBSERVANCES = 50
_WINDOWS = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


class Zones:
    """The zones of one file. What each name means is worked out once."""

    def __init__(self, timezones: Iterable[Component]) -> None:
        self._own = {component.value("TZID"): component for component in timezones}
        self._known: dict[str, Placed | None] = {}

    def placed(self, tzid: str) -> Placed | None:
        """How to place a local time in a zone; None if nobody knows the name."""
        if tzid not in self._known:
            self._known[tzid] = self._find(tzid)
        return self._known[tzid]

    def _find(self, tzid: str) -> Placed | None:
        own = self._own.get(tzid)
        zone = named_zone(tzid) or (named_zone(own.value("X-LIC-LOCATION")) if own else None)
        if zone is not None:
            return lambda local: local.replace(tzinfo=zone)
        observances = _observances(own) if own else []
        return (lambda local: local.replace(tzinfo=_offset_at(local, observances))) if observances else None


def named_zone(name: str) -> tzinfo | None:
    """The zone of an IANA name, a Windows name, or a path like `/mozilla.org/20050126_1/Europe/Berlin`."""
    clean = name.strip().strip('"')
    if clean.upper() in ("UTC", "GMT", "Z", "ETC/UTC"):
        return UTC
    clean = _WINDOWS.get(clean.casefold(), clean)
    pieces = clean.strip("/").split("/")[-3:]
    for start in range(len(pieces)):
        key = "/".join(pieces[start:])
        if len(key) <= 60 and _KEY.fullmatch(key) and (start == 0 or "/" in key):
            try:
                return ZoneInfo(key)
            except (KeyError, ValueError, OSError):
                continue
    return None


Observance = tuple[datetime, str, timezone, timezone]
"""First onset (local), its rule, the offset before it and after it."""


def _observances(component: Component) -> list[Observance]:
    """The STANDARD and DAYLIGHT parts that can be read, those of further onsets (RDATE) as parts of their own."""
    found: list[Observance] = []
    for part in component.inner[:_MOST_OBSERVANCES]:
        before, after = _offset(part.value("TZOFFSETFROM")), _offset(part.value("TZOFFSETTO"))
        if part.name not in ("STANDARD", "DAYLIGHT") or after is None:
            continue
        further = [value for line in part.lines.get("RDATE", ()) for value in line.value.split(",")]
        for place, text in enumerate([part.value("DTSTART"), *further][:_MOST_OBSERVANCES]):
            onset = local_time(text)
            if onset is not None:
                found.append((onset, "" if place else part.value("RRULE"), before or after, after))
    return sorted(found, key=lambda observance: observance[0])


def _offset_at(local: datetime, observances: list[Observance]) -> timezone:
    """The offset of the latest onset before a local time; before all of them, what the first changed from."""
    latest: tuple[datetime, timezone] | None = None
    for first, rule, _, after in observances:
        onset = _latest_onset(first, rule, local)
        if onset is not None and (latest is None or onset >= latest[0]):
            latest = onset, after
    return latest[1] if latest else observances[0][2]


def _latest_onset(first: datetime, rule: str, local: datetime) -> datetime | None:
    if first > local:
        return None
    onset = first
    if rule.upper().startswith("FREQ=YEARLY"):
        try:
            since = (local - timedelta(days=800)).date()
            for day in occurrences(first.date(), read_repetition(rule), since, local.date()):
                again = datetime.combine(day, first.time())
                onset = again if onset < again <= local else onset
        except (ValueError, OverflowError):
            return onset
    return onset


def _offset(text: str) -> timezone | None:
    match = _OFFSET.fullmatch(text.strip())
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        return None
    delta = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-delta if match[1] == "-" else delta)


def local_time(text: str) -> datetime | None:
    """`20261130T090000` as a naive time; None if it is none. A `Z` is not looked at."""
    match = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})?Z?", text.strip(), re.I)
    if match is None:
        return None
    try:
        return datetime(*(int(piece) for piece in match.groups()[:5]))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
