"""The visits ahead: how each stands, whether it was answered or can't be reached, and what is sent next.

Contacts are shown by their last digits; `--contacts` shows them whole. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import click

from chalicelib.domain.channel import channels, why_unreachable
from chalicelib.domain.mirror import read_mirror
from chalicelib.domain.outlook import Fate, outlook
from chalicelib.domain.standing import Answer
from chalicelib.runtime import Runtime
from chalicelib.usecases.shop import Shop, Visit
from ops.person import masked
from ops.printed import as_json_option, print_json, print_table
from ops.stage import open_runtime


@dataclass(frozen=True, slots=True)
class Ahead:
    """One visit. Instants are shop-local; `next_at` is None where nothing more goes."""

    appt_id: str
    start: datetime
    customer: str
    phone: str
    email: str
    service: str
    staff: str
    status: str  # open | confirmed | cancelled | why nothing is sent
    answered_by: str
    unreachable: str  # why nobody can be written to; "" if somebody can
    sent: int
    next_at: datetime | None
    next_what: str


@click.command(short_help="the visits ahead, and what is sent next", help=__doc__)
@click.option(
    "--days", type=click.FloatRange(0, 400, min_open=True), default=14, show_default=True, help="how far ahead"
)
@click.option("--unanswered", is_flag=True, help="only those that nobody has answered")
@click.option("--unreachable", is_flag=True, help="only those that nobody can be written to about")
@click.option("--contacts", is_flag=True, help="show numbers and addresses whole")
@as_json_option
def appointments(days: float, unanswered: bool, unreachable: bool, contacts: bool, as_json: bool) -> int:
    """Show them, earliest first. Returns 0, or 1 while no sheet and rules have been taken yet."""
    rt = open_runtime()
    shop, now = Shop(rt), rt.clock()
    if not shop.ready:
        click.echo("No sheet or no rules doc has been taken yet.")
        return 1
    found = [
        visit
        for visit in ahead(rt, shop, now, now + timedelta(days=days))
        if (not unanswered or visit.status == Answer.OPEN.value) and (not unreachable or visit.unreachable)
    ]
    unread = sum(row.start is None for row in read_mirror(shop.mirror))
    if as_json:
        print_json({"appointments": [as_object(visit, contacts) for visit in found], "rows_not_acted_on": unread})
        return 0
    print_table(
        f"{len(found)} visits ahead",
        ("Start", "Id", "Customer", "Contact", "Service", "Staff", "Status", "Sent", "Next"),
        [_row(visit, contacts) for visit in found],
    )
    if unread:
        click.echo(f"{unread} rows aren't acted on: their date can't be read, or their id isn't sure. Staff were told.")
    return 0


def ahead(rt: Runtime, shop: Shop, now: datetime, until: datetime) -> Iterator[Ahead]:
    """Every visit that starts in (now, until], earliest first."""
    rows = [row for row in read_mirror(shop.mirror) if row.start is not None]
    standings = rt.store.standings([row.appt_id for row in rows])
    visits = [visit for row in rows if (visit := shop.visit(row, standings.get(row.appt_id))) is not None]
    visits = [visit for visit in visits if now < visit.appointment.start <= until]
    visits.sort(key=lambda visit: (visit.appointment.start, visit.appointment.appt_id))
    held_by = (visit.appointment for visit in visits)
    opted_out = rt.store.opted_out({contact for one in held_by for contact in (one.phone, one.email) if contact})
    for visit in visits:
        yield _ahead(shop, visit, opted_out, now)


def _ahead(shop: Shop, visit: Visit, opted_out: set[str], now: datetime) -> Ahead:
    appointment, zone = visit.appointment, shop.config.zone
    lines = outlook(visit.state, visit.schedule, shop.hours, visit.seen, now)
    coming = next((line for line in lines if line.fate is Fate.PLANNED and line.at is not None), None)
    answered = visit.state.answer is not Answer.OPEN
    reached = bool(channels(appointment, opted_out))
    return Ahead(
        appt_id=appointment.appt_id,
        start=appointment.start.astimezone(zone),
        customer=appointment.customer,
        phone=appointment.phone,
        email=appointment.email,
        service=appointment.service,
        staff=appointment.staff,
        status=visit.state.answer.value if answered or not visit.state.closed else visit.state.closed,
        answered_by=visit.standing.answered_by if visit.standing and answered else "",
        unreachable="" if reached else why_unreachable(appointment, opted_out),
        sent=sum(line.fate is Fate.SENT for line in lines),
        next_at=coming.at.astimezone(zone) if coming is not None and coming.at is not None else None,
        next_what=coming.what if coming is not None else "",
    )


def as_object(visit: Ahead, contacts: bool) -> dict[str, Any]:
    """For `--json`; contacts masked unless they are asked for."""
    shown = {name: getattr(visit, name) if contacts else masked(getattr(visit, name)) for name in ("phone", "email")}
    next_at = visit.next_at.isoformat() if visit.next_at else None
    return {**asdict(visit), **shown, "start": visit.start.isoformat(), "next_at": next_at}


def _row(visit: Ahead, contacts: bool) -> tuple[Any, ...]:
    known = [contact for contact in (visit.phone, visit.email) if contact]
    contact = ", ".join(known if contacts else map(masked, known))
    status = visit.status + (f" by {visit.answered_by}" if visit.answered_by else "")
    coming = f"{visit.next_at:%a %d %b %H:%M}, {visit.next_what}" if visit.next_at else "nothing more"
    return (
        f"{visit.start:%a %d %b %H:%M}",
        visit.appt_id,
        visit.customer,
        contact or "none",
        visit.service,
        visit.staff,
        f"{status}; {visit.unreachable}" if visit.unreachable else status,
        visit.sent,
        coming,
    )
