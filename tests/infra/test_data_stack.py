"""What the data stack declares: what is kept, for how long and how safely; what the functions expect to find."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib import names
from deploy.reply_key import PLACEHOLDER
from deploy.target import Target
from local import tables
from ops.settings import load_settings
from tests.infra.synthesized import ACCOUNT, Template, resources, template

PROD = load_settings("prod")
ENVIRONMENT = PROD.environment(ACCOUNT)
SUFFIX = ENVIRONMENT["AR_BUCKET_SUFFIX"]
FUNCTIONS = {
    "api_handler",
    *(one.name for one in app.event_sources),
    *(one.name for one in app.pure_lambda_functions),
}
SOURCES = (f"ar-appointments-source{SUFFIX}", f"ar-rules-source{SUFFIX}")
MAILS = f"ar-raw-mime{SUFFIX}"
HOLDS_DATA = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}


@pytest.fixture(scope="session")
def stack(templates: dict[str, Template]) -> Template:
    return templates["ar-data"]


def by(stack: Template, kind: str, name: str) -> dict[str, dict[str, Any]]:
    """Every resource of a kind by one of its properties."""
    return {one[name]: one for one in resources(stack, kind)}


def key_names(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(
        one["AttributeName"] for one in sorted(schema, key=lambda one: ["HASH", "RANGE"].index(one["KeyType"]))
    )


# ---------------------------------------------------------------- tables


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("ar-sends", ("appt_id", "window_index")),
        ("ar-replies", ("appt_id", "replied_at")),
        ("ar-audit", ("appt_id", "ts")),
        ("ar-sends-archive", ("appt_id", "chain_window")),
        ("ar-state", ("pk", "sk")),
    ],
)
def test_each_table_has_its_keys_and_is_paid_by_use(stack: Template, table: str, keys: tuple[str, str]) -> None:
    """Promise 74. The archive's three parts are two: DynamoDB has no third."""
    found = by(stack, "AWS::DynamoDB::Table", "TableName")[table]
    assert key_names(found["KeySchema"]) == keys
    assert found["BillingMode"] == "PAY_PER_REQUEST"
    assert "ProvisionedThroughput" not in found


def test_the_tables_are_those_of_one_machine(stack: Template) -> None:
    """What the tests and the demo run on is what is deployed."""
    found = by(stack, "AWS::DynamoDB::Table", "TableName")
    assert {name: key_names(one["KeySchema"]) for name, one in found.items()} == tables.KEYS
    indexes = {name: one["GlobalSecondaryIndexes"] for name, one in found.items() if "GlobalSecondaryIndexes" in one}
    [index] = indexes.pop(names.SENDS)
    assert (index["IndexName"], key_names(index["KeySchema"])) == (names.SENDS_UNSETTLED_INDEX, tables.UNSETTLED_KEYS)
    assert (indexes, index["Projection"]) == ({}, {"ProjectionType": "KEYS_ONLY"})


def test_every_key_is_a_string_and_no_attribute_is_declared_that_is_none(stack: Template) -> None:
    for one in resources(stack, "AWS::DynamoDB::Table"):
        keys = {*key_names(one["KeySchema"])}
        for index in one.get("GlobalSecondaryIndexes", []):
            keys |= {*key_names(index["KeySchema"])}
        assert {(each["AttributeName"], each["AttributeType"]) for each in one["AttributeDefinitions"]} == {
            (key, "S") for key in keys
        }


def test_only_the_state_s_counters_and_holds_end_by_themselves(stack: Template) -> None:
    """Promise 75."""
    found = by(stack, "AWS::DynamoDB::Table", "TableName")
    ending = {name: one.get("TimeToLiveSpecification") for name, one in found.items()}
    assert ending.pop(names.STATE) == {"AttributeName": tables.EXPIRES, "Enabled": True}
    assert {*ending.values()} == {None}


