"""What the ledger promises, step by step, of the DynamoDB adapter and of the twin alike (DESIGN §6)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.appointment import Channel
from chalicelib.domain.send import DELIVERY_DUE, Move, Send, SendKey, SendState
from chalicelib.domain.standing import Answer, Standing
from chalicelib.ports import ArmGuard, Arming, Claim, ReplaceStanding
from tests.conftest import Tables

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CHAIN = "20261126T0100Z"
OTHER_CHAIN = "20261127T0700Z"
GUARD = ArmGuard("A-17", CHAIN)
DANA, REX = "run-dana", "run-rex"
MEI = "+6591234567"


def a_send(what: str = "h48", channel: Channel = Channel.TEXT, **changes: object) -> Send:
    plain = Send(
        SendKey("A-17", CHAIN, what),
        SendState.CLAIMED,
        channel,
        Move.FIRST_REMINDER,
        planned=NOW,
        useful_until=NOW + timedelta(hours=20),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def claimed(tables: Tables, send: Send, run: str = DANA, now: datetime = NOW) -> Send:
    assert tables.ledger.claim(send, run, now) is Claim.MINE
    return stored(tables, send)


def armed(tables: Tables, send: Send, run: str = DANA, now: datetime = NOW) -> Send:
    claimed(tables, send, run, now)
    assert tables.ledger.arm(send, run, now, GUARD) is Arming.ARMED
    return stored(tables, send)


def stored(tables: Tables, send: Send) -> Send:
    found = tables.ledger.get(send.key)
    assert found is not None
    return found


def in_state(tables: Tables, state: SendState) -> Send:
    """A send brought into that state by the ledger's own steps, by Dana's run."""
    send, ledger = a_send(), tables.ledger
    match state:
        case SendState.CLAIMED:
            claimed(tables, send)
        case SendState.DEFERRED:
            claimed(tables, send)
            ledger.defer(send, DANA, NOW + timedelta(hours=1), "quiet hours")
        case SendState.RETRY:
            armed(tables, send)
            ledger.retry(send, DANA, NOW + timedelta(minutes=1), "throttled")
        case SendState.FAILED:
            armed(tables, send)
            ledger.fail(send, DANA, "opted out", "")
        case SendState.UNKNOWN:
            armed(tables, send)
            ledger.unknown(send, DANA, "read timeout", "no answer from the vendor")
        case SendState.EXPIRED | SendState.CANCELLED:
            ledger.settle(claimed(tables, send), state, "too late", "", NOW)
        case _:
            armed(tables, send)
    if state in (SendState.SENT, SendState.DELIVERED, SendState.UNDELIVERED):
        awaited = replace(send, detail={DELIVERY_DUE: "2026-11-25T01:30:00Z"})
        assert ledger.sent(awaited, DANA, "m-1", MEI, NOW)
    if state in (SendState.DELIVERED, SendState.UNDELIVERED):
        ledger.deliver("m-1", state is SendState.DELIVERED, "carrier", "", NOW)
    found = stored(tables, send)
    assert found.state is state
    return found


def everybody_but(*states: SendState) -> list[SendState]:
    return [state for state in SendState if state not in states]


# ---------------------------------------------------------------- claim


def test_a_claim_of_an_unknown_send_is_mine_for_45_seconds(tables: Tables) -> None:
    send = a_send(detail={"language": "zh"})
    found = claimed(tables, send)
    lease = NOW + timedelta(seconds=45)
    assert found == replace(send, owner=DANA, lease_until=lease, due=lease)


def test_a_claim_again_by_the_same_run_is_mine_and_renews_the_lease(tables: Tables) -> None:
    claimed(tables, a_send())
    again = claimed(tables, a_send(), DANA, NOW + 10 * SECOND)
    assert again.lease_until == NOW + 55 * SECOND


def test_a_lease_that_runs_keeps_another_run_out_to_the_second(tables: Tables) -> None:
    claimed(tables, a_send())
    assert tables.ledger.claim(a_send(), REX, NOW + 44 * SECOND) is Claim.TAKEN
    assert stored(tables, a_send()).owner == DANA
    assert tables.ledger.claim(a_send(), REX, NOW + 45 * SECOND) is Claim.MINE


@pytest.mark.parametrize("state", [SendState.RETRY, SendState.DEFERRED])
def test_a_waiting_send_is_claimed_from_its_time_on_and_not_a_second_before(tables: Tables, state: SendState) -> None:
    waiting = in_state(tables, state)
    assert waiting.due is not None
    assert tables.ledger.claim(waiting, REX, waiting.due - SECOND) is Claim.TAKEN
    assert tables.ledger.claim(waiting, REX, waiting.due) is Claim.MINE
    assert stored(tables, waiting).attempt == waiting.attempt


def test_a_send_under_way_is_taken_even_past_its_lease(tables: Tables) -> None:
    armed(tables, a_send())
    for run in (DANA, REX):
        assert tables.ledger.claim(a_send(), run, NOW + timedelta(hours=1)) is Claim.TAKEN


@pytest.mark.parametrize(
    "state",
    everybody_but(SendState.CLAIMED, SendState.DEFERRED, SendState.RETRY, SendState.SENDING),
)
def test_a_settled_send_is_never_claimed_again(tables: Tables, state: SendState) -> None:
    """Promise 31."""
    in_state(tables, state)
    assert tables.ledger.claim(a_send(), REX, NOW + timedelta(days=1)) is Claim.SETTLED


def test_sixteen_runs_claim_at_once_and_one_gets_it(tables: Tables) -> None:
    with ThreadPoolExecutor(16) as pool:
        claims = list(pool.map(lambda n: tables.ledger.claim(a_send(), f"run-{n}", NOW), range(16)))
    assert sorted(claims) == [Claim.MINE] + [Claim.TAKEN] * 15


# ---------------------------------------------------------------- arm


def test_arming_notes_the_window_on_a_standing_that_was_not_there(tables: Tables) -> None:
    assert armed(tables, a_send()).attempt == 1
    assert stored(tables, a_send()).state is SendState.SENDING
    standing = tables.store.standings(["A-17"])["A-17"]
    assert standing == Standing("A-17", CHAIN, sent={"h48": NOW}, rev=1)


def test_arming_adds_to_an_open_standing_and_raises_its_revision(tables: Tables) -> None:
    before = Standing("A-17", CHAIN, sent={"h48": NOW - timedelta(days=1)}, first_seen=NOW, rev=0)
    tables.store.commit(ReplaceStanding(before))
    armed(tables, a_send("h1.5"))
    after = tables.store.standings(["A-17"])["A-17"]
    assert after == replace(before, sent={"h48": NOW - timedelta(days=1), "h1.5": NOW}, rev=2)


@pytest.mark.parametrize(
    "change",
    [{"answer": Answer.CONFIRMED}, {"answer": Answer.CANCELLED}, {"chain": OTHER_CHAIN}, {"hold_reason": "is it on?"}],
    ids=["confirmed", "cancelled", "another chain", "held"],
)
def test_a_standing_that_moved_on_stops_the_send_at_the_last_moment(tables: Tables, change: dict[str, object]) -> None:
    """Promise 54. Promise 65."""
    claimed(tables, a_send())
    tables.store.commit(ReplaceStanding(replace(Standing("A-17", CHAIN), **change)))  # type: ignore[arg-type]
    assert tables.ledger.arm(a_send(), DANA, NOW, GUARD) is Arming.STALE
    assert stored(tables, a_send()).state is SendState.CLAIMED
    assert tables.store.standings(["A-17"])["A-17"].sent == {}


def test_a_contested_standing_goes_on_with_its_own_chain(tables: Tables) -> None:
    tables.store.commit(ReplaceStanding(Standing("A-17", CHAIN, contested=True)))
    armed(tables, a_send())


def test_an_answer_to_a_press_goes_while_its_reply_stands_and_is_no_reminder(tables: Tables) -> None:
    answered = Standing("A-17", CHAIN, answer=Answer.CANCELLED, reply_id="2026-11-25T01:00:00Z#ab")
    tables.store.commit(ReplaceStanding(answered))
    send = a_send("cancelled#2026-11-25T01:00:00Z#ab", move=Move.CANCELLED)
    claimed(tables, send)
    guard = ArmGuard("A-17", CHAIN, reply_id="2026-11-25T01:00:00Z#ab")
    assert tables.ledger.arm(send, DANA, NOW, guard) is Arming.ARMED
    assert tables.store.standings(["A-17"])["A-17"] == replace(answered, rev=1)


@pytest.mark.parametrize("reply_id", ["", "2026-11-25T01:09:00Z#cd"], ids=["undone", "overtaken"])
def test_an_answer_to_a_press_that_was_overtaken_stays(tables: Tables, reply_id: str) -> None:
    tables.store.commit(ReplaceStanding(Standing("A-17", CHAIN, reply_id=reply_id)))
    claimed(tables, a_send("cancelled#x"))
    guard = ArmGuard("A-17", CHAIN, reply_id="2026-11-25T01:00:00Z#ab")
    assert tables.ledger.arm(a_send("cancelled#x"), DANA, NOW, guard) is Arming.STALE


def test_an_answer_to_a_press_without_a_standing_stays(tables: Tables) -> None:
    claimed(tables, a_send("cancelled#x"))
    guard = ArmGuard("A-17", CHAIN, reply_id="2026-11-25T01:00:00Z#ab")
    assert tables.ledger.arm(a_send("cancelled#x"), DANA, NOW, guard) is Arming.STALE


def test_only_the_run_that_claimed_may_arm(tables: Tables) -> None:
    claimed(tables, a_send())
    assert tables.ledger.arm(a_send(), REX, NOW, GUARD) is Arming.LOST
    assert tables.store.standings(["A-17"]) == {}


def test_a_lease_that_ran_out_arms_nothing_to_the_second(tables: Tables) -> None:
    claimed(tables, a_send())
    assert tables.ledger.arm(a_send(), DANA, NOW + 45 * SECOND, GUARD) is Arming.LOST
    assert tables.ledger.arm(a_send(), DANA, NOW + 44 * SECOND, GUARD) is Arming.ARMED


def test_arming_twice_is_refused(tables: Tables) -> None:
    armed(tables, a_send())
    assert tables.ledger.arm(a_send(), DANA, NOW, GUARD) is Arming.LOST
    assert stored(tables, a_send()).attempt == 1


def test_what_was_never_claimed_is_not_armed(tables: Tables) -> None:
    assert tables.ledger.arm(a_send(), DANA, NOW, GUARD) is Arming.LOST
    assert tables.store.standings(["A-17"]) == {}


def test_a_lost_claim_on_an_answered_visit_is_lost_not_stale(tables: Tables) -> None:
    claimed(tables, a_send())
    tables.store.commit(ReplaceStanding(Standing("A-17", CHAIN, answer=Answer.CONFIRMED)))
    assert tables.ledger.arm(a_send(), REX, NOW, GUARD) is Arming.LOST


def test_there_are_five_attempts_and_no_sixth(tables: Tables) -> None:
    now = NOW
    for attempt in range(1, 6):
        assert armed(tables, a_send(), DANA, now).attempt == attempt
        assert tables.ledger.retry(a_send(), DANA, now + timedelta(minutes=1), "throttled")
        now += timedelta(minutes=1)
    claimed(tables, a_send(), DANA, now)
    assert tables.ledger.arm(a_send(), DANA, now, GUARD) is Arming.LOST


def test_a_fallback_e_mail_counts_for_the_window_of_its_text(tables: Tables) -> None:
    send = a_send()
    fallback = replace(send, key=send.key.fallback, channel=Channel.EMAIL)
    claimed(tables, fallback)
    tables.ledger.arm(fallback, DANA, NOW, GUARD)
    assert tables.store.standings(["A-17"])["A-17"].sent == {"h48": NOW}


# ---------------------------------------------------------------- after the request


def test_a_sent_text_carries_the_attributes_of_the_spec(tables: Tables) -> None:
    armed(tables, a_send())
    assert tables.ledger.sent(a_send(), DANA, "m-1", MEI, NOW + SECOND)
    found = stored(tables, a_send())
    assert (found.state, found.message_id, found.recipient) == (SendState.SENT, "m-1", MEI)
    assert (found.sent_at, found.due) == (NOW + SECOND, None)


def test_a_late_run_still_says_that_it_sent_what_the_sweep_called_unknown(tables: Tables) -> None:
    sending = armed(tables, a_send())
    assert tables.ledger.settle(sending, SendState.UNKNOWN, "no word", "call Mei", NOW + 46 * SECOND)
    assert tables.ledger.sent(a_send(), DANA, "m-1", MEI, NOW + 50 * SECOND)
    found = stored(tables, a_send())
    assert (found.state, found.alert_pending) == (SendState.SENT, "")


@pytest.mark.parametrize("state", [SendState.SENT, SendState.DELIVERED, SendState.UNDELIVERED])
def test_saying_sent_again_with_the_same_message_id_is_fine_and_changes_nothing(
    tables: Tables, state: SendState
) -> None:
    before = in_state(tables, state)
    assert tables.ledger.sent(a_send(), DANA, "m-1", MEI, NOW + SECOND)
    assert not tables.ledger.sent(a_send(), DANA, "m-2", MEI, NOW + SECOND)
    assert stored(tables, a_send()) == before


STEPS: dict[str, tuple[set[SendState], Callable[[Tables, str], bool]]] = {
    "sent": (
        {SendState.SENDING, SendState.UNKNOWN},
        lambda t, run: t.ledger.sent(a_send(), run, "m-9", MEI, NOW),
    ),
    "retry": (
        {SendState.SENDING, SendState.CLAIMED},
        lambda t, run: t.ledger.retry(a_send(), run, NOW + timedelta(minutes=9), "busy"),
    ),
    "defer": (
        {SendState.CLAIMED},
        lambda t, run: t.ledger.defer(a_send(), run, NOW + timedelta(hours=9), "night"),
    ),
    "fail": (
        {SendState.SENDING, SendState.CLAIMED},
        lambda t, run: t.ledger.fail(a_send(), run, "bad number", "please call"),
    ),
    "unknown": (
        {SendState.SENDING},
        lambda t, run: t.ledger.unknown(a_send(), run, "timeout", "please look"),
    ),
}


@pytest.mark.parametrize("state", list(SendState))
@pytest.mark.parametrize("step", list(STEPS))
def test_each_step_is_taken_from_its_own_states_only(tables: Tables, step: str, state: SendState) -> None:
    allowed, act = STEPS[step]
    before = in_state(tables, state)
    assert act(tables, DANA) is (state in allowed)
    assert (stored(tables, a_send()) != before) is (state in allowed)


@pytest.mark.parametrize("step", list(STEPS))
def test_no_step_is_taken_by_another_run(tables: Tables, step: str) -> None:
    allowed, act = STEPS[step]
    for state in sorted(allowed)[:1]:
        before = in_state(tables, state)
        assert not act(tables, REX)
        assert stored(tables, a_send()) == before


@pytest.mark.parametrize("step", ["sent", "retry", "defer", "fail", "unknown"])
def test_a_step_said_twice_by_its_own_run_succeeds_twice(tables: Tables, step: str) -> None:
    """The SDK repeats a request whose answer was lost."""
    allowed, act = STEPS[step]
    in_state(tables, sorted(allowed - {SendState.UNKNOWN})[0])
    assert act(tables, DANA)
    once = stored(tables, a_send())
    assert act(tables, DANA)
    assert stored(tables, a_send()) == once


def test_an_unknown_text_has_its_alert_in_the_same_write(tables: Tables) -> None:
    found = in_state(tables, SendState.UNKNOWN)
    assert (found.alert_pending, found.reason) == ("no answer from the vendor", "read timeout")


def test_a_failed_send_has_its_alert_in_the_same_write_and_the_sweep_finds_it(tables: Tables) -> None:
    armed(tables, a_send())
    assert tables.ledger.fail(a_send(), DANA, "bad number", "please call Mei")
    found = stored(tables, a_send())
    assert (found.alert_pending, found.reason) == ("please call Mei", "bad number")
    assert tables.ledger.unsettled(NOW) == [found]


# ---------------------------------------------------------------- the sweep


def test_the_sweep_sees_unfinished_sends_once_their_time_has_come(tables: Tables) -> None:
    sending = armed(tables, a_send())
    assert tables.ledger.unsettled(NOW + 44 * SECOND) == []
    assert tables.ledger.unsettled(NOW + 45 * SECOND) == [sending]


@pytest.mark.parametrize("state", [SendState.RETRY, SendState.DEFERRED, SendState.CLAIMED])
def test_the_sweep_sees_every_kind_of_unfinished_send(tables: Tables, state: SendState) -> None:
    found = in_state(tables, state)
    assert tables.ledger.unsettled(NOW + timedelta(hours=1)) == [found]


@pytest.mark.parametrize("state", [SendState.FAILED, SendState.DELIVERED, SendState.UNDELIVERED, SendState.EXPIRED])
def test_the_sweep_sees_nothing_that_is_settled_and_told(tables: Tables, state: SendState) -> None:
    in_state(tables, state)
    assert tables.ledger.unsettled(NOW + timedelta(days=9)) == []


def test_the_sweep_sees_a_pending_alert_at_once_until_it_is_cleared(tables: Tables) -> None:
    found = in_state(tables, SendState.UNKNOWN)
    assert tables.ledger.unsettled(NOW - timedelta(days=1)) == [found]
    tables.ledger.clear_alert(found)
    assert tables.ledger.unsettled(NOW + timedelta(days=1)) == []
    assert stored(tables, found) == replace(found, alert_pending="")


def test_an_alert_that_was_replaced_is_not_cleared_by_who_saw_the_old_one(tables: Tables) -> None:
    sending = armed(tables, a_send())
    tables.ledger.settle(sending, SendState.UNKNOWN, "no word", "first", NOW)
    seen = stored(tables, sending)
    tables.ledger.settle(seen, SendState.UNKNOWN, "no word", "second", NOW)
    tables.ledger.clear_alert(seen)
    assert stored(tables, sending).alert_pending == "second"


def test_an_alert_of_another_state_is_not_cleared_though_it_reads_the_same(tables: Tables) -> None:
    seen = in_state(tables, SendState.UNKNOWN)
    tables.ledger.settle(seen, SendState.EXPIRED, "too late", seen.alert_pending, NOW)
    tables.ledger.clear_alert(seen)
    assert stored(tables, seen).alert_pending == seen.alert_pending


def test_the_sweep_sees_a_sent_text_only_where_word_is_awaited_and_when_it_is_overdue(tables: Tables) -> None:
    awaited = in_state(tables, SendState.SENT)
    assert awaited.due == NOW + timedelta(minutes=30)
    assert tables.ledger.unsettled(NOW + timedelta(minutes=30) - SECOND) == []
    assert tables.ledger.unsettled(NOW + timedelta(minutes=30)) == [awaited]
    armed(tables, a_send("h2"))
    tables.ledger.sent(a_send("h2"), DANA, "m-2", MEI, NOW)
    assert tables.ledger.unsettled(NOW + timedelta(days=1)) == [awaited]


def test_the_sweep_works_by_age(tables: Tables) -> None:
    for what, minutes in (("h3", 30), ("h1", 10), ("h2", 20)):
        claimed(tables, a_send(what))
        tables.ledger.defer(a_send(what), DANA, NOW + timedelta(minutes=minutes), "night")
    assert [send.key.what for send in tables.ledger.unsettled(NOW + timedelta(hours=1))] == ["h1", "h2", "h3"]


def test_the_sweep_finds_more_than_one_page_of_keys(tables: Tables) -> None:
    for number in range(120):
        claimed(tables, replace(a_send(), key=SendKey(f"A-{number}", CHAIN, "h48")))
    assert len(tables.ledger.unsettled(NOW + timedelta(hours=1))) == 120


@pytest.mark.parametrize("state", list(SendState))
def test_a_send_is_settled_only_as_it_was_seen(tables: Tables, state: SendState) -> None:
    seen = in_state(tables, state)
    wrong = [
        replace(seen, state=SendState.CLAIMED if state is not SendState.CLAIMED else SendState.SENDING),
        replace(seen, owner=REX),
        replace(seen, lease_until=NOW + timedelta(minutes=7)),
        replace(seen, lease_until=None),
    ]
    for other in wrong:
        assert not tables.ledger.settle(other, SendState.EXPIRED, "too late", "", NOW)
    assert stored(tables, seen) == seen
    assert tables.ledger.settle(seen, SendState.EXPIRED, "too late", "told", NOW)
    assert stored(tables, seen) == replace(
        seen, state=SendState.EXPIRED, reason="too late", alert_pending="told", due=None
    )


def test_an_e_mail_past_its_lease_is_settled_to_be_tried_again_now(tables: Tables) -> None:
    sending = armed(tables, a_send(channel=Channel.EMAIL))
    later = NOW + timedelta(minutes=5)
    assert tables.ledger.settle(sending, SendState.RETRY, "no word", "", later)
    assert stored(tables, sending).due == later
    assert tables.ledger.claim(sending, REX, later) is Claim.MINE


def test_what_is_not_there_is_not_settled(tables: Tables) -> None:
    assert not tables.ledger.settle(a_send(), SendState.CANCELLED, "stale", "", NOW)
    assert tables.ledger.get(a_send().key) is None


def test_eight_sweeps_settle_one_send_once(tables: Tables) -> None:
    seen = armed(tables, a_send())
    with ThreadPoolExecutor(8) as pool:
        settled = list(
            pool.map(lambda _: tables.ledger.settle(seen, SendState.UNKNOWN, "no word", "told", NOW), range(8))
        )
    assert settled.count(True) == 1


# ---------------------------------------------------------------- the vendor's word


@pytest.mark.parametrize(("delivered", "state"), [(True, SendState.DELIVERED), (False, SendState.UNDELIVERED)])
def test_the_vendors_word_settles_the_text_that_waits_for_it(tables: Tables, delivered: bool, state: SendState) -> None:
    in_state(tables, SendState.SENT)
    found = tables.ledger.deliver("m-1", delivered, "carrier says so", "", NOW)
    assert found is not None
    assert (found.state, found.reason, found.due) == (state, "carrier says so", None)
    assert stored(tables, found) == found


def test_word_on_an_unknown_message_settles_nothing(tables: Tables) -> None:
    sent = in_state(tables, SendState.SENT)
    assert tables.ledger.deliver("m-77", True, "", "", NOW) is None
    assert stored(tables, sent) == sent


def test_word_comes_again_while_its_alert_is_pending_and_finds_the_same_send(tables: Tables) -> None:
    in_state(tables, SendState.SENT)
    first = tables.ledger.deliver("m-1", False, "no quota left", "please call", NOW)
    assert first is not None
    assert first.alert_pending == "please call"
    assert tables.ledger.deliver("m-1", False, "no quota left", "please call", NOW) == first
    assert tables.ledger.unsettled(NOW) == [first]


def test_word_that_comes_after_the_text_was_listed_as_unknown_changes_nothing(tables: Tables) -> None:
    sent = in_state(tables, SendState.SENT)
    tables.ledger.settle(sent, SendState.UNKNOWN, "no word for 30 minutes", "told", NOW)
    before = stored(tables, sent)
    assert tables.ledger.deliver("m-1", True, "", "", NOW) is None
    assert stored(tables, sent) == before


def test_word_that_comes_again_with_nothing_left_to_say_finds_nothing(tables: Tables) -> None:
    in_state(tables, SendState.DELIVERED)
    assert tables.ledger.deliver("m-1", True, "", "", NOW) is None


# ---------------------------------------------------------------- revive, chain, archive


def test_a_cancelled_send_that_never_went_is_revived_to_now(tables: Tables) -> None:
    cancelled = in_state(tables, SendState.CANCELLED)
    assert tables.ledger.revive(cancelled, NOW)
    assert stored(tables, cancelled).due == NOW
    assert tables.ledger.claim(cancelled, REX, NOW) is Claim.MINE


def test_a_cancelled_send_that_was_armed_once_is_not_revived(tables: Tables) -> None:
    retrying = in_state(tables, SendState.RETRY)
    tables.ledger.settle(retrying, SendState.CANCELLED, "answered", "", NOW)
    assert not tables.ledger.revive(retrying, NOW)
    assert stored(tables, retrying).state is SendState.CANCELLED


@pytest.mark.parametrize("state", everybody_but(SendState.CANCELLED, SendState.DEFERRED))
def test_only_cancelled_sends_are_revived(tables: Tables, state: SendState) -> None:
    before = in_state(tables, state)
    assert not tables.ledger.revive(before, NOW)
    assert stored(tables, before) == before


def test_a_chain_has_its_own_sends_and_no_others(tables: Tables) -> None:
    claimed(tables, a_send("h2"))
    claimed(tables, a_send("h48"))
    claimed(tables, replace(a_send(), key=SendKey("A-17", OTHER_CHAIN, "h48")))
    claimed(tables, replace(a_send(), key=SendKey("A-18", CHAIN, "h48")))
    assert [send.key.window_index for send in tables.ledger.chain("A-17", CHAIN)] == [f"{CHAIN}#h2", f"{CHAIN}#h48"]


def test_archiving_copies_and_the_chain_keeps_its_sends(tables: Tables) -> None:
    """Promise 59."""
    in_state(tables, SendState.SENT)
    claimed(tables, a_send("h2"))
    before = tables.ledger.chain("A-17", CHAIN)
    assert tables.ledger.archive("A-17", CHAIN) == 2
    assert tables.ledger.archive("A-17", CHAIN) == 2
    assert tables.ledger.chain("A-17", CHAIN) == before


def test_a_send_is_read_back_as_it_was_written(tables: Tables) -> None:
    send = a_send("moved#2026-11-25T01:00:00Z#ab", Channel.EMAIL, detail={"old": "Wed 10:00", "note": ""})
    found = claimed(tables, send)
    assert found.detail == {"old": "Wed 10:00", "note": ""}
    assert (found.key, found.channel, found.useful_until) == (send.key, Channel.EMAIL, send.useful_until)
