"""What a mutation is: a text in one file, and what stands there instead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class AnchorLost(ValueError):
    """The text that a mutation replaces isn't there, or isn't there once: the source has changed, so must it."""


@dataclass(frozen=True)
class Mutation:
    """`old` becomes `new` in `file`: its one occurrence, or the first one behind `below` if that is given.

    `tests` are the files most likely to notice, in this order; `marked` restricts them (`ministack`,
    `not ministack`).
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    below: str = ""
    marked: str = ""

    def applied(self, source: str) -> str:
        """The mutated source. Raises AnchorLost."""
        head, tail = "", source
        if self.below:
            if source.count(self.below) != 1:
                raise AnchorLost(f"{self.name}: {self.below!r} is {source.count(self.below)} times in {self.file}")
            place = source.index(self.below)
            head, tail = source[:place], source[place:]
        found = tail.count(self.old)
        if not found or (found > 1 and not self.below):
            raise AnchorLost(f"{self.name}: {self.old!r} is {found} times in {self.file}")
        return head + tail.replace(self.old, self.new, 1)

    def check(self, root: Path) -> None:
        """Raises AnchorLost if it can't be applied to the source under `root`, SyntaxError if it makes no sense."""
        compile(self.applied((root / self.file).read_text(encoding="utf-8")), self.file, "exec")
