"""A shop for kills: many visits whose one reminder falls due in batches, five hours apart, and what each customer got.

The world's pump carries the events, and every function runs in a child of the nursery's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib import bootstrap, names
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.events import MoveDue
from chalicelib.domain.send import Move, SendKey
from local.world import ShopSetup, World
from tests.simulation.kills.literal import ZONE

ROOT = Path(__file__).parents[3]
BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
FIRST = BEGIN + timedelta(hours=2)
APART = timedelta(hours=5)
WINDOW = timedelta(hours=48)
MOST_BATCHES = 8  # all of them are over before the first gap alert would be due
RULES = "Dental cleaning: remind at 48 hours.\nQuiet hours: none.\nGap alert: 2 hours before.\n"
HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time"]


@dataclass(frozen=True)
class Visit:
    """One visit: its number, when its reminder is due, and whether there is an address for the ladder."""

    number: int
    due: datetime
    has_email: bool

    @property
    def appt_id(self) -> str:
        return f"K-{self.number:04d}"

    @property
    def customer(self) -> str:
        return f"Mei {self.number:04d}"

    @property
    def phone(self) -> str:
        return f"+6591{self.number:06d}"

    @property
    def email(self) -> str:
        return f"mei{self.number:04d}@example.com" if self.has_email else ""

    @property
    def start(self) -> datetime:
        return self.due + WINDOW

    @property
    def cells(self) -> dict[str, str]:
        """The row of the sheet."""
        local = self.start.astimezone(ZONE)
        who = (self.appt_id, self.customer, self.phone, self.email)
        what = ("Dental cleaning", f"Dr {self.number}", f"{local:%Y-%m-%d}", f"{local:%I:%M%p}")
        return dict(zip(HEADER, (*who, *what), strict=True))

    @property
    def plain_cells(self) -> dict[str, str]:
        """The same for the peer, which reads one spelling of a time."""
        return {**self.cells, "time": f"{self.start.astimezone(ZONE):%H:%M}"}

    def event(self) -> dict[str, Any]:
        """What EventBridge hands to dispatch."""
        key = SendKey(self.appt_id, chain_id(self.start), "h48")
        return dict(MoveDue(key, Move.FIRST_REMINDER, self.due, 48).envelope())


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    killed: bool
    seconds: float
    ok: bool


@dataclass(frozen=True)
class Got:
    """What came of one visit's reminder, counted at the doors."""

    texts: int
    mails: int
    lines: int

    @property
    def duplicate(self) -> bool:
        return self.texts > 1

    @property
    def silent(self) -> bool:
        return self.texts + self.mails + self.lines == 0


class Nursery:
    """The process that forks the runs, from this side."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.kills.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONTZPATH": ""},
            text=True,
        )
        self._answer()

    def run(self, name: str, event: dict[str, Any], now: datetime, kill_after: float | None = None) -> Ended:
        """Run a function to its end, or kill it after so many seconds."""
        assert self._process.stdin is not None
        request = {"run": name, "event": event, "now": now.isoformat(), "kill_after": kill_after}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return Ended(**json.loads(self._answer()))

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs the functions has ended")
        return line


class KillShop:
    """The shop, up and synced. Its functions run in the nursery's children."""

    def __init__(self, visits: list[Visit], world: World, nursery: Nursery) -> None:
        self.visits = visits
        self.world = world
        self.nursery = nursery
        world.functions.handlers = {name: self._handler(name) for name in world.functions.handlers}

    def _handler(self, name: str) -> Any:
        def run(event: dict[str, Any], context: object) -> None:
            if not self.nursery.run(name, event, self.world.clock()).ok:
                raise RuntimeError(f"{name} failed")

        return run

    def state_of(self, visit: Visit) -> str:
        """Where its send stands in the ledger; "" if it has none."""
        key = SendKey(visit.appt_id, chain_id(visit.start), "h48")
        keys = {"appt_id": {"S": key.appt_id}, "window_index": {"S": key.window_index}}
        item = self.world.dynamodb.get_item(TableName=names.SENDS, Key=keys, ConsistentRead=True).get("Item", {})
        return str(item.get("state", {}).get("S", ""))

    def texts_to(self, visit: Visit) -> int:
        """How many texts its customer has."""
        return sum(text.to == visit.phone for text in self.world.sms.texts)

    def got(self, visit: Visit) -> Got:
        """What its customer and the front desk have received. What the sync asked about the row isn't about this."""
        since = visit.due.isoformat()
        lines = [line.posted for line in self.world.slack.messages if line.at >= since]
        return Got(
            self.texts_to(visit),
            sum(mail.to == visit.email for mail in self.world.mail.mails),
            sum(visit.customer in line or visit.appt_id in line for line in lines),
        )

    def unfinished(self) -> list[str]:
        """The sends that still are half done, or that staff have not heard of."""
        return [
            item["appt_id"]
            for item in self.world.items(names.SENDS)
            if item["state"] in ("CLAIMED", "SENDING", "RETRY", "DEFERRED") or item.get("alert_pending")
        ]


@contextmanager
def kill_shop(visits: list[Visit]) -> Iterator[KillShop]:
    """A running shop with these visits; everything of it is gone afterwards, this process as it was."""
    environment, runtime = dict(os.environ), bootstrap._runtime
    world = World(BEGIN)
    nursery: Nursery | None = None
    try:
        rows = [HEADER, *(list(visit.cells.values()) for visit in visits)]
        world.start(ShopSetup(rows, RULES, "", parameters={"texts_per_day": "100000"}))
        nursery = Nursery()
        shop = KillShop(visits, world, nursery)
        if not world.sync():
            raise RuntimeError("the shop's sheet could not be read")
        yield shop
    finally:
        if nursery is not None:
            nursery.stop()
        world.stop()
        os.environ.clear()
        os.environ.update(environment)
        zoneinfo.reset_tzpath()
        bootstrap._runtime = runtime
