"""Weeks of the simulated world keep every promise; and each promise is seen to break when its rule is broken.

A longer run: `python -m tests.simulation.world --weeks 2000 --seed 7`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from chalicelib.domain import plan
from chalicelib.domain.reply_token import Link, ReplyAction
from chalicelib.domain.sending_hours import SendingHours
from chalicelib.domain.work import WorkKind
from chalicelib.ports import RemoveWork, ReplaceStanding
from chalicelib.usecases import dispatch_move, drain_outbox, edit_row, fill_ids, run_tick, write_answer
from tests.simulation.world import play_week
from tests.simulation.world.__main__ import main
from tests.simulation.world.faults import Trouble
from tests.simulation.world.week import World
from tests.twin import ledger as twin_ledger

SEED = int(os.environ.get("WORLD_SEED", "20261124"))
WEEKS = int(os.environ.get("WORLD_WEEKS", "150"))


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_weeks_in_which_everything_goes_wrong_break_no_promise(capsys: pytest.CaptureFixture[str]) -> None:
    """Promise 31."""
    failed = main(["--weeks", str(WEEKS), "--seed", str(SEED)])
    assert not failed, capsys.readouterr().out


def test_a_week_replays_to_the_letter() -> None:
    assert play_week(SEED, 3).trace == play_week(SEED, 3).trace


def test_the_weeks_have_in_them_what_they_are_meant_to_try() -> None:
    """A world in which nothing happens proves nothing."""
    traces = "\n".join("\n".join(play_week(SEED, week).trace) for week in range(5))
    for sign in ("TEXT", "MAIL", "killed at", "confirm : done", "cancel : done", "reschedule", "unheard"):
        assert sign in traces, sign


# ---------------------------------------------------------------- each promise broken on purpose


def broken(sentence: str, weeks: int = 40) -> bool:
    """Whether a violation that says this comes to light within so many short weeks."""
    for week in range(weeks):
        world = World(Random(week), days=3)
        if any(sentence in violation for violation in world.play()):
            return True
    return False


def test_a_claim_without_a_condition_is_seen_to_text_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin_ledger, "_claimable", lambda *_: True)
    monkeypatch.setattr(dispatch_move, "UNSETTLED", frozenset(dispatch_move.SendState))
    assert broken("was texted twice")


def test_sending_hours_that_allow_everything_are_seen_to_text_at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SendingHours, "allows", lambda *_: True)
    assert broken("left outside the sending hours")


def test_an_arm_without_the_standing_is_seen_to_remind_after_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def customer_confirms(world: World) -> None:
        key = world.recent[-1].key
        world.press_link(Link(key.appt_id, key.chain, 0), ReplyAction.CONFIRM)

    monkeypatch.setattr(twin_ledger, "_holds", lambda *_: True)
    monkeypatch.setattr(World, "_meanwhile", customer_confirms)
    monkeypatch.setattr(World, "_troubles", lambda _, name: {9: Trouble.MEANWHILE} if name == "dispatch" else {})
    assert broken("after its answer had been stored")


def test_reminders_without_an_end_are_seen_to_leave_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    def seldom(world: World) -> None:
        if world.rng.random() < 0.2:
            world.run("tick", world.tick)

    monkeypatch.setattr(plan, "MIN_LEAD", 0)
    monkeypatch.setattr(World, "_tick_if_up", seldom)
    assert broken("in the last half hour")


def test_a_tick_that_notes_nothing_is_seen_to_end_windows_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tick, "_record", lambda *_: None)
    assert broken("ended in silence")


def test_an_outbox_that_forgets_to_remove_is_seen_to_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain_outbox, "_post_lines", lambda *_: set())
    assert broken("the outbox still has")


def test_an_edit_that_is_only_claimed_is_seen_to_lose_a_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    def pretend(rt: Any, work: Any, now: Any) -> Any:
        assert work.kind is WorkKind.SHEET_EDIT
        held = rt.store.standings([work.appt_id]).get(work.appt_id)
        if held is not None and held.pending:
            rt.store.commit(ReplaceStanding(replace(held, pending={})), RemoveWork(work.work_id))
        else:
            rt.store.commit(RemoveWork(work.work_id))
        return write_answer.Attempt(True)

    monkeypatch.setattr(drain_outbox, "write_answer", pretend)
    assert broken("is not in the sheet")


def test_a_write_by_line_is_seen_to_hit_another_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_line(sheet: Any, before: Any, writes: Any, known: Any) -> Any:
        marks = sheet.mark([line % max(len(before) - 1, 1) + 2 for line in writes])
        sheet.write_marked(dict(zip(marks, writes.values(), strict=True)))
        return sheet.read()

    monkeypatch.setattr(edit_row, "marked_write", by_line)
    assert broken("people typed")


def test_an_id_that_is_written_to_a_wrong_row_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_line(sheet: Any, before: Any, writes: Any, known: Any) -> Any:
        marks = sheet.mark([2 for _ in writes])
        sheet.write_marked(dict(zip(marks, writes.values(), strict=True)))
        return sheet.read()

    monkeypatch.setattr(fill_ids, "marked_write", by_line)
    assert broken("its id was")


def test_a_cancel_that_staff_are_not_told_of_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    post = drain_outbox._post_lines

    def forgetful(rt: Any, works: Any, now: Any) -> set[str]:
        forgotten = [work for work in works if work.payload["line"]["move"] == "cancelled"]
        for work in forgotten:
            rt.store.commit(RemoveWork(work.work_id))
        others = [work for work in works if work not in forgotten]
        return post(rt, others, now) | {work.work_id for work in forgotten}

    monkeypatch.setattr(drain_outbox, "_post_lines", forgetful)
    assert broken("staff never heard of it")
