"""`python -m tests.simulation.enumeration [--long]`: every plan of faults, the shipped code beside the literal order.

Exit status 1 if the shipped code breaks an invariant in any of them; the plan is then printed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from tests.simulation.enumeration.figures import LONG, QUICK, Figure, enumerate_all


def main(arguments: list[str]) -> int:
    """`--long`: three faults in every scene, and overlaps with a fault and a lease that runs out."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.enumeration")
    parser.add_argument("--long", action="store_true", help="three faults everywhere; half an hour")
    asked = parser.parse_args(arguments)
    progress = Console(stderr=True)
    out = Console(width=None if Console().is_terminal else 150)
    began = time.monotonic()
    figures = []
    with progress.status("every plan of faults ...") as status:
        for both in enumerate_all(LONG if asked.long else QUICK):
            figures.append(both)
            status.update(f"{both[0].job} done ...")
    show(out, figures)
    ours = [mine for mine, _ in figures]
    out.print(
        f"{sum(f.plans for f in ours):,} plans, of which {sum(f.played for f in ours):,} different runs had to be "
        f"played, in {time.monotonic() - began:.0f} s",
        highlight=False,
    )
    return 0 if all(figure.sound for figure in ours) else 1


def show(out: Console, figures: Iterable[tuple[Figure, Figure]]) -> None:
    """The outcomes, then an example of each way in which the shipped code failed."""
    table = Table(title="Every plan of faults: the shipped code | check, send, record")
    for heading in ("Scene", "Plans", "Texted twice", "Lost in silence", "After the answer", "Needless call"):
        table.add_column(heading, justify="left" if heading == "Scene" else "right")
    for ours, spec in figures:
        table.add_row(str(ours.job), *(f"{a:,} | {b:,}" for a, b in zip(_row(ours), _row(spec), strict=True)))
    out.print(table)
    for ours, _ in figures:
        for broken, how in ours.examples:
            out.print(f"BROKEN in {ours.job}: {'; '.join(broken)}", highlight=False)
            for run, call, fault in how:
                out.print(f"    {run or '-'}: {call} {fault or ''}", highlight=False)


def _row(figure: Figure) -> tuple[int, ...]:
    return figure.plans, figure.twice, figure.silent, figure.afterwards, figure.needless


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
