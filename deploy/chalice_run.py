"""Chalice itself, run in a build directory, and its record of what it has deployed kept in a bucket.

The record says which API and functions are ours. Without it Chalice makes a second API and can remove nothing, so it
may not lie on whichever machine deployed last. A first deployment that fails writes none: what it has made already is
found by name then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deploy.errors import DeployError
from deploy.package import CHALICE_ENVIRONMENT
from deploy.target import Clients, Target

APP_NAME = "ar"
API_STAGE = "api"

_ABSENT = frozenset({"ResourceNotFoundException", "NoSuchEntity", "NotFoundException", "NotFound"})

Run = Callable[[Sequence[str], Path, Mapping[str, str]], int]
"""A command, in a directory, with an environment -> its exit status. What it says is seen as it says it."""
Resource = dict[str, Any]


class ChaliceRecord:
    """Which resources of Chalice's there are, between the bucket and a build directory."""

    def __init__(self, clients: Clients, target: Target) -> None:
        self._clients = clients
        self._target = target

    def fetch(self) -> list[Resource] | None:
        """The record's resources; None if there is no record (or no bucket yet)."""
        try:
            got = self._clients("s3").get_object(Bucket=self._target.deployments, Key=self._target.record)
        except ClientError as refused:
            if refused.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket", "404"):
                return None
            raise
        read: list[Resource] = json.loads(got["Body"].read())["resources"]
        return read

    def store(self, directory: Path) -> None:
        """Keep what Chalice wrote; nothing if it wrote nothing."""
        written = self._file(directory)
        if written.is_file():
            self._clients("s3").put_object(
                Bucket=self._target.deployments,
                Key=self._target.record,
                Body=written.read_bytes(),
                ContentType="application/json",
            )

    def lay(self, directory: Path, resources: list[Resource]) -> None:
        """Put the record where Chalice reads it."""
        file = self._file(directory)
        file.parent.mkdir(parents=True, exist_ok=True)
        record = {"resources": resources, "schema_version": "2.0", "backend": "api"}
        file.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")

    def written(self, directory: Path) -> list[Resource]:
        """What Chalice's record in a build directory says."""
        resources: list[Resource] = json.loads(self._file(directory).read_text(encoding="utf-8"))["resources"]
        return resources

    def found_api(self) -> list[Resource]:
        """The stage's REST API if one was made by a deployment that did not end: it calls this stage's function."""
        gateway = self._clients("apigateway")
        called = f":function:{self._target.settings.function('api_handler')}/"
        for page in gateway.get_paginator("get_rest_apis").paginate():
            for api in page["items"]:
                if api["name"] == APP_NAME and _calls(gateway, api["id"], called):
                    url = f"https://{api['id']}.execute-api.{self._target.region}.amazonaws.com/{API_STAGE}/"
                    return [_named("rest_api", "rest_api", rest_api_id=api["id"], rest_api_url=url)]
        return []

    def found(self, functions: Sequence[str]) -> list[Resource]:
        """All that can be found by name of a deployment without a record, in the order in which Chalice makes it."""
        made: list[Resource] = []
        for name in functions:
            deployed = self._target.settings.function(name)
            made += self._found_role(name, deployed)
            made += self._found_function(name, deployed)
        rules = (
            self._clients("events").get_paginator("list_rules").paginate(NamePrefix=f"{APP_NAME}-{self._target.stage}-")
        )
        for page in rules:
            made += [_named(one["Name"], "cloudwatch_event", rule_name=one["Name"]) for one in page["Rules"]]
        return made + self.found_api()

    def still_there(self, resources: Sequence[Resource]) -> list[Resource]:
        """Those of a record that exist. Chalice fails on deleting what an earlier run, or somebody, has deleted."""
        return [one for one in resources if self._exists(one)]

    def _exists(self, resource: Resource) -> bool:
        clients = self._clients
        match resource["resource_type"]:
            case "lambda_function":
                return self._function_exists(resource["lambda_arn"])
            case "iam_role":
                return _answers(lambda: clients("iam").get_role(RoleName=resource["role_name"]))
            case "cloudwatch_event":
                return _answers(lambda: clients("events").describe_rule(Name=resource["rule_name"]))
            case "rest_api":
                return _answers(lambda: clients("apigateway").get_rest_api(restApiId=resource["rest_api_id"]))
            case "sns_event":
                arn = resource["subscription_arn"]
                return self._function_exists(resource["lambda_arn"]) and _answers(
                    lambda: clients("sns").get_subscription_attributes(SubscriptionArn=arn)
                )
            case "s3_event":
                return self._function_exists(resource["lambda_arn"])
            case _:
                return True

    def _function_exists(self, name: str) -> bool:
        return _answers(lambda: self._clients("lambda").get_function_configuration(FunctionName=name))

    def _found_role(self, name: str, deployed: str) -> list[Resource]:
        arn = f"arn:aws:iam::{self._target.account}:role/{deployed}"
        role = _named(f"{name}_role", "iam_role", role_name=deployed, role_arn=arn)
        return self.still_there([role])

    def _found_function(self, name: str, deployed: str) -> list[Resource]:
        arn = f"arn:aws:lambda:{self._target.region}:{self._target.account}:function:{deployed}"
        return self.still_there([_named(name, "lambda_function", lambda_arn=arn)])

    def _file(self, directory: Path) -> Path:
        return directory / ".chalice" / "deployed" / f"{self._target.stage}.json"


