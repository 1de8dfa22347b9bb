"""Write what an answer promised into the sheet, or ask staff where the sheet says something new (DESIGN §6).

It writes only if the cells still show what the reply saw. A cell that was only blanked meanwhile, or a start that was
only spelled anew, still says the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.appointment import chain_start
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.carry import seen_on
from chalicelib.domain.dates import read_start
from chalicelib.domain.events import iso
from chalicelib.domain.question import Ask, ask_key, cell_question, start_question, visit_name
from chalicelib.domain.reconcile import DECIDING
from chalicelib.domain.standing import Standing
from chalicelib.domain.status import status_word
from chalicelib.domain.work import StaffLine, Work, WorkState
from chalicelib.errors import Refused
from chalicelib.ports import MarkWork, PutAudit, PutWork, RemoveWork, ReplaceStanding, TellOnce, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.edit_row import Edit, EditOutcome, edit_row
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.staff_lines import line_work, staff_work

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Promise:
    """A sheet edit's payload: the cells, what they may show before, and the chain that was answered."""

    cells: Mapping[str, str]
    expect: tuple[Mapping[str, str], ...]
    chain: str

    @classmethod
    def of(cls, payload: Mapping[str, object]) -> Promise:
        """Raises KeyError or ValueError for any other payload."""
        others = payload.get("or_expect") or ()
        if not isinstance(others, Sequence):
            raise ValueError("or_expect is not a list")
        expect = (_texts(payload.get("expect") or {}), *(_texts(other) for other in others))
        return cls(_texts(payload["cells"]), expect, str(payload.get("chain") or ""))


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("cells are not an object")
    return {str(column): str(text) for column, text in value.items()}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whether an edit is done with, and the outbox ids of what was promised to staff in its place."""

    done: bool
    promised: tuple[str, ...] = ()


def write_answer(rt: Runtime, work: Work, now: datetime) -> Attempt:
    """Try one SHEET_EDIT. Raises UpstreamError, NotTheSheet or StoreError: then it waits."""
    promise = Promise.of(work.payload)
    standing = rt.store.standings([work.appt_id]).get(work.appt_id)
    if standing is not None and any(standing.pending.get(c) != text for c, text in promise.cells.items()):
        rt.store.commit(RemoveWork(work.work_id))  # overtaken: nobody waits for these cells any more
        return Attempt(True)
    outcome = _edit(rt, work, promise, now)
    match outcome.edit:
        case Edit.WRITTEN | Edit.ALREADY:
            _written(rt, work, promise, outcome, now)
            return Attempt(True)
        case Edit.DIFFERS:
            return _ask(rt, work, promise, standing, outcome, now)
        case Edit.GONE:
            return _row_is_gone(rt, work, promise, standing, now)
        case Edit.DOUBLED:
            return Attempt(False)


def _edit(rt: Runtime, work: Work, promise: Promise, now: datetime) -> EditOutcome:
    outcome = EditOutcome(Edit.GONE)
    for expect in promise.expect:
        outcome = edit_row(rt.sheet, work.appt_id, promise.cells, expect)
        if outcome.edit is not Edit.DIFFERS:
            return outcome
        same = _same_meaning(rt, work, promise, expect, outcome.seen, now)
        if same is not None:
            return edit_row(rt.sheet, work.appt_id, promise.cells, same)
    return outcome


def _same_meaning(
    rt: Runtime, work: Work, promise: Promise, expect: Mapping[str, str], seen: Mapping[str, str], now: datetime
) -> dict[str, str] | None:
    """What the cells show, if it says the same as was expected; None if it says something new."""
    status_same = seen.get("status", "").casefold() == expect.get("status", "").strip().casefold()
    if not status_same and status_word(seen.get("status", "")) not in ("", "moved"):
        return None
    spelled = all(seen.get(c, "") == expect.get(c, "").strip() for c in ("date", "time"))
    if not spelled and _start_seen(rt, work.appt_id, seen, now) != _start_of(promise.chain):
        return None
    return {column: seen.get(column, "") for column in expect}


def _start_seen(rt: Runtime, appt_id: str, seen: Mapping[str, str], now: datetime) -> datetime | None:
    """The start that the cells show; None if it can't be read."""
    shop = Shop(rt)
    day = seen_on(shop.row(appt_id), seen.get("date", ""), shop.config.zone, now)
    read = read_start(seen.get("date", ""), seen.get("time", ""), shop.terms, day)
    return read if isinstance(read, datetime) else None


