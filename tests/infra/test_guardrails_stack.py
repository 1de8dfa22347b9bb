"""What the guardrails stack declares: every alarm and who hears of it, the budget, the log of texts."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app import app
from chalicelib import names
from ops.bill import Standing
from ops.settings import load_settings
from tests.infra.synthesized import ACCOUNT, resources, template

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DEV = load_settings("dev")
FUNCTIONS = {
    "api_handler",
    *(one.name for one in app.event_sources),
    *(one.name for one in app.pure_lambda_functions),
}
SCHEDULED = {one.name for one in app.event_sources if type(one).__name__ == "ScheduledEventConfig"}
TOPICS = {topic: f"arn:aws:sns:{DEV.region}:{ACCOUNT}:{topic}" for topic in (names.ALARMS_TOPIC, names.COST_TOPIC)}
HOUR, DAY = 3600, 86_400


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return template("guardrails", DEV)


@pytest.fixture(scope="module")
def alarms(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every alarm by its name without the prefix."""
    return {
        one["AlarmName"].removeprefix(f"{names.PREFIX}-"): one for one in resources(found, "AWS::CloudWatch::Alarm")
    }


def watches(alarm: dict[str, Any]) -> tuple[str, str, str, int, int, str, float]:
    """Metric, namespace, statistic, period, how many in a row, comparison, bound."""
    return (
        alarm["MetricName"],
        alarm["Namespace"],
        alarm["Statistic"],
        alarm["Period"],
        alarm["EvaluationPeriods"],
        alarm["ComparisonOperator"],
        alarm["Threshold"],
    )


# ---------------------------------------------------------------- the alarms


def test_a_failure_of_the_tick_s_function_within_an_hour_is_an_alarm(alarms: dict[str, dict[str, Any]]) -> None:
    """Promise 85."""
    alarm = alarms["tick-failed"]
    assert watches(alarm) == ("Errors", "AWS/Lambda", "Sum", HOUR, 1, "GreaterThanThreshold", 0)
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": "ar-dev-reminder"}]


def test_more_than_five_per_cent_of_a_day_s_texts_is_an_alarm(alarms: dict[str, dict[str, Any]]) -> None:
    """Promise 86."""
    alarm = alarms["texts-failed"]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (5, "GreaterThanThreshold")
    watched = {one["Id"]: one for one in alarm["Metrics"]}
    assert {
        id: (one["MetricStat"]["Metric"]["MetricName"], one["MetricStat"]["Period"])
        for id, one in watched.items()
        if "MetricStat" in one
    } == {"failed": ("sms_failed", DAY), "delivered": ("sms_delivered", DAY)}
    assert [id for id, one in watched.items() if one["ReturnData"]] == ["share"]


@pytest.mark.parametrize(
    ("failed", "delivered", "is_one"),
    [(1, 1, False), (2, 0, False), (3, 0, True), (3, 57, False), (3, 56, True), (0, 300, False), (16, 284, True)],
)
def test_one_text_of_two_is_no_alarm_and_three_that_are_too_many_are(
    alarms: dict[str, dict[str, Any]], failed: int, delivered: int, is_one: bool
) -> None:
    """Promise 86: the expression, played as CloudWatch reads it."""
    [expression] = [one["Expression"] for one in alarms["texts-failed"]["Metrics"] if "Expression" in one]

    def if_(condition: bool, then: float, otherwise: float) -> float:
        return then if condition else otherwise

    words = {"IF": if_, "FILL": lambda value, _: value, "failed": failed, "delivered": delivered}
    share = eval(expression, {"__builtins__": {}}, words) if failed + delivered else 0
    assert (share > alarms["texts-failed"]["Threshold"]) == is_one


def test_more_than_ten_presses_an_hour_with_a_bad_token_are_an_alarm(alarms: dict[str, dict[str, Any]]) -> None:
    """Promise 87."""
    assert watches(alarms["links-refused"]) == (
        "token_refused", "ar-reminder", "Sum", HOUR, 1, "GreaterThanThreshold", 10,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "metric", "minutes"), [("tick-missing", "tick", 75), ("sync-missing", "sync", 15)])
def test_a_heartbeat_that_is_missing_is_an_alarm(
    alarms: dict[str, dict[str, Any]], name: str, metric: str, minutes: int
) -> None:
    alarm = alarms[name]
    assert (alarm["MetricName"], alarm["Namespace"]) == (metric, names.METRICS_NAMESPACE)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == minutes * 60
    assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
    assert alarm["TreatMissingData"] == "breaching"


