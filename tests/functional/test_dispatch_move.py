"""Dispatch: every event may be stale, early, late or a repeat; a text goes at most once, and never in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.events import MoveDue
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.errors import BadRecipient, DefiniteNo, NoAnswer, StoreConflict, StoreNoAnswer
from chalicelib.ports import Document, SendingSwitch
from chalicelib.usecases.run_tick import run_tick
from tests.functional.dispatch_world import (
    MAIL,
    MEI_BY_MAIL,
    MEI_WITH_BOTH,
    Clinic,
    first_reminder,
)
from tests.functional.reply_world import MEI, RULES, START, local

PHONE = "+6591234567"
CHAIN = chain_id(START)


def refusing(error: Exception, times: int = 99) -> Callable[[str], None]:
    """A vendor's answer for a while."""
    left = iter(range(times))

    def refuse(_to: str) -> None:
        if next(left, None) is not None:
            raise error

    return refuse


SLOW_DOWN = DefiniteNo("SNS", "throttled")
OPTED_OUT = BadRecipient("SNS", "opted out with the carrier")
SILENCE = NoAnswer("SNS", "the connection was lost")


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


# ---------------------------------------------------------------- at most once


def test_a_doubled_event_sends_one_text() -> None:
    """Promise 31."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    assert clinic.dispatch(first_reminder()) == "sent by text"
    assert clinic.dispatch(first_reminder()) == "settled before: SENT"
    assert len(clinic.texts) == 1


def test_two_runs_at_once_send_one_text() -> None:
    """Promise 31. The second run comes in while the first one talks to the vendor."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    meanwhile: list[str] = []

    def second(_phone: str) -> None:
        clinic.rt.sms.refuse = None
        meanwhile.append(clinic.dispatch(first_reminder()))

    clinic.rt.sms.refuse = second
    assert clinic.dispatch(first_reminder()) == "sent by text"
    assert meanwhile == ["not claimed: taken"]
    assert len(clinic.texts) == 1


def test_the_ledger_says_what_went_to_whom_and_when() -> None:
    """Promise 47."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.dispatch(first_reminder())
    send = clinic.send()
    assert send is not None
    assert (send.state, send.channel, send.recipient, send.move) == (
        SendState.SENT,
        Channel.TEXT,
        PHONE,
        Move.FIRST_REMINDER,
    )
    assert send.sent_at == local("2026-11-24 09:00")
    assert clinic.sent_at() == [("Tue 09:00", "first_reminder")]


def test_a_text_whose_answer_is_lost_is_never_repeated() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.sms.lose = refusing(SILENCE)
    clinic.dispatch(first_reminder())
    assert clinic.state() == "UNKNOWN"
    assert "nobody knows whether the reminder went out" in clinic.lines[0]
    clinic.until("2026-11-24 18:00")
    assert len(clinic.texts) == 1


def test_a_text_whose_answer_is_lost_is_followed_by_an_email_and_staff_hear_of_it() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.lose = refusing(SILENCE)
    clinic.dispatch(first_reminder())
    clinic.carry()
    assert (len(clinic.texts), len(clinic.mails)) == (1, 1)
    assert clinic.lines[0].endswith("An e-mail follows.")
    assert clinic.state(email=True) == "SENT"


def test_a_text_that_went_although_its_record_failed_is_not_sent_again() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")

    def down(call: str) -> None:
        if call == "ledger.sent":
            raise StoreNoAnswer("DynamoDB did not answer")

    clinic.rt.store.world.before = down
    clinic.dispatch(first_reminder())
    clinic.rt.store.world.before = lambda _: None
    clinic.until("2026-11-24 18:00")
    assert len(clinic.texts) == 1
    assert clinic.state() == "UNKNOWN"
    assert len(clinic.lines) == 1


# ---------------------------------------------------------------- definite noes


def test_a_refused_text_is_tried_again_after_one_two_five_and_fifteen_minutes() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    tried: list[str] = []

    def refuse(_phone: str) -> None:
        tried.append(f"{clinic.rt.clock.now.astimezone(clinic.rt.config.zone):%H:%M}")
        raise SLOW_DOWN

    clinic.rt.sms.refuse = refuse
    clinic.dispatch(first_reminder())
    clinic.until("2026-11-24 12:00")
    assert tried == ["09:00", "09:01", "09:03", "09:08", "09:23"]
    assert clinic.state() == "EXPIRED"
    [line] = clinic.lines
    assert "the reminder could not be sent (throttled)" in line


def test_a_text_that_is_taken_at_the_second_try_goes_once_with_its_own_window() -> None:
    """The link of a retried text still says which window it is of."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(SLOW_DOWN, 1)
    clinic.dispatch(first_reminder())
    assert clinic.state() == "RETRY"
    clinic.until("2026-11-24 12:00")
    assert clinic.texts == [clinic.texts[0]]
    assert clinic.door.link() in clinic.texts[0]
    assert (clinic.state(), clinic.lines) == ("SENT", [])


