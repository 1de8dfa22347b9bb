"""The store in memory: the conditions of `ports.Store`, thread-safe, without a copy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime
from typing import assert_never

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.proposal import Proposal
from chalicelib.domain.standing import Standing
from chalicelib.domain.work import Work
from chalicelib.errors import Refused
from chalicelib.ports import (
    HoldSlot,
    MarkWork,
    PendingScan,
    PutAudit,
    PutProposal,
    PutReply,
    PutScan,
    PutWork,
    ReleaseSlot,
    RemoveScan,
    RemoveWork,
    ReplaceProposal,
    ReplaceStanding,
    SetOptOut,
    SpendNonce,
    TellOnce,
    Untell,
    Write,
)
from tests.twin.world import TwinWorld, to_second

_INSTANTS = tuple(f.name for f in fields(Standing) if "datetime" in str(f.type) and f.name != "sent")
MOST_WRITES = 100


class TwinStore:
    """`ports.Store` over a `TwinWorld`."""

    def __init__(self, world: TwinWorld | None = None) -> None:
        self.world = world or TwinWorld()

    def standings(self, appt_ids: Iterable[str]) -> dict[str, Standing]:
        with self.world.call("store.standings"):
            known = self.world.standings
            return {appt_id: known[appt_id] for appt_id in appt_ids if appt_id in known}

    def commit(self, *writes: Write) -> None:
        if not writes:
            return
        if len(writes) > MOST_WRITES:
            raise ValueError(f"{len(writes)} writes: a commit takes {MOST_WRITES}")
        held = {(w.resource, w.cell) for w in writes if isinstance(w, HoldSlot)}
        kept = [
            (position, w)
            for position, w in enumerate(writes)
            if not (isinstance(w, ReleaseSlot) and (w.resource, w.cell) in held)
            and not (isinstance(w, RemoveWork | ReleaseSlot | Untell) and w in writes[:position])
        ]
        items = [_item(write) for _, write in kept]
        if len(set(items)) < len(items):
            raise ValueError("two writes of one commit are on the same item")
        with self.world.call("store.commit"):
            for position, write in kept:
                reason = self._refusal(write)
                if reason:
                    raise Refused(position, reason)
            for _, write in kept:
                self._apply(write)

    def _refusal(self, write: Write) -> str:
        world = self.world
        match write:
            case ReplaceStanding(standing):
                stored = world.standings.get(standing.appt_id)
                if (stored.rev if stored else 0) != standing.rev:
                    return "the standing has changed"
            case PutReply():
                if write.replied_at in world.replies.get(write.appt_id, {}):
                    return "the reply is there"
            case SpendNonce():
                if (write.appt_id, write.nonce) in world.spent:
                    return "the nonce is spent"
            case PutAudit(entry):
                if entry.ts in world.audit.get(entry.appt_id, {}):
                    return "the audit entry is there"
            case PutWork(work):
                if work.work_id in world.outbox:
                    return "the work is there"
            case MarkWork():
                if write.work_id not in world.outbox:
                    return "the work is gone"
            case HoldSlot():
                if world.holds.get((write.resource, write.cell), write.appt_id) != write.appt_id:
                    return "the slot is taken"
            case TellOnce():
                if write.key in world.told:
                    return "staff were told"
            case PutProposal(proposal):
                if proposal.proposal_id in world.proposals:
                    return "the proposal is there"
            case ReplaceProposal(proposal):
                kept = world.proposals.get(proposal.proposal_id)
                if kept is None or kept.rev != proposal.rev:
                    return "the proposal has changed"
            case RemoveScan():
                if write.job not in world.scans:
                    return "the scan is gone"
            case RemoveWork() | ReleaseSlot() | Untell() | SetOptOut() | PutScan():
                pass
            case _:
                assert_never(write)
        return ""

    def _apply(self, write: Write) -> None:
        world = self.world
        match write:
            case ReplaceStanding(standing):
                world.standings[standing.appt_id] = replace(_to_seconds(standing), rev=standing.rev + 1)
            case PutReply():
                world.replies.setdefault(write.appt_id, {})[write.replied_at] = write
            case SpendNonce():
                world.spent.add((write.appt_id, write.nonce))
            case PutAudit(entry):
                world.audit.setdefault(entry.appt_id, {})[entry.ts] = entry
            case PutWork(work):
                world.outbox[work.work_id] = replace(work, made_at=to_second(work.made_at))
            case MarkWork():
                world.outbox[write.work_id] = replace(world.outbox[write.work_id], state=write.state)
            case RemoveWork():
                world.outbox.pop(write.work_id, None)
            case HoldSlot():
                world.holds[write.resource, write.cell] = write.appt_id
            case ReleaseSlot():
                if world.holds.get((write.resource, write.cell)) == write.appt_id:
                    del world.holds[write.resource, write.cell]
            case TellOnce():
                world.told[write.key] = write.detail
            case Untell():
                world.told.pop(write.key, None)
            case PutProposal(proposal):
                world.proposals[proposal.proposal_id] = _kept(proposal, proposal.rev)
            case ReplaceProposal(proposal):
                world.proposals[proposal.proposal_id] = _kept(proposal, proposal.rev + 1)
            case PutScan(scan):
                world.scans[scan.job] = replace(scan, started_at=to_second(scan.started_at))
            case RemoveScan():
                del world.scans[write.job]
            case SetOptOut():
                (world.opted_out.add if write.out else world.opted_out.discard)(_folded(write.contact))
            case _:
                assert_never(write)

    def work(self) -> list[Work]:
        with self.world.call("store.work"):
            return [self.world.outbox[work_id] for work_id in sorted(self.world.outbox)]

    def told(self, prefix: str) -> dict[str, str]:
        with self.world.call("store.told"):
            return {key: detail for key, detail in self.world.told.items() if key.startswith(prefix)}

    def holds(self, resource: str, since: datetime, until: datetime) -> dict[datetime, str]:
        with self.world.call("store.holds"):
            return {
                cell: appt_id
                for (of, cell), appt_id in sorted(self.world.holds.items())
                if of == resource and since <= cell < until
            }

    def opted_out(self, contacts: Iterable[str]) -> set[str]:
        with self.world.call("store.opted_out"):
            return {contact for contact in contacts if _folded(contact) in self.world.opted_out}

    def count_text(self, recipient: str, day: str, per_recipient: int, per_day: int) -> str:
        with self.world.call("store.count_text"):
            counters = self.world.counters
            mine, all_texts = (day, recipient), (day, "")
            if counters.get(mine, 0) >= per_recipient:
                return "recipient"
            if counters.get(all_texts, 0) >= per_day:
                return "account"
            counters[mine] = counters.get(mine, 0) + 1
            counters[all_texts] = counters.get(all_texts, 0) + 1
            return ""

    def beat(self, function: str, at: datetime) -> None:
        with self.world.call("store.beat"):
            self.world.beats[function] = to_second(at)

    def last_beat(self, function: str) -> datetime | None:
        with self.world.call("store.last_beat"):
            return self.world.beats.get(function)

    def proposal(self, proposal_id: str) -> Proposal | None:
        with self.world.call("store.proposal"):
            return self.world.proposals.get(proposal_id)

    def proposals(self, since: datetime) -> list[Proposal]:
        with self.world.call("store.proposals"):
            made = [p for p in self.world.proposals.values() if p.made_at >= to_second(since)]
            return sorted(made, key=lambda p: (p.made_at, p.proposal_id))

    def scans(self) -> list[PendingScan]:
        with self.world.call("store.scans"):
            return sorted(self.world.scans.values(), key=lambda scan: (scan.started_at, scan.job))

    def replies(self, appt_id: str) -> list[PutReply]:
        with self.world.call("store.replies"):
            return [reply for _, reply in sorted(self.world.replies.get(appt_id, {}).items())]

    def audit(self, appt_id: str) -> list[AuditEntry]:
        with self.world.call("store.audit"):
            return [entry for _, entry in sorted(self.world.audit.get(appt_id, {}).items())]


def _folded(contact: str) -> str:
    return contact.strip().casefold()


def _to_seconds(standing: Standing) -> Standing:
    sent = {window: to_second(at) for window, at in standing.sent.items()}
    cut = {name: to_second(at) for name in _INSTANTS if (at := getattr(standing, name)) is not None}
    own = replace(standing, sent=sent, pending=dict(standing.pending), outcomes=dict(standing.outcomes))
    return replace(own, **cut) if cut else own  # type: ignore[arg-type]  # the names are those of the instants


def _kept(proposal: Proposal, rev: int) -> Proposal:
    return replace(
        proposal,
        made_at=to_second(proposal.made_at),
        reminded_at=proposal.reminded_at and to_second(proposal.reminded_at),
        settled_at=proposal.settled_at and to_second(proposal.settled_at),
        rev=rev,
    )


def _item(write: Write) -> tuple[object, ...]:
    """Which item a write is on; one commit may touch each but once."""
    match write:
        case ReplaceStanding(standing):
            return "standing", standing.appt_id
        case PutReply():
            return "reply", write.appt_id, write.replied_at
        case SpendNonce():
            return "spent", write.appt_id, write.nonce
        case PutAudit(entry):
            return "audit", entry.appt_id, entry.ts
        case PutWork(work):
            return "work", work.work_id
        case MarkWork() | RemoveWork():
            return "work", write.work_id
        case HoldSlot() | ReleaseSlot():
            return "hold", write.resource, write.cell
        case TellOnce() | Untell():
            return "told", write.key
        case PutProposal(proposal) | ReplaceProposal(proposal):
            return "proposal", proposal.proposal_id
        case PutScan(scan):
            return "scan", scan.job
        case RemoveScan():
            return "scan", write.job
        case SetOptOut():
            return "opt-out", _folded(write.contact)
        case _:
            assert_never(write)
