"""Every handler of `app.py`, called as AWS calls it, over the embedded AWS; and `chalice local` beside it.

One shop, begun on the real clock, since `chalice local` has no other. Each test has a visit of its own.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from chalice.test import Client

from app import app
from chalicelib import names
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.send import Move, SendKey
from chalicelib.domain.week_due import TOLD_AT, week_of
from chalicelib.domain.work import StaffLine
from local.customer import Customers, fetch
from local.world import SLACK_SIGNING_SECRET, ShopSetup, World
from tests.functional.dispatch_world import MoveDue
from tests.functional.test_intake_on_ministack import LANES

pytestmark = pytest.mark.ministack

ROOT = Path(__file__).parents[2]
SINGAPORE = ZoneInfo("Asia/Singapore")
TABLES = (names.SENDS, names.REPLIES, names.AUDIT, names.STATE, names.SENDS_ARCHIVE)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BEGIN = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
START = BEGIN + timedelta(hours=50)
SCANNERS = (
    "Mozilla/5.0 (compatible; Microsoft Outlook SafeLinks)",
    "Barracuda Sentinel (EE)",
    "WhatsApp/2.23.20 A",
    "facebookexternalhit/1.1",
    "curl/8.5.0",
)
RULES = "Dental cleaning: remind at 48 hours.\nQuiet hours: none.\nGap alert: 2 hours before.\n"
EXERCISED = {
    names.DRIVE_SYNC,
    names.REMINDER,
    names.REMINDER_ON_CHANGE,
    names.DISPATCH,
    names.STAFF_ACTION,
    names.SMS_DELIVERY,
    names.ALARM,
    names.SUMMARY,
}
"""The functions that a test below invokes by name; those of the intake lanes have a file of their own."""


def row(number: int, **changes: str) -> list[str]:
    """One visit of the shop, all at the same time with staff of their own."""
    local = START.astimezone(SINGAPORE)
    cells = {
        "appt_id": f"A-{number}",
        "customer": "Mei Tan",
        "phone": f"+659123456{number}",
        "email": "",
        "service": "Dental cleaning",
        "staff": f"Dr {number}",
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%I:%M%p}".lower(),
        "status": "",
    }
    return list({**cells, **changes}.values())


HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status"]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The shop, its sheet synced and its reminders sent, each by the handler that does it in production."""
    running = World(BEGIN)
    try:
        rows = [HEADER, *(row(n) for n in range(6)), row(6, email="mei@example.com", phone="")]
        running.start(ShopSetup(rows, RULES, ""))
        with Client(app) as client:
            client.lambda_.invoke(names.DRIVE_SYNC, scheduled(running))
            running.pump.run_until_quiet()
            running.clock.move_to(START - timedelta(hours=48))
            client.lambda_.invoke(names.REMINDER, scheduled(running))
            running.pump.run_until_quiet()
        yield running
    finally:
        running.stop()


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with Client(app) as running:
        yield running


def scheduled(world: World) -> dict[str, Any]:
    """What EventBridge hands to a scheduled function."""
    return {
        "version": "0",
        "id": "1",
        "account": "0",
        "region": "ap-southeast-1",
        "detail": {},
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": f"{world.clock():%Y-%m-%dT%H:%M:%SZ}",
        "resources": [],
    }


def emitted(client: Client, detail_type: str, detail: dict[str, Any]) -> dict[str, Any]:
    """What EventBridge hands to a function on the bus."""
    event: dict[str, Any] = client.events.generate_cw_event(names.EVENT_SOURCE, detail_type, detail, [])
    return event


def token_of(world: World, appt_id: str) -> str:
    """The token in the newest message's link."""
    link = Customers(world).newest_link(appt_id)
    assert link, f"{appt_id} had no message"
    return link.rpartition("/")[2]


def hidden(html: str, action: str) -> str:
    """The token behind a button of a page."""
    found = re.search(rf'data-action="{action}">\s*<input type="hidden" name="t" value="([^"]+)"', html)
    assert found, html
    return unescape(found[1])


def status(world: World, appt_id: str) -> str:
    """A visit's status cell in the sheet."""
    cells = next(cells for cells in world.google.sheet_rows() if cells[0] == appt_id)
    return cells[HEADER.index("status")] if len(cells) > HEADER.index("status") else ""


