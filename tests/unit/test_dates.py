"""Date and time cells: what is read, what is refused and with which words, and the clock changes."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.appointment import Problem
from chalicelib.domain.dates import read_start
from chalicelib.domain.rule_book import STANDARD_OPENING, OpeningHours
from chalicelib.domain.terms import Terms

SEEN_ON = date(2026, 11, 24)


def terms(zone: str = "Asia/Singapore", date_order: str = "", opening: OpeningHours = STANDARD_OPENING) -> Terms:
    return Terms(ZoneInfo(zone), "SG", date_order, opening)


def local(date_text: str, time_text: str = "9:00am", on: Terms | None = None, seen_on: date = SEEN_ON) -> str:
    """The local start as text, or the problem's own words."""
    on = on or terms()
    start = read_start(date_text, time_text, on, seen_on)
    if isinstance(start, Problem):
        return f"{start.field}: {start.problem}"
    assert start.tzinfo is UTC
    return start.astimezone(on.zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30", "2026/11/30", "2026.11.30", "20261130", "30 Nov 2026", "30 November 2026", "Nov 30, 2026",
        "November 30th, 2026", "30th of November 2026", "Mon 30 Nov", "Mon, Nov 30", "Monday, 30 November",
        "MONDAY 30 NOV 2026", "30 Nov (Mon)", "30-Nov-2026", "30/Nov/2026", "2026-Nov-30", "30Nov2026", "30.11.2026",
        "30.11.", "30/11", "30/11/2026", "11/30/2026", "30-11-2026", "Mon 30/11/2026", "2026-11-30 00:00:00",
        "2026-11-30T00:00:00.000", "11/30/2026 0:00", "2026年11月30日", "11月30日", "２０２６-１１-３０", "'2026-11-30",
        "\u200e30\u00a0Nov\u00a02026\u200f", "  30   Nov\n2026 ", "30–11–2026", "30 Nov 2026 9:00am",
        "2026-11-30T09:00",
    ],
)  # fmt: skip
def test_a_date_with_one_reading_is_read(text: str) -> None:
    assert local(text) == "2026-11-30 09:00"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("25/12/2026", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("03.12.2026", "2026-12-03"),
        ("3.4.2027", "2027-04-03"),
        ("04/04/2027", "2027-04-04"),
        ("Sat 03/04/2027", "2027-04-03"),
        ("Thu 03/04/2027", "2027-03-04"),
        ("Sept 3, 2027", "2027-09-03"),
    ],
)
def test_what_looks_doubtful_but_has_one_reading_is_read(text: str, day: str) -> None:
    assert local(text) == f"{day} 09:00"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("03/04/2026", "can be 3 April or 4 March"),
        ("3-4-2026", "can be 3 April or 4 March"),
        ("3/4", "can be"),
        ("30/11/26", "two digits"),
        ("30 Nov 26", "two digits"),
        ("26-11-30", "two digits"),
        ("Tue 30 Nov", "is a Monday in 2026, not a Tuesday"),
        ("Tuesday 2026-11-30", "not a Tuesday"),
        ("Thu 25/12/2026", "is a Friday"),
        ("31/02/2026", "no date of the calendar"),
        ("2026-13-01", "no date of the calendar"),
        ("2026-11-31", "no date of the calendar"),
        ("29 Feb 2027", "no date of the calendar"),
        ("12.25.2026", "no date of the calendar"),
        ("2206-11-30", "no date of the calendar"),
        ("46356", "bare number"),
        ("30", "bare number"),
        ("Nov 2026", "no day of the month"),
        ("2026-11", "no day of the month"),
        ("tomorrow", "depends on the day it is read"),
        ("next Monday", "depends on the day it is read"),
        ("Monday", "is not a date"),
        ("Mon Tue 30 Nov", "more than one day"),
        ("30 Nov 2026 or 1 Dec 2026", "is not a date"),
        ("TBC", "is not a date"),
        ("?", "is not a date"),
        ("2026-11-30T09:00:00Z", "time zone"),
        ("2026-11-30T09:00:00+08:00", "time zone"),
        ("12/30/1899", "isn't there"),
        ("#REF!", "spreadsheet's error"),
        ("", "The date is blank"),
        (" \u00a0 ", "The date is blank"),
    ],
)
def test_a_date_without_one_reading_is_refused_with_its_reason(text: str, word: str) -> None:
    refused = local(text)
    assert refused.startswith("date: ")
    assert word in refused
    assert "Write it like 2026-11-30" in refused


