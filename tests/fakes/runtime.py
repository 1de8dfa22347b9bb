"""`FakeRuntime`: every port in memory, so that a use case can be played through without AWS, Google or Slack.

The store and the ledger are the twin, which passes the same contract tests as the DynamoDB adapters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.adapters.pypng_charts import PypngCharts
from chalicelib.config import Config
from chalicelib.domain.events import MoveDue
from chalicelib.domain.work import Card, Form, StaffLine
from chalicelib.errors import MessageGone, StoreConflict, UpstreamError
from chalicelib.ports import Document, EmailMessage, Posted, ReplyKeys, SendingSwitch, Stored
from tests.fakes.intake import FakeDocumentText, FakeModel, FakeRawMail, FakeReader, FakeScans
from tests.fakes.storyteller import FakeStoryteller

KEYS = ReplyKeys(current=1, keys={1: b"k" * 32})


def a_config(**changes: Any) -> Config:
    """A Singapore dentist's configuration, valid by default."""
    values: dict[str, Any] = {
        "zone": ZoneInfo("Asia/Singapore"),
        "country": "SG",
        "shop_name": "Bright Dental",
        "shop_phone": "+65 6123 4567",
        "base_url": "https://r.bright.sg/r/",
        "sheet_id": "sheet",
        "rules_doc_id": "rules",
        "voice_doc_id": "voice",
        "staff_channel": "#front-desk",
        "sms_sender": "BRIGHT",
        "email_from": "appointments@bright.example",
    }
    return Config(**{**values, **changes})


@dataclass
class FakeClock:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        """Move on by a timedelta's keywords."""
        self.now += timedelta(**amount)


@dataclass
class FakeDocuments:
    """The mirror in a dictionary; etags count up."""

    texts: dict[Document, Stored] = field(default_factory=dict)
    writes: int = 0

    def read(self, document: Document) -> Stored | None:
        return self.texts.get(document)

    def write(self, document: Document, text: str, replaces: Stored | None) -> Stored:
        if self.texts.get(document) != replaces:
            raise StoreConflict("somebody else wrote it")
        self.writes += 1
        self.texts[document] = Stored(text, f"etag-{self.writes}")
        return self.texts[document]

    def put(self, document: Document, text: str) -> None:
        """Set a document up, whatever was there."""
        self.write(document, text, self.texts.get(document))


@dataclass
class FakeBus:
    """Keeps every event; `down` makes it fail."""

    moves: list[MoveDue] = field(default_factory=list)
    requests: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    down: bool = False

    def put(self, events: Sequence[MoveDue]) -> None:
        if self.down:
            raise UpstreamError("EventBridge", "down")
        self.moves.extend(events)

    def request(self, detail_type: str, detail: Mapping[str, object]) -> None:
        if self.down:
            raise UpstreamError("EventBridge", "down")
        self.requests.append((detail_type, dict(detail)))


@dataclass
class FakeSchedules:
    """Booked one-offs by name."""

    booked: dict[str, tuple[datetime, MoveDue]] = field(default_factory=dict)

    def book(self, event: MoveDue, at: datetime) -> None:
        self.booked.setdefault(event.schedule_name, (at, event))


@dataclass
class FakeSms:
    """Keeps the texts; `answer` may raise for a phone before (a no) or after (a lost answer) it is kept."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    refuse: Callable[[str], None] | None = None
    lose: Callable[[str], None] | None = None

    def send(self, phone: str, text: str) -> str:
        if self.refuse:
            self.refuse(phone)
        self.texts.append((phone, text))
        if self.lose:
            self.lose(phone)
        return f"sms-{len(self.texts)}"


@dataclass
class FakeEmail:
    """Keeps the mails."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuse: Callable[[str], None] | None = None

    def send(self, message: EmailMessage) -> str:
        if self.refuse:
            self.refuse(message.to)
        self.mails.append(message)
        return f"mail-{len(self.mails)}"


