"""The embedded AWS as a child process on 127.0.0.1: start, wait, save, stop.

    with Ministack(state_dir) as aws:
        boto3.client("dynamodb", **aws.client_options())

With a state directory it remembers what it held when it was last saved or stopped; without one it starts empty.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from local.ministack_server import SAVED

HOST = "127.0.0.1"
REGION = "ap-southeast-1"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
SAVE_SECONDS = 30.0

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""The emulator asks for some; these are nobody's."""


class MinistackError(RuntimeError):
    """The embedded AWS can't be started, saved or stopped; the text says why and what to do."""


class Ministack:
    """One running emulator. `port` 0 takes a free one; `state_dir` None keeps nothing."""

    def __init__(self, state_dir: Path | None = None, port: int = 0) -> None:
        self._kept = state_dir is not None
        self._scratch = None if state_dir else tempfile.TemporaryDirectory(prefix="ministack-")
        self.state_dir = state_dir or Path(str(self._scratch and self._scratch.name))
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Ministack:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where every AWS client is pointed to."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """What the emulator says."""
        return self.state_dir / "ministack.log"

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment so that its AWS clients come here and nowhere else."""
        return CREDENTIALS | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client_options(self) -> dict[str, Any]:
        """The same as keyword arguments of `boto3.client`."""
        return {
            "endpoint_url": self.url,
            "region_name": REGION,
            "aws_access_key_id": CREDENTIALS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        }

    def start(self) -> None:
        """Start it and wait until it answers. Raises MinistackError for a port in use or a start that fails."""
        self.port = self.port or _free_port()
        if _answers(self.port):
            raise MinistackError(
                f"port {self.port} on {HOST} is in use: stop what listens there, or choose another port"
            )
        self.state_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.ministack_server"],
                env=self._server_environment(),
                cwd=Path(__file__).parent.parent,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the runner, which then stops it in order
            )
        try:
            self._wait_until_healthy()
        except MinistackError:
            self.kill()
            raise

    def save(self) -> None:
        """Write everything to the state directory now; returns when it is there. For quiet moments."""
        process = self._running()
        before = self._saves()
        process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + SAVE_SECONDS
        while self._saves() <= before:
            if process.poll() is not None or time.monotonic() > deadline:
                raise MinistackError(f"the embedded AWS did not save its state; see {self.log}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it in order, its state saved. Not running is no error."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None
        if self._scratch is not None:
            self._scratch.cleanup()

    def kill(self) -> None:
        """End it at once, as a crash would: what wasn't saved is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            raise MinistackError("the embedded AWS isn't running")
        return self._process

    def _saves(self) -> int:
        try:
            return int((self.state_dir / SAVED).read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _server_environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}
        return inherited | {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "STATE_DIR": str(self.state_dir),
            "PERSIST_STATE": "1" if self._kept else "0",
            "S3_PERSIST": "1" if self._kept else "0",
            "S3_DATA_DIR": str(self.state_dir / "s3"),
            "TMPDIR": str(self.state_dir),
            "SFTP_ENABLED": "0",  # these two listen on ports of their own
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "DOCKER_HOST": "unix:///nonexistent",  # it must not look for containers on anybody's machine
        }

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise MinistackError(f"the embedded AWS ended while starting: {self._last_words()}")
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise MinistackError(f"the embedded AWS did not answer within {START_SECONDS:.0f} s; see {self.log}")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
