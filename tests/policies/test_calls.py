"""The inventory is what the functions really call, and a call that it lacks is noticed in whatever test makes it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import app as shipped
from chalicelib import bootstrap, names
from tests.policies import inventory
from tests.policies.lanes import everything_recorded
from tests.policies.needs import ACCOUNT, REGION, Need, UnknownCall, needs
from tests.policies.recorder import Recorder
from tests.policies.session import CallsWatched

STATE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{names.STATE}"


@pytest.mark.ministack
def test_the_lanes_make_every_call_of_the_inventory_and_no_other() -> None:
    """Promise 82. What nothing makes any more goes out of the inventory, and then out of the policies."""
    recorder = everything_recorded()
    assert recorder.unknown == set()
    made, known = recorder.lines(), inventory.read()
    assert inventory.beyond(made, known) == [], inventory.HOW
    assert inventory.beyond(known, made) == [], "no lane makes these: run `python -m tests.policies.record`"


# ---------------------------------------------------------------- what is noted


def a_client() -> Any:
    return boto3.client("ssm", region_name=REGION, aws_access_key_id="none", aws_secret_access_key="none")


def ask(client: Any, operation: str = "get_parameter", **params: str) -> None:
    with Stubber(client) as stub:
        stub.add_response(operation, {})
        getattr(client, operation)(**params)


@pytest.fixture
def runs_dispatch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Dispatch, doing what it is given instead of its own work."""

    def run(work: Any) -> None:
        monkeypatch.setattr(bootstrap, "runtime", lambda: work())
        envelope = {"detail": {}, "version": "0", "account": "", "region": "", "detail-type": "", "source": ""}
        with pytest.raises(Exception, match="RuntimeError"):
            shipped.dispatch(envelope | {"time": "", "id": "", "resources": []}, None)

    return run


def test_a_call_is_its_function_s_whose_handler_is_running(runs_dispatch: Any) -> None:
    recorder, client = Recorder().start(), a_client()

    def work() -> None:
        ask(client, Name=names.SENDING_PARAMETER)
        raise RuntimeError("stop here")

    try:
        runs_dispatch(work)
        ask(client, Name="/somebody/else")
    finally:
        recorder.stop()
    line = f"ssm:GetParameter arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{names.SENDING_PARAMETER}"
    assert recorder.lines() == {names.DISPATCH: [line]}


def test_a_call_whose_needs_nobody_wrote_down_is_named() -> None:
    recorder = Recorder()
    recorder.note(names.DISPATCH, "ssm", "DeleteParameter", {"Name": names.SENDING_PARAMETER})
    [told] = recorder.unknown
    assert told.startswith("dispatch: ssm DeleteParameter")


# ---------------------------------------------------------------- what a session says


def finished(made: dict[str, list[str]], unknown: list[str], status: int = 0) -> tuple[CallsWatched, Any]:
    """A session of xdist's whose worker noted this."""
    watched = CallsWatched()
    watched.pytest_testnodedown(SimpleNamespace(workeroutput={"aws_calls": made, "unknown_aws_calls": unknown}))
    session: Any = SimpleNamespace(config=SimpleNamespace(), exitstatus=status)
    watched.pytest_sessionfinish(session)
    return watched, session


class _Terminal:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str, **_: Any) -> None:
        self.lines.append(title)

    def line(self, text: str) -> None:
        self.lines.append(text)


def test_a_session_that_made_only_known_calls_is_left_as_it_is() -> None:
    _, session = finished(inventory.read(), [])
    assert session.exitstatus == 0


def test_a_session_fails_for_a_call_that_the_inventory_lacks_and_says_what_to_do() -> None:
    watched, session = finished({names.REMINDER: [f"dynamodb:Scan {STATE}"]}, [])
    terminal = _Terminal()
    watched.pytest_terminal_summary(terminal)
    assert session.exitstatus == pytest.ExitCode.TESTS_FAILED
    assert f"reminder: dynamodb:Scan {STATE}" in terminal.lines
    assert terminal.lines[-1] == inventory.HOW


def test_a_session_fails_for_a_function_that_was_never_recorded() -> None:
    _, session = finished({"newcomer": [f"dynamodb:Query {STATE}"]}, [])
    assert session.exitstatus == pytest.ExitCode.TESTS_FAILED
    with pytest.raises(AssertionError, match=r"python -m tests\.policies\.record"):
        inventory.needs_of("newcomer")


def test_a_worker_hands_over_what_it_noted_and_judges_nothing() -> None:
    watched = CallsWatched()
    watched.pytest_testnodedown(SimpleNamespace(workeroutput={"aws_calls": {"reminder": ["x y"]}}))
    handed: dict[str, Any] = {}
    session: Any = SimpleNamespace(config=SimpleNamespace(workeroutput=handed), exitstatus=0)
    watched.pytest_sessionfinish(session)
    assert session.exitstatus == 0
    assert json.loads(json.dumps(handed)) == {"aws_calls": {"reminder": ["x y"]}, "unknown_aws_calls": []}


# ---------------------------------------------------------------- what IAM asks


def test_a_transaction_is_checked_item_by_item() -> None:
    items = [{"Put": {"TableName": names.AUDIT}}, {"ConditionCheck": {"TableName": names.STATE}}]
    found = needs("dynamodb", "TransactWriteItems", {"TransactItems": items})
    assert {str(need) for need in found} == {
        f"dynamodb:PutItem arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{names.AUDIT}",
        f"dynamodb:ConditionCheckItem {STATE}",
    }


def test_a_query_of_an_index_is_checked_on_the_index() -> None:
    [need] = needs("dynamodb", "Query", {"TableName": names.SENDS, "IndexName": names.SENDS_UNSETTLED_INDEX})
    assert need.resource.endswith(f"table/{names.SENDS}/index/{names.SENDS_UNSETTLED_INDEX}")


def test_a_schedule_hands_a_role_over() -> None:
    role = "arn:aws:iam::1:role/ar-one-offs"
    found = needs("scheduler", "CreateSchedule", {"GroupName": "ar-one-offs", "Target": {"RoleArn": role}})
    assert Need("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/ar-one-offs", "scheduler.amazonaws.com") in found


def test_a_raw_mail_is_checked_as_both_actions_on_the_sender_s_domain() -> None:
    mail = {"FromEmailAddress": "Bright <appointments@bright.example>", "Content": {"Raw": {"Data": b""}}}
    found = needs("sesv2", "SendEmail", mail)
    identity = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/bright.example"
    assert found == {Need("ses:SendEmail", identity), Need("ses:SendRawEmail", identity)}


def test_converse_is_checked_as_invoke_model_on_profile_and_model() -> None:
    found = needs("bedrock-runtime", "Converse", {"modelId": "global.anthropic.haiku"})
    assert {need.resource.rpartition(":")[2] for need in found} == {
        "inference-profile/global.anthropic.haiku",
        "foundation-model/anthropic.haiku",
    }
    assert {need.action for need in found} == {"bedrock:InvokeModel"}


def test_a_line_of_the_inventory_is_read_as_it_was_written() -> None:
    need = Need("iam:PassRole", "arn:aws:iam::1:role/x", "textract.amazonaws.com")
    assert Need.read(str(need)) == need


def test_a_call_that_is_not_known_is_an_error() -> None:
    with pytest.raises(UnknownCall, match="sqs DeleteQueue"):
        needs("sqs", "DeleteQueue", {})
