"""Reading the big sheet: the tick's two passes over the mirror beside a bare `csv.reader` loop, and the peer's way."""

from __future__ import annotations

import csv
import io
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from bench.big_shop import NOW, ROWS, ZONE, mirror_text, sheet_text
from bench.figures import Figure
from bench.literal_spec import start_of
from chalicelib.domain.mirror import candidates, widest_own

RUNS = 7
HORIZON = timedelta(hours=109)


def figure(rows: int = ROWS) -> Figure:
    """How many times a bare loop's CPU time each takes; medians of runs that alternate."""
    mirror, sheet = mirror_text(rows), sheet_text(rows)
    ways: dict[str, Callable[[], None]] = {
        "bare": lambda: _bare(mirror),
        "ours": lambda: _ours(mirror),
        "bare sheet": lambda: _bare(sheet),
        "spec": lambda: _spec(sheet),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            taken[name].append(cpu_seconds(way))
    ours = median(taken["ours"]) / median(taken["bare"])
    spec = median(taken["spec"]) / median(taken["bare sheet"])
    return Figure(f"{ours:.1f} times", ours <= 3, f"{spec:.1f} times, every row parsed")


def cpu_seconds(what: Callable[[], None]) -> float:
    """What a call takes of this process's CPU."""
    began = time.process_time()
    what()
    return time.process_time() - began


def _bare(text: str) -> None:
    deque(csv.reader(io.StringIO(text, newline="")), maxlen=0)


def _ours(text: str) -> None:
    widest_own.cache_clear()  # as in a process that has just begun
    widest_own(text)
    deque(candidates(text, NOW, NOW + HORIZON), maxlen=0)


def _spec(text: str) -> None:
    deque((start_of(row, ZONE) for row in csv.DictReader(io.StringIO(text, newline=""))), maxlen=0)
