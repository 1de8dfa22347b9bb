"""A shop in memory whose people edit the sheet, for the tests of the sync and of what follows from it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.appointment import Channel
from chalicelib.domain.mirror import MirrorRow, find_row, read_mirror
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import Move, Send, SendKey, SendState
from chalicelib.domain.standing import Standing
from chalicelib.domain.work import StaffLine
from chalicelib.ports import Document
from chalicelib.usecases.reply_core import Reply, reply
from chalicelib.usecases.settle_staff_action import settle_staff_action
from chalicelib.usecases.sync_drive import SyncReport, sync_drive
from tests.fakes.runtime import FakeRuntime

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # Tuesday 8am in Singapore
WED = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)  # 10am there
FRI = datetime(2026, 12, 4, 7, 0, tzinfo=UTC)  # 3pm there
HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status"]
RULES = "Dental cleaning: 48 and 2 hours.\nEverything else: 24 hours.\n"


def a_row(appt_id: str = "A-1", **cells: str) -> list[str]:
    """Mei's cleaning on Wednesday the second of December at ten, unless the cells say otherwise."""
    values = {
        "customer": "Mei",
        "phone": "+6591234567",
        "service": "Dental cleaning",
        "staff": "Lim",
        "date": "2 Dec 2026",
        "time": "10:00am",
        **cells,
        "appt_id": appt_id,
    }
    return [values.get(column, "") for column in HEADER]


def rows(count: int, **cells: str) -> list[list[str]]:
    """Many visits of different customers."""
    return [a_row(f"A-{n}", customer=f"Customer {n}", **cells) for n in range(1, count + 1)]


def a_shop(*sheet: list[str], rules: str = RULES, voice: str = "", **config: Any) -> FakeRuntime:
    """A shop that was never synced."""
    rt = FakeRuntime(NOW, **config)
    rt.sheet.paste([HEADER, *sheet])
    rt.docs.put(Document.RULES, rules)
    rt.docs.put(Document.VOICE, voice)
    return rt


def a_synced_shop(*sheet: list[str], **more: Any) -> FakeRuntime:
    """A shop whose first sync was a moment ago."""
    rt = a_shop(*sheet, **more)
    sync_drive(rt)
    return rt


def later(rt: FakeRuntime, **amount: float) -> SyncReport:
    """The next sync, five minutes on unless told otherwise."""
    rt.clock.forward(**(amount or {"minutes": 5}))
    return sync_drive(rt)


def paste(rt: FakeRuntime, *sheet: list[str]) -> SyncReport:
    """Somebody pastes this over the sheet, and the next sync comes."""
    rt.sheet.paste([HEADER, *sheet])
    return later(rt)


def answer(rt: FakeRuntime, action: ReplyAction, slot: datetime | None = None, appt_id: str = "A-1") -> Reply:
    """The customer presses a button of the reply page."""
    return reply(rt, appt_id, action, "customer", "page", rt.clock(), nonce=rt.tokens.nonce(), slot=slot)


def press(rt: FakeRuntime, label: str, user: str = "Dana") -> str:
    """Somebody at the front desk presses the newest button whose label begins like this."""
    for number, (channel, line) in reversed(list(enumerate(rt.staff.lines, 1))):
        for button in line.buttons:
            if button.label.startswith(label):
                return settle_staff_action(rt, button.action, button.value, user, channel, f"ts-{number}", rt.clock())
    raise AssertionError(f"no button {label!r} in {rt.staff.texts}")


def cell(rt: FakeRuntime, column: str, appt_id: str = "A-1") -> str:
    """What the sheet shows."""
    header, *body = rt.sheet.rows
    (row,) = [row for row in body if row[header.index("appt_id")] == appt_id]
    at = header.index(column)
    return row[at] if at < len(row) else ""


def mirror(rt: FakeRuntime) -> list[MirrorRow]:
    stored = rt.documents.read(Document.APPOINTMENTS)
    return read_mirror(stored.text) if stored else []


def mirrored(rt: FakeRuntime, appt_id: str = "A-1") -> MirrorRow:
    """The row as it may be acted on; fails if it may not."""
    row = find_row(rt.documents.read(Document.APPOINTMENTS).text, appt_id)
    assert row is not None
    return row


def standing(rt: FakeRuntime, appt_id: str = "A-1") -> Standing | None:
    found: Standing | None = rt.store.standings([appt_id]).get(appt_id)
    return found


def sync_state(rt: FakeRuntime) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(rt.documents.read(Document.SYNC_STATE).text)
    return state


def asked(rt: FakeRuntime) -> list[StaffLine]:
    """The lines with buttons, oldest first."""
    return [line for _, line in rt.staff.lines if line.buttons]


def a_reminder_went(rt: FakeRuntime, chain: str, state: SendState = SendState.SENT, what: str = "h48") -> None:
    """Mei's first reminder of this chain is in the ledger, and in her standing."""
    key = SendKey("A-1", chain, what)
    send = Send(key, state, Channel.TEXT, Move.FIRST_REMINDER, rt.clock(), attempt=1, sent_at=rt.clock())
    if state is SendState.CANCELLED:
        send = Send(key, state, Channel.TEXT, Move.FIRST_REMINDER, rt.clock())
    rt.ledger.world.put_send(send)
    world = rt.store.world
    held = world.standings.get("A-1", Standing("A-1", chain))
    world.standings["A-1"] = Standing("A-1", chain, sent={**held.sent, what: rt.clock()}, rev=held.rev + 1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
