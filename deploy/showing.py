"""A deployment, a removal, and the plans of both, as they are run and shown on a terminal."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import click
from rich.console import Console

from deploy import checks
from deploy.by_hand import Facts, tasks
from deploy.cloudformation import Stacks
from deploy.deployment import Deployment, Tools, dns_lines, template_uploader
from deploy.idle_cost import idle_month
from deploy.plan import (
    said_beforehand,
    show_costs,
    show_functions,
    show_package,
    show_resources,
    show_steps,
    show_tasks,
)
from deploy.removal import Removal
from deploy.steps import carry_out
from deploy.target import ROOT, STACKS, Clients, Target
from deploy.toolbox import Toolbox

STATE = ROOT / ".state" / "deploy"
_WIDTH = 120


def deploy_for_real(
    target: Target, clients: Clients | None = None, tools: Tools | None = None, work: Path = STATE
) -> None:
    """Every step, then what is left for people. Raises DeployError at the first step that fails."""
    clients = clients or _clients(target)
    stacks = Stacks(clients("cloudformation"), click.echo, template_uploader(clients, target))
    run = Deployment(target, clients, tools or Toolbox(), click.echo, work / target.stage, stacks)
    carry_out(run.steps(), click.echo, f"scripts/deploy --stage {target.stage}")
    click.echo(f"\nDeployed. See how it is at any time: scripts/ops --stage {target.stage} doctor")
    show_tasks(_console(), tasks(run.facts()))


def destroy_for_real(
    target: Target, *, and_data: bool, clients: Clients | None = None, tools: Tools | None = None, work: Path = STATE
) -> None:
    """Every step of the removal. Raises DeployError at the first that fails."""
    clients = clients or _clients(target)
    stacks = Stacks(clients("cloudformation"), click.echo, template_uploader(clients, target))
    run = Removal(target, clients, tools or Toolbox(), click.echo, work / target.stage, stacks, and_data=and_data)
    carry_out(run.steps(), click.echo, f"scripts/destroy --stage {target.stage}{' --and-data' if and_data else ''}")
    kept = "Nothing of it is left." if and_data else f"Its data stays, in the stack {target.stack('data')}."
    click.echo(f"\nTaken down. {kept}")


def plan(target: Target, *, build: bool, tools: Tools | None = None) -> None:
    """Everything that a deployment would do, without an account."""
    tools = tools or Toolbox()
    console = _console()
    console.print(f"Plan of the stage {target.stage}, {target.region}. Nothing is changed.", style="bold")
    settings = target.settings
    for warning in (*(f"{tool.name}: {tool.problem}" for tool in checks.tools() if tool.problem),
                    *checks.contradictions(settings), *checks.example_values(settings)):  # fmt: skip
        console.print(f"to be mended before a deployment: {warning}", markup=False, highlight=False, soft_wrap=True)
    run = Deployment(target, _nobody, tools, click.echo, Path(), Stacks(None, click.echo, lambda name, body: ""))
    show_steps(console, run.steps())
    with tempfile.TemporaryDirectory() as made:
        written = tools.synthesize(settings, target.account, Path(made))
        templates = {target.stack(kind): _read(written[target.stack(kind)]) for kind in STACKS}
        show_resources(console, templates)
        show_functions(console, tools.functions(ROOT, settings, target.account), settings.function)
        show_package(console, tools.build(ROOT, Path(made) / "build") if build else None)
    show_costs(console, idle_month(templates))
    show_tasks(console, tasks(Facts(target, dns=dns_lines(target, said_beforehand(templates)))))


def plan_removal(target: Target, *, and_data: bool, tools: Tools | None = None) -> None:
    """Everything that a removal would do, without an account."""
    console = _console()
    console.print(f"Plan of taking down the stage {target.stage}, {target.region}. Nothing is changed.", style="bold")
    none = Stacks(None, click.echo, lambda name, body: "")
    run = Removal(target, _nobody, tools or Toolbox(), click.echo, Path(), none, and_data=and_data)
    show_steps(console, run.steps())
    if not and_data:
        console.print(f"The stack {target.stack('data')} stays, with its tables, buckets and secrets.")


def _clients(target: Target) -> Clients:
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(service, region_name=target.region)
        return made[service]

    return client


def _nobody(service: str) -> Any:
    raise LookupError(f"a plan asks nothing of {service}")


def _read(path: Path) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)
