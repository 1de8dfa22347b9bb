"""The page and the one-click POST behind an e-mail's List-Unsubscribe header."""

from __future__ import annotations

import pytest

from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.pages.render import PageAnswer
from chalicelib.ports import ArmGuard
from chalicelib.usecases.opt_out_of_mail import opt_out_of_mail, show_mail_page
from tests.functional.reply_world import MEI, NOW, START, Door, button, offers, text

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
MAIL = "mei@example.com"


@pytest.fixture
def door() -> Door:
    return Door.open({**MEI, "email": MAIL})


def press(door: Door, page: PageAnswer, action: str) -> PageAnswer:
    return opt_out_of_mail(door.rt, door.link(), {"t": button(page, action)})


def test_opening_the_unsubscribe_page_changes_nothing(door: Door) -> None:
    page = show_mail_page(door.rt, door.link())
    assert offers(page) == ["no-emails"]
    assert door.rt.store.opted_out([MAIL]) == set() and door.rt.store.replies("A-17") == []


def test_a_mail_programs_one_click_opts_that_address_out(door: Door) -> None:
    page = opt_out_of_mail(door.rt, door.link(), ONE_CLICK)
    assert (page.status, page.outcome) == (200, "done") and "won’t get reminder e-mails" in text(page)
    assert door.rt.store.opted_out([MAIL, "+6591234567"]) == {MAIL}
    assert [e.action for e in door.rt.store.audit("A-17")] == ["no-emails"]
    assert "opted out of reminder e-mails. The visit is still booked." in door.rt.staff.texts[0]


def test_one_click_twice_is_told_once(door: Door) -> None:
    opt_out_of_mail(door.rt, door.link(), ONE_CLICK)
    assert opt_out_of_mail(door.rt, door.link(), ONE_CLICK).outcome == "already done"
    assert len(door.rt.staff.lines) == 1


def test_opting_in_again_takes_the_pages_own_button(door: Door) -> None:
    out = press(door, show_mail_page(door.rt, door.link()), "no-emails")
    back = press(door, out, "emails-again")
    assert back.outcome == "done" and door.rt.store.opted_out([MAIL]) == set()
    assert "again" in text(back)


def test_one_click_works_after_the_visit_too() -> None:
    door = Door.open({**MEI, "email": MAIL}, now=START.replace(day=30))
    assert opt_out_of_mail(door.rt, door.link(), ONE_CLICK).outcome == "done"
    assert "still booked" not in door.rt.staff.texts[0]


def test_the_address_that_was_mailed_is_opted_out_although_the_row_is_gone(door: Door) -> None:
    send = Send(
        SendKey("A-17", chain_id(START), "h48"), SendState.CLAIMED, Channel.EMAIL, Move.FIRST_REMINDER, planned=NOW
    )
    door.rt.ledger.claim(send, "run", NOW)
    door.rt.ledger.arm(send, "run", NOW, ArmGuard("A-17", chain_id(START)))
    door.rt.ledger.sent(send, "run", "m-1", "old@example.com", NOW)
    door.mirror()
    assert opt_out_of_mail(door.rt, door.link(), ONE_CLICK).outcome == "done"
    assert door.rt.store.opted_out(["old@example.com"]) == {"old@example.com"}


def test_a_bad_link_and_one_without_any_address_get_the_same_calm_page() -> None:
    door = Door.open(MEI)
    bad, none = opt_out_of_mail(door.rt, "nonsense", ONE_CLICK), opt_out_of_mail(door.rt, door.link(), ONE_CLICK)
    assert (bad.status, bad.html) == (none.status, none.html) == (404, show_mail_page(door.rt, "nonsense").html)
    assert door.rt.metrics.counts == {"token_refused": 2}


def test_a_reply_pages_button_does_not_work_here(door: Door) -> None:
    token = button(door.look(), "cancel")
    assert opt_out_of_mail(door.rt, door.link(), {"t": token}).status == 404
    assert door.rt.store.opted_out([MAIL]) == set() and door.rt.store.standings(["A-17"]) == {}
