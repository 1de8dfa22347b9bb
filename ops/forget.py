"""Delete all that is held on one customer: CUSTOMER is a phone number, an e-mail address or an appointment's id.

Without `--yes` it is only shown. A visit that stands in the sheet is not forgotten: take its row out first, and run
this after the next sync. The opt-out is kept, since it protects them; `--opt-out-too` deletes it as well. The audit
keeps one entry that somebody was forgotten, and names nobody. It can be repeated if it stopped half-way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import click

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.departed import LEFT_AT
from chalicelib.domain.events import iso
from chalicelib.domain.mirror import read_mirror, write_mirror
from chalicelib.ports import Document, PutAudit
from chalicelib.runtime import Runtime
from ops.export import ELSEWHERE
from ops.held_kinds import Kind
from ops.holdings import Held, held_on, read_everything
from ops.person import Person, masked
from ops.stage import open_runtime
from ops.tables import delete_item, delete_versions

FORGOTTEN = "forgotten"
"""The audit's `appt_id` of everybody who was."""


@click.command(short_help="delete all that is held on one customer", help=__doc__)
@click.argument("customer")
@click.option("--name", default="", help="whom of several people who share the number or address")
@click.option("--everybody", is_flag=True, help="all the people who share the number or address")
@click.option("--opt-out-too", is_flag=True, help="delete the opt-out as well: reminders may go to them again")
@click.option("--yes", is_flag=True, help="do it; without this it is only shown")
def forget(customer: str, name: str, everybody: bool, opt_out_too: bool, yes: bool) -> int:
    """Show or do it. Returns 0; 1 if something is left; 2 if it can't be done."""
    import boto3

    rt, dynamodb, s3 = open_runtime(), boto3.client("dynamodb"), boto3.client("s3")

    def look() -> tuple[Person, list[Held]]:
        return held_on(customer, read_everything(dynamodb, s3, rt.config.country), name)

    try:
        person, held = look()
    except LookupError as nothing:
        click.echo(f"{nothing}. Nothing is left to delete.")
        return 0
    deletable = [one for one in held if is_deletable(one, opt_out_too)]
    for line in preview(person, held, deletable):
        click.echo(line)
    standing = [one for one in held if one.ahead]
    if standing:
        raise LookupError(
            f"still in the sheet or a calendar: {'; '.join(one.what for one in standing)}. Take it out there first, "
            "wait for the next sync (five minutes; a calendar an hour, and a day for what is over), and run this again"
        )
    if len(person.names) > 1 and not everybody:
        raise LookupError(
            f"{len(person.names)} people share this: say --name with one of {', '.join(person.names)}, or --everybody"
        )
    if not yes:
        click.echo("Nothing was done. Say --yes to do it.")
        return 0
    delete(rt, dynamodb, s3, deletable)
    if deletable:
        note(rt, deletable)
    left = _left(look, opt_out_too)
    click.echo(
        f"Deleted: {len(deletable)}." + (f" Written meanwhile and left: {left}; run this again." if left else "")
    )
    return 1 if left else 0


def is_deletable(held: Held, opt_out_too: bool) -> bool:
    """Whether `forget` deletes it: not what only people can take out, nor the opt-out unless that is said."""
    return not held.ahead and (opt_out_too or held.kind is not Kind.OPT_OUT)


def preview(person: Person, held: Sequence[Held], deletable: Sequence[Held]) -> list[str]:
    """What would go, what stays and what a person must see to. Contacts are masked."""
    contacts = ", ".join(masked(contact) for contact in sorted(person.contacts))
    lines = [f"{', '.join(person.names) or 'No name'}; {contacts}; visits: {', '.join(sorted(person.appt_ids))}"]
    lines += [f"To be deleted: {count} x {kind.value}" for kind, count in _counted(deletable)]
    stays = [one for one in held if one not in deletable]
    lines += [f"Stays: {count} x {kind.value}" for kind, count in _counted(stays)]
    if person.shared:
        shared = ", ".join(masked(contact) for contact in sorted(person.shared))
        lines.append(f"Stays: what is kept by a contact that others have too ({shared})")
    if any(one.version is not None and one.version.archived for one in deletable):
        lines.append("Earlier versions and mails in Glacier can't be read: those that may be theirs go as a whole.")
    return [*lines, "Left to you:", *(f"- {place}" for place in ELSEWHERE)]


def delete(rt: Runtime, dynamodb: Any, s3: Any, held: Sequence[Held]) -> None:
    """Delete these, in order. What is gone already is no error. Raises StoreConflict if a sync ran at that moment."""
    departed = [one for one in held if one.kind is Kind.DEPARTED]
    if departed:
        drop_departed(rt, {(one.facts["appt_id"], one.facts["start"]) for one in departed})
    for one in held:
        if one.item is not None:
            delete_item(dynamodb, one.where, one.item)
        elif one.version is not None:
            delete_versions(s3, [one.version])


def drop_departed(rt: Runtime, gone: Collection[tuple[str, datetime | None]]) -> None:
    """Write the file of rows that left the sheet without these (id, start); what it was is its earlier version."""
    stored = rt.documents.read(Document.DEPARTED)
    rows = read_mirror(stored.text) if stored else []
    kept = [row for row in rows if (row.appt_id, row.start) not in gone]
    if len(kept) < len(rows):
        rt.documents.write(Document.DEPARTED, write_mirror([LEFT_AT], kept), stored)


def note(rt: Runtime, deleted: Sequence[Held]) -> None:
    """The audit's entry: how many of what were deleted, and of nobody. Raises StoreError."""
    counts = ", ".join(f"{count} x {kind.value}" for kind, count in _counted(deleted))
    entry = AuditEntry(
        appt_id=FORGOTTEN,
        ts=f"{iso(rt.clock())}#{rt.tokens.tail()}",
        action="person_forgotten",
        channel="system",
        after=counts,
        by="operator",
    )
    rt.store.commit(PutAudit(entry))


def _left(look: Any, opt_out_too: bool) -> int:
    try:
        _, held = look()
    except LookupError:
        return 0
    return sum(is_deletable(one, opt_out_too) or one.ahead for one in held)


def _counted(held: Sequence[Held]) -> list[tuple[Kind, int]]:
    counts = Counter(one.kind for one in held)
    return [(kind, counts[kind]) for kind in Kind if counts[kind]]
