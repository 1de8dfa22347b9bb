"""What a write hit instead of its row, and what stood there before.

A mark on a row of a sheet follows inserts and deletes but not sorts, so a sort in the split second between the look
through a mark and the write through it puts our text on somebody else's row (DESIGN §4.1). The write answers with
the row that it hit; here it is told which row that was, and what must be put back. Columns may have moved too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Row = Sequence[str]
Cells = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A row that shows our text by mistake. Columns are those of the sheet as it is now."""

    shows: Mapping[int, str]  # enough of its cells to find it by, with our text in them
    restore: Mapping[int, str]  # what our text covered


def cell(row: Row, column: int) -> str:
    """One cell's text, trimmed; a row ends where its blanks begin."""
    return row[column].strip() if column < len(row) else ""


def raw(row: Row, column: int) -> str:
    """One cell as it stands."""
    return row[column] if column < len(row) else ""


def same(one: Row, other: Row, columns: Collection[int]) -> bool:
    """Whether two rows agree in these columns."""
    return all(cell(one, column) == cell(other, column) for column in columns)


def with_cells(row: Row, texts: Mapping[int, str]) -> list[str]:
    """A row with some of its cells replaced."""
    width = max(len(row), max(texts, default=-1) + 1)
    return [texts.get(column, raw(row, column)) for column in range(width)]


def misplaced(
    before: Cells, after: Cells, line: int, texts: Mapping[int, str], hit: Row, known: Collection[int]
) -> Misplaced | None:
    """What is wrong with a row that was hit when `texts` were to go to `line`; None if nothing is.

    `before` and `after` are the whole sheet, header first; `hit` is the row right after the write; `known` are the
    columns (of `before`) that tell rows apart. None too if nobody can tell what the row was.
    """
    moved = _moved_columns(before[0], after[0])
    meant = same(hit, with_cells(before[line - 1], texts), known)
    if meant and all(moved.get(column) == column for column in texts):
        return None
    compared = {old: new for old, new in moved.items() if old in known and new not in texts}
    original = _original(before, after, hit, texts, compared, moved)
    if original is None:
        return None
    back = {new: old for old, new in moved.items()}
    restore = {column: raw(original, back[column]) if column in back else "" for column in texts}
    shows = {new: cell(hit, new) for new in compared.values()} | {column: cell(hit, column) for column in texts}
    if all(text.strip() == shows[column] for column, text in restore.items()):
        return None
    return Misplaced(shows, restore)


def find(cells: Cells, shows: Mapping[int, str]) -> int | None:
    """The line of the first row below the header that shows these texts."""
    for number, row in enumerate(cells[1:], start=2):
        if all(cell(row, column) == text.strip() for column, text in shows.items()):
            return number
    return None


def _moved_columns(old: Row, new: Row) -> dict[int, int]:
    """Where each headed column is now; of two with one header the first goes with the first."""
    places: dict[str, list[int]] = {}
    for column in range(len(new)):
        places.setdefault(cell(new, column), []).append(column)
    moved = {}
    for column in range(len(old)):
        header = cell(old, column)
        if header and places.get(header):
            moved[column] = places[header].pop(0)
    return moved


def _original(
    before: Cells,
    after: Cells,
    hit: Row,
    texts: Mapping[int, str],
    compared: Mapping[int, int],
    moved: Mapping[int, int],
) -> Row | None:
    """The row of `before` that was hit: the same in every compared column, and no longer there as it was."""

    def alike(row: Row, columns: Collection[int]) -> bool:
        return all(cell(row, column) == cell(hit, new) for column, new in zip(columns, compared.values(), strict=True))

    def told(row: Row, columns: Collection[int]) -> tuple[str, ...]:
        return tuple(cell(row, column) for column in columns)

    covered = {old: new for old, new in moved.items() if new in texts}
    untouched = [
        told(row, covered.values())
        for row in after[1:]
        if alike(row, compared.values()) and not same(row, hit, texts.keys())
    ]
    for row in before[1:]:
        if any(row) and alike(row, compared.keys()):
            values = told(row, covered.keys())
            if values not in untouched:
                return row
            untouched.remove(values)
    return None
