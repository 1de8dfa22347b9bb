"""All that is held on one person, place by place: what `export` shows and `forget` deletes.

What nobody thought of here, a new file or a new kind of note, is found by its mention of a contact.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib import names
from chalicelib.adapters.dynamodb_items import Item, contact_hash
from chalicelib.domain.mirror import MirrorRow, read_mirror
from chalicelib.domain.question import ask_prefix
from chalicelib.errors import NotTheSheet
from ops.held_kinds import Kind, audit_words, reply_words, send_words, state_words
from ops.person import Person, Trace, contact_of, find_person, fold
from ops.tables import TABLES, Version, every_item, every_version, strings


@dataclass(frozen=True)
class Held:
    """One thing. `item` (of the table `where`) or `version` (of the bucket `where`) is what would be deleted."""

    kind: Kind
    where: str
    what: str  # a line for people
    facts: Mapping[str, Any]
    item: Item | None = None
    version: Version | None = None
    ahead: bool = False  # it stands where only people can take it out

    @property
    def only_perhaps(self) -> bool:
        """Whether it counts as theirs only because it can't be read any more."""
        return self.kind is Kind.VERSION and self.version is not None and self.version.archived


@dataclass(frozen=True)
class Everything:
    """All tables and both buckets, as they are now."""

    tables: Mapping[str, list[Item]]
    mirrors: list[Version]  # of every file in the bucket of the mirrored sheet
    mails: list[Version]
    country: str

    def traces(self) -> Iterator[Trace]:
        """Every tie between a visit and a contact."""
        for row in self.rows():
            values = row.values
            yield Trace(row.appt_id, values.get("customer", "").strip(), self._contacts(values))
        for table in (names.SENDS, names.SENDS_ARCHIVE):
            for item in self.tables[table]:
                if contact := contact_of(str(item.get("recipient", "")), self.country):
                    yield Trace(item["appt_id"], "", frozenset({contact}))
        for item in self._state("proposal"):
            values = json.loads(item["draft"])["values"]
            yield Trace(item.get("appt_id", ""), values.get("customer", "").strip(), self._contacts(values))

    def rows(self) -> Iterator[MirrorRow]:
        """Every row of every version of the mirrored sheet that can be read."""
        for version in self.mirrors:
            if version.key in _SHEETS and version.text is not None:
                yield from _rows(version.text)

    def _contacts(self, values: Mapping[str, str]) -> frozenset[str]:
        found = (contact_of(values.get(name, ""), self.country) for name in ("phone", "email"))
        return frozenset(contact for contact in found if contact)

    def _state(self, pk: str) -> list[Item]:
        return [item for item in self.tables[names.STATE] if item["pk"] == pk]


def read_everything(dynamodb: Any, s3: Any, country: str) -> Everything:
    """Read it all. Mails and files that lie in Glacier are known by name only."""
    return Everything(
        tables={table: list(every_item(dynamodb, table)) for table in TABLES},
        mirrors=list(every_version(s3, names.APPOINTMENTS_BUCKET)),
        mails=list(every_version(s3, names.RAW_MIME_BUCKET)),
        country=country,
    )


def held_on(who: str, everything: Everything, name: str = "") -> tuple[Person, list[Held]]:
    """The person and all that is held on them, by kind. Raises LookupError if nothing is."""
    person = find_person(who, list(everything.traces()), everything.country, name)
    order = list(Kind)
    held = sorted(_Search(person, everything).all(), key=lambda one: order.index(one.kind))
    if all(one.only_perhaps for one in held):
        raise LookupError(f"nothing is kept under {who if who in person.appt_ids else 'this contact'}")
    return person, held


_SHEETS = (names.APPOINTMENTS_KEY, names.DEPARTED_KEY)


def _rows(text: str) -> list[MirrorRow]:
    try:
        return read_mirror(text)
    except NotTheSheet:
        return []


