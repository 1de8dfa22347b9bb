"""What the front desk presses in Slack (DESIGN §4.1, §6, §8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.appointment import chain_id
from chalicelib.domain.gap_buttons import CALL_LATER, CANCELLED_BY_STAFF, CONFIRMED_BY_PHONE, subject
from chalicelib.domain.question import KEEP_START, TAKE_SHEET
from chalicelib.domain.reply import Outcome
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.standing import Answer
from chalicelib.domain.work import WorkKind
from chalicelib.errors import UpstreamError
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.settle_staff_action import settle_staff_action
from tests.fakes.runtime import FakeRuntime
from tests.functional.sync_world import (
    FRI,
    HEADER,
    WED,
    a_reminder_went,
    a_row,
    a_synced_shop,
    answer,
    asked,
    cell,
    later,
    mirror,
    mirrored,
    paste,
    press,
    rows,
    standing,
    sync_state,
)


def act(rt: FakeRuntime, action: str, value: str = subject("A-1", chain_id(WED)), user: str = "Dana") -> str:
    return settle_staff_action(rt, action, value, user, "C1", "ts-1", rt.clock())


def an_export_took_back_a_move(status: str = "") -> FakeRuntime:
    """Mei moved from Wednesday ten to Friday three; then the old list was pasted over the sheet."""
    rt = a_synced_shop(a_row(status=status))
    a_reminder_went(rt, chain_id(WED))
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    paste(rt, a_row(status=status))
    return rt


def confirmed_while_staff_are_asked() -> FakeRuntime:
    """The question which start is right is open, and Mei confirms her Friday."""
    rt = an_export_took_back_a_move()
    assert answer(rt, ReplyAction.CONFIRM).outcome is Outcome.DONE
    later(rt)
    return rt


# ---------------------------------------------------------------- the gap alert's


def test_confirmed_by_phone_acts_like_a_reply_and_names_who_pressed() -> None:
    rt = a_synced_shop(a_row())
    text = act(rt, CONFIRMED_BY_PHONE)
    assert text.startswith("Confirmed by phone — Dana. Mei")
    assert standing(rt).answer is Answer.CONFIRMED
    assert cell(rt, "status") == "confirmed"
    assert ("confirm", "Dana", "slack") in [(e.action, e.by, e.channel) for e in rt.store.audit("A-1")]
    assert rt.staff.settled == [("C1", "ts-1", text)]


def test_a_press_that_comes_twice_acts_once_and_says_the_same() -> None:
    rt = a_synced_shop(a_row())
    assert act(rt, CANCELLED_BY_STAFF) == act(rt, CANCELLED_BY_STAFF)
    assert len(rt.store.replies("A-1")) == 1


def test_what_staff_press_sends_the_customer_nothing() -> None:
    rt = a_synced_shop(a_row(email="mei@example.com"))
    act(rt, CANCELLED_BY_STAFF)
    later(rt)
    assert rt.bus.moves == []
    assert (rt.sms.texts, rt.email.mails) == ([], [])


def test_a_press_about_a_visit_that_moved_on_changes_nothing_and_says_so() -> None:
    rt = a_synced_shop(a_row())
    paste(rt, a_row(date="4 Dec 2026"))
    assert "at another time by now" in act(rt, CONFIRMED_BY_PHONE)
    assert standing(rt) is None or standing(rt).answer is Answer.OPEN


def test_a_confirm_after_the_customers_cancel_says_so() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.CANCEL)
    assert "cancelled already" in act(rt, CONFIRMED_BY_PHONE)
    assert standing(rt).answer is Answer.CANCELLED


def test_call_later_asks_again_once_at_its_minute() -> None:
    rt = a_synced_shop(a_row())
    assert "asked again at Tue 24 Nov 8:30am" in act(rt, CALL_LATER)
    assert "asked again" in act(rt, CALL_LATER)
    ((at, event),) = rt.schedules.booked.values()
    rt.clock.forward(minutes=29)
    dispatch_move(rt, event)
    assert rt.staff.lines == []
    rt.clock.now = at
    dispatch_move(rt, event)
    ((_, line),) = rt.staff.lines
    assert line.move == "gap_alert"
    assert "Mei" in line.text
    assert [button.label for button in line.buttons] == ["Confirmed by phone", "Cancelled"]
    assert rt.store.work() == []
    assert "Please call now" in act(rt, CALL_LATER)


def test_call_later_is_dropped_once_the_customer_answered() -> None:
    rt = a_synced_shop(a_row())
    act(rt, CALL_LATER)
    answer(rt, ReplyAction.CONFIRM)
    later(rt, minutes=31)
    assert rt.staff.lines == []
    assert rt.store.work() == []


def test_call_later_is_no_use_just_before_the_visit() -> None:
    rt = a_synced_shop(a_row())
    rt.clock.now = WED - timedelta(minutes=30)
    assert "please call now" in act(rt, CALL_LATER)
    assert rt.schedules.booked == {}


# ---------------------------------------------------------------- the customer's start, or the sheet's


def test_keep_friday_writes_the_customers_start_into_the_sheet() -> None:
    rt = an_export_took_back_a_move()
    assert press(rt, "Keep Friday 3:00pm").endswith("Fri 4 Dec 3:00pm is kept and written into the sheet — Dana.")
    assert (cell(rt, "date"), cell(rt, "time"), cell(rt, "status")) == ("4 Dec 2026", "3:00pm", "moved")
    later(rt)
    assert mirrored(rt).start == FRI
    assert not standing(rt).wins
    assert WorkKind.SHEET_EDIT not in {work.kind for work in rt.store.work()}


def test_back_to_wednesday_resumes_its_sends_and_never_its_old_reply() -> None:
    rt = an_export_took_back_a_move(status="confirmed")
    assert press(rt, "Back to Wednesday").endswith("back to Wed 2 Dec 10:00am, as the sheet says — Dana.")
    assert standing(rt).chain == chain_id(WED)
    assert standing(rt).answer is Answer.OPEN
    assert set(standing(rt).sent) == {"h48"}
    assert standing(rt).moved_from is None
    assert cell(rt, "status") == ""
    later(rt)
    assert mirrored(rt).start == WED
    assert not standing(rt).wins
    assert [(e.action, e.by) for e in rt.store.audit("A-1") if e.action == "moved_by_staff"] == [
        ("moved_by_staff", "Dana")
    ]


def test_an_answer_given_while_staff_are_asked_is_written_at_once_and_leaves_the_start_alone() -> None:
    rt = confirmed_while_staff_are_asked()
    assert (cell(rt, "date"), cell(rt, "status")) == ("2 Dec 2026", "confirmed")
    assert standing(rt).contested
    assert len(asked(rt)) == 1


def test_an_answer_blanked_by_an_export_while_staff_are_asked_is_written_back() -> None:
    rt = confirmed_while_staff_are_asked()
    paste(rt, a_row())
    later(rt)
    assert (cell(rt, "date"), cell(rt, "status")) == ("2 Dec 2026", "confirmed")
    assert (standing(rt).answer, standing(rt).contested) == (Answer.CONFIRMED, True)
    assert WorkKind.SHEET_EDIT not in {work.kind for work in rt.store.work()}
    assert len(asked(rt)) == 1


def test_an_answer_whose_export_blanks_the_status_with_the_old_start_is_written_back() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    answer(rt, ReplyAction.CONFIRM)
    later(rt)
    paste(rt, a_row())
    later(rt)
    assert (cell(rt, "date"), cell(rt, "status")) == ("2 Dec 2026", "confirmed")
    assert standing(rt).contested


def test_keep_friday_keeps_the_answer_that_was_given_meanwhile() -> None:
    rt = confirmed_while_staff_are_asked()
    press(rt, "Keep Friday 3:00pm")
    later(rt)
    assert (cell(rt, "date"), cell(rt, "time"), cell(rt, "status")) == ("4 Dec 2026", "3:00pm", "confirmed")
    assert mirrored(rt).start == FRI
    assert (standing(rt).answer, standing(rt).wins) == (Answer.CONFIRMED, False)
    assert WorkKind.SHEET_EDIT not in {work.kind for work in rt.store.work()}


@pytest.mark.parametrize("synced", [True, False], ids=["shown by a sync", "not yet"])
def test_back_to_wednesday_clears_the_mark_of_an_answer_that_was_given_meanwhile(synced: bool) -> None:
    rt = an_export_took_back_a_move()
    answer(rt, ReplyAction.CONFIRM)
    if synced:
        later(rt)
    press(rt, "Back to Wednesday 10:00am")
    later(rt)
    assert (cell(rt, "date"), cell(rt, "status")) == ("2 Dec 2026", "")
    later(rt)
    assert (standing(rt).chain, standing(rt).answer) == (chain_id(WED), Answer.OPEN)
    assert (mirrored(rt).start, mirrored(rt).values["status"]) == (WED, "")
    assert not standing(rt).wins


def test_a_cancel_while_staff_are_asked_is_written_and_its_undo_takes_it_back() -> None:
    rt = an_export_took_back_a_move()
    answer(rt, ReplyAction.CANCEL)
    later(rt)
    assert (cell(rt, "date"), cell(rt, "status")) == ("2 Dec 2026", "cancelled")
    assert answer(rt, ReplyAction.UNDO).outcome is Outcome.DONE
    later(rt)
    assert (cell(rt, "date"), cell(rt, "status")) == ("2 Dec 2026", "")
    assert (standing(rt).answer, standing(rt).chain, standing(rt).contested) == (Answer.OPEN, chain_id(FRI), True)


@pytest.mark.parametrize("action", [ReplyAction.CONFIRM, ReplyAction.CANCEL])
def test_the_mark_of_an_answer_does_not_settle_for_staff_which_start_is_right(action: ReplyAction) -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row(date="9 Dec 2026")])
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    assert standing(rt).contested
    answer(rt, action)
    later(rt)
    later(rt)
    assert (cell(rt, "date"), cell(rt, "status")) == ("9 Dec 2026", {"confirm": "confirmed"}.get(action, "cancelled"))
    assert (standing(rt).chain, standing(rt).contested) == (chain_id(FRI), True)
    assert standing(rt).answer is not Answer.OPEN


def test_an_export_without_statuses_does_not_settle_for_staff_which_start_is_right() -> None:
    rt = a_synced_shop(a_row(status="booked"))
    rt.sheet.paste([HEADER, a_row(date="9 Dec 2026", status="booked")])
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    paste(rt, a_row(date="9 Dec 2026"))
    assert (standing(rt).chain, standing(rt).contested) == (chain_id(FRI), True)


def test_of_two_presses_on_one_question_the_second_changes_nothing() -> None:
    rt = an_export_took_back_a_move()
    press(rt, "Keep Friday")
    assert "settled already" in press(rt, "Back to Wednesday", user="Arun")
    assert standing(rt).chain == chain_id(FRI)


def test_an_export_that_comes_again_after_the_answer_is_asked_about_again() -> None:
    rt = an_export_took_back_a_move()
    press(rt, "Keep Friday")
    later(rt)
    paste(rt, a_row())
    assert len(asked(rt)) == 2


# ---------------------------------------------------------------- booked came back


def an_export_says_booked_again() -> FakeRuntime:
    rt = a_synced_shop(a_row(status="booked"))
    answer(rt, ReplyAction.CANCEL)
    a = standing(rt)
    assert a.answer is Answer.CANCELLED
    later(rt)
    paste(rt, a_row(status="booked"))
    return rt


def test_reopen_puts_the_visit_on_again() -> None:
    rt = an_export_says_booked_again()
    assert "reopened" in press(rt, "Reopen")
    assert standing(rt).answer is Answer.OPEN
    assert standing(rt).reopened_at == rt.clock()
    assert cell(rt, "status") == "booked"
    assert rt.bus.requests[-1][0] == "ar.tick_requested"


def test_keep_the_answer_writes_it_again() -> None:
    rt = an_export_says_booked_again()
    assert "“cancelled” stands" in press(rt, "Keep the answer")
    assert cell(rt, "status") == "cancelled"
    later(rt)
    assert not standing(rt).pending


# ---------------------------------------------------------------- is the visit on?


def a_cancelled_visit_got_a_new_start() -> FakeRuntime:
    rt = a_synced_shop(a_row(status="cancelled"))
    paste(rt, a_row(status="cancelled", date="4 Dec 2026", time="3:00pm"))
    return rt


def test_it_is_on_clears_the_word_and_lets_reminders_go() -> None:
    rt = a_cancelled_visit_got_a_new_start()
    press(rt, "It is on")
    assert cell(rt, "status") == ""
    assert not standing(rt).hold_reason
    later(rt)
    assert not standing(rt).wins
    assert len(asked(rt)) == 1


def test_it_is_off_leaves_the_word() -> None:
    rt = a_cancelled_visit_got_a_new_start()
    press(rt, "It is off")
    later(rt, minutes=60)
    assert cell(rt, "status") == "cancelled"
    assert not standing(rt).hold_reason
    assert len(asked(rt)) == 1


# ---------------------------------------------------------------- an answer that the sheet contradicts


def test_a_status_that_changed_before_the_mark_is_asked_about_and_left_alone() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row(status="no-show")])
    answer(rt, ReplyAction.CONFIRM)
    assert cell(rt, "status") == "no-show"
    (question,) = asked(rt)
    assert [button.label for button in question.buttons] == ["Write “confirmed”", "Leave “no-show”"]
    later(rt)
    assert standing(rt).contested
    press(rt, "Write")
    assert cell(rt, "status") == "confirmed"


def test_leaving_the_cell_makes_the_sheet_right() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row(status="no-show")])
    answer(rt, ReplyAction.CONFIRM)
    press(rt, "Leave")
    later(rt)
    assert cell(rt, "status") == "no-show"
    assert not standing(rt).wins


def test_a_start_that_staff_changed_while_the_customer_answered_is_asked_about() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row(date="4 Dec 2026", time="3:00pm")])
    answer(rt, ReplyAction.CONFIRM)
    later(rt)
    (question,) = asked(rt)
    assert [button.label for button in question.buttons] == ["Keep Wednesday 10:00am", "Back to Friday 3:00pm"]
    press(rt, "Back to Friday")
    later(rt)
    assert standing(rt).chain == chain_id(FRI)
    assert standing(rt).answer is Answer.OPEN


# ---------------------------------------------------------------- the brake's


def test_the_refused_sheet_is_taken_by_its_button() -> None:
    rt = a_synced_shop(*rows(12))
    paste(rt, *rows(6))
    assert "taken as it is — Dana" in press(rt, "The sheet is right")
    assert len(mirror(rt)) == 6
    assert sync_state(rt)["held"] == []
    assert [(e.action, e.by) for e in rt.store.audit("sheet")] == [("brake_taken", "Dana")]


def test_a_press_takes_no_more_than_what_was_asked() -> None:
    rt = a_synced_shop(*rows(12))
    paste(rt, *rows(6))
    rt.sheet.paste([HEADER, *rows(3)])
    assert "the newer question" in press(rt, "The sheet is right")
    assert len(mirror(rt)) == 12
    assert len(asked(rt)) == 2


def test_a_press_after_the_sheet_was_mended_changes_nothing() -> None:
    rt = a_synced_shop(*rows(12))
    paste(rt, *rows(6))
    paste(rt, *rows(12))
    assert "Nothing waits" in press(rt, "The sheet is right")
    assert len(mirror(rt)) == 12


# ---------------------------------------------------------------- what is no button


def test_an_unknown_or_unreadable_button_changes_nothing() -> None:
    rt = a_synced_shop(a_row())
    assert act(rt, "launch") == ""
    assert "can't be read" in act(rt, CONFIRMED_BY_PHONE, "nonsense")
    assert "can't be read" in act(rt, KEEP_START, subject("A-1", "x"))
    assert standing(rt) is None


def test_a_press_that_could_not_be_done_comes_again() -> None:
    rt = a_synced_shop(*rows(12))
    paste(rt, *rows(6))
    rt.sheet.down = True
    with pytest.raises(UpstreamError):
        act(rt, TAKE_SHEET, sync_state(rt)["brake"]["question"])
    rt.sheet.down = False
    assert "taken as it is" in act(rt, TAKE_SHEET, sync_state(rt)["brake"]["question"])


def test_a_cancel_that_came_after_the_question_is_not_undone_by_its_answer() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    paste(rt, a_row())
    answer(rt, ReplyAction.CANCEL)
    press(rt, "Back to")
    assert standing(rt).answer is Answer.CANCELLED
    assert standing(rt).chain == chain_id(FRI)