def test_a_table_can_be_put_back_to_any_second_and_is_not_deleted_by_a_slip(stack: Template) -> None:
    for one in resources(stack, "AWS::DynamoDB::Table"):
        assert one["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert one["DeletionProtectionEnabled"] is True


def test_what_holds_data_is_kept_when_the_stack_goes_or_would_replace_it(stack: Template) -> None:
    kept = {one["Type"] for one in stack["Resources"].values() if one.get("DeletionPolicy") == "Retain"}
    assert kept >= HOLDS_DATA
    for name, one in stack["Resources"].items():
        if one["Type"] in HOLDS_DATA:
            assert (one.get("DeletionPolicy"), one.get("UpdateReplacePolicy")) == ("Retain", "Retain"), name


# ---------------------------------------------------------------- buckets


def first_rule(stack: Template, bucket: str) -> dict[str, Any]:
    rule: dict[str, Any] = by(stack, "AWS::S3::Bucket", "BucketName")[bucket]["LifecycleConfiguration"]["Rules"][0]
    return rule


def test_there_are_the_spec_s_three_buckets_and_the_deployments_own(stack: Template) -> None:
    deployments = Target(PROD, ACCOUNT).deployments
    assert {*by(stack, "AWS::S3::Bucket", "BucketName")} == {*SOURCES, MAILS, deployments}


def test_every_bucket_has_versions(stack: Template) -> None:
    """Promise 7: a bad edit of the sheet or the docs can be taken back."""
    for one in resources(stack, "AWS::S3::Bucket"):
        assert one["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize("bucket", SOURCES)
def test_earlier_lists_go_to_glacier_after_ninety_days_and_end_after_two_years(stack: Template, bucket: str) -> None:
    """Promise 76, for what isn't in force any more."""
    rule = first_rule(stack, bucket)
    assert rule["NoncurrentVersionTransitions"] == [{"StorageClass": "GLACIER", "TransitionInDays": 90}]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 730}


@pytest.mark.parametrize("bucket", SOURCES)
def test_the_list_that_is_in_force_never_ends(stack: Template, bucket: str) -> None:
    """A sheet that nobody changed for two years is still the sheet."""
    for rule in by(stack, "AWS::S3::Bucket", "BucketName")[bucket]["LifecycleConfiguration"]["Rules"]:
        assert not {"ExpirationInDays", "ExpirationDate", "Transitions", "Transition"} & {*rule}


def test_mails_go_to_glacier_after_thirty_days_and_end_after_a_year(stack: Template) -> None:
    """Promise 77. A week later they are gone for good."""
    rule = first_rule(stack, MAILS)
    assert rule["Transitions"] == [{"StorageClass": "GLACIER", "TransitionInDays": 30}]
    assert rule["ExpirationInDays"] == 365
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}


