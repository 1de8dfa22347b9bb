"""Put a new row into the sheet once, whatever is lost on the way: the id is looked up first, and what landed twice
is blanked again (DESIGN §8).

Google has no append that can be repeated. Two runs, or a request that lands after it was given up, can make a second
row; one that is identical to the first says nothing of its own, so that it may go.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.misplaced import Cells, cell
from chalicelib.domain.sheet import Row, Table, read_table
from chalicelib.errors import UpstreamError
from chalicelib.ports import Sheet
from chalicelib.usecases.add_columns import OURS, add_columns
from chalicelib.usecases.marked_write import known_columns, marked_write

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of it: whether this call wrote it, the values that no column is there for, and how many identical
    rows were taken away again."""

    wrote: bool
    unplaced: tuple[str, ...] = ()
    removed: int = 0


def append_row(sheet: Sheet, cells: Mapping[str, str]) -> Appended:
    """Have exactly one row of `cells["appt_id"]`; `cells` maps canonical columns (DESIGN §4.1) to texts.

    Missing `appt_id` and `status` columns are added; any other value whose column the sheet lacks is left out and
    named. A row that has the id already is left as it is. Safe to repeat, not at once: after an UpstreamError the row
    may be on its way. Raises NotTheSheet and UpstreamError.
    """
    now = add_columns(sheet, sheet.read(), OURS)
    table = read_table(now)
    places = {table.columns[column]: text for column, text in cells.items() if text and column in table.columns}
    unplaced = tuple(column for column, text in cells.items() if text and column not in table.columns)
    wrote = not _rows_of(table, cells["appt_id"])
    if wrote:
        sheet.append(places)
        now = sheet.read()
        table = read_table(now)
    rows = _rows_of(table, cells["appt_id"])
    if not rows:
        raise UpstreamError("Google", "the row that was added isn't in the sheet")
    return Appended(wrote, unplaced, _without_twins(sheet, now, table, rows))


def _rows_of(table: Table, appt_id: str) -> list[Row]:
    return [row for row in table.rows if table.get(row, "appt_id").strip() == appt_id]


def _without_twins(sheet: Sheet, now: Cells, table: Table, rows: list[Row]) -> int:
    """Blank the rows that say the same as the topmost, through marks: a blank row is none, and a deletion by number
    could hit another. Returns how many. Every run keeps the topmost, so that two can't blank each other's."""
    known = known_columns(table)
    first, *others = rows
    twins = [row for row in others if table.values(row) == table.values(first)]
    if not twins:
        return 0
    writes = {row.line: {at: "" for at in known if cell(row.cells, at)} for row in twins}
    after = read_table(marked_write(sheet, now, writes, known))
    left = len(_rows_of(after, table.get(first, "appt_id").strip()))
    log.warning("identical rows were blanked", extra={"rows": len(rows) - left})
    return len(rows) - left
