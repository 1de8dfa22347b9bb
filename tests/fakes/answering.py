"""A vendor on 127.0.0.1 that answers as it is told to: with a status and a body, late, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Vendor:
    """What it was asked, and what it will say. `hang_up` closes the connection once the request has been read."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    hang_up: bool = False
    keep_silent: threading.Event | None = None  # answers only once this is set
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def a_vendor() -> Iterator[Vendor]:
    """Runs for the life of the block."""
    vendor = Vendor()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            vendor.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            vendor.connections.add(self.client_address)
            if vendor.keep_silent:
                vendor.keep_silent.wait(30)
            if vendor.hang_up:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.send_response(vendor.status)
            self.send_header("Content-Type", vendor.content_type)
            self.send_header("Content-Length", str(len(vendor.body)))
            with suppress(OSError):  # the caller may have stopped waiting
                self.end_headers()
                self.wfile.write(vendor.body)

        do_GET = do_PUT = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vendor.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield vendor
    finally:
        if vendor.keep_silent:
            vendor.keep_silent.set()
        server.shutdown()
        server.server_close()


def a_closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
