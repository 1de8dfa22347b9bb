"""What the docs name is there: files, commands, events, audit actions, metrics, log events. And the other way round."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from chalicelib import names
from chalicelib.domain import gap_buttons, proposal_actions, question
from chalicelib.domain.events import STAFF_ACTION, TICK_REQUESTED, MoveDue
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import Move, SendKey
from chalicelib.domain.standing import Standing
from chalicelib.domain.work import WorkKind
from chalicelib.usecases.settle_staff_action import ACTS
from local.tables import KEYS
from tests.builders import local

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
EVENTS = (ROOT / "docs" / "events.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
DECISIONS = (ROOT / "docs" / "decisions.md").read_text()
CODE = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]

NOT_IN_THE_CODE = frozenset({".venv/", ".state/", "out.json", "later.csv", "appointments.csv"}) | {
    names.APPOINTMENTS_KEY,
    names.RULES_KEY,
    names.VOICE_KEY,
    names.SYNC_STATE_KEY,
    names.RULES_SINCE_KEY,
    names.ATTACHMENTS,
}
"""What looks like a file of the repository and is an object in a bucket, or is made by a run."""

_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w./-]+\.(?:py|md|json|txt|toml|svg|png|css|html|sh)|[\w.-]+(?:/[\w.-]+)*/|scripts/\w+")
_LINKED = re.compile(r"(?:\]\(|src=\")([^)#\"\s]+)")


def prose(text: str) -> str:
    """The text without its blocks of code."""
    return _FENCE.sub("(code)", text)


def spans(text: str) -> list[str]:
    return _CODE_SPAN.findall(prose(text))


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the tables under a heading, without their own headings."""
    section = re.split(r"^#+ ", text.partition(f"{heading}\n")[2], maxsplit=1, flags=re.M)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rules = {number for number, line in enumerate(lines) if set(line) <= set("|-: ")}
    heads = {number - 1 for number in rules}
    kept = [line for number, line in enumerate(lines) if number not in rules | heads]
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in kept]


def first_cells(text: str, heading: str) -> set[str]:
    """The code spans in the first column under a heading."""
    return {span for row in rows(text, heading) for span in _CODE_SPAN.findall(row[0])}


@cache
def whole_files() -> tuple[str, ...]:
    found = []
    for folder, inside, files in os.walk(ROOT):
        own = [name for name in inside if not name.startswith(".venv")]
        inside[:] = [name for name in own if name not in {".git", ".state", "__pycache__"}]
        found += [str((Path(folder) / name).relative_to(ROOT)) for name in (*files, *(f"{d}/" for d in inside))]
    return tuple(found)


def is_there(named: str) -> bool:
    """Whether a file or folder ends in that path: the docs leave out folders that the text has named."""
    if named.endswith("/"):
        return (ROOT / named).is_dir()
    return any(file == named or file.endswith(f"/{named}") for file in whole_files())


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.name)
def test_every_file_that_a_doc_names_is_there(doc: Path) -> None:
    text = doc.read_text()
    named = {span for span in spans(text) if _FILE.fullmatch(span)} - NOT_IN_THE_CODE
    assert [name for name in sorted(named) if not is_there(name)] == []


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.name)
def test_every_link_leads_somewhere(doc: Path) -> None:
    linked = {link for link in _LINKED.findall(prose(doc.read_text())) if "://" not in link}
    assert [link for link in sorted(linked) if not (doc.parent / link).exists()] == []


def test_the_readme_shows_the_two_commands_and_they_can_be_run() -> None:
    readme = (ROOT / "README.md").read_text()
    for command in ("scripts/demo", "scripts/test"):
        assert re.search(rf"^{command}\b", readme, re.M)
        assert os.access(ROOT / command, os.X_OK)


def test_the_flags_of_the_readme_are_its_commands_own() -> None:
    readme = (ROOT / "README.md").read_text()
    parsers = ("local/play_flags.py", "local/__main__.py", "ops/__main__.py", "deploy/__main__.py")
    known = "".join((ROOT / name).read_text() for name in parsers)
    assert [flag for flag in set(re.findall(r"--[a-z-]*[a-z]", readme)) if f'"{flag}"' not in known] == []


