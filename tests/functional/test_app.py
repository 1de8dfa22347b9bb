"""The edge: both kinds of HTTP event, the functions' events, and Slack's presses, as AWS would hand them over."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import bootstrap
from chalicelib.adapters.slack_signature import SlackPresses
from chalicelib.errors import UpstreamError
from chalicelib.function_url import BARE_HEADERS, Failed, form_fields
from chalicelib.log_subscription import entries
from tests.fakes.runtime import FakeRuntime

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
TOKEN = "A" * 42
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def rt(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """The process's runtime is one in memory."""
    fake = FakeRuntime(NOW)
    fake.presses = SlackPresses(fake.secrets.slack_signing_secret)  # type: ignore[attr-defined]
    monkeypatch.setattr(bootstrap, "_runtime", fake)
    return fake


@pytest.fixture
def client(rt: FakeRuntime) -> Iterator[Client]:
    with Client(app) as running:
        yield running


def url_event(method: str, path: str, body: str | None = None, **changes: Any) -> dict[str, Any]:
    """What a Function URL hands over (payload 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path.partition("?")[0],
        "rawQueryString": path.partition("?")[2],
        "headers": {"host": "x.lambda-url.ap-southeast-1.on.aws", **FORM},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}},
        "body": body,
        "isBase64Encoded": False,
        **changes,
    }


def answer(event: dict[str, Any]) -> dict[str, Any]:
    return app(event, None)


def header(found: dict[str, Any], name: str) -> str:
    return {key.lower(): value for key, value in found["headers"].items()}.get(name.lower(), "")


# ---------------------------------------------------------------- HTTP


def test_a_link_that_is_no_good_shows_the_calm_page_through_api_gateway(client: Client) -> None:
    """Promise 50."""
    found = client.http.get(f"/r/{TOKEN}")
    assert "Bright Dental" in found.body.decode()
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_both_kinds_of_event_get_the_same_answer(client: Client, method: str) -> None:
    over_gateway = client.http.request(method, f"/r/{TOKEN}", headers=FORM, body=b"t=x")
    over_url = answer(url_event(method, f"/r/{TOKEN}", "t=x"))
    assert over_url["statusCode"] == over_gateway.status_code
    assert over_url["body"] == over_gateway.body.decode()
    assert header(over_url, "Content-Type").startswith("text/html")


def test_head_answers_like_get_without_a_body(rt: FakeRuntime) -> None:
    get, head = (answer(url_event(method, f"/r/{TOKEN}?a=confirm")) for method in ("GET", "HEAD"))
    assert head["statusCode"] == get["statusCode"]
    assert head["body"] == ""


def test_opening_a_link_counts_and_writes_nothing(rt: FakeRuntime) -> None:
    for _ in range(20):
        answer(url_event("GET", f"/r/{TOKEN}?move=1"))
    assert rt.metrics.counts == {}
    assert rt.documents.writes == 0


def test_a_press_that_is_no_good_counts_towards_the_alarm(rt: FakeRuntime) -> None:
    """Promise 69."""
    answer(url_event("POST", f"/r/{TOKEN}", "t=guess"))
    assert rt.metrics.counts == {"token_refused": 1}


def test_a_form_may_come_in_base64(rt: FakeRuntime) -> None:
    body = base64.b64encode(b"t=guess").decode()
    answer(url_event("POST", f"/r/{TOKEN}", body, isBase64Encoded=True))
    assert rt.metrics.counts == {"token_refused": 1}


def test_a_form_may_name_its_charset(client: Client) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert b"Bright Dental" in client.http.post(f"/r/{TOKEN}", headers=headers, body=b"t=x").body


def test_a_mail_program_s_one_click_post_is_taken_in_either_form(client: Client) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    for headers in (FORM, {"content-type": "multipart/form-data; boundary=b"}):
        assert b"Bright Dental" in client.http.post(f"/u/{TOKEN}", headers=headers, body=body).body


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", FORM, 404),
        ("GET", "/favicon.ico", FORM, 404),
        ("GET", f"/r/{TOKEN}/more", FORM, 404),
        ("DELETE", f"/r/{TOKEN}", FORM, 405),
        ("OPTIONS", f"/r/{TOKEN}", FORM, 405),
        ("POST", f"/r/{TOKEN}", {"content-type": "application/json"}, 415),
        ("GET", "/slack/interactive", FORM, 405),
    ],
)
def test_what_is_not_offered_is_refused_in_one_plain_sentence(
    rt: FakeRuntime, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    found = answer(url_event(method, path, headers=headers))
    assert found["statusCode"] == status
    assert header(found, "Content-Type").startswith("text/plain")
    assert "Error" not in found["body"]


@pytest.mark.parametrize("path", ["/", f"/r/{TOKEN}", f"/u/{TOKEN}", "/slack/interactive"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_every_answer_is_kept_out_of_stores_frames_and_indexes(rt: FakeRuntime, method: str, path: str) -> None:
    found = answer(url_event(method, path, "t=x"))
    for name in BARE_HEADERS:
        assert header(found, name), name
    assert header(found, "Referrer-Policy") == "no-referrer"
    assert "frame-ancestors 'none'" in header(found, "Content-Security-Policy")


def test_a_failure_shows_nothing_of_itself(rt: FakeRuntime, caplog: pytest.LogCaptureFixture) -> None:
    rt.secrets = None  # type: ignore[assignment]
    found = answer(url_event("GET", f"/r/{TOKEN}"))
    assert found["statusCode"] == 500
    assert "NoneType" not in found["body"]
    assert "please try again" in found["body"].lower()


def test_a_body_that_is_no_small_form_has_no_fields() -> None:
    assert form_fields(b"t=a&t=b&slot=2026") == {"t": "b", "slot": "2026"}
    assert form_fields(b"\xff\xfe=1") == {}
    assert form_fields(b"t=" + b"a" * 20_000) == {}
    assert form_fields("&".join(f"f{n}=1" for n in range(50)).encode()) == {}


# ---------------------------------------------------------------- Slack


def slack_body(action: str = "confirmed_by_phone#0", channel: str = "front-desk", user: str = "U1") -> str:
    payload = {
        "type": "block_actions",
        "user": {"id": user, "username": "dana", "name": "dana"},
        "channel": {"id": "C1", "name": channel},
        "container": {"type": "message", "message_ts": "1764000000.000100"},
        "actions": [{"type": "button", "action_id": action, "value": "20261126T0100Z|A-17"}],
    }
    return urlencode({"payload": json.dumps(payload)})


def slack_event(body: str, at: datetime = NOW, secret: str = "signing-secret", **changes: Any) -> dict[str, Any]:
    stamp = str(int(at.timestamp()))
    signed = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {**FORM, "x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={signed}"}
    return url_event("POST", "/slack/interactive", body, headers=headers, **changes)


def test_a_press_is_answered_at_once_and_handed_on(rt: FakeRuntime) -> None:
    found = answer(slack_event(slack_body()))
    assert (found["statusCode"], found["body"]) == (200, "")
    [(detail_type, detail)] = rt.bus.requests
    assert detail_type == "ar.staff_action"
    assert (detail["action"], detail["value"]) == ("confirmed_by_phone", "20261126T0100Z|A-17")
    assert (detail["user"], detail["channel"], detail["message"]) == ("dana", "C1", "1764000000.000100")


def test_a_press_in_base64_is_verified_over_the_raw_body(rt: FakeRuntime) -> None:
    event = slack_event(slack_body())
    event["body"], event["isBase64Encoded"] = base64.b64encode(event["body"].encode()).decode(), True
    assert answer(event)["statusCode"] == 200
    assert len(rt.bus.requests) == 1


def test_a_press_through_api_gateway_is_taken_too(client: Client, rt: FakeRuntime) -> None:
    event = slack_event(slack_body())
    found = client.http.post("/slack/interactive", headers=event["headers"], body=event["body"].encode())
    assert found.status_code == 200
    assert len(rt.bus.requests) == 1


@pytest.mark.parametrize("late", [-301, 301, 86_400])
def test_a_press_signed_more_than_five_minutes_away_is_a_stranger_s(rt: FakeRuntime, late: int) -> None:
    signed_at = datetime.fromtimestamp(NOW.timestamp() + late, UTC)
    assert answer(slack_event(slack_body(), at=signed_at))["statusCode"] == 401
    assert rt.bus.requests == []
    assert rt.metrics.counts == {"slack_refused": 1}


def test_a_press_that_somebody_else_signed_or_changed_is_a_stranger_s(rt: FakeRuntime) -> None:
    changed = slack_event(slack_body())
    changed["body"] = slack_body(action="cancelled_by_staff#1")
    unsigned = url_event("POST", "/slack/interactive", slack_body())
    junk = slack_event(slack_body())
    junk["headers"]["x-slack-request-timestamp"] = "soon"
    for event in (slack_event(slack_body(), secret="guess"), changed, unsigned, junk):
        assert answer(event)["statusCode"] == 401
    assert rt.bus.requests == []


def test_a_press_elsewhere_or_by_somebody_not_listed_is_marked_as_failed(rt: FakeRuntime) -> None:
    assert answer(slack_event(slack_body(channel="random")))["statusCode"] == 403
    rt.config = type(rt.config)(**{**_fields(rt.config), "slack_users": frozenset({"U2"})})
    assert answer(slack_event(slack_body()))["statusCode"] == 403
    assert answer(slack_event(slack_body(user="U2")))["statusCode"] == 200
    assert len(rt.bus.requests) == 1


def _fields(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__dataclass_fields__}


def test_what_slack_signs_but_nobody_pressed_is_answered_and_ignored(rt: FakeRuntime) -> None:
    for body in (urlencode({"payload": json.dumps({"type": "view_closed"})}), "payload=nonsense", "ssl_check=1"):
        assert answer(slack_event(body))["statusCode"] == 200
    assert rt.bus.requests == []


def test_slack_sees_that_a_press_failed_when_the_bus_is_down(rt: FakeRuntime) -> None:
    rt.bus.down = True
    assert answer(slack_event(slack_body()))["statusCode"] == 500


# ---------------------------------------------------------------- functions


def test_the_declared_functions_are_those_that_names_lists() -> None:
    """Promises 3 and 17."""
    from chalicelib import names

    scheduled = {one.name: str(one.schedule_expression.to_string()) for one in _sources("ScheduledEventConfig")}
    hourly = (names.REMINDER, names.CALENDAR_SYNC, names.INTAKE_WATCH)
    others = {names.DRIVE_SYNC: "rate(5 minutes)", names.SUMMARY: "rate(15 minutes)"}
    assert scheduled == others | dict.fromkeys(hourly, "rate(1 hour)")
    assert {one.name for one in _sources("CloudWatchEventConfig")} == {
        names.REMINDER_ON_CHANGE,
        names.DISPATCH,
        names.STAFF_ACTION,
    }
    assert {(one.name, one.bucket) for one in _sources("S3EventConfig")} == {(names.INTAKE, names.RAW_MIME_BUCKET)}
    assert {(one.name, one.topic) for one in _sources("SNSEventConfig")} == {
        (names.SCAN_DONE, names.SCANS_TOPIC),
        (names.ALARM, names.ALARMS_TOPIC),
    }
    assert [one.name for one in app.pure_lambda_functions] == [names.SMS_DELIVERY]


def _sources(kind: str) -> list[Any]:
    return [one for one in app.event_sources if type(one).__name__ == kind]


def test_dispatch_listens_to_every_move_that_is_emitted() -> None:
    """Promise 33."""
    [pattern] = [one.event_pattern for one in _sources("CloudWatchEventConfig") if one.name == "dispatch"]
    assert pattern["source"] == ["ar"]
    assert set(pattern["detail-type"]) == {
        "ar.first_reminder",
        "ar.second_reminder",
        "ar.gap_alert",
        "ar.moved",
        "ar.cancelled",
    }


def test_a_failing_function_tells_lambda_its_kind_and_the_log_the_rest(
    client: Client, rt: FakeRuntime, caplog: pytest.LogCaptureFixture
) -> None:
    event = client.events.generate_cw_event("ar", "ar.first_reminder", {"version": 99, "phone": "+6591234567"}, [])
    with caplog.at_level(logging.ERROR), pytest.raises(Failed) as caught:
        client.lambda_.invoke("dispatch", event)
    assert str(caught.value) == "ValueError"
    assert caught.value.__cause__ is None
    assert "function_failed" in caplog.text


def test_a_log_subscription_is_unpacked_and_its_check_is_empty() -> None:
    def packed(kind: str, *messages: str) -> dict[str, Any]:
        batch = {"messageType": kind, "logEvents": [{"id": "1", "timestamp": 1, "message": m} for m in messages]}
        return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()}}

    line = {"status": "SUCCESS", "notification": {"messageId": "m-1"}}
    assert entries(packed("DATA_MESSAGE", json.dumps(line), "START RequestId", "[]")) == [line]
    assert entries(packed("CONTROL_MESSAGE", "CWL CONTROL MESSAGE: Checking health")) == []


def test_an_upstream_failure_is_not_swallowed(client: Client, rt: FakeRuntime) -> None:
    class Down:
        def read(self, *_: object) -> None:
            raise UpstreamError("S3", "down")

    rt.documents = Down()  # type: ignore[assignment]
    with pytest.raises(Failed, match="UpstreamError"):
        client.lambda_.invoke("reminder", client.events.generate_cw_event("aws.events", "Scheduled Event", {}, []))
