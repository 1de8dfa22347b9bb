"""A policy is made exact for its stage: region, account, prefix, buckets, log group, sending identity and model."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import names
from chalicelib.config import HAIKU
from deploy.policies import narrowed
from ops.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
ACCOUNT = "111122223333"
FUNCTIONS = sorted(path.stem.removeprefix("policy-") for path in (ROOT / ".chalice").glob("policy-*.json"))
PROD = load_settings("prod")
SECOND = replace(PROD, prefix="hair", bucket_suffix="-salon", region="eu-west-2")
APPLICATION = f"arn:aws:bedrock:ap-southeast-1:{ACCOUNT}:application-inference-profile/abc123"


def checked_in(function: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / ".chalice" / f"policy-{function}.json").read_text())
    return found


def allowed(function: str, settings: Settings = PROD) -> list[dict[str, Any]]:
    statements = narrowed(checked_in(function), function, settings, ACCOUNT)["Statement"]
    return [one for one in statements if one["Effect"] == "Allow"]


def resources(function: str, action: str, settings: Settings = PROD) -> list[str]:
    return sorted(arn for one in allowed(function, settings) if action in one["Action"] for arn in one["Resource"])


def with_config(**changes: str) -> Settings:
    return replace(PROD, config={**PROD.config, **changes})


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("settings", [PROD, SECOND], ids=["ar", "another prefix"])
def test_every_arn_names_its_region_and_account(function: str, settings: Settings) -> None:
    """Promise 82."""
    for statement in allowed(function, settings):
        for arn in (arn for arn in statement["Resource"] if arn != "*"):
            _, _, service, region, account, _ = arn.split(":", 5)
            assert region == ("" if service in ("s3", "iam") else settings.region) or service == "bedrock", arn
            assert account == ("" if service == "s3" else ACCOUNT) or service == "bedrock", arn


@pytest.mark.parametrize("function", FUNCTIONS)
def test_another_prefix_s_policy_names_nothing_of_the_first(function: str) -> None:
    for statement in allowed(function, SECOND):
        for arn in statement["Resource"]:
            assert "logs" in arn or not any(part in arn for part in ("/ar-", ":ar-", ":ar/", "/ar/")), arn


def test_buckets_have_their_suffix_and_no_pattern() -> None:
    assert resources(names.INTAKE, "s3:PutObject") == [
        f"arn:aws:s3:::ar-raw-mime-{ACCOUNT}-ap-southeast-1/{names.ATTACHMENTS}*"
    ]
    assert resources(names.INTAKE, "s3:PutObject", SECOND) == [f"arn:aws:s3:::hair-raw-mime-salon/{names.ATTACHMENTS}*"]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("stage", ["dev", "prod", "trial"])
def test_only_this_stage_s_log_group_is_named(function: str, stage: str) -> None:
    """Promise 82."""
    settings = replace(PROD, stage=stage)
    group = f"arn:aws:logs:ap-southeast-1:{ACCOUNT}:log-group:/aws/lambda/{settings.function(function)}:*"
    assert resources(function, "logs:PutLogEvents", settings) == [group]


def test_mail_leaves_from_the_stage_s_domain_only() -> None:
    domain = f"arn:aws:ses:ap-southeast-1:{ACCOUNT}:identity/bright.example"
    assert resources(names.DISPATCH, "ses:SendRawEmail") == [domain]
    assert resources(names.DISPATCH, "ses:SendRawEmail", with_config(email_from="a@mail.bright.example")) == [domain]


def test_a_sender_at_another_domain_is_named_beside_it() -> None:
    found = resources(names.DISPATCH, "ses:SendRawEmail", with_config(email_from="shop@notbright.example"))
    assert [arn.rpartition("/")[2] for arn in found] == [
        "bright.example",
        "notbright.example",
        "shop@notbright.example",
    ]


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (
            HAIKU,
            [
                "::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
                "ap-southeast-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
                f"ap-southeast-1:{ACCOUNT}:inference-profile/{HAIKU}",
            ],
        ),
        (
            "apac.amazon.nova-lite-v1:0",
            [
                "*::foundation-model/amazon.nova-lite-v1:0",
                f"ap-southeast-1:{ACCOUNT}:inference-profile/apac.amazon.nova-lite-v1:0",
            ],
        ),
        ("zai.glm-4.7", ["ap-southeast-1::foundation-model/zai.glm-4.7"]),
        (
            f"arn:aws:bedrock:ap-southeast-1:{ACCOUNT}:inference-profile/eu.meta.llama-v1:0",
            ["*::foundation-model/meta.llama-v1:0", f"ap-southeast-1:{ACCOUNT}:inference-profile/eu.meta.llama-v1:0"],
        ),
        (
            f"arn:aws:bedrock:ap-southeast-1:{ACCOUNT}:provisioned-model/x1",
            [f"ap-southeast-1:{ACCOUNT}:provisioned-model/x1"],
        ),
    ],
    ids=["global", "geography", "one region", "a profile's ARN", "provisioned"],
)
def test_the_configured_model_is_the_one_that_may_be_asked(model: str, asked: list[str]) -> None:
    """Promise 79."""
    found = resources(names.INTAKE, "bedrock:InvokeModel", with_config(bedrock_model=model))
    assert {arn.removeprefix("arn:aws:bedrock:") for arn in found} == set(asked)


def test_an_application_s_own_profile_leads_to_models_through_itself_only() -> None:
    settings = with_config(bedrock_model=APPLICATION)
    profile, beyond = (one for one in allowed(names.INTAKE, settings) if one["Action"] == ["bedrock:InvokeModel"])
    assert (profile["Resource"], "Condition" in profile) == ([APPLICATION], False)
    assert beyond["Condition"] == {"StringEquals": {"bedrock:InferenceProfileArn": APPLICATION}}
    assert profile["Sid"] != beyond["Sid"]


def test_without_a_model_none_may_be_asked() -> None:
    """Promise 18."""
    for function in FUNCTIONS:
        assert resources(function, "bedrock:InvokeModel", with_config(bedrock_model="none")) == []


def test_what_has_no_arn_is_allowed_in_the_stage_s_region_only() -> None:
    [text] = [one for one in allowed(names.DISPATCH) if "sns:Publish" in one["Action"]]
    assert text["Condition"] == {"StringEquals": {"aws:RequestedRegion": "ap-southeast-1"}}


def test_what_is_refused_stays_refused_everywhere() -> None:
    policy = checked_in(names.DISPATCH)
    refused = [one for one in policy["Statement"] if one["Effect"] == "Deny"]
    found = narrowed(policy, names.DISPATCH, PROD, ACCOUNT)["Statement"]
    assert refused and [one for one in found if one["Effect"] == "Deny"] == refused


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_policy_that_was_given_is_left_as_it_was(function: str) -> None:
    policy = checked_in(function)
    before = copy.deepcopy(policy)
    narrowed(policy, function, SECOND, ACCOUNT)
    assert policy == before


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_narrowed_policy_fits_a_role(function: str) -> None:
    """IAM takes 10,240 characters of inline policies on a role, white space apart."""
    exact = narrowed(checked_in(function), function, SECOND, ACCOUNT)
    assert len(json.dumps(exact, separators=(",", ":"))) <= 10_240
