"""The ledger of sends over `ar-sends`: every step one conditional write (DESIGN §6).

`unsettled` = "1" and `due` put an item into the sparse index: unfinished sends with the moment to look at them
(the lease's end, the retry), SENT texts that await the vendor's word, and settled ones with an alert pending.
Arm leaves `due` alone (it already is the lease's end), so the index isn't written for it.

The SDK repeats a request whose answer was lost. Where the repeat is refused because the first one did it, the
refusal carries the stored item and the step recognises itself by its run, which is random.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib import names
from chalicelib.adapters import dynamodb_expressions as expressions
from chalicelib.adapters.dynamodb_calls import ConditionFailed, DynamoCalls
from chalicelib.adapters.dynamodb_items import (
    SENT_PREFIX,
    Item,
    alert_due,
    channel_name,
    delivery_due,
    send_key,
    send_of,
    standing_key,
)
from chalicelib.domain.events import iso
from chalicelib.domain.send import LEASE_SECONDS, MAX_ATTEMPTS, UNSETTLED, Send, SendKey, SendState
from chalicelib.errors import StoreConflict, StoreNoAnswer
from chalicelib.ports import ArmGuard, Arming, Claim

# Claim
ABSENT = "attribute_not_exists(#appt_id)"
ITS_TIME_HAS_COME = "(#state IN (:retry, :deferred) AND #due <= :now)"
LEASE_HAS_RUN_OUT = "(#state = :claimed AND #lease_until <= :now)"
CLAIMED_BY_ME = "(#state = :claimed AND #owner = :run)"
MAY_CLAIM = f"{ABSENT} OR {ITS_TIME_HAS_COME} OR {LEASE_HAS_RUN_OUT} OR {CLAIMED_BY_ME}"

# Arm: the send
LEASE_STILL_RUNS = "#lease_until > :now"
ATTEMPTS_LEFT = "#attempt < :most_attempts"
MAY_ARM = f"{CLAIMED_BY_ME} AND {LEASE_STILL_RUNS} AND {ATTEMPTS_LEFT}"

# Arm: the standing
NO_STANDING = "attribute_not_exists(#pk)"
OPEN_ON_THIS_CHAIN = "(#answer = :open AND #chain = :chain AND attribute_not_exists(#hold_reason))"
NOBODY_ANSWERED = f"{NO_STANDING} OR {OPEN_ON_THIS_CHAIN}"
REPLY_STILL_STANDS = "#reply_id = :reply_id"

# After it
MINE = "#owner = :run"
SENDING_OR_UNKNOWN = "#state IN (:sending, :unknown)"
SENDING_OR_CLAIMED = "#state IN (:sending, :claimed)"
CLAIMED = "#state = :claimed"
SENDING = "#state = :sending"
AWAITS_WORD = "#state = :sent AND #message_id = :message_id"
CANCELLED_UNARMED = "#state = :cancelled AND #attempt = :zero"
ALERT_AS_SEEN = "#state = :was AND #alert_pending = :alert_was"

_INDEXED = "1"
_STATES: dict[str, Any] = {state.name.lower(): state.value for state in SendState}
_NOT_INDEXED = {"unsettled": "", "due": ""}


class DynamoLedger:
    """`ports.Ledger` on DynamoDB."""

    def __init__(self, client: Any) -> None:
        self._calls = client if isinstance(client, DynamoCalls) else DynamoCalls(client)

    def claim(self, send: Send, run: str, now: datetime) -> Claim:
        lease = iso(now + timedelta(seconds=LEASE_SECONDS))
        changes = {
            "state": SendState.CLAIMED.value,
            "owner": run,
            "lease_until": lease,
            "unsettled": _INDEXED,
            "due": lease,
            "channel": channel_name(send.channel),
            "move": send.move.value,
            "planned": iso(send.planned),
            "useful_until": iso(send.useful_until) if send.useful_until else "",
            "detail": dict(send.detail),
        }
        try:
            self._update(send, changes, MAY_CLAIM, "#attempt = if_not_exists(#attempt, :zero)", run=run, now=iso(now))
        except ConditionFailed as refused:
            return Claim.TAKEN if SendState(refused.stored["state"]) in UNSETTLED else Claim.SETTLED
        return Claim.MINE

    def arm(self, send: Send, run: str, now: datetime, guard: ArmGuard) -> Arming:
        # The caller's `now` serves for all tries: they take about a second, a function 30, the lease 45.
        token = secrets.token_hex(16)
        writes = [("Update", self._arm_send(send, run, now)), self._guard(send.key, guard, now)]
        last: StoreConflict | StoreNoAnswer = StoreConflict("no try was made")
        for _ in self._calls.pauses():
            try:
                self._calls.transact_once(writes, token)
            except ConditionFailed as refused:
                return Arming.LOST if refused.write == 0 else Arming.STALE
            except (StoreConflict, StoreNoAnswer) as unclear:
                last = unclear
            else:
                return Arming.ARMED
            stored = self.get(send.key)
            if stored is None or stored.owner != run:
                return Arming.LOST
            if stored.state is SendState.SENDING:
                return Arming.ARMED  # the answer was lost, not the write
            if stored.state is not SendState.CLAIMED:
                return Arming.LOST
        raise last

    def _arm_send(self, send: Send, run: str, now: datetime) -> dict[str, Any]:
        return expressions.update(
            names.SENDS,
            send_key(send.key),
            {"state": SendState.SENDING.value},
            MAY_ARM,
            "#attempt = #attempt + :one",
            **_STATES,
            run=run,
            now=iso(now),
            most_attempts=MAX_ATTEMPTS,
            one=1,
        )

    def _guard(self, key: SendKey, guard: ArmGuard, now: datetime) -> tuple[str, dict[str, Any]]:
        standing = standing_key(guard.appt_id)
        if guard.reply_id:
            # An answer to a press is no reminder: nothing is noted on the standing.
            check = expressions.check(names.STATE, standing, REPLY_STILL_STANDS, reply_id=guard.reply_id)
            return "ConditionCheck", check
        born = "#appt_id = if_not_exists(#appt_id, :appt_id), #chain = if_not_exists(#chain, :chain)"
        born += ", #answer = if_not_exists(#answer, :open), #rev = if_not_exists(#rev, :zero) + :one"
        request = expressions.update(
            names.STATE,
            standing,
            {"sent_window": iso(now)},
            NOBODY_ANSWERED,
            born,
            appt_id=guard.appt_id,
            chain=guard.chain,
            open="open",
            zero=0,
            one=1,
        )
        return "Update", expressions.named(request, "sent_window", SENT_PREFIX + key.what)

    def sent(self, send: Send, run: str, message_id: str, recipient: str, now: datetime) -> bool:
        awaited = delivery_due(send, message_id)
        changes = {
            "state": SendState.SENT.value,
            "message_id": message_id,
            "recipient": recipient,
            "sent_at": iso(now),
            "channel": channel_name(send.channel),
            "move": send.move.value,
            "detail": dict(send.detail),
            "alert_pending": "",
            "unsettled": _INDEXED if awaited else "",
            "due": awaited,
        }
        try:
            self._update(send, changes, f"{SENDING_OR_UNKNOWN} AND {MINE}", run=run)
        except ConditionFailed as refused:
            done = (SendState.SENT, SendState.DELIVERED, SendState.UNDELIVERED)
            return refused.stored.get("state") in done and refused.stored.get("message_id") == message_id
        return True

    def retry(self, send: Send, run: str, at: datetime, reason: str) -> bool:
        return self._step(send, run, SENDING_OR_CLAIMED, SendState.RETRY, reason, _waiting(at))

    def defer(self, send: Send, run: str, at: datetime, reason: str) -> bool:
        return self._step(send, run, CLAIMED, SendState.DEFERRED, reason, _waiting(at))

    def fail(self, send: Send, run: str, reason: str, alert: str) -> bool:
        return self._step(send, run, SENDING_OR_CLAIMED, SendState.FAILED, reason, _alerting(alert))

    def unknown(self, send: Send, run: str, reason: str, alert: str) -> bool:
        return self._step(send, run, SENDING, SendState.UNKNOWN, reason, _alerting(alert))

    def settle(self, send: Send, state: str, reason: str, alert: str, now: datetime) -> bool:
        # A refusal may be this very request, repeated by the SDK; it can't be told from another sweep's. False is
        # safe: whatever must still be said is in `alert_pending`, and the next sweep finds it.
        target = SendState(state)
        place = _waiting(now) if target in UNSETTLED else _alerting(alert, send.message_id)
        changes = {"state": target.value, "reason": reason, "alert_pending": alert} | place
        as_seen = f"#state = :was AND {_same('owner', send.owner)} AND {_same('lease_until', send.lease_until)}"
        lease = iso(send.lease_until) if send.lease_until else ""
        try:
            self._update(send, changes, as_seen, was=send.state.value, owner=send.owner, lease_until=lease)
        except ConditionFailed:
            return False
        return True

    def deliver(self, message_id: str, delivered: bool, reason: str, alert: str, now: datetime) -> Send | None:
        target = SendState.DELIVERED if delivered else SendState.UNDELIVERED
        changes = {"state": target.value, "reason": reason, "alert_pending": alert} | _alerting(alert, message_id)
        waiting = next((k for k in self._indexed() if k["due"].endswith(f"#{message_id}")), None)
        if waiting is None:
            return None
        key = SendKey.parse(waiting["appt_id"], waiting["window_index"])
        try:
            return send_of(self._update(key, changes, AWAITS_WORD, message_id=message_id))
        except ConditionFailed as refused:
            stored = send_of(refused.stored) if refused.stored else None
            same = stored is not None and (stored.state, stored.message_id) == (target, message_id)
            return stored if same else None

    def clear_alert(self, send: Send) -> None:
        place: dict[str, str] = {} if send.state in UNSETTLED else _NOT_INDEXED
        seen = {"was": send.state.value, "alert_was": send.alert_pending}
        try:
            self._update(send, {"alert_pending": ""} | place, ALERT_AS_SEEN, **seen)
        except ConditionFailed:
            return  # it moved on meanwhile; the next sweep sees how it stands

    def revive(self, send: Send, now: datetime) -> bool:
        changes = {"state": SendState.DEFERRED.value} | _waiting(now)
        try:
            self._update(send, changes, CANCELLED_UNARMED)
        except ConditionFailed as refused:
            return refused.stored.get("state") == SendState.DEFERRED and refused.stored.get("due") == iso(now)
        return True

    def get(self, key: SendKey) -> Send | None:
        item = self._calls.get(names.SENDS, send_key(key))
        return send_of(item) if item else None

    def chain(self, appt_id: str, chain: str) -> list[Send]:
        return [send_of(item) for item in self._chain_items(appt_id, chain)]

    def unsettled(self, until: datetime) -> list[Send]:
        limit = iso(until) + "~"  # behind every `due` of that second, whatever its ending
        keys = [{"appt_id": found["appt_id"], "window_index": found["window_index"]} for found in self._indexed(limit)]
        # The index lags; the items themselves say whether there still is something to look at.
        items = [item for item in self._calls.get_all(names.SENDS, keys) if item.get("due", "~") <= limit]
        return [send_of(item) for item in sorted(items, key=_look_order)]

    def archive(self, appt_id: str, chain: str) -> int:
        copies = [item | {"chain_window": item["window_index"]} for item in self._chain_items(appt_id, chain)]
        for copy in copies:
            del copy["window_index"]
        self._calls.put_all(names.SENDS_ARCHIVE, copies)
        return len(copies)

    # ------------------------------------------------

    def _chain_items(self, appt_id: str, chain: str) -> list[Item]:
        values = {":appt_id": appt_id, ":chain": f"{chain}#"}
        condition = "appt_id = :appt_id AND begins_with(window_index, :chain)"
        return list(self._calls.query(names.SENDS, condition, values))

    def _indexed(self, limit: str = "~") -> list[Item]:
        condition, values = "unsettled = :one AND due <= :limit", {":one": _INDEXED, ":limit": limit}
        return list(self._calls.query(names.SENDS, condition, values, names.SENDS_UNSETTLED_INDEX))

    def _update(
        self, send: Send | SendKey, changes: Mapping[str, Any], condition: str, also: str = "", **values: Any
    ) -> Item:
        key = send.key if isinstance(send, Send) else send
        values = _STATES | {"zero": 0} | values
        return self._calls.write(
            "Update", expressions.update(names.SENDS, send_key(key), changes, condition, also, **values)
        )

    def _step(self, send: Send, run: str, allowed: str, target: SendState, reason: str, place: dict[str, str]) -> bool:
        changes = {"state": target.value, "reason": reason, "alert_pending": ""} | place
        try:
            self._update(send, changes, f"{allowed} AND {MINE}", run=run)
        except ConditionFailed as refused:
            mine = {"owner": run, "state": target.value, "reason": reason, "due": place["due"]}
            return all(refused.stored.get(name, "") == value for name, value in mine.items())
        return True


def _waiting(at: datetime) -> dict[str, str]:
    return {"unsettled": _INDEXED, "due": iso(at)}


def _alerting(alert: str, message_id: str = "") -> dict[str, str]:
    """Settled: out of the index, unless staff must still hear something."""
    if not alert:
        return dict(_NOT_INDEXED)
    return {"unsettled": _INDEXED, "due": alert_due(message_id), "alert_pending": alert}


def _same(attribute: str, value: object) -> str:
    return f"#{attribute} = :{attribute}" if value else f"attribute_not_exists(#{attribute})"


def _look_order(item: Item) -> tuple[str, str, str]:
    return item["due"], item["appt_id"], item["window_index"]
