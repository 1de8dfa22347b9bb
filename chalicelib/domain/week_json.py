"""A week's facts as JSON and back: what was told waits in the outbox until the owner's mail has gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from chalicelib.domain.week_facts import WeekFacts

MOST_NAMED = 100
"""Of each list: an item of the store ends at 400 KB, and nobody reads more."""


def facts_as_json(facts: WeekFacts) -> dict[str, Any]:
    """The facts as JSON-able values, their lists cut to a hundred entries."""
    cut = replace(
        facts,
        quiet=facts.quiet[:MOST_NAMED],
        unreachable=facts.unreachable[:MOST_NAMED],
        bad_rows=facts.bad_rows[:MOST_NAMED],
    )
    packed: dict[str, Any] = _pack(cut)
    return packed


def facts_of_json(packed: Mapping[str, Any]) -> WeekFacts:
    """The facts of `facts_as_json`. Raises KeyError, TypeError or ValueError for anything else."""
    facts: WeekFacts = _unpack(WeekFacts, packed)
    return facts


def _pack(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _pack(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_pack(one) for one in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, Enum) else value


def _unpack(kind: Any, packed: Any) -> Any:
    if get_origin(kind) is UnionType:  # `X | None`
        return None if packed is None else _unpack(get_args(kind)[0], packed)
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        return tuple(_unpack(inner[0], one) for one in packed)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        made: Any = kind
        return made(**{field.name: _unpack(hints[field.name], packed[field.name]) for field in fields(kind)})
    if kind in (date, datetime, time):
        return kind.fromisoformat(packed)
    return kind(packed)
