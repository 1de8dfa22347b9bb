"""The store's conditions: the standing's revision, nonces, slots, the outbox, what staff were told."""

from __future__ import annotations

from tests.simulation.mutations.mutation import Mutation

WRITES = "chalicelib/adapters/dynamodb_writes.py"
STORE = "chalicelib/adapters/dynamodb_store.py"
TWIN = "tests/twin/store.py"
TESTS = ("tests/contract/test_store.py", "tests/contract/test_dynamodb.py")


def real(name: str, old: str, new: str, below: str = "", file: str = WRITES) -> Mutation:
    """One in the shipped store."""
    return Mutation(f"store: {name}", file, old, new, TESTS, below, "ministack")


def twin(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in its twin."""
    return Mutation(f"twin: {name}", TWIN, old, new, TESTS, below, "not ministack")


NO = 'return ""'

MUTATIONS = (
    real("a standing replaces any other", 'SAME_REVISION = "#rev = :rev"', 'SAME_REVISION = "attribute_exists(#pk)"'),
    real("a first standing replaces another", "if standing.rev else NEW_STATE_ITEM", 'if standing.rev else ""'),
    real(
        "a standing keeps its revision",
        "standing_item(standing, standing.rev + 1)",
        "standing_item(standing, standing.rev)",
    ),
    real("a nonce is spent again", "NEW_APPT_ITEM", '""', "case SpendNonce():"),
    real("a reply replaces another", "NEW_APPT_ITEM", '""', "case PutReply():"),
    real("an audit entry replaces another", "NEW_APPT_ITEM", '""', "case PutAudit(entry):"),
    real("work replaces other work", "NEW_STATE_ITEM", '""', "case PutWork(work):"),
    real("work that is gone is marked", ", STILL_THERE)", ")", "case MarkWork():"),
    real("staff are told again", "NEW_STATE_ITEM", '""', "case TellOnce():"),
    real("a slot is held by two", "FREE_OR_MINE", '""', "case HoldSlot():"),
    real(
        "one's own slot can't be held anew",
        '"attribute_not_exists(#pk) OR #appt_id = :appt_id"',
        '"attribute_not_exists(#pk)"',
    ),
    real(
        "another's slot is given back",
        ", FREE_OR_MINE, appt_id=write.appt_id)\n            return Request",
        ")\n            return Request",
        "case ReleaseSlot():",
    ),
    real("any refusal counts as one's own repeat", 'if failed.stored.get("writer") == writer:', "if True:", file=STORE),
    real("one's own repeat is refused", 'if failed.stored.get("writer") == writer:', "if False:", file=STORE),
    real("whose slot it is isn't asked", 'held.get((key["pk"], key["sk"])) == write.appt_id', "True", file=STORE),
    real("a hold anew is given back", "(write.resource, write.cell) not in anew and", "True and", file=STORE),
    real(
        "the cap of texts is open",
        '"attribute_not_exists(#count) OR #count < :cap"',
        '"attribute_not_exists(#count) OR #count >= :zero"',
        file=STORE,
    ),
    real("the cap lets one more go", "OR #count < :cap", "OR #count <= :cap", file=STORE),
    real(
        "what the account refuses stays counted",
        '"#count = #count - :one", one=1',
        '"#count = #count - :one", one=0',
        file=STORE,
    ),
    twin("a standing replaces any other", "if (stored.rev if stored else 0) != standing.rev:", "if False:"),
    twin("a nonce is spent again", "if (write.appt_id, write.nonce) in world.spent:", "if False:"),
    twin("a reply replaces another", "if write.replied_at in world.replies.get(write.appt_id, {}):", "if False:"),
    twin("an audit entry replaces another", "if entry.ts in world.audit.get(entry.appt_id, {}):", "if False:"),
    twin("work replaces other work", "if work.work_id in world.outbox:", "if False:"),
    twin("work that is gone is marked", "if write.work_id not in world.outbox:", "if False:"),
    twin(
        "a slot is held by two",
        "if world.holds.get((write.resource, write.cell), write.appt_id) != write.appt_id:",
        "if False:",
    ),
    twin(
        "another's slot is given back",
        "if world.holds.get((write.resource, write.cell)) == write.appt_id:",
        "if (write.resource, write.cell) in world.holds:",
    ),
    twin("staff are told again", "if write.key in world.told:", "if False:"),
)
