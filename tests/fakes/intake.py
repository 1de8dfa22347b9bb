"""Raw mails, scans, readers and a model in memory, for the intake lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.domain.proposal import Draft
from chalicelib.errors import Unreadable, UpstreamError
from chalicelib.intake_ports import ModelBooking, Scan, ScanState, ShopWords


@dataclass
class FakeRawMail:
    """The bucket in a dictionary. `sizes` overrules what a mail weighs."""

    mails: dict[str, bytes] = field(default_factory=dict)
    attachments: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    reads: int = 0

    def size(self, key: str) -> int | None:
        if key not in self.mails:
            return None
        return self.sizes.get(key, len(self.mails[key]))

    def read(self, key: str, most: int = 0) -> bytes:
        self.reads += not most
        if key not in self.mails:
            raise UpstreamError("S3", "NoSuchKey")
        return self.mails[key][: most or None]

    def put_attachment(self, key: str, place: int, media_type: str, content: bytes) -> str:
        attachment = f"attachments/{key}/{place}.{media_type.rpartition('/')[2]}"
        self.attachments[attachment] = content
        return attachment

    def keys(self, prefix: str = "") -> list[str]:
        return sorted(key for key in self.mails if key.startswith(prefix))


@dataclass
class FakeReader:
    """An exact reader that finds what it is told to, whatever it is given; or can't read it."""

    drafts: Sequence[Draft] = ()
    unreadable: str = ""

    def read(self, content: bytes | str, shop: ShopWords, now: datetime) -> list[Draft]:
        if self.unreadable:
            raise Unreadable(self.unreadable)
        return list(self.drafts)


@dataclass
class FakeDocumentText:
    """Documents that all say the same, or can't be read."""

    text: str = ""
    unreadable: str = ""

    def read(self, media_type: str, content: bytes) -> str:
        if self.unreadable:
            raise Unreadable(self.unreadable)
        return self.text


@dataclass
class FakeModel:
    """Answers with `bookings`, or raises `failure`; keeps the texts that it was given."""

    bookings: Sequence[ModelBooking] = ()
    failure: Exception | None = None
    texts: list[str] = field(default_factory=list)

    def read(self, text: str, subject: str, sent: datetime | None, shop: ShopWords) -> list[ModelBooking]:
        self.texts.append(text)
        if self.failure:
            raise self.failure
        return list(self.bookings)


@dataclass
class FakeScans:
    """Jobs by their object's key; `results` says how they stand."""

    results: dict[str, Scan] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    refuse: Callable[[str], None] | None = None

    def start(self, key: str) -> str:
        if self.refuse:
            self.refuse(key)
        self.started.append(key)
        return f"job-{key}"

    def result(self, job: str) -> Scan:
        return self.results.get(job, Scan(ScanState.RUNNING))


def a_message(**changes: Any) -> Mapping[str, Any]:
    """Textract's completion message, as SNS delivers it."""
    return {
        "JobId": "job",
        "Status": "SUCCEEDED",
        "API": "StartDocumentTextDetection",
        "Timestamp": 1764032400000,
        "DocumentLocation": {"S3ObjectName": "attachments/a/0.pdf", "S3Bucket": "ar-raw-mime"},
        **changes,
    }
