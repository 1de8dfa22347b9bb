"""The ladder: what could not be sent as a text goes by e-mail, and what can't go at all is a call for the staff.

Safe to repeat: `alert_pending` was written with the failure itself and is cleared only when the next rung holds.
"""

from __future__ import annotations

from datetime import timedelta

from chalicelib.domain.appointment import MIN_LEAD, Channel, chain_start
from chalicelib.domain.channel import channels
from chalicelib.domain.delivery import WhyNot, why_not
from chalicelib.domain.events import MoveDue
from chalicelib.domain.send import Move, Send, SendState
from chalicelib.domain.voice import visit_fields
from chalicelib.domain.work import StaffLine
from chalicelib.ports import Claim
from chalicelib.runtime import Runtime
from chalicelib.usecases.heed_provider import opted_out_at_provider
from chalicelib.usecases.record_send import hours_of, record_unsent
from chalicelib.usecases.shop import Shop, Visit
from chalicelib.usecases.tell_limits import tell_of_the_cap, tell_of_the_quota

OVER_A_CAP = "over the day's limit of texts"
NO_WORD = "no word on its delivery for 30 minutes"


def go_down_ladder(rt: Runtime, shop: Shop, visit: Visit | None, send: Send) -> str:
    """Take a failed send to its next rung and clear its alert. Returns what was done, for the log.

    A definite no needs staff only where no e-mail can follow; an unknown or lost text always does (DESIGN §6). What
    hits every text alike, a cap or the month's quota, is one line a day and not one a text.
    """
    why = why_not(send.reason) if send.state is SendState.UNDELIVERED else WhyNot.OTHER
    if why is WhyNot.OPTED_OUT and send.recipient:
        opted_out_at_provider(rt, send.key, send.recipient)
    followed = _follow_by_email(rt, visit, send)
    if visit is not None and not followed and send.state is SendState.FAILED and send.key.what.startswith("h"):
        record_unsent(rt, visit, send, rt.clock())
    if send.reason.startswith(OVER_A_CAP):
        tell_of_the_cap(rt, shop, visit, send)
    elif why is WhyNot.QUOTA:
        tell_of_the_quota(rt, shop, send)
    elif not followed or send.state in (SendState.UNKNOWN, SendState.EXPIRED):
        rt.staff.post(shop.config.staff_channel, _please_call(shop, visit, send, followed))
    rt.ledger.clear_alert(send)
    return f"{send.state.value.lower()}: {send.reason}" + ("; followed by e-mail" if followed else "; staff told")


def _follow_by_email(rt: Runtime, visit: Visit | None, send: Send) -> bool:
    """Hand the e-mail to dispatch if this was a text and there is an address that takes it.

    It is in the ledger before it is on the bus: if the event is lost, the sweep finds it there.
    """
    if (
        visit is None
        or send.reason == NO_WORD
        or send.key.email
        or send.channel is not Channel.TEXT
        or not visit.appointment.email
    ):
        return False
    opted_out = rt.store.opted_out([visit.appointment.email])
    if Channel.EMAIL not in channels(visit.appointment, opted_out):
        return False
    _hold_the_rung(rt, send)
    rt.bus.put([MoveDue(send.key.fallback, send.move, send.planned, hours_of(send), send.reason)])
    return True


def _hold_the_rung(rt: Runtime, send: Send) -> None:
    """Put the e-mail into the ledger, due now. One that is there already is left to the run that has it."""
    now, run = rt.clock(), rt.tokens.tail()
    lead = MIN_LEAD if send.key.what.startswith("h") else 0
    until = chain_start(send.key.chain) - timedelta(minutes=lead)
    rung = Send(send.key.fallback, SendState.CLAIMED, Channel.EMAIL, send.move, send.planned, useful_until=until)
    if rt.ledger.claim(rung, run, now) is Claim.MINE:
        rt.ledger.defer(rung, run, now, send.reason)


def _please_call(shop: Shop, visit: Visit | None, send: Send, followed: bool) -> StaffLine:
    what = {
        Move.MOVED: "confirmation of the new time",
        Move.CANCELLED: "confirmation of the cancellation",
        Move.GAP_ALERT: "gap alert",
    }.get(send.move, "reminder")
    if visit is None:
        who, call = f"visit {send.key.appt_id}", "The row is no longer in the sheet."
    else:
        fields = visit_fields(visit.appointment, shop.config.zone, shop.config.language)
        who = (
            f"{visit.appointment.customer}, {visit.appointment.service}, "
            f"{fields['day']} {fields['date']}, {fields['time']}"
        )
        call = f"Please call {visit.appointment.phone}." if visit.appointment.phone else "Please get in touch."
    if followed:
        call = "An e-mail follows."
    return StaffLine(
        text=f"{who}: {_went_wrong(what, send)} {call}",
        move="notice",
        appt_id=send.key.appt_id,
        chain=send.key.chain,
        hours=hours_of(send),
        reason=send.reason,
    )


def _went_wrong(what: str, send: Send) -> str:
    match send.state:
        case SendState.UNKNOWN:
            return f"nobody knows whether the {what} went out ({send.reason})."
        case SendState.UNDELIVERED:
            return f"the {what} did not arrive ({send.reason})."
        case _:
            return f"the {what} could not be sent ({send.reason})."
