"""`FakeSheet`: the `Sheet` port in memory, with people who may change it between any two calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.errors import UpstreamError
from local.standins.google_grid import Grid


class FakeSheet:
    """Passes the same contract tests as the Google adapter.

    `before_call(number, name)` runs before each call of the port (counted from 1) and may change `grid`, as somebody
    does who has the sheet open. `down` makes every call fail.
    """

    def __init__(self, rows: Sequence[Sequence[str]] = ()) -> None:
        self.grid = Grid([list(cells) for cells in rows])
        self.before_call: Callable[[int, str], None] | None = None
        self.calls: list[str] = []
        self.down = False
        self.lose_append = 0  # how many appends are done and then not answered
        self._states = 0
        self._seen: object = None

    @property
    def rows(self) -> list[list[str]]:
        """What people see."""
        return self.grid.values()

    def paste(self, rows: Sequence[Sequence[str]]) -> None:
        """Replace every value."""
        self.grid.paste(rows)

    def modified(self) -> str:
        self._called("modified")
        state = self.grid.values()
        if state != self._seen:
            self._states += 1
            self._seen = state
        return f"2026-11-24T08:00:{self._states:02d}.000Z"

    def read(self) -> list[list[str]]:
        self._called("read")
        return self.grid.values()

    def mark(self, lines: Sequence[int]) -> list[str]:
        self._called("mark")
        return [str(self.grid.mark(line)) for line in lines]

    def read_marked(self, marks: Sequence[str]) -> list[list[str] | None]:
        self._called("read_marked")
        lines = [self.grid.marks.get(int(mark)) for mark in marks]
        return [None if line is None else self.grid.row(line) for line in lines]

    def write_marked(self, cells: Mapping[str, Mapping[int, str]]) -> dict[str, list[str]]:
        self._called("write_marked")
        hits = {}
        for mark, texts in cells.items():
            line = self.grid.marks.get(int(mark))
            if line is not None:
                self.grid.write(line, texts)
                hits[mark] = self.grid.row(line)
        return hits

    def unmark(self, marks: Sequence[str]) -> None:
        self._called("unmark")
        for mark in marks:
            self.grid.marks.pop(int(mark), None)

    def append(self, cells: Mapping[int, str]) -> None:
        self._called("append")
        self.grid.append_row([cells.get(column, "") for column in range(max(cells, default=-1) + 1)])
        if self.lose_append:
            self.lose_append -= 1
            raise UpstreamError("Google", "no answer")

    def add_columns(self, at: int, headers: Sequence[str]) -> None:
        self._called("add_columns")
        self.grid.insert_columns(at, len(headers))
        self.grid.write(1, {at + n: header for n, header in enumerate(headers)})

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.down:
            raise UpstreamError("Google", "down")
        if self.before_call:
            self.before_call(len(self.calls), name)
