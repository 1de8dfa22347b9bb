"""What counts, case by case: the edges of the week's figures that a played month doesn't show apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.appointment import Channel, Status, chain_id
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer
from chalicelib.domain.week_count import Answered, KnownVisit, Records, StaffMove, count_week, span_of
from chalicelib.domain.week_facts import Attendance, Rate, ToDo, WeekCounts
from chalicelib.domain.week_people import attendance, quiet_customers, unreachable_ahead
from tests.builders import SINGAPORE, local

MONDAY = date(2026, 11, 23)
WEEK = span_of(MONDAY, SINGAPORE)
THURSDAY = local("2026-11-26 09:00")
SEEN = local("2026-11-10 09:00")
NOW = local("2026-11-30 08:00")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def a_visit(**changes: Any) -> KnownVisit:
    """Mei's cleaning with Dana on Thursday at nine."""
    values: dict[str, Any] = {
        "appt_id": "A-17",
        "customer": "Mei",
        "service": "Dental cleaning",
        "staff": "Dana",
        "resource": "dana",
        "start": THURSDAY,
        "minutes": 45,
        "first_seen": SEEN,
    }
    return KnownVisit(**{**values, **changes})


def rex(**changes: Any) -> KnownVisit:
    """Rex's, who was booked into Mei's time on Wednesday."""
    return a_visit(**{"appt_id": "A-18", "customer": "Rex", "first_seen": local("2026-11-25 12:00"), **changes})


def answered(action: ReplyAction, at: str, **changes: Any) -> Answered:
    values: dict[str, Any] = {"appt_id": "A-17", "chain": chain_id(THURSDAY), "by_customer": True}
    return Answered(**{**values, "at": local(at), "action": action, **changes})


def a_send(at: str = "2026-11-24 09:00", state: SendState = SendState.DELIVERED, **changes: Any) -> Send:
    values: dict[str, Any] = {"channel": Channel.TEXT, "move": Move.FIRST_REMINDER, "sent_at": local(at)}
    key = SendKey("A-17", chain_id(THURSDAY), "h48")
    return Send(**{**values, "key": key, "state": state, "planned": local(at), **changes})


def records(
    *visits: KnownVisit,
    answers: Sequence[Answered] = (),
    sends: Sequence[Send] = (),
    staff_moves: Sequence[StaffMove] = (),
) -> Records:
    return Records(visits, sends, answers, staff_moves)


def week(*visits: KnownVisit, **more: Any) -> WeekCounts:
    return count_week(records(*visits, **more), MONDAY, SINGAPORE)


def slots(*visits: KnownVisit, **more: Any) -> tuple[int, int]:
    counted = week(*visits, **more)
    return counted.freed, counted.refilled


CANCEL = answered(ReplyAction.CANCEL, "2026-11-25 10:00")
GIVEN_UP = a_visit(answer=Answer.CANCELLED)


# ---------------------------------------------------------------- visits


@pytest.mark.parametrize(
    ("changes", "visits"),
    [
        ({}, 1),
        ({"status": Status.CONFIRMED}, 1),
        ({"status": Status.NO_SHOW}, 1),
        ({"status": Status.CANCELLED}, 0),
        ({"answer": Answer.CANCELLED}, 0),
        ({"answer": Answer.CANCELLED, "status": Status.DONE}, 1),
        ({"left_at": THURSDAY - MINUTE}, 0),
        ({"left_at": THURSDAY}, 1),
        ({"start": WEEK.begin}, 1),
        ({"start": WEEK.begin - MINUTE}, 0),
        ({"start": WEEK.end - MINUTE}, 1),
        ({"start": WEEK.end}, 0),
    ],
)
def test_a_visit_counts_if_it_stood_at_its_start_in_the_week(changes: dict[str, Any], visits: int) -> None:
    assert week(a_visit(**changes)).visits == visits


# ---------------------------------------------------------------- slots


def test_a_slot_of_the_week_counts_as_freed_whenever_it_was_given_up() -> None:
    early = answered(ReplyAction.CANCEL, "2026-11-11 10:00")
    assert slots(GIVEN_UP, answers=[early]) == (1, 0)
    assert slots(a_visit(status=Status.CANCELLED)) == (1, 0)
    assert slots(a_visit(left_at=THURSDAY - HOUR)) == (1, 0)


