"""A whole `chalice deploy` of this app into an account of moto's: first, again, with changes, and taken away.

The package is the one that ships, for arm64; another part of the deployment has made the bucket and the topics.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from chalice.app import CloudWatchEventConfig, S3EventConfig, ScheduledEventConfig, SNSEventConfig

from app import app
from chalicelib import names
from deploy import chalice_config
from deploy.package import THIS_PYTHON, Package, unzipped_size
from ops.settings import Settings, load_settings
from tests.deploy.account import ACCOUNT, Account, Found, running
from tests.deploy.conftest import ROOT

STAGE = "prod"
MOST_PLAIN = 40_000_000
RESERVED = {"api_handler": 50, names.DISPATCH: 20}
FUNCTIONS = {"api_handler", *(one.name for one in (*app.event_sources, *app.pure_lambda_functions))}
TOPICS = {one.topic for one in app.event_sources if isinstance(one, SNSEventConfig)}
SETTINGS = load_settings(STAGE)
SUFFIX = SETTINGS.environment(ACCOUNT)["AR_BUCKET_SUFFIX"]


@dataclass(frozen=True)
class Deployment:
    """A project that is deployed, and what was found in the account after that."""

    project: Path
    found: Found


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running(tmp_path_factory.mktemp("moto") / "server.log") as moto:
        moto.prepare(f"ar-raw-mime{SUFFIX}", *TOPICS)
        yield moto


def deployed(account: Account, project: Path) -> Deployment:
    account.chalice(project, "deploy", "--stage", STAGE)
    return Deployment(project, account.found())


@pytest.fixture(scope="module")
def first(account: Account, shipped: Package, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The first deployment."""
    project = tmp_path_factory.mktemp("first") / "project"
    shutil.copytree(shipped.directory, project)
    chalice_config.write(ROOT, project, SETTINGS, ACCOUNT, RESERVED)
    return deployed(account, project)


@pytest.fixture(scope="module")
def again(account: Account, first: Deployment) -> Deployment:
    """The same once more."""
    return deployed(account, first.project)


@pytest.fixture(scope="module")
def changed(account: Account, again: Deployment) -> Deployment:
    """One function has another name, and one is gone."""
    rename(again.project, names.REMINDER_ON_CHANGE, "reminder_at_once")
    remove(again.project, names.INTAKE_WATCH)
    return deployed(account, again.project)


@pytest.fixture(scope="module")
def deleted(account: Account, changed: Deployment) -> Deployment:
    """All of it is taken away."""
    account.chalice(changed.project, "delete", "--stage", STAGE)
    return Deployment(changed.project, account.found())


def configuration(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / ".chalice" / "config.json").read_text())
    return found


def reconfigure(project: Path, config: dict[str, Any]) -> None:
    (project / ".chalice" / "config.json").write_text(json.dumps(config))


def rename(project: Path, former: str, name: str) -> None:
    """The function is declared and configured under another name."""
    module = project / "chalicelib" / "names.py"
    module.write_text(module.read_text().replace(f'"{former}"', f'"{name}"'))
    config = configuration(project)
    functions = config["stages"][STAGE]["lambda_functions"]
    functions[name] = functions.pop(former)
    reconfigure(project, config)
    policy = project / ".chalice" / functions[name]["iam_policy_file"]
    policy.write_text(policy.read_text().replace(SETTINGS.function(former), SETTINGS.function(name)))


def remove(project: Path, function: str) -> None:
    """The function isn't declared any more."""
    file = project / "app.py"
    lines = file.read_text().splitlines(keepends=True)
    [node] = [
        one for one in ast.parse(file.read_text()).body if isinstance(one, ast.FunctionDef) and one.name == function
    ]
    del lines[node.decorator_list[0].lineno - 1 : node.end_lineno]
    file.write_text("".join(lines))
    config = configuration(project)
    del config["stages"][STAGE]["lambda_functions"][function]
    reconfigure(project, config)


def of(*functions: str) -> set[str]:
    return {SETTINGS.function(name) for name in functions}


# ---------------------------------------------------------------- the first deployment


