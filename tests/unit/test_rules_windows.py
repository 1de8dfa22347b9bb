"""Prose about spans of time, in rules lines, `reminders` cells and parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.rules import parse_windows
from chalicelib.domain.rules_windows import read_minutes, read_windows


def in_hours(text: str) -> list[float]:
    return [window / 60 for window in read_windows(text, bare_is_hours=False)]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("remind at 48 and 2 hours", [48, 2]),
        ("24 and 1 hour.", [24, 1]),
        ("72, 24, and 3 hours", [72, 24, 3]),
        ("24 hours only", [24]),
    ],
)
def test_the_four_shapes_of_the_rules_doc_parse_to_their_hours(text, hours):
    """Promise 25."""
    assert in_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2 days and 2 hours", [48, 2]),
        ("1 day, 90 minutes", [24, 1.5]),
        ("48h & 2h", [48, 2]),
        ("two hours", [2]),
        ("twenty-four and two hours", [24, 2]),
        ("an hour", [1]),
        ("half an hour", [0.5]),
        ("1.5 hours", [1.5]),
        ("a week, 1 day before and 2 hours before the visit", [168, 24, 2]),
        ("Remind customers at 48 hours and again at 2 hours.", [48, 2]),
        ("only 24 hours", [24]),
        ("2 and 48 hours", [48, 2]),
        ("24 hours and 1 day", [24]),
        ("24-hour and 2-hour reminders", [24, 2]),
        ("48\u00a0and\u00a02\u2009hours", [48, 2]),
        ("３ hours", [3]),
        ("none", []),
        ("No reminders", []),
    ],
)
def test_other_clear_wordings_are_read_too(text, hours):
    assert in_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10 minutes", "under 30 minutes"),
        ("0 hours", "under 30 minutes"),
        ("48 houres", "houres"),
        ("24 to 2 hours", "to 2 hours"),
        ("not 24 hours", "not 24 hours"),
        ("48 and 2", "needs a unit"),
        ("2 days, 3", "needs a unit"),
        ("one and a half hours", "half"),
        ("1,5 hours", "comma"),
        ("1 hour 30 minutes", "30 minutes"),
        ("9000 hours", "more than a year"),
        ("0.51 hours", "whole number"),
        ("", "nothing"),
    ],
)
def test_what_has_no_single_reading_is_refused_with_its_reason(text, reason):
    with pytest.raises(ValueError, match=reason):
        in_hours(text)


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("72, 24, 3", (4320, 1440, 180)),
        ("2 days, 3h", (2880, 180)),
        ("none", ()),
        ("24", (1440,)),
        ("24\n2", (1440, 120)),
    ],
)
def test_a_cell_of_its_own_windows_is_read_in_hours_unless_it_says(cell, minutes):
    """Promise 27."""
    assert parse_windows(cell) == minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("45 minutes", 45), ("an hour", 60), ("1 hour 30 minutes", 90), ("1 hour and 30 minutes", 90), ("1.5 hours", 90)],
)
def test_a_visits_length_is_one_span(text, minutes):
    assert read_minutes(text) == minutes


@pytest.mark.parametrize("text", ["45", "30 minutes 1 hour", "0 minutes", "soon"])
def test_a_length_that_is_not_one_span_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        read_minutes(text)


@given(st.text())
def test_any_text_is_windows_or_a_plain_refusal(text):
    try:
        windows = parse_windows(text)
    except ValueError as problem:
        assert str(problem)
    else:
        assert list(windows) == sorted(set(windows), reverse=True)
        assert all(window >= 30 for window in windows)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=5, unique=True))
def test_hours_in_a_list_come_back_largest_first(hours):
    assert parse_windows(", ".join(map(str, hours))) == tuple(60 * hour for hour in sorted(hours, reverse=True))
