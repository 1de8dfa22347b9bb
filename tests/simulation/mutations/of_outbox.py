"""The outbox: nothing is forgotten before it is done, and nothing is written where it doesn't belong."""

from __future__ import annotations

from tests.simulation.mutations.mutation import Mutation

DRAIN = "chalicelib/usecases/drain_outbox.py"
WRITE = "chalicelib/usecases/write_answer.py"
EDIT = "chalicelib/usecases/edit_row.py"
TESTS = (
    "tests/functional/test_drain_outbox.py",
    "tests/functional/test_answer_reply.py",
    "tests/functional/test_sync_drive.py",
)
EDITS = ("tests/functional/test_edit_row.py", *TESTS)


def drain(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in the draining."""
    return Mutation(f"outbox: {name}", DRAIN, old, new, TESTS, below, "not ministack")


def write(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in the writing of an answer."""
    return Mutation(f"outbox: {name}", WRITE, old, new, TESTS, below, "not ministack")


def edit(name: str, old: str, new: str) -> Mutation:
    """One in the edit of a row."""
    return Mutation(f"sheet edit: {name}", EDIT, old, new, EDITS, marked="not ministack")


MUTATIONS = (
    drain(
        "a line is removed before it is posted",
        "            try:\n                rt.staff.post(",
        "            rt.store.commit(*(RemoveWork(work_id) for work_id in said.keeps))\n            try:\n"
        "                rt.staff.post(",
    ),
    drain(
        "a line that failed is removed",
        '                log.warning("staff_line_waits", extra={"why": str(failure)})\n                continue\n',
        '                log.warning("staff_line_waits", extra={"why": str(failure)})\n',
    ),
    drain(
        "a line is posted and kept",
        "            rt.store.commit(*(RemoveWork(work_id) for work_id in said.keeps))\n",
        "",
    ),
    drain(
        "a line doesn't wait for its minute",
        "if not_before and now < datetime.fromisoformat(str(not_before)):",
        "if False:",
    ),
    drain(
        "a call that nobody needs is made",
        'if work.payload.get("while_open") and not _still_open(rt, work, now):',
        "if False:",
    ),
    drain("a call about a visit that began", "if not chain or chain_start(chain) <= now:", "if not chain:"),
    drain(
        "a call about an answered visit",
        "(standing.chain == chain and standing.answer is Answer.OPEN)",
        "(standing.chain == chain)",
    ),
    drain("a customer's message is forgotten under way", "    if send.state in UNSETTLED:\n        return False\n", ""),
    drain(
        "a customer's message is forgotten at once",
        "        rt.bus.put([due])\n        return False\n",
        "        rt.bus.put([due])\n",
    ),
    drain(
        "a tick is removed before it is asked for",
        "            rt.bus.request(TICK",
        "            rt.store.commit(RemoveWork(work.work_id))\n            rt.bus.request(TICK",
    ),
    drain(
        "one failure stops the rest",
        "    except ReminderError as failure:\n        log.warning(",
        "    except ReminderError as failure:\n        raise\n        log.warning(",
    ),
    drain(
        "of lines in one message only the first is done with",
        "            rt.store.commit(*(RemoveWork(work_id) for work_id in said.keeps))\n",
        "            rt.store.commit(RemoveWork(said.keeps[0]))\n",
    ),
    drain("written work is written again", "if w.state is WorkState.TODO and (only", "if (only"),
    write(
        "an edit is removed once written",
        "writes: list[Write] = [MarkWork(work.work_id, WorkState.WRITTEN)]",
        "writes: list[Write] = [RemoveWork(work.work_id)]",
    ),
    write(
        "an edit is marked before it is written",
        "    outcome = _edit(rt, work, promise, now)\n",
        "    rt.store.commit(MarkWork(work.work_id, WorkState.WRITTEN))\n    outcome = _edit(rt, work, promise, now)\n",
    ),
    write(
        "an edit that was overtaken is written",
        "if standing is not None and any(standing.pending.get(c) != text for c, text in promise.cells.items()):",
        "if False:",
    ),
    write("staff are asked and nothing is contested", "contested=True, pending={}", "contested=False, pending={}"),
    write(
        "any new word means the same",
        'if not status_same and status_word(seen.get("status", "")) not in ("", "moved"):',
        "if False:",
    ),
    write(
        "any new start means the same",
        "if not spelled and _start_seen(rt, work.appt_id, seen, now) != _start_of(promise.chain):",
        "if False:",
    ),
    write(
        "an edit waits for no missing row",
        "    if shop.row(work.appt_id) is not None:\n        return Attempt(False)\n",
        "",
    ),
    edit("what the reply saw is ignored", "        if not _agrees(seen, cells, expect):", "        if False:"),
    edit("one of two rows with an id is written", "if len(rows) != 1:", "if not rows:"),
    edit(
        "ids are compared loosely",
        'table.get(row, "appt_id").strip() == appt_id',
        'table.get(row, "appt_id").strip().casefold() == appt_id.casefold()',
    ),
    edit(
        "it is not looked whether the write hit",
        "        wrote = True\n",
        "        wrote = True\n        if attempt:\n            return EditOutcome(Edit.WRITTEN, seen)\n",
    ),
)
