"""Repeating days, held against another library's reading of the same rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.recurrence import occurrences, read_repetition

FIRST = date(2026, 1, 30)


def days(rule: str, first: date = FIRST, since: date = FIRST, last: date = date(2027, 6, 1)) -> list[date]:
    return list(occurrences(first, read_repetition(rule), since, last))


WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
weekday_lists = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True)
month_days = st.lists(st.integers(1, 31) | st.integers(-31, -1), min_size=1, max_size=3, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if draw(st.booleans()):
        names = draw(weekday_lists)
        if frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
            names = [f"{draw(st.sampled_from([1, 2, 3, 4, -1]))}{name}" for name in names]
        parts.append("BYDAY=" + ",".join(names))
    elif frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        parts.append("BYMONTHDAY=" + ",".join(map(str, draw(month_days))))
    if frequency == "MONTHLY" and len(parts) > 2 and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    if draw(st.booleans()):
        parts.append("BYMONTH=" + draw(st.sampled_from(["1", "3,11", "2"])))
    if draw(st.booleans()):
        parts.append("WKST=SU")
    return ";".join(parts)


@given(rules(), st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(0, 700))
def test_the_days_are_those_of_an_independent_reading(rule: str, first: date, later: int) -> None:
    since, last = first + timedelta(days=later), date(2029, 3, 1)
    start = datetime.combine(first, datetime.min.time())
    end = f";UNTIL={last:%Y%m%d}"  # else the other library looks for a rule's next day until the year 9999
    theirs = {day.date() for day in rrulestr(rule + end, dtstart=start)}
    assert days(rule, first, since, last) == sorted(day for day in theirs | {first} if since <= day <= last)


def test_the_first_day_counts_though_the_rule_does_not_name_it() -> None:
    assert days("FREQ=WEEKLY;BYDAY=MO;COUNT=2") == [FIRST, date(2026, 2, 2)]


def test_a_counted_rule_is_counted_from_its_first_day() -> None:
    assert days("FREQ=DAILY;COUNT=5", since=date(2026, 2, 2)) == [date(2026, 2, 2), date(2026, 2, 3)]


def test_until_is_the_last_day() -> None:
    assert days("FREQ=DAILY;UNTIL=20260201") == [FIRST, date(2026, 1, 31), date(2026, 2, 1)]


def test_the_last_day_of_the_month_skips_no_month() -> None:
    assert days("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3")[1:] == [date(2026, 1, 31), date(2026, 2, 28)]


def test_a_rule_that_never_matches_ends_where_one_stops_looking() -> None:
    assert days("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") == [FIRST]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=SECONDLY", "repeats secondly"),
        ("FREQ=HOURLY;COUNT=3", "repeats hourly"),
        ("COUNT=3", "doesn't say how often"),
        ("FREQ=DAILY;BYHOUR=9", "repeats by BYHOUR"),
        ("FREQ=YEARLY;BYWEEKNO=5", "repeats by BYWEEKNO"),
        ("FREQ=DAILY;INTERVAL=0", "number that can't be read"),
        ("FREQ=DAILY;COUNT=99999999999999999999", "number that can't be read"),
        ("FREQ=WEEKLY;BYDAY=XX", "weekday that can't be read"),
        ("FREQ=DAILY;UNTIL=soon", "until a day that can't be read"),
        ("FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 400), "too long"),
    ],
)
def test_a_rule_that_no_booking_follows_is_refused_with_its_reason(rule: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_repetition(rule)


def test_a_counted_rule_of_decades_ago_is_refused_rather_than_walked() -> None:
    with pytest.raises(ValueError, match="too long ago"):
        days("FREQ=DAILY;COUNT=9999", first=date(1970, 1, 1))
