"""A clock that can be moved: the one seam besides endpoint URLs. It stands still between moves."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class MovableClock:
    """Callable like `chalicelib.ports.Clock`: now, aware, UTC. Never goes back."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        self._now = now.astimezone(UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            return self._now

    def move_to(self, instant: datetime) -> None:
        """Move on to that instant; an earlier one leaves the clock where it is."""
        with self._lock:
            self._now = max(self._now, instant.astimezone(UTC))

    def forward(self, amount: timedelta) -> None:
        """Move on by that much."""
        self.move_to(self() + amount)