def test_a_slot_is_refilled_by_whoever_came_to_it_after_it_was_free() -> None:
    assert slots(GIVEN_UP, rex(), answers=[CANCEL]) == (1, 1)
    assert slots(GIVEN_UP, rex(first_seen=local("2026-11-25 10:00")), answers=[CANCEL]) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"first_seen": local("2026-11-25 09:59")},  # was there beside it
        {"first_seen": THURSDAY},  # written down afterwards
        {"resource": "arun"},
        {"start": THURSDAY + 45 * MINUTE},
        {"status": Status.CANCELLED},
        {"left_at": THURSDAY - HOUR},
    ],
)
def test_a_slot_is_not_refilled_by_a_visit_that_is_not_in_it_or_did_not_follow(changes: dict[str, Any]) -> None:
    assert slots(GIVEN_UP, rex(**changes), answers=[CANCEL])[1] == 0


def test_a_visit_that_takes_only_a_part_of_the_slot_refills_it() -> None:
    assert slots(GIVEN_UP, rex(start=THURSDAY + 30 * MINUTE, minutes=15), answers=[CANCEL]) == (1, 1)


def test_a_start_that_was_moved_by_a_quarter_of_an_hour_frees_nothing() -> None:
    moved = StaffMove("A-17", local("2026-11-24 10:00"), THURSDAY)
    assert slots(a_visit(start=THURSDAY + 15 * MINUTE), staff_moves=[moved]) == (0, 0)
    assert slots(a_visit(start=THURSDAY + HOUR), staff_moves=[moved]) == (1, 0)


def test_a_customer_who_comes_back_to_the_start_frees_nothing() -> None:
    away = answered(ReplyAction.RESCHEDULE, "2026-11-24 10:00", old_start=THURSDAY, new_start=THURSDAY + 48 * HOUR)
    back = StaffMove("A-17", local("2026-11-24 11:00"), THURSDAY + 48 * HOUR)
    assert slots(a_visit(), answers=[away], staff_moves=[back]) == (1, 0)  # Saturday's


def test_a_start_that_staff_correct_after_the_visit_frees_nothing() -> None:
    corrected = StaffMove("A-17", THURSDAY + HOUR, THURSDAY)
    assert slots(a_visit(start=THURSDAY + 3 * HOUR), staff_moves=[corrected]) == (0, 0)


def test_a_row_that_was_pasted_anew_under_another_id_frees_nothing() -> None:
    gone = a_visit(left_at=THURSDAY - 24 * HOUR)
    assert slots(gone, a_visit(appt_id="B-9", first_seen=local("2026-11-25 09:00"))) == (0, 0)


def test_a_slot_of_an_unknown_visit_is_nobody_s_time() -> None:
    moved = StaffMove("Z-1", local("2026-11-24 10:00"), THURSDAY)
    assert slots(staff_moves=[moved]) == (0, 0)


# ---------------------------------------------------------------- answers


def test_a_cancel_that_was_taken_back_is_none_and_one_after_it_is() -> None:
    undo = answered(ReplyAction.UNDO, "2026-11-25 10:05")
    again = answered(ReplyAction.CANCEL, "2026-11-25 11:00")
    assert week(a_visit(), answers=[CANCEL, undo]).cancelled == 0
    counted = week(GIVEN_UP, answers=[CANCEL, undo, again])
    assert (counted.cancelled, counted.notice_hours) == (1, 22.0)


def test_a_cancel_that_is_taken_back_in_the_next_week_is_none() -> None:
    late = answered(ReplyAction.CANCEL, "2026-11-29 23:58", chain=chain_id(NOW))
    undo = answered(ReplyAction.UNDO, "2026-11-30 00:04", chain=chain_id(NOW))
    assert week(a_visit(start=NOW), answers=[late, undo]).cancelled == 0


def test_a_visit_that_was_confirmed_twice_counts_once_on_its_first_day() -> None:
    twice = [answered(ReplyAction.CONFIRM, f"2026-11-{day} 10:00") for day in (24, 25)]
    counted = week(a_visit(), answers=twice)
    assert (counted.confirmed, counted.confirmed_by_day) == (1, (0, 1, 0, 0, 0, 0, 0))


def test_how_long_a_confirmation_took_is_from_the_latest_message_that_arrived() -> None:
    confirm = answered(ReplyAction.CONFIRM, "2026-11-25 10:00")
    early, late = a_send("2026-11-24 09:00"), a_send("2026-11-25 09:00", SendState.UNDELIVERED)
    assert week(a_visit(), answers=[confirm], sends=[early, late]).minutes_to_confirm == 25 * 60
    assert week(a_visit(), answers=[confirm]).minutes_to_confirm is None
    by_staff = answered(ReplyAction.CONFIRM, "2026-11-25 10:00", by_customer=False)
    assert week(a_visit(), answers=[by_staff], sends=[early]).minutes_to_confirm is None


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize("state", [SendState.FAILED, SendState.EXPIRED])
def test_what_was_certainly_not_sent_failed_and_what_is_for_staff_is_not_counted(state: SendState) -> None:
    failed = a_send(state=state, sent_at=None)
    alert = a_send(state=state, sent_at=None, move=Move.GAP_ALERT, channel=Channel.SLACK)
    counted = week(a_visit(), sends=[failed, alert])
    assert (counted.failed, counted.reminders, counted.segments) == (1, 0, 0)


