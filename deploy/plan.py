"""What a deployment would do, shown without an account: nothing is asked of AWS and nothing changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from deploy.by_hand import Task
from deploy.idle_cost import Cost
from deploy.package import Package
from deploy.steps import Step

_SHORT = 6
"""So many names of one kind are shown; of more, that many and a count."""


def show_steps(console: Console, steps: Sequence[Step]) -> None:
    """Every step, with what it does."""
    table = _table("Steps", "", "step", "what it does")
    for number, step in enumerate(steps, 1):
        table.add_row(str(number), step.name, step.will)
    console.print(table)


def show_resources(console: Console, templates: Mapping[str, Mapping[str, Any]]) -> None:
    """Every stack's resources: how many of which kind, and what they are called."""
    table = _table("Resources", "stack", "", "kind", "names")
    for stack, template in templates.items():
        kinds: dict[str, list[str]] = {}
        for logical, resource in sorted(template.get("Resources", {}).items()):
            kinds.setdefault(resource["Type"], []).append(_name(logical, resource))
        for position, (kind, found) in enumerate(sorted(kinds.items(), key=lambda one: (-len(one[1]), one[0]))):
            table.add_row("" if position else stack, str(len(found)), kind.removeprefix("AWS::"), _some(found))
        table.add_section()
    console.print(table)


def show_functions(console: Console, functions: Mapping[str, Mapping[str, Any]], name: Any) -> None:
    """What Chalice deploys."""
    table = _table("Functions (Chalice)", "function", "MB", "seconds")
    for one, settings in sorted(functions.items()):
        table.add_row(name(one), str(settings["lambda_memory_size"]), str(settings["lambda_timeout"]))
    console.print(table)


def show_package(console: Console, package: Package | None) -> None:
    """How large the functions' zip is."""
    console.print(f"\nPackage: {package}" if package else "\nPackage: not built; add --build to see its size")


def show_costs(console: Console, costs: Sequence[Cost]) -> None:
    """A month without appointments."""
    table = _table("A month in which nothing happens, US dollars (prices: scripts/ops cost --prices)", "", "$")
    for cost in costs:
        table.add_row(cost.what, f"{cost.usd:.2f}")
    table.add_section()
    table.add_row("together, before the first text", f"{sum(cost.usd for cost in costs):.2f}")
    console.print(table)


def show_tasks(console: Console, tasks: Sequence[Task]) -> None:
    """What only a person can do, with what to paste. Lines to paste are never wrapped."""
    console.print("\nWhat only you can do", style="bold")
    for number, task in enumerate(tasks, 1):
        mark = " (done)" if task.done else ""
        console.print(f"\n{number}. {task.title}{mark}", style="bold", markup=False, highlight=False)
        if task.done:
            continue
        console.print(Padding(Text(task.why), (0, 0, 0, 3)))
        for line in task.paste:
            console.print(f"     {line}", markup=False, highlight=False, soft_wrap=True)


def said_beforehand(templates: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The stacks' outputs that don't wait for a deployment."""
    outputs = {key: one["Value"] for template in templates.values() for key, one in template.get("Outputs", {}).items()}
    return {key: value for key, value in outputs.items() if isinstance(value, str)}


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(
            column,
            overflow="fold",
            justify="right" if column in ("", "MB", "seconds", "$") and len(columns) != 2 else "left",
        )
    return table


_NAMES = ("TableName", "BucketName", "FunctionName", "RoleName", "LogGroupName", "TopicName", "QueueName", "AlarmName",
          "DashboardName", "Name", "RuleSetName", "EmailIdentity", "GroupName", "DomainName", "FilterName")  # fmt: skip


def _name(logical: str, resource: Mapping[str, Any]) -> str:
    """What a resource is called where it has a name, else what the template calls it."""
    properties = resource.get("Properties", {})
    named = (properties.get(key) for key in _NAMES)
    return next((one for one in named if isinstance(one, str)), logical)


def _some(found: Sequence[str]) -> str:
    shown = ", ".join(found[:_SHORT])
    return f"{shown} and {len(found) - _SHORT} more" if len(found) > _SHORT else shown
