"""What the mail stack declares: the sending domain, the rule that takes bookings in, and its activation."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.certificate import DnsLine
from deploy.deployment import dns_lines
from deploy.target import Target
from ops.settings import load_settings
from tests.infra.synthesized import ACCOUNT, Template, resources, template

PROD = load_settings("prod")
HANDLER = Path(__file__).parents[2] / "infra-extras" / "rule_set_handler.py"
OURS = "ar-inbound-rules"


@pytest.fixture(scope="session")
def stack(templates: dict[str, Template]) -> Template:
    return templates["ar-mail"]


@pytest.fixture(scope="module")
def no_intake() -> Template:
    return template("mail", replace(PROD, bookings_domain=""))


def outputs(stack: Template) -> dict[str, str]:
    """As CloudFormation gives them; what SES makes up is shown as `Resource.Attribute`."""

    def said(value: Any) -> str:
        if isinstance(value, str):
            return value
        if "Fn::GetAtt" in value:
            return ".".join(value["Fn::GetAtt"])
        separator, parts = value["Fn::Join"]
        return str(separator.join(said(part) for part in parts))

    return {name: said(one["Value"]) for name, one in stack["Outputs"].items()}


def lines(stack: Template) -> list[DnsLine]:
    """What is shown to whoever deploys."""
    return dns_lines(Target(PROD, ACCOUNT), outputs(stack))


# ---------------------------------------------------------------- out


def test_the_sending_domain_is_signed(stack: Template) -> None:
    """Promise 98: DKIM, with 2048 bits."""
    [identity] = resources(stack, "AWS::SES::EmailIdentity")
    assert identity["EmailIdentity"] == "bright.example"
    assert identity["DkimAttributes"] == {"SigningEnabled": True}
    assert identity["DkimSigningAttributes"] == {"NextSigningKeyLength": "RSA_2048_BIT"}


def test_the_lines_that_prove_the_sending_domain_can_be_pasted(stack: Template) -> None:
    """Promise 98."""
    dkim = [
        DnsLine(f"Sender.DkimDNSTokenName{number}", "CNAME", f"Sender.DkimDNSTokenValue{number}")
        for number in (1, 2, 3)
    ]
    region = "ap-southeast-1"
    assert sorted(lines(stack), key=str) == sorted(
        [
            *dkim,
            DnsLine("bounces.bright.example", "MX", f"10 feedback-smtp.{region}.amazonses.com"),
            DnsLine("bounces.bright.example", "TXT", '"v=spf1 include:amazonses.com ~all"'),
            DnsLine("_dmarc.bright.example", "TXT", '"v=DMARC1; p=none;"'),
            DnsLine("bookings.bright.example", "MX", f"10 inbound-smtp.{region}.amazonaws.com"),
        ],
        key=str,
    )


def test_bounces_have_a_domain_of_their_own_whose_spf_aligns(stack: Template) -> None:
    """Promise 98: SPF, on the domain that SES sends from. Until its lines are there, SES uses its own."""
    [identity] = resources(stack, "AWS::SES::EmailIdentity")
    assert identity["MailFromAttributes"] == {
        "MailFromDomain": "bounces.bright.example",
        "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
    }


# ---------------------------------------------------------------- in


def test_mail_to_the_intake_is_scanned_put_into_the_bucket_and_that_is_all(stack: Template) -> None:
    """Promise 8."""
    [rule] = resources(stack, "AWS::SES::ReceiptRule")
    assert rule["RuleSetName"] == OURS
    assert (rule["Rule"]["Recipients"], rule["Rule"]["Enabled"]) == (["bookings@bookings.bright.example"], True)
    assert rule["Rule"]["ScanEnabled"] is True
    suffix = PROD.environment(ACCOUNT)["AR_BUCKET_SUFFIX"]
    assert rule["Rule"]["Actions"] == [
        {"S3Action": {"BucketName": f"ar-raw-mime{suffix}"}},  # no prefix: the key is the message's id
        {"StopAction": {"Scope": "RuleSet"}},
    ]


def test_the_rule_s_name_is_the_one_that_the_bucket_lets_in(stack: Template, templates: dict[str, Template]) -> None:
    [rule] = resources(stack, "AWS::SES::ReceiptRule")
    policies = resources(templates["ar-data"], "AWS::S3::BucketPolicy")
    statements = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    [source] = [one["Condition"]["StringEquals"]["aws:SourceArn"] for one in statements if one["Effect"] == "Allow"]
    assert source.endswith(f":receipt-rule-set/{rule['RuleSetName']}:receipt-rule/{rule['Rule']['Name']}")


def test_the_rule_set_is_made_before_its_rule_and_activated_after_it(stack: Template) -> None:
    [set_name] = [one["RuleSetName"] for one in resources(stack, "AWS::SES::ReceiptRuleSet")]
    assert set_name == OURS
    found = {one["Type"]: one for one in stack["Resources"].values()}
    logical = {one["Type"]: name for name, one in stack["Resources"].items()}
    assert found["AWS::SES::ReceiptRule"]["DependsOn"] == [logical["AWS::SES::ReceiptRuleSet"]]
    activated = found["AWS::CloudFormation::CustomResource"]
    assert activated["DependsOn"] == [logical["AWS::SES::ReceiptRule"]]
    assert activated["Properties"]["RuleSet"] == OURS


def test_without_a_domain_for_bookings_no_mail_is_taken_in(no_intake: Template) -> None:
    assert {one["Type"] for one in no_intake["Resources"].values()} == {"AWS::SES::EmailIdentity"}
    assert {one.kind for one in lines(no_intake) if one.name.startswith("bookings")} == set()
    assert len(lines(no_intake)) == 6


def test_a_domain_for_bookings_that_is_no_part_of_the_sending_one_is_proven_by_itself() -> None:
    found = template("mail", replace(PROD, bookings_domain="bright-bookings.example"))
    assert [one["EmailIdentity"] for one in resources(found, "AWS::SES::EmailIdentity")] == [
        "bright.example",
        "bright-bookings.example",
    ]
    assert sum(one.name.startswith("Bookings.DkimDNSTokenName") for one in lines(found)) == 3


# ---------------------------------------------------------------- the activation


def test_the_activation_s_function_is_small_and_may_do_nothing_but_that(stack: Template) -> None:
    [function] = resources(stack, "AWS::Lambda::Function")
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert function["Code"] == {"ZipFile": HANDLER.read_text(encoding="utf-8")}
    [role] = resources(stack, "AWS::IAM::Role")
    [policy] = role["Policies"]
    actions = {action for one in policy["PolicyDocument"]["Statement"] for action in one["Action"]}
    assert actions == {
        "logs:CreateLogStream", "logs:PutLogEvents", "ses:DescribeActiveReceiptRuleSet", "ses:SetActiveReceiptRuleSet",
    }  # fmt: skip
    own = f"arn:aws:logs:{PROD.region}:{ACCOUNT}:log-group:/aws/lambda/{function['FunctionName']}:*"
    assert own in [one["Resource"] for one in policy["PolicyDocument"]["Statement"]]


class Ses:
    """SES's one active rule set; `refusals` are what it says first."""

    def __init__(self, active: str | None, refusals: list[str] | None = None) -> None:
        self.active = active
        self.refusals = refusals or []

    def describe_active_receipt_rule_set(self) -> dict[str, Any]:
        if self.refusals:
            raise ClientError({"Error": {"Code": self.refusals.pop(0), "Message": "no"}}, "Describe")
        return {"Metadata": {"Name": self.active}} if self.active else {}

    def set_active_receipt_rule_set(self, RuleSetName: str | None = None) -> None:
        self.active = RuleSetName


