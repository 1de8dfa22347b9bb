"""The brake, carried out: whom a refused sheet holds, what staff are asked, and what a sheet that is taken lets go."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.brake import Braking, covers
from chalicelib.domain.events import iso
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.question import refused_sheet_question
from chalicelib.domain.work import StaffLine
from chalicelib.errors import Refused
from chalicelib.ports import PutAudit, PutWork, TellOnce
from chalicelib.runtime import Runtime
from chalicelib.usecases.settle_row import resume_chain
from chalicelib.usecases.staff_lines import line_work
from chalicelib.usecases.sync_state import AskedToTake, SyncState, digest

log = logging.getLogger(__name__)


def refuse_sheet(
    rt: Runtime, state: SyncState, braking: Braking, visits: Sequence[str], mirror: str, now: datetime
) -> SyncState:
    """Hold what the sheet drops or changes, and ask, unless a question that covers it is open.

    `visits` names a few of them, `mirror` is the last good one, which stays. Returns the state to remember.
    """
    asked = state.brake
    if asked is None or not covers(asked.would, braking.would):
        question = digest(f"{digest(mirror)} {sorted(braking.would.items())}")
        line = refused_sheet_question(braking.would, len(braking.held), braking.upcoming, visits, question)
        try:
            rt.store.commit(TellOnce(f"brake#{question}"), PutWork(line_work(rt, line, now)))
        except Refused:
            log.info("brake_asked_before", extra={"question": question})
        asked = AskedToTake(question, braking.would)
    log.warning("sheet_refused", extra={"rows": len(braking.would), "of": braking.upcoming, "held": len(braking.held)})
    rt.metrics.count("sheet_refused")
    return replace(state, held=braking.held, brake=asked, mirror=digest(mirror))


def release_sheet(rt: Runtime, state: SyncState, rows: Iterable[MirrorRow], by: str, now: datetime) -> SyncState:
    """The sheet is taken: nobody is held any more, and what was dropped for it may go again.

    `by` is who pressed the button, blank if the sheet came within the limit by itself; `rows` are the last mirror's.
    """
    if by:
        entry = AuditEntry(
            appt_id="sheet",
            ts=f"{iso(now)}#{rt.tokens.tail()}",
            action="brake_taken",
            channel="slack",
            after=f"{len(state.brake.would) if state.brake else 0} visits dropped or moved",
            by=by,
        )
        rt.store.commit(PutAudit(entry))
    else:
        text = "The sheet is within limits again and was taken. Nothing is held any more."
        rt.store.commit(PutWork(line_work(rt, StaffLine(text, reason="the brake"), now)))
    ahead = {row.appt_id for row in rows if row.start and row.start > now}
    for appt_id, standing in rt.store.standings(state.held).items():
        if appt_id in ahead:
            resume_chain(rt, appt_id, standing.chain, now)
    return replace(state, held=(), brake=None)
