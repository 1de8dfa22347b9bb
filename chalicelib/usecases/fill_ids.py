"""Give rows their ids in the sheet, so that an id never lands on another row (DESIGN §4.1, row identity)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final, NamedTuple

from chalicelib.domain.misplaced import Cells
from chalicelib.domain.sheet import Row, read_table
from chalicelib.ports import Sheet
from chalicelib.usecases.add_columns import add_columns
from chalicelib.usecases.marked_write import known_columns, marked_write

log = logging.getLogger(__name__)

BATCH: Final = 500
"""Rows a call. Google keeps at most 30,000 characters of marks on a sheet, and a few hundred calls a minute."""


class Shown(NamedTuple):
    """What a row shows that says whose visit it is: the cells' own texts, trimmed."""

    customer: str
    phone: str
    email: str
    service: str
    date: str
    time: str


def shown(values: Mapping[str, str]) -> Shown:
    """What a row shows, by its canonical columns."""
    return Shown(*(values.get(column, "").strip() for column in Shown._fields))


def fill_ids(sheet: Sheet, wanted: Mapping[int, str], rows: Mapping[int, Shown]) -> dict[int, str]:
    """Write ids (line -> id) into rows that have none; returns the ids that count.

    `rows` says what each line showed when its id was chosen; a line that shows something else by now or has an id, or
    whose id another row has, is left alone. An id counts when, after it was written, exactly one row has it, and
    beside what `rows` says; any other showing of it is cleared. A missing `appt_id` column is added. What doesn't
    count is for the next sync.
    Raises NotTheSheet and UpstreamError; ids that were written before that are in the sheet and were not cleared.
    """
    counted: dict[int, str] = {}
    if not wanted:
        return counted
    now = add_columns(sheet, sheet.read(), ("appt_id",))
    lines = sorted(wanted)
    for begin in range(0, len(lines), BATCH):
        batch = {line: wanted[line] for line in lines[begin : begin + BATCH]}
        now, good = _fill(sheet, now, batch, rows)
        counted |= good
    return counted


def _fill(
    sheet: Sheet, now: Cells, wanted: Mapping[int, str], rows: Mapping[int, Shown]
) -> tuple[Cells, dict[int, str]]:
    table = read_table(now)
    column = table.columns["appt_id"]
    there = {table.get(row, "appt_id") for row in table.rows}
    ready = {
        row.line: {column: wanted[row.line]}
        for row in table.rows
        if row.line in wanted
        and not table.get(row, "appt_id")
        and wanted[row.line] not in there
        and shown(table.values(row)) == rows[row.line]
    }
    if not ready:
        return now, {}
    now = marked_write(sheet, now, ready, known_columns(table))
    table = read_table(now)
    showing: dict[str, list[Row]] = {}
    for row in table.rows:
        showing.setdefault(table.get(row, "appt_id"), []).append(row)
    good: dict[int, str] = {}
    wrong: dict[int, dict[int, str]] = {}
    for line in ready:
        places = showing.get(wanted[line], [])
        if len(places) == 1 and shown(table.values(places[0])) == rows[line]:
            good[line] = wanted[line]
        else:
            wrong |= {row.line: {table.columns["appt_id"]: ""} for row in places}
    if wrong:
        log.warning("ids are cleared from rows that changed meanwhile", extra={"rows": len(wrong)})
        now = marked_write(sheet, now, wrong, known_columns(table))
    return now, good
