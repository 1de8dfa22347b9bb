"""The tick: what it emits, what it writes down, and what it does when something is down."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from chalicelib import names
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.send import Move
from chalicelib.domain.standing import Answer, Standing
from chalicelib.errors import StoreConflict, UpstreamError
from chalicelib.ports import Document
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.shop import Shop, Visit
from tests.functional.dispatch_world import MEI_WITH_BOTH, Clinic
from tests.functional.reply_world import MEI, RULES, START, local

ARUNS = {**MEI, "appt_id": "A-18", "customer": "Arun", "phone": "+6598765432", "start": "2026-11-26 15:00"}


def emitted(clinic: Clinic) -> list[tuple[str, str, str]]:
    """(visit, move, shop-local minute) of what is on the bus."""
    zone = clinic.rt.config.zone
    return [(e.key.appt_id, e.move.value, f"{e.planned.astimezone(zone):%a %H:%M}") for e in clinic.rt.bus.moves]


# ---------------------------------------------------------------- what is emitted


def test_a_reminder_within_the_look_ahead_is_emitted_with_its_own_minute() -> None:
    """Promises 17, 28, 33. The event carries the appointment's context, and no contact."""
    clinic = Clinic.open(now="2026-11-24 08:10")
    assert run_tick(clinic.rt).emitted == 1
    [event] = clinic.rt.bus.moves
    assert event.detail_type == "ar.first_reminder"
    assert event.planned == local("2026-11-24 09:00")
    assert event.hours == 48
    assert event.context["customer"] == "Mei Tan"
    assert event.context["start"] == "2026-11-26T09:00+08:00"
    assert MEI["phone"] not in str(event.detail())


def test_a_reminder_beyond_the_look_ahead_emits_nothing() -> None:
    """Promises 29, 34."""
    clinic = Clinic.open(now="2026-11-24 07:44")
    assert run_tick(clinic.rt).emitted == 0


@pytest.mark.parametrize("status", ["confirmed", "cancelled", "no-show", "done"])
def test_a_visit_that_is_settled_in_the_sheet_emits_nothing(status: str) -> None:
    """Promises 22, 23, 65."""
    clinic = Clinic.open({**MEI, "status": status}, now="2026-11-24 09:00")
    run_tick(clinic.rt)
    assert clinic.rt.bus.moves == []


def test_the_same_inputs_give_the_same_events() -> None:
    """Promise 19."""
    clinic = Clinic.open(MEI, ARUNS, now="2026-11-24 14:30")
    run_tick(clinic.rt)
    first, clinic.rt.bus.moves = clinic.rt.bus.moves, []
    run_tick(clinic.rt)
    assert clinic.rt.bus.moves == first != []


def test_a_tick_emits_at_most_one_customer_message_a_visit() -> None:
    """Promises 20, 34."""
    clinic = Clinic.open({**MEI, "reminders": "26, 25, 24"}, now="2026-11-25 09:05")
    run_tick(clinic.rt)
    assert emitted(clinic) == [("A-17", "first_reminder", "Wed 09:05")]


@pytest.mark.parametrize(("hours", "minute"), [(1, "Thu 14:00"), (2, "Thu 13:00")])
def test_the_short_windows_are_caught_by_an_hourly_tick(hours: int, minute: str) -> None:
    """Promise 30."""
    rules = RULES.replace("48 and 2 hours", f"{hours} hours")
    clinic = Clinic.open(ARUNS, now="2026-11-26 11:59", rules=rules)
    found: list[tuple[str, str, str]] = []
    for _ in range(3):
        run_tick(clinic.rt)
        found += [entry for entry in emitted(clinic) if entry[1] != "gap_alert"]
        clinic.rt.bus.moves.clear()
        clinic.rt.clock.forward(hours=1)
    assert ("A-18", "first_reminder", minute) in found


def test_a_very_close_visit_that_nobody_answered_gives_the_gap_alert() -> None:
    """Promise 32."""
    clinic = Clinic.open(ARUNS, now="2026-11-24 15:00")
    clinic.until("2026-11-26 11:30")
    run_tick(clinic.rt)
    assert ("A-18", "gap_alert", "Thu 12:00") in emitted(clinic)


def test_a_row_of_its_own_windows_goes_by_them() -> None:
    """Promise 27."""
    clinic = Clinic.open({**ARUNS, "reminders": "3 days"}, now="2026-11-23 14:30")
    run_tick(clinic.rt)
    assert emitted(clinic) == [("A-18", "first_reminder", "Mon 15:00")]


def test_a_service_goes_by_its_own_line_of_the_rules() -> None:
    """Promise 24."""
    rules = "Dental cleaning: remind at 24 hours.\nWhitening: remind at 72 hours.\n"
    clinic = Clinic.open(
        ARUNS, {**ARUNS, "appt_id": "A-19", "service": "Whitening"}, now="2026-11-23 14:30", rules=rules
    )
    run_tick(clinic.rt)
    assert emitted(clinic) == [("A-19", "first_reminder", "Mon 15:00")]


