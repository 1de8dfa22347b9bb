"""What the doctor says of a deployed stage alone: functions, rules of the clock, DNS, certificates, the owner's mails.

No emulator holds these, so AWS's answers are given here, in the form that botocore hands them over.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.error import URLError

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from chalicelib.bootstrap import utc_now
from chalicelib.errors import ConfigError, UpstreamError
from ops.checks import events, google, guards, mail, pages, parameters, running, secrets, texts
from ops.checks.declared import functions, patterns, scheduled
from ops.checks.findings import Finding, State, ok, unchecked, warning, wrong
from ops.checks.parameters import zones_of
from ops.checks.site import Site
from ops.doctor import Examined, examine, exit_status, why_not
from tests.fakes.runtime import FakeRuntime, a_config

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
Answer = dict[str, Any] | Exception | Callable[..., Any]


class Client:
    """AWS's client, which answers what it was given; a paginator has one page."""

    def __init__(self, **answers: Answer) -> None:
        self._answers = answers
        self.meta = type("Meta", (), {"region_name": "ap-southeast-1"})

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def answered(**asked: Any) -> Any:
            answer = self._answers[operation]
            if callable(answer):
                answer = answer(**asked)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return answered

    def get_paginator(self, operation: str) -> Any:
        call = getattr(self, operation)
        return type("Pages", (), {"paginate": staticmethod(lambda **asked: [call(**asked)])})


def refusal(code: str, operation: str = "Describe") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "to +6591234567"}}, operation)


def a_site(config: dict[str, Any] | None = None, **clients: Client) -> Site:
    """The stage prod of the example's settings file, on a runtime in memory."""
    rt = FakeRuntime(NOW)
    rt.config = a_config(**(config or {}))
    site = Site("prod", rt)  # type: ignore[arg-type]  # a runtime is what it looks like
    site._clients.update({"sts": Client(get_caller_identity={"Account": ACCOUNT}), **clients})
    return site


def found(site: Site, checks: dict[str, Any], name: str) -> list[Finding]:
    return list(checks[name](site))


def said(findings: list[Finding], state: State) -> list[tuple[str, str, str]]:
    return [(one.where, one.what, one.mend) for one in findings if one.state is state]


# ---------------------------------------------------------------- functions and rules


def deployed(site: Site, **changes: Any) -> Callable[..., Any]:
    return lambda FunctionName: {
        "State": "Active",
        "Environment": {"Variables": {**site.settings.environment(ACCOUNT), **changes}},  # type: ignore[union-attr]
    }


def test_deployed_functions_with_the_stages_environment_are_sound() -> None:
    site = a_site()
    site._clients["lambda"] = Client(get_function_configuration=deployed(site))
    assert [one.state for one in found(site, events.CHECKS, "functions")] == [State.OK]
    assert str(len(functions())) in found(site, events.CHECKS, "functions")[0].what


def test_a_function_that_is_missing_is_named_with_the_command_that_makes_it() -> None:
    site = a_site()
    sound = deployed(site)

    def answer(FunctionName: str) -> Any:
        gone = FunctionName == "ar-prod-dispatch"
        return refusal("ResourceNotFoundException") if gone else sound(FunctionName=FunctionName)

    site._clients["lambda"] = Client(get_function_configuration=answer)
    assert said(found(site, events.CHECKS, "functions"), State.WRONG) == [
        ("function ar-prod-dispatch", "isn't deployed", "scripts/deploy --stage prod")
    ]


def test_a_function_with_another_stages_environment_is_wrong() -> None:
    site = a_site()
    site._clients["lambda"] = Client(get_function_configuration=deployed(site, AR_PREFIX="other"))
    wrongs = said(found(site, events.CHECKS, "functions"), State.WRONG)
    assert len(wrongs) == len(functions())
    assert all("AR_PREFIX" in what for _, what, _ in wrongs)


def rules(**changes: Any) -> dict[str, Any]:
    listed: list[dict[str, Any]] = [{"Name": f"ar-prod-{name}-event", "State": "ENABLED"} for name in scheduled()]
    listed += [
        {"Name": f"ar-prod-{name}-event", "State": "ENABLED", "EventPattern": json.dumps(pattern)}
        for name, pattern in patterns().items()
    ]
    return {
        "Rules": [
            {**rule, **changes.get(rule["Name"], {})} for rule in listed if changes.get(rule["Name"], {}) != "gone"
        ]
    }


def bus(listed: dict[str, Any], targets: int = 1) -> Client:
    return Client(list_rules=listed, list_targets_by_rule={"Targets": [{"Id": "1"}] * targets})


