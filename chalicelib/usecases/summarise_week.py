"""The weekly summary: due? counted, told, promised in one transaction, then posted and mailed until both are done.

Everything up to the promise only reads, and asks the model, so it can be repeated. The promise claims the week: of two
runs one commits, and a run that died before it is made good a quarter of an hour later. From then on the outbox has
the Slack line and the mail, each sent at least once.
"""

from __future__ import annotations

from datetime import date, datetime

from chalicelib import names
from chalicelib.domain.events import iso
from chalicelib.domain.week_due import is_due, week_days
from chalicelib.domain.week_facts import WeekFacts
from chalicelib.domain.week_json import facts_as_json
from chalicelib.domain.week_shown import slack_text
from chalicelib.domain.work import StaffLine, Work, WorkKind
from chalicelib.errors import Refused, ReminderError
from chalicelib.ports import PutWork, TellOnce, Untell
from chalicelib.runtime import Runtime
from chalicelib.usecases.count_week import count_last_week
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.mail_week import mail_weeks
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.staff_lines import line_work
from chalicelib.usecases.tell_week import tell_week

TOLD = "summary#"
"""Before the Monday of the week that was told last, in `told`."""


def summarise_week(rt: Runtime) -> str:
    """Tell the finished week if it is due, and send what waits. Returns what became of it, for the log.

    Nothing is told of a first week in which the system did nothing yet. Raises the first ReminderError that it met,
    after everything else was done: the run then counts as failed.
    """
    now = rt.clock().replace(microsecond=0)
    failure: ReminderError | None = None
    outcome, works = "failed", list[Work]()
    try:
        outcome, works = _tell_if_due(rt, now)
    except ReminderError as failed:
        failure = failed
    try:
        if works:
            drain_outbox(rt, only=[work.work_id for work in works])
        mail_weeks(rt, now, {work.work_id for work in works})
    except ReminderError as failed:
        failure = failure or failed
    if failure is not None:
        rt.metrics.count("summary_failed")
        raise failure
    rt.store.beat(names.SUMMARY, now)
    rt.metrics.count("summary")
    return outcome


def _tell_if_due(rt: Runtime, now: datetime) -> tuple[str, list[Work]]:
    """What became of it, and what this run promised."""
    told = sorted(rt.store.told(TOLD))
    last = date.fromisoformat(told[-1].removeprefix(TOLD)) if told else None
    monday = is_due(now, rt.config.zone, last)
    if monday is None:
        return "not due", []
    shop = Shop(rt)
    if not shop.ready:
        return "nothing is mirrored yet", []
    counted = count_last_week(rt, shop, monday, now)
    is_first = last is None and not counted.recorded
    works = [] if is_first else _promises(rt, counted.facts, now)
    former = [Untell(key) for key in told]
    try:
        rt.store.commit(TellOnce(f"{TOLD}{monday}", iso(now)), *map(PutWork, works), *former)
    except Refused:
        return "told by another run", []
    return ("the system was not there in that week" if is_first else f"told {monday}"), works


def _promises(rt: Runtime, facts: WeekFacts, now: datetime) -> list[Work]:
    """The Slack line, and the owner's mail if there is an owner to mail to."""
    config = rt.config
    text = tell_week(rt, facts).text
    title = f"{config.shop_name}, {week_days(facts.monday)}"
    line = StaffLine(slack_text(facts, title, text), reason="the weekly summary")
    works = [line_work(rt, line, now, channel=config.summary_channel)]
    if config.owner_email:
        payload = {
            "subject": f"The week at {title}",
            "text": text,
            "facts": facts_as_json(facts),
        }
        works.append(Work(f"{iso(now)}#{rt.tokens.tail()}", WorkKind.OWNER_MAIL, "", now, payload))
    return works
