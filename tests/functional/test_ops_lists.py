"""What an operator asks for by list: the visits ahead, who is opted out, the audit trail. On the embedded AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.audit import AuditEntry
from local.customer import Customers
from local.world import ShopSetup, World
from ops.__main__ import main
from ops.audit import since_when, wanted
from tests.functional.sync_world import HEADER, RULES, a_row

BEGIN = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 2, 10, tzinfo=UTC)  # 10:10am in Singapore
ZONE = ZoneInfo("Asia/Singapore")
PHONE, MAIL = "+6591234567", "arun@example.com"
SHEET = [
    HEADER,
    a_row("A-1", customer="Mei Tan", date="27 Nov 2026"),
    a_row("A-2", customer="Arun Rao", phone="", email=MAIL, date="28 Nov 2026"),
    a_row("A-3", customer="Dana Lim", phone="", email="", date="28 Nov 2026", time="11:00am"),
    a_row("A-4", customer="Kai Ong", phone="+6598765432", date="30 Nov 2026", status="cancelled"),
    a_row("A-5", customer="Ira Sol", phone="+6587654321", date="soon"),
    a_row("A-6", customer="Mei Tan", date="1 Jan 2027"),
]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Wednesday morning: Mei was reminded an hour ago, and has confirmed."""
    running = World(BEGIN)
    try:
        running.start(ShopSetup(SHEET, RULES, ""))
        running.sync()
        running.clock.move_to(datetime(2026, 11, 25, 2, 0, tzinfo=UTC))
        running.tick()
        assert Customers(running).press("A-1", "confirm") == "done"
        running.clock.move_to(NOW)
        running.sync()
        monkeypatch.setenv("COLUMNS", "200")
        for command in ("appointments", "audit", "optouts"):
            monkeypatch.setattr(f"ops.{command}.open_runtime", lambda: running.runtime)
        yield running
    finally:
        running.stop()


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert main([*arguments, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == status
    return capsys.readouterr().out


# ---------------------------------------------------------------- appointments


@pytest.mark.ministack
def test_the_visits_ahead_are_listed_with_how_they_stand_and_what_is_next(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = told(capsys, "appointments")
    found = {visit["appt_id"]: visit for visit in answer["appointments"]}
    assert list(found) == ["A-1", "A-2", "A-3", "A-4"]  # A-5 can't be acted on, A-6 is further ahead
    assert (found["A-1"]["status"], found["A-1"]["answered_by"], found["A-1"]["sent"]) == ("confirmed", "customer", 1)
    assert found["A-1"]["next_at"] is None
    assert (found["A-2"]["status"], found["A-2"]["next_at"]) == ("open", "2026-11-26T10:00:00+08:00")
    assert found["A-2"]["next_what"] == "48-hour reminder"
    assert found["A-3"]["unreachable"] == "no usable phone number or e-mail address"
    assert "cancelled" in found["A-4"]["status"]
    assert answer["rows_not_acted_on"] == 1


@pytest.mark.ministack
def test_the_list_narrows_to_what_needs_somebody(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def ids(*flags: str) -> list[str]:
        return [visit["appt_id"] for visit in told(capsys, "appointments", *flags)["appointments"]]

    assert ids("--unanswered") == ["A-2", "A-3"]
    assert ids("--unreachable") == ["A-3"]
    assert ids("--days", "60")[-1] == "A-6"
    assert ids("--days", "1") == []


@pytest.mark.ministack
def test_contacts_are_masked_unless_they_are_asked_for(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    main(["optouts", "--add", PHONE, "--yes"])
    for command in ("appointments", "optouts"):
        for form in ((), ("--json",)):
            shown = printed(capsys, command, *form)
            assert "91234567" not in shown
            assert MAIL not in shown
            assert "4567" in shown
            assert "91234567" in printed(capsys, command, "--contacts", *form)


@pytest.mark.ministack
def test_an_opt_out_makes_a_visit_unreachable_in_the_list(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["optouts", "--add", MAIL, "--yes"]) == 0
    found = {visit["appt_id"]: visit for visit in told(capsys, "appointments")["appointments"]}
    assert found["A-2"]["unreachable"] == "opted out of messages"


# ---------------------------------------------------------------- opt-outs


@pytest.mark.ministack
def test_nobody_is_opted_out_before_yes_is_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert "…4567 (visit A-1) would be opted out. Say --yes" in printed(capsys, "optouts", "--add", "9123 4567")
    assert world.runtime.store.opted_out([PHONE]) == set()


@pytest.mark.ministack
def test_somebody_is_opted_out_and_in_again_audited_and_staff_are_told(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = len(world.slack.messages)
    assert main(["optouts", "--add", "9123 4567", "--yes"]) == 0
    assert world.runtime.store.opted_out([PHONE]) == {PHONE}
    [one] = told(capsys, "optouts")
    assert (one["contact"], one["appointments"]) == ("…4567", ["A-1", "A-6"])
    assert "opted out of texts" in world.slack.messages[lines].text
    assert main(["optouts", "--remove", PHONE, "--yes"]) == 0
    assert told(capsys, "optouts") == []
    entries = told(capsys, "audit", "A-1", "--by", "operator")
    assert {(entry["action"], entry["channel"]) for entry in entries} == {
        ("no-texts", "system"),
        ("texts-again", "system"),
    }


@pytest.mark.ministack
def test_a_contact_without_a_visit_is_opted_out_all_the_same(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["optouts", "--add", "rex@example.com", "--yes"]) == 0
    assert world.runtime.store.opted_out(["rex@example.com"]) == {"rex@example.com"}
    [one] = told(capsys, "optouts", "--contacts")
    assert one["contact"] is None
    assert "not known any more" in printed(capsys, "optouts")
    assert "already" in printed(capsys, "optouts", "--add", "rex@example.com", "--yes")


@pytest.mark.ministack
def test_what_is_no_contact_is_refused(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["optouts", "--add", "Mei", "--yes"]) == 2
    assert "neither a phone number nor an e-mail address" in capsys.readouterr().err
    assert main(["optouts", "--add", PHONE, "--remove", PHONE]) == 2


# ---------------------------------------------------------------- audit


@pytest.mark.ministack
def test_the_trail_of_a_visit_is_shown_oldest_first(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    entries = told(capsys, "audit", "A-1")
    assert sorted(entry["action"] for entry in entries) == ["confirm", "row_written", "sent"]
    assert [entry["ts"] for entry in entries] == sorted(entry["ts"] for entry in entries)
    assert {entry["appt_id"] for entry in entries} == {"A-1"}
    assert "confirm" in printed(capsys, "audit", "A-1")


@pytest.mark.ministack
def test_everything_since_a_time_is_shown_and_narrowed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert {entry["action"] for entry in told(capsys, "audit", "--since", "7d")} >= {"sent", "confirm"}
    assert [e["appt_id"] for e in told(capsys, "audit", "--since", "2026-11-25", "--action", "confirm")] == ["A-1"]
    assert told(capsys, "audit", "--since", "1m", status=1) == []


@pytest.mark.ministack
def test_no_contact_is_in_the_trail(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    main(["optouts", "--add", PHONE, "--yes"])
    shown = printed(capsys, "audit", "--since", "30d") + json.dumps(told(capsys, "audit", "--since", "30d"))
    assert "91234567" not in shown
    assert "@" not in shown


@pytest.mark.ministack
def test_without_a_visit_or_a_time_the_audit_asks_for_one(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 2
    assert "say an appointment, or --since" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("24h", NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(days=14)),
        ("2026-11-25", datetime(2026, 11, 24, 16, 0, tzinfo=UTC)),
        ("2026-11-25T08:00", datetime(2026, 11, 25, 0, 0, tzinfo=UTC)),
        ("2026-11-25T08:00+00:00", datetime(2026, 11, 25, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_an_amount_or_the_shop_s_own(text: str, when: datetime) -> None:
    assert since_when(text, NOW, ZONE) == when


@pytest.mark.parametrize("text", ["yesterday", "7", "25/11/2026", ""])
def test_a_time_that_can_t_be_read_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected 24h, 7d"):
        since_when(text, NOW, ZONE)


def test_entries_are_narrowed_by_who_did_them_without_regard_to_case() -> None:
    entries = [AuditEntry("A-1", f"2026-11-25T0{n}:00:00Z#x", "sent", "text", by=by) for n, by in enumerate("ab")]
    assert wanted(entries, None, "", "B") == entries[1:]
    assert wanted(entries, None, "confirm", "") == []
    assert wanted(entries[::-1], datetime(2026, 11, 25, tzinfo=UTC), "sent", "") == entries
