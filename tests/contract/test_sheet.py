"""What the use cases rely on in a sheet, on the fake and on the Google adapter over the stand-in alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from chalicelib.adapters.google_credentials import GoogleApi
from chalicelib.adapters.google_sheet import GoogleSheet
from chalicelib.ports import Sheet
from local.standins.google import SHEET_ID, GoogleStandIn
from local.standins.google_grid import Grid
from tests.fakes.sheet import FakeSheet

HEADER = ["appt_id", "customer", "date", "status"]
ROWS = [HEADER, ["A-1", "Mei", "26 Nov", "booked"], ["A-2", "Arun", "25 Nov"], ["A-3", "Dana", "27 Nov", "done"]]


@dataclass
class World:
    """A sheet, and the hands of those who have it open."""

    sheet: Sheet
    people: Callable[[Callable[[Grid], object]], object]
    marks_left: Callable[[], int]


@pytest.fixture(scope="module")
def google() -> Iterator[GoogleStandIn]:
    standin = GoogleStandIn(lambda: datetime(2026, 11, 24, tzinfo=UTC))
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture(params=["fake", "google"])
def world(request: pytest.FixtureRequest, google: GoogleStandIn) -> World:
    if request.param == "fake":
        fake = FakeSheet(ROWS)
        return World(fake, lambda change: change(fake.grid), lambda: len(fake.grid.marks))
    google._sheets.grid = Grid()
    google.paste(ROWS)
    sheet = GoogleSheet(GoogleApi(google.service_account, google.url), SHEET_ID)
    return World(sheet, google._edit, lambda: len(google._sheets.grid.marks))


def test_cells_are_read_as_people_see_them_without_trailing_blanks(world: World) -> None:
    world.people(lambda grid: grid.set_cell(3, 3, ""))
    world.people(lambda grid: grid.insert_row(6, ["A-4", "Rex"]))
    assert world.sheet.read() == [*ROWS, [], ["A-4", "Rex"]]


def test_an_empty_sheet_has_no_rows(world: World) -> None:
    world.people(lambda grid: grid.paste([]))
    assert world.sheet.read() == []


def test_the_modified_time_stands_still_until_somebody_edits(world: World) -> None:
    before = world.sheet.modified()
    assert world.sheet.modified() == before
    world.people(lambda grid: grid.set_cell(2, 3, "confirmed"))
    assert world.sheet.modified() > before


def test_marked_rows_are_read_in_the_order_asked(world: World) -> None:
    marks = world.sheet.mark([4, 2])
    assert world.sheet.read_marked(marks) == [ROWS[3], ROWS[1]]


def test_a_mark_follows_an_insert_and_a_delete(world: World) -> None:
    marks = world.sheet.mark([3])
    world.people(lambda grid: grid.insert_row(2, ["A-9"]))
    assert world.sheet.read_marked(marks) == [ROWS[2]]
    world.people(lambda grid: grid.delete_row(2))
    world.people(lambda grid: grid.delete_row(2))
    assert world.sheet.read_marked(marks) == [ROWS[2]]


def test_a_mark_stays_where_it_is_in_a_sort(world: World) -> None:
    marks = world.sheet.mark([2])
    world.people(lambda grid: grid.sort_rows(lambda row: row[2]))
    assert world.sheet.read_marked(marks) == [ROWS[2]]


def test_a_mark_goes_with_its_row(world: World) -> None:
    marks = world.sheet.mark([3, 4])
    world.people(lambda grid: grid.delete_row(3))
    assert world.sheet.read_marked(marks) == [None, ROWS[3]]
    assert world.sheet.write_marked({marks[0]: {3: "x"}, marks[1]: {3: "y"}}) == {
        marks[1]: ["A-3", "Dana", "27 Nov", "y"]
    }
    world.sheet.unmark(marks)
    assert world.marks_left() == 0


def test_a_row_may_have_several_marks(world: World) -> None:
    marks = [*world.sheet.mark([2]), *world.sheet.mark([2])]
    assert marks[0] != marks[1]
    assert world.sheet.read_marked(marks) == [ROWS[1], ROWS[1]]


def test_a_write_through_a_mark_leaves_the_other_cells_alone_and_tells_what_it_hit(world: World) -> None:
    (mark,) = world.sheet.mark([3])
    assert world.sheet.write_marked({mark: {3: "confirmed"}}) == {mark: ["A-2", "Arun", "25 Nov", "confirmed"]}
    assert world.sheet.read()[2] == ["A-2", "Arun", "25 Nov", "confirmed"]


def test_a_write_after_a_sort_tells_which_row_it_hit(world: World) -> None:
    (mark,) = world.sheet.mark([2])
    world.people(lambda grid: grid.sort_rows(lambda row: row[2]))
    assert world.sheet.write_marked({mark: {3: "confirmed"}}) == {mark: ["A-2", "Arun", "25 Nov", "confirmed"]}


def test_a_cell_is_blanked_by_an_empty_text(world: World) -> None:
    (mark,) = world.sheet.mark([2])
    world.sheet.write_marked({mark: {0: "", 3: ""}})
    assert world.sheet.read()[1] == ["", "Mei", "26 Nov"]


def test_a_formula_stays_a_text(world: World) -> None:
    (mark,) = world.sheet.mark([2])
    world.sheet.write_marked({mark: {3: '=IMPORTXML("http://rex")', 1: "+6591234567"}})
    assert world.sheet.read()[1] == ["A-1", "+6591234567", "26 Nov", '=IMPORTXML("http://rex")']


def test_marks_are_taken_away_and_may_be_twice(world: World) -> None:
    marks = world.sheet.mark([2, 3])
    world.sheet.unmark(marks)
    world.sheet.unmark(marks)
    assert world.marks_left() == 0
    assert world.sheet.read_marked(marks) == [None, None]


def test_nothing_to_do_is_nothing_done(world: World) -> None:
    assert world.sheet.mark([]) == []
    assert world.sheet.read_marked([]) == []
    assert world.sheet.write_marked({}) == {}
    world.sheet.unmark([])


def test_columns_are_inserted_without_covering_a_cell(world: World) -> None:
    world.people(lambda grid: grid.set_cell(2, 4, "a remark"))
    world.sheet.add_columns(4, ["link", "minutes"])
    assert world.sheet.read()[:3] == [[*HEADER, "link", "minutes"], [*ROWS[1], "", "", "a remark"], ROWS[2]]


def test_a_sheet_that_is_full_is_widened(world: World) -> None:
    wide = [f"column {n}" for n in range(30)]
    world.people(lambda grid: grid.paste([wide, ["A-1"]]))
    world.sheet.add_columns(30, ["appt_id"])
    assert world.sheet.read() == [[*wide, "appt_id"], ["A-1"]]


def test_many_rows_are_marked_and_written_in_four_calls(world: World) -> None:
    world.people(lambda grid: grid.paste([HEADER, *([f"A-{n}", "Mei"] for n in range(700))]))
    marks = world.sheet.mark(range(2, 702))
    assert len(world.sheet.read_marked(marks)) == 700
    world.sheet.write_marked({mark: {3: f"s{n}"} for n, mark in enumerate(marks)})
    world.sheet.unmark(marks)
    assert [row[3] for row in world.sheet.read()[1:]] == [f"s{n}" for n in range(700)]


def test_a_row_is_added_below_the_last_one_with_anything_in_it(world: World) -> None:
    world.people(lambda grid: grid.set_cell(7, 5, "a remark"))
    (mark,) = world.sheet.mark([4])
    world.sheet.append({0: "A-4", 3: "booked"})
    assert world.sheet.read() == [*ROWS, [], [], ["", "", "", "", "", "a remark"], ["A-4", "", "", "booked"]]
    assert world.sheet.read_marked([mark]) == [ROWS[3]]


def test_an_added_row_begins_at_the_sheet_s_own_first_column(world: World) -> None:
    world.people(lambda grid: grid.paste([["", "customer"], ["", "Mei"]]))
    world.sheet.append({1: "Arun"})
    assert world.sheet.read() == [["", "customer"], ["", "Mei"], ["", "Arun"]]


def test_an_added_formula_or_number_stays_a_text(world: World) -> None:
    world.sheet.append({0: "=1+1", 1: "+6591234567", 2: "2026-11-30"})
    assert world.sheet.read()[-1] == ["=1+1", "+6591234567", "2026-11-30"]


def test_a_sheet_without_a_free_row_grows(world: World) -> None:
    world.people(lambda grid: grid.paste([HEADER, *([f"A-{n}"] for n in range(999))]))
    world.sheet.append({0: "A-last"})
    assert world.sheet.read()[-1] == ["A-last"]
