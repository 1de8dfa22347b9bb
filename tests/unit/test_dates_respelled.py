"""What the system writes back into a date or time cell is in that cell's spelling and says the new start."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.appointment import Problem
from chalicelib.domain.dates import local_instant, read_start
from chalicelib.domain.respell import respell_date, respell_time
from chalicelib.domain.rule_book import STANDARD_OPENING
from chalicelib.domain.terms import Terms

SINGAPORE = Terms(ZoneInfo("Asia/Singapore"), "SG", "", STANDARD_OPENING)
WEDNESDAY_3PM = datetime(2026, 12, 2, 7, 0, tzinfo=UTC)
SEEN_ON = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-11-30", "2026-12-02"),
        ("2026/11/30", "2026/12/02"),
        ("20261130", "20261202"),
        ("30 Nov 2026", "2 Dec 2026"),
        ("Mon 30 Nov", "Wed 2 Dec"),
        ("Monday, 30 November", "Wednesday, 2 December"),
        ("MON 30 NOV", "WED 2 DEC"),
        ("mon 30th nov", "wed 2nd dec"),
        ("Nov 30, 2026", "Dec 2, 2026"),
        ("30-Nov-2026", "2-Dec-2026"),
        ("05 Nov 2026", "02 Dec 2026"),
        ("03.12.2026", "02.12.2026"),
        ("3.12.2026", "2.12.2026"),
        ("2026-11-30 00:00:00", "2026-12-02 00:00:00"),
        ("30 Nov 2026 9:00am", "2 Dec 2026 3:00pm"),
        ("2026-11-30T09:00", "2026-12-02T15:00"),
        ("2026年11月30日", "2026年12月02日"),
        ("Fri 4 May 2027", "2026-12-02"),  # the fourth of May 2027 is a Tuesday: nothing to go by
        ("Tue 4 May 2027", "Wed 2 Dec 2026"),
        ("Tuesday 4 May 2027", "Wednesday 2 December 2026"),
        ("soon", "2026-12-02"),
        ("", "2026-12-02"),
    ],
)
def test_a_new_date_is_written_as_the_old_one_was(old: str, new: str) -> None:
    """Promise 58."""
    assert respell_date(WEDNESDAY_3PM, old, SINGAPORE, SEEN_ON) == new


@pytest.mark.parametrize(("old", "new"), [("25/12/2026", "2 Dec 2026"), ("12/25/2026", "Dec 2, 2026")])
def test_a_spelling_that_would_have_two_readings_gives_way_to_one_that_has_not(old: str, new: str) -> None:
    assert respell_date(WEDNESDAY_3PM, old, SINGAPORE, SEEN_ON) == new


def test_a_shop_that_has_said_its_date_order_keeps_its_slashes() -> None:
    dmy = Terms(SINGAPORE.zone, "SG", "dmy", STANDARD_OPENING)
    assert respell_date(WEDNESDAY_3PM, "25/12/2026", dmy, SEEN_ON) == "02/12/2026"


def test_a_date_too_far_away_to_go_without_its_year_gets_it() -> None:
    assert respell_date(datetime(2028, 1, 5, 1, tzinfo=UTC), "30 Nov", SINGAPORE, SEEN_ON) == "5 Jan 2028"


@pytest.mark.parametrize(
    ("old", "three", "half_past_nine"),
    [
        ("9:00am", "3:00pm", "9:30am"),
        ("9:00 AM", "3:00 PM", "9:30 AM"),
        ("09:00 AM", "03:00 PM", "09:30 AM"),
        ("9:00 a.m.", "3:00 p.m.", "9:30 a.m."),
        ("9am", "3pm", "9:30am"),
        ("09:00", "15:00", "09:30"),
        ("9:00", "15:00", "9:30"),
        ("14.30", "15.00", "09.30"),
        ("09:00:00", "15:00:00", "09:30:00"),
        ("9:00:00 AM", "3:00:00 PM", "9:30:00 AM"),
        ("0900", "1500", "0930"),
        ("14h30", "15h00", "09h30"),
        ("14h", "15h", "09h30"),
        ("noon", "3:00pm", "9:30am"),
        ("下午2:30", "下午3:00", "上午9:30"),
        ("9:00am - 9:45am", "3:00pm - 3:45pm", "9:30am - 10:15am"),
        ("1899-12-30 09:00:00", "1899-12-30 15:00:00", "1899-12-30 09:30:00"),
        ("2026-11-30 09:00", "2026-12-02 15:00", "2026-12-02 09:30"),
        ("after lunch", "15:00", "09:30"),
        ("", "15:00", "09:30"),
    ],
)
def test_a_new_time_is_written_as_the_old_one_was(old: str, three: str, half_past_nine: str) -> None:
    """Promise 58."""
    assert respell_time(WEDNESDAY_3PM, old, SINGAPORE) == three
    assert respell_time(datetime(2026, 12, 2, 1, 30, tzinfo=UTC), old, SINGAPORE) == half_past_nine


def test_a_time_that_would_be_doubtful_without_am_or_pm_gets_it() -> None:
    assert respell_time(datetime(2026, 12, 1, 21, 0, tzinfo=UTC), "09:00", SINGAPORE) == "5:00am"


DATES = [
    "2026-11-30", "30 Nov 2026", "Mon 30 Nov", "Monday, 30 November", "Nov 30, 2026", "25/12/2026", "12/25/2026",
    "03.12.2026", "2026/11/30", "30-11-2026", "30.11.", "25/12", "20261130", "2026年11月30日", "11月30日", "30th Nov",
    "2026-11-30 00:00:00", "2026-11-30 9:00 AM", "Mon 30/11/2026", "30 Nov (Mon)", "",
]  # fmt: skip
TIMES = [
    "9:00am", "09:00", "14.30", "9am", "9:00 a.m.", "noon", "0900", "14h", "9:00:00 AM", "9:00am - 9:45am", "14:30 hrs",
    "PM 3:00", "12:00 noon", "09:00:00.000", "10:00-11:00", "1899-12-30 09:00:00", "2026-11-30 09:00", "",
]  # fmt: skip
ZONES = ["Asia/Singapore", "America/New_York", "Australia/Lord_Howe", "Pacific/Pago_Pago", "Pacific/Kiritimati"]


@given(
    old_date=st.sampled_from(DATES),
    old_time=st.sampled_from(TIMES),
    zone=st.sampled_from(ZONES),
    order=st.sampled_from(["", "dmy", "mdy"]),
    days=st.integers(-200, 800),
    minute=st.integers(0, 24 * 60 - 1),
)
def test_what_is_written_back_reads_as_the_new_start(
    old_date: str, old_time: str, zone: str, order: str, days: int, minute: int
) -> None:
    """Promise 58."""
    terms = Terms(ZoneInfo(zone), "SG", order, STANDARD_OPENING)
    local = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(days=days, minutes=minute)
    try:
        start = local_instant(local.date(), local.time(), terms.zone)
    except ValueError:
        assume(False)
    new_date = respell_date(start, old_date, terms, SEEN_ON)
    new_time = respell_time(start, old_time, terms)
    assert read_start(new_date, new_time, terms, SEEN_ON) == start, (new_date, new_time)


@given(old_date=st.text(max_size=20), old_time=st.text(max_size=20))
def test_no_former_text_keeps_a_new_start_from_being_written(old_date: str, old_time: str) -> None:
    new_date = respell_date(WEDNESDAY_3PM, old_date, SINGAPORE, SEEN_ON)
    new_time = respell_time(WEDNESDAY_3PM, old_time, SINGAPORE)
    assert not isinstance(read_start(new_date, new_time, SINGAPORE, SEEN_ON), Problem)
