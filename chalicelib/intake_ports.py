"""What the intake lanes ask of the world: raw mail, readers, the model, scans, calendars. Beside `ports.py`.

Every `datetime` is aware. Every method may raise `UpstreamError` for its vendor unless it says otherwise. What a
mail holds may be hostile: a reader raises `Unreadable`, with a reason for staff, before it spends much on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.proposal import Draft


class RawMail(Protocol):
    """`ar-raw-mime`: mails as SES put them there. Nothing in it is ever deleted by us."""

    def size(self, key: str) -> int | None:
        """Bytes; None if there is no such object (a notification that comes late)."""

    def read(self, key: str, most: int = 0) -> bytes:
        """The MIME message; only its first bytes where `most` says how many."""

    def put_attachment(self, key: str, place: int, media_type: str, content: bytes) -> str:
        """Lay an attachment where Textract can read it; returns its key (under `attachments/`). Safe to repeat."""

    def keys(self, prefix: str = "") -> list[str]:
        """The mails' keys (no attachments), in name order."""


@dataclass(frozen=True, slots=True)
class ShopWords:
    """What a reader must know of the shop to read a booking: its own addresses and name aren't a customer's."""

    zone: str  # IANA
    country: str
    name: str
    addresses: frozenset[str] = frozenset()  # bare, lower case: the shop's own, and the forwarder's
    date_order: str = ""
    services: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    phone: str = ""  # the shop's own, as configured


class ExactReader(Protocol):
    """A reader that costs nothing and doesn't guess: .ics, JSON-LD, microdata, a calendar's event."""

    def read(self, content: bytes | str, shop: ShopWords, now: datetime) -> list[Draft]:
        """The bookings in it, in order; empty if there are none. Raises Unreadable."""


class DocumentText(Protocol):
    """DOCX and XLSX as text."""

    def read(self, media_type: str, content: bytes) -> str:
        """What a person reads in it, headers and tables too. Raises Unreadable (size, ratio, rows, broken)."""


@dataclass(frozen=True, slots=True)
class ModelBooking:
    """One booking as the model reports it: for each field the quote, verbatim from the source. Untrusted."""

    kind: str  # booking | change | cancellation | reminder | none
    quotes: Mapping[str, str] = field(default_factory=dict)  # FIELDS -> words of the source
    old_quotes: Mapping[str, str] = field(default_factory=dict)  # a change's former date and time
    requested_only: bool = False  # a wish, not an agreement


class BookingModel(Protocol):
    """The model, which only ever proposes (Bedrock Converse, forced tool use, strict schema)."""

    def read(self, text: str, subject: str, sent: datetime | None, shop: ShopWords) -> list[ModelBooking]:
        """What it sees; one retry on a malformed answer. Raises Malformed if the second is malformed too."""


class ScanState(StrEnum):
    """Textract's job."""

    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"  # text of some pages
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Scan:
    """A job's result: pages in order, each its lines joined by newlines."""

    state: ScanState
    pages: Sequence[str] = ()
    reason: str = ""


class Scans(Protocol):
    """Asynchronous text detection for PDFs and images."""

    def start(self, key: str) -> str:
        """Begin with an object of `ar-raw-mime`; returns the job's id. The same object and day: the same job."""

    def result(self, job: str) -> Scan:
        """What it has; every page of results is read (up to the page cap)."""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One single event (recurrence expanded), as the calendar has it now."""

    event_id: str
    calendar: str
    status: str  # confirmed | tentative | cancelled
    summary: str = ""
    description: str = ""
    start: datetime | None = None  # None for an all-day event
    all_day: str = ""  # its ISO date
    end: datetime | None = None
    attendees: tuple[tuple[str, str], ...] = ()  # (name, address), not the organizer or the room
    organizer: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class CalendarChanges:
    """What has changed since a token, and the token for the next time."""

    events: Sequence[CalendarEvent]
    token: str


class Calendars(Protocol):
    """Google Calendar."""

    def changes(self, calendar: str, token: str, since: datetime, until: datetime) -> CalendarChanges:
        """Events changed since `token` ("": all in [since, until)); every result page. Raises TokenExpired (410)."""

    def event(self, calendar: str, event_id: str) -> CalendarEvent | None:
        """One event as it is now; None if the calendar has never had it."""

    def busy(self, calendar: str, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """Free/busy: when the calendar is taken."""
