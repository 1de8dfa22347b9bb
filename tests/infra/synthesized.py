"""Stacks as CloudFormation gets them: synthesized once for each settings, in memory."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from ops.settings import Settings

EXTRAS = str(Path(__file__).parents[2] / "infra-extras")
ACCOUNT = "123456789012"

Template = dict[str, Any]


def template(stack: str, settings: Settings) -> Template:
    """The template of a stack by its short name: `scheduling`, `guardrails`."""
    key = (stack, repr(settings))
    if key not in _made:
        _made[key] = _synthesized(stack, settings)
    return _made[key]


_made: dict[tuple[str, str], Template] = {}


def module(name: str) -> Any:
    """A module of infra-extras/."""
    if EXTRAS not in sys.path:  # behind the root: both have a module `app`
        sys.path.append(EXTRAS)
    return import_module(name)


def declared() -> Any:
    """What the app declares, as the stacks read it."""
    return module("declared_functions").declared()


def _synthesized(stack: str, settings: Settings) -> Template:
    from aws_cdk import App, DefaultStackSynthesizer, Environment
    from aws_cdk.assertions import Template as Assertions

    app = App(default_stack_synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
    env = Environment(account=ACCOUNT, region=settings.region)
    of = getattr(module(f"{stack}_stack"), f"{stack.capitalize()}Stack")
    made = of(app, f"{settings.prefix}-{stack}", settings=settings, account=ACCOUNT, env=env)
    return dict(Assertions.from_stack(made).to_json())


def resources(found: Template, kind: str) -> list[dict[str, Any]]:
    """The properties of every resource of a kind."""
    return [one["Properties"] for one in found["Resources"].values() if one["Type"] == kind]
