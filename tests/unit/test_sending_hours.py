"""When messages may leave: nights, closed days, holidays, and the days on which the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.rules import QuietHours
from chalicelib.domain.sending_hours import SendingHours, public_holidays
from tests.builders import closed, local, sending_hours

MINUTE = timedelta(minutes=1)
NEW_YORK = "America/New_York"
LORD_HOWE = "Australia/Lord_Howe"


def quiet(begin: str, end: str) -> QuietHours:
    return QuietHours(time.fromisoformat(begin), time.fromisoformat(end))


@pytest.mark.parametrize(
    ("minute", "allowed"), [("20:59", True), ("21:00", False), ("23:59", False), ("00:00", False), ("07:59", False),
                            ("08:00", True)],
)  # fmt: skip
def test_a_night_begins_at_its_first_minute_and_ends_before_its_last(minute: str, allowed: bool):
    """Promise 39."""
    assert sending_hours().allows(local(f"2026-11-26 {minute}")) is allowed


def test_quiet_hours_may_lie_within_one_day():
    hours = sending_hours(quiet=quiet("12:00", "14:00"))
    assert [hours.allows(local(f"2026-11-26 {m}")) for m in ("11:59", "12:00", "13:59", "14:00")] == [
        True, False, False, True,
    ]  # fmt: skip
    assert hours.next_allowed(local("2026-11-26 12:30"), local("2026-11-27 00:00")) == local("2026-11-26 14:00")
    assert hours.last_stretch_before(local("2026-11-26 12:30"), local("2026-11-26 00:00"))[1] == local(
        "2026-11-26 12:00"
    )


def test_quiet_hours_that_begin_when_they_end_silence_nothing():
    hours = sending_hours(quiet=quiet("09:00", "09:00"))
    assert all(hours.allows(local(f"2026-11-26 {hour:02d}:00")) for hour in range(24))
    assert hours.longest_wait(local("2026-11-26 00:00"), local("2026-12-26 00:00")) == timedelta(0)


def test_a_shop_without_quiet_hours_sends_at_any_hour():
    assert sending_hours(quiet=None).allows(local("2026-11-26 03:00"))


def test_an_instant_within_a_minute_waits_for_the_next_whole_one():
    instant = local("2026-11-26 09:00") + timedelta(seconds=1)
    assert sending_hours().next_allowed(instant, instant + timedelta(hours=1)) == local("2026-11-26 09:01")


def test_the_next_allowed_minute_may_be_the_last_one_asked_for_but_not_later():
    hours = sending_hours()
    assert hours.next_allowed(local("2026-11-26 03:00"), local("2026-11-26 08:00")) == local("2026-11-26 08:00")
    assert hours.next_allowed(local("2026-11-26 03:00"), local("2026-11-26 07:59")) is None
    assert hours.next_allowed(local("2026-11-26 10:01"), local("2026-11-26 10:00")) is None


# ---------------------------------------------------------------- closed days


def test_a_closed_day_is_quiet_from_midnight_to_midnight():
    """Promise 41."""
    hours = sending_hours(quiet=None, closed_days=closed(dates=[date(2026, 12, 24)]))
    assert hours.allows(local("2026-12-23 23:59"))
    assert not hours.allows(local("2026-12-24 00:00"))
    assert not hours.allows(local("2026-12-24 23:59"))
    assert hours.next_allowed(local("2026-12-24 10:00"), local("2026-12-27 00:00")) == local("2026-12-25 00:00")


@pytest.mark.parametrize(
    ("days", "shut", "open_days"),
    [
        (closed(weekdays=[6]), ["2026-11-29"], ["2026-11-28", "2026-11-30"]),
        (closed(dates=[date(2026, 12, 24)]), ["2026-12-24"], ["2027-12-24"]),
        (closed(yearly=[(12, 24)]), ["2026-12-24", "2027-12-24"], ["2026-12-25"]),
        (closed(yearly=[(2, 29)]), ["2028-02-29"], ["2027-02-28", "2027-03-01"]),
        (closed(ranges=[(date(2026, 8, 9), date(2026, 8, 22))]), ["2026-08-09", "2026-08-22"],
         ["2026-08-08", "2026-08-23", "2027-08-10"]),
        (closed(yearly_ranges=[((8, 9), (8, 22))]), ["2026-08-09", "2027-08-22"], ["2026-08-08", "2027-08-23"]),
        (closed(yearly_ranges=[((12, 24), (1, 2))]), ["2026-12-24", "2026-12-31", "2027-01-01", "2027-01-02"],
         ["2026-12-23", "2027-01-03"]),
    ],
)  # fmt: skip
def test_closed_days_are_known_in_each_of_their_forms(days, shut: list[str], open_days: list[str]):
    hours = sending_hours(closed_days=days)
    assert all(hours.closed_on(date.fromisoformat(day)) for day in shut)
    assert not any(hours.closed_on(date.fromisoformat(day)) for day in open_days)


def test_observed_holidays_are_closed_too():
    """National Day 2026 is a Sunday in Singapore: the Monday is off."""
    hours = sending_hours(closed_days=closed(public_holidays=True))
    assert hours.closed_on(date(2026, 8, 9))
    assert hours.closed_on(date(2026, 8, 10))
    assert not hours.closed_on(date(2026, 8, 11))


def test_a_new_years_day_that_is_observed_in_the_old_year_is_closed_there():
    assert date(2027, 12, 31) in public_holidays("US", "", 2027)


def test_a_region_has_its_own_holidays():
    assert date(2026, 11, 30) in public_holidays("GB", "SCT", 2026)
    assert date(2026, 11, 30) not in public_holidays("GB", "ENG", 2026)


def test_an_unknown_country_is_named():
    with pytest.raises(ValueError, match="no public holidays are known for ZZ"):
        public_holidays("ZZ", "", 2026)


def test_holidays_are_asked_for_only_by_a_shop_that_closes_on_them():
    assert not sending_hours(country="ZZ").closed_on(date(2026, 1, 1))


def test_a_night_beside_closed_days_is_one_wait():
    """Saturday 9pm to Monday 8am, and a tick on Saturday evening sees all of it though its range ends on Sunday."""
    hours = sending_hours(closed_days=closed(weekdays=[6]))
    assert hours.longest_wait(local("2026-11-28 20:00"), local("2026-11-29 09:00")) == timedelta(hours=35)
    assert hours.longest_wait(local("2026-11-26 12:00"), local("2026-11-28 12:00")) == timedelta(hours=11)


def test_a_closed_fortnight_is_waited_out_whole():
    hours = sending_hours("Europe/Rome", closed_days=closed(ranges=[(date(2027, 8, 8), date(2027, 8, 22))]))
    wait = hours.longest_wait(local("2027-08-05 09:00", "Europe/Rome"), local("2027-08-09 09:00", "Europe/Rome"))
    assert wait == local("2027-08-23 08:00", "Europe/Rome") - local("2027-08-07 21:00", "Europe/Rome")


def test_a_wait_that_is_under_way_counts_from_now():
    assert sending_hours().longest_wait(local("2026-11-26 07:00"), local("2026-11-26 07:30")) == timedelta(hours=1)


def test_a_shop_that_never_opens_has_no_minute_and_does_not_search_for_ever():
    hours = sending_hours(closed_days=closed(weekdays=range(7)))
    now = local("2026-11-26 09:00")
    assert hours.next_allowed(now, now + timedelta(days=30)) is None
    assert hours.last_stretch_before(now, datetime(2000, 1, 1, tzinfo=UTC)) is None
    assert hours.longest_wait(now, now + timedelta(days=3)) > timedelta(days=300)


# ---------------------------------------------------------------- clocks that change


def test_the_night_in_which_the_clock_goes_forward_is_an_hour_shorter():
    hours = sending_hours(NEW_YORK)
    assert hours.longest_wait(local("2027-03-13 12:00", NEW_YORK), local("2027-03-14 07:00", NEW_YORK)) == timedelta(
        hours=10
    )


def test_the_night_in_which_the_clock_goes_back_half_an_hour_is_that_much_longer():
    hours = sending_hours(LORD_HOWE)
    assert hours.longest_wait(local("2027-04-03 12:00", LORD_HOWE), local("2027-04-04 06:00", LORD_HOWE)) == timedelta(
        hours=11, minutes=30
    )


def test_a_closed_day_of_twenty_five_hours_is_closed_for_all_of_them():
    hours = sending_hours(NEW_YORK, quiet=None, closed_days=closed(weekdays=[6]))
    sunday = local("2027-11-07 00:00", NEW_YORK)
    assert hours.next_allowed(sunday, sunday + timedelta(days=3)) == sunday + timedelta(hours=25)
    assert hours.last_stretch_before(sunday + timedelta(hours=24), sunday - timedelta(days=1))[1] == sunday


def test_an_end_of_quiet_hours_that_the_clock_skips_is_the_next_minute_that_there_is():
    """2:30am doesn't happen on 14 March 2027 in New York: 3:00am is the first minute after it."""
    hours = sending_hours(NEW_YORK, quiet=quiet("21:00", "02:30"))
    night = local("2027-03-14 01:00", NEW_YORK)
    assert hours.next_allowed(night, night + timedelta(days=1)) == local("2027-03-14 03:00", NEW_YORK)


