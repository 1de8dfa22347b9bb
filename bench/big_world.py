"""The big shop on the embedded AWS: its tick, one of its reminders, and that reminder's page, all by the shipped code.

What an hour-old system would have is there before the first measurement: sends that went are marked, and what was
passed is noted. So the tick that is measured is an ordinary one.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.big_shop import ANY_ID, NOW, ROWS, RULES, mirror_text, sheet_text
from bench.figures import Figure, What
from bench.tick_alone import SHEET_KEY
from bench.wire import Meter
from local.quiet import logs_in
from local.world import ShopSetup, World

ROOT = Path(__file__).parents[1]
HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status", "link"]
REACH = timedelta(days=8)
SPEC_ROWS = 1_000
"""How many rows the literal spec is really asked about; its calls are the same for every row."""
DISPATCHES = 7
_LINK = re.compile(r"/r/[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Measured:
    """The figures, and what is said below the table."""

    figures: dict[What, Figure]
    notes: list[str]


def measure(rows: int = ROWS) -> Measured:
    """Tick, reminder and page of a sheet of that many rows."""
    with _big_world(rows) as (world, meter):
        ours = _tick_alone("ours")
        spec = _tick_alone("spec", str(SPEC_ROWS))
        figures = _tick_figures(rows, ours, spec)
        figures[What.WRITES] = _a_reminder(world, meter)
        figures[What.PAGE] = _its_page(world, meter)
        dispatch = _dispatch_seconds(world)
    notes = [
        f"The tick: {rows:,} rows, C = {ours['candidates']:,} candidates, {ours['emitted']} events put, "
        f"{ours['cpu']:.1f} s of CPU with its imports; calls: {_told(ours['calls'])}.",
        f"The literal spec was asked about {spec['asked']:,} of {spec['rows']:,} rows, "
        f"{spec['seconds']:.1f} s; its calls are given for all.",
        f"A dispatch in that sheet finds its row and decides in {dispatch * 1000:.0f} ms of CPU (median).",
    ]
    return Measured(figures, notes)


@contextmanager
def _big_world(rows: int) -> Iterator[tuple[World, Meter]]:
    from chalicelib import names
    from chalicelib.ports import Document

    with TemporaryDirectory(prefix="bench-") as scratch, World(NOW) as world:
        world.start(ShopSetup(sheet=[HEADER], rules=RULES, voice=""))
        with logs_in(Path(scratch) / "functions.log"):
            meter = Meter().watch(world.runtime._session.events)
            documents = world.runtime.documents
            documents.write(Document.APPOINTMENTS, mirror_text(rows), None)
            documents.write(Document.RULES, RULES, None)
            body = sheet_text(rows).encode()
            world.s3.put_object(Bucket=names.APPOINTMENTS_BUCKET, Key=SHEET_KEY, Body=body)
            _as_if_it_had_run(world)
            yield world, meter


def _as_if_it_had_run(world: World) -> None:
    """Mark what went before now and note what was passed, as the ticks up to now would have."""
    from chalicelib import names
    from chalicelib.adapters.dynamodb_calls import DynamoCalls
    from chalicelib.adapters.dynamodb_items import standing_item
    from chalicelib.domain.mirror import candidates
    from chalicelib.usecases.shop import Shop

    shop = Shop(world.runtime)
    visits = (shop.visit(row, None) for row in candidates(shop.mirror, NOW - timedelta(hours=1), NOW + REACH))
    items = [standing_item(_standing(shop, visit), 1) for visit in visits if visit is not None]
    DynamoCalls(world.dynamodb).put_all(names.STATE, items)
    world.runtime.store.beat(names.REMINDER, NOW - timedelta(hours=1))


def _standing(shop: Any, visit: Any) -> Any:
    """The standing of a visit whose every minute before now was kept."""
    from chalicelib.domain.appointment import window_key
    from chalicelib.domain.chain import GAP
    from chalicelib.domain.decision import decide
    from chalicelib.domain.plan import Passed, Skipped
    from chalicelib.domain.standing import Standing

    sent: dict[str, datetime] = {}
    while True:
        state = replace(visit.state, sent=sent)
        decision = decide(state, visit.schedule, shop.hours, visit.seen, NOW, timedelta())
        past = [due for due in decision.due if (due.planned or due.at) < NOW]
        if not past:
            break
        sent |= {window_key(due.window) if due.window is not None else GAP: due.planned or due.at for due in past}
    not_going: tuple[Passed | Skipped, ...] = (*decision.passed, *decision.skipped)
    outcomes = {
        window_key(entry.window): f"{'skipped' if isinstance(entry, Skipped) else 'passed'}: {entry.reason}"
        for entry in not_going
    }
    return Standing(visit.appointment.appt_id, visit.appointment.chain, sent=sent, outcomes=outcomes)


# ---------------------------------------------------------------- the tick


def _tick_alone(*arguments: str) -> dict[str, Any]:
    """Run a tick in a process of its own, against the running world."""
    command = [sys.executable, "-m", "bench.tick_alone", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[1:])} ended with {done.returncode}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _tick_figures(rows: int, ours: dict[str, Any], spec: dict[str, Any]) -> dict[What, Figure]:
    found = ours["candidates"]
    bar = math.ceil(2 * found / 100) + 3
    literal = spec["reads"] * rows // spec["asked"]
    times = literal / ours["reads"]
    return {
        What.READS: Figure(f"{ours['reads']} for C = {found:,} (bar {bar})", ours["reads"] <= bar, f"{literal:,}"),
        What.CALLS: Figure(f"{ours['reads']} calls: {times:,.0f} times fewer", times >= 100, f"{literal:,} calls"),
        What.MEMORY: Figure(f"{ours['peak_mb']:.0f} MB", ours["peak_mb"] <= 250, f"{spec['peak_mb']:.0f} MB"),
    }


def _told(calls: dict[str, int]) -> str:
    return ", ".join(f"{count} {call}" for call, count in sorted(calls.items()))


# ---------------------------------------------------------------- one reminder, and its page


def _a_reminder(world: World, meter: Meter) -> Figure:
    """A due text from its event to the vendor's word on its delivery."""
    from chalicelib.usecases.dispatch_move import dispatch_move
    from chalicelib.usecases.settle_delivery import settle_delivery

    due = _next_due(world)
    meter.reset()
    outcome = dispatch_move(world.runtime, due)
    if outcome != "sent by text":
        raise RuntimeError(f"the reminder that was to be measured: {outcome}")
    sent = meter.write_units
    if settle_delivery(world.runtime, world.sms.take_reports()) != 1:
        raise RuntimeError("the vendor's word on the delivery was not taken")
    return Figure(
        f"{meter.write_units:g} ({sent:g} to send, {meter.write_units - sent:g} for the word on its delivery)",
        meter.write_units <= 14,
        "1, after the text",
    )


