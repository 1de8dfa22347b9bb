"""Take the sheet: give ids, brake, settle every row that changed, and make the next mirror of it (DESIGN §4.1, §6)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain import brake as braking
from chalicelib.domain import carry
from chalicelib.domain.appointment import Status, chain_id
from chalicelib.domain.brake import Braking, Change, brake
from chalicelib.domain.identity import new_id
from chalicelib.domain.mirror import MirrorRow, write_mirror
from chalicelib.domain.reconcile import Present, shows
from chalicelib.domain.roster import Roster, read_roster
from chalicelib.domain.rules import HouseRules, normalise
from chalicelib.domain.sheet import COLUMNS, Table, read_row
from chalicelib.domain.standing import Standing
from chalicelib.domain.status import read_status
from chalicelib.domain.terms import Terms
from chalicelib.domain.work import Work, WorkKind
from chalicelib.errors import ReminderError, StoreError
from chalicelib.runtime import Runtime
from chalicelib.usecases.add_columns import add_columns
from chalicelib.usecases.fill_ids import fill_ids, shown
from chalicelib.usecases.settle_row import Row, settle_row

log = logging.getLogger(__name__)


@dataclass
class Taken:
    """What taking a sheet came to. `mirror` is None if the brake refused it."""

    roster: Roster
    braking: Braking | None = None
    names: Sequence[str] = ()  # of a few visits that the refused sheet would drop or move
    mirror: str | None = None
    settled: int = 0
    failures: list[ReminderError] = field(default_factory=list)


@dataclass(frozen=True)
class Before:
    """What there was: the last good mirror's rows and the outbox's sheet edits as they stood before the cells were
    read, by id."""

    mirror: Sequence[MirrorRow]
    works: Mapping[str, Sequence[Work]]

    @classmethod
    def of(cls, mirror: Sequence[MirrorRow], works: Sequence[Work]) -> Before:
        edits: dict[str, list[Work]] = {}
        for work in works:
            if work.kind is WorkKind.SHEET_EDIT:
                edits.setdefault(work.appt_id, []).append(work)
        return cls(mirror, edits)


def take_sheet(
    rt: Runtime,
    table: Table,
    before: Before,
    house: HouseRules,
    terms: Terms,
    now: datetime,
    reread: bool,
    may_take: Mapping[str, str] | None,
) -> Taken:
    """Settle the sheet, unless the brake refuses it. `may_take` is what staff agreed to (id -> what becomes of it).

    A row that can't be settled stays as it was in the mirror, its failure in `failures`. Raises StoreError if
    standings can't be read.
    """
    roster = read_roster(table, before.mirror, terms, now, lambda taken: _mint(rt, taken), reread)
    touched = _touched(roster, before)
    standings = rt.store.standings([appt_id for appt_id, row in touched.items() if row.former or row.works])
    fresh = [appt_id for appt_id, row in touched.items() if not (row.former or row.works)]
    standings |= rt.store.standings(fresh) if fresh and before.mirror else {}
    refused = _brake(rt, before, roster, touched, standings, terms, now)
    if refused is not None and not (may_take and braking.covers(may_take, refused.would)):
        names = [_name(touched.get(a) or _as_mirrored(a, before)) for a in sorted(refused.would)[:5]]
        return Taken(roster, refused, names)
    taken = Taken(roster)
    _give_ids(rt, table, taken)
    entries = {entry.line: entry for entry in taken.roster.entries}
    kept: dict[str, MirrorRow] = {}
    settled: list[str] = []
    for row in touched.values():
        entry = entries[row.entry.line] if row.entry else None
        if entry is not None and not entry.counted:
            continue
        try:
            length = _minutes(row, house, terms)
            if settle_row(rt, replace(row, entry=entry), standings.get(row.appt_id), length, now):
                settled.append(row.appt_id)
        except StoreError as failure:
            taken.failures.append(failure)
            if row.former is not None:
                kept[row.appt_id] = row.former
            log.warning("row_not_settled", extra={"appt_id": row.appt_id, "why": str(failure)})
    taken.settled = len(settled)
    standings |= rt.store.standings(settled) if settled else {}
    taken.mirror = write_mirror(list(table.others), _rows(taken.roster, standings, kept, now))
    return taken


def _touched(roster: Roster, before: Before) -> dict[str, Row]:
    """The rows that a standing may have to do with: changed, gone, new or with an edit under way."""
    rows: dict[str, Row] = {}
    here = set()
    for entry in roster.entries:
        here.add(entry.appt_id)
        works = before.works.get(entry.appt_id, ())
        if entry.doubled or not (works or entry.changed()):
            continue
        rows[entry.appt_id] = Row(entry.appt_id, entry.former, entry, works)
    for former in before.mirror:
        if former.appt_id and former.appt_id not in here:
            rows[former.appt_id] = Row(former.appt_id, former, None, before.works.get(former.appt_id, ()))
    return rows


def _brake(
    rt: Runtime,
    before: Before,
    roster: Roster,
    touched: Mapping[str, Row],
    standings: Mapping[str, Standing],
    terms: Terms,
    now: datetime,
) -> Braking | None:
    twice = {entry.appt_id for entry in roster.entries if entry.doubled}
    upcoming = 0
    changes: list[Change] = []
    seen: set[str] = set()
    for former in before.mirror:
        if former.start is None or former.start <= now:
            continue
        cancelled = read_status(former.values.get("status", ""))[0] is Status.CANCELLED
        upcoming += not cancelled
        appt_id = former.appt_id
        if appt_id in seen:
            continue
        seen.add(appt_id)
        row = touched.get(appt_id)
        if appt_id in twice and not cancelled:
            changes.append(Change(appt_id, braking.BAD))
        if row is None:
            continue
        becomes = "" if cancelled else _becomes(former, row, standings.get(appt_id), terms)
        if becomes or _differs(former, row, standings.get(appt_id)):
            changes.append(Change(appt_id, becomes))
    return brake(changes, upcoming, rt.config.brake_share, rt.config.brake_rows)


def _becomes(former: MirrorRow, row: Row, standing: Standing | None, terms: Terms) -> str:
    """What the sheet would make of an upcoming visit, as far as the brake counts it."""
    entry = row.entry
    if entry is None:
        return braking.GONE
    if read_status(entry.values["status"])[0] is Status.CANCELLED:
        return ""
    if entry.start is None or read_row(entry.values, entry.line, entry.start, terms).appointment is None:
        return braking.BAD
    if entry.start == former.start:
        return ""
    if standing is not None and (chain_id(entry.start) == standing.chain or entry.start == standing.moved_from):
        return ""  # the customer's own move, or an export that would take it back, which isn't taken anyway
    return chain_id(entry.start)


def _differs(former: MirrorRow, row: Row, standing: Standing | None) -> bool:
    """Whether the sheet changes the row at all, but for what we wrote into it ourselves."""
    entry = row.entry
    if entry is None:
        return True
    ours = standing.pending if standing and shows(Present(entry.values, entry.start), standing) else {}
    return any(former.values.get(c, "").strip() != entry.values[c].strip() for c in COLUMNS if c not in ours)


def _give_ids(rt: Runtime, table: Table, taken: Taken) -> None:
    """Missing columns and ids. What fails is for the next sync: such rows are not acted on until then."""
    wanted = taken.roster.wanted
    shows_now = {row.line: shown(table.values(row)) for row in table.rows if row.line in wanted}
    try:
        if "status" not in table.columns or (wanted and "appt_id" not in table.columns):
            add_columns(rt.sheet, rt.sheet.read())
        counted = fill_ids(rt.sheet, wanted, shows_now) if wanted else {}
        taken.roster = taken.roster.with_counted(counted)
        if counted:
            log.info("ids_given", extra={"rows": len(counted)})
    except ReminderError as failure:
        taken.failures.append(failure)
        log.warning("ids_not_given", extra={"rows": len(wanted), "why": str(failure)})


def _mint(rt: Runtime, taken: set[str]) -> str:
    for _ in range(100):
        made = new_id(rt.tokens.tail(), taken)
        if made is not None:
            return made
    raise StoreError("no free id was found in a hundred tries")


def _rows(
    roster: Roster, standings: Mapping[str, Standing], kept: Mapping[str, MirrorRow], now: datetime
) -> list[MirrorRow]:
    """The next mirror's rows, in the sheet's order; rows that could not be settled as they were."""
    rows = []
    here = set()
    for entry in roster.entries:
        here.add(entry.appt_id)
        if entry.appt_id in kept:
            rows.append(kept[entry.appt_id])
            continue
        standing = standings.get(entry.appt_id)
        rows.append(
            MirrorRow(
                values=entry.values,
                start=entry.start if entry.counted else None,
                first_seen=carry.first_seen(entry.former, entry.values, entry.start, standing, now),
                since=carry.since(entry.former, entry.values, now, normalise),
                line=entry.line,
                stands=carry.stands(entry.former, standing),
            )
        )
    rows += [former for appt_id, former in kept.items() if appt_id not in here]
    return rows


def _minutes(row: Row, house: HouseRules, terms: Terms) -> int:
    """The length of the visit whose slot may be given back, in minutes."""
    values = row.former.values if row.former else row.values
    start = row.former.start if row.former else None
    reading = read_row(values, 0, start, terms) if start else None
    own = reading.appointment.minutes if reading and reading.appointment else None
    return own or house.minutes(values.get("service", ""))


def _as_mirrored(appt_id: str, before: Before) -> Row:
    """A visit whose id is doubled by now: which of its rows it is, nobody knows."""
    return Row(appt_id, next((row for row in before.mirror if row.appt_id == appt_id), None), None)


def _name(row: Row) -> str:
    customer = row.values.get("customer", "").strip()
    return f"{customer} ({row.appt_id})" if customer else row.appt_id
