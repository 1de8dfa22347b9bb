"""A visit in the front desk's words, for lines in Slack: shop-local, one line each, no contact."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Appointment
from chalicelib.domain.cell_text import one_line
from chalicelib.domain.wording import local_minute

_LONGEST = 60


def visit_in_words(appointment: Appointment, zone: ZoneInfo) -> str:
    """`Mei Tan, Dental cleaning with Dr Lee, Thu 26 Nov 9:00am`."""
    staff = f" with {_short(appointment.staff)}" if appointment.staff.strip() else ""
    who, what = _short(appointment.customer), _short(appointment.service)
    return f"{who}, {what}{staff}, {local_minute(appointment.start, zone)}"


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
