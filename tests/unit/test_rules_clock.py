"""Quiet hours and opening hours as people write them."""

from collections.abc import Iterable
from datetime import time

import pytest

from chalicelib.domain.rules import QuietHours
from chalicelib.domain.rules_clock import read_opening_hours, read_quiet_hours

NINE_TO_EIGHT = QuietHours(time(21), time(8))


@pytest.mark.parametrize(
    "text",
    [
        "9pm to 8am",
        "21:00-08:00",
        "9 pm until 8 am",
        "from 9pm – 8am",
        "9 p.m. to 8 a.m.",
        "2100 to 0800",
        "9PM to 8AM daily",
    ],
)
def test_quiet_hours_are_read_in_every_clear_form(text):
    """Promise 39."""
    assert read_quiet_hours(text) == NINE_TO_EIGHT


@pytest.mark.parametrize("text", ["none", "Off", "no quiet hours"])
def test_a_shop_may_have_no_quiet_hours(text):
    assert read_quiet_hours(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("9 to 8", "am or pm"),
        ("9:00-8:00", "am or pm"),
        ("9pm to 9pm", "same time"),
        ("25:00 to 8:00", "no clock"),
        ("at night", "can't read"),
    ],
)
def test_quiet_hours_that_are_not_clear_are_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        read_quiet_hours(text)


def spans(text: str) -> dict[int, list[str]]:
    days = read_opening_hours(text).days
    return {day: [f"{begin:%H:%M}-{end:%H:%M}" for begin, end in times] for day, times in days.items()}


def on(days: Iterable[int], *times: str) -> dict[int, list[str]]:
    return {day: list(times) for day in days}


def test_days_and_ranges_of_days_have_their_own_times():
    assert spans("Mon-Fri 9am-6pm, Sat 9am-1pm") == on(range(5), "09:00-18:00") | on([5], "09:00-13:00")


@pytest.mark.parametrize(
    "text", ["Mon-Fri 9am-12pm and 1pm-6pm", "Monday to Friday: 09:00 to noon, 13:00 to 18:00; Sun closed"]
)
def test_a_day_may_be_split_by_lunch(text):
    assert spans(text) == on(range(5), "09:00-12:00", "13:00-18:00")


def test_several_days_may_share_their_times():
    assert spans("Mon, Wed & Fri 9am-6pm") == on((0, 2, 4), "09:00-18:00")


def test_a_span_until_midnight_stays_on_its_day():
    assert spans("Fri 6pm-midnight") == {4: ["18:00-23:59"]}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Mon-Fri 9-6", "am or pm"),
        ("Mon-Fri 9:00-6:00", "am or pm"),
        ("Mon-Sat 9am-6pm, Sat 9am-1pm", "Saturday is there twice"),
        ("Mon 9am-1pm, 12pm-3pm", "overlap"),
        ("Mon-Fri", "no times"),
        ("9am-6pm", "before its days"),
        ("Closed", "without its days"),
        ("", "nothing"),
    ],
)
def test_opening_hours_that_are_not_clear_are_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        read_opening_hours(text)