@pytest.mark.parametrize("bucket", [*SOURCES, MAILS])
def test_small_files_go_to_glacier_too(stack: Template, bucket: str) -> None:
    """Promises 76 and 77. Unless it is said, S3 leaves what is under 128 KB where it is: here, nearly everything."""
    found = by(stack, "AWS::S3::Bucket", "BucketName")[bucket]["LifecycleConfiguration"]
    assert found["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"


def test_every_bucket_is_encrypted_and_open_to_nobody(stack: Template) -> None:
    for one in resources(stack, "AWS::S3::Bucket"):
        [encrypted] = one["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encrypted == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        blocked = one["PublicAccessBlockConfiguration"]
        assert (len(blocked), {*blocked.values()}) == (4, {True})
        assert one["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_every_bucket_answers_over_tls_only(stack: Template) -> None:
    policies = by(stack, "AWS::S3::BucketPolicy", "Bucket")
    assert {*policies} == {*by(stack, "AWS::S3::Bucket", "BucketName")}
    for bucket, one in policies.items():
        denied = one["PolicyDocument"]["Statement"][0]
        assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:*")
        assert denied["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def allowed(stack: Template) -> dict[str, list[dict[str, Any]]]:
    """What the buckets' policies allow, without their suffix."""
    return {
        bucket.removesuffix(SUFFIX): [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
        for bucket, policy in by(stack, "AWS::S3::BucketPolicy", "Bucket").items()
    }


def test_ses_may_put_mail_into_one_bucket_by_our_own_rule(stack: Template) -> None:
    found = allowed(stack)
    [one] = found.pop("ar-raw-mime")
    assert (one["Principal"], one["Action"]) == ({"Service": "ses.amazonaws.com"}, "s3:PutObject")
    assert one["Resource"] == f"arn:aws:s3:::{MAILS}/*"
    rule = f"arn:aws:ses:{PROD.region}:{ACCOUNT}:receipt-rule-set/ar-inbound-rules:receipt-rule/bookings"
    assert one["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": rule}}
    assert [*found.values()] == [[], [], []]


def test_where_no_mail_is_taken_in_nobody_may_put_any() -> None:
    found = allowed(template("data", replace(PROD, bookings_domain="")))
    assert (len(found), [*found.values()]) == (4, [[], [], [], []])


# ---------------------------------------------------------------- secrets and parameters


def test_the_secrets_are_there_to_be_filled(stack: Template) -> None:
    """Promise 91."""
    found = by(stack, "AWS::SecretsManager::Secret", "Name")
    assert {*found} == {"ar/drive/sa", "ar/slack/bot-token", "ar/slack/signing-secret", "ar/reply/hmac"}
    assert {one["SecretString"] for one in found.values()} == {PLACEHOLDER}


def test_the_placeholder_is_never_put_again() -> None:
    """CloudFormation puts a value only if the template's has changed: these words are for good."""
    assert PLACEHOLDER == "not set yet"


def test_every_setting_is_a_parameter(stack: Template) -> None:
    """Promises 91, 94: the zone, as all of them, stands in a file under version control."""
    found = by(stack, "AWS::SSM::Parameter", "Name")
    assert {one["Type"] for one in found.values()} == {"String"}
    said = {f"/ar/config/{name}": value for name, value in PROD.config.items() if value.strip()}
    assert said["/ar/config/timezone"] == "Asia/Singapore"
    assert {name: one["Value"] for name, one in found.items() if name != names.SENDING_PARAMETER} == said


def test_the_owner_gets_the_weekly_mail_unless_the_settings_say_otherwise(stack: Template) -> None:
    """Promise 73."""
    assert by(stack, "AWS::SSM::Parameter", "Name")["/ar/config/owner_email"]["Value"] == PROD.owner_email


def test_a_new_stage_texts_no_customer_and_no_deployment_says_that_again(stack: Template) -> None:
    """CloudFormation would put the first value again if anything of the parameter changed: so nothing may."""
    assert stack["Resources"]["Sending"] == {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "/ar/config/sending", "Type": "String", "Value": "staff-only"},
    }


def test_a_blank_setting_is_no_parameter() -> None:
    """Parameter Store takes none, and the functions read a blank as missing."""
    found = template("data", replace(PROD, config={**PROD.config, "sms_sender": " ", "language": "ms"}))
    there = by(found, "AWS::SSM::Parameter", "Name")
    assert "/ar/config/sms_sender" not in there
    assert there["/ar/config/language"]["Value"] == "ms"


# ---------------------------------------------------------------- logs, topics, letters


def test_every_function_s_log_is_there_before_lambda_makes_it_and_keeps_a_week(stack: Template) -> None:
    """Promise 83."""
    found = by(stack, "AWS::Logs::LogGroup", "LogGroupName")
    assert {*found} == {f"/aws/lambda/{PROD.function(name)}" for name in FUNCTIONS}
    assert "/aws/lambda/ar-prod" in found
    assert {one["RetentionInDays"] for one in found.values()} == {7}


def test_the_topics_are_those_that_the_app_listens_to_and_the_budget_speaks_on(stack: Template) -> None:
    found = {*by(stack, "AWS::SNS::Topic", "TopicName")}
    assert found == {"ar-scans", "ar-alarms", "ar-cost-alarm"}
    assert {one.topic for one in app.event_sources if type(one).__name__ == "SNSEventConfig"} <= found


def test_dead_letters_are_kept_for_two_weeks_and_sent_encrypted(stack: Template) -> None:
    [queue] = resources(stack, "AWS::SQS::Queue")
    assert (queue["QueueName"], queue["MessageRetentionPeriod"]) == ("ar-dead-letters", 14 * 86_400)
    assert queue["SqsManagedSseEnabled"] is True
    [policy] = resources(stack, "AWS::SQS::QueuePolicy")
    [denied] = policy["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Resource"]) == ("Deny", ENVIRONMENT["AR_DLQ_ARN"])
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_textract_may_say_that_our_scan_is_read_and_nothing_else(stack: Template) -> None:
    [role] = resources(stack, "AWS::IAM::Role")
    assert ENVIRONMENT["AR_TEXTRACT_ROLE_ARN"] == f"arn:aws:iam::{ACCOUNT}:role/{role['RoleName']}"
    [policy] = role["Policies"]
    assert [(one["Action"], one["Resource"]) for one in policy["PolicyDocument"]["Statement"]] == [
        ("sns:Publish", ENVIRONMENT["AR_SCANS_TOPIC_ARN"])
    ]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "textract.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
