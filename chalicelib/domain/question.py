"""What staff are asked, with the buttons that answer it: each question once, and one place that names the buttons.

`settle_staff_action` acts on the presses. A button's value says which visit at which start it was asked about, so
that a press that came too late changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import chain_id
from chalicelib.domain.gap_buttons import subject
from chalicelib.domain.wording import local_minute
from chalicelib.domain.work import Button, StaffLine

KEEP_START = "keep_start"
BACK_TO_START = "back_to_start"
REOPEN = "reopen"
KEEP_ANSWER = "keep_answer"
TAKE_CELL = "take_cell"
VISIT_IS_ON = "visit_is_on"
VISIT_IS_OFF = "visit_is_off"
TAKE_SHEET = "take_sheet"

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Ask(StrEnum):
    """What a visit's question is about; part of the key that it is asked once by."""

    START = "start"  # the sheet shows another start than the customer's own
    CELL = "cell"  # the status cell changed while an answer was being written into it
    BOOKED = "booked"  # `booked` came back where the cell said so before the reply
    IS_IT_ON = "is_it_on"  # a cancelled, no-show or done stood there before the start changed


def ask_key(appt_id: str, ask: Ask, about: str) -> str:
    """What a question is remembered as. `about` sets this occasion apart: a chain, a reply."""
    return f"{ask_prefix(appt_id)}{ask.value}#{about}"


def ask_prefix(appt_id: str) -> str:
    """What the keys of all questions about this visit begin with, and of no other's: an id may have a `#` too."""
    return f"ask#{quote(appt_id, safe=' ')}#"


def clock_time(instant: datetime, zone: ZoneInfo) -> str:
    """`3:00pm`, shop-local."""
    local = instant.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"


def _named(instant: datetime, other: datetime | None, zone: ZoneInfo) -> str:
    """`Friday 3:00pm`; with its date where the other start is on the same weekday."""
    local = instant.astimezone(zone)
    if other is not None and other.astimezone(zone).weekday() == local.weekday():
        return local_minute(instant, zone)
    return f"{_WEEKDAYS[local.weekday()]} {clock_time(instant, zone)}"


def visit_name(values: Mapping[str, str], appt_id: str) -> str:
    """`Mei Tan, Dental cleaning (A-17)`: how a line names a visit."""
    words = [text for text in (values.get("customer", "").strip(), values.get("service", "").strip()) if text]
    return f"{', '.join(words)} ({appt_id})" if words else f"Appointment {appt_id}"


def start_question(
    values: Mapping[str, str], appt_id: str, ours: datetime, sheets: datetime | None, returned: bool, zone: ZoneInfo
) -> StaffLine:
    """Which start counts: the customer's own, or the sheet's. `returned`: the sheet shows the one that they left.

    `sheets` is None where the sheet's date or time can't be read: then only the customer's can be kept.
    """
    chain = chain_id(ours)
    theirs = local_minute(sheets, zone) if sheets else "a date or time that can't be read"
    why = (
        "the time that the customer moved away from; an older list may have been pasted over"
        if returned
        else "which somebody changed while the customer was answering"
    )
    value = subject(appt_id, f"{chain}>{chain_id(sheets) if sheets else ''}")
    buttons = [Button(KEEP_START, f"Keep {_named(ours, sheets, zone)}", value, "primary")]
    if sheets is not None:
        buttons.append(Button(BACK_TO_START, f"Back to {_named(sheets, ours, zone)}", value))
    text = (
        f"{visit_name(values, appt_id)}: the customer's time is {local_minute(ours, zone)}, but the sheet shows "
        f"{theirs}, {why}. The customer's time is kept, nothing goes out for the other, and the sheet is left as it "
        "is. Which one is right?"
    )
    return StaffLine(text, appt_id=appt_id, chain=chain, reason="the sheet shows another start", buttons=buttons)


def read_starts(value: str) -> tuple[str, str, str]:
    """(appt_id, our chain, the sheet's chain) of a start question's button. Raises ValueError for anything else."""
    chains, mark, appt_id = value.partition("|")
    ours, arrow, theirs = chains.partition(">")
    if not mark or not appt_id or not arrow:
        raise ValueError("not a start's button")
    return appt_id, ours, theirs


def booked_question(values: Mapping[str, str], appt_id: str, chain: str, answer: str) -> StaffLine:
    """`booked` came back where it stood before the reply: reopen the visit, or keep what the customer answered?"""
    value = subject(appt_id, chain)
    text = (
        f"{visit_name(values, appt_id)}: the customer's answer is “{answer}”, but the sheet says “booked” again, as it "
        "did before; an older list may have been pasted over. The answer stands until you say otherwise."
    )
    buttons = (Button(REOPEN, "Reopen", value), Button(KEEP_ANSWER, "Keep the answer", value, "primary"))
    return StaffLine(text, appt_id=appt_id, chain=chain, reason="booked came back", buttons=buttons)


def cell_question(values: Mapping[str, str], appt_id: str, chain: str, mark: str, shows: str) -> StaffLine:
    """The status cell says something else than what the reply saw: write the answer over it, or leave it?"""
    value = subject(appt_id, chain)
    text = (
        f"{visit_name(values, appt_id)}: “{mark}” was to be written into the sheet, but its status now says "
        f"“{_short(shows)}”. The answer stands and the sheet is left as it is until you say which is right."
    )
    buttons = (
        Button(KEEP_ANSWER, f"Write “{mark}”", value, "primary"),
        Button(TAKE_CELL, f"Leave “{_short(shows)}”", value),
    )
    return StaffLine(text, appt_id=appt_id, chain=chain, reason="the status cell differs", buttons=buttons)


def is_it_on_question(values: Mapping[str, str], appt_id: str, start: datetime, word: str, zone: ZoneInfo) -> StaffLine:
    """A new start beside an old `cancelled`, `no-show` or `done`: is the visit on?"""
    value = subject(appt_id, chain_id(start))
    text = (
        f"{visit_name(values, appt_id)} has a new time, {local_minute(start, zone)}, but its status still says "
        f"“{_short(word)}” from before. Nothing is sent until you say whether the visit is on."
    )
    buttons = (Button(VISIT_IS_ON, "It is on", value, "primary"), Button(VISIT_IS_OFF, "It is off", value))
    return StaffLine(
        text, appt_id=appt_id, chain=chain_id(start), reason=f"{_short(word)} from before", buttons=buttons
    )


def refused_sheet_question(
    would: Mapping[str, str], held: int, upcoming: int, names: Sequence[str], question: str
) -> StaffLine:
    """The brake's question. `names` are a few of the visits, `question` says which sheet the button takes."""
    gone = sum(becomes == "gone" for becomes in would.values())
    bad = sum(becomes == "bad" for becomes in would.values())
    counts = ((gone, "would vanish"), (len(would) - gone - bad, "would move"), (bad, "could no longer be read"))
    what = ", ".join(f"{count} {effect}" for count, effect in counts if count)
    few = "; ".join(names) + ("; …" if len(would) > len(names) else "")
    text = (
        f"The sheet changed a lot: of {upcoming} upcoming visits {what} ({few}). It isn't taken until you say so: "
        f"the {held} visits that it changes are held and nothing is sent for them, the others go on as before. "
        "Put the sheet right, or press the button if it is right as it is."
    )
    take = Button(TAKE_SHEET, "The sheet is right: take it", question, "danger")
    return StaffLine(text, reason="the brake", buttons=(take,))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 30 else f"{line[:29]}…"
