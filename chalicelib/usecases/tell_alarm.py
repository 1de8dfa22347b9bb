"""An alarm, or a budget's notice: one line to staff, once for each change however often SNS says it.

Staff don't run the system, yet they are who is there: the line says what it means for the shop, and what to hand on.
The owner gets the same by e-mail, whatever becomes of this.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.alarm import Change, State, cut, read_change, unreadable_key
from chalicelib.domain.events import iso
from chalicelib.errors import Refused
from chalicelib.ports import PutWork, TellOnce, Untell
from chalicelib.runtime import Runtime
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.staff_lines import staff_work

log = logging.getLogger(__name__)

ALARM = "alarm#"
REMEMBERED = timedelta(days=30)
"""SNS tries for 23 days at most; what is older can't come again."""
_MOST_FORGOTTEN = 90
_SHOWN = 300


def tell_alarm(rt: Runtime, message: str, scrub: Callable[[str], str]) -> bool:
    """Tell staff of it. Returns whether there was anything new to tell. Raises StoreError, UpstreamError, ConfigError.

    A recovery is told if the alarm was. A message that can't be read is told as it is. Whatever is told is scrubbed:
    `scrub` takes out what would reach a person or open a door.
    """
    now = rt.clock()
    change = read_change(message, rt.config.zone) or _unreadable(message, scrub)
    prefix = f"{ALARM}{cut(change.name, 200)}#"
    known = rt.store.told(prefix)
    if change.state is not State.ALARM and change.was is not State.ALARM and not _was_told(known):
        log.info("alarm_at_rest", extra={"alarm": change.name, "state": change.state.value})
        return False
    work = staff_work(rt, scrub(change.text), now, reason=f"alarm {change.name}")
    mark = TellOnce(prefix + change.key, f"{iso(now)} {work.work_id}")
    try:
        rt.store.commit(mark, PutWork(work), *(Untell(key) for key in _outlived(known, now) if key != mark.key))
    except Refused:  # told before; but perhaps that run died before it had posted the line
        drain_outbox(rt, only=[rt.store.told(mark.key).get(mark.key, "").rpartition(" ")[2]])
        return False
    log.info("alarm_told", extra={"alarm": change.name, "state": change.state.value})
    drain_outbox(rt, only=[work.work_id])
    return True


def _unreadable(message: str, scrub: Callable[[str], str]) -> Change:
    key = unreadable_key(message)
    log.warning("alarm_unreadable", extra={"message_hash": key})
    shown = cut(scrub(message), _SHOWN)
    text = f"A message about the system itself came that can't be read. Please hand it to whoever runs it: “{shown}”"
    return Change("unreadable", key, text)


def _was_told(known: dict[str, str]) -> bool:
    """Whether the last that staff heard of this alarm was that it is on. A detail begins with when it was told."""
    last = max(known, key=lambda key: known[key], default="")
    return f"#{State.ALARM.value}#" in last


def _outlived(known: dict[str, str], now: datetime) -> list[str]:
    """Old marks, so that they don't pile up; the newest of them stays, since it says how the alarm stands."""
    old = sorted(key for key, detail in known.items() if detail < iso(now - REMEMBERED))
    newest = max(known, key=lambda key: known[key], default="")
    return [key for key in old if key != newest][:_MOST_FORGOTTEN]
