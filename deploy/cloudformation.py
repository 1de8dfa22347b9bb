"""A CloudFormation stack brought to what a template says, by change sets, and told as it happens.

No command line of CDK's and no bootstrap bucket: templates are plain, and boto3 sends them. Every state that an earlier
run can have left a stack in is taken up from there. What holds data is never deleted and never replaced: a stack's
first creation stops where it fails and is gone on with, since what a rollback keeps can't be created again by name.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from botocore.exceptions import ClientError

from deploy.errors import DeployError

INLINE_BYTES = 51_200
"""A larger template has to be in a bucket."""
DATA_TYPES = frozenset({"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"})
"""What can't be made again once it is gone."""

_POLL_SECONDS = 5
_LONGEST_POLLS = 720  # an hour
_POLLS_TO_BEGIN = 6
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")
_CANCELLED = ("cancelled", "canceled")
_GOES_ON = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
                      "IMPORT_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED"})  # fmt: skip
"""From here an update is possible; a failed one goes on with what is missing."""


class StackFailed(DeployError):
    """CloudFormation did not get there; the text names the first resource that failed, and why."""


class DataAtRisk(DeployError):
    """What was asked for would drop or replace something that holds data. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a change set."""

    action: str  # Add, Modify, Remove
    resource: str  # its name in the template
    kind: str  # AWS::DynamoDB::Table
    replaced: bool

    def __str__(self) -> str:
        again = ", made anew" if self.replaced else ""
        return f"{self.action.lower()} {self.resource} ({self.kind.removeprefix('AWS::')}{again})"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment of one stack came to."""

    name: str
    outputs: Mapping[str, str]
    changes: tuple[Change, ...]  # none: it was as the template says


class Stacks:
    """CloudFormation's stacks in one account and region. `put_template` lays a large one into a bucket, and gives its
    URL; `say` hears one line per thing that happens."""

    def __init__(
        self,
        client: Any,
        say: Callable[[str], None],
        put_template: Callable[[str, str], str],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._say = say
        self._put_template = put_template
        self._sleep = sleep

    # ------------------------------------------------------------ looking

    def find(self, name: str) -> dict[str, Any] | None:
        """The stack's description, or None if there is none of that name (or id)."""
        try:
            found: dict[str, Any] = self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as refused:
            if "does not exist" in refused.response["Error"].get("Message", ""):
                return None
            raise
        return found

    def status(self, name: str) -> str:
        """Its status; "" if it isn't there, or was deleted."""
        found = self.find(name)
        status = found["StackStatus"] if found else ""
        return "" if status == "DELETE_COMPLETE" else status

    def outputs(self, name: str) -> dict[str, str]:
        """The stack's outputs; none if it isn't there."""
        found = self.find(name)
        return {one["OutputKey"]: one["OutputValue"] for one in (found or {}).get("Outputs", [])}

    # ------------------------------------------------------------ deploying

    def deploy(
        self,
        name: str,
        template: Path,
        *,
        parameters: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        keeps_data: bool = False,
    ) -> Deployed:
        """Make the stack what the template says, and wait for it. No change is success.

        `parameters` may hold more than the template asks for. With `keeps_data` the stack gets termination protection,
        and a change that would drop or replace a table, bucket or secret is refused. Raises StackFailed, DataAtRisk.
        """
        read = json.loads(template.read_text(encoding="utf-8"))
        status = self._ready(name, keeps_data)
        if keeps_data and status:
            self._protect(name)
        change_set = self._propose(name, read, parameters or {}, tags or {}, created=not status)
        changes = self._proposed(name, change_set) if change_set else ()
        if change_set:
            self._refuse_loss(name, change_set, changes, keeps_data)
            unfinished = status in ("", "CREATE_FAILED", "UPDATE_FAILED")  # undoing it would undo the first creation
            try:
                self._carry_out(name, change_set, changes, stops=keeps_data and unfinished)
            finally:
                if keeps_data:
                    self._protect(name)
        return Deployed(name, self.outputs(name), changes)

    def delete(self, name: str, *, unprotect: bool = False) -> bool:
        """Delete the stack and wait; False if there was none. What its template retains stays. Raises StackFailed."""
        found = self.find(name)
        if not found or found["StackStatus"] == "DELETE_COMPLETE":
            return False
        if found["StackStatus"].endswith("_IN_PROGRESS") and found["StackStatus"] != "REVIEW_IN_PROGRESS":
            self._settled(found["StackId"], self._seen(name))
        if unprotect:
            self._client.update_termination_protection(StackName=name, EnableTerminationProtection=False)
        seen = self._seen(name)
        self._client.delete_stack(StackName=name)
        status = self._settled(found["StackId"], seen)
        if status not in ("", "DELETE_COMPLETE"):
            self._fail(found["StackId"], name, status, seen)
        return True

    # ------------------------------------------------------------ its parts

    def _ready(self, name: str, keeps_data: bool) -> str:
        """Wait for and clear away what an earlier run left; the status from which an update goes on, "" to create."""
        found = self.find(name)
        status = found["StackStatus"] if found else ""
        if found and status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            self._say(f"{name} is still {status}: waiting for it")
            status = self._settled(found["StackId"], self._seen(name))
        if status == "UPDATE_ROLLBACK_FAILED":
            self._say(f"{name}: undoing its last update failed; trying that again")
            seen = self._seen(name)
            self._client.continue_update_rollback(StackName=name)
            status = self._settled(name, seen)
            if status != "UPDATE_ROLLBACK_COMPLETE":
                self._fail(name, name, status, seen)
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
            self._remove_remains(name, status, keeps_data)
            return ""
        if status in ("", "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"):
            return ""
        if status not in _GOES_ON:
            raise StackFailed(
                f"{name} is {status}, from which nothing can go on; look at it in CloudFormation's console"
            )
        return status

    def _remove_remains(self, name: str, status: str, keeps_data: bool) -> None:
        """A stack that was never made is deleted, unless something that holds data is left of it."""
        left = [
            one
            for page in self._client.get_paginator("list_stack_resources").paginate(StackName=name)
            for one in page["StackResourceSummaries"]
            if one["ResourceStatus"] != "DELETE_COMPLETE" and one["ResourceType"] in DATA_TYPES
        ]
        if left:
            there = ", ".join(one.get("PhysicalResourceId") or one["LogicalResourceId"] for one in left)
            raise DataAtRisk(
                f"{name} is {status}, and of it there are still {there}. Nothing was deleted. If they are empty, "
                "delete them and the stack by hand and run this again; if not, import them into a new stack of that "
                "name (CloudFormation's console, Create stack, With existing resources)"
            )
        self._say(f"{name} is {status}, and holds nothing: it is removed and made again")
        self.delete(name, unprotect=keeps_data)

    def _protect(self, name: str) -> None:
        found = self.find(name)
        if found and not found.get("EnableTerminationProtection"):
            self._client.update_termination_protection(StackName=name, EnableTerminationProtection=True)

    def _propose(
        self, name: str, read: dict[str, Any], given: Mapping[str, str], tags: Mapping[str, str], *, created: bool
    ) -> str:
        """Make a change set; its name, or "" where nothing would change."""
        change_set = f"deploy-{secrets.token_hex(4)}"
        asked: dict[str, Any] = {
            "StackName": name,
            "ChangeSetName": change_set,
            "ChangeSetType": "CREATE" if created else "UPDATE",
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Parameters": _parameters(name, read, given),
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
        }
        body = json.dumps(read, separators=(",", ":"))
        if len(body.encode()) <= INLINE_BYTES:
            asked["TemplateBody"] = body
        else:
            asked["TemplateURL"] = self._put_template(name, body)
        self._client.create_change_set(**asked)
        for _ in range(_LONGEST_POLLS):
            told = self._client.describe_change_set(StackName=name, ChangeSetName=change_set)
            if told["Status"] == "CREATE_COMPLETE":
                return change_set
            if told["Status"] == "FAILED":
                why = told.get("StatusReason", "")
                self._client.delete_change_set(StackName=name, ChangeSetName=change_set)
                if any(text in why for text in _UNCHANGED):
                    return ""
                raise StackFailed(f"{name}: CloudFormation refuses the change: {why}")
            self._sleep(_POLL_SECONDS)
        raise StackFailed(f"{name}: CloudFormation has not worked out the change within an hour; run this again")

    def _proposed(self, name: str, change_set: str) -> tuple[Change, ...]:
        pages = self._client.get_paginator("describe_change_set").paginate(StackName=name, ChangeSetName=change_set)
        changes = [one["ResourceChange"] for page in pages for one in page.get("Changes", [])]
        return tuple(
            Change(
                one["Action"],
                one["LogicalResourceId"],
                one["ResourceType"],
                one.get("Replacement") == "True",
            )
            for one in changes
        )

    def _refuse_loss(self, name: str, change_set: str, changes: tuple[Change, ...], keeps_data: bool) -> None:
        lost = [one for one in changes if one.kind in DATA_TYPES and (one.replaced or one.action == "Remove")]
        if lost and keeps_data:
            self._client.delete_change_set(StackName=name, ChangeSetName=change_set)
            raise DataAtRisk(
                f"{name}: this would {'; '.join(map(str, lost))}. Nothing was changed. If it is meant, copy what it "
                "holds first and change the stack by hand; if not, look at what changed in infra-extras/ or in the "
                "stage's prefix and bucket_suffix"
            )

    def _carry_out(self, name: str, change_set: str, changes: tuple[Change, ...], *, stops: bool) -> None:
        """Do what was proposed and wait. A failure is undone, unless it `stops` where it is, to be gone on with."""
        self._say(f"{name}: {_counted(changes)}")
        seen = self._seen(name)
        options: dict[str, Any] = {"DisableRollback": True} if stops else {"RetainExceptOnCreate": True}
        self._client.execute_change_set(StackName=name, ChangeSetName=change_set, **options)
        status = self._settled(name, seen)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            self._fail(name, name, status, seen)

    def _settled(self, name: str, seen: set[str]) -> str:
        """Wait until the stack is at rest, saying what happens; its status then, "" if it is gone."""
        told = set(seen)
        for poll in range(_LONGEST_POLLS):
            status = self.status(name)
            for event in self._events(name, told) if status else []:
                told.add(event["EventId"])
                if event["ResourceStatus"].endswith(("_COMPLETE", "_FAILED")):
                    self._say(f"  {_told(event)}")
            begun = len(told) > len(seen) or poll >= _POLLS_TO_BEGIN  # what was just asked for may not show at once
            if not status or (begun and not status.endswith("_IN_PROGRESS")):
                return status
            self._sleep(_POLL_SECONDS)
        raise StackFailed(f"{name} is still {status} after an hour; run this again, it goes on from there")

    def _events(self, name: str, seen: set[str]) -> list[dict[str, Any]]:
        """What has happened to the stack beyond what was seen, oldest first."""
        return list(reversed(list(self._newest_events(name, seen))))

    def _newest_events(self, name: str, seen: set[str]) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator("describe_stack_events").paginate(StackName=name):
            for event in page["StackEvents"]:
                if event["EventId"] in seen:
                    return
                yield event

    def _seen(self, name: str) -> set[str]:
        try:
            return {event["EventId"] for event in self._newest_events(name, set())}
        except ClientError as refused:
            if "does not exist" in refused.response["Error"].get("Message", ""):
                return set()
            raise

    def _fail(self, stack: str, name: str, status: str, seen: set[str]) -> NoReturn:
        """Raise what failed first; what was only cancelled along with it isn't the cause."""
        failed = [one for one in self._events(stack, seen) if one["ResourceStatus"].endswith("_FAILED")]
        causes = [one for one in failed if not any(word in one.get("ResourceStatusReason", "") for word in _CANCELLED)]
        first = next(iter(causes or failed), None)
        why = _told(first) if first else "CloudFormation gave no reason; its console may"
        raise StackFailed(f"{name} is {status}. First to fail: {why}")


def _parameters(name: str, read: Mapping[str, Any], given: Mapping[str, str]) -> list[dict[str, str]]:
    """What the template asks for, and only that. Raises StackFailed for a parameter that nobody gives."""
    asked: Mapping[str, Any] = read.get("Parameters", {})
    missing = [one for one, told in asked.items() if "Default" not in told and not given.get(one)]
    if missing:
        raise StackFailed(f"{name}: its template asks for {', '.join(missing)}, which nothing before it has given")
    return [{"ParameterKey": one, "ParameterValue": given[one]} for one in asked if one in given]


def _told(event: Mapping[str, Any]) -> str:
    why = event.get("ResourceStatusReason", "")
    kind = event["ResourceType"].removeprefix("AWS::")
    return f"{event['ResourceStatus']} {event['LogicalResourceId']} ({kind}){f': {why}' if why else ''}"


def _counted(changes: tuple[Change, ...]) -> str:
    """A few changes by name, many by number."""
    if not 0 < len(changes) <= 8:
        return f"{len(changes)} changes"
    return ", ".join(f"{one.action.lower()} {one.resource}" for one in changes)
