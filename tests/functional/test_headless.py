"""`scripts/demo --headless`: three days of a small shop played from files, and files that can't be played."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import __main__ as command
from local import headless

ROOT = Path(__file__).parents[2]
MAILS = "tests/corpus/mails/seen"

SHEET = """appt_id,customer,phone,email,service,staff,date,time,status,link,first_seen
A-1,Mei Tan,+6591234567,mei@example.com,Dental cleaning,Dr Lee,2026-11-26,10:00am,booked,https://bright.example/b/1,
A-2,Arun Rao,+6598765432,,Dental cleaning,Dr Lee,2026-11-26,2:00pm,booked,,
A-3,Dana Lim,+6587654321,dana@example.com,Dental cleaning,Dr Ong,2026-11-26,4:00pm,booked,,
A-4,Rex Ong,+6581112222,,Dental cleaning,Dr Ong,2026-11-27,11:00am,booked,,
A-5,Mei Wong,+6581113333,,Dental cleaning,Dr Ong,2026-11-27,3:00pm,booked,,2026-11-26T12:30+08:00
A-6,Arun Teo,123,,Dental cleaning,Dr Ong,2026-11-27,9:00am,booked,,
A-7,Dana Goh,+6581114444,,Dental cleaning,Dr Ong,2026-11-28,11:00am,booked,,
"""
RULES = "Dental cleaning: remind at 48 and 2 hours.\nQuiet hours: 9pm to 8am.\n"
ANSWERS = """# what people press
2026-11-24T12:00 confirm A-1
2026-11-24T12:05 confirm A-1
2026-11-24T15:00 cancel A-2
2026-11-24T17:00 move A-3 2026-11-30T11:00
2026-11-24T17:30 confirm A-7
2026-11-27T08:10 staff-confirm A-4
"""


# ---------------------------------------------------------------- three days


@dataclass
class Played:
    """The report of the run, and what it said on the way."""

    report: dict[str, Any]
    said: str

    def events(self, appt_id: str, kind: str = "") -> list[tuple[str, str, float | None]]:
        """(shop-local minute, move, hours) of what a visit's people received."""
        found = [e for e in self.report["events"] if e["appt_id"] == appt_id and kind in ("", e["kind"])]
        return [(e["at"][5:16], e["move"], e["hours"]) for e in found]

    def row(self, appt_id: str) -> dict[str, str]:
        """A row of the sheet as it stands at the end."""
        found: dict[str, str] = next(row for row in self.report["sheet"] if row["appt_id"] == appt_id)
        return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The shop of the files above, from Tuesday 8am for eighty hours."""
    files = tmp_path_factory.mktemp("shop")
    (files / "sheet.csv").write_text(SHEET)
    (files / "rules.txt").write_text(RULES)
    (files / "answers.txt").write_text(ANSWERS)
    (files / "new-rules.txt").write_text(RULES.replace("48 and", "72, 48 and"))
    (files / "edits.txt").write_text("2026-11-25T12:02 rules new-rules.txt\n")
    arguments = ["--sheet", "sheet.csv", "--rules", "rules.txt", "--answers", "answers.txt", "--edits", "edits.txt"]
    arguments += ["--from", "2026-11-24T08:00", "--hours", "80", "--json", "out.json"]
    ran = subprocess.run(
        [sys.executable, "-m", "local", "--headless", *arguments],
        cwd=files,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    return Played(json.loads((files / "out.json").read_text()), ran.stderr)


pytestmark = pytest.mark.ministack


def test_nothing_is_sent_twice_and_nothing_is_lost(played: Played) -> None:
    """Promise 31."""
    assert (played.report["counts"]["duplicates"], played.report["counts"]["lost"]) == (0, 0)
    assert " failed: " not in played.said


def test_a_confirmation_silences_the_later_windows(played: Played) -> None:
    """Promises 22, 54, 55."""
    assert played.events("A-1") == [("11-24T10:00", "first_reminder", 48)]
    assert played.row("A-1")["status"] == "confirmed"
    assert [reply["outcome"] for reply in played.report["replies"][:2]] == ["done", "already confirmed"]


def test_a_cancellation_silences_the_visit_and_staff_hear_in_that_minute(played: Played) -> None:
    """Promises 23, 64, 65."""
    assert played.events("A-2", "slack") == [("11-24T15:00", "cancelled", None)]
    assert played.events("A-2", "text") == [("11-24T14:00", "first_reminder", 48), ("11-24T15:00", "cancelled", None)]
    assert played.row("A-2")["status"] == "cancelled"


def test_a_move_begins_a_fresh_chain_at_the_new_time(played: Played) -> None:
    """Promises 58, 60, 62. The rules have 72 hours by then."""
    assert played.events("A-3", "email") == [("11-24T17:00", "moved", None)]
    assert played.events("A-3", "text") == [
        ("11-24T16:00", "first_reminder", 48),
        ("11-27T11:00", "first_reminder", 72),
    ]
    row = played.row("A-3")
    assert (row["date"], row["time"]) == ("2026-11-30", "11:00am")


def test_a_wider_window_that_the_rules_get_later_re_sends_nothing(played: Played) -> None:
    """Promise 26. Its minute was before the edit."""
    assert ("11-25T11:00", "first_reminder", 48) in played.events("A-4", "text")
    passed = [s for s in played.report["skipped"] if (s["appt_id"], s["hours"]) == ("A-4", 72)]
    assert [entry["kind"] for entry in passed] == ["passed"]


def test_staffs_own_word_silences_the_visit_as_a_reply_does(played: Played) -> None:
    assert played.events("A-4", "slack") == [("11-27T08:00", "gap_alert", None)]
    assert played.events("A-4", "text") == [("11-25T11:00", "first_reminder", 48)]
    assert played.row("A-4")["status"] == "confirmed"


def test_a_row_that_was_first_seen_late_gets_only_what_is_still_ahead(played: Played) -> None:
    assert played.events("A-5", "text") == [("11-27T13:00", "first_reminder", 2)]
    assert {s["hours"] for s in played.report["skipped"] if s["appt_id"] == "A-5"} == {72, 48}
    assert "first_seen" not in played.row("A-5")


def test_a_bad_number_is_refused_with_its_line_and_staff_are_told(played: Played) -> None:
    [refused] = played.report["refused"]
    assert (refused["appt_id"], refused["field"]) == ("A-6", "phone")
    assert played.events("A-6", "text") == []
    assert [move for _, move, _ in played.events("A-6", "slack")] == ["notice", "gap_alert"]


def test_a_press_without_a_message_has_no_link(played: Played) -> None:
    assert played.report["replies"][4]["outcome"] == "no link"


def test_every_message_left_in_its_planned_minute(played: Played) -> None:
    assert [e for e in played.report["events"] if e["at"][:16] != e["planned"][:16]] == []


# ---------------------------------------------------------------- files that can't be played

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Write files, run the command with them, and give its status and what it said."""

    def call(**files: str | bytes | None) -> tuple[int, str]:
        arguments = ["--from", "2026-11-24T08:00"]
        for name, content in {"sheet": SHEET, **files}.items():
            path = tmp_path / f"{name}.txt"
            if content is not None:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            arguments += [f"--{name}", str(path)]
        monkeypatch.setattr(sys, "argv", ["demo", "--headless", *arguments])
        monkeypatch.setattr(headless, "play", lambda _: pytest.fail("it was played"))
        status = command.main()
        return status, capsys.readouterr().err

    return call


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"sheet": None}, ["sheet.txt", "there is no such file"]),
        ({"sheet": ""}, ["sheet.txt", "line 1"]),
        ({"sheet": "who,when\nMei,soon\n"}, ["sheet.txt: line 1", "customer"]),
        ({"rules": None}, ["rules.txt", "there is no such file"]),
        ({"rules": b"\x80\x81\xff"}, ["rules.txt", "is not text; expected UTF-8"]),
        ({"rules": "Dental cleaning: remind at some hours.\n"}, ["rules.txt: line 1"]),
        ({"rules": RULES + "Closed: Blursdays.\n"}, ["rules.txt: line 3"]),
        ({"voice": "First reminder (text):\nHello {custmer}\n"}, ["voice.txt: line 2", "custmer"]),
        (
            {"answers": "2026-11-25T10:05 confirm\n"},
            ["answers.txt: line 1", "expected `2026-11-25T10:05 confirm A-17`"],
        ),
        ({"answers": "# fine\ntomorrow confirm A-1\n"}, ["answers.txt: line 2", "expected"]),
        ({"answers": "2026-11-25T10:05 dance A-1\n"}, ["answers.txt: line 1", "dance", "expected"]),
        ({"answers": "2026-11-25T10:05 move A-1 soon\n"}, ["answers.txt: line 1", "soon", "expected"]),
        ({"edits": "2026-11-25T11:00 sheet missing.csv\n"}, ["edits.txt: line 1", "missing.csv", "no such file"]),
        ({"edits": "2026-11-25T11:00 prices new.txt\n"}, ["edits.txt: line 1", "expected"]),
        (
            {"sheet": SHEET.replace("2026-11-26T12:30+08:00", "yesterday")},
            ["sheet.txt: line 6", "first_seen 'yesterday'", "expected"],
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_line_and_what_was_expected(
    run: Run, files: dict[str, str | bytes | None], said: list[str]
) -> None:
    status, error = run(**files)
    assert status == 2
    assert "Traceback" not in error
    for part in said:
        assert part in error


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--timezone", "Mars/Olympus"], "--timezone Mars/Olympus: is no time zone"),
        (["--country", "Atlantis"], "--country"),
        (["--from", "soon"], "--from: 'soon' is not a minute like"),
        (["--hours", "0"], "--hours 0.0: expected"),
        (["--mails", "nowhere"], "nowhere: is no folder that can be read"),
        (["--mails", "local/sample/.."], "holds no .eml file"),
        (["--mails", MAILS, "--model-answers", "nowhere.json"], "nowhere.json: there is no such file"),
        (["--mails", MAILS, "--model-answers", "README.md"], "README.md: line 1: is not JSON"),
        (["--model-answers", "README.md"], "--model-answers README.md: expected --mails"),
    ],
)
def test_a_flag_that_cannot_be_used_is_named(
    flags: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["demo", "--headless", "--from", "2026-11-24T08:00", *flags])
    assert command.main() == 2
    assert said in capsys.readouterr().err


