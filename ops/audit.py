"""The audit trail: of one appointment (APPT), or of everything since a time. Nothing is changed.

The audit says what changed an appointment, when, by whom, from what to what. No contact is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from chalicelib import names
from chalicelib.adapters.dynamodb_items import audit_of
from chalicelib.domain.audit import AuditEntry
from ops.printed import as_json_option, print_json, print_table
from ops.stage import open_runtime
from ops.tables import every_item

_AMOUNT = re.compile(r"(\d{1,5})\s*([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@click.command(short_help="what changed an appointment, when and by whom", help=__doc__)
@click.argument("appt_id", default="", metavar="[APPT]")
@click.option("--since", default="", metavar="WHEN", help="24h, 7d, or a shop-local date or time: 2026-11-25T08:00")
@click.option("--action", default="", help="only this action: confirm, sent, moved_by_staff, ...")
@click.option("--by", default="", help="only what this one did: customer, system, operator, a staff member's name")
@as_json_option
def audit(appt_id: str, since: str, action: str, by: str, as_json: bool) -> int:
    """Show it, oldest first. Returns 0, or 1 if there is nothing."""
    import boto3

    rt = open_runtime()
    zone = rt.config.zone
    begin = since_when(since, rt.clock(), zone) if since else None
    if not appt_id and begin is None:
        raise click.UsageError("say an appointment, or --since")
    stored = (
        rt.store.audit(appt_id)
        if appt_id
        else [audit_of(item) for item in every_item(boto3.client("dynamodb"), names.AUDIT)]
    )
    found = wanted(stored, begin, action, by)
    if as_json:
        print_json([as_object(entry) for entry in found])
    else:
        print_table(
            f"{len(found)} entries",
            ("When", "Appointment", "What", "By", "Where", "Before", "After", "Why"),
            [_row(entry, zone) for entry in found],
        )
    return 0 if found else 1


def since_when(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """`24h`, `7d` before `now`, or a shop-local ISO date or time. Raises ValueError for anything else."""
    amount = _AMOUNT.fullmatch(text.strip().lower())
    if amount:
        return now - int(amount[1]) * _UNITS[amount[2]]
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"--since {text}: expected 24h, 7d, 2026-11-25 or 2026-11-25T08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def wanted(entries: Iterable[AuditEntry], begin: datetime | None, action: str, by: str) -> list[AuditEntry]:
    """Those since then, of that action, by that one; oldest first."""
    found = [
        entry
        for entry in entries
        if (begin is None or at(entry) >= begin)
        and action in ("", entry.action)
        and by.casefold() in ("", entry.by.casefold())
    ]
    return sorted(found, key=lambda entry: (entry.ts, entry.appt_id))


def at(entry: AuditEntry) -> datetime:
    """When it was, UTC."""
    return datetime.fromisoformat(entry.ts.partition("#")[0])


def as_object(entry: AuditEntry) -> dict[str, Any]:
    """For `--json`."""
    return {"at": at(entry).isoformat(), **asdict(entry)}


def _row(entry: AuditEntry, zone: ZoneInfo) -> tuple[str, ...]:
    window = f" ({entry.hours:g} h)" if entry.hours is not None else ""
    when = f"{at(entry).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    what = f"{entry.action}{window}"
    return when, entry.appt_id, what, entry.by, entry.channel, entry.before, entry.after, entry.reason
