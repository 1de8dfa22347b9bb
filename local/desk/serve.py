"""`scripts/demo`: bring the shop up, serve its desk, and put everything away in order when it is closed."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import threading
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from chalicelib.errors import ReminderError
from local.desk.api import DeskApi
from local.desk.bookings import CALENDAR
from local.desk.desk import Desk, DeskWorld, holds_other_things
from local.ministack import MinistackError
from local.play_files import read_local, read_sheet_file, read_text_file
from local.play_flags import SAMPLE, SAMPLE_FROM
from local.quiet import logs_in
from local.standins.http import HttpStandIn
from local.world import ShopSetup, World


def serve(port: int, state_dir: Path, fresh: bool) -> int:
    """Serve until Ctrl-C. Returns the exit status: 2 for a port or a state directory that can't be used."""
    api = DeskApi()
    server = HttpStandIn(api, port)
    try:
        server.start()
    except (OSError, OverflowError):
        return _refuse(f"Port {port} on 127.0.0.1 is in use. Choose another one: scripts/demo --port {port + 1}")
    api.port = server.port
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        with (state_dir / "desk.lock").open("w") as lock:
            if not _taken(lock):
                return _refuse(
                    f"Another desk is open on {state_dir}. Close it, or keep this one elsewhere: "
                    "scripts/demo --state DIRECTORY"
                )
            return _serve_state(server, api, state_dir, fresh)
    except OSError as problem:
        return _refuse(f"{state_dir} can't be used for the desk's state: {problem.strerror or problem}")
    finally:
        server.stop()


def _serve_state(server: HttpStandIn, api: DeskApi, state_dir: Path, fresh: bool) -> int:
    """With the directory to ourselves: open the world, say where, wait, close."""
    resume = World.was_saved(state_dir) and not fresh
    if not resume:
        if holds_other_things(state_dir):
            return _refuse(f"{state_dir} holds other files than a desk's, so nothing is begun there; choose another")
        _clear(state_dir)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: stop.set())
    say = _speaker()
    say("Opening the desk ..." if not resume else f"Opening the desk as it was left ({state_dir}) ...")
    begin = read_local(SAMPLE_FROM, ZoneInfo("Asia/Singapore")).astimezone(UTC)
    with logs_in(state_dir / "functions.log"):
        world = DeskWorld(World.saved_now(state_dir) if resume else begin, state_dir)
        try:
            desk = _open(world, begin, resume)
        except MinistackError as problem:
            return _refuse(f"The desk could not be opened: {problem}")
        except (ReminderError, ValueError, LookupError, TypeError) as problem:
            return _refuse(
                f"The desk could not be opened: {type(problem).__name__}: {problem}\n"
                + ("What was kept can't be taken up. Begin anew: scripts/demo --fresh" if resume else "")
            )
        api.desk = desk
        say(f"\n  The desk is open at {server.url}\n\n  Ctrl-C closes it. What happened is kept in {state_dir}.")
        _show(server.url)
        stop.wait()
        say("Closing ...")
        desk.close()
        world.stop()
    return 0


def _open(world: DeskWorld, begin: datetime, resume: bool) -> Desk:
    """Bring the world up and make its desk; what was brought up is put away if that fails."""
    try:
        world.google.calendar.calendars[CALENDAR] = {}
        world.start(None if resume else _sample_shop())
        desk = Desk(world, begin)
        desk.open(first_minute=not resume)
    except BaseException:
        world.aws.stop()
        raise
    return desk


def _sample_shop() -> ShopSetup:
    return ShopSetup(
        sheet=read_sheet_file(SAMPLE / "appointments.csv"),
        rules=read_text_file(SAMPLE / "rules.txt"),
        voice=read_text_file(SAMPLE / "voice.txt"),
        parameters={"calendars": CALENDAR, "intake_address": "bookings@in.bright.example"},
    )


def _clear(state_dir: Path) -> None:
    """Take away what an earlier desk left; the lock is ours."""
    for entry in state_dir.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != "desk.lock":
            entry.unlink()


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _speaker() -> Callable[[str], None]:
    """Say things on the terminal, whatever becomes of standard output meanwhile."""
    terminal = sys.stdout

    def say(text: str) -> None:
        print(text, file=terminal, flush=True)

    return say


def _refuse(text: str) -> int:
    print(text.strip(), file=sys.stderr)
    return 2


def _show(url: str) -> None:
    """Open the browser where somebody sits in front of one."""
    somebody = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if somebody and sys.stdin.isatty() and not os.environ.get("CI"):
        webbrowser.open(url)
