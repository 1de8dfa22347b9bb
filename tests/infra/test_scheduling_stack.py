"""What the scheduling stack declares: one-offs and their role, each function's failures, the pages' address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib import names
from ops.settings import Settings, load_settings
from tests.infra.synthesized import ACCOUNT, resources, template

DEV = load_settings("dev")
CERTIFICATE = f"arn:aws:acm:{DEV.region}:{ACCOUNT}:certificate/00000000-0000-0000-0000-000000000000"
ASYNCHRONOUS = {one.name for one in app.event_sources} | {one.name for one in app.pure_lambda_functions}
DEAD_LETTERS = f"arn:aws:sqs:{DEV.region}:{ACCOUNT}:ar-dead-letters"


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """The stage as it is first deployed: no certificate yet."""
    return template("scheduling", DEV)


@pytest.fixture(scope="module")
def with_domain() -> dict[str, Any]:
    return template("scheduling", replace(DEV, certificate_arn=CERTIFICATE))


def only(found: dict[str, Any], kind: str) -> dict[str, Any]:
    [one] = resources(found, kind)
    return one


def test_one_offs_have_a_group_of_their_own(plain: dict[str, Any]) -> None:
    """Promise 42: it is deleted with its schedules' group alone, and no other schedule is in it."""
    assert only(plain, "AWS::Scheduler::ScheduleGroup")["Name"] == names.SCHEDULE_GROUP


def test_the_one_offs_role_may_call_dispatch_and_leave_dead_letters_and_nothing_else(plain: dict[str, Any]) -> None:
    role = only(plain, "AWS::IAM::Role")
    environment = DEV.environment(ACCOUNT)
    assert environment["AR_SCHEDULER_ROLE_ARN"].endswith(f"role/{role['RoleName']}")
    [policy] = role["Policies"]
    allowed = [(one["Action"], one["Resource"]) for one in policy["PolicyDocument"]["Statement"]]
    assert allowed == [
        ("lambda:InvokeFunction", environment["AR_DISPATCH_ARN"]),
        ("sqs:SendMessage", environment["AR_DLQ_ARN"]),
    ]


def test_only_our_own_schedules_may_take_the_role(plain: dict[str, Any]) -> None:
    [trust] = only(plain, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    group = f"arn:aws:scheduler:{DEV.region}:{ACCOUNT}:schedule-group/{names.SCHEDULE_GROUP}"
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": group}}


def test_what_any_function_gives_up_on_is_kept(plain: dict[str, Any]) -> None:
    configured = {one["FunctionName"]: one for one in resources(plain, "AWS::Lambda::EventInvokeConfig")}
    assert set(configured) == {DEV.function(name) for name in ASYNCHRONOUS}
    for one in configured.values():
        assert one["DestinationConfig"] == {"OnFailure": {"Destination": DEAD_LETTERS}}
        assert one["MaximumRetryAttempts"] == 2


def test_a_run_of_the_clock_is_given_up_when_its_next_one_is_due(plain: dict[str, Any]) -> None:
    ages = {
        one["FunctionName"]: one["MaximumEventAgeInSeconds"]
        for one in resources(plain, "AWS::Lambda::EventInvokeConfig")
    }
    assert ages[DEV.function(names.DRIVE_SYNC)] == 300
    assert ages[DEV.function(names.REMINDER)] == 3600
    assert ages[DEV.function(names.DISPATCH)] == 6 * 3600


def test_the_pages_have_a_function_url_that_asks_for_no_login(plain: dict[str, Any]) -> None:
    """Promise 97."""
    url = only(plain, "AWS::Lambda::Url")
    assert (url["AuthType"], url["TargetFunctionArn"]) == ("NONE", "ar-dev")
    assert "FunctionUrl" in plain["Outputs"]


def test_the_function_url_has_both_permissions_that_aws_asks_for(plain: dict[str, Any]) -> None:
    """Promise 97. Since October 2025 one of them alone is answered with 403."""
    found = {one["Action"]: one for one in resources(plain, "AWS::Lambda::Permission")}
    assert set(found) == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert found["lambda:InvokeFunctionUrl"]["FunctionUrlAuthType"] == "NONE"
    assert found["lambda:InvokeFunction"]["InvokedViaFunctionUrl"] is True
    assert {(one["FunctionName"], one["Principal"]) for one in found.values()} == {("ar-dev", "*")}


def test_without_a_certificate_there_is_no_domain_and_nothing_to_be_told(plain: dict[str, Any]) -> None:
    assert resources(plain, "AWS::ApiGateway::DomainName") == []
    assert set(plain.get("Parameters", {})) == set()


def test_the_pages_domain_leads_to_chalice_s_api_over_tls_1_2(with_domain: dict[str, Any]) -> None:
    domain = only(with_domain, "AWS::ApiGateway::DomainName")
    assert (domain["DomainName"], domain["SecurityPolicy"]) == ("r.bright.example", "TLS_1_2")
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert domain["RegionalCertificateArn"] == CERTIFICATE
    mapping = only(with_domain, "AWS::ApiGateway::BasePathMapping")
    assert (mapping["RestApiId"], mapping["Stage"]) == ({"Ref": "RestApiId"}, "api")
    assert "BasePath" not in mapping
    assert set(with_domain["Parameters"]) == {"RestApiId"}
    assert "LinkDomainTarget" in with_domain["Outputs"]


def test_nothing_here_runs_all_the_time(with_domain: dict[str, Any]) -> None:
    """Promise 99: what is declared is called, never kept running."""
    kinds = {one["Type"] for one in with_domain["Resources"].values()}
    assert not any(kind.startswith(("AWS::EC2::", "AWS::ECS::", "AWS::RDS::")) for kind in kinds)


@pytest.mark.parametrize("prefix", ["ar", "hair"])
def test_a_stage_s_functions_are_named_after_it(prefix: str) -> None:
    settings: Settings = replace(load_settings("prod"), prefix=prefix)
    found = template("scheduling", settings)
    named = {one["FunctionName"] for one in resources(found, "AWS::Lambda::EventInvokeConfig")}
    assert all(name.startswith("ar-prod-") for name in named)