@dataclass
class FakeStaff:
    """Keeps Slack's lines."""

    lines: list[tuple[str, StaffLine]] = field(default_factory=list)
    settled: list[tuple[str, str, str]] = field(default_factory=list)
    refuse: Callable[[str], None] | None = None
    cards: dict[str, list[Card]] = field(default_factory=dict)  # a message's timestamp -> all that it has shown
    forms: list[tuple[str, Form]] = field(default_factory=list)

    def post(self, channel: str, line: StaffLine) -> str:
        if self.refuse:
            self.refuse(channel)
        self.lines.append((channel, line))
        return f"ts-{len(self.lines)}"

    def settle(self, channel: str, message: str, text: str) -> None:
        self.settled.append((channel, message, text))

    def show(self, channel: str, message: str, card: Card) -> Posted:
        if self.refuse:
            self.refuse(channel)
        if message and message not in self.cards:
            raise MessageGone("Slack", "message_not_found")
        at = message or f"card-{len(self.cards) + 1}"
        self.cards.setdefault(at, []).append(card)
        return Posted("C1", at)

    def open_form(self, trigger: str, form: Form) -> None:
        if self.refuse:
            self.refuse(trigger)
        self.forms.append((trigger, form))

    @property
    def texts(self) -> list[str]:
        """What staff read, oldest first."""
        return [line.text for _, line in self.lines]


@dataclass
class FakeParameters:
    """Parameter Store."""

    values: dict[str, str] = field(default_factory=dict)
    switch: SendingSwitch = SendingSwitch.ON

    def all(self) -> dict[str, str]:
        return dict(self.values)

    def sending(self) -> SendingSwitch:
        return self.switch


@dataclass
class FakeSecrets:
    """Secrets Manager."""

    keys: ReplyKeys = KEYS
    reloads: int = 0

    def reply_keys(self, reload: bool = False) -> ReplyKeys:
        self.reloads += reload
        return self.keys

    def slack_signing_secret(self) -> str:
        return "signing-secret"


@dataclass
class FakeMetrics:
    """Counts in a dictionary."""

    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, value: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + value


@dataclass
class FakeTokens:
    """Randomness that counts up, so that a test can be repeated."""

    _numbers: count[int] = field(default_factory=lambda: count(1))

    def nonce(self) -> bytes:
        return next(self._numbers).to_bytes(16, "big")

    def tail(self) -> str:
        return f"{next(self._numbers):08d}"


class FakeRuntime:
    """A `chalicelib.runtime.Runtime` in memory. Pass `now`; replace any port by setting the attribute."""

    def __init__(self, now: datetime, **config: Any) -> None:
        self.clock = FakeClock(now)
        self.config = a_config(**config)
        self.documents = FakeDocuments()
        self.bus = FakeBus()
        self.schedules = FakeSchedules()
        self.sms = FakeSms()
        self.email = FakeEmail()
        self.staff = FakeStaff()
        self.parameters = FakeParameters()
        self.secrets = FakeSecrets()
        self.metrics = FakeMetrics()
        self.tokens = FakeTokens()
        self.raw_mail = FakeRawMail()
        self.invites = FakeReader()
        self.structured_pages = FakeReader()
        self.office_text = FakeDocumentText()
        self.booking_model: FakeModel | None = FakeModel()
        self.storyteller: FakeStoryteller | None = None
        self.charts = PypngCharts()
        self.scans = FakeScans()

    @cached_property
    def store(self) -> Any:
        from tests.twin.store import TwinStore

        return TwinStore()

    @cached_property
    def ledger(self) -> Any:
        """Shares its memory with the store: arm checks the standing."""
        from tests.twin.ledger import TwinLedger

        return TwinLedger(self.store)

    @cached_property
    def week_records(self) -> Any:
        """The histories in the same memory."""
        from tests.twin.week import TwinWeekRecords

        return TwinWeekRecords(self.store)

    @cached_property
    def sheet(self) -> Any:
        from tests.fakes.sheet import FakeSheet

        return FakeSheet([])

    @cached_property
    def docs(self) -> Any:
        from tests.fakes.docs import FakeDocs

        return FakeDocs()
