"""One place that talks to DynamoDB and turns its errors into ours.

A refused condition is `ConditionFailed` (with the item that refused), a transaction in the way or throttling is
`StoreConflict`, a lost reply of a write is `StoreNoAnswer`; a read that fails is `UpstreamError`. Error texts carry
DynamoDB's code alone: its messages may quote values.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb_items import Item, from_wire, to_wire
from chalicelib.errors import StoreConflict, StoreNoAnswer, UpstreamError

VENDOR = "dynamodb"
BATCH_KEYS = 100  # BatchGetItem's own limit
BATCH_PUTS = 25  # BatchWriteItem's
PAUSES_SECONDS = (0.02, 0.06, 0.15, 0.3)

_IN_THE_WAY = frozenset(
    {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "LimitExceededException",
    }
)
_CANCELLED_IN_THE_WAY = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class ConditionFailed(Exception):
    """A condition did not hold. `write` is its position, `stored` the item that is there ({} if none is)."""

    def __init__(self, write: int, stored: Item) -> None:
        super().__init__(f"write {write}")
        self.write = write
        self.stored = stored


class DynamoCalls:
    """A DynamoDB client with our errors; `pause` waits between tries (seconds)."""

    def __init__(self, client: Any, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._pause = pause

    # ------------------------------------------------ reads, all strongly consistent

    def get(self, table: str, key: Item) -> Item | None:
        """One item; None if there is none."""
        answer = self._read("get_item", TableName=table, Key=to_wire(key), ConsistentRead=True)
        return from_wire(answer["Item"]) if "Item" in answer else None

    def get_all(self, table: str, keys: Iterable[Item]) -> list[Item]:
        """The items of these keys that exist, 100 a call, in no order. Unprocessed keys are asked for again."""
        todo = list({tuple(sorted(key.items())): to_wire(key) for key in keys}.values())
        found: list[Item] = []
        pauses = iter(PAUSES_SECONDS)
        while todo:
            asked, todo = todo[:BATCH_KEYS], todo[BATCH_KEYS:]
            request = {table: {"Keys": asked, "ConsistentRead": True}}
            answer = self._read("batch_get_item", RequestItems=request)
            found += [from_wire(item) for item in answer["Responses"].get(table, [])]
            left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            if len(left) == len(asked):  # no progress at all: slow down, then give up
                self._wait(pauses)
            todo = list(left) + todo
        return found

    def query(self, table: str, condition: str, values: Item, index: str = "") -> Iterator[Item]:
        """Every item under a key condition, page by page, in key order."""
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_wire(values),
        }
        if index:
            request["IndexName"] = index
        else:
            request["ConsistentRead"] = True  # a global index can't be read so
        while True:
            answer = self._read("query", **request)
            yield from (from_wire(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def scan(self, table: str, attributes: Sequence[str], condition: str, **values: str) -> Iterator[Item]:
        """Every item of a table that meets the condition (`#name`, `:value`), page by page, cut to these attributes.

        Eventually consistent, at half the price. The whole table is read, whatever the condition.
        """
        request: dict[str, Any] = {
            "TableName": table,
            "ProjectionExpression": ", ".join(f"#{name}" for name in attributes),
            "FilterExpression": condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
            "ExpressionAttributeValues": to_wire({f":{name}": value for name, value in values.items()}),
        }
        while True:
            answer = self._read("scan", **request)
            yield from (from_wire(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    # ------------------------------------------------ writes

    def write(self, action: str, request: Mapping[str, Any]) -> Item:
        """One write (`Put`, `Update`, `Delete`), tried again while another transaction is on its item.

        Returns the item as it is afterwards for an `Update`, else {}. Raises ConditionFailed, StoreConflict,
        StoreNoAnswer.
        """
        call = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}[action]
        extra: dict[str, Any] = {"ReturnValues": "ALL_NEW"} if action == "Update" else {}
        if "ConditionExpression" in request:
            extra["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        answer = self._patiently(lambda: self._write_once(call, **request, **extra))
        return from_wire(answer.get("Attributes", {}))

    def transact(self, writes: Sequence[tuple[str, Mapping[str, Any]]], token: str) -> None:
        """All writes or none. `token` makes a repeated request harmless; one token, one set of writes.

        Raises ConditionFailed for the first write that was refused, StoreConflict, StoreNoAnswer.
        """
        items = [{action: dict(request)} for action, request in writes]
        self._patiently(lambda: self._write_once("transact_write_items", TransactItems=items, ClientRequestToken=token))

    def transact_once(self, writes: Sequence[tuple[str, Mapping[str, Any]]], token: str) -> None:
        """The same, without a second try when something is in the way."""
        items = [{action: dict(request)} for action, request in writes]
        self._write_once("transact_write_items", TransactItems=items, ClientRequestToken=token)

    def put_all(self, table: str, items: Sequence[Item]) -> None:
        """Put these items, whatever was there."""
        todo = [{"PutRequest": {"Item": to_wire(item)}} for item in items]
        pauses = iter(PAUSES_SECONDS)
        while todo:
            asked, todo = todo[:BATCH_PUTS], todo[BATCH_PUTS:]
            answer = self._write_once("batch_write_item", RequestItems={table: asked})
            left = answer.get("UnprocessedItems", {}).get(table, [])
            if len(left) == len(asked):
                self._wait(pauses)
            todo = list(left) + todo

    # ------------------------------------------------

    def _read(self, call: str, **request: Any) -> Mapping[str, Any]:
        try:
            return getattr(self._client, call)(**request)
        except ClientError as error:
            raise UpstreamError(VENDOR, f"{call}: {_code(error)}") from error
        except BotoCoreError as error:
            raise UpstreamError(VENDOR, f"{call}: {type(error).__name__}") from error

    def _write_once(self, call: str, **request: Any) -> Mapping[str, Any]:
        try:
            return getattr(self._client, call)(**request)
        except ClientError as error:
            raise _translated(call, error) from error
        except BotoCoreError as error:
            raise StoreNoAnswer(f"{VENDOR}: {call}: {type(error).__name__}") from error

    def _patiently(self, attempt: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        pauses = iter(PAUSES_SECONDS)
        while True:
            try:
                return attempt()
            except StoreConflict:
                pause = next(pauses, None)
                if pause is None:
                    raise
                self._pause(pause)

    def pauses(self) -> Iterator[None]:
        """One pause after each item, for a caller that tries, reads back and tries again."""
        for pause in PAUSES_SECONDS:
            yield
            self._pause(pause)

    def _wait(self, pauses: Iterator[float]) -> None:
        pause = next(pauses, None)
        if pause is None:
            raise UpstreamError(VENDOR, "batch: nothing was processed")
        self._pause(pause)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _translated(call: str, error: ClientError) -> Exception:
    code = _code(error)
    response: Mapping[str, Any] = error.response
    text = f"{VENDOR}: {call}: {code}"
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(0, from_wire(response.get("Item", {})))
    if code == "TransactionCanceledException":
        return _cancelled(text, error)
    if code in _IN_THE_WAY:
        return StoreConflict(text)
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return StoreNoAnswer(text)
    return UpstreamError(VENDOR, f"{call}: {code}")


def _cancelled(text: str, error: ClientError) -> Exception:
    """A refused condition wins over a conflict beside it: it is a definite no."""
    response: Mapping[str, Any] = error.response
    reasons: Sequence[Mapping[str, Any]] = response.get("CancellationReasons", [])
    for position, reason in enumerate(reasons):
        if reason.get("Code") == "ConditionalCheckFailed":
            return ConditionFailed(position, from_wire(reason.get("Item", {})))
    codes = [str(reason.get("Code")) for reason in reasons]
    if any(code in _CANCELLED_IN_THE_WAY for code in codes):
        return StoreConflict(text)
    return UpstreamError(VENDOR, f"transaction cancelled: {', '.join(codes) or 'no reason given'}")
