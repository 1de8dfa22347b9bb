"""A shop whose sheet has 100,000 rows: half a year of visits, most of them long past, as its mirror holds them.

Made without chance, so that two runs measure the same. Names and notes have letters beyond Latin-1 and a few emoji:
Python then keeps the text at four bytes a character, which is what peak memory has to survive.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from chalicelib.domain.mirror import MirrorRow, write_mirror

ROWS = 100_000
ZONE = ZoneInfo("Asia/Singapore")
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
"""Ten on a Tuesday morning, shop-local: the visits of four open days are candidates."""
FIRST_SEEN = datetime(2026, 8, 3, 1, tzinfo=UTC)
FIRST_DAY = date(2026, 8, 24)
A_DAY = 580
"""Visits an open day, so that a tick has about 2,300 candidates."""
ANY_ID = "A50000"
"""A row half-way down, for what looks one row up."""

RULES = """Dental cleaning: remind at 48 and 2 hours. Takes 45 minutes.
Check-up: 24 and 2 hours.
New-patient consult: 72, 24, and 3 hours.
Everything else: 2 days and 2 hours.
Quiet hours: 9pm to 8am.
Closed: Sundays, public holidays.
Opening hours: Mon-Sat 9am-6pm.
Gap alert: 3 hours before.
"""

_CUSTOMERS = ("Mei Tan", "Arun Nair", "Siti Rahman", "陈美玲", "Zoë Müller", "Grace Lim", "Rosa Diaz", "Nurul Huda")
_SERVICES = ("Dental cleaning", "Check-up", "New-patient consult", "Whitening")
_STAFF = ("Dr Lim", "Dr Wong", "Aisha", "Dana")
_NOTES = ("", "prefers mornings", 'says "no mint", please', "parking: level 2\r\nlift B", "first visit 🙂", "")


def mirror_text(rows: int = ROWS) -> str:
    """The mirror of that sheet."""
    return write_mirror(["Notes"], mirror_rows(rows))


def mirror_rows(rows: int = ROWS) -> Iterator[MirrorRow]:
    """Its rows, oldest visit first."""
    texts = zip(cycle(_CUSTOMERS), cycle(_STAFF), cycle(_NOTES), strict=False)
    for number, (start, (customer, staff, note)) in enumerate(zip(_starts(rows), texts, strict=False)):
        local = start.astimezone(ZONE)
        values = {
            "appt_id": f"A{number}",
            "customer": customer,
            "phone": f"91{number % 1_000_000:06d}",
            "email": f"customer{number}@example.com",
            "service": _SERVICES[number // 3 % len(_SERVICES)],
            "staff": staff,
            "date": f"{local:%a %d %b %Y}",
            "time": f"{local:%I:%M%p}".lower(),
            "status": "done" if start < NOW else "booked",
            "link": f"https://book.brightdental.example/{number}",
            "Notes": note,
        }
        yield MirrorRow(values, start, FIRST_SEEN, None, number + 2)


def sheet_text(rows: int = ROWS) -> str:
    """The same sheet as Drive exports it, for the literal spec: no instants, only what people typed."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("appt_id", "customer", "phone", "service", "staff", "date", "time", "status", "link"))
    for row in mirror_rows(rows):
        local = row.start.astimezone(ZONE) if row.start else NOW
        typed = (row.values[name] for name in ("customer", "phone", "service", "staff"))
        writer.writerow((row.appt_id, *typed, f"{local:%Y-%m-%d}", f"{local:%H:%M}", "booked", row.values["link"]))
    return out.getvalue()


def _starts(rows: int) -> Iterator[datetime]:
    """`A_DAY` visits from nine to six on every day but Sundays, as instants."""
    day, made = FIRST_DAY, 0
    while made < rows:
        if day.weekday() != 6:
            opening = datetime.combine(day, time(9), ZONE).astimezone(UTC)
            for place in range(min(A_DAY, rows - made)):
                yield opening + timedelta(minutes=place * 540 // A_DAY)
            made += A_DAY
        day += timedelta(days=1)
