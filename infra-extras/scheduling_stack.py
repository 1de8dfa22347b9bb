"""What calls the functions, as far as Chalice can't say it: one-offs, what becomes of failures, the pages' address.

Deployed after the functions, which it names: the group and the role of one-offs, each function's retries and dead
letters, the Function URL of the routes, and the pages' own domain before Chalice's API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, CfnParameter, Environment, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct
from declared_functions import ROUTES, Declared, declared

from chalicelib import names

if TYPE_CHECKING:
    from ops.settings import Settings

RETRIES = 2
"""Lambda's own default: three tries in all."""
WAITS_MINUTES = 6 * 60
"""How long an event waits for a function that is held back; also Lambda's default."""


class SchedulingStack(Stack):
    """`<prefix>-scheduling`. `account` is twelve digits; the region is the settings'."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, account: str, env: Environment) -> None:
        super().__init__(scope, id, env=env, description="Schedules, retries and the public address of the reminder")
        self._settings = settings
        self._account = account
        self._one_offs()
        self._failures(declared())
        self._function_url()
        if settings.link_domain and settings.certificate_arn:
            self._domain()

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self._settings.region}:{self._account}:{resource}"

    @property
    def _dead_letters(self) -> str:
        return self._arn("sqs", names.DEAD_LETTERS)

    def _one_offs(self) -> None:
        group = scheduler.CfnScheduleGroup(self, "OneOffs", name=names.SCHEDULE_GROUP)
        dispatch = self._arn("lambda", f"function:{self._settings.function(names.DISPATCH)}")
        role = iam.CfnRole(
            self,
            "OneOffsRole",
            role_name=f"{names.PREFIX}-one-offs",
            description="As whom EventBridge Scheduler calls dispatch at a message's minute",
            assume_role_policy_document=_policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "scheduler.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {
                        "StringEquals": {
                            "aws:SourceAccount": self._account,
                            "aws:SourceArn": self._arn("scheduler", f"schedule-group/{names.SCHEDULE_GROUP}"),
                        }
                    },
                }
            ),
            policies=[
                {
                    "policyName": "one-offs",
                    "policyDocument": _policy(
                        {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": dispatch},
                        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": self._dead_letters},
                    ),
                }
            ],
        )
        role.add_resource_dependency(group)

    def _failures(self, functions: Declared) -> None:
        """Each function's tries. A run of the clock is given up when its next one is due."""
        for name in functions.events:
            lambda_.CfnEventInvokeConfig(
                self,
                f"Failures-{name}",
                function_name=self._settings.function(name),
                qualifier="$LATEST",
                maximum_retry_attempts=RETRIES,
                maximum_event_age_in_seconds=60 * min(functions.scheduled.get(name, WAITS_MINUTES), WAITS_MINUTES),
                destination_config={"onFailure": {"destination": self._dead_letters}},
            )

    def _function_url(self) -> None:
        """The routes' own address: open to all, since a customer's link is what lets them in."""
        routes = self._settings.function(ROUTES)
        url = lambda_.CfnUrl(self, "Url", target_function_arn=routes, auth_type="NONE", invoke_mode="BUFFERED")
        opened = lambda_.CfnPermission(
            self,
            "UrlIsOpen",
            function_name=routes,
            principal="*",
            action="lambda:InvokeFunctionUrl",
            function_url_auth_type="NONE",
        )
        invoked = lambda_.CfnPermission(
            self,
            "UrlInvokes",
            function_name=routes,
            principal="*",
            action="lambda:InvokeFunction",
            invoked_via_function_url=True,
        )
        opened.add_resource_dependency(url)
        invoked.add_resource_dependency(url)
        CfnOutput(
            self, "FunctionUrl", value=url.attr_function_url, description="The pages without a domain of one's own"
        )

    def _domain(self) -> None:
        api = CfnParameter(self, "RestApiId", description="Chalice's REST API, from its record of the deployment")
        domain = apigateway.CfnDomainName(
            self,
            "Domain",
            domain_name=self._settings.link_domain,
            regional_certificate_arn=self._settings.certificate_arn,
            endpoint_configuration={"types": ["REGIONAL"]},
            security_policy="TLS_1_2",
        )
        mapping = apigateway.CfnBasePathMapping(
            self,
            "Pages",
            domain_name=self._settings.link_domain,
            rest_api_id=api.value_as_string,
            stage="api",
        )
        mapping.add_resource_dependency(domain)
        CfnOutput(
            self,
            "LinkDomainTarget",
            value=domain.attr_regional_domain_name,
            description=f"Where {self._settings.link_domain} must point to (CNAME)",
        )


def _policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
