"""Each policy allows what its function calls, and nothing that it doesn't, as it is checked in and as it is deployed.

What no call of ours shows, and what AWS lets no policy name, stands below with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import names
from chalicelib.config import HAIKU
from deploy.policies import narrowed
from ops.settings import Settings, load_settings
from tests.policies import inventory
from tests.policies.iam import allows, applies
from tests.policies.inventory import FUNCTIONS, ROUTES
from tests.policies.needs import ACCOUNT, PHONE, REGION, Need, arn

ROOT = Path(__file__).parents[2]
UNSEEN = {
    "logs:CreateLogStream": "Lambda's own runtime writes the function's log, with the function's role",
    "logs:PutLogEvents": "the same",
    "sqs:SendMessage": "Lambda puts an event aside that failed for the last time, with the function's role",
}
"""Actions that are allowed and that no call of the code shows."""
FORCED = {
    "sns:Publish": "a text's resource is its number; topics are refused beside it",
    "textract:StartDocumentTextDetection": "Textract's actions know no resource",
    "textract:GetDocumentTextDetection": "the same",
}
"""Actions whose resource can't be named: there `*` stands."""
PROD = load_settings("prod")
DEPLOYED_IN = "111122223333"
PASSED = "iam:PassedToService"
STAGES: Mapping[str, Settings] = {
    "one stage an account": PROD,
    "another prefix, region and bucket suffix": replace(
        PROD, prefix="hair", bucket_suffix="-salon", region="eu-west-2"
    ),
}