def test_a_retry_is_not_sent_before_its_time() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(SLOW_DOWN, 1)
    clinic.dispatch(first_reminder())
    assert clinic.dispatch(first_reminder()) == "not claimed: taken"


def test_a_retry_is_never_booked_past_the_last_useful_minute() -> None:
    """Half an hour before the visit a reminder is of no use any more."""
    clinic = Clinic.open({**MEI, "reminders": "0.75"}, now="2026-11-26 08:29")
    clinic.rt.sms.refuse = refusing(SLOW_DOWN)
    clinic.dispatch(first_reminder("2026-11-26 08:15", "h0.75"))
    clinic.until("2026-11-26 08:59")
    assert clinic.state("h0.75") == "EXPIRED"
    assert clinic.rt.schedules.booked == {}
    assert len([line for line in clinic.lines if "could not be sent" in line]) == 1


def test_a_bad_number_is_followed_by_an_email_and_staff_need_not_hear_of_it() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.dispatch(first_reminder())
    clinic.carry()
    assert (clinic.state(), clinic.state(email=True)) == ("FAILED", "SENT")
    assert (len(clinic.mails), clinic.lines) == (1, [])


def test_a_bad_number_without_an_email_is_a_call_for_the_staff() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.dispatch(first_reminder())
    assert "could not be sent (opted out with the carrier). Please call" in clinic.lines[0]


def test_an_answer_that_comes_while_a_retry_waits_cancels_it_without_a_word() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(SLOW_DOWN)
    clinic.dispatch(first_reminder())
    clinic.door.answer("confirm")
    clinic.until("2026-11-24 10:00")
    assert clinic.state() == "CANCELLED"
    assert not any("could not be sent" in line for line in clinic.lines)


def test_an_email_whose_answer_is_lost_is_sent_again() -> None:
    clinic = Clinic.open(MEI_BY_MAIL, now="2026-11-24 09:00")
    clinic.rt.email.refuse = refusing(NoAnswer("SES", "timed out"), 1)
    clinic.dispatch(first_reminder())
    clinic.until("2026-11-24 09:05")
    assert len(clinic.mails) == 1
    assert clinic.state() == "SENT"


def test_a_conflict_at_the_arm_leaves_the_send_to_the_sweep() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")

    def conflict(call: str) -> None:
        if call == "ledger.arm":
            raise StoreConflict("TransactionConflict")

    clinic.rt.store.world.before = conflict
    assert clinic.dispatch(first_reminder()).startswith("not armed")
    clinic.rt.store.world.before = lambda _: None
    clinic.until("2026-11-24 10:01")
    assert len(clinic.texts) == 1


def test_slack_down_at_a_gap_alert_is_tried_again() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.until("2026-11-26 08:29")
    clinic.rt.staff.refuse = refusing(NoAnswer("Slack", "timed out"), 1)
    clinic.until("2026-11-26 08:30")
    assert clinic.state("gap") == "RETRY"
    clinic.until("2026-11-26 08:40")
    assert len([line for _, line in clinic.rt.staff.lines if line.move == "gap_alert"]) == 1


# ---------------------------------------------------------------- the switch and the caps


def test_staff_only_holds_the_customers_texts_and_lets_the_gap_alert_go() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.until("2026-11-26 07:30")
    clinic.rt.parameters.switch = SendingSwitch.STAFF_ONLY
    clinic.until("2026-11-26 08:59")
    assert len(clinic.texts) == 1
    assert [line.move for _, line in clinic.rt.staff.lines if line.move == "gap_alert"] == ["gap_alert"]


def test_off_holds_everything_that_dispatch_sends() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.until("2026-11-26 07:30")
    clinic.rt.parameters.switch = SendingSwitch.OFF
    clinic.until("2026-11-26 08:59")
    assert len(clinic.texts) == 1
    assert [line for _, line in clinic.rt.staff.lines if line.move == "gap_alert"] == []


def test_what_the_switch_held_goes_when_it_is_on_again_and_still_of_use() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.parameters.switch = SendingSwitch.OFF
    clinic.until("2026-11-24 15:30")
    assert clinic.texts == []
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-24 18:00")
    assert clinic.sent_at() == [("Tue 16:00", "first_reminder")]


