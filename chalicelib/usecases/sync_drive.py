"""The sync: what the shop wrote into its sheet and docs becomes the mirrors that everything else acts on.

Order is what keeps it whole: the outbox is seen before the cells are read, standings are settled before the state is
written, the state before the mirror. The mirror is the commit point; a run that dies before it is made good by the
next, which finds another mirror than the state names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import names
from chalicelib.domain.events import iso
from chalicelib.domain.mirror import MirrorRow, read_mirror
from chalicelib.domain.rules import HouseRules, house_rules
from chalicelib.domain.sheet import Table, read_table
from chalicelib.domain.terms import Terms
from chalicelib.domain.work import StaffLine, Work, WorkKind
from chalicelib.errors import NotTheSheet, ReminderError
from chalicelib.ports import Document, PutWork, Stored
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.hold_restored import Hold, look_at_held_sheet
from chalicelib.usecases.keep_departed import keep_departed
from chalicelib.usecases.refuse_sheet import refuse_sheet, release_sheet
from chalicelib.usecases.staff_lines import line_work
from chalicelib.usecases.sync_state import SyncState, digest
from chalicelib.usecases.take_docs import rules_in_force, take_docs
from chalicelib.usecases.take_sheet import Before, Taken, take_sheet
from chalicelib.usecases.tell_rows import tell_rows

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(hours=1)
"""Cells are read this often even if Drive says that nothing changed: rows come within reach of their checks."""
TELL_AGAIN = timedelta(hours=24)
SHEET, RULES, VOICE = "sheet", "rules", "voice"
_DOCS = {RULES: Document.RULES, VOICE: Document.VOICE}


@dataclass(frozen=True, slots=True)
class Take:
    """A staff member's press on the brake's button: which question, and who."""

    question: str
    by: str


@dataclass
class SyncReport:
    """What a sync did, for the log and for the press that asked for it."""

    read: bool = False
    rows: int = 0
    mirror_written: bool = False
    docs_changed: bool = False
    refused: bool = False
    took: bool = False  # the sheet that a press asked to take
    settled: int = 0


@dataclass
class _Run:
    """One run's things, so that its steps need few arguments."""

    rt: Runtime
    now: datetime
    stored_state: Stored | None
    state: SyncState
    mirror: Stored | None
    works: Sequence[Work]
    report: SyncReport
    failures: list[ReminderError]

    def attempt(self, step: Callable[[], None]) -> None:
        """One step; what it raises is kept, so that the others go on."""
        try:
            step()
        except ReminderError as failure:
            log.warning("sync_step_failed", extra={"why": str(failure)})
            self.failures.append(failure)


def sync_drive(rt: Runtime, take: Take | None = None) -> SyncReport:
    """Mirror sheet and docs, settle what changed, and have the tick run for it.

    `take` is a press on the brake's button. Raises the first ReminderError that it met, after everything else was
    done: the run then counts as failed, and the next one makes it good.
    """
    now = rt.clock().replace(microsecond=0)
    drain_outbox(rt)
    works = rt.store.work()
    stored = rt.documents.read(Document.SYNC_STATE)
    mirror = rt.documents.read(Document.APPOINTMENTS)
    state = SyncState.read(stored.text if stored else None)
    run = _Run(rt, now, stored, state, mirror, works, SyncReport(), [])
    modified = _modified(run)
    cells = _cells(run, modified, take)
    rows = read_mirror(mirror.text) if mirror and (cells is not None or _docs_due(run, modified)) else []
    table = _table(run, cells)
    services = {row.values.get("service", "") for row in rows}
    services |= {table.get(row, "service") for row in table.rows} if table else set()
    due = _docs_due(run, modified)
    if due:
        run.attempt(lambda: _take_docs(run, due, services, modified))
    if table is not None:
        found = table
        run.attempt(lambda: _take(run, found, rows, modified, take))
    elif cells is not None:
        _remember(run, modified, SHEET)
    elif run.state.restored is not None and _an_hour_has_passed(run):
        run.state = replace(run.state, checked=iso(now))  # the docs were looked at
    run.attempt(lambda: _write_state(run))
    drain_outbox(rt)
    log.info("synced", extra={"read": run.report.read, "rows": run.report.rows, "written": run.report.mirror_written})
    if run.failures:
        rt.metrics.count("sync_failed")
        raise run.failures[0]
    rt.store.beat(names.DRIVE_SYNC, now)
    rt.metrics.count("sync")
    return run.report


