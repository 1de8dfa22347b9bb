"""*Edit*: a form that is opened and taken inside Slack's own request (DESIGN §8)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.slack_signature import SlackPresses
from chalicelib.domain.proposal import Kind, Proposal, ProposalState
from chalicelib.domain.proposal_actions import APPROVE, DISCARD, EDIT, EDITED
from chalicelib.errors import DefiniteNo
from chalicelib.usecases.settle_staff_action import settle_staff_action
from tests.fakes.runtime import FakeRuntime, a_config
from tests.functional.sync_world import a_row, a_synced_shop, paste
from tests.functional.test_app import answer, slack_event
from tests.functional.test_propose import ARUN, MEI, a_draft, put
from tests.functional.test_settle_proposal import actions, now_of, rows_of, shown

COMPLETE = {**ARUN, "email": "", "staff": "", "link": ""}


@pytest.fixture
def rt(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """Mei's visit, and Slack's way in."""
    rt = a_synced_shop(a_row(), a_row("A-2", customer="Rex", date="3 Dec 2026"))
    rt.bus.requests.clear()
    rt.presses = SlackPresses(rt.secrets.slack_signing_secret)  # type: ignore[attr-defined]
    monkeypatch.setattr(bootstrap, "_runtime", rt)
    return rt


def post(rt: FakeRuntime, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    user = {"id": "U1", "username": "dana", "name": "dana"}
    body = urlencode({"payload": json.dumps({"user": user, **payload})})
    return answer(slack_event(body, at=rt.clock(), **more))


def press_edit(rt: FakeRuntime, proposal: Proposal, action: str = EDIT, channel: str = "front-desk") -> dict[str, Any]:
    pressed = {"type": "button", "action_id": f"{action}#1", "value": proposal.proposal_id}
    container = {"type": "message", "message_ts": proposal.message}
    return post(
        rt,
        {
            "type": "block_actions",
            "channel": {"id": "C1", "name": channel},
            "container": container,
            "trigger_id": "T1",
            "actions": [pressed],
        },
    )


def send_off(rt: FakeRuntime, value: str, inputs: dict[str, str], **more: Any) -> dict[str, Any]:
    keys = {"date": "selected_date", "time": "selected_time"}
    values = {name: {name: {keys.get(name, "value"): text or None}} for name, text in inputs.items()}
    view = {"callback_id": EDITED, "private_metadata": value, "state": {"values": values}}
    return post(rt, {"type": "view_submission", "view": view}, **more)


def edit(rt: FakeRuntime, proposal: Proposal, **inputs: str) -> dict[str, str]:
    """Open the form, change some inputs, send it off; what Slack is told is wrong, by field."""
    assert press_edit(rt, proposal)["statusCode"] == 200
    form = rt.staff.forms[-1][1]
    found = send_off(rt, form.value, {field.name: field.value for field in form.fields} | inputs)
    assert found["statusCode"] == 200
    errors: dict[str, str] = json.loads(found["body"])["errors"] if found["body"] else {}
    return errors


def deliver(rt: FakeRuntime) -> None:
    for _, detail in rt.bus.requests:
        texts = [str(detail[name]) for name in ("action", "value", "user", "channel", "message")]
        settle_staff_action(rt, texts[0], texts[1], texts[2], texts[3], texts[4], rt.clock())


def test_the_form_is_opened_inside_the_request_with_all_that_is_known(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    assert press_edit(rt, made)["statusCode"] == 200
    [(trigger, form)] = rt.staff.forms
    assert trigger == "T1"
    assert {field.name: field.value for field in form.fields} == COMPLETE
    assert rt.bus.requests == []


def test_a_form_that_slack_does_not_open_is_seen_as_a_failed_press(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())

    def too_late(_trigger: str) -> None:
        raise DefiniteNo("Slack", "expired_trigger_id")

    rt.staff.refuse = too_late
    assert press_edit(rt, made)["statusCode"] == 500
    assert now_of(rt, made).state is ProposalState.OPEN


def test_what_was_filled_in_is_stored_shown_and_audited(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft(quotes={"time": "at nine", "customer": "Arun"}, doubtful=("time",)))
    assert edit(rt, made, time="10:30", phone="9123 4567", email="arun@x.example") == {}
    deliver(rt)
    stored = now_of(rt, made)
    assert stored.draft.values["time"] == "10:30"
    assert (stored.draft.values["phone"], stored.draft.values["email"]) == ("+6591234567", "arun@x.example")
    assert (stored.edited_by, stored.draft.doubtful, stored.draft.quotes) == ("dana", (), {"customer": "Arun"})
    assert "10:30am" in shown(rt, made).heading
    assert "Edited by dana." in shown(rt, made).notes
    assert actions(rt, made) == ["proposed", "edited"]
    assert [b.action for b in shown(rt, made).buttons] == [APPROVE, EDIT, DISCARD]
    [edited] = [entry for entry in rt.store.audit(made.appt_id) if entry.action == "edited"]
    assert sorted(edited.after.split(", ")) == ["email", "phone", "time"]


def test_nothing_that_was_filled_in_travels_on_the_bus(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    edit(rt, made, phone="9123 4567", customer="Somebody Else")
    [(detail_type, detail)] = rt.bus.requests
    assert detail_type == "ar.staff_action"
    assert (detail["action"], detail["value"]) == (EDITED, made.proposal_id)
    assert "9123" not in json.dumps(detail)
    assert "Somebody" not in json.dumps(detail)


def test_an_edit_counts_though_the_bus_is_down(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    rt.bus.down = True
    assert edit(rt, made, time="10:30") == {}
    assert now_of(rt, made).draft.values["time"] == "10:30"


@pytest.mark.parametrize(
    ("inputs", "field", "says"),
    [
        ({"customer": " "}, "customer", "needed"),
        ({"service": ""}, "service", "needed"),
        ({"date": ""}, "date", "needed"),
        ({"time": ""}, "time", "needed"),
        ({"phone": "", "email": ""}, "phone", "phone number or an e-mail address is needed"),
        ({"phone": "123"}, "phone", "too short"),
        ({"email": "arun@"}, "email", "domain"),
        ({"date": "2026-11-23"}, "date", "past"),
        ({"date": "tomorrow"}, "date", "not a date"),
        ({"time": "soon"}, "time", "not a time"),
        ({"link": "javascript:alert(1)"}, "link", "not a web address"),
        ({"customer": "x" * 300}, "customer", "longer than 200"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    rt: FakeRuntime, inputs: dict[str, str], field: str, says: str
) -> None:
    [made] = put(rt, a_draft())
    errors = edit(rt, made, **inputs)
    assert list(errors) == [field]
    assert says in errors[field]
    assert now_of(rt, made) == made


def test_a_time_that_the_clocks_skip_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rt = a_synced_shop(zone=ZoneInfo("Europe/London"), country="GB")
    rt.presses = SlackPresses(rt.secrets.slack_signing_secret)  # type: ignore[attr-defined]
    monkeypatch.setattr(bootstrap, "_runtime", rt)
    [made] = put(rt, a_draft(values={**ARUN, "phone": "+447400123456"}))
    errors = edit(rt, made, date="2027-03-28", time="01:30")
    assert "clocks go forward" in errors["time"]


def test_a_form_that_was_overtaken_changes_nothing(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    press_edit(rt, made)
    form = rt.staff.forms[-1][1]
    assert edit(rt, made, time="11:00") == {}
    inputs = {field.name: field.value for field in form.fields}
    late = json.loads(send_off(rt, form.value, {**inputs, "time": "12:00"})["body"])
    assert "meanwhile" in late["errors"]["customer"]
    assert now_of(rt, made).draft.values["time"] == "11:00"


def test_a_form_of_a_settled_proposal_changes_nothing(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    press_edit(rt, made)
    form = rt.staff.forms[-1][1]
    settle_staff_action(rt, DISCARD, made.proposal_id, "Rex", "C1", made.message, rt.clock())
    late = send_off(rt, form.value, {field.name: field.value for field in form.fields})
    assert "meanwhile" in late["body"]
    assert now_of(rt, made).state is ProposalState.DISCARDED


def test_edit_on_a_settled_proposal_only_shows_how_it_stands(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    settle_staff_action(rt, DISCARD, made.proposal_id, "Rex", "C1", made.message, rt.clock())
    assert press_edit(rt, made)["statusCode"] == 200
    deliver(rt)
    assert rt.staff.forms == []
    assert shown(rt, made).buttons == ()


def test_a_person_says_which_visit_a_change_is_about(rt: FakeRuntime) -> None:
    paste(rt, a_row(), a_row("A-2", date="3 Dec 2026"))
    [made] = put(rt, a_draft(Kind.CHANGE, {**MEI, "date": "2026-12-04", "time": "15:00"}))
    assert made.appt_id == ""
    settle_staff_action(rt, APPROVE, made.proposal_id, "Dana", "C1", made.message, rt.clock())
    assert "say which visit it is first" in " ".join(shown(rt, made).notes)
    assert "no row with this id" in edit(rt, made, appt_id="A-77")["appt_id"]
    assert edit(rt, made, appt_id="A-2") == {}
    settle_staff_action(rt, APPROVE, made.proposal_id, "Dana", "C1", made.message, rt.clock())
    assert [row[6] for row in rows_of(rt, "A-1")] == ["2 Dec 2026"]
    assert [row[6] for row in rows_of(rt, "A-2")] == ["4 Dec 2026"]


# ---------------------------------------------------------------- who may


def test_a_form_sent_off_by_somebody_unlisted_is_refused(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    press_edit(rt, made)
    form = rt.staff.forms[-1][1]
    rt.config = a_config(slack_users=frozenset({"U2"}))
    found = send_off(rt, form.value, {field.name: field.value for field in form.fields})
    assert found["statusCode"] == 403
    assert now_of(rt, made) == made


def test_a_forged_or_stale_form_is_refused_and_counted(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    press_edit(rt, made)
    value = rt.staff.forms[-1][1].value
    assert send_off(rt, value, {**COMPLETE, "time": "12:00"}, secret="guess")["statusCode"] == 401
    assert now_of(rt, made) == made
    assert rt.metrics.counts["slack_refused"] == 1


def test_edit_in_another_channel_opens_nothing(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    assert press_edit(rt, made, channel="random")["statusCode"] == 403
    assert rt.staff.forms == []


def test_a_request_that_comes_again_is_counted_and_not_handed_on(rt: FakeRuntime) -> None:
    [made] = put(rt, a_draft())
    for _ in range(3):
        assert press_edit(rt, made, action=APPROVE)["statusCode"] == 200
    assert len(rt.bus.requests) == 1
    assert rt.metrics.counts["slack_replayed"] == 2


@pytest.mark.parametrize("value", ["", "x", "1|", "|mail-1", "one|mail-1", "0|mail-unknown"])
def test_a_form_that_names_no_proposal_changes_nothing(rt: FakeRuntime, value: str) -> None:
    found = send_off(rt, value, COMPLETE)
    assert found["statusCode"] == 200
    assert rt.bus.requests == []
