"""A booking that nobody has approved yet: what a reader found, and what became of it (DESIGN §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

FIELDS = ("customer", "phone", "email", "service", "staff", "date", "time", "link")
"""What a proposal may fill, by the sheet's columns. `date` is ISO, `time` is HH:MM, both shop-local; `phone` E.164."""
NEEDED = ("customer", "service", "date", "time")
"""Without these an exact reader's draft is handed to the model as well."""
MOST_OF_ONE_MAIL = 25


class Kind(StrEnum):
    """What is proposed."""

    BOOKING = "booking"
    CHANGE = "change"
    CANCELLATION = "cancellation"


class Reader(StrEnum):
    """Who read it. NONE: nobody could; staff get the text."""

    ICS = "ics"
    JSONLD = "jsonld"
    MICRODATA = "microdata"
    MODEL = "model"
    CALENDAR = "calendar"
    NONE = "none"


class Lane(StrEnum):
    """How it came in."""

    MAIL = "mail"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Draft:
    """What one reader made of one booking in its source. Blank is unknown; nothing is guessed.

    `quotes` has for each value the words of the source that it was read from; `doubtful` names the fields that a
    person should look at; `flags` are sentences for staff ("asked, not agreed"; "the text says Tuesday").
    """

    kind: Kind
    reader: Reader
    values: Mapping[str, str] = field(default_factory=dict)
    quotes: Mapping[str, str] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    uid: str = ""  # iCalendar's or the calendar's own, for changes and cancellations; exact readers only
    sequence: int = 0
    old_values: Mapping[str, str] = field(default_factory=dict)  # a change's former date and time, where told
    is_reminder: bool = False  # the source only reminds of a visit


class ProposalState(StrEnum):
    """OPEN until a person settles it or its date has passed."""

    OPEN = "open"
    APPROVING = "approving"  # approved; its row is being written
    APPROVED = "approved"
    DISCARDED = "discarded"
    CLOSED = "closed"  # its date has passed


@dataclass(frozen=True, slots=True)
class Source:
    """Where it came from, so that it can be found again: the mail's S3 key and place in it, or the event's id."""

    lane: Lane
    key: str
    place: int = 0
    title: str = ""  # the mail's subject, the event's summary
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal as it stands. `proposal_id` comes from its source, so that a repeat is the same proposal.

    `appt_id` is fixed when it is proposed: a new one for a booking, the known visit's for a change or cancellation
    ("" where the visit isn't known).
    """

    proposal_id: str
    appt_id: str
    draft: Draft
    source: Source
    made_at: datetime
    state: ProposalState = ProposalState.OPEN
    duplicates: tuple[str, ...] = ()  # likely ones, in words for staff
    row: Mapping[str, str] = field(default_factory=dict)  # the known visit's cells, as they were proposed against
    channel: str = ""  # Slack's channel id and the message's timestamp, once it is posted
    message: str = ""
    reminded_at: datetime | None = None
    settled_by: str = ""
    settled_at: datetime | None = None
    edited_by: str = ""
    rev: int = 0
