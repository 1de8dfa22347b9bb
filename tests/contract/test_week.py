"""What the weeks' histories promise, of the scans and of the twin alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.dynamodb_week import DynamoWeekRecords
from chalicelib.domain.appointment import Channel
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.ports import ArmGuard, PutAudit, PutReply, SpendNonce
from chalicelib.summary_ports import WeekRecords
from chalicelib.usecases.reply_core import reply_key
from tests.conftest import Tables
from tests.twin.store import TwinStore
from tests.twin.week import TwinWeekRecords

SINCE = datetime(2026, 11, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CHAIN = "20261126T0100Z"


@pytest.fixture
def records(tables: Tables) -> WeekRecords:
    """The histories of the same tables."""
    if isinstance(tables.store, TwinStore):
        return TwinWeekRecords(tables.store)
    return DynamoWeekRecords(tables.client)


def send(appt_id: str, planned: datetime, sent_at: datetime | None = None, **changes: object) -> Send:
    made = Send(SendKey(appt_id, CHAIN, "h48"), SendState.CLAIMED, Channel.TEXT, Move.FIRST_REMINDER, planned)
    return replace(made, sent_at=sent_at, **changes)  # type: ignore[arg-type]


def stored(tables: Tables, wanted: Send) -> Send:
    """Put it into the ledger, through its steps. As the histories show it."""
    tables.ledger.claim(wanted, "run", wanted.planned)
    if wanted.sent_at is None:
        return wanted
    tables.ledger.arm(wanted, "run", wanted.planned, ArmGuard(wanted.key.appt_id, wanted.key.chain))
    tables.ledger.sent(wanted, "run", f"m-{wanted.key.appt_id}", "+6591234567", wanted.sent_at)
    return replace(wanted, state=SendState.SENT, recipient="+6591234567")


def test_sends_are_those_planned_or_gone_since_then(tables: Tables, records: WeekRecords) -> None:
    old = send("A-1", SINCE - SECOND, SINCE - SECOND)
    late = send("A-2", SINCE - SECOND, SINCE)
    planned = send("A-3", SINCE, detail={"why": "48 hours before"})
    gone = send("A-4", SINCE + SECOND, SINCE + 2 * SECOND, detail={"segments": "2"})
    for one in (gone, planned, old):
        stored(tables, one)
    shown = [stored(tables, late), planned, stored(tables, gone)]
    assert records.sends(SINCE) == shown


def test_replies_are_those_since_then_and_no_spent_nonces(tables: Tables, records: WeekRecords) -> None:
    replies = [
        PutReply("A-1", reply_key(at, "ab"), "reschedule", "page", CHAIN, "customer", "a", "b")
        for at in (SINCE - SECOND / 1000, SINCE, SINCE + SECOND / 1000)
    ]
    for reply in reversed(replies):
        tables.store.commit(SpendNonce("A-1", f"{reply.replied_at}5bcd", SINCE), reply)
    assert records.replies(SINCE) == replies[1:]


def test_audit_entries_are_those_of_the_asked_actions_since_then(tables: Tables, records: WeekRecords) -> None:
    entries = [
        AuditEntry("A-1", f"{iso(SINCE + n * SECOND)}#ab", action, "sheet", "from", "to", hours=1.5)
        for n, action in ((-1, "moved_by_staff"), (0, "moved_by_staff"), (1, "sent"), (2, "reopened"))
    ]
    tables.store.commit(*(PutAudit(entry) for entry in entries))
    assert records.audit(SINCE, {"moved_by_staff", "reopened"}) == [entries[1], entries[3]]
    assert records.audit(SINCE, ()) == []


@pytest.mark.ministack
def test_a_history_of_more_than_one_page_comes_whole(dynamodb: Tables) -> None:
    long = "x" * 200_000
    entries = [AuditEntry(f"A-{n}", f"{iso(SINCE)}#{n}", "moved_by_staff", "sheet", reason=long) for n in range(12)]
    for entry in entries:
        dynamodb.store.commit(PutAudit(entry))
    found = DynamoWeekRecords(dynamodb.client).audit(SINCE, {"moved_by_staff"})
    assert {entry.appt_id for entry in found} == {f"A-{n}" for n in range(12)}
