"""What the use cases ask of the world, in the domain's words. Adapters and the in-memory twin implement these.

Every `datetime` is aware and UTC. Every method may raise `UpstreamError` for its vendor unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import MoveDue
from chalicelib.domain.proposal import Proposal
from chalicelib.domain.send import Send, SendKey
from chalicelib.domain.standing import Standing
from chalicelib.domain.work import Card, Form, StaffLine, Work, WorkState

Clock = Callable[[], datetime]
"""Now, aware, UTC. Read once per run, at the edge."""


# ---------------------------------------------------------------- the mirrored documents (S3)


class Document(StrEnum):
    """What is mirrored, by what it is; the adapter knows buckets and keys."""

    APPOINTMENTS = "appointments"
    RULES = "rules"
    VOICE = "voice"
    SYNC_STATE = "sync_state"  # JSON: what drive-sync remembers (held rows, the brake, modified times)
    RULES_SINCE = "rules_since"  # JSON: per service and window, the sync that took its line
    DEPARTED = "departed"  # rows that left the sheet, for the weekly summary
    CALENDARS = "calendars"  # JSON: what calendar-sync remembers (sync tokens, the events that it has seen)


@dataclass(frozen=True, slots=True)
class Stored:
    """A document's text and the tag to replace exactly this version with."""

    text: str
    etag: str


class Documents(Protocol):
    """The mirror: versioned texts. Reads are cached by etag for the life of the process."""

    def read(self, document: Document) -> Stored | None:
        """The newest version; None if it was never written."""

    def write(self, document: Document, text: str, replaces: Stored | None) -> Stored:
        """Replace exactly `replaces` (None: there is none yet). Raises StoreConflict if somebody else wrote."""


# ---------------------------------------------------------------- Google


class Sheet(Protocol):
    """The shop's sheet. Lines are the sheet's row numbers, 1 is the header; columns count from 0."""

    def modified(self) -> str:
        """Drive's modifiedTime, verbatim."""

    def read(self) -> list[list[str]]:
        """All cells as people see them, header first, trailing blanks of a row left out."""

    def mark(self, lines: Sequence[int]) -> list[str]:
        """Attach a mark to each row; it follows inserts and deletes, not sorts (which move values). One call."""

    def read_marked(self, marks: Sequence[str]) -> list[list[str] | None]:
        """The cells of the marked rows now, in this order; None where the row is gone. One call."""

    def write_marked(self, cells: Mapping[str, Mapping[int, str]]) -> dict[str, list[str]]:
        """Write cells of the marked rows (mark -> column -> text), RAW; the others are left alone. One call.

        Returns each row that was hit, whole, as it is right after the write; a mark whose row is gone is left out.
        """

    def unmark(self, marks: Sequence[str]) -> None:
        """Take the marks away; a mark that is gone is no error."""

    def append(self, cells: Mapping[int, str]) -> None:
        """Add a row (column -> text, RAW) below the last one that has anything in it. Nothing is overwritten.

        Not safe to repeat: after an UpstreamError the row may be there.
        """

    def add_columns(self, at: int, headers: Sequence[str]) -> None:
        """Insert columns with these headers before column `at`, in one step, so that no cell is overwritten."""


class Docs(Protocol):
    """The rules and the voice doc, as plain text."""

    def modified(self, document: Document) -> str:
        """Drive's modifiedTime, verbatim."""

    def text(self, document: Document) -> str:
        """The doc exported as plain text."""


# ---------------------------------------------------------------- the store (DynamoDB)


@dataclass(frozen=True, slots=True)
class ReplaceStanding:
    """Stored rev must be `standing.rev` (0: absent); stored with rev + 1."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class PutReply:
    """A new item of `ar-replies`; refused if (appt_id, replied_at) is there. `replied_at` ends in a random tail."""

    appt_id: str
    replied_at: str
    action: str  # confirm | reschedule | cancel | undo | no-texts | texts-again
    channel: str  # text | email | page | slack
    chain: str
    by: str  # customer, or the Slack user's name
    old_time: str = ""
    new_time: str = ""


@dataclass(frozen=True, slots=True)
class SpendNonce:
    """`spent#<nonce>` in `ar-replies`; refused if it is there: a press acts once."""

    appt_id: str
    nonce: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PutAudit:
    """A new item of `ar-audit`; refused if its key is there."""

    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class PutWork:
    """A new outbox item; refused if its id is there."""

    work: Work


@dataclass(frozen=True, slots=True)
class MarkWork:
    """Set an outbox item's state; refused if the item is gone."""

    work_id: str
    state: WorkState


