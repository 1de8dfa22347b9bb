"""A proposal in the whole system on one machine: shipped handlers, embedded AWS, signed presses, the real adapters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.proposal import Draft, Kind, Lane, Proposal, ProposalState, Reader, Source
from local.standins.slack import SlackMessage
from local.world import ShopSetup, World

pytestmark = pytest.mark.ministack

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # Tuesday 8am in Singapore
HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status"]
MEI = ["A-1", "Mei", "+6591234567", "", "Dental cleaning", "Lim", "2 Dec 2026", "10:00am", ""]
ARUN = {
    "customer": "Arun <!channel>",
    "phone": "+6598765432",
    "service": "Dental cleaning",
    "date": "2026-11-24",
    "time": "17:00",
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    rules = "Everything else: 24 and 2 hours.\nQuiet hours: none.\n"
    with World(NOW).start(ShopSetup([HEADER, MEI], rules, "")) as running:
        running.sync()
        yield running


def put(world: World, key: str, values: dict[str, str], kind: Kind = Kind.BOOKING) -> Proposal:
    from chalicelib.usecases.propose import propose

    draft = Draft(kind, Reader.MODEL, values, {"customer": "for Arun"}, doubtful=("time",))
    source = Source(Lane.MAIL, key, title="Your booking")
    [made] = propose(world.runtime, [draft], source, world.clock())
    return made


def message(world: World, proposal: Proposal) -> SlackMessage:
    [found] = [m for m in world.slack.messages if m.ts == proposal.message]
    return found


def press(world: World, proposal: Proposal, label: str) -> int:
    """Somebody presses that button, and what follows from it is done."""
    [button] = [b for b in message(world, proposal).buttons if b["text"]["text"] == label]
    status = world.slack.press(proposal.message, button["action_id"])
    world.pump.run_until_quiet()
    return status


def state(world: World, proposal: Proposal) -> ProposalState:
    found = world.runtime.store.proposal(proposal.proposal_id)
    assert found is not None
    return found.state


def sheet(world: World, appt_id: str) -> list[list[str]]:
    return [row for row in world.google.sheet_rows() if row and row[0] == appt_id]


def words(shown: SlackMessage) -> str:
    return str([part for block in shown.blocks for part in block.values()])


def test_a_booking_is_edited_approved_and_reminded_of(world: World) -> None:
    made = put(world, "in/1", ARUN)
    shown = message(world, made)
    assert "<!channel>" not in words(shown) + shown.text
    payload: dict[str, Any] = shown.metadata["event_payload"]
    assert shown.metadata["event_type"] == "proposal"
    assert (payload["kind"], payload["reader"], payload["source"]) == ("booking", "model", "in/1")
    assert payload["fields"]["phone"] == "+6598765432"
    assert (payload["doubtful"], payload["quotes"]) == (["time"], {"customer": "for Arun"})

    assert press(world, made, "Edit") == 200
    [modal] = world.slack.modals
    assert modal.inputs["time"] == "17:00"
    assert world.slack.submit(modal.view_id, {"phone": "12"}) == 200
    assert list(modal.errors) == ["phone"]
    assert world.slack.submit(modal.view_id, {"phone": "9876 5432", "customer": "Arun", "time": "18:00"}) == 200
    world.pump.run_until_quiet()
    assert world.slack.modals == []
    assert "Edited by dana." in words(message(world, made))

    assert press(world, made, "Approve") == 200
    assert state(world, made) is ProposalState.APPROVED
    [row] = sheet(world, made.appt_id)
    assert row == [made.appt_id, "Arun", "+6598765432", "", "Dental cleaning", "", "2026-11-24", "18:00", "booked"]
    assert message(world, made).buttons == []
    assert f"It is in the sheet as {made.appt_id}" in words(message(world, made))
    assert world.sms.texts == []
    world.clock.forward(timedelta(hours=8))  # two hours before
    world.tick()
    [text] = world.sms.texts
    assert text.to == "+6598765432"
    assert "Arun" in text.body


def test_a_change_and_a_discard(world: World) -> None:
    mei = {"customer": "Mei", "phone": "+6591234567"}
    discarded = put(world, "in/2", mei, Kind.CANCELLATION)
    assert press(world, discarded, "Discard") == 200
    assert state(world, discarded) is ProposalState.DISCARDED
    change = put(world, "in/3", {**mei, "date": "2026-12-03", "time": "15:00"}, Kind.CHANGE)
    assert press(world, change, "Approve") == 200
    assert sheet(world, "A-1")[0][6:8] == ["3 Dec 2026", "3:00pm"]


def test_an_unanswered_proposal_is_reminded_of_by_the_hourly_run(world: World) -> None:
    made = put(world, "in/4", {**ARUN, "customer": "Rex", "phone": "", "email": "rex@x.example", "date": "2026-12-20"})
    world.clock.forward(timedelta(hours=24))
    world.tick()
    [line] = [m for m in world.slack.messages if "Still waiting for you" in m.text]
    assert "Rex" in line.text
    assert state(world, made) is ProposalState.OPEN