def test_date_order_settles_what_has_two_readings_and_nothing_else() -> None:
    assert local("03/04/2027", on=terms(date_order="dmy")) == "2027-04-03 09:00"
    assert local("03/04/2027", on=terms(date_order="mdy")) == "2027-03-04 09:00"
    assert local("25/12/2026", on=terms(date_order="mdy")) == "2026-12-25 09:00"
    assert local("03.12.2026", on=terms(date_order="mdy")) == "2026-12-03 09:00"
    assert "not a Thursday" in local("Thu 03/04/2027", on=terms(date_order="dmy"))


@pytest.mark.parametrize(
    ("text", "seen_on", "day"),
    [
        ("30 Dec", date(2027, 1, 2), "2026-12-30"),
        ("2 Jan", date(2026, 12, 30), "2027-01-02"),
        ("Fri 1 Jan", date(2026, 12, 31), "2027-01-01"),
        ("Thu 31 Dec", date(2027, 1, 1), "2026-12-31"),
        ("29 Feb", date(2026, 11, 24), "2028-02-29"),
        ("29 Feb", date(2101, 1, 1), "2104-02-29"),
        ("24 May", date(2026, 11, 24), "2027-05-24"),  # 181 days ahead, 184 back
    ],
)
def test_a_date_without_a_year_is_the_nearest_to_its_first_sight(text: str, seen_on: date, day: str) -> None:
    assert local(text, seen_on=seen_on) == f"{day} 09:00"


def test_a_date_without_a_year_must_match_its_weekday_in_the_nearest_year() -> None:
    assert "is a Thursday in 2026, not a Friday" in local("Fri 31 Dec", seen_on=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("9:00am", "09:00"), ("9:00 AM", "09:00"), ("9am", "09:00"), ("9 a.m.", "09:00"), ("9:00 a. m.", "09:00"),
        ("09:00", "09:00"), ("9:00", "09:00"), ("09:00:00", "09:00"), ("9:00:00 AM", "09:00"), ("0900", "09:00"),
        ("14.30", "14:30"), ("14:30", "14:30"), ("2:30pm", "14:30"), ("2.30 p.m.", "14:30"), ("1430", "14:30"),
        ("14h30", "14:30"), ("14:30 hrs", "14:30"), ("14:30 Uhr", "14:30"), ("14h", "14:00"), ("2:30P", "14:30"),
        ("noon", "12:00"), ("12 noon", "12:00"), ("12pm", "12:00"), ("12:00", "12:00"), ("12:30am", "00:30"),
        ("下午2:30", "14:30"), ("PM 2:30", "14:30"), ("９：３０", "09:30"), ("at 9am", "09:00"),
        ("9:00am - 9:45am", "09:00"), ("10:00–11:00", "10:00"), ("9:00am to 10:00am", "09:00"),
        ("1899-12-30 09:00:00", "09:00"), ("30/12/1899 9:00", "09:00"), ("2026-11-30 09:00:00", "09:00"),
        ("7:15", "07:15"), ("20:00", "20:00"), ("9:00:30", "09:00"),
    ],
)  # fmt: skip
def test_a_time_with_one_reading_is_read(text: str, clock: str) -> None:
    assert local("2026-11-30", text) == f"2026-11-30 {clock}"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("9", "am or pm?"),
        ("14", "bare number"),
        ("9 o'clock", "am or pm?"),
        ("9-10am", "am or pm?"),
        ("3:00", "outside the opening hours: am or pm?"),
        ("03:00", "am or pm?"),
        ("5:00", "am or pm?"),
        ("2:00-3:00pm", "am or pm?"),
        ("24:00", "not a time of the clock"),
        ("9:75", "not a time of the clock"),
        ("14:30 am", "after noon, yet says am"),
        ("0:30pm", "not a time"),
        ("0.375", "not a time"),
        ("9:5", "not a time"),
        ("morning", "not a time"),
        ("midnight", "not a time"),
        ("9:00am SGT", "not a time"),
        ("09:00+08:00", "not a time"),
        ("2026-12-01 09:00", "another day than the date cell (2026-11-30)"),
        ("#N/A", "spreadsheet's error"),
        ("", "The time is blank"),
    ],
)
def test_a_time_without_one_reading_is_refused_with_its_reason(text: str, word: str) -> None:
    refused = local("2026-11-30", text)
    assert refused.startswith("time: ")
    assert word in refused


def test_am_or_pm_is_asked_by_that_days_own_opening_hours() -> None:
    late = OpeningHours({0: ((time(18), time(23)),), 1: ((time(9), time(12)), (time(13), time(17)))})
    assert "am or pm?" in local("2026-11-30", "8:00", terms(opening=late))
    assert local("2026-11-30", "3:00", terms(opening=late)) == "2026-11-30 03:00"
    assert local("2026-12-01", "9:00", terms(opening=late)) == "2026-12-01 09:00"
    assert local("2026-12-01", "12:30", terms(opening=late)) == "2026-12-01 12:30"


