"""Every row gets its id, and no id ever ends on another row, whatever people do to the sheet meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from chalicelib.domain.sheet import read_table
from chalicelib.errors import NotTheSheet, UpstreamError
from chalicelib.usecases.fill_ids import BATCH, Shown, fill_ids, shown
from local.standins.google_grid import Grid
from tests.fakes.sheet import FakeSheet

HEADER = ["appt_id", "customer", "phone", "service", "date", "time", "status"]
MEI = ["", "Mei", "+6591234567", "Cleaning", "26 Nov 2026", "9:00am", "booked"]
ARUN = ["A-2", "Arun", "+6591234568", "Cleaning", "25 Nov 2026", "10:00am"]
DANA = ["", "Dana", "+6591234569", "Haircut", "27 Nov 2026", "11:00am", "done"]
REX = ["A-4", "Rex", "+6591234560", "Haircut", "24 Nov 2026", "noon"]


def a_sheet() -> FakeSheet:
    return FakeSheet([HEADER, MEI, ARUN, DANA, REX])


def as_read(sheet: FakeSheet) -> dict[int, Shown]:
    """What each line shows, as the sync that chose the ids saw it."""
    table = read_table(sheet.rows)
    return {row.line: shown(table.values(row)) for row in table.rows}


def ids(sheet: FakeSheet) -> dict[str, list[str]]:
    """Customer -> the ids of the rows that are theirs."""
    header, *rows = sheet.rows
    found: dict[str, list[str]] = {}
    for row in rows:
        if any(row):
            found.setdefault(row[header.index("customer")], []).append(row[header.index("appt_id")])
    return found


WANTED = {2: "new-mei", 4: "new-dana"}


def test_rows_without_an_id_get_one_and_the_others_keep_theirs() -> None:
    sheet = a_sheet()
    assert fill_ids(sheet, WANTED, as_read(sheet)) == WANTED
    assert ids(sheet) == {"Mei": ["new-mei"], "Arun": ["A-2"], "Dana": ["new-dana"], "Rex": ["A-4"]}
    assert sheet.grid.marks == {}


def test_many_rows_take_a_handful_of_calls() -> None:
    rows = [["", f"Mei {n}", "+6591234567", "Cleaning", "26 Nov 2026", "9:00am"] for n in range(BATCH + 1)]
    sheet = FakeSheet([HEADER, *rows])
    wanted = {line: f"n{line}" for line in as_read(sheet)}
    assert fill_ids(sheet, wanted, as_read(sheet)) == wanted
    assert len(sheet.calls) == 1 + 2 * 5
    assert [row[0] for row in sheet.rows[1:]] == list(wanted.values())


def test_nothing_wanted_asks_nothing() -> None:
    sheet = a_sheet()
    assert fill_ids(sheet, {}, {}) == {}
    assert sheet.calls == []


def test_a_sheet_without_the_column_gets_it_right_of_the_last_header() -> None:
    sheet = FakeSheet([HEADER[1:], MEI[1:], [*DANA[1:], "a stray remark"]])
    wanted = {2: "new-mei", 3: "new-dana"}
    assert fill_ids(sheet, wanted, as_read(sheet)) == wanted
    assert sheet.rows == [
        [*HEADER[1:], "appt_id"],
        [*MEI[1:], "new-mei"],
        [*DANA[1:], "new-dana", "a stray remark"],
    ]


def test_a_row_that_changed_since_its_id_was_chosen_is_left_for_the_next_sync() -> None:
    sheet = a_sheet()
    read = as_read(sheet)
    sheet.grid.set_cell(2, 5, "9:30am")
    assert fill_ids(sheet, WANTED, read) == {4: "new-dana"}
    assert ids(sheet)["Mei"] == [""]


def test_a_row_that_has_an_id_by_now_keeps_it() -> None:
    sheet = a_sheet()
    read = as_read(sheet)
    sheet.grid.set_cell(2, 0, "typed")
    assert fill_ids(sheet, WANTED, read) == {4: "new-dana"}
    assert ids(sheet)["Mei"] == ["typed"]


def test_an_id_that_another_row_has_is_neither_given_nor_taken() -> None:
    sheet = a_sheet()
    assert fill_ids(sheet, {2: "A-4"}, as_read(sheet)) == {}
    assert ids(sheet) == {"Mei": [""], "Arun": ["A-2"], "Dana": [""], "Rex": ["A-4"]}


def test_twins_get_an_id_each() -> None:
    sheet = FakeSheet([HEADER, MEI, MEI])
    wanted = {2: "one", 3: "two"}
    assert fill_ids(sheet, wanted, as_read(sheet)) == wanted
    assert ids(sheet) == {"Mei": ["one", "two"]}


def test_a_login_page_gets_no_ids() -> None:
    sheet = FakeSheet([["<html>Sign in</html>"]])
    with pytest.raises(NotTheSheet):
        fill_ids(sheet, WANTED, {})


def test_google_out_of_reach_is_said_so() -> None:
    sheet = a_sheet()
    read = as_read(sheet)
    sheet.down = True
    with pytest.raises(UpstreamError):
        fill_ids(sheet, WANTED, read)


# ------------------------------------------------------------------ one disturbance, between any two calls


def line_of(grid: Grid, customer: str) -> int:
    at = grid.rows[0].index("customer")
    return next(n for n, row in enumerate(grid.rows, 1) if len(row) > at and row[at] == customer)


def sort_by_date(grid: Grid) -> None:
    grid.sort_rows(lambda row: row[grid.rows[0].index("date")])


def sort_backwards(grid: Grid) -> None:
    grid.sort_rows(lambda row: row[grid.rows[0].index("customer")], reverse=True)


def insert_above(grid: Grid) -> None:
    grid.insert_row(2, ["", "Noor", "+6591234561", "Cleaning", "1 Dec 2026", "9:00am"])


def delete_another(grid: Grid) -> None:
    grid.delete_row(line_of(grid, "Arun"))


def delete_ours(grid: Grid) -> None:
    grid.delete_row(line_of(grid, "Mei"))


def double_ours(grid: Grid) -> None:
    at = line_of(grid, "Mei")
    grid.insert_row(at, grid.rows[at - 1])


def rename_ours(grid: Grid) -> None:
    grid.set_cell(line_of(grid, "Mei"), grid.rows[0].index("time"), "9:30am")


def insert_a_column(grid: Grid) -> None:
    grid.insert_columns(0)


def paste_the_export_again(grid: Grid) -> None:
    grid.paste([HEADER, DANA, REX, MEI, ARUN])


DISTURBANCES: list[Callable[[Grid], None]] = [
    sort_by_date,
    sort_backwards,
    insert_above,
    delete_another,
    delete_ours,
    double_ours,
    rename_ours,
    insert_a_column,
    paste_the_export_again,
]
OLD = {"Arun": {"A-2"}, "Rex": {"A-4"}, "Noor": {""}}
NEW = {"Mei": {"", "new-mei"}, "Dana": {"", "new-dana"}}


@pytest.mark.parametrize("call", range(1, 8))
@pytest.mark.parametrize("disturb", DISTURBANCES)
def test_no_disturbance_puts_an_id_on_another_row(disturb: Callable[[Grid], None], call: int) -> None:
    sheet = a_sheet()
    read = as_read(sheet)
    sheet.before_call = lambda number, _: disturb(sheet.grid) if number == call else None
    counted = fill_ids(sheet, WANTED, read)
    sheet.before_call = None
    after = ids(sheet)
    for customer, theirs in after.items():
        assert set(theirs) <= (OLD | NEW)[customer], f"{customer} has {theirs}"
    for line, appt_id in counted.items():
        if call < 6:  # a later disturbance comes after the read that let the id count
            assert [given for given in after[read[line].customer] if given] == [appt_id]
    assert sheet.grid.marks == {}


@pytest.mark.parametrize(("first", "then"), list(itertools.product(range(3, 7), range(5, 13))))
def test_two_sorts_at_the_worst_moments_misplace_no_id(first: int, then: int) -> None:
    sheet = a_sheet()
    read = as_read(sheet)

    def people(number: int, _: str) -> None:
        if number == first:
            sort_backwards(sheet.grid)
        if number == then:
            sort_by_date(sheet.grid)

    sheet.before_call = people
    counted = fill_ids(sheet, WANTED, read)
    after = ids(sheet)
    assert after["Arun"] == ["A-2"]
    assert after["Rex"] == ["A-4"]
    for customer, line in (("Mei", 2), ("Dana", 4)):
        assert after[customer] == [counted.get(line, "")]


def test_an_id_counts_only_beside_what_its_row_showed() -> None:
    sheet = a_sheet()
    read = as_read(sheet)
    sheet.before_call = lambda _, name: rename_ours(sheet.grid) if name == "unmark" else None
    assert fill_ids(sheet, WANTED, read) == {4: "new-dana"}
    assert ids(sheet)["Mei"] == [""]


def test_what_did_not_count_is_filled_by_the_next_sync() -> None:
    sheet = a_sheet()
    read = as_read(sheet)
    sheet.before_call = lambda number, _: sort_by_date(sheet.grid) if number == 4 else None
    fill_ids(sheet, WANTED, read)
    sheet.before_call = None
    left = {line: f"again-{line}" for line, row in as_read(sheet).items() if ids(sheet)[row.customer] == [""]}
    assert fill_ids(sheet, left, as_read(sheet)) == left
    assert all(len(theirs) == 1 and theirs[0] for theirs in ids(sheet).values())
