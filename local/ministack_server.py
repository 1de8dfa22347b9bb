"""Runs the embedded AWS and saves its state when asked (SIGUSR1), not only when it ends.

Ministack writes its state on a clean shutdown alone: a killed process would forget every send, and forgotten sends
are sent twice. So the runner asks for a save at each quiet moment. The saving functions are ministack's own and
private, which is why its version is pinned.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

SAVED = ".saved"
"""A file in the state directory that holds the number of the last finished save."""

COPY_TRIES = 20
ORPHAN_CHECK_SECONDS = 1.0


def _save_on_request(state_dir: Path) -> None:
    wanted = threading.Semaphore(0)

    def serve_saves() -> None:
        count = 0
        while True:
            wanted.acquire()
            _save_everything()
            count += 1
            fresh = state_dir / f"{SAVED}.new"
            fresh.write_text(str(count))
            fresh.replace(state_dir / SAVED)

    threading.Thread(target=serve_saves, name="save-on-request", daemon=True).start()
    signal.signal(signal.SIGUSR1, lambda *_: wanted.release())


def _save_everything() -> None:
    from ministack import app
    from ministack.core.persistence import save_state

    for service, state_of in app._build_persistence_save_dict().items():
        for _ in range(COPY_TRIES):
            try:
                state = state_of()
            except RuntimeError:  # a request changed a table while it was being copied
                continue
            if state is not None:
                save_state(service, state)
            break


def _end_with_parent() -> None:
    """A runner that was killed must not leave a server behind that holds the port."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def main() -> None:
    """Serve until SIGTERM. Everything is told by the environment (see `local.ministack`)."""
    state_dir = Path(os.environ["STATE_DIR"])
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / SAVED).write_text("0")
    _save_on_request(state_dir)
    _end_with_parent()
    from ministack.app import main as serve

    sys.argv = ["ministack"]
    serve()


if __name__ == "__main__":
    main()
