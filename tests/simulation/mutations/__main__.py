"""Try every mutation and name the test that caught it. Exit status 1 if one survives or can't be applied any more."""

from __future__ import annotations

import argparse
import sys
import time

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.simulation.mutations.catalogue import MUTATIONS
from tests.simulation.mutations.trial import Verdict, learn, try_all


def main(arguments: list[str]) -> int:
    """`--only NAME`: those whose name has that in it."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutations")
    parser.add_argument("--only", action="append", metavar="NAME", help="those whose name contains this; repeatable")
    parser.add_argument("--learn", action="store_true", help="look for the tests anew, and remember them")
    asked = parser.parse_args(arguments)
    wanted = [name.casefold() for name in asked.only or [""]]
    chosen = [mutation for mutation in MUTATIONS if any(name in mutation.name.casefold() for name in wanted)]
    if not chosen:
        parser.error(f"no mutation's name contains {' or '.join(asked.only)}")
    progress = Console(stderr=True)
    out = Console(width=None if Console().is_terminal else 200)
    began = time.monotonic()
    done: list[Verdict] = []
    with progress.status(f"{len(chosen)} mutations ...") as status:

        def tell(verdict: Verdict) -> None:
            done.append(verdict)
            status.update(f"{len(done)} of {len(chosen)} mutations ...")
            if not verdict.caught_by:
                progress.print(f"survived: {verdict.mutation.name} {verdict.lost}", highlight=False)

        verdicts = try_all(chosen, tell, {} if asked.learn else None)
    if asked.learn:
        learn(verdicts, MUTATIONS)
    show(out, verdicts)
    survived = [verdict for verdict in verdicts if not verdict.caught_by]
    out.print(
        f"{len(verdicts) - len(survived)} of {len(verdicts)} mutations were caught, in {time.monotonic() - began:.0f} s"
    )
    return 1 if survived else 0


def show(out: Console, verdicts: list[Verdict]) -> None:
    """Mutation, file, the test that caught it."""
    table = Table("Mutation", "File", "Caught by")
    for verdict in verdicts:
        caught = verdict.caught_by.removeprefix("tests/") or verdict.lost or "NOTHING: it survived"
        cells = (verdict.mutation.name, verdict.mutation.file.rpartition("/")[2], caught)
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
