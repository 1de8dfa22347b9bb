"""The evaluator itself: what IAM would say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.iam import allows, matches
from tests.policies.needs import Need, arn

SECRET = arn("secretsmanager", "secret:ar/slack/bot-token-AbCdEf")


def allow(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET], **changes}


READ = Need("secretsmanager:GetSecretValue", SECRET)


@pytest.mark.parametrize(
    ("resource", "pattern", "same"),
    [
        (SECRET, "arn:aws:secretsmanager:*:*:secret:ar/slack/bot-token-??????", True),
        (SECRET + "g", "arn:aws:secretsmanager:*:*:secret:ar/slack/bot-token-??????", False),
        ("arn:aws:s3:::ar-raw-mime-1/a/b", "arn:aws:s3:::ar-raw-mime*/*", True),
        ("arn:aws:s3:::ar-raw-mime-1", "arn:aws:s3:::ar-raw-mime*/*", False),
        ("arn:aws:bedrock:::foundation-model/x", "arn:aws:bedrock:*::foundation-model/x", True),
        ("arn:aws:sns:eu-west-1:1:topic", "arn:aws:*:topic", False),
        ("+phone", "arn:aws:sns:*:*:*", False),
        ("+phone", "*", True),
    ],
)
def test_a_pattern_stays_within_its_part_of_an_arn(resource: str, pattern: str, same: bool) -> None:
    assert matches(resource, pattern) is same


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert not allows([], READ)
    assert not allows([allow(Action=["secretsmanager:PutSecretValue"])], READ)
    assert allows([allow()], READ)


def test_a_refusal_wins_over_whatever_allows() -> None:
    assert not allows([allow(), allow(Effect="Deny", Resource=["*"])], READ)
    assert allows([allow(), allow(Effect="Deny", Resource=[SECRET + "x"])], READ)


def test_an_action_is_the_same_in_capitals() -> None:
    assert allows([allow(Action=["SecretsManager:getSecretValue"])], READ)


def test_a_condition_must_be_met_by_the_request() -> None:
    passing = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    role = "arn:aws:iam::000000000000:role/ar-one-offs"
    statement = allow(Action=["iam:PassRole"], Resource=[role], Condition=passing)
    assert allows([statement], Need("iam:PassRole", role, "scheduler.amazonaws.com"))
    assert not allows([statement], Need("iam:PassRole", role, "lambda.amazonaws.com"))
    assert not allows([statement], Need("iam:PassRole", role))


def test_a_condition_of_another_kind_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="IpAddress"):
        allows([allow(Condition={"IpAddress": {"aws:SourceIp": "192.0.2.1"}})], READ)