# ---------------------------------------------------------------- whether to look


def _modified(run: _Run) -> dict[str, str]:
    """Drive's modifiedTime of each, read before what it is the time of; one that can't be read is left out."""
    rt, config = run.rt, run.rt.config
    found: dict[str, str] = {}

    def look(name: str, ask: Callable[[], str]) -> None:
        found[name] = ask()

    run.attempt(lambda: look(SHEET, rt.sheet.modified))
    if config.rules_doc_id:
        run.attempt(lambda: look(RULES, lambda: rt.docs.modified(Document.RULES)))
    if config.voice_doc_id:
        run.attempt(lambda: look(VOICE, lambda: rt.docs.modified(Document.VOICE)))
    return found


def _docs_due(run: _Run, modified: Mapping[str, str]) -> list[str]:
    """The docs that changed, and every hour both: a refused one may be right beside the services of today."""
    hourly = _an_hour_has_passed(run)
    return [n for n in _DOCS if n in modified and (hourly or modified[n] != run.state.modified.get(n))]


def _an_hour_has_passed(run: _Run) -> bool:
    checked = run.state.checked
    return not checked or run.now - datetime.fromisoformat(checked) >= LOOK_AGAIN


def _terms_name(run: _Run) -> str:
    return f"{run.rt.config.zone.key}|{run.rt.config.date_order}"


def _cells(run: _Run, modified: Mapping[str, str], take: Take | None) -> list[list[str]] | None:
    """The sheet's cells, if there may be anything new in them."""
    if SHEET not in modified:
        return None
    if _follows_a_restored_mirror(run, take):
        return _held_cells(run, modified[SHEET])
    state = run.state
    why = (
        take is not None,
        modified[SHEET] != state.modified.get(SHEET),
        any(modified[n] != state.modified.get(n) for n in _DOCS if n in modified),
        digest(run.mirror.text if run.mirror else "") != state.mirror,
        state.again,
        state.terms != _terms_name(run),
        any(work.kind is WorkKind.SHEET_EDIT for work in run.works),
        _an_hour_has_passed(run),
    )
    if not any(why):
        return None
    return _read(run, run.rt.sheet.read)


def _read(run: _Run, ask: Callable[[], list[list[str]] | None]) -> list[list[str]] | None:
    """The cells; None if they can't be read, or needn't be taken."""
    cells: list[list[str]] | None = None

    def read() -> None:
        nonlocal cells
        cells = ask()

    run.attempt(read)
    run.report.read = cells is not None
    return cells


def _follows_a_restored_mirror(run: _Run, take: Take | None) -> bool:
    """Whether the sheet is left alone since an earlier mirror was put back. Staff who take it end that too."""
    restored = run.state.restored
    if restored is None:
        return False
    if _may_take(run, take) is None and run.mirror is not None and digest(run.mirror.text) == restored.mirror:
        return True
    run.state = replace(run.state, restored=None)
    return False


def _held_cells(run: _Run, modified: str) -> list[list[str]] | None:
    """The cells of a sheet that is left alone: only if people changed it, or if it isn't the sheet any more."""
    edited = {work.appt_id for work in run.works if work.kind is WorkKind.SHEET_EDIT}

    def look() -> list[list[str]] | None:
        if run.state.restored is None:
            return None
        looked = look_at_held_sheet(run.rt, run.state.restored, modified, edited)
        if looked.hold is Hold.OVER:
            text = "The sheet was changed after an earlier list was put back: it is followed again."
            run.rt.store.commit(PutWork(line_work(run.rt, StaffLine(text, reason="restore"), run.now)))
        run.state = replace(run.state, restored=None if looked.hold is Hold.OVER else looked.restored)
        return looked.cells or None

    return _read(run, look)


def _table(run: _Run, cells: list[list[str]] | None) -> Table | None:
    """The sheet's rows; None, and staff are told once a day, if it isn't the sheet."""
    if cells is None:
        return None
    try:
        table = read_table(cells)
    except NotTheSheet as failure:
        problem = failure.problem
        run.attempt(lambda: _tell_not_the_sheet(run, problem))
        return None
    run.state = replace(run.state, not_the_sheet_told=None)
    return table


