"""When the weekly summary is due, and where a week begins: on the shop's wall clock, whatever its zone.

The function that asks runs every fifteen minutes, since a fixed UTC hour would be wrong in every zone but one and
drift with each clock change. A week is named by its Monday, a date, so that another zone names it alike.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TOLD_AT = time(8)
CAUGHT_UP_FOR = timedelta(days=3)
"""From Monday's beginning: a summary that an outage held up still goes out until Thursday begins, and not later."""
_WEEK = timedelta(days=7)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_due(now: datetime, zone: ZoneInfo, last_sent: date | None) -> date | None:
    """The Monday of the finished week that is to be told now, or None.

    `last_sent` is the Monday of the week that was told last, if any was. Due from Monday 8am until Thursday begins,
    shop-local. A week is never told twice and none before one that was told, whatever became of the zone meanwhile.
    """
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    since_monday = local.replace(tzinfo=None) - datetime.combine(monday, time())
    if not timedelta(hours=TOLD_AT.hour, minutes=TOLD_AT.minute) <= since_monday < CAUGHT_UP_FOR:
        return None
    week = monday - _WEEK
    return week if last_sent is None or week > last_sent else None


def week_begins(monday: date, zone: ZoneInfo) -> datetime:
    """The first instant of a Monday, shop-local, in UTC; the end of the week before it."""
    return datetime.combine(monday, time(), zone).astimezone(UTC)


def week_of(instant: datetime, zone: ZoneInfo) -> date:
    """The Monday of the shop-local week that an instant lies in."""
    day = instant.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def week_days(monday: date) -> str:
    """`16 to 22 Nov 2026`, `28 Dec 2026 to 3 Jan 2027`: the week's days for people."""
    sunday = monday + timedelta(days=6)
    month = f" {_MONTHS[monday.month - 1]}" if monday.month != sunday.month else ""
    year = f" {monday.year}" if monday.year != sunday.year else ""
    return f"{monday.day}{month}{year} to {sunday.day} {_MONTHS[sunday.month - 1]} {sunday.year}"