def test_a_day_without_opening_hours_is_judged_by_the_others_unless_the_time_is_spelled_in_24_hours() -> None:
    assert "am or pm?" in local("2026-11-29", "3:00")
    assert local("2026-11-29", "03:00") == "2026-11-29 03:00"
    assert local("2026-11-29", "11:00") == "2026-11-29 11:00"


def test_a_time_in_the_date_cell_counts_where_the_time_cell_is_blank() -> None:
    assert local("30 Nov 2026 2:30pm", "") == "2026-11-30 14:30"
    assert "time: The time is blank" in local("2026-11-30 00:00:00", "")


def test_two_cells_that_name_two_times_are_refused() -> None:
    assert "another time than the one in the date cell" in local("2026-11-30 10:00", "9:00am")


@pytest.mark.parametrize(
    ("zone", "day", "clock", "outcome"),
    [
        ("America/New_York", "2027-03-14", "1:59am", "2027-03-14 01:59"),
        ("America/New_York", "2027-03-14", "2:00am", "doesn't exist on 2027-03-14: the clocks go forward"),
        ("America/New_York", "2027-03-14", "2:30", "doesn't exist"),
        ("America/New_York", "2027-03-14", "2:59am", "doesn't exist"),
        ("America/New_York", "2027-03-14", "3:00am", "2027-03-14 03:00"),
        ("America/New_York", "2026-11-01", "12:59am", "2026-11-01 00:59"),
        ("America/New_York", "2026-11-01", "1:00am", "happens twice on 2026-11-01: the clocks go back"),
        ("America/New_York", "2026-11-01", "1:59am", "happens twice"),
        ("America/New_York", "2026-11-01", "2:00am", "2026-11-01 02:00"),
        ("America/Denver", "2027-11-07", "1:30", "happens twice"),
        ("Australia/Lord_Howe", "2026-10-04", "1:59am", "2026-10-04 01:59"),
        ("Australia/Lord_Howe", "2026-10-04", "2:29am", "doesn't exist"),
        ("Australia/Lord_Howe", "2026-10-04", "2:30am", "2026-10-04 02:30"),
        ("Australia/Lord_Howe", "2027-04-04", "1:29am", "2027-04-04 01:29"),
        ("Australia/Lord_Howe", "2027-04-04", "1:30am", "happens twice"),
        ("Australia/Lord_Howe", "2027-04-04", "1:59am", "happens twice"),
        ("Australia/Lord_Howe", "2027-04-04", "2:00am", "2027-04-04 02:00"),
        ("Pacific/Apia", "2011-12-30", "9:00am", "doesn't exist"),
    ],
)
def test_a_minute_that_a_clock_change_skips_or_repeats_is_refused(
    zone: str, day: str, clock: str, outcome: str
) -> None:
    assert outcome in local(day, clock, terms(zone))


def test_the_start_is_an_instant_in_utc_in_the_outermost_zones() -> None:
    """Promise 21."""
    assert read_start("2026-11-30", "9:00am", terms("Pacific/Kiritimati"), SEEN_ON) == datetime(
        2026, 11, 29, 19, tzinfo=UTC
    )
    assert read_start("2026-11-30", "9:00am", terms("Pacific/Pago_Pago"), SEEN_ON) == datetime(
        2026, 11, 30, 20, tzinfo=UTC
    )


def test_a_message_quotes_a_long_cell_only_in_part() -> None:
    refused = read_start("x" * 500, "9:00am", terms(), SEEN_ON)
    assert isinstance(refused, Problem)
    assert len(refused.problem) < 200


pieces = st.lists(
    st.sampled_from(
        [
            "2026",
            "30",
            "11",
            "3",
            "Nov",
            "Mon",
            "/",
            "-",
            ".",
            " ",
            ",",
            ":",
            "00",
            "9",
            "am",
            "pm",
            "年",
            "T",
            "'",
            "(",
            "½",
        ]
    ),
    max_size=10,
).map("".join)


@given(st.one_of(st.text(max_size=30), pieces), st.one_of(st.text(max_size=30), pieces))
def test_whatever_stands_in_the_cells_is_a_start_or_a_problem(date_text: str, time_text: str) -> None:
    start = read_start(date_text, time_text, terms(), SEEN_ON)
    assert isinstance(start, Problem) or start.tzinfo is UTC
