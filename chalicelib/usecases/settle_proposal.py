"""Staff settle a proposal: the press that lands first counts, and an approved one is in the sheet once (DESIGN §8).

Approving claims the proposal, writes, and says so; each step finds out what was done before it, so that a press may
come again, race, or die anywhere. The claim is a lease of a minute: the press's next delivery, or the hourly run, takes
up what was left.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.known_visits import likely_duplicates
from chalicelib.domain.proposal import Kind, Proposal, ProposalState
from chalicelib.domain.proposal_words import short, start_of, why_not
from chalicelib.domain.respell import respell_date, respell_time
from chalicelib.errors import DeliveryError, NotTheSheet, Refused, ReminderError
from chalicelib.ports import PutWork, ReplaceProposal, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.append_row import append_row
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.edit_row import Edit, edit_row
from chalicelib.usecases.proposal_audit import SYSTEM, audit
from chalicelib.usecases.propose import visits_now
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.show_proposal import show_proposal, show_work
from chalicelib.usecases.sync_drive import sync_drive

log = logging.getLogger(__name__)

TRIES = 3
LEASE = timedelta(minutes=1)
UNKNOWN = "This proposal isn't known any more. Nothing was changed."
BOOKED = "booked"


def approve(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """Write what is proposed into the sheet, by that staff member; returns what to say instead of the card, if it is
    gone. What can't be approved stays open, and the card says why. Raises UpstreamError and StoreError: then the
    press comes again."""
    for _ in range(TRIES):
        proposal = rt.store.proposal(value)
        if proposal is None:
            return UNKNOWN
        if proposal.state is ProposalState.APPROVING:
            resume(rt, proposal, now)
            return ""
        if proposal.state is not ProposalState.OPEN:
            return _shown(rt, proposal, now)
        if lacks := why_not(proposal, rt.config.zone, now):
            return _shown(rt, proposal, now, f"{user} pressed Approve, but nothing was written: {lacks}.")
        try:
            if (asked := _asked_again(rt, proposal, now)) is not None:
                rt.store.commit(ReplaceProposal(asked))
                return _shown(rt, asked, now, f"{user} pressed Approve, but look: it may be in the sheet already.")
            claimed = replace(proposal, state=ProposalState.APPROVING, settled_by=user, settled_at=now)
            rt.store.commit(ReplaceProposal(claimed))
        except Refused:
            continue
        _finish(rt, replace(claimed, rev=proposal.rev + 1), now)
        _sync(rt)
        return ""
    return look_again(rt, value, user, now)


def discard(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """Nothing is written, and the card says who decided so. Once approved, it stays approved."""
    proposal = _settled(rt, value, ProposalState.DISCARDED, user, now)
    return _shown(rt, proposal, now) if proposal else UNKNOWN


def look_again(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """A form was sent off, or asked for too late: the card shows how the proposal stands."""
    proposal = rt.store.proposal(value)
    return _shown(rt, proposal, now) if proposal else UNKNOWN


def close(rt: Runtime, proposal: Proposal, now: datetime) -> None:
    """Its date has passed and nobody settled it."""
    _settled(rt, proposal.proposal_id, ProposalState.CLOSED, SYSTEM, now)


def resume(rt: Runtime, proposal: Proposal, now: datetime) -> None:
    """Finish an approval whose run has died: not one that was claimed less than a minute ago."""
    if proposal.settled_at is not None and now - proposal.settled_at < LEASE:
        return
    claimed = replace(proposal, settled_at=now)
    try:
        rt.store.commit(ReplaceProposal(claimed))
    except Refused:
        return
    _finish(rt, replace(claimed, rev=proposal.rev + 1), now)


# ---------------------------------------------------------------- writing it


@dataclass(frozen=True, slots=True)
class _Written:
    """What the sheet took. `why_not` says why it took nothing; `seen` are the cells that it shows then."""

    why_not: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)
    unplaced: Sequence[str] = ()
    removed: int = 0


def _finish(rt: Runtime, proposal: Proposal, now: datetime) -> None:
    """Write, then say so in one transaction; if the sheet doesn't take it, it is open again with the reason."""
    try:
        written = _write_booking(rt, proposal) if proposal.draft.kind is Kind.BOOKING else _write_edit(rt, proposal)
    except NotTheSheet as problem:
        written = _Written(f"The sheet can't be read as one ({short(problem.problem)}): nothing was written.")
    flags = [f"The sheet has no column for the {column}; it was left out." for column in written.unplaced]
    if written.why_not:
        flags.append(written.why_not)
    draft = replace(proposal.draft, flags=tuple(dict.fromkeys((*proposal.draft.flags, *flags))))
    if written.why_not:
        row = {**proposal.row, **written.seen}
        after = replace(proposal, draft=draft, state=ProposalState.OPEN, settled_by="", settled_at=None, row=row)
        writes: list[Write] = [ReplaceProposal(after)]
    else:
        after = replace(proposal, draft=draft, state=ProposalState.APPROVED)
        writes = [ReplaceProposal(after), audit("approved", rt, after, now, after.settled_by)]
        if written.removed:
            writes.append(audit("duplicate_row_removed", rt, after, now))
    work = show_work(rt, after, now)
    try:
        rt.store.commit(*writes, PutWork(work))
    except Refused:
        log.info("approval_finished_by_another_run", extra={"proposal": proposal.proposal_id})
        return
    log.info("proposal_settled", extra={"proposal": proposal.proposal_id, "state": after.state.value})
    drain_outbox(rt, only=[work.work_id])


