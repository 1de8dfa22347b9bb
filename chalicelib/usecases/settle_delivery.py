"""Accepted is not delivered: SNS's delivery log settles what was sent, and what did not arrive goes down the ladder.

SNS takes a text that it will never send (over quota, a blocked sender) without an error; only this log tells.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.delivery import read_report
from chalicelib.errors import ReminderError
from chalicelib.runtime import Runtime
from chalicelib.usecases.go_down_ladder import go_down_ladder
from chalicelib.usecases.shop import Shop

log = logging.getLogger(__name__)


def settle_delivery(rt: Runtime, entries: Iterable[Mapping[str, Any]]) -> int:
    """Settle the sends that these log entries are about: DELIVERED, or UNDELIVERED and down the ladder.

    An entry for an unknown or settled send changes nothing. Counts `sms_delivered` and `sms_failed` for the spec's
    5 % alarm. Returns how many sends were settled; raises the first ReminderError after all entries were tried.
    """
    failures: list[ReminderError] = []
    settled = 0
    for entry in entries:
        try:
            settled += _settle(rt, entry)
        except ReminderError as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return settled


def _settle(rt: Runtime, entry: Mapping[str, Any]) -> bool:
    report = read_report(entry)
    if report is None:
        log.warning("delivery_entry_unreadable", extra={"fields": sorted(str(name)[:20] for name in entry)[:10]})
        return False
    rt.metrics.count("sms_delivered" if report.delivered else "sms_failed")
    alert = "" if report.delivered else f"it was not delivered: {report.reason}"
    send = rt.ledger.deliver(report.message_id, report.delivered, report.reason, alert, rt.clock())
    if send is None:
        return False
    if not report.delivered:
        shop = Shop(rt)
        go_down_ladder(rt, shop, shop.visit_of(rt, send.key.appt_id), send)
    return True