def test_every_scheduled_function_has_its_rule() -> None:
    site = a_site(events=bus(rules()))
    assert {one.state for one in found(site, events.CHECKS, "rules")} == {State.OK}
    assert len(found(site, events.CHECKS, "rules")) == len(scheduled()) + len(patterns())


def test_a_schedule_that_is_switched_off_or_gone_is_wrong() -> None:
    off, gone = "ar-prod-reminder-event", "ar-prod-drive_sync-event"
    site = a_site(events=bus(rules(**{off: {"State": "DISABLED"}, gone: "gone"})))
    wrongs = {where: (what, mend) for where, what, mend in said(found(site, events.CHECKS, "rules"), State.WRONG)}
    assert wrongs[f"rule {off}"] == (
        "is switched off: reminder is never called",
        f"aws events enable-rule --name {off} --region ap-southeast-1",
    )
    assert wrongs[f"rule {gone}"] == ("there is none: drive_sync is never called", "scripts/deploy --stage prod")


def test_a_rule_that_calls_nothing_is_wrong() -> None:
    site = a_site(events=bus(rules(), targets=0))
    assert {one.state for one in found(site, events.CHECKS, "rules")} == {State.WRONG}


# ---------------------------------------------------------------- DNS, certificates, addresses


@pytest.mark.parametrize(
    ("answer", "state", "what"),
    [
        ({"inbound-smtp.ap-southeast-1.amazonaws.com"}, State.OK, "is inbound-smtp"),
        ({"mx.elsewhere.example"}, State.WRONG, "bookings go elsewhere"),
        (set(), State.WRONG, "is missing"),
        (
            {"inbound-smtp.ap-southeast-1.amazonaws.com", "mx.old.example"},
            State.WARNING,
            "mx.old.example take mail too",
        ),
    ],
)
def test_the_mx_of_bookings_is_amazons(
    answer: set[str], state: State, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "mx_of", lambda domain: answer)
    site = a_site({"intake_address": "bookings@bookings.bright.example"})
    (one,) = found(site, mail.CHECKS, "MX")
    assert one.state is state
    assert what in one.what
    if state is not State.OK:
        assert "bookings.bright.example MX 10 inbound-smtp.ap-southeast-1.amazonaws.com" in one.mend


@pytest.mark.parametrize(("days", "state"), [(90, State.OK), (5, State.WARNING)])
def test_a_certificate_that_ends_soon_is_warned_of(days: int, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "certificate_end", lambda host, port: utc_now() + timedelta(days=days, hours=1))
    (one,) = found(a_site(), pages.CHECKS, "certificate")
    assert one.state is state
    assert f"{days} days" in one.what


