"""CloudFormation's stacks and change sets, as far as a deployment speaks to them, with failures on demand.

Every call's arguments are checked against boto3's own model of the service, so that a misspelt one fails here.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

REGION = "ap-southeast-1"
_MODEL = boto3.client("cloudformation", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x").meta


@dataclass
class Stack:
    """One stack."""

    name: str
    status: str = "REVIEW_IN_PROGRESS"
    template: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    tags: list[dict[str, str]] = field(default_factory=list)
    protected: bool = False
    made: dict[str, str] = field(default_factory=dict)  # resource -> its status
    pending: list[tuple[str, str, str, str]] = field(default_factory=list)  # what has still to show: one a look
    ends_as: str = ""

    @property
    def id(self) -> str:
        return f"arn:aws:cloudformation:{REGION}:123456789012:stack/{self.name}/1"


class FakeCloudFormation:
    """`boto3.client("cloudformation")` of one account. `broken` names resources that can't be made, with the reason."""

    def __init__(self) -> None:
        self.stacks: dict[str, Stack] = {}
        self.gone: list[Stack] = []
        self.broken: dict[str, str] = {}
        self.executed: list[tuple[str, list[str]]] = []  # stack, resources that it changed
        self.options: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.uploaded: dict[str, str] = {}  # url -> template
        self._sets: dict[str, dict[str, Any]] = {}
        self._events: dict[str, list[dict[str, Any]]] = {}
        self._count = itertools.count(1)

    def __getattr__(self, operation: str) -> Any:
        """Any operation that is one of CloudFormation's, its arguments checked."""
        handler = object.__getattribute__(self, f"_do_{operation}")

        def call(**arguments: Any) -> Any:
            self.calls.append(operation)
            shape = _MODEL.service_model.operation_model(_MODEL.method_to_api_mapping[operation]).input_shape
            report = ParamValidator().validate(arguments, shape)
            assert not report.has_errors(), report.generate_report()
            return handler(**arguments)

        return call

    def get_paginator(self, operation: str) -> Any:
        handler = getattr(self, operation)

        class Pages:
            def paginate(self, **arguments: Any) -> Iterator[Any]:
                yield handler(**arguments)

        return Pages()

    # ------------------------------------------------------------ what a test arranges

    def there(self, name: str, status: str = "CREATE_COMPLETE", **resources: str) -> Stack:
        """A stack that is there: resources as `Logical="AWS::Kind"`."""
        template = {"Resources": {logical: {"Type": kind} for logical, kind in resources.items()}}
        made = dict.fromkeys(resources, "CREATE_COMPLETE")
        self.stacks[name] = Stack(name, status, template, made=made)
        return self.stacks[name]

    def later(self, name: str, *events: tuple[str, str, str], ends_as: str) -> None:
        """What still happens to a stack, as (resource, status, reason), one with each look."""
        stack = self.stacks[name]
        stack.pending += [(*event[:2], "AWS::Some::Thing", event[2]) for event in events]
        stack.ends_as = ends_as

    # ------------------------------------------------------------ the operations

    def _do_describe_stacks(self, StackName: str) -> Any:
        stack = self._stack(StackName)
        self._goes_on(stack)
        outputs = [
            {"OutputKey": key, "OutputValue": str(told["Value"])}
            for key, told in stack.template.get("Outputs", {}).items()
        ]
        return {
            "Stacks": [
                {
                    "StackName": stack.name,
                    "StackId": stack.id,
                    "StackStatus": stack.status,
                    "Outputs": outputs,
                    "Tags": stack.tags,
                    "EnableTerminationProtection": stack.protected,
                }
            ]
        }

    def _do_create_change_set(self, StackName: str, ChangeSetName: str, ChangeSetType: str, **asked: Any) -> Any:
        there = self.stacks.get(StackName)
        if ChangeSetType == "CREATE":
            assert not there or there.status == "REVIEW_IN_PROGRESS", "it is there already"
            self.stacks.setdefault(StackName, Stack(StackName))
        else:
            assert there and there.status in {
                "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED"
            }, f"no update goes on from {there and there.status}"  # fmt: skip
        body = asked["TemplateBody"] if "TemplateBody" in asked else self.uploaded[asked["TemplateURL"]]
        assert "TemplateURL" in asked or len(body.encode()) <= 51_200, "too large to be sent"
        self._sets[ChangeSetName] = {**asked, "template": json.loads(body), "stack": StackName}
        return {"StackId": self.stacks[StackName].id, "Id": ChangeSetName}

    def _do_describe_change_set(self, StackName: str, ChangeSetName: str) -> Any:
        asked = self._sets[ChangeSetName]
        changes = self._changes(asked)
        if not changes:
            reason = (
                "The submitted information didn't contain changes. Submit different information to create a change set."
            )
            return {"Status": "FAILED", "StatusReason": reason}
        return {
            "Status": "CREATE_COMPLETE",
            "Changes": [{"Type": "Resource", "ResourceChange": one} for one in changes],
        }

    def _do_delete_change_set(self, StackName: str, ChangeSetName: str) -> Any:
        del self._sets[ChangeSetName]
        return {}

    def _do_execute_change_set(self, StackName: str, ChangeSetName: str, **options: Any) -> Any:
        asked, stack = self._sets.pop(ChangeSetName), self.stacks[StackName]
        changes = self._changes(asked)
        created = stack.status == "REVIEW_IN_PROGRESS"
        stack.status = "CREATE_IN_PROGRESS" if created else "UPDATE_IN_PROGRESS"
        self.options.append(options)
        done: list[str] = []
        failed = False
        for change in changes:
            logical, kind = change["LogicalResourceId"], change["ResourceType"]
            if logical in self.broken:
                stack.pending.append((logical, "CREATE_FAILED", kind, self.broken[logical]))
                failed = True
            elif failed:
                stack.pending.append((logical, "CREATE_FAILED", kind, "Resource creation cancelled"))
            else:
                stack.pending.append((logical, "CREATE_COMPLETE", kind, ""))
                stack.made[logical] = "CREATE_COMPLETE"
                done.append(logical)
        self.executed.append((StackName, done))
        stack.tags = asked.get("Tags", [])
        stack.parameters = {one["ParameterKey"]: one["ParameterValue"] for one in asked.get("Parameters", [])}
        if failed and not options.get("DisableRollback"):
            stack.ends_as = "ROLLBACK_COMPLETE" if created else "UPDATE_ROLLBACK_COMPLETE"
            for logical in done:
                stack.made[logical] = "DELETE_COMPLETE"
        elif failed:
            stack.ends_as = "CREATE_FAILED"
            made = {logical: one for logical, one in asked["template"]["Resources"].items() if logical in stack.made}
            stack.template = {**asked["template"], "Resources": made}
        else:
            stack.ends_as = "CREATE_COMPLETE" if created else "UPDATE_COMPLETE"
            stack.template = asked["template"]
            stack.made = dict.fromkeys(stack.template["Resources"], "CREATE_COMPLETE")
        return {}

    def _do_describe_stack_events(self, StackName: str) -> Any:
        return {"StackEvents": list(reversed(self._events.get(self._stack(StackName).name, [])))}

    def _do_list_stack_resources(self, StackName: str) -> Any:
        stack = self._stack(StackName)
        kinds = {logical: one["Type"] for logical, one in stack.template.get("Resources", {}).items()}
        return {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": logical,
                    "PhysicalResourceId": f"ar-{logical.lower()}",
                    "ResourceType": kinds.get(logical, "AWS::Some::Thing"),
                    "ResourceStatus": status,
                }
                for logical, status in stack.made.items()
            ]
        }

    def _do_update_termination_protection(self, StackName: str, EnableTerminationProtection: bool) -> Any:
        self._stack(StackName).protected = EnableTerminationProtection
        return {}

    def _do_continue_update_rollback(self, StackName: str) -> Any:
        stack = self._stack(StackName)
        stack.status, stack.ends_as = "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"
        return {}

    def _do_delete_stack(self, StackName: str) -> Any:
        stack = self._stack(StackName)
        assert not stack.protected, "it is protected"
        stack.status, stack.ends_as = "DELETE_IN_PROGRESS", "DELETE_COMPLETE"
        if self.broken.keys() & stack.made.keys():
            logical = next(one for one in stack.made if one in self.broken)
            stack.pending.append((logical, "DELETE_FAILED", "AWS::Some::Thing", self.broken[logical]))
            stack.ends_as = "DELETE_FAILED"
        return {}

    # ------------------------------------------------------------ within

    def _stack(self, name: str) -> Stack:
        found = self.stacks.get(name) or next((one for one in self.stacks.values() if one.id == name), None)
        found = found or next((one for one in self.gone if one.id == name), None)
        if not found:
            error = {"Code": "ValidationError", "Message": f"Stack with id {name} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        return found

    def _goes_on(self, stack: Stack) -> None:
        """One thing more has happened since the last look; after the last of them the stack is at rest."""
        if stack.pending:
            logical, status, kind, reason = stack.pending.pop(0)
            event = {"EventId": str(next(self._count)), "LogicalResourceId": logical, "ResourceType": kind}
            told = {"ResourceStatus": status, **({"ResourceStatusReason": reason} if reason else {})}
            self._events.setdefault(stack.name, []).append({**event, **told})
        elif stack.ends_as:
            stack.status, stack.ends_as = stack.ends_as, ""
            if stack.status == "DELETE_COMPLETE" and stack.name in self.stacks:
                self.gone.append(self.stacks.pop(stack.name))

    def _changes(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        stack = self.stacks[asked["stack"]]
        before, after = stack.template.get("Resources", {}), asked["template"]["Resources"]
        changes = []
        for logical in sorted(before.keys() | after.keys()):
            old, new = before.get(logical), after.get(logical)
            if old == new and logical in stack.made:
                continue
            action = "Modify" if old and new else "Add" if new else "Remove"
            change = {"Action": action, "LogicalResourceId": logical, "ResourceType": (new or old)["Type"]}
            if action == "Modify":
                change["Replacement"] = "True" if _named(old) != _named(new) else "False"
            changes.append(change)
        return changes


def _named(resource: dict[str, Any]) -> Any:
    return {key: value for key, value in resource.get("Properties", {}).items() if key.endswith("Name")}
