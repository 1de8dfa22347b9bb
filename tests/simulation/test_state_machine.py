"""The simulated world in Hypothesis's hands: each step and fault is its choice, so what it finds it shrinks.

Each run begins with the troubles that were chosen for it and no other; people do nothing that isn't a rule here.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.domain.reply_token import ReplyAction
from chalicelib.usecases.dispatch_move import dispatch_move
from tests.simulation.world.faults import Trouble
from tests.simulation.world.people import PLACES
from tests.simulation.world.week import World

EDITS = ("_move", "_status", "_delete", "_sort", "_insert", "_blanked_export", "_old_export", "_edit_rules", "_swap")
ANSWERS = (ReplyAction.CONFIRM, ReplyAction.RESCHEDULE, ReplyAction.CANCEL, ReplyAction.UNDO, ReplyAction.NO_TEXTS)
troubles = st.dictionaries(st.integers(1, 25), st.sampled_from(Trouble), max_size=2)


class ShopMachine(RuleBasedStateMachine):
    """A shop for two days and their aftermath."""

    world: World

    @initialize(place=st.sampled_from(PLACES), seed=st.integers(0, 50), fault=troubles)
    def opens(self, place: Any, seed: int, fault: dict[int, Trouble]) -> None:
        logging.disable(logging.CRITICAL)
        self.world = World(Random(seed), place, days=2)
        self.world.next_troubles = fault
        self.world.start()

    @rule(minutes=st.sampled_from((1, 7, 40, 60, 180, 600)), fault=troubles)
    def time_passes(self, minutes: int, fault: dict[int, Trouble]) -> None:
        world = self.world
        world.next_troubles = fault
        until = world.now + timedelta(minutes=minutes)
        while world.step(until):
            pass
        world.clock.now = max(world.now, until)

    @rule(edit=st.sampled_from(EDITS))
    def people_edit(self, edit: str) -> None:
        self.world.shop.changed = True
        self.world._note(f"people {getattr(self.world.shop, edit)()}")

    @rule(fault=troubles)
    def a_tick_runs(self, fault: dict[int, Trouble]) -> None:
        self.world.next_troubles = fault
        self.world.run("tick", self.world.tick)

    @rule(fault=troubles)
    def a_sync_runs(self, fault: dict[int, Trouble]) -> None:
        self.world.next_troubles = fault
        self.world.run("sync", self.world.sync)

    @precondition(lambda self: self.world.recent)
    @rule(back=st.integers(1, 4), fault=troubles)
    def an_event_comes_again(self, back: int, fault: dict[int, Trouble]) -> None:
        world = self.world
        event = world.recent[-min(back, len(world.recent))]
        world.next_troubles = fault
        world.run("dispatch", lambda: dispatch_move(world.rt, event))

    @precondition(lambda self: self.world.witness.links)
    @rule(back=st.integers(1, 4), action=st.sampled_from(ANSWERS), fault=troubles)
    def a_customer_presses(self, back: int, action: ReplyAction, fault: dict[int, Trouble]) -> None:
        links = self.world.witness.links
        self.world.next_troubles = fault
        self.world.press_link(links[-min(back, len(links))], action)

    @precondition(lambda self: any(line.buttons for _, line in self.world.witness.lines))
    @rule(back=st.integers(1, 3), fault=troubles)
    def staff_press(self, back: int, fault: dict[int, Trouble]) -> None:
        asked = [line for _, line in self.world.witness.lines if line.buttons]
        self.world.next_troubles = fault
        self.world.press_button(asked[-min(back, len(asked))], "#front-desk", "")
        self.world.step(self.world.now + timedelta(seconds=5))

    @invariant()
    def no_promise_is_broken(self) -> None:
        self._judge()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.next_troubles = {}
            self.world.calm()
            self._judge()
        logging.disable(logging.NOTSET)

    def _judge(self) -> None:
        if hasattr(self, "world"):
            assert not self.world.witness.violations, "\n".join([*self.world.trace, *self.world.witness.violations])


TestShop = ShopMachine.TestCase
TestShop.settings = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
