"""Valid values for tests, each with one obvious thing changed: a visit of Mei's, its schedule, the shop's hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import Appointment, Window, window_key
from chalicelib.domain.chain import ChainState
from chalicelib.domain.decision import Decision, decide
from chalicelib.domain.plan import Entry, Passed, Planned, Schedule, Seen, Skipped, plan
from chalicelib.domain.rule_book import Closed, QuietHours
from chalicelib.domain.sending_hours import SendingHours
from chalicelib.domain.standing import Answer, Standing

SINGAPORE = ZoneInfo("Asia/Singapore")
NIGHT = QuietHours(time(21), time(8))


def local(text: str, zone: str | ZoneInfo = SINGAPORE, fold: int = 0) -> datetime:
    """`2026-11-26 09:00` on the shop's wall clock, as a UTC instant."""
    place = ZoneInfo(zone) if isinstance(zone, str) else zone
    return datetime.fromisoformat(text).replace(tzinfo=place, fold=fold).astimezone(UTC)


def hours_of(*count: float) -> tuple[Window, ...]:
    """Hours as windows: `hours_of(48, 2)`."""
    return tuple(round(hour * 60) for hour in count)


def an_appointment(**changes: Any) -> Appointment:
    """Mei's dental cleaning on Thursday 26 November 2026 at 9am in Singapore."""
    values: dict[str, Any] = {
        "appt_id": "A-17",
        "customer": "Mei",
        "service": "Dental cleaning",
        "start": local("2026-11-26 09:00"),
        "staff": "Dana",
        "phone": "+6591234567",
        "line": 2,
    }
    return Appointment(**{**values, **changes})


def closed(
    weekdays: Iterable[int] = (),
    public_holidays: bool = False,
    dates: Iterable[date] = (),
    yearly: Iterable[tuple[int, int]] = (),
    ranges: Iterable[tuple[date, date]] = (),
    yearly_ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]] = (),
) -> Closed:
    """Closed days; none unless given."""
    return Closed(
        frozenset(weekdays), public_holidays, frozenset(dates), frozenset(yearly), tuple(ranges), tuple(yearly_ranges)
    )


def sending_hours(
    zone: str | ZoneInfo = SINGAPORE,
    quiet: QuietHours | None = NIGHT,
    closed_days: Closed | None = None,
    country: str = "SG",
    region: str = "",
) -> SendingHours:
    """The shop's sending hours: quiet 9pm to 8am, nothing closed."""
    place = ZoneInfo(zone) if isinstance(zone, str) else zone
    return SendingHours(place, quiet, closed_days or closed(), country, region)


def a_standing(appointment: Appointment | None = None, **changes: Any) -> Standing:
    """An open standing on the appointment's chain."""
    visit = appointment or an_appointment()
    return Standing(**{"appt_id": visit.appt_id, "chain": visit.chain, "rev": 1, **changes})


@dataclass
class Chain:
    """One chain to try rules on: everything that a decision needs, and what was sent."""

    appointment: Appointment
    schedule: Schedule
    hours: SendingHours
    seen: Seen
    sent: dict[str, datetime]
    closed: str = ""

    @property
    def state(self) -> ChainState:
        """The chain as `chain_state` would give it."""
        return ChainState(
            appointment=self.appointment,
            first_seen=self.seen.first_seen,
            own_move=self.seen.own_move,
            moved_at=self.seen.moved_at,
            closed=self.closed,
            sent=dict(self.sent),
            answer=Answer.OPEN,
        )

    def planned(self) -> tuple[Entry, ...]:
        """The plan."""
        return plan(self.appointment, self.schedule, self.hours, self.seen)

    def at(self, now: datetime, ahead: timedelta = timedelta(0)) -> Decision:
        """The decision at `now`."""
        return decide(self.state, self.schedule, self.hours, self.seen, now, ahead)

    def send(self, window: Window | None, at: datetime) -> None:
        """Note that this window (None: the gap alert) went."""
        self.sent["gap" if window is None else window_key(window)] = at


def a_chain(
    windows: tuple[Window, ...] = (2880, 120),
    *,
    start: datetime | None = None,
    first_seen: datetime | None = None,
    hours: SendingHours | None = None,
    gap_minutes: int = 180,
    own_move: bool = False,
    moved_at: datetime | None = None,
    since: Mapping[Window, datetime] | None = None,
    sent: Mapping[str, datetime] | None = None,
    **appointment: Any,
) -> Chain:
    """A chain first seen a fortnight before Mei's visit, with 48 and 2 hours."""
    visit = an_appointment(**({"start": start} if start else {}), **appointment)
    return Chain(
        visit,
        Schedule(windows, gap_minutes),
        hours or sending_hours(),
        Seen(first_seen or visit.start - timedelta(days=14), own_move, moved_at, dict(since or {})),
        dict(sent or {}),
    )


def minutes_of(entries: Iterable[Entry]) -> dict[Window, datetime | str]:
    """A plan for comparing: window -> its minute, or `passed` / `skipped`."""
    told: dict[Window, datetime | str] = {}
    for entry in entries:
        match entry:
            case Planned():
                told[entry.window] = entry.at
            case Passed():
                told[entry.window] = "passed"
            case Skipped():
                told[entry.window] = "skipped"
    return told
