"""What only the wire can do: answers that are lost, requests that the SDK repeats, conflicts, limits, and the bill."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib import names
from chalicelib.adapters.dynamodb_calls import DynamoCalls
from chalicelib.adapters.dynamodb_ledger import DynamoLedger
from chalicelib.adapters.dynamodb_store import DynamoStore
from chalicelib.domain.appointment import Channel
from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.send import DELIVERY_DUE, Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.domain.work import Work, WorkKind
from chalicelib.errors import Refused, StoreConflict, StoreNoAnswer, UpstreamError
from chalicelib.ports import (
    ArmGuard,
    Arming,
    Claim,
    HoldSlot,
    PutAudit,
    PutReply,
    PutWork,
    ReleaseSlot,
    ReplaceStanding,
    SpendNonce,
    TellOnce,
    Write,
)
from tests.conftest import Tables

pytestmark = pytest.mark.ministack

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
CHAIN = "20261126T0100Z"
GUARD = ArmGuard("A-17", CHAIN)
MEI = "+6591234567"
SEND = Send(SendKey("A-17", CHAIN, "h48"), SendState.CLAIMED, Channel.TEXT, Move.FIRST_REMINDER, NOW)
WRITES = frozenset({"put_item", "update_item", "delete_item", "transact_write_items", "batch_write_item"})

Around = Callable[[str, Callable[[], Any]], Any]


class Wire:
    """A DynamoDB client with something done around each call, and a list of what was called."""

    def __init__(self, client: Any, around: Around | None = None, **always: str) -> None:
        self._client, self._always = client, always
        self.around: Around = around or (lambda _name, call: call())
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(**request: Any) -> Any:
            self.calls.append(name)
            return self.around(name, lambda: method(**request, **self._always))

        return call


def over(wire: Wire) -> Tables:
    """Store and ledger over that wire, without real pauses."""
    calls = DynamoCalls(wire, pause=lambda _seconds: None)
    return Tables(DynamoStore(calls), DynamoLedger(calls), wire)


def repeated(name: str, call: Callable[[], Any]) -> Any:
    """The SDK after a lost answer: the request again, though the first one did it."""
    answer = call()
    return call() if name in WRITES else answer


def lost(name: str, call: Callable[[], Any]) -> Any:
    """The answer is lost, and every repeat of the SDK too."""
    answer = call()
    if name in WRITES:
        raise ReadTimeoutError(endpoint_url="http://x")
    return answer


def error(code: str, status: int = 400, reasons: list[str] | None = None) -> ClientError:
    answer: dict[str, Any] = {
        "Error": {"Code": code, "Message": f"about {MEI}"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    if reasons is not None:
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(answer, "x")


CONFLICT = error("TransactionCanceledException", reasons=["None", "TransactionConflict"])


def failing(problem: Exception, times: int = 1_000, only: str = "") -> Around:
    """That error instead of the call, so many times."""
    left = [times]

    def around(name: str, call: Callable[[], Any]) -> Any:
        if left[0] and (name == only or (not only and name in WRITES)):
            left[0] -= 1
            raise problem
        return call()

    return around


# ---------------------------------------------------------------- requests that the SDK repeats

LONE_WRITES: list[Write] = [
    ReplaceStanding(Standing("A-17", CHAIN)),
    PutReply("A-17", "2026-11-25T01:00:00Z#ab", "confirm", "page", CHAIN, "customer"),
    SpendNonce("A-17", "5bcd", NOW),
    PutAudit(AuditEntry("A-17", "2026-11-25T01:00:00Z#ab", "confirm", "page")),
    PutWork(Work("1", WorkKind.TICK, "A-17", NOW)),
    HoldSlot("arun", NOW, "A-17", CHAIN),
    TellOnce("row#A-17"),
]


@pytest.mark.parametrize("write", LONE_WRITES, ids=lambda write: type(write).__name__)
def test_a_lone_write_that_the_sdk_repeats_is_not_refused_by_itself(dynamodb: Tables, write: Write) -> None:
    over(Wire(dynamodb.client, repeated)).store.commit(write)
    if not isinstance(write, HoldSlot):
        with pytest.raises(Refused):
            dynamodb.store.commit(write)


def test_a_standing_that_was_armed_between_a_write_and_its_repeat_counts_as_written(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)

    def armed_between(name: str, call: Callable[[], Any]) -> Any:
        call()
        assert dynamodb.ledger.arm(SEND, "dana", NOW, GUARD) is Arming.ARMED
        return call()

    over(Wire(dynamodb.client, armed_between)).store.commit(ReplaceStanding(Standing("A-17", CHAIN)))
    assert dynamodb.store.standings(["A-17"])["A-17"].sent == {"h48": NOW}


def test_a_transaction_that_the_sdk_repeats_is_done_once(dynamodb: Tables) -> None:
    over(Wire(dynamodb.client, repeated)).store.commit(*LONE_WRITES)
    assert dynamodb.store.standings(["A-17"])["A-17"].rev == 1


def test_fifty_lone_presses_on_a_bad_line_still_spend_one_nonce_once(dynamodb: Tables) -> None:
    store = over(Wire(dynamodb.client, repeated)).store

    def press(_number: int) -> bool:
        try:
            store.commit(SpendNonce("A-17", "5bcd", NOW))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(press, range(50))).count(True) == 1


def test_every_step_of_a_send_survives_the_sdks_repeats(dynamodb: Tables) -> None:
    ledger = over(Wire(dynamodb.client, repeated)).ledger
    assert ledger.claim(SEND, "dana", NOW) is Claim.MINE
    assert ledger.defer(SEND, "dana", NOW, "night")
    assert ledger.claim(SEND, "dana", NOW) is Claim.MINE
    assert ledger.arm(SEND, "dana", NOW, GUARD) is Arming.ARMED
    assert ledger.retry(SEND, "dana", NOW, "busy")
    assert ledger.claim(SEND, "dana", NOW) is Claim.MINE
    assert ledger.arm(SEND, "dana", NOW, GUARD) is Arming.ARMED
    awaited = replace(SEND, detail={DELIVERY_DUE: "2026-11-25T01:30:00Z"})
    assert ledger.sent(awaited, "dana", "m-1", MEI, NOW)
    found = ledger.deliver("m-1", True, "", "", NOW)
    assert found is not None
    assert (found.state, found.attempt) == (SendState.DELIVERED, 2)


def test_a_repeated_settle_may_say_no_but_leaves_its_alert_for_the_sweep(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)
    seen = dynamodb.ledger.get(SEND.key)
    assert seen is not None
    over(Wire(dynamodb.client, repeated)).ledger.settle(seen, SendState.EXPIRED, "too late", "please call", NOW)
    assert [send.alert_pending for send in dynamodb.ledger.unsettled(NOW)] == ["please call"]


def test_a_repeated_count_comes_early_to_the_cap_never_late(dynamodb: Tables) -> None:
    store = over(Wire(dynamodb.client, repeated)).store
    counted = [store.count_text(MEI, "2026-11-25", 4, 100) for _ in range(4)]
    assert counted == ["", "", "recipient", "recipient"]


# ---------------------------------------------------------------- no answer at all


@pytest.mark.parametrize("writes", [LONE_WRITES[:1], LONE_WRITES], ids=["one write", "a transaction"])
def test_a_commit_without_an_answer_says_that_it_may_have_happened(dynamodb: Tables, writes: list[Write]) -> None:
    with pytest.raises(StoreNoAnswer):
        over(Wire(dynamodb.client, lost)).store.commit(*writes)
    assert "A-17" in dynamodb.store.standings(["A-17"])


def test_an_arm_without_an_answer_is_read_back(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)
    assert over(Wire(dynamodb.client, lost)).ledger.arm(SEND, "dana", NOW, GUARD) is Arming.ARMED


def test_an_arm_that_never_arrived_is_told_as_no_answer_and_left_claimed(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)
    unreachable = failing(ReadTimeoutError(endpoint_url="http://x"))
    with pytest.raises(StoreNoAnswer):
        over(Wire(dynamodb.client, unreachable)).ledger.arm(SEND, "dana", NOW, GUARD)
    found = dynamodb.ledger.get(SEND.key)
    assert found is not None
    assert found.state is SendState.CLAIMED


# ---------------------------------------------------------------- in the way


def test_an_arm_that_meets_a_transaction_tries_again(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)
    wire = Wire(dynamodb.client, failing(CONFLICT, times=2))
    assert over(wire).ledger.arm(SEND, "dana", NOW, GUARD) is Arming.ARMED
    assert wire.calls.count("transact_write_items") == 3


def test_an_arm_that_always_meets_a_transaction_is_a_conflict_neither_yes_nor_no(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)
    with pytest.raises(StoreConflict):
        over(Wire(dynamodb.client, failing(CONFLICT))).ledger.arm(SEND, "dana", NOW, GUARD)
    assert dynamodb.store.standings(["A-17"]) == {}


def test_an_arm_in_conflict_with_its_own_first_request_was_armed(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)

    def meets_itself(name: str, call: Callable[[], Any]) -> Any:
        answer = call()
        if name == "transact_write_items":
            raise CONFLICT
        return answer

    assert over(Wire(dynamodb.client, meets_itself)).ledger.arm(SEND, "dana", NOW, GUARD) is Arming.ARMED


def test_an_arm_in_conflict_with_a_run_that_took_over_is_lost(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)

    def taken_over(name: str, call: Callable[[], Any]) -> Any:
        if name == "transact_write_items":
            dynamodb.ledger.claim(SEND, "rex", NOW + timedelta(seconds=45))
            raise CONFLICT
        return call()

    assert over(Wire(dynamodb.client, taken_over)).ledger.arm(SEND, "dana", NOW, GUARD) is Arming.LOST


def test_an_arm_in_conflict_with_a_confirmation_sends_nothing(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)
    confirmed = Standing("A-17", CHAIN, answer=Answer.CONFIRMED)

    def answered(name: str, call: Callable[[], Any]) -> Any:
        if name == "transact_write_items" and not dynamodb.store.standings(["A-17"]):
            dynamodb.store.commit(ReplaceStanding(confirmed))
            raise CONFLICT
        return call()

    assert over(Wire(dynamodb.client, answered)).ledger.arm(SEND, "dana", NOW, GUARD) is Arming.STALE


def test_a_refused_condition_wins_over_a_conflict_beside_it(dynamodb: Tables) -> None:
    both = error("TransactionCanceledException", reasons=["TransactionConflict", "ConditionalCheckFailed"])
    with pytest.raises(Refused) as refusal:
        over(Wire(dynamodb.client, failing(both))).store.commit(TellOnce("a"), TellOnce("b"))
    assert refusal.value.write == 1


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (CONFLICT, StoreConflict),
        (error("TransactionConflictException"), StoreConflict),
        (error("ThrottlingException"), StoreConflict),
        (error("InternalServerError", 500), StoreNoAnswer),
        (error("AccessDeniedException"), UpstreamError),
    ],
    ids=["conflict", "conflict of one", "throttled", "server error", "denied"],
)
def test_each_error_of_the_wire_has_its_meaning_and_quotes_nobody(
    dynamodb: Tables, problem: Exception, expected: type[Exception]
) -> None:
    for writes in (LONE_WRITES[:1], LONE_WRITES):
        with pytest.raises(expected) as raised:
            over(Wire(dynamodb.client, failing(problem))).store.commit(*writes)
        assert MEI not in str(raised.value)


def test_a_commit_that_meets_a_transaction_once_goes_through(dynamodb: Tables) -> None:
    over(Wire(dynamodb.client, failing(CONFLICT, times=1))).store.commit(*LONE_WRITES)
    assert dynamodb.store.told("row#") == {"row#A-17": ""}


@pytest.mark.parametrize("problem", [error("InternalServerError", 500), ReadTimeoutError(endpoint_url="http://x")])
def test_a_read_that_fails_is_an_upstream_error(dynamodb: Tables, problem: Exception) -> None:
    with pytest.raises(UpstreamError):
        over(Wire(dynamodb.client, failing(problem, only="batch_get_item"))).store.standings(["A-17"])


def test_a_slot_that_changes_hands_while_it_is_released_is_a_conflict(dynamodb: Tables) -> None:
    dynamodb.store.commit(HoldSlot("arun", NOW, "A-17", CHAIN))

    def changes_hands(name: str, call: Callable[[], Any]) -> Any:
        if name == "transact_write_items":
            dynamodb.store.commit(ReleaseSlot("arun", NOW, "A-17"))
            dynamodb.store.commit(HoldSlot("arun", NOW, "A-18", CHAIN))
        return call()

    store = over(Wire(dynamodb.client, changes_hands)).store
    with pytest.raises(StoreConflict):
        store.commit(ReleaseSlot("arun", NOW, "A-17"), TellOnce("x"))
    assert dynamodb.store.holds("arun", NOW, NOW + timedelta(minutes=15)) == {NOW: "A-18"}


# ---------------------------------------------------------------- limits


def test_keys_that_were_left_unprocessed_are_asked_for_again(dynamodb: Tables) -> None:
    for number in range(10):
        dynamodb.store.commit(ReplaceStanding(Standing(f"A-{number}", CHAIN)))

    class Stingy(Wire):
        """Answers three keys at a time."""

        def batch_get_item(self, RequestItems: Mapping[str, Any]) -> Any:
            ((table, asked),) = RequestItems.items()
            first, rest = asked["Keys"][:3], asked["Keys"][3:]
            answer = self._client.batch_get_item(RequestItems={table: {**asked, "Keys": first}})
            return {**answer, "UnprocessedKeys": {table: {**asked, "Keys": rest}} if rest else {}}

    assert len(over(Stingy(dynamodb.client)).store.standings([f"A-{n}" for n in range(10)])) == 10


def test_a_table_that_answers_nothing_at_all_is_given_up(dynamodb: Tables) -> None:
    class Silent(Wire):
        def batch_get_item(self, RequestItems: Mapping[str, Any]) -> Any:
            return {"Responses": {}, "UnprocessedKeys": RequestItems}

    with pytest.raises(UpstreamError):
        over(Silent(dynamodb.client)).store.standings(["A-17"])


def test_an_index_that_lags_shows_nothing_that_is_settled(dynamodb: Tables) -> None:
    dynamodb.ledger.claim(SEND, "dana", NOW)
    stale = dynamodb.client.query(
        TableName=names.SENDS,
        IndexName=names.SENDS_UNSETTLED_INDEX,
        KeyConditionExpression="unsettled = :one",
        ExpressionAttributeValues={":one": {"S": "1"}},
    )
    dynamodb.ledger.arm(SEND, "dana", NOW, GUARD)
    dynamodb.ledger.sent(SEND, "dana", "m-1", MEI, NOW)

    def lagging(name: str, call: Callable[[], Any]) -> Any:
        return stale if name == "query" else call()

    assert over(Wire(dynamodb.client, lagging)).ledger.unsettled(NOW + timedelta(hours=1)) == []


def test_word_on_a_message_that_a_lagging_index_still_shows_settles_no_other(dynamodb: Tables) -> None:
    awaited = replace(SEND, detail={DELIVERY_DUE: "2026-11-25T01:30:00Z"})
    dynamodb.ledger.claim(SEND, "dana", NOW)
    dynamodb.ledger.arm(SEND, "dana", NOW, GUARD)
    dynamodb.ledger.sent(awaited, "dana", "m-1", MEI, NOW)

    def settled_between(name: str, call: Callable[[], Any]) -> Any:
        answer = call()
        if name == "query":  # an operator put a row right by hand
            dynamodb.client.update_item(
                TableName=names.SENDS,
                Key={"appt_id": {"S": "A-17"}, "window_index": {"S": SEND.key.window_index}},
                UpdateExpression="SET message_id = :other",
                ExpressionAttributeValues={":other": {"S": "m-2"}},
            )
        return answer

    assert over(Wire(dynamodb.client, settled_between)).ledger.deliver("m-1", False, "blocked", "call", NOW) is None
    found = dynamodb.ledger.get(SEND.key)
    assert found is not None
    assert found.state is SendState.SENT


@pytest.mark.parametrize("candidates", [1, 100, 101, 250])
def test_standings_take_one_read_for_each_hundred(dynamodb: Tables, candidates: int) -> None:
    wire = Wire(dynamodb.client)
    over(wire).store.standings([f"A-{number}" for number in range(candidates)])
    assert wire.calls == ["batch_get_item"] * math.ceil(candidates / 100)


# ---------------------------------------------------------------- what lies in the tables, and what it costs


def units_of_a_send(client: Any, send: Send) -> float:
    """Write units from claim to the audit entry, index included."""
    total = 0.0

    def metered(name: str, call: Callable[[], Any]) -> Any:
        nonlocal total
        answer = call()
        if name in WRITES:
            spent = answer["ConsumedCapacity"]
            total += sum(one["CapacityUnits"] for one in (spent if isinstance(spent, list) else [spent]))
        return answer

    tables = over(Wire(client, metered, ReturnConsumedCapacity="INDEXES"))
    assert tables.ledger.claim(send, "dana", NOW) is Claim.MINE
    assert tables.store.count_text(MEI, "2026-11-25", 12, 300) == ""
    assert tables.ledger.arm(send, "dana", NOW, GUARD) is Arming.ARMED
    assert tables.ledger.sent(send, "dana", "0f1e2d3c-0000-5555-9999-aabbccddeeff", MEI, NOW)
    tables.store.commit(PutAudit(AuditEntry("A-17", "2026-11-25T01:00:00Z#ab", "sent", "text", chain=CHAIN)))
    if send.detail:
        assert tables.ledger.deliver("0f1e2d3c-0000-5555-9999-aabbccddeeff", True, "delivered", "", NOW)
    return total


def test_a_sent_reminder_costs_eleven_write_units(dynamodb: Tables) -> None:
    """Of the 14 that are allowed: claim 2, two counters 2, arm 4, record 2, audit 1."""
    dynamodb.store.commit(ReplaceStanding(Standing("A-17", CHAIN)))
    assert units_of_a_send(dynamodb.client, SEND) == 11


def test_a_reminder_whose_delivery_is_awaited_and_reported_costs_fourteen(dynamodb: Tables) -> None:
    """Record 3 (the index moves), the vendor's word 2."""
    send = replace(SEND, detail={DELIVERY_DUE: "2026-11-25T01:30:00Z"})
    assert units_of_a_send(dynamodb.client, send) == 14


