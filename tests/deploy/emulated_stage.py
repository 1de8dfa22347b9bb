"""A stage that is deployed into moto's account and a CloudFormation of ours, where any call can be made to fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from deploy import chalice_config
from deploy.cloudformation import Stacks
from deploy.deployment import Deployment, template_uploader
from deploy.package import Package
from deploy.removal import Removal
from deploy.steps import carry_out
from deploy.target import ROOT, STACKS, Target
from ops.settings import Settings, load_settings
from tests.deploy.fake_cloudformation import FakeCloudFormation

ACCOUNT = "123456789012"
REGION = "ap-southeast-1"
API = "https://{api}.execute-api.ap-southeast-1.amazonaws.com/api/"
CANNED: dict[tuple[str, str], Any] = {
    ("lambda", "get_account_settings"): {"AccountLimit": {"UnreservedConcurrentExecutions": 1000}},
    ("sesv2", "get_account"): {"ProductionAccessEnabled": False},
    ("sns", "get_sms_sandbox_account_status"): {"IsInSandbox": True},
    ("service-quotas", "list_service_quotas"): {
        "Quotas": [{"QuotaName": "Account spend threshold (SMS)", "Value": 1.0}]
    },
}
"""What moto doesn't know."""
SETTINGS = replace(
    load_settings("prod"),
    link_domain="",
    bookings_domain="",
    config={**load_settings("prod").config, "base_url": "https://not-known-yet.invalid/r/"},
)


