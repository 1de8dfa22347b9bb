"""The order of things within a minute, and which minute comes next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from local.passage import Passage
from local.world import World

BEGIN = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class PlainWorld:
    """Notes what is asked of it, in order. `booked` is the next one-off's minute."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.booked: datetime | None = None
        self.clock = SimpleNamespace(move_to=lambda at: None)
        self.pump = SimpleNamespace(run_until_quiet=lambda: self.did.append("dispatch"))
        self.scheduler = SimpleNamespace(next_at=lambda: self.booked)
        self.runtime = SimpleNamespace(config=SimpleNamespace(zone=ZoneInfo("Asia/Singapore"), morning_line=None))
        self.functions = SimpleNamespace(scheduled=self._summarise)
        self.summary_works = True

    def sync(self, held: Collection[str] = ()) -> None:
        self.did.append("sync")

    def tick(self) -> None:
        self.did.append("tick")

    def _summarise(self, name: str) -> bool:
        self.did.append(name)
        return self.summary_works

    def outbox_is_empty(self) -> bool:
        return True


@pytest.fixture
def world() -> PlainWorld:
    return PlainWorld()


@pytest.fixture
def passage(world: PlainWorld) -> Passage:
    return Passage(cast(World, cast(Any, world)), BEGIN)


def test_within_a_minute_sync_comes_before_answers_tick_and_dispatch(world: PlainWorld, passage: Passage) -> None:
    passage.play(BEGIN, answers=lambda: world.did.append("answers"))
    assert world.did == ["sync", "answers", "tick", "summary", "dispatch"]


def test_the_summary_runs_on_mondays_at_eight_and_again_a_quarter_later_only_if_it_failed(
    world: PlainWorld, passage: Passage
) -> None:
    passage.play(BEGIN)
    now, ran = BEGIN, []
    world.summary_works = False
    while now < BEGIN + timedelta(days=14):
        now = passage.next_minute(now)
        world.did.clear()
        passage.play(now)
        if "summary" in world.did:
            ran.append(now)
            world.summary_works = True
    eight = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
    assert ran == [eight, eight + 15 * MINUTE, eight + timedelta(days=7)]


def test_a_sync_is_stepped_over_while_nothing_changed(world: PlainWorld, passage: Passage) -> None:
    passage.play(BEGIN)
    world.did.clear()
    passage.play(BEGIN + 5 * MINUTE)
    assert "sync" not in world.did


def test_a_sync_follows_a_change_within_five_minutes(world: PlainWorld, passage: Passage) -> None:
    passage.play(BEGIN)
    passage.change()
    assert passage.next_minute(BEGIN) == BEGIN + 5 * MINUTE
    world.did.clear()
    passage.play(BEGIN + 5 * MINUTE)
    assert world.did[0] == "sync"


def test_without_a_change_the_next_hour_comes_next(passage: Passage) -> None:
    passage.play(BEGIN)
    assert passage.next_minute(BEGIN) == BEGIN + 60 * MINUTE


def test_a_booked_one_off_comes_at_its_minute(world: PlainWorld, passage: Passage) -> None:
    passage.play(BEGIN)
    world.booked = BEGIN + 17 * MINUTE
    assert passage.next_minute(BEGIN) == BEGIN + 17 * MINUTE


def test_a_one_off_that_is_overdue_never_holds_time_back(world: PlainWorld, passage: Passage) -> None:
    passage.play(BEGIN)
    world.booked = BEGIN - 17 * MINUTE
    assert passage.next_minute(BEGIN) == BEGIN + MINUTE
