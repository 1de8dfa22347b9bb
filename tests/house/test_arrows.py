"""Who may know whom (DESIGN §3): read from the imports themselves, also those inside functions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]

HOUSE = "chalicelib"
ALLOWED: dict[str, frozenset[str]] = {
    "domain": frozenset({"domain", "errors", "names"}),
    "usecases": frozenset(
        {
            "usecases",
            "domain",
            "ports",
            "intake_ports",
            "summary_ports",
            "config",
            "errors",
            "names",
            "runtime",
            "pages",
        }
    ),
    "adapters": frozenset({"adapters", "ports", "intake_ports", "summary_ports", "domain", "errors", "names"}),
    "pages": frozenset({"pages", "domain", "errors"}),
    "ports": frozenset({"domain", "errors"}),
    "intake_ports": frozenset({"domain", "errors"}),
    "summary_ports": frozenset({"ports", "domain", "errors"}),
    "runtime": frozenset({"ports", "intake_ports", "summary_ports", "config"}),
    "config": frozenset({"domain", "errors"}),
    "errors": frozenset(),
    "names": frozenset(),
    "logs": frozenset({"names"}),
    "function_url": frozenset(),
    "log_subscription": frozenset(),
    "bootstrap": frozenset(
        {"adapters", "ports", "intake_ports", "summary_ports", "config", "runtime", "logs", "names", "domain", "errors"}
    ),
    "app": frozenset({"bootstrap", "usecases", "pages", "names", "function_url", "log_subscription", "logs", "domain"}),
}
"""Room -> the rooms that it may import."""

OUTSIDE: dict[str, frozenset[str]] = {
    "domain": frozenset({"holidays", "phonenumbers"}),
    "usecases": frozenset(),
    "pages": frozenset({"jinja2", "markupsafe"}),
    "ports": frozenset(),
    "intake_ports": frozenset(),
    "summary_ports": frozenset(),
    "runtime": frozenset(),
    "errors": frozenset(),
    "names": frozenset(),
    "config": frozenset({"holidays", "phonenumbers"}),
    "log_subscription": frozenset(),
    "app": frozenset({"chalice"}),
    "function_url": frozenset({"chalice"}),
}
"""Room -> the packages of others that it may import; rooms that aren't listed bring what they adapt."""

NOT_PURE = frozenset({"os", "random", "secrets", "time", "logging", "socket", "urllib.request", "subprocess", "uuid"})
"""Modules of the standard library that do I/O, tell the time or throw dice: not for the domain."""


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "app" else parts[1] if len(parts) > 1 else ""


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, wherever it stands; for `from chalicelib import x`, `chalicelib.x`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            if node.module == HOUSE:
                yield from ((node.lineno, f"{HOUSE}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module or ""


def in_room(name: str) -> list[Path]:
    return [path for path in SHIPPED if room(path) == name]


def test_every_room_has_its_arrows() -> None:
    assert {room(path) for path in SHIPPED} - {"__init__"} <= set(ALLOWED)


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_room_imports_only_the_rooms_that_it_may_know(name: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in in_room(name)
        for line, module in imported(path)
        if module.startswith(f"{HOUSE}.") and module.split(".")[1] not in ALLOWED[name]
    ]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_a_room_imports_only_the_packages_that_it_may_know(name: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in in_room(name)
        for line, module in imported(path)
        if (top := module.split(".")[0]) != HOUSE and top not in sys.stdlib_module_names and top not in OUTSIDE[name]
    ]
    assert wrong == []


def test_the_domain_neither_asks_the_world_nor_throws_dice() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in in_room("domain")
        for line, module in imported(path)
        if module in NOT_PURE
    ]
    assert wrong == []


def test_only_the_events_of_the_domain_know_names() -> None:
    knowing = {path.name for path in in_room("domain") for _, module in imported(path) if module == f"{HOUSE}.names"}
    assert knowing <= {"events.py"}


def test_nothing_that_ships_knows_what_does_not() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in SHIPPED
        for line, module in imported(path)
        if module.split(".")[0] in {"local", "ops", "tests", "bench"}
    ]
    assert wrong == []


def test_each_vendor_s_sdk_is_known_to_its_adapters_only() -> None:
    vendors = {"boto3", "botocore", "slack_sdk", "googleapiclient", "google", "google_auth_httplib2", "httplib2"}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in SHIPPED
        for line, module in imported(path)
        if module.split(".")[0] in vendors and room(path) not in {"adapters", "bootstrap"}
    ]
    assert wrong == []


def test_the_environment_is_read_in_two_places_only() -> None:
    reading = {
        str(path.relative_to(ROOT))
        for path in SHIPPED
        if any(
            isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
            for node in ast.walk(ast.parse(path.read_text()))
        )
    }
    assert reading <= {"chalicelib/names.py", "chalicelib/bootstrap.py"}


def test_the_clock_is_born_in_one_place_only() -> None:
    telling = {
        str(path.relative_to(ROOT))
        for path in SHIPPED
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time"}
    }
    assert telling == {"chalicelib/bootstrap.py"}
