"""The sweep: a run that ended half-way leaves nothing half done, whatever step it ended at."""

from __future__ import annotations

import pytest

from chalicelib.domain.standing import Answer, Standing
from chalicelib.errors import BadRecipient, DefiniteNo, DeliveryError, NoAnswer
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.sweep_ledger import sweep_ledger
from tests.functional.dispatch_world import (
    CHAIN,
    MAIL,
    MEI_BY_MAIL,
    MEI_WITH_BOTH,
    OPTED_OUT,
    SLOW_DOWN,
    Clinic,
    cancelled_answer,
    first_reminder,
    refusing,
)
from tests.functional.reply_world import MEI


class Crash(BaseException):
    """The function's process ends here."""


def crash_at(clinic: Clinic, call: str, after: bool = False) -> None:
    """End the run that dispatches Mei's first reminder at (or right after) a call; then all is well again."""
    world = clinic.rt.store.world

    def end(name: str) -> None:
        if name == call:
            raise Crash

    setattr(world, "after" if after else "before", end)
    with pytest.raises(Crash):
        clinic.dispatch(first_reminder())
    world.before = world.after = lambda _: None


# ---------------------------------------------------------------- where a run may end


@pytest.mark.parametrize(("call", "after"), [("ledger.claim", False), ("ledger.claim", True), ("ledger.arm", False)])
def test_a_run_that_ended_before_the_arm_is_taken_up_again(call: str, after: bool) -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    crash_at(clinic, call, after)
    clinic.until("2026-11-24 12:00")
    assert len(clinic.texts) == 1
    assert clinic.state() == "SENT"


def test_a_run_that_ended_after_the_arm_may_have_sent_so_the_text_is_not_repeated() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    crash_at(clinic, "ledger.arm", after=True)
    clinic.until("2026-11-24 12:00")
    assert (clinic.texts, clinic.state()) == ([], "UNKNOWN")
    assert len(clinic.lines) == 1
    assert "nobody knows whether the reminder went out" in clinic.lines[0]


def test_a_text_that_may_have_gone_is_followed_by_an_email() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    crash_at(clinic, "ledger.sent")
    clinic.until("2026-11-24 12:00")
    assert (len(clinic.texts), len(clinic.mails), len(clinic.lines)) == (1, 1, 1)


def test_an_email_that_may_have_gone_is_sent_again() -> None:
    clinic = Clinic.open(MEI_BY_MAIL, now="2026-11-24 09:00")
    crash_at(clinic, "ledger.sent")
    clinic.until("2026-11-24 12:00")
    assert (len(clinic.mails), clinic.lines, clinic.state()) == (2, [], "SENT")


def test_an_email_whose_runs_never_end_is_given_up_after_five_and_told() -> None:
    clinic = Clinic.open(MEI_BY_MAIL, now="2026-11-24 09:00")

    def end(name: str) -> None:
        if name == "ledger.sent":
            raise Crash

    clinic.rt.store.world.before = end
    for hour in range(9, 18):
        clinic.at(f"2026-11-24 {hour:02}:00")
        run_tick(clinic.rt)
        for event in clinic.rt.bus.moves:
            with pytest.raises(Crash):
                clinic.dispatch(event)
        clinic.rt.bus.moves = []
    assert len(clinic.mails) == 5
    assert clinic.state() == "EXPIRED"
    assert len(clinic.lines) == 1


def test_an_answer_to_a_press_that_was_claimed_and_no_more_is_taken_up_again() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 23:00")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CANCELLED, reply_id="r1", rev=1)

    def end(name: str) -> None:
        if name == "ledger.arm":
            raise Crash

    clinic.rt.store.world.before = end
    with pytest.raises(Crash):
        clinic.dispatch(cancelled_answer("r1"))
    clinic.rt.store.world.before = lambda _: None
    clinic.until("2026-11-25 00:30")
    assert len(clinic.mails) == 1
    assert clinic.state("cancelled#r1") == "SENT"


def test_a_fallback_email_whose_run_ended_is_taken_up_again() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.dispatch(first_reminder())
    [event] = clinic.rt.bus.moves
    clinic.rt.bus.moves = []

    def end(name: str) -> None:
        if name == "ledger.arm":
            raise Crash

    clinic.rt.store.world.before = end
    with pytest.raises(Crash):
        clinic.dispatch(event)
    clinic.rt.store.world.before = lambda _: None
    clinic.until("2026-11-24 10:30")
    assert [mail.to for mail in clinic.rt.email.mails] == [MAIL]


def test_a_fallback_whose_event_was_lost_is_found_in_the_ledger() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.dispatch(first_reminder())
    clinic.rt.bus.moves = []
    clinic.until("2026-11-24 10:30")
    assert len(clinic.mails) == 1