@dataclass(frozen=True, slots=True)
class RemoveWork:
    """Delete an outbox item; an item that is gone is no error."""

    work_id: str


@dataclass(frozen=True, slots=True)
class HoldSlot:
    """One 15-minute cell of one staff member's day (`resource` is the folded name; "" is the shop).

    Refused if another (appt_id) holds it. A hold of one's own is taken over.
    """

    resource: str
    cell: datetime
    appt_id: str
    chain: str


@dataclass(frozen=True, slots=True)
class ReleaseSlot:
    """Give the cell back if it is this appointment's; anything else is no error."""

    resource: str
    cell: datetime
    appt_id: str


@dataclass(frozen=True, slots=True)
class TellOnce:
    """Remember that staff were told `key`; refused if they were."""

    key: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Untell:
    """Forget that staff were told `key`: the problem is gone and may be told again."""

    key: str


@dataclass(frozen=True, slots=True)
class PendingScan:
    """One attachment that Textract reads: its job, and the mail that it belongs to."""

    job: str
    mail_key: str
    attachment_key: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class PutProposal:
    """A new proposal; refused if its id is there (the same source again)."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class ReplaceProposal:
    """Stored rev must be `proposal.rev`; stored with rev + 1."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class PutScan:
    """A job that text is awaited from, and what to go on with; one of the same job is replaced."""

    scan: PendingScan


@dataclass(frozen=True, slots=True)
class RemoveScan:
    """The job is done with; one that is gone is refused, so that its end is acted on once."""

    job: str


@dataclass(frozen=True, slots=True)
class SetOptOut:
    """Opt a contact (E.164 number or e-mail address) out of reminders, or in again. Never refused."""

    contact: str
    out: bool
    at: datetime


Write = (
    ReplaceStanding
    | PutReply
    | SpendNonce
    | PutAudit
    | PutWork
    | MarkWork
    | RemoveWork
    | HoldSlot
    | ReleaseSlot
    | TellOnce
    | Untell
    | PutProposal
    | ReplaceProposal
    | PutScan
    | RemoveScan
    | SetOptOut
)


class Store(Protocol):
    """Standings, replies, the outbox and what else `ar-state` holds. Reads are strongly consistent."""

    def standings(self, appt_ids: Iterable[str]) -> dict[str, Standing]:
        """The standings of these appointments, 100 a read call; those that have none are left out."""

    def commit(self, *writes: Write) -> None:
        """All of it or nothing, at most 100 writes; one write is a plain conditional write, not a transaction.

        Raises Refused (naming the first write that was), StoreConflict, or StoreNoAnswer.
        """

    def work(self) -> list[Work]:
        """The whole outbox, oldest first."""

    def told(self, prefix: str) -> dict[str, str]:
        """What staff were told under this prefix: key -> detail."""

    def holds(self, resource: str, since: datetime, until: datetime) -> dict[datetime, str]:
        """The held cells of a staff member in [since, until): cell -> appt_id."""

    def opted_out(self, contacts: Iterable[str]) -> set[str]:
        """Those of the contacts that are opted out."""

    def count_text(self, recipient: str, day: str, per_recipient: int, per_day: int) -> str:
        """Count one text against both caps of the shop's own day (ISO date), before it is armed.

        Returns "" or what is exhausted: `recipient` or `account` (then nothing was counted against either).
        """

    def beat(self, function: str, at: datetime) -> None:
        """Write a scheduled function's heartbeat."""

    def last_beat(self, function: str) -> datetime | None:
        """When it last beat."""

    def proposal(self, proposal_id: str) -> Proposal | None:
        """One proposal as it stands."""

    def proposals(self, since: datetime) -> list[Proposal]:
        """Every proposal made since then, oldest first."""

    def scans(self) -> list[PendingScan]:
        """Every job that text is still awaited from, oldest first."""

    def replies(self, appt_id: str) -> list[PutReply]:
        """Every reply of an appointment, oldest first."""

    def audit(self, appt_id: str) -> list[AuditEntry]:
        """Every audit entry of an appointment, oldest first."""


class Claim(StrEnum):
    """What became of a claim."""

    MINE = "mine"
    TAKEN = "taken"  # another run holds it, or its time has not come
    SETTLED = "settled"  # it ended; nothing to do


class Arming(StrEnum):
    """What became of an arm."""

    ARMED = "armed"
    LOST = "lost"  # no longer claimed by this run, lease over, or attempts used up
    STALE = "stale"  # the standing is answered or on another chain


