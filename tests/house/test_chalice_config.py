"""What `chalice deploy` will make: sizes, environment, and one narrow role per function."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app import app
from chalicelib import names
from chalicelib.config import HAIKU

ROOT = Path(__file__).parents[2]
CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text())
STAGES: dict[str, Any] = CONFIG["stages"]
FUNCTIONS = {
    "api_handler",
    *(source.name for source in app.event_sources),
    *(function.name for function in app.pure_lambda_functions),
}
SIZES = {
    names.DRIVE_SYNC: (1024, 60),  # docs/decisions.md
    names.DISPATCH: (256, 30),
    names.REMINDER: (512, 60),
    "api_handler": (256, 15),
    names.INTAKE: (512, 60),
    names.SCAN_DONE: (512, 60),
    names.CALENDAR_SYNC: (256, 30),
    names.SUMMARY: (512, 60),
}


WITHOUT_ARN = {"sns:Publish", "textract:StartDocumentTextDetection", "textract:GetDocumentTextDetection"}
"""A text's number and a scan have no ARN that a policy could name."""
READERS_OF_MAIL = {names.INTAKE, names.SCAN_DONE, names.INTAKE_WATCH}
ASK_THE_MODEL = READERS_OF_MAIL | {names.SUMMARY}


def per_function() -> list[tuple[str, str]]:
    return [(stage, name) for stage in STAGES for name in sorted(FUNCTIONS)]


def policy(stage: str, name: str) -> list[dict[str, Any]]:
    file = STAGES[stage]["lambda_functions"][name]["iam_policy_file"]
    statements: list[dict[str, Any]] = json.loads((ROOT / ".chalice" / file).read_text())["Statement"]
    return statements


def actions(stage: str, name: str) -> set[str]:
    return {action for one in policy(stage, name) if one["Effect"] == "Allow" for action in one["Action"]}


def test_all_functions_are_arm64_without_x_ray() -> None:
    """Promises 80 and 88."""
    assert (CONFIG["lambda_architecture"], CONFIG["xray"]) == ("arm64", False)


def test_chalice_neither_writes_policies_nor_owns_log_groups() -> None:
    assert CONFIG["autogen_policy"] is False
    assert "log_retention_in_days" not in json.dumps(CONFIG)


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_every_function_is_configured_and_no_other(stage: str) -> None:
    assert set(STAGES[stage]["lambda_functions"]) == FUNCTIONS


@pytest.mark.parametrize("stage", sorted(STAGES))
@pytest.mark.parametrize(("name", "size"), sorted(SIZES.items()))
def test_memory_and_timeouts_are_the_spec_s(stage: str, name: str, size: tuple[int, int]) -> None:
    """Promise 81."""
    found = STAGES[stage]["lambda_functions"][name]
    assert (found["lambda_memory_size"], found["lambda_timeout"]) == size


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_zones_come_from_the_package_and_not_from_the_system(stage: str) -> None:
    assert STAGES[stage]["environment_variables"]["PYTHONTZPATH"] == ""


def test_each_function_has_a_policy_of_its_own() -> None:
    """Promise 82."""
    for stage in STAGES:
        files = [STAGES[stage]["lambda_functions"][name]["iam_policy_file"] for name in FUNCTIONS]
        assert len(set(files)) == len(files)
        assert {path.name for path in (ROOT / ".chalice").glob("policy-*.json")} == set(files)


def test_the_stages_differ_in_nothing_but_their_names() -> None:
    first, *others = STAGES.values()
    assert all(other == first for other in others)


@pytest.mark.parametrize(("stage", "name"), per_function())
def test_no_action_and_no_resource_is_everything(stage: str, name: str) -> None:
    for statement in policy(stage, name):
        assert not any("*" in action for action in statement["Action"])
        if statement["Effect"] == "Allow" and not set(statement["Action"]) <= WITHOUT_ARN:
            assert "*" not in statement["Resource"]


@pytest.mark.parametrize(("stage", "name"), per_function())
def test_a_function_writes_to_its_own_log_only(stage: str, name: str) -> None:
    """Its log in either stage: one file serves both, and a deployment narrows it (deploy/policies.py)."""
    deployed = [f"ar-{one}" if name == "api_handler" else f"ar-{one}-{name}" for one in STAGES]
    [statement] = [one for one in policy(stage, name) if one["Action"][0].startswith("logs:")]
    assert statement["Resource"] == [f"arn:aws:logs:*:*:log-group:/aws/lambda/{one}:*" for one in deployed]


def test_what_lambda_gives_up_on_may_be_put_among_the_dead_letters() -> None:
    """Lambda does so as the function's own role; a caller of the routes waits for the answer, and nothing is kept."""
    for stage, name in per_function():
        found = [one["Resource"] for one in policy(stage, name) if one["Action"] == ["sqs:SendMessage"]]
        assert found == ([] if name == "api_handler" else [["arn:aws:sqs:*:*:ar-dead-letters"]])


def test_the_tick_s_role_has_no_model() -> None:
    """Promise 18."""
    for stage, name in per_function():
        if name not in ASK_THE_MODEL:
            assert not any(action.startswith("bedrock:") for action in actions(stage, name)), name


def test_the_model_that_may_be_asked_is_the_configured_default() -> None:
    for stage in STAGES:
        for name in ASK_THE_MODEL:
            [asked] = [one["Resource"] for one in policy(stage, name) if one["Action"] == ["bedrock:InvokeModel"]]
            assert {resource.rpartition("/")[2] for resource in asked} == {HAIKU, HAIKU.removeprefix("global.")}


def test_no_function_may_delete_or_overwrite_a_mail() -> None:
    for stage, name in per_function():
        for statement in policy(stage, name):
            if {"s3:PutObject", "s3:DeleteObject"} & set(statement["Action"]):
                mails = [resource for resource in statement["Resource"] if "ar-raw-mime" in resource]
                assert mails in ([], [f"arn:aws:s3:::ar-raw-mime*/{names.ATTACHMENTS}*"])


def test_only_dispatch_may_text_or_mail() -> None:
    for stage, name in per_function():
        assert ({"sns:Publish", "ses:SendRawEmail"} <= actions(stage, name)) == (name == names.DISPATCH)


def test_texts_go_to_numbers_and_never_to_topics() -> None:
    for stage in STAGES:
        denied = [one for one in policy(stage, names.DISPATCH) if one["Effect"] == "Deny"]
        assert [(one["Action"], one["Resource"]) for one in denied] == [(["sns:Publish"], ["arn:aws:sns:*:*:*"])]


def test_the_reply_key_is_read_by_those_who_sign_or_check_links() -> None:
    """Promise 70."""
    readers = {
        name for stage, name in per_function() if re.search(r"secret:ar/reply/hmac", json.dumps(policy(stage, name)))
    }
    assert readers == {"api_handler", names.DISPATCH}


def test_a_role_is_handed_over_to_the_one_service_that_it_is_for() -> None:
    services = {"role/ar-one-offs": "scheduler.amazonaws.com", "role/ar-textract": "textract.amazonaws.com"}
    for stage, name in per_function():
        for statement in policy(stage, name):
            if "iam:PassRole" in statement["Action"]:
                [role] = statement["Resource"]
                service = services[role.removeprefix("arn:aws:iam::*:")]
                assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": service}}
