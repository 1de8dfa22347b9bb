"""The customer's answer, from the link to the last write."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.reply import Outcome
from chalicelib.domain.reply_token import Link, ReplyAction, issue_action
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.domain.work import WorkKind
from chalicelib.errors import StoreConflict, StoreNoAnswer, UpstreamError
from chalicelib.ports import ArmGuard, HoldSlot, ReplaceStanding, ReplyKeys
from chalicelib.usecases.answer_reply import answer_reply
from chalicelib.usecases.reply_core import reply
from tests.functional.reply_world import MEI, NOW, START, Door, button, local, offers, slots, text


@pytest.fixture
def door() -> Door:
    return Door.open()


# ---------------------------------------------------------------- opening a link


def test_opening_a_link_a_hundred_times_writes_nothing_and_the_press_still_works(door: Door) -> None:
    """Promise 50."""
    for _ in range(50):
        door.look()
        door.look(move=True)
    assert door.rt.store.standings(["A-17"]) == {}
    assert door.rt.store.work() == [] and door.rt.store.replies("A-17") == [] and door.rt.store.audit("A-17") == []
    assert door.rt.metrics.counts == {}
    assert door.answer("confirm").outcome == "done"


def test_the_page_shows_the_visit_the_booking_link_and_three_buttons(door: Door) -> None:
    page = door.look()
    assert offers(page) == ["confirm", "reschedule", "cancel", "no-texts"]
    for part in ("Dental cleaning", "Dr Lee", "Thursday 26 November", "9:00am", "Bright Dental"):
        assert part in text(page)
    assert 'href="https://bright.example/b/17"' in page.html


def test_the_page_says_nothing_of_who_the_customer_is(door: Door) -> None:
    page = door.look()
    assert "Mei" not in page.html and "91234567" not in page.html


def test_a_link_for_one_action_puts_that_button_first(door: Door) -> None:
    """Promise 44."""
    assert offers(door.look(first_action="cancel"))[0] == "cancel"
    assert offers(door.look(first_action="reschedule"))[0] == "reschedule"
    assert offers(door.look(first_action="confirm"))[0] == "confirm"


def test_bad_unknown_and_expired_links_look_alike(door: Door) -> None:
    after = Door.open(now=START)
    pages = [
        door.look("nonsense"),
        door.look(door.link()[:-1] + ("A" if door.link()[-1] != "A" else "B")),
        door.look(door.link("nobody")),
        after.look(),
    ]
    assert {(page.status, page.html) for page in pages} == {(404, pages[0].html)}
    assert "+65 6123 4567" in text(pages[0])


def test_only_failed_presses_count_towards_the_alarm(door: Door) -> None:
    door.look("nonsense")
    assert door.rt.metrics.counts == {}
    answer_reply(door.rt, "nonsense", {"t": "x"})
    answer_reply(door.rt, door.link(), {})
    answer_reply(door.rt, door.link(), {"t": door.link()})
    assert door.rt.metrics.counts == {"token_refused": 3}


def test_a_key_that_is_newer_than_ours_is_looked_up_once(door: Door) -> None:
    newer = ReplyKeys(current=2, keys={1: b"k" * 32, 2: b"n" * 32})
    token = door.link()
    door.rt.secrets.keys = newer
    fresh = door.link()
    door.rt.secrets.keys = ReplyKeys(current=1, keys={1: b"k" * 32})
    assert door.look(fresh).status == 404
    assert door.rt.secrets.reloads == 1
    door.rt.secrets.keys = newer
    assert door.look(token).status == 200 and door.look(fresh).status == 200
    assert door.rt.secrets.reloads == 1


def test_a_link_from_an_old_chain_shows_the_current_time() -> None:
    door = Door.open({**MEI, "start": "2026-11-27 15:00"})
    page = door.look(door.link(start=START))
    assert "Friday 27 November" in text(page) and "has moved" in text(page)
    assert door.press(page, "confirm", door.link(start=START)).outcome == "done"
    assert door.standing().chain == chain_id(local("2026-11-27 15:00"))


def test_what_a_cell_says_is_shown_as_text_not_as_a_page() -> None:
    evil = '<script>alert(1)</script>" onload="x'
    door = Door.open({**MEI, "service": evil, "staff": evil, "link": "javascript:alert(1)"})
    for page in (door.look(), door.look(move=True), door.answer("confirm")):
        assert "<script" not in page.html and 'onload="x' not in page.html and "javascript:" not in page.html


def test_a_store_that_is_down_gives_a_calm_page_that_claims_nothing(door: Door, monkeypatch: Any) -> None:
    page = door.look()

    def down(*_: object) -> None:
        raise UpstreamError("DynamoDB", "down")

    monkeypatch.setattr(door.rt.store, "standings", down)
    assert door.look().status == 503
    assert door.press(page, "confirm").status == 503


# ---------------------------------------------------------------- confirm


def test_a_confirmation_is_one_press_that_names_day_and_time(door: Door) -> None:
    """Promise 51. Promise 52."""
    page = door.answer("confirm")
    assert page.outcome == "done"
    assert "You’re confirmed for Thursday 26 November, 9:00am" in text(page)


def test_a_confirmation_writes_reply_sheet_and_audit(door: Door) -> None:
    """Promise 53. Promise 55. Promise 56."""
    door.answer("confirm")
    assert door.actions() == ["confirm"]
    assert door.cell("status") == "confirmed"
    assert [(e.action, e.before, e.after, e.by) for e in door.rt.store.audit("A-17") if e.channel == "page"] == [
        ("confirm", "open", "confirmed", "customer")
    ]


def test_a_confirmation_holds_although_the_sheet_is_down(door: Door) -> None:
    door.rt.sheet.down = True
    assert door.answer("confirm").outcome == "done"
    standing = door.standing()
    assert standing.answer is Answer.CONFIRMED and standing.pending == {"status": "confirmed"}
    assert [edit["expect"]["status"] for edit in door.waiting(WorkKind.SHEET_EDIT)] == ["booked"]


def test_a_second_visit_shows_the_present_state_with_what_can_still_be_done(door: Door) -> None:
    door.answer("confirm")
    page = door.look()
    assert "You’re confirmed for Thursday 26 November, 9:00am" in text(page)
    assert offers(page) == ["reschedule", "cancel", "no-texts"]


def test_confirming_twice_sees_the_same_friendly_page_and_acts_once(door: Door) -> None:
    page = door.look()
    door.press(page, "confirm")
    again = door.press(page, "confirm")
    other = door.press(door.look(), "cancel")
    assert again.outcome == "already confirmed" and "Thank you. You’re confirmed" in text(again)
    assert other.outcome == "done"
    assert door.actions() == ["confirm", "cancel"]


def test_fifty_parallel_presses_act_once_and_all_see_the_same(door: Door) -> None:
    page = door.look()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: door.press(page, "confirm"), range(50)))
    assert [a.outcome for a in answers].count("done") == 1
    assert {text(a) for a in answers} == {text(answers[0])}
    assert door.actions() == ["confirm"]


def test_a_press_repeated_after_staff_reopened_the_visit_does_not_act_again(door: Door) -> None:
    page = door.look()
    door.press(page, "confirm")
    standing = door.standing()
    door.rt.store.commit(
        ReplaceStanding(Standing("A-17", standing.chain, reopened_at=door.rt.clock(), rev=standing.rev))
    )
    again = door.press(page, "confirm")
    assert again.outcome == "already done"
    assert door.standing().answer is Answer.OPEN and door.actions() == ["confirm"]


def test_a_button_from_before_staff_moved_the_visit_does_not_confirm_the_new_time(door: Door) -> None:
    page = door.look()
    door.mirror({**MEI, "start": "2026-11-27 15:00", "date": "Fri 27 Nov", "time": "3:00pm"})
    answer = door.press(page, "confirm")
    assert answer.outcome == "changed" and "Friday 27 November" in text(answer)
    assert door.actions() == []


def test_a_button_of_another_visits_page_is_refused() -> None:
    door = Door.open(MEI, {**MEI, "appt_id": "B-2", "customer": "Rex"})
    other = door.look(door.link("B-2"))
    assert door.press(other, "confirm").status == 404
    assert door.rt.store.standings(["A-17", "B-2"]) == {}


def test_a_page_left_open_too_long_gets_fresh_buttons(door: Door) -> None:
    page = door.look()
    door.rt.clock.forward(hours=25)
    answer = door.press(page, "confirm")
    assert answer.outcome == "not offered" and "confirm" in offers(answer)
    assert door.actions() == [] and door.rt.metrics.counts == {}


def test_nothing_is_offered_for_a_visit_that_the_sheet_says_is_over() -> None:
    door = Door.open({**MEI, "status": "done"})
    assert offers(door.look()) == ["no-texts"]


# ---------------------------------------------------------------- cancel and undo


def test_a_cancel_tells_staff_at_once_frees_the_slot_and_writes_the_sheet(door: Door) -> None:
    """Promises 63, 64."""
    page = door.answer("cancel")
    assert page.outcome == "done" and "Your appointment is cancelled." in text(page)
    assert door.cell("status") == "cancelled"
    lines = [line for _, line in door.rt.staff.lines]
    assert [line.move for line in lines] == ["cancelled"]
    assert "Mei Tan, Dental cleaning with Dr Lee, Thu 26 Nov 9:00am" in lines[0].text
    assert [(m.move, m.key.what.split("#")[0]) for m in door.rt.bus.moves] == [(Move.CANCELLED, "cancelled")]


def test_staff_hear_of_a_cancel_in_the_middle_of_the_night() -> None:
    door = Door.open(now=local("2026-11-24 23:40"))
    door.answer("cancel")
    assert len(door.rt.staff.lines) == 1
    assert [m.planned for m in door.rt.bus.moves] == [local("2026-11-25 08:00")]


def test_every_cancel_is_told_even_the_second_of_one_visit(door: Door) -> None:
    page = door.answer("cancel")
    door.press(page, "undo")
    door.answer("cancel")
    assert [line.move for _, line in door.rt.staff.lines] == ["cancelled", "notice", "cancelled"]
    assert sum("Cancelled by the customer" in line for line in door.rt.staff.texts) == 2


def test_undo_restores_status_and_chain_and_tells_staff(door: Door) -> None:
    page = door.answer("cancel")
    assert "10:10am" in text(page)
    door.rt.clock.forward(minutes=9)
    kept = door.press(page, "undo")
    assert kept.outcome == "done" and "on again" in text(kept)
    standing = door.standing()
    assert standing.answer is Answer.OPEN and standing.chain == chain_id(START)
    assert door.cell("status") == "booked"
    assert "Taken back by the customer" in door.rt.staff.texts[-1]
    assert door.actions() == ["cancel", "undo"]
    assert ("ar.tick_requested", {"version": 1, "appt_id": "A-17"}) in door.rt.bus.requests


def test_undo_after_a_confirmation_is_confirmed_again(door: Door) -> None:
    door.answer("confirm")
    page = door.answer("cancel")
    kept = door.press(page, "undo")
    assert "You’re confirmed" in text(kept)
    assert door.standing().answer is Answer.CONFIRMED and door.cell("status") == "confirmed"


def test_undo_replaces_a_sheet_edit_that_still_waits(door: Door) -> None:
    door.rt.sheet.down = True
    page = door.answer("cancel")
    door.press(page, "undo")
    edits = door.waiting(WorkKind.SHEET_EDIT)
    assert [edit["cells"] for edit in edits] == [{"status": "booked"}]
    door.rt.sheet.down = False
    door.rt.clock.forward(minutes=1)
    from chalicelib.usecases.drain_outbox import drain_outbox

    drain_outbox(door.rt)
    assert door.cell("status") == "booked"


def test_undo_withdraws_the_note_that_was_still_waiting(door: Door) -> None:
    page = door.answer("cancel")
    assert len(door.waiting(WorkKind.CUSTOMER_MESSAGE)) == 1
    door.press(page, "undo")
    assert door.waiting(WorkKind.CUSTOMER_MESSAGE) == []


def test_undo_is_offered_for_ten_minutes_only(door: Door) -> None:
    page = door.answer("cancel")
    door.rt.clock.forward(minutes=10)
    late = door.press(page, "undo")
    assert late.outcome == "not offered" and offers(late) == ["no-texts"]
    assert door.standing().answer is Answer.CANCELLED


def test_undo_is_not_offered_once_somebody_has_the_slot() -> None:
    door = Door.open(MEI, {**MEI, "appt_id": "B-2", "customer": "Arun", "start": "2026-11-27 10:00"})
    page = door.answer("cancel")
    assert door.move("2026-11-26 09:00", door.link("B-2", local("2026-11-27 10:00"))).outcome == "done"
    taken = door.press(page, "undo")
    assert taken.outcome == "just taken" and "just taken" in text(taken)
    assert door.standing().answer is Answer.CANCELLED
    assert "undo" not in offers(door.look())


def test_undo_is_a_press_that_acts_once(door: Door) -> None:
    page = door.answer("cancel")
    door.press(page, "undo")
    assert door.press(page, "undo").outcome == "already done"
    assert door.actions() == ["cancel", "undo"]


def test_a_cancelled_visit_can_not_be_confirmed_from_a_page_left_open(door: Door) -> None:
    page = door.look()
    door.answer("cancel")
    late = door.press(page, "confirm")
    assert late.outcome == "already cancelled" and "undo" in offers(late)
    assert door.standing().answer is Answer.CANCELLED


# ---------------------------------------------------------------- move


def test_the_free_times_keep_to_hours_length_lead_and_other_visits() -> None:
    """Promise 57."""
    other = {**MEI, "appt_id": "B-2", "staff": " dr  LEE ", "start": "2026-11-24 14:00"}
    elsewhere = {**MEI, "appt_id": "C-3", "staff": "Dr Wong", "start": "2026-11-24 15:30"}
    gone = {**MEI, "appt_id": "D-4", "status": "cancelled", "start": "2026-11-24 16:30"}
    page = Door.open(MEI, other, elsewhere, gone).look(move=True)
    free = slots(page)
    assert free[0] == "Tue 24 12:00"
    assert "Tue 24 13:15" in free and "Tue 24 13:30" not in free and "Tue 24 14:45" in free
    assert "Tue 24 15:30" in free and "Tue 24 16:30" in free
    assert "Tue 24 17:15" in free and "Tue 24 17:30" not in free
    assert "Sat 28 12:15" in free and "Sat 28 12:30" not in free
    assert not any(slot.startswith("Sun") for slot in free)
    assert "Thu 26 09:00" not in free and "Thu 26 09:15" in free
    assert free[-1] == "Tue 08 10:00"


def test_a_move_writes_the_new_time_in_the_cells_own_spelling(door: Door) -> None:
    """Promise 58."""
    page = door.move("2026-11-27 15:00")
    assert page.outcome == "done" and "You’re now booked for Friday 27 November, 3:00pm" in text(page)
    assert (door.cell("date"), door.cell("time"), door.cell("status")) == ("Fri 27 Nov", "3:00pm", "moved")


def test_a_move_starts_a_fresh_chain_first_seen_at_the_press(door: Door) -> None:
    """Promise 60."""
    door.rt.clock.forward(seconds=40)
    door.move("2026-11-27 15:00")
    standing = door.standing()
    assert standing.chain == chain_id(local("2026-11-27 15:00"))
    assert (standing.answer, standing.moved_from, standing.first_seen) == (Answer.OPEN, START, NOW)
    assert standing.cell_before == "booked" and standing.sent == {}
    assert ("ar.tick_requested", {"version": 1, "appt_id": "A-17"}) in door.rt.bus.requests


def test_a_moves_reply_and_audit_have_old_and_new_time(door: Door) -> None:
    """Promise 61."""
    door.move("2026-11-27 15:00")
    (stored,) = door.rt.store.replies("A-17")
    assert (stored.old_time, stored.new_time) == ("2026-11-26T01:00:00Z", "2026-11-27T07:00:00Z")
    entry = next(e for e in door.rt.store.audit("A-17") if e.action == "reschedule")
    assert (entry.before, entry.after) == ("2026-11-26T01:00:00Z", "2026-11-27T07:00:00Z")


def test_a_move_archives_what_the_left_chain_sent(door: Door) -> None:
    """Promise 59."""
    sent(door, "h48")
    door.move("2026-11-27 15:00")
    assert [key[1] for key in door.rt.store.world.archive] == [f"{chain_id(START)}#h48"]


def test_staff_are_told_of_a_move_and_the_customer_gets_the_new_time(door: Door) -> None:
    door.move("2026-11-27 15:00")
    assert [(line.move, line.text) for _, line in door.rt.staff.lines] == [
        (
            "moved",
            "Moved by the customer: Mei Tan, Dental cleaning with Dr Lee, Thu 26 Nov 9:00am is now Fri 27 Nov 3:00pm.",
        )
    ]
    (due,) = door.rt.bus.moves
    assert (due.move, due.key.chain, due.planned) == (Move.MOVED, chain_id(local("2026-11-27 15:00")), NOW)
    assert due.key.what == f"moved#{door.standing().reply_id}"


def test_the_minute_of_a_moves_confirmation_is_now_by_mail_and_in_sending_hours_by_text() -> None:
    night = local("2026-11-24 22:15")
    by_text, by_mail = Door.open(now=night), Door.open({**MEI, "email": "mei@example.com"}, now=night)
    by_text.move("2026-11-27 15:00")
    by_mail.move("2026-11-27 15:00")
    assert by_text.standing().moved_at == local("2026-11-25 08:00")
    assert by_mail.standing().moved_at == night


def test_two_customers_who_want_one_slot_and_the_loser_sees_fresh_ones() -> None:
    door = Door.open(MEI, {**MEI, "appt_id": "B-2", "start": "2026-11-26 11:00"})
    mei, arun = door.link(), door.link("B-2", local("2026-11-26 11:00"))
    pages = door.look(mei, move=True), door.look(arun, move=True)
    slot = "2026-11-27T07:00:00Z"
    assert door.press(pages[0], "reschedule", mei, slot=slot).outcome == "done"
    lost = door.press(pages[1], "reschedule", arun, slot=slot)
    assert lost.outcome == "just taken" and "Somebody has just taken Friday 27 November, 3:00pm" in text(lost)
    free = slots(lost)
    assert "Fri 27 15:00" not in free and "Fri 27 14:30" not in free and "Fri 27 15:45" in free
    assert door.press(lost, "reschedule", arun, slot="2026-11-27T07:45:00Z").outcome == "done"


def test_the_hold_decides_where_two_presses_saw_the_slot_free(door: Door, monkeypatch: Any) -> None:
    page = door.look(move=True)
    free = door.rt.store.holds
    door.rt.store.commit(HoldSlot("dr lee", local("2026-11-27 15:30"), "B-2", "x"))
    monkeypatch.setattr(door.rt.store, "holds", lambda *_: {})
    lost = door.press(page, "reschedule", slot="2026-11-27T07:00:00Z")
    assert lost.outcome == "just taken" and door.actions() == []
    monkeypatch.setattr(door.rt.store, "holds", free)


def test_a_slot_that_was_never_offered_is_not_taken(door: Door) -> None:
    page = door.look(move=True)
    for slot in ("2026-11-29T02:00:00Z", "2026-11-24T03:00:00Z", "2027-03-01T02:00:00Z", "2026-11-27T07:07:00Z"):
        assert door.press(page, "reschedule", slot=slot).outcome == "just taken"
    for slot in ("", "soon", "2026-11-27T15:00:00"):
        assert door.press(page, "reschedule", slot=slot).outcome == "not offered"
    assert door.actions() == []


def test_moving_again_gives_the_first_new_slot_back() -> None:
    door = Door.open(MEI, {**MEI, "appt_id": "B-2", "start": "2026-11-26 11:00"})
    door.move("2026-11-27 15:00")
    door.move("2026-11-27 10:00")
    held = door.rt.store.holds("dr lee", NOW, local("2026-12-20 00:00"))
    assert set(held) == {local(f"2026-11-27 10:{m}") for m in ("00", "15", "30")}
    assert "Fri 27 15:00" in slots(door.look(door.link("B-2", local("2026-11-26 11:00")), move=True))


def test_moving_again_before_the_sheet_is_written_leaves_one_edit_that_knows_both_texts(door: Door) -> None:
    door.rt.sheet.down = True
    door.move("2026-11-27 15:00")
    door.move("2026-11-30 10:00")
    (edit,) = door.waiting(WorkKind.SHEET_EDIT)
    assert edit["cells"] == {"date": "Mon 30 Nov", "time": "10:00am", "status": "moved"}
    assert edit["expect"] == {"status": "booked", "date": "Thu 26 Nov", "time": "9:00am"}
    assert {"status": "moved", "date": "Fri 27 Nov", "time": "3:00pm"} in edit["or_expect"]
    assert door.standing().moved_from == START
    assert len(door.waiting(WorkKind.CUSTOMER_MESSAGE)) == 1


def test_confirming_a_new_time_keeps_the_moves_own_confirmation_alive(door: Door) -> None:
    door.move("2026-11-27 15:00")
    moved = door.standing().reply_id
    door.answer("confirm")
    assert door.standing().answer is Answer.CONFIRMED and door.standing().reply_id == moved
    assert (door.cell("date"), door.cell("status")) == ("Fri 27 Nov", "confirmed")


def test_cancelling_after_a_move_and_taking_it_back_keeps_the_new_time(door: Door) -> None:
    door.move("2026-11-27 15:00")
    page = door.answer("cancel")
    door.press(page, "undo")
    assert door.standing().chain == chain_id(local("2026-11-27 15:00"))
    assert (door.cell("date"), door.cell("time"), door.cell("status")) == ("Fri 27 Nov", "3:00pm", "moved")


def test_a_move_back_to_an_earlier_start_resumes_what_that_chain_sent(door: Door) -> None:
    sent(door, "h48")
    door.answer("confirm")
    door.move("2026-11-27 15:00")
    door.move("2026-11-26 09:00")
    standing = door.standing()
    assert standing.chain == chain_id(START) and set(standing.sent) == {"h48"}
    assert standing.answer is Answer.OPEN


def test_a_move_pressed_twice_moves_once_and_shows_the_same(door: Door) -> None:
    page = door.look(move=True)
    first = door.press(page, "reschedule", slot="2026-11-27T07:00:00Z")
    again = door.press(page, "reschedule", slot="2026-11-27T07:00:00Z")
    assert again.outcome == "already moved"
    assert re.sub(r"now booked.*", "", text(again)) == re.sub(r"now booked.*", "", text(first))
    other = door.press(page, "reschedule", slot="2026-11-27T08:00:00Z")
    assert other.outcome == "changed" and door.actions() == ["reschedule"]


# ---------------------------------------------------------------- no texts, please


def test_no_texts_opts_the_number_out_and_the_visit_stays(door: Door) -> None:
    page = door.answer("no-texts")
    assert page.outcome == "done" and "won’t text this number" in text(page)
    assert door.rt.store.opted_out(["+6591234567"]) == {"+6591234567"}
    assert door.rt.store.standings(["A-17"]) == {}
    assert "opted out of texts. The visit is still booked." in door.rt.staff.texts[0]
    assert [e.action for e in door.rt.store.audit("A-17")] == ["no-texts"]
    assert "texts-again" in offers(page)


def test_no_texts_can_be_taken_back(door: Door) -> None:
    page = door.answer("no-texts")
    back = door.press(page, "texts-again")
    assert back.outcome == "done" and door.rt.store.opted_out(["+6591234567"]) == set()
    assert "no-texts" in offers(back)


def test_no_texts_pressed_twice_is_told_once(door: Door) -> None:
    page = door.look()
    door.press(page, "no-texts")
    assert door.press(page, "no-texts").outcome == "already done"
    assert len(door.rt.staff.lines) == 1


def test_no_contact_is_written_to_the_audit(door: Door) -> None:
    for action in ("no-texts", "cancel"):
        door.answer(action)
    assert "91234567" not in repr(door.rt.store.audit("A-17")) + repr(door.rt.store.replies("A-17"))


# ---------------------------------------------------------------- staff, and the store's bad days


def test_what_staff_press_sends_the_customer_nothing_and_names_them(door: Door) -> None:
    result = reply(door.rt, "A-17", ReplyAction.CANCEL, "Dana", "slack", NOW, chain=chain_id(START))
    assert result.outcome is Outcome.DONE
    assert door.rt.bus.moves == [] and door.rt.staff.lines == []
    assert door.cell("status") == "cancelled" and door.standing().undo_until is None
    assert [e.by for e in door.rt.store.audit("A-17") if e.action == "cancel"] == ["Dana"]
    assert offers(door.look()) == ["no-texts"]


def test_staffs_press_about_a_start_that_was_left_changes_nothing(door: Door) -> None:
    door.move("2026-11-27 15:00")
    result = reply(door.rt, "A-17", ReplyAction.CONFIRM, "Dana", "slack", NOW, chain=chain_id(START))
    assert result.outcome is Outcome.CHANGED and door.standing().answer is Answer.OPEN


def test_a_press_behind_a_link_that_is_over_is_refused_although_the_visit_is_later_now(door: Door) -> None:
    link = Link("A-17", chain_id(START), 2880)
    pressed = issue_action(link, "confirm", b"n" * 16, START + timedelta(hours=1), door.rt.secrets.reply_keys())
    door.mirror({**MEI, "date": "28 Nov 2026", "start": "2026-11-28 09:00"})
    door.rt.clock.now = START
    assert answer_reply(door.rt, door.link(), {"t": pressed}).status == 404
    assert door.rt.store.standings(["A-17"]) == {}


def test_an_answer_for_a_row_that_is_gone_says_so(door: Door) -> None:
    assert reply(door.rt, "Z-9", ReplyAction.CONFIRM, "Dana", "slack", NOW).outcome is Outcome.GONE


def test_a_press_that_finds_the_standing_changed_meanwhile_tries_again(door: Door, monkeypatch: Any) -> None:
    page = door.look()
    before_first_commit(
        door,
        monkeypatch,
        lambda: door.rt.store.commit(ReplaceStanding(Standing("A-17", chain_id(START), sent={"h48": NOW}))),
    )
    assert door.press(page, "confirm").outcome == "done"
    assert door.standing().answer is Answer.CONFIRMED and set(door.standing().sent) == {"h48"}


def test_a_commit_whose_answer_was_lost_is_read_back_and_not_made_twice(door: Door, monkeypatch: Any) -> None:
    commit, page = door.rt.store.commit, door.look()

    def lossy(*writes: Any) -> None:
        commit(*writes)
        monkeypatch.setattr(door.rt.store, "commit", commit)
        raise StoreNoAnswer("the connection was reset")

    monkeypatch.setattr(door.rt.store, "commit", lossy)
    answer = door.press(page, "cancel")
    assert answer.outcome == "done" and door.actions() == ["cancel"]
    assert len(door.rt.staff.lines) == 1 and door.cell("status") == "cancelled"


def test_a_commit_that_never_arrived_is_made_again(door: Door, monkeypatch: Any) -> None:
    commit, page = door.rt.store.commit, door.look()

    def lost(*writes: Any) -> None:
        monkeypatch.setattr(door.rt.store, "commit", commit)
        raise StoreNoAnswer("the connection was reset")

    monkeypatch.setattr(door.rt.store, "commit", lost)
    assert door.press(page, "confirm").outcome == "done"
    assert door.actions() == ["confirm"]


def test_a_store_in_lasting_conflict_claims_nothing_and_asks_for_another_try(door: Door, monkeypatch: Any) -> None:
    page = door.look()

    def conflict(*_: Any) -> None:
        raise StoreConflict("another transaction")

    with monkeypatch.context() as patch:
        patch.setattr(door.rt.store, "commit", conflict)
        answer = door.press(page, "confirm")
    assert answer.outcome == "busy" and "nothing was changed" in text(answer)
    assert door.press(answer, "confirm").outcome == "done"


def test_a_press_survives_slack_and_the_bus_being_down(door: Door) -> None:
    door.rt.bus.down = True

    def refuse(_: str) -> None:
        raise UpstreamError("Slack", "down")

    door.rt.staff.refuse = refuse
    assert door.answer("cancel").outcome == "done"
    assert len(door.waiting(WorkKind.STAFF_LINE)) == 1 and len(door.waiting(WorkKind.CUSTOMER_MESSAGE)) == 1


def test_an_action_that_no_page_has_is_refused(door: Door) -> None:
    token = issue_action(Link("A-17", chain_id(START)), "no-emails", b"n" * 16, START, door.rt.secrets.reply_keys())
    assert answer_reply(door.rt, door.link(), {"t": token}).status == 404


def sent(door: Door, what: str) -> None:
    """A reminder of Mei's chain that went out."""
    send = Send(
        SendKey("A-17", chain_id(START), what), SendState.CLAIMED, Channel.TEXT, Move.FIRST_REMINDER, planned=NOW
    )
    moment = NOW - timedelta(minutes=5)
    door.rt.ledger.claim(send, "run", moment)
    door.rt.ledger.arm(send, "run", moment, ArmGuard("A-17", chain_id(START)))
    door.rt.ledger.sent(send, "run", "m-1", "+6591234567", moment)


def before_first_commit(door: Door, monkeypatch: Any, act: Callable[[], None]) -> None:
    """Let something happen between a press's reading and its writing."""
    commit = door.rt.store.commit

    def disturbed(*writes: Any) -> None:
        monkeypatch.setattr(door.rt.store, "commit", commit)
        act()
        commit(*writes)

    monkeypatch.setattr(door.rt.store, "commit", disturbed)


def test_the_helper_finds_no_button_that_is_not_there(door: Door) -> None:
    with pytest.raises(AssertionError, match="no undo button"):
        button(door.look(), "undo")
