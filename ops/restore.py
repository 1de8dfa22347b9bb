"""Put an earlier version of the mirrored sheet back; the sheet itself isn't followed until people change it.

Without a version the last ones are listed. With one, what it would change is shown, and done with `--yes`. `--undo`
takes the way back. Answers that customers gave since stay: a confirmed, cancelled or moved visit is settled against
the row that is put back as if somebody had pasted it over the sheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import click

from chalicelib.domain import carry
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.mirror import MirrorRow, read_mirror, write_mirror
from chalicelib.domain.roster import Entry
from chalicelib.domain.sheet import COLUMNS, RESERVED, read_table
from chalicelib.domain.work import StaffLine, Work, WorkKind
from chalicelib.errors import NotTheSheet
from chalicelib.ports import Document, PutAudit, PutWork, Stored
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.hold_restored import row_marks
from chalicelib.usecases.settle_row import Row, settle_row
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.staff_lines import line_work
from chalicelib.usecases.sync_state import Restored, SyncState, digest
from ops.mirror_versions import MirrorVersions

_SHOWN = 10


@click.command(short_help="put an earlier version of the mirrored sheet back", help=__doc__)
@click.argument("version", default="")
@click.option("--undo", is_flag=True, help="back to what was there before, and follow the sheet again")
@click.option("--yes", is_flag=True, help="do it; without this it is only shown")
def restore(version: str, undo: bool, yes: bool) -> int:
    """List, show or do it. Returns 0."""
    import boto3

    from chalicelib import bootstrap

    rt = bootstrap.runtime()
    rt.metrics = Unheard()
    versions = MirrorVersions(boto3.client("s3"))
    if undo == bool(version) and (undo or yes):
        raise ValueError("say one of a version and --undo")
    if not undo and not version:
        for line in listed(rt, versions):
            print(line)
        return 0
    restored = read_state(rt)[1].restored
    if undo and restored is None:
        raise LookupError("nothing was put back that could be undone (or the sheet is followed again since)")
    wanted = restored.replaced if undo and restored else versions.find(version).version_id
    text = versions.text(wanted)
    for line in difference(rt, text):
        print(line)
    if not yes:
        print("Nothing was done. Say --yes to do it.")
        return 0
    (newest,) = versions.newest(1)
    done = put_back(rt, text, replaced="" if undo else newest.version_id)
    print(f"Done: {done.rows} rows, {done.settled} visits settled. {done.what_now}")
    return 0


class Unheard:
    """`ports.Metrics` on an operator's terminal, where nobody collects them."""

    def count(self, name: str, value: int = 1) -> None:
        """Nothing."""


def listed(rt: Runtime, versions: MirrorVersions) -> list[str]:
    """The last versions: name, shop-local time, rows, visits ahead."""
    now, zone = rt.clock(), rt.config.zone
    lines = []
    for version in versions.newest():
        rows = read_mirror(versions.text(version.version_id))
        ahead = sum(row.start is not None and row.start > now for row in rows)
        written = f"{version.written.astimezone(zone):%Y-%m-%d %H:%M}"
        in_force = "  in force" if version.newest else ""
        lines.append(f"{version.version_id}  {written}  {len(rows)} rows, {ahead} visits ahead{in_force}")
    return lines or ["There is no mirror yet."]


def difference(rt: Runtime, text: str) -> list[str]:
    """What this text would change among the visits ahead, by id: no contact, no name."""
    now = rt.clock()
    stored = rt.documents.read(Document.APPOINTMENTS)
    before = _by_id(read_mirror(stored.text) if stored else [])
    after = _by_id(read_mirror(text))

    def ahead(rows: Mapping[str, MirrorRow], appt_id: str) -> bool:
        row = rows.get(appt_id)
        return row is not None and row.start is not None and row.start > now

    both = [i for i in before.keys() | after.keys() if ahead(before, i) or ahead(after, i)]
    back = sorted(i for i in both if i not in before)
    gone = sorted(i for i in both if i not in after)
    moved = sorted(i for i in both if i in before and i in after and before[i].start != after[i].start)
    said = [("come back", back), ("go", gone), ("are at another time", moved)]
    lines = [f"{len(ids)} visits {what}: {_some(ids)}" for what, ids in said if ids]
    return lines or ["No visit ahead comes back, goes or is at another time."]


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")


@dataclass(frozen=True)
class PutBack:
    """What was done."""

    rows: int
    settled: int
    what_now: str


