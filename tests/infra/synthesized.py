"""Stacks as CloudFormation gets them: synthesized once for each settings, in memory."""

from __future__ import annotations

import sys
from functools import cache
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


@cache
def _stack_class(stack: str) -> Any:
    if EXTRAS not in sys.path:  # behind the root: both have a module `app`
        sys.path.append(EXTRAS)
    module = __import__(f"{stack}_stack")
    return getattr(module, f"{stack.capitalize()}Stack")


def _synthesized(stack: str, settings: Settings) -> Template:
    from aws_cdk import App, DefaultStackSynthesizer, Environment
    from aws_cdk.assertions import Template as Assertions

    app = App(default_stack_synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
    env = Environment(account=ACCOUNT, region=settings.region)
    made = _stack_class(stack)(app, f"{settings.prefix}-{stack}", settings=settings, account=ACCOUNT, env=env)
    return dict(Assertions.from_stack(made).to_json())


def resources(found: Template, kind: str) -> list[dict[str, Any]]:
    """The properties of every resource of a kind."""
    return [one["Properties"] for one in found["Resources"].values() if one["Type"] == kind]
