"""What a deployment makes beside the app, as far as the embedded AWS can hold it, for a world that stays open.

So that an operator's commands find here what they would find in an account: the dead-letter queue, a verified domain,
a rule for bookings by mail, a budget, tables and buckets that can't be lost. A world that is only played needs none.
"""

from __future__ import annotations

from typing import Any

from chalicelib import names
from local.standins.slack import SlackChannel, SlackStandIn
from local.tables import KEYS

ACCOUNT = "000000000000"
BUDGET_USD = 30
RULE_SET = f"{names.PREFIX}-inbound-rules"
BUCKETS = (names.APPOINTMENTS_BUCKET, names.RULES_BUCKET, names.RAW_MIME_BUCKET)


def provide_account(client: Any, slack: SlackStandIn, config: dict[str, str]) -> None:
    """Make what isn't there yet. `client` makes a client of a service; `config` is what stands under /ar/config/."""
    for table in KEYS:
        client("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=True)
        client("dynamodb").update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    for bucket in BUCKETS:
        close_bucket(client("s3"), bucket)
    client("sqs").create_queue(QueueName=names.DEAD_LETTERS)
    client("scheduler").create_schedule_group(Name=names.SCHEDULE_GROUP)
    _let_mail_in_and_out(client, config)
    budgets = client("budgets")
    if not budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]:
        budgets.create_budget(AccountId=ACCOUNT, Budget=budget(BUDGET_USD))
    for parameter in ("slack_channel", "summary_channel"):
        if channel := config.get(parameter, "").strip():
            slack.channels.setdefault(channel.removeprefix("#"), SlackChannel())


def close_bucket(s3: Any, bucket: str) -> None:
    """Versioned, and closed to the public."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))


def budget(usd: int) -> dict[str, Any]:
    """The month's budget."""
    return {
        "BudgetName": f"{names.PREFIX}-monthly",
        "BudgetLimit": {"Amount": str(usd), "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }


def _let_mail_in_and_out(client: Any, config: dict[str, str]) -> None:
    domain = config.get("email_from", "").partition("@")[2]
    if domain:
        ses = client("sesv2")
        known = {one["IdentityName"] for one in ses.list_email_identities()["EmailIdentities"]}
        if domain not in known:
            ses.create_email_identity(EmailIdentity=domain)
    intake = config.get("intake_address", "")
    inbound = client("ses")
    if intake and not inbound.describe_active_receipt_rule_set().get("Metadata"):
        inbound.create_receipt_rule_set(RuleSetName=RULE_SET)
        inbound.create_receipt_rule(RuleSetName=RULE_SET, Rule=receipt_rule(intake))
        inbound.set_active_receipt_rule_set(RuleSetName=RULE_SET)


def receipt_rule(intake: str) -> dict[str, Any]:
    """What SES does with a mail to that address."""
    return {
        "Name": "bookings",
        "Enabled": True,
        "ScanEnabled": True,
        "Recipients": [intake],
        "Actions": [{"S3Action": {"BucketName": names.RAW_MIME_BUCKET}}, {"StopAction": {"Scope": "RuleSet"}}],
    }
