"""The sync, played through in memory: what people write becomes the mirror, and what is doubtful is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.mirror import MirrorRow, find_row, read_mirror
from chalicelib.domain.work import WorkKind
from chalicelib.ports import Document
from chalicelib.usecases.sync_drive import SyncReport, sync_drive
from tests.fakes.runtime import FakeRuntime

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # Tuesday 8am in Singapore
HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status"]
RULES = "Dental cleaning: 48 and 2 hours.\nEverything else: 24 hours.\n"


def a_row(
    appt_id: str, customer: str = "Mei", date: str = "2 Dec 2026", time: str = "10:00am", **cells: str
) -> list[str]:
    values = {"phone": "+6591234567", "service": "Dental cleaning", "staff": "Lim", **cells}
    values |= {"appt_id": appt_id, "customer": customer, "date": date, "time": time}
    return [values.get(column, "") for column in HEADER]


def a_shop(*rows: list[str], rules: str = RULES, voice: str = "") -> FakeRuntime:
    """A shop that was never synced."""
    rt = FakeRuntime(NOW)
    rt.sheet.paste([HEADER, *rows])
    rt.docs.put(Document.RULES, rules)
    rt.docs.put(Document.VOICE, voice)
    return rt


def mirror(rt: FakeRuntime) -> list[MirrorRow]:
    stored = rt.documents.read(Document.APPOINTMENTS)
    return read_mirror(stored.text) if stored else []


def row(rt: FakeRuntime, appt_id: str) -> MirrorRow | None:
    return find_row(rt.documents.read(Document.APPOINTMENTS).text, appt_id)


def state(rt: FakeRuntime) -> dict[str, Any]:
    return json.loads(rt.documents.read(Document.SYNC_STATE).text)


def five_minutes_later(rt: FakeRuntime) -> SyncReport:
    rt.clock.forward(minutes=5)
    return sync_drive(rt)


def test_a_first_sync_mirrors_the_sheet_and_both_docs() -> None:
    """Promise 6."""
    rt = a_shop(a_row("A-1"))
    sync_drive(rt)
    assert row(rt, "A-1").start == datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
    assert row(rt, "A-1").first_seen == NOW
    assert rt.documents.read(Document.RULES).text == RULES
    assert rt.documents.read(Document.VOICE) is not None
    assert rt.bus.requests[0][0] == "ar.tick_requested"


def test_nothing_is_written_when_nothing_changed() -> None:
    """Promise 4."""
    rt = a_shop(a_row("A-1"))
    sync_drive(rt)
    writes, requests = rt.documents.writes, len(rt.bus.requests)
    five_minutes_later(rt)
    assert rt.documents.writes == writes
    assert len(rt.bus.requests) == requests
    assert rt.sheet.calls[-1] == "modified"
