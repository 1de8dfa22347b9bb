"""AWS's own rules (cdk-nag's AwsSolutions) over all four stacks: each finding is mended, or accepted with a reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.target import ROOT
from tests.infra.synthesized import ACCOUNT

APP = ROOT / "infra-extras" / "app.py"
FEWEST_WORDS = 6


def accepted(written: Path) -> Iterator[tuple[str, str, str]]:
    """Resource, rule and reason of everything that was accepted."""
    for path in sorted(written.glob("*.metadata.json")):
        for resource, entries in json.loads(path.read_text(encoding="utf-8")).items():
            for entry in entries:
                if entry["type"] == "aws:cdk:acknowledged-rules":
                    yield from ((resource, rule.partition("::")[2], reason) for rule, reason in entry["data"].items())


def test_nothing_is_left_that_the_rules_find(written: Path) -> None:
    """Had anything been found, the app would have failed: see the last test."""
    report: dict[str, Any] = json.loads((written / "validation-report.json").read_text(encoding="utf-8"))
    assert [one for one in report["pluginReports"] if one["conclusion"] != "success"] == []
    assert len([*written.glob("*.template.json")]) == 4


def test_every_rule_that_is_not_kept_says_why(written: Path) -> None:
    found = [*accepted(written)]
    assert {rule.partition("[")[0] for _, rule, _ in found} >= {"AwsSolutions-S1", "AwsSolutions-SMG4"}
    for resource, rule, reason in found:
        assert rule.startswith("AwsSolutions-"), rule
        assert len(reason.split()) >= FEWEST_WORDS, f"{resource}, {rule}: {reason}"


def test_rules_are_accepted_for_one_resource_never_for_a_stack(written: Path) -> None:
    assert [one for one in accepted(written) if one[0].strip("/").count("/") < 1] == []


def test_a_resource_that_breaks_a_rule_fails_the_app(tmp_path: Path) -> None:
    """The app itself, with another mail stack, and with a certificate: the domain of the pages breaks none."""
    (tmp_path / "mail_stack.py").write_text(
        "from aws_cdk import Stack\n"
        "from aws_cdk import aws_s3 as s3\n"
        "from aws_cdk import aws_sqs as sqs\n"
        "def rule_arn(settings, account): return 'arn'\n"
        "class MailStack(Stack):\n"
        "    def __init__(self, scope, id, *, settings, account, env):\n"
        "        super().__init__(scope, id, env=env)\n"
        "        s3.CfnBucket(self, 'Open')\n"
        "        sqs.CfnQueue(self, 'Bare')\n",
        encoding="utf-8",
    )
    certificate = f"arn:aws:acm:ap-southeast-1:{ACCOUNT}:certificate/0"
    out = tmp_path / "out"
    environment = {**os.environ, "AR_STAGE": "prod", "AR_CERTIFICATE_ARN": certificate, "CDK_OUTDIR": str(out)}
    started = (
        f"import runpy, sys; sys.path.insert(0, {str(tmp_path)!r}); runpy.run_path({str(APP)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", started], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    [report] = json.loads((out / "validation-report.json").read_text(encoding="utf-8"))["pluginReports"]
    found = {
        (one["ruleName"], at["constructPath"]) for one in report["violations"] for at in one["violatingConstructs"]
    }
    assert found >= {("AwsSolutions-S1", "ar-mail/Open"), ("AwsSolutions-SQS4", "ar-mail/Bare")}
    assert {path.partition("/")[0] for _, path in found} == {"ar-mail"}
    assert certificate in (out / "ar-scheduling.template.json").read_text(encoding="utf-8")
