"""Whole shops, played on the moved clock from their sheet to their customers' phones.

Each shop is played once, with everything that its people press and edit, and looked at from several sides. What is
expected was worked out by hand from the rules, not from what the system did.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local import headless

ROOT = Path(__file__).parents[2]

HEADER = "appt_id,customer,phone,email,service,staff,date,time,status\n"
RULES = """Everything else: 48 and 2 hours.
Quiet hours: 9pm to 8am.
Closed: Sundays.
Opening hours: Mon-Fri 9am-6pm, Sat 9am-1pm.
Gap alert: 3 hours before.
"""


@dataclass(frozen=True)
class Shop:
    """What is played. `files` are those that the edits name."""

    sheet: str
    hours: int
    rules: str = RULES
    answers: str = ""
    edits: str = ""
    files: dict[str, str] = field(default_factory=dict)
    begin: str = "2026-11-24T08:00"
    zone: str = "Asia/Singapore"
    country: str = "SG"


@dataclass(frozen=True)
class Played:
    """The report of a run."""

    report: dict[str, Any]

    def told(self, appt_id: str, *moves: str) -> list[tuple[str, str, float | None]]:
        """(local minute, move, hours) of everything that went out about a visit, of these moves or of all."""
        return [
            (event["at"][5:16], event["move"], event["hours"])
            for event in self.report["events"]
            if event["appt_id"] == appt_id and (not moves or event["move"] in moves)
        ]

    def reminders(self, appt_id: str) -> list[tuple[str, float]]:
        """(local minute, hours) of the reminders that the customer got."""
        return [(at, hours) for at, _, hours in self.told(appt_id) if hours is not None]

    def outcomes(self, appt_id: str) -> list[tuple[str, str]]:
        """(action, outcome) of what was pressed."""
        return [(r["action"], r["outcome"]) for r in self.report["replies"] if r["appt_id"] == appt_id]

    def row(self, appt_id: str) -> dict[str, str]:
        """The row as it stands in the end."""
        found: dict[str, str] = next(row for row in self.report["sheet"] if appt_id in row.values())
        return found

    def notices(self, appt_id: str) -> list[str]:
        """The reasons of the other lines that staff got about a visit."""
        return [e["reason"] for e in self.report["events"] if e["appt_id"] == appt_id and e["move"] == "notice"]


def play(shop: Shop, folder: Path) -> Played:
    """Play a shop, in a process of its own as its engineer would."""
    for name, text in {"sheet.csv": shop.sheet, "rules.txt": shop.rules, **shop.files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    given = ["--sheet", "sheet.csv", "--rules", "rules.txt", "--json", "out.json"]
    for flag, text in {"answers": shop.answers, "edits": shop.edits}.items():
        if text:
            (folder / f"{flag}.txt").write_text(text, encoding="utf-8")
            given += [f"--{flag}", f"{flag}.txt"]
    given = [str(folder / word) if "." in word else word for word in given]
    given += ["--timezone", shop.zone, "--country", shop.country, "--from", shop.begin, "--hours", str(shop.hours)]
    ran = _run(given)
    assert ran.returncode == 0, ran.stderr
    assert "failed" not in ran.stderr
    return Played(json.loads((folder / "out.json").read_text(encoding="utf-8")))


def _run(given: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", "--headless", *given],
        cwd=ROOT,
        env={**os.environ, "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


Player = Callable[[Shop], Played]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Player:
    """Plays a shop, once however often it is asked for."""
    known: dict[int, Played] = {}

    def once(shop: Shop) -> Played:
        if id(shop) not in known:
            known[id(shop)] = play(shop, tmp_path_factory.mktemp("shop"))
        return known[id(shop)]

    return once


# ---------------------------------------------------------------- one minute

MINUTE = Shop(
    sheet=HEADER
    + """A-1,Mei,+6591234501,,Cleaning,Ann,2026-11-26,14:00,
A-2,Mei,+6591234502,,Cleaning,Bob,2026-11-26,15:00,
A-3,Mei,+6591234503,,Cleaning,Cat,2026-11-26,14:00,
A-4,Mei,+6591234504,,Cleaning,Dan,2026-11-26,16:00,
""",
    hours=56,
    answers="""2026-11-24T14:00 confirm A-3
