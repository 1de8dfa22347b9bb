"""A plan shows everything and needs nothing; a deployment begins only with settings and tools that will do."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from deploy import checks, showing
from deploy.__main__ import main
from deploy.by_hand import Facts, tasks
from deploy.certificate import DnsLine
from deploy.cloudformation import INLINE_BYTES
from deploy.deployment import dns_lines
from deploy.idle_cost import idle_month
from deploy.removal import EMPTIED
from deploy.reply_key import PLACEHOLDER
from deploy.target import Target
from ops.settings import NO_ACCOUNT, Settings, load_settings
from tests.deploy.emulated_stage import FakeTools
from tests.infra import conftest as stacks

synthesized = stacks.written  # the real templates, written once for all tests that look at them
EXAMPLE = load_settings("prod")
GOOGLE_ID = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
REAL = replace(
    EXAMPLE,
    owner_email="owner@bright.sg",
    mail_domain="bright.sg",
    bookings_domain="bookings.bright.sg",
    link_domain="r.bright.sg",
    config={
        **EXAMPLE.config,
        "base_url": "https://r.bright.sg/r/",
        "email_from": "appointments@bright.sg",
        "intake_address": "bookings@bookings.bright.sg",
        "sheet_id": GOOGLE_ID,
        "rules_doc_id": GOOGLE_ID,
        "voice_doc_id": f"https://docs.google.com/document/d/{GOOGLE_ID}/edit",
    },
)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without credentials, on which any call to AWS fails."""
    for name in [one for one in os.environ if one.startswith(("AWS_", "AR_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setattr("boto3.client", lambda *a, **k: pytest.fail("a plan spoke to AWS"))


class Built(FakeTools):
    def __init__(self) -> None:
        super().__init__(account=None)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the plan


def test_a_plan_shows_every_step_stack_function_and_task_and_asks_nobody(
    nobody: None, capsys: pytest.CaptureFixture[str]
) -> None:
    showing.plan(Target(EXAMPLE, NO_ACCOUNT), build=True, tools=Built())
    shown = capsys.readouterr().out
    for part in ("reply key", "certificate", "ar-guardrails", "ar-prod-dispatch", "18.0 MB zipped", "together",
                 "Leave the SES sandbox", "Switch sending on"):  # fmt: skip
        assert part in shown
    assert "to be mended before a deployment: [config] sheet_id: 'sheet' is no id of Google's" in shown


def test_a_plan_builds_nothing_unless_it_is_asked_to(nobody: None, capsys: pytest.CaptureFixture[str]) -> None:
    tools = Built()
    showing.plan(Target(EXAMPLE, NO_ACCOUNT), build=False, tools=tools)
    assert tools.calls == ["synthesize"]
    assert "Package: not built; add --build" in capsys.readouterr().out


def test_a_plan_of_taking_it_down_says_what_stays(nobody: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destroy", "--stage", "prod", "--plan"]) == 0
    shown = capsys.readouterr().out
    assert "The stack ar-data stays, with its tables, buckets and secrets." in shown
    assert re.search(r"5 .*functions .*chalice delete", shown)


def test_the_checked_in_stage_is_planned_whole_with_its_real_stacks(
    nobody: None, synthesized: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def copied(stage: str, account: str, out_dir: Path) -> dict[str, Path]:
        assert (stage, account) == ("prod", NO_ACCOUNT)
        return {path.name.removesuffix(".template.json"): path for path in synthesized.glob("*.template.json")}

    monkeypatch.setattr("deploy.stacks.synthesize", copied)
    assert main(["deploy", "--stage", "prod", "--plan"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"5 .*DynamoDB::Table .*ar-audit, ar-replies, ar-sends, ar-sends-archive, ar-state", shown)
    assert "bookings.bright.example  MX  10 inbound-smtp.ap-southeast-1.amazonaws.com" in shown
    assert re.search(r"4 secrets .* 1\.60", shown)


def test_the_first_stack_is_small_enough_to_be_sent_before_there_is_a_bucket(synthesized: Path) -> None:
    """Its bucket is the one that larger templates go through."""
    sent = json.dumps(json.loads((synthesized / "ar-data.template.json").read_text()), separators=(",", ":"))
    assert len(sent.encode()) <= INLINE_BYTES


def test_a_secret_that_nobody_has_filled_is_known_by_what_the_stack_puts_there(synthesized: Path) -> None:
    resources = json.loads((synthesized / "ar-data.template.json").read_text())["Resources"].values()
    put = {one["Properties"]["SecretString"] for one in resources if one["Type"] == "AWS::SecretsManager::Secret"}
    assert put == {PLACEHOLDER}


def test_what_goes_with_the_data_is_all_that_the_stack_keeps(synthesized: Path) -> None:
    resources = json.loads((synthesized / "ar-data.template.json").read_text())["Resources"].values()
    kept = {one["Type"] for one in resources if one.get("DeletionPolicy") == "Retain"}
    assert kept - {"AWS::S3::BucketPolicy"} == set(EMPTIED)  # that goes along with its bucket


def test_commands_to_paste_stand_on_one_line_each(nobody: None, capsys: pytest.CaptureFixture[str]) -> None:
    showing.plan(Target(EXAMPLE, NO_ACCOUNT), build=False, tools=Built())
    shown = capsys.readouterr().out
    for name in ("ar/drive/sa", "ar/slack/bot-token", "ar/slack/signing-secret"):
        assert re.search(
            rf"^ +aws secretsmanager put-secret-value --secret-id {name} --secret-string file://\S+ "
            r"--region ap-southeast-1$",
            shown,
            re.M,
        )


# ---------------------------------------------------------------- refused before it begins


def test_an_example_is_refused_with_all_of_its_values_at_once(nobody: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "--stage", "prod", "--yes"]) == 1
    told = capsys.readouterr().err
    for name in ("owner_email", "mail_domain", "link_domain", "email_from", "base_url", "sheet_id", "voice_doc_id"):
        assert name in told
    assert "nothing was done" in told


def test_there_is_no_stage_of_that_name(nobody: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "--stage", "nope", "--plan"]) == 2
    assert "there is no stage 'nope'" in capsys.readouterr().err


def test_settings_that_are_the_shop_s_own_are_taken() -> None:
    assert (checks.example_values(REAL), checks.contradictions(REAL)) == ([], [])


@pytest.mark.parametrize(
    ("changed", "config", "told"),
    [
        ({}, {"base_url": "https://else.bright.sg/r/"}, "expected 'https://r.bright.sg/r/'"),
        ({"bookings_domain": "bright.sg"}, {"intake_address": "a@bright.sg"}, "its MX would take all"),
        ({"bookings_domain": ""}, {}, "isn't at bookings_domain, which is nothing"),
        ({}, {"intake_address": ""}, "is missing; expected an address at bookings.bright.sg"),
        ({"region": "ap-south-1"}, {}, "ap-south-1 has no SES that takes in mail"),
        (
            {"link_domain": "", "certificate_arn": "arn:aws:acm:ap-southeast-1:1:certificate/x"},
            {},
            "only with link_domain",
        ),
        ({"certificate_arn": "arn:aws:acm:us-east-1:1:certificate/x"}, {}, "isn't in ap-southeast-1"),
    ],
)
def test_settings_that_contradict_each_other_are_named(
    changed: dict[str, Any], config: dict[str, str], told: str
) -> None:
    found = checks.contradictions(replace(REAL, **changed, config={**REAL.config, **config}))
    assert any(told in one for one in found)


def test_an_address_that_is_not_known_yet_is_no_example() -> None:
    settings = replace(REAL, link_domain="", config={**REAL.config, "base_url": "https://not-known-yet.invalid/r/"})
    assert checks.example_values(settings) == []


def tool_problems(**given: Any) -> dict[str, str]:
    good: dict[str, Any] = {
        "which": lambda name: f"/usr/bin/{name}",
        "run": lambda command: "v22.1.0\n",
        "python": (3, 13),
        "installed": lambda package: "1.0",
    }
    return {tool.name: tool.problem for tool in checks.tools(**{**good, **given}) if tool.problem}


def absent(package: str) -> str:
    raise PackageNotFoundError(package)


def test_tools_that_will_do_are_no_problem() -> None:
    assert tool_problems() == {}


@pytest.mark.parametrize(
    ("given", "tool", "told"),
    [
        ({"which": lambda name: None}, "Node", "there is no node on the PATH"),
        ({"run": lambda command: "v18.0.0"}, "Node", "node says 'v18.0.0'; expected 20 or later"),
        ({"python": (3, 15)}, "Python", "this is Python 3.15; expected 3.11 to 3.14, which Lambda has"),
        ({"installed": lambda package: "26.3"}, "pip", "Chalice expects less than 26.3"),
        ({"installed": absent}, "chalice", "isn't installed beside this Python"),
    ],
)
def test_a_tool_that_will_not_do_is_named_with_what_is_needed(given: dict[str, Any], tool: str, told: str) -> None:
    assert told in tool_problems(**given)[tool]


# ---------------------------------------------------------------- what is left for people


def test_dns_lines_come_from_the_stacks_own_outputs() -> None:
    outputs = {"DnsMx": "bookings.bright.sg MX 10 inbound-smtp.ap-southeast-1.amazonaws.com", "Other": "x"}
    assert dns_lines(Target(REAL, NO_ACCOUNT), outputs) == [
        DnsLine("bookings.bright.sg", "MX", "10 inbound-smtp.ap-southeast-1.amazonaws.com")
    ]


def test_the_sheet_and_docs_are_shared_by_their_own_addresses() -> None:
    [share] = [one for one in tasks(Facts(Target(REAL, NO_ACCOUNT))) if "Share" in one.title]
    assert share.paste[0] == f"https://docs.google.com/spreadsheets/d/{GOOGLE_ID}  ->  Share, as Editor"
    assert share.paste[2] == f"https://docs.google.com/document/d/{GOOGLE_ID}  ->  Share, as Viewer"


def test_a_shop_without_a_model_is_not_told_to_enable_one() -> None:
    def titles(settings: Settings) -> list[str]:
        return [one.title for one in tasks(Facts(Target(settings, NO_ACCOUNT)))]

    assert "Enable the model that reads mails" in titles(REAL)
    assert "Enable the model that reads mails" not in titles(
        replace(REAL, config={**REAL.config, "bedrock_model": "none"})
    )


def test_switching_on_comes_last() -> None:
    last = tasks(Facts(Target(REAL, NO_ACCOUNT)))[-1]
    assert last.paste[-1] == (
        "aws ssm put-parameter --name /ar/config/sending --type String --overwrite --value on --region ap-southeast-1"
    )


# ---------------------------------------------------------------- what it costs


def test_an_idle_month_is_counted_from_the_templates() -> None:
    def template(**kinds: int) -> Mapping[str, Any]:
        made = [f"AWS::{kind.replace('_', '::')}" for kind, count in kinds.items() for _ in range(count)]
        return {"Resources": {str(number): {"Type": kind} for number, kind in enumerate(made)}}

    few = idle_month({"data": template(SecretsManager_Secret=4)})
    more = idle_month({"data": template(SecretsManager_Secret=4), "g": template(CloudWatch_Alarm=25)})
    assert round(sum(one.usd for one in few), 2) == 1.60
    assert round(sum(one.usd for one in more), 2) == 3.10


def test_the_scripts_can_be_run() -> None:
    root = Path(__file__).parents[2]
    for name in ("deploy", "destroy"):
        assert os.access(root / "scripts" / name, os.X_OK)
        assert f"-m deploy {name}" in (root / "scripts" / name).read_text()


def test_the_checked_in_stages_can_be_planned() -> None:
    """Promise 94: the zone is a setting under version control."""
    for file in (Path(__file__).parents[2] / "infra-extras" / "stages").glob("*.toml"):
        assert json.dumps(load_settings(file.stem).config["timezone"])