def alert_in_slack(world: World) -> str:
    """A message that staff can press on. Its timestamp."""
    return world.runtime.staff.post("#front-desk", StaffLine("Please call Mei.", move="gap_alert"))


def everything(world: World) -> dict[str, list[str]]:
    """All that the tables hold, comparable."""
    return {
        table: sorted(json.dumps(item, default=str, sort_keys=True) for item in world.items(table)) for table in TABLES
    }


# ---------------------------------------------------------------- the functions


def test_every_function_of_the_app_is_called_here() -> None:
    functions = {source.name for source in (*app.event_sources, *app.pure_lambda_functions)}
    assert functions == EXERCISED | LANES


def test_the_sync_mirrors_the_sheet_and_the_docs(world: World) -> None:
    """Promises 2, 3, 5, 6."""
    mirror = world.s3.get_object(Bucket=names.APPOINTMENTS_BUCKET, Key=names.APPOINTMENTS_KEY)["Body"].read().decode()
    assert mirror.startswith("appt_id,customer,phone,email,service,staff,date,time,status,link,")
    assert world.s3.get_object(Bucket=names.RULES_BUCKET, Key=names.RULES_KEY)["Body"].read().decode().strip() == (
        RULES.strip()
    )


def test_a_sync_of_an_unchanged_sheet_writes_no_new_version(client: Client, world: World) -> None:
    """Promises 4, 7."""

    def versions() -> int:
        found = world.s3.list_object_versions(Bucket=names.APPOINTMENTS_BUCKET, Prefix=names.APPOINTMENTS_KEY)
        return len(found["Versions"])

    client.lambda_.invoke(names.DRIVE_SYNC, scheduled(world))
    before = versions()
    client.lambda_.invoke(names.DRIVE_SYNC, scheduled(world))
    assert versions() == before


def test_the_tick_and_dispatch_text_every_customer_once(client: Client, world: World) -> None:
    """Promises 17, 31, 33, 35, 46."""
    client.lambda_.invoke(names.REMINDER, scheduled(world))
    client.lambda_.invoke(names.REMINDER_ON_CHANGE, emitted(client, "ar.tick_requested", {"version": 1}))
    world.pump.run_until_quiet()
    reminded = [text.to for text in world.sms.texts if "OK/change" in text.body]
    assert sorted(reminded) == [f"+659123456{n}" for n in range(6)]
    assert {text.attributes["AWS.SNS.SMS.SMSType"] for text in world.sms.texts} == {"Transactional"}
    assert [mail.to for mail in world.mail.mails if "A-6" in mail.part("text/calendar")] == ["mei@example.com"]


def test_dispatch_takes_the_envelope_of_a_one_off_and_does_nothing_twice(client: Client, world: World) -> None:
    """Promise 42."""
    before = len(world.sms.texts)
    key = SendKey("A-0", chain_id(START), "h48")
    due = MoveDue(key, Move.FIRST_REMINDER, world.clock(), 48)
    client.lambda_.invoke(names.DISPATCH, due.envelope())
    assert len(world.sms.texts) == before


def test_the_delivery_log_settles_a_text(client: Client, world: World) -> None:
    [send] = [item for item in world.items(names.SENDS) if item["appt_id"] == "A-0"]
    entry = {"notification": {"messageId": send["message_id"]}, "status": "SUCCESS", "delivery": {}}
    lines = {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "0", "timestamp": 0, "message": json.dumps(entry)}]}
    data = base64.b64encode(gzip.compress(json.dumps(lines).encode())).decode()
    client.lambda_.invoke(names.SMS_DELIVERY, {"awslogs": {"data": data}})
    [send] = [item for item in world.items(names.SENDS) if item["appt_id"] == "A-0"]
    assert send["state"] == "DELIVERED"


def test_a_press_of_staff_is_acted_on(client: Client, world: World) -> None:
    detail = {
        "action": "confirmed_by_phone",
        "value": f"{chain_id(START)}|A-5",
        "user": "dana",
        "channel": "#front-desk",
        "message": alert_in_slack(world),
    }
    client.lambda_.invoke(names.STAFF_ACTION, emitted(client, "ar.staff_action", detail))
    world.pump.run_until_quiet()
    assert status(world, "A-5") == "confirmed"


