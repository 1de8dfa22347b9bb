"""Each thing that SNS's delivery log can say, in the form that CloudWatch hands over, and what follows from it."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.send import SendKey
from chalicelib.errors import NoAnswer
from chalicelib.log_subscription import entries
from chalicelib.ports import SetOptOut
from chalicelib.usecases.settle_delivery import settle_delivery
from tests.functional.dispatch_world import (
    CHAIN,
    MEI_WITH_BOTH,
    OPTED_OUT,
    PHONE,
    Clinic,
    first_reminder,
    refusing,
)
from tests.functional.reply_world import MEI

_LINES = (Path(__file__).parents[1] / "payloads" / "sms_delivery_reports.jsonl").read_text().splitlines()
REPORTS: dict[str, dict[str, Any]] = {line["name"]: line["entry"] for line in map(json.loads, _LINES)}
ARRIVED = ("delivered", "accepted by the carrier")
SPECIAL = (*ARRIVED, "quota", "opted out", "unknown status")
THIS_ONE_ONLY = [name for name in REPORTS if name not in SPECIAL]
ARUN = {**MEI, "appt_id": "A-18", "customer": "Arun", "phone": "+6598765432", "staff": "Dr Tan"}


def report(name: str, message_id: str = "sms-1") -> dict[str, Any]:
    """One entry of the log, about that text."""
    return {**REPORTS[name], "notification": {**REPORTS[name]["notification"], "messageId": message_id}}


def subscribed(*lines: object, kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    """What CloudWatch Logs invokes a subscriber with."""
    batch = {
        "messageType": kind,
        "owner": "123456789012",
        "logGroup": "sns/ap-southeast-1/123456789012/DirectPublishToPhoneNumber",
        "logStream": "9f2e",
        "subscriptionFilters": ["ar-sms-delivery"],
        "logEvents": [
            {
                "id": str(n),
                "timestamp": 1795827603000 + n,
                "message": line if isinstance(line, str) else json.dumps(line),
            }
            for n, line in enumerate(lines)
        ],
    }
    return zipped(batch)


def zipped(batch: object) -> dict[str, Any]:
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()}}


def a_clinic(*rows: Any, now: str = "2026-11-24 09:00") -> Clinic:
    """Mei's first reminder has just gone as a text, and its delivery is awaited."""
    clinic = Clinic.open(*rows, now=now, delivery_log=True)
    clinic.dispatch(first_reminder())
    assert clinic.state() == "SENT"
    return clinic


def hear(clinic: Clinic, *lines: object) -> int:
    """The subscription delivers these, and what they bring about happens."""
    settled = settle_delivery(clinic.rt, entries(subscribed(*lines)))
    clinic.carry()
    return settled


# ---------------------------------------------------------------- every reason


@pytest.mark.parametrize("name", ARRIVED)
def test_a_text_that_the_phone_or_its_carrier_took_is_delivered(name: str) -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    assert hear(clinic, report(name)) == 1
    assert (clinic.state(), clinic.mails, clinic.lines) == ("DELIVERED", [], [])


@pytest.mark.parametrize("name", THIS_ONE_ONLY)
def test_a_text_that_could_not_reach_this_phone_is_followed_by_mail_and_the_number_may_be_texted_again(
    name: str,
) -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    assert hear(clinic, report(name)) == 1
    assert (clinic.state(), clinic.state(email=True)) == ("UNDELIVERED", "SENT")
    assert clinic.send().reason == name
    assert clinic.rt.store.opted_out([PHONE]) == set()
    assert clinic.lines == []


@pytest.mark.parametrize("name", THIS_ONE_ONLY)
def test_without_an_address_each_reason_is_told_to_staff_in_its_own_words(name: str) -> None:
    clinic = a_clinic()
    hear(clinic, report(name))
    (line,) = clinic.lines
    assert f"did not arrive ({name}). Please call {PHONE}" in line


def test_a_status_that_nobody_knows_counts_as_not_delivered_and_is_kept() -> None:
    clinic = a_clinic()
    hear(clinic, report("unknown status"))
    assert clinic.state() == "UNDELIVERED"
    assert clinic.send().reason == "Message is in a queue of the carrier (status PENDING)"
    assert "status PENDING" in clinic.lines[0]


def test_words_of_any_length_and_form_are_kept_short_and_on_one_line() -> None:
    clinic = a_clinic()
    odd = report("quota")
    odd["delivery"] = {"providerResponse": "first\r\nsecond " + "x" * 5000}
    hear(clinic, odd)
    assert clinic.send().reason.startswith("first second x")
    assert len(clinic.lines[0]) < 400


