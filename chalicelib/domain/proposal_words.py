"""A proposal in the front desk's words: its card in Slack, what it lacks, and the form that mends it (DESIGN §8).

What a mail says is shown as text. Whether it may be approved is said here too, so that card and press agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from chalicelib.domain.cell_text import one_line
from chalicelib.domain.dates import local_instant
from chalicelib.domain.proposal import FIELDS, NEEDED, Draft, Kind, Lane, Proposal, ProposalState, Reader
from chalicelib.domain.proposal_actions import APPROVE, DISCARD, EDIT, EDITED
from chalicelib.domain.wording import local_minute
from chalicelib.domain.work import Button, Card, CardField, Form, FormField, Input

EVENT = "proposal"
"""The message's `event_type`."""
SOURCE_TEXT = "text"
"""Under this name a draft that nobody could read has its source's text among the quotes."""

VISIT_COLUMNS = ("customer", "phone", "email", "service", "staff", "date", "time", "status", "link")
"""The cells of a known visit that a proposal keeps."""

_LABELS: Mapping[str, str] = {
    "customer": "Customer",
    "phone": "Phone",
    "email": "E-mail",
    "service": "Service",
    "staff": "Staff",
    "date": "Date",
    "time": "Time",
    "link": "Booking link",
}
_KINDS = {Kind.CHANGE: "Change", Kind.CANCELLATION: "Cancellation"}
_READERS: Mapping[Reader, str] = {
    Reader.ICS: "a calendar invitation",
    Reader.JSONLD: "data in the mail's page",
    Reader.MICRODATA: "data in the mail's page",
    Reader.MODEL: "the mail's text, by the model",
    Reader.CALENDAR: "the calendar",
    Reader.NONE: "nobody: the text is below",
}
_SHORT = 80
_ON_THE_CARD = 300
_LONGEST_TEXT = 2900


def start_of(values: Mapping[str, str], zone: ZoneInfo) -> datetime | None:
    """The start that `date` and `time` give, UTC; None if one is blank or there is no such minute."""
    try:
        return local_instant(date.fromisoformat(values["date"]), time.fromisoformat(values["time"]), zone)
    except (KeyError, ValueError):
        return None


def named_visit(values: Mapping[str, str], appt_id: str) -> str:
    """`A-17 (Mei Tan, Dental cleaning)`: which row is meant."""
    words = [short(text) for text in (values.get("customer", ""), values.get("service", "")) if text.strip()]
    return f"{appt_id} ({', '.join(words)})" if words else appt_id