def deploy_functions(record: ChaliceRecord, target: Target, directory: Path, run: Run | None = None) -> list[Resource]:
    """Run `chalice deploy` in the build directory; what it has deployed then. Raises DeployError if it fails.

    The record goes back to its bucket in either case, so that the next run goes on from where this one ended.
    """
    known = record.still_there(record.fetch() or [])
    if not any(one["resource_type"] == "rest_api" for one in known):
        known += record.found_api()
    if known:
        record.lay(directory, known)
    status = (run or _run)(_command(directory, "deploy", target.stage), directory, _environment(target))
    record.store(directory)
    if status:
        raise DeployError(
            f"chalice deploy ended with status {status}; what it said is above. What it has made stays, and is found "
            "again when you run this again"
        )
    return record.written(directory)


def delete_functions(
    record: ChaliceRecord, target: Target, directory: Path, functions: Sequence[str], run: Run | None = None
) -> bool:
    """Run `chalice delete` in the build directory; False if nothing was deployed. Raises DeployError if it fails."""
    kept = record.fetch()
    known = record.found(functions) if kept is None else record.still_there(kept)
    if not known:
        return False
    record.lay(directory, known)
    status = (run or _run)(_command(directory, "delete", target.stage), directory, _environment(target))
    if status:
        raise DeployError(f"chalice delete ended with status {status}; what it said is above. Run this again")
    record.store(directory)
    return True


def api_of(resources: Sequence[Resource]) -> tuple[str, str]:
    """The REST API's id and its address, which ends in a slash. Raises DeployError if there is none."""
    for one in resources:
        if one["resource_type"] == "rest_api":
            return str(one["rest_api_id"]), str(one["rest_api_url"])
    raise DeployError("Chalice's record names no REST API, though app.py has routes; look at what chalice deploy said")


def _named(name: str, kind: str, **values: str) -> Resource:
    return {"name": name, "resource_type": kind, **values}


def _answers(ask: Callable[[], object]) -> bool:
    """Whether what is asked about is there."""
    try:
        ask()
    except ClientError as refused:
        if refused.response["Error"]["Code"] in _ABSENT:
            return False
        raise
    return True


def _calls(gateway: Any, api: str, called: str) -> bool:
    for page in gateway.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"]):
        for resource in page["items"]:
            for method in resource.get("resourceMethods", {}).values():
                if called in method.get("methodIntegration", {}).get("uri", ""):
                    return True
    return False


def _command(directory: Path, what: str, stage: str) -> list[str]:
    chalice = "import sys; from chalice.cli import main; sys.exit(main())"
    return [sys.executable, "-c", chalice, "--project-dir", str(directory), what, "--stage", stage]


def _environment(target: Target) -> dict[str, str]:
    region = {"AWS_DEFAULT_REGION": target.region, "AWS_REGION": target.region}
    mine = {
        name: value for name, value in os.environ.items() if name != "PYTHONPATH"
    }  # only what was built is imported
    return {**mine, **target.environment, **region, **CHALICE_ENVIRONMENT}


def _run(command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> int:
    return subprocess.run(command, cwd=directory, env=dict(environment), check=False).returncode
