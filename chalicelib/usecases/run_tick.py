"""The tick: what is due in the next hour, what did not go and why, what was left unfinished.

It is level-triggered, so running it twice, late, or on a change is harmless: what was sent isn't due, what was told
isn't told again, and dispatch's ledger decides every race. It never calls a model and never asks Google.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from chalicelib import names
from chalicelib.domain.appointment import Appointment, hours, to_minute, window_key
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.decision import Decision, Due, decide
from chalicelib.domain.events import MoveDue, iso
from chalicelib.domain.mirror import MirrorRow, candidates, widest_own
from chalicelib.domain.plan import Passed, Skipped
from chalicelib.domain.send import SendKey
from chalicelib.domain.standing import Standing
from chalicelib.domain.voice import visit_fields
from chalicelib.domain.work import Work, WorkKind
from chalicelib.errors import ReminderError, StoreError
from chalicelib.ports import PutAudit, PutWork, ReplaceStanding, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.shop import Shop, Visit
from chalicelib.usecases.staff_lines import staff_work
from chalicelib.usecases.sweep_ledger import sweep_ledger

log = logging.getLogger(__name__)

LOOK_AHEAD = timedelta(minutes=75)
"""One interval and fifteen minutes (DESIGN §5.9)."""
LOOK_BACK = timedelta(days=7)
"""How far back a visit is still looked at after an outage, so that what was missed is told."""
BATCH = 100


@dataclass
class TickReport:
    """What a tick did, for the log."""

    candidates: int = 0
    emitted: int = 0
    recorded: int = 0
    swept: int = 0
    told: list[str] = field(default_factory=list)  # the outbox items of its lines to staff
    failures: list[Exception] = field(default_factory=list)


def run_tick(rt: Runtime) -> TickReport:
    """Drain the outbox, emit what is due within 75 minutes, record and tell what won't go, sweep the ledger, beat.

    Raises the first failure that it met, after everything else was done: the run then counts as failed.
    """
    now = to_minute(rt.clock())
    report = TickReport()
    last_beat = rt.store.last_beat(names.REMINDER)
    works = rt.store.work()
    shop = Shop(rt)
    steps: list[Callable[[], object]] = [
        lambda: drain_outbox(rt, works=works),
        lambda: _decide_all(rt, shop, works, now, last_beat, report),
        lambda: _tell(rt, report),
        lambda: _sweep(rt, report),
    ]
    for step in steps:
        try:
            step()
        except ReminderError as failure:
            report.failures.append(failure)
    if report.failures:
        rt.metrics.count("tick_failed")
        raise report.failures[0]
    rt.store.beat(names.REMINDER, now)
    rt.metrics.count("tick")
    return report


def _tell(rt: Runtime, report: TickReport) -> None:
    """Post at once what was promised to staff a moment ago."""
    if report.told:
        drain_outbox(rt, only=report.told)


def _sweep(rt: Runtime, report: TickReport) -> None:
    report.swept = sweep_ledger(rt)


def _decide_all(
    rt: Runtime, shop: Shop, works: list[Work], now: datetime, last_beat: datetime | None, report: TickReport
) -> None:
    """Decide for every candidate, a batch of standings at a time; emit each batch before the next is read."""
    if not shop.ready:
        return
    rows = _candidates(shop, works, now, last_beat)
    while batch := list(islice(rows, BATCH)):
        report.candidates += len(batch)
        standings = rt.store.standings([row.appt_id for row in batch])
        events: list[MoveDue] = []
        for row in batch:
            try:
                events += _decide(rt, shop, row, standings.get(row.appt_id), now, report)
            except ReminderError:
                raise  # it is the store or a vendor that fails, not the row
            except Exception as failure:  # whatever is wrong with one row must not silence the others
                log.exception("row_failed", extra={"appt_id": row.appt_id})
                report.failures.append(failure)
        rt.bus.put(events)
        report.emitted += len(events)


def _decide(
    rt: Runtime, shop: Shop, row: MirrorRow, standing: Standing | None, now: datetime, report: TickReport
) -> list[MoveDue]:
    """What is due of one row; what won't go is written down."""
    visit = shop.visit(row, standing)
    if visit is None:
        return []
    decision = decide(visit.state, visit.schedule, shop.hours, visit.seen, now, LOOK_AHEAD)
    _record(rt, shop, visit, decision, now, report)
    return [move_due(visit, due, shop) for due in decision.due]