def checked_in(function: str) -> dict[str, Any]:
    path = ROOT / ".chalice" / f"policy-{function}.json"
    assert path.exists(), f"the function {function} has no {path.name}"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def statements(function: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = checked_in(function)["Statement"]
    return found


def deployed(function: str, settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = narrowed(checked_in(function), function, settings, DEPLOYED_IN)["Statement"]
    return found


def grants(function: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every action with every resource that an Allow names, each as a statement of its own."""
    return [
        (action, resource, {**one, "Action": [action], "Resource": [resource]})
        for one in statements(function)
        if one["Effect"] == "Allow"
        for action in one["Action"]
        for resource in one["Resource"]
    ]


def who_may(need: Need) -> set[str]:
    return {function for function in FUNCTIONS if allows(statements(function), need)}


# ---------------------------------------------------------------- both ways


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_call_of_a_function_is_allowed_to_it(function: str) -> None:
    """Promise 82."""
    refused = [str(need) for need in inventory.needs_of(function) if not allows(statements(function), need)]
    assert refused == [], f".chalice/policy-{function}.json lacks these"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_is_allowed_to_a_function_that_no_call_of_it_needs(function: str) -> None:
    """Promise 82. Each action on each resource, so that none hides behind another of its statement."""
    needed = inventory.needs_of(function)
    unused = [
        f"{action} {resource}"
        for action, resource, grant in grants(function)
        if action not in UNSEEN and not any(applies(grant, need) for need in needed)
    ]
    assert unused == [], f".chalice/policy-{function}.json allows these for nothing"


def test_the_inventory_has_the_app_s_functions_and_no_other() -> None:
    assert sorted(inventory.read()) == FUNCTIONS, inventory.HOW


def test_every_exception_is_one_that_some_policy_makes() -> None:
    allowed = {action for function in FUNCTIONS for action, _, _ in grants(function)}
    starred = {action for function in FUNCTIONS for action, resource, _ in grants(function) if resource == "*"}
    assert set(UNSEEN) <= allowed
    assert starred == set(FORCED)


def test_what_is_not_seen_in_a_call_is_still_named_exactly() -> None:
    for function in FUNCTIONS:
        for action, resource, _ in grants(function):
            if action in UNSEEN:
                assert resource.endswith((f"-{function}:*", "ar-dev:*", "ar-prod:*", ":ar-dead-letters")), resource


# ---------------------------------------------------------------- as deployed


def renamed(need: Need, settings: Settings) -> Need:
    """The same call, made in that stage."""
    resource = need.resource.replace(f":{REGION}:", f":{settings.region}:").replace(f":{ACCOUNT}:", f":{DEPLOYED_IN}:")
    for bucket in (names.APPOINTMENTS_BUCKET, names.RULES_BUCKET, names.RAW_MIME_BUCKET):
        suffix = settings.environment(DEPLOYED_IN)["AR_BUCKET_SUFFIX"]
        resource = resource.replace(f":::{bucket}", f":::{bucket}{suffix}")
    for before in (":::", "table/", "parameter/", "secret:", "schedule/", "role/"):
        for after in ("-", "/"):
            resource = resource.replace(f"{before}ar{after}", f"{before}{settings.prefix}{after}")
    return replace(need, resource=resource, region=settings.region)


@pytest.mark.parametrize("settings", STAGES.values(), ids=STAGES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_deployed_policy_allows_every_call_as_its_stage_makes_it(function: str, settings: Settings) -> None:
    """Promise 82."""
    made = [renamed(need, settings) for need in inventory.needs_of(function)]
    assert [str(need) for need in made if not allows(deployed(function, settings), need)] == []


ELSEWHERE: Mapping[str, Callable[[Need], Need]] = {
    "another account": lambda need: moved(need, DEPLOYED_IN, "444455556666"),
    "another region": lambda need: replace(moved(need, PROD.region, "eu-west-2"), region="eu-west-2"),
    "another prefix": lambda need: moved(moved(need, "ar-", "hair-"), "ar/", "hair/"),
}
NOBODY_S = {
    "another account": {"sns:Publish", "textract", "bedrock:::foundation-model", f"bedrock:{REGION}::foundation-model"},
    "another region": {"iam:PassRole", "bedrock:::foundation-model"},
    "another prefix": {"sns:Publish", "textract", "bedrock", "events:PutEvents", "ses:Send"},
}
"""What has no account, no region or no prefix, so that the other's is the same."""


def moved(need: Need, here: str, there: str) -> Need:
    return replace(need, resource=need.resource.replace(here, there))


@pytest.mark.parametrize("where", ELSEWHERE)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_deployed_policy_allows_nothing_of_another_stage_s(function: str, where: str) -> None:
    """Promise 82."""
    made = [ELSEWHERE[where](renamed(need, PROD)) for need in inventory.needs_of(function)]
    allowed = [str(need) for need in made if allows(deployed(function, PROD), need)]
    assert [line for line in allowed if not any(part in line for part in NOBODY_S[where])] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_deployed_policy_allows_nothing_more_than_the_checked_in_one(function: str) -> None:
    for statement in deployed(function, PROD):
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                need = Need(action, resource, statement.get("Condition", {}).get("StringEquals", {}).get(PASSED, ""))
                assert statement["Effect"] == "Deny" or allows(statements(function), need), str(need)


# ---------------------------------------------------------------- what nobody or few may


def test_texts_go_to_numbers_and_to_no_topic() -> None:
    """`sns:Publish` on everything would reach every topic of the account, the alarms' among them."""
    assert who_may(Need("sns:Publish", PHONE)) == {names.DISPATCH}
    for topic in (names.ALARMS_TOPIC, names.COST_TOPIC, names.SCANS_TOPIC):
        assert who_may(Need("sns:Publish", arn("sns", topic))) == set()
    assert not allows(deployed(names.DISPATCH, PROD), Need("sns:Publish", arn("sns", names.ALARMS_TOPIC)))


def test_the_reply_key_is_read_by_those_who_sign_or_check_links() -> None:
    """Promise 70."""
    secret = Need("secretsmanager:GetSecretValue", arn("secretsmanager", f"secret:{names.REPLY_KEYS_SECRET}-AbCdEf"))
    assert who_may(secret) == {ROUTES, names.DISPATCH}


def test_the_model_is_asked_by_the_readers_of_mail_and_by_the_summary_only() -> None:
    """Promises 18, 78 and 79: no tick, no embeddings, and the one profile of Haiku."""
    asked = {action for function in FUNCTIONS for action, _, _ in grants(function) if action.startswith("bedrock")}
    assert asked == {"bedrock:InvokeModel"}
    askers = who_may(Need("bedrock:InvokeModel", arn("bedrock", f"inference-profile/{HAIKU}")))
    assert askers == {names.INTAKE, names.SCAN_DONE, names.INTAKE_WATCH, names.SUMMARY} & set(FUNCTIONS)
    for other in ("global.anthropic.claude-opus-4-1-v1:0", "apac.amazon.titan-embed-text-v2:0"):
        assert who_may(Need("bedrock:InvokeModel", arn("bedrock", f"inference-profile/{other}"))) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_event_that_failed_for_the_last_time_may_be_put_aside(function: str) -> None:
    """Of every function that is called and not waited for: Lambda sends its event on with the function's role."""
    put_aside = Need("sqs:SendMessage", arn("sqs", names.DEAD_LETTERS))
    assert allows(statements(function), put_aside) == (function != ROUTES)


def test_no_mail_is_overwritten_or_deleted_by_anybody() -> None:
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"):
        assert who_may(Need(action, f"arn:aws:s3:::{names.RAW_MIME_BUCKET}/mail")) == set()


def test_what_happened_is_deleted_by_nobody() -> None:
    for table in (names.AUDIT, names.SENDS, names.SENDS_ARCHIVE, names.REPLIES):
        assert who_may(Need("dynamodb:DeleteItem", arn("dynamodb", f"table/{table}"))) == set()
    for table in (names.AUDIT, names.SENDS_ARCHIVE, names.REPLIES):
        assert who_may(Need("dynamodb:UpdateItem", arn("dynamodb", f"table/{table}"))) == set()
