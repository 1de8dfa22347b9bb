"""Slack: what a line looks like there, and what Slack's answers mean."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from chalicelib.adapters.slack_cards import card_blocks, card_metadata, form_view
from chalicelib.adapters.slack_staff import SlackStaff, blocks, escaped
from chalicelib.domain.work import Button, Card, CardField, Form, FormField, Input, Link, StaffLine
from chalicelib.errors import DefiniteNo, DeliveryError, MessageGone, NoAnswer, UpstreamError
from chalicelib.ports import Posted
from local.standins.slack_limits import blocks_problem, metadata_problem, view_problem
from tests.fakes.answering import Vendor, a_closed_port, a_vendor

LINE = StaffLine(
    text="Mei <b> & co hasn't answered: Thursday 9:00am, +65 9123 4567",
    move="gap_alert",
    appt_id="A-17",
    chain="20261126T0100Z",
    hours=3,
    reason="nobody answered",
    buttons=(
        Button("confirmed_by_phone", "Confirmed by phone", "20261126T0100Z|A-17", "primary"),
        Button("call_later", "Call later", "20261126T0100Z|A-17"),
    ),
)


@pytest.fixture
def slack() -> Iterator[Vendor]:
    with a_vendor() as vendor:
        vendor.body = b'{"ok": true, "ts": "1764.1", "channel": "C1"}'
        yield vendor


def staff(vendor: Vendor, token: Callable[[], str] = lambda: "xoxb-test") -> SlackStaff:
    return SlackStaff(token, f"{vendor.url}/api/")


def asked(vendor: Vendor) -> dict[str, Any]:
    """What the last request said, whichever way it was encoded."""
    _, _, headers, body = vendor.requests[-1]
    if headers["Content-Type"].startswith("application/json"):
        found: dict[str, Any] = json.loads(body)
        return found
    return {name: values[-1] for name, values in parse_qs(body.decode()).items()}


def as_object(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def failure(vendor: Vendor) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        staff(vendor).post("#front-desk", LINE)
    assert "9123" not in str(caught.value)
    return caught.value


def test_a_gap_alert_goes_to_the_configured_channel_with_its_buttons(slack: Vendor) -> None:
    """Promise 37."""
    assert staff(slack).post("#front-desk", LINE) == "1764.1"
    assert slack.requests[-1][1] == "/api/chat.postMessage"
    said = asked(slack)
    assert said["channel"] == "#front-desk"
    [section, actions] = as_object(said["blocks"])
    assert section["text"]["verbatim"] is True
    assert [one["action_id"] for one in actions["elements"]] == ["confirmed_by_phone#0", "call_later#1"]
    assert actions["elements"][0]["style"] == "primary"
    assert "style" not in actions["elements"][1]


def test_a_line_says_what_it_is_about_to_whoever_looks_for_it_later(slack: Vendor) -> None:
    staff(slack).post("#front-desk", LINE)
    about = as_object(asked(slack)["metadata"])
    assert about["event_type"] == "ar_gap_alert"
    assert about["event_payload"] == {
        "appt_id": "A-17",
        "chain": "20261126T0100Z",
        "move": "gap_alert",
        "hours": "3",
        "reason": "nobody answered",
    }


def test_what_a_cell_says_is_no_markup() -> None:
    assert escaped("<!channel> & <https://rex.example|you>") == "&lt;!channel&gt; &amp; &lt;https://rex.example|you&gt;"
    [section] = blocks("<!here> Mei")
    assert section["text"]["text"] == "&lt;!here&gt; Mei"


def test_links_in_a_line_are_not_unfurled(slack: Vendor) -> None:
    staff(slack).post("#front-desk", LINE)
    said = asked(slack)
    assert str(said["unfurl_links"]).lower() in ("false", "0")
    assert str(said["unfurl_media"]).lower() in ("false", "0")


def test_a_long_line_is_cut_into_sections_that_slack_takes() -> None:
    shown = blocks("\n".join(f"row {number}: no phone number" for number in range(500)) + "\n" + "x" * 7000)
    texts = [one["text"]["text"] for one in shown]
    assert all(0 < len(text) <= 3000 for text in texts)
    assert "row 499" in "".join(texts)
    assert len(shown) <= 50


def test_an_empty_line_is_still_one_that_slack_takes() -> None:
    assert blocks("")[0]["text"]["text"] == " "


@pytest.mark.parametrize("word", ["channel_not_found", "not_in_channel", "invalid_auth", "ratelimited"])
def test_what_slack_refuses_is_a_definite_no_by_its_name(slack: Vendor, word: str) -> None:
    slack.body = json.dumps({"ok": False, "error": word}).encode()
    found = failure(slack)
    assert type(found) is DefiniteNo
    assert found.reason == word


def test_slack_s_own_trouble_is_no_answer(slack: Vendor) -> None:
    slack.body = b'{"ok": false, "error": "internal_error"}'
    assert type(failure(slack)) is NoAnswer


def test_a_page_instead_of_an_answer_is_no_answer(slack: Vendor) -> None:
    slack.status, slack.body, slack.content_type = 503, b"<html>down</html>", "text/html"
    assert type(failure(slack)) is NoAnswer


def test_too_many_requests_is_a_definite_no(slack: Vendor) -> None:
    slack.status, slack.body = 429, b'{"ok": false, "error": "ratelimited"}'
    assert type(failure(slack)) is DefiniteNo


def test_a_lost_connection_is_no_answer_and_one_request(slack: Vendor) -> None:
    slack.hang_up = True
    assert type(failure(slack)) is NoAnswer
    assert len(slack.requests) == 1


def test_a_vendor_that_keeps_silent_is_no_answer(slack: Vendor) -> None:
    slack.keep_silent = threading.Event()
    with pytest.raises(NoAnswer):
        SlackStaff(lambda: "xoxb-test", f"{slack.url}/api/", timeout_seconds=1).post("#front-desk", LINE)


def test_slack_that_is_not_there_is_a_definite_no() -> None:
    assert type(failure(Vendor(port=a_closed_port()))) is DefiniteNo


def test_a_token_that_cannot_be_read_is_a_definite_no(slack: Vendor) -> None:
    def no_token() -> str:
        raise UpstreamError("Secrets Manager", "AccessDenied")

    with pytest.raises(DefiniteNo):
        staff(slack, no_token).post("#front-desk", LINE)


def test_a_settled_message_loses_its_buttons(slack: Vendor) -> None:
    staff(slack).settle("C1", "1764.1", "Confirmed by phone (Dana)")
    assert slack.requests[-1][1] == "/api/chat.update"
    said = asked(slack)
    assert (said["channel"], said["ts"]) == ("C1", "1764.1")
    assert [one["type"] for one in as_object(said["blocks"])] == ["section"]


def test_a_message_that_cannot_be_settled_is_an_upstream_failure(slack: Vendor) -> None:
    slack.body = b'{"ok": false, "error": "message_not_found"}'
    with pytest.raises(UpstreamError, match="message_not_found"):
        staff(slack).settle("C1", "1764.1", "Done")


# ---------------------------------------------------------------- cards and forms

HOSTILE = "<!channel> <@U123> @here <https://rex.example|your bank> *now* :tada: &lt;!here&gt; https://rex.example"
CARD = Card(
    heading=f"New booking: {HOSTILE}",
    fields=(CardField("Customer", HOSTILE, HOSTILE, doubtful=True), CardField("Phone", "+6591234567")),
    notes=(HOSTILE,),
    text=HOSTILE,
    context=HOSTILE,
    buttons=(Button("proposal_approve", "Approve", "mail-1", "primary"),),
    event="proposal",
    about={"fields": {"customer": HOSTILE}, "quotes": {"customer": "x" * 9000}, "flags": [HOSTILE]},
)


def texts_of(value: Any) -> Iterator[dict[str, Any]]:
    """Every text object in blocks."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value
        for part in value.values():
            yield from texts_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_of(part)


