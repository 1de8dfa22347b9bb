"""What must outlast every deployment, and what the functions expect to find: the first stack.

Tables, buckets and secrets are kept even if the stack goes. Their ids in the template are for good: another id is
another resource, and the old one would be dropped (`deploy/cloudformation.py` refuses that).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accepted import accept
from aws_cdk import Environment, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from buckets import make_buckets
from constructs import Construct
from declared_functions import declared

from chalicelib import names

if TYPE_CHECKING:
    from ops.settings import Settings

LOG_DAYS = 7
LETTERS_KEPT_SECONDS = 14 * 24 * 3600
"""SQS's longest."""
PLACEHOLDER = "not set yet"
"""In each secret until somebody has put the real one there. A deployment puts it again only if this text changes."""
FIRST_SENDING = "staff-only"
"""A new stage texts no customer until its owner says so. Nothing of this parameter may ever change: CloudFormation
would put the first value again, and texts would stop."""


class DataStack(Stack):
    """`<prefix>-data`. `account` is twelve digits; the region is the settings'."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, account: str, env: Environment) -> None:
        super().__init__(
            scope, id, env=env, description="What the reminder keeps: tables, buckets, secrets, parameters"
        )
        self._settings = settings
        self._account = account
        self._tables()
        make_buckets(self, settings, account)
        self._secrets()
        self._parameters()
        self._logs()
        self._topics()
        self._dead_letters()
        self._textract()

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self._settings.region}:{self._account}:{resource}"

    # ------------------------------------------------ kept for good

    def _tables(self) -> None:
        self._table("Sends", names.SENDS, "appt_id", "window_index", unsettled=("unsettled", "due"))
        self._table("Replies", names.REPLIES, "appt_id", "replied_at")
        self._table("Audit", names.AUDIT, "appt_id", "ts")
        self._table("SendsArchive", names.SENDS_ARCHIVE, "appt_id", "chain_window")
        self._table("State", names.STATE, "pk", "sk", expires="expires")

    def _table(
        self, id: str, name: str, hash: str, range: str, *, unsettled: tuple[str, ...] = (), expires: str = ""
    ) -> None:
        index = {
            "indexName": names.SENDS_UNSETTLED_INDEX,
            "keySchema": _keys(*unsettled),
            "projection": {"projectionType": "KEYS_ONLY"},
        }
        table = dynamodb.CfnTable(
            self,
            id,
            table_name=name,
            key_schema=_keys(hash, range),
            attribute_definitions=[{"attributeName": key, "attributeType": "S"} for key in (hash, range, *unsettled)],
            global_secondary_indexes=[index] if unsettled else None,
            billing_mode="PAY_PER_REQUEST",
            time_to_live_specification={"attributeName": expires, "enabled": True} if expires else None,
            point_in_time_recovery_specification={"pointInTimeRecoveryEnabled": True},
            deletion_protection_enabled=True,
        )
        table.apply_removal_policy(RemovalPolicy.RETAIN)

    def _secrets(self) -> None:
        theirs = "It is made by {}, who has no way to rotate it from here; whoever changes it there puts it here"
        for id, name, what, never_rotated in (
            ("Google", names.GOOGLE_SECRET, "The key file of Google's service account", theirs.format("Google")),
            ("SlackToken", names.SLACK_TOKEN_SECRET, "The Slack bot's token", theirs.format("Slack")),
            ("SlackSigning", names.SLACK_SIGNING_SECRET, "What Slack signs its requests with", theirs.format("Slack")),
            ("ReplyKeys", names.REPLY_KEYS_SECRET, "The keys that sign reply links",
             "Two keys may be live; a clock that drops the older one would break links that are out"),
        ):  # fmt: skip
            secret = secretsmanager.CfnSecret(
                self, f"{id}Secret", name=name, description=what, secret_string=PLACEHOLDER
            )
            secret.apply_removal_policy(RemovalPolicy.RETAIN)
            accept(secret, {"SMG4": never_rotated})

    # ------------------------------------------------ what the functions expect

    def _parameters(self) -> None:
        """One for each setting that says something; a blank one would be the same as none, and isn't allowed."""
        for name, value in self._settings.config.items():
            if value.strip():
                ssm.CfnParameter(self, f"Config-{name}", name=f"{names.CONFIG_PATH}{name}", type="String", value=value)
        ssm.CfnParameter(self, "Sending", name=names.SENDING_PARAMETER, type="String", value=FIRST_SENDING)

    def _logs(self) -> None:
        """Before Lambda makes them without an end."""
        for name in declared().all:
            group = logs.CfnLogGroup(
                self,
                f"Log-{name}",
                log_group_name=f"/aws/lambda/{self._settings.function(name)}",
                retention_in_days=LOG_DAYS,
            )
            group.apply_removal_policy(RemovalPolicy.DESTROY)

    def _topics(self) -> None:
        """Who may publish to the alarms' two is said by the guardrails."""
        for id, name in (("Scans", names.SCANS_TOPIC), ("Alarms", names.ALARMS_TOPIC), ("Cost", names.COST_TOPIC)):
            topic = sns.CfnTopic(self, f"{id}Topic", topic_name=name)
            if id != "Scans":
                accept(topic, {"SNS3": "The guardrails' policy of this topic says so: a topic has one policy"})
        arn = self._arn("sns", names.SCANS_TOPIC)
        policy = sns.CfnTopicPolicy(
            self, "ScansPolicy", topics=[arn], policy_document=_policy(_only_encrypted("sns:Publish", arn))
        )
        policy.add_dependency(self.node.find_child("ScansTopic"))

    def _dead_letters(self) -> None:
        """Whoever puts a letter there does it by its own role: the queue's policy lets nobody else in."""
        queue = sqs.CfnQueue(
            self,
            "DeadLetters",
            queue_name=names.DEAD_LETTERS,
            message_retention_period=LETTERS_KEPT_SECONDS,
            sqs_managed_sse_enabled=True,
        )
        queue.apply_removal_policy(RemovalPolicy.DESTROY)  # it comes back with the stack; what counts is in the tables
        accept(queue, {"SQS3": "It is the dead-letter queue: of schedules and of functions, which name it themselves"})
        sqs.CfnQueuePolicy(
            self,
            "DeadLettersPolicy",
            queues=[queue.ref],
            policy_document=_policy(_only_encrypted("sqs:*", self._arn("sqs", names.DEAD_LETTERS))),
        )

    def _textract(self) -> None:
        """As whom Textract says that a scan is read. Its tags say whose the prefix is (`deploy/account.py`)."""
        only_for_us = {
            "StringEquals": {"aws:SourceAccount": self._account},
            "ArnLike": {"aws:SourceArn": self._arn("textract", "*")},
        }
        iam.CfnRole(
            self,
            "Textract",
            role_name=f"{names.PREFIX}-textract",
            description="As whom Textract says that a scan is read",
            assume_role_policy_document=_policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "textract.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": only_for_us,
                }
            ),
            policies=[
                {
                    "policyName": "scans",
                    "policyDocument": _policy(
                        {
                            "Effect": "Allow",
                            "Action": "sns:Publish",
                            "Resource": self._arn("sns", names.SCANS_TOPIC),
                        }
                    ),
                }
            ],
        )


def _keys(hash: str = "", range: str = "") -> list[dict[str, str]]:
    return [{"attributeName": hash, "keyType": "HASH"}, {"attributeName": range, "keyType": "RANGE"}]


def _only_encrypted(action: str, arn: str) -> dict[str, Any]:
    return {
        "Sid": "OnlyEncrypted",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