class _Search:
    """What belongs to a person, and why."""

    def __init__(self, person: Person, everything: Everything) -> None:
        self._person = person
        self._all = everything
        state = everything.tables[names.STATE]
        self._proposals = [item for item in state if item["pk"] == "proposal" and self._is_theirs(item)]
        self._names = {fold(one) for one in person.names}
        sources = [json.loads(item["source"]) for item in self._proposals]
        proposed = {source["key"] for source in sources if source["lane"] == "mail"}
        self._mails = proposed | {
            mail.key for mail in everything.mails if mail.text is not None and person.mentioned_in([mail.text])
        }

    def all(self) -> Iterator[Held]:
        """Everything, in no order."""
        yield from self._files()
        yield from self._mail()
        yield from self._histories()
        for item in self._all.tables[names.STATE]:
            kind = self._kind_in_state(item)
            if kind is not None:
                yield Held(kind, names.STATE, state_words(kind, item), item, item=item)

    # ---------------------------------------------------------------- buckets

    def _files(self) -> Iterator[Held]:
        bucket = names.APPOINTMENTS_BUCKET
        for version in self._all.mirrors:
            if version.newest and version.text is not None:
                yield from self._standing_in(version)
            elif not version.newest and (version.archived or self._is_in(version)):
                archived = ", archived: it can't be read, so it counts as theirs" if version.archived else ""
                facts = {"key": version.key, "version": version.version_id, "written": version.written}
                yield Held(Kind.VERSION, bucket, version.name + archived, facts, version=version)

    def _standing_in(self, version: Version) -> Iterator[Held]:
        """What stands in a file that the system reads now: only people can take it out, where they once put it."""
        bucket, text = names.APPOINTMENTS_BUCKET, version.text or ""
        if version.key in _SHEETS:
            stands = version.key == names.APPOINTMENTS_KEY
            for row in filter(self._is_their_row, _rows(text)):
                start = f"{row.start:%Y-%m-%d %H:%MZ}" if row.start else "no start that can be read"
                what = f"{row.appt_id or 'without an id'}{f', row {row.line}' if stands else ''}: {start}"
                facts = {**row.values, "start": row.start, "first_seen": row.first_seen, "line": row.line}
                kind = Kind.ROW if stands else Kind.DEPARTED
                yield Held(kind, bucket, what, facts, version=None if stands else version, ahead=stands)
        elif version.key == names.CALENDARS_KEY:
            for calendar, state in json.loads(text).items():
                for event_id, event in state["events"].items():
                    if self._is_their_event(event["values"]):
                        facts = {"calendar": calendar, "event": event_id, **event}
                        yield Held(Kind.EVENT, bucket, f"an event of {event['start']}", facts, ahead=True)
        elif self._person.mentioned_in([text]):
            yield Held(Kind.FILE, bucket, version.key, {"key": version.key}, ahead=True)

    def _is_in(self, version: Version) -> bool:
        text = version.text or ""
        if version.key in _SHEETS:
            return any(map(self._is_their_row, _rows(text)))
        if version.key == names.CALENDARS_KEY:
            events = (event for state in json.loads(text).values() for event in state["events"].values())
            return any(self._is_their_event(event["values"]) for event in events)
        return self._person.mentioned_in([text])

    def _is_their_row(self, row: MirrorRow) -> bool:
        return row.appt_id in self._person.appt_ids or self._person.mentioned_in(row.values.values())

    def _is_their_event(self, values: Mapping[str, str]) -> bool:
        same_name = fold(values.get("customer", "")) in self._names
        return same_name or self._person.mentioned_in(values.values())

    def _mail(self) -> Iterator[Held]:
        folders = {f"{names.ATTACHMENTS}{hashlib.sha256(key.encode()).hexdigest()[:32]}/": key for key in self._mails}
        for mail in self._all.mails:
            facts = {"key": mail.key, "version": mail.version_id, "written": mail.written, "archived": mail.archived}
            folder = mail.key[: mail.key.rfind("/") + 1]
            if mail.key in self._mails:
                yield Held(Kind.MAIL, names.RAW_MIME_BUCKET, mail.key, facts, version=mail)
            elif folder in folders:
                yield Held(Kind.ATTACHMENT, names.RAW_MIME_BUCKET, mail.key, facts, version=mail)

    # ---------------------------------------------------------------- tables

    def _histories(self) -> Iterator[Held]:
        mails = {f"mail#{key}" for key in self._mails}
        proposals = {item["sk"] for item in self._proposals}
        kinds: dict[str, tuple[Kind, Callable[[Item], str]]] = {
            names.SENDS: (Kind.SEND, send_words),
            names.SENDS_ARCHIVE: (Kind.ARCHIVED, send_words),
            names.REPLIES: (Kind.REPLY, reply_words),
            names.AUDIT: (Kind.AUDIT, audit_words),
        }
        for table, (kind, words) in kinds.items():
            for item in self._all.tables[table]:
                if self._is_theirs(item) or item["appt_id"] in mails | proposals:
                    yield Held(kind, table, words(item), item, item=item)

    def _is_theirs(self, item: Item) -> bool:
        return item.get("appt_id", "") in self._person.appt_ids or self._person.mentioned_in(strings(item))

    def _kind_in_state(self, item: Item) -> Kind | None:
        place, _, rest = str(item["pk"]).partition("#")
        theirs = self._is_theirs(item)
        match place:
            case "standing":
                return Kind.STANDING if theirs or rest in self._person.appt_ids else None
            case "outbox":
                about = theirs or any(p["sk"] in str(item["payload"]) for p in self._proposals)
                return Kind.OUTBOX if about else None
            case "told":
                return Kind.TOLD if theirs or self._was_told_of_them(str(item["told"])) else None
            case "hold":
                return Kind.HOLD if theirs else None
            case "texts":
                hashes = {f"recipient#{contact_hash(contact)}" for contact in self._person.own}
                return Kind.COUNTER if item["sk"] in hashes else None
            case "optout":
                return Kind.OPT_OUT if rest in {contact_hash(contact) for contact in self._person.own} else None
            case "proposal":
                return Kind.PROPOSAL if item in self._proposals else None
            case "scan":
                return Kind.SCAN if item["mail_key"] in self._mails else None
            case _:
                return Kind.OTHER if theirs else None

    def _was_told_of_them(self, key: str) -> bool:
        ids = self._person.appt_ids
        begins = [text for one in ids for text in (f"row#{one}#", ask_prefix(one), f"later#{one}#")]
        ends = [hashlib.sha256(contact.encode()).hexdigest()[:16] for contact in self._person.own]
        inside = [*self._mails, *(item["sk"] for item in self._proposals)]
        return key.startswith(tuple(begins)) or key.endswith(tuple(f"#{end}" for end in [*ends, *inside]))
