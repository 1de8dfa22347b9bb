"""The process whose children are killed: it has the app imported and its clients built, and forks one child a run.

It is spoken to in lines of JSON. It opens no connection itself, so that no two children share one. It alone waits
for its children, so that a kill can't hit another process that was given the same number.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

LONGEST_RUN_SECONDS = 60.0
FAILED = 1

Runner = Callable[[dict[str, Any], datetime], None]


def main() -> None:
    """Serve until stdin ends. A request is `{run, event, now, kill_after}`, its answer `{killed, seconds, ok}`."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # metrics go to stdout, and belong to nobody here
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    run = _warmed()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_the_child(lambda request=request: run(request))
        print(json.dumps(_watched(child, request["kill_after"])), file=answers, flush=True)


def _be_the_child(work: Callable[[], None]) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    status = 0
    try:
        work()
    except BaseException as failure:
        status = FAILED
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr, flush=True)
    os._exit(status)


def _watched(child: int, kill_after: float | None) -> dict[str, object]:
    """Wait for the child, and kill it when its time has come. Seconds."""
    began = time.monotonic()
    limit = LONGEST_RUN_SECONDS if kill_after is None else kill_after
    while (left := began + limit - time.monotonic()) > 0:
        signal.sigtimedwait({signal.SIGCHLD}, left)
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return {"killed": False, "seconds": time.monotonic() - began, "ok": status == 0}
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status)
    if killed and kill_after is None:
        raise TimeoutError(f"a run did not end within {LONGEST_RUN_SECONDS:.0f} s")
    return {"killed": killed, "seconds": time.monotonic() - began, "ok": status == 0}


def _warmed() -> Callable[[dict[str, Any]], None]:
    """Import all that a run needs and build its clients. Returns what a child does with a request."""
    import logging

    import app
    from chalicelib import bootstrap
    from local.clock import MovableClock
    from tests.simulation.kills.literal import dispatch_literally

    logging.disable(logging.CRITICAL)
    clock = MovableClock(datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
    runtime = bootstrap.runtime(clock=clock)
    for port in ("documents", "store", "ledger", "bus", "schedules", "sms", "parameters", "secrets", "tokens"):
        getattr(runtime, port)
    from chalicelib.usecases import answer_question, run_tick, settle_delivery, settle_staff_action  # noqa: F401

    runtime.sms.send  # noqa: B018
    literal = dispatch_literally()

    def run(request: dict[str, Any]) -> None:
        clock.move_to(datetime.fromisoformat(request["now"]))
        if request["run"] == "literal":
            literal(request["event"], clock())
        else:
            getattr(app, request["run"])(request["event"], _Context())

    return run


class _Context:
    """What a handler may ask Lambda's context for."""

    function_name = "killed"
    aws_request_id = "killed"
    memory_limit_in_mb = 256
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:ap-southeast-1:000000000000:function:killed"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 30_000


if __name__ == "__main__":
    main()