def test_every_scheduled_function_is_missed_when_it_does_not_run(alarms: dict[str, dict[str, Any]]) -> None:
    missed = {
        dimension["Value"]
        for name, alarm in alarms.items()
        if name.startswith("missing-")
        for dimension in alarm["Dimensions"]
        if alarm["TreatMissingData"] == "breaching" and alarm["MetricName"] == "Invocations"
    }
    assert missed == {DEV.function(name) for name in SCHEDULED - {names.REMINDER, names.DRIVE_SYNC}}


def test_no_scheduled_function_runs_too_seldom_for_its_alarm() -> None:
    from tests.infra.synthesized import declared

    assert all(minutes <= 60 for minutes in declared().scheduled.values())


def test_errors_and_throttles_of_any_function_are_alarms(alarms: dict[str, dict[str, Any]]) -> None:
    """Without dimensions Lambda's metrics are of all functions, so that a new one is watched as well."""
    assert watches(alarms["functions-failed"]) == ("Errors", "AWS/Lambda", "Sum", HOUR, 1, "GreaterThanThreshold", 2)
    assert watches(alarms["functions-throttled"]) == (
        "Throttles", "AWS/Lambda", "Sum", 300, 1, "GreaterThanThreshold", 0,
    )  # fmt: skip
    assert not any("Dimensions" in alarms[name] for name in ("functions-failed", "functions-throttled"))


@pytest.mark.parametrize(
    ("name", "metric", "bound"),
    [
        ("outbox-old", "outbox_minutes", 30),
        ("outbox-unreadable", "outbox_unreadable", 0),
        ("texts-over-cap", "texts_over_cap", 0),
        ("texts-over-quota", "texts_over_quota", 0),
        ("scans-stuck", "scan_stuck", 1),
        ("model-malformed", "model_malformed", 5),
        ("slack-refused", "slack_refused", 5),
        ("pages-failed", "page_errors", 0),
        ("log-trouble", "log_trouble", 20),
    ],
)
def test_what_the_code_counts_is_an_alarm_above_its_bound(
    alarms: dict[str, dict[str, Any]], name: str, metric: str, bound: int
) -> None:
    alarm = alarms[name]
    assert (alarm["MetricName"], alarm["Namespace"]) == (metric, names.METRICS_NAMESPACE)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", bound)
    assert alarm["TreatMissingData"] == "notBreaching"


