"""An earlier mirror that was put back by hand stays until people change the sheet (docs/operations.md, restore).

Without this the next sync would read the very sheet that was wrong. What the system itself writes into the sheet
meanwhile, answers that come in, is no change: rows are compared, and those with an answer since are left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from chalicelib.domain.sheet import Table, read_table
from chalicelib.errors import NotTheSheet
from chalicelib.runtime import Runtime
from chalicelib.usecases.sync_state import Restored, digest


class Hold(Enum):
    """What becomes of the hold."""

    STAYS = "stays"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Looked:
    """A look at the sheet while it is held: the hold as it is now, and the cells if they were read."""

    hold: Hold
    restored: Restored
    cells: list[list[str]] = field(default_factory=list)


def row_marks(table: Table) -> dict[str, str]:
    """What each row says, shortened, by its id: sorting the sheet changes nothing. Rows without an id are themselves.

    Rows that share an id are taken together.
    """
    marks: dict[str, str] = {}
    for row in table.rows:
        values = table.values(row)
        mark = digest(json.dumps(values, sort_keys=True))
        name = values["appt_id"].strip() or f"?{mark}"
        marks[name] = mark if name not in marks else digest(marks[name] + mark)
    return marks


def look_at_held_sheet(rt: Runtime, restored: Restored, modified: str, edited: Collection[str]) -> Looked:
    """Whether people changed the sheet since the mirror was put back. `edited` are the ids that we have edits for.

    Costs no read while Drive says that nothing changed. What isn't the sheet says nothing: the hold stays. Raises
    UpstreamError, StoreError.
    """
    if modified == restored.modified:
        return Looked(Hold.STAYS, restored)
    cells = rt.sheet.read()
    try:
        marks = row_marks(read_table(cells))
    except NotTheSheet:
        return Looked(Hold.STAYS, restored, cells)
    changed = {name for name in marks.keys() | restored.rows.keys() if marks.get(name) != restored.rows.get(name)}
    if changed - set(edited) - _answered(rt, restored, changed):
        return Looked(Hold.OVER, restored, cells)
    return Looked(Hold.STAYS, Restored(modified, restored.mirror, restored.at, restored.replaced, marks))


def _answered(rt: Runtime, restored: Restored, changed: Collection[str]) -> set[str]:
    """Those of the rows that were answered since, and so written by us."""
    since = datetime.fromisoformat(restored.at)
    return {
        appt_id
        for appt_id, standing in rt.store.standings(changed).items()
        if standing.answered_at is not None and standing.answered_at >= since
    }
