"""What a write hit instead of its row, and what stood there before.

A mark on a row of a sheet follows inserts and deletes but not sorts, so a sort in the split second between the look
through a mark and the write through it puts our text on somebody else's row (DESIGN §4.1). The write answers with
the row that it hit; here it is told which row that was, and what must be put back. Columns may have moved too,
before the write or after it: headers say where to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Row = Sequence[str]
Cells = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A row that shows our text by mistake. Columns are those of the sheet that it was found in."""

    shows: Mapping[int, str]  # enough of its cells to find it by, with our text in them
    restore: Mapping[int, str]  # what our text covered

    def carried(self, old: Row, new: Row) -> Misplaced:
        """The same under another header row; a column that is gone is no longer looked at."""
        moved = moved_columns(old, new)
        return Misplaced(
            {moved[column]: text for column, text in self.shows.items() if column in moved},
            {moved[column]: text for column, text in self.restore.items() if column in moved},
        )


def cell(row: Row, column: int) -> str:
    """One cell's text, trimmed; a row ends where its blanks begin."""
    return row[column].strip() if column < len(row) else ""


def same(one: Row, other: Row, columns: Collection[int]) -> bool:
    """Whether two rows agree in these columns."""
    return all(cell(one, column) == cell(other, column) for column in columns)


def find(cells: Cells, shows: Mapping[int, str]) -> int | None:
    """The line of the first row below the header that shows these texts."""
    for number, row in enumerate(cells[1:], start=2):
        if all(cell(row, column) == text.strip() for column, text in shows.items()):
            return number
    return None


def moved_columns(old: Row, new: Row) -> dict[int, int]:
    """Where each column is now, by its header; of two with one header the first goes with the first."""
    places: dict[str, list[int]] = {}
    for column in range(len(new)):
        places.setdefault(cell(new, column), []).append(column)
    moved = {}
    for column in range(len(old)):
        if left := places.get(cell(old, column)):
            moved[column] = left.pop(0)
    return moved


def misplaced(
    before: Cells, after: Cells, line: int, texts: Mapping[int, str], hit: Row, known: Collection[int]
) -> Misplaced | None:
    """What is wrong with a row that was hit when `texts` were to go to `line`; None if nothing is.

    `before` and `after` are the whole sheet, header first; `hit` is the row right after the write; `known` are the
    columns (of `before`) that tell rows apart. None too if nobody can tell what the row was.
    """
    expected = [texts.get(n, cell(before[line - 1], n)) for n in range(max((*known, *texts)) + 1)]
    moved = moved_columns(before[0], after[0])
    stayed = {column: column for column in range(max(len(before[0]), len(after[0]), *(c + 1 for c in texts)))}
    # Columns that moved did so after the write or before it: the one that `after` bears out is it.
    for was, now in ((stayed, moved), (moved, stayed)):
        if not all(column in now for column in texts):
            continue
        told = {old: place for old, place in was.items() if old in known and place in now and place not in texts}
        shows = {now[place]: cell(hit, place) for place in (*told.values(), *texts)}
        if find(after, shows) is None:
            continue
        if all(was.get(column) == column for column in texts) and same(hit, expected, known):
            return None
        return _covered(before, after, texts, hit, was, now, told, shows)
    return None


def _covered(
    before: Cells,
    after: Cells,
    texts: Mapping[int, str],
    hit: Row,
    was: Mapping[int, int],
    now: Mapping[int, int],
    told: Mapping[int, int],
    shows: Mapping[int, str],
) -> Misplaced | None:
    """What the texts covered. `was` leads from the columns of `before` to those of `hit`, `now` on to `after`;
    `told` are the columns of `was` that tell rows apart and were not written."""
    written = {old: place for old, place in was.items() if place in texts}

    def alike(row: Row, columns: Mapping[int, int]) -> bool:
        return all(cell(row, column) == cell(hit, place) for column, place in columns.items())

    told_now = {now[place]: place for place in told.values()}
    untouched = [
        tuple(cell(row, now[place]) for place in written.values())
        for row in after[1:]
        if alike(row, told_now) and not all(cell(row, now[column]) == cell(hit, column) for column in texts)
    ]
    if not any(cell(hit, place) for place in told.values()):  # a blank row, perhaps only just inserted
        return Misplaced(shows, dict.fromkeys((now[column] for column in texts), ""))
    for row in before[1:]:
        if not alike(row, told):
            continue
        values = tuple(cell(row, old) for old in written)
        if values in untouched:
            untouched.remove(values)
            continue
        restore = dict.fromkeys((now[column] for column in texts), "")
        restore |= {now[place]: row[old] if old < len(row) else "" for old, place in written.items()}
        changed = any(text.strip() != shows[column] for column, text in restore.items())
        return Misplaced(shows, restore) if changed else None
    return None
