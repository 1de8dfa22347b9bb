"""The outbox: at least once, each item by itself, nothing lost (DESIGN §6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.events import MoveDue
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer
from chalicelib.domain.work import StaffLine, Work, WorkKind, WorkState
from chalicelib.errors import NoAnswer
from chalicelib.ports import PutWork
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.staff_lines import line_work
from tests.fakes.runtime import FakeRuntime
from tests.functional.sync_world import (
    FRI,
    HEADER,
    NOW,
    WED,
    a_row,
    a_synced_shop,
    answer,
    asked,
    cell,
    later,
    paste,
    standing,
)


def promise(rt: FakeRuntime, *works: Work) -> None:
    rt.store.commit(*(PutWork(work) for work in works))


def a_line(rt: FakeRuntime, text: str = "hello") -> Work:
    return line_work(rt, StaffLine(text), rt.clock())


def a_message(reply: str = "r1") -> Work:
    key = SendKey("A-1", chain_id(WED), f"moved#{reply}")
    due = MoveDue(key, Move.MOVED, NOW)
    return Work(f"w-{reply}", WorkKind.CUSTOMER_MESSAGE, "A-1", NOW, {"event": due.detail()})


def test_a_line_is_posted_once_and_then_gone() -> None:
    rt = FakeRuntime(NOW)
    promise(rt, a_line(rt))
    assert drain_outbox(rt) == 1
    assert drain_outbox(rt) == 0
    assert rt.staff.texts == ["hello"]


def test_a_line_whose_post_has_no_answer_is_posted_again() -> None:
    rt = FakeRuntime(NOW)
    promise(rt, a_line(rt))

    def lost(_: str) -> None:
        raise NoAnswer("Slack", "timeout")

    rt.staff.refuse = lost
    assert drain_outbox(rt) == 0
    rt.staff.refuse = None
    assert drain_outbox(rt) == 1


def test_one_item_that_fails_stops_no_other() -> None:
    rt = FakeRuntime(NOW)
    broken = Work("w-0", WorkKind.STAFF_LINE, "", NOW, {"line": {"nonsense": 1}})
    promise(rt, broken, a_line(rt), Work("w-9", WorkKind.TICK, "", NOW))
    assert drain_outbox(rt) == 2
    assert rt.staff.texts == ["hello"]
    assert rt.metrics.counts["outbox_unreadable"] == 1
    assert [work.work_id for work in rt.store.work()] == ["w-0"]


def test_only_the_named_items_are_tried() -> None:
    rt = FakeRuntime(NOW)
    one, other = a_line(rt, "one"), a_line(rt, "other")
    promise(rt, one, other)
    drain_outbox(rt, only=[other.work_id])
    assert rt.staff.texts == ["other"]


def test_the_tick_is_asked_for_after_the_lines_are_posted() -> None:
    rt = FakeRuntime(NOW)
    promise(rt, Work("a-first", WorkKind.TICK, "", NOW), a_line(rt))
    order: list[str] = []
    rt.staff.refuse = lambda _: order.append("line")
    request = rt.bus.request
    rt.bus.request = lambda *event: (order.append("tick"), request(*event))[1]  # type: ignore[method-assign]
    drain_outbox(rt)
    assert order == ["line", "tick"]


def test_a_tick_that_could_not_be_asked_for_is_asked_for_later() -> None:
    rt = FakeRuntime(NOW)
    promise(rt, Work("a-tick", WorkKind.TICK, "", NOW))
    rt.bus.down = True
    drain_outbox(rt)
    rt.bus.down = False
    drain_outbox(rt)
    assert [name for name, _ in rt.bus.requests] == ["ar.tick_requested"]
    assert rt.store.work() == []


def test_a_line_for_later_waits_for_its_minute_and_is_no_fault() -> None:
    rt = FakeRuntime(NOW)
    promise(rt, line_work(rt, StaffLine("later"), NOW, not_before="2026-11-24T02:00:00Z"))
    rt.clock.forward(minutes=119)
    drain_outbox(rt)
    assert rt.staff.texts == []
    assert rt.metrics.counts["outbox_minutes"] == 0
    rt.clock.forward(minutes=1)
    drain_outbox(rt)
    assert rt.staff.texts == ["later"]


def test_a_call_that_was_put_off_is_dropped_once_the_visit_begins() -> None:
    rt = FakeRuntime(NOW)
    chain = chain_id(NOW + timedelta(hours=2))
    promise(rt, line_work(rt, StaffLine("please call", appt_id="A-17", chain=chain), NOW, while_open=True))
    rt.clock.forward(minutes=120)
    drain_outbox(rt)
    assert (rt.staff.texts, rt.store.work()) == ([], [])


def test_the_age_of_what_waits_is_counted_for_the_alarm() -> None:
    rt = FakeRuntime(NOW)
    rt.bus.down = True
    promise(rt, Work("w-1", WorkKind.TICK, "", NOW))
    rt.clock.forward(minutes=90)
    drain_outbox(rt)
    assert rt.metrics.counts["outbox_minutes"] == 90


def test_a_customers_message_is_handed_over_until_the_ledger_has_it_settled() -> None:
    rt = FakeRuntime(NOW)
    promise(rt, a_message())
    drain_outbox(rt)
    drain_outbox(rt)
    assert len(rt.bus.moves) == 2
    key = rt.bus.moves[0].key
    sending = Send(key, SendState.SENDING, Channel.EMAIL, Move.MOVED, NOW)
    rt.ledger.world.put_send(sending)
    drain_outbox(rt)
    assert len(rt.bus.moves) == 2
    assert len(rt.store.work()) == 1
    rt.ledger.world.put_send(replace(sending, state=SendState.SENT))
    drain_outbox(rt)
    assert rt.store.work() == []


# ---------------------------------------------------------------- sheet edits


def test_an_edit_is_written_when_google_is_back() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.down = True
    answer(rt, ReplyAction.CONFIRM)
    rt.sheet.down = False
    assert cell(rt, "status") == ""
    drain_outbox(rt)
    assert cell(rt, "status") == "confirmed"
    assert [work.state for work in rt.store.work()] == [WorkState.WRITTEN]
    assert "row_written" in [entry.action for entry in rt.store.audit("A-1")]


def test_what_is_written_is_left_to_the_next_sync_even_if_staff_have_changed_it_since() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.CONFIRM)
    rt.sheet.paste([HEADER, a_row(status="no-show")])
    drain_outbox(rt)
    assert cell(rt, "status") == "no-show"
    assert [work.state for work in rt.store.work()] == [WorkState.WRITTEN]


def test_a_cell_that_was_only_blanked_meanwhile_is_written() -> None:
    rt = a_synced_shop(a_row(status="booked"))
    rt.sheet.paste([HEADER, a_row()])
    answer(rt, ReplyAction.CANCEL)
    assert cell(rt, "status") == "cancelled"
    assert asked(rt) == []


def test_a_start_that_was_only_spelled_anew_is_the_same_start() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row(date="2026-12-02", time="10:00")])
    answer(rt, ReplyAction.CONFIRM)
    assert cell(rt, "status") == "confirmed"
    assert asked(rt) == []


def test_a_start_that_is_another_one_is_asked_about() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row(date="4 Dec 2026")])
    answer(rt, ReplyAction.CONFIRM)
    assert cell(rt, "status") == ""
    assert standing(rt).contested
    assert standing(rt).answer is Answer.CONFIRMED
    assert rt.store.work() == []


def test_an_edit_of_a_row_that_lost_its_id_waits_for_it() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row("")])
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    assert standing(rt).pending
    later(rt)
    later(rt)
    assert cell(rt, "date") == "4 Dec 2026"
    assert asked(rt) == []


def test_an_edit_of_a_row_that_is_gone_is_told_and_dropped() -> None:
    rt = a_synced_shop(a_row(), a_row("A-2", customer="Arun"))
    rt.sheet.down = True
    answer(rt, ReplyAction.CONFIRM)
    rt.sheet.down = False
    paste(rt, a_row("A-2", customer="Arun"))
    later(rt)
    assert any("its row is gone" in text for text in rt.staff.texts)
    assert rt.store.work() == []
    assert standing(rt).answer is Answer.CONFIRMED
    assert not standing(rt).pending


def test_an_edit_that_nobody_waits_for_any_more_is_dropped() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.CONFIRM)
    later(rt)
    payload = {"cells": {"status": "cancelled"}, "expect": {"status": "confirmed"}, "chain": chain_id(WED)}
    promise(rt, Work("w-1", WorkKind.SHEET_EDIT, "A-1", NOW - timedelta(hours=1), payload))
    drain_outbox(rt)
    assert cell(rt, "status") == "confirmed"
    assert rt.store.work() == []


def test_a_crowd_of_notices_is_one_message_and_every_promise_is_kept() -> None:
    rt = FakeRuntime(NOW)
    promise(rt, *(a_line(rt, f"notice {number}") for number in range(4)))
    assert drain_outbox(rt) == 4
    [said] = rt.staff.texts
    assert [f"notice {number}" in said for number in range(4)] == [True] * 4
    assert rt.store.work() == []


def test_a_crowd_that_slack_does_not_take_waits_whole() -> None:
    rt = FakeRuntime(NOW)
    promise(rt, *(a_line(rt, f"notice {number}") for number in range(4)))

    def refused(channel: str) -> None:
        raise NoAnswer("Slack", "down")

    rt.staff.refuse = refused
    assert drain_outbox(rt) == 0
    assert len(rt.store.work()) == 4


def test_a_line_promised_more_often_than_one_transaction_holds_is_done_with_in_the_end() -> None:
    rt = FakeRuntime(NOW)
    for _ in range(130):
        promise(rt, a_line(rt))
    drain_outbox(rt)
    drain_outbox(rt)
    assert rt.store.work() == []
    assert len(rt.staff.texts) == 2
