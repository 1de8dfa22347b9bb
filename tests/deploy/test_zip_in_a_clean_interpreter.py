"""The shop's day, run by the zip itself: every call of a function is a fresh interpreter that has no other code.

As on Lambda, the unpacked zip comes first, then AWS's own client, then the standard library. The embedded AWS and the
stand-ins are this process's.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import docx
import pytest
from chalice.app import ScheduledEventConfig

from app import app
from chalicelib import names
from deploy.package import Package
from local.customer import Customers, fetch
from local.world import ShopSetup, World
from tests.contract.test_scans import a_pdf
from tests.functional.test_take_in_mail import WORD, a_mail

pytestmark = pytest.mark.ministack

SINGAPORE = ZoneInfo("Asia/Singapore")
NOW = datetime.now(UTC)
START = (NOW + timedelta(hours=9)).replace(minute=0, second=0, microsecond=0)
CALENDAR = "desk@bright.example"
HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status"]
RULES = "Dental cleaning: remind at 24 hours.\nQuiet hours: none.\nGap alert: 2 hours before.\n"
AWS_CLIENT = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
"""What Lambda has beside Python."""
VENDORS = {"googleapiclient", "google", "slack_sdk"}
DOCUMENTS = {"docx", "openpyxl", "lxml"}
INTERPRETER = """
import json, sys
task, runtime, handler = sys.argv[1:]
sys.path[:0] = [task, runtime]
import app

class Context:
    function_name, aws_request_id, memory_limit_in_mb, function_version = handler, "1", 256, "$LATEST"
    invoked_function_arn = "arn:aws:lambda:ap-southeast-1:000000000000:function:" + handler

    def get_remaining_time_in_millis(self):
        return 30000

answer = getattr(app, handler)(json.load(sys.stdin), Context())
files = [module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)]
print()
print(json.dumps({"answer": answer, "files": files, "modules": sorted(sys.modules)}))
"""


class ShippedFunction:
    """A function of the zip, called as the pump calls those of this process."""

    def __init__(self, name: str, task: Path, runtime: Path) -> None:
        self.name = name
        self.loaded: list[set[str]] = []  # the packages that each run brought in
        self.files: set[str] = set()
        self._command = [sys.executable, "-I", "-S", "-c", INTERPRETER, str(task), str(runtime), name]
        self._task = task

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> Any:
        """Its answer. Raises AssertionError with what the function wrote to its log, if it failed."""
        environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": f"ar-dev-{self.name}", "PYTHONTZPATH": ""}
        done = subprocess.run(
            self._command,
            input=json.dumps(event),
            cwd=self._task,
            env={**environment, "LAMBDA_TASK_ROOT": str(self._task)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{self.name}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        told = json.loads(done.stdout.splitlines()[-1])
        self.loaded.append({module.partition(".")[0] for module in told["modules"]})
        self.files.update(told["files"])
        return told["answer"]


@pytest.fixture(scope="module")
def places(runnable: Package, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The unpacked zip, and a directory with AWS's client."""
    root = tmp_path_factory.mktemp("var")
    task, runtime = root / "task", root / "runtime"
    with ZipFile(runnable.zip) as zipped:
        zipped.extractall(task)
    runtime.mkdir()
    for name in AWS_CLIENT:
        found = importlib.util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        origin = Path(found.origin)
        origin = origin.parent if origin.name == "__init__.py" else origin
        (runtime / origin.name).symlink_to(origin)
    return task, runtime


@pytest.fixture(scope="module")
def functions(places: tuple[Path, Path]) -> dict[str, ShippedFunction]:
    declared = [one.name for one in (*app.event_sources, *app.pure_lambda_functions)]
    return {name: ShippedFunction(name, *places) for name in [*declared, "app"]}


@pytest.fixture(scope="module")
def world(functions: dict[str, ShippedFunction]) -> Iterator[World]:
    """A shop whose sheet has just been synced by the zip, and all that this brought about done by it."""
    running = World(NOW)
    local = START.astimezone(SINGAPORE)
    visit = [f"{local:%Y-%m-%d}", f"{local:%I:%M%p}".lower(), ""]
    rows = [
        ["A-1", "Mei Tan", "+6591234561", "", "Dental cleaning", "Dr One", *visit],
        ["A-2", "Ana Lim", "", "ana@example.com", "Dental cleaning", "Dr Two", *visit],
    ]
    try:
        running.google.calendar.calendars[CALENDAR] = {}
        running.start(ShopSetup([HEADER, *rows], RULES, "", parameters={"calendars": CALENDAR}))
        running.functions.handlers = functions
        running._app = functions["app"]  # type: ignore[assignment]
        assert running.sync(), running.functions.runs
        yield running
    finally:
        running.stop()


def ran(world: World, function: str) -> list[str]:
    """What came of each run of a function."""
    return [run.result for run in world.functions.runs if run.function == function]


def test_the_sync_mirrors_the_sheet_and_asks_for_a_tick(world: World) -> None:
    mirror = world.s3.get_object(Bucket=names.APPOINTMENTS_BUCKET, Key=names.APPOINTMENTS_KEY)["Body"].read().decode()
    assert "Mei Tan" in mirror
    assert ran(world, names.REMINDER_ON_CHANGE)


def test_dispatch_texts_and_mails(world: World) -> None:
    assert [text.to for text in world.sms.texts] == ["+6591234561"]
    assert [mail.to for mail in world.mail.mails] == ["ana@example.com"]


