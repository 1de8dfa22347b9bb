"""As much of IAM as our policies use: whether a policy allows one check.

An Allow must match and no Deny may. Patterns have `*` and `?`; in an ARN they stay within their part, between colons,
but for the last part, which has the rest. Of the conditions there is StringEquals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.policies.needs import Need

Statement = Mapping[str, Any]
_PARTS = 6
"""`arn:aws:<service>:<region>:<account>:<resource>`"""


def allows(statements: Sequence[Statement], need: Need) -> bool:
    """Whether these statements of a policy allow it."""
    matching = {one["Effect"] for one in statements if applies(one, need)}
    return matching == {"Allow"}


def applies(statement: Statement, need: Need) -> bool:
    """Whether a statement speaks of this action on this resource, its conditions included."""
    return (
        any(like(need.action.lower(), pattern.lower()) for pattern in statement["Action"])
        and any(matches(need.resource, pattern) for pattern in statement["Resource"])
        and holds(statement.get("Condition", {}), need.context)
    )


def matches(resource: str, pattern: str) -> bool:
    """Whether a resource is one of the pattern's."""
    if pattern == "*":
        return True
    parts, patterns = resource.split(":", _PARTS - 1), pattern.split(":", _PARTS - 1)
    return len(parts) == len(patterns) and all(map(like, parts, patterns))


def like(text: str, pattern: str) -> bool:
    """Whether a text is as the pattern says."""
    written = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(written, text, re.DOTALL) is not None


def holds(condition: Mapping[str, Mapping[str, str]], context: Mapping[str, str]) -> bool:
    """Whether every condition is met. A key that the request hasn't meets none. Raises ValueError for another kind."""
    for kind, wanted in condition.items():
        if kind != "StringEquals":
            raise ValueError(f"a condition of the kind {kind}: tests/policies/iam.py doesn't know it")
        if any(context.get(key) != value for key, value in wanted.items()):
            return False
    return True
