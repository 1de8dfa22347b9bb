"""Update and condition expressions, written so that a condition reads as it is meant.

Every `#name` stands for the attribute `name`, every `:name` for a value handed over under `name`; only what an
expression mentions is sent, since DynamoDB refuses a name or value that nothing uses. Reserved words (`state`,
`owner`, `count`) need no thought that way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.dynamodb_items import Item, to_wire

_NAME = re.compile(r"#(\w+)")
_VALUE = re.compile(r":(\w+)")


def put(table: str, item: Item, condition: str = "", **values: Any) -> dict[str, Any]:
    """The request of a Put."""
    return {"TableName": table, "Item": to_wire(item)} | _expressions(condition, "", values)


def delete(table: str, key: Item, condition: str = "", **values: Any) -> dict[str, Any]:
    """The request of a Delete."""
    return {"TableName": table, "Key": to_wire(key)} | _expressions(condition, "", values)


def check(table: str, key: Item, condition: str, **values: Any) -> dict[str, Any]:
    """The request of a ConditionCheck."""
    return {"TableName": table, "Key": to_wire(key)} | _expressions(condition, "", values)


def update(
    table: str, key: Item, changes: Mapping[str, Any], condition: str = "", also: str = "", **values: Any
) -> dict[str, Any]:
    """The request of an Update that sets `changes`; a blank one is removed.

    `also` is more of the SET clause in DynamoDB's words, for what needs a function (`#rev = #rev + :one`).
    """
    kept = {name: value for name, value in changes.items() if not _blank(value)}
    gone = [name for name in changes if name not in kept]
    sets = [f"#{name} = :new_{name}" for name in kept] + ([also] if also else [])
    clauses = ([f"SET {', '.join(sets)}"] if sets else []) + (
        [f"REMOVE {', '.join(f'#{name}' for name in gone)}"] if gone else []
    )
    values = values | {f"new_{name}": value for name, value in kept.items()}
    return {"TableName": table, "Key": to_wire(key)} | _expressions(condition, " ".join(clauses), values)


def named(request: dict[str, Any], placeholder: str, attribute: str) -> dict[str, Any]:
    """The same request with `#placeholder` standing for an attribute that isn't a plain word."""
    names = request["ExpressionAttributeNames"] | {f"#{placeholder}": attribute}
    return request | {"ExpressionAttributeNames": names}


def _expressions(condition: str, changes: str, values: Mapping[str, Any]) -> dict[str, Any]:
    whole = f"{condition} {changes}"
    used = {f":{name}": values[name] for name in _VALUE.findall(whole)}
    parts: dict[str, Any] = {
        "ConditionExpression": condition,
        "UpdateExpression": changes,
        "ExpressionAttributeNames": {f"#{name}": name for name in _NAME.findall(whole)},
        "ExpressionAttributeValues": to_wire(used),
    }
    return {name: part for name, part in parts.items() if part}


def _blank(value: Any) -> bool:
    return value is None or value == "" or value == {}
