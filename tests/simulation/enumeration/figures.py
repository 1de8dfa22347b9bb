"""The enumeration's figures: each job is one scene with so many faults, or one overlap, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context

from tests.simulation.enumeration.explore import Exploration, Strike, Tally
from tests.simulation.enumeration.judge import judge_literal, judge_shipped
from tests.simulation.enumeration.overlap import Overlap
from tests.simulation.enumeration.protocols import LITERAL, SHIPPED
from tests.simulation.enumeration.scene import SCENES

TWICE = "a send was texted twice"
AFTERWARDS = "a reminder was texted after the answer was committed"


@dataclass(frozen=True)
class Job:
    """What to enumerate. `faults` strike in one history; an overlap also has `leases` that run out."""

    scene: int
    faults: int
    overlap: bool = False
    leases: int = 0
    literal: bool = False

    def __str__(self) -> str:
        if self.overlap:
            with_it = [f"{self.leases} lease{'s' * (self.leases > 1)} running out" * bool(self.leases)]
            with_it += [f"{self.faults} fault{'s' * (self.faults > 1)}" * bool(self.faults)]
            return " and ".join(["two runs at once", *filter(None, with_it)]).replace(" and ", ", ", 1)
        return f"{SCENES[self.scene].name}; up to {self.faults} faults"


@dataclass(frozen=True)
class Figure:
    """How a job's plans ended."""

    job: Job
    plans: int
    played: int
    twice: int
    silent: int
    afterwards: int
    otherwise: int  # broken in another way
    needless: int
    examples: tuple[tuple[tuple[str, ...], tuple[Strike, ...]], ...]

    @property
    def sound(self) -> bool:
        """Nothing was broken."""
        return not (self.twice or self.silent or self.afterwards or self.otherwise)


QUICK = (
    *(Job(scene, 3) for scene in (0, 1)),
    *(Job(scene, 2) for scene in range(2, len(SCENES))),
    Job(0, 0, overlap=True, leases=1),
    Job(0, 1, overlap=True),
)
LONG = (
    *(Job(scene, 3) for scene in range(len(SCENES))),
    Job(0, 0, overlap=True, leases=2),
    Job(0, 1, overlap=True, leases=1),
    Job(1, 1, overlap=True, leases=1),
)
BOUNDED = (Job(0, 1), Job(0, 0, overlap=True, leases=1), Job(0, 1, overlap=True))
"""One fault anywhere, and the two overlaps: what `scripts/bench` has the time for."""


def beside(job: Job) -> Job:
    """The same for the literal order, which has no lease to run out."""
    return Job(job.scene, job.faults, job.overlap, 0, literal=True)


def enumerate_all(jobs: Iterable[Job], processes: int = 2) -> Iterator[tuple[Figure, Figure]]:
    """Each job's figure and the literal order's beside it, as they are done."""
    slowest_first = sorted(jobs, key=lambda job: (job.faults + 3 * job.leases, job.scene), reverse=True)
    with get_context("fork").Pool(processes) as pool:
        yield from pool.imap(_both, slowest_first)


def figure(job: Job) -> Figure:
    """Enumerate one job."""
    protocol, judge = (LITERAL, judge_literal) if job.literal else (SHIPPED, judge_shipped)
    scene = SCENES[job.scene]
    if job.overlap:
        overlap = Overlap(scene, protocol, judge, leases=job.leases, faults=job.faults)
        return _counted(job, overlap.all(), overlap.played)
    exploration = Exploration(scene, protocol, judge)
    return _counted(job, exploration.all(job.faults), exploration.played)


def _both(job: Job) -> tuple[Figure, Figure]:
    return figure(job), figure(beside(job))


def _counted(job: Job, tally: Tally, played: int) -> Figure:
    silent = lambda broken: any("silence" in what or "nobody was told" in what for what in broken)  # noqa: E731
    return Figure(
        job=job,
        plans=tally.count,
        played=played,
        twice=tally.of(lambda end: TWICE in end.broken),
        silent=tally.of(lambda end: silent(end.broken)),
        afterwards=tally.of(lambda end: AFTERWARDS in end.broken),
        otherwise=tally.of(
            lambda end: end.broken and not {TWICE, AFTERWARDS} & {*end.broken} and not silent(end.broken)
        ),
        needless=tally.of(lambda end: end.needless),
        examples=tuple((end.broken, how) for end, how in tally.broken.items()),
    )