def short(text: str, longest: int = _SHORT) -> str:
    """One line of at most so many characters."""
    line = one_line(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


# ---------------------------------------------------------------- what it lacks


def is_a_note(proposal: Proposal) -> bool:
    """A cancellation of nobody's visit: there is nothing to approve."""
    return proposal.draft.kind is Kind.CANCELLATION and not proposal.appt_id and not proposal.duplicates


def why_not(proposal: Proposal, zone: ZoneInfo, now: datetime) -> str:
    """What must be mended before it can be approved; "" if nothing."""
    draft = proposal.draft
    if draft.kind is not Kind.BOOKING:
        if not proposal.appt_id:
            return "say which visit it is first (Edit)"
        if draft.kind is Kind.CANCELLATION:
            return ""
    blank = [_LABELS[name].lower() for name in missing(draft) if name in _LABELS]
    if "contact" in missing(draft):
        blank.append("phone or e-mail")
    if blank:
        return f"fill in the {_listed(blank)} first (Edit)"
    start = start_of(draft.values, zone)
    if start is None:
        return "the date or time can't be read: mend it first (Edit)"
    return "its time has passed" if start <= now else ""


def missing(draft: Draft) -> tuple[str, ...]:
    """The blank fields without which it can't be approved; `contact` where neither phone nor e-mail is there."""
    values = draft.values
    if draft.kind is Kind.CANCELLATION:
        return ()
    needed = NEEDED if draft.kind is Kind.BOOKING else ("date", "time")
    blank = [name for name in needed if not values.get(name)]
    if draft.kind is Kind.BOOKING and not values.get("phone") and not values.get("email"):
        blank.append("contact")
    return tuple(blank)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


# ---------------------------------------------------------------- the card


def heading(proposal: Proposal, zone: ZoneInfo) -> str:
    """`Change of A-17 (Mei Tan, Dental cleaning): Mon 30 Nov 9:00am → Tue 1 Dec 10:00am`, in one line."""
    draft = proposal.draft
    start = start_of(draft.values, zone)
    when = local_minute(start, zone) if start else " ".join(filter(None, map(draft.values.get, ("date", "time"))))
    if draft.kind is Kind.BOOKING:
        if draft.reader is Reader.NONE and not any(draft.values.values()):
            return "A message that nobody could read as a booking"
        words = [short(draft.values.get(name, "")) for name in ("customer", "service")]
        told = ", ".join([word for word in words if word] + ([when] if when else []))
        return f"New booking: {told}" if told else "New booking"
    kind = _KINDS[draft.kind]
    if not proposal.appt_id:
        who = short(draft.values.get("customer", "")) or "somebody"
        return f"{kind} for {who}{f': {when}' if when else ''}"
    name = f"{kind} of {named_visit(proposal.row, proposal.appt_id)}"
    before = " ".join(filter(None, (short(proposal.row.get(column, "")) for column in ("date", "time"))))
    if draft.kind is Kind.CANCELLATION:
        return f"{name}{f': {before}' if before else ''}"
    return f"{name}: {before} → {when or '?'}"


def card(proposal: Proposal, zone: ZoneInfo, now: datetime, note: str = "") -> Card:
    """The message as the proposal stands. `note` is said once, of the press that has just changed nothing."""
    draft = proposal.draft
    is_open = proposal.state is ProposalState.OPEN
    notes = [note] if note else []
    if not is_open:
        notes.append(_outcome(proposal, zone))
    elif proposal.edited_by:
        notes.append(f"Edited by {proposal.edited_by}.")
    if is_open and not is_a_note(proposal) and (lacks := why_not(proposal, zone, now)):
        notes.append(f"⚠ Before it can be approved: {lacks}.")
    notes += [f"⚠ {short(flag, _ON_THE_CARD)}" for flag in draft.flags]
    which = "Which one? " if not proposal.appt_id and draft.kind is not Kind.BOOKING else "⚠ Perhaps a duplicate. "
    notes += [f"{which}{short(words, _ON_THE_CARD)}" for words in proposal.duplicates]
    return Card(
        heading=heading(proposal, zone),
        fields=_fields(draft),
        notes=tuple(notes),
        text=draft.quotes.get(SOURCE_TEXT, "")[:_LONGEST_TEXT] if is_open else "",
        context=_context(proposal, zone),
        buttons=_buttons(proposal) if is_open else (),
        event=EVENT,
        about=_about(proposal),
    )


def _fields(draft: Draft) -> tuple[CardField, ...]:
    shown = []
    lacks = missing(draft)
    for name in FIELDS:
        value, doubtful = draft.values.get(name, ""), name in draft.doubtful
        needed = name in lacks or ("contact" in lacks and name in ("phone", "email"))
        if value or doubtful or needed:
            said = draft.quotes.get(name, "")
            shown.append(
                CardField(
                    _LABELS[name],
                    short(value, _ON_THE_CARD) or "missing",
                    short(said, _ON_THE_CARD) if one_line(said) != one_line(value) else "",
                    doubtful or (needed and not value),
                )
            )
    return tuple(shown)


def _context(proposal: Proposal, zone: ZoneInfo) -> str:
    source = proposal.source
    where = "Calendar event" if source.lane is Lane.CALENDAR else "Mail"
    title = f" “{short(source.title)}”" if source.title.strip() else ""
    sender = f" from {short(source.sender)}" if source.sender.strip() else ""
    read = f"Read from {_READERS[proposal.draft.reader]}."
    return f"{where}{title}{sender}, {local_minute(proposal.made_at, zone)}. {read}"


def _buttons(proposal: Proposal) -> tuple[Button, ...]:
    value = proposal.proposal_id
    if is_a_note(proposal):
        return (Button(DISCARD, "Done", value),)
    edit = () if proposal.draft.kind is Kind.CANCELLATION and proposal.appt_id else (Button(EDIT, "Edit", value),)
    return (Button(APPROVE, "Approve", value, "primary"), *edit, Button(DISCARD, "Discard", value, "danger"))


def _outcome(proposal: Proposal, zone: ZoneInfo) -> str:
    at = f", {local_minute(proposal.settled_at, zone)}" if proposal.settled_at else ""
    who = f" — {proposal.settled_by}{at}"
    match proposal.state:
        case ProposalState.APPROVING:
            return f"Approved{who}. It is being written into the sheet."
        case ProposalState.APPROVED:
            return f"Approved{who}. It is in the sheet as {proposal.appt_id}."
        case ProposalState.DISCARDED:
            return f"{'Done' if is_a_note(proposal) else 'Discarded'}{who}."
        case _:
            return f"Closed{at}: its date has passed and nobody approved it. Nothing was written."


def _about(proposal: Proposal) -> dict[str, object]:
    draft = proposal.draft
    return {
        "proposal_id": proposal.proposal_id,
        "appt_id": proposal.appt_id,
        "state": proposal.state.value,
        "source": proposal.source.key,
        "lane": proposal.source.lane.value,
        "place": proposal.source.place,
        "kind": draft.kind.value,
        "reader": draft.reader.value,
        "fields": {name: draft.values.get(name, "") for name in FIELDS},
        "doubtful": list(draft.doubtful),
        "flags": list(draft.flags),
        "duplicates": list(proposal.duplicates),
        "quotes": dict(draft.quotes),
    }


# ---------------------------------------------------------------- the form


def form(proposal: Proposal) -> Form:
    """What *Edit* asks, filled in. Its value says which proposal at which revision, so that no edit is lost."""
    values = proposal.draft.values
    fields = []
    if proposal.draft.kind is not Kind.BOOKING:
        hint = "Its id in the sheet's appt_id column, like A-17."
        fields.append(FormField("appt_id", "Which visit", proposal.appt_id, hint=hint))
    names = {Kind.BOOKING: FIELDS, Kind.CHANGE: ("date", "time"), Kind.CANCELLATION: ()}[proposal.draft.kind]
    kinds = {"date": Input.DATE, "time": Input.TIME}
    for name in names:
        known = values.get(name, "") if name not in kinds or _picks(name, values.get(name, "")) else ""
        fields.append(FormField(name, _LABELS[name], known, kinds.get(name, Input.TEXT)))
    return Form(EDITED, form_value(proposal), "Edit the proposal", tuple(fields))


def _picks(name: str, text: str) -> bool:
    """Whether a picker can show it."""
    try:
        return bool(date.fromisoformat(text)) if name == "date" else f"{time.fromisoformat(text):%H:%M}" == text
    except ValueError:
        return False


def form_value(proposal: Proposal) -> str:
    """What comes back with the form: `<rev>|<proposal id>`."""
    return f"{proposal.rev}|{quote(proposal.proposal_id)}"


def read_form_value(value: str) -> tuple[str, int]:
    """(proposal id, revision) of a form. Raises ValueError for anything else."""
    rev, mark, proposal_id = value.partition("|")
    if not mark or not proposal_id:
        raise ValueError("not a proposal's form")
    return unquote(proposal_id), int(rev)
