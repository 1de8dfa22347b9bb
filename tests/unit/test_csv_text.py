"""Shops' own CSV files: encodings, separators, cells over several lines and stray quotes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.csv_text import read_csv

ROWS = [["Name", "Note", "Größe"], ["Mei", "says “hi”", "1"], ["Arun", "", "2"]]


def written(rows: list[list[str]], separator: str = ",", ends: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=ends).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
def test_every_usual_encoding_separator_and_line_end_is_read(encoding: str, separator: str, ends: str) -> None:
    assert read_csv(written(ROWS, separator, ends).encode(encoding)) == ROWS


def test_the_separator_that_excel_names_is_taken() -> None:
    assert read_csv("sep=;\r\na;b,c\r\n1;2,3\r\n") == [["a", "b,c"], ["1", "2,3"]]


def test_a_separator_in_a_quoted_header_does_not_count() -> None:
    assert read_csv('"Name, first, last";"Date"\n1;2\n') == [["Name, first, last", "Date"], ["1", "2"]]


def test_cells_over_several_lines_are_one_cell() -> None:
    rows = [
        ["a", "b", "c"],
        ["1", "12 Main St, Blk 4,\nLevel 3, #04-01\n\nring twice", "x"],
        ['"So"\r\nthey say', "", ""],
    ]
    assert read_csv(written(rows)) == [[cell.replace("\r\n", "\n") for cell in row] for row in rows]


def test_blank_lines_keep_their_place() -> None:
    assert read_csv("a,b\n\n1,2\n") == [["a", "b"], [], ["1", "2"]]


def test_a_stray_quote_does_not_swallow_the_rows_below_it() -> None:
    lines = [f"{n},Mei,+6591234567,Cleaning" for n in range(2000)]
    lines[9] = '9,"Mei,+6591234567,Cleaning'
    rows = read_csv("id,name,phone,service\n" + "\n".join(lines))
    assert len(rows) == 2001
    assert rows[10] == ["9", '"Mei', "+6591234567", "Cleaning"]
    assert rows[2000] == ["1999", "Mei", "+6591234567", "Cleaning"]


@pytest.mark.parametrize("second", ['Lee",d,e', 'c,d,Lee"', 'c,"Lee",e', '"Lee",d,e', 'c,"Lee,e'])
def test_two_stray_quotes_do_not_make_a_cell_of_the_rows_between(second: str) -> None:
    rows = read_csv(f'a,b,c\n"Tan,1,2\n3,4,5\n{second}\n6,7,8\n')
    assert len(rows) == 5
    assert rows[1] == ['"Tan', "1", "2"]
    assert rows[2] == ["3", "4", "5"]
    assert rows[4] == ["6", "7", "8"]
    assert all(len(row) == 3 for row in rows)


def test_a_quote_inside_a_cell_is_an_ordinary_character() -> None:
    assert read_csv('a,b\n5" frame,O\'"Neil"\n1,2\n') == [["a", "b"], ['5" frame', 'O\'"Neil"'], ["1", "2"]]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00\ufeff"), max_size=6)


@given(st.lists(st.lists(cells.filter(str.strip), min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_a_csv_writer_wrote_without_line_breaks_comes_back(rows: list[list[str]]) -> None:
    plain = [["a", "b", "c"], *([cell.replace("\n", " ") for cell in row] for row in rows)]
    assert read_csv(written(plain)) == plain


@given(st.one_of(st.binary(max_size=80), st.text(max_size=80), st.text(alphabet='",;\n a', max_size=60)))
def test_any_file_becomes_cells(source: bytes | str) -> None:
    assert isinstance(read_csv(source), list)


@given(st.integers(0, 9), st.integers(0, 30))
def test_wherever_a_stray_quote_stands_all_other_rows_are_whole(row: int, place: int) -> None:
    lines = [f"{n},Mei Tan,+6591234567,Cleaning" for n in range(10)]
    lines[row] = lines[row][:place] + '"' + lines[row][place:]
    rows = read_csv("id,name,phone,service\n" + "\n".join(lines))
    assert len(rows) == 11
    assert [r for n, r in enumerate(rows[1:]) if n != row] == [
        [str(n), "Mei Tan", "+6591234567", "Cleaning"] for n in range(10) if n != row
    ]
