"""Staff lines as outbox work: promised in the same transaction as what they tell of, posted at once and until done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chalicelib.domain.appointment import Appointment
from chalicelib.domain.events import iso
from chalicelib.domain.work import Button, Link, StaffLine, Work, WorkKind
from chalicelib.runtime import Runtime


def staff_work(
    rt: Runtime,
    text: str,
    now: datetime,
    *,
    appointment: Appointment | None = None,
    appt_id: str | None = None,
    chain: str = "",
    move: str = "notice",
    hours: float | None = None,
    reason: str = "",
    buttons: Sequence[Button] = (),
) -> Work:
    """One line to the front desk, to be committed beside what it tells of. `now` is when it was promised."""
    line = StaffLine(
        text=text,
        move=move,
        appt_id=appointment.appt_id if appointment else appt_id,
        chain=appointment.chain if appointment else chain,
        hours=hours,
        reason=reason,
        buttons=tuple(buttons),
    )
    return line_work(rt, line, now)


def line_work(rt: Runtime, line: StaffLine, now: datetime, **payload: object) -> Work:
    """A line that is composed already. `payload` adds what the outbox heeds: `not_before` (ISO), `while_open`,
    `channel` (blank: the staff channel)."""
    return Work(
        work_id=f"{iso(now)}#{rt.tokens.tail()}",
        kind=WorkKind.STAFF_LINE,
        appt_id=line.appt_id or "",
        made_at=now,
        payload={"line": asdict(line), **payload},
    )


def line_of(payload: Mapping[str, Any]) -> StaffLine:
    """The staff line of an outbox item's payload. Raises KeyError or TypeError for any other payload."""
    fields = dict(payload["line"])
    buttons = tuple(Button(**button) for button in fields.pop("buttons", ()))
    links = tuple(Link(**link) for link in fields.pop("links", ()))
    raw_hours = fields.pop("hours", None)
    return StaffLine(**fields, hours=None if raw_hours is None else float(raw_hours), buttons=buttons, links=links)
