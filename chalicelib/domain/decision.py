"""What is due now, or within the tick's look-ahead, for one chain (DESIGN §5, rules 1, 6, 7 and 8).

The rule is level-triggered: what is planned at or before now, still useful and not sent is due, however many ticks were
missed. What was missed beyond use is passed where a smaller window does its work, else skipped and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.appointment import MINUTE, Window, to_minute, window_key
from chalicelib.domain.chain import GAP, ChainState
from chalicelib.domain.gap import gap_alert
from chalicelib.domain.plan import APART, Entry, Passed, Planned, Schedule, Seen, Skipped, plan
from chalicelib.domain.send import Move
from chalicelib.domain.sending_hours import SendingHours
from chalicelib.domain.wording import local_minute, window_name


@dataclass(frozen=True, slots=True)
class Due:
    """One message to send at `at`: now, or a minute to come. `window` is None for the gap alert.

    `planned` is the plan's own minute, which is earlier than `at` if it was missed. After `useful_until` the message
    is of no use. All three are whole UTC minutes.
    """

    window: Window | None
    at: datetime
    useful_until: datetime
    move: Move
    reason: str
    planned: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`due` has at most one message to the customer, and perhaps the gap alert beside it.

    `passed` and `skipped` are the windows that won't go, with reasons that stay the same from tick to tick. `live` is
    the plan as it can still come true: late windows at the minute that they would go now. `closed` says why nothing
    goes at all.
    """

    due: tuple[Due, ...] = ()
    passed: tuple[Passed, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    plan: tuple[Entry, ...] = ()
    live: tuple[Entry, ...] = ()
    closed: str = ""


def decide(
    state: ChainState, schedule: Schedule, hours: SendingHours, seen: Seen, now: datetime, ahead: timedelta
) -> Decision:
    """What is due on this chain at `now` or in the `ahead` after it, and which windows won't go.

    A visit that has started gets nothing; windows that were missed are then skipped, so that staff hear of them.
    """
    if state.closed:
        return Decision(closed=state.closed)
    now = to_minute(now)
    planned = plan(state.appointment, schedule, hours, seen)
    live = _live(state, planned, hours, now)
    due: list[Due] = []
    if to_minute(state.appointment.start) > now:
        due = [*_reminder_due(state, planned, live), *_gap_due(state, schedule, hours, seen, planned, live, now)]
    return Decision(
        due=tuple(message for message in due if message.at <= now + ahead),
        passed=tuple(entry for entry in live if isinstance(entry, Passed)),
        skipped=tuple(entry for entry in live if isinstance(entry, Skipped)),
        plan=planned,
        live=live,
    )


def _live(state: ChainState, planned: Sequence[Entry], hours: SendingHours, now: datetime) -> tuple[Entry, ...]:
    """Rule 6 for every window that wasn't sent, from the smallest up: when it goes from here, or why it doesn't."""
    left: list[Planned] = []  # smaller windows that still go
    live: list[Entry] = []
    for entry in reversed(planned):
        if window_key(entry.window) in state.sent:
            continue
        if isinstance(entry, Planned):
            entry = _from_here(state, entry, left, hours, now)
            if isinstance(entry, Planned):
                left.append(entry)
        live.append(entry)
    return tuple(reversed(live))


def _from_here(state: ChainState, entry: Planned, left: Sequence[Planned], hours: SendingHours, now: datetime) -> Entry:
    """One planned window at `now`: at its minute, at the next one that is left, or not at all."""
    overtaken = _sent_instead(state, entry)
    if overtaken is not None:
        return _in_its_place(entry, overtaken)
    if not state.appointment.reachable:
        if entry.at > now:
            return entry
        return Skipped(entry.window, "nobody to send to: no usable phone or e-mail", tell=False)
    at: datetime | None = entry.at
    if entry.at < now:
        at = hours.next_allowed(now, entry.useful_until)
    instead = next((s for s in reversed(left) if at is None or s.at - at < APART), None)
    if instead is not None:
        return _in_its_place(entry, instead.window)
    if at is None:
        return Skipped(
            entry.window,
            f"missed: it was due {local_minute(entry.at, hours.zone)}, nothing went then, and no allowed minute "
            "was left in which it would still have been useful",
        )
    if at == entry.at:
        return entry
    return replace(entry, at=at, reason=f"{entry.reason}; missed at {local_minute(entry.at, hours.zone)}")


def _in_its_place(entry: Planned, smaller: Window) -> Passed:
    """One wording before and after the smaller one went, so that it is written down once."""
    return Passed(entry.window, f"missed: the {window_name(smaller)} reminder goes in its place")


def _sent_instead(state: ChainState, entry: Planned) -> Window | None:
    """The next smaller window whose send did this one's work: it went after its minute, or less than an hour before."""
    went = [
        window
        for key, at in state.reminded.items()
        if (window := _window_of(key)) is not None and window < entry.window and entry.at - to_minute(at) < APART
    ]
    return max(went, default=None)


def _window_of(key: str) -> Window | None:
    """The window of a key in `sent`, whether or not the rules still have it; None for another message's key."""
    try:
        return round(float(key.removeprefix("h")) * 60) if key.startswith("h") else None
    except ValueError:
        return None


def _reminder_due(state: ChainState, planned: Sequence[Entry], live: Sequence[Entry]) -> tuple[Due, ...]:
    """The next reminder, if there is one to come and somebody to send it to (rule 7: one customer event a tick)."""
    if not state.appointment.reachable:
        return ()
    coming = min((entry for entry in live if isinstance(entry, Planned)), key=lambda entry: entry.at, default=None)
    if coming is None:
        return ()
    move = Move.SECOND_REMINDER if state.reminded else Move.FIRST_REMINDER
    own = next((e.at for e in planned if isinstance(e, Planned) and e.window == coming.window), coming.at)
    return (Due(coming.window, coming.at, coming.useful_until, move, coming.reason, own),)


def _gap_due(
    state: ChainState,
    schedule: Schedule,
    hours: SendingHours,
    seen: Seen,
    planned: Sequence[Entry],
    live: Sequence[Entry],
    now: datetime,
) -> tuple[Due, ...]:
    """The gap alert, if it hasn't gone: late is better than never, as long as the visit is ahead."""
    if GAP in state.sent:
        return ()
    entries = live if state.appointment.reachable else planned
    alert = gap_alert(state.appointment, schedule, hours, seen, entries, state.reminded)
    if alert is None:
        return ()
    last = to_minute(state.appointment.start) - MINUTE
    return (Due(None, max(alert.at, now), last, Move.GAP_ALERT, alert.reason, alert.at),)