def test_mails_are_dropped_in_name_order_and_told_by_file(tmp_path: Path) -> None:
    """An obedient model is played for one of them; what it quotes and the mail doesn't say is left blank."""
    head = "From: tool@bookings.example\nSubject: s\nDate: Mon, 23 Nov 2026 09:00:00 +0800\n\n"
    said = "Customer: Bo Ek\nPhone: +65 9123 4567\nService: Check-up\nDate: 3 December 2026\nTime: 10:00 am\n"
    mails = tmp_path / "mails"
    mails.mkdir()
    for name, text in (("b.eml", said), ("a.eml", "Ten per cent off."), ("c.eml", said.replace("Bo Ek", "Cy Fox"))):
        (mails / name).write_text(head + text)
    (mails / "notes.txt").write_text("no mail")
    quotes = {"customer": "Root", "date": "3 December 2026", "time": "10:00 am"}
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"c.eml": {"bookings": [{"kind": "booking", "quotes": quotes}]}}))
    out = tmp_path / "out.json"
    command_line = [sys.executable, "-m", "local", "--headless", "--from", "2026-11-24T08:00", "--hours", "1"]
    flags = ["--mails", mails, "--model-answers", answers, "--json", out]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONTZPATH": ""}
    ran = subprocess.run([*command_line, *map(str, flags)], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(out.read_text())
    outcomes = [(mail["file"], mail["outcome"]) for mail in report["mails"]]
    assert outcomes == [("a.eml", "none"), ("b.eml", "proposed"), ("c.eml", "proposed")]
    assert [(p["file"], p["kind"], p["reader"], p["fields"]["customer"]) for p in report["proposals"]] == [
        ("b.eml", "booking", "model", "Bo Ek"),
        ("c.eml", "booking", "model", ""),
    ]
    assert set(report["proposals"][0]) == {"file", "kind", "reader", "fields", "quotes", "doubtful", "flags"}
    assert [given["file"] for given in report["model_inputs"]] == ["a.eml", "b.eml", "c.eml"]
    assert "Cy Fox" in report["model_inputs"][2]["text"]
    assert "failed" not in ran.stderr