def read_state(rt: Runtime) -> tuple[Stored | None, SyncState]:
    """The sync's memory."""
    stored = rt.documents.read(Document.SYNC_STATE)
    return stored, SyncState.read(stored.text if stored else None)


def put_back(rt: Runtime, text: str, replaced: str) -> PutBack:
    """Make this text the mirror. `replaced` names the version that it replaces; blank is the way back, after which
    the sheet is followed again.

    Order as in a sync: standings, state, mirror. Can be repeated if it died on the way. Raises NotTheSheet for a text
    that is no mirror, StoreConflict if a sync ran meanwhile (try again), UpstreamError if Drive can't be asked.
    """
    now = rt.clock().replace(microsecond=0)
    rows = read_mirror(text)
    stored, state = read_state(rt)
    mirror = rt.documents.read(Document.APPOINTMENTS)
    former = read_mirror(mirror.text) if mirror else []
    modified, marks = (rt.sheet.modified(), _marks(rt)) if replaced else ("", {})
    settled = _settle(rt, former, rows, now)
    standings = rt.store.standings(row.appt_id for row in rows if row.appt_id)
    rows = [replace(row, stands=carry.stands(row, standings.get(row.appt_id))) for row in rows]
    text = write_mirror(_others(text), rows)
    restored = Restored(modified, digest(text), iso(now), replaced, marks) if replaced else None
    state = replace(state, restored=restored, mirror=digest(text), again=restored is None)
    rt.documents.write(Document.SYNC_STATE, state.text(), stored)
    rt.documents.write(Document.APPOINTMENTS, text, mirror)
    if replaced:
        what_now = "The sheet isn't followed until somebody changes it."
        line = f"An earlier list of appointments was put back ({len(rows)} rows). {what_now} Please mend it."
    else:
        what_now = "The sheet is followed again."
        line = f"The earlier list of appointments was taken away again. {what_now}"
    entry = AuditEntry(
        appt_id="sheet",
        ts=f"{iso(now)}#{rt.tokens.tail()}",
        action="mirror_restored" if replaced else "restore_undone",
        channel="system",
        after=f"{len(rows)} rows",
        by="operator",
    )
    tick = Work(f"{iso(now)}#{rt.tokens.tail()}", WorkKind.TICK, "", now)
    rt.store.commit(PutAudit(entry), PutWork(line_work(rt, StaffLine(line, reason="restore"), now)), PutWork(tick))
    drain_outbox(rt)
    return PutBack(len(rows), settled, what_now)


def _marks(rt: Runtime) -> dict[str, str]:
    """What each row of the sheet says now; nothing if it isn't the sheet, so that any sheet is a change."""
    try:
        return row_marks(read_table(rt.sheet.read()))
    except NotTheSheet:
        return {}


def _settle(rt: Runtime, former: Sequence[MirrorRow], rows: Sequence[MirrorRow], now: datetime) -> int:
    """Bring the standings to the rows that are put back, as a sync of them would. Raises StoreError."""
    shop = Shop(rt)
    before, after = _by_id(former), _by_id(rows)
    works: dict[str, list[Work]] = {}
    for work in rt.store.work():
        if work.kind is WorkKind.SHEET_EDIT:
            works.setdefault(work.appt_id, []).append(work)
    changed = [i for i in before.keys() | after.keys() if _differs(before.get(i), after.get(i))]
    standings = rt.store.standings(changed)
    settled = 0
    for appt_id in sorted(changed):
        was, row = before.get(appt_id), after.get(appt_id)
        if row is not None and row.start is None:
            continue  # it isn't acted on
        entry = Entry(row.line, row.values, row.start, None, was) if row else None
        changing = Row(appt_id, was, entry, works.get(appt_id, ()))
        length = shop.rules.minutes((was.values if was else changing.values).get("service", ""))
        settled += settle_row(rt, changing, standings.get(appt_id), length, now)
    return settled


def _differs(was: MirrorRow | None, row: MirrorRow | None) -> bool:
    if was is None or row is None:
        return True
    return was.start != row.start or any(was.values.get(c, "") != row.values.get(c, "") for c in COLUMNS)


def _by_id(rows: Sequence[MirrorRow]) -> dict[str, MirrorRow]:
    return {row.appt_id: row for row in rows if row.appt_id}


def _others(text: str) -> list[str]:
    """The sheet's own further columns in a mirror's header."""
    header = next(csv.reader(io.StringIO(text, newline="")))
    return [name for name in header if name not in COLUMNS and name not in RESERVED]