def test_new_rules_change_the_timing_at_the_next_tick() -> None:
    """Promise 26."""
    clinic = Clinic.open(ARUNS, now="2026-11-25 14:30")
    clinic.rt.documents.put(Document.RULES, "Dental cleaning: remind at 24 hours.\n")
    run_tick(clinic.rt)
    assert emitted(clinic) == [("A-18", "first_reminder", "Wed 15:00")]


def test_the_tick_asks_neither_google_nor_a_model() -> None:
    """Promises 5, 18. A runtime without Google serves it."""
    clinic = Clinic.open(now="2026-11-24 08:30")
    for port in ("sheet", "docs"):
        clinic.rt.__dict__[port] = None
    assert run_tick(clinic.rt).emitted == 1


def test_nothing_is_decided_before_a_rules_doc_was_taken() -> None:
    clinic = Clinic.open(now="2026-11-24 08:30")
    del clinic.rt.documents.texts[Document.RULES]
    assert run_tick(clinic.rt).emitted == 0
    assert clinic.rt.store.last_beat(names.REMINDER) == local("2026-11-24 08:30")


def test_a_visit_whose_reply_is_not_in_the_sheet_yet_is_decided_by_its_standing() -> None:
    clinic = Clinic.open(now="2026-11-24 08:30")
    clinic.door.answer("confirm")
    clinic.rt.bus.moves.clear()
    run_tick(clinic.rt)
    assert clinic.rt.bus.moves == []


def test_two_hundred_candidates_cost_two_reads_of_standings() -> None:
    clinic = Clinic.open(*({**ARUNS, "appt_id": f"B-{i}"} for i in range(200)), now="2026-11-24 14:30")
    calls: list[str] = []
    clinic.rt.store.world.before = calls.append
    run_tick(clinic.rt)
    reads = [c for c in calls if c in ("store.standings", "store.work", "store.last_beat", "ledger.unsettled")]
    assert calls.count("store.standings") == 2
    assert len(reads) <= 2 + 3
    assert len(clinic.rt.bus.moves) == 200


# ---------------------------------------------------------------- what is written down


def test_a_merged_window_is_recorded_once_with_its_reason() -> None:
    clinic = Clinic.open({**ARUNS, "reminders": "24, 23.5"}, now="2026-11-25 10:00")
    for _ in range(3):
        run_tick(clinic.rt)
    [entry] = clinic.audit("window_passed", "A-18")
    assert (entry.hours, entry.chain) == (24, "20261126T0700Z")
    assert "merged" in entry.reason
    assert clinic.rt.store.standings(["A-18"])["A-18"].outcomes["h24"].startswith("passed: ")


def test_a_window_that_cannot_go_is_told_to_staff_once_and_at_once() -> None:
    rules = RULES.replace("Closed: Sundays.", "Closed: Sundays, 23-26 November 2026.").replace("48 and 2", "48")
    clinic = Clinic.open(ARUNS, now="2026-11-23 10:00", rules=rules)
    clinic.rt.documents.put(
        Document.APPOINTMENTS,
        clinic.rt.documents.texts[Document.APPOINTMENTS].text.replace("2026-11-20T01:00:00Z", "2026-11-23T02:00:00Z"),
    )
    for _ in range(2):
        run_tick(clinic.rt)
    [line] = clinic.lines
    assert line.startswith("Arun gets no 48-hour reminder for Dental cleaning, Thursday")
    [entry] = clinic.audit("window_skipped", "A-18")
    assert entry.hours == 48


def test_an_outcome_that_loses_a_race_is_written_by_the_next_tick() -> None:
    clinic = Clinic.open({**ARUNS, "reminders": "24, 23.5"}, now="2026-11-25 10:00")

    def conflict(call: str) -> None:
        if call == "store.commit":
            raise StoreConflict("somebody else writes")

    clinic.rt.store.world.before = conflict
    assert run_tick(clinic.rt).recorded == 0
    clinic.rt.store.world.before = lambda _: None
    assert run_tick(clinic.rt).recorded == 1


def test_a_visit_that_began_in_an_outage_is_not_forgotten_by_a_tick_that_could_not_write() -> None:
    clinic = Clinic.open(ARUNS, now="2026-11-24 12:00")
    clinic.tick()

    def conflict(call: str) -> None:
        if call == "store.commit":
            raise StoreConflict("somebody else writes")

    clinic.rt.store.world.before = conflict
    with pytest.raises(StoreConflict):
        clinic.at("2026-11-26 16:00").tick()
    clinic.rt.store.world.before = lambda _: None
    clinic.at("2026-11-26 17:00").tick()
    assert any("missed" in line for line in clinic.lines)


def test_the_old_chains_outcomes_say_nothing_of_a_visit_that_was_moved_in_the_sheet() -> None:
    clinic = Clinic.open({**ARUNS, "reminders": "24, 23.5"}, now="2026-11-25 10:00")
    clinic.rt.store.world.standings["A-18"] = Standing("A-18", "20261120T0700Z", rev=1)
    assert run_tick(clinic.rt).recorded == 0
    assert clinic.rt.store.standings(["A-18"])["A-18"].outcomes == {}


# ---------------------------------------------------------------- outages


