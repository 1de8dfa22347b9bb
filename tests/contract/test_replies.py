"""Replies over DynamoDB's own transactions: races that an in-memory store can't have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.appointment import chain_id
from chalicelib.domain.standing import Answer
from tests.conftest import Tables
from tests.functional.reply_world import MEI, NOW, START, Door, local, slots, text

pytestmark = pytest.mark.ministack

SLOT = "2026-11-27T07:00:00Z"


@pytest.fixture
def door(dynamodb: Tables) -> Door:
    door = Door.open(MEI, {**MEI, "appt_id": "B-2", "start": "2026-11-26 11:00"})
    door.rt.store, door.rt.ledger = dynamodb.store, dynamodb.ledger
    return door


def test_fifty_presses_of_one_button_act_once_and_all_see_the_same(door: Door) -> None:
    page = door.look()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: door.press(page, "confirm"), range(50)))
    assert [a.outcome for a in answers].count("done") == 1
    assert {text(a) for a in answers} == {text(answers[0])}
    assert door.actions() == ["confirm"]


def test_of_many_who_want_one_slot_one_gets_it(door: Door) -> None:
    rows = [{**MEI, "appt_id": f"C-{n}", "start": f"2026-11-26 {9 + n:02d}:00"} for n in range(8)]
    door.mirror(*rows)
    links = [door.link(row["appt_id"], local(row["start"])) for row in rows]
    pages = [door.look(link, move=True) for link in links]
    with ThreadPoolExecutor(8) as pool:
        presses = [pool.submit(door.press, p, "reschedule", t, slot=SLOT) for p, t in zip(pages, links, strict=True)]
        outcomes = sorted(press.result().outcome for press in presses)
    assert outcomes == ["done", *["just taken"] * 7]
    held = door.rt.store.holds("dr lee", NOW, local("2026-12-20 00:00"))
    assert len(held) == 3 and len(set(held.values())) == 1


def test_confirm_move_cancel_and_undo_are_whole_on_the_real_tables(door: Door) -> None:
    assert door.answer("confirm").outcome == "done"
    assert door.move("2026-11-27 15:00").outcome == "done"
    page = door.answer("cancel")
    assert page.outcome == "done" and door.standing().answer is Answer.CANCELLED
    assert door.press(page, "undo").outcome == "done"
    standing = door.standing()
    assert (standing.answer, standing.chain) == (Answer.OPEN, chain_id(local("2026-11-27 15:00")))
    assert standing.moved_from == START
    assert door.actions() == ["confirm", "reschedule", "cancel", "undo"]
    assert (door.cell("date"), door.cell("status")) == ("Fri 27 Nov", "moved")
    assert "Fri 27 15:00" not in slots(door.look(door.link("B-2", local("2026-11-26 11:00")), move=True))