def test_every_function_of_the_app_is_there_and_no_other(first: Deployment) -> None:
    """Promise 80."""
    assert set(first.found.functions) == of(*FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_is_what_its_configuration_says(first: Deployment, name: str) -> None:
    """Promises 80, 81."""
    found = first.found.functions[SETTINGS.function(name)]
    configured = configuration(first.project)["stages"][STAGE]["lambda_functions"][name]
    assert found["Architectures"] == ["arm64"]
    assert found["Runtime"] == f"python{THIS_PYTHON}"
    assert (found["MemorySize"], found["Timeout"]) == (configured["lambda_memory_size"], configured["lambda_timeout"])
    assert found["Environment"]["Variables"] == SETTINGS.environment(ACCOUNT)
    assert not found.get("VpcConfig", {}).get("SubnetIds")
    assert found["TracingConfig"]["Mode"] == "PassThrough"


def test_what_is_deployed_is_what_was_built(first: Deployment, shipped: Package) -> None:
    assert {one["CodeSize"] for one in first.found.functions.values()} == {shipped.zipped}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_has_a_role_of_its_own_with_its_narrowed_policy_only(first: Deployment, name: str) -> None:
    """Promise 82."""
    role = f"ar-{STAGE}-{name}"
    assert first.found.functions[SETTINGS.function(name)]["Role"].rpartition("/")[2] == role
    file = configuration(first.project)["stages"][STAGE]["lambda_functions"][name]["iam_policy_file"]
    assert first.found.roles[role] == {role: json.loads((first.project / ".chalice" / file).read_text())}
    assert f"log-group:/aws/lambda/{SETTINGS.function(name)}:*" in json.dumps(first.found.roles[role])
    assert ":*:*:" not in json.dumps(first.found.roles[role]).replace("arn:aws:sns:*:*:*", "")


def test_there_are_no_roles_but_the_functions(first: Deployment) -> None:
    assert set(first.found.roles) == {f"ar-{STAGE}-{name}" for name in FUNCTIONS}


def test_every_route_is_answered_by_the_routes_function(first: Deployment) -> None:
    assert first.found.apis == {"ar": {path: set(methods) for path, methods in app.routes.items()}}


def test_every_rule_calls_its_function(first: Deployment) -> None:
    """Promise 95, as Chalice's rules."""
    on_a_clock = [one for one in app.event_sources if isinstance(one, ScheduledEventConfig)]
    on_an_event = [one for one in app.event_sources if isinstance(one, CloudWatchEventConfig)]
    expected = [(one.schedule_expression.to_string(), one.name) for one in on_a_clock if one.schedule_expression]
    expected += [(one.event_pattern, one.name) for one in on_an_event]
    there = sorted(map(repr, first.found.rules.values()))
    assert there == sorted(repr((when, (SETTINGS.function(name),))) for when, name in expected)


def test_a_mail_in_its_bucket_calls_the_intake(first: Deployment) -> None:
    """Promise 8."""
    [source] = [one for one in app.event_sources if isinstance(one, S3EventConfig)]
    wanted = {"function": SETTINGS.function(source.name), "events": source.events}
    assert first.found.objects == {f"ar-raw-mime{SUFFIX}": [wanted]}


def test_every_topic_has_its_function(first: Deployment) -> None:
    sources = [one for one in app.event_sources if isinstance(one, SNSEventConfig)]
    assert first.found.topics == {one.topic: [SETTINGS.function(one.name)] for one in sources}


def test_only_what_is_bounded_has_a_reservation(first: Deployment) -> None:
    assert first.found.reserved == {SETTINGS.function(name): count for name, count in RESERVED.items()}


# ---------------------------------------------------------------- the later ones


def test_a_second_deployment_changes_nothing(first: Deployment, again: Deployment) -> None:
    assert set(again.found.functions) == set(first.found.functions)
    digests = ({one["CodeSha256"] for one in there.found.functions.values()} for there in (first, again))
    assert len(set.union(*digests)) == 1
    for what in ("roles", "rules", "apis", "objects", "topics", "reserved"):
        assert getattr(again.found, what) == getattr(first.found, what), what


def test_a_function_under_another_name_leaves_nothing_under_the_former(changed: Deployment) -> None:
    former, name = SETTINGS.function(names.REMINDER_ON_CHANGE), SETTINGS.function("reminder_at_once")
    assert name in changed.found.functions
    assert name in changed.found.roles
    [targets] = [targets for when, targets in changed.found.rules.values() if "ar.tick_requested" in repr(when)]
    assert targets == (name,)
    assert former not in repr((changed.found.functions, changed.found.roles, changed.found.rules))


def test_a_function_that_is_not_declared_any_more_is_gone_with_its_rule_and_role(
    first: Deployment, changed: Deployment
) -> None:
    assert set(changed.found.functions) == of(
        *FUNCTIONS - {names.REMINDER_ON_CHANGE, names.INTAKE_WATCH}, "reminder_at_once"
    )
    assert len(changed.found.rules) == len(first.found.rules) - 1
    assert SETTINGS.function(names.INTAKE_WATCH) not in repr((changed.found.roles, changed.found.rules))


def test_a_deleted_deployment_leaves_what_it_did_not_make(deleted: Deployment) -> None:
    assert deleted.found == Found(objects={f"ar-raw-mime{SUFFIX}": []}, topics={topic: [] for topic in TOPICS})


# ---------------------------------------------------------------- straight from a checkout


def test_a_plain_deployment_from_a_checkout_works(
    registry: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "checkout"
    project.mkdir()
    for file in ("app.py", "requirements.txt"):
        shutil.copy2(ROOT / file, project)
    for folder in ("chalicelib", ".chalice"):
        shutil.copytree(
            ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__", "deployments", "deployed")
        )
    with running(tmp_path / "server.log") as moto:
        moto.prepare("ar-raw-mime", *TOPICS)
        said = moto.chalice(project, "deploy")
        functions = moto.found().functions
    assert not re.search("could not|error", said, re.IGNORECASE), said
    dev = Settings("dev", region="", owner_email="", mail_domain="")
    assert set(functions) == {dev.function(name) for name in FUNCTIONS}
    [made] = (project / ".chalice" / "deployments").glob("*.zip")
    with capsys.disabled():
        print(f"\na plain deployment: {made.stat().st_size / 1e6:.1f} MB, {unzipped_size(made) / 1e6:.1f} MB unzipped")
    assert made.stat().st_size <= MOST_PLAIN