def test_what_a_mail_says_is_plain_text_on_a_card(slack: Vendor) -> None:
    staff(slack).show("#front-desk", "", CARD)
    said = asked(slack)
    for text in texts_of(as_object(said["blocks"])):
        assert text["type"] == "plain_text"
        assert "<" not in text["text"]
        assert text.get("emoji") is not True
    assert "<" not in said["text"]
    assert said["parse"] == "none"


def test_a_card_is_posted_once_and_then_put_in_its_place(slack: Vendor) -> None:
    assert staff(slack).show("#front-desk", "", CARD) == Posted("C1", "1764.1")
    assert slack.requests[-1][1] == "/api/chat.postMessage"
    assert staff(slack).show("C1", "1764.1", CARD) == Posted("C1", "1764.1")
    assert slack.requests[-1][1] == "/api/chat.update"
    assert asked(slack)["ts"] == "1764.1"


def test_a_card_whose_message_was_deleted_says_so(slack: Vendor) -> None:
    slack.body = b'{"ok": false, "error": "message_not_found"}'
    with pytest.raises(MessageGone):
        staff(slack).show("C1", "1764.1", CARD)


def test_a_card_of_any_length_is_one_that_slack_takes() -> None:
    endless = "<&>" * 5000
    monster = Card(
        heading=endless,
        fields=tuple(CardField(f"Field {n}", endless, endless) for n in range(20)),
        notes=(endless,) * 100,
        text=endless,
        context=endless,
        buttons=CARD.buttons,
        event="proposal",
        about={
            "quotes": {"a": endless},
            "fields": {"b": endless},
            "flags": [endless] * 50,
            "duplicates": [endless] * 50,
            "proposal_id": "mail-1",
        },
    )
    assert blocks_problem(card_blocks(monster)) == ""
    assert metadata_problem(card_metadata(monster)) == ""
    assert card_metadata(monster)["event_payload"]["proposal_id"] == "mail-1"
    assert blocks_problem(card_blocks(Card(heading=""))) == ""


