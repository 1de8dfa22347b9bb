"""Taking a stage down again, in the opposite order. What holds data stays, unless that is asked for twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from deploy import account
from deploy.chalice_run import ChaliceRecord, delete_functions
from deploy.cloudformation import Stacks
from deploy.deployment import Tools
from deploy.errors import DeployError
from deploy.steps import Say, Step
from deploy.target import ROOT, Clients, Target

_ABSENT = frozenset({"ResourceNotFoundException", "NoSuchBucket", "404"})


@dataclass
class Removal:
    """One run. Each step leaves alone what is gone already."""

    target: Target
    clients: Clients
    tools: Tools
    say: Say
    work: Path
    stacks: Stacks
    root: Path = ROOT
    and_data: bool = False

    def steps(self) -> list[Step]:
        """Everything, in order."""
        target = self.target
        steps = [
            Step("account", f"see that the prefix {target.settings.prefix!r} in {target.account} is this stage's",
                 self._account),
            *(Step(kind, f"delete the stack {target.stack(kind)}: {what}", self._delete(kind)) for kind, what in (
                ("mail", "no mail is taken in any more, and none can be sent"),
                ("guardrails", "budget, alarms and limits go"),
                ("scheduling", "booked one-offs and the public address go"),
            )),
            Step("functions", f"run chalice delete --stage {target.stage}", self._functions),
        ]  # fmt: skip
        if self.and_data:
            steps.append(
                Step("data", f"delete the stack {target.stack('data')} and all that it keeps: every table, every "
                     "bucket with every version, every secret", self._data)
            )  # fmt: skip
        return steps

    def _account(self) -> str:
        account.refuse_another_stage(self.clients, self.target)
        return "it is, or nobody's"

    def _delete(self, kind: str) -> Callable[[], str]:
        def delete() -> str:
            if kind == "mail":
                self._deactivate()
            return "gone" if self.stacks.delete(self.target.stack(kind)) else "there was none"

        return delete

    def _deactivate(self) -> None:
        """No rule set is active any more, if ours was: an active one can't be deleted."""
        ses = self.clients("ses")
        active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name", "")
        if active == f"{self.target.settings.prefix}-inbound-rules":
            ses.set_active_receipt_rule_set()

    def _functions(self) -> str:
        settings, number = self.target.settings, self.target.account
        directory = self.work / "removal"
        if directory.exists():
            shutil.rmtree(directory)
        directory.mkdir(parents=True)
        shutil.copy2(self.root / "app.py", directory)
        shutil.copytree(
            self.root / "chalicelib", directory / "chalicelib", ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
        (directory / "requirements.txt").touch()
        self.tools.write_config(self.root, directory, settings, number, {})
        record = ChaliceRecord(self.clients, self.target)
        functions = sorted(self.tools.functions(self.root, settings, number))
        return (
            "gone" if delete_functions(record, self.target, directory, functions, self.tools.run) else "there were none"
        )

    def _data(self) -> str:
        """The stack's resources are written down first: once it is gone, nothing says which they were."""
        name = self.target.stack("data")
        kept = self._kept(name)
        gone = self.stacks.delete(name, unprotect=True)
        for kind, one in kept:
            if _empties(self.clients, kind, one):
                self.say(f"  deleted {one}")
                gone = True
        return "gone" if gone else "there was none"

    def _kept(self, name: str) -> list[tuple[str, str]]:
        """Tables, buckets and secrets: those of the stack, and by their names what an earlier one has left."""
        found = dict.fromkeys(_by_name(self.target))
        if self.stacks.status(name):
            pages = self.clients("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
            there = (one for page in pages for one in page["StackResourceSummaries"])
            found |= {
                (one["ResourceType"], one["PhysicalResourceId"]): None
                for one in there
                if one["ResourceType"] in EMPTIED
            }
        return list(found)


def refuse_unless_meant(and_data: bool, really: str, stage: str) -> None:
    """Raise DeployError unless whoever asks for the data's end has named the stage."""
    if and_data and really != stage:
        said = f"{really!r}" if really else "nothing"
        raise DeployError(
            f"with --and-data every table, bucket and secret goes for good. Type the stage's name, or say "
            f"--really-data {stage}; got {said}. Nothing was deleted"
        )


def _by_name(target: Target) -> list[tuple[str, str]]:
    tables = (names.SENDS, names.REPLIES, names.AUDIT, names.SENDS_ARCHIVE, names.STATE)
    buckets = ("appointments-source", "rules-source", "raw-mime", "deployments")
    secrets = (names.GOOGLE_SECRET, names.SLACK_TOKEN_SECRET, names.SLACK_SIGNING_SECRET, names.REPLY_KEYS_SECRET)
    return [
        *(("AWS::DynamoDB::Table", name) for name in tables),
        *(("AWS::S3::Bucket", target.bucket(kind)) for kind in buckets),
        *(("AWS::SecretsManager::Secret", name) for name in secrets),
    ]


def _empties(clients: Clients, kind: str, name: str) -> bool:
    try:
        EMPTIED[kind](clients, name)
    except ClientError as refused:
        if refused.response["Error"]["Code"] in _ABSENT:
            return False
        raise
    return True


def _table(clients: Clients, name: str) -> None:
    dynamodb = clients("dynamodb")
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    dynamodb.delete_table(TableName=name)


def _bucket(clients: Clients, name: str) -> None:
    s3: Any = clients("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        there = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if there:
            keys = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in there]
            s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=name)


def _secret(clients: Clients, name: str) -> None:
    """At once: one that waits for its end keeps its name, and the next data stack could not make it."""
    clients("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


EMPTIED: dict[str, Callable[[Clients, str], None]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::SecretsManager::Secret": _secret,
}
"""What the data stack keeps even if it is deleted, and how each goes."""
