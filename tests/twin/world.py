"""What the twins remember, with a lock and two hooks for tests that crash, delay or interleave calls.

`before` is called with the call's name (`ledger.arm`, `store.commit`, ...) before anything happens, `after` once
it has happened: a hook that raises `StoreNoAnswer` there plays a reply that was lost after the write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.audit import AuditEntry
from chalicelib.domain.proposal import Proposal
from chalicelib.domain.send import UNSETTLED, Send
from chalicelib.domain.standing import Standing
from chalicelib.domain.work import Work
from chalicelib.ports import PendingScan, PutReply


def _nothing(_call: str) -> None:
    pass


@dataclass
class TwinWorld:
    """One shop's tables. Values are the domain's frozen ones, so nothing is copied."""

    before: Callable[[str], None] = _nothing
    after: Callable[[str], None] = _nothing
    standings: dict[str, Standing] = field(default_factory=dict)
    replies: dict[str, dict[str, PutReply]] = field(default_factory=dict)
    spent: set[tuple[str, str]] = field(default_factory=set)
    audit: dict[str, dict[str, AuditEntry]] = field(default_factory=dict)
    outbox: dict[str, Work] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    holds: dict[tuple[str, datetime], str] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    counters: dict[tuple[str, str], int] = field(default_factory=dict)
    beats: dict[str, datetime] = field(default_factory=dict)
    sends: dict[str, dict[str, Send]] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    scans: dict[str, PendingScan] = field(default_factory=dict)
    archive: dict[tuple[str, str], Send] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _index: dict[tuple[str, str], Send] = field(default_factory=dict, repr=False)

    def call(self, name: str) -> Call:
        """One call on the wire: the hooks around it, and nobody else in between."""
        return Call(self, name)

    def put_send(self, send: Send) -> None:
        """Store a send and keep the sparse index over what isn't settled."""
        key = (send.key.appt_id, send.key.window_index)
        self.sends.setdefault(key[0], {})[key[1]] = send
        if send.state in UNSETTLED or send.alert_pending or send.due is not None:
            self._index[key] = send
        else:
            self._index.pop(key, None)

    def unsettled_sends(self) -> list[Send]:
        """What the sparse index holds."""
        return list(self._index.values())


class Call:
    """`TwinWorld.call`'s block. A class: made a hundred thousand times, a generator would weigh."""

    __slots__ = ("_name", "_world")

    def __init__(self, world: TwinWorld, name: str) -> None:
        self._world, self._name = world, name

    def __enter__(self) -> None:
        self._world.before(self._name)
        self._world.lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._world.lock.release()
        if kind is None:
            self._world.after(self._name)


def to_second(instant: datetime) -> datetime:
    """Instants are stored to the second; what is compared is cut alike."""
    return instant.replace(microsecond=0) if instant.microsecond else instant
