"""The report's part about bookings that came in by mail: what was proposed, and what became of each mail.

Told from the messages that Slack got, the audit that stands in the table and the requests that the model got. Like
`report.py`, it imports nothing of the shipped code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FIELDS = ("customer", "phone", "email", "service", "staff", "date", "time", "link")
_NOTHING_SAID = {"after": "unreadable", "reason": "its function failed, or it is still being scanned"}


def proposals(slack: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every proposal as it was first posted, by file and place in it; a repeated post counts once."""
    found: dict[str, Mapping[str, Any]] = {}
    for message in slack:
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == "proposal":
            about = metadata.get("event_payload") or {}
            found.setdefault(str(about.get("proposal_id")), about)
    in_order = sorted(found.values(), key=lambda about: (str(about.get("source")), int(about.get("place") or 0)))
    return [
        {
            "file": about.get("source", ""),
            "kind": about.get("kind", ""),
            "reader": about.get("reader", ""),
            "fields": {name: str((about.get("fields") or {}).get(name, "")) for name in FIELDS},
            "quotes": dict(about.get("quotes") or {}),
            "doubtful": list(about.get("doubtful") or ()),
            "flags": list(about.get("flags") or ()),
        }
        for about in in_order
    ]


def mails(files: Sequence[str], audit: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What became of each file that was dropped, by the newest word on it."""
    said: dict[str, Mapping[str, Any]] = {}
    for entry in sorted(audit, key=lambda item: str(item["ts"])):
        if entry["action"] == "mail_read":
            said[str(entry["appt_id"]).removeprefix("mail#")] = entry
    told = [(file, said.get(file, _NOTHING_SAID)) for file in files]
    return [
        {"file": file, "outcome": str(entry.get("after", "")), "reason": str(entry.get("reason", ""))}
        for file, entry in told
    ]