def test_quiet_hours_within_the_repeated_hour_come_twice():
    hours = sending_hours(NEW_YORK, quiet=quiet("01:15", "01:45"))
    first, second = (local("2027-11-07 01:30", NEW_YORK, fold) for fold in (0, 1))
    assert not hours.allows(first)
    assert not hours.allows(second)
    assert hours.next_allowed(first, first + timedelta(days=1)) == local("2027-11-07 01:45", NEW_YORK, 0)
    assert hours.last_stretch_before(second, first) == (
        local("2027-11-07 01:45", NEW_YORK, 0),
        local("2027-11-07 01:15", NEW_YORK, 1),
    )


ZONES_AND_DAYS = [
    (NEW_YORK, "2027-03-14"), (NEW_YORK, "2027-11-07"), (LORD_HOWE, "2027-04-04"), (LORD_HOWE, "2027-10-03"),
    ("Pacific/Pago_Pago", "2026-12-31"), ("Pacific/Kiritimati", "2026-12-31"), ("Asia/Kathmandu", "2026-11-26"),
    ("America/Santiago", "2027-04-04"), ("Atlantic/Azores", "2027-10-31"), ("Africa/Casablanca", "2027-02-07"),
]  # fmt: skip
WALL = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
SHOPS = st.builds(
    lambda place, begin, end, weekdays: (
        sending_hours(place[0], quiet=QuietHours(begin, end) if begin else None, closed_days=closed(weekdays=weekdays)),
        local(f"{place[1]} 00:00", place[0]),
    ),
    st.sampled_from(ZONES_AND_DAYS),
    st.none() | WALL,
    WALL,
    st.sets(st.integers(0, 6), max_size=3),
)