# ---------------------------------------------------------------- opted out


def test_a_number_that_opted_out_at_the_provider_is_never_texted_again_and_gets_mail() -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    hear(clinic, report("opted out"))
    assert clinic.rt.store.opted_out([PHONE]) == {PHONE}
    clinic.until("2026-11-26 09:00")
    assert len(clinic.texts) == 1
    assert len(clinic.mails) == 2
    (entry,) = clinic.audit("no-texts")
    assert (entry.by, entry.channel, entry.after) == ("provider", "text", "opted out")


def test_an_opt_out_holds_for_the_other_visits_of_that_number_too() -> None:
    clinic = a_clinic(MEI, {**ARUN, "phone": PHONE, "email": "arun@example.com"})
    hear(clinic, report("opted out"))
    clinic.tick()
    assert clinic.state(what="h48") == "UNDELIVERED"
    assert [mail.to for mail in clinic.rt.email.mails] == ["arun@example.com"]
    assert [phone for phone, _ in clinic.rt.sms.texts] == [PHONE]


def test_an_opt_out_without_an_address_is_a_call_for_the_staff() -> None:
    clinic = a_clinic()
    hear(clinic, report("opted out"))
    assert "did not arrive (Phone number is opted out). Please call" in clinic.lines[0]


def test_it_is_the_number_that_was_texted_that_opted_out_not_the_one_in_the_sheet_by_now() -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    clinic.door.mirror({**MEI_WITH_BOTH, "phone": "+6598765432"})
    hear(clinic, report("opted out"))
    assert clinic.rt.store.opted_out([PHONE, "+6598765432"]) == {PHONE}


def test_an_opt_out_that_could_not_be_stored_is_stored_by_the_sweep() -> None:
    """The word was settled, then the function died: the alert that was written with it brings the rest."""
    clinic = a_clinic(MEI_WITH_BOTH)
    clinic.rt.ledger.deliver("sms-1", False, "Phone number is opted out", "it was not delivered", clinic.rt.clock())
    clinic.at("2026-11-24 10:00").tick()
    assert clinic.rt.store.opted_out([PHONE]) == {PHONE}
    assert len(clinic.mails) == 1


def test_an_old_report_does_not_take_back_that_the_customer_wants_texts_again() -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    hear(clinic, report("opted out"))
    clinic.rt.store.commit(SetOptOut(PHONE, False, clinic.rt.clock()))
    hear(clinic, report("opted out"))
    assert clinic.rt.store.opted_out([PHONE]) == set()


def test_a_number_that_sns_refuses_as_opted_out_is_opted_out_here_as_well() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.dispatch(first_reminder())
    clinic.carry()
    assert clinic.rt.store.opted_out([PHONE]) == {PHONE}
    assert (clinic.state(), clinic.state(email=True)) == ("FAILED", "SENT")


# ---------------------------------------------------------------- the month's quota


def a_full_clinic(count: int = 20) -> Clinic:
    """So many first reminders of customers without an address have just gone."""
    rows = [{**MEI, "appt_id": f"A-{n}", "phone": f"+65912345{n:02}", "staff": f"Dr {n}"} for n in range(count)]
    clinic = Clinic.open(*rows, now="2026-11-24 09:00", delivery_log=True)
    clinic.tick()
    assert len(clinic.texts) == count
    return clinic


def test_a_used_up_quota_is_one_line_a_day_however_many_texts_it_swallows() -> None:
    clinic = a_full_clinic()
    assert hear(clinic, *(report("quota", f"sms-{n}") for n in range(1, 21))) == 20
    (line,) = clinic.lines
    assert "quota for texts is used up" in line
    assert clinic.rt.metrics.counts["texts_over_quota"] == clinic.rt.metrics.counts["sms_failed"] == 20


def test_a_quota_that_is_still_used_up_tomorrow_is_told_again_then() -> None:
    clinic = a_clinic(MEI, {**ARUN, "date": "2026-11-27"})
    hear(clinic, report("quota"))
    clinic.at("2026-11-25 09:00").tick()
    assert len(clinic.texts) == 2
    hear(clinic, report("quota", "sms-2"))
    assert len([line for line in clinic.lines if "quota for texts" in line]) == 2


def test_what_the_quota_swallowed_goes_by_mail() -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    hear(clinic, report("quota"))
    assert (clinic.state(), clinic.state(email=True)) == ("UNDELIVERED", "SENT")
    assert clinic.rt.store.opted_out([PHONE]) == set()


