"""A mail's words for a day and a time: what they become, what is doubted, and what stays open."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.quoted_date import QuotedDay, read_quoted_day
from chalicelib.domain.quoted_time import QuotedTime, at_shop, read_quoted_time
from chalicelib.domain.rule_book import STANDARD_OPENING
from chalicelib.domain.terms import Terms

SINGAPORE = timezone(timedelta(hours=8))
SENT = datetime(2026, 11, 24, 10, 0, tzinfo=SINGAPORE)  # a Tuesday
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 30)


def terms(zone: str = "Asia/Singapore", date_order: str = "") -> Terms:
    return Terms(ZoneInfo(zone), "SG", date_order, STANDARD_OPENING)


def day(quote: str, sent: datetime | None = SENT, on: Terms | None = None) -> QuotedDay:
    return read_quoted_day(quote, sent, on or terms(), NOW)


def clock(quote: str, *after: str, on_day: date | None = MONDAY) -> QuotedTime:
    return read_quoted_time(quote, after, on_day, terms())


@pytest.mark.parametrize(
    "quote",
    [
        "2026-11-30", "2026/11/30", "30 Nov 2026", "Monday 30 November 2026", "Mon, Nov 30, 2026", "11/30/2026",
        "30/11/2026", "30.11.2026", "30-11-2026", "30–11–2026", "30th of November 2026", "2026年11月30日",
        "2026年11月30日（月）", "２０２６年１１月３０日",
        "Montag, 30. November 2026", "Mo., 30.11.2026", "lundi 30 novembre 2026",
        "lunes, 30 de noviembre de 2026", "lunedì 30 novembre 2026", "segunda-feira, 30 de novembro de 2026",
        "maandag 30 november 2026", "Isnin, 30 November 2026", "Senin, 30 November 2026", "2026年11月30日 星期一",
        "Monday 30 November 2026 at 9am", "2026-11-30T09:00:00+08:00", "30.11.2026 um 9.30 Uhr",
    ],
)  # fmt: skip
def test_a_date_with_its_year_is_clear_in_any_language(quote: str) -> None:
    assert day(quote) == QuotedDay(MONDAY)


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("30 December 2026", "2026-12-30"), ("30. Dez. 2026", "2026-12-30"), ("1er décembre 2026", "2026-12-01"),
        ("5 mars 2027", "2027-03-05"), ("3 mei 2027", "2027-05-03"), ("7 Ogos 2027", "2027-08-07"),
        ("10 agosto 2027", "2027-08-10"), ("4 de março de 2027", "2027-03-04"), ("2 Disember 2026", "2026-12-02"),
        ("15 März 2027", "2027-03-15"), ("20 août 2027", "2027-08-20"),
    ],
)  # fmt: skip
def test_months_are_known_by_their_names(quote: str, expected: str) -> None:
    assert day(quote) == QuotedDay(date.fromisoformat(expected))


@pytest.mark.parametrize("quote", ["Monday 30 November", "30 Nov", "11月30日", "30.11.", "30/11", "lundi 30 novembre"])
def test_a_date_without_a_year_is_the_nearest_and_doubted(quote: str) -> None:
    read = day(quote)
    assert read.day == MONDAY
    assert "names no year" in read.doubts[0]


def test_a_day_of_january_in_a_mail_of_november_is_next_years() -> None:
    assert day("4 January").day == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("tomorrow", "2026-11-25"), ("today", "2026-11-24"), ("day after tomorrow", "2026-11-26"),
        ("heute", "2026-11-24"), ("morgen um 9 Uhr", "2026-11-25"), ("übermorgen", "2026-11-26"),
        ("demain", "2026-11-25"), ("après-demain", "2026-11-26"), ("mañana a las 9 de la mañana", "2026-11-25"),
        ("domani", "2026-11-25"), ("amanhã", "2026-11-25"), ("overmorgen", "2026-11-26"), ("明天", "2026-11-25"),
        ("后天", "2026-11-26"), ("esok", "2026-11-25"), ("besok", "2026-11-25"), ("in 3 days", "2026-11-27"),
        ("Friday", "2026-11-27"), ("Freitag", "2026-11-27"), ("vendredi", "2026-11-27"), ("金曜日", "2026-11-27"),
        ("Tuesday", "2026-12-01"), ("next Tuesday", "2026-12-01"), ("下周二", "2026-12-01"), ("周五", "2026-11-27"),
    ],
)  # fmt: skip
def test_a_relative_day_is_counted_from_the_mails_own_date_and_doubted(quote: str, expected: str) -> None:
    read = day(quote)
    assert read.day == date.fromisoformat(expected)
    assert "was counted from 24 November 2026" in read.doubts[0]


def test_next_thursday_said_on_a_tuesday_names_both_its_days() -> None:
    read = day("next Thursday")
    assert read.day == date(2026, 12, 3)
    assert '"next Thursday" can be 26 November 2026 or 3 December 2026: which is the day?' in read.doubts


def test_a_relative_day_in_a_mail_without_a_date_stays_open() -> None:
    assert day("tomorrow", sent=None) == QuotedDay(
        None, ('"tomorrow" depends on when it was written, and the mail has no date',)
    )


def test_tomorrow_is_the_writers_tomorrow_and_another_day_at_the_shop_is_said() -> None:
    in_california = datetime(2026, 11, 24, 20, 0, tzinfo=timezone(timedelta(hours=-8)))
    read = day("tomorrow", in_california)
    assert read.day == date(2026, 11, 25)
    assert "it was already 25 November 2026 at the shop" in read.doubts


def test_a_mail_stamped_in_utc_was_written_on_the_shops_day() -> None:
    assert day("tomorrow", datetime(2026, 11, 24, 23, 0, tzinfo=UTC)).day == date(2026, 11, 26)


def test_a_weekday_that_does_not_match_is_doubted_and_both_are_named() -> None:
    assert day("Tuesday 30 November 2026") == QuotedDay(
        MONDAY, ("the text says Tuesday, but 30 November 2026 is a Monday",)
    )


def test_two_readings_within_the_year_stay_open() -> None:
    read = day("03/04/2027", datetime(2027, 1, 2, 10, 0, tzinfo=SINGAPORE))
    assert read == QuotedDay(None, ('"03/04/2027" can be 3 April 2027 or 4 March 2027: which is the day?',))


def test_of_two_readings_one_of_which_is_past_the_other_is_filled_and_doubted() -> None:
    read = day("03/12/2026")
    assert read.day == date(2026, 12, 3)
    assert '"03/12/2026" can be 3 December 2026 or 12 March 2026: which is the day?' in read.doubts


@pytest.mark.parametrize(("order", "expected"), [("dmy", "2026-12-03"), ("mdy", "2026-03-12")])
def test_the_shops_date_order_settles_two_readings(order: str, expected: str) -> None:
    read = day("03/12/2026", on=terms(date_order=order))
    assert read.day == date.fromisoformat(expected)
    assert not any("can be" in doubt for doubt in read.doubts)


def test_a_weekday_settles_two_readings() -> None:
    assert day("Monday 07/12/2026") == QuotedDay(date(2026, 12, 7))


def test_dots_are_day_first() -> None:
    assert day("03.12.2026") == QuotedDay(date(2026, 12, 3))


def test_a_year_of_two_digits_is_doubted() -> None:
    assert day("30/11/26") == QuotedDay(MONDAY, ('"30/11/26" has a year of two digits',))


def test_a_day_that_is_past_is_doubted() -> None:
    assert "10 November 2026 is already past" in day("10 November 2026").doubts


@pytest.mark.parametrize(
    "quote", ["31 February 2026", "soon", "next week", "", "from 30 Nov 2026 to 2 Dec 2026", "99/99"]
)
def test_what_is_no_one_day_stays_open_and_says_so(quote: str) -> None:
    read = day(quote)
    assert read.day is None
    assert read.doubts


@pytest.mark.parametrize(
    "quote",
    [
        "9:00", "09:00", "9am", "9 a.m.", "9:00 AM", "9.00 Uhr", "9 Uhr", "9h", "9h00",
        "9 時", "9時", "上午9点", "午前9時",
        "9:00 - 9:45", "9:00 AM – 9:45 AM", "de 9h00 à 9h45", "9.00 uur", "9.00 pagi", "las 9 de la mañana",
        "Monday 30 November at 9am", "2026-11-30 09:00", "30.11.2026 um 9.00 Uhr", "9:00:00", "09:00 (9:00 AM)",
        "0900 hrs",
        "9時から10時",
    ],
)  # fmt: skip
def test_a_time_inside_the_opening_hours_is_clear(quote: str) -> None:
    assert clock(quote) == QuotedTime(time(9))


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("14時", "14:00"), ("14時30分", "14:30"), ("9時半", "09:30"), ("下午3点", "15:00"), ("2.30 ptg", "14:30"),
        ("noon", "12:00"), ("12 noon", "12:00"), ("mittags", "12:00"), ("9.30 Uhr", "09:30"), ("15h30", "15:30"),
        ("12pm", "12:00"), ("12:30 am", "00:30"), ("9pm", "21:00"), ("3 de la tarde", "15:00"), ("16.00 uur", "16:00"),
    ],
)  # fmt: skip
def test_a_time_that_says_its_half_of_the_day_is_clear(quote: str, expected: str) -> None:
    assert clock(quote) == QuotedTime(time.fromisoformat(expected))


@pytest.mark.parametrize(
    ("quote", "expected", "reason"),
    [
        ("3:00", "15:00", "neither am nor pm: 15:00 is inside the opening hours"),
        ("at 3", "15:00", "neither am nor pm: 15:00 is inside the opening hours"),
        ("at 9", "09:00", "neither am nor pm"),
        ("6:00", "06:00", "outside the opening hours"),
        ("03:00", "03:00", "outside the opening hours"),
        ("half past nine", "09:30", "a time in words"),
        ("quarter to ten", "09:45", "a time in words"),
        ("halb zehn", "09:30", "a time in words"),
        ("9 - 9:45am", "09:00", "only at its end"),
        ("11 - 1pm", "11:00", "only at its end"),
        ("10 o'clock", "10:00", "neither am nor pm"),
    ],
)
def test_a_time_with_a_doubt_is_filled_and_says_why(quote: str, expected: str, reason: str) -> None:
    read = clock(quote)
    assert read.at == time.fromisoformat(expected)
    assert reason in " ".join(read.doubts)


@pytest.mark.parametrize("quote", ["9:00 or 10:00", "25:00", "half ten", "later", "", "30 November 2026"])
def test_what_is_no_one_time_stays_open_and_says_so(quote: str) -> None:
    read = clock(quote)
    assert read.at is None
    assert read.doubts


def test_an_am_or_pm_that_the_quote_left_out_counts() -> None:
    assert clock("9:00", " pm, see you").at == time(21)


def test_a_quote_that_is_two_times_in_the_source_stays_open() -> None:
    assert clock("9:00", " am", " pm").at is None


@pytest.mark.parametrize(
    ("quote", "after", "expected"),
    [
        ("9:00 EST", "", (MONDAY, time(22))),
        ("8:00 PM EST", "", (date(2026, 12, 1), time(9))),
        ("9:00", " (Europe/London)", (MONDAY, time(17))),
        ("10:00 am Pacific Time", "", (date(2026, 12, 1), time(2))),
        ("9:00 GMT+7", "", (MONDAY, time(10))),
        ("2026-11-30T09:00:00-05:00", "", (MONDAY, time(22))),
        ("15:00 Uhr MEZ", "", (MONDAY, time(22))),
    ],
)
def test_another_zones_time_is_converted_and_doubted(quote: str, after: str, expected: tuple[date, time]) -> None:
    moved, read = at_shop(MONDAY, clock(quote, after), terms(), quote)
    assert (moved, read.at) == expected
    assert "at the shop" in read.doubts[-1]


@pytest.mark.parametrize("quote", ["9:00 AM (GMT+8)", "9:00 SGT", "9:00 Singapore time", "9:00 AM - 9:45 AM SGT"])
def test_the_shops_own_zone_raises_no_doubt(quote: str) -> None:
    assert at_shop(MONDAY, clock(quote), terms(), quote) == (MONDAY, QuotedTime(time(9)))


def test_a_zone_with_two_meanings_leaves_the_time_open() -> None:
    read = at_shop(MONDAY, clock("9:00 CST"), terms("Europe/Paris"), "9:00 CST")[1]
    assert read.at is None
    assert "not clear: CST" in read.doubts[0]


@pytest.mark.parametrize(
    ("when", "reason"),
    [((2027, 3, 14), "doesn't exist"), ((2026, 11, 1), "happens twice")],
    ids=["skipped", "repeated"],
)
def test_a_minute_of_a_clock_change_is_doubted_with_its_reason(when: tuple[int, int, int], reason: str) -> None:
    at = time(2, 30) if reason.startswith("doesn't") else time(1, 30)
    read = at_shop(date(*when), QuotedTime(at), terms("America/Los_Angeles"), "x")[1]
    assert read.at == at
    assert reason in read.doubts[0]


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_quote_makes_it_fail(quote: str, after: str) -> None:
    read = day(quote)
    assert read.day is not None or read.doubts
    found = clock(quote, after)
    moved, _ = at_shop(MONDAY, found, terms(), quote)
    assert abs((moved - MONDAY).days) <= 1
