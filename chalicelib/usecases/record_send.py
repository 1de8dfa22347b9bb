"""Write down that a message left, or at its minute did not: one audit row, which `why` and the report read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import MoveDue, iso
from chalicelib.domain.send import Send
from chalicelib.domain.standing import Standing
from chalicelib.errors import Refused, StoreConflict
from chalicelib.ports import PutAudit, ReplaceStanding
from chalicelib.runtime import Runtime
from chalicelib.usecases.shop import Visit

_TRIES = 3


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


def record_unsent(rt: Runtime, visit: Visit, send: Send, now: datetime) -> None:
    """Note on the standing that this window is over without a message, so that the tick doesn't count it as missed.

    Staff hear of it from the ladder; a race with an answer leaves nothing to note. Raises StoreNoAnswer.
    """
    appt_id, chain = send.key.appt_id, send.key.chain
    for _ in range(_TRIES):
        stored = rt.store.standings([appt_id]).get(appt_id) or Standing(appt_id, chain)
        if stored.chain != chain or send.key.what in stored.outcomes:
            return
        noted = replace(
            stored,
            sent={send.key.what: now, **stored.sent},  # it may have been armed, and refused, before
            outcomes={**stored.outcomes, send.key.what: f"skipped: {send.reason}"},
        )
        entry = AuditEntry(
            appt_id=appt_id,
            ts=f"{iso(now)}#{rt.tokens.tail()}",
            action="window_skipped",
            channel="system",
            after=send.key.what,
            chain=chain,
            hours=hours_of(send),
            reason=send.reason,
        )
        try:
            rt.store.commit(ReplaceStanding(noted), PutAudit(entry))
            return
        except (Refused, StoreConflict):
            continue


def hours_of(send: Send) -> float | None:
    """The window of a send in hours; None for what isn't a window."""
    return float(send.key.what[1:]) if send.key.what[:1] == "h" else None