@pytest.mark.parametrize(
    ("failure", "what"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), "no such name in DNS"),
        (URLError(ConnectionRefusedError()), "ConnectionRefusedError"),
        (URLError(ssl.SSLCertVerificationError(1, "certificate has expired")), "its certificate"),
    ],
)
def test_an_address_that_leads_nowhere_makes_every_link_dead(
    failure: URLError, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(failure.reason, ssl.SSLCertVerificationError):
        failure.reason.verify_message = "certificate has expired"  # type: ignore[misc]

    def look_at(url: str) -> Any:
        assert url == "https://r.bright.sg/r/x"
        raise failure

    monkeypatch.setattr(pages, "look_at", look_at)
    (one,) = found(a_site(), pages.CHECKS, "base_url")
    assert one.state is State.WRONG
    assert what in one.what
    assert "--name /ar/config/base_url" in one.mend


# ---------------------------------------------------------------- settings, alarms, the owner


def test_a_parameter_that_the_next_deployment_changes_back_is_warned_of() -> None:
    site = a_site()
    assert site.settings is not None
    site.rt.parameters.all = lambda: {**site.settings.config, "shop_phone": "+65 6000 0000", "sending": "on"}  # type: ignore
    assert [
        (where, mend) for where, _, mend in said(found(site, parameters.CHECKS, "settings file"), State.WARNING)
    ] == [
        (
            "/ar/config/shop_phone",
            "write the value that is right into infra-extras/stages/prod.toml, [config], then "
            "scripts/deploy --stage prod",
        )
    ]


def test_a_deployed_stage_without_alarms_is_wrong() -> None:
    site = a_site(cloudwatch=Client(describe_alarms={"MetricAlarms": []}))
    assert said(found(site, guards.CHECKS, "alarms"), State.WRONG) == [
        ("alarms", "there are none: nobody hears when the tick is missing", "scripts/deploy --stage prod")
    ]


def test_an_alarm_whose_actions_are_off_tells_nobody() -> None:
    alarm = {"AlarmName": "ar-tick-missing", "StateValue": "OK", "ActionsEnabled": False}
    site = a_site(cloudwatch=Client(describe_alarms={"MetricAlarms": [alarm]}))
    ((where, what, mend),) = said(found(site, guards.CHECKS, "alarms"), State.WRONG)
    assert where == "alarm ar-tick-missing"
    assert "tells nobody" in what
    assert "enable-alarm-actions --alarm-names ar-tick-missing" in mend


def test_a_mail_that_the_owner_has_not_confirmed_is_warned_of() -> None:
    waiting = {"Protocol": "email", "SubscriptionArn": "PendingConfirmation", "Endpoint": "owner@bright.example"}
    site = a_site(sns=Client(list_subscriptions_by_topic={"Subscriptions": [waiting]}))
    warnings = said(found(site, guards.CHECKS, "owner"), State.WARNING)
    assert [where for where, _, _ in warnings] == ["topic ar-alarms, e-mail", "topic ar-cost-alarm, e-mail"]
    assert "Confirm subscription" in warnings[0][2]
    assert "owner@" not in str(warnings)


@pytest.mark.parametrize(("spent", "state"), [("12", State.OK), ("31", State.WRONG)])
def test_a_budget_that_is_used_up_is_wrong(spent: str, state: State) -> None:
    budget = {
        "BudgetName": "ar-monthly",
        "BudgetLimit": {"Amount": "30", "Unit": "USD"},
        "CalculatedSpend": {"ActualSpend": {"Amount": spent, "Unit": "USD"}},
    }
    site = a_site(budgets=Client(describe_budgets={"Budgets": [budget]}))
    assert [one.state for one in found(site, guards.CHECKS, "budget")] == [state]


def test_a_function_that_never_ran_is_said_with_its_log() -> None:
    wrongs = said(found(a_site(), running.CHECKS, "heartbeats"), State.WRONG)
    assert {where for where, _, _ in wrongs} == {"function reminder", "function drive_sync"}
    assert "aws logs tail /aws/lambda/ar-prod-reminder" in wrongs[-1][2] + wrongs[0][2]


def test_a_limit_below_the_settings_says_where_the_quota_is_raised() -> None:
    attributes = {"MonthlySpendLimit": "1", "DefaultSMSType": "Transactional"}
    site = a_site(sns=Client(get_sms_attributes={"attributes": attributes}))
    ((where, what, mend),) = said(found(site, texts.CHECKS, "spending"), State.WARNING)
    assert where == "SNS, MonthlySpendLimit"
    assert "is $1;" in what
    assert "the settings say $20" in what
    assert "servicequotas" in mend


def test_a_domain_above_may_send_for_the_one_below() -> None:
    def identity(EmailIdentity: str) -> Any:
        sound = {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "SUCCESS", "SigningEnabled": True}}
        return sound if EmailIdentity == "bright.example" else refusal("NotFoundException")

    site = a_site({"email_from": "hello@mail.bright.example"}, sesv2=Client(get_email_identity=identity))
    assert [(one.where, one.state) for one in found(site, mail.CHECKS, "identity")] == [
        ("SES identity bright.example", State.OK)
    ]


def test_an_address_without_its_domain_sends_unsigned() -> None:
    def identity(EmailIdentity: str) -> Any:
        return {"VerifiedForSendingStatus": True} if "@" in EmailIdentity else refusal("NotFoundException")

    site = a_site(sesv2=Client(get_email_identity=identity))
    ((_, what, mend),) = said(found(site, mail.CHECKS, "identity"), State.WARNING)
    assert "unsigned" in what
    assert "create-email-identity --email-identity bright.example" in mend


@pytest.mark.parametrize(("age", "state"), [(10, State.OK), (500, State.WARNING)])
def test_a_reply_key_of_many_months_is_due_for_another(age: int, state: State) -> None:
    key = json.dumps({"current": 1, "keys": {"1": "A" * 44}})
    written = {
        "LastChangedDate": NOW - timedelta(days=age),
        "ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(NOW, usegmt=True)}},
    }
    site = a_site(secretsmanager=Client(get_secret_value={"SecretString": key}, describe_secret=written))
    (one,) = found(site, secrets.CHECKS, "ar/reply/hmac")
    assert one.state is state
    assert f"written {age} days ago" in one.what


def test_a_secret_that_is_being_deleted_can_be_had_back() -> None:
    site = a_site(secretsmanager=Client(get_secret_value=refusal("InvalidRequestException")))
    ((_, what, mend),) = said(found(site, secrets.CHECKS, "ar/drive/sa"), State.WRONG)
    assert what == "is being deleted"
    assert mend == "aws secretsmanager restore-secret --secret-id ar/drive/sa --region ap-southeast-1"


