"""Dispatch and its ledger: at most one text whatever the vendor says, the caps, the switch, and answers to a press."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.appointment import Channel
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.errors import NoAnswer, StoreConflict, StoreNoAnswer
from chalicelib.ports import SendingSwitch
from tests.functional.dispatch_world import (
    CHAIN,
    MAIL,
    MEI_BY_MAIL,
    MEI_WITH_BOTH,
    OPTED_OUT,
    PHONE,
    SILENCE,
    SLOW_DOWN,
    Clinic,
    cancelled_answer,
    first_reminder,
    refusing,
)
from tests.functional.reply_world import MEI, RULES, local

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


def test_a_run_whose_claim_was_taken_over_before_it_armed_sends_nothing() -> None:
    """Promise 31."""
    clinic = Clinic.open(now="2026-11-24 09:00")

    def taken_over(call: str) -> None:
        mine = clinic.rt.store.world.sends.get("A-17", {}).get(f"{CHAIN}#h48")
        if call == "ledger.arm" and mine is not None:
            clinic.rt.store.world.put_send(replace(mine, owner="another run"))

    clinic.rt.store.world.before = taken_over
    assert clinic.dispatch(first_reminder()) == "not armed: another run has it"
    assert clinic.texts == []


def half_done(clinic: Clinic, state: SendState, lease_until: str) -> None:
    """Another run has Mei's reminder, and got as far as this."""
    send = Send(
        SendKey("A-17", CHAIN, "h48"),
        state,
        Channel.TEXT,
        Move.FIRST_REMINDER,
        local("2026-11-24 09:00"),
        owner="another run",
        lease_until=local(lease_until),
        due=local(lease_until),
        useful_until=local("2026-11-24 12:00"),
        attempt=1,
    )
    clinic.rt.store.world.put_send(send)


@pytest.mark.parametrize("state", [SendState.CLAIMED, SendState.SENDING])
def test_what_another_run_is_about_to_send_is_left_to_it_although_the_visit_was_answered(state: SendState) -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    half_done(clinic, state, "2026-11-24 09:01")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CONFIRMED, rev=1)
    clinic.dispatch(first_reminder())
    assert clinic.state() == state.value
    assert clinic.texts == []


def test_a_dead_run_s_text_stays_unsettled_for_the_sweep_to_tell() -> None:
    clinic = Clinic.open(now="2026-11-24 09:30")
    half_done(clinic, SendState.SENDING, "2026-11-24 09:01")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CONFIRMED, rev=1)
    clinic.dispatch(first_reminder())
    assert clinic.state() == "SENDING"


def test_a_retry_that_comes_when_the_reminder_is_of_no_more_use_is_told_to_staff() -> None:
    clinic = Clinic.open(now="2026-11-24 12:01", rules=RULES.replace("48 and 2 hours", "48 and 45 hours"))
    half_done(clinic, SendState.RETRY, "2026-11-24 11:59")
    clinic.dispatch(first_reminder())
    assert (clinic.texts, clinic.state(), len(clinic.lines)) == ([], "EXPIRED", 1)


def test_a_text_that_could_only_be_tried_again_too_late_is_told_at_once() -> None:
    clinic = Clinic.open(now="2026-11-26 08:30")
    clinic.rt.sms.refuse = refusing(SLOW_DOWN)
    clinic.dispatch(first_reminder("2026-11-26 08:00", "h2"))
    assert (clinic.state("h2"), len(clinic.lines)) == ("EXPIRED", 1)
    assert clinic.rt.schedules.booked == {}


def test_nobody_waits_for_the_delivery_log_s_word_on_an_email() -> None:
    clinic = Clinic.open(MEI_BY_MAIL, now="2026-11-24 09:00", delivery_log=True)
    clinic.dispatch(first_reminder())
    clinic.at("2026-11-24 10:00").tick()
    assert (clinic.state(), clinic.lines) == ("SENT", [])


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


def test_a_conflict_at_the_arm_brings_the_event_again_in_a_minute() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")

    def conflict(call: str) -> None:
        if call == "ledger.arm":
            raise StoreConflict("TransactionConflict")

    clinic.rt.store.world.before = conflict
    assert clinic.dispatch(first_reminder()).startswith("failed")
    clinic.rt.store.world.before = lambda _: None
    clinic.at("2026-11-24 09:01").dispatch(first_reminder())
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
