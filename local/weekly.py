"""The weekly summary's schedule: in production it runs every quarter of an hour and nearly always has nothing to do.

Here only the runs that could tell something are made: on the quarters from Monday at eight, until one has gone well,
and on each day's minute of the morning line, where one is configured.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from local.world import World

QUARTER = timedelta(minutes=15)
WEEK = timedelta(days=7)


class Weekly:
    """When the summary runs. What was told before this process began, the function itself knows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._told: date | None = None

    def play(self, now: datetime) -> None:
        """Run it if this is one of the minutes."""
        week = self._due(now)
        if now.minute % 15 or (week is None and self._morning(now) != now):
            return
        if self._world.functions.scheduled("summary") and week is not None:
            self._told = week

    def next_minute(self, now: datetime) -> datetime:
        """The next of them after `now`."""
        from chalicelib.domain.week_due import TOLD_AT, week_of

        if self._due(now) is not None:
            return now.replace(minute=0, second=0, microsecond=0) + (now.minute // 15 + 1) * QUARTER
        zone = self._world.runtime.config.zone
        monday = week_of(now, zone)
        eights = (datetime.combine(day, TOLD_AT, zone).astimezone(UTC) for day in (monday, monday + WEEK))
        eight = next(eight for eight in eights if eight > now)
        morning = self._morning(now + timedelta(minutes=1))
        return min(eight, morning) if morning is not None else eight

    def _morning(self, since: datetime) -> datetime | None:
        """The first quarter of an hour from `since` on at which the morning line is due; None where there is none."""
        config = self._world.runtime.config
        if config.morning_line is None:
            return None
        today = since.astimezone(config.zone).date()
        for day in (today, today + timedelta(days=1)):
            at = datetime.combine(day, config.morning_line, config.zone).astimezone(UTC)
            at += (-timedelta(minutes=at.minute, seconds=at.second)) % QUARTER
            if at >= since:
                return at
        return None

    def _due(self, now: datetime) -> date | None:
        from chalicelib.domain.week_due import is_due

        return is_due(now, self._world.runtime.config.zone, self._told)
