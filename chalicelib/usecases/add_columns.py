"""Give the sheet the columns that the system writes and the shop's sheet doesn't have (DESIGN §4.1)."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.misplaced import Cells
from chalicelib.domain.sheet import read_table
from chalicelib.ports import Sheet

OURS = ("appt_id", "status")


def add_columns(sheet: Sheet, cells: Cells, wanted: Iterable[str] = OURS) -> Cells:
    """Insert the missing columns right of the last header, once; returns the sheet as it then is.

    Nothing is written, and `cells` come back as they are, if none is missing. Inserting can't cover anybody's cell,
    whoever inserts columns meanwhile. Raises NotTheSheet and UpstreamError.
    """
    table = read_table(cells)
    missing = [column for column in wanted if column not in table.columns]
    if not missing:
        return cells
    header = [text.strip() for text in cells[0]]
    sheet.add_columns(max((n + 1 for n, text in enumerate(header) if text), default=0), missing)
    return sheet.read()
