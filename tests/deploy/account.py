"""An AWS account of moto's, and what a deployment has made in it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from deploy.package import CHALICE_ENVIRONMENT

ACCOUNT = "123456789012"
REGION = "ap-southeast-1"
START_SECONDS = 60
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nobody",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@dataclass(frozen=True)
class Found:
    """What is there, comparable. Functions, rules and the rest by name."""

    functions: dict[str, dict[str, Any]] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)  # inline policies by name
    rules: dict[str, tuple[Any, tuple[str, ...]]] = field(default_factory=dict)  # when or what, and the targets
    apis: dict[str, dict[str, set[str]]] = field(default_factory=dict)  # paths with their methods
    objects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by bucket
    topics: dict[str, list[str]] = field(default_factory=dict)  # subscribed functions


class Account:
    """One moto server."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": self.url}

    def client(self, service: str) -> Any:
        """boto3's client for it."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="nobody",
            aws_secret_access_key="nobody",
        )

    def prepare(self, bucket: str, *topics: str) -> None:
        """What another stack makes before Chalice subscribes to it."""
        self.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        for topic in topics:
            self.client("sns").create_topic(Name=topic)

    def chalice(self, project: Path, *words: str) -> str:
        """Run Chalice's command line on a project. What it said; an AssertionError with all of it if it failed."""
        main = "import sys; from chalice.cli import main; sys.argv[0] = 'chalice'; sys.exit(main())"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AR_"))}
        done = subprocess.run(
            [sys.executable, "-c", main, "--project-dir", str(project), *words],
            cwd=project,
            env={**inherited, **self.environment, **CHALICE_ENVIRONMENT},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def found(self) -> Found:
        """Everything there is now."""
        functions = self.client("lambda").list_functions()["Functions"]
        names = [one["FunctionName"] for one in functions]
        return Found(
            functions={one["FunctionName"]: one for one in functions},
            reserved={name: count for name in names if (count := self._reserved(name)) is not None},
            roles={role: dict(self._policies(role)) for role in self._roles()},
            rules={rule["Name"]: self._rule(rule) for rule in self.client("events").list_rules()["Rules"]},
            apis={api["name"]: self._routes(api["id"]) for api in self.client("apigateway").get_rest_apis()["items"]},
            objects={bucket: self._notified(bucket) for bucket in self._buckets()},
            topics=self._subscribed(),
        )

    def _reserved(self, function: str) -> int | None:
        found: int | None = (
            self.client("lambda").get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions")
        )
        return found

    def _roles(self) -> list[str]:
        return [role["RoleName"] for role in self.client("iam").list_roles()["Roles"]]

    def _policies(self, role: str) -> Iterator[tuple[str, Any]]:
        iam = self.client("iam")
        assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            yield name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    def _rule(self, rule: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
        targets = self.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
        pattern = rule.get("EventPattern")
        when = json.loads(pattern) if pattern else rule["ScheduleExpression"]
        return when, tuple(one["Arn"].rpartition(":")[2] for one in targets)

    def _routes(self, api: str) -> dict[str, set[str]]:
        resources = self.client("apigateway").get_resources(restApiId=api)["items"]
        return {one["path"]: set(one["resourceMethods"]) for one in resources if one.get("resourceMethods")}

    def _buckets(self) -> list[str]:
        return [bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]]

    def _notified(self, bucket: str) -> list[dict[str, Any]]:
        found = self.client("s3").get_bucket_notification_configuration(Bucket=bucket)
        return [
            {"function": one["LambdaFunctionArn"].rpartition(":")[2], "events": one["Events"]}
            for one in found.get("LambdaFunctionConfigurations", [])
        ]

    def _subscribed(self) -> dict[str, list[str]]:
        sns = self.client("sns")
        there: dict[str, list[str]] = {one["TopicArn"].rpartition(":")[2]: [] for one in sns.list_topics()["Topics"]}
        for one in sns.list_subscriptions()["Subscriptions"]:
            there[one["TopicArn"].rpartition(":")[2]].append(one["Endpoint"].rpartition(":")[2])
        return there


@contextmanager
def running(log: Path) -> Iterator[Account]:
    """An empty account for as long as this lasts; the server is a process of its own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("wb") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.deploy.moto_for_chalice", "-H", "127.0.0.1", "-p", str(port)],
            cwd=Path(__file__).parents[2],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        account = Account(port)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{account.url}/moto-api/data.json", timeout=5):
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"moto didn't start: {log.read_text()[-2000:]}")
        yield account
    finally:
        server.terminate()
        server.wait(20)
