"""Every promise of the spec's checklist that falls to this part is kept by a named test, or parted from with a reason.

A test names the promises that it holds in its docstring (`Promise 31.`, `Promises 22, 54.`, `Promises 12-14.`).
A promise that is kept in another way has a line in docs/decisions.md that begins with its number (`- Promise 47: ...`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions.md"
PROMISED = {*range(1, 71), *range(74, 102)}
_NUMBERS = r"(\d+(?:(?:\s*[-–,]\s*|\s+(?:and|to)\s+)\d+)*)"
_NAMED = re.compile(rf"\bPromises?\s+{_NUMBERS}")
_DECIDED = re.compile(rf"^\W*Promises?\s+{_NUMBERS}\W*:", re.MULTILINE)


def numbers(text: str) -> set[int]:
    """`22, 54` or `12-14` or `2 and 3 to 5` as numbers."""
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:\s*(?:[-–]|to)\s*(\d+))?", text):
        found.update(range(int(first), int(last or first) + 1))
    return found


def named_in(text: str, pattern: re.Pattern[str] = _NAMED) -> set[int]:
    """Every promise that a text names."""
    return {number for match in pattern.finditer(text) for number in numbers(match[1])}


def every_test() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Every test function."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path, node


def named() -> set[int]:
    """The promises that tests name."""
    return {number for _, test in every_test() for number in named_in(ast.get_docstring(test) or "")}


def decided() -> set[int]:
    """The promises that docs/decisions.md parts from."""
    return named_in(DECISIONS.read_text(encoding="utf-8"), _DECIDED) if DECISIONS.exists() else set()


def test_every_promise_has_a_test_or_a_decision() -> None:
    missing = sorted(PROMISED - named() - decided())
    assert missing == [], f"no test names promise {', '.join(map(str, missing))}, and docs/decisions.md says nothing"


def test_no_test_names_a_promise_that_there_is_not() -> None:
    assert sorted(number for number in named() if not 1 <= number <= 101) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Promise 31.", {31}),
        ("Promises 22, 54. The rest is 7.", {22, 54}),
        ("Promises 12-14.", {12, 13, 14}),
        ("Promises 2 and 5 to 7.", {2, 5, 6, 7}),
        ("It promises 3 things.", set()),
    ],
)
def test_a_docstring_names_its_promises_by_number(text: str, found: set[int]) -> None:
    assert named_in(text) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [("- Promise 47: the ledger", {47}), ("**Promises 51, 63:** a press", {51, 63}), ("As promise 3 says: no", set())],
)
def test_a_decision_begins_with_its_number(line: str, found: set[int]) -> None:
    assert named_in(line, _DECIDED) == found
