"""The owner's mail of a told week: sent by the summary's own function, which runs every quarter of an hour anyway.

The outbox keeps it until it has gone. No other function may mail: their roles are narrower.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.week_due import CAUGHT_UP_FOR
from chalicelib.domain.week_facts import WeekFacts
from chalicelib.domain.week_json import facts_of_json
from chalicelib.domain.work import StaffLine, Work, WorkKind
from chalicelib.errors import BadRecipient, DeliveryError
from chalicelib.pages.week_mail import charts, week_html, week_text
from chalicelib.ports import EmailMessage, Picture, PutWork, RemoveWork
from chalicelib.runtime import Runtime
from chalicelib.usecases.staff_lines import line_work

log = logging.getLogger(__name__)

LEFT_TO_ITS_RUN = timedelta(minutes=5)
"""A younger mail is being sent by the run that promised it: of two runs at once only one mails."""


def mail_weeks(rt: Runtime, now: datetime, mine: Collection[str] = ()) -> int:
    """Send the owner's mails that wait (`mine` are this run's own); returns how many have gone.

    One that can't be sent stays for the next run, and is given up after three days, or at once if the address is
    refused: then staff are told. Raises StoreError, and UpstreamError for another vendor.
    """
    went = 0
    for work in rt.store.work():
        if work.kind is not WorkKind.OWNER_MAIL:
            continue
        if work.work_id in mine or now - work.made_at >= LEFT_TO_ITS_RUN:
            went += _send(rt, work, now)
    return went


def week_mail(rt: Runtime, subject: str, told: str, facts: WeekFacts) -> EmailMessage:
    """The mail of a week: what was told of it, the figures, who needs a hand, and its charts."""
    drawn = (Picture(one.name, rt.charts.bars(one.values, one.accented, one.shaded)) for one in charts(facts))
    return EmailMessage(
        to=rt.config.owner_email,
        subject=subject,
        body=week_text(facts, subject, told),
        html=week_html(facts, subject, told),
        pictures=tuple(drawn),
        shop_name=rt.config.shop_name,
        message_key=f"summary-{facts.monday}",
    )


def _send(rt: Runtime, work: Work, now: datetime) -> bool:
    if not rt.config.owner_email:
        rt.store.commit(RemoveWork(work.work_id))
        return False
    payload: Mapping[str, Any] = work.payload
    try:
        rt.email.send(week_mail(rt, payload["subject"], payload["text"], facts_of_json(payload["facts"])))
    except (KeyError, TypeError, ValueError) as malformed:
        rt.metrics.count("outbox_unreadable")
        log.error("outbox_unreadable", extra={"work_id": work.work_id, "why": type(malformed).__name__})
        return False
    except DeliveryError as failure:
        if isinstance(failure, BadRecipient) or now - work.made_at >= CAUGHT_UP_FOR:
            _give_up(rt, work, str(failure), now)
        else:
            log.warning("owner_mail_waits", extra={"why": str(failure)})
        return False
    rt.store.commit(RemoveWork(work.work_id))
    return True


def _give_up(rt: Runtime, work: Work, why: str, now: datetime) -> None:
    text = f"The weekly summary could not be mailed to the owner ({why}). It stands in Slack; please pass it on."
    line = line_work(rt, StaffLine(text, reason="the owner's mail failed"), now)
    rt.store.commit(RemoveWork(work.work_id), PutWork(line))
