"""`FakeDocs`: the rules and the voice doc in memory."""

from __future__ import annotations

from chalicelib.errors import UpstreamError
from chalicelib.ports import Document


class FakeDocs:
    """Each `put` is a new modification; `down` makes every call fail."""

    def __init__(self, rules: str = "", voice: str = "") -> None:
        self.texts = {Document.RULES: rules, Document.VOICE: voice}
        self.changes = dict.fromkeys(self.texts, 1)
        self.down = False

    def put(self, document: Document, text: str) -> None:
        """Somebody edits the doc."""
        self.texts[document] = text
        self.changes[document] += 1

    def modified(self, document: Document) -> str:
        if self.down:
            raise UpstreamError("Google", "down")
        return f"2026-11-24T08:00:{self.changes[document]:02d}.000Z"

    def text(self, document: Document) -> str:
        if self.down:
            raise UpstreamError("Google", "down")
        return self.texts[document]
