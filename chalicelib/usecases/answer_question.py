"""What staff answered to a question about one visit (DESIGN §4.1): each press is one transaction on its standing."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.appointment import chain_start
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.gap_buttons import read_subject
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.question import ask_prefix, read_starts, visit_name
from chalicelib.domain.reconcile import Present, mark_of, new_chain, reopened
from chalicelib.domain.respell import respell_date, respell_time
from chalicelib.domain.roster import Entry
from chalicelib.domain.standing import Answer, Standing
from chalicelib.domain.wording import local_minute
from chalicelib.domain.work import Work, WorkKind
from chalicelib.errors import Refused, StoreConflict
from chalicelib.ports import PutAudit, PutWork, RemoveWork, ReplaceStanding, Untell, Write
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.reply_promises import deciding_cells, edit_work
from chalicelib.usecases.settle_row import Row, resume_chain, verdict_writes
from chalicelib.usecases.shop import Shop

log = logging.getLogger(__name__)

TRIES = 3


@dataclass(frozen=True)
class Matter:
    """All that a press is about, as it stands."""

    rt: Runtime
    shop: Shop
    appt_id: str
    standing: Standing
    row: MirrorRow | None
    disputed: Mapping[str, str]  # the cells as they were when staff were asked, if they were in dispute
    asked: Sequence[str]  # the keys of the questions, to be asked again should it happen again
    user: str
    now: datetime

    @property
    def values(self) -> Mapping[str, str]:
        """The row's cells as far as anybody knows: the mirror's, what was disputed, and an answer's mark that was
        written, or is about to be, since staff were asked."""
        mirrored = self.row.values if self.row else {}
        known = {**mirrored, **self.disputed}
        mark = mark_of(self.standing)
        if mark and mark in (self.standing.pending.get("status"), mirrored.get("status", "").strip()):
            known["status"] = mark
        return known

    def audit(self, action: str, before: str, after: str) -> PutAudit:
        entry = AuditEntry(
            appt_id=self.appt_id,
            ts=f"{iso(self.now)}#{self.rt.tokens.tail()}",
            action=action,
            channel="slack",
            before=before,
            after=after,
            by=self.user,
            chain=self.standing.chain,
        )
        return PutAudit(entry)

    def tick(self) -> PutWork:
        """Whatever is on again is decided for at once."""
        return PutWork(Work(f"{iso(self.now)}#{self.rt.tokens.tail()}", WorkKind.TICK, self.appt_id, self.now))


Writes = Callable[[Matter], tuple[list[Write], str]]
"""What a press writes, and what its message says then; no writes: the matter is settled already."""


def keep_start(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """*Keep Friday 3:00pm*: the customer's own start is written into the sheet."""
    appt_id, ours, _ = read_starts(value)

    def writes(matter: Matter) -> tuple[list[Write], str]:
        if not matter.standing.contested:
            return [], "it is settled already"
        kept = local_minute(chain_start(ours), rt.config.zone)
        return _write_ours(matter, "start_kept"), f"{kept} is kept and written into the sheet"

    return _settle(rt, appt_id, ours, user, now, writes)


