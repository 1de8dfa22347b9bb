"""What will be sent when, and why, for one visit: the desk's and the operator's view of a decision.

Nothing acts on it: it shows the same plan that `decision.decide` acts on, as lines for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.appointment import Window
from chalicelib.domain.chain import GAP, ChainState
from chalicelib.domain.decision import decide
from chalicelib.domain.plan import Planned, Schedule, Seen, Skipped
from chalicelib.domain.sending_hours import FAR, SendingHours
from chalicelib.domain.wording import window_name


class Fate(StrEnum):
    """What becomes, or became, of one line."""

    SENT = "sent"
    PLANNED = "planned"
    PASSED = "passed"
    SKIPPED = "skipped"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the outlook. `at` is UTC; None where there is no minute. `window` is None for the gap alert."""

    at: datetime | None
    what: str
    reason: str
    fate: Fate
    window: Window | None = None


def outlook(state: ChainState, schedule: Schedule, hours: SendingHours, seen: Seen, now: datetime) -> list[Line]:
    """Everything that went, will go or won't go on this chain: the past, then what is to come in order, then the rest.

    A closed chain has one line that says why, beside what was sent.
    """
    sent = [
        Line(at, "gap alert" if key == GAP else f"{key.removeprefix('h')}-hour reminder", "sent", Fate.SENT)
        for key, at in sorted(state.sent.items(), key=lambda item: item[1])
    ]
    decision = decide(state, schedule, hours, seen, now, FAR)
    if decision.closed:
        return [*sent, Line(None, "nothing more", decision.closed, Fate.CLOSED)]
    coming: list[Line] = []
    rest: list[Line] = []
    for entry in decision.live:
        what = f"{window_name(entry.window)} reminder"
        if isinstance(entry, Planned):
            reason = entry.reason if state.appointment.reachable else "nobody to send to"
            coming.append(Line(entry.at, what, reason, Fate.PLANNED, entry.window))
        else:
            fate = Fate.SKIPPED if isinstance(entry, Skipped) else Fate.PASSED
            rest.append(Line(None, what, entry.reason, fate, entry.window))
    coming.extend(Line(due.at, "gap alert", due.reason, Fate.PLANNED) for due in decision.due if due.window is None)
    coming.sort(key=lambda line: line.at or now)
    return [*sent, *coming, *rest]
