"""A model that says what it is told to say, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class FakeStoryteller:
    """`summary_ports.Storyteller`: each call takes the next of `texts`, the last one stays; an exception is raised."""

    texts: Sequence[str | Exception]
    asked: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def tell(self, rules: str, facts: str, again: Sequence[str] = ()) -> str:
        said = self.texts[min(len(self.asked), len(self.texts) - 1)]
        self.asked.append((rules, facts, tuple(again)))
        if isinstance(said, Exception):
            raise said
        return said
