"""When staff are told that a slot may stay empty: once per chain, at a minute that still helps (DESIGN §5.8).

The alert waits until the customer has had an hour with the last reminder, but not so long that the slot is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.appointment import MIN_LEAD, MINUTE, Appointment, to_minute
from chalicelib.domain.plan import APART, Entry, Planned, Schedule, Seen
from chalicelib.domain.sending_hours import SendingHours

BEFORE_START = timedelta(minutes=60)
"""An alert that waits for sending hours must leave this much before the start."""
AT_MOST_EARLIER = timedelta(hours=12)
"""An alert that goes early, so that somebody is there to read it, goes at most this much early."""
TO_ANSWER = timedelta(minutes=15)
"""A customer who had less than this to answer hasn't gone quiet."""


@dataclass(frozen=True, slots=True)
class GapAlert:
    """Staff are told at `at`, a whole UTC minute, if nobody has answered by then."""

    at: datetime
    reason: str


def gap_alert(
    appointment: Appointment,
    schedule: Schedule,
    hours: SendingHours,
    seen: Seen,
    planned: Sequence[Entry],
    reminded: Mapping[str, datetime],
) -> GapAlert | None:
    """The minute of this chain's gap alert, or None if there is none to give.

    `planned` is the plan as far as it can still come true; `reminded` has the minutes at which reminders really went,
    by window key. The caller knows whether somebody answered and whether the alert has gone.
    """
    if not schedule.windows or appointment.reminders == ():
        return None
    if not appointment.reachable:
        return _unreachable(seen, planned)
    start = to_minute(appointment.start)
    reminders = sorted(
        {*(to_minute(at) for at in reminded.values()), *(e.at for e in planned if isinstance(e, Planned))}
    )
    if not reminders:
        return None
    at = _within_hours(start - schedule.gap_minutes * MINUTE, start, hours, reminders)
    if reminders[0] > at:
        at = reminders[0] + APART
    while recent := _less_than_an_hour_before(at, reminders):
        at = recent + APART
    at = min(at, start - MIN_LEAD * MINUTE)
    latest = max((reminder for reminder in reminders if reminder <= at), default=None)
    if latest is None or at - latest < TO_ANSWER:
        return None
    return GapAlert(at, "nobody has answered the reminders")


def _unreachable(seen: Seen, planned: Sequence[Entry]) -> GapAlert:
    """Nobody to send to: staff hear when the first reminder would have gone, or at first sight if it wouldn't."""
    largest = planned[0] if planned else None
    at = largest.at if isinstance(largest, Planned) else to_minute(seen.first_seen)
    return GapAlert(at, "no usable phone or e-mail: the customer can't be reminded")


def _within_hours(at: datetime, start: datetime, hours: SendingHours, reminders: Sequence[datetime]) -> datetime:
    """The alert's minute moved into sending hours where that helps; else as it is, since Slack wakes nobody."""
    if hours.allows(at):
        return at
    later = hours.next_allowed(at, start - BEFORE_START)
    if later is not None:
        return later
    stretch = hours.last_stretch_before(at, at - AT_MOST_EARLIER)
    if stretch is None:
        return at
    earlier = stretch[1] - MINUTE
    if (
        earlier >= at - AT_MOST_EARLIER
        and earlier > reminders[0]
        and _less_than_an_hour_before(earlier, reminders) is None
    ):
        return earlier
    return at


def _less_than_an_hour_before(at: datetime, reminders: Iterable[datetime]) -> datetime | None:
    """The latest reminder that goes at this minute or less than an hour before it."""
    return max((reminder for reminder in reminders if timedelta(0) <= at - reminder < APART), default=None)
