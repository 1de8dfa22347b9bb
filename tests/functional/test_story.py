"""A week at Bright Dental, told end to end on the moved clock: who was reminded when, and who was left alone."""

from __future__ import annotations

from chalicelib.errors import NoAnswer
from tests.functional.dispatch_world import Clinic, refusing
from tests.functional.reply_world import MEI, local

MEIS = {**MEI, "email": "mei@example.com"}
ARUNS = {**MEI, "appt_id": "A-18", "customer": "Arun Rao", "phone": "+6598765432", "start": "2026-11-26 15:00"}
DANAS = {**MEI, "appt_id": "A-19", "customer": "Dana Lim", "phone": "+6587654321", "start": "2026-11-27 11:00"}
REXS = {**MEI, "appt_id": "A-20", "customer": "Rex Ong", "phone": "", "email": "rex@example.com"}
REXS["start"] = "2026-11-28 10:00"


def a_week() -> Clinic:
    """Monday morning. Mei is booked for Thursday 9am, Arun for Thursday 3pm, Dana for Friday, Rex for Saturday."""
    return Clinic.open(MEIS, ARUNS, DANAS, REXS, now="2026-11-23 08:00")


def test_who_says_nothing_is_reminded_twice_and_then_the_front_desk_calls() -> None:
    """Promises 20, 32, 37."""
    clinic = a_week()
    clinic.until("2026-11-26 15:30")
    assert clinic.sent_at("A-18") == [
        ("Tue 15:00", "first_reminder"),
        ("Thu 12:00", "gap_alert"),
        ("Thu 13:00", "second_reminder"),
    ]


def test_who_confirms_hears_no_more() -> None:
    """Promises 22, 54."""
    clinic = a_week()
    clinic.until("2026-11-24 09:20")
    clinic.door.answer("confirm")
    clinic.answered()
    clinic.until("2026-11-26 09:30")
    assert clinic.sent_at() == [("Tue 09:00", "first_reminder")]
    assert clinic.door.cell("status") == "confirmed"


def test_who_cancels_hears_no_reminder_and_the_front_desk_hears_at_once() -> None:
    """Promises 23, 55, 56, 64, 65."""
    clinic = a_week()
    clinic.until("2026-11-24 09:20")
    clinic.door.answer("cancel")
    clinic.answered()
    [line] = [line for _, line in clinic.rt.staff.lines if line.move == "cancelled"]
    assert line.appt_id == "A-17"
    clinic.until("2026-11-26 09:30")
    assert clinic.sent_at() == [("Tue 09:00", "first_reminder"), ("Tue 09:20", "cancelled")]
    assert [entry.action for entry in clinic.rt.store.audit("A-17") if entry.channel == "page"] == ["cancel"]
    assert clinic.door.cell("status") == "cancelled"


def test_who_moves_begins_a_fresh_chain_and_the_old_one_is_archived() -> None:
    """Promises 58, 59, 60, 62."""
    clinic = a_week()
    clinic.until("2026-11-24 09:20")
    clinic.door.move("2026-11-28 11:00")
    clinic.answered()
    clinic.until("2026-11-28 11:30")
    assert clinic.sent_at() == [
        ("Tue 09:00", "first_reminder"),
        ("Tue 09:20", "moved"),
        ("Thu 11:00", "first_reminder"),
        ("Sat 08:00", "gap_alert"),
        ("Sat 09:00", "second_reminder"),
    ]
    assert clinic.door.cell("time") == "11:00am"
    archived = [send.key.window_index for send in clinic.rt.store.world.archive.values()]
    assert archived == ["20261126T0100Z#h48"]


def test_who_has_only_an_address_is_reminded_by_email() -> None:
    """Promise 36."""
    clinic = a_week()
    clinic.until("2026-11-28 10:30")
    assert [entry.channel for entry in clinic.audit("sent", "A-20") if entry.after != "gap_alert"] == ["email", "email"]


def test_nobody_is_texted_at_night() -> None:
    """Promise 39."""
    clinic = a_week()
    clinic.until("2026-11-28 12:00")
    minutes = [at.partition(" ")[2] for i in (17, 18, 19, 20) for at, _ in clinic.sent_at(f"A-{i}")]
    assert minutes
    assert all("08:00" <= minute < "21:00" for minute in minutes)


def test_an_outage_of_a_day_and_a_bit_sends_late_what_is_still_of_use_and_nothing_twice() -> None:
    """Promises 28, 31."""
    clinic = a_week()
    clinic.until("2026-11-24 09:20")
    clinic.at("2026-11-25 11:20")  # twenty-six ticks never ran
    clinic.until("2026-11-27 11:30")
    assert clinic.sent_at("A-18")[0] == ("Wed 12:00", "first_reminder")
    assert clinic.sent_at("A-19")[0] == ("Wed 12:00", "first_reminder")
    per_visit = [len([move for _, move in clinic.sent_at(f"A-{i}") if move != "gap_alert"]) for i in (17, 18, 19)]
    assert per_visit == [2, 2, 2]


def test_doubled_and_repeated_events_change_nothing() -> None:
    """Promises 19, 31."""
    once, twice = a_week(), a_week()
    once.until("2026-11-27 12:00")
    put = twice.rt.bus.put
    twice.rt.bus.put = lambda events: put([*events, *events])  # type: ignore[method-assign]
    twice.until("2026-11-27 12:00")
    assert sorted(once.texts) == sorted(twice.texts)
    assert once.lines == twice.lines


def test_a_vendor_that_goes_silent_for_a_day_never_makes_a_second_text() -> None:
    clinic = a_week()
    clinic.until("2026-11-24 08:30")
    clinic.rt.sms.lose = refusing(NoAnswer("SNS", "the connection was lost"))
    clinic.until("2026-11-25 08:30")
    clinic.rt.sms.lose = None
    clinic.until("2026-11-26 16:00")
    mine = [body for to, body in clinic.rt.sms.texts if to == ARUNS["phone"]]
    assert len(mine) == len(set(mine)) == 2
    assert any("nobody knows whether the reminder went out" in line for line in clinic.lines)
    assert [mail.to for mail in clinic.rt.email.mails].count("mei@example.com") == 1


def test_every_send_is_at_most_a_minute_late() -> None:
    clinic = a_week()
    clinic.until("2026-11-28 12:00")
    for sends in clinic.rt.store.world.sends.values():
        for send in sends.values():
            assert send.sent_at is not None
            assert 0 <= (send.sent_at - send.planned).total_seconds() <= 60


def test_the_week_ends_with_nothing_left_to_do() -> None:
    clinic = a_week()
    clinic.until("2026-11-28 12:00")
    assert clinic.rt.ledger.unsettled(local("2026-12-28 12:00")) == []
    assert clinic.rt.store.work() == []
    assert clinic.failures == []
