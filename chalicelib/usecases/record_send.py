"""Write down that a message left, or at its minute did not: one audit row, which `why` and the report read."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import MoveDue, iso
from chalicelib.domain.send import Send
from chalicelib.ports import PutAudit
from chalicelib.runtime import Runtime


def record_send(rt: Runtime, send: Send, now: datetime) -> None:
    """Audit a send that went. Raises StoreError; the ledger's SENT stands whatever happens here."""
    rt.store.commit(
        PutAudit(
            AuditEntry(
                appt_id=send.key.appt_id,
                ts=f"{iso(now)}#{rt.tokens.tail()}",
                action="sent",
                channel=send.channel.value,
                after=send.move.value,
                chain=send.key.chain,
                hours=hours_of(send),
                reason=send.reason,
            )
        )
    )


def record_drop(rt: Runtime, due: MoveDue, reason: str, now: datetime) -> None:
    """Audit that a send was found stale at its own minute (answered, moved, gone) and dropped. Raises StoreError."""
    rt.store.commit(
        PutAudit(
            AuditEntry(
                appt_id=due.key.appt_id,
                ts=f"{iso(now)}#{rt.tokens.tail()}",
                action="window_dropped",
                channel="system",
                after=due.move.value,
                chain=due.key.chain,
                hours=due.hours,
                reason=reason,
            )
        )
    )


def hours_of(send: Send) -> float | None:
    """The window of a send in hours; None for what isn't a window."""
    return float(send.key.what[1:]) if send.key.what[:1] == "h" else None