def test_a_dead_letter_is_an_alarm(alarms: dict[str, dict[str, Any]]) -> None:
    alarm = alarms["dead-letters"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": "ar-dead-letters"}]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)


def test_every_metric_that_an_alarm_watches_in_our_namespace_is_one_that_is_counted(found: dict[str, Any]) -> None:
    counted = {
        metric
        for path in (ROOT / "chalicelib").rglob("*.py")
        for metric in re.findall(r'"(\w+)"', "".join(re.findall(r"metrics\.count\((.*?)\)\n", path.read_text(), re.S)))
    }
    filtered = {one["MetricTransformations"][0]["MetricName"] for one in resources(found, "AWS::Logs::MetricFilter")}
    watched = {
        name
        for one in resources(found, "AWS::CloudWatch::Alarm")
        for name, namespace in [
            (one.get("MetricName"), one.get("Namespace")),
            *(
                (query["MetricStat"]["Metric"]["MetricName"], query["MetricStat"]["Metric"]["Namespace"])
                for query in one.get("Metrics", ())
                if "MetricStat" in query
            ),
        ]
        if namespace == names.METRICS_NAMESPACE
    }
    assert watched - counted - filtered == set()


# ---------------------------------------------------------------- what they say, and to whom


def test_every_alarm_is_told_at_its_beginning_and_at_its_end(alarms: dict[str, dict[str, Any]]) -> None:
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [TOPICS[names.ALARMS_TOPIC]]


def sections() -> dict[str, str]:
    """The sections of docs/operations.md that are about an alarm, by their headings."""
    text = OPERATIONS.partition("\n## Alarms\n")[2].partition("\n## ")[0]
    parts = [part.partition("\n") for part in re.split(r"^### ", text, flags=re.M)[1:]]
    return {
        heading: body
        for heading, _, body in parts
        if "isn't an alarm" not in heading and not body.strip().startswith("No alarm:")
    }


def pointed_to(alarm: dict[str, Any]) -> str:
    """The heading that an alarm names."""
    return str(alarm["AlarmDescription"]).rpartition("docs/operations.md, “")[2].removesuffix("”.")


def test_alarms_and_headings_of_the_operations_agree_both_ways(alarms: dict[str, dict[str, Any]]) -> None:
    from chalicelib.domain import alarm as words

    bill = re.findall(r"docs/operations\.md, “([^”]+)”", Path(words.__file__).read_text())
    assert {pointed_to(alarm) for alarm in alarms.values()} | set(bill) == set(sections())


def test_every_alarm_is_named_in_the_section_that_it_points_to_and_no_other_is(
    alarms: dict[str, dict[str, Any]],
) -> None:
    named = {
        (heading, name)
        for heading, body in sections().items()
        for name in re.findall(r"`ar-([a-z][a-z<>-]+)`", body.partition("- **Means:**")[0])
    } - {("Dead letters", "dead-letters"), ("The bill", "monthly")}
    made = {
        (pointed_to(alarm), "missing-<function>" if pointed_to(alarm).startswith("A scheduled") else name)
        for name, alarm in alarms.items()
    } - {("Dead letters", "dead-letters")}
    assert named == made


def test_an_alarm_s_first_sentence_tells_what_it_is_and_fits_a_line(alarms: dict[str, dict[str, Any]]) -> None:
    for alarm in alarms.values():
        description = alarm["AlarmDescription"]
        assert re.match(r"[A-Z][^.!?]+\. [A-Z]", description), description
        assert len(description) < 500


def test_the_owner_hears_of_alarms_and_costs_by_mail_and_slack_by_the_function_alarm(found: dict[str, Any]) -> None:
    """Promise 89."""
    heard = {(one["TopicArn"], one["Protocol"], one["Endpoint"]) for one in resources(found, "AWS::SNS::Subscription")}
    function = f"arn:aws:lambda:{DEV.region}:{ACCOUNT}:function:ar-dev-alarm"
    assert heard == {
        (TOPICS[names.ALARMS_TOPIC], "email", DEV.owner_email),
        (TOPICS[names.COST_TOPIC], "email", DEV.owner_email),
        (TOPICS[names.COST_TOPIC], "lambda", function),
    }
    [listens] = [one.topic for one in app.event_sources if one.name == names.ALARM]
    assert listens == names.ALARMS_TOPIC  # Chalice subscribes it there
    [allowed] = [one for one in resources(found, "AWS::Lambda::Permission") if one["Principal"] == "sns.amazonaws.com"]
    assert (allowed["FunctionName"], allowed["SourceArn"]) == ("ar-dev-alarm", TOPICS[names.COST_TOPIC])


def test_an_alarm_that_was_just_made_and_is_at_rest_is_no_mail_to_the_owner(found: dict[str, Any]) -> None:
    filtered = {one["TopicArn"]: one.get("FilterPolicy") for one in resources(found, "AWS::SNS::Subscription")
                if one["Protocol"] == "email"}  # fmt: skip
    assert filtered == {
        TOPICS[names.ALARMS_TOPIC]: {"$or": [{"NewStateValue": ["ALARM"]}, {"OldStateValue": ["ALARM"]}]},
        TOPICS[names.COST_TOPIC]: None,
    }


@pytest.mark.parametrize(
    ("topic", "service", "source"),
    [
        (names.ALARMS_TOPIC, "cloudwatch.amazonaws.com", f"arn:aws:cloudwatch:{DEV.region}:{ACCOUNT}:alarm:*"),
        (names.COST_TOPIC, "budgets.amazonaws.com", f"arn:aws:budgets::{ACCOUNT}:*"),
    ],
)
def test_each_topic_has_one_speaker_of_this_account(
    found: dict[str, Any], topic: str, service: str, source: str
) -> None:
    [policy] = [one for one in resources(found, "AWS::SNS::TopicPolicy") if one["Topics"] == [TOPICS[topic]]]
    allow, deny = policy["PolicyDocument"]["Statement"]
    assert (allow["Effect"], allow["Principal"], allow["Action"]) == ("Allow", {"Service": service}, "sns:Publish")
    assert allow["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": source},
    }
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_dashboard_shows_every_alarm_and_every_function(
    found: dict[str, Any], alarms: dict[str, dict[str, Any]]
) -> None:
    [dashboard] = resources(found, "AWS::CloudWatch::Dashboard")
    body = json.loads(dashboard["DashboardBody"])
    [shown] = [one["properties"]["alarms"] for one in body["widgets"] if one["type"] == "alarm"]
    assert {arn.rpartition(":")[2] for arn in shown} == {f"ar-{name}" for name in alarms}
    for name in FUNCTIONS:
        assert DEV.function(name) in dashboard["DashboardBody"]
    corners = [(one["x"], one["y"]) for one in body["widgets"]]
    assert len(set(corners)) == len(corners)


