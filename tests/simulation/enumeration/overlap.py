"""Every interleaving of two dispatches of one send, with the lease running out at any moment in between.

The two runs are greenlets of one thread; before each call that matters a run stops and says so, and the next step is
chosen: one of the runs goes on (to its own next stop), or the lease runs out. All choices are played, each from the
beginning, and each end is followed by healthy ticks.

**The reduction.** Stops are before the calls that read or write what the other run writes: the ledger, the standing,
the counter of texts, and the text itself; and, while a lease is running, before the clock is read. The others read what
nobody writes meanwhile (documents, the switch, secrets, opt-outs) or write what nobody reads (the audit), so they
commute with every step of the other run, and moving them leads to the same ends but for an instant. `also` makes
further calls stops; tests compare the ends: with every call at once, and, where a lease runs out, with each left-out
call by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from greenlet import greenlet

from chalicelib.domain.events import MoveDue
from chalicelib.domain.send import LEASE_SECONDS, UNSETTLED
from chalicelib.errors import ReminderError
from tests.simulation.enumeration.explore import Exploration, Judge, Run, Strike, Tally, next_run, quiet, redelivered
from tests.simulation.enumeration.probe import Fault, error_of
from tests.simulation.enumeration.protocols import LITERAL, Protocol
from tests.simulation.enumeration.scene import PLANNED, Scene, Stage, State

SHARED = frozenset({"store.standings", "store.count_text", "sms.send"})
LITERAL_SHARED = frozenset({"store.audit", "store.commit", "sms.send"})
LEASE_OVER = timedelta(seconds=LEASE_SECONDS + 1)
ANSWERS = (Fault.NO, Fault.BAD, Fault.LOST_BEFORE, Fault.LOST_AFTER)
Dispatch = Callable[[Any, MoveDue], object]


def is_shared(protocol: Protocol, call: str) -> bool:
    """Whether this call touches what the other run may change. The literal order keeps its sends in the audit."""
    if protocol is LITERAL:
        return call in LITERAL_SHARED
    return call.startswith("ledger.") or call in SHARED


@dataclass(frozen=True)
class Step:
    """One choice: run 0 or 1 goes on, perhaps with a fault at the call it stands before; or (None) the lease ends."""

    run: int | None
    fault: Fault | None = None


@dataclass
class Overlap:
    """How to interleave: what stops a run, how often the lease runs out, how many faults strike."""

    scene: Scene
    protocol: Protocol
    judge: Judge
    also: Collection[tuple[str, int]] = ()  # further stops: a call, and the how-manieth of its kind in its run
    leases: int = 1
    faults: int = 0
    dispatch: Dispatch | None = None  # instead of the protocol's whole one
    ends: set[Any] = field(default_factory=set)
    played: int = 0

    def all(self, sought: str = "") -> Tally:
        """Every interleaving, judged at the end of time; up to the first that breaks `sought`, if that is given."""
        exploration = Exploration(self.scene, self.protocol, self.judge)
        tally = Tally(Counter(), {})
        with quiet():
            begin, run = at_its_minute(exploration)
            for how, end in self._interleavings(exploration, begin, run):
                further = exploration.healthy(end)
                self.ends.add((_outline(end), *sorted(further.plans, key=repr)))
                for verdict, count in further.plans.items():
                    tally.plans[verdict] += count
                    tally.examples.setdefault(verdict, how)
                if sought and any(sought in verdict.broken for verdict in further.plans):
                    break
        return tally

    def _interleavings(
        self, exploration: Exploration, begin: State, run: Run
    ) -> Iterator[tuple[tuple[Strike, ...], State]]:
        """Depth first: play a path to its end, then the one that takes the next untried choice, as late as can be."""
        path: list[tuple[list[Step], int]] = []  # at each step: the choices there were, and which was taken
        while True:
            yield self._play(exploration, begin, run, path)
            self.played += 1
            while path and path[-1][1] == len(path[-1][0]) - 1:
                path.pop()
            if not path:
                return
            choices, taken = path[-1]
            path[-1] = (choices, taken + 1)

    def _play(
        self, exploration: Exploration, begin: State, run: Run, path: list[tuple[list[Step], int]]
    ) -> tuple[tuple[Strike, ...], State]:
        """Follow `path`, then take the first choice at each further step, adding what there was to choose."""
        stage = exploration.stage
        stage.load(begin)
        stage.rt.clock.now = run.at
        assert run.event is not None
        event, main = run.event, greenlet.getcurrent()
        dispatch = self.dispatch or self.protocol.dispatch
        faults: dict[int, Fault] = {}  # which run's present call it strikes
        failed = [False, False]
        who = [0]
        made = (Counter[str](), Counter[str]())  # by each run

        def life(number: int) -> None:
            try:
                dispatch(stage.rt, event)
            except ReminderError:
                failed[number] = True

        def before(at: int, call: str) -> None:
            made[who[0]][call] += 1
            if is_shared(self.protocol, call) or (call, made[who[0]][call]) in self.also:
                main.switch(call)
            fault = faults.get(who[0])
            if fault in ANSWERS and fault is not Fault.LOST_AFTER:
                del faults[who[0]]
                raise error_of(call, fault)

        def after(at: int, call: str) -> None:
            if faults.pop(who[0], None) is Fault.LOST_AFTER:
                raise error_of(call, Fault.LOST_AFTER)

        def clock() -> datetime:
            if leases and stage.probe.on and greenlet.getcurrent() is not main and _a_lease_runs(stage, still.now):
                main.switch("clock")
            return still.now

        still = stage.rt.clock
        stage.rt.clock = clock
        lives = [greenlet(lambda: life(0)), greenlet(lambda: life(1))]
        leases, left, at = self.leases, self.faults, 0
        stage.probe.begin({}, before, after)
        stands: list[str | None] = [None, None]
        for number in (0, 1):
            who[0] = number
            stands[number] = lives[number].switch()
        told: list[Strike] = []
        while any(not life.dead for life in lives):
            if at == len(path):
                running = leases > 0 and _a_lease_runs(stage, still.now)
                path.append((self._choices(lives, stands, running, left), 0))
            choices, taken = path[at]
            step = choices[taken]
            at += 1
            if step.run is None:
                still.now += LEASE_OVER
                leases -= 1
                told.append(("", "the lease runs out", None))
                continue
            number = step.run
            told.append(("AB"[number], str(stands[number]), step.fault))
            left -= step.fault is not None
            if step.fault is Fault.KILLED_BEFORE:
                lives[number] = greenlet(lambda: None)
                lives[number].switch()
                failed[number] = True
                continue
            if step.fault is not None:
                faults[number] = step.fault
            who[0] = number
            stands[number] = lives[number].switch()
        stage.probe.on = False
        stage.rt.clock = still
        end = stage.save()
        for number in (0, 1):
            if failed[number]:
                end = redelivered(end, replace(run, at=end.now))
        return tuple(told), end

    def _choices(self, lives: list[Any], stands: list[str | None], running: bool, left: int) -> list[Step]:
        alive = [number for number in (0, 1) if not lives[number].dead]
        steps = [Step(number) for number in alive]
        if running:
            steps.append(Step(None))
        if left:
            steps += [Step(number, Fault.KILLED_BEFORE) for number in alive]
            steps += [Step(number, fault) for number in alive if stands[number] == "sms.send" for fault in ANSWERS]
        return steps


def _a_lease_runs(stage: Stage, now: datetime) -> bool:
    return any(
        send.lease_until is not None and send.lease_until > now and send.state in UNSETTLED
        for sends in stage.world.sends.values()
        for send in sends.values()
    )


def _outline(end: State) -> Any:
    """What two interleavings are compared by: everything but the instants and the audit."""
    sends = (send for sends in end.tables["sends"].values() for send in sends.values())
    return (
        frozenset((s.key.window_index, s.state, s.channel, s.attempt, s.alert_pending, s.reason) for s in sends),
        frozenset(window for standing in end.tables["standings"].values() for window in standing.sent),
        tuple(sorted(end.tables["counters"].items())),
        tuple(sorted(end.texts)),
        tuple(sorted((line.move, line.text) for line in end.lines)),
    )


def at_its_minute(exploration: Exploration) -> tuple[State, Run]:
    """The state in which the send's event arrives at its minute, and that run."""
    state = exploration.stage.save()
    while True:
        run, rest = next_run(state)
        assert run is not None
        if run.event is not None and run.at >= PLANNED:
            return rest, run
        state = exploration.undisturbed(rest, run)