def test_a_bus_that_is_down_fails_the_tick_and_no_heartbeat_is_written() -> None:
    clinic = Clinic.open(now="2026-11-24 08:30")
    clinic.rt.bus.down = True
    with pytest.raises(UpstreamError):
        run_tick(clinic.rt)
    assert clinic.rt.store.last_beat(names.REMINDER) is None
    assert clinic.rt.metrics.counts["tick_failed"] == 1


def test_what_a_failed_tick_should_have_sent_is_sent_by_the_next() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.rt.bus.down = True
    with pytest.raises(UpstreamError):
        run_tick(clinic.rt)
    clinic.rt.bus.down = False
    clinic.at("2026-11-24 10:00").tick()
    assert len(clinic.texts) == 1


def test_a_row_that_nobody_foresaw_silences_no_other_and_fails_the_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = Clinic.open(MEI, {**MEI, "appt_id": "A-18", "phone": "+6598765432"}, now="2026-11-24 08:30")
    sound = Shop.visit

    def visit(shop: Shop, row: MirrorRow, standing: Standing | None) -> Visit | None:
        if row.appt_id == "A-17":
            raise ZeroDivisionError
        return sound(shop, row, standing)

    monkeypatch.setattr(Shop, "visit", visit)
    with pytest.raises(ZeroDivisionError):
        run_tick(clinic.rt)
    assert [event.key.appt_id for event in clinic.rt.bus.moves] == ["A-18"]
    assert clinic.rt.store.last_beat(names.REMINDER) is None


def test_the_sweep_runs_although_the_outbox_could_not_be_done() -> None:
    clinic = Clinic.open(now="2026-11-24 09:00")
    clinic.tick()
    swept: list[str] = []
    clinic.rt.store.world.before = swept.append
    clinic.rt.bus.down = True
    clinic.at("2026-11-26 07:55")
    with pytest.raises(UpstreamError):
        run_tick(clinic.rt)
    assert "ledger.unsettled" in swept


def test_twenty_six_lost_ticks_are_caught_up() -> None:
    """Promise 28. Every window that is still of use goes; nothing goes twice."""
    clinic = Clinic.open(ARUNS, now="2026-11-24 12:00")
    clinic.tick()
    clinic.at("2026-11-25 16:30").tick()
    assert len(clinic.texts) == 1
    assert clinic.audit("sent", "A-18")[0].hours == 48


def test_a_reminder_missed_by_an_outage_beyond_the_visit_is_told_to_staff() -> None:
    clinic = Clinic.open(ARUNS, now="2026-11-24 12:00")
    clinic.tick()
    clinic.at("2026-11-26 16:00").tick()
    assert clinic.texts == []
    assert sorted(entry.hours or 0 for entry in clinic.audit("window_skipped", "A-18")) == [2, 48]
    assert any("missed" in line for line in clinic.lines)


def test_two_ticks_at_once_send_one_text() -> None:
    """Promise 31."""
    clinic = Clinic.open(MEI_WITH_BOTH, now="2026-11-24 09:00")
    run_tick(clinic.rt)
    run_tick(clinic.rt)
    assert len(clinic.rt.bus.moves) == 2
    clinic.carry()
    assert len(clinic.texts) == 1


def test_a_tick_beats_for_the_alarm() -> None:
    """Promise 17."""
    clinic = Clinic.open(now="2026-11-24 08:30")
    run_tick(clinic.rt)
    assert clinic.rt.store.last_beat(names.REMINDER) == local("2026-11-24 08:30")


def test_a_cancelled_standing_stays_silent_whatever_the_sheet_says() -> None:
    """Promise 23."""
    clinic = Clinic.open(now="2026-11-24 09:00")
    chain = f"{START:%Y%m%dT%H%MZ}"
    clinic.rt.store.world.standings["A-17"] = Standing("A-17", chain, Answer.CANCELLED, answered_by="customer", rev=1)
    clinic.until("2026-11-26 10:00")
    assert clinic.texts == []


def test_hours_are_counted_in_the_shops_zone_across_a_clock_change() -> None:
    """Promise 21. 24 hours before 9am on the Sunday that London's clocks go forward is 8am on Saturday."""
    london = ZoneInfo("Europe/London")
    row = {**MEI, "phone": "+447911123456", "start": "2027-03-28 16:00"}  # 9am in London
    rules = "Dental cleaning: remind at 24 hours.\n"
    clinic = Clinic.open(row, now="2027-03-27 15:30", rules=rules, zone=london, country="GB")
    run_tick(clinic.rt)
    assert emitted(clinic) == [("A-17", "first_reminder", "Sat 08:00")]
    assert clinic.rt.bus.moves[0].context["start"] == "2027-03-28T09:00+01:00"


def test_the_move_of_a_second_window_is_a_second_reminder() -> None:
    """Promise 33."""
    clinic = Clinic.open(ARUNS, now="2026-11-24 15:00")
    clinic.until("2026-11-26 12:30")
    run_tick(clinic.rt)
    reminders = [event for event in clinic.rt.bus.moves if event.move is not Move.GAP_ALERT]
    assert [event.detail_type for event in reminders] == ["ar.second_reminder"]
