"""The HTTP server that every stand-in is made of: threads, 127.0.0.1 only, HTTP/1.1 with keep-alive.

An answer leaves in one write with Nagle's algorithm off: head and body in two small writes would cost a delayed
acknowledgement, 40 ms a request. A stand-in can be made to fail or to hang on purpose, before it acts or after it did,
so that a lost answer can be told from a refused request.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    """One request, its body read. `path` is decoded; `headers` have lower-case names."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; {} if there is none. Raises ValueError."""
        return json.loads(self.body) if self.body.strip() else {}

    def form(self) -> dict[str, str]:
        """The body as a form; of a repeated field the last counts."""
        return {k: v[-1] for k, v in parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True).items()}

    def one(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.query.get(name, [default])[-1]


@dataclass(frozen=True)
class Response:
    """One answer. `drop` closes the connection instead, as a vendor does whose answer is lost."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False


def json_response(value: object, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode())


def text_response(text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Response:
    """An answer in text."""
    return Response(status, text.encode(), content_type)


Handler = Callable[[Request], Response]


@dataclass
class _Failure:
    """The next `times` requests under `path` fail so; `times` of -1 is until further notice.

    `response` None: the answer is the true one, and only late. `hang`: seconds before acting, or after it.
    """

    path: str
    response: Response | None
    after: bool
    times: int
    hang: float = 0.0


class HttpStandIn:
    """A server whose `handle` a stand-in overrides, or which is given a handler.

    `start()` binds (port 0: a free one) and serves in the background; `url` has no trailing slash.
    """

    def __init__(self, handler: Handler | None = None, port: int = 0) -> None:
        self._handler = handler
        self._port = port
        self._server: _Server | None = None
        self._failures: list[_Failure] = []
        self._failing = threading.Lock()
        self.down = False
        self.skew = 0.0  # seconds that its clock is ahead, as the Date header of its answers says
        self.requests = 0

    def handle(self, request: Request) -> Response:
        """Answer one request. Runs in the request's own thread."""
        if self._handler is None:
            return text_response("nothing is served here\n", 404)
        return self._handler(request)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`. Raises RuntimeError before `start`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The bound port. Raises RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("the stand-in is not started")
        return int(self._server.server_address[1])

    def start(self) -> HttpStandIn:
        """Bind and serve. Raises OSError if the port is taken."""
        server = _Server(("127.0.0.1", self._port), _Exchange)
        server.answer = self._answer
        server.clock = lambda: time.time() + self.skew
        self._server = server
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Take no more requests. Safe to call twice."""
        if self._server is not None:
            self._server.stopping = True
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> HttpStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fail_next(
        self, times: int = 1, status: int = 503, path: str = "", after: bool = False, drop: bool = False
    ) -> None:
        """Fail the next requests whose path contains `path`.

        `after`: the request is acted on first and its answer lost. `drop`: the connection closes with no answer.
        """
        body = json.dumps({"error": {"code": status, "message": "failed on purpose", "status": "UNAVAILABLE"}}).encode()
        with self._failing:
            self._failures.append(_Failure(path, Response(status, body, drop=drop), after, times))

    def hang_next(self, seconds: float, times: int = 1, path: str = "", after: bool = True) -> None:
        """Answer the next requests truly, but late: `after` acting at once, or else hang first and act then."""
        with self._failing:
            self._failures.append(_Failure(path, None, after, times, seconds))

    def heal(self) -> None:
        """Forget the failures that were asked for and have not come yet."""
        with self._failing:
            self._failures.clear()

    def _next_failure(self, path: str) -> _Failure | None:
        with self._failing:
            for failure in self._failures:
                if failure.times and failure.path in path:
                    failure.times -= 1
                    return failure
        return None

    def _answer(self, request: Request) -> Response:
        self.requests += 1
        if self.down:
            return json_response({"error": {"code": 503, "message": "down", "status": "UNAVAILABLE"}}, 503)
        failure = self._next_failure(request.path)
        if failure is not None and not failure.after:
            time.sleep(failure.hang)
            if failure.response is not None:
                return failure.response
        try:
            response = self.handle(request)
        except Exception as exc:  # a stand-in's own mistake must be seen, not hang its caller
            response = json_response({"error": {"code": 500, "message": f"{type(exc).__name__}: {exc}"}}, 500)
        if failure is not None and failure.after:
            time.sleep(failure.hang)
            return failure.response or response
        return response


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    answer: Callable[[Request], Response]
    clock: Callable[[], float]
    stopping = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is no news."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stand-in"
    sys_version = ""
    wbufsize = 1 << 20  # head and body leave together
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header, by the stand-in's own clock."""
        return super().date_time_string(self.server.clock() if timestamp is None else timestamp)

    def _exchange(self) -> None:
        parts = urlsplit(self.path)
        response = self.server.answer(
            Request(
                self.command,
                unquote(parts.path),
                parse_qs(parts.query, keep_blank_values=True),
                {name.lower(): value for name, value in self.headers.items()},
                self._body(),
            )
        )
        if response.drop:
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in {"Content-Type": response.content_type, **response.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        if self.server.stopping:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _exchange

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a path may hold a token."""
