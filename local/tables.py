"""The five tables, as the infrastructure app declares them, for a machine that has no CloudFormation."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names

KEYS = {
    names.SENDS: ("appt_id", "window_index"),
    names.REPLIES: ("appt_id", "replied_at"),
    names.AUDIT: ("appt_id", "ts"),
    names.SENDS_ARCHIVE: ("appt_id", "chain_window"),
    names.STATE: ("pk", "sk"),
}
"""Hash and range key of each table, all strings."""

UNSETTLED_KEYS = ("unsettled", "due")
"""Keys of the one index: sparse (settled sends lack them), keys only."""

EXPIRES = "expires"
"""The time-to-live attribute of `ar-state`: counters and slot holds end by themselves."""


def create_tables(dynamodb: Any) -> None:
    """Create what isn't there yet; a table that exists is left alone."""
    for table, keys in KEYS.items():
        request = _table(table, keys)
        if table == names.SENDS:
            request["AttributeDefinitions"] += _attributes(UNSETTLED_KEYS)
            request["GlobalSecondaryIndexes"] = [_index(names.SENDS_UNSETTLED_INDEX, UNSETTLED_KEYS)]
        try:
            dynamodb.create_table(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceInUseException":
                raise
    _expire(dynamodb)


def _expire(dynamodb: Any) -> None:
    try:
        dynamodb.update_time_to_live(
            TableName=names.STATE, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES}
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":  # it says so when it is on already
            raise


def _table(name: str, keys: tuple[str, str]) -> dict[str, Any]:
    return {
        "TableName": name,
        "KeySchema": _schema(keys),
        "AttributeDefinitions": _attributes(keys),
        "BillingMode": "PAY_PER_REQUEST",
    }


def _index(name: str, keys: tuple[str, str]) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": _schema(keys), "Projection": {"ProjectionType": "KEYS_ONLY"}}


def _schema(keys: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": keys[0], "KeyType": "HASH"}, {"AttributeName": keys[1], "KeyType": "RANGE"}]


def _attributes(keys: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "AttributeType": "S"} for key in keys]