def called(monkeypatch: pytest.MonkeyPatch, ses: Ses, request: str) -> dict[str, Any]:
    """What the function answers CloudFormation, run from the template's own source."""
    answers: list[dict[str, Any]] = []

    def send(event: Any, context: Any, status: str, data: Any, id: str, reason: str | None) -> None:
        answers.append({"status": status, "data": data, "id": id, "reason": reason})

    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=lambda service: {"ses": ses}[service]))
    answering = SimpleNamespace(SUCCESS="SUCCESS", FAILED="FAILED", send=send)
    monkeypatch.setitem(sys.modules, "cfnresponse", answering)
    loaded: dict[str, Any] = {}
    exec(compile(HANDLER.read_text(encoding="utf-8"), str(HANDLER), "exec"), loaded)
    loaded["time"] = SimpleNamespace(sleep=lambda seconds: None)
    loaded["handler"]({"RequestType": request, "ResourceProperties": {"RuleSet": OURS}}, None)
    [answer] = answers
    return answer


@pytest.mark.parametrize("request_type", ["Create", "Update"])
@pytest.mark.parametrize("before", [None, OURS])
def test_the_rule_set_is_made_the_active_one(
    monkeypatch: pytest.MonkeyPatch, request_type: str, before: str | None
) -> None:
    ses = Ses(before)
    assert called(monkeypatch, ses, request_type)["status"] == "SUCCESS"
    assert ses.active == OURS


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_somebody_else_s_active_rule_set_is_not_pushed_aside(
    monkeypatch: pytest.MonkeyPatch, request_type: str
) -> None:
    ses = Ses("theirs")
    answer = called(monkeypatch, ses, request_type)
    assert (answer["status"], ses.active) == ("FAILED", "theirs")
    assert "theirs is active" in answer["reason"]


@pytest.mark.parametrize(("before", "after"), [(OURS, None), ("theirs", "theirs"), (None, None)])
def test_with_the_stack_only_our_own_rule_set_stops_being_active(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: str | None
) -> None:
    ses = Ses(before)
    assert called(monkeypatch, ses, "Delete")["status"] == "SUCCESS"
    assert ses.active == after


def test_a_role_that_is_not_known_everywhere_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ses = Ses(None, ["AccessDenied", "AccessDeniedException"])
    assert called(monkeypatch, ses, "Create")["status"] == "SUCCESS"
    assert ses.active == OURS


@pytest.mark.parametrize("refusals", [["AccessDenied"] * 6, ["InternalFailure"]])
def test_whatever_ses_says_cloudformation_gets_its_answer(monkeypatch: pytest.MonkeyPatch, refusals: list[str]) -> None:
    ses = Ses(None, [*refusals])
    answer = called(monkeypatch, ses, "Create")
    assert (answer["status"], ses.active) == ("FAILED", None)
    assert refusals[0] in answer["reason"]
