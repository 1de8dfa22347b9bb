"""What comes in on the desk: mails to the booking address, and the shop's calendar. Plain values for the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from local.world import World

SAMPLES = Path(__file__).parents[1] / "sample" / "mails"
CALENDAR = "desk@bright.example"
"""The calendar that the sample shop is configured to have looked through."""
_LONGEST = 30


def sample_mails() -> dict[str, bytes]:
    """The sample mails by name, to be forwarded as they are."""
    return {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("*.eml"))}


def intake(world: World, zone: ZoneInfo) -> dict[str, Any]:
    """The samples, what has come in with what became of it, and the calendar's events to come."""
    outcomes = _outcomes(world)
    return {
        "samples": [{"name": name, "subject": _subject(raw)} for name, raw in sample_mails().items()],
        "mails": [
            {"name": name, "subject": _subject(raw), **outcomes.get(name, {"outcome": "", "reason": ""})}
            for name, raw in _received(world)
        ],
        "events": _events(world, zone),
    }


def _received(world: World) -> Iterator[tuple[str, bytes]]:
    """The mails in the bucket, the newest first; the last thirty."""
    from chalicelib import names

    found = world.s3.list_objects_v2(Bucket=names.RAW_MIME_BUCKET).get("Contents", [])
    mails = [one for one in found if not one["Key"].startswith(names.ATTACHMENTS)]
    for one in sorted(mails, key=lambda one: one["LastModified"], reverse=True)[:_LONGEST]:
        yield one["Key"], world.s3.get_object(Bucket=names.RAW_MIME_BUCKET, Key=one["Key"])["Body"].read()


def _outcomes(world: World) -> dict[str, dict[str, str]]:
    """The newest word of the audit on each mail, by its key."""
    from chalicelib import names

    said = [item for item in world.items(names.AUDIT) if str(item["appt_id"]).startswith("mail#")]
    return {
        str(item["appt_id"]).removeprefix("mail#"): {"outcome": item.get("after", ""), "reason": item.get("reason", "")}
        for item in sorted(said, key=lambda item: str(item["ts"]))
    }


def _subject(raw: bytes) -> str:
    header = message_from_bytes(raw[:20_000])["Subject"] or ""
    try:
        return str(make_header(decode_header(str(header))))[:200]
    except (LookupError, ValueError):
        return str(header)[:200]


def _events(world: World, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The single events from yesterday on, earliest first."""
    since = world.clock() - timedelta(days=1)
    shown = []
    for single in world.google.calendar.upcoming(CALENDAR, since):
        whole_day = "T" not in single["start"]
        start = single["start"] if whole_day else datetime.fromisoformat(single["start"]).astimezone(zone).isoformat()
        shown.append(
            {
                "id": single["id"],
                "summary": single["summary"],
                "description": single["description"],
                "start": start[:16],
                "guests": ", ".join(person.get("displayName", "") for person in single["attendees"]),
            }
        )
    return sorted(shown, key=lambda event: str(event["start"]))