def _start_of(chain: str) -> datetime | None:
    return chain_start(chain) if chain else None


def _written(rt: Runtime, work: Work, promise: Promise, outcome: EditOutcome, now: datetime) -> None:
    writes: list[Write] = [MarkWork(work.work_id, WorkState.WRITTEN)]
    if outcome.edit is Edit.WRITTEN:
        first = promise.expect[0]
        entry = AuditEntry(
            appt_id=work.appt_id,
            ts=f"{iso(now)}#{rt.tokens.tail()}",
            action="row_written",
            channel="sheet",
            before=", ".join(f"{c}: {first.get(c, '')}" for c in promise.cells),
            after=", ".join(f"{c}: {text}" for c, text in promise.cells.items()),
            chain=promise.chain,
        )
        writes.append(PutAudit(entry))
    try:
        rt.store.commit(*writes)
    except Refused:
        log.info("sheet_edit_overtaken", extra={"appt_id": work.appt_id})


def _ask(
    rt: Runtime, work: Work, promise: Promise, standing: Standing | None, outcome: EditOutcome, now: datetime
) -> Attempt:
    """The cells say something new: the standing is contested and staff are asked, unless another run was faster."""
    values = _row_values(rt, work.appt_id)
    cells = {column: outcome.seen.get(column, "") for column in DECIDING}
    if standing is None:
        text = (
            f"{visit_name(values, work.appt_id)}: {_wanted(promise)} was to be written into the sheet, but the row "
            "says something else by now. It is left as it is; please look."
        )
        told = staff_work(rt, text, now, appt_id=work.appt_id)
        rt.store.commit(RemoveWork(work.work_id), PutWork(told))
        return Attempt(True, (told.work_id,))
    shown = _start_seen(rt, work.appt_id, outcome.seen, now)
    ours = chain_start(standing.chain)
    line: StaffLine
    if shown in (ours, _start_of(promise.chain)):
        ask = Ask.CELL
        mark = promise.cells.get("status", "")
        line = cell_question(values, work.appt_id, standing.chain, mark or "(blank)", cells["status"])
    else:
        ask = Ask.START
        returned = shown is not None and shown == standing.moved_from
        line = start_question(values, work.appt_id, ours, shown, returned, rt.config.zone)
    detail = json.dumps({"chain": standing.chain, "cells": cells}, sort_keys=True)
    question = line_work(rt, line, now)
    try:
        rt.store.commit(
            ReplaceStanding(replace(standing, contested=True, pending={})),
            RemoveWork(work.work_id),
            TellOnce(ask_key(work.appt_id, ask, f"{standing.chain}#{work.work_id}"), detail),
            PutWork(question),
        )
    except Refused:
        return Attempt(False)
    return Attempt(True, (question.work_id,))


def _row_is_gone(rt: Runtime, work: Work, promise: Promise, standing: Standing | None, now: datetime) -> Attempt:
    """The row isn't in the sheet. While the mirror still has it, it may only have lost its id: then the edit waits."""
    shop = Shop(rt)
    if shop.row(work.appt_id) is not None:
        return Attempt(False)
    text = (
        f"Appointment {work.appt_id}: {_wanted(promise)} was to be written into the sheet, but its row is gone. "
        "The answer is kept; nothing is sent for a visit without a row."
    )
    told = staff_work(rt, text, now, appt_id=work.appt_id)
    writes: list[Write] = [RemoveWork(work.work_id), PutWork(told)]
    if standing is not None:
        writes.append(ReplaceStanding(replace(standing, pending={})))
    try:
        rt.store.commit(*writes)
    except Refused:
        return Attempt(False)
    return Attempt(True, (told.work_id,))


def _wanted(promise: Promise) -> str:
    return ", ".join(f"{column} “{text}”" for column, text in promise.cells.items())


def _row_values(rt: Runtime, appt_id: str) -> Mapping[str, str]:
    row = Shop(rt).row(appt_id)
    return row.values if row else {}
