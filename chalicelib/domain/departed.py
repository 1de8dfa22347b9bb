"""Rows that left the sheet, kept for the weekly summary: a booking tool's export drops a visit once it is over.

Without them a shop that pastes its coming bookings every day would have had no visits last week. They lie as the
mirror's rows do, known columns only, with the sync that missed them in `left_at`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.events import iso
from chalicelib.domain.mirror import MirrorRow, read_mirror, write_mirror
from chalicelib.domain.sheet import COLUMNS

LEFT_AT = "left_at"
KEPT = timedelta(days=42)
"""After the visit: the summary looks back five weeks, and may be three days late."""


def with_departed(text: str, gone: Iterable[MirrorRow], now: datetime) -> str:
    """The kept rows' text with those that are gone now; a visit's later leaving replaces its earlier one."""
    kept = {(row.appt_id, row.start): row for row in (read_mirror(text) if text else [])}
    for row in gone:
        if row.appt_id and row.start is not None:
            values = {column: row.values.get(column, "") for column in COLUMNS}
            kept[row.appt_id, row.start] = replace(row, values={**values, LEFT_AT: iso(now)}, line=0)
    rows = (row for row in kept.values() if row.start is not None and row.start >= now - KEPT)
    return write_mirror([LEFT_AT], sorted(rows, key=lambda row: (row.start or now, row.appt_id)))


def read_departed(text: str) -> list[tuple[MirrorRow, datetime]]:
    """The kept rows, each with when it left (UTC). Raises NotTheSheet for a text that isn't of `with_departed`."""
    rows = read_mirror(text) if text else []
    return [(row, datetime.fromisoformat(row.values[LEFT_AT]).astimezone(UTC)) for row in rows]