def test_a_switch_that_is_off_only_until_the_minute_comes_makes_nothing_late() -> None:
    clinic = Clinic.open(now="2026-11-24 08:30")
    clinic.rt.parameters.switch = SendingSwitch.OFF
    clinic.tick()
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-24 09:00")
    assert clinic.sent_at() == [("Tue 09:00", "first_reminder")]


def test_a_retry_and_a_fallback_wait_while_the_switch_is_off() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.dispatch(first_reminder())
    clinic.rt.parameters.switch = SendingSwitch.OFF
    clinic.carry()
    assert (clinic.mails, clinic.state(email=True)) == ([], "DEFERRED")
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-24 11:00")
    assert len(clinic.mails) == 1


def test_what_the_switch_held_for_too_long_is_told_to_staff() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.parameters.switch = SendingSwitch.OFF
    clinic.until("2026-11-26 10:00")
    assert clinic.texts == []
    assert sorted(entry.hours or 0 for entry in clinic.audit("window_skipped")) == [2, 48]
    assert [line for line in clinic.lines if "gets no 2-hour reminder" in line and "missed" in line]


def test_over_the_numbers_cap_an_email_goes_and_staff_are_told_once_and_at_once() -> None:
    rows = [{**MEI_WITH_BOTH, "appt_id": f"A-{i}"} for i in (17, 18, 19)]
    clinic = Clinic.open(*rows, now="2026-11-24 09:00", texts_per_number=1)
    clinic.tick()
    assert (len(clinic.texts), len(clinic.mails)) == (1, 2)
    assert len([line for line in clinic.lines if "has had 1 texts today" in line]) == 1


def test_over_the_days_cap_staff_are_told_once() -> None:
    rows = [{**MEI, "appt_id": f"A-{i}", "phone": f"+659123456{i}"} for i in range(4)]
    clinic = Clinic.open(*rows, now="2026-11-24 09:00", texts_per_day=1)
    clinic.tick()
    assert len(clinic.texts) == 1
    assert len([line for line in clinic.lines if "Today's limit of 1 texts is reached" in line]) == 1


def test_texts_are_counted_by_the_shops_own_day() -> None:
    """Midnight in Singapore is 4pm in UTC."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.dispatch(first_reminder())
    assert list(clinic.rt.store.world.counters) == [("2026-11-24", PHONE), ("2026-11-24", "")]


# ---------------------------------------------------------------- answers to a press


def cancelled_answer(reply: str) -> MoveDue:
    return MoveDue(SendKey("A-17", CHAIN, f"cancelled#{reply}"), Move.CANCELLED, local("2026-11-24 23:00"))


def test_an_answer_by_email_goes_at_any_hour() -> None:
    """Promise 62."""
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 23:00")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CANCELLED, reply_id="r1", rev=1)
    assert clinic.dispatch(cancelled_answer("r1")) == "sent by email"


def test_an_answer_by_text_waits_for_sending_hours() -> None:
    clinic = Clinic.open(now="2026-11-24 23:00")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CANCELLED, reply_id="r1", rev=1)
    assert clinic.dispatch(cancelled_answer("r1")) == "booked for 2026-11-25T00:00:00Z"


def test_an_answer_that_another_one_overtook_is_withdrawn_and_settled() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 23:00")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, reply_id="r2", rev=1)
    assert "overtaken" in clinic.dispatch(cancelled_answer("r1"))
    assert clinic.state("cancelled#r1") == "CANCELLED"
    assert clinic.mails == []


def test_an_answer_is_withdrawn_once_the_visits_time_has_come() -> None:
    clinic = Clinic.open(now="2026-11-26 09:00")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CANCELLED, reply_id="r1", rev=1)
    assert "the visit's time has come" in clinic.dispatch(cancelled_answer("r1"))
    assert (clinic.texts, clinic.state("cancelled#r1")) == ([], "CANCELLED")


def test_an_answer_is_no_reminder_and_goes_although_reminder_mail_was_opted_out_of() -> None:
    clinic = Clinic.open(MEI_BY_MAIL, now="2026-11-24 23:00")
    clinic.rt.store.world.opted_out.add(MAIL)
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CANCELLED, reply_id="r1", rev=1)
    assert clinic.dispatch(cancelled_answer("r1")) == "sent by email"


def test_an_answer_is_not_counted_as_a_reminder_of_its_chain() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 23:00")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CANCELLED, reply_id="r1", rev=1)
    clinic.dispatch(cancelled_answer("r1"))
    assert clinic.rt.store.standings(["A-17"])["A-17"].sent == {}


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
