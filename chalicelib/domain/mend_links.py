"""Where staff mend what they are told of: the row of the sheet, or the doc. Addresses are Google's own."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.work import Link

MOST = 5
"""Links under one message."""


def sheet_rows(sheet_id: str, lines: Iterable[int]) -> tuple[Link, ...]:
    """A link to each of these rows, the first few."""
    rows = sorted(set(lines))[:MOST]
    return tuple(Link(f"Row {line}", f"{_sheet(sheet_id)}#range=A{line}") for line in rows)


def sheet(sheet_id: str) -> tuple[Link, ...]:
    """A link to the sheet."""
    return (Link("The sheet", _sheet(sheet_id)),)


def doc(name: str, doc_id: str) -> tuple[Link, ...]:
    """A link to the rules or the voice doc."""
    return (Link(f"The {name} doc", f"https://docs.google.com/document/d/{doc_id}/edit"),)


def _sheet(sheet_id: str) -> str:
    return f"https://docs.google.com/spreadsheets/d/{sheet_id}/edit"
