"""Slack's door: only what Slack signed just now, in our channel, by whom we allow; and however often, it acts once."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import bootstrap
from chalicelib.adapters.slack_signature import SlackPresses
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.gap_buttons import subject
from chalicelib.domain.standing import Answer
from chalicelib.ports import StaffPress
from chalicelib.usecases.hand_on_press import may_press
from chalicelib.usecases.settle_staff_action import settle_staff_action
from tests.conftest import Tables
from tests.fakes.runtime import a_config
from tests.functional.reply_world import MEI, NOW, START, Door
from tests.functional.test_app import answer, header, slack_body, slack_event, url_event

VALUE = subject("A-17", chain_id(START))


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    """Mei's visit, with Slack's way in."""
    door = Door.open()
    door.rt.presses = SlackPresses(door.rt.secrets.slack_signing_secret)  # type: ignore[attr-defined]
    monkeypatch.setattr(bootstrap, "_runtime", door.rt)
    return door


def a_press(action: str = "cancelled_by_staff#1", user: str = "U1", channel: str = "front-desk") -> str:
    return slack_body(action, channel, user).replace("20261126T0100Z%7CA-17", VALUE.replace("|", "%7C"))


def deliver(door: Door) -> None:
    """The bus hands on what it holds, twice each, as EventBridge may."""
    with Client(app) as client:
        for detail_type, detail in list(door.rt.bus.requests):
            if detail_type == "ar.staff_action":
                event = client.events.generate_cw_event("ar", detail_type, dict(detail), [])
                for _ in range(2):
                    client.lambda_.invoke("staff_action", event)


def untouched(door: Door) -> bool:
    return not door.rt.store.world.standings and not door.rt.bus.requests


# ---------------------------------------------------------------- the signature


def test_a_press_that_is_replayed_or_delivered_again_acts_once(door: Door) -> None:
    event = slack_event(a_press(), at=NOW)
    for _ in range(3):
        assert answer(event)["statusCode"] == 200
    deliver(door)
    assert door.standing().answer is Answer.CANCELLED
    assert door.actions() == ["cancel"]
    assert len([entry for entry in door.rt.store.audit("A-17") if entry.channel == "slack"]) == 1


@pytest.mark.ministack
def test_twenty_deliveries_of_one_press_at_once_act_once(door: Door, dynamodb: Tables) -> None:
    door.rt.store, door.rt.ledger = dynamodb.store, dynamodb.ledger

    def deliver_once(_: int) -> str:
        return settle_staff_action(door.rt, "cancelled_by_staff", VALUE, "dana", "C1", "1.1", NOW)

    with ThreadPoolExecutor(10) as pool:
        said = list(pool.map(deliver_once, range(20)))
    assert door.actions() == ["cancel"]
    assert all(text.startswith("Cancelled — dana.") for text in said)


def test_a_press_that_is_replayed_after_the_opposite_one_changes_nothing(door: Door) -> None:
    cancelled = slack_event(a_press(), at=NOW)
    answer(slack_event(a_press("confirmed_by_phone#0"), at=NOW))
    deliver(door)
    answer(cancelled)
    deliver(door)
    assert door.actions() == ["confirm", "cancel"]
    for _ in range(3):
        answer(cancelled)
        answer(slack_event(a_press("confirmed_by_phone#0"), at=NOW))
    deliver(door)
    assert door.actions() == ["confirm", "cancel"]
    assert door.standing().answer is Answer.CANCELLED


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_within_five_minutes_a_signature_is_good(door: Door, seconds: int) -> None:
    assert answer(slack_event(a_press(), at=NOW + timedelta(seconds=seconds)))["statusCode"] == 200


def forged(name: str) -> dict[str, Any]:
    """A request that Slack did not send like this."""
    event = slack_event(a_press(), at=NOW)
    headers = event["headers"]
    signature = headers["x-slack-signature"]
    match name:
        case "no signature":
            del headers["x-slack-signature"]
        case "no time":
            del headers["x-slack-request-timestamp"]
        case "an empty signature":
            headers["x-slack-signature"] = ""
        case "only the version":
            headers["x-slack-signature"] = "v0="
        case "another version":
            headers["x-slack-signature"] = "v1" + signature[2:]
        case "cut":
            headers["x-slack-signature"] = signature[:-1]
        case "in capitals":
            headers["x-slack-signature"] = signature.upper()
        case "letters of another script":
            headers["x-slack-signature"] = "v0=" + "é" * 64
        case "the time as it isn't written":
            headers["x-slack-request-timestamp"] += ".0"
        case "the time in another script":
            headers["x-slack-request-timestamp"] = "١٧٦٣٩٥٠٠٠٠"
        case "an endless time":
            headers["x-slack-request-timestamp"] = "9" * 5000
        case "a negative time":
            headers["x-slack-request-timestamp"] = "-" + headers["x-slack-request-timestamp"]
        case "a later time than was signed":
            headers["x-slack-request-timestamp"] = str(int(headers["x-slack-request-timestamp"]) + 1)
        case "one more field":
            event["body"] += "&x=1"
        case "one byte less":
            event["body"] = event["body"][:-1]
        case "no body":
            event["body"] = None
        case "bytes that are no text":
            event["body"], event["isBase64Encoded"] = base64.b64encode(b"\xff\xfe").decode(), True
        case "base64 of what was signed, not said to be so":
            event["body"] = base64.b64encode(event["body"].encode()).decode()
        case "a body without end":
            event = slack_event(a_press() + "&x=" + "A" * 300_000, at=NOW)
    return event


FORGERIES = [
    "no signature",
    "no time",
    "an empty signature",
    "only the version",
    "another version",
    "cut",
    "in capitals",
    "letters of another script",
    "the time as it isn't written",
    "the time in another script",
    "an endless time",
    "a negative time",
    "a later time than was signed",
    "one more field",
    "one byte less",
    "no body",
    "bytes that are no text",
    "base64 of what was signed, not said to be so",
    "a body without end",
]


@pytest.mark.parametrize("name", FORGERIES)
def test_a_request_that_slack_did_not_send_like_this_is_refused_like_any_other(door: Door, name: str) -> None:
    refused = answer(url_event("POST", "/slack/interactive", "x=1"))
    assert refused["statusCode"] == 401
    assert answer(forged(name)) == refused
    assert untouched(door)
    assert door.rt.metrics.counts == {"slack_refused": 2}


def test_every_changed_digit_of_a_signature_is_refused(door: Door) -> None:
    event = slack_event(a_press(), at=NOW)
    signature = event["headers"]["x-slack-signature"]
    for place in range(3, len(signature)):
        changed = "0" if signature[place] != "0" else "1"
        event["headers"]["x-slack-signature"] = signature[:place] + changed + signature[place + 1 :]
        assert answer(event)["statusCode"] == 401
    assert untouched(door)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_only_a_form_is_taken_and_refusing_tells_nothing(door: Door, kind: str) -> None:
    event = slack_event(a_press(), at=NOW)
    event["headers"]["content-type"] = kind
    found = answer(event)
    assert found["statusCode"] == 415
    assert header(found, "Cache-Control") == "no-store"
    assert untouched(door)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_a_post_presses(door: Door, method: str) -> None:
    event = slack_event(a_press(), at=NOW)
    event["requestContext"]["http"]["method"] = method
    assert answer(event)["statusCode"] == 405
    assert untouched(door)


# ---------------------------------------------------------------- who, and where


@pytest.mark.parametrize("channel", ["random", "directmessage", "privategroup", "", "front-desk-2", "#front-desk "])
def test_another_channel_presses_nothing(door: Door, channel: str) -> None:
    assert answer(slack_event(a_press(channel=channel), at=NOW))["statusCode"] == 403
    assert untouched(door)


@pytest.mark.parametrize("user", ["U9", "", "dana2"])
def test_somebody_who_is_not_listed_presses_nothing(door: Door, user: str) -> None:
    door.rt.config = a_config(slack_users=frozenset({"U1"}))
    assert answer(slack_event(a_press(user=user), at=NOW))["statusCode"] == 403
    assert untouched(door)
    assert answer(slack_event(a_press(user="U1"), at=NOW))["statusCode"] == 200


def test_a_blank_name_of_channel_or_user_matches_no_list(door: Door) -> None:
    blank = StaffPress(action="x", value="", user="", user_id="", channel="", channel_name="", message="")
    assert not may_press(a_config(), blank)
    assert not may_press(a_config(slack_users=frozenset({"U1"})), blank)


def signed(payload: object) -> dict[str, Any]:
    return slack_event(urlencode({"payload": json.dumps(payload)}), at=NOW)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "x",
        {},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": [{"type": "button"}], "user": {}},
        {"type": "block_actions", "actions": [{"type": "static_select", "action_id": "a"}], "user": {"id": "U1"}},
        {"type": "block_actions", "actions": "x", "user": {"id": "U1"}},
        {"type": "block_actions", "actions": [None], "user": None},
        {"type": "view_submission", "user": {"id": "U1"}},
        {"type": "shortcut"},
    ],
)
def test_what_slack_signs_that_is_no_press_is_answered_and_changes_nothing(door: Door, payload: object) -> None:
    assert answer(signed(payload))["statusCode"] == 200
    assert untouched(door)


def test_an_action_that_no_button_has_is_handed_on_and_changes_nothing(door: Door) -> None:
    for action in ("drop_all", "../x", "__class__", "x" * 255, ""):
        answer(slack_event(a_press(action), at=NOW))
    deliver(door)
    assert not door.rt.store.world.standings
    assert door.rt.staff.settled == []


def test_no_contact_travels_on_the_bus(door: Door) -> None:
    door.mirror({**MEI, "email": "mei@example.com"})
    answer(slack_event(a_press(), at=NOW))
    deliver(door)
    carried = json.dumps([detail for _, detail in door.rt.bus.requests]) + repr(door.rt.bus.moves)
    assert "91234567" not in carried and "mei@example.com" not in carried


def test_an_old_alert_s_button_does_nothing_to_the_visit_s_new_time(door: Door) -> None:
    door.move("2026-11-27 15:00")
    before = door.standing()
    answer(slack_event(a_press(), at=NOW))
    deliver(door)
    assert door.standing() == before
    assert "another time" in door.rt.staff.settled[-1][2]


def test_the_clock_of_the_check_is_ours_and_not_the_machine_s(door: Door) -> None:
    door.rt.clock.now = datetime(2031, 1, 1, tzinfo=UTC)
    assert answer(slack_event(a_press(), at=NOW))["statusCode"] == 401
    assert untouched(door)
