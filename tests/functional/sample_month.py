"""Five weeks of the sample shop: its fortnight three times over, and all that people, staff and vendors do."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.domain.text_price import read_text_price
from chalicelib.ports import Document
from tests.fakes.runtime import FakeRuntime
from tests.functional.played_month import BEGIN, DAY, HEADER, HOUR, MINUTE, ZONE, Held, Month

SAMPLE = Path(__file__).parents[2] / "local" / "sample"
VOICE = "".join(
    f"{name}, text:\n{mark} {{customer}}: {{service}} {{day}} {{date}} {{time}} {{link}}\n\n"
    f"{name}, email:\nSubject: {mark} {{customer}}: {{service}}\n{{customer}}: {{day}} {{time}} {{link}}\n\n"
    for name, mark in (("First reminder", "R"), ("Second reminder", "R"), ("Moved", "M"), ("Cancelled", "X"))
)


def the_month() -> Month:
    """Played from Saturday before the first week to Monday noon after the last."""
    rt = FakeRuntime(BEGIN, delivery_log=True, text_price=read_text_price("SG 0.05, GB 0.04 USD"))
    month = Month(rt)
    rows = []
    for copy, letter in enumerate("ABC"):
        for row in csv.DictReader((SAMPLE / "appointments.csv").open(encoding="utf-8")):
            start = _start(row) + 14 * (copy - 1) * DAY
            customer = f"{row['Customer']} {letter}"
            month.number[customer] = len(month.number) + 1
            month.phones[customer] = row["Phone"]
            is_bad = row["Date"].startswith("Fri 17")
            date = f"{'Fri' if is_bad else f'{start:%a}'} {start.day} {start:%b %Y}"
            made = {**row, "Appt ID": f"{letter}{row['Appt ID'][1:]}", "Customer": customer, "Date": date}
            if start <= BEGIN:
                continue
            rows.append({name: made[name] for name in HEADER})
            reachable = bool(row["Email"]) or row["Phone"] not in ("", "9148 49")
            if not is_bad:
                month.holds.append(
                    Held(customer, row["Service"], row["Staff"], start.astimezone(UTC), BEGIN, reachable)
                )
    month.paste(rows)
    rt.docs.put(Document.RULES, (SAMPLE / "rules.txt").read_text(encoding="utf-8"))
    rt.docs.put(Document.VOICE, VOICE)
    rt.sms.send, rt.email.send = month.text, month.mail  # type: ignore[method-assign]
    for days in range(37):
        day = BEGIN + days * DAY
        month.at(day + 10.5 * HOUR, month.note_attendance)
        if day.astimezone(ZONE).weekday() == 6:
            month.at(day + 12 * HOUR, month.drop_past_rows)
    month.at(_on(12, 3, 9), lambda: month.move_in_sheet("Colin Peh A", 5 * HOUR))
    month.at(_on(12, 8, 9), lambda: month.move_in_sheet("Kavya Menon B", 15 * MINUTE))
    month.at(_on(12, 14, 9), lambda: month.cancel_in_sheet("Gavin Toh B"))
    month.at(_on(12, 15, 9), lambda: month.take_row_out("Jason Teo B"))
    month.at(_on(12, 29, 9), lambda: month.move_in_sheet("Rachel Yeo C", -DAY))
    month.play()
    return month


def _on(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, 7, tzinfo=ZONE).astimezone(UTC)


def _start(row: dict[str, str]) -> datetime:
    day = row["Date"].partition(" ")[2]
    return datetime.strptime(f"{day} {row['Time'].upper()}", "%d %b %Y %I:%M%p").replace(tzinfo=ZONE)
