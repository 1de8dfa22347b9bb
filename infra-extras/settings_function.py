"""A function of a few lines behind a custom resource, for what CloudFormation has no resource of its own for.

Its source is a file beside this one, put into the template as it is: no asset, no bucket. It runs only when a
deployment creates, changes or deletes the custom resource.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from accepted import accept
from aws_cdk import CfnCustomResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from chalicelib import names

if TYPE_CHECKING:
    from ops.settings import Settings

LOG_DAYS = 7


class SettingsFunction(Construct):
    """`<prefix>-<name>`: the function, its log of a week, and a role that may do `allowed` and nothing else."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        does: str,
        source: Path,
        allowed: list[dict[str, Any]],
        settings: Settings,
        account: str,
    ) -> None:
        super().__init__(scope, id)
        called = f"{names.PREFIX}-{name}"
        log = logs.CfnLogGroup(self, "Log", log_group_name=f"/aws/lambda/{called}", retention_in_days=LOG_DAYS)
        log.apply_removal_policy(RemovalPolicy.DESTROY)
        own_log = f"arn:aws:logs:{settings.region}:{account}:log-group:/aws/lambda/{called}:*"
        role = iam.CfnRole(
            self,
            "Role",
            role_name=called,
            description=does,
            assume_role_policy_document=_policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ),
            policies=[
                {
                    "policyName": name,
                    "policyDocument": _policy(
                        {
                            "Effect": "Allow",
                            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                            "Resource": own_log,
                        },
                        *allowed,
                    ),
                }
            ],
        )
        accept(role, {f"IAM5[Resource::{own_log}]": "The streams of its own log, whose names Lambda makes"})
        if any(one["Resource"] == "*" for one in allowed):
            accept(role, {"IAM5[Resource::*]": "What it sets is the account's, and has no ARN"})
        self._function = lambda_.CfnFunction(
            self,
            "Function",
            function_name=called,
            description=f"{does}; runs when a deployment changes it",
            runtime="python3.13",
            architectures=["arm64"],
            handler="index.handler",
            code={"zipFile": source.read_text(encoding="utf-8")},
            memory_size=128,
            timeout=60,
            role=role.attr_arn,
        )
        self._function.add_resource_dependency(log)
        accept(self._function, {"L1": "It runs at deployments only; CloudFormation's cfnresponse is long tried there"})

    def resource(self, id: str, **properties: str) -> CfnCustomResource:
        """What the function is called for, with what it is told."""
        made = CfnCustomResource(self, id, service_token=self._function.attr_arn)
        for name, value in properties.items():
            made.add_property_override(name, value)
        return made


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
