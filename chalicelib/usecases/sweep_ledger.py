"""The sweep: nothing stays half done. Every tick looks at what isn't settled and takes it one step further."""

from __future__ import annotations

import logging
from datetime import datetime

from chalicelib.domain.appointment import Channel
from chalicelib.domain.send import MAX_ATTEMPTS, Send, SendState
from chalicelib.errors import ReminderError
from chalicelib.runtime import Runtime
from chalicelib.usecases.dispatch_move import retry_event
from chalicelib.usecases.go_down_ladder import NO_WORD, go_down_ladder
from chalicelib.usecases.shop import Shop, is_answered

log = logging.getLogger(__name__)


def sweep_ledger(rt: Runtime) -> int:
    """Settle or take up again what is past its lease or time, and tell what staff have not heard. Returns how many.

    One send that fails doesn't stop the others; the first failure is raised at the end.
    """
    now = rt.clock()
    shop = Shop(rt)
    failures: list[ReminderError] = []
    unsettled = rt.ledger.unsettled(now)
    for send in unsettled:
        try:
            _sweep(rt, shop, send, now)
        except ReminderError as failure:
            failures.append(failure)
            log.warning("sweep_failed", extra={"appt_id": send.key.appt_id, "why": type(failure).__name__})
    if failures:
        raise failures[0]
    return len(unsettled)


def _sweep(rt: Runtime, shop: Shop, send: Send, now: datetime) -> None:
    if send.alert_pending:
        go_down_ladder(rt, shop, shop.visit_of(rt, send.key.appt_id), send)
        return
    match send.state:
        case SendState.SENDING if send.channel is Channel.TEXT:
            # Sent or not, nobody knows: never again by text (DESIGN §6).
            _settle(rt, shop, send, SendState.UNKNOWN, "it is not known whether the text went out", now)
        case SendState.SENDING if send.attempt >= MAX_ATTEMPTS:
            _settle(rt, shop, send, SendState.EXPIRED, "no run of it came to an end", now)
        case SendState.SENDING:
            if rt.ledger.settle(send, SendState.RETRY.value, "its run ended before the answer", "", now):
                rt.bus.put([retry_event(send, send.planned)])
        case SendState.CLAIMED | SendState.RETRY | SendState.DEFERRED:
            if send.too_late_at(now):
                _expire(rt, shop, send, now)
            else:
                rt.bus.put([retry_event(send, send.planned)])
        case SendState.SENT:
            _settle(rt, shop, send, SendState.UNKNOWN, NO_WORD, now)  # listed for staff; nothing more goes out
        case _:
            log.warning("swept_nothing", extra={"appt_id": send.key.appt_id, "state": send.state.value})


def _expire(rt: Runtime, shop: Shop, send: Send, now: datetime) -> None:
    """What was never sent and now is of no use: staff hear of it, unless nobody waits for it any more."""
    visit = shop.visit_of(rt, send.key.appt_id)
    if visit is not None and is_answered(visit, send):
        rt.ledger.settle(send, SendState.CANCELLED.value, "answered or moved meanwhile", "", now)
    else:
        _settle(rt, shop, send, SendState.EXPIRED, send.reason or "its time has passed", now)


def _settle(rt: Runtime, shop: Shop, send: Send, state: SendState, reason: str, now: datetime) -> None:
    """Settle with the alert in the same write, then take it down the ladder."""
    if rt.ledger.settle(send, state.value, reason, reason, now):
        go_down_ladder(rt, shop, shop.visit_of(rt, send.key.appt_id), rt.ledger.get(send.key) or send)