def test_a_retry_whose_one_off_never_fired_is_taken_up_by_the_tick() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(SLOW_DOWN, 1)
    clinic.dispatch(first_reminder())
    clinic.rt.schedules.booked.clear()
    clinic.until("2026-11-24 10:01")
    assert len(clinic.texts) == 1


# ---------------------------------------------------------------- what is of no use any more


def test_what_is_unfinished_past_its_use_is_told_to_staff_once() -> None:
    clinic = Clinic.open(now="2026-11-26 08:00")
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, rev=1)
    clinic.rt.sms.refuse = refusing(SLOW_DOWN)
    clinic.tick()
    clinic.rt.schedules.booked.clear()
    clinic.at("2026-11-26 08:45")
    sweep_ledger(clinic.rt)
    sweep_ledger(clinic.rt)
    assert clinic.state("h2") == "EXPIRED"
    assert len([line for line in clinic.lines if "the reminder could not be sent (throttled)" in line]) == 1


def test_what_is_unfinished_past_its_use_of_an_answered_visit_needs_no_word() -> None:
    clinic = Clinic.open(now="2026-11-26 08:00")
    clinic.rt.sms.refuse = refusing(SLOW_DOWN)
    clinic.tick()
    clinic.rt.schedules.booked.clear()
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CONFIRMED, rev=5)
    clinic.at("2026-11-26 08:45")
    before = len(clinic.lines)
    sweep_ledger(clinic.rt)
    assert clinic.state("h2") == "CANCELLED"
    assert len(clinic.lines) == before


# ---------------------------------------------------------------- staff must hear


def test_an_alert_stays_until_slack_took_it() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.rt.staff.refuse = refusing(DefiniteNo("Slack", "ratelimited"))
    clinic.dispatch(first_reminder())
    assert clinic.rt.ledger.get(first_reminder().key).alert_pending
    with pytest.raises(DeliveryError):
        clinic.at("2026-11-24 10:00").tick()
    clinic.rt.staff.refuse = None
    clinic.at("2026-11-24 11:00").tick()
    assert len(clinic.lines) == 1
    clinic.at("2026-11-24 12:00").tick()
    assert len(clinic.lines) == 1


def test_what_the_sweep_settled_while_slack_was_down_is_told_by_the_next() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    crash_at(clinic, "ledger.arm", after=True)
    clinic.rt.staff.refuse = refusing(DefiniteNo("Slack", "ratelimited"), times=1)
    with pytest.raises(DeliveryError):
        clinic.at("2026-11-24 10:00").tick()
    assert (clinic.state(), clinic.lines) == ("UNKNOWN", [])
    clinic.at("2026-11-24 11:00").tick()
    assert len(clinic.lines) == 1


def test_an_alert_stays_until_the_next_rung_is_in_the_ledger() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.rt.bus.down = True
    clinic.dispatch(first_reminder())
    send = clinic.send()
    assert send is not None
    assert send.alert_pending
    clinic.rt.bus.down = False
    clinic.at("2026-11-24 10:00").tick()
    assert len(clinic.mails) == 1
    send = clinic.send()
    assert send is not None
    assert not send.alert_pending


def test_one_send_that_cannot_be_swept_stops_no_other() -> None:
    rows = [{**MEI, "appt_id": f"A-{i}", "phone": f"+659123456{i}"} for i in (1, 2)]
    clinic = Clinic.open(*rows, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(BadRecipient("SNS", "invalid"))
    clinic.rt.staff.refuse = refusing(NoAnswer("Slack", "timed out"), 3)
    clinic.tick()
    with pytest.raises(DeliveryError):
        clinic.at("2026-11-24 10:00").tick()
    assert len(clinic.lines) == 1


# ---------------------------------------------------------------- no word on delivery


def test_a_text_without_word_for_thirty_minutes_is_listed_for_staff_and_nothing_more_goes_out() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00", delivery_log=True)
    clinic.dispatch(first_reminder())
    clinic.until("2026-11-24 12:00")
    assert (len(clinic.texts), clinic.mails, clinic.state()) == (1, [], "UNKNOWN")
    assert len(clinic.lines) == 1
    assert "no word on its delivery for 30 minutes" in clinic.lines[0]


def test_without_a_delivery_log_a_text_that_was_taken_is_done() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.dispatch(first_reminder())
    clinic.until("2026-11-24 12:00")
    assert (clinic.state(), clinic.lines) == ("SENT", [])


def test_a_gap_alert_found_unsent_at_the_very_minute_of_the_visit_is_told() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.until("2026-11-26 08:29")
    clinic.rt.staff.refuse = refusing(SLOW_DOWN, 1)
    clinic.at("2026-11-26 08:30").carry()
    assert clinic.state("gap") == "RETRY"
    clinic.rt.schedules.booked.clear()
    clinic.at("2026-11-26 09:00").tick()
    assert clinic.state("gap") == "EXPIRED"
    assert "the gap alert could not be sent" in clinic.lines[-1]
