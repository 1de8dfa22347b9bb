"""The mirrored sheet: what the sync wrote, read back by everything that decides.

One object holds all there is to a row, so that an earlier version put back is whole. Its dates are parsed already:
`start` is an ISO instant in UTC, so that a tick finds its candidates by comparing strings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain

from chalicelib.domain.appointment import RowReading, Window
from chalicelib.domain.events import iso
from chalicelib.domain.rules import parse_windows
from chalicelib.domain.sheet import COLUMNS, RESERVED, read_row
from chalicelib.domain.terms import Terms
from chalicelib.errors import NotTheSheet

_SLICE = 1 << 18  # characters


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """One row of the mirror. `values` has the canonical columns and the sheet's other ones, all as text.

    `start` is None for a row that isn't acted on: its date can't be read, or its id doesn't count. `since` is the
    latest sync that took a changed service or `reminders` cell; `line` is the sheet's row number. `stands` is the
    customer's own start while the sheet shows another one and staff have been asked: the tick must find it there.
    """

    values: Mapping[str, str]
    start: datetime | None
    first_seen: datetime | None
    since: datetime | None
    line: int
    stands: datetime | None = None

    @property
    def appt_id(self) -> str:
        """What everything is keyed on, trimmed."""
        return self.values.get("appt_id", "").strip()


def write_mirror(others: Sequence[str], rows: Iterable[MirrorRow]) -> str:
    """The mirror's text: known columns, the sheet's `others`, then our own. The same rows give the same text.

    Cells are stored as they are: it is our own file, opened by no spreadsheet.
    """
    names = (*COLUMNS, *(name for name in others if name not in COLUMNS and name not in RESERVED))
    out = io.StringIO(newline="")
    # CRLF, because the writer quotes a lone CR or LF in a cell only if it ends lines with both.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*names, *RESERVED))
    for row in rows:
        texts = [row.values.get(name, "") for name in names]
        writer.writerow((*texts, *map(_text, (row.start, row.first_seen, row.since, row.stands)), row.line))
    return out.getvalue()


def read_mirror(text: str) -> list[MirrorRow]:
    """All rows. Raises NotTheSheet for a text that `write_mirror` didn't write."""
    reader = _reader(text)
    header = _header(reader)
    return [_row(header, cells) for cells in reader if cells]


def candidates(text: str, begin: datetime, end: datetime, also: Collection[str] = ()) -> Iterator[MirrorRow]:
    """The rows that start (or stand) from `begin` to `end`, both included, and those of the ids in `also` that have a
    start.

    Costs little more than reading the lines, whatever their number: only rows that qualify become values.
    """
    reader = _reader(text)
    header = _header(reader)
    at, own, other = header.index("start"), header.index("appt_id"), header.index("stands")
    first, last, wanted = iso(begin), iso(end), frozenset(also)
    for cells in reader:
        if len(cells) <= other or not (start := cells[at]):
            continue
        stands = cells[other]
        if first <= start <= last or (stands and first <= stands <= last) or (wanted and cells[own].strip() in wanted):
            yield _row(header, cells)


def find_row(text: str, appt_id: str) -> MirrorRow | None:
    """The row of an id; None if there is none that may be acted on."""
    if not appt_id or appt_id.replace('"', '""') not in text:  # as the file writes it
        return None
    reader = _reader(text)
    header = _header(reader)
    at, own = header.index("start"), header.index("appt_id")
    rows = chain(_rows_beginning(text, appt_id), reader) if own == 0 else reader
    return next(
        (_row(header, cells) for cells in rows if len(cells) > at and cells[at] and cells[own].strip() == appt_id),
        None,
    )


def _rows_beginning(text: str, appt_id: str) -> Iterator[list[str]]:
    """The rows whose first cell is plainly this id, found without reading those above.

    A cell may hold a line that looks like a row; outside of all cells the quotes before it are even in number.
    """
    at = text.find(f"\r\n{appt_id},")
    while at >= 0:
        if text.count('"', 0, at) % 2 == 0:
            yield next(csv.reader(_lines(text, at + 2)))
        at = text.find(f"\r\n{appt_id},", at + 2)


@lru_cache(maxsize=2)
def widest_own(text: str) -> Window:
    """The widest window (minutes) that any row's own `reminders` cell names; 0 if none does."""
    reader = _reader(text)
    at = _header(reader).index("reminders")
    return max((_widest(cell) for cell in {cells[at] for cells in reader if len(cells) > at}), default=0)


def _widest(cell: str) -> Window:
    try:
        return max(parse_windows(cell), default=0) if cell.strip() else 0
    except ValueError:
        return 0


def appointment_of(row: MirrorRow, terms: Terms) -> RowReading:
    """The row as an appointment at its mirrored start, and every problem of it but the date's."""
    return read_row(row.values, row.line, row.start, terms)


def _reader(text: str) -> Iterator[list[str]]:
    return csv.reader(_lines(text, 0))


def _lines(text: str, begin: int) -> Iterator[str]:
    """The lines from `begin` on, with their ends, a slice at a time: a whole copy of a large text weighs as much again.

    A slice ends where a line does, so that none is cut.
    """
    while begin < len(text):
        end = text.find("\r\n", begin + _SLICE) + 2
        end = end if end >= 2 else len(text)
        yield from io.StringIO(text[begin:end], newline="")
        begin = end


def _header(reader: Iterator[list[str]]) -> list[str]:
    header = next(reader, [])
    missing = [name for name in ("appt_id", "reminders", *RESERVED) if name not in header]
    if missing:
        raise NotTheSheet(f"the mirrored sheet has no column {', '.join(missing)}")
    return header


def _row(header: Sequence[str], cells: Sequence[str]) -> MirrorRow:
    values = dict(zip(header, cells, strict=False))
    start, first_seen, since, stands, line = (values.pop(name, "") for name in RESERVED)
    return MirrorRow(values, _instant(start), _instant(first_seen), _instant(since), int(line or 0), _instant(stands))


def _text(instant: datetime | None) -> str:
    return "" if instant is None else iso(instant)


@lru_cache(maxsize=4096)  # most instants of a mirror are in its next version too
def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
