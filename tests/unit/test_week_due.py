"""When a week is due: Monday at eight on the shop's wall clock, once, whatever the zone and whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.week_due import is_due, week_begins, week_days, week_of
from tests.builders import local

QUARTER = timedelta(minutes=15)
SINGAPORE = ZoneInfo("Asia/Singapore")
EVERYWHERE = [
    "Pacific/Kiritimati",  # +14
    "Pacific/Chatham",  # +12:45, with clock changes
    "Australia/Lord_Howe",  # half an hour of clock change
    "Asia/Kathmandu",  # +5:45
    "Asia/Singapore",
    "Europe/London",
    "America/St_Johns",  # -3:30
    "America/New_York",
    "Pacific/Honolulu",
    "Pacific/Niue",  # -11
]
LAST_WEEK = date(2026, 11, 16)


def runs(begin: datetime, days: float) -> Iterator[datetime]:
    """Every quarter of an hour, as the function is called."""
    for step in range(int(timedelta(days=days) / QUARTER)):
        yield begin + step * QUARTER


def told(begin: datetime, days: float, zone: ZoneInfo, last: date | None = None) -> list[tuple[datetime, date]]:
    """What is told when, if every run goes well."""
    found = []
    for now in runs(begin, days):
        if (week := is_due(now, zone, last)) is not None:
            found.append((now, week))
            last = week
    return found


@pytest.mark.parametrize("name", EVERYWHERE)
def test_it_is_told_on_monday_at_eight_every_week_of_a_year_in_every_zone(name: str) -> None:
    """Promise 71. To the quarter of an hour, east and west, across both clock changes."""
    zone = ZoneInfo(name)
    year = told(datetime(2026, 1, 1, tzinfo=UTC), 365, zone, last=date(2025, 12, 22))
    assert {f"{now.astimezone(zone):%A %H:%M}" for now, _ in year} == {"Monday 08:00"}
    assert [week for _, week in year] == [date(2025, 12, 29) + timedelta(days=7 * n) for n in range(52)]


def test_it_is_not_told_a_quarter_of_an_hour_before() -> None:
    eight = local("2026-11-23 08:00")
    assert is_due(eight - QUARTER, SINGAPORE, None) is None
    assert is_due(eight - timedelta(seconds=1), SINGAPORE, None) is None
    assert is_due(eight, SINGAPORE, None) == LAST_WEEK


def test_after_an_outage_it_is_caught_up_until_thursday_begins() -> None:
    """Promise 71."""
    assert is_due(local("2026-11-25 23:45"), SINGAPORE, None) == LAST_WEEK
    assert is_due(local("2026-11-26 00:00"), SINGAPORE, None) is None
    assert is_due(local("2026-11-29 23:45"), SINGAPORE, None) is None


def test_a_week_that_was_told_is_not_told_again() -> None:
    for now in runs(local("2026-11-23 08:00"), 3):
        assert is_due(now, SINGAPORE, LAST_WEEK) is None


def test_after_an_outage_of_weeks_only_the_last_one_is_told() -> None:
    assert told(local("2026-11-24 10:00"), 5, SINGAPORE, last=date(2026, 10, 19)) == [
        (local("2026-11-24 10:00"), LAST_WEEK)
    ]


@pytest.mark.parametrize(
    ("name", "monday", "hours"),
    [
        ("Europe/London", date(2026, 3, 23), 167),
        ("Europe/London", date(2026, 10, 19), 169),
        ("America/New_York", date(2026, 3, 2), 167),
        ("America/New_York", date(2026, 10, 26), 169),
        ("Australia/Lord_Howe", date(2026, 3, 30), 168.5),
        ("Asia/Singapore", date(2026, 3, 23), 168),
    ],
)
def test_a_week_is_as_long_as_its_clock_makes_it(name: str, monday: date, hours: float) -> None:
    zone = ZoneInfo(name)
    begin, end = week_begins(monday, zone), week_begins(monday + timedelta(days=7), zone)
    assert (end - begin) / timedelta(hours=1) == hours


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_week_begins_where_the_one_before_it_ends(name: str) -> None:
    zone = ZoneInfo(name)
    for weeks in range(60):
        monday = date(2026, 1, 5) + timedelta(days=7 * weeks)
        begin = week_begins(monday, zone)
        assert week_of(begin, zone) == monday
        assert week_of(begin - timedelta(seconds=1), zone) == monday - timedelta(days=7)


def test_midnight_that_a_clock_change_skips_is_the_first_minute_after_it() -> None:
    """In Cairo clocks went from Friday 00:00 to 01:00 on 24 April 2026: the day has no midnight."""
    cairo = ZoneInfo("Africa/Cairo")
    friday = date(2026, 4, 24)
    assert week_begins(friday, cairo).astimezone(cairo).strftime("%d %H:%M") == "24 01:00"


moves = st.lists(st.tuples(st.integers(0, 4 * 24 * 28 - 1), st.sampled_from(EVERYWHERE)), max_size=6)


@given(moves)
def test_a_zone_that_is_changed_makes_no_week_told_twice_and_none_skipped(changes: list[tuple[int, str]]) -> None:
    """Promise 71. Whatever the setting becomes and when: four weeks, four summaries, each of its own week."""
    zone, last, found = SINGAPORE, LAST_WEEK, []
    planned = dict(changes)
    for step, now in enumerate(runs(local("2026-11-24 12:00"), 28)):
        zone = ZoneInfo(planned[step]) if step in planned else zone
        if (week := is_due(now, zone, last)) is not None:
            found.append(week)
            last = week
    assert found == [LAST_WEEK + timedelta(days=7 * n) for n in range(1, 5)]


@pytest.mark.parametrize(
    ("monday", "days"),
    [
        (date(2026, 11, 16), "16 to 22 Nov 2026"),
        (date(2026, 11, 30), "30 Nov to 6 Dec 2026"),
        (date(2026, 12, 28), "28 Dec 2026 to 3 Jan 2027"),
    ],
)
def test_a_week_is_named_by_its_days(monday: date, days: str) -> None:
    assert week_days(monday) == days
