"""`scripts/bench`: measure, and print DESIGN §10's table, each figure beside its bar and beside the literal spec's.

`scripts/bench intake` plays the corpus of booking mails instead (bench/intake.py).
"""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.table import Table

from bench import big_world, crashes, importing, intake, packaging, reading, texts, week
from bench.figures import Figure, What, lines

NARROWEST = 150


def main() -> int:
    """Measure everything. The exit status is 0: a table is no test."""
    began = time.monotonic()
    progress = Console(stderr=True)
    figures: dict[What, Figure] = {}
    notes: list[str] = []
    with progress.status("texts, crashes, imports ..."):
        figures[What.SEGMENTS] = texts.figure()
        figures[What.NEVER_TWICE], note = crashes.figure()
        notes.append(note)
        figures[What.IMPORTS] = importing.figure()
    with progress.status("building what ships ..."):
        figures[What.ZIP], note = packaging.figure()
        notes.append(note)
    with progress.status("reading 100,000 rows ..."):
        figures[What.ROWS] = reading.figure()
    with progress.status("a tick over 100,000 rows ..."):
        measured = big_world.measure()
        figures |= measured.figures
        notes += measured.notes
    with progress.status("five days of the sample shop ..."):
        figures[What.LATENESS], note = week.lateness()
        notes.append(note)
    show(figures, [*notes, f"Measured in {time.monotonic() - began:.0f} s."])
    return 0


def show(figures: dict[What, Figure], notes: list[str], console: Console | None = None) -> None:
    """Print the table and what is to be said below it."""
    out = console or Console()
    if out.width < NARROWEST and not out.is_terminal:
        out.width = NARROWEST
    table = Table("What", "Bar", "Ours", "Literal spec", "Within?", show_lines=True)
    for line in lines(figures):
        table.add_row(*line)
    out.print(table)
    for note in notes:
        out.print(f"- {note}", highlight=False)


def chosen(words: list[str]) -> int:
    """Measure what the command line asks for: nothing for the table, or `intake`. 2 for anything else."""
    if not words:
        return main()
    if words == ["intake"]:
        return intake.main()
    print("usage: scripts/bench [intake]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(chosen(sys.argv[1:]))
