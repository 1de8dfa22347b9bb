"""What a loop, a stranger's sheet or an opt-out can cost: texts stop at the caps, and an opt-out holds everywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.reply_token import Link, issue_link
from chalicelib.domain.send import SendState
from chalicelib.errors import BadRecipient, NoAnswer
from chalicelib.ports import SetOptOut
from chalicelib.usecases.answer_reply import answer_reply
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.opt_out_of_mail import opt_out_of_mail
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.settle_delivery import settle_delivery
from chalicelib.usecases.show_reply_page import show_reply_page
from tests.conftest import Tables
from tests.fakes.runtime import KEYS, FakeRuntime
from tests.functional.reply_world import button
from tests.functional.sync_world import WED, a_row, a_synced_shop, later

MAIL = "mei@example.com"
PHONE = "+6591234567"
TOKEN = issue_link(Link("A-1", chain_id(WED), 2880), KEYS)


def numbers(count: int) -> list[str]:
    """So many valid Singapore mobiles."""
    return [f"+659{1_000_000 + n}" for n in range(count)]


def run_hours(rt: FakeRuntime, *hours: float) -> None:
    """The tick and dispatch at so many hours before the visits, every event and one-off as often as it comes."""
    for before in hours:
        rt.clock.now = WED - timedelta(hours=before)
        rt.bus.moves.clear()
        run_tick(rt)
        for move in list(rt.bus.moves):
            dispatch_move(rt, move)
    for move in list(rt.bus.moves):  # what dispatch itself put on the bus: the fallbacks
        dispatch_move(rt, move)


# ---------------------------------------------------------------- caps


def test_texts_stop_at_the_day_s_cap_and_staff_are_told_once() -> None:
    rows = [a_row(f"A-{n}", phone=phone) for n, phone in enumerate(numbers(340))]
    rt = a_synced_shop(*rows)
    run_hours(rt, 48, 48, 47.9)
    assert len(rt.sms.texts) == 300
    assert len([line for line in rt.staff.texts if "limit" in line]) == 1


def test_a_loop_of_one_visit_s_sends_stops_at_its_number_s_cap_and_staff_are_told_once() -> None:
    """Twelve texts went to this number today already, whatever sent them."""
    rt = a_synced_shop(a_row())
    for _ in range(12):
        assert rt.store.count_text(PHONE, "2026-11-30", 12, 300) == ""
    run_hours(rt, 48, 48, 48)
    assert rt.sms.texts == []
    assert len([line for line in rt.staff.texts if "One number has had 12 texts" in line]) == 1


def test_over_the_cap_mail_still_goes_and_nobody_is_called_for_it() -> None:
    rt = a_synced_shop(a_row(email=MAIL), texts_per_day=0)
    run_hours(rt, 48)
    assert rt.sms.texts == []
    assert [mail.to for mail in rt.email.mails] == [MAIL]


def test_a_sheet_full_of_one_number_texts_it_twelve_times_a_day() -> None:
    rt = a_synced_shop(*[a_row(f"A-{n}", customer=f"Mei {n}") for n in range(60)])
    run_hours(rt, 48, 47)
    assert [phone for phone, _ in rt.sms.texts] == [PHONE] * 12


@pytest.mark.ministack
@pytest.mark.parametrize(("per_number", "per_day", "allowed"), [(12, 300, 12), (300, 7, 7)])
def test_fifty_texts_at_once_stay_within_both_caps(
    dynamodb: Tables, per_number: int, per_day: int, allowed: int
) -> None:
    """A count whose transaction lost may count twice: the cap comes early, never late."""

    def text(_: int) -> str:
        return dynamodb.store.count_text(PHONE, "2026-11-30", per_number, per_day)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(text, range(50))).count("") <= allowed
    assert text(0) != ""


# ---------------------------------------------------------------- opt-outs


@pytest.mark.parametrize("spelling", ["+6591234567", "91234567", "9123 4567", "(+65) 9123-4567", "tel: 91234567"])
def test_an_opt_out_holds_for_every_visit_of_that_number_however_it_is_spelled(spelling: str) -> None:
    rt = a_synced_shop(a_row(), a_row("B-2", phone=spelling, email=MAIL))
    page = show_reply_page(rt, TOKEN)
    answer_reply(rt, TOKEN, {"t": button(page, "no-texts")})
    run_hours(rt, 48, 2)
    assert rt.sms.texts == []
    assert {mail.to for mail in rt.email.mails} == {MAIL}


def test_an_address_that_opted_out_is_not_written_to_in_any_case() -> None:
    rt = a_synced_shop(a_row(phone="", email="Mei@Example.com"), a_row("B-2", phone="", email=MAIL))
    assert opt_out_of_mail(rt, TOKEN, {"List-Unsubscribe": "One-Click"}).outcome == "done"
    run_hours(rt, 48, 2)
    assert rt.email.mails == []
    assert [line for line in rt.staff.texts if "opted out" in line]


@pytest.mark.parametrize("failure", [BadRecipient("SNS", "invalid number"), NoAnswer("SNS", "timeout")])
def test_a_text_that_fails_is_not_followed_by_mail_to_an_address_that_opted_out(failure: Exception) -> None:
    rt = a_synced_shop(a_row(email=MAIL))
    rt.store.commit(SetOptOut(MAIL, True, rt.clock()))

    def fail(_: str) -> None:
        raise failure

    rt.sms.refuse = fail
    run_hours(rt, 48)
    assert rt.email.mails == []
    assert rt.staff.lines


def test_an_opt_out_between_the_text_and_its_fallback_stops_the_fallback() -> None:
    rt = a_synced_shop(a_row(email=MAIL))

    def fail(_: str) -> None:
        raise BadRecipient("SNS", "invalid number")

    rt.sms.refuse = fail
    rt.clock.now = WED - timedelta(hours=48)
    run_tick(rt)
    (move,) = rt.bus.moves
    dispatch_move(rt, move)
    rt.store.commit(SetOptOut(MAIL, True, rt.clock()))
    assert rt.bus.moves[-1].key.email
    dispatch_move(rt, rt.bus.moves[-1])
    assert rt.email.mails == []


def test_an_undelivered_text_is_not_followed_by_mail_to_an_address_that_opted_out() -> None:
    rt = a_synced_shop(a_row(email=MAIL), delivery_log=True)
    run_hours(rt, 48)
    rt.store.commit(SetOptOut(MAIL, True, rt.clock()))
    entry = {"notification": {"messageId": "sms-1"}, "status": "FAILURE", "delivery": {"providerResponse": "blocked"}}
    settle_delivery(rt, [entry])
    for move in list(rt.bus.moves):
        dispatch_move(rt, move)
    assert rt.email.mails == []


def test_the_provider_s_own_opt_out_is_never_texted_again_for_that_window() -> None:
    rt = a_synced_shop(a_row(email=MAIL))

    def opted_out(_: str) -> None:
        raise BadRecipient("SNS", "opted out at the provider")

    rt.sms.refuse = opted_out
    run_hours(rt, 48, 48, 47.5)
    (send,) = [send for send in rt.ledger.chain("A-1", chain_id(WED)) if send.channel is Channel.TEXT]
    assert (send.state, send.attempt) == (SendState.FAILED, 1)
    assert [mail.to for mail in rt.email.mails] == [MAIL]


def test_opting_in_again_takes_effect_for_what_is_still_to_come() -> None:
    rt = a_synced_shop(a_row())
    page = show_reply_page(rt, TOKEN)
    out = answer_reply(rt, TOKEN, {"t": button(page, "no-texts")})
    answer_reply(rt, TOKEN, {"t": button(out, "texts-again")})
    run_hours(rt, 48)
    assert [phone for phone, _ in rt.sms.texts] == [PHONE]


def test_a_number_that_opted_out_gets_no_text_about_its_own_press_either() -> None:
    rt = a_synced_shop(a_row())
    answer_reply(rt, TOKEN, {"t": button(show_reply_page(rt, TOKEN), "no-texts")})
    answer_reply(rt, TOKEN, {"t": button(show_reply_page(rt, TOKEN), "cancel")})
    later(rt)
    run_tick(rt)
    for move in list(rt.bus.moves):
        dispatch_move(rt, move)
    assert rt.sms.texts == []