def _write_booking(rt: Runtime, proposal: Proposal) -> _Written:
    """A new row: date and time in a spelling that can be read one way only, all of it text."""
    terms, values = Shop(rt).terms, proposal.draft.values
    start = start_of(values, terms.zone)
    if start is None:
        return _Written("Its date or time can't be read: nothing was written.")
    cells = {
        **{name: text for name, text in values.items() if text},
        "appt_id": proposal.appt_id,
        "date": respell_date(start, "", terms),
        "time": respell_time(start, "", terms),
        "status": BOOKED,
    }
    appended = append_row(rt.sheet, cells)
    return _Written(unplaced=appended.unplaced, removed=appended.removed)


def _write_edit(rt: Runtime, proposal: Proposal) -> _Written:
    """The known row's cells, if they still show what was proposed against; a date in the spelling that it has."""
    terms, row = Shop(rt).terms, proposal.row
    expect = {column: row.get(column, "") for column in ("date", "time", "status")}
    if proposal.draft.kind is Kind.CANCELLATION:
        cells = {"status": "cancelled"}
    else:
        start = start_of(proposal.draft.values, terms.zone)
        if start is None:
            return _Written("The new date or time can't be read: nothing was written.")
        seen_on = rt.clock().astimezone(terms.zone).date()
        cells = {
            "date": respell_date(start, row.get("date", ""), terms, seen_on),
            "time": respell_time(start, row.get("time", ""), terms),
        }
    outcome = edit_row(rt.sheet, proposal.appt_id, cells, expect)
    if outcome.edit is Edit.DIFFERS:
        seen = {column: outcome.seen.get(column, "") for column in expect}
        shows = ", ".join(f"{column} “{short(text)}”" for column, text in seen.items() if text) or "blank cells"
        why = f"Its row was changed meanwhile and shows {shows}: nothing was written. Approve again if it still holds."
        return _Written(why, seen)
    if outcome.edit is Edit.GONE:
        return _Written(f"No row of the sheet has the id {proposal.appt_id}: nothing was written.")
    if outcome.edit is Edit.DOUBLED:
        return _Written(f"Several rows of the sheet have the id {proposal.appt_id}: nothing was written.")
    return _Written()


def _asked_again(rt: Runtime, proposal: Proposal, now: datetime) -> Proposal | None:
    """The proposal with the twins that came up since it was made, if there are any: the next press approves it."""
    if proposal.draft.kind is not Kind.BOOKING:
        return None
    visits = [visit for visit in visits_now(Shop(rt)) if visit.appt_id != proposal.appt_id]
    start = start_of(proposal.draft.values, rt.config.zone)
    same = likely_duplicates(proposal.draft.values, [v for v in visits if v.start == start], Shop(rt).terms)
    fresh = [words for words in same if words.startswith("Same customer") and words not in proposal.duplicates]
    return replace(proposal, duplicates=(*proposal.duplicates, *fresh)) if fresh else None


# ---------------------------------------------------------------- the parts


def _settled(rt: Runtime, proposal_id: str, state: ProposalState, user: str, now: datetime) -> Proposal | None:
    """The proposal, settled if it was open; None if there is none."""
    for _ in range(TRIES):
        proposal = rt.store.proposal(proposal_id)
        if proposal is None or proposal.state is not ProposalState.OPEN:
            return proposal
        after = replace(proposal, state=state, settled_by=user, settled_at=now)
        work = show_work(rt, after, now)
        entry = audit("discarded" if state is ProposalState.DISCARDED else "closed", rt, after, now, user)
        try:
            rt.store.commit(ReplaceProposal(after), entry, PutWork(work))
        except Refused:
            continue
        drain_outbox(rt, only=[work.work_id])
        return after
    return rt.store.proposal(proposal_id)


def _shown(rt: Runtime, proposal: Proposal, now: datetime, note: str = "") -> str:
    """Have the card show how it stands. It says nothing that the store doesn't know, so that a failure may be left."""
    try:
        show_proposal(rt, proposal.proposal_id, now, note)
    except DeliveryError as failure:
        log.warning("proposal_not_shown", extra={"proposal": proposal.proposal_id, "why": str(failure)})
    return ""


def _sync(rt: Runtime) -> None:
    """The mirror and the reminders follow at once; if that fails, the next sync does it."""
    try:
        sync_drive(rt)
    except ReminderError as failure:
        log.warning("sync_after_approval_failed", extra={"why": str(failure)})
