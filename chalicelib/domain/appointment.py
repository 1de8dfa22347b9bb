"""The nouns that everything else speaks in: a visit, its status, its windows, its chain.

A *row* is untrusted; an `Appointment` is a row that parsed. A *window* is a reminder's distance before the
start, in whole minutes (`48 hours` is 2880), so that every comparison is exact. A *chain* is all sends and
replies of an appointment at one start; its id is that start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

Window = int
"""Minutes before the start."""

MINUTE = timedelta(minutes=1)
MIN_LEAD = 30
"""A reminder closer to the start than this many minutes is of no use (DESIGN §5.2)."""


class Status(StrEnum):
    """What the sheet's status cell says, as far as it says anything (DESIGN §4.1)."""

    NONE = ""  # blank, `moved`, or a word that nobody knows: the visit is on
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"
    DONE = "done"

    @property
    def ends_the_visit(self) -> bool:
        """True for what says that this visit won't be, or is over."""
        return self in (Status.CANCELLED, Status.NO_SHOW, Status.DONE)


class Channel(StrEnum):
    """How a message travels."""

    TEXT = "text"
    EMAIL = "email"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One visit that can be reasoned about. `phone` is E.164 or blank, `email` valid or blank, `start` UTC."""

    appt_id: str
    customer: str
    service: str
    start: datetime
    staff: str = ""
    phone: str = ""
    email: str = ""
    status: Status = Status.NONE
    link: str = ""
    reminders: tuple[Window, ...] | None = None  # this row's own; () is `none`; None is "the service's"
    language: str = ""
    channel: Channel | None = None  # what is tried first
    minutes: int | None = None  # length of the visit; None is "the rules'"
    line: int = 0  # the sheet's row number
    date_text: str = ""  # the cells as they stood, so that what is written back keeps their spelling
    time_text: str = ""
    status_text: str = ""

    @property
    def reachable(self) -> bool:
        """Whether there is anything to send to."""
        return bool(self.phone or self.email)

    @property
    def chain(self) -> str:
        """The id of this visit's chain."""
        return chain_id(self.start)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell, in words for the front desk. `field` is the column's name of DESIGN §4.1."""

    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class RowReading:
    """What became of one row: an appointment, or none, and every problem found.

    Both may be there: a bad phone beside a good e-mail address still makes an appointment.
    """

    line: int
    appt_id: str
    appointment: Appointment | None
    problems: tuple[Problem, ...] = field(default=())


@lru_cache(maxsize=1024)
def chain_id(start: datetime) -> str:
    """The chain of a start: `20261126T0100Z`. Raises ValueError for a naive datetime."""
    if start.tzinfo is None:
        raise ValueError("a start must be aware")
    return start.astimezone(UTC).strftime("%Y%m%dT%H%MZ")


@lru_cache(maxsize=1024)
def chain_start(chain: str) -> datetime:
    """The start that a chain id stands for, in UTC. Raises ValueError for anything else."""
    return datetime.strptime(chain, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)


def hours(window: Window) -> int | float:
    """A window in hours: 2880 -> 48, 90 -> 1.5."""
    return window // 60 if window % 60 == 0 else round(window / 60, 4)


def window_key(window: Window) -> str:
    """A window's part of a `window_index`: `h48`, `h1.5`. Hours, not positions: editing rules must not re-send."""
    return f"h{hours(window):g}"


def to_minute(instant: datetime) -> datetime:
    """The instant cut to its minute, in UTC (DESIGN §5.2: every instant in the rules is)."""
    if instant.tzinfo is UTC and not (instant.second or instant.microsecond):
        return instant
    return instant.astimezone(UTC).replace(second=0, microsecond=0)
