"""Every plan of faults over the shipped use cases ends well, and each invariant is seen to fail when a rule is broken.

Here: every plan of up to two faults in every scene, some 600,000 plans, of which equal states are continued once.
`scripts/prove` enumerates three.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.events import MoveDue
from chalicelib.domain.send import Send, SendState
from chalicelib.errors import NoAnswer
from chalicelib.ports import RemoveWork
from chalicelib.usecases import compose, dispatch_move, drain_outbox, sweep_ledger
from chalicelib.usecases.shop import Shop
from tests.simulation.enumeration.explore import Exploration, Tally
from tests.simulation.enumeration.figures import AFTERWARDS, TWICE, Job, beside, figure
from tests.simulation.enumeration.judge import judge_literal, judge_shipped
from tests.simulation.enumeration.overlap import Overlap, at_its_minute, is_shared
from tests.simulation.enumeration.protocols import LITERAL, SHIPPED
from tests.simulation.enumeration.scene import SCENES, TICKS, Scene
from tests.twin import ledger as twin_ledger
from tests.twin.ledger import TwinLedger

A_TEXT, WITH_MAIL, MAIL_ONLY, WITH_LOG, SHE_CANCELS, SHE_MOVES = SCENES


def enumerate_plans(scene: Scene, faults: int = 1) -> Tally:
    """Every plan of up to so many faults."""
    return Exploration(scene, SHIPPED, judge_shipped).all(faults)


def broken(tally: Tally) -> set[str]:
    """What was broken in any plan."""
    return {what for verdict in tally.broken for what in verdict.broken}


# ---------------------------------------------------------------- it holds


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_no_two_faults_make_a_text_go_twice_or_a_reminder_vanish(scene: Scene) -> None:
    tally = enumerate_plans(scene, 2)
    assert tally.broken == {}
    assert tally.count > 80_000


def test_every_kind_of_port_is_struck() -> None:
    exploration = Exploration(SHE_CANCELS, SHIPPED, judge_shipped)
    exploration.all(1)
    struck = exploration.stage.probe.met
    assert {call.partition(".")[0] for call in struck} == {
        "store", "ledger", "sms", "staff", "bus", "schedules", "documents", "parameters", "secrets",
    }  # fmt: skip


def test_continuing_equal_states_once_counts_what_playing_each_plan_by_itself_counts() -> None:
    merged = Exploration(A_TEXT, SHIPPED, judge_shipped).all(1)
    each = Exploration(A_TEXT, SHIPPED, judge_shipped, merge=False).all(1)
    assert merged.plans == each.plans


def test_so_it_does_with_two_faults_in_the_first_hour() -> None:
    until = TICKS[1]
    merged = Exploration(A_TEXT, SHIPPED, judge_shipped, until=until).all(2)
    each = Exploration(A_TEXT, SHIPPED, judge_shipped, merge=False, until=until).all(2)
    assert merged.count > 1000
    assert merged.plans == each.plans


@pytest.mark.parametrize(("leases", "faults"), [(0, 0), (0, 1)])
def test_two_dispatches_at_once_text_once_however_they_interleave(leases: int, faults: int) -> None:
    overlap = Overlap(A_TEXT, SHIPPED, judge_shipped, leases=leases, faults=faults)
    assert broken(overlap.all()) == set()
    assert overlap.played > 200


def from_the_standing_on(rt: Any, due: MoveDue) -> object:
    """A shortened dispatch: the standing, then all from the claim on. What is read before is no stop."""
    probe = rt.sms.probe
    probe.on = False
    shop = Shop(rt)
    row = shop.row(due.key.appt_id)
    assert row is not None
    probe.on = True
    visit = shop.visit(row, rt.store.standings([due.key.appt_id]).get(due.key.appt_id))
    assert visit is not None
    go = dispatch_move.Go(due.planned, due.planned, visit.appointment.start, due.move, due.reason)
    return dispatch_move._through_the_ledger(rt, shop, visit, due, go)


LEFT_OUT = (
    ("documents.read", 1),
    ("documents.read", 2),
    ("store.opted_out", 1),
    ("secrets.reply_keys", 1),
    ("documents.read", 3),
    ("store.commit", 1),
)


def shortened(also: Collection[tuple[str, int]] = (), leases: int = 0) -> Overlap:
    """All interleavings of two shortened dispatches that stop before the shared calls and `also` before these."""
    overlap = Overlap(A_TEXT, SHIPPED, judge_shipped, also, leases=leases, dispatch=from_the_standing_on)
    overlap.all()
    return overlap


def test_the_calls_that_the_interleaving_leaves_out_are_these() -> None:
    exploration = Exploration(A_TEXT, SHIPPED, judge_shipped)
    begin, run = at_its_minute(exploration)
    assert run.event is not None
    exploration.stage.load(begin)
    exploration.stage.rt.clock.now = run.at
    exploration.stage.probe.begin({})
    from_the_standing_on(exploration.stage.rt, run.event)
    calls = [call for call in exploration.stage.probe.calls if not is_shared(SHIPPED, call)]
    assert [(call, calls[: at + 1].count(call)) for at, call in enumerate(calls)] == list(LEFT_OUT)


def test_calls_that_are_left_out_write_nothing_but_the_audit_which_no_dispatch_reads() -> None:
    exploration = Exploration(A_TEXT, SHIPPED, judge_shipped)
    begin, run = at_its_minute(exploration)
    assert run.event is not None
    stage = exploration.stage
    stage.load(begin)
    stage.rt.clock.now = run.at
    tables: list[Mapping[str, Any]] = []
    written: set[tuple[str, str]] = set()

    def after(at: int, call: str) -> None:
        tables.append(stage.save().tables)
        written.update((call, name) for name, table in tables[-2].items() if table != tables[-1][name])

    tables.append(stage.save().tables)
    stage.probe.begin({}, after=after)
    SHIPPED.dispatch(stage.rt, run.event)
    assert {name for call, name in written if not is_shared(SHIPPED, call)} == {"audit"}
    assert {name for _, name in written} == {"audit", "sends", "_index", "standings", "counters"}
    assert "store.audit" not in stage.probe.calls


def test_calls_that_the_interleaving_leaves_out_change_no_end() -> None:
    every, shared = shortened(LEFT_OUT), shortened()
    assert every.played > shared.played
    assert every.ends == shared.ends


@pytest.mark.parametrize("also", LEFT_OUT, ids=lambda also: f"{also[0]} {also[1]}")
def test_no_call_that_is_left_out_changes_an_end_where_a_lease_runs_out(also: tuple[str, int]) -> None:
    more, shared = shortened([also], leases=1), shortened(leases=1)
    assert more.played > shared.played
    assert more.ends == shared.ends


# ---------------------------------------------------------------- beside the literal order


def test_check_send_record_texts_twice_and_loses() -> None:
    tally = Exploration(A_TEXT, LITERAL, judge_literal).all(2)
    assert {TWICE, "the reminder was lost in silence"} <= broken(tally)


def test_check_send_record_texts_after_a_committed_answer() -> None:
    assert AFTERWARDS in broken(Exploration(SHE_CANCELS, LITERAL, judge_literal).all(1))


def test_check_send_record_texts_twice_when_two_runs_overlap() -> None:
    found = figure(beside(Job(0, 0, overlap=True)))
    assert found.twice > found.plans / 2


# ---------------------------------------------------------------- each invariant fails when its rule is broken


def test_a_text_repeated_after_no_answer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(rt: Any, shop: Any, visit: Any, send: Send, run: str, letter: Any) -> str:
        try:
            letter.post(rt)
        except NoAnswer as lost:
            return dispatch_move._try_again(rt, shop, visit, send, run, lost.reason)
        return ""

    monkeypatch.setattr(dispatch_move, "_send", again)
    assert TWICE in broken(enumerate_plans(A_TEXT))


def test_a_sweep_that_texts_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def sweep(rt: Any, shop: Any, send: Send, now: Any) -> None:
        if send.state is SendState.SENDING:
            rt.ledger.settle(send, SendState.RETRY.value, "again", "", now)
            rt.bus.put([dispatch_move.retry_event(send, send.planned)])

    monkeypatch.setattr(sweep_ledger, "_sweep", sweep)
    assert TWICE in broken(enumerate_plans(A_TEXT))


def test_an_arm_that_does_not_ask_the_standing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin_ledger, "_holds", lambda guard, standing: True)
    assert AFTERWARDS in broken(enumerate_plans(SHE_CANCELS))


def test_a_move_that_the_arm_does_not_see_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin_ledger, "_holds", lambda guard, standing: True)
    assert AFTERWARDS in broken(enumerate_plans(SHE_MOVES))


def test_an_alert_outside_the_write_of_the_state_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = TwinLedger.settle
    monkeypatch.setattr(
        TwinLedger, "settle", lambda self, send, state, reason, alert, now: settle(self, send, state, reason, "", now)
    )
    found = broken(enumerate_plans(A_TEXT, 2))
    assert "h3 ended UNKNOWN and nobody was told" in found


def test_an_alert_cleared_before_staff_have_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        dispatch_move, "go_down_ladder", lambda rt, shop, visit, send: rt.ledger.clear_alert(send) or "cleared"
    )
    found = broken(enumerate_plans(A_TEXT))
    assert {"the reminder was lost in silence", "h3 ended UNKNOWN and nobody was told"} <= found
    assert "h3 ended FAILED and nobody was told" in found


def test_an_alert_that_is_never_cleared_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TwinLedger, "clear_alert", lambda self, send: None)
    assert "h3's alert was left pending" in broken(enumerate_plans(A_TEXT))


def test_undelivered_without_an_alert_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver = TwinLedger.deliver

    def mute(self: TwinLedger, message_id: str, delivered: bool, reason: str, alert: str, now: Any) -> Send | None:
        deliver(self, message_id, delivered, reason, "", now)
        return None

    monkeypatch.setattr(TwinLedger, "deliver", mute)
    assert "h3 ended UNDELIVERED and nobody was told" in broken(enumerate_plans(WITH_LOG))


def test_a_sweep_that_does_not_look_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_ledger, "_sweep", lambda rt, shop, send, now: None)
    assert "h3 was left SENDING" in broken(enumerate_plans(A_TEXT))


def test_a_send_recorded_before_it_went_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose.Letter, "post", lambda self, rt: "believed")
    assert "h3 is SENT and nothing left" in broken(enumerate_plans(A_TEXT))


def test_a_send_withdrawn_in_the_minute_in_which_its_use_ends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def a_second_late(self: Send, now: Any) -> bool:
        return self.useful_until is not None and now > self.useful_until + (TICKS[1] - TICKS[0]) / 60

    monkeypatch.setattr(Send, "too_late_at", a_second_late)
    assert "gap was cancelled though nobody answered" in broken(enumerate_plans(A_TEXT))


def test_outbox_work_removed_before_it_is_done_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def remove_first(rt: Any, works: Any, now: Any) -> set[str]:
        for work in works:
            rt.store.commit(RemoveWork(work.work_id))
            rt.staff.post(rt.config.staff_channel, drain_outbox.line_of(work.payload))
        return {work.work_id for work in works}

    monkeypatch.setattr(drain_outbox, "_post_lines", remove_first)
    assert "staff did not hear of the answer" in broken(enumerate_plans(SHE_CANCELS, 2))


def test_outbox_work_that_stays_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain_outbox, "_post_lines", lambda rt, works, now: set())
    assert "the outbox holds what should be done" in broken(enumerate_plans(SHE_CANCELS))


def test_a_customers_message_taken_for_done_when_it_is_on_the_bus_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def hand_over(rt: Any, work: Any) -> bool:
        event: Mapping[str, Any] = work.payload["event"]
        rt.store.commit(RemoveWork(work.work_id))
        rt.bus.put([MoveDue.from_detail(event)])
        return True

    monkeypatch.setattr(drain_outbox, "_hand_over", hand_over)
    assert "the answer's own message was lost in silence" in broken(enumerate_plans(SHE_MOVES, 2))


def test_a_claim_that_takes_anothers_is_found_where_runs_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin_ledger, "_claimable", lambda stored, run, now: True)
    assert TWICE in broken(Overlap(A_TEXT, SHIPPED, judge_shipped).all(TWICE))


def test_an_arm_that_does_not_ask_whose_claim_it_is_is_found_where_runs_overlap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arm = TwinLedger.arm

    def anybodys(self: TwinLedger, send: Send, run: str, now: Any, guard: Any) -> Any:
        stored = self._stored(send)
        if stored is not None and stored.state in (SendState.CLAIMED, SendState.SENDING):
            self.world.put_send(replace(stored, state=SendState.CLAIMED, owner=run, lease_until=TICKS[-1]))
        return arm(self, send, run, now, guard)

    monkeypatch.setattr(TwinLedger, "arm", anybodys)
    assert TWICE in broken(Overlap(A_TEXT, SHIPPED, judge_shipped, leases=1, dispatch=from_the_standing_on).all(TWICE))