@dataclass(frozen=True, slots=True)
class ArmGuard:
    """What the standing must say at arm.

    Reminders and gap alerts: absent, or open, not held and on `chain`. A customer's `moved` / `cancelled`, or a
    cancel's line to staff: its reply id still is `reply_id` (then `reply_id` is set).
    """

    appt_id: str
    chain: str
    reply_id: str = ""


class Ledger(Protocol):
    """`ar-sends`, with the conditions of DESIGN §6. `run` is random per run. Times are the caller's."""

    def claim(self, send: Send, run: str, now: datetime) -> Claim:
        """CLAIMED with a lease of 45 s. Condition: absent; or RETRY/DEFERRED and `due` has come; or CLAIMED with its
        lease run out; or CLAIMED by this same run."""

    def arm(self, send: Send, run: str, now: datetime, guard: ArmGuard) -> Arming:
        """One transaction: the guard holds and the standing gets this window in `sent` (and rev + 1), and the send is
        SENDING with attempt + 1. Condition: CLAIMED by `run`, lease still running, attempt < 5. A transaction
        conflict is read back and tried again while the lease holds; then StoreConflict."""

    def sent(self, send: Send, run: str, message_id: str, recipient: str, now: datetime) -> bool:
        """SENT with the spec's attributes. Condition: SENDING or UNKNOWN and mine; or already SENT with this id."""

    def retry(self, send: Send, run: str, at: datetime, reason: str) -> bool:
        """RETRY at that time. Condition: SENDING or CLAIMED, mine."""

    def defer(self, send: Send, run: str, at: datetime, reason: str) -> bool:
        """DEFERRED to that time. Condition: CLAIMED, mine."""

    def fail(self, send: Send, run: str, reason: str, alert: str) -> bool:
        """FAILED for good. Condition: SENDING or CLAIMED, mine."""

    def unknown(self, send: Send, run: str, reason: str, alert: str) -> bool:
        """UNKNOWN with `alert_pending`, in one write. Condition: SENDING, mine."""

    def settle(self, send: Send, state: str, reason: str, alert: str, now: datetime) -> bool:
        """EXPIRED or CANCELLED (anything unfinished), or the sweep's UNKNOWN / RETRY of a SENDING past its lease.

        Condition: the item is still in the state, with the owner and lease, that `send` shows.
        """

    def deliver(self, message_id: str, delivered: bool, reason: str, alert: str, now: datetime) -> Send | None:
        """DELIVERED or UNDELIVERED from SENT, by the vendor's message id; None if no such send waits for word."""

    def clear_alert(self, send: Send) -> None:
        """Staff have heard: `alert_pending` goes."""

    def revive(self, send: Send, now: datetime) -> bool:
        """A CANCELLED send that was never armed is DEFERRED to now: its chain is on again (reopened, or back)."""

    def get(self, key: SendKey) -> Send | None:
        """One send as it stands."""

    def chain(self, appt_id: str, chain: str) -> list[Send]:
        """All sends of a chain."""

    def unsettled(self, until: datetime) -> list[Send]:
        """What the sweep must look at: unsettled and due by then, or with an alert pending."""

    def archive(self, appt_id: str, chain: str) -> int:
        """Copy a chain's sends to `ar-sends-archive` (chain_window = window_index); `ar-sends` keeps its rows."""


# ---------------------------------------------------------------- saying it


class Bus(Protocol):
    """The default event bus."""

    def put(self, events: Sequence[MoveDue]) -> None:
        """Every event is on the bus when this returns; partial failures are resent. Raises UpstreamError if some
        still are not."""

    def request(self, detail_type: str, detail: Mapping[str, object]) -> None:
        """One event that isn't a move: `ar.tick_requested`, `ar.staff_action`."""


class Schedules(Protocol):
    """One-off schedules."""

    def book(self, event: MoveDue, at: datetime) -> None:
        """Have dispatch receive `event` at that minute. One of the same name that exists already is success."""


class Sms(Protocol):
    """One text, one HTTP request, no retries of the SDK's own."""

    def send(self, phone: str, text: str) -> str:
        """The vendor's message id. Raises DefiniteNo, BadRecipient or NoAnswer, and nothing else."""


