"""The inventory `calls.json`: by function, every check of IAM's that its AWS calls bring about, one line each.

Why a file: a test session sees only the calls of the tests that it ran, in as many processes as it has, so what is
missing or superfluous can't be told from it. The file is held from both sides instead, and each side may run alone:

- Nothing is missing: every session notes the calls of all handlers, whoever invoked them (`recorder.py`), and fails
  at its end if one isn't in the file (`session.py`). With xdist each process hands its notes to the one that began it.
- Nothing is stale: `lanes.py` plays every function through all that it is for, each run begun cold as on AWS, and
  `test_calls.py` holds that this makes exactly the calls of the file. `python -m tests.policies.record` writes it.

The policies are proven against the file alone (`test_policies.py`), which takes no emulator.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import app as shipped
from tests.policies.needs import Need

PATH = Path(__file__).with_name("calls.json")
ROUTES = "api_handler"
HOW = (
    "If the function is to make this call, bring it about in a lane of tests/policies/lanes.py, run "
    "`python -m tests.policies.record`, and allow it in .chalice/policy-<function>.json."
)
FUNCTIONS = sorted({ROUTES, *(one.name for one in (*shipped.app.event_sources, *shipped.app.pure_lambda_functions))})
"""All of app.py's."""

Lines = Mapping[str, Iterable[str]]


def read() -> dict[str, list[str]]:
    """The file's lines, by function."""
    found: dict[str, list[str]] = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    return found


def needs_of(function: str) -> list[Need]:
    """What the function's role must be allowed. Raises AssertionError for a function that was never recorded."""
    lines = read().get(function)
    assert lines, f"{PATH.name} has no calls of the function {function}. {HOW}"
    return [Need.read(line) for line in lines]


def write(lines: Lines) -> None:
    """Replace the file."""
    text = json.dumps({name: sorted(found) for name, found in sorted(lines.items())}, indent=2)
    PATH.write_text(text + "\n", encoding="utf-8")


def beyond(made: Lines, known: Lines) -> list[str]:
    """What is in `made` and not in `known`: one line each, with the function."""
    return sorted(
        f"{function}: {line}" for function, lines in made.items() for line in set(lines) - set(known.get(function, ()))
    )
