"""What goes wrong between the shipped code and the world: every port call may be refused, lost, slow, or the last.

A `Wire` stands before each port. It tells `Faults` of every call; what is to happen there was decided before the run
(its troubles, by the number of the call) or follows from an outage that is on. `Killed` ends a run as a dying process
does: nothing in the shipped code catches it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from chalicelib.errors import DefiniteNo, NoAnswer, StoreConflict, StoreNoAnswer, UpstreamError


class Killed(BaseException):
    """The process is gone, in the middle of what it did."""


class Trouble(StrEnum):
    """What happens at one call."""

    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    REFUSED = "refused"  # it did not happen, and the caller knows
    UNHEARD = "unheard"  # it did not happen, and the caller can't tell
    LOST = "lost"  # it happened, and the caller can't tell
    CONFLICT = "conflict"  # a transaction was in the way
    SLOW = "slow"
    MEANWHILE = "meanwhile"  # something else runs from beginning to end before the call


@dataclass
class Run:
    """One run of one function. `troubles` are by the number of the port call, counted from 1."""

    name: str
    troubles: Mapping[int, Trouble] = field(default_factory=dict)
    calls: int = 0
    began: datetime | None = None
    armed_at: int = 0  # the world's step at its latest arm
    facts: dict[str, Any] = field(default_factory=dict)


_WRITES = frozenset(
    {
        *("store.commit", "store.count_text", "store.beat", "ledger.claim", "ledger.arm", "ledger.sent"),
        *("ledger.retry", "ledger.defer", "ledger.fail", "ledger.unknown", "ledger.settle", "ledger.deliver"),
        *("ledger.clear_alert", "ledger.revive", "ledger.archive"),
    }
)
_CONFLICTS = frozenset({"store.commit", "ledger.arm", "documents.write"})
_DELIVERIES = frozenset({"sms.send", "email.send", "staff.post"})


def refusal(call: str) -> Exception:
    """The port's own error for a call that certainly did not happen."""
    return DefiniteNo(call, "throttled") if call in _DELIVERIES else UpstreamError(call, "refused")


def silence(call: str) -> Exception:
    """The port's own error for a call of which nobody knows."""
    if call in _DELIVERIES:
        return NoAnswer(call, "the connection was lost")
    return StoreNoAnswer(f"{call}: no answer") if call in _WRITES else UpstreamError(call, "timed out")


class Faults:
    """Decides at every call. `on_slow` lets seconds pass, `on_meanwhile` lets something else run."""

    def __init__(self, on_slow: Callable[[], None], on_meanwhile: Callable[[], None]) -> None:
        self.runs: list[Run] = []
        self.ambient: Callable[[str], Trouble | None] = lambda _call: None
        self.seen: Callable[[str, tuple[Any, ...]], None] = lambda _call, _args: None
        self.note: Callable[[str], None] = lambda _text: None
        self.steps = 0
        self.troubles = 0
        self._slow, self._meanwhile = on_slow, on_meanwhile

    @property
    def run(self) -> Run | None:
        """The innermost run that is under way."""
        return self.runs[-1] if self.runs else None

    def call(self, call: str, target: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """One port call with what befalls it. `seen` hears of those that happened."""
        if not self.runs:
            return target(*args, **more)
        run = self.runs[-1]
        run.calls += 1
        self.steps += 1
        trouble = run.troubles.get(run.calls) or self.ambient(call)
        if trouble is Trouble.CONFLICT and call not in _CONFLICTS:
            trouble = Trouble.REFUSED
        if trouble is not None:
            self.troubles += 1
            self.note(f"    {run.name}: {call} (call {run.calls}): {trouble.value}")
            self._before(run, call, trouble)
        if call == "ledger.arm":
            run.armed_at = self.steps
        answer = target(*args, **more)
        self.steps += 1
        self.seen(call, args)
        if trouble is Trouble.KILLED_AFTER:
            raise Killed(call)
        if trouble is Trouble.LOST:
            raise silence(call)
        return answer

    def _before(self, run: Run, call: str, trouble: Trouble) -> None:
        match trouble:
            case Trouble.KILLED_BEFORE:
                raise Killed(call)
            case Trouble.REFUSED:
                raise refusal(call)
            case Trouble.UNHEARD:
                raise silence(call)
            case Trouble.CONFLICT:
                raise StoreConflict(f"{call}: another transaction")
            case Trouble.SLOW:
                self._slow()
            case Trouble.MEANWHILE:
                self._meanwhile()


class Wire:
    """A port as the shipped code sees it, each call through `Faults`."""

    def __init__(self, port: Any, name: str, faults: Faults) -> None:
        self._port, self._name, self._faults = port, name, faults

    def __getattr__(self, method: str) -> Any:
        call = partial(self._faults.call, f"{self._name}.{method}", getattr(self._port, method))
        self.__dict__[method] = call
        return call
