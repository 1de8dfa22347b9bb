"""What keeps the system safe to leave alone: alarms, the budget, and (`texts.py`) the limit and the log of texts.

Deployed last but for the mails. Alarms and the budget speak through two topics, to the owner by e-mail and to the
front desk through the function `alarm`; what each means and when it is one is in `alarm_table.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alarm_table import LOG_TROUBLE, PAGE_ERRORS, Alarm, alarms
from aws_cdk import Environment, Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct
from dashboard import dashboard_body
from declared_functions import ROUTES, declared
from texts import Texts

from chalicelib import names

if TYPE_CHECKING:
    from ops.settings import Settings

TROUBLE = '?ERROR ?Error ?error ?Throttl ?throttl ?Timeout ?timeout ?"timed out"'
"""The spec's three words as they are written in our lines, in libraries' and in Lambda's own. Terms mind their case."""
AT_LEVEL_ERROR = '{ $.level = "ERROR" }'
BUDGET_SHARES = (80, 100)
"""Per cent of the budget."""
_ONLY_NEWS = {"$or": [{"NewStateValue": ["ALARM"]}, {"OldStateValue": ["ALARM"]}]}
"""An alarm that was just made says that it is at rest: thirty e-mails that nobody asked for."""


class GuardrailsStack(Stack):
    """`<prefix>-guardrails`. `account` is twelve digits; the region is the settings'."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, account: str, env: Environment) -> None:
        super().__init__(scope, id, env=env, description="Alarms, budget and limits of the reminder")
        self._settings = settings
        self._account = account
        self._functions = declared()
        self._topics()
        self._budget()
        self._log_metrics()
        self._alarms()
        Texts(self, "Texts", settings=settings, account=account)

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self._settings.region}:{self._account}:{resource}"

    def _topic(self, name: str) -> str:
        return self._arn("sns", name)

    # ------------------------------------------------ who hears, who may speak

    def _topics(self) -> None:
        """No key of KMS's: AWS's own key for SNS keeps CloudWatch and Budgets from publishing."""
        alarms_come_from = {"ArnLike": {"aws:SourceArn": self._arn("cloudwatch", "alarm:*")}}
        budgets_come_from = {"ArnLike": {"aws:SourceArn": f"arn:aws:budgets::{self._account}:*"}}
        self._heard("Alarms", names.ALARMS_TOPIC, "cloudwatch.amazonaws.com", alarms_come_from, _ONLY_NEWS)
        self._heard("Cost", names.COST_TOPIC, "budgets.amazonaws.com", budgets_come_from, None)
        function = self._settings.function(names.ALARM)  # Chalice subscribes it to the alarms' topic
        lambda_.CfnPermission(
            self,
            "CostToSlackAllowed",
            function_name=function,
            action="lambda:InvokeFunction",
            principal="sns.amazonaws.com",
            source_arn=self._topic(names.COST_TOPIC),
        )
        sns.CfnSubscription(
            self,
            "CostToSlack",
            topic_arn=self._topic(names.COST_TOPIC),
            protocol="lambda",
            endpoint=self._arn("lambda", f"function:{function}"),
        )

    def _heard(
        self, id: str, topic: str, speaker: str, from_where: dict[str, Any], only: dict[str, Any] | None
    ) -> None:
        arn = self._topic(topic)
        ours = {"StringEquals": {"aws:SourceAccount": self._account}}
        sns.CfnTopicPolicy(
            self,
            f"{id}Speaker",
            topics=[arn],
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Speaker",
                        "Effect": "Allow",
                        "Principal": {"Service": speaker},
                        "Action": "sns:Publish",
                        "Resource": arn,
                        "Condition": {**ours, **from_where},
                    },
                    {
                        "Sid": "OnlyEncrypted",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sns:Publish",
                        "Resource": arn,
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        )
        sns.CfnSubscription(
            self,
            f"{id}ToOwner",
            topic_arn=arn,
            protocol="email",
            endpoint=self._settings.owner_email,
            filter_policy=only,
            filter_policy_scope="MessageBody" if only else None,
        )

    # ------------------------------------------------ money

    def _budget(self) -> None:
        heard = [{"subscriptionType": "SNS", "address": self._topic(names.COST_TOPIC)}]
        budgets.CfnBudget(
            self,
            "Budget",
            budget={
                "budgetName": f"{names.PREFIX}-monthly",
                "budgetType": "COST",
                "timeUnit": "MONTHLY",
                "budgetLimit": {"amount": self._settings.budget_usd, "unit": "USD"},
            },
            notifications_with_subscribers=[
                {
                    "notification": {
                        "notificationType": "ACTUAL",
                        "comparisonOperator": "GREATER_THAN",
                        "threshold": share,
                        "thresholdType": "PERCENTAGE",
                    },
                    "subscribers": heard,
                }
                for share in BUDGET_SHARES
            ],
        )

    # ------------------------------------------------ what is watched

    def _log_metrics(self) -> None:
        for name in self._functions.all:
            self._log_metric(f"Trouble-{name}", name, TROUBLE, LOG_TROUBLE)
        self._log_metric("PageErrors", ROUTES, AT_LEVEL_ERROR, PAGE_ERRORS)

    def _log_metric(self, id: str, function: str, pattern: str, metric: str) -> None:
        logs.CfnMetricFilter(
            self,
            id,
            log_group_name=f"/aws/lambda/{self._settings.function(function)}",
            filter_pattern=pattern,
            metric_transformations=[
                {"metricNamespace": names.METRICS_NAMESPACE, "metricName": metric, "metricValue": "1", "unit": "Count"}
            ],
        )

    def _alarms(self) -> None:
        functions = {name: self._settings.function(name) for name in self._functions.all}
        listed = alarms(functions, list(self._functions.scheduled))
        for one in listed:
            self._alarm(one)
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=f"{names.PREFIX}-{self._settings.stage}",
            dashboard_body=dashboard_body(
                self._settings.region, functions, [self._arn("cloudwatch", f"alarm:{_named(one)}") for one in listed]
            ),
        )

    def _alarm(self, one: Alarm) -> None:
        told = [self._topic(names.ALARMS_TOPIC)]
        bound = one.above if one.above is not None else one.below
        cloudwatch.CfnAlarm(
            self,
            f"Alarm-{one.name}",
            alarm_name=_named(one),
            alarm_description=one.description,
            alarm_actions=told,
            ok_actions=told,
            comparison_operator="GreaterThanThreshold" if one.above is not None else "LessThanThreshold",
            threshold=bound,
            evaluation_periods=one.of,
            datapoints_to_alarm=one.of,
            treat_missing_data=one.missing,
            **_watching(one),
        )


def _named(one: Alarm) -> str:
    return f"{names.PREFIX}-{one.name}"


def _watching(one: Alarm) -> dict[str, Any]:
    """The alarm's one metric, or its metrics and what is made of them."""
    if not one.expression:
        [watched] = one.metrics.values()
        return {
            "namespace": watched.namespace,
            "metric_name": watched.metric,
            "dimensions": [{"name": name, "value": value} for name, value in watched.dimensions.items()] or None,
            "statistic": watched.stat,
            "period": one.period,
        }
    queries = [
        {
            "id": id,
            "metricStat": {
                "metric": {"namespace": watched.namespace, "metricName": watched.metric},
                "period": one.period,
                "stat": watched.stat,
            },
            "returnData": False,
        }
        for id, watched in one.metrics.items()
    ]
    return {"metrics": [*queries, {"id": "share", "expression": one.expression, "label": one.what, "returnData": True}]}
