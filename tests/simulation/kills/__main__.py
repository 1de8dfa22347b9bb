"""Kill, count, and say so. Exit status 1 if a customer was texted twice or a reminder was lost without a word."""

from __future__ import annotations

import argparse
import random
import sys
import time

from rich.console import Console
from rich.table import Table

from tests.simulation.kills.killing import Tally, kill


def main(arguments: list[str]) -> int:
    """`--literal` kills runs of the spec's literal order as well and prints both side by side."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.kills")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--literal", action="store_true", help="the literal spec too, a quarter as many kills")
    asked = parser.parse_args(arguments)
    progress = Console(stderr=True)
    out = Console(width=None if Console().is_terminal else 120)
    out.print(
        f"Real kills, seed {asked.seed}: python -m tests.simulation.kills --kills {asked.kills} --seed {asked.seed}"
    )
    began = time.monotonic()
    with progress.status("killing ...") as status:
        ours = kill(asked.kills, asked.seed, progress=lambda done: status.update(f"{done} kills ..."))
        peer = kill(max(asked.kills // 4, 1), asked.seed, literal=True) if asked.literal else None
    show(out, ours, peer)
    out.print(f"{time.monotonic() - began:.0f} s")
    return 0 if ours.sound else 1


def show(out: Console, ours: Tally, peer: Tally | None) -> None:
    """The outcomes, then where the kills hit."""
    outcomes = Table("Counted at the doors", "Ours", *(["Literal spec"] if peer else []))
    for name, count in _OUTCOMES.items():
        theirs = "has no such state" if name == HALF_DONE else str(count(peer)) if peer else ""
        outcomes.add_row(name, str(count(ours)), *([theirs] if peer else []))
    out.print(outcomes)
    hits = Table("Killed when the ledger said", "and", "Kills")
    for (state, text), count in sorted(ours.killed_in.items()):
        hits.add_row(state, text, str(count))
    out.print(hits)
    for what, which in (
        ("TEXTED TWICE", ours.duplicates),
        ("LOST IN SILENCE", ours.silent),
        ("LEFT HALF DONE", ours.unfinished),
    ):
        if which:
            out.print(f"{what}: {', '.join(which)}")


HALF_DONE = "left half done"
_OUTCOMES = {
    "kills": lambda t: t.kills,
    "runs that ended before their kill": lambda t: t.runs_that_ended_first,
    "reminders": lambda t: t.visits,
    "texted twice": lambda t: len(t.duplicates),
    "lost without a word": lambda t: len(t.silent),
    HALF_DONE: lambda t: len(t.unfinished),
    "texts": lambda t: t.texts,
    "e-mails in their place": lambda t: t.mails,
    "e-mails repeated": lambda t: t.repeated_mails,
    "told to staff": lambda t: t.told,
    "told to staff although the text went": lambda t: t.told_needlessly,
    "an undisturbed run, ms": lambda t: round(t.run_seconds * 1000),
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