2026-11-26T12:00 confirm A-1
2026-11-26T12:00 confirm A-2
2026-11-26T13:30 move A-4 2026-11-27T10:00
2026-11-26T13:40 staff-cancel A-4
""",
    edits="2026-11-26T12:00 sheet without-3.csv\n",
    files={
        "without-3.csv": HEADER
        + """A-1,Mei,+6591234501,,Cleaning,Ann,2026-11-26,14:00,
A-2,Mei,+6591234502,,Cleaning,Bob,2026-11-26,15:00,
A-4,Mei,+6591234504,,Cleaning,Dan,2026-11-26,16:00,
"""
    },
)


def test_an_answer_in_the_minute_of_a_reminder_comes_before_it(played: Player) -> None:
    """Promise 54."""
    shop = played(MINUTE)

    assert shop.outcomes("A-1") == [("confirm", "done")]
    assert shop.reminders("A-1") == [("11-24T14:00", 48)]


def test_an_answer_in_the_minute_of_the_gap_alert_comes_before_it(played: Player) -> None:
    assert played(MINUTE).told("A-2", "gap_alert") == []


def test_there_is_no_link_yet_in_the_minute_of_the_first_reminder(played: Player) -> None:
    assert played(MINUTE).outcomes("A-3") == [("confirm", "no link")]


def test_a_row_deleted_in_the_minute_of_a_reminder_gets_none(played: Player) -> None:
    assert played(MINUTE).reminders("A-3") == [("11-24T14:00", 48)]


def test_a_press_on_the_alert_of_a_visit_that_has_moved_changes_nothing(played: Player) -> None:
    shop = played(MINUTE)

    assert shop.outcomes("A-4") == [("move", "done"), ("staff-cancel", "not offered")]
    assert shop.row("A-4")["status"] == "moved"


# ---------------------------------------------------------------- first sights

SIGHTS = Shop(
    sheet="""appt_id,customer,phone,service,staff,date,time,status,first_seen
A-1,Mei,+6591234501,Cleaning,Ann,2026-11-27,14:00,,2026-11-24T11:52+08:00
A-2,Mei,+6591234502,Cleaning,Bob,2026-11-25,13:00,,2026-11-23T14:00+08:00
A-3,Mei,+6591234503,Cleaning,Cat,2026-11-25,13:00,,2026-11-20T09:00+08:00
A-4,Mei,12,Cleaning,Dan,2026-11-25,15:00,,
""",
    hours=60,
)


def test_rows_typed_in_later_leave_the_first_sights_of_the_others_alone(played: Player) -> None:
    """A-2 was seen after its 48 hours, A-3 before: its 48-hour reminder was missed, and is still of use."""
    shop = played(SIGHTS)

    assert shop.reminders("A-2") == [("11-25T11:00", 2)]
    assert shop.reminders("A-3") == [("11-24T08:00", 48), ("11-25T11:00", 2)]


def test_a_row_typed_in_later_stands_where_its_file_has_it(played: Player) -> None:
    shop = played(SIGHTS)

    assert [row["appt_id"] for row in shop.report["sheet"]] == ["A-1", "A-2", "A-3", "A-4"]
    assert shop.reminders("A-1") == [("11-25T14:00", 48)]


# ---------------------------------------------------------------- exports

EXPORT = (
    HEADER
    + """A-1,Mei,+6591234501,,Cleaning,Ann,2026-11-26,14:00,
A-2,Mei,+6591234502,,Cleaning,Bob,2026-11-26,14:00,
A-3,Mei,+6591234503,,Cleaning,Cat,2026-11-26,14:00,booked
A-4,Mei,+6591234504,,Cleaning,Dan,26/11/2026,2:00 PM,
A-5,Mei,+6591234505,,Cleaning,Eve,2026-11-26,14:00,
A-6,Mei,+6591234506,,Cleaning,Fay,2026-11-26,14:00,cancelled
A-7,Mei,+6591234507,,Cleaning,Gus,2026-11-26,14:00,
A-8,Mei,+6591234508,,Cleaning,Hal,26/11/2026,2:00 PM,
"""
)
EXPORTS = Shop(
    sheet=EXPORT,
    hours=78,
    answers="""2026-11-24T15:00 confirm A-1
