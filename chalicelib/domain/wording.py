"""How windows and minutes are named in reasons: for the front desk, in the shop's own time."""

from __future__ import annotations

from datetime import datetime, tzinfo

from chalicelib.domain.appointment import Window

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def window_name(window: Window) -> str:
    """`48-hour`, `90-minute`: a reminder by its distance before the start."""
    return f"{window // 60}-hour" if window % 60 == 0 else f"{window}-minute"


def lead(window: Window) -> str:
    """`48 hours before`, `1 hour before`, `90 minutes before`."""
    count, unit = (window // 60, "hour") if window % 60 == 0 else (window, "minute")
    return f"{count} {unit}{'' if count == 1 else 's'} before"


def local_minute(instant: datetime, zone: tzinfo) -> str:
    """`Wed 7 Jul 8:45pm`, shop-local. The names are ours, since strftime's depend on the machine."""
    local = instant.astimezone(zone)
    clock = f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {clock}"
