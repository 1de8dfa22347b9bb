"""The operator's preview agrees with what is then really sent, minute by minute; `why` has every send and absence.

The sample shop's first week, played on the shipped code by hands that answer nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.usecases.shop import Shop
from local.headless import _Player
from local.play_flags import arguments, read_play
from local.report import build_report
from local.world import World
from ops.__main__ import main
from ops.foresee import Foreseen, TriedRules, changes, foresee
from ops.story import Story, tell

pytestmark = pytest.mark.ministack

WEEK = timedelta(days=7)
ZONE = ZoneInfo("Asia/Singapore")
Message = tuple[str, str, str, str | None, str, float | None]


@dataclass
class Week:
    """What was foreseen after the first minute, what went after it, and the stories told at the end."""

    foreseen: list[Foreseen]
    events: list[dict[str, Any]]
    skipped: list[dict[str, Any]]
    stories: dict[str, Story]
    state: Path
    other_rules: list[tuple[str, Foreseen]]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    parser = argparse.ArgumentParser()
    arguments(parser)
    run = read_play(parser.parse_args([]))
    run = replace(run, answers=[], end=run.begin + WEEK)
    state = tmp_path_factory.mktemp("desk")
    world = World(run.begin, state)
    try:
        world.start(run.shop)
        player = _Player(world, run)
        rt = world.runtime
        player._minute(run.begin)
        foreseen = foresee(rt, Shop(rt), run.begin, run.end)
        tried = TriedRules(rt, run.shop.rules.replace("48 and 2", "47 and 2"), run.begin)
        other = list(changes(foreseen, foresee(rt, tried, run.begin, run.end)))
        now = player._passage.next_minute(run.begin)
        while now <= run.end:
            world.clock.move_to(now)
            player._minute(now)
            now = player._passage.next_minute(now)
        report = build_report(player.received())
        ids = {message.appt_id for message in foreseen}
        stories = {appt_id: tell(rt, world.dynamodb, appt_id) for appt_id in sorted(ids)}
        yield Week(foreseen, report.events, report.skipped, stories, state, other)
    finally:
        world.stop()


def planned(week: Week) -> list[Message]:
    """What was foreseen, as the report names it."""
    return sorted((m.at.isoformat(), m.kind, m.to, m.appt_id, m.move, m.hours) for m in week.foreseen)


def went(week: Week) -> list[Message]:
    """What was received after the first minute: reminders and gap alerts."""
    begin = datetime(2026, 12, 14, 8, 0, tzinfo=ZONE).isoformat()
    return sorted(
        (e["at"], e["kind"], e["to"], e["appt_id"], e["move"], e["hours"])
        for e in week.events
        if e["at"] > begin and e["move"] in ("first_reminder", "second_reminder", "gap_alert")
    )


def test_a_week_goes_as_it_was_foreseen_to_the_minute(week: Week) -> None:
    assert len(planned(week)) > 30
    assert went(week) == planned(week)


def test_the_words_foreseen_are_the_words_that_go_but_for_the_link(week: Week) -> None:
    def without_link(body: str) -> str:
        return " ".join(word for word in body.split() if "/r/" not in word)

    received = {(e["at"], e["to"]): without_link(e["body"]) for e in week.events if e["kind"] == "text"}
    foreseen = {(m.at.isoformat(), m.to): without_link(m.body) for m in week.foreseen if m.kind == "text"}
    assert foreseen
    assert {key: received[key] for key in foreseen} == foreseen


def test_a_foreseen_link_opens_nothing(week: Week) -> None:
    links = {word for m in week.foreseen for word in m.body.split() if "/r/" in word}
    really = {word for e in week.events for word in str(e["body"]).split() if "/r/" in word}
    assert links
    assert not links & really


def test_why_has_every_send_at_its_minute(week: Week) -> None:
    for event in week.events:
        if event["appt_id"] in week.stories and event["move"] in ("first_reminder", "second_reminder", "gap_alert"):
            minutes = {c.at.isoformat()[:16] for c in week.stories[event["appt_id"]].past if c.at and c.kind == "send"}
            assert event["at"][:16] in minutes


def test_why_gives_a_reason_for_every_window_that_did_not_go(week: Week) -> None:
    absent = [one for one in week.skipped if one["appt_id"] in week.stories]
    assert absent
    for one in absent:
        story = week.stories[one["appt_id"]]
        told = [c for c in story.past if c.text.startswith(f"{one['hours']:g}-hour reminder: ")]
        assert one["reason"] in {c.reason for c in told}


def test_an_edited_rules_doc_is_compared_before_it_is_saved(week: Week) -> None:
    moved = [message for what, message in week.other_rules if what in ("added", "gone")]
    assert moved
    assert {message.hours for message in moved} == {47, 48}


def test_a_story_of_an_id_that_nobody_has_says_which_are_close(week: Week) -> None:
    status = main(["--stage", "local", "--state", str(week.state), "why", "no-such-id"])
    assert status == 2


def test_the_commands_speak_json_about_the_desk_that_is_open(week: Week, capsys: pytest.CaptureFixture[str]) -> None:
    desk = ["--stage", "local", "--state", str(week.state)]
    assert main([*desk, "preview", "--days", "3", "--json"]) == 0
    sends = json.loads(capsys.readouterr().out)["sends"]
    assert all({"at", "kind", "to", "body", "segments", "cost", "reason"} <= set(one) for one in sends)
    assert main([*desk, "preview", "--days", "3", "--price", "0.05 SGD", "--json"]) == 0
    priced = json.loads(capsys.readouterr().out)["sends"]
    assert {one["cost"] for one in priced if one["kind"] == "text" and one["segments"] == 1} <= {0.05}
    assert main([*desk, "preview", "--price", "cheap"]) == 2
    capsys.readouterr()
    some_id = next(iter(week.stories))
    assert main([*desk, "why", some_id, "--json"]) == 0
    story = json.loads(capsys.readouterr().out)
    assert story["appt_id"] == some_id
    assert story["past"]


def test_a_rules_doc_with_a_bad_line_is_refused_with_its_line(week: Week, tmp_path: Path) -> None:
    bad = tmp_path / "rules.txt"
    bad.write_text("Everything else: 24 hours.\nGap alert: soon 3.\n")
    assert main(["--stage", "local", "--state", str(week.state), "preview", "--rules", str(bad)]) == 2


def test_without_an_open_desk_the_operator_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stage", "local", "--state", str(tmp_path), "preview"]) == 2
    assert "no desk is open" in capsys.readouterr().err


def test_the_end_of_the_week_is_the_end_of_the_preview(week: Week) -> None:
    last = datetime(2026, 12, 14, 0, 0, tzinfo=UTC) + WEEK
    assert all(message.at <= last for message in week.foreseen)


def test_a_week_is_told_here_without_being_sent(week: Week, capsys: pytest.CaptureFixture[str]) -> None:
    desk = ["--stage", "local", "--state", str(week.state)]
    assert main([*desk, "summary", "--dry-run", "--plain", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["facts"]["week"]["monday"] == "2026-12-14"
    assert "visits" in told["told"]
    assert main([*desk, "summary"]) == 2