def test_what_a_decision_says_to_go_back_to_is_there() -> None:
    """`A` in `b.py`: the file has that name in it."""
    pairs = re.findall(r"`(\w+)`(?: of `\w+`)?\s+in\s+`([\w./]+\.py)`", DECISIONS)
    assert len(pairs) > 10
    for name, file in pairs:
        found = [ROOT / path for path in whole_files() if path == file or path.endswith(f"/{file}")]
        assert any(re.search(rf"\b{name}\b", path.read_text()) for path in found), f"{name} in {file}"


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.name)
def test_no_heading_is_empty(doc: Path) -> None:
    lines = [line for line in prose(doc.read_text()).splitlines() if line.strip()]
    empty = [
        line
        for line, after in zip(lines, [*lines[1:], "# end"], strict=True)
        if line.startswith("#")
        and after.startswith("#")
        and len(after.split()[0]) <= len(line.split()[0])
        and line != "## [Unreleased]"
    ]
    assert empty == []


# ---------------------------------------------------------------- events


def test_every_event_on_the_bus_is_documented_and_no_other() -> None:
    """Promise 33."""
    moves = {f"ar.{move.value}" for move in Move if move is not Move.SCHEDULED}
    assert first_cells(EVENTS, "## Moves: one message that is due") == moves
    assert first_cells(EVENTS, "## Requests") == {TICK_REQUESTED, STAFF_ACTION} | set(ACTS)
    app = (ROOT / "app.py").read_text()
    assert set(re.findall(r'"(ar\.\w+)"', app)) == moves | {TICK_REQUESTED, STAFF_ACTION}


def test_the_documented_detail_is_what_is_sent() -> None:
    detail = MoveDue(SendKey("A-17", "20261126T0100Z", "h48"), Move.FIRST_REMINDER, local("2026-11-24T09:00")).detail()
    assert first_cells(EVENTS, "### Detail, version 1") == set(detail)


def test_every_button_is_documented() -> None:
    """The buttons are named in one place each; all of them are acted upon."""
    named = {
        value
        for module in (gap_buttons, proposal_actions, question)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    assert named == set(ACTS)


def strings(node: ast.AST) -> Iterator[str]:
    """The texts that an argument may be: a constant, or either side of an `a if b else c`."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from strings(body)
            yield from strings(orelse)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def test_every_audit_action_is_documented_and_no_other() -> None:
    actions = {action.value for action in ReplyAction}
    for path in (*CODE, *sorted((ROOT / "ops").glob("*.py"))):
        for name, call in calls(path):
            match name:
                case "AuditEntry" | "Verdict":
                    said = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
                case "audit":
                    said = call.args[:1]
                case "_write_ours":
                    said = call.args[1:2]
                case _:
                    said = []
            actions |= {text for node in said for text in strings(node)}
    assert first_cells(EVENTS, "## Audit actions") == actions


def test_every_metric_is_documented_and_no_other() -> None:
    counted = {
        text
        for path in CODE
        for name, call in calls(path)
        if name == "count" and ast.unparse(call.func).endswith("metrics.count")
        for text in strings(call.args[0])
    }
    assert first_cells(EVENTS, "## Metrics") == counted


def test_every_metric_has_its_place_among_the_alarms() -> None:
    """What it means, what to do, how to see that it's over: docs/operations.md has an answer for each."""
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert first_cells(EVENTS, "## Metrics") - set(spans(operations)) == set()
    alarms = re.split(r"^### ", operations.partition("## Alarms")[2].partition("## Commands")[0], flags=re.M)[1:]
    for alarm in alarms:
        title = alarm.partition("\n")[0]
        if "alarm" not in title and not title.startswith("Staff say"):
            assert all(part in alarm for part in ("**Means:**", "**Do:**", "**Over when:**")), title


def logged(*levels: str) -> set[str]:
    return {
        text
        for path in CODE
        for name, call in calls(path)
        if name in levels and ast.unparse(call.func) == f"log.{name}" and call.args
        for text in strings(call.args[0])
    }


def test_every_documented_log_event_is_logged_and_every_error_is_documented() -> None:
    documented = first_cells(EVENTS, "## Log events worth a look")
    assert documented - logged("info", "warning", "error", "exception") == set()
    assert logged("error", "exception") - documented == set()


# ---------------------------------------------------------------- what is kept


def test_the_documented_tables_have_the_keys_that_are_made() -> None:
    found = {}
    for row in rows(ARCHITECTURE, "## Tables (DynamoDB)"):
        table = _CODE_SPAN.findall(row[0])[0]
        if table.startswith("ar-"):
            found[table] = tuple(_CODE_SPAN.findall(row[1]))
    assert found == KEYS


def test_the_documented_standing_has_the_fields_that_it_has() -> None:
    assert first_cells(ARCHITECTURE, "## The standing") | {"appt_id"} == set(Standing.__dataclass_fields__)


def test_every_kind_of_outbox_work_is_documented() -> None:
    assert first_cells(ARCHITECTURE, "## The outbox") == {kind.value for kind in WorkKind}
