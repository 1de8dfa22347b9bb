"""The `Closed` line: weekdays, public holidays, dates and ranges."""

from datetime import date

import pytest

from chalicelib.domain.rules import Closed
from chalicelib.domain.rules_days import read_closed


def test_the_sample_line_closes_sundays_holidays_and_one_day():
    assert read_closed("Sundays, public holidays, 24 December 2026.") == Closed(
        weekdays=frozenset({6}), public_holidays=True, dates=frozenset({date(2026, 12, 24)})
    )


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Sun", {6}),
        ("every Sunday", {6}),
        ("Sundays & Mondays", {6, 0}),
        ("Mon-Wed", {0, 1, 2}),
        ("Saturday to Monday", {5, 6, 0}),
        ("weekends", {5, 6}),
        ("none", set()),
    ],
)
def test_weekdays_are_read_in_their_usual_forms(text, days):
    assert read_closed(text) == Closed(weekdays=frozenset(days))


@pytest.mark.parametrize(
    "text",
    [
        "24 December 2026", "Dec 24, 2026", "24th of December 2026", "Thu 24 December 2026", "2026-12-24",
        "24/12/2026", "24.12.2026",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_form_with_one_reading(text):
    assert read_closed(text) == Closed(dates=frozenset({date(2026, 12, 24)}))


@pytest.mark.parametrize("text", ["1 May", "May 1", "1st of May", "1.5."])
def test_a_date_without_a_year_is_closed_every_year(text):
    assert read_closed(text) == Closed(yearly=frozenset({(5, 1)}))


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("24-26 December 2026", date(2026, 12, 24), date(2026, 12, 26)),
        ("24 Dec 2026 – 2 Jan 2027", date(2026, 12, 24), date(2027, 1, 2)),
        ("24 December to 2 January 2027", date(2026, 12, 24), date(2027, 1, 2)),
        ("24 Dec 2026 to 2 Jan", date(2026, 12, 24), date(2027, 1, 2)),
        ("2026-12-24 - 2026-12-26", date(2026, 12, 24), date(2026, 12, 26)),
        ("August 9 to 22, 2027", date(2027, 8, 9), date(2027, 8, 22)),
        ("from 9 until 22 August 2027", date(2027, 8, 9), date(2027, 8, 22)),
    ],
)
def test_a_range_of_dates_has_both_its_ends(text, begin, end):
    assert read_closed(text) == Closed(ranges=((begin, end),))


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("9 August to 22 August", (8, 9), (8, 22)),
        ("between 9 August and 22 August", (8, 9), (8, 22)),
        ("9-22 August", (8, 9), (8, 22)),
        ("24 Dec to 2 Jan", (12, 24), (1, 2)),
    ],
)
def test_a_range_without_a_year_returns_every_year(text, begin, end):
    assert read_closed(text) == Closed(yearly_ranges=((begin, end),))


def test_days_share_the_month_and_year_that_follow_them():
    assert read_closed("Sundays, 24, 25 and 27-29 December 2026") == Closed(
        weekdays=frozenset({6}),
        dates=frozenset({date(2026, 12, 24), date(2026, 12, 25)}),
        ranges=((date(2026, 12, 27), date(2026, 12, 29)),),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("03/04/2026", "two readings"),
        ("Fri 24 December 2026", "is a Thursday"),
        ("Thu 24 December", "needs its year"),
        ("31 February", "no day of any calendar"),
        ("24/12/26", "can't read"),
        ("first Monday", "first"),
        ("public holidays except Good Friday", "except"),
        ("26-24 December", "ends before it begins"),
        ("22 August 2027 to 9 August 2027", "ends before it begins"),
        ("24", "no month"),
        ("", "nothing"),
    ],
)
def test_a_day_that_is_not_clear_is_refused_by_name(text, reason):
    with pytest.raises(ValueError, match=reason):
        read_closed(text)
