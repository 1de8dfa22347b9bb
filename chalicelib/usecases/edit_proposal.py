"""*Edit* on a proposal: its form is opened and taken inside Slack's own request, since Slack waits three seconds.

What was filled in is stored here rather than handed on: no contact travels on the bus.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.filled_form import read_filled
from chalicelib.domain.proposal import Kind, Proposal, ProposalState
from chalicelib.domain.proposal_words import VISIT_COLUMNS, form, read_form_value
from chalicelib.errors import DeliveryError, Refused
from chalicelib.ports import PutWork, ReplaceProposal, StaffPress
from chalicelib.runtime import Runtime
from chalicelib.usecases.proposal_audit import audit
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.show_proposal import show_work

log = logging.getLogger(__name__)

MEANWHILE = "This proposal was settled or changed meanwhile, so nothing was saved. Close this and look at its message."


def open_edit(rt: Runtime, press: StaffPress) -> bool | None:
    """Open the proposal's form; None if it isn't open any more, False if Slack did not take it."""
    proposal = rt.store.proposal(press.value)
    if proposal is None or proposal.state is not ProposalState.OPEN:
        return None
    try:
        rt.staff.open_form(press.trigger, form(proposal))
    except DeliveryError as failure:
        log.warning("form_not_opened", extra={"why": str(failure)})
        return False
    return True


def take_edit(rt: Runtime, press: StaffPress, now: datetime) -> tuple[str, Mapping[str, str]]:
    """Store what was filled in: the proposal's id, and what is wrong by field (then nothing is stored).

    Raises ValueError for what is no form of a proposal's, StoreError and UpstreamError.
    """
    filled = press.filled or {}
    proposal_id, rev = read_form_value(press.value)
    everywhere = {next(iter(filled), "customer"): MEANWHILE}
    proposal = rt.store.proposal(proposal_id)
    if proposal is None or proposal.state is not ProposalState.OPEN or proposal.rev != rev:
        return proposal_id, everywhere
    config = rt.config
    read = read_filled(filled, proposal.draft, config.zone, config.country, now)
    errors = dict(read.errors)
    appt_id, row = proposal.appt_id, proposal.row
    if proposal.draft.kind is not Kind.BOOKING:
        appt_id = filled.get("appt_id", "").strip()
        found = Shop(rt).row(appt_id)
        if found is None:
            errors["appt_id"] = "The sheet has no row with this id, or its date can't be read."
        elif appt_id != proposal.appt_id:
            row = {column: found.values.get(column, "") for column in VISIT_COLUMNS}
    if errors:
        return proposal_id, errors
    after = _edited(proposal, read.values, appt_id, row, press.user)
    work = show_work(rt, after, now)
    former = proposal.draft.values
    changed = [name for name, text in after.draft.values.items() if text != former.get(name, "")]
    entry = audit("edited", rt, after, now, press.user, after=", ".join(changed))
    try:
        rt.store.commit(ReplaceProposal(after), entry, PutWork(work))
    except Refused:
        return proposal_id, everywhere
    return proposal_id, {}


def _edited(proposal: Proposal, values: Mapping[str, str], appt_id: str, row: Mapping[str, str], user: str) -> Proposal:
    """A person has looked at all of it: nothing is doubtful any more, and a changed value has no quote."""
    former = proposal.draft.values
    quotes = {n: q for n, q in proposal.draft.quotes.items() if n not in values or values[n] == former.get(n, "")}
    draft = replace(proposal.draft, values={**former, **values}, quotes=quotes, doubtful=())
    chosen = proposal.appt_id == "" and appt_id
    return replace(
        proposal,
        draft=draft,
        appt_id=appt_id,
        row=row,
        duplicates=() if chosen else proposal.duplicates,
        edited_by=user,
    )
