"""An alarm becomes one line to staff: what it is, since when, what to do; and its end is told too."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.errors import DefiniteNo
from chalicelib.logs import scrub
from chalicelib.usecases.tell_alarm import REMEMBERED, tell_alarm
from tests.fakes.runtime import FakeRuntime

NOW = datetime(2026, 11, 25, 1, 20, tzinfo=UTC)
TICK = "The tick is missing. Reminders are not handed out. What to do: docs/operations.md, “The tick is missing”."
BUDGET = """AWS Budget Notification November 25, 2026
AWS Account 123456789012

Dear AWS Customer,

You requested that we alert you when the ACTUAL Cost associated with your ar-monthly budget is greater than $24.00 \
for the current month. The ACTUAL Cost associated with this budget is $24.73. You can find additional details below \
and by accessing the AWS Budgets dashboard [1].

Budget Name: ar-monthly
Budget Type: Cost
Budgeted Amount: $30.00
Alert Type: ACTUAL
Alert Threshold: > $24.00
ACTUAL Amount: $24.73

[1] https://console.aws.amazon.com/billing/home#/budgets
"""


@pytest.fixture
def rt() -> FakeRuntime:
    return FakeRuntime(NOW)


def an_alarm(
    state: str = "ALARM", at: str = "2026-11-25T01:15:00.000+0000", was: str = "OK", **more: Any
) -> dict[str, Any]:
    """What CloudWatch publishes, as far as it is read, and more."""
    return {
        "AlarmName": "ar-tick-missing",
        "AlarmDescription": TICK,
        "AWSAccountId": "123456789012",
        "NewStateValue": state,
        "NewStateReason": "Threshold Crossed: no datapoints were received for 5 periods",
        "StateChangeTime": at,
        "Region": "Asia Pacific (Singapore)",
        "OldStateValue": was,
        "Trigger": {"MetricName": "tick", "Namespace": "ar-reminder"},
        **more,
    }


def tell(rt: FakeRuntime, message: dict[str, Any] | str) -> bool:
    return tell_alarm(rt, message if isinstance(message, str) else json.dumps(message), scrub)


def lines(rt: FakeRuntime) -> list[str]:
    return [line.text for _, line in rt.staff.lines]


def test_an_alarm_says_what_it_is_since_when_and_where_to_read_what_to_do(rt: FakeRuntime) -> None:
    """Promise 89: what is published on the topics reaches Slack."""
    tell(rt, an_alarm())
    assert lines(rt) == [f"Alarm, since Wed 25 Nov 9:15am: {TICK}"]
    assert [channel for channel, _ in rt.staff.lines] == ["#front-desk"]


def test_its_end_is_told_in_a_sentence(rt: FakeRuntime) -> None:
    tell(rt, an_alarm())
    tell(rt, an_alarm("OK", "2026-11-25T02:10:00.000+0000", "ALARM"))
    assert lines(rt)[1:] == ["Over, since Wed 25 Nov 10:10am: The tick is missing."]


def test_an_alarm_is_told_once_however_often_it_is_delivered(rt: FakeRuntime) -> None:
    assert [tell(rt, an_alarm()) for _ in range(3)] == [True, False, False]
    assert len(lines(rt)) == 1


def test_the_same_alarm_an_hour_later_is_another_one(rt: FakeRuntime) -> None:
    tell(rt, an_alarm())
    tell(rt, an_alarm("OK", "2026-11-25T02:10:00.000+0000", "ALARM"))
    tell(rt, an_alarm("ALARM", "2026-11-25T03:10:00.000+0000"))
    assert len(lines(rt)) == 3


def test_an_alarm_that_was_just_made_and_is_at_rest_is_not_told(rt: FakeRuntime) -> None:
    assert not tell(rt, an_alarm("OK", was="INSUFFICIENT_DATA"))
    assert lines(rt) == []


def test_a_recovery_by_way_of_not_known_is_told(rt: FakeRuntime) -> None:
    tell(rt, an_alarm())
    tell(rt, an_alarm("INSUFFICIENT_DATA", "2026-11-25T02:10:00.000+0000", "ALARM"))
    assert "lack of figures" in lines(rt)[1]
    rt.clock.forward(minutes=1)
    tell(rt, an_alarm("OK", "2026-11-25T02:20:00.000+0000", "ALARM"))
    assert lines(rt)[2].startswith("Over, since")


def test_a_line_that_slack_did_not_take_waits_in_the_outbox(rt: FakeRuntime) -> None:
    def down(_: str) -> None:
        raise DefiniteNo("Slack", "service_unavailable")

    rt.staff.refuse = down
    assert tell(rt, an_alarm())
    assert len(rt.store.work()) == 1
    rt.staff.refuse = None
    assert not tell(rt, an_alarm())
    assert len(lines(rt)) == 1
    assert rt.store.work() == []


def test_a_repeat_of_an_alarm_posts_nothing_that_belongs_to_others(rt: FakeRuntime) -> None:
    from chalicelib.ports import PutWork
    from chalicelib.usecases.staff_lines import staff_work

    tell(rt, an_alarm())
    rt.store.commit(PutWork(staff_work(rt, "another line", NOW)))
    tell(rt, an_alarm())
    assert len(lines(rt)) == 1


def test_a_budget_s_notice_says_what_it_costs_and_against_what(rt: FakeRuntime) -> None:
    """Promise 89: the budget's alerts reach Slack."""
    assert [tell(rt, BUDGET), tell(rt, BUDGET)] == [True, False]
    assert lines(rt) == [
        "Alarm: this month AWS has cost $24.73; the alert is at $24.00 of a budget of $30.00. Nothing stops by itself. "
        "What to do: docs/operations.md, “The bill”."
    ]


