"""The files that a headless run is given: answers, edits and documents, each fault named by file and line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from chalicelib.domain.csv_text import read_csv
from chalicelib.domain.rules import parse_rules
from chalicelib.domain.sheet import read_table
from chalicelib.domain.voice import parse_voice
from chalicelib.errors import DocumentError, NotTheSheet

ACTIONS = ("confirm", "cancel", "undo", "no-texts", "staff-confirm", "staff-cancel")
DOCUMENTS = ("sheet", "rules", "voice")
_WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?")


class PlayFileError(Exception):
    """A file can't be used; the text says which, where, and what was expected."""


@dataclass(frozen=True)
class PlannedAnswer:
    """One line of an answers file. `slot` is only there for `move`; instants are UTC."""

    at: datetime
    action: str
    appt_id: str
    slot: datetime | None = None


@dataclass(frozen=True)
class PlannedEdit:
    """From `at` on, `document` is this content, as if pasted over."""

    at: datetime
    document: str
    content: list[list[str]] | str


def read_mails(folder: Path) -> list[tuple[str, bytes]]:
    """Every `.eml` of a folder with its name, in name order. Raises PlayFileError if there is none."""
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".eml")
    except OSError as problem:
        raise PlayFileError(
            f"{folder}: is no folder that can be read ({problem.strerror}); expected .eml files"
        ) from None
    if not files:
        raise PlayFileError(f"{folder}: holds no .eml file; expected at least one")
    return [(path.name, _bytes(path)) for path in files]


def read_model_answers(path: Path) -> dict[str, object]:
    """The answers to give in the model's place: file name -> answer. Raises PlayFileError if it is no such object."""
    try:
        answers = json.loads(read_text_file(path))
    except json.JSONDecodeError as problem:
        raise PlayFileError(f"{path}: line {problem.lineno}: is not JSON ({problem.msg})") from None
    except RecursionError:
        raise PlayFileError(f"{path}: is nested too deep to be an answer") from None
    if not isinstance(answers, dict):
        raise PlayFileError(f"{path}: expected one JSON object, a mail's file name -> the model's answer for it")
    return answers


def read_text_file(path: Path) -> str:
    """A document's text. Raises PlayFileError if it is missing or isn't text."""
    raw = _bytes(path)
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise PlayFileError(f"{path}: is not text; expected UTF-8") from None


def read_sheet_file(path: Path, must_be_the_sheet: bool = True) -> list[list[str]]:
    """A sheet's cells from a CSV of any make. Raises PlayFileError; a missing header too, where it must be there."""
    try:
        cells = read_csv(_bytes(path))
        if must_be_the_sheet:
            read_table(cells)
    except NotTheSheet as problem:
        raise PlayFileError(f"{path}: line 1: {problem.problem}") from None
    except (ValueError, UnicodeError) as problem:
        raise PlayFileError(f"{path}: can't be read as CSV: {problem}") from None
    return cells


def check_rules_file(path: Path, services: set[str]) -> str:
    """The rules doc of `--rules`. Raises PlayFileError for a line that can't be understood."""
    return _checked(path, lambda text: parse_rules(text, services))


def check_voice_file(path: Path, language: str) -> str:
    """The voice doc of `--voice`. Raises PlayFileError for a line that can't be understood."""
    return _checked(path, lambda text: parse_voice(text, language))


def _checked(path: Path, parse: Callable[[str], object]) -> str:
    text = read_text_file(path)
    try:
        parse(text)
    except DocumentError as bad:
        raise PlayFileError("\n".join(f"{path}: line {p.line}: {p.problem}" for p in bad.problems)) from None
    return text


def read_answers(path: Path, zone: ZoneInfo, ids: Collection[str] = ()) -> list[PlannedAnswer]:
    """The answers to press. Raises PlayFileError for a malformed line. `ids` are the sheet's: only one of them may
    have a space in it."""
    expected = f"expected `2026-11-25T10:05 confirm A-17` ({', '.join(ACTIONS)}) or `... move A-17 2026-11-27T15:00`"
    answers = []
    for number, line in _lines(path):
        when, *words = line.split()
        action, subject = (words or [""])[0], words[1:]
        at = _instant(when, zone, path, number, expected)
        slot = None
        if action == "move" and len(subject) > 1:
            slot = _instant(subject.pop(), zone, path, number, expected)
        appt_id = " ".join(subject)
        well_formed = len(subject) == 1 or (len(subject) > 1 and appt_id in ids)
        if action not in (*ACTIONS, "move") or not well_formed or (slot is None) == (action == "move"):
            raise PlayFileError(f"{path}: line {number}: {line!r}: {expected}")
        answers.append(PlannedAnswer(at, action, appt_id, slot))
    return answers


def read_edits(path: Path, zone: ZoneInfo) -> list[PlannedEdit]:
    """The edits to make; file names are relative to the edits file. Raises PlayFileError for a malformed line.

    What such a file holds may be no sheet and no good doc: the system has to cope, so only reading it can fail.
    """
    expected = "expected `2026-11-25T11:00 sheet F2.csv` (or rules, or voice)"
    edits = []
    for number, line in _lines(path):
        when, document, name = (*line.split(None, 2), "", "")[:3]
        at = _instant(when, zone, path, number, expected)
        if document not in DOCUMENTS or not name.strip():
            raise PlayFileError(f"{path}: line {number}: {line!r}: {expected}")
        file = path.parent / name.strip()
        try:
            content = read_sheet_file(file, must_be_the_sheet=False) if document == "sheet" else read_text_file(file)
        except PlayFileError as problem:
            raise PlayFileError(f"{path}: line {number}: {problem}") from None
        edits.append(PlannedEdit(at, document, content))
    return edits


def read_local(text: str, zone: ZoneInfo) -> datetime:
    """A shop-local minute, in UTC. Raises ValueError: malformed, or a local time that a clock change skips."""
    if not _WHEN.fullmatch(text):
        raise ValueError(f"{text!r} is not a minute like 2026-11-25T10:05")
    local = datetime.fromisoformat(text).replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"{text} does not exist in {zone.key}: the clock changes then")
    return local.astimezone(UTC)


def _instant(text: str, zone: ZoneInfo, path: Path, number: int, expected: str) -> datetime:
    try:
        return read_local(text, zone)
    except ValueError as problem:
        raise PlayFileError(f"{path}: line {number}: {problem}; {expected}") from None


def _lines(path: Path) -> list[tuple[int, str]]:
    """Numbered lines that say something: blank ones and `#` comments are read past."""
    lines = enumerate(read_text_file(path).splitlines(), start=1)
    return [(number, line.strip()) for number, line in lines if line.strip() and not line.strip().startswith("#")]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise PlayFileError(f"{path}: there is no such file") from None
    except OSError as problem:
        raise PlayFileError(f"{path}: can't be read: {problem.strerror}") from None
