"""Show all that is held on one customer: CUSTOMER is a phone number, an e-mail address or an appointment's id.

It prints contacts and names: it is meant for the person whom it is about. Where several people have one number,
`--name` says which of them is meant. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import click

from ops.holdings import Held, held_on, read_everything
from ops.person import Person
from ops.printed import as_json_option, print_json
from ops.stage import open_runtime

ELSEWHERE = (
    "Slack: the lines that staff were told, which name customers and sometimes their numbers.",
    "The Google Sheet: its own version history; Google Calendar: its events.",
    "The mailbox that bookings are forwarded from, the owner's weekly mails, and what the customer was sent.",
    "CloudWatch: our log lines hold no contact; SNS's delivery log has the numbers that were texted. Seven days.",
    "The dead-letter queue: a letter may name a visit or a mail. Fourteen days; scripts/ops redrive.",
    "DynamoDB's point-in-time recovery: what was in the tables in the last 35 days.",
    "Mails in Glacier (older than 30 days) that no proposal came from: they can't be looked through. A year.",
    "One-off schedules of visits that were taken out of the sheet: name and service, until their minute.",
)
"""Where else a person may be named, which no command of ours reads or empties."""


@click.command(short_help="all that is held on one customer", help=__doc__)
@click.argument("customer")
@click.option("--name", default="", help="whom of several people who share the number or address")
@as_json_option
def export(customer: str, name: str, as_json: bool) -> int:
    """Show it. Returns 0."""
    import boto3

    rt = open_runtime()
    everything = read_everything(boto3.client("dynamodb"), boto3.client("s3"), rt.config.country)
    person, held = held_on(customer, everything, name)
    if as_json:
        print_json(as_object(person, held))
        return 0
    for line in as_text(person, held):
        click.echo(line)
    return 0


def as_object(person: Person, held: Sequence[Held]) -> dict[str, Any]:
    """For `--json`: what is held by kind, each with all its attributes."""
    return {
        "names": list(person.names),
        "contacts": sorted(person.contacts),
        "shared_with_others": sorted(person.shared),
        "appointments": sorted(person.appt_ids),
        "held": {
            kind.value: [{"where": one.where, "what": one.what, **plain(one.facts)} for one in group]
            for kind, group in groupby(held, key=lambda one: one.kind)
        },
        "elsewhere": list(ELSEWHERE),
    }


def as_text(person: Person, held: Sequence[Held]) -> list[str]:
    """For people: every attribute, one a line."""
    lines = [f"Names: {', '.join(person.names) or 'none'}", f"Contacts: {', '.join(sorted(person.contacts))}"]
    lines += [f"Shared with others: {', '.join(sorted(person.shared))}"] if person.shared else []
    lines += [f"Appointments: {', '.join(sorted(person.appt_ids))}"]
    for kind, group in groupby(held, key=lambda one: one.kind):
        found = list(group)
        lines += ["", f"{kind.value[:1].upper()}{kind.value[1:]} ({len(found)}), in {found[0].where}"]
        for one in found:
            lines.append(f"- {one.what}")
            lines += [f"    {name}: {value}" for name, value in plain(one.facts).items() if value not in ("", None)]
    return [*lines, "", "Not read by this command:", *(f"- {place}" for place in ELSEWHERE)]


def plain(value: Any) -> Any:
    """JSON-able: instants as ISO, numbers as numbers."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(inner) for inner in value]
    return value
