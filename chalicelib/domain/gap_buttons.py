"""The buttons of a gap alert (DESIGN §8): what the front desk can press when it has phoned the customer."""

from __future__ import annotations

from chalicelib.domain.work import Button

CONFIRMED_BY_PHONE = "confirmed_by_phone"
CANCELLED_BY_STAFF = "cancelled_by_staff"
CALL_LATER = "call_later"


def subject(appt_id: str, chain: str) -> str:
    """What a button's value says: which visit at which start. An id never contains the separator's second part."""
    return f"{chain}|{appt_id}"


def read_subject(value: str) -> tuple[str, str]:
    """The (appt_id, chain) of a button's value. Raises ValueError for anything else."""
    chain, mark, appt_id = value.partition("|")
    if not chain or not mark or not appt_id:
        raise ValueError("not a visit's button")
    return appt_id, chain


def gap_buttons(appt_id: str, chain: str) -> tuple[Button, ...]:
    """Confirmed by phone, Cancelled, Call later."""
    value = subject(appt_id, chain)
    return (
        Button(CONFIRMED_BY_PHONE, "Confirmed by phone", value, "primary"),
        Button(CANCELLED_BY_STAFF, "Cancelled", value, "danger"),
        Button(CALL_LATER, "Call later", value),
    )