def test_a_forecast_is_told_as_one(rt: FakeRuntime) -> None:
    tell(rt, BUDGET.replace("ACTUAL", "FORECASTED"))
    assert "this month AWS is expected to cost $24.73" in lines(rt)[0]


def test_the_next_month_s_notice_is_told_again(rt: FakeRuntime) -> None:
    tell(rt, BUDGET)
    tell(rt, BUDGET.replace("November 25", "December 24"))
    assert len(lines(rt)) == 2


@pytest.mark.parametrize(
    "message",
    [
        "",
        "hello",
        "[1]",
        "null",
        "{}",
        json.dumps({"AlarmName": "x", "NewStateValue": "BROKEN", "StateChangeTime": "2026-11-25T01:15:00.000+0000"}),
        json.dumps({"AlarmName": "x", "NewStateValue": "ALARM", "StateChangeTime": "soon"}),
        json.dumps({"AlarmName": "x", "NewStateValue": "ALARM", "StateChangeTime": "2026-11-25T01:15:00"}),
        json.dumps({"AlarmName": "x", "NewStateValue": ["ALARM"], "StateChangeTime": "2026-11-25T01:15:00.000+0000"}),
        "Budget Name: x",
    ],
)
def test_what_cannot_be_read_is_told_as_it_is_and_once(rt: FakeRuntime, message: str) -> None:
    assert [tell(rt, message), tell(rt, message)] == [True, False]
    [line] = lines(rt)
    assert "can't be read" in line
    assert message in line


def test_no_contact_and_no_more_than_a_line_of_what_cannot_be_read_is_shown(rt: FakeRuntime) -> None:
    tell(rt, "call +6591234567 or mei@example.com\n" + "x " * 5000)
    [line] = lines(rt)
    assert "91234567" not in line
    assert "@example" not in line
    assert len(line) < 450
    assert "\n" not in line


def test_an_alarm_of_somebody_else_s_is_told_by_its_name_and_reason(rt: FakeRuntime) -> None:
    tell(rt, an_alarm(AlarmName="disk", AlarmDescription=None, NewStateReason="1 datapoint by mei@example.com"))
    [line] = lines(rt)
    assert line == "Alarm, since Wed 25 Nov 9:15am: disk: 1 datapoint by [e-mail]"


def test_an_old_state_that_cannot_be_read_keeps_no_alarm_from_being_told(rt: FakeRuntime) -> None:
    assert tell(rt, an_alarm(was=["?"]))


def test_what_was_told_is_forgotten_when_it_cannot_come_again_but_for_how_the_alarm_stands(rt: FakeRuntime) -> None:
    for day in range(3):
        tell(rt, an_alarm(at=f"2026-11-2{5 + day}T01:15:00.000+0000"))
    rt.clock.now = NOW + REMEMBERED + timedelta(days=9)
    tell(rt, an_alarm("INSUFFICIENT_DATA", "2027-01-02T01:15:00.000+0000", "ALARM"))
    assert len(rt.store.told("alarm#ar-tick-missing#")) == 2
