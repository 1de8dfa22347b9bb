"""Every test session notes what the handlers call, and fails at its end if that isn't in the inventory.

Why not in a test: the call may be any other test's, in any process. `inventory.py` says how this fits together.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies import inventory
from tests.policies.recorder import Recorder

_MADE, _UNKNOWN = "aws_calls", "unknown_aws_calls"


class CallsWatched:
    """The hooks. Under xdist those of a worker note and hand over, the controller's judge."""

    def __init__(self) -> None:
        self._recorder = Recorder()
        self._made: dict[str, set[str]] = {}
        self._unknown: set[str] = set()
        self._report: list[str] = []

    def pytest_sessionstart(self) -> None:
        self._recorder.start()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist's has ended."""
        handed: dict[str, Any] = getattr(node, "workeroutput", {})
        self._note(handed.get(_MADE, {}), handed.get(_UNKNOWN, []))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over, or judge: a session that made an unknown call has failed."""
        self._recorder.stop()
        self._note(self._recorder.lines(), self._recorder.unknown)
        handed = getattr(session.config, "workeroutput", None)
        if handed is not None:
            handed[_MADE] = {function: sorted(lines) for function, lines in self._made.items()}
            handed[_UNKNOWN] = sorted(self._unknown)
            return
        self._report = [*sorted(self._unknown), *inventory.beyond(self._made, inventory.read())]
        if self._report and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which."""
        if self._report:
            terminalreporter.section("AWS calls that aren't in tests/policies/calls.json", red=True)
            for line in self._report:
                terminalreporter.line(line)
            terminalreporter.line(inventory.HOW)

    def _note(self, made: inventory.Lines, unknown: Any) -> None:
        for function, lines in made.items():
            self._made.setdefault(function, set()).update(lines)
        self._unknown.update(unknown)