def back_to_start(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """*Back to Wednesday 10:00am*: the sheet's start counts; its chain's sends go on, its old reply doesn't."""
    appt_id, ours, theirs = read_starts(value)
    start = chain_start(theirs)

    def writes(matter: Matter) -> tuple[list[Write], str]:
        if not matter.standing.contested or matter.row is None:
            return [], "it is settled already"
        if matter.standing.answer is Answer.CANCELLED:
            return [], "the customer has cancelled since you were asked, so nothing is changed and nothing is sent"
        # What stands in the status cell stood there before this press: it is the old chain's.
        stood = replace(matter.row, values=matter.values)
        verdict = new_chain(appt_id, stood, Present(matter.values, start), matter.standing, chain_start(ours))
        row = Row(appt_id, matter.row, Entry(matter.row.line, matter.values, start, None, matter.row))
        rt.ledger.archive(appt_id, ours)
        minutes = matter.shop.rules.minutes(matter.values.get("service", ""))
        made = verdict_writes(rt, row, matter.standing, verdict, minutes, now, by=user)
        return [*made, matter.tick()], f"back to {local_minute(start, rt.config.zone)}, as the sheet says"

    text = _settle(rt, appt_id, ours, user, now, writes)
    resume_chain(rt, appt_id, theirs, now)
    return text


def reopen(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """*Reopen*: the reply no longer stands, reminders go on."""
    appt_id, chain = read_subject(value)

    def writes(matter: Matter) -> tuple[list[Write], str]:
        if matter.standing.answer is Answer.OPEN:
            return [], "it is open already"
        opened = ReplaceStanding(reopened(matter.standing, now))
        audit = matter.audit("reopened", matter.standing.answer.value, "open")
        return [opened, *_edits_dropped(matter), audit, matter.tick()], "reopened, the reminders go on"

    text = _settle(rt, appt_id, chain, user, now, writes)
    resume_chain(rt, appt_id, chain, now)
    return text


def keep_answer(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """*Keep the answer*: it is written into the sheet again."""
    appt_id, chain = read_subject(value)

    def writes(matter: Matter) -> tuple[list[Write], str]:
        mark = mark_of(matter.standing)
        if not mark or matter.standing.pending:
            return [], "it is settled already"
        return _write_ours(matter, "answer_kept"), f"“{mark}” stands and is written into the sheet"

    return _settle(rt, appt_id, chain, user, now, writes)


def take_cell(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """*Leave “no-show”*: the sheet's own word counts, as far as it is one."""
    appt_id, chain = read_subject(value)

    def writes(matter: Matter) -> tuple[list[Write], str]:
        if not matter.standing.contested:
            return [], "it is settled already"
        left = replace(matter.standing, contested=False, pending={})
        cell = matter.values.get("status", "")
        return [
            ReplaceStanding(left),
            matter.audit("cell_left", matter.standing.answer.value, cell),
        ], f"the sheet is left as it is (“{cell}”)"

    return _settle(rt, appt_id, chain, user, now, writes)


def visit_is_on(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """*It is on*: the old word is cleared, and what is still to come goes out."""
    appt_id, chain = read_subject(value)

    def writes(matter: Matter) -> tuple[list[Write], str]:
        if not matter.standing.hold_reason:
            return [], "it is settled already"
        on = replace(matter.standing, hold_reason="", reopened_at=now, pending={"status": ""})
        edit = edit_work(rt, appt_id, chain, {"status": ""}, matter.values, now)
        audit = matter.audit("reopened", matter.values.get("status", ""), "on")
        return [ReplaceStanding(on), PutWork(edit), audit, matter.tick()], "the visit is on, reminders go out"

    text = _settle(rt, appt_id, chain, user, now, writes)
    resume_chain(rt, appt_id, chain, now)
    return text


def visit_is_off(rt: Runtime, value: str, user: str, now: datetime) -> str:
    """*It is off*: the word in the cell counts for the new start too."""
    appt_id, chain = read_subject(value)

    def writes(matter: Matter) -> tuple[list[Write], str]:
        if not matter.standing.hold_reason:
            return [], "it is settled already"
        off = replace(matter.standing, hold_reason="")
        return [
            ReplaceStanding(off),
            matter.audit("visit_off", "", matter.values.get("status", "")),
        ], "the visit is off, nothing is sent"

    return _settle(rt, appt_id, chain, user, now, writes)


def _write_ours(matter: Matter, action: str) -> list[Write]:
    """Our start and answer into the sheet, from whatever it was last known to show."""
    rt, standing, shop = matter.rt, matter.standing, matter.shop
    ours = chain_start(standing.chain)
    values = matter.values
    wanted: dict[str, str] = {}
    if matter.row is None or matter.row.start != ours or matter.disputed:
        today = matter.now.astimezone(shop.config.zone).date()
        wanted["date"] = respell_date(ours, values.get("date", ""), shop.terms, today)
        wanted["time"] = respell_time(ours, values.get("time", ""), shop.terms)
    if mark := mark_of(standing):
        wanted["status"] = mark
    mirrored = [deciding_cells(matter.row.values)] if matter.row is not None else []
    edit = edit_work(rt, matter.appt_id, standing.chain, wanted, values, matter.now, mirrored)
    return [
        ReplaceStanding(replace(standing, contested=False, pending=wanted)),
        *_edits_dropped(matter),
        PutWork(edit),
        matter.audit(action, values.get("status", ""), ", ".join(wanted.values())),
    ]


def _edits_dropped(matter: Matter) -> list[Write]:
    """Edits of this row that this press overtakes."""
    works = matter.rt.store.work()
    return [RemoveWork(w.work_id) for w in works if w.kind is WorkKind.SHEET_EDIT and w.appt_id == matter.appt_id]


def _settle(rt: Runtime, appt_id: str, chain: str, user: str, now: datetime, writes: Writes) -> str:
    """Commit what the press writes, unless the visit has moved on; tried again on a race. Then the outbox is tried."""
    for _ in range(TRIES):
        standing = rt.store.standings([appt_id]).get(appt_id)
        shop = Shop(rt)
        row = shop.row(appt_id)
        name = visit_name(row.values if row else {}, appt_id)
        if standing is None or standing.chain != chain:
            return f"{name}: the visit is at another time by now, so nothing was changed. ({user})"
        told = rt.store.told(ask_prefix(appt_id))
        disputed = _disputed(told, chain) if standing.contested else {}
        matter = Matter(rt, shop, appt_id, standing, row, disputed, tuple(told), user, now)
        made, said = writes(matter)
        if not made:
            return f"{name}: {said}. ({user})"
        try:
            rt.store.commit(*made, *(Untell(key) for key in matter.asked if not _asked_anew(key, made)))
        except (Refused, StoreConflict) as raced:
            log.info("press_raced", extra={"appt_id": appt_id, "why": str(raced)})
            continue
        drain_outbox(rt, only=[w.work.work_id for w in made if isinstance(w, PutWork)])
        return f"{name}: {said} — {user}."
    return f"{name}: it was being changed at the same moment, so nothing was changed. Please press again. ({user})"


def _asked_anew(key: str, made: Sequence[Write]) -> bool:
    return any(getattr(write, "key", None) == key for write in made)


def _disputed(told: Mapping[str, str], chain: str) -> dict[str, str]:
    """The cells that staff were asked about last."""
    found: dict[str, str] = {}
    for _, detail in sorted(told.items()):
        asked = json.loads(detail) if detail else {}
        if asked.get("chain") == chain and "cells" in asked:
            found = dict(asked["cells"])
    return found