def test_the_delivery_log_settles_the_text(world: World) -> None:
    [sent] = [item for item in world.items(names.SENDS) if item["appt_id"] == "A-1"]
    assert sent["state"] == "DELIVERED"


def test_a_link_that_never_was_gets_the_calm_page(world: World) -> None:
    page = fetch(f"{world.pages.url}/r/x")
    assert (page.status, page.outcome, page.forms) == (404, "refused", [])


def test_a_look_at_the_page_brings_in_no_other_vendor(world: World, functions: dict[str, ShippedFunction]) -> None:
    link = Customers(world).newest_link("A-1")
    assert link
    assert fetch(link).status == 200
    assert functions["app"].loaded[-1] & (VENDORS | DOCUMENTS | {"icalendar"}) == set()


def test_a_customer_confirms_on_the_page(world: World) -> None:
    assert Customers(world).press("A-1", "confirm") == "done"
    world.pump.run_until_quiet()
    [row] = [row for row in world.google.sheet_rows() if row[0] == "A-1"]
    assert row[HEADER.index("status")] == "confirmed"


def test_a_mail_with_a_word_document_is_proposed_and_approved_in_slack(world: World) -> None:
    made, document = io.BytesIO(), docx.Document()
    for line in (
        "Customer: Flo Ito",
        "Phone: +65 9123 4562",
        "Service: Dental cleaning",
        "Date: 8 December 2027",
        "Time: 10:00 am",
    ):
        document.add_paragraph(line)
    document.save(made)
    world.bedrock.current_file = "word.eml"
    world.drop_mail("word.eml", a_mail("See attachment.", attached=[("a.docx", WORD, made.getvalue())]))
    world.pump.run_until_quiet()
    [card] = [one for one in world.slack.messages if (one.metadata.get("event_payload") or {}).get("source")]
    assert world.slack.press(card.ts, card.buttons[0]["action_id"]) == 200
    world.pump.run_until_quiet()
    assert "Flo Ito" in [row[1] for row in world.google.sheet_rows()]


def test_a_scan_is_read_on_when_its_topic_says_so(world: World) -> None:
    pdf = a_pdf("Customer: Di Goh", "Service: Dental cleaning", "Date: 7 December 2027", "Time: 9:30 am")
    world.bedrock.current_file = "scan.eml"
    world.drop_mail("scan.eml", a_mail("See attachment.", attached=[("a.pdf", "application/pdf", pdf)]))
    world.pump.run_until_quiet()
    assert ran(world, names.SCAN_DONE)
    assert any("Di Goh" in json.dumps(message.blocks) for message in world.slack.messages)


def test_an_event_of_the_calendar_is_proposed(world: World) -> None:
    person = {"email": "pia@customer.example", "displayName": "Pia Qu"}
    world.google.calendar.add(CALENDAR, "Dental cleaning", "#appt", NOW + timedelta(days=3), 30, [person])
    assert world.functions.scheduled(names.CALENDAR_SYNC)
    assert any("Pia Qu" in json.dumps(message.blocks) for message in world.slack.messages)


def test_an_alarm_becomes_a_line(world: World) -> None:
    topic = world.sns.create_topic(Name=names.ALARMS_TOPIC)["TopicArn"]
    said = {"AlarmName": "a", "AlarmDescription": "The tick is missing.", "NewStateValue": "ALARM"}
    world.sns.publish(TopicArn=topic, Message=json.dumps({**said, "StateChangeTime": "2026-11-25T01:15:00.000+0000"}))
    world.pump.run_until_quiet()
    assert any("The tick is missing" in message.text for message in world.slack.messages)


@pytest.mark.parametrize("name", [one.name for one in app.event_sources if isinstance(one, ScheduledEventConfig)])
def test_what_the_clock_calls_runs(world: World, name: str) -> None:
    assert world.functions.scheduled(name), ran(world, name)


def test_every_function_has_run_and_none_has_failed(world: World, functions: dict[str, ShippedFunction]) -> None:
    world.pump.run_until_quiet()
    assert [run for run in world.functions.runs if run.failed] == []
    assert [name for name, function in functions.items() if not function.loaded] == []


@pytest.mark.parametrize(
    ("name", "unneeded"),
    [
        (names.DRIVE_SYNC, {"slack_sdk", "jinja2", "icalendar"}),
        (names.REMINDER, {"googleapiclient", "google", "slack_sdk", "jinja2", "icalendar"}),
        (names.REMINDER_ON_CHANGE, {"googleapiclient", "google", "slack_sdk", "jinja2", "icalendar"}),
        (names.DISPATCH, {"googleapiclient", "google", "slack_sdk"}),
        (names.SMS_DELIVERY, {"googleapiclient", "google", "slack_sdk", "jinja2", "icalendar"}),
        (names.CALENDAR_SYNC, {"jinja2"}),
        (names.STAFF_ACTION, {"jinja2", "icalendar"}),
        (names.ALARM, {"googleapiclient", "google", "jinja2", "icalendar"}),
        ("app", {"icalendar"}),
    ],
)
def test_a_function_loads_only_what_its_work_uses(
    world: World, functions: dict[str, ShippedFunction], name: str, unneeded: set[str]
) -> None:
    assert set.union(*functions[name].loaded) & (unneeded | DOCUMENTS) == set()


def test_no_code_came_from_anywhere_else(
    world: World, functions: dict[str, ShippedFunction], places: tuple[Path, Path]
) -> None:
    allowed = (*(str(place) for place in places), str(Path(os.__file__).parent))
    used = {file for function in functions.values() for file in function.files}
    assert [file for file in used if not file.startswith(allowed)] == []