def test_an_alarm_on_its_topic_becomes_a_line_to_staff_with_a_pointer(world: World) -> None:
    said = {
        "AlarmName": "ar-tick-missing",
        "AlarmDescription": "The tick is missing. What to do: docs/operations.md, “The tick is missing”.",
        "NewStateValue": "ALARM",
        "OldStateValue": "OK",
        "StateChangeTime": "2026-11-25T01:15:00.000+0000",
    }
    topic = world.sns.create_topic(Name=names.ALARMS_TOPIC)["TopicArn"]
    for _ in range(2):
        world.sns.publish(TopicArn=topic, Message=json.dumps(said), Subject='ALARM: "ar-tick-missing" in Singapore')
        world.pump.run_until_quiet()
    told = [message.text for message in world.slack.messages if "The tick is missing" in message.text]
    assert told == [f"Alarm, since Wed 25 Nov 9:15am: {said['AlarmDescription']}"]


def test_a_budget_s_plain_text_is_taken_by_the_same_function(client: Client, world: World) -> None:
    notice = "Budget Name: b\nBudgeted Amount: $30.00\nAlert Type: ACTUAL\nAlert Threshold: > $24.00\n"
    client.lambda_.invoke(names.ALARM, client.events.generate_sns_event(notice))
    assert "more than $24.00" in world.slack.messages[-1].text


# ---------------------------------------------------------------- the routes


def test_a_link_opens_the_page_and_a_press_confirms(client: Client, world: World) -> None:
    """Promises 50, 51, 52, 53, 55, 56."""
    token = token_of(world, "A-1")
    page = client.http.get(f"/r/{token}").body.decode()
    assert "9123" not in page
    answer = client.http.post(f"/r/{token}", headers=FORM, body=urlencode({"t": hidden(page, "confirm")}).encode())
    world.pump.run_until_quiet()
    assert f"{START.astimezone(SINGAPORE):%A}" in answer.body.decode()
    assert status(world, "A-1") == "confirmed"
    assert [item["action"] for item in world.items(names.REPLIES) if item["appt_id"] == "A-1" and "action" in item] == [
        "confirm"
    ]


def test_a_second_press_of_the_same_button_changes_nothing(client: Client, world: World) -> None:
    """Promise 68."""
    token = token_of(world, "A-2")
    button = hidden(client.http.get(f"/r/{token}").body.decode(), "cancel")
    client.http.post(f"/r/{token}", headers=FORM, body=urlencode({"t": button}).encode())
    world.pump.run_until_quiet()
    before = everything(world)
    again = client.http.post(f"/r/{token}", headers=FORM, body=urlencode({"t": button}).encode())
    assert again.status_code == 200
    assert everything(world) == before


def test_a_token_that_was_altered_or_guessed_acts_on_nothing(client: Client, world: World) -> None:
    """Promises 66, 69."""
    token = token_of(world, "A-3")
    button = hidden(client.http.get(f"/r/{token}").body.decode(), "cancel")
    before = everything(world)
    altered = button[:-1] + ("A" if button[-1] != "A" else "B")
    client.http.post(f"/r/{token}", headers=FORM, body=urlencode({"t": altered}).encode())
    client.http.post("/r/" + "A" * 42, headers=FORM, body=urlencode({"t": "A" * 60}).encode())
    assert everything(world) == before


def test_head_and_get_of_every_page_are_answered(client: Client, world: World) -> None:
    token = token_of(world, "A-6")
    assert [client.http.head(f"/{page}/{token}").status_code for page in "ru"] == [200, 200]
    assert [client.http.get(f"/{page}/{token}").status_code for page in "ru"] == [200, 200]


def test_one_click_opts_an_address_out_of_reminder_mail(client: Client, world: World) -> None:
    token = token_of(world, "A-6")
    answer = client.http.post(f"/u/{token}", headers=FORM, body=b"List-Unsubscribe=One-Click")
    assert answer.status_code == 200
    assert world.runtime.store.opted_out(["mei@example.com"]) == {"mei@example.com"}


