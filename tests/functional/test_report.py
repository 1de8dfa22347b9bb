"""The report is told from what arrived: planted faults show, and it shares no code with what it judges."""

from __future__ import annotations

import ast
import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.domain.reply_token import Link, issue_link
from local import report as told
from local import report_intake
from local.report import Received, build_report, read_token
from tests.fakes.runtime import KEYS

CHAIN = "20261126T0100Z"
TOKEN = issue_link(Link("A-17", CHAIN, 2880), KEYS)
BODY = f"Bright Dental: Mei, Dental cleaning. OK/change: https://r.bright.sg/r/{TOKEN}"
TEXT = {"at": "2026-11-24T01:00:00+00:00", "to": "+6591234567", "body": BODY, "message_id": "m-1"}
SEND = {
    "appt_id": "A-17",
    "window_index": f"{CHAIN}#h48",
    "message_id": "m-1",
    "move": "first_reminder",
    "planned": "2026-11-24T01:00:00Z",
    "reason": "48 hours before",
}
PLANNED = {
    "appt_id": "A-17",
    "chain": CHAIN,
    "what": "h48",
    "move": "first_reminder",
    "planned": "2026-11-24T01:00:00Z",
    "hours": 48,
}


def a_run(**material: Any) -> Received:
    """A run in which Mei's 48-hour text was planned, and went."""
    values: dict[str, Any] = {
        "timezone": "Asia/Singapore",
        "begin": datetime(2026, 11, 24, 0, tzinfo=UTC),
        "end": datetime(2026, 11, 27, 0, tzinfo=UTC),
        "texts": [TEXT],
        "mails": [],
        "slack": [],
        "bus": [PLANNED],
        "sends": [SEND],
        "audit": [],
    }
    return Received(**{**values, **material})


def counts(**material: Any) -> tuple[int, int]:
    """(duplicates, lost) of such a run."""
    found = build_report(a_run(**material)).counts
    return found["duplicates"], found["lost"]


def test_a_run_without_fault_counts_none() -> None:
    """Promise 31."""
    assert counts() == (0, 0)


def test_a_planted_second_text_is_a_duplicate_whatever_the_ledger_says() -> None:
    """Promise 31."""
    again = {**TEXT, "at": "2026-11-24T02:00:00+00:00", "message_id": "m-2"}
    assert counts(texts=[TEXT, again]) == (1, 0)


def test_a_text_of_another_window_is_no_duplicate() -> None:
    other = BODY.replace(TOKEN, issue_link(Link("A-17", CHAIN, 120), KEYS))
    assert counts(texts=[TEXT, {**TEXT, "body": other, "message_id": "m-2"}]) == (0, 0)


def test_a_planted_minute_that_passed_in_silence_is_lost() -> None:
    assert counts(texts=[], sends=[]) == (0, 1)


def test_a_minute_that_has_not_come_yet_is_not_lost() -> None:
    assert counts(texts=[], sends=[], end=datetime(2026, 11, 24, 1, tzinfo=UTC)) == (0, 0)


def test_a_window_that_was_skipped_with_its_reason_is_not_lost() -> None:
    entry = {
        "appt_id": "A-17",
        "ts": "2026-11-24T01:00:00Z#x",
        "action": "window_skipped",
        "chain": CHAIN,
        "hours": 48,
        "reason": "no allowed minute",
    }
    run = build_report(a_run(texts=[], sends=[], audit=[entry]))
    assert run.counts["lost"] == 0
    assert run.skipped == [
        {
            "at": "2026-11-24T09:00:00+08:00",
            "appt_id": "A-17",
            "hours": 48,
            "kind": "skipped",
            "reason": "no allowed minute",
        }
    ]


def test_a_window_that_staff_were_told_of_is_not_lost() -> None:
    about = {"appt_id": "A-17", "chain": CHAIN, "hours": "48", "move": "notice"}
    line = {
        "at": "2026-11-24T01:00:00+00:00",
        "channel": "#front-desk",
        "text": "please call",
        "metadata": {"event_payload": about},
    }
    assert counts(texts=[], sends=[], slack=[line]) == (0, 0)


def test_a_line_about_another_visit_does_not_account_for_this_one() -> None:
    about = {"appt_id": "A-18", "chain": CHAIN, "hours": "48", "move": "notice"}
    line = {"at": "2026-11-24T01:00:00+00:00", "channel": "#x", "text": "", "metadata": {"event_payload": about}}
    assert counts(texts=[], sends=[], slack=[line]) == (0, 1)


def test_a_message_is_told_by_its_link_and_its_minute_by_the_ledger() -> None:
    [event] = build_report(a_run()).events
    assert (event["appt_id"], event["hours"], event["move"], event["kind"]) == ("A-17", 48, "first_reminder", "text")
    assert event["at"] == event["planned"] == "2026-11-24T09:00:00+08:00"


def test_the_report_reads_the_link_that_the_shipped_code_made() -> None:
    assert read_token(TOKEN) == ("A-17", CHAIN, 2880)
    assert read_token("A" * 5) is None
    assert read_token(base64.urlsafe_b64encode(b"\xff" * 30).decode()) is None


def test_the_report_imports_nothing_of_the_shipped_code() -> None:
    modules = (told, report_intake)
    tree = ast.Module([node for module in modules for node in ast.parse(Path(module.__file__).read_text()).body], [])
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported
    ours = {name for name in imported if name.partition(".")[0] in ("chalicelib", "app", "local", "tests")}
    assert ours == {"local"}  # the report's own part about mails
