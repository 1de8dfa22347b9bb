"""The weekly summary's schedule: in production it runs every quarter of an hour and nearly always has nothing to do.

Here only the runs that could tell a week are made: on the quarters from Monday at eight, until one has gone well.
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
        if now.minute % 15 or (week := self._due(now)) is None:
            return
        if self._world.functions.scheduled("summary"):
            self._told = week

    def next_minute(self, now: datetime) -> datetime:
        """The next of them after `now`."""
        from chalicelib.domain.week_due import TOLD_AT, week_of

        if self._due(now) is not None:
            return now.replace(minute=0, second=0, microsecond=0) + (now.minute // 15 + 1) * QUARTER
        zone = self._world.runtime.config.zone
        monday = week_of(now, zone)
        eights = (datetime.combine(day, TOLD_AT, zone).astimezone(UTC) for day in (monday, monday + WEEK))
        return next(eight for eight in eights if eight > now)

    def _due(self, now: datetime) -> date | None:
        from chalicelib.domain.week_due import is_due

        return is_due(now, self._world.runtime.config.zone, self._told)
