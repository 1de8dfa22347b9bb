"""What calendar-sync remembers from run to run: each calendar's token, and the bookings that it has seen there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """A booking as it was proposed last. `change` counts its changes, so that each is proposed once."""

    start: str  # ISO UTC, or the day of a whole-day event
    values: Mapping[str, str]
    change: int = 0
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class CalendarState:
    """One calendar. `listed` is the shop-local day of the last whole listing."""

    token: str = ""
    listed: str = ""
    events: Mapping[str, SeenEvent] = field(default_factory=dict)


def read_states(text: str | None) -> dict[str, CalendarState]:
    """The states of a stored text, by calendar; none if there is none."""
    raw: dict[str, Any] = json.loads(text) if text else {}
    return {
        calendar: CalendarState(
            state["token"], state["listed"], {name: SeenEvent(**seen) for name, seen in state["events"].items()}
        )
        for calendar, state in raw.items()
    }


def states_text(states: Mapping[str, CalendarState]) -> str:
    """The states as they are stored."""
    return json.dumps({name: asdict(state) for name, state in states.items()}, sort_keys=True, ensure_ascii=False)
