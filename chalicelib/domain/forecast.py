"""What will go out on a chain if nobody answers and no tick is missed: every send with its minute, in order.

`decision.decide` says what is due next. Here each next send is taken as done, so that the following one shows too: the
same rules, asked again and again, and so the same minutes that will really be kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.appointment import window_key
from chalicelib.domain.chain import GAP, ChainState
from chalicelib.domain.decision import Due, decide
from chalicelib.domain.plan import Schedule, Seen
from chalicelib.domain.sending_hours import FAR, SendingHours


def forecast(state: ChainState, schedule: Schedule, hours: SendingHours, seen: Seen, now: datetime) -> list[Due]:
    """The reminders and the gap alert still to come on this chain, from `now` on, earliest first."""
    coming: list[Due] = []
    while True:
        due = decide(state, schedule, hours, seen, now, FAR).due
        if not due:
            return coming
        next_one = min(due, key=lambda message: (message.at, message.window is None))
        coming.append(next_one)
        key = GAP if next_one.window is None else window_key(next_one.window)
        state = replace(state, sent={**state.sent, key: next_one.at})
        now = next_one.at
