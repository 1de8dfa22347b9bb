"""Is it running: heartbeats, clocks, promises that are still open, and what staff were told is wrong."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import names
from chalicelib.bootstrap import utc_now
from chalicelib.ports import Document
from chalicelib.usecases.sync_state import SyncState
from ops.checks.declared import scheduled
from ops.checks.findings import Check, Finding, counted, ok, unchecked, warning, wrong
from ops.checks.site import Site
from ops.checks.slack import slack_api

_MISSED = 3
"""So many runs in a row must be missing before a function counts as stopped."""
_SKEW = timedelta(seconds=30)
_MUCH_SKEW = timedelta(minutes=4)
"""Slack and AWS refuse what is signed by a clock that is five minutes off."""
_OLD_WORK = timedelta(minutes=30)
_SHOWN = 5


def _heartbeats(site: Site) -> Iterator[Finding]:
    for function, every in scheduled().items():
        where = f"function {function}"
        look = (
            f"scripts/demo runs it when the desk's clock passes: move it on; {site.ops('why', 'APPT')} tells what ran"
            if site.local
            else site.aws("logs", "tail", f"/aws/lambda/{_deployed(site, function)}", "--since", "1d")
        )
        if site.local and function == names.SUMMARY:
            yield unchecked(where, "a desk runs it only when a week or a morning could be told")
            continue
        last = site.rt.store.last_beat(function)
        if last is None:
            urgent = function in (names.REMINDER, names.DRIVE_SYNC)
            yield (wrong if urgent else warning)(where, f"has never run; it should every {_told(every)}", look)
        elif site.now - last > every * _MISSED:
            yield wrong(where, f"ran last {_told(site.now - last)} ago; it should every {_told(every)}", look)
        elif last - site.now > every:
            yield warning(where, f"ran last at {last:%Y-%m-%d %H:%M}Z, which is ahead of this clock", "see Clocks")
        else:
            yield ok(where, f"ran {_told(site.now - last)} ago")


def _deployed(site: Site, function: str) -> str:
    return site.settings.function(function) if site.settings else f"ar-STAGE-{function}"


def _told(span: timedelta) -> str:
    minutes = max(round(span.total_seconds() / 60), 0)
    if minutes < 120:
        return counted(minutes, "minute")
    return f"{minutes / 60:.0f} hours" if minutes < 48 * 60 else f"{minutes / 60 / 24:.0f} days"


def _clocks(site: Site) -> Iterator[Finding]:
    asked = {
        "AWS": lambda: _aws_clock(site),
        "Slack": lambda: _clock_of(slack_api() + "api.test"),
        "Google": lambda: _clock_of((os.environ.get("AR_GOOGLE_API", "") or "https://www.googleapis.com") + "/"),
    }
    for vendor, ask in asked.items():
        here = utc_now()
        try:
            there = ask()
        except (OSError, ValueError, KeyError, BotoCoreError, ClientError) as unknown:
            yield unchecked(
                f"clock, beside {vendor}'s", f"{vendor} did not say what time it is ({type(unknown).__name__})"
            )
            continue
        apart = abs(there - here)
        said = f"this machine's clock and {vendor}'s are {apart.total_seconds():.0f} seconds apart"
        mend = "set this machine's clock by the network: sudo timedatectl set-ntp true"
        if apart > _MUCH_SKEW:
            yield wrong(f"clock, beside {vendor}'s", f"{said}: what it signs is refused", mend)
        elif apart > _SKEW:
            yield warning(f"clock, beside {vendor}'s", said, mend)
        else:
            yield ok(f"clock, beside {vendor}'s", said)
    if site.local:
        ahead = site.now - utc_now()
        way = "ahead of" if ahead > timedelta() else "behind"
        yield ok("the desk's clock", f"shows {site.now:%Y-%m-%d %H:%M}Z, {_told(abs(ahead))} {way} the real one")


def _aws_clock(site: Site) -> datetime:
    answer = site.client("sts").get_caller_identity()
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)


def _clock_of(url: str) -> datetime:
    """The instant in an answer's Date header, whatever the answer is. Raises OSError or ValueError."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            said = answer.headers["Date"]
    except HTTPError as refused:
        said = refused.headers["Date"]
    return parsedate_to_datetime(str(said)).astimezone(UTC)


def _outbox(site: Site) -> Iterator[Finding]:
    works = site.rt.store.work()
    if not works:
        yield ok("the outbox", "is empty: everything promised is done")
        return
    oldest = min(work.made_at for work in works)
    kinds = ", ".join(sorted({work.kind.value for work in works}))
    said = f"{counted(len(works), 'open promise')} ({kinds}), the oldest for {_told(site.now - oldest)}"
    if site.now - oldest > _OLD_WORK:
        yield wrong(
            "the outbox",
            said,
            "docs/operations.md, The outbox grows old; look at the findings on Slack and Google first",
        )
    else:
        yield ok("the outbox", said)


def _told_rows(site: Site) -> Iterator[Finding]:
    rows = _facts(site, "row#")
    if rows:
        named = "; ".join(
            f"row {fact.get('line', '?')} ({fact.get('appt_id', '?')}): {fact.get('field', '?')}"
            for fact in rows[:_SHOWN]
        )
        more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
        yield warning(
            "the sheet's rows",
            f"{counted(len(rows), 'problem')} that staff were told of: {named}{more}. Their visits may not be reminded",
            "mend these rows in the sheet; each message in Slack says what was expected",
        )
    else:
        yield ok("the sheet's rows", "every row that is near can be read")
    if words := _facts(site, "service#"):
        listed = ", ".join(repr(str(fact.get("service", "?"))[:40]) for fact in words[:_SHOWN])
        yield warning(
            "the rules doc",
            f"has no line for {listed}, and no Everything else: the default windows go",
            "write a line for it into the rules doc, like Everything else: 24 hours",
        )


def _facts(site: Site, prefix: str) -> list[dict[str, object]]:
    found = []
    for detail in site.rt.store.told(prefix).values():
        try:
            fact = json.loads(detail)
        except ValueError:
            fact = {}
        found.append(fact if isinstance(fact, dict) else {})
    return found


def _mirror(site: Site) -> Iterator[Finding]:
    stored = site.rt.documents.read(Document.SYNC_STATE)
    state = SyncState.read(stored.text if stored else None)
    if not site.shop.ready:
        yield wrong(
            "the mirror",
            "no sheet, or no rules doc, has been taken yet: nothing is planned",
            "see Google above; the next sync takes them",
        )
        return
    if state.brake is not None:
        yield warning(
            "the mirror",
            f"the brake is on: the sheet would change {len(state.brake.would)} visits at once, and waits for a word",
            "answer the question in Slack, or mend the sheet",
        )
    if state.not_the_sheet_told:
        yield wrong("the mirror", "what Google handed over doesn't look like the sheet", "see the sheet's finding")
    if state.restored is not None:
        yield warning(
            "the mirror",
            "an earlier list was put back: the sheet isn't followed until somebody changes a row",
            f"mend the sheet; or {site.ops('restore', '--undo', '--yes')}",
        )
    if state.brake is None and not state.not_the_sheet_told and state.restored is None:
        yield ok("the mirror", "is the sheet as it was last read")


CHECKS: dict[str, Check] = {
    "heartbeats": _heartbeats,
    "clocks": _clocks,
    "outbox": _outbox,
    "rows": _told_rows,
    "mirror": _mirror,
}
