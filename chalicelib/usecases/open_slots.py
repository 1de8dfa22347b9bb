"""Where a visit may move to: the shop's hours less what its staff member has already (DESIGN §7)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.appointment import Appointment
from chalicelib.domain.mirror import MirrorRow, candidates
from chalicelib.domain.reply import Stand, present
from chalicelib.domain.slots import CELL, DAYS_AHEAD, Span, free_slots
from chalicelib.domain.standing import Standing
from chalicelib.errors import UpstreamError
from chalicelib.runtime import Runtime
from chalicelib.usecases.shop import Shop

log = logging.getLogger(__name__)

_LONGEST_VISIT = timedelta(days=1)
_UNKNOWN_LENGTH = timedelta(minutes=30)
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Diary:
    """What one staff member's days hold besides one visit."""

    taken: tuple[Span, ...]

    def is_free(self, start: datetime, minutes: int) -> bool:
        """Whether nothing else overlaps a visit of that length."""
        end = start + timedelta(minutes=minutes)
        return all(other <= start or end <= begin for begin, other in self.taken)


def folded(staff: str) -> str:
    """The staff member as slots are held under; "" is the shop. It is cut to what a key can hold."""
    return " ".join(staff.split()).casefold()[:_LONGEST_NAME]


def open_slots(rt: Runtime, shop: Shop, appointment: Appointment, now: datetime) -> list[datetime]:
    """The free starts (UTC) that this visit may move to, its present one left out."""
    diary = read_diary(rt, shop, appointment, now, now + timedelta(days=DAYS_AHEAD))
    slots = free_slots(
        shop.rules.opening,
        shop.hours.closed_on,
        shop.config.zone,
        shop.minutes(appointment),
        diary.taken,
        now,
    )
    return [slot for slot in slots if slot != appointment.start]


def read_diary(rt: Runtime, shop: Shop, appointment: Appointment, begin: datetime, end: datetime) -> Diary:
    """All that this visit's staff member has from `begin` to `end`: the sheet's visits, those moved, holds, and what
    the calendars that are configured for it say is taken."""
    resource = folded(appointment.staff)
    rows = [
        row
        for row in candidates(shop.mirror, begin - _LONGEST_VISIT, end + _LONGEST_VISIT)
        if row.appt_id != appointment.appt_id and folded(row.values.get("staff", "")) == resource
    ]
    standings = rt.store.standings([row.appt_id for row in rows])
    taken = list(_visits(shop, rows, standings))
    for cell, appt_id in rt.store.holds(resource, begin - _LONGEST_VISIT, end + _LONGEST_VISIT).items():
        if appt_id != appointment.appt_id:
            taken.append((cell, cell + CELL))
    return Diary((*taken, *_busy(rt, shop, appointment, begin, end)))


def _busy(rt: Runtime, shop: Shop, appointment: Appointment, begin: datetime, end: datetime) -> list[Span]:
    """When the calendars are taken, but for the visit's own event. One that fails is passed over: a customer who
    can't move at all is worse off than one whom staff call back."""
    own = (appointment.start, appointment.start + timedelta(minutes=shop.minutes(appointment)))
    spans: list[Span] = []
    for calendar in shop.config.busy_calendars:
        try:
            spans += rt.calendars.busy(calendar, begin, end)
        except UpstreamError as error:
            rt.metrics.count("calendar_failed")
            log.warning("calendar_failed", extra={"why": error.reason})
    return [span for span in spans if span != own]


def _visits(shop: Shop, rows: list[MirrorRow], standings: dict[str, Standing]) -> Iterator[Span]:
    """The other visits that are on, each at the start that counts. One that can't be read keeps its place."""
    for row in rows:
        standing = standings.get(row.appt_id)
        visit = shop.visit(row, standing)
        if visit is not None:
            if present(visit.appointment, standing).stand in (Stand.OPEN, Stand.CONFIRMED):
                start = visit.appointment.start
                yield start, start + timedelta(minutes=shop.minutes(visit.appointment))
        elif row.start is not None:
            yield row.start, row.start + _UNKNOWN_LENGTH
