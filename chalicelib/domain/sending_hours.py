"""When a customer may be written to: quiet hours, closed days, public holidays, in the shop's own zone.

The shop's wall clock is turned into stretches of allowed UTC minutes here and nowhere else. Clock changes are met by
cutting each UTC day where the zone's offset changes: within a piece the wall clock runs evenly, so a stretch can be
mapped by adding the offset, and a night that is an hour longer or a half hour shorter comes out by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import MINUTE, to_minute

if TYPE_CHECKING:  # `rules` builds a SendingHours, so the import goes one way only when running
    from chalicelib.domain.rules import Closed, QuietHours

DAY = timedelta(days=1)
FAR = timedelta(days=400)
"""No search goes further: a shop that is closed for more than a year sends nothing."""

Stretch = tuple[datetime, datetime]
"""Allowed minutes `[begin, end)`, UTC."""


@dataclass(frozen=True, slots=True)
class SendingHours:
    """The minutes in which messages to customers may leave (DESIGN §5.3). Every instant is aware; answers are UTC.

    Quiet hours are `[begin, end)` on the wall clock and may cross midnight; with `begin == end` nothing is quiet.
    A closed day is quiet from midnight to midnight. `country` and `region` say whose public holidays are meant.
    """

    zone: ZoneInfo
    quiet: QuietHours | None
    closed: Closed | None
    country: str = ""
    region: str = ""
    _closed_days: dict[date, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    _stretches: dict[date, tuple[Stretch, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def allows(self, instant: datetime) -> bool:
        """Whether a message may leave in this minute."""
        local = instant.astimezone(self.zone)
        return not self.closed_on(local.date()) and not self._is_quiet(local.time())

    def why_not(self, instant: datetime) -> str:
        """What stands against this minute, in words: `a closed day`, `quiet hours`; blank if it is allowed."""
        local = instant.astimezone(self.zone)
        if self.closed_on(local.date()):
            return "a closed day"
        return "quiet hours" if self._is_quiet(local.time()) else ""

    def closed_on(self, day: date) -> bool:
        """Whether the shop is closed on this local day. Raises ValueError for a country that has no known holidays."""
        known = self._closed_days.get(day)
        if known is None:
            known = self._closed_days[day] = self.closed is not None and _is_closed(
                self.closed, day, self.country, self.region
            )
        return known

    def next_allowed(self, instant: datetime, until: datetime) -> datetime | None:
        """The first allowed minute at or after `instant` and at or before `until`, if there is one."""
        earliest = to_minute(instant)
        if earliest < instant:
            earliest += MINUTE
        if earliest > until:
            return None
        if self.allows(earliest):
            return earliest
        for begin, end in self._from(earliest, until):
            if end > earliest:
                found = max(begin, earliest)
                return found if found <= until else None
        return None

    def last_stretch_before(self, instant: datetime, not_before: datetime) -> Stretch | None:
        """The last allowed stretch that ends at or before `instant`, a minute that isn't allowed itself.

        None if no such stretch reaches `not_before`. Its beginning is exact for at least a day before `not_before`,
        which is all that a caller can tell.
        """
        found: Stretch | None = None
        floor = max(not_before, instant - FAR)
        day = instant.astimezone(UTC).date()
        while day >= floor.astimezone(UTC).date() - DAY:
            for begin, end in reversed(self._of_utc_day(day)):
                if found is not None and end < found[0]:
                    return found
                if found is not None:
                    found = (begin, found[1])
                elif begin < instant:
                    if end < floor:
                        return None
                    found = (begin, end)
            day -= DAY
        return found

    def longest_wait(self, begin: datetime, end: datetime) -> timedelta:
        """The longest stretch without an allowed minute that begins in `[begin, end)`, measured to its own end.

        It is what rule 10 of DESIGN §5 adds to a tick's horizon; a stretch that goes on beyond `end` counts whole.
        """
        longest = timedelta(0)
        since = begin
        for opens, closes in self._from(begin, begin + FAR):
            if closes <= begin:
                continue
            longest = max(longest, opens - since)
            since = closes
            if since >= end:
                return longest
        return max(longest, begin + FAR - since)

    def _is_quiet(self, wall: time) -> bool:
        if self.quiet is None:
            return False
        begin, end = self.quiet.begin, self.quiet.end
        if begin <= end:
            return begin <= wall < end
        return wall >= begin or wall < end

    def _from(self, begin: datetime, until: datetime) -> Iterator[Stretch]:
        """Allowed stretches of every UTC day from `begin`'s to `until`'s; neighbours touch at midnight UTC."""
        day, last = begin.astimezone(UTC).date(), until.astimezone(UTC).date()
        while day <= last:
            yield from self._of_utc_day(day)
            day += DAY

    def _of_utc_day(self, day: date) -> tuple[Stretch, ...]:
        """The allowed stretches within one UTC day, in order. Remembered: a tick asks for the same days again."""
        known = self._stretches.get(day)
        if known is None:
            known = self._stretches[day] = tuple(self._find_stretches(day))
        return known

    def _find_stretches(self, day: date) -> Iterator[Stretch]:
        midnight = datetime.combine(day, time(), UTC)
        for begin, end, offset in _even_pieces(self.zone, midnight, midnight + DAY):
            wall_begin, wall_end = begin + offset, end + offset
            local_midnight = wall_begin.replace(hour=0, minute=0, second=0)
            while local_midnight < wall_end:
                if not self.closed_on(local_midnight.date()):
                    for opens, closes in self._open_spans():
                        a, b = max(local_midnight + opens, wall_begin), min(local_midnight + closes, wall_end)
                        if a < b:
                            yield a - offset, b - offset
                local_midnight += DAY

    def _open_spans(self) -> tuple[tuple[timedelta, timedelta], ...]:
        """The spans of an open day that aren't quiet, as wall-clock distances from its midnight."""
        if self.quiet is None or self.quiet.begin == self.quiet.end:
            return ((timedelta(0), DAY),)
        begin, end = _since_midnight(self.quiet.begin), _since_midnight(self.quiet.end)
        if begin < end:
            return ((timedelta(0), begin), (end, DAY))
        return ((end, begin),)


