"""What drive-sync remembers from run to run, beside the mirror: what it looked at last, and whom the brake holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AskedToTake:
    """The brake's open question: its name, and what the refused sheet would do (id -> new chain, `gone`, `bad`)."""

    question: str
    would: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restored:
    """An earlier mirror was put back by hand: the sheet is left alone until people change it."""

    modified: str  # Drive's modifiedTime of the sheet that isn't followed
    mirror: str  # the digest of the mirror that was put back: another one there means that this is over
    at: str  # when, ISO
    replaced: str = ""  # the version that it replaced, as the bucket names it, for the way back
    rows: Mapping[str, str] = field(default_factory=dict)  # what each row of that sheet said, shortened, by its id


@dataclass(frozen=True, slots=True)
class SyncState:
    """One version of `sync-state.json`. It is written before the mirror, which is the commit point."""

    modified: Mapping[str, str] = field(default_factory=dict)  # sheet, rules, voice -> Drive's modifiedTime
    mirror: str = ""  # the digest of the mirror that belongs to it: another one means that a run died between
    checked: str = ""  # when the cells were last read, ISO
    again: bool = False  # a row could not be settled: read the cells again
    terms: str = ""  # zone and date order that the mirror's starts were read on
    held: tuple[str, ...] = ()
    brake: AskedToTake | None = None
    not_the_sheet_told: str | None = None
    restored: Restored | None = None

    @classmethod
    def read(cls, text: str | None) -> SyncState:
        """The state of a stored text; a fresh one if there is none."""
        if not text:
            return cls()
        raw: dict[str, Any] = json.loads(text)
        brake, restored = raw.get("brake"), raw.get("restored")
        return cls(
            modified=dict(raw.get("modified", {})),
            mirror=raw.get("mirror", ""),
            checked=raw.get("checked", ""),
            again=bool(raw.get("again")),
            terms=raw.get("terms", ""),
            held=tuple(raw.get("held", ())),
            brake=AskedToTake(brake["question"], dict(brake["would"])) if brake else None,
            not_the_sheet_told=raw.get("not_the_sheet_told"),
            restored=Restored(**restored) if restored else None,
        )

    def text(self) -> str:
        """The state as it is stored."""
        return json.dumps(asdict(self), sort_keys=True, indent=1)


def digest(text: str) -> str:
    """A short name for a text's content."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