def test_a_sent_row_has_the_columns_of_the_spec(dynamodb: Tables) -> None:
    """Promise 47."""
    dynamodb.ledger.claim(SEND, "dana", NOW)
    dynamodb.ledger.arm(SEND, "dana", NOW, GUARD)
    dynamodb.ledger.sent(SEND, "dana", "m-1", MEI, NOW)
    (item,) = dynamodb.client.scan(TableName=names.SENDS)["Items"]
    spec = {name: item[name]["S"] for name in ("appt_id", "window_index", "sent_at", "channel", "recipient", "move")}
    assert spec == {
        "appt_id": "A-17",
        "window_index": f"{CHAIN}#h48",
        "sent_at": "2026-11-25T01:00:00Z",
        "channel": "sms",
        "recipient": MEI,
        "move": "first_reminder",
    }
    assert "unsettled" not in item


def test_a_send_that_never_left_has_no_sent_at(dynamodb: Tables) -> None:
    """Promise 48."""
    dynamodb.ledger.claim(SEND, "dana", NOW)
    dynamodb.ledger.arm(SEND, "dana", NOW, GUARD)
    dynamodb.ledger.fail(SEND, "dana", "bad number", "please call")
    (item,) = dynamodb.client.scan(TableName=names.SENDS)["Items"]
    assert "sent_at" not in item


def test_an_archived_chain_has_the_shape_of_its_sends_under_its_own_key(dynamodb: Tables) -> None:
    """Promise 59."""
    dynamodb.ledger.claim(SEND, "dana", NOW)
    dynamodb.ledger.archive("A-17", CHAIN)
    (sends,) = dynamodb.client.scan(TableName=names.SENDS)["Items"]
    (archived,) = dynamodb.client.scan(TableName=names.SENDS_ARCHIVE)["Items"]
    sends["chain_window"] = sends.pop("window_index")
    assert archived == sends


def test_no_contact_stands_in_a_key_or_a_counter(dynamodb: Tables) -> None:
    dynamodb.store.count_text(MEI, "2026-11-25", 12, 300)
    items = dynamodb.client.scan(TableName=names.STATE)["Items"]
    assert len(items) == 2
    assert MEI not in str(items)
    assert all("expires" in item for item in items)
