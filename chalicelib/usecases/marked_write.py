"""The safe way to write into a sheet that people insert into, delete from and sort meanwhile.

Sheets has no conditional write. So: mark the rows, read them back through their marks, write through them, look at
the rows that were hit, read the whole sheet again, and put back what landed on another row (DESIGN §4.1). Whoever
calls this decides from the sheet that it returns whether the text is where it belongs.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from chalicelib.domain.misplaced import Cells, Misplaced, find, misplaced, same
from chalicelib.domain.sheet import Table
from chalicelib.errors import UpstreamError
from chalicelib.ports import Sheet

log = logging.getLogger(__name__)

ROUNDS: Final = 6
"""How often what landed on a wrong row is put back before it is given up; each needs another sort in between."""


def known_columns(table: Table) -> frozenset[int]:
    """The columns whose cells say which row a row is. Others may hold formulas that never stand still."""
    return frozenset(index for columns in table.sources.values() for index in columns)


def marked_write(
    sheet: Sheet, before: Cells, writes: Mapping[int, Mapping[int, str]], known: Collection[int]
) -> list[list[str]]:
    """Write cells (line -> column -> text) of the rows as `before` shows them; returns the sheet afterwards.

    `known` are the columns that tell rows apart. A row that no longer is what `before` shows is not written. A text
    that landed on another row is taken back there. Raises UpstreamError; then the writes may have happened.
    """
    hits = _write(sheet, before, writes, known)
    after = sheet.read()
    strays = _strays(before, after, writes, hits, known)
    for _ in range(ROUNDS):
        repairs = {line: stray.restore for stray in strays if (line := find(after, stray.shows)) is not None}
        if not repairs:
            return after
        hits = _write(sheet, after, repairs, known)
        before, after = after, sheet.read()
        if not after:
            return after
        # One that isn't found is mended, or was hit again: then it is found once the newer one is mended.
        carried = (stray.carried(before[0], after[0]) for stray in strays)
        strays = [stray for stray in carried if stray.restore]
        strays += _strays(before, after, repairs, hits, known)
    if any(find(after, stray.shows) for stray in strays):
        log.error("a sheet that keeps being sorted shows our text on other rows")
    return after


def _write(
    sheet: Sheet, before: Cells, writes: Mapping[int, Mapping[int, str]], known: Collection[int]
) -> dict[int, list[str]]:
    """Mark, look, write, unmark: line -> the row that was hit."""
    lines = list(writes)
    marks = sheet.mark(lines)
    try:
        seen = sheet.read_marked(marks)
        ready = {
            mark: line
            for mark, line, row in zip(marks, lines, seen, strict=True)
            if row is not None and same(row, before[line - 1], known)
        }
        if not ready:
            return {}
        hits = sheet.write_marked({mark: writes[line] for mark, line in ready.items()})
        return {ready[mark]: row for mark, row in hits.items()}
    finally:
        _unmark(sheet, marks)


def _unmark(sheet: Sheet, marks: Sequence[str]) -> None:
    """A mark left behind does no harm, so that it must not hide what became of the write."""
    try:
        sheet.unmark(marks)
    except UpstreamError as exc:
        log.warning("marks were left on the sheet", extra={"marks": len(marks), "reason": exc.reason})


def _strays(
    before: Cells,
    after: Cells,
    writes: Mapping[int, Mapping[int, str]],
    hits: Mapping[int, Sequence[str]],
    known: Collection[int],
) -> list[Misplaced]:
    if not after:
        return []
    found = (misplaced(before, after, line, writes[line], row, known) for line, row in hits.items())
    return [stray for stray in found if stray is not None]
