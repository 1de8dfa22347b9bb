"""Outbox work: what was promised in a transaction and is done afterwards, at once and by every tick until done.

Every kind is at-least-once, so every kind is safe to repeat: a sheet edit looks at the cells first, a customer
message goes through the ledger, a staff line has a key that Slack lines are told once by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class WorkKind(StrEnum):
    """What kind of promise it is."""

    SHEET_EDIT = "sheet_edit"  # write cells of one row, if they still show what the reply saw
    STAFF_LINE = "staff_line"  # post one Slack message, perhaps with buttons
    CUSTOMER_MESSAGE = "customer_message"  # hand `moved` or `cancelled` to dispatch
    PROPOSAL = "proposal"  # have Slack show a proposal as it stands
    OWNER_MAIL = "owner_mail"  # mail a told week to the owner; done by the summary's own function
    TICK = "tick"  # run the tick for what has just changed


class WorkState(StrEnum):
    """TODO until done; a sheet edit is WRITTEN until a mirror has shown it, then it is removed."""

    TODO = "todo"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Button:
    """A press that Slack offers. `action` is routed by `usecases/settle_staff_action`; `value` travels with it."""

    action: str
    label: str
    value: str
    style: str = ""  # "", "primary", "danger"


@dataclass(frozen=True, slots=True)
class Link:
    """Where something is mended. `url` is ours: no cell's word is in it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One message to the front desk.

    `move` is what the line is about (`gap_alert`, `cancelled`, `moved`, `notice`); `hours` the window's, if one.
    `buttons` settle it, `links` lead to where it is mended.
    """

    text: str
    move: str = "notice"
    appt_id: str | None = None
    chain: str = ""
    hours: float | None = None
    reason: str = ""
    buttons: Sequence[Button] = ()
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class CardField:
    """One value of a card, the words that it was read from, and whether a person should look at it."""

    label: str
    value: str
    quote: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A message of several parts that is rewritten as its matter goes on. All of it is text, never markup.

    `notes` are sentences of weight, `text` a longer source to read, `context` small print. `about` is for whoever
    looks for the message later; people don't see it.
    """

    heading: str
    fields: Sequence[CardField] = ()
    notes: Sequence[str] = ()
    text: str = ""
    context: str = ""
    buttons: Sequence[Button] = ()
    event: str = ""
    about: Mapping[str, object] = field(default_factory=dict)


class Input(StrEnum):
    """How a form asks for a value."""

    TEXT = "text"
    DATE = "date"  # ISO
    TIME = "time"  # HH:MM


@dataclass(frozen=True, slots=True)
class FormField:
    """One input, filled with what is known."""

    name: str
    label: str
    value: str = ""
    kind: Input = Input.TEXT
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What a person fills in. `action` and `value` come back with it, as a button's do."""

    action: str
    value: str
    title: str
    fields: Sequence[FormField]


@dataclass(frozen=True, slots=True)
class Work:
    """One promise. `work_id` sorts by when it was made and is unique; `payload` is the kind's own, JSON-able."""

    work_id: str
    kind: WorkKind
    appt_id: str
    made_at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)
    state: WorkState = WorkState.TODO
