"""Texts: what SNS may spend on them in a month, and the log of their delivery, which sms_delivery reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from accepted import accept
from aws_cdk import CfnCustomResource, CfnOutput
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct
from settings_function import SettingsFunction

from chalicelib import names

if TYPE_CHECKING:
    from ops.settings import Settings

HANDLER = Path(__file__).parent / "text_settings_handler.py"
LOG_DAYS = 7
_LOGS = {"Arrived": "", "Failed": "/Failure"}
"""SNS writes what arrived into the first, what didn't into the second."""
_BOTH_LOGS = "SNS's two logs of texts and their streams, whose names SNS makes"


class Texts(Construct):
    """The delivery log and SNS's settings for texts."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, account: str) -> None:
        super().__init__(scope, id)
        self._settings = settings
        self._account = account
        self._read_log(self._set_up(self._log_role()))

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self._settings.region}:{self._account}:{resource}"

    def _log_name(self, part: str) -> str:
        return f"sns/{self._settings.region}/{self._account}/DirectPublishToPhoneNumber{part}"

    @property
    def _logs_arn(self) -> str:
        """Both groups, and their streams."""
        return self._arn("logs", f"log-group:{self._log_name('*')}")

    def _read_log(self, set_up: CfnCustomResource) -> None:
        reader = self._settings.function(names.SMS_DELIVERY)
        allowed = lambda_.CfnPermission(
            self,
            "LogMayCall",
            function_name=reader,
            action="lambda:InvokeFunction",
            principal="logs.amazonaws.com",
            source_account=self._account,
            source_arn=self._logs_arn,
        )
        for called, part in _LOGS.items():
            read = logs.CfnSubscriptionFilter(
                self,
                f"{called}Read",
                log_group_name=self._log_name(part),
                destination_arn=self._arn("lambda", f"function:{reader}"),
                filter_pattern="",
            )
            read.add_resource_dependency(set_up)
            read.add_resource_dependency(allowed)

    def _log_role(self) -> iam.CfnRole:
        write = _allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], self._logs_arn)
        role = self._role("LogRole", "text-log", "As whom SNS writes what became of a text", "sns", write)
        accept(role, {f"IAM5[Resource::{self._logs_arn}]": _BOTH_LOGS})
        return role

    def _set_up(self, log_role: iam.CfnRole) -> CfnCustomResource:
        """The account's settings: a function of a few lines sets them, and says what was allowed."""
        settings = SettingsFunction(
            self,
            "Settings",
            name="text-settings",
            does="Sets what SNS may spend on texts",
            source=HANDLER,
            allowed=[
                _allow(["logs:CreateLogGroup", "logs:PutRetentionPolicy"], self._logs_arn),
                _allow(["sns:SetSMSAttributes", "sns:GetSMSAttributes"], "*"),  # they have no ARN
                _allow(
                    ["iam:PassRole"], log_role.attr_arn, {"StringEquals": {"iam:PassedToService": "sns.amazonaws.com"}}
                ),
            ],
            settings=self._settings,
            account=self._account,
        )
        accept(settings, {f"IAM5[Resource::{self._logs_arn}]": _BOTH_LOGS})
        limit = settings.resource(
            "Limit",
            LimitUsd=str(self._settings.sms_limit_usd),
            LogRole=log_role.attr_arn,
            Logs=" ".join(self._log_name(part) for part in _LOGS.values()),
            LogDays=str(LOG_DAYS),
        )
        output = CfnOutput(
            self,
            "TextsLimit",
            value=limit.get_att("Said").to_string(),
            description="What SNS may spend on texts; less than was asked for where the account's quota is lower",
        )
        output.override_logical_id("TextsLimit")
        return limit

    def _role(self, id: str, name: str, description: str, service: str, *allowed: dict[str, Any]) -> iam.CfnRole:
        trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        return iam.CfnRole(
            self,
            id,
            role_name=f"{names.PREFIX}-{name}",
            description=description,
            assume_role_policy_document=_document(trust),
            policies=[{"policyName": name, "policyDocument": _document(*allowed)}],
        )


def _allow(actions: list[str], resource: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**allowed, "Condition": condition} if condition else allowed


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
