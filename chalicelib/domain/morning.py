"""The morning line: whom the front desk expects today, and who hasn't said yes. Off unless a time is configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CAUGHT_UP_FOR = timedelta(hours=4)
"""A morning line that an outage held up is still of use so long."""
_MOST_LISTED = 30


@dataclass(frozen=True, slots=True)
class Expected:
    """One of today's visits. `note` is why nobody counts on it yet; blank once it is confirmed."""

    start: datetime
    words: str
    note: str = ""


def morning_due(now: datetime, zone: ZoneInfo, at: time | None, told: date | None) -> date | None:
    """The shop-local day whose line is due now, or None. `told` is the last day that was told of.

    Due from the configured minute for four hours of the wall clock; never twice a day, whatever becomes of the zone.
    """
    if at is None:
        return None
    local = now.astimezone(zone)
    since = local.replace(tzinfo=None) - datetime.combine(local.date(), at)
    if not timedelta() <= since < CAUGHT_UP_FOR:
        return None
    return local.date() if told is None or local.date() > told else None


def morning_text(day: str, visits: Sequence[Expected], zone: ZoneInfo) -> str:
    """The line: how many come, and those that nobody counts on yet, by time. "" on a day without visits."""
    if not visits:
        return ""
    count = f"{len(visits)} visit{'' if len(visits) == 1 else 's'}"
    open_ones = sorted((one for one in visits if one.note), key=lambda one: one.start)
    if not open_ones:
        return f"Today, {day}: {count}, all confirmed."
    listed = [f"• {_clock(one.start.astimezone(zone))} {one.words} ({one.note})" for one in open_ones[:_MOST_LISTED]]
    more = [f"• and {len(open_ones) - _MOST_LISTED} more"] if len(open_ones) > _MOST_LISTED else []
    return "\n".join([f"Today, {day}: {count}, {len(open_ones)} not confirmed:", *listed, *more])


def _clock(local: datetime) -> str:
    return f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"
