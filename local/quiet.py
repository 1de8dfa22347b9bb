"""Where the functions' own logs and metrics go on this machine: a file beside the state, not the terminal."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def logs_in(file: Path) -> Iterator[None]:
    """Send log lines, and what the functions print (EMF metrics), to `file`, as CloudWatch would get them."""
    from chalicelib import logs

    file.parent.mkdir(parents=True, exist_ok=True)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    with file.open("w", encoding="utf-8", buffering=1) as stream, contextlib.redirect_stdout(stream):
        handler = logging.StreamHandler(stream)
        root.handlers = [handler]
        logs.set_up()
        try:
            yield
        finally:
            root.handlers = before
            root.setLevel(level)
