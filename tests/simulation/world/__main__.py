"""Play weeks of the simulated world: `python -m tests.simulation.world --weeks 2000 --seed 7 [--replay SEED:WEEK]`."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing import get_context

from tests.simulation.world import play_week

COUNTED = ("texts", "mails", "lines", "replies", "windows", "calls", "troubles")


def played(task: tuple[int, int]) -> tuple[int, list[str], Counter[str]]:
    """One week, for another process: its number, what was violated, and what there was of everything."""
    logging.disable(logging.CRITICAL)
    seed, week = task
    world = play_week(seed, week)
    return week, list(world.witness.violations), world.counts()


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 if no promise was broken in any week, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.world", description=__doc__)
    parser.add_argument("--weeks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replay", metavar="SEED:WEEK", help="play one week and show what happened in it")
    asked = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    if asked.replay:
        return replay(*(int(number) for number in asked.replay.split(":")))
    print(f"{asked.weeks} weeks from seed {asked.seed}", flush=True)
    began, total, broken = time.perf_counter(), Counter[str](), 0
    tasks = [(asked.seed, week) for week in range(asked.weeks)]
    with get_context("fork").Pool(asked.processes) as pool:
        for week, violations, counts in pool.imap_unordered(played, tasks, chunksize=4):
            total += counts
            if violations:
                broken += 1
                print(f"week {week}: {violations[0]}", flush=True)
                print(f"  python -m tests.simulation.world --replay {asked.seed}:{week}", flush=True)
    print(", ".join(f"{total[name]} {name}" for name in COUNTED))
    print(f"{broken} of {asked.weeks} weeks broke a promise; {time.perf_counter() - began:.0f} s")
    return 1 if broken else 0


def replay(seed: int, week: int) -> int:
    """Show one week, call by call where something went wrong."""
    world = play_week(seed, week)
    print("\n".join(world.trace))
    print(f"\n{len(world.witness.violations)} promises broken")
    return 1 if world.witness.violations else 0


if __name__ == "__main__":
    sys.exit(main())