def _candidates(shop: Shop, works: list[Work], now: datetime, last_beat: datetime | None) -> Iterator[MirrorRow]:
    """Rows that start between the last beat and the end of rule 10's horizon, and those with a reply under way."""
    begin = max(min(last_beat or now, now), now - LOOK_BACK)
    widest = max([*shop.rules.all_windows(), widest_own(shop.mirror)], default=0)
    reach = now + timedelta(minutes=widest) + LOOK_AHEAD
    end = reach + shop.hours.longest_wait(now, reach)
    answered = {work.appt_id for work in works if work.kind is WorkKind.SHEET_EDIT}
    return candidates(shop.mirror, begin, end, also=answered)


def move_due(visit: Visit, due: Due, shop: Shop) -> MoveDue:
    """The event of one due send, with the context that people and logs want."""
    appointment = visit.appointment
    what = window_key(due.window) if due.window is not None else "gap"
    return MoveDue(
        key=SendKey(appointment.appt_id, appointment.chain, what),
        move=due.move,
        planned=due.at,
        hours=hours(due.window) if due.window is not None else None,
        reason=due.reason,
        context=context_of(appointment, shop),
    )


def context_of(appointment: Appointment, shop: Shop) -> dict[str, str]:
    """The appointment context of an event: no contact travels on the bus."""
    local = appointment.start.astimezone(shop.config.zone)
    return {
        "customer": appointment.customer,
        "service": appointment.service,
        "staff": appointment.staff,
        "start": local.isoformat(timespec="minutes"),
        "status": appointment.status.value,
    }


def _record(rt: Runtime, shop: Shop, visit: Visit, decision: Decision, now: datetime, report: TickReport) -> None:
    """Write down, once, which windows won't go and why; staff hear of the skipped ones."""
    standing = visit.standing
    known = standing.outcomes if standing and standing.chain == visit.appointment.chain else {}
    fresh: list[tuple[Passed | Skipped, str]] = []
    not_going: tuple[Passed | Skipped, ...] = (*decision.passed, *decision.skipped)
    for entry in not_going:
        outcome = f"{'skipped' if isinstance(entry, Skipped) else 'passed'}: {entry.reason}"
        if known.get(window_key(entry.window)) != outcome:
            fresh.append((entry, outcome))
    if not fresh:
        return
    if standing is None:
        standing = Standing(visit.appointment.appt_id, visit.appointment.chain)
    elif standing.chain != visit.appointment.chain:
        return  # the sync is about to start the new chain
    outcomes = {**standing.outcomes, **{window_key(entry.window): outcome for entry, outcome in fresh}}
    writes: list[Write] = [ReplaceStanding(replace(standing, outcomes=outcomes))]
    writes += [PutAudit(_audit(rt, visit.appointment, entry, now)) for entry, _ in fresh]
    skipped = [entry for entry, _ in fresh if isinstance(entry, Skipped) and entry.tell]
    lines = [_skip_line(rt, shop, visit.appointment, entry, now) for entry in skipped]
    writes += [PutWork(line) for line in lines]
    try:
        rt.store.commit(*writes)
    except StoreError as raced:
        log.info("outcome_not_recorded", extra={"appt_id": standing.appt_id, "why": str(raced)})
        if visit.appointment.start <= now:
            report.failures.append(raced)  # after a beat no tick would look back at it
        return
    report.recorded += len(fresh)
    report.told += [line.work_id for line in lines]


def _audit(rt: Runtime, appointment: Appointment, entry: Passed | Skipped, now: datetime) -> AuditEntry:
    return AuditEntry(
        appt_id=appointment.appt_id,
        ts=f"{iso(now)}#{rt.tokens.tail()}",
        action="window_skipped" if isinstance(entry, Skipped) else "window_passed",
        channel="system",
        after=window_key(entry.window),
        chain=appointment.chain,
        hours=hours(entry.window),
        reason=entry.reason,
    )


def _skip_line(rt: Runtime, shop: Shop, appointment: Appointment, entry: Skipped, now: datetime) -> Work:
    fields = visit_fields(appointment, shop.config.zone, shop.config.language)
    text = (
        f"{appointment.customer} gets no {hours(entry.window):g}-hour reminder for {appointment.service}, "
        f"{fields['day']} {fields['date']}, {fields['time']}: {entry.reason}."
    )
    return staff_work(rt, text, now, appointment=appointment, hours=hours(entry.window), reason=entry.reason)
