"""Write what a reply changed into its own row of the sheet, and into no other, whatever people do to it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from chalicelib.domain.misplaced import cell
from chalicelib.domain.sheet import Row, Table, read_table
from chalicelib.errors import UpstreamError
from chalicelib.ports import Sheet
from chalicelib.usecases.add_columns import add_columns
from chalicelib.usecases.marked_write import known_columns, marked_write

ATTEMPTS: Final = 4


class Edit(StrEnum):
    """What became of an edit."""

    WRITTEN = "written"  # the row shows the cells, and did not before
    ALREADY = "already"  # the row shows the cells as it is; nothing was written
    DIFFERS = "differs"  # the cells show neither what the reply saw nor what it wants: staff are to be asked
    GONE = "gone"  # no row has this id
    DOUBLED = "doubled"  # several rows have it: none is acted on


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What became of it, and what the row's cells showed (by canonical column) when it was looked at last."""

    edit: Edit
    seen: Mapping[str, str] = field(default_factory=dict)


def edit_row(sheet: Sheet, appt_id: str, cells: Mapping[str, str], expect: Mapping[str, str]) -> EditOutcome:
    """Make the row of `appt_id` (compared exactly, trimmed) show `cells`, if it still shows `expect`.

    Both map canonical columns (DESIGN §4.1) to texts. A cell agrees if it shows what is expected of it or what is
    wanted there, without regard to case; a missing column is added and counts as blank. Safe to repeat. Raises
    NotTheSheet, and UpstreamError: then the cells may have been written, and trying again finds out.
    """
    now = sheet.read()
    wrote = False
    for attempt in range(ATTEMPTS + 1):
        now = [list(row) for row in add_columns(sheet, now, cells)]
        table = read_table(now)
        rows = [row for row in table.rows if table.get(row, "appt_id").strip() == appt_id]
        if len(rows) != 1:
            return EditOutcome(Edit.DOUBLED if rows else Edit.GONE)
        row = rows[0]
        seen = {column: table.get(row, column).strip() for column in {**expect, **cells}}
        if all(seen[column] == text.strip() for column, text in cells.items()):
            return EditOutcome(Edit.WRITTEN if wrote else Edit.ALREADY, seen)
        if not _agrees(seen, cells, expect):
            return EditOutcome(Edit.DIFFERS, seen)
        if attempt == ATTEMPTS:
            break
        wrote = True
        now = marked_write(sheet, now, {row.line: _places(table, row, cells)}, known_columns(table))
    raise UpstreamError("Google", "the row was moved each time that it was to be written")


def _agrees(seen: Mapping[str, str], cells: Mapping[str, str], expect: Mapping[str, str]) -> bool:
    """Whether every expected cell shows what the reply saw, or already what is wanted there."""
    return all(
        seen[column].casefold() in (text.strip().casefold(), cells.get(column, text).strip().casefold())
        for column, text in expect.items()
    )


def _places(table: Table, row: Row, cells: Mapping[str, str]) -> dict[int, str]:
    """The cells by the sheet's own columns. Blanking blanks every column of that meaning, else another shows."""
    places = {table.columns[column]: text for column, text in cells.items()}
    for column, text in cells.items():
        if not text.strip():
            places |= {index: "" for index in table.sources[column] if cell(row.cells, index)}
    return places
