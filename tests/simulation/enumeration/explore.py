"""The enumeration: depth first over where the next fault strikes, equal states at the end of a run continued once.

A run is one function's: a tick or one dispatch. Its calls are numbered by running it; each point of the undisturbed
remainder takes each fault. A kill is the state as it was at that point. An answer other than yes is played on, since
the code may go on after it, and further faults may follow in the same run. After `most` faults all is healthy.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.events import MoveDue
from chalicelib.errors import ReminderError
from tests.simulation.enumeration.judge import Verdict
from tests.simulation.enumeration.probe import Fault, faults_of
from tests.simulation.enumeration.protocols import Protocol
from tests.simulation.enumeration.scene import QUIET_FROM, REDELIVERED, START, TICKS, Delivery, Scene, Stage, State

Strike = tuple[str, str, Fault | None]
"""Which run, which call (with its number), which fault; None for a step without one."""
Judge = Callable[[Scene, State], Verdict]


@dataclass(frozen=True)
class Run:
    """One invocation: of dispatch by `event`, of the delivery log's function by `word`, or of the tick."""

    at: datetime
    event: MoveDue | None
    tries: int = 0
    word: str = ""
    delivered: bool = True

    def __str__(self) -> str:
        what = f"dispatch {self.event.key.what}{'#email' * self.event.key.email}" if self.event else self.word or "tick"
        return f"{self.at:%H:%M} {what}{f' (try {self.tries + 1})' if self.tries else ''}"


@dataclass
class Tally:
    """How many plans ended how; one example of each broken end."""

    plans: Counter[Verdict]
    examples: dict[Verdict, tuple[Strike, ...]]

    @property
    def count(self) -> int:
        return self.plans.total()

    def of(self, question: Callable[[Verdict], object]) -> int:
        """How many plans ended so."""
        return sum(count for verdict, count in self.plans.items() if question(verdict))

    @property
    def broken(self) -> dict[Verdict, tuple[Strike, ...]]:
        """An example of each end that breaks an invariant."""
        return {verdict: how for verdict, how in self.examples.items() if verdict.broken}


