"""Dispatch: every event may be stale, early, late or a repeat; a text goes at most once, and never in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.ports import Document
from chalicelib.usecases.run_tick import run_tick
from tests.functional.dispatch_world import (
    CHAIN,
    MAIL,
    MEI_BY_MAIL,
    MEI_WITH_BOTH,
    PHONE,
    Clinic,
    first_reminder,
)
from tests.functional.reply_world import MEI, RULES, local

# ---------------------------------------------------------------- which way


def test_a_visit_with_a_phone_gets_a_text() -> None:
    """Promises 35, 46."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    assert clinic.dispatch(first_reminder()) == "sent by text"
    assert clinic.rt.sms.texts[0][0] == PHONE


def test_a_visit_without_a_phone_gets_an_email() -> None:
    """Promise 36."""
    clinic = Clinic.open(MEI_BY_MAIL, now="2026-11-24 09:00")
    assert clinic.dispatch(first_reminder()) == "sent by email"
    assert [mail.to for mail in clinic.rt.email.mails] == [MAIL]


def test_the_channel_that_the_row_names_comes_first() -> None:
    clinic = Clinic.open({**MEI_WITH_BOTH, "channel": "email"}, now="2026-11-24 09:00")
    assert clinic.dispatch(first_reminder()) == "sent by email"
    assert clinic.texts == []


def test_a_number_that_opted_out_gets_an_email_instead() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.store.world.opted_out.add(PHONE)
    assert clinic.dispatch(first_reminder()) == "sent by email"


def test_a_customer_who_opted_out_of_both_is_a_call_for_the_staff() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.store.world.opted_out.update((PHONE, MAIL))
    clinic.dispatch(first_reminder())
    assert (clinic.texts, clinic.mails) == ([], [])
    [line] = clinic.lines
    assert "opted out of messages" in line
    assert f"Please call {PHONE}." in line
    assert clinic.state() == "FAILED"


def test_a_gap_alert_goes_to_the_staff_channel_and_never_to_the_customer() -> None:
    """Promises 37, 38."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.until("2026-11-26 08:59")
    [(channel, line)] = [entry for entry in clinic.rt.staff.lines if entry[1].move == "gap_alert"]
    assert channel == "#front-desk"
    assert [button.label for button in line.buttons] == ["Confirmed by phone", "Cancelled", "Call later"]
    assert not any(line.text == text for text in clinic.texts)


# ---------------------------------------------------------------- when


def test_a_minute_that_is_still_ahead_is_booked_as_a_one_off() -> None:
    """Promise 40."""
    clinic = Clinic.open(now="2026-11-24 08:30")
    assert clinic.dispatch(first_reminder()) == "booked for 2026-11-24T01:00:00Z"
    [(at, event)] = clinic.rt.schedules.booked.values()
    assert at == event.planned == local("2026-11-24 09:00")
    assert clinic.texts == []
    assert clinic.state() == ""


@pytest.mark.parametrize(("seconds", "what"), [(60, "booked"), (59, "sent")])
def test_only_a_minute_less_than_sixty_seconds_away_runs_at_once(seconds: int, what: str) -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.clock.forward(seconds=-seconds)
    assert clinic.dispatch(first_reminder()).startswith(what)


def test_nothing_leaves_in_the_last_seconds_of_the_night() -> None:
    """Promise 39."""
    clinic = Clinic.open(now="2026-11-26 08:00")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, sent={"h48": local("2026-11-24 09:00")}, rev=1)
    clinic.rt.clock.forward(seconds=-40)
    assert clinic.dispatch(first_reminder("2026-11-26 08:00", "h2")).startswith("booked for")
    clinic.until("2026-11-26 08:01")
    assert clinic.sent_at() == [("Thu 08:00", "second_reminder")]


def test_a_minute_in_quiet_hours_goes_at_the_next_allowed_one() -> None:
    """Promises 39, 40. The 2-hour reminder of a 9am visit goes at 8."""
    clinic = Clinic.open(now="2026-11-26 06:50")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, sent={"h48": local("2026-11-24 09:00")}, rev=1)
    assert clinic.dispatch(first_reminder("2026-11-26 07:00", "h2")) == "booked for 2026-11-26T00:00:00Z"


def test_a_minute_on_a_closed_day_goes_on_the_next_open_one() -> None:
    """Promise 41."""
    rules = RULES.replace("Closed: Sundays.", "Closed: Sundays, 24 November 2026.")
    clinic = Clinic.open(now="2026-11-24 09:00", rules=rules)
    clinic.until("2026-11-25 09:00")
    assert clinic.sent_at() == [("Wed 08:00", "first_reminder")]


def test_a_send_that_is_five_minutes_late_still_leaves_after_closing() -> None:
    clinic = Clinic.open({**MEI, "start": "2026-11-26 20:59"}, now="2026-11-24 21:04")
    due = first_reminder("2026-11-24 20:59")
    due = replace(due, key=SendKey("A-17", chain_id(local("2026-11-26 20:59")), "h48"))
    assert clinic.dispatch(due) == "sent by text"
    clinic = Clinic.open({**MEI, "start": "2026-11-26 20:59"}, now="2026-11-24 21:05")
    assert clinic.dispatch(due) == "booked for 2026-11-25T00:00:00Z"


def test_an_event_of_a_former_plan_goes_at_the_minute_that_the_plan_says_now() -> None:
    clinic = Clinic.open(now="2026-11-24 08:30")
    assert clinic.dispatch(first_reminder("2026-11-24 08:30")).startswith("booked for 2026-11-24T01:00")


# ---------------------------------------------------------------- is it still true?


def test_a_confirmed_appointment_is_never_reminded_again() -> None:
    """Promises 22, 54."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.tick()
    clinic.door.answer("confirm")
    clinic.until("2026-11-26 10:00")
    assert len(clinic.texts) == 1
    assert clinic.dispatch(first_reminder("2026-11-26 08:00", "h2")).startswith("dropped: confirmed")


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing("A-17", CHAIN, Answer.CANCELLED, answered_by="customer", rev=1), "cancelled by customer"),
        (Standing("A-17", CHAIN, hold_reason="staff were asked whether it is on", rev=1), "staff were asked"),
    ],
)
def test_what_was_answered_or_held_meanwhile_is_dropped(standing: Standing, reason: str) -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.store.world.standings["A-17"] = standing
    assert reason in clinic.dispatch(first_reminder())
    assert clinic.texts == []
    assert clinic.audit("window_dropped")[0].reason.startswith(reason)


