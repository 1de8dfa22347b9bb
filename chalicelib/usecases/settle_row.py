"""One visit's verdict, carried out: what the sync stores, books and tells when a row changed (DESIGN §4.1, §6).

Everything that must not be half done is one transaction with the standing's revision as its guard.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chalicelib.domain.appointment import chain_id, chain_start
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.question import (
    Ask,
    ask_key,
    ask_prefix,
    booked_question,
    is_it_on_question,
    start_question,
    visit_name,
)
from chalicelib.domain.reconcile import Facts, Present, Verdict, mark_of, reconcile
from chalicelib.domain.roster import Entry
from chalicelib.domain.send import Move, SendState
from chalicelib.domain.slots import LONGEST_HOLD, cells
from chalicelib.domain.standing import Standing
from chalicelib.domain.wording import local_minute
from chalicelib.domain.work import StaffLine, Work, WorkState
from chalicelib.errors import Refused, StoreConflict
from chalicelib.ports import (
    PutAudit,
    PutWork,
    ReleaseSlot,
    RemoveWork,
    ReplaceStanding,
    TellOnce,
    Write,
)
from chalicelib.runtime import Runtime
from chalicelib.usecases.open_slots import folded
from chalicelib.usecases.reply_promises import edit_work
from chalicelib.usecases.reply_writes import sent_on
from chalicelib.usecases.staff_lines import line_work

log = logging.getLogger(__name__)

TRIES = 3
_CUSTOMER_HAS_IT = (SendState.SENT, SendState.DELIVERED, SendState.UNKNOWN)


@dataclass(frozen=True)
class Row:
    """One id with its row before and now; `entry` is None if the row is gone. `works` are its sheet edits as they
    stood before the cells were read."""

    appt_id: str
    former: MirrorRow | None
    entry: Entry | None
    works: Sequence[Work] = field(default=())

    @property
    def present(self) -> Present | None:
        return Present(self.entry.values, self.entry.start) if self.entry else None

    @property
    def values(self) -> Mapping[str, str]:
        """The row's cells now, else as they last were."""
        if self.entry is not None:
            return self.entry.values
        return self.former.values if self.former else {}


def settle_row(rt: Runtime, row: Row, standing: Standing | None, minutes: int, now: datetime) -> bool:
    """Bring standing and sheet together for one row. Returns whether anything was stored.

    `minutes` is the visit's length, for giving back the slot that it held. Tried again on a race, from a fresh
    standing. Raises StoreError if it could not be settled: the row must then stay as it was in the mirror.
    """
    for attempt in range(TRIES):
        if attempt:
            standing = rt.store.standings([row.appt_id]).get(row.appt_id)
        verdict = reconcile(row.former, row.present, standing, _facts(rt, row, standing, now))
        if verdict.left is not None and standing is not None:
            rt.ledger.archive(row.appt_id, chain_id(verdict.left))
        elif verdict.shown and standing is not None and standing.moved_from is not None:
            rt.ledger.archive(row.appt_id, chain_id(standing.moved_from))  # again, in case the press could not
        writes = verdict_writes(rt, row, standing, verdict, minutes, now)
        try:
            if writes:
                rt.store.commit(*writes)
        except (Refused, StoreConflict) as raced:
            log.info("row_raced", extra={"appt_id": row.appt_id, "why": str(raced)})
            if attempt == TRIES - 1:
                raise
            continue
        if verdict.resume:
            resume_chain(rt, row.appt_id, verdict.resume, now)
        return bool(writes)
    raise AssertionError("unreachable")


def resume_chain(rt: Runtime, appt_id: str, chain: str, now: datetime) -> None:
    """What was cancelled unsent while this chain was off may go again; dispatch looks at each anew."""
    for send in rt.ledger.chain(appt_id, chain):
        if send.state is SendState.CANCELLED:
            rt.ledger.revive(send, now)


def _facts(rt: Runtime, row: Row, standing: Standing | None, now: datetime) -> Facts:
    if standing is None:
        return Facts(now)
    written = any(w.state is WorkState.WRITTEN and w.payload.get("cells") == standing.pending for w in row.works)
    disputed: list[Mapping[str, str]] = []
    if standing.contested:
        for detail in rt.store.told(ask_prefix(row.appt_id)).values():
            asked = json.loads(detail) if detail else {}
            if asked.get("chain") == standing.chain and "cells" in asked:
                disputed.append(asked["cells"])
    left = set()
    if standing.moved_from is not None:
        left = {
            datetime.fromisoformat(reply.old_time).astimezone(UTC)
            for reply in rt.store.replies(row.appt_id)
            if reply.action == "reschedule" and reply.by == "customer" and reply.old_time
        }
    return Facts(now, written, tuple(disputed), frozenset(left))


