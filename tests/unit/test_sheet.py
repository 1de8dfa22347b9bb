"""Finding the columns of a shop's sheet, whatever it calls them, and reading one row."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.appointment import Channel, Status
from chalicelib.domain.rule_book import STANDARD_OPENING
from chalicelib.domain.sheet import COLUMNS, Terms, read_row, read_table
from chalicelib.errors import NotTheSheet

TERMS = Terms(ZoneInfo("Asia/Singapore"), "SG", "", STANDARD_OPENING)
START = datetime(2026, 11, 30, 1, tzinfo=UTC)
HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status", "link"]
MEI = ["A-17", "Mei", "+6591234567", "mei@example.com", "Dental cleaning", "Arun", "2026-11-30", "9:00am", "", ""]


def first(table_header: list[str], *rows: list[str]) -> dict[str, str]:
    table = read_table([table_header, *rows])
    return table.values(table.rows[0])


def row_values(**changed: str) -> dict[str, str]:
    return {**dict(zip(HEADER, MEI, strict=True)), **changed}


def test_the_nine_columns_and_the_id_are_found_by_their_own_names() -> None:
    """Promise 2."""
    assert {**first(HEADER, MEI)} == {**dict.fromkeys(COLUMNS, ""), **row_values()}


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Appt. ID", "appt_id"), ("Booking ID", "appt_id"), ("REF", "appt_id"), ("Appointment-ID", "appt_id"),
        ("Customer Name", "customer"), ("Client", "customer"), ("patient  name", "customer"), ("Full Name", "customer"),
        ("Mobile", "phone"), ("Contact Number", "phone"), ("Cell-Phone", "phone"), ("Tel.", "phone"),
        ("E-Mail", "email"), ("Email Address", "email"), ("Treatment", "service"), ("Appointment Type", "service"),
        ("Stylist", "staff"), ("With", "staff"), ("Provider:", "staff"), ("Appt Date", "date"), ("DAY", "date"),
        ("Start Time", "time"), ("start", "time"), ("Booking Status", "status"), ("URL", "link"),
        ("\ufeffCustomer", "customer"), ("Date\n", "date"), ("ＴＩＭＥ", "time"), ("Reminders", "reminders"),
        ("Minutes", "minutes"), ("Channel", "channel"), ("language", "language"),
    ],
)  # fmt: skip
def test_a_column_is_found_without_regard_to_case_spaces_and_punctuation(header: str, column: str) -> None:
    others = [name for name in HEADER if name != column]
    table = read_table([[*others, header], ["x"] * len(others) + ["this"]])
    assert table.get(table.rows[0], column) == "this"


def test_of_two_columns_with_one_meaning_the_one_named_first_counts_unless_its_cell_is_blank() -> None:
    table = read_table(
        [
            ["Name", "Mobile", "Phone", "Service", "Date", "Time", "Client"],
            ["Mei T.", "222", "111", "Cut", "d", "t", "Mei"],
            ["Arun N.", "222", " ", "Cut", "d", "t", ""],
        ]
    )
    both, blank = table.rows
    assert (table.get(both, "customer"), table.get(both, "phone")) == ("Mei", "111")
    assert (table.get(blank, "customer"), table.get(blank, "phone")) == ("Arun N.", "222")
    assert table.columns["phone"] == 2


def test_columns_that_nobody_knows_are_kept_under_unique_names() -> None:
    table = read_table([[*HEADER, "Notes", "Notes", "", "line", "since"], [*MEI, "a", "b", "c", "d", "e"]])
    assert {name: table.values(table.rows[0])[name] for name in table.others} == {
        "Notes": "a",
        "Notes (2)": "b",
        "column 13": "c",
        "line (2)": "d",
        "since (2)": "e",
    }


def test_blank_rows_are_left_out_and_the_others_keep_the_sheets_row_numbers() -> None:
    table = read_table([HEADER, [], ["", " \u00a0", "\u200b"], MEI, [], [*MEI[:1]]])
    assert [row.line for row in table.rows] == [4, 6]


def test_a_row_with_something_only_in_unknown_columns_is_blank() -> None:
    assert read_table([[*HEADER, "Arrived"], [""] * 10 + ["FALSE"]]).rows == ()


def test_a_repeated_header_is_not_a_row() -> None:
    assert [row.line for row in read_table([HEADER, MEI, [h.upper() for h in HEADER], MEI]).rows] == [2, 4]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([], "empty"),
        ([["", " "], []], "empty"),
        ([[], HEADER, MEI], "first row has no column for customer, service, date, time, phone or email"),
        ([["<!DOCTYPE html><html><head>"], ["Sign in"]], "login page"),
        ([["customer", "phone", "service", "date"], ["Mei"]], "no column for time;"),
        ([["customer", "service", "date", "time"], ["Mei"]], "no column for phone or email;"),
        ([["Invoice", "Amount"], ["1", "2"]], 'it has "Invoice", "Amount"'),
    ],
)
def test_what_does_not_look_like_the_sheet_is_refused_saying_what_is_missing(cells: list[list[str]], says: str) -> None:
    with pytest.raises(NotTheSheet) as refused:
        read_table(cells)
    assert says in refused.value.problem


def test_one_of_phone_and_email_is_enough() -> None:
    assert read_table([["client", "e-mail", "type", "day", "start"]]).rows == ()


def test_a_good_row_is_an_appointment_without_problems() -> None:
    reading = read_row(row_values(status="Confirmed by phone", link="bright.example/b/17"), 5, START, TERMS)
    assert reading.problems == ()
    visit = reading.appointment
    assert visit is not None
    assert (visit.appt_id, visit.customer, visit.phone, visit.start) == ("A-17", "Mei", "+6591234567", START)
    assert (visit.status, visit.link, visit.line) == (Status.CONFIRMED, "https://bright.example/b/17", 5)
    assert (visit.date_text, visit.time_text, visit.status_text) == ("2026-11-30", "9:00am", "Confirmed by phone")
    assert (visit.reminders, visit.channel, visit.minutes) == (None, None, None)


def test_a_bad_phone_beside_a_good_address_leaves_the_appointment() -> None:
    reading = read_row(row_values(phone="12"), 5, START, TERMS)
    assert reading.appointment is not None
    assert (reading.appointment.phone, reading.appointment.email) == ("", "mei@example.com")
    assert [problem.field for problem in reading.problems] == ["phone"]


def test_a_row_without_any_contact_is_an_unreachable_appointment_and_no_problem() -> None:
    reading = read_row(row_values(phone="", email=""), 5, START, TERMS)
    assert reading.appointment is not None
    assert not reading.appointment.reachable
    assert reading.problems == ()


@pytest.mark.parametrize("column", ["customer", "service"])
@pytest.mark.parametrize("text", ["", "  ", "#REF!", "\u200b"])
def test_without_customer_or_service_there_is_no_appointment(column: str, text: str) -> None:
    reading = read_row(row_values(**{column: text}), 5, START, TERMS)
    assert reading.appointment is None
    assert [problem.field for problem in reading.problems] == [column]


def test_every_problem_of_a_row_is_found() -> None:
    reading = read_row(
        row_values(
            customer="", phone="1", email="mei@", link="javascript:alert(1)", reminders="soon", channel="pigeon",
            minutes="an hour",
        ),
        5, START, TERMS,
    )  # fmt: skip
    assert [p.field for p in reading.problems] == [
        "customer", "phone", "email", "link", "reminders", "channel", "minutes",
    ]  # fmt: skip


def test_a_row_whose_start_cannot_be_read_has_its_other_problems_told() -> None:
    reading = read_row(row_values(phone="12"), 5, None, TERMS)
    assert reading.appointment is None
    assert [problem.field for problem in reading.problems] == ["phone"]


@pytest.mark.parametrize(
    ("text", "windows"),
    [("72, 24, 3", (4320, 1440, 180)), ("2 days, 3h", (2880, 180)), ("none", ()), ("", None)],
)
def test_a_row_may_have_reminders_of_its_own(text: str, windows: tuple[int, ...] | None) -> None:
    """Promise 27."""
    reading = read_row(row_values(reminders=text), 5, START, TERMS)
    assert reading.appointment is not None
    assert reading.appointment.reminders == windows


def test_reminders_that_cannot_be_read_mean_the_services_and_are_told() -> None:
    """Promise 27."""
    reading = read_row(row_values(reminders="whenever"), 5, START, TERMS)
    assert reading.appointment is not None
    assert reading.appointment.reminders is None
    assert '"whenever"' in reading.problems[0].problem


@pytest.mark.parametrize(
    ("text", "channel"), [("text", Channel.TEXT), ("SMS", Channel.TEXT), ("E-mail", Channel.EMAIL), ("", None)]
)
def test_the_channel_cell_says_what_is_tried_first(text: str, channel: Channel | None) -> None:
    reading = read_row(row_values(channel=text), 5, START, TERMS)
    assert reading.appointment is not None
    assert reading.appointment.channel is channel
    assert reading.problems == ()


@pytest.mark.parametrize(("text", "minutes"), [("45", 45), ("45 min", 45), ("90.0", 90), ("60 minutes", 60)])
def test_a_length_is_read_in_minutes(text: str, minutes: int) -> None:
    reading = read_row(row_values(minutes=text), 5, START, TERMS)
    assert reading.appointment is not None
    assert reading.appointment.minutes == minutes


@pytest.mark.parametrize("text", ["0", "-30", "1h", "1441", "45.5", "99999"])
def test_a_length_that_is_none_is_told(text: str) -> None:
    assert [p.field for p in read_row(row_values(minutes=text), 5, START, TERMS).problems] == ["minutes"]


def test_an_unknown_status_word_is_no_problem_of_the_row() -> None:
    reading = read_row(row_values(status="tentative"), 5, START, TERMS)
    assert reading.appointment is not None
    assert (reading.appointment.status, reading.problems) == (Status.NONE, ())


def test_a_name_over_two_lines_becomes_one() -> None:
    reading = read_row(row_values(customer="Mei\n Tan\u202e"), 5, START, TERMS)
    assert reading.appointment is not None
    assert reading.appointment.customer == "Mei Tan"


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=20)))
def test_no_row_raises(values: dict[str, str]) -> None:
    reading = read_row(values, 2, START, TERMS)
    assert reading.appointment is not None or reading.problems


@given(st.lists(st.lists(st.sampled_from([*COLUMNS, "mobile", "id", "", "x"]), max_size=16), max_size=4))
def test_no_table_raises_anything_but_not_the_sheet(cells: list[list[str]]) -> None:
    try:
        table = read_table(cells)
    except NotTheSheet:
        return
    assert all(set(COLUMNS) <= set(table.values(row)) for row in table.rows)
