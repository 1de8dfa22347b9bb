"""The day's caps and the month's quota: what stops every text is told once a day, not once a text.

A runaway loop must not flood the front desk as well (DESIGN §6, spend).
"""

from __future__ import annotations

import hashlib

from chalicelib.domain.send import Send
from chalicelib.errors import Refused
from chalicelib.ports import PutWork, TellOnce
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.shop import Shop, Visit
from chalicelib.usecases.staff_lines import staff_work

MEANWHILE = "customers with an e-mail address get their reminder by e-mail, please look after the others."


def tell_of_the_cap(rt: Runtime, shop: Shop, visit: Visit | None, send: Send) -> None:
    """Once a day and cap (the number's or the account's). Raises StoreError if it can't be promised."""
    rt.metrics.count("texts_over_cap")
    whole_account = "account" in send.reason
    number = hashlib.sha256((visit.appointment.phone if visit else send.key.appt_id).encode()).hexdigest()[:16]
    limit = shop.config.texts_per_day if whole_account else shop.config.texts_per_number
    text = (
        f"Today's limit of {limit} texts is reached. No more texts go out today; {MEANWHILE}"
        if whole_account
        else f"One number has had {limit} texts today (visit {send.key.appt_id}). It gets no more today; please call."
    )
    _tell_today(rt, shop, "cap", "account" if whole_account else number, text, send.reason)


def tell_of_the_quota(rt: Runtime, shop: Shop, send: Send) -> None:
    """Once a day while the month's quota is used up. Raises StoreError if it can't be promised."""
    rt.metrics.count("texts_over_quota")
    text = (
        "The month's quota for texts is used up at the provider: no text arrives until it is raised or the month is "
        f"over. Whoever runs the system must raise it; {MEANWHILE}"
    )
    _tell_today(rt, shop, "quota", "account", text, send.reason)


def _tell_today(rt: Runtime, shop: Shop, what: str, whose: str, text: str, reason: str) -> None:
    """One line on the shop's own day, however many texts it stops."""
    now = rt.clock()
    day = now.astimezone(shop.config.zone).date().isoformat()
    work = staff_work(rt, text, now, reason=reason)
    try:
        rt.store.commit(TellOnce(f"{what}#{day}#{whose}"), PutWork(work))
    except Refused:
        return  # they know
    drain_outbox(rt, only=[work.work_id])
