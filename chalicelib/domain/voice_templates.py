"""The templates that a voice doc can have, what may stand in them, and the product's own wording of each.

A default text fits one SMS segment for a shop of 18 characters, a customer of 12, a service of 16, a staff member
of 8 and a link of 64 (DESIGN §7); tests hold it to that. No template tells a customer to reply CANCEL: carriers
take that word for an opt-out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.appointment import Channel


class Template(StrEnum):
    """What a message is for."""

    FIRST_REMINDER = "first_reminder"
    SECOND_REMINDER = "second_reminder"
    MOVED = "moved"
    CANCELLED = "cancelled"
    GAP_ALERT = "gap_alert"

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The ways that it can travel."""
        return (Channel.SLACK,) if self is Template.GAP_ALERT else (Channel.TEXT, Channel.EMAIL)

    @property
    def heading(self) -> str:
        """As a heading names it: `First reminder`."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Section:
    """One template's words. `subject` is an e-mail's, "" for the default; `line` its heading's in the doc, from 1."""

    body: str
    subject: str = ""
    line: int = 0


PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LINK_FIELDS = frozenset({"booking_link", "link", "confirm_link", "reschedule_link", "cancel_link"})
STAFF_FIELDS = frozenset({"phone", "email", "status", "hours"})
"""Placeholders of the gap alert only: no customer's message shows them."""
CUSTOMER_FIELDS = LINK_FIELDS | {"customer", "service", "staff", "day", "date", "time", "shop", "shop_phone"}

_ABOUT = "{service} with {staff} on {day} {date} at {time}"
_SIGNED = "\n\nQuestions? Call us: {shop_phone}\n\n{shop}"
_ANSWER = (
    "\n\nConfirm: {confirm_link}\nChoose another time: {reschedule_link}\nCancel: {cancel_link}"
    "\n\nYour booking: {booking_link}"
)

DEFAULTS: Mapping[tuple[Template, Channel], Section] = {
    (Template.FIRST_REMINDER, Channel.TEXT): Section(
        "{shop}: {customer}, {service} w/ {staff} {day} {date}, {time}. OK/change: {link}"
    ),
    (Template.FIRST_REMINDER, Channel.EMAIL): Section(
        f"Hello {{customer}},\n\nthis is a reminder of your {_ABOUT}. Can you make it?{_ANSWER}{_SIGNED}",
        "Your {service} on {day} {date}, {time}",
    ),
    (Template.SECOND_REMINDER, Channel.TEXT): Section(
        "{shop}: {customer}, see you {day} {date} {time}: {service} w/ {staff}. OK? {link}"
    ),
    (Template.SECOND_REMINDER, Channel.EMAIL): Section(
        f"Hello {{customer}},\n\nsee you soon: your {_ABOUT}.{_ANSWER}{_SIGNED}",
        "See you soon: {service} on {day} {date}, {time}",
    ),
    (Template.MOVED, Channel.TEXT): Section(
        "{shop}: {customer}, moved to {day} {date}, {time}: {service} w/ {staff}. {link}"
    ),
    (Template.MOVED, Channel.EMAIL): Section(
        f"Hello {{customer}},\n\nyour new time is booked: {_ABOUT}."
        "\n\nChoose another time: {reschedule_link}\nCancel: {cancel_link}\n\nYour booking: {booking_link}" + _SIGNED,
        "Moved: {service} is now on {day} {date}, {time}",
    ),
    (Template.CANCELLED, Channel.TEXT): Section(
        "{shop}: {customer}, cancelled: {service} w/ {staff} {day} {date}, {time}. {link}"
    ),
    (Template.CANCELLED, Channel.EMAIL): Section(
        f"Hello {{customer}},\n\nyour {_ABOUT} is cancelled."
        "\n\nDetails: {link}\nBook again: {booking_link}" + _SIGNED,
        "Cancelled: {service} on {day} {date}, {time}",
    ),
    (Template.GAP_ALERT, Channel.SLACK): Section(
        "Gap alert: {customer}, {service} with {staff}, {day} {date}, {time}, in {hours} h"
        "\nStatus: {status}\nPhone: {phone}\nEmail: {email}"
    ),
}
