"""Sorting the sheet as Google does: a column of dates by date, of times by time, everything else as text.

The cells here are texts, so the dates are read as the system reads them. Marks stay where they are, as in a real sort:
only values move.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from local.world import World

_ANY_DAY = "2026-06-01"


def sorted_rows(
    world: World, header: Sequence[str], rows: Sequence[Sequence[str]], column: int, reverse: bool
) -> list[list[str]]:
    """The rows in order; blank cells, and dates that can't be read, come last whichever way it goes."""
    from chalicelib.domain.dates import read_start
    from chalicelib.domain.sheet import read_table
    from chalicelib.errors import NotTheSheet
    from chalicelib.usecases.shop import Shop

    try:
        columns = read_table([list(header)]).columns
    except NotTheSheet:
        columns = {}
    meaning = next((name for name, place in columns.items() if place == column), "")
    terms = Shop(world.runtime).terms
    today = world.clock().astimezone(terms.zone).date()

    def cell(row: Sequence[str], place: int | None) -> str:
        return row[place].strip() if place is not None and place < len(row) else ""

    def key(row: Sequence[str]) -> str | None:
        text = cell(row, column)
        if not text or meaning not in ("date", "time"):
            return text.casefold() or None
        day, hour = (text, cell(row, columns.get("time"))) if meaning == "date" else (_ANY_DAY, text)
        start = read_start(day, hour, terms, today)
        return start.isoformat() if isinstance(start, datetime) else None

    keyed = [(key(row), list(row)) for row in rows]
    known = sorted(((k, row) for k, row in keyed if k is not None), key=lambda pair: pair[0], reverse=reverse)
    return [row for _, row in known] + [row for k, row in keyed if k is None]
