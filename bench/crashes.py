"""One due reminder whose run is killed at one point, and then whatever comes again; ours beside check, send, record.

A point is the moment before or after each call that the run makes to its tables, and around the text itself. After the
kill the event is delivered again, as EventBridge does, and four hourly ticks go by. All in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.big_shop import RULES, ZONE
from bench.figures import Figure
from bench.literal_spec import LiteralSpec, start_of
from chalicelib.domain.events import MoveDue
from chalicelib.domain.mirror import MirrorRow, write_mirror
from chalicelib.ports import Document
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.run_tick import run_tick
from tests.fakes.runtime import FakeRuntime

MEI: Mapping[str, str] = {
    "appt_id": "A-17",
    "customer": "Mei",
    "phone": "+6591234567",
    "service": "Dental cleaning",
    "staff": "Dr Lim",
    "date": "2026-11-26",
    "time": "10:00",
}
START = start_of(MEI, ZONE)
DUE = START - timedelta(hours=48)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Killed(BaseException):
    """The process is gone: nothing of its own may catch this."""


@dataclass
class Killer:
    """Ends the run at its `at`-th point; counts the points that it passes."""

    at: int
    passed: int = 0

    def point(self, *_: object) -> None:
        """One moment at which a process may die."""
        self.passed += 1
        if self.passed == self.at:
            raise Killed


@dataclass
class Outcome:
    """What became of the reminder."""

    texts: int = 0
    told: int = 0
    points: int = 0


@dataclass
class Tally:
    """The outcomes of every point."""

    points: int = 0
    duplicates: int = 0
    silent: int = 0
    needless: int = 0  # the text went, and staff were told that nobody knows

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        self.points += 1
        self.duplicates += outcome.texts > 1
        self.silent += outcome.texts + outcome.told == 0
        self.needless += bool(outcome.texts and outcome.told)


def kill_everywhere(play: Callable[[Killer], Outcome]) -> Tally:
    """Play once for each point that the undisturbed run passes."""
    tally = Tally()
    for at in range(1, play(Killer(0)).points + 1):
        tally.add(play(Killer(at)))
    return tally


def figure() -> tuple[Figure, str]:
    """Duplicates and silent losses, and what they cost; `within` is left open: it is one kill a run and no overlap."""
    ours, spec = kill_everywhere(play_ours), kill_everywhere(play_spec)
    found = Figure(
        f"{ours.duplicates}, {ours.silent} with one kill at each of {ours.points} points; overlaps not yet",
        None if ours.duplicates + ours.silent == 0 else False,
        f"{spec.duplicates}, {spec.silent} of {spec.points} points",
    )
    note = (
        f"Killed runs: after {ours.needless} of {ours.points} kills staff were told that it isn't known whether the "
        "text went, though it had."
    )
    return found, note


def play_ours(killer: Killer) -> Outcome:
    """The shipped tick and dispatch over the in-memory store and ledger."""
    rt: Any = FakeRuntime(DUE)
    rt.documents.put(Document.RULES, RULES)
    rt.documents.put(Document.APPOINTMENTS, write_mirror([], [MirrorRow(MEI, START, DUE - timedelta(days=9), None, 2)]))
    world = rt.store.world
    world.before = world.after = rt.sms.refuse = rt.sms.lose = killer.point
    delivered = 0
    with suppress(Killed):
        run_tick(rt)
        for move in rt.bus.moves:
            dispatch_move(rt, move)
    points = killer.passed
    world.before = world.after = rt.sms.refuse = rt.sms.lose = lambda *_: None
    for now in (DUE + MINUTE, *(DUE + hours * HOUR for hours in range(1, 5))):
        rt.clock.now = now
        if now > DUE + MINUTE:
            run_tick(rt)
        while delivered < len(rt.bus.moves):
            dispatch_move(rt, rt.bus.moves[delivered])
            delivered += 1
        _run_one_offs(rt, now)
    return Outcome(len(rt.sms.texts), len(rt.staff.lines), points)


def _run_one_offs(rt: Any, until: datetime) -> None:
    """What was booked up to now comes at its own minute."""
    due: list[tuple[datetime, MoveDue]] = [entry for entry in rt.schedules.booked.values() if entry[0] <= until]
    rt.schedules.booked = {name: entry for name, entry in rt.schedules.booked.items() if entry[0] > until}
    for _, move in sorted(due, key=lambda entry: entry[0]):
        dispatch_move(rt, move)


@dataclass
class MemoryTables:
    """The spec's two tables in memory, with the same points around every call."""

    point: Callable[..., None]
    sent: set[str] = field(default_factory=set)

    def sends(self, appt_id: str) -> set[str]:
        self.point()
        found = set(self.sent)
        self.point()
        return found

    def replies(self, appt_id: str) -> list[str]:
        self.point()
        self.point()
        return []

    def record(self, appt_id: str, window: str, phone: str, at: datetime) -> None:
        self.point()
        self.sent.add(window)
        self.point()


def play_spec(killer: Killer) -> Outcome:
    """The literal spec: the same kill, and the function's event delivered again."""
    texts: list[str] = []
    tables = MemoryTables(killer.point)

    def text(phone: str, body: str) -> None:
        tables.point()
        texts.append(body)
        tables.point()

    peer = LiteralSpec(tables, text, ZONE)
    with suppress(Killed):
        peer.tick([MEI], DUE)
    points = killer.passed
    tables.point = lambda: None
    peer.tick([MEI], DUE + MINUTE)
    for hours in range(1, 5):
        peer.tick([MEI], DUE + hours * HOUR)
    return Outcome(len(texts), 0, points)