2026-11-24T15:00 confirm A-2
2026-11-24T15:00 confirm A-3
2026-11-24T15:00 move A-4 2026-11-27T11:00
2026-11-24T15:00 cancel A-5
2026-11-26T09:00 move A-8 2026-12-03T15:30
""",
    edits="2026-11-24T16:00 sheet again.csv\n2026-11-24T17:00 sheet moved.csv\n2026-11-25T09:00 sheet back.csv\n",
    files={
        "again.csv": EXPORT,
        "moved.csv": EXPORT.replace("Ann,2026-11-26,14:00,", "Ann,2026-11-26,16:00,confirmed")
        .replace("Eve,2026-11-26,14:00,", "Eve,2026-11-26,14:00,booked")
        .replace("Fay,2026-11-26,14:00", "Fay,2026-11-26,16:00")
        .replace("A-7,Mei,+6591234507,,Cleaning,Gus,2026-11-26,14:00,\n", ""),
        "back.csv": EXPORT.replace("Ann,2026-11-26,14:00,", "Ann,2026-11-26,16:00,")
        .replace("Eve,2026-11-26,14:00,", "Eve,2026-11-26,14:00,booked")
        .replace("Fay,2026-11-26,14:00", "Fay,2026-11-26,16:00"),
    },
)


def test_an_export_that_blanks_a_confirmation_gets_it_written_back(played: Player) -> None:
    shop = played(EXPORTS)

    assert shop.row("A-2")["status"] == "confirmed"
    assert shop.reminders("A-2") == [("11-24T14:00", 48)]


def test_booked_that_comes_back_after_an_answer_is_asked_about_once(played: Player) -> None:
    shop = played(EXPORTS)

    assert shop.notices("A-3") == ["booked came back"]
    assert shop.reminders("A-3") == [("11-24T14:00", 48)]


def test_an_export_does_not_take_back_a_customers_move(played: Player) -> None:
    shop = played(EXPORTS)

    assert shop.notices("A-4") == ["the sheet shows another start"]
    assert shop.reminders("A-4") == [("11-24T14:00", 48), ("11-25T11:00", 48), ("11-27T09:00", 2)]
    assert (shop.row("A-4")["date"], shop.row("A-4")["time"]) == ("26/11/2026", "2:00 PM")


def test_booked_typed_over_a_cancellation_reopens_the_visit(played: Player) -> None:
    assert played(EXPORTS).reminders("A-5") == [("11-24T14:00", 48), ("11-26T12:00", 2)]


def test_a_confirmation_does_not_follow_a_visit_that_staff_move(played: Player) -> None:
    shop = played(EXPORTS)

    assert shop.told("A-1", "first_reminder") == [
        ("11-24T14:00", "first_reminder", 48),
        ("11-26T14:00", "first_reminder", 2),
    ]
    assert shop.row("A-1")["status"] == ""


def test_a_cancelled_visit_that_staff_move_is_asked_about_and_not_reminded(played: Player) -> None:
    shop = played(EXPORTS)

    assert shop.notices("A-6") == ["cancelled from before"]
    assert shop.reminders("A-6") == []


def test_a_row_that_was_gone_for_a_night_goes_on_where_it_was(played: Player) -> None:
    """Promise 31."""
    assert played(EXPORTS).reminders("A-7") == [("11-24T14:00", 48), ("11-26T12:00", 2)]


def test_a_move_to_a_date_that_could_be_misread_is_written_in_words(played: Player) -> None:
    """Promise 58."""
    row = played(EXPORTS).row("A-8")

    assert (row["date"], row["time"], row["status"]) == ("3 Dec 2026", "3:30 PM", "moved")


# ---------------------------------------------------------------- brake and limits

CROWD = "".join(f"A-{n},Mei,+65912345{n:02},,Cleaning,S{n},2026-11-{26 + n // 6},{10 + n % 6}:00,\n" for n in range(12))
HALF = "".join(line + "\n" for line in CROWD.splitlines()[1::2])
BRAKE = Shop(
    sheet=HEADER + CROWD,
    hours=60,
    edits="2026-11-24T08:30 sheet half.csv\n2026-11-25T09:00 sheet not.csv\n2026-11-26T10:30 sheet all.csv\n",
    files={
        "half.csv": HEADER + HALF,
        "not.csv": HEADER.replace("date", "datum") + CROWD,
        "all.csv": HEADER + CROWD,
    },
)


def test_what_a_refused_sheet_drops_is_held_and_the_others_go_on(played: Player) -> None:
    shop = played(BRAKE)

    assert shop.reminders("A-1") == [("11-24T11:00", 48), ("11-26T09:00", 2)]
    assert [at for n in (2, 4, 6, 8, 10) for at, _ in shop.reminders(f"A-{n}") if at < "11-26T10:30"] == []


def test_a_later_sheet_within_the_limit_releases_what_was_held(played: Player) -> None:
    shop = played(BRAKE)

    assert shop.reminders("A-6") == [("11-26T10:30", 48)]
    assert shop.reminders("A-2") == [("11-26T10:30", 2)]


def test_what_began_while_it_was_held_is_told_and_not_lost(played: Player) -> None:
    shop = played(BRAKE)

    assert shop.reminders("A-0") == []
    assert len(shop.notices("A-0")) == 2
    assert shop.report["counts"]["lost"] == 0


def test_a_sheet_that_is_none_is_told_of_once_a_day(played: Player) -> None:
    told = [e["at"][5:16] for e in played(BRAKE).report["events"] if e["reason"] == "not the sheet"]

    assert told == ["11-25T09:00", "11-26T09:00"]


# ---------------------------------------------------------------- every shop

SHOPS = pytest.mark.parametrize("shop", [MINUTE, SIGHTS, EXPORTS, BRAKE], ids=["minute", "sights", "exports", "brake"])


@SHOPS
def test_nothing_is_sent_twice_and_nothing_is_lost(played: Player, shop: Shop) -> None:
    """Promise 31."""
    counts = played(shop).report["counts"]

    assert (counts["duplicates"], counts["lost"]) == (0, 0)


@SHOPS
def test_no_text_goes_in_quiet_hours_or_on_a_closed_day(played: Player, shop: Shop) -> None:
    """Promise 40. Promise 41."""
    texts = [e["at"] for e in played(shop).report["events"] if e["kind"] == "text"]

    assert [at for at in texts if not "08:00" <= at[11:16] < "21:00"] == []
    assert [at for at in texts if at.startswith("2026-11-29")] == []


@SHOPS
def test_what_was_not_missed_leaves_in_its_planned_minute(played: Player, shop: Shop) -> None:
    late = [
        (event["appt_id"], event["planned"], event["at"])
        for event in played(shop).report["events"]
        if event["at"] != event["planned"] and "missed" not in event["reason"]
    ]

    assert late == []


# ---------------------------------------------------------------- files that can't be played


def test_a_report_without_a_folder_is_refused_before_anything_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sheet.csv").write_text(MINUTE.sheet)
    parser = argparse.ArgumentParser()
    headless.arguments(parser)
    given = [
        "--sheet",
        str(tmp_path / "sheet.csv"),
        "--from",
        MINUTE.begin,
        "--json",
        str(tmp_path / "no" / "out.json"),
    ]

    assert headless.main(parser.parse_args(given)) == 2
    assert "there is no such folder" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["confirm A-1 and more", "move A-1", "move 2026-11-27T10:00", "confirm", ""])
def test_a_malformed_answer_is_named_by_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (tmp_path / "sheet.csv").write_text(MINUTE.sheet)
    (tmp_path / "answers.txt").write_text(f"# what people press\n2026-11-25T10:00 {line}\n")
    parser = argparse.ArgumentParser()
    headless.arguments(parser)
    given = ["--sheet", str(tmp_path / "sheet.csv"), "--from", MINUTE.begin, "--answers", str(tmp_path / "answers.txt")]

    assert headless.main(parser.parse_args(given)) == 2
    assert "answers.txt: line 2" in capsys.readouterr().err
