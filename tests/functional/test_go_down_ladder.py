"""The ladder, rung by rung: text, e-mail, a person. Repeating it harms nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.appointment import Channel
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.errors import BadRecipient, NoAnswer
from chalicelib.usecases.go_down_ladder import go_down_ladder
from chalicelib.usecases.shop import Shop
from tests.functional.dispatch_world import (
    CHAIN,
    MAIL,
    MEI_BY_MAIL,
    MEI_WITH_BOTH,
    OPTED_OUT,
    SLOW_DOWN,
    Clinic,
    first_reminder,
    refusing,
)
from tests.functional.reply_world import MEI, local

FAILED = Send(
    SendKey("A-17", CHAIN, "h48"),
    SendState.FAILED,
    Channel.TEXT,
    Move.FIRST_REMINDER,
    local("2026-11-24 09:00"),
    alert_pending="invalid number",
    reason="invalid number",
)


def fell(clinic: Clinic, send: Send = FAILED) -> str:
    """The send has failed: down it goes."""
    clinic.rt.store.world.put_send(send)
    shop = Shop(clinic.rt)
    return go_down_ladder(clinic.rt, shop, shop.visit_of(clinic.rt, send.key.appt_id), send)


def test_a_failed_text_puts_the_email_into_the_ledger_and_on_the_bus() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    assert fell(clinic) == "failed: invalid number; followed by e-mail"
    [event] = clinic.rt.bus.moves
    assert (event.key.email, event.hours, event.detail_type) == (True, 48, "ar.first_reminder")
    rung = clinic.send(email=True)
    assert rung is not None
    assert (rung.state, rung.channel, rung.useful_until) == (
        SendState.DEFERRED,
        Channel.EMAIL,
        local("2026-11-26 08:30"),
    )


def test_going_down_twice_sends_one_email() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    fell(clinic)
    clinic.carry()
    fell(clinic)
    clinic.carry()
    assert len(clinic.mails) == 1


def test_an_email_that_fails_too_is_a_call_for_the_staff() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.email.refuse = refusing(BadRecipient("SES", "the address is suppressed"))
    fell(clinic)
    clinic.carry()
    assert clinic.lines == [
        "Mei Tan, Dental cleaning, Thursday 26 Nov, 9:00am: the reminder could not be sent "
        "(the address is suppressed). Please call +6591234567."
    ]


def test_an_email_address_that_opted_out_is_no_rung() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.store.world.opted_out.add(MAIL)
    assert fell(clinic).endswith("staff told")
    assert len(clinic.lines) == 1


def test_a_visit_that_went_from_the_sheet_is_still_told() -> None:
    clinic = Clinic.open({**MEI, "appt_id": "A-99"}, now="2026-11-24 09:00")
    fell(clinic)
    assert clinic.lines == [
        "visit A-17: the reminder could not be sent (invalid number). The row is no longer in the sheet."
    ]


@pytest.mark.parametrize(
    ("move", "what", "words"),
    [
        (Move.MOVED, "moved#r1", "confirmation of the new time"),
        (Move.CANCELLED, "cancelled#r1", "confirmation of the cancellation"),
        (Move.GAP_ALERT, "gap", "gap alert"),
    ],
)
def test_staff_read_what_it_was_that_did_not_go(move: Move, what: str, words: str) -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    fell(clinic, replace(FAILED, move=move, key=SendKey("A-17", CHAIN, what), state=SendState.EXPIRED))
    assert f"the {words} could not be sent" in clinic.lines[0]


def test_an_email_for_a_visit_that_was_answered_meanwhile_is_dropped() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    fell(clinic)
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", CHAIN, Answer.CONFIRMED, rev=9)
    clinic.carry()
    assert clinic.mails == []
    assert clinic.state(email=True) == "CANCELLED"


def test_an_email_for_a_visit_that_staff_cancelled_in_the_sheet_is_dropped() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    fell(clinic)
    clinic.door.mirror({**MEI_WITH_BOTH, "status": "cancelled"})
    clinic.carry()
    assert clinic.mails == []
    assert clinic.state(email=True) == "CANCELLED"


def test_an_email_that_finds_no_allowed_minute_is_told_to_staff() -> None:
    clinic = Clinic.open({**MEI_WITH_BOTH, "start": "2026-11-26 07:00"}, now="2026-11-25 22:00")
    chain = "20261125T2300Z"
    fell(clinic, replace(FAILED, key=SendKey("A-17", chain, "h48")))
    clinic.carry()
    assert clinic.mails == []
    assert "no allowed minute is left before the visit" in clinic.lines[0]


def test_an_email_that_was_the_first_way_is_not_followed_by_a_second_one() -> None:
    clinic = Clinic.open(MEI_BY_MAIL, now="2026-11-24 09:00")
    clinic.rt.email.refuse = refusing(BadRecipient("SES", "the address is suppressed"))
    clinic.dispatch(first_reminder())
    assert clinic.rt.bus.moves == []
    assert clinic.lines[0].endswith("Please get in touch.")


def test_a_window_that_failed_before_it_was_armed_is_not_counted_as_missed_later() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.store.world.opted_out.add(MEI["phone"])
    clinic.dispatch(first_reminder())
    [entry] = clinic.audit("window_skipped")
    assert (entry.hours, entry.reason) == (48, "opted out of messages")
    clinic.until("2026-11-24 20:00")
    assert len(clinic.lines) == 1


def test_a_lost_gap_alert_is_posted_as_a_line() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.until("2026-11-26 08:29")
    clinic.rt.staff.refuse = refusing(NoAnswer("Slack", "timed out"), 5)
    clinic.until("2026-11-26 09:05")
    assert any("gap alert could not be sent" in line for line in clinic.lines)


def test_a_text_refused_by_the_carriers_opt_out_list_goes_by_email() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.tick()
    assert (clinic.texts, len(clinic.mails), clinic.lines) == ([], 1, [])


def test_a_text_that_fails_after_a_refused_try_is_recorded_as_skipped_too() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00", texts_per_number=1)
    clinic.rt.sms.refuse = refusing(SLOW_DOWN)
    clinic.tick()
    assert clinic.state() == "RETRY"
    clinic.at("2026-11-24 09:01").carry()
    assert clinic.state() == "FAILED"
    [skipped] = clinic.audit("window_skipped")
    assert (skipped.hours, "limit of texts" in skipped.reason) == (48, True)
