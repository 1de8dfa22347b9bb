"""The status cell: the few words that are authority, in any spelling the front desk uses (DESIGN §4.1)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from chalicelib.domain.appointment import Status

_WORDS: tuple[tuple[str, Status], ...] = (
    ("booked", Status.BOOKED),
    ("confirmed", Status.CONFIRMED),
    ("cancelled", Status.CANCELLED),
    ("canceled", Status.CANCELLED),
    ("no show", Status.NO_SHOW),
    ("noshow", Status.NO_SHOW),
    ("done", Status.DONE),
    ("moved", Status.NONE),  # ours: the visit is on, at the time the row shows
)
_NOT_A_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=1024)
def read_status(text: str) -> tuple[Status, bool]:
    """What the cell says, and whether it says it in a known word.

    A cell that begins with a known word is that word ("confirmed by phone"). A blank and `moved` are known and say
    NONE; an unknown word says as much as a blank and is the caller's to report.
    """
    folded = status_word(text)
    if not folded:
        return Status.NONE, True
    for word, status in _WORDS:
        if folded == word or folded.startswith(f"{word} "):
            return status, True
    return Status.NONE, False


@lru_cache(maxsize=1024)
def status_word(text: str) -> str:
    """The cell without case, punctuation and marks: one key for all spellings of a word. "" for a blank cell."""
    return _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