def verdict_writes(
    rt: Runtime,
    row: Row,
    standing: Standing | None,
    verdict: Verdict,
    minutes: int,
    now: datetime,
    by: str = "staff",
) -> list[Write]:
    """The transaction of a verdict on this row and standing; `by` is who is named in the audit."""
    writes: list[Write] = []
    stored = verdict.standing
    if stored is not None:
        if standing is not None and stored.chain != standing.chain:
            stored = replace(stored, sent=sent_on(rt, row.appt_id, stored.chain))
        writes.append(ReplaceStanding(stored))
    if verdict.cells:
        chain = stored.chain if stored else ""
        writes.append(PutWork(edit_work(rt, row.appt_id, chain, verdict.cells, row.values, now)))
    if verdict.shown:
        writes += [RemoveWork(work.work_id) for work in row.works]
    elif standing is None or not standing.pending:
        writes += [RemoveWork(work.work_id) for work in row.works if work.state is WorkState.WRITTEN]
    if verdict.ask is not None:
        writes += _question(rt, row, stored or standing, verdict.ask, now)
    if verdict.action:
        writes.append(PutAudit(_audit(rt, row, standing, verdict, now, by)))
    if verdict.left is not None and (line := _old_time_line(rt, row, standing, verdict.left, now)):
        writes.append(PutWork(line_work(rt, line, now)))
    freed = verdict.freed or (verdict.left if standing is not None and standing.reply_id else None)
    if freed is not None and freed > now:
        resource = folded((row.former.values if row.former else row.values).get("staff", ""))
        quarters = cells(freed, minutes)[:LONGEST_HOLD]
        writes += [ReleaseSlot(resource, cell, row.appt_id) for cell in quarters]
    return writes


def _question(rt: Runtime, row: Row, standing: Standing | None, ask: Ask, now: datetime) -> list[Write]:
    """The question, unless it was asked before."""
    present = row.present
    if standing is None or present is None or present.start is None:
        return []
    zone, ours = rt.config.zone, chain_start(standing.chain)
    match ask:
        case Ask.START:
            about = f"{standing.chain}>{chain_id(present.start)}"
            line = start_question(row.values, row.appt_id, ours, present.start, True, zone)
        case Ask.BOOKED:
            about = f"{standing.chain}#{standing.reply_id}"
            line = booked_question(row.values, row.appt_id, standing.chain, mark_of(standing))
        case Ask.IS_IT_ON:
            about = standing.chain
            line = is_it_on_question(row.values, row.appt_id, present.start, present.status_text, zone)
        case Ask.CELL:
            raise ValueError("asked only where an answer is written")
    key = ask_key(row.appt_id, ask, about)
    if key in rt.store.told(key):
        return []
    detail = {"chain": standing.chain}
    if ask is Ask.START:
        detail["cells"] = present.cells  # type: ignore[assignment]
    return [TellOnce(key, json.dumps(detail, sort_keys=True)), PutWork(line_work(rt, line, now))]


def _audit(rt: Runtime, row: Row, standing: Standing | None, verdict: Verdict, now: datetime, by: str) -> AuditEntry:
    present = row.present
    start = present.start if present else None
    moved = verdict.left is not None
    before = iso(verdict.left) if verdict.left else (standing.answer.value if standing else "")
    after = iso(start) if moved and start else (present.status_text if present else "")
    return AuditEntry(
        appt_id=row.appt_id,
        ts=f"{iso(now)}#{rt.tokens.tail()}",
        action=verdict.action,
        channel="sheet" if by == "staff" else "slack",
        before=before,
        after=after or "(blank)",
        by=by,
        chain=chain_id(start) if start else "",
    )


def _old_time_line(rt: Runtime, row: Row, standing: Standing | None, left: datetime, now: datetime) -> StaffLine | None:
    """Staff are told if the customer holds a message with the time that staff changed."""
    present = row.present
    if standing is None or present is None or present.start is None or max(left, present.start) <= now:
        return None
    told = any(
        send.state in _CUSTOMER_HAS_IT and send.move is not Move.GAP_ALERT
        for send in rt.ledger.chain(row.appt_id, chain_id(left))
    )
    if not told:
        return None
    zone = rt.config.zone
    old, new = local_minute(left, zone), local_minute(present.start, zone)
    text = (
        f"{visit_name(row.values, row.appt_id)} was moved in the sheet from {old} to {new}, and the customer has a "
        f"message that says {old}. Please tell them: only the reminders of the new time go out by themselves."
    )
    return StaffLine(
        text, appt_id=row.appt_id, chain=chain_id(present.start), reason="the customer has a message with the old time"
    )