class Drive:
    """Google, as far as a file is asked about."""

    def __init__(self, **file: Any) -> None:
        self.files = self
        self._file = file

    def get(self, **asked: Any) -> dict[str, Any]:
        return self._file

    def call(self, request: Callable[[], Any]) -> Any:
        return request()


def test_an_excel_file_is_no_google_sheet() -> None:
    site = a_site()
    excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    site.__dict__["google"] = Drive(mimeType=excel)
    ((where, what, mend),) = said(found(site, google.CHECKS, "sheet"), State.WRONG)
    assert (where, what) == ("the sheet", f"is no Google Sheet but {excel}")
    assert "Save as Google Sheets" in mend


# ---------------------------------------------------------------- zones


@pytest.mark.parametrize(
    ("zone", "country", "state"),
    [
        ("Asia/Singapore", "SG", State.OK),
        ("Asia/Kuala_Lumpur", "SG", State.OK),  # the same clock all year
        ("America/New_York", "SG", State.WARNING),
        ("America/Los_Angeles", "US", State.OK),
        ("Europe/London", "GB", State.OK),
        ("Etc/UTC", "GB", State.WARNING),  # right in winter only
    ],
)
def test_a_zone_must_show_a_clock_of_its_country(zone: str, country: str, state: State) -> None:
    from zoneinfo import ZoneInfo

    site = a_site({"zone": ZoneInfo(zone), "country": country})
    assert [one.state for one in found(site, parameters.CHECKS, "zone and country")] == [state]


def test_zones_are_those_of_the_pinned_tzdata() -> None:
    assert zones_of("SG") == {"Asia/Singapore"}
    assert zones_of("XX") == frozenset()


# ---------------------------------------------------------------- the doctor itself


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (refusal("AccessDeniedException", "DescribeTable"), "these credentials may not call DescribeTable"),
        (refusal("Throttling", "ListRules"), "AWS answered ListRules with Throttling"),
        (NoCredentialsError(), "AWS was not reached (NoCredentialsError)"),
        (UpstreamError("Google", "no answer (timeout)"), "Google doesn't answer, or refuses: no answer (timeout)"),
        (ConfigError(["timezone: is missing"]), "the parameters or a secret can't be read: see Parameters and Secrets"),
        (KeyError("+6591234567"), "the check itself failed (KeyError)"),
    ],
)
def test_a_check_that_fails_says_why_and_quotes_nothing(failure: Exception, why: str) -> None:
    assert why_not(failure) == why


def test_a_check_that_fails_stops_no_other_and_keeps_what_it_had_found() -> None:
    def breaks(site: Site) -> Iterator[Finding]:
        yield wrong("first", "is bad", "mend it")
        raise RuntimeError("+6591234567")

    def goes_on(site: Site) -> Iterator[Finding]:
        yield ok("second", "is good")

    everything = list(examine(a_site(), {"Subject": {"one": breaks, "two": goes_on}}))
    assert [one.finding.state for one in everything] == [State.WRONG, State.UNCHECKED, State.OK]
    assert "+65" not in str(everything)


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([ok("a", "is good"), unchecked("b", "who knows")], 0),
        ([ok("a", "is good"), warning("b", "is odd", "look")], 0),
        ([ok("a", "is good"), wrong("b", "is bad", "mend")], 1),
        ([unchecked("a", "no answer"), unchecked("b", "no answer")], 2),
    ],
)
def test_the_status_is_0_well_1_wrong_2_nothing_seen(findings: list[Finding], status: int) -> None:
    assert exit_status([Examined("Subject", "check", one) for one in findings]) == status


def test_without_the_parameters_nothing_is_said_to_be_well() -> None:
    clock = Examined("Running", "clocks", ok("clock, beside Slack's", "0 seconds apart"))
    unread = Examined("Parameters", parameters.READ, unchecked("parameters", "AWS was not reached"))
    assert exit_status([unread, clock]) == 2


def test_a_clock_that_nobody_tells_leaves_the_others_to_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_clock_of", lambda url: utc_now())
    site = a_site(sts=Client(get_caller_identity=NoCredentialsError()))
    states = {one.where: one.state for one in found(site, running.CHECKS, "clocks")}
    assert states == {
        "clock, beside AWS's": State.UNCHECKED,
        "clock, beside Slack's": State.OK,
        "clock, beside Google's": State.OK,
    }


def test_no_finding_holds_a_contact_a_token_or_a_key_but_the_service_accounts_address() -> None:
    robot = "reminders@shop.iam.gserviceaccount.com"
    one = wrong("a row", "mei@customer.example at +6591234567 with xoxb-12-ab", f"share it with {robot}")
    assert one.what == "[e-mail] at [phone ..67] with [token]"
    assert one.mend == f"share it with {robot}"
