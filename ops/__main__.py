"""`python -m ops`: what an operator does by hand. Nothing changes before `--replay` or `--yes` is said."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from chalicelib.errors import ReminderError
from ops import redrive, reparse, restore


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 something is left to do, 2 it can't be done."""
    parser = argparse.ArgumentParser(prog="scripts/ops", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    redrive.arguments(commands.add_parser("redrive", help=redrive.HELP, description=redrive.__doc__))
    restore.arguments(commands.add_parser("restore", help=restore.HELP, description=restore.__doc__))
    reparse.arguments(commands.add_parser("reparse", help=reparse.HELP, description=reparse.__doc__))
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except (ReminderError, LookupError, ValueError) as failure:
        print(f"{options.command}: {failure}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