def _next_due(world: World) -> Any:
    """The event of a text that is due within the hour; the clock is moved to its minute."""
    from chalicelib.domain.decision import decide
    from chalicelib.domain.mirror import candidates
    from chalicelib.usecases.run_tick import LOOK_AHEAD, move_due
    from chalicelib.usecases.shop import Shop

    shop = Shop(world.runtime)
    for row in candidates(shop.mirror, NOW, NOW + REACH):
        visit = shop.visit_of(world.runtime, row.appt_id)
        if visit is None or not visit.appointment.phone:
            continue
        for due in decide(visit.state, visit.schedule, shop.hours, visit.seen, NOW, LOOK_AHEAD).due:
            if due.window is not None:
                world.clock.move_to(due.at)
                return move_due(visit, due, shop)
    raise RuntimeError("no reminder of the big shop is due within the hour")


def _its_page(world: World, meter: Meter) -> Figure:
    """Open the link of that text as people, scanners and previews do."""
    link = _LINK.search(world.sms.texts[-1].body)
    if link is None:
        raise RuntimeError("the text has no link")
    meter.reset()
    views = (("GET", ""), ("HEAD", ""), ("GET", "?a=confirm"), ("GET", "?move=1"))
    for method, query in views:
        request = urllib.request.Request(world.pages.url + link[0] + query, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
    views_told = f"{meter.writes} writes in {len(views)} views"
    return Figure(f"{views_told} ({sum(meter.calls.values())} calls that read)", meter.writes == 0, "acts on the tap")


def _dispatch_seconds(world: World) -> float:
    """CPU of reading the mirror anew, finding a row half-way down and deciding for it; median."""
    from chalicelib.domain.decision import decide
    from chalicelib.usecases.shop import Shop

    taken = []
    for _ in range(DISPATCHES):
        began = time.process_time()
        shop = Shop(world.runtime)
        visit = shop.visit_of(world.runtime, ANY_ID)
        if visit is None:
            raise RuntimeError(f"{ANY_ID} is not in the big shop")
        decide(visit.state, visit.schedule, shop.hours, visit.seen, NOW, timedelta())
        taken.append(time.process_time() - began)
    return sorted(taken)[len(taken) // 2]