# ---------------------------------------------------------------- how it comes


def test_cloudwatch_s_check_of_the_subscription_brings_nothing() -> None:
    assert entries(subscribed("CWL CONTROL MESSAGE: Checking health of destination", kind="CONTROL_MESSAGE")) == []


@pytest.mark.parametrize(
    "odd",
    [
        "not json",
        "",
        "[1, 2]",
        "null",
        '"text"',
        "{" * 5000,
        "[" * 100_000,
        {},
        {"status": 7, "notification": {"messageId": "sms-1"}},
        {"status": "SUCCESS", "notification": "sms-1"},
        {"status": "SUCCESS", "notification": ["sms-1"]},
        {"status": "SUCCESS", "notification": {"messageId": None}},
        {"status": None, "notification": {"messageId": "sms-1"}},
    ],
    ids=range(13),
)
def test_an_entry_of_another_form_stops_no_other(odd: object) -> None:
    clinic = a_clinic()
    assert hear(clinic, odd, report("delivered"), odd) == 1
    assert clinic.state() == "DELIVERED"


@pytest.mark.parametrize("delivery", [None, "words", [], {}, {"providerResponse": None}, {"providerResponse": {}}])
def test_an_outcome_without_a_reason_still_counts(delivery: object) -> None:
    clinic = a_clinic()
    assert hear(clinic, {**report("quota"), "delivery": delivery}) == 1
    assert "did not arrive (no reason given)" in clinic.lines[0]


def test_an_event_in_the_log_without_a_message_is_left_out() -> None:
    batch = {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1"}, {"message": None}, {"message": 7}]}
    assert entries(zipped(batch)) == []


def test_several_entries_settle_each_its_own_text() -> None:
    clinic = a_clinic(MEI, ARUN)
    clinic.tick()
    assert hear(clinic, report("delivered", "sms-2"), report("Invalid phone number")) == 2
    arun = clinic.rt.ledger.get(SendKey("A-18", CHAIN, "h48"))
    assert (clinic.state(), arun.state.value) == ("UNDELIVERED", "DELIVERED")


@pytest.mark.parametrize(
    ("first", "then", "stands"),
    [
        ("delivered", "Phone has blocked SMS", "DELIVERED"),
        ("Phone has blocked SMS", "delivered", "UNDELIVERED"),
        ("accepted by the carrier", "delivered", "DELIVERED"),
    ],
)
def test_of_two_words_on_one_text_the_first_that_comes_stands(first: str, then: str, stands: str) -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    hear(clinic, report(first), report(then))
    hear(clinic, report(then), report(first))
    assert clinic.state() == stands
    assert len(clinic.mails) == (stands == "UNDELIVERED")
    assert len(clinic.texts) == 1


def test_a_text_of_somebody_else_in_the_account_changes_nothing() -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    assert hear(clinic, report("opted out", "another-app")) == 0
    assert (clinic.state(), clinic.rt.store.opted_out([PHONE]), clinic.lines) == ("SENT", set(), [])


@pytest.mark.parametrize("late", ["delivered", "Phone is currently unreachable/unavailable"])
def test_a_word_that_comes_after_staff_were_told_that_nobody_knows_changes_nothing(late: str) -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    clinic.until("2026-11-24 10:00")
    assert clinic.state() == "UNKNOWN"
    assert len(clinic.lines) == 1
    assert hear(clinic, report(late)) == 0
    assert (clinic.state(), clinic.mails) == ("UNKNOWN", [])
    assert len(clinic.lines) == 1


def test_a_word_on_a_text_whose_answer_was_lost_finds_no_text_and_staff_know_already() -> None:
    """The lost answer had the message id, so no word can be told to be about it."""
    clinic = Clinic.open(now="2026-11-24 09:00", delivery_log=True)
    clinic.rt.sms.lose = refusing(NoAnswer("SNS", "read timeout"))
    clinic.dispatch(first_reminder())
    assert hear(clinic, report("delivered")) == 0
    assert (clinic.state(), len(clinic.lines), len(clinic.texts)) == ("UNKNOWN", 1, 1)


def test_the_share_of_failures_that_the_alarm_watches_is_counted_from_every_report() -> None:
    clinic = a_full_clinic()
    hear(clinic, *(report("delivered", f"sms-{n}") for n in range(1, 19)))
    hear(clinic, report("Invalid phone number", "sms-19"), report("Phone has blocked SMS", "sms-20"), "odd", {})
    counts = clinic.rt.metrics.counts
    assert (counts["sms_delivered"], counts["sms_failed"]) == (18, 2)
