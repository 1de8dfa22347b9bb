"""Slack shows each proposal as it stands: posted once, rewritten whenever it goes on. Outbox work, safe to repeat."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.events import iso
from chalicelib.domain.proposal import Proposal, ProposalState
from chalicelib.domain.proposal_words import card
from chalicelib.domain.work import Work, WorkKind
from chalicelib.errors import MessageGone, Refused
from chalicelib.ports import ReplaceProposal
from chalicelib.runtime import Runtime

log = logging.getLogger(__name__)

TRIES = 5


def show_work(rt: Runtime, proposal: Proposal, now: datetime) -> Work:
    """The promise that Slack will show it, to be committed beside what has changed."""
    payload = {"proposal_id": proposal.proposal_id}
    return Work(f"{iso(now)}#{rt.tokens.tail()}", WorkKind.PROPOSAL, proposal.appt_id, now, payload)


def show_proposal(rt: Runtime, proposal_id: str, now: datetime, note: str = "") -> bool:
    """Post or rewrite the message until it shows the newest revision; True when it does, or need not.

    A post whose answer is lost is made again, as every staff line is. `note` is said once. Raises DeliveryError, and
    StoreError.
    """
    for _ in range(TRIES):
        proposal = rt.store.proposal(proposal_id)
        if proposal is None:
            return True
        shown = card(proposal, rt.config.zone, now, note)
        try:
            posted = rt.staff.show(proposal.channel or rt.config.staff_channel, proposal.message, shown)
        except MessageGone:
            log.info("proposal_message_gone", extra={"proposal": proposal_id})
            if proposal.state is not ProposalState.OPEN:
                return True
            posted = rt.staff.show(rt.config.staff_channel, "", shown)
        if (proposal.channel, proposal.message) != (posted.channel, posted.message):
            _remember(rt, proposal_id, posted.channel, posted.message)
        newest = rt.store.proposal(proposal_id)
        if newest is None or replace(newest, channel="", message="", rev=0) == replace(
            proposal, channel="", message="", rev=0
        ):
            return True
    return False


def _remember(rt: Runtime, proposal_id: str, channel: str, message: str) -> None:
    """Where it was posted; whoever settles it at the same moment keeps what they changed."""
    for _ in range(TRIES):
        proposal = rt.store.proposal(proposal_id)
        if proposal is None:
            return
        try:
            rt.store.commit(ReplaceProposal(replace(proposal, channel=channel, message=message)))
        except Refused:
            continue
        return
