"""The `first_seen` column of a played CSV: when the system is to have seen a row first.

Rows of the past are put into the mirror as earlier syncs would have left them; rows of the future are typed in when
their minute comes. The column itself is no part of the shop's sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from local.play_files import PlayFileError
from local.world import ShopSetup, World

_HEADER = re.compile(r"[^a-z]")


def split_first_seen(cells: list[list[str]], name: str = "the sheet") -> tuple[list[list[str]], dict[int, datetime]]:
    """The cells without the column, and what it said by row number. Raises PlayFileError for what is no instant."""
    header = cells[0] if cells else []
    columns = [place for place, text in enumerate(header) if _HEADER.sub("", text.lower()) == "firstseen"]
    if not columns:
        return cells, {}
    at = columns[0]
    seen: dict[int, datetime] = {}
    for line, row in enumerate(cells[1:], start=2):
        text = row[at].strip() if at < len(row) else ""
        if not text:
            continue
        try:
            instant = datetime.fromisoformat(text)
            if instant.tzinfo is None:
                raise ValueError
        except ValueError:
            raise PlayFileError(
                f"{name}: line {line}: first_seen {text!r}: expected an instant with its offset, like "
                "2026-11-25T13:25+08:00"
            ) from None
        seen[line] = instant.astimezone(UTC).replace(second=0, microsecond=0)
    return [[*row[:at], *row[at + 1 :]] for row in cells], seen


def seed_mirror(world: World, first_seen: Mapping[int, datetime], shop: ShopSetup, begin: datetime) -> None:
    """Write the mirror that earlier syncs would have left of the rows seen before `begin`."""
    past = {line: at for line, at in first_seen.items() if at < begin}
    if not past:
        return
    from chalicelib.domain.dates import read_start
    from chalicelib.domain.mirror import MirrorRow, write_mirror
    from chalicelib.domain.sheet import read_table
    from chalicelib.ports import Document
    from chalicelib.usecases.shop import Shop

    zone = ZoneInfo(shop.timezone)
    table = read_table(world.google.sheet_rows())
    terms = Shop(world.runtime).terms
    rows = []
    for row in table.rows:
        if row.line not in past:
            continue
        values = table.values(row)
        seen_on = past[row.line].astimezone(zone).date()
        start = read_start(values.get("date", ""), values.get("time", ""), terms, seen_on)
        if isinstance(start, datetime):
            rows.append(MirrorRow(values, start, past[row.line], None, row.line))
    documents = world.runtime.documents
    documents.write(
        Document.APPOINTMENTS, write_mirror(tuple(table.others), rows), documents.read(Document.APPOINTMENTS)
    )