@dataclass(frozen=True, slots=True)
class Invite:
    """What the .ics beside an e-mail says. Same `uid` for a visit's whole life, rising `sequence`."""

    uid: str
    sequence: int
    cancel: bool  # METHOD:CANCEL instead of REQUEST
    start: datetime
    minutes: int
    summary: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG inside an e-mail; its HTML part shows it as `cid:<name>`."""

    name: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmailMessage:
    """One e-mail, as it is meant; the adapter makes the text and HTML parts and the .ics of it."""

    to: str
    subject: str
    body: str  # plain text, as the voice doc has it
    actions: tuple[tuple[str, str], ...] = ()  # (label, url): buttons in the HTML part; the first is the main one
    shop_name: str = ""
    language: str = "en"
    invite: Invite | None = None
    unsubscribe_url: str = ""  # one-click (RFC 8058)
    html: str = ""  # the whole HTML part, where it isn't the body with its buttons
    pictures: tuple[Picture, ...] = ()
    message_key: str = ""  # the send's own name: lands in Message-ID / X-Entity-Ref-ID, so repeats can be told


class Email(Protocol):
    """Outbound e-mail."""

    def send(self, message: EmailMessage) -> str:
        """The vendor's message id. Raises DefiniteNo, BadRecipient or NoAnswer, and nothing else."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message is: the channel's id (only that can be updated, a name can't) and its timestamp."""

    channel: str
    message: str


class Staff(Protocol):
    """The front desk's Slack."""

    def post(self, channel: str, line: StaffLine) -> str:
        """The message's timestamp. Raises DefiniteNo or NoAnswer, and nothing else."""

    def settle(self, channel: str, message: str, text: str) -> None:
        """Replace a message by this text, its buttons gone. Raises UpstreamError."""

    def show(self, channel: str, message: str, card: Card) -> Posted:
        """Put the card in place of a message, or post it where `message` is blank.

        Raises MessageGone if there is no such message (any more), DefiniteNo or NoAnswer, and nothing else.
        """

    def open_form(self, trigger: str, form: Form) -> None:
        """Open a form for who has just pressed; `trigger` came with the press and lives three seconds.

        One request that ends within 2.5 seconds. Raises DefiniteNo or NoAnswer, and nothing else.
        """


@dataclass(frozen=True, slots=True)
class StaffPress:
    """A button that a staff member pressed in Slack, as Slack signed it."""

    action: str
    value: str
    user: str  # the name, for the audit
    user_id: str
    channel: str  # its id
    channel_name: str  # without `#`; may be blank
    message: str  # the message's timestamp
    trigger: str = ""  # what opens a form, for three seconds
    request: str = ""  # names the signed request itself: one that comes again has the same
    filled: Mapping[str, str] | None = None  # a form that was sent off: its inputs by name; then there is no channel


class StaffPresses(Protocol):
    """What Slack posts when somebody presses."""

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> StaffPress | None:
        """The press, or the form that was sent off, signed over the raw body at most five minutes ago; None for what
        is neither (a check by Slack, another kind of interaction). Raises TokenRefused if it isn't Slack that
        speaks."""


# ---------------------------------------------------------------- configuration and secrets


class SendingSwitch(StrEnum):
    """`/ar/config/sending`, read on every dispatch."""

    ON = "on"
    STAFF_ONLY = "staff-only"
    OFF = "off"


class Parameters(Protocol):
    """Parameter Store."""

    def all(self) -> dict[str, str]:
        """Every parameter under the config path, by its last part."""

    def sending(self) -> SendingSwitch:
        """The switch, fresh. A value that is none of the three counts as `off`: better silent and told than wrong."""


@dataclass(frozen=True, slots=True)
class ReplyKeys:
    """The live HMAC keys: key id (0-15) -> 32 bytes or more. New tokens use `current`."""

    current: int
    keys: Mapping[int, bytes] = field(repr=False)


class Secrets(Protocol):
    """Secrets Manager, cached for the life of the process."""

    def reply_keys(self, reload: bool = False) -> ReplyKeys:
        """The keys of reply tokens; `reload` asks again (once, for an unknown key id)."""

    def slack_signing_secret(self) -> str:
        """What Slack signs its requests with."""


class Metrics(Protocol):
    """Counts that alarms watch (CloudWatch EMF). Never holds a contact or a token."""

    def count(self, name: str, value: int = 1) -> None:
        """Add to a metric."""


class Tokens(Protocol):
    """Randomness, as a port: 128-bit nonces, run owners and key tails."""

    def nonce(self) -> bytes:
        """16 bytes from a CSPRNG."""

    def tail(self) -> str:
        """A short random tail that makes a sort key unique (8 letters and digits)."""
