"""Accepted is not delivered: SNS's delivery log has the last word on every text."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.errors import DefiniteNo, DeliveryError
from chalicelib.usecases.settle_delivery import settle_delivery
from tests.functional.dispatch_world import MEI_WITH_BOTH, OPTED_OUT, Clinic, first_reminder, refusing


def entry(message_id: str = "sms-1", status: str = "SUCCESS", why: str = "Message has been accepted") -> dict[str, Any]:
    """One line of the log, in SNS's form."""
    return {"notification": {"messageId": message_id}, "delivery": {"providerResponse": why}, "status": status}


UNREACHABLE = entry(status="FAILURE", why="Phone is currently unreachable")


def a_clinic(*rows: Any) -> Clinic:
    """Mei's first reminder has just gone, and its delivery is awaited."""
    clinic = Clinic.open(*rows, now="2026-11-24 09:00", delivery_log=True)
    clinic.dispatch(first_reminder())
    return clinic


def test_a_text_that_arrived_is_delivered_and_nobody_is_troubled() -> None:
    clinic = a_clinic()
    assert settle_delivery(clinic.rt, [entry()]) == 1
    clinic.until("2026-11-24 12:00")
    assert (clinic.state(), clinic.lines) == ("DELIVERED", [])
    assert clinic.rt.metrics.counts["sms_delivered"] == 1


def test_a_text_that_did_not_arrive_is_followed_by_an_email() -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    assert settle_delivery(clinic.rt, [UNREACHABLE]) == 1
    clinic.carry()
    assert (clinic.state(), clinic.state(email=True)) == ("UNDELIVERED", "SENT")
    assert clinic.lines == []
    assert clinic.rt.metrics.counts["sms_failed"] == 1


def test_a_text_that_did_not_arrive_and_has_no_email_is_a_call_for_the_staff() -> None:
    clinic = a_clinic()
    settle_delivery(clinic.rt, [UNREACHABLE])
    assert "the reminder did not arrive (Phone is currently unreachable). Please call" in clinic.lines[0]


def test_an_entry_that_comes_twice_settles_once() -> None:
    clinic = a_clinic()
    settle_delivery(clinic.rt, [UNREACHABLE, UNREACHABLE])
    settle_delivery(clinic.rt, [UNREACHABLE])
    assert len(clinic.lines) == 1


@pytest.mark.parametrize(
    "line", [entry("another-id"), {}, {"status": "SUCCESS"}, {"notification": None}, entry(status="")]
)
def test_an_entry_about_nothing_of_ours_changes_nothing(line: dict[str, Any]) -> None:
    clinic = a_clinic()
    assert settle_delivery(clinic.rt, [line]) == 0
    assert clinic.state() == "SENT"


def test_an_entry_that_cannot_be_told_to_staff_stops_no_other_and_is_told_by_the_sweep() -> None:
    clinic = a_clinic()
    clinic.rt.staff.refuse = refusing(DefiniteNo("Slack", "ratelimited"), 1)
    with pytest.raises(DeliveryError):
        settle_delivery(clinic.rt, [UNREACHABLE, entry("another-id")])
    clinic.at("2026-11-24 10:00").tick()
    assert len(clinic.lines) == 1


def test_word_of_an_email_is_nothing_that_the_log_of_texts_has() -> None:
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00", delivery_log=True)
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.tick()
    assert settle_delivery(clinic.rt, [entry("mail-1", "FAILURE")]) == 0
    assert clinic.state(email=True) == "SENT"


def test_a_lost_text_goes_by_email_only_in_sending_hours() -> None:
    clinic = a_clinic(MEI_WITH_BOTH)
    clinic.at("2026-11-24 22:00")
    settle_delivery(clinic.rt, [UNREACHABLE])
    clinic.carry()
    assert clinic.mails == []
    clinic.until("2026-11-25 08:00")
    assert clinic.sent_at()[-1][0] == "Wed 08:00"