@settings(max_examples=40, deadline=None)
@given(SHOPS, st.integers(-1500, 1500), st.integers(0, 3000))
def test_searching_by_stretches_finds_what_trying_every_minute_finds(shop, offset: int, length: int):
    hours, midnight = shop
    instant = midnight + offset * MINUTE
    until = instant + length * MINUTE
    expected = next((m for m in minutes(instant, until + MINUTE) if hours.allows(m)), None)
    assert hours.next_allowed(instant, until) == expected


@settings(max_examples=40, deadline=None)
@given(SHOPS, st.integers(-1500, 1500))
def test_the_last_stretch_is_what_walking_back_minute_by_minute_finds(shop, offset: int):
    hours, midnight = shop
    instant = midnight + offset * MINUTE
    if hours.allows(instant):
        return
    not_before = instant - timedelta(days=3)
    end = instant
    while end > not_before and not hours.allows(end - MINUTE):
        end -= MINUTE
    found = hours.last_stretch_before(instant, not_before)
    if end == not_before:
        assert found is None or found[1] <= not_before
        return
    begin = end
    while begin > not_before and hours.allows(begin - MINUTE):
        begin -= MINUTE
    assert found is not None
    assert found[1] == end
    assert found[0] == begin or found[0] < not_before


@settings(max_examples=25, deadline=None)
@given(SHOPS, st.integers(60, 2000))
def test_the_longest_wait_is_what_counting_minutes_finds(shop, length: int):
    hours, begin = shop
    end = begin + length * MINUTE
    longest = run = 0
    minute = begin
    while minute < end or run:
        if hours.allows(minute):
            run = 0
        else:
            run += 1
            longest = max(longest, run)
        minute += MINUTE
    assert hours.longest_wait(begin, end) == longest * MINUTE


def minutes(begin: datetime, end: datetime):
    while begin < end:
        yield begin
        begin += MINUTE


def test_two_shops_with_the_same_hours_are_equal_whatever_they_were_asked():
    asked, fresh = sending_hours(), sending_hours()
    asked.next_allowed(local("2026-11-26 03:00"), local("2026-11-27 03:00"))
    assert isinstance(asked, SendingHours)
    assert asked == fresh


@pytest.mark.parametrize(
    ("minute", "reason"), [("2026-11-29 12:00", "a closed day"), ("2026-11-26 23:00", "quiet hours"),
                           ("2026-11-26 12:00", "")],
)  # fmt: skip
def test_what_stands_against_a_minute_is_said_in_words(minute: str, reason: str):
    assert sending_hours(closed_days=closed(weekdays=[6])).why_not(local(minute)) == reason