def _since_midnight(wall: time) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute)


def _even_pieces(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """`[begin, end)` cut where the zone's offset changes (no zone changes twice a day), with each piece's offset."""
    first, last = _offset(zone, begin), _offset(zone, end - MINUTE)
    if first == last:
        yield begin, end, first
        return
    before, after = begin, end - MINUTE
    while after - before > MINUTE:
        middle = to_minute(before + (after - before) / 2)
        if _offset(zone, middle) == first:
            before = middle
        else:
            after = middle
    yield begin, after, first
    yield after, end, last


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def _is_closed(closed: Closed, day: date, country: str, region: str) -> bool:
    """Whether a local day is closed by any of DESIGN §4.2's forms."""
    if day.weekday() in closed.weekdays or day in closed.dates or (day.month, day.day) in closed.yearly:
        return True
    if any(first <= day <= last for first, last in closed.ranges):
        return True
    if any(_in_yearly_range((day.month, day.day), first, last) for first, last in closed.yearly_ranges):
        return True
    return closed.public_holidays and day in public_holidays(country, region, day.year)


def _in_yearly_range(day: tuple[int, int], first: tuple[int, int], last: tuple[int, int]) -> bool:
    """A yearly range may cross the year's end: 24 December to 2 January."""
    return first <= day <= last if first <= last else day >= first or day <= last


@lru_cache(maxsize=64)
def public_holidays(country: str, region: str, year: int) -> frozenset[date]:
    """The public holidays of a country (`SG`) and region (`ENG` of `GB`), observed days included.

    Raises ValueError for a country or region that isn't known.
    """
    import holidays  # only a shop that closes on public holidays pays for this import

    try:
        # New Year's Day of the next year may be observed on this year's last day.
        days = holidays.country_holidays(
            country.upper(), subdiv=region.upper() or None, years=(year - 1, year, year + 1), observed=True
        )
    except NotImplementedError as unknown:
        where = f"{country}-{region}" if region else country or "(no country)"
        raise ValueError(f"no public holidays are known for {where}") from unknown
    return frozenset(day for day in days if day.year == year)