def test_a_row_that_is_gone_gets_nothing() -> None:
    clinic = Clinic.open({**MEI, "appt_id": "A-99"}, now="2026-11-24 09:00")
    assert "gone" in clinic.dispatch(first_reminder())
    assert clinic.texts == []


def test_an_event_of_another_start_gets_nothing() -> None:
    clinic = Clinic.open({**MEI, "start": "2026-11-27 09:00"}, now="2026-11-24 09:00")
    assert "another time" in clinic.dispatch(first_reminder())
    assert clinic.texts == []


def test_a_window_that_the_rules_no_longer_have_is_dropped() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.documents.put(Document.RULES, "Dental cleaning: remind at 2 hours.\n")
    assert clinic.dispatch(first_reminder()) == "dropped: no longer planned"


def test_a_visit_that_the_brake_holds_gets_nothing() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.documents.put(Document.SYNC_STATE, '{"held": ["A-17"]}')
    assert "held" in clinic.dispatch(first_reminder())
    assert clinic.texts == []


def test_an_answer_between_the_check_and_the_arm_stops_the_text() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")

    def answered(call: str) -> None:
        if call == "ledger.arm":
            clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CONFIRMED, rev=1)

    clinic.rt.store.world.before = answered
    assert clinic.dispatch(first_reminder()) == "cancelled: answered or moved meanwhile"
    assert clinic.texts == []
    assert clinic.state() == "CANCELLED"


# ---------------------------------------------------------------- the gates, all of them, each time


@pytest.mark.parametrize("gate", ["status", "quiet", "ledger", "contact"])
def test_every_gate_is_asked_again_when_the_one_off_fires(gate: str) -> None:
    """Promise 49."""
    clinic = Clinic.open(now="2026-11-24 08:30")
    clinic.tick()
    match gate:
        case "status":
            clinic.door.mirror({**MEI, "status": "cancelled"})
        case "quiet":
            clinic.rt.documents.put(Document.RULES, RULES.replace("9pm to 8am", "9pm to 11am"))
        case "ledger":
            key = SendKey("A-17", CHAIN, "h48")
            done = Send(key, SendState.SENT, Channel.TEXT, Move.FIRST_REMINDER, local("2026-11-24 09:00"))
            clinic.rt.store.world.put_send(done)
        case "contact":
            clinic.door.mirror({**MEI, "phone": "", "email": ""})
    clinic.at("2026-11-24 09:00").carry()
    assert clinic.texts == []


def test_an_unreachable_visit_gets_its_gap_alert_at_its_largest_window() -> None:
    """Nobody can be written to, so staff hear when the first reminder would have gone."""
    clinic = Clinic.open({**MEI, "phone": "", "email": ""}, now="2026-11-24 08:00")
    run_tick(clinic.rt)
    clinic.until("2026-11-24 09:30")
    [line] = [line for _, line in clinic.rt.staff.lines if line.move == "gap_alert"]
    assert line.appt_id == "A-17"
