"""The shop's sheet as rows of known columns, whatever it calls them (DESIGN §4.1).

The door to all reading of rows: what a cell means is read in the modules named here, and taken from here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from chalicelib.domain.cell_text import one_line, quoted, trimmed
from chalicelib.domain.dates import read_start
from chalicelib.domain.respell import respell_date, respell_time
from chalicelib.domain.row import read_row
from chalicelib.domain.status import read_status
from chalicelib.domain.terms import Terms
from chalicelib.errors import NotTheSheet

__all__ = [
    "COLUMNS",
    "Row",
    "Table",
    "Terms",
    "read_row",
    "read_start",
    "read_status",
    "read_table",
    "respell_date",
    "respell_time",
]

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "appt_id": ("id", "appointment id", "booking id", "ref"),
    "customer": ("customer name", "client", "client name", "patient", "patient name", "guest", "full name", "name"),
    "phone": (
        "phone number", "mobile", "mobile number", "mobile phone", "cell", "cell phone", "tel", "telephone",
        "telephone number", "contact number",
    ),
    "email": ("e-mail", "email address", "mail"),
    "service": ("service name", "treatment", "appointment type", "type"),
    "staff": (
        "staff member", "with", "provider", "therapist", "stylist", "stylist name", "dentist", "technician",
        "technician name",
    ),
    "date": ("appointment date", "appt date", "booking date", "day"),
    "time": ("appointment time", "booking time", "start time", "start"),
    "status": ("booking status", "appointment status"),
    "link": ("booking link", "url"),
    "reminders": (),
    "language": (),
    "channel": (),
    "minutes": (),
}  # fmt: skip
COLUMNS = tuple(_ALIASES)
"""The canonical columns, in DESIGN §4.1's order."""

RESERVED = ("start", "first_seen", "since", "stands", "line")
"""Columns that the mirror adds; a sheet's own column of that name is kept under another."""

_REQUIRED = ("customer", "service", "date", "time")

MOST_ROWS = 150_000
"""Rows below the header that are taken: what a sync of 256 MB and 30 seconds can hold and settle."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header. `line` is the sheet's row number; trailing blank cells may be missing."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The sheet with its columns found. `columns` says where a canonical column is read first, and written."""

    header: tuple[str, ...]
    columns: Mapping[str, int]
    rows: tuple[Row, ...]
    sources: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # all columns of one meaning, first first
    others: Mapping[str, int] = field(default_factory=dict)  # what isn't read first for anything, by a unique name

    def get(self, row: Row, column: str) -> str:
        """The trimmed text of a canonical column; where that cell is blank, of the next column that means the same.
        "" if the sheet has none."""
        for index in self.sources.get(column, ()):
            text = trimmed(row.cells[index]) if index < len(row.cells) else ""
            if text:
                return text
        return ""

    def values(self, row: Row) -> dict[str, str]:
        """All of a row: the canonical columns trimmed, the others as they are."""
        values = {column: self.get(row, column) for column in COLUMNS}
        for name, index in self.others.items():
            values[name] = row.cells[index] if index < len(row.cells) else ""
        return values


def read_table(cells: Sequence[Sequence[str]]) -> Table:
    """Find the columns by their headers, without regard to case, spaces, punctuation or order.

    Rows that are blank in every known column are left out, and so is the header where it is repeated. Raises
    NotTheSheet if customer, service, date, time, or both phone and email are missing from the first row, and for more
    than `MOST_ROWS` rows: part of a sheet would look as if the other visits were gone.
    """
    if not any(trimmed(text) for row in cells for text in row):
        raise NotTheSheet("the sheet is empty")
    header = tuple(cells[0])
    if "<html" in "".join(header).casefold() or "<!doctype" in "".join(header).casefold():
        raise NotTheSheet("this is a web page, perhaps a login page, not the appointment sheet")
    if len(cells) - 1 > MOST_ROWS:
        raise NotTheSheet(
            f"it has more than {MOST_ROWS:,} rows, which is more than can be read; past visits can be moved into "
            "another file"
        )
    sources = _find_columns(header)
    _must_have(sources, header)
    columns = {column: indexes[0] for column, indexes in sources.items()}
    table = Table(header, columns, (), sources, _name_others(header, set(columns.values())))
    known = [index for indexes in sources.values() for index in indexes]
    rows = tuple(
        Row(line, tuple(row))
        for line, row in enumerate(cells[1:], 2)
        if any(index < len(row) and trimmed(row[index]) for index in known) and not _is_header_again(row, header, known)
    )
    return Table(table.header, table.columns, rows, table.sources, table.others)


@lru_cache(maxsize=16)
def _find_columns(header: tuple[str, ...]) -> Mapping[str, tuple[int, ...]]:
    """Canonical column -> its columns, best name first; of two with one name the left one."""
    places: dict[str, list[int]] = {}
    for index, text in enumerate(header):
        places.setdefault(_folded(text), []).append(index)
    found = {
        column: tuple(index for name in (column, *aliases) for index in places.get(_folded(name), ()))
        for column, aliases in _ALIASES.items()
    }
    # `email` and `e-mail` fold to one name: each column counts once.
    return {column: tuple(dict.fromkeys(indexes)) for column, indexes in found.items() if indexes}


def _must_have(sources: Mapping[str, object], header: Sequence[str]) -> None:
    missing = [column for column in _REQUIRED if column not in sources]
    if "phone" not in sources and "email" not in sources:
        missing.append("phone or email")
    if missing:
        shown = ", ".join(quoted(text) for text in header[:12] if trimmed(text)) or "nothing"
        raise NotTheSheet(f"its first row has no column for {', '.join(missing)}; it has {shown}")


def _name_others(header: Sequence[str], taken: set[int]) -> dict[str, int]:
    """Every column that isn't read first for something, by its header made unique."""
    names: dict[str, int] = {}
    for index, text in enumerate(header):
        if index in taken:
            continue
        base = one_line(text) or f"column {index + 1}"
        name, count = base, 1
        while name in names or name in COLUMNS or name in RESERVED:
            count += 1
            name = f"{base} ({count})"
        names[name] = index
    return names


def _is_header_again(row: Sequence[str], header: Sequence[str], known: Sequence[int]) -> bool:
    return all(index < len(row) and _folded(row[index][:100]) == _folded(header[index][:100]) for index in known)


@lru_cache(maxsize=1024)
def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
