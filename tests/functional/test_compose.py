"""What a message says: the voice doc's words, the visit's facts, the links; and nothing that a cell smuggled in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.appointment import Channel
from chalicelib.domain.reply_token import Link, read_link
from chalicelib.domain.send import Move
from chalicelib.domain.sms import segments
from chalicelib.ports import Document
from chalicelib.usecases.compose import Letter, compose
from chalicelib.usecases.shop import Shop
from tests.functional.dispatch_world import CHAIN, MAIL, MEI_WITH_BOTH, Clinic, first_reminder
from tests.functional.reply_world import MEI

VOICE = """First reminder (text):
Hello {customer}, {service} w/ {staff} on {day} {date} at {time}. {link}
Confirm {confirm_link} Move {reschedule_link} Cancel {cancel_link}

First reminder (email):
Subject: See you {day}
{service} with {staff}, {date} {time}. {booking_link}
"""


def written(clinic: Clinic, channel: Channel = Channel.TEXT, move: Move = Move.FIRST_REMINDER) -> Letter:
    """The message of Mei's first reminder, or of another move."""
    shop = Shop(clinic.rt)
    visit = shop.visit_of(clinic.rt, "A-17")
    assert visit is not None
    return compose(clinic.rt, shop, visit, replace(first_reminder(), move=move), channel)


def test_the_default_text_has_everything_and_one_short_link() -> None:
    """Promise 43. The booking link is on the page behind it."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    text = written(clinic).text
    for part in ("Bright Dental", "Mei", "Dental cleaning", "Dr Lee", "26 Nov", "9:00am"):
        assert part in text
    assert text.count("https://r.bright.sg/r/") == 1
    assert MEI["link"] not in text


def test_the_default_text_costs_one_segment() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    assert segments(written(clinic).text).count == 1


def test_the_link_says_which_visit_chain_and_window() -> None:
    """Promise 66."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    token = written(clinic).text.partition("/r/")[2].split()[0].rstrip(".")
    keys = clinic.rt.secrets.reply_keys()
    assert read_link(token, keys, clinic.rt.clock()) == Link("A-17", CHAIN, 2880)


def test_the_default_email_has_the_booking_link_and_three_buttons() -> None:
    """Promises 43, 44."""
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    mail = written(clinic, Channel.EMAIL).email
    assert mail is not None
    assert mail.to == MAIL
    assert MEI["link"] in mail.body
    assert [label for label, _ in mail.actions] == ["Confirm", "Move", "Cancel"]
    assert mail.actions[0][1].endswith("?a=confirm")
    assert mail.unsubscribe_url.startswith("https://r.bright.sg/u/")


def test_the_words_are_the_voice_docs() -> None:
    """Promise 45. A shop may put all three links into its text."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.documents.put(Document.VOICE, VOICE)
    text = written(clinic).text
    assert text.startswith("Hello Mei Tan, Dental cleaning w/ Dr Lee on Thursday 26 Nov at 9:00am.")
    assert [f"?a={name}" in text for name in ("confirm", "reschedule", "cancel")] == [True, True, True]


def test_an_emails_subject_is_the_voice_docs() -> None:
    """Promise 45."""
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.documents.put(Document.VOICE, VOICE)
    mail = written(clinic, Channel.EMAIL).email
    assert mail is not None
    assert mail.subject == "See you Thursday"


def test_a_template_that_the_doc_lacks_is_the_products_own() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.documents.put(Document.VOICE, VOICE)
    assert "Bright Dental" in written(clinic, move=Move.SECOND_REMINDER).text


def test_a_blank_staff_cell_leaves_no_hole_in_the_text() -> None:
    clinic = Clinic.open({**MEI, "staff": ""}, now="2026-11-24 09:00")
    clinic.rt.documents.put(Document.VOICE, VOICE)
    assert "Dental cleaning on Thursday" in written(clinic).text


def test_a_cell_cannot_smuggle_an_address_into_a_text() -> None:
    clinic = Clinic.open({**MEI, "customer": "Mei https://evil.example/pay"}, now="2026-11-24 09:00")
    assert "evil.example" not in written(clinic).text


@pytest.mark.parametrize(("move", "cancel"), [(Move.MOVED, False), (Move.CANCELLED, True)])
def test_the_invitation_follows_the_visit(move: Move, cancel: bool) -> None:
    """Promise 62."""
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    mail = written(clinic, Channel.EMAIL, move).email
    assert mail is not None
    assert mail.invite is not None
    assert (mail.invite.uid, mail.invite.cancel, mail.invite.minutes) == ("A-17@bright.example", cancel, 45)
    assert bool(mail.actions) is not cancel


def test_the_gap_alert_says_whom_to_call_and_how_long_is_left() -> None:
    """Promise 37."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    line = written(clinic, Channel.SLACK, Move.GAP_ALERT).line
    assert line is not None
    for part in ("Mei Tan", "Dental cleaning", MEI["phone"], "48"):
        assert part in line.text
    assert (line.move, line.appt_id, line.chain) == ("gap_alert", "A-17", CHAIN)