def test_metadata_loses_its_quotes_first() -> None:
    payload = card_metadata(CARD)["event_payload"]
    assert payload["fields"] == {"customer": HOSTILE}
    assert payload["flags"] == [HOSTILE]
    assert len(payload["quotes"]["customer"]) == 200


FORM = Form(
    "proposal_edited",
    "3|mail-1",
    "Edit the proposal",
    (
        FormField("customer", "Customer", "x" * 9000),
        FormField("date", "Date", "2026-11-30", Input.DATE),
        FormField("time", "Time", "", Input.TIME, hint="Shop time"),
    ),
)


def test_a_form_is_opened_by_one_request_with_what_is_known(slack: Vendor) -> None:
    slack.body = b'{"ok": true, "view": {}}'
    staff(slack).open_form("T1", FORM)
    [(_, path, _, _)] = slack.requests
    assert path == "/api/views.open"
    said = asked(slack)
    assert said["trigger_id"] == "T1"
    assert as_object(said["view"])["private_metadata"] == "3|mail-1"
    view = form_view(FORM)
    assert view_problem(view) == ""
    assert [block["element"].get("initial_date") for block in view["blocks"]] == [None, "2026-11-30", None]


def test_a_form_that_slack_refuses_is_a_definite_no(slack: Vendor) -> None:
    slack.body = b'{"ok": false, "error": "expired_trigger_id"}'
    with pytest.raises(DefiniteNo, match="expired_trigger_id"):
        staff(slack).open_form("T1", FORM)


def test_a_line_leads_to_where_it_is_mended() -> None:
    shown = blocks(
        "row 14 wants mending", (), (Link("Row 14", "https://docs.google.com/spreadsheets/d/x/edit#range=A14"),)
    )
    assert shown[-1]["elements"][0]["text"] == "<https://docs.google.com/spreadsheets/d/x/edit#range=A14|Row 14>"
