"""The two that are compared: the shipped use cases, and the spec's literal order over the same tables and ports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import MoveDue, iso
from chalicelib.domain.mirror import find_row
from chalicelib.domain.send import Move, SendKey
from chalicelib.domain.standing import Answer
from chalicelib.ports import Document, PutAudit
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.settle_delivery import settle_delivery
from tests.simulation.enumeration.scene import CHAIN, HOUR, PLANNED


@dataclass(frozen=True)
class Protocol:
    """What the hourly schedule runs, and what an event on the bus runs."""

    name: str
    tick: Callable[[Any], object]
    dispatch: Callable[[Any, MoveDue], object]
    heed: Callable[[Any, list[dict[str, Any]]], object]


def literal_tick(rt: Any) -> None:
    """Once an hour: what fell due in this hour and is neither sent nor answered goes on the bus."""
    now = rt.clock()
    if not now - HOUR < PLANNED <= now or _is_sent(rt):
        return
    standing = rt.store.standings(["A-17"]).get("A-17")
    if standing is None or standing.answer is Answer.OPEN:
        rt.bus.put([MoveDue(SendKey("A-17", CHAIN, "h3"), Move.FIRST_REMINDER, PLANNED, 3.0)])


def literal_dispatch(rt: Any, due: MoveDue) -> None:
    """Check, send, record. What fails is raised, so that the event comes again."""
    if due.key.what != "h3" or _is_sent(rt):
        return
    row = find_row(rt.documents.read(Document.APPOINTMENTS).text, "A-17")
    phone, now = row.values["phone"], rt.clock()
    rt.sms.send(phone, "Mei, Dental cleaning")
    rt.store.commit(PutAudit(AuditEntry("A-17", f"{iso(now)}#{rt.tokens.tail()}", "sent", "text", "h3", CHAIN)))


def _is_sent(rt: Any) -> bool:
    return any(entry.action == "sent" for entry in rt.store.audit("A-17"))


SHIPPED = Protocol("shipped", run_tick, dispatch_move, settle_delivery)
LITERAL = Protocol("check, send, record", literal_tick, literal_dispatch, lambda rt, entries: None)
