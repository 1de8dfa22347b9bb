"""How the commands speak: a table for people, or one JSON object with `--json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

as_json_option = click.option("--json", "as_json", is_flag=True, help="one JSON object instead of tables")


def print_json(value: object) -> None:
    """One object, for other programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table; what stands in a cell is text, never markup."""
    table = Table(title=escape(title), title_justify="left", header_style="bold", show_lines=False, pad_edge=False)
    for column in columns:
        table.add_column(escape(column), overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    Console().print(table)