@contextmanager
def quiet() -> Iterator[None]:
    """The use cases log each fault; millions of lines would say nothing."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


class Exploration:
    """All plans of faults on one scene. `merge=False` plays each by itself, to check the merging."""

    def __init__(
        self, scene: Scene, protocol: Protocol, judge: Judge, merge: bool = True, until: datetime = QUIET_FROM
    ):
        self.scene, self.protocol, self.judge = scene, protocol, judge
        self.merge, self.until = merge, until
        self.stage = Stage(scene)
        self.played = 0
        self._known: dict[object, Tally] = {}

    def all(self, most: int) -> Tally:
        """Every plan of at most `most` faults, from before the first tick."""
        with quiet():
            return self._from(self.stage.save(), most)

    def healthy(self, state: State) -> Tally:
        """What comes of this state when nothing more goes wrong."""
        return self._from(state, 0)

    def undisturbed(self, state: State, run: Run) -> State:
        """The state after one run in which nothing goes wrong."""
        ((_, after),) = self._play(state, run, {}, 0)
        return after

    # ------------------------------------------------

    def _from(self, state: State, left: int) -> Tally:
        """Every end that can be reached from here with at most `left` more faults."""
        key = (state.key, left)
        known = self._known.get(key) if self.merge else None
        if known is not None:
            return known
        run, rest = next_run(state)
        if run is None:
            verdict = self.judge(self.scene, state)
            tally = Tally(Counter({verdict: 1}), {verdict: ()})
        else:
            tally = Tally(Counter(), {})
            for strikes, after in self._ends(rest, run, left if run.at < self.until else 0):
                further = self._from(after, left - len(strikes))
                for verdict, count in further.plans.items():
                    tally.plans[verdict] += count
                    how = (*strikes, *further.examples[verdict])
                    if verdict not in tally.examples or len(how) < len(tally.examples[verdict]):
                        tally.examples[verdict] = how
        if self.merge:
            self._known[key] = tally
        return tally

    def _ends(self, state: State, run: Run, left: int) -> Iterator[tuple[tuple[Strike, ...], State]]:
        """Every state that this one run can leave, with the faults that it took."""
        yield from self._play(state, run, {}, left)
        if left and run.event is not None and not run.tries:
            again = replace(state, waiting=(*state.waiting, Delivery(run.at, run.event, len(REDELIVERED))), _key=None)
            for strikes, after in self._play(again, run, {}, left - 1):
                yield ((str(run), "", Fault.DOUBLED), *strikes), after
        if left and run.word and not run.tries:
            yield ((str(run), "", Fault.NO_WORD),), state
            for strikes, after in self._play(state, replace(run, delivered=False), {}, left - 1):
                yield ((str(run), "", Fault.UNDELIVERED), *strikes), after

    def _play(
        self, state: State, run: Run, plan: dict[int, Fault], left: int
    ) -> Iterator[tuple[tuple[Strike, ...], State]]:
        """This plan's own end, and the ends of all that go on from it by striking later in the run."""
        since = max(plan, default=-1)
        points: list[tuple[int, Fault, State]] = []
        stage, probe = self.stage, self.stage.probe

        def before(at: int, call: str) -> None:
            if plan.get(at) is Fault.REPLY:
                stage.answer()
            if left and at > since:
                points.append((at, Fault.KILLED_BEFORE, stage.save()))

        def after(at: int, call: str) -> None:
            if left and at > since:
                points.append((at, Fault.KILLED_AFTER, stage.save()))

        stage.load(state)
        stage.rt.clock.now = run.at
        probe.begin(plan, before, after)
        self.played += 1
        failed = False
        try:
            if run.event is not None:
                self.protocol.dispatch(stage.rt, run.event)
            elif run.word:
                self.protocol.heed(stage.rt, [_log_entry(run)])
            else:
                self.protocol.tick(stage.rt)
        except ReminderError:
            failed = True
        finally:
            probe.on = False
        calls = list(probe.calls)

        def strikes(more: dict[int, Fault]) -> tuple[Strike, ...]:
            return tuple((str(run), f"{calls[at]} ({at})", fault) for at, fault in sorted((plan | more).items()))

        end = stage.save()
        yield strikes({}), redelivered(end, run) if failed else end
        for at, fault, snapshot in points:
            yield strikes({at: fault}), redelivered(snapshot, run)
        if not left:
            return
        for at in range(since + 1, len(calls)):
            for fault in faults_of(calls[at]):
                yield from self._play(state, run, {**plan, at: fault}, left - 1)
            if self.scene.answer and state.answered is None and run.at < START and Fault.REPLY not in plan.values():
                yield from self._play(state, run, {**plan, at: Fault.REPLY}, left - 1)


def next_run(state: State) -> tuple[Run | None, State]:
    """The next invocation, and the state without it. At one moment: first what was on the bus, then one-offs, then
    the tick."""
    runs: list[tuple[datetime, int, Run, object]] = [
        (waits.at, 0, Run(max(waits.at, state.now), waits.event, waits.tries, waits.word), waits)
        for waits in state.waiting
    ]
    runs += [(at, 1, Run(max(at, state.now), event), name) for name, (at, event) in state.booked.items()]
    if state.ticks < len(TICKS):
        runs.append((TICKS[state.ticks], 2, Run(TICKS[state.ticks], None), None))
    if not runs:
        return None, state
    _, kind, run, what = min(runs, key=lambda entry: entry[:2])
    if kind == 0:
        waiting = list(state.waiting)
        waiting.remove(what)  # type: ignore[arg-type]
        return run, replace(state, waiting=tuple(waiting), _key=None)
    if kind == 1:
        booked = {name: entry for name, entry in state.booked.items() if name != what}
        return run, replace(state, booked=booked, _key=None)
    return run, replace(state, ticks=state.ticks + 1, _key=None)


def redelivered(state: State, run: Run) -> State:
    """The function failed: its event comes again, as long as AWS tries. A tick's next one is an hour later."""
    if (run.event is None and not run.word) or run.tries >= len(REDELIVERED):
        return state
    again = Delivery(run.at + REDELIVERED[run.tries], run.event, run.tries + 1, run.word)
    return replace(state, waiting=(*state.waiting, again), _key=None)


def _log_entry(run: Run) -> dict[str, object]:
    """What SNS's delivery log says of a text."""
    return {
        "notification": {"messageId": run.word},
        "status": "SUCCESS" if run.delivered else "FAILURE",
        "delivery": {"providerResponse": "Accepted" if run.delivered else "Phone is currently unreachable"},
    }
