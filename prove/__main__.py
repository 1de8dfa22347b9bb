"""`scripts/prove`: every plan of faults, a simulated world, real kills, mutations. Exit status 1 if anything broke."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Part:
    """One proof: what it tries, and its command."""

    name: str
    tries: str
    command: Sequence[str]
    random: bool = False


def parts(seed: int, long: bool) -> list[Part]:
    """The four proofs; `long` takes hours instead of minutes."""
    weeks, kills = (100_000, 2_000) if long else (1_500, 200)
    chance = ["--seed", str(seed)]
    return [
        Part("enumeration", "every plan of up to three faults, every overlap", ["enumeration", *["--long"] * long]),
        Part("world", f"{weeks:,} weeks of a shop, seed {seed}", ["world", "--weeks", str(weeks), *chance], True),
        Part("kills", f"{kills:,} kills, seed {seed}", ["kills", "--kills", str(kills), "--literal", *chance], True),
        Part("mutations", "each condition dropped or weakened", ["mutations"]),
    ]


def rounds(seed: int, long: bool, minutes: float, only: str | None) -> Iterator[Part]:
    """The proofs, once. With `minutes`: then the random ones again and again, each round from the next seed, until
    the minutes are over; one that has begun is finished."""
    over = time.monotonic() + 60 * minutes
    chosen = [part for part in parts(seed, long) if only in (None, part.name)]
    yield from chosen
    while any(part.random for part in chosen) and time.monotonic() < over:
        seed += 1
        for part in parts(seed, long):
            if part.random and only in (None, part.name) and time.monotonic() < over:
                yield part


def main(arguments: Sequence[str]) -> int:
    """`--seed` replays what is random, `--long` takes hours, `--minutes` goes on so long, `--only` plays one."""
    parser = argparse.ArgumentParser(prog="scripts/prove", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--long", action="store_true", help="hours instead of minutes")
    parser.add_argument("--minutes", type=float, default=0, help="play the random ones again and again until then")
    parser.add_argument("--only", choices=[part.name for part in parts(0, False)])
    asked = parser.parse_args(arguments)
    out = Console(width=None if Console().is_terminal else 150)
    again = f"scripts/prove --seed {asked.seed}{' --long' * asked.long}{f' --only {asked.only}' if asked.only else ''}"
    out.print(f"To play this again: {again}", highlight=False)
    table = Table("Proof", "What it tries", "Holds?", "Seconds")
    broke = False
    for part in rounds(asked.seed, asked.long, asked.minutes, asked.only):
        began = time.monotonic()
        out.rule(part.name)
        module = f"tests.simulation.{part.command[0]}"
        holds = subprocess.run([sys.executable, "-m", module, *part.command[1:]], cwd=ROOT).returncode == 0
        broke |= not holds
        table.add_row(part.name, part.tries, "yes" if holds else "NO", f"{time.monotonic() - began:.0f}")
    out.rule("in short")
    out.print(table)
    return int(broke)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
