"""Every AWS call that a handler makes, in any test, is noted: which function's role would have made it.

Handlers are Chalice's own callables, so it is there that a function begins and ends, whoever calls it: the pump of
`local`, `chalice.test`'s client, a test directly. Every client's call goes through botocore's one method. What a thread
of a stand-in or a test's own client does meanwhile is no function's, and isn't noted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from botocore.client import BaseClient
from chalice.app import Chalice, EventSourceHandler

import app as shipped
from chalicelib import bootstrap
from tests.policies.inventory import ROUTES
from tests.policies.needs import Need, UnknownCall, needs

_running: ContextVar[str] = ContextVar("running", default="")


class Recorder:
    """What was noted, by function. `unknown` holds the calls whose needs aren't known.

    `cold`: every run begins with a new runtime, as on AWS, where no function finds what another has read. Otherwise a
    test's functions share one, and what one of them calls depends on which came first.
    """

    def __init__(self, cold: bool = False) -> None:
        self._cold = cold
        self.made: dict[str, set[Need]] = defaultdict(set)
        self.unknown: set[str] = set()
        self._undo: list[Callable[[], None]] = []

    def start(self) -> Recorder:
        """Begin to listen, in this process."""
        for kind in (Chalice, EventSourceHandler):
            self._wrap(kind, "__call__", self._handler)
        self._wrap(BaseClient, "_make_api_call", self._client)
        return self

    def stop(self) -> None:
        """Leave everything as it was."""
        while self._undo:
            self._undo.pop()()

    def lines(self) -> dict[str, list[str]]:
        """What was noted, as the inventory writes it."""
        return {function: sorted(map(str, made)) for function, made in sorted(self.made.items())}

    def _wrap(self, owner: type, method: str, around: Callable[[Any], Any]) -> None:
        original = owner.__dict__[method]
        setattr(owner, method, wraps(original)(around(original)))
        self._undo.append(lambda: setattr(owner, method, original))

    def _handler(self, original: Any) -> Any:
        def call(handler: Any, *arguments: Any) -> Any:
            token = _running.set(_name(handler))
            if self._cold:
                _begin_anew()
            try:
                return original(handler, *arguments)
            finally:
                _running.reset(token)

        return call

    def _client(self, original: Any) -> Any:
        def call(client: Any, operation: str, params: Mapping[str, Any]) -> Any:
            if function := _running.get():
                self.note(function, client.meta.service_model.service_name, operation, params)
            return original(client, operation, params)

        return call

    def note(self, function: str, service: str, operation: str, params: Mapping[str, Any]) -> None:
        """A function calls this."""
        try:
            self.made[function] |= needs(service, operation, params)
        except UnknownCall as unknown:
            self.unknown.add(f"{function}: {unknown}")


def _name(handler: Any) -> str:
    """The function's name as app.py has it; "" for what is none of its own."""
    if handler is shipped.app:
        return ROUTES
    return next((name for name, value in vars(shipped).items() if value is handler), "")


def _begin_anew() -> None:
    """A new runtime with the former one's clock. AWS's session is kept: it holds descriptions of services alone."""
    former = bootstrap.runtime()
    fresh = bootstrap.AwsRuntime(former.clock)
    fresh.__dict__["_session"] = former._session
    bootstrap._runtime = fresh


@contextmanager
def recording() -> Iterator[Recorder]:
    """Listen for a while, each run of a function begun cold."""
    recorder = Recorder(cold=True).start()
    try:
        yield recorder
    finally:
        recorder.stop()