def _tell_not_the_sheet(run: _Run, problem: str) -> None:
    told = run.state.not_the_sheet_told
    if told and run.now - datetime.fromisoformat(told) < TELL_AGAIN:
        return
    meanwhile = (
        "The last good list stays in force and reminders go out from it."
        if run.mirror
        else "Nothing is sent until it is there."
    )
    text = f"The appointment sheet doesn't look like one: {problem}. {meanwhile} You are asked again in 24 hours."
    run.rt.store.commit(PutWork(line_work(run.rt, StaffLine(text, reason="not the sheet"), run.now)))
    run.state = replace(run.state, not_the_sheet_told=iso(run.now))


# ---------------------------------------------------------------- docs


def _take_docs(run: _Run, due: Sequence[str], services: set[str], modified: Mapping[str, str]) -> None:
    for name in due:
        if take_docs(run.rt, (_DOCS[name],), services, run.now):
            run.report.docs_changed = True
            _ask_for_a_tick(run)
        _remember(run, modified, name)


def _remember(run: _Run, modified: Mapping[str, str], name: str) -> None:
    run.state = replace(run.state, modified={**run.state.modified, name: modified[name]})


def _house(run: _Run) -> HouseRules:
    stored = run.rt.documents.read(Document.RULES)
    book = rules_in_force(stored.text if stored else None)
    config = run.rt.config
    return house_rules(book, windows=config.windows, quiet=config.quiet, gap_minutes=config.gap_minutes)


# ---------------------------------------------------------------- the sheet


def _take(
    run: _Run,
    table: Table,
    rows: Sequence[MirrorRow],
    modified: Mapping[str, str],
    take: Take | None,
) -> None:
    rt, config = run.rt, run.rt.config
    house = _house(run)
    terms = Terms(config.zone, config.country, config.date_order, house.opening)
    run.report.rows = len(table.rows)
    may_take = _may_take(run, take)
    reread = bool(run.state.terms) and run.state.terms != _terms_name(run)
    taken = take_sheet(rt, table, Before.of(rows, run.works), house, terms, run.now, reread, may_take)
    run.failures += taken.failures
    run.report.settled = taken.settled
    _remember(run, modified, SHEET)
    # What fails from here on leaves the mirror as it was: the sheet is then read again.
    run.state = replace(run.state, checked=iso(run.now), terms=_terms_name(run), again=True)
    if taken.braking is not None:
        mirror = run.mirror.text if run.mirror else ""
        refused = refuse_sheet(rt, run.state, taken.braking, taken.names, mirror, run.now)
        run.state = replace(refused, again=bool(taken.failures))
        run.report.refused = True
        return
    if run.state.held or run.state.brake:
        _ask_for_a_tick(run)
        run.report.took = may_take is not None
        by = take.by if take and may_take is not None else ""
        run.state = release_sheet(rt, run.state, rows, by, run.now)
    tell_rows(rt, taken.roster.entries, house, terms, run.now)
    keep_departed(rt, rows, {entry.appt_id for entry in taken.roster.entries}, run.now)
    _write_mirror(run, taken)


def _may_take(run: _Run, take: Take | None) -> Mapping[str, str] | None:
    asked = run.state.brake
    return asked.would if take and asked and asked.question == take.question else None


def _write_mirror(run: _Run, taken: Taken) -> None:
    text = taken.mirror or ""
    changed = run.mirror is None or run.mirror.text != text
    run.state = replace(run.state, mirror=digest(text), again=bool(taken.failures))
    if changed or taken.settled:
        _ask_for_a_tick(run)
    _write_state(run)
    if changed:
        run.rt.documents.write(Document.APPOINTMENTS, text, run.mirror)
        run.report.mirror_written = True


def _write_state(run: _Run) -> None:
    """Store what this run remembers, if it is new. Raises StoreConflict if another sync ran beside this one."""
    text = run.state.text()
    if run.stored_state is None or run.stored_state.text != text:
        run.stored_state = run.rt.documents.write(Document.SYNC_STATE, text, run.stored_state)


def _ask_for_a_tick(run: _Run) -> None:
    """Promised before the mirror is there and asked for after it: a run that dies between leaves the promise."""
    if any(work.kind is WorkKind.TICK for work in run.works):
        return
    tick = Work(f"{iso(run.now)}#{run.rt.tokens.tail()}", WorkKind.TICK, "", run.now)
    run.rt.store.commit(PutWork(tick))
    run.works = [*run.works, tick]
