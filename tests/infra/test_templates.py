"""All four templates as they are deployed: by whom they can be read, what they never hold, what becomes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from deploy import stacks
from deploy.cloudformation import INLINE_BYTES
from deploy.errors import DeployError
from deploy.target import STACKS, Target
from ops.settings import STAGES, load_settings
from tests.infra.synthesized import ACCOUNT, Template, resources, template

ROOT = Path(__file__).parents[2]
PROD = load_settings("prod")
ENVIRONMENT = PROD.environment(ACCOUNT)
MOST_RESOURCES = 500
"""CloudFormation's own limit."""


def every(templates: dict[str, Template]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Stack, name and resource."""
    for stack, found in templates.items():
        for name, resource in found["Resources"].items():
            yield stack, name, resource


def minified(found: Template) -> str:
    """As `deploy/cloudformation.py` hands it over."""
    return json.dumps(found, separators=(",", ":"))


# ---------------------------------------------------------------- written


def test_there_is_a_template_for_each_stack_that_is_deployed(templates: dict[str, Template]) -> None:
    assert {*templates} == {Target(PROD, ACCOUNT).stack(kind) for kind in STACKS}


@pytest.mark.parametrize("kind", STACKS)
def test_the_same_settings_give_the_same_template_in_any_process(templates: dict[str, Template], kind: str) -> None:
    """Nothing random and no time is in it, so that a deployment without a change finds none."""
    suffix = ENVIRONMENT["AR_BUCKET_SUFFIX"]
    here = minified(template(kind, PROD)).replace(suffix, "")
    assert minified(templates[f"ar-{kind}"]).replace(suffix, "") == here


def test_no_template_needs_a_bootstrapped_account_or_a_file_beside_it(templates: dict[str, Template]) -> None:
    """They are handed to CloudFormation as they are."""
    text = json.dumps(templates)
    for word in ("BootstrapVersion", "cdk-hnb659fds", "AWS::CDK::Metadata", "AssetParameters", "S3Key"):
        assert word not in text
    assert all("Rules" not in found for found in templates.values())


def test_the_first_stack_is_handed_over_without_a_bucket(templates: dict[str, Template]) -> None:
    """A larger template goes by a bucket, which this stack makes."""
    assert len(minified(templates["ar-data"]).encode()) <= INLINE_BYTES


def test_no_stack_has_more_resources_than_cloudformation_takes(templates: dict[str, Template]) -> None:
    assert {stack: len(found["Resources"]) <= MOST_RESOURCES for stack, found in templates.items()} == dict.fromkeys(
        templates, True
    )


def test_without_node_it_is_said_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeployError, match="needs Node 20 or later, and there is no node on the PATH"):
        stacks.synthesize("prod", ACCOUNT, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_stage_that_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="there is no stage 'nowhere'"):
        stacks.synthesize("nowhere", ACCOUNT, tmp_path / "out")


# ---------------------------------------------------------------- linted


def linted(found: Template) -> list[str]:
    """What cfn-lint says, errors and warnings."""
    matches = lint(minified(found), config=ManualArgs(regions=[PROD.region]))
    return [f"{one.rule.id}: {one.message}" for one in matches]


@pytest.mark.parametrize("kind", STACKS)
def test_cfn_lint_has_nothing_to_say(templates: dict[str, Template], kind: str) -> None:
    assert linted(templates[f"ar-{kind}"]) == []


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("data", {"bookings_domain": ""}),
        ("mail", {"bookings_domain": ""}),
        ("mail", {"bookings_domain": "bright-bookings.example"}),
        ("scheduling", {"certificate_arn": f"arn:aws:acm:{PROD.region}:{ACCOUNT}:certificate/0"}),
    ],
)
def test_cfn_lint_has_nothing_to_say_of_other_settings(kind: str, changed: dict[str, str]) -> None:
    assert linted(template(kind, replace(PROD, **changed))) == []  # type: ignore[arg-type]


def test_cfn_lint_would_say_something() -> None:
    assert linted({"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": 1}}}}) != []


# ---------------------------------------------------------------- what is in none, and in one


def test_nothing_is_embedded_and_no_vectors_are_kept(templates: dict[str, Template]) -> None:
    """Promise 78: neither declared, nor allowed to any function, nor shipped."""
    kinds = {resource["Type"].partition("::")[2] for _, _, resource in every(templates)}
    assert not [
        one for one in kinds if one.split("::")[0] in ("Bedrock", "OpenSearchServerless", "S3Vectors", "Kendra")
    ]
    policies = [path.read_text(encoding="utf-8") for path in sorted((ROOT / ".chalice").glob("policy-*.json"))]
    actions = {*re.findall(r'"([a-z0-9-]+:[A-Za-z*]+)"', "".join([*policies, json.dumps(templates)]))}
    asked = {
        one for one in actions if one.partition(":")[0] in ("bedrock", "bedrock-agent", "s3vectors", "aoss", "kendra")
    }
    assert asked == {"bedrock:InvokeModel"}
    shipped = (ROOT / "requirements.txt").read_text(encoding="utf-8").lower()
    assert not re.search(r"embed|vector|faiss|chroma|pinecone|langchain|llama", shipped)


def test_every_log_keeps_a_week(templates: dict[str, Template]) -> None:
    """Promise 83, of the stacks' own small functions too."""
    groups = [
        resource["Properties"] for _, _, resource in every(templates) if resource["Type"] == "AWS::Logs::LogGroup"
    ]
    assert {one["RetentionInDays"] for one in groups} == {7}
    logs = {one["LogGroupName"] for one in groups}
    functions = [one for found in templates.values() for one in resources(found, "AWS::Lambda::Function")]
    assert {f"/aws/lambda/{one['FunctionName']}" for one in functions} <= logs


def test_the_rule_set_is_in_the_mail_s_stack_alone(templates: dict[str, Template]) -> None:
    """Promise 93."""
    found = {stack for stack, _, resource in every(templates) if resource["Type"].startswith("AWS::SES::")}
    assert found == {"ar-mail"}


def test_nothing_runs_all_the_time(templates: dict[str, Template]) -> None:
    """Promise 99."""
    services = {resource["Type"].split("::")[1] for _, _, resource in every(templates)}
    assert services & {"EC2", "ECS", "EKS", "RDS", "ElastiCache", "OpenSearchService", "Kinesis", "MSK"} == set()


@pytest.mark.parametrize("file", sorted(STAGES.glob("*.toml")), ids=lambda file: file.stem)
def test_a_stage_is_in_singapore_unless_it_says_otherwise(file: Path) -> None:
    """Promise 96."""
    assert load_settings(file.stem).region == "ap-southeast-1"


def test_everything_is_in_the_stage_s_one_region_and_account(templates: dict[str, Template]) -> None:
    """Promise 96."""
    arns = re.findall(r"arn:aws:[a-z0-9-]+:([a-z0-9-]*):(\d*):", json.dumps(templates))
    assert {region for region, _ in arns} <= {PROD.region, ""}
    assert {account for _, account in arns} <= {ACCOUNT, ""}
    assert (PROD.region, ACCOUNT) in arns


def test_what_the_functions_environment_names_is_declared(templates: dict[str, Template]) -> None:
    """By name, since they are deployed between the stacks."""
    declared = {
        value
        for _, _, resource in every(templates)
        for key, value in resource.get("Properties", {}).items()
        if key in ("QueueName", "TopicName", "RoleName", "BucketName")
    }
    for name in ("AR_DLQ_ARN", "AR_SCANS_TOPIC_ARN", "AR_TEXTRACT_ROLE_ARN", "AR_SCHEDULER_ROLE_ARN"):
        assert re.split("[:/]", ENVIRONMENT[name])[-1] in declared
    suffix = ENVIRONMENT["AR_BUCKET_SUFFIX"]
    assert sum(one.endswith(suffix) for one in declared) == 4


def test_what_a_stack_calls_by_a_name_of_its_own_begins_with_the_prefix(templates: dict[str, Template]) -> None:
    """So that two stages with prefixes of their own can share an account."""
    keys = ("TableName", "BucketName", "QueueName", "TopicName", "RoleName", "FunctionName", "RuleSetName", "AlarmName")
    for stack, name, resource in every(templates):
        for key in {*keys} & {*resource.get("Properties", {})}:
            assert resource["Properties"][key].startswith("ar-"), f"{stack}, {name}"


def test_no_secret_and_no_contact_but_the_owner_s_is_in_a_template(templates: dict[str, Template]) -> None:
    found = re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", json.dumps(templates))
    config = PROD.config
    assert {*found} == {PROD.owner_email, config["email_from"], config["intake_address"]}
