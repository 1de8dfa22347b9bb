"""A sheet's cells and marks as Google keeps them: marks follow inserts and deletes, a sort moves values only.

Pure; `google_sheets.py` speaks the Sheets API on it, and so does the tests' fake of the `Sheet` port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

MIN_ROWS = 1000
MIN_COLUMNS = 26


@dataclass
class Grid:
    """One sheet. Lines count from 1, columns from 0. `rows` are ragged; what isn't there is blank."""

    rows: list[list[str]] = field(default_factory=list)
    marks: dict[int, int] = field(default_factory=dict)  # metadata id -> line
    column_count: int = MIN_COLUMNS
    row_count: int = MIN_ROWS
    last_mark: int = 100  # an id is never used twice

    def __post_init__(self) -> None:
        self._fit()

    def copy(self) -> Grid:
        """A copy to change and then take or leave, whole."""
        return deepcopy(self)

    def values(self) -> list[list[str]]:
        """All cells, trailing blanks of each row and trailing blank rows left out, as the Sheets API does."""
        values = [self.row(line) for line in range(1, len(self.rows) + 1)]
        while values and not values[-1]:
            values.pop()
        return values

    def row(self, line: int) -> list[str]:
        """One row without its trailing blanks."""
        cells = list(self.rows[line - 1]) if line <= len(self.rows) else []
        while cells and cells[-1] == "":
            cells.pop()
        return cells

    def set_cell(self, line: int, column: int, text: str) -> None:
        """Write one cell, making room for it."""
        while len(self.rows) < line:
            self.rows.append([])
        cells = self.rows[line - 1]
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = text
        self._fit()

    def write(self, line: int, cells: Mapping[int, str]) -> None:
        """Write some cells of a row."""
        for column, text in cells.items():
            self.set_cell(line, column, text)

    def insert_row(self, line: int, cells: Sequence[str] = ()) -> None:
        """Push this line and those below it down; marks go with their rows."""
        while len(self.rows) < line - 1:
            self.rows.append([])
        self.rows.insert(line - 1, list(cells))
        self.marks = {mark: at + (at >= line) for mark, at in self.marks.items()}
        self.row_count += 1
        self._fit()

    def append_row(self, cells: Sequence[str]) -> None:
        """Write a row below the last one with anything in it."""
        self.write(len(self.values()) + 1, dict(enumerate(cells)))

    def delete_row(self, line: int) -> None:
        """Take the row away, and its marks."""
        if line <= len(self.rows):
            del self.rows[line - 1]
        self.marks = {mark: at - (at > line) for mark, at in self.marks.items() if at != line}
        self.row_count -= 1

    def sort_rows(self, key: Callable[[Sequence[str]], object], reverse: bool = False, first: int = 2) -> None:
        """Sort the values from line `first` down; marks stay where they are."""
        self.rows[first - 1 :] = sorted(self.rows[first - 1 :], key=key, reverse=reverse)  # type: ignore[arg-type]

    def paste(self, rows: Iterable[Iterable[str]]) -> None:
        """Replace every value, as somebody does who pastes an export over the sheet."""
        self.rows = [list(cells) for cells in rows]
        self._fit()

    def insert_columns(self, at: int, count: int = 1) -> None:
        """Push this column and those right of it to the right."""
        for cells in self.rows:
            if len(cells) > at:
                cells[at:at] = [""] * count
        self.column_count += count

    def delete_column(self, at: int) -> None:
        """Take a column away."""
        for cells in self.rows:
            if len(cells) > at:
                del cells[at]
        self.column_count -= 1

    def mark(self, line: int) -> int:
        """Attach a mark to a line; returns its id."""
        self.last_mark += 1
        self.marks[self.last_mark] = line
        return self.last_mark

    def _fit(self) -> None:
        self.row_count = max(self.row_count, len(self.rows))
        self.column_count = max(self.column_count, max((len(cells) for cells in self.rows), default=0))
