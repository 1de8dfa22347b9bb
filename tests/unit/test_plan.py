"""The plan's rules one by one: where a window goes, what merges it, what passes it."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from chalicelib.domain.plan import Passed, Planned, Skipped
from chalicelib.domain.rules import QuietHours
from tests.builders import a_chain, closed, hours_of, local, minutes_of, sending_hours


def test_every_window_of_the_rules_is_planned_at_its_own_minute():
    """Promise 24."""
    chain = a_chain(hours_of(72, 24, 3), start=local("2026-11-26 15:00"))
    assert minutes_of(chain.planned()) == {
        4320: local("2026-11-23 15:00"),
        1440: local("2026-11-25 15:00"),
        180: local("2026-11-26 12:00"),
    }


def test_windows_in_any_order_and_twice_are_planned_once_each():
    chain = a_chain((120, 2880, 120), start=local("2026-11-26 15:00"))
    assert [entry.window for entry in chain.planned()] == [2880, 120]


def test_no_windows_make_an_empty_plan():
    assert a_chain(()).planned() == ()


def test_an_hour_is_sixty_elapsed_minutes_whatever_the_clock_does():
    """Promise 21."""
    zone = "America/New_York"
    chain = a_chain(hours_of(24), start=local("2027-03-14 12:00", zone), hours=sending_hours(zone))
    assert minutes_of(chain.planned()) == {1440: local("2027-03-13 11:00", zone)}


def test_a_half_hour_clock_change_moves_the_reminder_by_half_an_hour():
    zone = "Australia/Lord_Howe"
    chain = a_chain(hours_of(24), start=local("2027-04-04 12:00", zone), hours=sending_hours(zone))
    assert minutes_of(chain.planned()) == {1440: local("2027-04-03 12:30", zone)}


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_the_ends_of_the_world_are_planned_on_their_own_day(zone: str):
    chain = a_chain(hours_of(24, 1), start=local("2027-01-01 09:00", zone), hours=sending_hours(zone))
    assert minutes_of(chain.planned()) == {
        1440: local("2026-12-31 09:00", zone),
        60: local("2027-01-01 08:00", zone),
    }


def test_seconds_count_for_nothing():
    chain = a_chain(
        hours_of(2),
        start=local("2026-11-26 15:00") + timedelta(seconds=20),
        first_seen=local("2026-11-26 13:00") + timedelta(seconds=59),
    )
    assert minutes_of(chain.planned()) == {120: local("2026-11-26 13:00")}


# ---------------------------------------------------------------- rule 2: useful


def test_a_window_is_useful_until_the_minute_before_the_next_smaller_one():
    first, last = a_chain(hours_of(24, 3), start=local("2026-11-26 15:00")).planned()
    assert isinstance(first, Planned)
    assert isinstance(last, Planned)
    assert first.useful_until == local("2026-11-26 11:59")
    assert last.useful_until == local("2026-11-26 14:30")


def test_a_half_hour_window_is_useful_for_one_minute():
    (entry,) = a_chain((30,), start=local("2026-11-26 15:00")).planned()
    assert isinstance(entry, Planned)
    assert entry.at == entry.useful_until == local("2026-11-26 14:30")


# ---------------------------------------------------------------- rule 3: sending hours


def test_a_reminder_for_a_seven_o_clock_visit_goes_the_evening_before():
    chain = a_chain(hours_of(2), start=local("2026-11-26 07:00"))
    assert minutes_of(chain.planned()) == {120: local("2026-11-25 20:45")}


def test_a_stretch_of_less_than_a_quarter_of_an_hour_is_used_from_its_beginning():
    hours = sending_hours(quiet=QuietHours(time(20, 10), time(20)))
    chain = a_chain(hours_of(2), start=local("2026-11-26 07:00"), hours=hours)
    assert minutes_of(chain.planned()) == {120: local("2026-11-25 20:00")}


def test_a_reminder_never_goes_back_before_the_first_sight():
    seen_late = a_chain(hours_of(24, 2), start=local("2026-11-26 07:00"), first_seen=local("2026-11-25 20:46"))
    assert minutes_of(seen_late.planned()) == {1440: "passed", 120: "skipped"}
    in_time = a_chain(hours_of(2), start=local("2026-11-26 07:00"), first_seen=local("2026-11-25 20:45"))
    assert minutes_of(in_time.planned()) == {120: local("2026-11-25 20:45")}


@pytest.mark.parametrize(("nominal", "fate"), [("20:45", "planned"), ("20:46", "skipped")])
def test_a_smaller_window_goes_back_seventy_two_hours_and_no_more(nominal: str, fate: str):
    """Closed from the 26th to the 28th: the last stretch before has its 20:45 on the 25th."""
    hours = sending_hours(closed_days=closed(ranges=[(date(2026, 11, 26), date(2026, 11, 28))]))
    start = local(f"2026-11-28 {nominal}") + timedelta(hours=2)
    smaller = minutes_of(a_chain(hours_of(200, 2), start=start, hours=hours).planned())[120]
    assert smaller == (local("2026-11-25 20:45") if fate == "planned" else "skipped")


def test_the_largest_window_goes_back_as_far_as_it_must():
    hours = sending_hours(closed_days=closed(ranges=[(date(2026, 11, 9), date(2026, 11, 25))]))
    chain = a_chain(hours_of(48, 2), start=local("2026-11-26 10:00"), first_seen=local("2026-11-01 09:00"), hours=hours)
    assert minutes_of(chain.planned()) == {2880: local("2026-11-08 20:45"), 120: local("2026-11-26 08:00")}


def test_what_was_sent_does_not_change_which_window_is_the_largest():
    """The plan knows no sends: after the largest went, the next is held to three days just the same."""
    hours = sending_hours(closed_days=closed(ranges=[(date(2026, 11, 9), date(2026, 11, 25))]))
    chain = a_chain(
        hours_of(500, 3), start=local("2026-11-26 08:10"), first_seen=local("2026-11-01 09:00"), hours=hours
    )
    before = chain.planned()
    chain.send(30000, local("2026-11-05 12:10"))
    assert chain.planned() == before
    assert minutes_of(before)[180] == "skipped"


def test_a_window_that_is_passed_hands_its_largest_place_on():
    hours = sending_hours(closed_days=closed(ranges=[(date(2026, 11, 9), date(2026, 11, 25))]))
    chain = a_chain(
        hours_of(500, 3),
        start=local("2026-11-26 08:10"),
        first_seen=local("2026-11-06 09:00"),
        hours=hours,
    )
    assert minutes_of(chain.planned()) == {30000: "passed", 180: local("2026-11-08 20:45")}


def test_a_skipped_window_says_which_minute_and_what_stood_against_it():
    hours = sending_hours(closed_days=closed(weekdays=range(7)))
    (entry,) = a_chain(hours_of(2), start=local("2026-11-26 15:00"), hours=hours).planned()
    assert isinstance(entry, Skipped)
    assert entry.reason.startswith("no allowed minute: Thu 26 Nov 1:00pm falls in a closed day")


def test_a_moved_minute_says_why_it_was_moved():
    first, last = a_chain(hours_of(48, 2), start=local("2026-11-26 09:30")).planned()
    assert first.reason == "48 hours before"
    assert last.reason == "2 hours before falls in quiet hours: the next allowed minute"


# ---------------------------------------------------------------- rule 4: merging


def test_windows_less_than_an_hour_apart_are_one_reminder_the_smaller():
    chain = a_chain((119, 60), start=local("2026-11-26 15:00"))
    larger, smaller = chain.planned()
    assert larger == Passed(119, "merged into the 1-hour reminder")
    assert isinstance(smaller, Planned)


def test_merging_is_against_those_that_are_left():
    """90 merges into 60; 130 is 40 minutes from 90, which is gone, and 70 from 60: it stays."""
    chain = a_chain((130, 90, 60), start=local("2026-11-26 15:00"))
    assert minutes_of(chain.planned()) == {
        130: local("2026-11-26 12:50"),
        90: "passed",
        60: local("2026-11-26 14:00"),
    }


def test_nothing_merges_into_a_window_that_is_passed_itself():
    """The edit that gave the 1-hour window came after its minute: the older 90-minute one keeps its own."""
    chain = a_chain((90, 60), start=local("2026-11-26 15:00"), since={60: local("2026-11-26 14:10")})
    assert minutes_of(chain.planned()) == {90: local("2026-11-26 13:30"), 60: "passed"}


# ---------------------------------------------------------------- rule 5: late bookings


def test_a_window_at_the_very_minute_of_the_first_sight_is_still_sent():
    chain = a_chain(hours_of(24, 2), start=local("2026-11-26 15:00"), first_seen=local("2026-11-25 15:00"))
    assert minutes_of(chain.planned())[1440] == local("2026-11-25 15:00")
    later = a_chain(hours_of(24, 2), start=local("2026-11-26 15:00"), first_seen=local("2026-11-25 15:01"))
    assert minutes_of(later.planned())[1440] == "passed"


def test_a_nominal_minute_before_the_first_sight_passes_though_its_planned_one_would_be_after():
    """First seen at 3am; 24 hours before is 2am, and 8am would be allowed: the nominal minute counts."""
    chain = a_chain(hours_of(24, 2), start=local("2026-11-27 02:00"), first_seen=local("2026-11-26 03:00"))
    assert minutes_of(chain.planned())[1440] == "passed"


def test_a_visit_booked_after_all_its_windows_gets_one_reminder_at_once():
    chain = a_chain(hours_of(72, 24), start=local("2026-11-26 15:00"), first_seen=local("2026-11-26 11:07"))
    assert minutes_of(chain.planned()) == {4320: "passed", 1440: local("2026-11-26 11:07")}
    assert chain.planned()[1].reason == "booked late: at first sight"


def test_a_customers_own_move_is_not_followed_by_a_reminder_at_once():
    press = local("2026-11-26 11:07")
    chain = a_chain(hours_of(24), start=local("2026-11-27 10:00"), first_seen=press, own_move=True, moved_at=press)
    (entry,) = chain.planned()
    assert isinstance(entry, Passed)
    assert "before first_seen" in entry.reason


# ---------------------------------------------------------------- rules 6 and 7: edits and moves


@pytest.mark.parametrize(("edit", "fate"), [("13:00", "planned"), ("13:01", "passed")])
def test_a_window_that_an_edit_adds_is_passed_if_its_minute_was_before_the_edit(edit: str, fate: str):
    """Promise 26."""
    chain = a_chain(hours_of(2), start=local("2026-11-26 15:00"), since={120: local(f"2026-11-26 {edit}")})
    assert isinstance(chain.planned()[0], Planned if fate == "planned" else Passed)


def test_an_edit_counts_against_the_planned_minute_not_the_nominal_one():
    """Two hours before is 7:15 and quiet; an edit at 7:30 still gets the reminder at 8:00."""
    chain = a_chain(hours_of(2), start=local("2026-11-26 09:15"), since={120: local("2026-11-26 07:30")})
    assert minutes_of(chain.planned()) == {120: local("2026-11-26 08:00")}


@pytest.mark.parametrize(("moved", "fate"), [("13:00", "passed"), ("12:01", "passed"), ("12:00", "planned")])
def test_a_window_less_than_an_hour_after_the_moved_message_is_passed(moved: str, fate: str):
    """Promise 60."""
    press = local("2026-11-26 11:00")
    chain = a_chain(
        hours_of(2),
        start=local("2026-11-26 15:00"),
        first_seen=press,
        own_move=True,
        moved_at=local(f"2026-11-26 {moved}"),
    )
    (entry,) = chain.planned()
    assert isinstance(entry, Planned if fate == "planned" else Passed)
    if fate == "passed":
        assert entry.reason.startswith("just moved")
