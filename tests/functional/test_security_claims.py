"""Every claim of docs/security.md names a test, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


@cache
def known_tests() -> frozenset[str]:
    """The name of every test that there is."""
    return frozenset(
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_test_that_the_document_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOC))
    assert len(named) > 40
    assert sorted(named - known_tests()) == []


def test_every_defence_names_a_test() -> None:
    defended, _, _ = DOC.partition("## What isn't defended")
    claims = re.split(r"^- ", defended, flags=re.M)[1:]
    assert [claim[:40] for claim in claims if "test_" not in claim] == []
