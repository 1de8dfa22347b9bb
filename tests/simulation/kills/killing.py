"""The kills themselves: at random moments of a dispatch, while SNS answers, fails, drops its answer or hangs.

A moment is drawn from the time that such a run takes, measured first and on; the later of two draws, since a run reads
for long before it writes. Then the event comes again at once, a minute later, or never; sometimes that run is killed
too. Healthy ticks follow until nothing is left to do.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from tests.simulation.kills.shop import APART, FIRST, MOST_BATCHES, Ended, KillShop, Visit, kill_shop

MEASURED = 6  # undisturbed runs, before the first kill
HANG_SECONDS = 0.25
AGAIN_TOO = 0.3  # the share of repeated events whose run is killed as well
SPARE = 1.5  # visits for each kill: a run may end before its kill comes
LATEST = 1.05  # the latest kill, in usual runs; it comes earlier while many runs end before their kill
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HEALTHY_TICKS = 3


@dataclass(frozen=True)
class Door:
    """How SNS behaves in one run. `weight` is how often it is drawn, `hangs` how much longer the run takes."""

    name: str
    weight: int
    ask: Callable[[KillShop], None]
    hangs: float = 0.0


DOORS = (
    Door("answers", 8, lambda shop: None),
    Door("takes the text and hangs", 6, lambda shop: shop.world.sms.hang_next(HANG_SECONDS), HANG_SECONDS),
    Door("hangs and takes it then", 3, lambda shop: shop.world.sms.hang_next(HANG_SECONDS, after=False), HANG_SECONDS),
    Door("takes it and drops its answer", 3, lambda shop: shop.world.sms.fail_next(after=True, drop=True)),
    Door("takes it and answers 500", 3, lambda shop: shop.world.sms.fail_next(after=True, status=500)),
    Door("takes nothing and answers 500", 2, lambda shop: shop.world.sms.fail_next(status=500)),
    Door("drops the connection", 2, lambda shop: shop.world.sms.fail_next(drop=True)),
)


@dataclass
class Tally:
    """What was tried and what came of it."""

    kills: int = 0
    runs_that_ended_first: int = 0
    visits: int = 0
    duplicates: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    repeated_mails: int = 0
    texts: int = 0
    mails: int = 0
    told: int = 0
    told_needlessly: int = 0
    killed_in: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(where the ledger stood, whether the text was out) at the moment of a kill."""
    doors: Counter[str] = field(default_factory=Counter)
    run_seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Nobody was texted twice, nothing was lost without a word, nothing is half done."""
        return not (self.duplicates or self.silent or self.unfinished)

    def add(self, shop: KillShop, visit: Visit) -> None:
        """Count what one visit's reminder came to."""
        got = shop.got(visit)
        self.visits += 1
        self.texts += got.texts
        self.mails += got.mails
        self.told += got.lines > 0
        self.told_needlessly += got.texts > 0 and got.lines > 0
        self.repeated_mails += max(got.mails - 1, 0)
        if got.duplicate:
            self.duplicates.append(visit.appt_id)
        if got.silent:
            self.silent.append(visit.appt_id)


