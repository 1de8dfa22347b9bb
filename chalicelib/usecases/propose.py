"""What a reader found is put to the staff, once: held against the sheet and former proposals (DESIGN §8)."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.identity import new_id
from chalicelib.domain.known_visits import Known, NoNews, judge, known_visits
from chalicelib.domain.mirror import read_mirror
from chalicelib.domain.proposal import MOST_OF_ONE_MAIL, Draft, Proposal, Source
from chalicelib.domain.proposal_words import short
from chalicelib.errors import Refused
from chalicelib.ports import PutProposal, PutWork, TellOnce, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.proposal_audit import audit
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.show_proposal import show_work
from chalicelib.usecases.staff_lines import staff_work

log = logging.getLogger(__name__)

REMEMBERED = timedelta(days=400)
ID_TRIES = 20


def propose(rt: Runtime, drafts: Sequence[Draft], source: Source, now: datetime) -> list[Proposal]:
    """Make proposals of the drafts of one source and post them; returns those, and earlier ones that say the same.

    The n-th draft has the place `source.place + n`, and its id comes from lane, key and place: the same source again
    makes nothing new. A draft that is no news (stale, a reminder of a known visit, proposed before) makes none. At
    most 25 of a source; beyond, staff are told. What can't be posted now is posted by a later run. Raises StoreError
    and UpstreamError: then the source is to be handed over again.
    """
    known_before = rt.store.proposals(now - REMEMBERED)
    shop = Shop(rt)
    rows = _rows(shop)
    taken = {values["appt_id"] for values, _ in rows}
    found: list[Proposal] = []
    made: list[str] = []
    for number, draft in enumerate(drafts[:MOST_OF_ONE_MAIL]):
        place = replace(source, place=source.place + number)
        again = next((p for p in known_before if p.proposal_id == proposal_id(place)), None)
        if again is not None:
            found.append(again)
            continue
        visits = known_visits(rows, known_before, shop.terms)
        proposal, works = _propose(rt, draft, place, visits, known_before, taken, shop, now)
        if proposal is not None:
            found.append(proposal)
        if works:
            made += works
            known_before = [*known_before, found[-1]]
    made += _tell_too_many(rt, len(drafts), source, now)
    if made:
        drain_outbox(rt, only=made)
    return [rt.store.proposal(p.proposal_id) or p for p in found]


def visits_now(shop: Shop) -> list[Known]:
    """The sheet's visits, as they were mirrored."""
    return known_visits(_rows(shop), (), shop.terms)


def _rows(shop: Shop) -> list[tuple[Mapping[str, str], datetime]]:
    """Cells and start of every visit that has one; a customer's own start while the sheet shows another."""
    rows = read_mirror(shop.mirror) if shop.mirror else []
    return [(row.values, start) for row in rows if (start := row.stands or row.start) is not None]


def proposal_id(source: Source) -> str:
    """The id that comes from a source: the same source, the same proposal."""
    whole = f"{source.lane.value}\n{source.key}\n{source.place}"
    return f"{source.lane.value}-{hashlib.sha256(whole.encode()).hexdigest()[:20]}"


def _propose(
    rt: Runtime,
    draft: Draft,
    source: Source,
    visits: Sequence[Known],
    earlier: Sequence[Proposal],
    taken: set[str],
    shop: Shop,
    now: datetime,
) -> tuple[Proposal | None, list[str]]:
    """The proposal and the work that posts it; an earlier one, or None, and no work where there is no news."""
    verdict = judge(draft, visits, earlier, shop.terms, now)
    if isinstance(verdict, NoNews):
        log.info("not_proposed", extra={"lane": source.lane.value, "why": verdict.why})
        if verdict.earlier is not None:
            rt.store.commit(audit("proposed_again", rt, verdict.earlier, now, reason=verdict.why))
        return verdict.earlier, []
    appt_id = verdict.appt_id
    if appt_id is None:
        appt_id = _fresh_id(rt, {*taken, *(p.appt_id for p in earlier)})
    proposal = Proposal(
        proposal_id=proposal_id(source),
        appt_id=appt_id,
        draft=verdict.draft,
        source=source,
        made_at=now.replace(microsecond=0),
        duplicates=verdict.duplicates,
        row=verdict.row,
    )
    work = show_work(rt, proposal, now)
    try:
        rt.store.commit(PutProposal(proposal), audit("proposed", rt, proposal, now), PutWork(work))
    except Refused as refused:
        if refused.write:
            raise
        return rt.store.proposal(proposal.proposal_id), []  # the same source, handed over twice at once
    log.info("proposed", extra={"proposal": proposal.proposal_id, "kind": proposal.draft.kind.value})
    return proposal, [work.work_id]


def _fresh_id(rt: Runtime, taken: set[str]) -> str:
    for _ in range(ID_TRIES):
        made = new_id(rt.tokens.tail(), taken)
        if made is not None and not rt.store.standings([made]):
            return made
    raise Refused(0, "no id was free")


def _tell_too_many(rt: Runtime, count: int, source: Source, now: datetime) -> list[str]:
    """Staff are told once that a source holds more than is proposed; returns the work."""
    if count <= MOST_OF_ONE_MAIL:
        return []
    text = (
        f"“{short(source.title)}” holds {count} bookings. The first {MOST_OF_ONE_MAIL} are proposed here; for the rest "
        "please import the file into the sheet. It is kept."
    )
    work = staff_work(rt, text, now)
    writes: list[Write] = [TellOnce(f"too-many#{proposal_id(source)}"), PutWork(work)]
    try:
        rt.store.commit(*writes)
    except Refused:
        return []
    return [work.work_id]
