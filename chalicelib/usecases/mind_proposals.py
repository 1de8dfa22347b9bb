"""Proposals that nobody settles: finished if a run died, closed when their date has passed, reminded of once (§8)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.proposal import Kind, Proposal, ProposalState
from chalicelib.domain.proposal_words import heading, short, start_of
from chalicelib.domain.wording import local_minute
from chalicelib.errors import Refused, ReminderError
from chalicelib.ports import PutWork, ReplaceProposal
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.propose import REMEMBERED
from chalicelib.usecases.settle_proposal import close, resume
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.staff_lines import staff_work

log = logging.getLogger(__name__)

REMIND_AFTER = timedelta(hours=24)


@dataclass
class Minded:
    """What was done, for the log."""

    finished: int = 0
    closed: int = 0
    reminded: int = 0


def mind_proposals(rt: Runtime, now: datetime) -> Minded:
    """Look at every proposal that isn't settled. One that fails stops no other; the first failure is raised then."""
    minded = Minded()
    failures: list[ReminderError] = []
    for proposal in rt.store.proposals(now - REMEMBERED):
        try:
            _mind(rt, proposal, now, minded)
        except ReminderError as failure:
            log.warning("proposal_not_minded", extra={"proposal": proposal.proposal_id, "why": str(failure)})
            failures.append(failure)
    if failures:
        raise failures[0]
    return minded


def _mind(rt: Runtime, proposal: Proposal, now: datetime, minded: Minded) -> None:
    if proposal.state is ProposalState.APPROVING:
        resume(rt, proposal, now)
        minded.finished += 1
    elif proposal.state is ProposalState.OPEN and _has_passed(rt, proposal, now):
        close(rt, proposal, now)
        minded.closed += 1
    elif (
        proposal.state is ProposalState.OPEN and proposal.reminded_at is None and now - proposal.made_at >= REMIND_AFTER
    ):
        _remind(rt, proposal, now)
        minded.reminded += 1


def _has_passed(rt: Runtime, proposal: Proposal, now: datetime) -> bool:
    """A cancellation is of use until its visit begins; the others until the start that they propose."""
    if proposal.draft.kind is Kind.CANCELLATION and proposal.appt_id:
        row = Shop(rt).row(proposal.appt_id)
        return row is not None and row.start is not None and row.start <= now
    return has_passed(proposal, rt.config.zone, now)


def has_passed(proposal: Proposal, zone: ZoneInfo, now: datetime) -> bool:
    """Whether its date is over: its start, or its day where no time is known. Without a date it never is."""
    values = proposal.draft.values
    start = start_of(values, zone)
    if start is not None:
        return start <= now
    try:
        return date.fromisoformat(values.get("date", "")) < now.astimezone(zone).date()
    except ValueError:
        return False


def _remind(rt: Runtime, proposal: Proposal, now: datetime) -> None:
    zone = rt.config.zone
    title = f" (“{short(proposal.source.title)}”)" if proposal.source.title.strip() else ""
    wanted = "Approve, edit or discard" if proposal.draft.kind is Kind.BOOKING else "Approve or discard"
    text = (
        f"Still waiting for you: {heading(proposal, zone)}{title}, proposed {local_minute(proposal.made_at, zone)}. "
        f"{wanted} it in its message; nothing is written before."
    )
    work = staff_work(rt, text, now, appt_id=proposal.appt_id or None, reason="a proposal waits")
    try:
        rt.store.commit(ReplaceProposal(replace(proposal, reminded_at=now)), PutWork(work))
    except Refused:
        return
    drain_outbox(rt, only=[work.work_id])
