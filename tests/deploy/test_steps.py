"""A deployment goes on after a failure at any step, does nothing twice, and takes nothing of another's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.secrets_manager import parse_reply_keys
from deploy.by_hand import Task, tasks
from deploy.certificate import certificate_for
from deploy.errors import DeployError
from deploy.removal import refuse_unless_meant
from tests.deploy.emulated_stage import ACCOUNT, REGION, SETTINGS, EmulatedStage

DOMAIN = "r.bright.example"
WITH_DOMAIN = replace(SETTINGS, link_domain=DOMAIN, config={**SETTINGS.config, "base_url": f"https://{DOMAIN}/r/"})
RECORD = {"Bucket": f"ar-deployments-{ACCOUNT}-{REGION}", "Key": "chalice/prod.json"}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def stage(tmp_path: Path) -> EmulatedStage:
    return EmulatedStage(tmp_path)


def recorded(stage: EmulatedStage) -> list[dict[str, Any]]:
    body = stage.account.client("s3").get_object(**RECORD)["Body"].read()
    resources: list[dict[str, Any]] = json.loads(body)["resources"]
    return resources


def task(stage: EmulatedStage, words: str) -> Task:
    [found] = [one for one in tasks(stage.deploy().facts()) if words in one.title]
    return found


# ---------------------------------------------------------------- first, and again


def test_an_empty_account_becomes_a_stage_in_one_run(stage: EmulatedStage) -> None:
    """Promise 93: the receipt rules are in a stack of their own."""
    stage.deploy()
    assert [name for name, _ in stage.account.cloudformation.executed] == [
        "ar-data",
        "ar-scheduling",
        "ar-guardrails",
        "ar-mail",
    ]
    assert stage.tools.calls == ["build", "synthesize", "chalice deploy"]
    assert [one["name"] for one in recorded(stage)] == ["rest_api"]


def test_each_step_says_what_it_will_do_before_it_does_it(stage: EmulatedStage) -> None:
    stage.account.broken["lambda", "get_account_settings"] = "AccessDeniedException"
    with pytest.raises(DeployError):
        stage.deploy()
    assert [line for line in stage.said if line.startswith("[")] == [
        f"[1/9] account: see that no other stage has the prefix 'ar' in {ACCOUNT}, and what the account allows"
    ]


def test_a_second_run_changes_nothing(stage: EmulatedStage) -> None:
    stage.deploy()
    keys, apis, executed = (
        stage.secret("ar/reply/hmac"),
        stage.account.apis(),
        len(stage.account.cloudformation.executed),
    )
    stage.said.clear()
    stage.deploy()
    assert (stage.secret("ar/reply/hmac"), stage.account.apis()) == (keys, apis)
    assert len(stage.account.cloudformation.executed) == executed
    assert stage.said.count("      already as it should be") == 4


FAILURES = {
    "account": lambda stage: stage.account.broken.update(
        {("lambda", "get_account_settings"): "TooManyRequestsException"}
    ),
    "data": lambda stage: stage.account.cloudformation.broken.update(State="a limit was reached"),
    "reply key": lambda stage: stage.account.broken.update({("secretsmanager", "put_secret_value"): "InternalFailure"}),
    "functions": lambda stage: stage.tools.chalice_status.append(2),
    "scheduling": lambda stage: stage.account.cloudformation.broken.update(Topic="a limit was reached"),
}


@pytest.mark.parametrize("step", FAILURES)
def test_a_run_after_a_failure_goes_on_and_does_nothing_twice(stage: EmulatedStage, step: str) -> None:
    FAILURES[step](stage)
    with pytest.raises(DeployError, match=rf"^step \d+, {step}: (?s:.*)scripts/deploy --stage prod, which goes on"):
        stage.deploy()
    done = dict(stage.account.cloudformation.executed)
    apis = stage.account.apis()
    stage.account.broken.clear()
    stage.account.cloudformation.broken.clear()
    stage.deploy()
    assert (
        {name for name, made in done.items() if made}
        <= {name for name, _ in stage.account.cloudformation.executed}
        == {"ar-data", "ar-scheduling", "ar-guardrails", "ar-mail"}
    )
    names = [name for name, made in stage.account.cloudformation.executed if made]
    assert len(names) == len(set(names))
    assert stage.account.apis()[: len(apis)] == apis
    assert len(stage.account.apis()) == 1


def test_a_refusal_of_aws_is_told_in_its_words_with_the_call(stage: EmulatedStage) -> None:
    stage.account.broken["lambda", "get_account_settings"] = "AccessDeniedException"
    with pytest.raises(DeployError, match=r"AWS refused get_account_settings: not today .*administrator"):
        stage.deploy()


# ---------------------------------------------------------------- the reply key


def test_the_reply_key_is_made_once_and_is_one_that_the_functions_take(stage: EmulatedStage) -> None:
    """Promise 70."""
    stage.deploy()
    key = stage.secret("ar/reply/hmac")
    assert parse_reply_keys(key).current == 1
    stage.deploy()
    assert stage.secret("ar/reply/hmac") == key


def test_no_secret_is_printed(stage: EmulatedStage) -> None:
    stage.account.client("secretsmanager").put_secret_value(SecretId="ar/slack/bot-token", SecretString="xoxb-12345")
    shown = tasks(stage.deploy().facts())
    key = json.loads(stage.secret("ar/reply/hmac"))["keys"]["1"]
    everything = "\n".join([*stage.said, *map(str, shown)])
    assert key not in everything
    assert "xoxb-12345" not in everything


# ---------------------------------------------------------------- Chalice's record


def test_the_record_is_kept_in_the_account_and_taken_by_the_next_run_from_any_machine(
    stage: EmulatedStage, tmp_path: Path
) -> None:
    stage.deploy()
    stage.work = tmp_path / "another-machine"
    stage.deploy()
    assert stage.tools.records_seen == [None, ["rest_api"]]


def test_an_api_of_a_first_deployment_that_failed_is_found_and_not_made_again(stage: EmulatedStage) -> None:
    api = stage.account.make_api()
    stage.deploy()
    assert stage.account.apis() == [api]


def test_another_stages_api_of_the_same_name_is_not_taken(stage: EmulatedStage) -> None:
    other = stage.account.make_api("dev")
    stage.deploy()
    assert [one["rest_api_id"] for one in recorded(stage)] != [other]
    assert len(stage.account.apis()) == 2


def test_what_the_record_names_and_somebody_has_deleted_is_left_out(stage: EmulatedStage) -> None:
    gone = [
        {"name": "old_role", "resource_type": "iam_role", "role_name": "ar-prod-old"},
        {"name": "old", "resource_type": "lambda_function", "lambda_arn": "ar-prod-old"},
        {"name": "old-event", "resource_type": "cloudwatch_event", "rule_name": "ar-prod-old-event"},
        {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": "gone", "rest_api_url": "https://gone/"},
        {"name": "mails", "resource_type": "s3_event", "bucket": "ar-raw-mime", "lambda_arn": "ar-prod-old"},
    ]
    stage.account.client("s3").put_object(**RECORD, Body=json.dumps({"resources": gone, "schema_version": "2.0"}))
    stage.deploy()
    assert stage.tools.records_seen == [None]


def test_a_failed_chalice_says_where_to_look_and_keeps_the_record(stage: EmulatedStage) -> None:
    stage.deploy()
    before = recorded(stage)
    stage.tools.chalice_status.append(2)
    with pytest.raises(DeployError, match=r"functions: chalice deploy ended with status 2; what it said is above"):
        stage.deploy()
    assert recorded(stage) == before


# ---------------------------------------------------------------- others' belongings


def test_a_prefix_that_another_stage_has_is_refused_before_anything_is_made(stage: EmulatedStage) -> None:
    stage.account.cloudformation.there("ar-data").tags = [{"Key": "ar:stage", "Value": "dev"}]
    with pytest.raises(
        DeployError, match=r"ar-data in account 123456789012 belongs to the stage 'dev'.*prefix = \"ar2\""
    ):
        stage.deploy()
    assert stage.tools.calls == []


def test_a_prefix_that_another_stage_has_in_another_region_is_refused(stage: EmulatedStage) -> None:
    """Roles have no region."""
    stage.account.client("iam").create_role(
        RoleName="ar-textract", AssumeRolePolicyDocument="{}", Tags=[{"Key": "ar:stage", "Value": "dev"}]
    )
    with pytest.raises(DeployError, match=r"the role ar-textract in account 123456789012 belongs to the stage 'dev'"):
        stage.deploy()


def test_a_stage_that_is_in_another_region_is_not_made_a_second_time(stage: EmulatedStage) -> None:
    tags = [{"Key": "ar:stage", "Value": "prod"}, {"Key": "ar:region", "Value": "eu-west-1"}]
    stage.account.client("iam").create_role(RoleName="ar-textract", AssumeRolePolicyDocument="{}", Tags=tags)
    with pytest.raises(DeployError, match=r"this stage is in eu-west-1, and .*prod\.toml says ap-southeast-1"):
        stage.deploy()


def test_another_program_s_mail_is_not_taken_over(stage: EmulatedStage) -> None:
    stage.settings = replace(SETTINGS, bookings_domain="bookings.bright.example")
    stage.account.canned["ses", "describe_active_receipt_rule_set"] = {"Metadata": {"Name": "shop-mail"}}
    with pytest.raises(DeployError, match=r"the receipt rule set 'shop-mail' is active in ap-southeast-1"):
        stage.deploy()
    stage.account.canned["ses", "describe_active_receipt_rule_set"] = {"Metadata": {"Name": "ar-inbound-rules"}}
    stage.deploy()


@pytest.mark.parametrize(("free", "reserved"), [(1000, {"api_handler": 50, "dispatch": 20}), (10, {}), (169, {})])
def test_functions_are_reserved_only_where_the_account_has_room(
    stage: EmulatedStage, free: int, reserved: dict[str, int]
) -> None:
    stage.account.canned["lambda", "get_account_settings"] = {"AccountLimit": {"UnreservedConcurrentExecutions": free}}
    assert stage.deploy().reserved == reserved


def test_what_our_functions_have_reserved_counts_as_room(stage: EmulatedStage) -> None:
    stage.account.canned["lambda", "get_account_settings"] = {"AccountLimit": {"UnreservedConcurrentExecutions": 120}}
    stage.account.canned["lambda", "get_function_concurrency"] = {"ReservedConcurrentExecutions": 25}
    assert stage.deploy().reserved == {"api_handler": 50, "dispatch": 20}


# ---------------------------------------------------------------- the links' domain


PROOF = {"Name": f"_x.{DOMAIN}.", "Type": "CNAME", "Value": "_y.acm-validations.aws."}


def certificates(stage: EmulatedStage, status: str) -> None:
    arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1"
    there = {"CertificateArn": arn, "DomainName": DOMAIN, "Status": status}
    stage.account.canned["acm", "list_certificates"] = {"CertificateSummaryList": [there] if status else []}
    options = [{"DomainName": DOMAIN, "ResourceRecord": PROOF}]
    told = {**there, "Status": status or "PENDING_VALIDATION", "DomainValidationOptions": options}
    stage.account.canned["acm", "request_certificate"] = {"CertificateArn": arn}
    stage.account.canned["acm", "describe_certificate"] = {"Certificate": told}


def test_without_its_certificate_the_stage_goes_on_and_says_the_line_that_proves_the_domain(
    stage: EmulatedStage,
) -> None:
    stage.settings = WITH_DOMAIN
    certificates(stage, "")
    run = stage.deploy()
    assert ("acm", "request_certificate") in stage.account.calls
    assert stage.tools.certificate_arns == [""]
    assert any(f"_x.{DOMAIN}.  CNAME  _y.acm-validations.aws." in line for line in stage.said)
    [dns] = [one for one in tasks(run.facts()) if "DNS" in one.title]
    assert dns.paste[0].startswith(f"_x.{DOMAIN}.  CNAME  _y.acm-validations.aws.")


def test_a_certificate_that_waits_is_not_asked_for_again_and_once_issued_it_is_used(stage: EmulatedStage) -> None:
    stage.settings = WITH_DOMAIN
    certificates(stage, "PENDING_VALIDATION")
    stage.deploy()
    certificates(stage, "ISSUED")
    stage.deploy()
    assert ("acm", "request_certificate") not in stage.account.calls
    assert stage.tools.certificate_arns == ["", f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1"]


def test_a_certificate_is_looked_for_and_asked_for_as_acm_knows_it(stage: EmulatedStage) -> None:
    acm = stage.account.clients("acm")
    first = certificate_for(acm, DOMAIN, tags={"ar:stage": "prod"}, sleep=lambda seconds: None)
    assert certificate_for(acm, DOMAIN, sleep=lambda seconds: None).arn == first.arn


# ---------------------------------------------------------------- where the pages are


def test_the_address_of_the_pages_is_said_to_the_letter_when_the_settings_have_another(stage: EmulatedStage) -> None:
    told = task(stage, "Say where the reply pages are")
    [api] = stage.account.apis()
    assert told.paste == (f'base_url = "https://{api}.execute-api.{REGION}.amazonaws.com/api/r/"',)
    assert "infra-extras/stages/prod.toml" in told.why


def test_the_function_url_is_as_good(stage: EmulatedStage) -> None:
    """Promise 97: the URL is open to all; the link lets customers in."""
    stage.settings = replace(SETTINGS, config={**SETTINGS.config, "base_url": "https://url.on.aws/r/"})
    facts = stage.deploy().facts()
    assert facts.slack_url.endswith(".amazonaws.com/api/slack/interactive")
    assert [one for one in tasks(facts) if "Say where" in one.title] == []


# ---------------------------------------------------------------- what is left for people


def test_what_is_done_already_is_not_asked_for_again(stage: EmulatedStage) -> None:
    stage.account.client("secretsmanager").put_secret_value(SecretId="ar/slack/bot-token", SecretString="xoxb-1")
    stage.account.canned["sesv2", "get_account"] = {"ProductionAccessEnabled": True}
    stage.account.client("ssm").put_parameter(Name="/ar/config/sending", Value="on", Type="String")
    done = {one.title: one.done for one in tasks(stage.deploy().facts())}
    assert (done["Store the secret ar/slack/bot-token"], done["Store the secret ar/drive/sa"]) == (True, False)
    assert (done["Leave the SES sandbox"], done["Leave the SMS sandbox"]) == (True, False)
    assert done["Switch sending on, last of all"] is True


def test_e_mails_that_nobody_confirmed_are_named_by_their_topic(stage: EmulatedStage) -> None:
    pending = {"Protocol": "email", "SubscriptionArn": "PendingConfirmation"}
    stage.account.canned["sns", "list_subscriptions_by_topic"] = {"Subscriptions": [pending]}
    told = task(stage, "Confirm the e-mails")
    assert (told.done, len(told.paste)) == (False, 2)
    assert f"arn:aws:sns:{REGION}:{ACCOUNT}:ar-cost-alarm" in told.paste[1]


def test_what_cannot_be_asked_is_left_open_and_stops_nothing(stage: EmulatedStage) -> None:
    for asked in (("sesv2", "get_account"), ("sns", "get_sms_sandbox_account_status"), ("ssm", "get_parameter")):
        stage.account.broken[asked] = "AccessDeniedException"
    done = {one.title: one.done for one in tasks(stage.deploy().facts())}
    assert (done["Leave the SES sandbox"], done["Leave the SMS sandbox"]) == (None, None)


# ---------------------------------------------------------------- taking it down


def test_a_stage_is_taken_down_in_the_opposite_order_and_its_data_stays(stage: EmulatedStage) -> None:
    stage.deploy()
    stage.destroy()
    assert list(stage.account.cloudformation.stacks) == ["ar-data"]
    assert [one.name for one in stage.account.cloudformation.gone] == ["ar-mail", "ar-guardrails", "ar-scheduling"]
    assert stage.tools.calls[-1] == "chalice delete"
    assert recorded(stage) == []


def test_taking_down_what_is_down_does_nothing(stage: EmulatedStage) -> None:
    stage.deploy()
    stage.destroy()
    for api in stage.account.apis():
        stage.account.client("apigateway").delete_rest_api(restApiId=api)
    calls = len(stage.tools.calls)
    stage.destroy()
    assert stage.tools.calls[calls:] == []


def test_a_stage_that_was_taken_down_can_be_made_again_on_the_same_data(stage: EmulatedStage) -> None:
    stage.deploy()
    key = stage.secret("ar/reply/hmac")
    stage.destroy()
    stage.deploy()
    assert stage.secret("ar/reply/hmac") == key
    assert [name for name, _ in stage.account.cloudformation.executed].count("ar-data") == 1


def test_functions_of_a_deployment_without_a_record_are_found_by_name(stage: EmulatedStage) -> None:
    stage.account.make_api()
    stage.account.client("iam").create_role(RoleName="ar-prod-dispatch", AssumeRolePolicyDocument="{}")
    stage.account.client("events").put_rule(Name="ar-prod-dispatch-event", EventPattern="{}")
    stage.destroy()
    assert stage.tools.records_seen == [["ar-prod-dispatch-event", "dispatch_role", "rest_api"]]


def test_with_its_data_every_table_bucket_and_secret_goes(stage: EmulatedStage) -> None:
    stage.deploy()
    dynamodb, s3 = stage.account.client("dynamodb"), stage.account.client("s3")
    dynamodb.create_table(
        TableName="ar-state",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
    )
    stage.destroy(and_data=True)
    assert (dynamodb.list_tables()["TableNames"], stage.account.cloudformation.stacks) == ([], {})
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == []


def test_the_active_rule_set_is_put_out_of_use_before_its_stack_goes(stage: EmulatedStage) -> None:
    ses = stage.account.client("ses")
    ses.create_receipt_rule_set(RuleSetName="ar-inbound-rules")
    ses.set_active_receipt_rule_set(RuleSetName="ar-inbound-rules")
    stage.destroy()
    assert ses.describe_active_receipt_rule_set().get("Metadata") is None


def test_another_program_s_rule_set_stays_in_use(stage: EmulatedStage) -> None:
    ses = stage.account.client("ses")
    ses.create_receipt_rule_set(RuleSetName="shop-mail")
    ses.set_active_receipt_rule_set(RuleSetName="shop-mail")
    stage.destroy()
    assert ses.describe_active_receipt_rule_set()["Metadata"]["Name"] == "shop-mail"


@pytest.mark.parametrize("said", ["", "dev", "PROD"])
def test_data_goes_only_for_whoever_names_the_stage(said: str) -> None:
    with pytest.raises(DeployError, match=r"--really-data prod; got .* Nothing was deleted"):
        refuse_unless_meant(True, said, "prod")


def test_data_that_is_not_asked_for_needs_no_name() -> None:
    refuse_unless_meant(False, "", "prod")
    refuse_unless_meant(True, "prod", "prod")
