"""Which way a message goes: text, then e-mail, then a person (DESIGN §6, the ladder)."""

from __future__ import annotations

from collections.abc import Collection

from chalicelib.domain.appointment import Appointment, Channel


def channels(appointment: Appointment, opted_out: Collection[str], email_first: bool = False) -> tuple[Channel, ...]:
    """The customer's channels that may be used, best first; empty when only a call is left.

    A text needs a valid number, an e-mail an address, neither opted out. What the row's `channel` names comes
    first. `email_first` is for answers to a press (`moved`, `cancelled`), which e-mail may carry at any hour.
    """
    usable = []
    if appointment.phone and appointment.phone not in opted_out:
        usable.append(Channel.TEXT)
    if appointment.email and appointment.email not in opted_out:
        usable.append(Channel.EMAIL)
    wanted = Channel.EMAIL if email_first else appointment.channel
    return tuple(sorted(usable, key=lambda channel: channel is not wanted))


def why_unreachable(appointment: Appointment, opted_out: Collection[str]) -> str:
    """Why nothing can be sent to this customer, in words for the front desk."""
    contacts = [contact for contact in (appointment.phone, appointment.email) if contact]
    if not contacts:
        return "no usable phone number or e-mail address"
    if all(contact in opted_out for contact in contacts):
        return "opted out of messages"
    return "no channel left"
