"""What is due now: level-triggered, one message to the customer at a time, and silence where silence is right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.decision import Decision
from chalicelib.domain.outlook import Fate, outlook
from chalicelib.domain.send import Move
from tests.builders import Chain, a_chain, closed, hours_of, local, sending_hours

AHEAD = timedelta(minutes=75)
AFTERNOON = local("2026-11-26 15:00")


def windows_due(decision: Decision) -> list[int | None]:
    return [due.window for due in decision.due]


def reminders(decision: Decision) -> list[int]:
    return [due.window for due in decision.due if due.window is not None]


def test_nothing_is_due_while_the_visit_is_far_off():
    """Promise 29. Promise 34."""
    decision = a_chain(start=AFTERNOON).at(local("2026-11-20 12:00"), AHEAD)
    assert (decision.due, decision.passed, decision.skipped) == ((), (), ())


@pytest.mark.parametrize(("now", "due"), [("14:59", []), ("15:00", [2880]), ("15:01", [2880]), ("23:00", [])])
def test_a_window_is_due_from_its_minute_on(now: str, due: list[int]):
    """Promise 28."""
    assert reminders(a_chain(start=AFTERNOON).at(local(f"2026-11-24 {now}"))) == due


def test_the_tick_looks_ahead_to_the_last_minute_of_its_reach():
    """Promise 30."""
    chain = a_chain(hours_of(1), start=AFTERNOON)
    assert reminders(chain.at(local("2026-11-26 12:45"), AHEAD)) == [60]
    assert reminders(chain.at(local("2026-11-26 12:44"), AHEAD)) == []


def test_a_window_that_was_sent_is_never_due_again():
    """Promise 31."""
    chain = a_chain(start=AFTERNOON, sent={"h48": local("2026-11-24 15:00")})
    for hour in range(44):
        assert 2880 not in windows_due(chain.at(local("2026-11-24 15:00") + timedelta(hours=hour), AHEAD))


def test_the_first_send_is_a_first_reminder_and_every_other_a_second():
    """Promise 20. Promise 33."""
    chain = a_chain(hours_of(72, 24, 3), start=AFTERNOON)
    moves = []
    for at in ("2026-11-23 15:00", "2026-11-25 15:00", "2026-11-26 12:00"):
        (due, *_) = chain.at(local(at)).due
        moves.append(due.move)
        chain.send(due.window, local(at))
    assert moves == [Move.FIRST_REMINDER, Move.SECOND_REMINDER, Move.SECOND_REMINDER]


def test_a_gap_alert_does_not_make_the_next_reminder_a_second_one():
    chain = a_chain(hours_of(48, 2), start=AFTERNOON, sent={"gap": local("2026-11-24 15:00")})
    assert chain.at(local("2026-11-26 13:00")).due[0].move is Move.FIRST_REMINDER


def test_a_closed_chain_gets_nothing_and_says_why():
    """Promise 22. Promise 23. Promise 65."""
    chain = a_chain(start=AFTERNOON)
    chain.closed = "cancelled by customer"
    decision = chain.at(local("2026-11-24 15:00"), AHEAD)
    assert decision == Decision(closed="cancelled by customer")


def test_one_reminder_at_a_time_though_two_are_within_reach():
    """Promise 20. Promise 34."""
    chain = a_chain(hours_of(3, 2), start=AFTERNOON)
    decision = chain.at(local("2026-11-26 12:00"), AHEAD)
    assert reminders(decision) == [180]
    assert decision.passed == ()


def test_a_gap_alert_may_go_beside_a_reminder():
    """Promise 34."""
    chain = a_chain(hours_of(48, 2), start=AFTERNOON, gap_minutes=180, sent={"h48": local("2026-11-24 15:00")})
    assert windows_due(chain.at(local("2026-11-26 12:00"), AHEAD)) == [120, None]


# ---------------------------------------------------------------- rule 6: what was missed


def test_a_missed_reminder_goes_as_soon_as_something_runs():
    (due,) = a_chain(start=AFTERNOON).at(local("2026-11-24 18:20"), AHEAD).due
    assert due.at == local("2026-11-24 18:20")
    assert due.planned == local("2026-11-24 15:00")
    assert due.reason == "48 hours before; missed at Tue 24 Nov 3:00pm"


def test_a_reminder_that_was_missed_into_the_night_goes_in_the_morning():
    chain = a_chain(start=AFTERNOON)
    assert chain.at(local("2026-11-24 22:00"), AHEAD).due == ()
    (due,) = chain.at(local("2026-11-25 07:00"), AHEAD).due
    assert (due.window, due.at) == (2880, local("2026-11-25 08:00"))


def test_a_reminder_that_waits_for_the_morning_gives_way_to_one_that_follows_within_the_hour():
    chain = a_chain(hours_of(12, 2), start=local("2026-11-26 10:30"))
    decision = chain.at(local("2026-11-25 22:40"), timedelta(hours=12))
    assert reminders(decision) == [120]
    assert [entry.window for entry in decision.passed] == [720]


def test_the_last_useful_minute_is_still_useful_and_the_next_is_not():
    chain = a_chain(hours_of(2), start=AFTERNOON)
    assert reminders(chain.at(local("2026-11-26 14:30"))) == [120]
    late = chain.at(local("2026-11-26 14:31"), AHEAD)
    assert reminders(late) == []
    (skipped,) = late.skipped
    assert skipped.tell
    assert skipped.reason.startswith("missed: it was due Thu 26 Nov 1:00pm")


def test_a_missed_window_is_passed_when_a_smaller_one_is_still_to_come():
    chain = a_chain(hours_of(24, 3), start=AFTERNOON)
    decision = chain.at(local("2026-11-26 11:10"), AHEAD)
    assert reminders(decision) == [180]
    assert [(e.window, e.reason) for e in decision.passed] == [(1440, "missed: the 3-hour reminder goes in its place")]


def test_the_reason_of_a_passed_window_is_the_same_before_and_after():
    """What is written down once must read the same on every later tick."""
    chain = a_chain(hours_of(24, 3), start=AFTERNOON)
    before = chain.at(local("2026-11-26 11:10"), AHEAD).passed
    chain.send(180, local("2026-11-26 12:00"))
    assert chain.at(local("2026-11-26 12:01"), AHEAD).passed == before
    assert chain.at(local("2026-11-26 16:00"), AHEAD).passed == before


def test_the_reason_of_a_missed_window_is_the_same_at_night_and_after_the_visit():
    chain = a_chain(hours_of(2), start=local("2026-11-26 07:15"))
    at_night = chain.at(local("2026-11-25 21:10"), AHEAD).skipped
    assert at_night
    assert chain.at(local("2026-11-26 08:00"), AHEAD).skipped == at_night


def test_a_visit_that_began_while_nothing_ran_is_told_and_not_reminded_of():
    decision = a_chain(start=AFTERNOON).at(AFTERNOON, AHEAD)
    assert decision.due == ()
    assert {entry.window for entry in decision.skipped} == {2880, 120}


def test_a_visit_that_began_after_its_reminders_went_has_nothing_to_tell():
    sent = {"h48": local("2026-11-24 15:00"), "h2": local("2026-11-26 13:00")}
    assert a_chain(start=AFTERNOON, sent=sent).at(AFTERNOON, AHEAD).skipped == ()


def test_a_window_that_the_rules_no_longer_have_still_counts_as_sent():
    """24 hours became 30 after the text went; nothing is sent for the same day twice."""
    chain = a_chain(hours_of(30, 2), start=AFTERNOON, sent={"h24": local("2026-11-25 15:00")})
    decision = chain.at(local("2026-11-25 15:05"), AHEAD)
    assert decision.due == ()
    assert [entry.window for entry in decision.passed] == [1800]


@pytest.mark.parametrize(("went", "due"), [("20:45", []), ("20:00", [600])])
def test_a_larger_window_does_not_follow_a_smaller_one_within_the_hour(went: str, due: list[int]):
    """The 2-hour reminder of a 7am visit went the evening before; the 10-hour one's minute is 9pm."""
    sent = {"h2": local(f"2026-11-25 {went}")}
    chain = a_chain(hours_of(10, 2), start=local("2026-11-26 07:00"), hours=sending_hours(quiet=None), sent=sent)
    assert reminders(chain.at(local("2026-11-25 21:00"))) == due