def test_a_text_that_nobody_heard_of_again_was_sent_and_is_unknown() -> None:
    silent = a_send(state=SendState.UNKNOWN, detail={"segments": "2"})
    counted = week(a_visit(), sends=[silent])
    assert (counted.unknown, counted.reminder_texts, counted.segments) == (1, 1, 2)


def test_a_send_that_was_dropped_or_still_waits_is_nothing() -> None:
    waiting = [a_send(state=state, sent_at=None) for state in (SendState.CANCELLED, SendState.RETRY, SendState.CLAIMED)]
    counted = week(a_visit(), sends=waiting)
    assert (counted.failed, counted.unknown, counted.undelivered, counted.reminders) == (0, 0, 0, 0)


# ---------------------------------------------------------------- people


def quiet(visit: KnownVisit, **more: Any) -> list[ToDo]:
    found = records(visit, **{"sends": [a_send(key=SendKey("A-17", visit.chain, "h48"))], **more})
    return [one.to_do for one in quiet_customers(found, WEEK, NOW, SINGAPORE)]


def test_a_quiet_customer_is_called_before_the_visit_and_minded_after_it() -> None:
    """Promise 72."""
    assert quiet(a_visit(start=NOW + HOUR)) == [ToDo.CALL]
    assert quiet(a_visit()) == [ToDo.NOTE_ATTENDANCE]
    assert quiet(a_visit(status=Status.NO_SHOW)) == [ToDo.OFFER_ANOTHER_TIME]


@pytest.mark.parametrize("status", [Status.DONE, Status.CONFIRMED, Status.CANCELLED])
def test_a_customer_whom_staff_spoke_to_is_not_quiet(status: Status) -> None:
    assert quiet(a_visit(status=status)) == []


def test_a_customer_who_answered_or_chose_the_time_or_heard_nothing_is_not_quiet() -> None:
    assert quiet(a_visit(), answers=[answered(ReplyAction.UNDO, "2026-11-24 10:00")]) == []
    chose = answered(ReplyAction.RESCHEDULE, "2026-11-24 10:00", chain="20261201T0100Z", new_start=THURSDAY)
    assert quiet(a_visit(), answers=[chose]) == []
    assert quiet(a_visit(), sends=[a_send(state=SendState.UNDELIVERED)]) == []
    assert quiet(a_visit(), sends=[a_send(move=Move.MOVED)]) == []


def test_a_visit_more_than_a_week_ahead_is_nobody_s_worry_yet() -> None:
    far = a_visit(start=NOW + timedelta(days=7) + MINUTE, reachable=False)
    assert quiet(far) == []
    assert unreachable_ahead(records(far), NOW, SINGAPORE) == ()


def test_a_name_that_is_a_letter_is_cut() -> None:
    [visit] = unreachable_ahead(
        records(a_visit(start=NOW + HOUR, reachable=False, customer="Mei\n" * 400)), NOW, SINGAPORE
    )
    assert len(visit.customer) <= 60
    assert "\n" not in visit.customer


def test_attendance_is_of_weeks_in_which_somebody_noted_it() -> None:
    done, missed = (a_visit(status=s, appt_id=s.value) for s in (Status.DONE, Status.NO_SHOW))
    earlier = a_visit(start=THURSDAY - timedelta(days=7), appt_id="old")
    found = attendance(records(done, missed, earlier), [MONDAY - timedelta(days=7), MONDAY], SINGAPORE)
    assert found == Attendance(MONDAY, 1, Rate(0, 0), Rate(1, 2))
    assert attendance(records(earlier), [MONDAY - timedelta(days=7)], SINGAPORE) is None


def test_a_visit_that_staff_confirmed_by_hand_is_in_neither_rate() -> None:
    done = a_visit(status=Status.DONE, appt_id="done")
    found = attendance(records(done, a_visit(status=Status.CONFIRMED)), [MONDAY], SINGAPORE)
    assert found == Attendance(MONDAY, 1, Rate(0, 0), Rate(0, 1))


@pytest.mark.parametrize(("rate", "percent"), [(Rate(1, 20), 5.0), (Rate(1, 19), None), (Rate(0, 0), None)])
def test_a_rate_over_fewer_than_twenty_visits_is_not_said(rate: Rate, percent: float | None) -> None:
    assert rate.percent == percent
