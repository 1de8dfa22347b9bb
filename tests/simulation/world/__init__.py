"""A simulated world: weeks of a shop, seeded, on a moved clock, in which everything goes wrong that can.

`python -m tests.simulation.world --weeks 2000 --seed 7` plays weeks; `--replay 7:123` plays one and shows it.
"""

from __future__ import annotations

from random import Random

from tests.simulation.world.week import World

__all__ = ["World", "play_week"]


def play_week(seed: int, week: int) -> World:
    """One week to its end, or to its first violation (`world.witness.violations`)."""
    world = World(Random(f"{seed}:{week}"))
    world.play()
    return world
