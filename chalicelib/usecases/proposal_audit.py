"""What became of a proposal, as an entry of the audit: under its visit's id, or its own where the visit isn't known."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.proposal import Proposal
from chalicelib.ports import PutAudit
from chalicelib.runtime import Runtime

SYSTEM = "system"


def audit(
    action: str, rt: Runtime, proposal: Proposal, now: datetime, by: str = SYSTEM, after: str = "", reason: str = ""
) -> PutAudit:
    """The write. `by` is a staff member's name; `after` is the proposal's kind unless it says more."""
    return PutAudit(
        AuditEntry(
            appt_id=proposal.appt_id or proposal.proposal_id,
            ts=f"{iso(now)}#{rt.tokens.tail()}",
            action=action,
            channel="system" if by == SYSTEM else "slack",
            after=after or proposal.draft.kind.value,
            by=by,
            reason=reason or proposal.proposal_id,
        )
    )
