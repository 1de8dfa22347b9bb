"""The outbox: what was promised in a transaction is done here, at once and by every tick until done.

Every item is guarded by itself: one that can't be done now stays for the next run and stops no other. The sheet
comes first and the request for a tick last, since the tick that it starts drains the same outbox.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from chalicelib.domain.appointment import chain_start
from chalicelib.domain.desk_lines import Promised, in_turn
from chalicelib.domain.events import TICK_REQUESTED, MoveDue
from chalicelib.domain.send import UNSETTLED
from chalicelib.domain.standing import Answer
from chalicelib.domain.work import Work, WorkKind, WorkState
from chalicelib.errors import DeliveryError, ReminderError
from chalicelib.ports import RemoveWork
from chalicelib.runtime import Runtime
from chalicelib.usecases.show_proposal import show_proposal
from chalicelib.usecases.staff_lines import line_of
from chalicelib.usecases.write_answer import write_answer

log = logging.getLogger(__name__)

_ORDER = (
    WorkKind.SHEET_EDIT,
    WorkKind.STAFF_LINE,
    WorkKind.PROPOSAL,
    WorkKind.CUSTOMER_MESSAGE,
    WorkKind.OWNER_MAIL,
    WorkKind.TICK,
)


def drain_outbox(rt: Runtime, only: Collection[str] | None = None, works: Sequence[Work] | None = None) -> int:
    """Do what waits (`only` these work ids, if given); returns how many items are done with.

    `works` is the outbox as it was read a moment ago, where the caller needs it too.

    Counts `outbox_minutes`, the age of the oldest item that is still to do, for the alarm. What fails is logged and
    stays. Raises StoreError if the outbox can't even be read.
    """
    now = rt.clock()
    found = rt.store.work() if works is None else works
    to_do = [w for w in found if w.state is WorkState.TODO and (only is None or w.work_id in only)]
    promised: list[str] = []
    finished: set[str] = set()
    for kind in _ORDER:
        of_kind = sorted((work for work in to_do if work.kind is kind), key=lambda work: work.work_id)
        if kind is WorkKind.STAFF_LINE:
            finished |= _post_lines(rt, of_kind, now)
            continue
        for work in of_kind:
            with _left_if_it_fails(rt, work):
                if _do(rt, work, now, promised):
                    finished.add(work.work_id)
    waiting = [work for work in to_do if work.work_id not in finished and _should_be_done(work, now)]
    done = len(finished)
    if promised:
        done += drain_outbox(rt, only=promised)
    if only is None:
        oldest = max(((now - work.made_at).total_seconds() for work in waiting), default=0.0)
        rt.metrics.count("outbox_minutes", int(oldest // 60))
    return done


@contextmanager
def _left_if_it_fails(rt: Runtime, work: Work) -> Iterator[None]:
    """An item that fails, or that nobody can read, stays and stops no other."""
    try:
        yield
    except ReminderError as failure:
        log.warning("outbox_work_failed", extra={"work": work.kind.value, "appt_id": work.appt_id, "why": str(failure)})
    except (KeyError, TypeError, ValueError) as malformed:
        rt.metrics.count("outbox_unreadable")
        log.error("outbox_unreadable", extra={"work_id": work.work_id, "why": type(malformed).__name__})


def _should_be_done(work: Work, now: datetime) -> bool:
    """Whether its waiting is a fault. A customer's message may wait for the morning, a call for its time."""
    not_before = work.payload.get("not_before")
    if not_before and datetime.fromisoformat(str(not_before)) > now:
        return False
    return work.kind is not WorkKind.CUSTOMER_MESSAGE


def _do(rt: Runtime, work: Work, now: datetime, promised: list[str]) -> bool:
    """True if nothing is left to do for it. What it promises in its place is added to `promised`."""
    match work.kind:
        case WorkKind.SHEET_EDIT:
            attempt = write_answer(rt, work, now)
            promised.extend(attempt.promised)
            return attempt.done
        case WorkKind.PROPOSAL:
            if not show_proposal(rt, str(work.payload["proposal_id"]), now):
                return False
            rt.store.commit(RemoveWork(work.work_id))
            return True
        case WorkKind.CUSTOMER_MESSAGE:
            return _hand_over(rt, work)
        case WorkKind.STAFF_LINE | WorkKind.OWNER_MAIL:
            return False  # those are posted together; `mail_week.py` sends these
        case WorkKind.TICK:
            rt.bus.request(TICK_REQUESTED, {"version": 1, "appt_id": work.appt_id})
            rt.store.commit(RemoveWork(work.work_id))
            return True


def _post_lines(rt: Runtime, works: Sequence[Work], now: datetime) -> set[str]:
    """Post the lines that may go now, as `desk_lines` puts them; returns the ids of those that are done with.

    At least once: a post whose answer is lost is made again.
    """
    finished: set[str] = set()
    ready: dict[str, Promised] = {}
    by_id = {work.work_id: work for work in works}
    for work in works:
        with _left_if_it_fails(rt, work):
            not_before = work.payload.get("not_before")
            if not_before and now < datetime.fromisoformat(str(not_before)):
                continue
            if work.payload.get("while_open") and not _still_open(rt, work, now):
                rt.store.commit(RemoveWork(work.work_id))
                finished.add(work.work_id)
                continue
            channel = str(work.payload.get("channel") or rt.config.staff_channel)
            ready[work.work_id] = Promised(work.work_id, channel, line_of(work.payload))
    for said in in_turn(list(ready.values())):
        with _left_if_it_fails(rt, by_id[said.keeps[0]]):
            try:
                rt.staff.post(said.channel, said.line)
            except DeliveryError as failure:
                log.warning("staff_line_waits", extra={"why": str(failure)})
                continue
            rt.store.commit(*(RemoveWork(work_id) for work_id in said.keeps))
            finished |= set(said.keeps)
    return finished


def _still_open(rt: Runtime, work: Work, now: datetime) -> bool:
    """Whether a "call later" still has somebody to call: the visit is ahead, on that chain, and nobody answered."""
    chain = line_of(work.payload).chain
    if not chain or chain_start(chain) <= now:
        return False
    standing = rt.store.standings([work.appt_id]).get(work.appt_id)
    return standing is None or (standing.chain == chain and standing.answer is Answer.OPEN)


def _hand_over(rt: Runtime, work: Work) -> bool:
    """Put `moved` or `cancelled` on the bus until the ledger has it settled (dispatch withdraws what is overtaken)."""
    event: Any = work.payload["event"]
    due = MoveDue.from_detail(event)
    send = rt.ledger.get(due.key)
    if send is None:
        rt.bus.put([due])
        return False
    if send.state in UNSETTLED:
        return False
    rt.store.commit(RemoveWork(work.work_id))
    return True
