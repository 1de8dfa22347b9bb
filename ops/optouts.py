"""Who is opted out of reminders; or opt a number or address out with `--add`, in again with `--remove`.

Only a hash is kept of who opted out, so a contact that no row and no send has any more is shown as such. Contacts are
shown by their last digits; `--contacts` shows them whole. A change is audited, and staff are told. The provider's own
list (a STOP that was texted) isn't touched: a number on it gets no text whatever stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from chalicelib import names
from chalicelib.adapters.dynamodb_items import Item, contact_hash
from chalicelib.domain.mirror import read_mirror
from chalicelib.domain.reply import Outcome
from chalicelib.domain.reply_token import Link, ReplyAction
from chalicelib.errors import StoreConflict
from chalicelib.runtime import Runtime
from chalicelib.usecases.opt_out import WITHOUT_VISIT, opt_out
from chalicelib.usecases.shop import Shop, Visit
from ops.holdings import read_everything
from ops.person import contact_of, masked
from ops.printed import as_json_option, print_json, print_table
from ops.stage import open_runtime

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class OptedOut:
    """One opt-out. `contact` is "" where only its hash is known; `appt_ids` are the visits that have it."""

    contact: str
    hashed: str
    since: datetime
    appt_ids: tuple[str, ...]


@click.command(short_help="who is opted out; opt somebody out, or in again", help=__doc__)
@click.option("--add", default="", metavar="CONTACT", help="a number or address that wants no reminders")
@click.option("--remove", default="", metavar="CONTACT", help="a number or address that wants them again")
@click.option("--yes", is_flag=True, help="do it; without this it is only shown")
@click.option("--contacts", is_flag=True, help="show numbers and addresses whole")
@as_json_option
def optouts(add: str, remove: str, yes: bool, contacts: bool, as_json: bool) -> int:
    """List, or change one. Returns 0."""
    rt = open_runtime()
    if add and remove:
        raise click.UsageError("say one of --add and --remove")
    if add or remove:
        click.echo(change(rt, add or remove, out=bool(add), yes=yes))
        return 0
    import boto3

    everything = read_everything(boto3.client("dynamodb"), boto3.client("s3"), rt.config.country)
    known: dict[str, set[str]] = {}
    for trace in everything.traces():
        for contact in trace.contacts:
            known.setdefault(contact, set()).add(trace.appt_id)
    found = opted_out(everything.tables[names.STATE], known)
    if as_json:
        print_json([as_object(one, contacts) for one in found])
        return 0
    zone = rt.config.zone
    print_table(
        f"{len(found)} opted out",
        ("Contact", "Since", "Visits"),
        [
            (shown(one, contacts), f"{one.since.astimezone(zone):%Y-%m-%d %H:%M}", ", ".join(one.appt_ids))
            for one in found
        ],
    )
    return 0


def opted_out(state: Iterable[Item], known: dict[str, set[str]]) -> list[OptedOut]:
    """Every opt-out, oldest first, with the contact of `known` (contact -> ids) that it is of."""
    by_hash = {contact_hash(contact): contact for contact in known}
    found = []
    for item in state:
        place, _, hashed = str(item["pk"]).partition("#")
        if place == "optout":
            contact = by_hash.get(hashed, "")
            ids = tuple(sorted(one for one in known.get(contact, ()) if one))
            found.append(OptedOut(contact, hashed, datetime.fromisoformat(item["at"]), ids))
    return sorted(found, key=lambda one: (one.since, one.hashed))


def shown(one: OptedOut, contacts: bool) -> str:
    """The contact, whole or masked; where it isn't known any more, the beginning of its hash."""
    if not one.contact:
        return f"not known any more (hash {one.hashed[:8]})"
    return one.contact if contacts else masked(one.contact)


def as_object(one: OptedOut, contacts: bool) -> dict[str, Any]:
    """For `--json`."""
    contact = (one.contact if contacts else masked(one.contact)) or None
    return {"contact": contact, "hash": one.hashed, "since": one.since.isoformat(), "appointments": list(one.appt_ids)}


def change(rt: Runtime, who: str, *, out: bool, yes: bool) -> str:
    """Opt a contact out or in again, or say what that would do. Raises ValueError for what is no contact."""
    contact = contact_of(who, rt.config.country)
    if not contact:
        raise ValueError("that is neither a phone number nor an e-mail address")
    if (contact in rt.store.opted_out([contact])) is out:
        return f"{masked(contact)} is opted {'out' if out else 'in'} already."
    visit = _next_visit(rt, contact)
    about = f" (visit {visit.appointment.appt_id})" if visit else ""
    if not yes:
        return f"{masked(contact)}{about} would be opted {'out' if out else 'in again'}. Say --yes to do it."
    texts = "@" not in contact
    no, again = (
        (ReplyAction.NO_TEXTS, ReplyAction.TEXTS_AGAIN) if texts else (ReplyAction.NO_EMAILS, ReplyAction.EMAILS_AGAIN)
    )
    link = Link(visit.appointment.appt_id, visit.appointment.chain) if visit else Link(WITHOUT_VISIT, "")
    outcome = opt_out(
        rt,
        no if out else again,
        [contact],
        link,
        visit.appointment if visit else None,
        rt.clock(),
        channel="system",
        by=OPERATOR,
    )
    if outcome is Outcome.BUSY:
        raise StoreConflict("somebody else wrote it: try again")
    return f"{masked(contact)}{about} is opted {'out' if out else 'in again'}. Staff were told."


def _next_visit(rt: Runtime, contact: str) -> Visit | None:
    """The visit of that contact that comes next, else the last one."""
    shop, now = Shop(rt), rt.clock()
    rows = [row for row in read_mirror(shop.mirror) if row.start is not None] if shop.mirror else []
    standings = rt.store.standings([row.appt_id for row in rows])
    visits = [visit for row in rows if (visit := shop.visit(row, standings.get(row.appt_id))) is not None]
    theirs = [visit for visit in visits if contact in (visit.appointment.phone, visit.appointment.email.casefold())]
    ahead = [visit for visit in theirs if visit.appointment.start > now]
    if ahead:
        return min(ahead, key=lambda visit: visit.appointment.start)
    return max(theirs, key=lambda visit: visit.appointment.start, default=None)
