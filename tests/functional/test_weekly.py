"""A Monday morning of the running system: the week's line and mail are in the report, and nothing else changes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.headless import Play, play
from local.world import ShopSetup
from tests.builders import local

pytestmark = pytest.mark.ministack

SUNDAY = local("2026-11-29 19:00")
SHEET = """Appt ID,Customer,Phone,Email,Service,Staff,Date,Time,Status
A-1,Mei Tan,+6591234567,,Check-up,Dr Lim,30 Nov 2026,7:30pm,
A-2,Arun Rao,,arun@example.com,Check-up,Dr Lim,30 Nov 2026,7:45pm,
"""
RULES = "Check-up: 24 hours.\nQuiet hours: 9pm to 8am.\nGap alert: 1 hour before.\n"
OWNER = "owner@bright.example"


def played(**parameters: str) -> dict[str, Any]:
    """From Sunday evening, when both were reminded, to Monday noon."""
    shop = ShopSetup(list(csv.reader(io.StringIO(SHEET))), RULES, "", parameters=parameters)
    report, _ = play(Play(shop, SUNDAY, SUNDAY + timedelta(hours=17), {}, (), ()))
    return report.as_json()


def of_kind(report: dict[str, Any], kind: str) -> list[tuple[str, str, str, Any, Any]]:
    found = [event for event in report["events"] if event["kind"] == kind]
    return [(e["at"][:16], e["to"], e["move"], e["appt_id"], e["hours"]) for e in found]


def test_on_monday_the_report_has_one_more_slack_line_and_with_an_owner_one_more_mail() -> None:
    """Promises 71, 73."""
    plain = played()
    assert of_kind(plain, "slack") == [("2026-11-30T08:00", "#front-desk", "notice", None, None)]
    assert [at for at, *_ in of_kind(plain, "text")] == ["2026-11-29T19:30"]
    told = played(owner_email=OWNER, summary_channel="#owners")
    assert of_kind(told, "slack") == [("2026-11-30T08:00", "#owners", "notice", None, None)]
    assert of_kind(told, "email")[-1] == ("2026-11-30T08:00", OWNER, "notice", None, None)
    assert of_kind(told, "email")[:-1] == of_kind(plain, "email")
    for report in (plain, told):
        assert (report["counts"]["duplicates"], report["counts"]["lost"]) == (0, 0)
    assert datetime.fromisoformat(told["to"]).astimezone(UTC) == SUNDAY + timedelta(hours=17)
