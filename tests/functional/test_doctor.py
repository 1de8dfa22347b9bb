"""The operator's doctor finds every fault that is put into a running system, and says how to mend it.

One world is broken in one place at a time, for real, looked at with the command as an operator would, and mended again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.tables import KEYS
from local.world import ShopSetup, World
from ops.__main__ import main
from ops.checks.storage import TABLES
from ops.doctor import SUBJECTS
from tests.functional.doctor_faults import (
    CALENDAR,
    FAULTS,
    INTAKE,
    RULES,
    SECRETS,
    SHEET,
    VOICE,
    attribute,
    parameters,
    within,
)

pytestmark = pytest.mark.ministack

BEGIN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

Finding = dict[str, str]
Doctor = Callable[..., tuple[int, list[Finding]]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(BEGIN, tmp_path_factory.mktemp("desk"))
    try:
        world.google.calendar.calendars[CALENDAR] = {}
        parameters = {"intake_address": INTAKE, "calendars": CALENDAR}
        world.start(ShopSetup(sheet=SHEET, rules=RULES, voice=VOICE, parameters=parameters))
        world.sync()
        world.tick()
        world.sync()
        yield world
    finally:
        world.stop()


@pytest.fixture
def doctor(world: World, capsys: pytest.CaptureFixture[str]) -> Iterator[Doctor]:
    """Runs the command; at the end of the test no secret and no contact may have been said."""
    shown: list[str] = []

    def run(*arguments: str) -> tuple[int, list[Finding]]:
        capsys.readouterr()
        state = str(world.state_dir)
        status = main(["--stage", "local", "--state", state, "doctor", "--json", *arguments])
        said = capsys.readouterr().out
        shown.append(said)
        return status, json.loads(said)["findings"]

    yield run
    assert not [secret for secret in SECRETS if any(secret in said for said in shown)]


def assert_sound(world: World, doctor: Doctor) -> None:
    before = world.counts()
    status, found = doctor()
    assert [one for one in found if one["state"] == "wrong"] == []
    assert [one for one in found if one["state"] == "warning"] == []
    assert status == 0
    assert {one["subject"] for one in found} == set(SUBJECTS)
    assert world.counts() == before


def test_nothing_is_wrong_with_a_sound_system_and_nothing_leaves_it(world: World, doctor: Doctor) -> None:
    assert_sound(world, doctor)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_its_mend_is_said(name: str, world: World, doctor: Doctor) -> None:
    fault = FAULTS[name]
    with fault.breaking(world):
        status, found = doctor("--only", fault.subject)
    said = [one for one in found if one["where"] == fault.where and one["state"] == fault.state]
    assert [one for one in said if fault.what in one["what"] and fault.mend in one["mend"]], found
    assert status == (1 if any(one["state"] == "wrong" for one in found) else 0)


def test_each_of_the_faults_was_mended_again(world: World, doctor: Doctor) -> None:
    assert_sound(world, doctor)


def test_what_could_not_be_looked_at_says_why(doctor: Doctor) -> None:
    _, found = doctor()
    assert {"ok", "not checked"} <= {one["state"] for one in found}
    for one in found:
        assert one["what"], one
        assert "the check itself failed" not in one["what"], one


def test_every_wrong_parameter_is_named_at_once(world: World, doctor: Doctor) -> None:
    with parameters(world, timezone="Mars", base_url="http://x", texts_per_day="none"):
        status, found = doctor()
    wrong = {one["where"] for one in found if one["state"] == "wrong"}
    assert {"/ar/config/timezone", "/ar/config/base_url", "/ar/config/texts_per_day"} <= wrong
    assert status == 1
    others = [one for one in found if one["subject"] == "Storage"]
    assert others
    assert all(one["state"] == "ok" for one in others)


def test_a_vendor_that_is_down_stops_no_other_check(world: World, doctor: Doctor) -> None:
    with attribute(world.google, "down", True), attribute(world.slack, "down", True):
        _, found = doctor("--only", "Google", "--only", "Slack", "--only", "Storage", "--only", "Secrets")
    states = {subject: {one["state"] for one in found if one["subject"] == subject} for subject in SUBJECTS}
    assert states["Google"] == {"not checked"}
    assert "not checked" in states["Slack"]
    assert states["Storage"] == states["Secrets"] == {"ok"}


def test_a_message_goes_out_on_request_only_and_to_the_one_who_asked(world: World, doctor: Doctor) -> None:
    before = world.counts()
    status, found = doctor("--only", "Secrets", "--text", "+6590000001", "--mail", "owner@bright.example", "--slack")
    after = world.counts()
    assert status == 0
    sent = [one for one in found if one["subject"] == "Sent on request"]
    assert [one["state"] for one in sent] == ["ok", "ok", "ok"]
    more = {what: after[what] - before[what] for what in ("text", "e-mail", "Slack line")}
    assert more == {"text": 1, "e-mail": 1, "Slack line": 1}
    assert world.sms.texts[-1].to == "+6590000001"
    assert world.mail.mails[-1].to == "owner@bright.example"
    assert world.slack.messages[-1].channel == "#front-desk"


def test_a_message_that_was_refused_is_a_finding(world: World, doctor: Doctor) -> None:
    with within(world.sms.opted_out, "+6590000001"):
        status, found = doctor("--only", "Secrets", "--text", "+6590000001")
    assert status == 1
    assert [one["what"] for one in found if one["where"] == "a text"] == [
        "SNS did not take it: opted out at the provider"
    ]


@pytest.mark.parametrize("wrong", [("--text", "91234567"), ("--mail", "owner"), ("--only", "Weather")])
def test_a_contact_that_is_none_is_refused_before_anything_is_done(wrong: tuple[str, str], world: World) -> None:
    before = world.counts()
    assert main(["--stage", "local", "--state", str(world.state_dir), "doctor", *wrong]) == 2
    assert world.counts() == before


def test_people_get_tables_and_commands_on_lines_of_their_own(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with parameters(world, sending="off"):
        status = main(["--stage", "local", "--state", str(world.state_dir), "doctor", "--only", "parameters"])
    said = capsys.readouterr().out
    assert status == 0
    assert "Parameters" in said
    commands = [line.strip() for line in said.splitlines() if "put-parameter" in line]
    assert len(commands) == 1
    assert commands[0].endswith(f"--endpoint-url {world.aws.url}")


def test_without_an_open_desk_nothing_can_be_looked_at(tmp_path: Path) -> None:
    assert main(["--stage", "local", "--state", str(tmp_path), "doctor"]) == 2


def test_the_doctor_expects_the_tables_that_are_made() -> None:
    assert TABLES == KEYS


def test_at_least_twenty_faults_are_tried() -> None:
    assert len(FAULTS) >= 20
    assert {fault.subject for fault in FAULTS.values()} == set(SUBJECTS)