def test_slack_is_answered_at_once_and_the_press_goes_on_the_bus(client: Client, world: World) -> None:
    message = alert_in_slack(world)
    payload = {
        "type": "block_actions",
        "user": {"id": "UDANA", "username": "dana"},
        "channel": {"id": "C1", "name": "front-desk"},
        "container": {"message_ts": message, "channel_id": "#front-desk"},
        "message": {"ts": message, "text": "a gap alert"},
        "actions": [{"type": "button", "action_id": "cancelled_by_staff#0", "value": f"{chain_id(START)}|A-4"}],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    stamp = str(int(world.clock().timestamp()))
    signature = hmac.new(SLACK_SIGNING_SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {**FORM, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
    assert client.http.post("/slack/interactive", headers=headers, body=body).status_code == 200
    assert status(world, "A-4") == ""
    world.pump.run_until_quiet()
    assert status(world, "A-4") == "cancelled"


def test_a_forged_press_is_refused(client: Client, world: World) -> None:
    before = everything(world)
    stamp = str(int(world.clock().timestamp()))
    headers = {**FORM, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + "0" * 64}
    assert client.http.post("/slack/interactive", headers=headers, body=b"payload=%7B%7D").status_code in (401, 403)
    world.pump.run_until_quiet()
    assert everything(world) == before


# ---------------------------------------------------------------- chalice local


@pytest.fixture(scope="module")
def chalice_local(world: World) -> Iterator[str]:
    """`chalice local` in a process of its own, with this world's addresses. Its base URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = "import sys; from chalice.cli import main; sys.argv[0] = 'chalice'; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", serve, "local", "--host", "127.0.0.1", "--port", str(port), "--no-autoreload"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until the server listens."""
    for _ in range(300):
        assert process.poll() is None, "chalice local ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("chalice local did not begin to listen")


def knock(url: str, method: str, agent: str) -> int:
    """One request of a scanner. Its status."""
    request = urllib.request.Request(url, method=method, headers={"User-Agent": agent, "Accept": "*/*"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
            return int(answer.status)
    except HTTPError as refused:
        return refused.code
    except URLError as failure:
        raise AssertionError(f"{method} was not answered") from failure


def test_chalice_local_serves_a_real_reply_link(world: World, chalice_local: str) -> None:
    """Promise 50."""
    page = fetch(f"{chalice_local}/r/{token_of(world, 'A-3')}")
    assert page.status == 200
    assert {form.kind for form in page.forms} >= {"confirm", "cancel"}
    assert knock(f"{chalice_local}/r/{token_of(world, 'A-3')}", "HEAD", "curl") == 200


def test_a_hundred_scanners_change_nothing_and_the_press_works_afterwards(world: World, chalice_local: str) -> None:
    """Promises 51, 69. Scanners and link previews follow links; only a press acts."""
    link = f"{chalice_local}/r/{token_of(world, 'A-3')}"
    before = everything(world)
    statuses = {
        knock(link + ("?a=cancel" if n % 2 else ""), ("GET", "HEAD", "OPTIONS")[n % 3], SCANNERS[n % 5])
        for n in range(100)
    }
    assert everything(world) == before
    assert max(statuses) < 500
    form = fetch(link).form("cancel")
    assert form is not None
    assert fetch(link, form.fields).outcome == "done"
    world.pump.run_until_quiet()
    assert status(world, "A-3") == "cancelled"


# ---------------------------------------------------------------- on Monday


def test_the_summary_runs_every_quarter_of_an_hour_and_tells_a_week_once(client: Client, world: World) -> None:
    """Promises 71, 73. The last one here, since it moves the clock on to Monday."""
    lines = len(world.slack.messages)
    monday = week_of(world.clock(), SINGAPORE) + timedelta(days=7)
    eight = datetime.combine(monday, TOLD_AT, SINGAPORE).astimezone(UTC)
    world.configure({"owner_email": "owner@bright.example"})
    for minutes in (-15, 0, 0, 15):
        world.clock.move_to(eight + timedelta(minutes=minutes))
        client.lambda_.invoke(names.SUMMARY, scheduled(world))
    assert [m.channel for m in world.slack.messages[lines:]] == ["#front-desk"]
    assert [mail.to for mail in world.mail.mails].count("owner@bright.example") == 1
    assert world.runtime.store.last_beat(names.SUMMARY) == eight + timedelta(minutes=15)