def test_an_odd_key_among_the_sends_is_not_a_window():
    chain = a_chain(hours_of(2), start=AFTERNOON, sent={"hello": local("2026-11-26 12:50")})
    assert reminders(chain.at(local("2026-11-26 13:00"))) == [120]


def test_a_contact_that_is_added_late_gets_the_reminder_that_nobody_could_be_sent():
    chain = a_chain(hours_of(24), start=AFTERNOON, phone="")
    assert reminders(chain.at(local("2026-11-25 15:30"))) == []
    found = a_chain(hours_of(24), start=AFTERNOON)
    assert reminders(found.at(local("2026-11-25 15:30"))) == [1440]


# ---------------------------------------------------------------- the outlook


def lines(chain: Chain, now: str) -> list[tuple[str, Fate]]:
    told = outlook(chain.state, chain.schedule, chain.hours, chain.seen, local(now))
    return [(line.what, line.fate) for line in told]


def test_the_outlook_shows_what_went_and_what_is_to_come_in_order():
    chain = a_chain(hours_of(72, 48, 2), start=AFTERNOON, since={4320: local("2026-11-24 16:00")})
    chain.send(2880, local("2026-11-24 15:00"))
    assert lines(chain, "2026-11-25 09:00") == [
        ("48-hour reminder", Fate.SENT),
        ("gap alert", Fate.PLANNED),
        ("2-hour reminder", Fate.PLANNED),
        ("72-hour reminder", Fate.PASSED),
    ]


def test_the_outlook_of_a_closed_chain_says_why_nothing_more_goes():
    chain = a_chain(start=AFTERNOON)
    chain.send(2880, local("2026-11-24 15:00"))
    chain.closed = "confirmed by customer"
    told = outlook(chain.state, chain.schedule, chain.hours, chain.seen, local("2026-11-25 09:00"))
    assert [(line.fate, line.reason) for line in told] == [
        (Fate.SENT, "sent"),
        (Fate.CLOSED, "confirmed by customer"),
    ]


def test_the_outlook_of_an_unreachable_visit_plans_only_the_alert():
    chain = a_chain(start=AFTERNOON, phone="")
    told = outlook(chain.state, chain.schedule, chain.hours, chain.seen, local("2026-11-20 09:00"))
    assert [(line.what, line.reason.partition(":")[0]) for line in told] == [
        ("48-hour reminder", "nobody to send to"),
        ("gap alert", "no usable phone or e-mail"),
        ("2-hour reminder", "nobody to send to"),
    ]


def test_the_outlook_shows_a_skipped_window_with_its_reason():
    chain = a_chain(hours_of(2), start=AFTERNOON, hours=sending_hours(closed_days=closed(weekdays=range(7))))
    told = outlook(chain.state, chain.schedule, chain.hours, chain.seen, local("2026-11-20 09:00"))
    assert [line.fate for line in told] == [Fate.SKIPPED]
