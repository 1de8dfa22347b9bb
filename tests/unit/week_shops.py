"""Six weeks that differ in what is known of them, for texts that tell a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.week_facts import Attendance, BadRow, Cost, Rate, ToDo, VisitToMind
from tests.unit.week_lies import FACTS, SG, a_week, to_mind


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=SG)


SHOPS = {
    "full": FACTS,
    "first week": replace(
        FACTS,
        shop_name="Corner Cuts",
        week=a_week(
            visits=18,
            no_shows=1,
            unreachable=0,
            reminder_texts=22,
            reminder_emails=3,
            confirmed=13,
            confirmed_by_day=(3, 4, 2, 2, 1, 1, 0),
            minutes_to_confirm=21,
            moved=1,
            moved_by_staff=0,
            cancelled=2,
            notice_hours=30.0,
            freed=3,
            refilled=1,
            undelivered=0,
            unknown=0,
            segments=24,
        ),
        before=(),
        quiet=(
            VisitToMind("H-4", "Sofia Reyes", "Haircut", "Jo", _at(22, 11), ToDo.CALL),
            VisitToMind("H-9", "Hana Sato", "Colour", "Jo", _at(23, 17, 15), ToDo.CALL),
        ),
        unreachable=(),
        bad_rows=(),
        attendance=Attendance(date(2026, 12, 14), 1, Rate(0, 12), Rate(1, 6)),
        cost=Cost(Decimal("1.10"), "SGD"),
        quiet_hours=None,
    ),
    "no cancels": replace(
        FACTS,
        week=a_week(cancelled=0, notice_hours=None, freed=5, refilled=3, undelivered=0, unknown=0, segments=58),
        quiet=FACTS.quiet[:2],
        unreachable=(),
        bad_rows=(),
        cost=Cost(Decimal("2.67"), "SGD"),
    ),
    "loose ends": replace(
        FACTS,
        week=a_week(undelivered=3, unknown=0, failed=2, unreachable=2),
        quiet=(
            to_mind("A-17", "Mei Tan", "Dr Lim", _at(22, 14, 30)),
            to_mind("A-28", "Ben Wong", "Dr Ong", _at(18, 15), ToDo.NOTE_ATTENDANCE),
        ),
        unreachable=(
            to_mind("A-33", "Lena Koh", "Dr Ong", _at(21, 9, 30)),
            to_mind("A-31", "Rex Goh", "Dr Lim", _at(23, 16)),
        ),
        bad_rows=(
            BadRow(14, "A-40", "Ivy Chua", "phone", "“123” is no phone number"),
            BadRow(22, "A-44", "Tom Lee", "date", "“31 Feb” is no date"),
        ),
        attendance=None,
    ),
    "few attendances": replace(
        FACTS,
        week=a_week(visits=23, no_shows=2, confirmed=17, confirmed_by_day=(5, 4, 3, 3, 2, 0, 0), freed=4, refilled=2),
        before=(a_week(date(2026, 12, 7), visits=24, no_shows=1, confirmed=15, cancelled=3, freed=5, refilled=2),),
        quiet=(to_mind("A-23", "Arun Rao", "Dr Ong", _at(24, 10)), FACTS.quiet[2]),
        unreachable=(),
        bad_rows=(),
        attendance=Attendance(date(2026, 12, 7), 2, Rate(1, 15), Rate(2, 12)),
        cost=None,
    ),
    "bare": replace(
        FACTS,
        shop_name="Harbour Physio",
        week=a_week(
            visits=64,
            no_shows=None,
            reminder_texts=81,
            reminder_emails=12,
            confirmed=52,
            confirmed_by_day=(12, 14, 9, 8, 6, 3, 0),
            minutes_to_confirm=35,
            moved=6,
            moved_by_staff=2,
            cancelled=4,
            notice_hours=41.0,
            freed=9,
            refilled=6,
            undelivered=0,
            unknown=0,
            segments=90,
        ),
        before=(
            a_week(
                date(2026, 12, 7),
                visits=70,
                no_shows=None,
                reminder_texts=88,
                reminder_emails=10,
                confirmed=49,
                minutes_to_confirm=48,
                moved=6,
                moved_by_staff=3,
                cancelled=7,
                notice_hours=20.5,
                freed=12,
                refilled=7,
                undelivered=1,
                unknown=0,
                segments=97,
            ),
        ),
        quiet=(),
        unreachable=(),
        bad_rows=(),
        attendance=None,
        cost=None,
    ),
}
"""By what is special about the week."""