# ---------------------------------------------------------------- logs


def test_error_throttle_and_timeout_in_any_log_are_counted(found: dict[str, Any]) -> None:
    """Promise 84."""
    filters = [
        one
        for one in resources(found, "AWS::Logs::MetricFilter")
        if one["MetricTransformations"][0]["MetricName"] == "log_trouble"
    ]
    assert {one["LogGroupName"] for one in filters} == {f"/aws/lambda/{DEV.function(name)}" for name in FUNCTIONS}
    assert len(filters) == len(FUNCTIONS)
    for one in filters:
        assert one["MetricTransformations"] == [
            {"MetricName": "log_trouble", "MetricNamespace": "ar-reminder", "MetricValue": "1", "Unit": "Count"}
        ]


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ('{"event": "function_failed", "level": "ERROR"}', True),
        ('{"event": "sync_step_failed", "level": "WARNING", "why": "dynamodb: query: ThrottlingException"}', True),
        ("2026-11-25T01:00:00Z 6bc2 Task timed out after 60.00 seconds", True),
        ("INIT_REPORT Init Duration: 10000 ms Phase: init Status: timeout", True),
        ("[ERROR] Runtime.ImportModuleError: No module named app", True),
        ('{"event": "tick", "level": "INFO", "candidates": 3}', False),
        ("REPORT RequestId: 6bc2 Duration: 12 ms Billed Duration: 13 ms Memory Size: 512 MB", False),
    ],
)
def test_the_filter_s_words_are_in_the_lines_that_are_meant(found: dict[str, Any], line: str, counts: bool) -> None:
    """Promise 84. Each `?term` of a pattern is one of several that may occur, in its own case."""
    [pattern] = {
        one["FilterPattern"]
        for one in resources(found, "AWS::Logs::MetricFilter")
        if one["MetricTransformations"][0]["MetricName"] == "log_trouble"
    }
    terms = [quoted or word for quoted, word in re.findall(r'\?(?:"([^"]+)"|(\w+))', pattern)]
    assert any(term in line for term in terms) == counts


def test_what_happens_to_texts_is_kept_for_a_week_and_read_by_its_function(found: dict[str, Any]) -> None:
    """Promise 83."""
    log = f"sns/{DEV.region}/{ACCOUNT}/DirectPublishToPhoneNumber"
    [set_up] = resources(found, "AWS::CloudFormation::CustomResource")
    assert (set_up["Logs"], set_up["LogDays"]) == (f"{log} {log}/Failure", "7")
    kept = {one["LogGroupName"]: one["RetentionInDays"] for one in resources(found, "AWS::Logs::LogGroup")}
    assert kept == {"/aws/lambda/ar-text-settings": 7}
    reader = f"arn:aws:lambda:{DEV.region}:{ACCOUNT}:function:ar-dev-sms_delivery"
    read = {one["LogGroupName"]: one for one in resources(found, "AWS::Logs::SubscriptionFilter")}
    assert set(read) == {log, f"{log}/Failure"}
    assert {(one["DestinationArn"], one["FilterPattern"]) for one in read.values()} == {(reader, "")}
    [allowed] = [one for one in resources(found, "AWS::Lambda::Permission") if one["Principal"] == "logs.amazonaws.com"]
    assert allowed["FunctionName"] == "ar-dev-sms_delivery"
    assert (allowed["SourceAccount"], allowed["SourceArn"]) == (
        ACCOUNT,
        f"arn:aws:logs:{DEV.region}:{ACCOUNT}:log-group:{log}*",
    )


