"""A reply's cells land on its own row and on no other, whatever people do to the sheet meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.errors import NotTheSheet, UpstreamError
from chalicelib.usecases.edit_row import Edit, edit_row
from local.standins.google_grid import Grid
from tests.fakes.sheet import FakeSheet

HEADER = ["appt_id", "customer", "phone", "service", "date", "time", "status", "notes"]
MEI = ["A-1", "Mei", "+6591234567", "Cleaning", "26 Nov 2026", "9:00am", "booked", "left side"]
ARUN = ["A-2", "Arun", "+6591234568", "Cleaning", "25 Nov 2026", "10:00am", "", "owner"]
DANA = ["A-3", "Dana", "+6591234569", "Haircut", "27 Nov 2026", "11:00am", "done", ""]
REX = ["", "Rex", "+6591234560", "Haircut", "24 Nov 2026", "noon", "maybe", "no id yet"]


def a_sheet() -> FakeSheet:
    return FakeSheet([HEADER, MEI, ARUN, DANA, REX])


def by_customer(sheet: FakeSheet) -> dict[str, dict[str, str]]:
    """The rows as their people see them: customer -> header -> text, blanks left out."""
    header, *rows = sheet.rows
    named = [{name: text for name, text in zip(header, row, strict=False) if name and text} for row in rows if any(row)]
    return {row["customer"]: row for row in named}


def confirm(sheet: FakeSheet) -> Edit:
    return edit_row(sheet, "A-1", {"status": "confirmed"}, {"status": "booked", "date": "26 Nov 2026"}).edit


def test_a_reply_is_written_into_its_row() -> None:
    """Promise 55."""
    sheet = a_sheet()
    before = by_customer(sheet)
    assert confirm(sheet) is Edit.WRITTEN
    assert by_customer(sheet) == {**before, "Mei": {**before["Mei"], "status": "confirmed"}}
    assert sheet.grid.marks == {}


def test_a_move_is_written_in_one_step() -> None:
    """Promise 58."""
    sheet = a_sheet()
    cells = {"date": "27 Nov 2026", "time": "3:00pm", "status": "moved"}
    expect = {"date": "26 Nov 2026", "time": "9:00am", "status": "booked"}
    assert edit_row(sheet, "A-1", cells, expect).edit is Edit.WRITTEN
    assert sheet.calls.count("write_marked") == 1
    assert sheet.rows[1] == ["A-1", "Mei", "+6591234567", "Cleaning", "27 Nov 2026", "3:00pm", "moved", "left side"]


def test_what_is_there_already_is_not_written_again() -> None:
    sheet = a_sheet()
    confirm(sheet)
    sheet.calls.clear()
    assert confirm(sheet) is Edit.ALREADY
    assert sheet.calls == ["read"]


def test_cells_that_staff_changed_are_left_to_them() -> None:
    sheet = a_sheet()
    sheet.grid.set_cell(2, 6, "no-show")
    outcome = edit_row(sheet, "A-1", {"status": "confirmed"}, {"status": "booked", "time": "9:00am"})
    assert outcome.edit is Edit.DIFFERS
    assert outcome.seen == {"status": "no-show", "time": "9:00am"}
    assert "write_marked" not in sheet.calls


def test_a_start_that_staff_changed_stops_the_edit_of_the_status() -> None:
    sheet = a_sheet()
    sheet.grid.set_cell(2, 4, "30 Nov 2026")
    assert confirm(sheet) is Edit.DIFFERS
    assert sheet.rows[1][6] == "booked"


def test_another_case_of_the_same_word_is_no_difference() -> None:
    sheet = a_sheet()
    sheet.grid.set_cell(2, 6, "Booked ")
    assert confirm(sheet) is Edit.WRITTEN


def test_a_row_that_is_gone_is_said_to_be() -> None:
    sheet = a_sheet()
    sheet.grid.delete_row(2)
    assert confirm(sheet) is Edit.GONE


def test_of_two_rows_with_one_id_neither_is_written() -> None:
    sheet = a_sheet()
    sheet.grid.insert_row(4, [" A-1 ", *MEI[1:]])
    assert confirm(sheet) is Edit.DOUBLED
    assert "write_marked" not in sheet.calls


def test_an_id_in_another_case_is_another_id() -> None:
    sheet = a_sheet()
    sheet.grid.set_cell(2, 0, "a-1")
    assert confirm(sheet) is Edit.GONE


def test_a_cell_is_blanked() -> None:
    sheet = a_sheet()
    assert edit_row(sheet, "A-1", {"status": ""}, {"status": "booked"}).edit is Edit.WRITTEN
    assert sheet.rows[1][6] == ""


def test_a_missing_status_column_is_added_right_of_the_last_header() -> None:
    sheet = FakeSheet([[*HEADER[:6], "notes"], [*MEI[:6], "left side", "a stray remark"]])
    assert edit_row(sheet, "A-1", {"status": "confirmed"}, {"status": ""}).edit is Edit.WRITTEN
    assert sheet.rows == [
        [*HEADER[:6], "notes", "status"],
        [*MEI[:6], "left side", "confirmed", "a stray remark"],
    ]


def test_a_login_page_is_not_written_to() -> None:
    sheet = FakeSheet([["<html>Sign in</html>"]])
    with pytest.raises(NotTheSheet):
        confirm(sheet)
    assert "write_marked" not in sheet.calls


def test_a_mark_that_cannot_be_taken_away_does_not_hide_that_the_cells_were_written() -> None:
    sheet = a_sheet()

    def down_once(_: int, name: str) -> None:
        if name == "unmark":
            raise UpstreamError("Google", "down")

    sheet.before_call = down_once
    assert confirm(sheet) is Edit.WRITTEN


def test_an_edit_whose_answer_was_lost_is_found_written() -> None:
    sheet = a_sheet()

    def down_after_the_write(_: int, name: str) -> None:
        if "write_marked" in sheet.calls[:-1] and name == "read":
            raise UpstreamError("Google", "down")

    sheet.before_call = down_after_the_write
    with pytest.raises(UpstreamError):
        confirm(sheet)
    sheet.before_call = None
    assert confirm(sheet) is Edit.ALREADY


def test_a_sheet_that_is_sorted_before_every_call_is_given_up_with_nothing_misplaced() -> None:
    sheet = a_sheet()
    before = by_customer(sheet)

    def shuffle(_: int, name: str) -> None:
        if name in ("read_marked", "write_marked"):
            sheet.grid.rows[1:] = [*sheet.grid.rows[2:], sheet.grid.rows[1]]

    sheet.before_call = shuffle
    with pytest.raises(UpstreamError):
        confirm(sheet)
    assert by_customer(sheet) == before


# ------------------------------------------------------------------ one disturbance, between any two calls


def sort_by_date(grid: Grid) -> None:
    grid.sort_rows(lambda row: [*row, *[""] * 9][grid.rows[0].index("date")])


def sort_backwards(grid: Grid) -> None:
    grid.sort_rows(lambda row: [*row, *[""] * 9][grid.rows[0].index("customer")], reverse=True)


def insert_above(grid: Grid) -> None:
    values = dict(
        zip(HEADER, ["A-9", "Noor", "+6591234561", "Cleaning", "1 Dec 2026", "9:00am", "booked"], strict=False)
    )
    grid.insert_row(2, [values.get(name, "") for name in grid.rows[0]])


def insert_blank(grid: Grid) -> None:
    grid.insert_row(2)


def line_of(grid: Grid, customer: str) -> int:
    return next(n for n, row in enumerate(grid.rows, 1) if customer in row)


def delete_another(grid: Grid) -> None:
    if any("Arun" in row for row in grid.rows):
        grid.delete_row(line_of(grid, "Arun"))


def delete_ours(grid: Grid) -> None:
    grid.delete_row(line_of(grid, "Mei"))


def double_ours(grid: Grid) -> None:
    at = line_of(grid, "Mei")
    grid.insert_row(at, grid.rows[at - 1])


def confirm_another(grid: Grid) -> None:
    grid.set_cell(line_of(grid, "Arun"), grid.rows[0].index("status"), "confirmed")


def change_our_notes(grid: Grid) -> None:
    grid.set_cell(line_of(grid, "Mei"), grid.rows[0].index("notes"), "right side")


def insert_a_column(grid: Grid) -> None:
    grid.insert_columns(1)


def insert_a_column_at_status(grid: Grid) -> None:
    grid.insert_columns(6)


def delete_a_column(grid: Grid) -> None:
    grid.delete_column(2)


def paste_the_export_again(grid: Grid) -> None:
    grid.paste([HEADER, DANA, MEI, REX, ARUN])


DISTURBANCES: list[Callable[[Grid], None]] = [
    sort_by_date,
    sort_backwards,
    insert_above,
    insert_blank,
    delete_another,
    delete_ours,
    double_ours,
    confirm_another,
    change_our_notes,
    insert_a_column,
    insert_a_column_at_status,
    delete_a_column,
    paste_the_export_again,
]
CALLS = 7


def what_should_be(disturb: Callable[[Grid], None]) -> dict[str, dict[str, str]]:
    """The sheet if only the disturbance had happened."""
    sheet = a_sheet()
    disturb(sheet.grid)
    return by_customer(sheet)


@pytest.mark.parametrize("call", range(1, CALLS + 1))
@pytest.mark.parametrize("disturb", DISTURBANCES)
def test_no_disturbance_puts_a_status_on_another_row(disturb: Callable[[Grid], None], call: int) -> None:
    sheet = a_sheet()
    sheet.before_call = lambda number, _: disturb(sheet.grid) if number == call else None
    try:
        edit = confirm(sheet)
    except NotTheSheet:  # without its phone column it is no sheet
        edit = Edit.GONE
    sheet.before_call = None
    if len(sheet.calls) < call:
        disturb(sheet.grid)
    expected = what_should_be(disturb)
    after = by_customer(sheet)
    assert {name: row for name, row in after.items() if name != "Mei"} == {
        name: row for name, row in expected.items() if name != "Mei"
    }
    if edit in (Edit.WRITTEN, Edit.ALREADY) and "Mei" in after and disturb is not paste_the_export_again:
        assert after["Mei"] == {**expected["Mei"], "status": "confirmed"}
    assert sheet.grid.marks == {}


@pytest.mark.parametrize("pair", list(itertools.product(range(3, 8), range(5, 14))))
@pytest.mark.parametrize("second", [sort_by_date, sort_backwards])
def test_two_sorts_at_the_worst_moments_lose_nobodys_cell(
    pair: tuple[int, int], second: Callable[[Grid], None]
) -> None:
    sheet = a_sheet()
    before = by_customer(sheet)

    def people(number: int, _: str) -> None:
        if number == pair[0]:
            sort_backwards(sheet.grid)
        if number == pair[1]:
            second(sheet.grid)

    sheet.before_call = people
    assert confirm(sheet) is Edit.WRITTEN
    assert by_customer(sheet) == {**before, "Mei": {**before["Mei"], "status": "confirmed"}}


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_row_without_a_status_gets_its_blank_back(call: int) -> None:
    sheet = FakeSheet([HEADER, MEI, ARUN])
    before = by_customer(sheet)
    sheet.before_call = lambda number, _: sort_by_date(sheet.grid) if number == call else None
    assert confirm(sheet) is Edit.WRITTEN
    assert by_customer(sheet) == {**before, "Mei": {**before["Mei"], "status": "confirmed"}}


def test_a_sheet_that_is_sorted_before_every_write_shows_our_word_nowhere_else() -> None:
    sheet = a_sheet()
    before = by_customer(sheet)
    writes = itertools.count(1)

    def shuffle(_: int, name: str) -> None:
        if name == "write_marked" and next(writes) <= 4:
            sheet.grid.rows[1:] = [*sheet.grid.rows[2:], sheet.grid.rows[1]]

    sheet.before_call = shuffle
    assert confirm(sheet) is Edit.WRITTEN
    assert by_customer(sheet) == {**before, "Mei": {**before["Mei"], "status": "confirmed"}}


SHUFFLES = [sort_by_date, sort_backwards, insert_blank, delete_another, insert_a_column]


@given(st.dictionaries(st.integers(1, 25), st.sampled_from(SHUFFLES), max_size=3))
def test_whatever_is_done_between_the_calls_nobody_loses_a_cell(people: dict[int, Callable[[Grid], None]]) -> None:
    assume(list(people.values()).count(insert_a_column) <= 1)
    sheet, alone = a_sheet(), a_sheet()

    def meanwhile(number: int, _: str) -> None:
        if number in people:
            people[number](sheet.grid)
            people[number](alone.grid)

    sheet.before_call = meanwhile
    assert confirm(sheet) is Edit.WRITTEN
    expected = by_customer(alone)
    assert by_customer(sheet) == {**expected, "Mei": {**expected["Mei"], "status": "confirmed"}}