def kill(kills: int, seed: int, literal: bool = False, progress: Callable[[int], None] = lambda done: None) -> Tally:
    """Kill so many runs of dispatch; `literal`: of the peer instead. The same seed draws the same plans."""
    dice = random.Random(seed)
    sizes = _batches(kills)
    visits = list(_visits(sizes, dice))
    with kill_shop(visits) as shop:
        killer = _Killer(shop, dice, literal, Tally())
        killer.measure(visits[:MEASURED])
        todo = deque(visits[MEASURED:])
        for number, size in enumerate(sizes):
            batch = [todo.popleft() for _ in range(size)]
            killer.batch(batch, until_kills=kills * (number + 1) // len(sizes))
            progress(killer.tally.kills)
        if not literal:
            killer.tally.unfinished = shop.unfinished()
        return killer.tally


def _batches(kills: int) -> list[int]:
    count = min(MOST_BATCHES, max(1, kills // 12))
    size = int(kills * SPARE / count) + 2
    return [size] * count


def _visits(sizes: list[int], dice: random.Random) -> Iterator[Visit]:
    numbers = iter(range(1, sum(sizes) + MEASURED + 1))
    for _ in range(MEASURED):
        yield Visit(next(numbers), FIRST, has_email=False)
    for place, size in enumerate(sizes):
        for _ in range(size):
            yield Visit(next(numbers), FIRST + place * APART, has_email=dice.random() < 0.5)


class _Killer:
    """Kills runs in one shop."""

    def __init__(self, shop: KillShop, dice: random.Random, literal: bool, tally: Tally) -> None:
        self.shop = shop
        self.dice = dice
        self.literal = literal
        self.tally = tally
        self._seconds: deque[float] = deque(maxlen=12)
        self._latest = LATEST

    def measure(self, visits: list[Visit]) -> None:
        """Undisturbed runs: how long they take, and that they send."""
        self.shop.world.clock.move_to(FIRST)
        for visit in visits:
            self._seconds.append(self._dispatch(visit).seconds)
            if self.shop.texts_to(visit) != 1:
                raise RuntimeError("an undisturbed run sent no text: the shop isn't as it should be")

    def batch(self, visits: list[Visit], until_kills: int) -> None:
        """Kill runs until there were so many kills, then let everything come to rest and count."""
        world, begin = self.shop.world, visits[0].due
        world.clock.move_to(begin)
        later: list[Visit] = []
        for visit in visits:
            if self.tally.kills < until_kills:
                later += self._kill_once(visit, until_kills)
            else:
                self._dispatch(visit)
        world.clock.move_to(begin + MINUTE)
        for visit in later:
            if self.tally.kills < until_kills and self.dice.random() < AGAIN_TOO:
                self._killed_run(visit)
            else:
                self._dispatch(visit)
        self._come_to_rest(visits)
        for visit in visits:
            self.tally.add(self.shop, visit)

    def _kill_once(self, visit: Visit, until_kills: int) -> list[Visit]:
        """Kill its run. Returns the visit if its event comes again a minute later."""
        if not self._killed_run(visit):
            return []
        match self.dice.choice(("at once", "a minute later", "a minute later", "never")):
            case "at once" if self.tally.kills < until_kills and self.dice.random() < AGAIN_TOO:
                self._killed_run(visit)
            case "at once":
                self._dispatch(visit)
            case "a minute later":
                return [visit]
        return []

    def _killed_run(self, visit: Visit) -> bool:
        door = self.dice.choices(DOORS, [door.weight for door in DOORS])[0]
        door.ask(self.shop)
        usual = statistics.median(self._seconds) + door.hangs
        moment = max(self.dice.random(), self.dice.random()) * usual * self._latest
        ended = self._dispatch(visit, kill_after=moment)
        self.shop.world.sms.heal()
        if not ended.killed:
            self.tally.runs_that_ended_first += 1
            self._latest *= 0.93
            return False
        self._latest = min(LATEST, self._latest * 1.02)
        self.tally.kills += 1
        self.tally.doors[door.name] += 1
        text = "text out" if self.shop.texts_to(visit) else "no text"
        self.tally.killed_in[self.shop.state_of(visit) or "nothing written", text] += 1
        return True

    def _dispatch(self, visit: Visit, kill_after: float | None = None) -> Ended:
        now = self.shop.world.clock()
        if self.literal:
            return self.shop.nursery.run("literal", {"row": visit.plain_cells}, now, kill_after)
        ended = self.shop.nursery.run("dispatch", visit.event(), now, kill_after)
        if not ended.killed and kill_after is None:
            self._seconds.append(ended.seconds)
        return ended

    def _come_to_rest(self, visits: list[Visit]) -> None:
        """Leases run out, one-offs fall due, and the hourly tick comes three times."""
        world = self.shop.world
        if not self.literal:
            world.pump.run_until_quiet()
        for hours in range(1, HEALTHY_TICKS + 1):
            world.clock.move_to(visits[0].due + hours * HOUR)
            if self.literal:
                rows = [visit.plain_cells for visit in visits]
                self.shop.nursery.run("literal", {"rows": rows}, world.clock())
            elif not world.tick():
                raise RuntimeError("a healthy tick failed")
        self.tally.run_seconds = statistics.median(self._seconds)
