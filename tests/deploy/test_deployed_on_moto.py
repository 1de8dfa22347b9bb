"""A whole deployment into moto's account, with Chalice itself and moto's own CloudFormation, and its end.

What moto makes nothing of is left to the stacks' own tests; of the data stack the rest is the real one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.cloudformation import Stacks
from deploy.deployment import Deployment, template_uploader
from deploy.package import Package
from deploy.removal import Removal
from deploy.steps import carry_out
from deploy.target import STACKS, Target
from deploy.toolbox import Toolbox
from ops.settings import Settings
from tests.deploy.account import ACCOUNT, Account, running
from tests.deploy.emulated_stage import CANNED, SETTINGS
from tests.deploy.test_chalice_on_moto import FUNCTIONS
from tests.infra import conftest as stacks

synthesized = stacks.written
TARGET = Target(SETTINGS, ACCOUNT)
MADE_BY_MOTO = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SSM::Parameter", "AWS::SNS::Topic",
                          "AWS::SQS::Queue", "AWS::IAM::Role", "AWS::Logs::LogGroup"})  # fmt: skip


class OnMoto(Toolbox):
    """The real tools, but for the package, which is built already, and for the stacks."""

    def __init__(self, shipped: Package, templates: Path, account: Account) -> None:
        self.shipped = shipped
        self.templates = templates
        self.account = account

    def build(self, root: Path, destination: Path) -> Package:
        shutil.copytree(self.shipped.directory, destination, dirs_exist_ok=True)
        return self.shipped

    def synthesize(self, settings: Settings, account: str, destination: Path) -> Mapping[str, Path]:
        """The real data stack, but for what moto makes nothing of; a queue for each of the others."""
        written = {}
        for kind in STACKS:
            resources: dict[str, Any] = {f"Only{kind}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": kind}}}
            if kind == "data":
                real = json.loads((self.templates / "ar-data.template.json").read_text())["Resources"]
                resources = {logical: one for logical, one in real.items() if one["Type"] in MADE_BY_MOTO}
            written[TARGET.stack(kind)] = file = destination / f"{kind}.json"
            file.write_text(json.dumps({"Resources": resources}))
        return written

    def run(self, command: Any, directory: Path, environment: Mapping[str, str]) -> int:
        return super().run(command, directory, {**environment, **self.account.environment})


class Clients:
    """The account's, with canned answers where moto has none."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def __call__(self, service: str) -> Any:
        client = self.account.client(service)
        for (of, operation), answer in {**CANNED, ("cloudformation", "update_termination_protection"): {}}.items():
            if of == service and not client.can_paginate(operation):
                setattr(client, operation, lambda answer=answer, **_: answer)
        return client


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running(tmp_path_factory.mktemp("moto") / "server.log") as moto:
        moto.client("secretsmanager").create_secret(Name="ar/reply/hmac", SecretString="not set yet")
        yield moto


@pytest.fixture(scope="module")
def whole(
    account: Account, shipped: Package, synthesized: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, ...]:
    """Deployed, deployed again on another machine, taken down: what was found after each, and what was said."""
    tools, clients, said = OnMoto(shipped, synthesized, account), Clients(account), []
    made = Stacks(clients("cloudformation"), said.append, template_uploader(clients, TARGET), sleep=lambda _: None)

    def deploy(machine: str) -> Any:
        run = Deployment(TARGET, clients, tools, said.append, tmp_path_factory.mktemp(machine), made)
        carry_out(run.steps(), said.append, "scripts/deploy --stage prod")
        return account.found(), run.api

    first, again = deploy("one"), deploy("other")
    removal = Removal(TARGET, clients, tools, said.append, tmp_path_factory.mktemp("end"), made)
    carry_out(removal.steps(), said.append, "scripts/destroy --stage prod")
    return first, again, account.found(), said


def test_every_function_is_deployed_behind_an_address(whole: tuple[Any, ...]) -> None:
    (found, api), *_ = whole
    assert set(found.functions) == {SETTINGS.function(name) for name in FUNCTIONS}
    assert api[1].endswith(".execute-api.ap-southeast-1.amazonaws.com/api/")


def test_another_machine_deploys_the_same_again_and_makes_no_second_api(whole: tuple[Any, ...]) -> None:
    (first, api), (again, same), *_ = whole
    assert (same, set(again.apis), set(again.functions)) == (api, set(first.apis), set(first.functions))


def test_taken_down_no_function_role_rule_or_api_is_left_but_the_data_stack(
    account: Account, whole: tuple[Any, ...]
) -> None:
    left = whole[2]
    assert (left.functions, left.rules, left.apis) == ({}, {}, {})
    assert set(left.roles) == {"ar-textract"}  # the data stack's own
    assert TARGET.bucket("raw-mime") in left.objects
    listed = account.client("cloudformation").describe_stacks()["Stacks"]
    assert [one["StackName"] for one in listed] == ["ar-data"]
