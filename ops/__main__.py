"""`python -m ops`: what an operator does by hand. Nothing changes before `--replay` or `--yes` is said."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from chalicelib.errors import ReminderError
from ops.stage import LOCAL_STATE, enter

COMMANDS = {
    "cost": "ops.cost",
    "doctor": "ops.doctor",
    "export": "ops.export",
    "forget": "ops.forget",
    "audit": "ops.audit",
    "optouts": "ops.optouts",
    "appointments": "ops.appointments",
    "redrive": "ops.redrive",
    "restore": "ops.restore",
    "summary": "ops.summary",
    "why": "ops.why",
    "preview": "ops.preview",
    "reparse": "ops.reparse",
}
"""Command -> its module, which has a click command of the same name."""


class Commands(click.Group):
    """The commands, each imported when it is asked for: after the stage has said which resources it means."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command, or None."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(module), cmd_name.replace("-", "_"))
        return command


@click.group(cls=Commands, help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--stage",
    default="",
    envvar="AR_STAGE",
    metavar="STAGE",
    help="dev, prod (infra-extras/stages), or local: the desk that is open; without it, what the environment says",
)
@click.option("--state", type=click.Path(path_type=Path), default=LOCAL_STATE, help="where that desk keeps its state")
def cli(stage: str, state: Path) -> None:
    """The stage is entered before any command is imported, since names are read from the environment then."""
    enter(stage, state)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 something is left to do, 2 it can't be done."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = cli.main(given, prog_name="scripts/ops", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except click.Abort:
        return 2
    except (ReminderError, LookupError, ValueError) as failure:
        print(f"{' '.join(given[:1])}: {failure}", file=sys.stderr)
        return 2
    return int(status or 0)


if __name__ == "__main__":
    sys.exit(main())
