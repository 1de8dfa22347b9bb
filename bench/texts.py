"""The default texts in segments: at the largest sizes that are promised, and for everybody in the sample shop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.figures import Figure
from chalicelib.domain.appointment import Channel, chain_id
from chalicelib.domain.csv_text import read_csv
from chalicelib.domain.dates import read_start
from chalicelib.domain.reply_token import Link, issue_link
from chalicelib.domain.row import read_row
from chalicelib.domain.rule_book import STANDARD_OPENING
from chalicelib.domain.sheet import Terms, read_table
from chalicelib.domain.sms import segments
from chalicelib.domain.voice import DEFAULT_VOICE, Template, visit_fields
from chalicelib.ports import ReplyKeys

BASE_URL = "https://r.bright.sg/r/"
SHOP = "Bright Dental"
SIZES = {"shop": 18, "customer": 12, "service": 16, "staff": 8}
SAMPLE = Path(__file__).parents[1] / "local" / "sample" / "appointments.csv"
SEEN_ON = date(2026, 12, 14)
ZONE = ZoneInfo("Asia/Singapore")
TEMPLATES = tuple(template for template in Template if Channel.TEXT in template.channels)


def figure() -> Figure:
    """The most segments that any of them costs, and the longest."""
    texts = [*at_the_promised_sizes(), *of_the_sample_shop()]
    most = max(segments(text).count for text in texts)
    longest = max(map(len, texts))
    return Figure(
        f"{most} segment{'s' if most > 1 else ''} at most, {longest} characters; {len(texts)} texts", most == 1
    )


def at_the_promised_sizes() -> Iterator[str]:
    """Every default text on every day of a week at its longest hour (DESIGN §7)."""
    values = {name: name[0].upper() * size for name, size in SIZES.items()}
    for template in TEMPLATES:
        for day in range(7):
            start = datetime(2026, 11, 22 + day, 10, 30)  # noqa: DTZ001 - a wall clock's
            fields = {**values, "local_start": start.isoformat(), "link": _link("A1234567", start.astimezone(UTC))}
            yield DEFAULT_VOICE.render(template, Channel.TEXT, "en", fields).body


def of_the_sample_shop() -> Iterator[str]:
    """Every default text for every row that can be read."""
    terms = Terms(ZONE, "SG", "", STANDARD_OPENING)
    table = read_table(read_csv(SAMPLE.read_bytes()))
    for row in table.rows:
        values = table.values(row)
        start = read_start(values.get("date", ""), values.get("time", ""), terms, SEEN_ON)
        if not isinstance(start, datetime):
            continue
        appointment = read_row(values, row.line, start, terms).appointment
        if appointment is None:
            continue
        fields = {
            **visit_fields(appointment, ZONE, "en"),
            "shop": SHOP,
            "link": _link(appointment.appt_id, appointment.start),
        }
        for template in TEMPLATES:
            yield DEFAULT_VOICE.render(template, Channel.TEXT, "en", fields).body


def _link(appt_id: str, start: datetime) -> str:
    keys = ReplyKeys(current=1, keys={1: b"k" * 32})
    chain = chain_id((start - timedelta(seconds=start.second)).astimezone(UTC))
    return BASE_URL + issue_link(Link(appt_id, chain, 48 * 60), keys)
