"""The bus and the one-off schedules: what goes over, in what portions, and what a refusal means."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.adapters.eventbridge_bus import MAX_BYTES, EventBridgeBus
from chalicelib.adapters.scheduler_one_offs import SchedulerOneOffs
from chalicelib.domain.events import MoveDue
from chalicelib.domain.send import Move, SendKey
from chalicelib.errors import UpstreamError

PLANNED = datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
DISPATCH = "arn:aws:lambda:ap-southeast-1:123456789012:function:ar-dev-dispatch"
ROLE = "arn:aws:iam::123456789012:role/ar-one-offs"
DEAD = "arn:aws:sqs:ap-southeast-1:123456789012:ar-dead-letters"


def a_move(number: int = 1, **context: str) -> MoveDue:
    key = SendKey(f"A-{number}", "20261126T0100Z", "h1")
    return MoveDue(key, Move.FIRST_REMINDER, PLANNED, hours=1, reason="1 hour before", context=context)


def refusal(code: str, operation: str = "PutEvents") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "+6591234567"}}, operation)


class Events:
    """EventBridge as far as the bus uses it; `refuse` says which entry of which call is not taken."""

    def __init__(self, refuse: Callable[[int, dict[str, str]], str] = lambda call, entry: "") -> None:
        self.calls: list[list[dict[str, str]]] = []
        self.taken: list[dict[str, Any]] = []
        self._refuse = refuse

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:
        self.calls.append(Entries)
        answers = []
        for entry in Entries:
            code = self._refuse(len(self.calls), entry)
            answers.append({"ErrorCode": code, "ErrorMessage": "no"} if code else {"EventId": "e"})
            if not code:
                self.taken.append(json.loads(entry["Detail"]))
        return {"FailedEntryCount": sum("ErrorCode" in one for one in answers), "Entries": answers}


def bus(events: Any) -> EventBridgeBus:
    return EventBridgeBus(events, pause=lambda seconds: None)


def ids(events: Events) -> list[str]:
    return [one["appt_id"] for one in events.taken]


def test_an_event_carries_its_spec_name_and_context_and_no_contact() -> None:
    """Promise 33."""
    events = Events()
    bus(events).put([a_move(customer="Mei", service="Cleaning")])
    [[entry]] = events.calls
    assert (entry["Source"], entry["DetailType"]) == ("ar", "ar.first_reminder")
    assert json.loads(entry["Detail"])["appointment"] == {"customer": "Mei", "service": "Cleaning"}


def test_events_go_ten_to_a_call() -> None:
    events = Events()
    bus(events).put([a_move(number) for number in range(23)])
    assert [len(call) for call in events.calls] == [10, 10, 3]
    assert ids(events) == [f"A-{number}" for number in range(23)]


def test_nothing_to_say_makes_no_call() -> None:
    events = Events()
    bus(events).put([])
    assert events.calls == []


def test_only_what_was_refused_goes_again() -> None:
    def third_and_seventh(call: int, entry: dict[str, str]) -> str:
        number = json.loads(entry["Detail"])["appt_id"]
        return "ThrottlingException" if call == 1 and number in ("A-3", "A-7") else ""

    events = Events(third_and_seventh)
    bus(events).put([a_move(number) for number in range(10)])
    assert [len(call) for call in events.calls] == [10, 2]
    assert sorted(ids(events)) == sorted(f"A-{number}" for number in range(10))


def test_what_is_still_refused_is_a_failure_after_the_others_went() -> None:
    events = Events(lambda call, entry: "InternalFailure" if '"A-2"' in entry["Detail"] else "")
    with pytest.raises(UpstreamError, match="1 of 12 events not taken: InternalFailure"):
        bus(events).put([a_move(number) for number in range(12)])
    assert len(ids(events)) == 11
    assert [len(call) for call in events.calls] == [10, 1, 1, 2]


def test_large_events_share_a_call_only_while_they_fit() -> None:
    events = Events()
    bus(events).put([a_move(number, customer="é" * 50_000) for number in range(5)])
    assert [len(call) for call in events.calls] == [2, 2, 1]


def test_an_event_that_no_call_can_carry_is_named() -> None:
    with pytest.raises(UpstreamError, match="over"):
        bus(Events()).put([a_move(customer="x" * MAX_BYTES)])


@pytest.mark.parametrize("failure", [refusal("AccessDenied"), EndpointConnectionError(endpoint_url="https://x")])
def test_a_bus_that_cannot_be_reached_is_an_upstream_failure(failure: Exception) -> None:
    class Down:
        def put_events(self, Entries: object) -> None:
            raise failure

    with pytest.raises(UpstreamError) as caught:
        bus(Down()).request("ar.tick_requested", {"version": 1})
    assert "+65" not in str(caught.value)


# ---------------------------------------------------------------- one-off schedules


class Scheduler:
    """EventBridge Scheduler as far as the one-offs use it."""

    def __init__(self, refuse: str = "") -> None:
        self.booked: list[dict[str, Any]] = []
        self._refuse = refuse

    def create_schedule(self, **request: Any) -> None:
        if self._refuse:
            raise refusal(self._refuse, "CreateSchedule")
        self.booked.append(request)


def one_offs(scheduler: Scheduler) -> SchedulerOneOffs:
    return SchedulerOneOffs(scheduler, DISPATCH, ROLE, DEAD)


def test_a_one_off_runs_at_its_minute_in_utc_and_removes_itself() -> None:
    """Promise 42."""
    scheduler = Scheduler()
    one_offs(scheduler).book(a_move(), datetime(2026, 11, 26, 8, 0, tzinfo=timezone(timedelta(hours=8))))
    [booked] = scheduler.booked
    assert booked["ScheduleExpression"] == "at(2026-11-26T00:00:00)"
    assert booked["ScheduleExpressionTimezone"] == "UTC"
    assert booked["ActionAfterCompletion"] == "DELETE"
    assert booked["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert booked["GroupName"] == "ar-one-offs"


def test_a_one_off_invokes_dispatch_with_the_whole_envelope() -> None:
    """Promise 40."""
    scheduler = Scheduler()
    one_offs(scheduler).book(a_move(), PLANNED)
    target = scheduler.booked[0]["Target"]
    assert (target["Arn"], target["RoleArn"], target["DeadLetterConfig"]) == (DISPATCH, ROLE, {"Arn": DEAD})
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    envelope = json.loads(target["Input"])
    needed = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
    assert needed <= set(envelope)
    assert (envelope["region"], envelope["account"]) == ("ap-southeast-1", "123456789012")
    assert MoveDue.from_detail(envelope["detail"]) == a_move()


def test_one_that_is_booked_already_is_success() -> None:
    one_offs(Scheduler("ConflictException")).book(a_move(), PLANNED)


def test_a_later_minute_of_the_same_send_has_a_name_of_its_own() -> None:
    scheduler = Scheduler()
    for minutes in (0, 0, 5):
        one_offs(scheduler).book(a_move(), PLANNED + timedelta(minutes=minutes))
    first, again, later = (booked["Name"] for booked in scheduler.booked)
    assert first == again == a_move().schedule_name
    assert later == replace(a_move(), planned=PLANNED + timedelta(minutes=5)).schedule_name != first


def test_any_other_refusal_is_an_upstream_failure() -> None:
    with pytest.raises(UpstreamError, match="ValidationException"):
        one_offs(Scheduler("ValidationException")).book(a_move(), PLANNED)


def test_a_function_that_was_not_told_what_to_invoke_says_so() -> None:
    with pytest.raises(UpstreamError, match="AR_DISPATCH_ARN"):
        SchedulerOneOffs(Scheduler(), "", "", "").book(a_move(), PLANNED)
