"""The ledger in memory: the conditions of `ports.Ledger`, each written down a second time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.send import DELIVERY_DUE, LEASE_SECONDS, MAX_ATTEMPTS, UNSETTLED, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.ports import ArmGuard, Arming, Claim
from tests.twin.store import TwinStore
from tests.twin.world import TwinWorld, to_second

S = SendState


class TwinLedger:
    """`ports.Ledger` over a `TwinWorld`, or beside a `TwinStore` in its world."""

    def __init__(self, beside: TwinWorld | TwinStore | None = None) -> None:
        self.world = beside.world if isinstance(beside, TwinStore) else beside or TwinWorld()

    def claim(self, send: Send, run: str, now: datetime) -> Claim:
        now = to_second(now)
        with self.world.call("ledger.claim"):
            stored = self._stored(send)
            if stored is not None and not _claimable(stored, run, now):
                return Claim.TAKEN if stored.state in UNSETTLED else Claim.SETTLED
            base = stored or Send(send.key, S.CLAIMED, send.channel, send.move, send.planned)
            lease = now + timedelta(seconds=LEASE_SECONDS)
            self.world.put_send(
                replace(
                    base,
                    state=S.CLAIMED,
                    owner=run,
                    lease_until=lease,
                    due=lease,
                    channel=send.channel,
                    move=send.move,
                    planned=to_second(send.planned),
                    useful_until=to_second(send.useful_until) if send.useful_until else None,
                    detail=dict(send.detail),
                )
            )
            return Claim.MINE

    def arm(self, send: Send, run: str, now: datetime, guard: ArmGuard) -> Arming:
        now = to_second(now)
        with self.world.call("ledger.arm"):
            stored = self._stored(send)
            if (
                stored is None
                or stored.state is not S.CLAIMED
                or stored.owner != run
                or stored.lease_until is None
                or stored.lease_until <= now
                or stored.attempt >= MAX_ATTEMPTS
            ):
                return Arming.LOST
            standing = self.world.standings.get(guard.appt_id)
            if not _holds(guard, standing):
                return Arming.STALE
            if not guard.reply_id:
                standing = standing or Standing(guard.appt_id, guard.chain)
                self.world.standings[guard.appt_id] = replace(
                    standing, sent={**standing.sent, send.key.what: now}, rev=standing.rev + 1
                )
            self.world.put_send(replace(stored, state=S.SENDING, attempt=stored.attempt + 1))
            return Arming.ARMED

    def sent(self, send: Send, run: str, message_id: str, recipient: str, now: datetime) -> bool:
        with self.world.call("ledger.sent"):
            stored = self._stored(send)
            if stored is None:
                return False
            if stored.state in (S.SENT, S.DELIVERED, S.UNDELIVERED):
                return stored.message_id == message_id
            if stored.state not in (S.SENDING, S.UNKNOWN) or stored.owner != run:
                return False
            awaited = send.detail.get(DELIVERY_DUE, "")
            self.world.put_send(
                replace(
                    stored,
                    state=S.SENT,
                    message_id=message_id,
                    recipient=recipient,
                    sent_at=to_second(now),
                    channel=send.channel,
                    move=send.move,
                    detail=dict(send.detail),
                    alert_pending="",
                    due=datetime.fromisoformat(awaited).astimezone(UTC) if awaited else None,
                )
            )
            return True

    def retry(self, send: Send, run: str, at: datetime, reason: str) -> bool:
        with self.world.call("ledger.retry"):
            return self._step(send, run, (S.SENDING, S.CLAIMED), S.RETRY, reason, due=at)

    def defer(self, send: Send, run: str, at: datetime, reason: str) -> bool:
        with self.world.call("ledger.defer"):
            return self._step(send, run, (S.CLAIMED,), S.DEFERRED, reason, due=at)

    def fail(self, send: Send, run: str, reason: str, alert: str) -> bool:
        with self.world.call("ledger.fail"):
            return self._step(send, run, (S.SENDING, S.CLAIMED), S.FAILED, reason, alert=alert)

    def unknown(self, send: Send, run: str, reason: str, alert: str) -> bool:
        with self.world.call("ledger.unknown"):
            return self._step(send, run, (S.SENDING,), S.UNKNOWN, reason, alert=alert)

    def settle(self, send: Send, state: str, reason: str, alert: str, now: datetime) -> bool:
        target = SendState(state)
        with self.world.call("ledger.settle"):
            stored = self._stored(send)
            if (
                stored is None
                or (stored.state, stored.owner) != (send.state, send.owner)
                or stored.lease_until != (to_second(send.lease_until) if send.lease_until else None)
            ):
                return False
            due = to_second(now) if target in UNSETTLED else None
            self.world.put_send(replace(stored, state=target, reason=reason, alert_pending=alert, due=due))
            return True

    def deliver(self, message_id: str, delivered: bool, reason: str, alert: str, now: datetime) -> Send | None:
        target = S.DELIVERED if delivered else S.UNDELIVERED
        with self.world.call("ledger.deliver"):
            for stored in self.world.unsettled_sends():
                if stored.message_id != message_id:
                    continue
                if stored.state is S.SENT:
                    stored = replace(stored, state=target, reason=reason, alert_pending=alert, due=None)
                    self.world.put_send(stored)
                return stored if stored.state is target else None
            return None

    def clear_alert(self, send: Send) -> None:
        with self.world.call("ledger.clear_alert"):
            stored = self._stored(send)
            if stored is not None and (stored.state, stored.alert_pending) == (send.state, send.alert_pending):
                self.world.put_send(replace(stored, alert_pending=""))

    def revive(self, send: Send, now: datetime) -> bool:
        now = to_second(now)
        with self.world.call("ledger.revive"):
            stored = self._stored(send)
            if stored is not None and stored.state is S.CANCELLED and stored.attempt == 0:
                self.world.put_send(replace(stored, state=S.DEFERRED, due=now))
                return True
            return stored is not None and stored.state is S.DEFERRED and stored.due == now

    def get(self, key: SendKey) -> Send | None:
        with self.world.call("ledger.get"):
            return self.world.sends.get(key.appt_id, {}).get(key.window_index)

    def chain(self, appt_id: str, chain: str) -> list[Send]:
        with self.world.call("ledger.chain"):
            mine = self.world.sends.get(appt_id, {})
            return [mine[index] for index in sorted(mine) if index.startswith(f"{chain}#")]

    def unsettled(self, until: datetime) -> list[Send]:
        until = to_second(until)
        with self.world.call("ledger.unsettled"):
            found = [
                send
                for send in self.world.unsettled_sends()
                if (send.alert_pending and send.state not in UNSETTLED) or (send.due is not None and send.due <= until)
            ]
            return sorted(found, key=_look_order)

    def archive(self, appt_id: str, chain: str) -> int:
        with self.world.call("ledger.archive"):
            copied = [s for index, s in self.world.sends.get(appt_id, {}).items() if index.startswith(f"{chain}#")]
            for send in copied:
                self.world.archive[appt_id, send.key.window_index] = send
            return len(copied)

    def _stored(self, send: Send) -> Send | None:
        return self.world.sends.get(send.key.appt_id, {}).get(send.key.window_index)

    def _step(
        self,
        send: Send,
        run: str,
        allowed: Collection[SendState],
        target: SendState,
        reason: str,
        *,
        due: datetime | None = None,
        alert: str = "",
    ) -> bool:
        stored = self._stored(send)
        due = to_second(due) if due else None
        if stored is None or stored.owner != run:
            return False
        if stored.state not in allowed:
            return stored.state is target and stored.due == due and stored.reason == reason
        self.world.put_send(replace(stored, state=target, reason=reason, due=due, alert_pending=alert))
        return True


def _claimable(stored: Send, run: str, now: datetime) -> bool:
    if stored.state in (S.RETRY, S.DEFERRED):
        return stored.due is not None and stored.due <= now
    if stored.state is S.CLAIMED:
        return stored.owner == run or (stored.lease_until is not None and stored.lease_until <= now)
    return False


def _holds(guard: ArmGuard, standing: Standing | None) -> bool:
    if guard.reply_id:
        return standing is not None and standing.reply_id == guard.reply_id
    if standing is None:
        return True
    return standing.answer is Answer.OPEN and not standing.hold_reason and standing.chain == guard.chain


def _look_order(send: Send) -> tuple[datetime, str, str]:
    return send.due or datetime.min.replace(tzinfo=UTC), send.key.appt_id, send.key.window_index