def test_groups_that_are_there_from_before_are_taken_over(settings: Any) -> None:
    """Promise 83: SNS makes them itself when an account first texts, and keeps all for good."""
    logs = Logs(there={"texts"})
    settings.keep_logs(logs, {"Logs": "texts texts/Failure", "LogDays": "7"})
    assert logs.kept == {"texts": 7, "texts/Failure": 7}
    with pytest.raises(ClientError, match="AccessDenied"):
        settings.keep_logs(Logs(forbidden=True), {"Logs": "texts", "LogDays": "7"})


def test_sns_may_write_that_log_and_no_other(found: dict[str, Any]) -> None:
    [role] = [one for one in resources(found, "AWS::IAM::Role") if one.get("RoleName") == "ar-text-log"]
    [statement] = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Resource"].endswith(f"log-group:sns/{DEV.region}/{ACCOUNT}/DirectPublishToPhoneNumber*")
    assert all(action.startswith("logs:") for action in statement["Action"])


# ---------------------------------------------------------------- money


def test_the_budget_speaks_at_eighty_and_at_a_hundred_per_cent(found: dict[str, Any]) -> None:
    """Promise 89."""
    [budget] = resources(found, "AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 30, "Unit": "USD"}
    assert (budget["Budget"]["TimeUnit"], budget["Budget"]["BudgetType"]) == ("MONTHLY", "COST")
    said = [
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"], one["Subscribers"])
        for one in budget["NotificationsWithSubscribers"]
    ]
    heard = [{"SubscriptionType": "SNS", "Address": TOPICS[names.COST_TOPIC]}]
    assert said == [("ACTUAL", 80, heard), ("ACTUAL", 100, heard)]


def test_the_month_s_limit_for_texts_is_set_explicitly_and_they_are_transactional(
    found: dict[str, Any], settings: Any
) -> None:
    """Promise 90."""
    [limit] = resources(found, "AWS::CloudFormation::CustomResource")
    assert limit["LimitUsd"] == str(DEV.sms_limit_usd) == "20"
    sns = Sns()
    assert settings.settled(sns, {"LimitUsd": "20", "LogRole": "role"})["Said"].startswith("20 ")
    assert sns.attributes == {
        "MonthlySpendLimit": "20",
        "DefaultSMSType": "Transactional",
        "DeliveryStatusIAMRole": "role",
        "DeliveryStatusSuccessSamplingRate": "100",
    }


def test_a_limit_above_the_account_s_quota_leaves_the_one_that_is_there_and_says_so(settings: Any) -> None:
    """Promise 90."""
    sns = Sns(quota=1)
    answer = settings.settled(sns, {"LimitUsd": "20", "LogRole": "role"})
    assert answer["LimitUsd"] == "1"
    assert "20 were asked for" in answer["Said"]
    assert sns.attributes["DefaultSMSType"] == "Transactional"


def test_a_role_that_is_not_known_everywhere_yet_is_tried_again(settings: Any) -> None:
    sns = Sns(unknown_role=3)
    settings.settled(sns, {"LimitUsd": "20", "LogRole": "role"})
    assert sns.attributes["MonthlySpendLimit"] == "20"
    with pytest.raises(ClientError):
        settings.settled(Sns(unknown_role=99), {"LimitUsd": "20", "LogRole": "role"})


@pytest.mark.parametrize("part", ["role", "limit"])
def test_any_other_refusal_fails_the_stack(settings: Any, part: str) -> None:
    with pytest.raises(ClientError, match="AuthorizationError"):
        settings.settled(Sns(forbidden=part), {"LimitUsd": "20", "LogRole": "role"})


def test_cloudformation_always_gets_an_answer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[tuple[str, dict[str, Any], Any]] = []

    def send(event: Any, context: Any, status: str, data: dict[str, Any], id: str, reason: Any = None) -> None:
        answers.append((status, data, reason))

    monkeypatch.setattr(settings.cfnresponse, "send", send)
    wanted = {"LimitUsd": "20", "LogRole": "role", "Logs": "texts", "LogDays": "7"}
    for request, sns in (("Create", Sns()), ("Update", Sns(forbidden="limit")), ("Delete", Sns(forbidden="role"))):
        monkeypatch.setattr(settings.boto3, "client", {"sns": sns, "logs": Logs()}.__getitem__)
        settings.handler({"RequestType": request, "ResourceProperties": wanted}, None)
    assert [status for status, _, _ in answers] == ["SUCCESS", "FAILED", "SUCCESS"]
    assert "AuthorizationError" in answers[1][2]


def test_the_function_that_sets_the_limit_is_small_and_may_do_that_alone(found: dict[str, Any]) -> None:
    """Promises 80 and 82."""
    [function] = resources(found, "AWS::Lambda::Function")
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert "VpcConfig" not in function
    assert len(function["Code"]["ZipFile"]) < 4096
    [role] = [one for one in resources(found, "AWS::IAM::Role") if one["RoleName"] == "ar-text-settings"]
    allowed = [one["Action"] for one in role["Policies"][0]["PolicyDocument"]["Statement"]]
    assert allowed == [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
        ["sns:SetSMSAttributes", "sns:GetSMSAttributes"],
        ["iam:PassRole"],
    ]
    assert "TextsLimit" in found["Outputs"]


class Sns:
    """SNS's settings for texts: a quota, a role that isn't known at first, or calls that are forbidden."""

    def __init__(self, quota: int = 100, unknown_role: int = 0, forbidden: str = "") -> None:
        self.attributes = {"MonthlySpendLimit": "1"}
        self.quota = quota
        self.unknown_role = unknown_role
        self.forbidden = forbidden

    def set_sms_attributes(self, attributes: dict[str, str]) -> None:
        part = "limit" if "MonthlySpendLimit" in attributes else "role"
        if part == self.forbidden:
            raise refusal("AuthorizationError")
        if part == "role" and self.unknown_role:
            self.unknown_role -= 1
            raise refusal("InvalidParameter")
        if float(attributes.get("MonthlySpendLimit", 0)) > self.quota:
            raise refusal("InvalidParameter")
        self.attributes |= attributes

    def get_sms_attributes(self, attributes: list[str]) -> dict[str, dict[str, str]]:
        return {"attributes": {name: self.attributes[name] for name in attributes if name in self.attributes}}


class Logs:
    """CloudWatch's log groups: some there already, or none that may be made."""

    def __init__(self, there: set[str] | None = None, forbidden: bool = False) -> None:
        self.there = there or set()
        self.forbidden = forbidden
        self.kept: dict[str, int] = {}

    def create_log_group(self, logGroupName: str) -> None:
        if self.forbidden:
            raise refusal("AccessDeniedException")
        if logGroupName in self.there:
            raise refusal("ResourceAlreadyExistsException")
        self.there.add(logGroupName)

    def put_retention_policy(self, logGroupName: str, retentionInDays: int) -> None:
        assert logGroupName in self.there
        self.kept[logGroupName] = retentionInDays


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Call")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The inline function's source, run as Lambda does, with Lambda's own cfnresponse beside it and no waiting."""
    cfnresponse = SimpleNamespace(SUCCESS="SUCCESS", FAILED="FAILED", send=None)
    monkeypatch.setitem(sys.modules, "cfnresponse", cfnresponse)
    [function] = resources(template("guardrails", DEV), "AWS::Lambda::Function")
    space: dict[str, Any] = {}
    exec(function["Code"]["ZipFile"], space)
    monkeypatch.setattr(space["time"], "sleep", lambda _: None)
    return SimpleNamespace(**space)


def test_the_account_is_the_reminder_s_own_and_in_singapore_unless_a_stage_says_otherwise(
    found: dict[str, Any],
) -> None:
    """Promise 96: the budget leaves nothing of the account out, and both stages as they come are in ap-southeast-1."""
    [budget] = resources(found, "AWS::Budgets::Budget")
    assert "CostFilters" not in budget["Budget"]
    assert "FilterExpression" not in budget["Budget"]
    assert {load_settings(stage).region for stage in ("dev", "prod")} == {"ap-southeast-1"}


def test_nothing_of_the_guardrails_turns_x_ray_on(found: dict[str, Any]) -> None:
    """Promise 88."""
    assert "xray" not in json.dumps(found).lower()
    assert "TracingConfig" not in json.dumps(found)


def test_the_bill_counts_no_fewer_watched_metrics_than_there_are(alarms: dict[str, dict[str, Any]]) -> None:
    """Promise 100: an alarm costs by the metrics that it watches."""
    watched = sum(len([one for one in alarm.get("Metrics", [1]) if one == 1 or "MetricStat" in one])
                  for alarm in alarms.values())  # fmt: skip
    assert watched <= Standing(scheduled={}).alarmed_metrics <= watched + 2
