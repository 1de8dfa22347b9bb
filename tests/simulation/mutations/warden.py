"""Runs tests over one copy of the source, a fork each: what the tests need of others is imported once, before.

It is spoken to in lines of JSON on stdin and answers on stdout. The embedded AWS is started once, too.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

LONGEST_SECONDS = 600
MOST_CPU_SECONDS = 120


def main(copy: str) -> None:
    """Serve until stdin ends. A request is `{args}` for pytest, its answer `{failed, status}`."""
    os.chdir(copy)
    sys.path.insert(0, copy)
    answers = os.fdopen(os.dup(1), "w")
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    _import_what_is_others()
    from local.ministack import Ministack

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    with Ministack() as aws:
        print("ready", file=answers, flush=True)
        for line in sys.stdin:
            with tempfile.NamedTemporaryFile() as told:
                child = os.fork()
                if child == 0:
                    _be_the_child(json.loads(line)["args"], aws, Path(told.name))
                status = _watched(child)
                failed = Path(told.name).read_text(encoding="utf-8")
            print(json.dumps({"failed": failed, "status": status}), file=answers, flush=True)


def _watched(child: int) -> int:
    """Wait for the child's exit status; one that hangs is killed, with a status below zero."""
    if signal.sigtimedwait({signal.SIGCHLD}, LONGEST_SECONDS) is None:
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _import_what_is_others() -> None:
    import boto3
    import botocore.config  # noqa: F401
    import chalice.app  # noqa: F401
    import holidays  # noqa: F401
    import hypothesis  # noqa: F401
    import jinja2  # noqa: F401
    import phonenumbers  # noqa: F401
    import pytest  # noqa: F401
    import slack_sdk  # noqa: F401

    boto3.session.Session()


class _FirstFailure:
    """A plugin that notes the first test that fails, or the file that could not even be read."""

    def __init__(self, note: Path) -> None:
        self._note = note

    def _keep(self, report: Any) -> None:
        if report.failed and not self._note.read_text(encoding="utf-8"):
            self._note.write_text(report.nodeid, encoding="utf-8")

    pytest_runtest_logreport = pytest_collectreport = _keep


def _be_the_child(arguments: list[str], aws: Any, note: Path) -> None:
    import pytest

    from local.ministack import Ministack

    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))  # for what loops for ever
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    Ministack.__enter__ = lambda self: aws  # type: ignore[method-assign]
    Ministack.__exit__ = lambda self, *_: None  # type: ignore[method-assign]
    status: int = pytest.main([*arguments, "-p", "no:xdist"], plugins=[_FirstFailure(note)])
    os._exit(int(status))


if __name__ == "__main__":
    main(sys.argv[1])
