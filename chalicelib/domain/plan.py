"""What becomes of every window of a chain: the exact minute, or why not (DESIGN §5, rules 2 to 5 and what of 6 and 7
doesn't depend on the clock). No clock, no store: the same inputs give the same plan, before and after every send.

Each window is settled from the largest down (late? when? added too late? just moved?), then those that are left are
merged from the smallest up. A window never disappears: it is planned, passed, or skipped and told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from chalicelib.domain.appointment import MIN_LEAD, MINUTE, Appointment, Window, to_minute
from chalicelib.domain.sending_hours import FAR, SendingHours
from chalicelib.domain.wording import lead, local_minute, window_name

APART = timedelta(minutes=60)
"""Two reminders of a chain, or `moved` and a reminder, are never closer than this (rules 4 and 7)."""
LATE_LEAD = timedelta(hours=3)
"""A late booking is reminded only if this much is left at first sight (rule 5)."""
BEFORE_CLOSING = timedelta(minutes=15)
"""A send that has to go early goes this long before its stretch ends (rule 3)."""
FURTHEST_BACK = timedelta(hours=72)
"""How much earlier than its nominal minute a window may go, unless it is the chain's largest (rule 3)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of how this start came to be. Instants are aware; they are cut to their minute here.

    `first_seen` is the sync that first saw this id at this start, or the press of a customer's `own_move`, whose
    `moved` message goes at `moved_at`. `since` has, for each window that an edit or a reopening gave, the latest of
    those edits.
    """

    first_seen: datetime
    own_move: bool = False
    moved_at: datetime | None = None
    since: Mapping[Window, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The reminder windows that count for one visit (its row's own, else its service's) and the gap alert's lead.

    No windows (`reminders: none`) means no reminder and no gap alert.
    """

    windows: tuple[Window, ...]
    gap_minutes: int = 180


@dataclass(frozen=True, slots=True)
class Planned:
    """Goes at `at`, and is of use until `useful_until` inclusive. Both are whole UTC minutes."""

    window: Window
    at: datetime
    useful_until: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """Doesn't go, and nobody needs to hear of it: another message does its work, or it was never to be."""

    window: Window
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Should have gone and can't. Staff are told why, unless `tell` says that another line tells them already."""

    window: Window
    reason: str
    tell: bool = True


Entry = Planned | Passed | Skipped


def plan(appointment: Appointment, schedule: Schedule, hours: SendingHours, seen: Seen) -> tuple[Entry, ...]:
    """What becomes of each window of this start, largest first, every window exactly once."""
    start = to_minute(appointment.start)
    first_seen = to_minute(seen.first_seen)
    windows = ordered(schedule.windows)
    entries: list[Entry] = []
    largest_left = True  # the next window that isn't passed is the chain's largest
    for window, smaller in zip_longest(windows, windows[1:]):
        entry = _settle(window, smaller, start, first_seen, hours, seen, largest_left)
        entries.append(entry)
        largest_left = largest_left and isinstance(entry, Passed)
    return _merge(entries)


def ordered(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Windows as every rule counts them: largest first, each once."""
    return tuple(sorted(set(windows), reverse=True))


def _settle(
    window: Window,
    smaller: Window | None,
    start: datetime,
    first_seen: datetime,
    hours: SendingHours,
    seen: Seen,
    largest_left: bool,
) -> Entry:
    """Rules 2, 3 and 5, then what an edit (6) or a move (7) passes."""
    nominal = start - window * MINUTE
    useful_until = start - MIN_LEAD * MINUTE
    if smaller is not None:
        useful_until = min(useful_until, start - smaller * MINUTE - MINUTE)
    why = lead(window)
    if nominal < first_seen:
        late = _late_reason(smaller, start, first_seen, seen)
        if late:
            return Passed(window, late)
        nominal = first_seen
        why = "booked late: at first sight"
    entry = _within_hours(window, nominal, useful_until, why, hours, first_seen, largest_left)
    if not isinstance(entry, Planned):
        return entry
    edited = seen.since.get(window)
    if edited is not None and entry.at < to_minute(edited):
        return Passed(window, f"{local_minute(entry.at, hours.zone)} was before the edit that gave this reminder")
    if seen.moved_at is not None and timedelta(0) <= entry.at - to_minute(seen.moved_at) < APART:
        return Passed(window, "just moved: the customer has just had the new time")
    return entry


def _late_reason(smaller: Window | None, start: datetime, first_seen: datetime, seen: Seen) -> str:
    """Rule 5: why a window from before the first sight is passed; blank for the one late reminder.

    If the smallest window is from before the first sight, all are: it stands for them.
    """
    if smaller is not None:
        return "before first_seen"
    if seen.own_move:
        return "before first_seen, and the customer has just moved here"
    if start - first_seen < LATE_LEAD:
        return "before first_seen, which was less than 3 hours before the visit"
    return ""


def _within_hours(
    window: Window,
    nominal: datetime,
    useful_until: datetime,
    why: str,
    hours: SendingHours,
    first_seen: datetime,
    largest_left: bool,
) -> Planned | Skipped:
    """Rule 3: the nominal minute, else the next allowed one, else one before it, else nothing."""
    if hours.allows(nominal):
        return Planned(window, nominal, useful_until, why)
    obstacle = hours.why_not(nominal)
    later = hours.next_allowed(nominal, useful_until)
    if later is not None:
        return Planned(window, later, useful_until, f"{why} falls in {obstacle}: the next allowed minute")
    earliest = max(first_seen, nominal - (FAR if largest_left else FURTHEST_BACK))
    stretch = hours.last_stretch_before(nominal, earliest)
    if stretch is not None:
        earlier = max(stretch[0], stretch[1] - BEFORE_CLOSING)
        if earlier >= earliest:
            return Planned(window, earlier, useful_until, f"{why} falls in {obstacle}: before it begins")
    minute = local_minute(nominal, hours.zone)
    return Skipped(
        window,
        f"no allowed minute: {minute} falls in {obstacle}, the next allowed minute is too late to be useful, "
        "and there is none to use before it",
    )


def _merge(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Rule 4, from the smallest up, each against those that are left."""
    left: list[Planned] = []
    merged: list[Entry] = []
    for entry in reversed(entries):
        if isinstance(entry, Planned):
            into = next((kept for kept in reversed(left) if abs(kept.at - entry.at) < APART), None)
            if into is None:
                left.append(entry)
            else:
                entry = Passed(entry.window, f"merged into the {window_name(into.window)} reminder")
        merged.append(entry)
    return tuple(reversed(merged))
