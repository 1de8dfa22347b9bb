"""What a check has found: how bad it is, where, in plain words, and the command that mends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.logs import scrub

if TYPE_CHECKING:
    from ops.checks.site import Site

_ROBOT = re.compile(r"([\w.-]+@[\w-]+\.iam\.gserviceaccount\.com)")


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"  # it works; somebody should look
    WRONG = "wrong"
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. Nothing in it is a secret or a person's contact."""

    state: State
    where: str
    what: str
    mend: str = ""


Check = Callable[["Site"], Iterable[Finding]]


def ok(where: str, what: str) -> Finding:
    """It is as it should be."""
    return Finding(State.OK, where, _clean(what))


def warning(where: str, what: str, mend: str) -> Finding:
    """It works, and somebody should look."""
    return Finding(State.WARNING, where, _clean(what), _clean(mend))


def wrong(where: str, what: str, mend: str) -> Finding:
    """It doesn't work, or won't."""
    return Finding(State.WRONG, where, _clean(what), _clean(mend))


def unchecked(where: str, why: str, mend: str = "") -> Finding:
    """Nobody knows, and why."""
    return Finding(State.UNCHECKED, where, _clean(why), _clean(mend))


def counted(number: int, thing: str) -> str:
    """`1 text`, `2 texts`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _clean(text: str) -> str:
    """Without contacts, tokens and secrets; a service account's address is nobody's, and is needed for sharing."""
    return "".join(part if _ROBOT.fullmatch(part) else scrub(part) for part in _ROBOT.split(text))
