"""Standings, replies, audit, outbox and the rest of `ar-state` on DynamoDB (DESIGN §6).

A commit of several writes is one transaction with a token, of one write a plain conditional write at half the price.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib import names
from chalicelib.adapters import dynamodb_expressions as expressions
from chalicelib.adapters.dynamodb_calls import ConditionFailed, DynamoCalls
from chalicelib.adapters.dynamodb_items import (
    SPENT_PREFIX,
    Item,
    audit_of,
    contact_hash,
    hold_key,
    instant,
    opt_out_key,
    reply_of,
    standing_key,
    standing_of,
    work_of,
)
from chalicelib.adapters.dynamodb_proposals import proposal_key, proposal_of, scan_of
from chalicelib.adapters.dynamodb_writes import Request, item_key, request_of
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.events import iso
from chalicelib.domain.proposal import Proposal
from chalicelib.domain.standing import Standing
from chalicelib.domain.work import Work
from chalicelib.errors import Refused, StoreConflict
from chalicelib.ports import HoldSlot, PendingScan, PutReply, ReleaseSlot, RemoveWork, Untell, Write

MOST_WRITES = 100
LONGEST_ID_BYTES = 1024  # of an id in a key; a longer one, from a broken sheet, has no standing
COUNTERS_KEPT = timedelta(days=3)

BELOW_CAP = "attribute_not_exists(#count) OR #count < :cap"


class DynamoStore:
    """`ports.Store` on DynamoDB."""

    def __init__(self, client: Any) -> None:
        self._calls = client if isinstance(client, DynamoCalls) else DynamoCalls(client)

    def standings(self, appt_ids: Iterable[str]) -> dict[str, Standing]:
        keys = [standing_key(appt_id) for appt_id in appt_ids if len(appt_id.encode()) <= LONGEST_ID_BYTES]
        found = (standing_of(item) for item in self._calls.get_all(names.STATE, keys))
        return {standing.appt_id: standing for standing in found}

    # ------------------------------------------------ commit

    def commit(self, *writes: Write) -> None:
        if len(writes) > MOST_WRITES:
            raise ValueError(f"{len(writes)} writes: a commit takes {MOST_WRITES}")
        writer = secrets.token_hex(8)
        kept = _without_repeats(self._without_foreign_releases(writes))
        requests = [(position, request_of(write, writer)) for position, write in kept]
        if len({item_key(request) for _, request in requests}) < len(requests):
            raise ValueError("two writes of one commit are on the same item")
        try:
            if len(requests) == 1:
                self._calls.write(requests[0][1].action, requests[0][1].body)
            elif requests:
                self._calls.transact([(request.action, request.body) for _, request in requests], writer)
        except ConditionFailed as failed:
            position, request = requests[failed.write]
            self._judge(position, request, failed, writer, of=writes)

    def _judge(
        self, position: int, request: Request, failed: ConditionFailed, writer: str, of: Sequence[Write]
    ) -> None:
        """A refusal: our own repeat (then all is well), a release that lost its hold (try again), or a real one."""
        if failed.stored.get("writer") == writer:
            return
        if isinstance(of[position], ReleaseSlot):
            raise StoreConflict("a slot changed hands while it was being released") from failed
        raise Refused(position, request.refusal) from failed

    def _without_foreign_releases(self, writes: Sequence[Write]) -> list[tuple[int, Write]]:
        """Leave out releases of what isn't held by that appointment, or is held anew in the same commit.

        DynamoDB has no delete that looks away: a condition that fails would refuse the whole commit.
        """
        releases = [write for write in writes if isinstance(write, ReleaseSlot)]
        if not releases:
            return list(enumerate(writes))
        anew = {(write.resource, write.cell) for write in writes if isinstance(write, HoldSlot)}
        keys = [hold_key(write.resource, write.cell) for write in releases]
        held = {(item["pk"], item["sk"]): item["appt_id"] for item in self._calls.get_all(names.STATE, keys)}

        def is_mine(write: ReleaseSlot) -> bool:
            key = hold_key(write.resource, write.cell)
            return (write.resource, write.cell) not in anew and held.get((key["pk"], key["sk"])) == write.appt_id

        return [(n, write) for n, write in enumerate(writes) if not isinstance(write, ReleaseSlot) or is_mine(write)]

    # ------------------------------------------------ what ar-state holds

    def work(self) -> list[Work]:
        return [work_of(item) for item in self._state("outbox")]

    def told(self, prefix: str) -> dict[str, str]:
        # A key too long for DynamoDB is shortened behind 900 bytes, so a prefix up to there finds it.
        items = self._state("told", prefix)
        return {item["told"]: item.get("detail", "") for item in items}

    def holds(self, resource: str, since: datetime, until: datetime) -> dict[datetime, str]:
        values = {":pk": hold_key(resource, since)["pk"], ":since": iso(since), ":until": iso(until)}
        found = self._calls.query(names.STATE, "pk = :pk AND sk BETWEEN :since AND :until", values)
        cells = ((instant(item["sk"]), item["appt_id"]) for item in found)
        return {cell: appt_id for cell, appt_id in cells if cell is not None and cell < until}

    def opted_out(self, contacts: Iterable[str]) -> set[str]:
        by_key: dict[str, set[str]] = {}
        for contact in contacts:
            by_key.setdefault(opt_out_key(contact)["pk"], set()).add(contact)
        found = self._calls.get_all(names.STATE, [{"pk": pk, "sk": "-"} for pk in by_key])
        return {contact for item in found for contact in by_key[item["pk"]]}

    def count_text(self, recipient: str, day: str, per_recipient: int, per_day: int) -> str:
        # The number first: should the account refuse and giving back be cut short, one number has lost one text of
        # one day, not the shop. A count whose answer was lost may count twice: the cap comes early, never late.
        mine = {"pk": f"texts#{day}", "sk": f"recipient#{contact_hash(recipient)}"}
        if not self._count(mine, day, per_recipient):
            return "recipient"
        if not self._count({"pk": f"texts#{day}", "sk": "account"}, day, per_day):
            back = expressions.update(names.STATE, mine, {}, "", "#count = #count - :one", one=1)
            self._calls.write("Update", back)
            return "account"
        return ""

    def _count(self, key: Item, day: str, cap: int) -> bool:
        if cap <= 0:
            return False
        expires = int((datetime.fromisoformat(day).replace(tzinfo=UTC) + COUNTERS_KEPT).timestamp())
        one_more = "#count = if_not_exists(#count, :zero) + :one"
        request = expressions.update(
            names.STATE, key, {"expires": expires}, BELOW_CAP, one_more, cap=cap, zero=0, one=1
        )
        try:
            self._calls.write("Update", request)
        except ConditionFailed:
            return False
        return True

    def beat(self, function: str, at: datetime) -> None:
        self._calls.write("Put", expressions.put(names.STATE, {"pk": "beat", "sk": function, "at": iso(at)}))

    def last_beat(self, function: str) -> datetime | None:
        item = self._calls.get(names.STATE, {"pk": "beat", "sk": function})
        return instant(item["at"]) if item else None

    def proposal(self, proposal_id: str) -> Proposal | None:
        item = self._calls.get(names.STATE, proposal_key(proposal_id))
        return proposal_of(item) if item else None

    def proposals(self, since: datetime) -> list[Proposal]:
        made = [proposal_of(item) for item in self._state("proposal") if item["made_at"] >= iso(since)]
        return sorted(made, key=lambda p: (p.made_at, p.proposal_id))

    def scans(self) -> list[PendingScan]:
        return sorted((scan_of(item) for item in self._state("scan")), key=lambda scan: (scan.started_at, scan.job))

    # ------------------------------------------------ the histories

    def replies(self, appt_id: str) -> list[PutReply]:
        values = {":appt_id": appt_id, ":spent": SPENT_PREFIX}  # instants sort before it
        condition = "appt_id = :appt_id AND replied_at < :spent"
        return [reply_of(item) for item in self._calls.query(names.REPLIES, condition, values)]

    def audit(self, appt_id: str) -> list[AuditEntry]:
        found = self._calls.query(names.AUDIT, "appt_id = :appt_id", {":appt_id": appt_id})
        return [audit_of(item) for item in found]

    def _state(self, pk: str, prefix: str = "") -> list[Item]:
        condition, values = "pk = :pk", {":pk": pk}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :prefix)", values | {":prefix": prefix}
        return list(self._calls.query(names.STATE, condition, values))


def _without_repeats(writes: Sequence[tuple[int, Write]]) -> list[tuple[int, Write]]:
    """What is removed twice in one commit is removed once: to find it gone is no error."""
    kept: list[tuple[int, Write]] = []
    for place, write in writes:
        if isinstance(write, RemoveWork | ReleaseSlot | Untell) and any(write == other for _, other in kept):
            continue
        kept.append((place, write))
    return kept
