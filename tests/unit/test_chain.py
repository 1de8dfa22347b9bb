"""Sheet or standing: which start counts, what was sent on it, and what closes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.appointment import Appointment, Status, chain_id
from chalicelib.domain.chain import ChainState, chain_state, seen
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.standing import Answer, Standing
from tests.builders import a_standing, an_appointment, local

FIRST_SEEN = local("2026-11-20 09:00")
PRESS = local("2026-11-24 12:00")
FRIDAY = local("2026-11-27 15:00")


def state_of(appointment: Appointment, standing: Standing | None = None, held: bool = False, **row: Any) -> ChainState:
    values = {"first_seen": FIRST_SEEN, "since": None, "line": appointment.line, "start": appointment.start, **row}
    return chain_state(MirrorRow(values={"appt_id": appointment.appt_id}, **values), appointment, standing, held)


def test_a_row_that_nothing_is_known_of_is_open_at_its_own_start():
    visit = an_appointment()
    state = state_of(visit, since=PRESS)
    assert state == ChainState(visit, FIRST_SEEN, row_since=PRESS)
    assert state.closed == ""


def test_a_row_without_a_first_sight_is_not_acted_on():
    with pytest.raises(ValueError, match="first_seen"):
        state_of(an_appointment(), first_seen=None)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW, Status.DONE, Status.CONFIRMED])
def test_staffs_word_in_the_sheet_closes_the_chain(status: Status):
    """Promise 22. Promise 23."""
    assert state_of(an_appointment(status=status)).closed == f"{status.value} in the sheet"
    assert state_of(an_appointment(status=status), a_standing()).closed == f"{status.value} in the sheet"


@pytest.mark.parametrize("status", [Status.NONE, Status.BOOKED])
def test_a_booked_or_blank_cell_leaves_the_chain_open(status: Status):
    assert state_of(an_appointment(status=status)).closed == ""


@pytest.mark.parametrize("answer", [Answer.CONFIRMED, Answer.CANCELLED])
@pytest.mark.parametrize("status", [Status.NONE, Status.BOOKED])
def test_a_reply_stands_over_a_blank_or_booked_cell(answer: Answer, status: Status):
    """Promise 54. Promise 65."""
    standing = a_standing(answer=answer, answered_by="Dana")
    state = state_of(an_appointment(status=status), standing)
    assert state.closed == f"{answer.value} by Dana"
    assert state.answer is answer


def test_a_held_row_says_so_first():
    assert state_of(an_appointment(status=Status.CANCELLED), held=True).closed.startswith("held")
    assert state_of(an_appointment(), a_standing(answer=Answer.CONFIRMED), held=True).closed.startswith("held")


def test_what_holds_a_chain_closes_it_with_its_own_reason():
    assert state_of(an_appointment(), a_standing(hold_reason="asked whether it is on")).closed == (
        "asked whether it is on"
    )


def test_the_sends_of_this_chain_are_known():
    sent = {"h48": PRESS, "gap": PRESS}
    state = state_of(an_appointment(), a_standing(sent=sent))
    assert state.sent == sent
    assert state.reminded == {"h48": PRESS}


def test_a_standing_of_another_start_says_nothing_of_this_one():
    """Promise 60."""
    old = a_standing(
        chain=chain_id(local("2026-11-25 10:00")), answer=Answer.CONFIRMED, sent={"h48": PRESS}, hold_reason="asked"
    )
    state = state_of(an_appointment(), old)
    assert (state.closed, state.answer, dict(state.sent)) == ("", Answer.OPEN, {})


# ---------------------------------------------------------------- while the standing wins


def moved_by_mei(**changes: Any) -> Standing:
    values: dict[str, Any] = {
        "chain": chain_id(FRIDAY),
        "moved_from": local("2026-11-26 09:00"),
        "first_seen": PRESS,
        "moved_at": PRESS,
        "pending": {"date": "27 Nov 2026", "time": "3:00pm", "status": "moved"},
    }
    return a_standing(**{**values, **changes})


def test_a_customers_move_counts_before_the_sheet_shows_it():
    """Promise 58. Promise 60."""
    state = state_of(an_appointment(status=Status.CONFIRMED), moved_by_mei())
    assert state.appointment.start == FRIDAY
    assert (state.first_seen, state.own_move, state.moved_at) == (PRESS, True, PRESS)
    assert state.closed == ""


def test_a_move_that_the_sheet_shows_goes_on_with_the_mirrors_first_sight():
    visit = an_appointment(start=FRIDAY)
    state = state_of(visit, moved_by_mei(pending={}), first_seen=PRESS)
    assert (state.appointment.start, state.first_seen, state.own_move) == (FRIDAY, PRESS, True)


def test_a_customers_move_stays_and_is_reminded_of_while_staff_are_asked():
    state = state_of(an_appointment(status=Status.BOOKED), moved_by_mei(pending={}, contested=True))
    assert state.appointment.start == FRIDAY
    assert state.closed == ""


def test_an_export_that_brings_the_old_time_back_brings_no_confirmation_with_it():
    export = an_appointment(status=Status.CONFIRMED)
    assert state_of(export, moved_by_mei(pending={}, contested=True, cell_before="Confirmed")).closed == ""
    fresh = moved_by_mei(pending={}, contested=True, cell_before="")
    assert state_of(export, fresh).closed == "confirmed in the sheet"


def test_a_visit_that_staff_cancelled_is_closed_whoever_is_asked_what():
    cancelled = an_appointment(status=Status.CANCELLED)
    assert state_of(cancelled, moved_by_mei(pending={}, contested=True)).closed == "cancelled in the sheet"


def test_a_contest_that_is_not_about_a_customers_move_closes_the_chain():
    assert state_of(an_appointment(), a_standing(contested=True)).closed == "staff were asked which time is right"


def test_a_status_that_waits_to_be_written_is_the_status():
    """An undone cancel: the cell still says `cancelled`, and our blank is on its way."""
    undone = a_standing(pending={"status": ""})
    assert state_of(an_appointment(status=Status.CANCELLED), undone).closed == ""
    confirming = a_standing(pending={"status": "confirmed"}, answer=Answer.OPEN)
    assert state_of(an_appointment(), confirming).closed == "confirmed in the sheet"


def test_a_reply_under_way_keeps_its_own_start_though_the_row_shows_another():
    confirmed = a_standing(answer=Answer.CONFIRMED, pending={"status": "confirmed"})
    state = state_of(an_appointment(start=FRIDAY), confirmed)
    assert state.appointment.start == local("2026-11-26 09:00")
    assert state.closed == "confirmed"


# ---------------------------------------------------------------- seen


def test_a_window_counts_from_the_latest_edit_that_gave_it():
    early, later = PRESS, PRESS + timedelta(hours=1)
    record = {"dental cleaning": {"2880": _iso(later)}}
    state = state_of(an_appointment(), since=early)
    assert seen(state, (2880, 120), record).since == {2880: later, 120: early}
    reopened = replace(state, reopened_at=later + timedelta(hours=1))
    assert seen(reopened, (2880, 120), record).since == dict.fromkeys((2880, 120), later + timedelta(hours=1))


def test_a_service_without_a_record_of_its_own_counts_from_everything_else():
    state = state_of(an_appointment())
    assert seen(state, (2880, 120), {"*": {"120": _iso(PRESS)}}).since == {120: PRESS}


def test_the_rules_say_nothing_of_windows_that_the_row_gives_itself():
    """Promise 27."""
    state = state_of(an_appointment(reminders=(2880,)))
    assert seen(state, (2880,), {"dental cleaning": {"2880": _iso(PRESS)}}).since == {}


def test_a_move_and_its_message_are_seen():
    known = seen(state_of(an_appointment(), moved_by_mei()), (120,), {})
    assert (known.first_seen, known.own_move, known.moved_at) == (PRESS, True, PRESS)


def _iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
