"""A desk as somebody starts it, in a process of its own, and what its page would ask it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

ROOT = Path(__file__).parent.parent
TRIES = 60


class DeskProcess:
    """`with DeskProcess(state_dir) as desk:` opens it on a free port and closes it as Ctrl-C does."""

    def __init__(self, state_dir: Path, *flags: str) -> None:
        self._command = [sys.executable, "-m", "local", "--port", "0", "--state", str(state_dir), *flags]
        self.url = ""
        self.said = ""

    def __enter__(self) -> DeskProcess:
        environment = {**os.environ, "PYTHONTZPATH": "", "PYTHONPATH": str(ROOT)}
        environment.pop("DISPLAY", None)
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if found := re.search(r"is open at (\S+)", line):
                self.url = found[1]
                return self
        raise AssertionError(f"the desk did not open: {self.said}")

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        rest, _ = self._process.communicate(timeout=60)
        self.said += rest

    @property
    def exit_status(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def state(self, after: int = -1) -> dict[str, Any]:
        """What the page shows, as soon as it is newer than `after`."""
        state: dict[str, Any] = self.request(f"/api/state?after={after}")[1]
        return state

    def wait_until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first quiet state that is as wanted."""
        state = self.state()
        for _ in range(TRIES):
            if not state["busy"] and wanted(state):
                return state
            state = self.state(state["version"])
        raise AssertionError(f"the desk never came to it; last: {json.dumps(state)[:2000]}")

    def post(self, path: str, **body: object) -> tuple[int, Any]:
        """Do something as the page does."""
        return self.request(path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def request(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """One request's status, and what came back: JSON if it is any, else text."""
        request = urllib.request.Request(self.url + path, body, dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                status, text = answer.status, answer.read().decode()
        except HTTPError as refused:
            status, text = refused.code, refused.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    # ------------------------------------------------------------ finding things in a state

    def cell(self, appt_id: str, column: str) -> str:
        """What a visit's row says in a column now."""
        line, at = self.place(appt_id, column)
        row = self.state()["sheet"]["rows"][line - 1]
        return str(row[at]) if at < len(row) else ""

    def place(self, appt_id: str, column: str) -> tuple[int, int]:
        """Row number (from 1) and column (from 0) of a visit's cell."""
        header, *rows = self.state()["sheet"]["rows"]
        line = next(line for line, row in enumerate(rows, start=2) if row and row[header.index("Appt ID")] == appt_id)
        return line, header.index(column)