@dataclass
class FakeTools:
    """Builders that build next to nothing, and a Chalice that makes an API and keeps its record."""

    account: EmulatedAccount
    chalice_status: list[int] = field(default_factory=list)  # how the next runs end; then well
    leaves_record: bool = True
    calls: list[str] = field(default_factory=list)
    certificate_arns: list[str] = field(default_factory=list)
    records_seen: list[list[str] | None] = field(default_factory=list)

    def build(self, root: Path, destination: Path) -> Package:
        self.calls.append("build")
        (destination / ".chalice").mkdir(parents=True)
        return Package(destination, destination / "zip", 18_000_000, 70_000_000, ())

    def write_config(
        self, root: Path, destination: Path, settings: Settings, account: str, reserved: Mapping[str, int]
    ) -> None:
        chalice_config.write(root, destination, settings, account, reserved)

    def reserved(self, unreserved: int) -> Mapping[str, int]:
        return chalice_config.reserved_concurrency(unreserved)

    def functions(self, root: Path, settings: Settings, account: str) -> Mapping[str, Mapping[str, Any]]:
        return {name: {"lambda_memory_size": 256, "lambda_timeout": 15} for name in ("api_handler", "dispatch")}

    def synthesize(self, settings: Settings, account: str, destination: Path) -> Mapping[str, Path]:
        self.calls.append("synthesize")
        self.certificate_arns.append(settings.certificate_arn)
        written = {}
        for kind in STACKS:
            table = {"State": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "ar-state"}}}
            template: dict[str, Any] = {
                "Resources": table if kind == "data" else {"Topic": {"Type": "AWS::SNS::Topic"}}
            }
            if kind == "scheduling":
                template["Outputs"] = {"FunctionUrl": {"Value": "https://url.on.aws/"}}
            file = destination / f"{settings.prefix}-{kind}.json"
            file.write_text(json.dumps(template))
            written[f"{settings.prefix}-{kind}"] = file
        return written

    def run(self, command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> int:
        what, stage = command[-3], command[-1]
        self.calls.append(f"chalice {what}")
        record = directory / ".chalice" / "deployed" / f"{stage}.json"
        known = json.loads(record.read_text())["resources"] if record.exists() else None
        self.records_seen.append(None if known is None else sorted(one["name"] for one in known))
        status = self.chalice_status.pop(0) if self.chalice_status else 0
        resources = self._makes(known or []) if what == "deploy" else []
        if not status:
            record.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(json.dumps({"resources": resources, "schema_version": "2.0", "backend": "api"}))
        return status

    def _makes(self, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The API that it knows, or another one: Chalice looks for no API by its name."""
        mine = [one for one in known if one["resource_type"] == "rest_api"]
        if not mine:
            api = self.account.make_api()
            mine = [
                {
                    "name": "rest_api",
                    "resource_type": "rest_api",
                    "rest_api_id": api,
                    "rest_api_url": API.format(api=api),
                }
            ]
        return mine


class EmulatedAccount:
    """boto3's clients of one account, with what moto lacks added, and failures on demand."""

    def __init__(self) -> None:
        self.cloudformation = FakeCloudFormation()
        self.canned = dict(CANNED)
        self.broken: dict[tuple[str, str], str] = {}  # (service, operation) -> AWS's error code, until it is mended
        self.calls: list[tuple[str, str]] = []
        self._made: dict[str, Any] = {}
        self.client("s3").create_bucket(
            Bucket=f"ar-deployments-{ACCOUNT}-{REGION}", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        for name in ("drive/sa", "slack/bot-token", "slack/signing-secret", "reply/hmac"):
            self.client("secretsmanager").create_secret(Name=f"ar/{name}", SecretString=PLACEHOLDER)

    def client(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = boto3.client(service, region_name=REGION)
        return self._made[service]

    def clients(self, service: str) -> Any:
        return self.cloudformation if service == "cloudformation" else _Client(self, service, self.client(service))

    def make_api(self, stage: str = "prod") -> str:
        gateway = self.client("apigateway")
        api: str = gateway.create_rest_api(name="ar")["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
        function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ar-{stage}"
        uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
        gateway.put_integration(
            restApiId=api, resourceId=root, httpMethod="GET", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri
        )
        return api

    def apis(self) -> list[str]:
        return [one["id"] for one in self.client("apigateway").get_rest_apis()["items"]]

    def asked(self, service: str, operation: str) -> Any:
        self.calls.append((service, operation))
        if code := self.broken.get((service, operation)):
            raise ClientError({"Error": {"Code": code, "Message": "not today"}}, operation)
        return self.canned.get((service, operation))


class _Client:
    def __init__(self, account: EmulatedAccount, service: str, real: Any) -> None:
        self._account = account
        self._service = service
        self._real = real

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            canned = self._account.asked(self._service, operation)
            return canned if canned is not None else getattr(self._real, operation)(**arguments)

        return call

    def get_waiter(self, name: str) -> Any:
        return self._real.get_waiter(name)

    def get_paginator(self, operation: str) -> Any:
        account, service, real = self._account, self._service, self._real

        class Pages:
            def paginate(self, **arguments: Any) -> Iterator[Any]:
                canned = account.asked(service, operation)
                yield from [canned] if canned is not None else real.get_paginator(operation).paginate(**arguments)

        return Pages()


class EmulatedStage:
    """One stage, its account, and a person who deploys it."""

    def __init__(self, work: Path, settings: Settings = SETTINGS) -> None:
        self.account = EmulatedAccount()
        self.tools = FakeTools(self.account)
        self.work = work
        self.settings = settings
        self.said: list[str] = []

    @property
    def target(self) -> Target:
        return Target(self.settings, ACCOUNT)

    def deployment(self) -> Deployment:
        return Deployment(
            self.target, self.account.clients, self.tools, self.said.append, self.work, self._stacks(), ROOT
        )

    def deploy(self) -> Deployment:
        run = self.deployment()
        carry_out(run.steps(), self.said.append, "scripts/deploy --stage prod")
        return run

    def destroy(self, *, and_data: bool = False) -> None:
        run = Removal(
            self.target, self.account.clients, self.tools, self.said.append, self.work, self._stacks(), ROOT, and_data
        )
        carry_out(run.steps(), self.said.append, "scripts/destroy --stage prod")

    def secret(self, name: str) -> str:
        found: str = self.account.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
        return found

    def _stacks(self) -> Stacks:
        put = template_uploader(self.account.clients, self.target)
        return Stacks(self.account.cloudformation, self.said.append, put, sleep=lambda seconds: None)


PLACEHOLDER = "not set yet"
