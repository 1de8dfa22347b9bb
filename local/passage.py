"""How time passes for a running system: what happens within a minute, and which minute comes next.

Within one minute the order is edits, sync, answers, tick, the weekly summary, dispatch. Syncs come every five minutes
and ticks every hour, counted from the beginning. A sync is stepped over only if neither sheet nor docs nor outbox
changed since the last one; at least hourly ones run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from local.weekly import Weekly
from local.world import SYNC_EVERY, TICK_EVERY, World

MINUTE = timedelta(minutes=1)
TICK_AND_DISPATCH = ("reminder_on_change", "dispatch")
"""What waits until people have answered: an answer in the minute of a reminder comes before it."""


def _nothing() -> None:
    """Nobody does anything."""


class Passage:
    """One world's minutes, counted from `begin`. Whoever edits a document or presses a button says so by `change`."""

    def __init__(self, world: World, begin: datetime) -> None:
        self._world = world
        self._begin = begin
        self._weekly = Weekly(world)
        self._changed = True
        self._last_sync = begin - TICK_EVERY

    def change(self) -> None:
        """Something was edited or answered: the next sync isn't stepped over."""
        self._changed = True

    def play(
        self,
        now: datetime,
        sync_anyway: bool = False,
        synced: Callable[[], None] = _nothing,
        answers: Callable[[], None] = _nothing,
    ) -> None:
        """Play one minute after its edits were made. `synced` is called after a sync, `answers` when people answer."""
        self._world.clock.move_to(now)
        if sync_anyway or (self._is_on(now, SYNC_EVERY) and self._sync_is_due(now)):
            self.sync(now, TICK_AND_DISPATCH)
            synced()
        answers()
        if self._is_on(now, TICK_EVERY):
            self._world.tick()
        self._weekly.play(now)
        self._world.pump.run_until_quiet()

    def sync(self, now: datetime, held: Collection[str] = ()) -> None:
        """Run a sync, and see whether it left anything for the next one. The functions in `held` wait for their turn
        in the minute."""
        self._world.sync(held)
        self._last_sync = now
        self._changed = not self._world.outbox_is_empty()

    def next_minute(self, now: datetime, others: Iterable[datetime] = ()) -> datetime:
        """The next minute at which something can happen, `others` among them; never the same one again."""
        every = SYNC_EVERY if self._changed else TICK_EVERY
        moments = [self._begin + ((now - self._begin) // step + 1) * step for step in (every, TICK_EVERY)]
        moments += [*others, self._weekly.next_minute(now)]
        if (scheduled := self._world.scheduler.next_at()) is not None:
            moments.append(scheduled)
        return max(min(moments), now + MINUTE) if min(moments) <= now else min(moments)

    def _sync_is_due(self, now: datetime) -> bool:
        return self._changed or now - self._last_sync >= TICK_EVERY

    def _is_on(self, now: datetime, every: timedelta) -> bool:
        return (now - self._begin) % every == timedelta()
