"""The sync, played through in memory: what people write becomes the mirror, and what is doubtful is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import names
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import SendState
from chalicelib.domain.standing import Answer
from chalicelib.domain.work import WorkKind
from chalicelib.errors import ReminderError, StoreConflict, UpstreamError
from chalicelib.ports import Document
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.sync_drive import sync_drive
from tests.fakes.runtime import FakeRuntime
from tests.functional.sync_world import (
    FRI,
    HEADER,
    NOW,
    RULES,
    WED,
    a_reminder_went,
    a_row,
    a_shop,
    a_synced_shop,
    answer,
    asked,
    cell,
    later,
    mirror,
    mirrored,
    paste,
    rows,
    standing,
    sync_state,
)

FRIDAY = {"date": "4 Dec 2026", "time": "3:00pm"}


# ---------------------------------------------------------------- the mirror


def test_a_first_sync_mirrors_the_sheet_and_both_docs() -> None:
    """Promise 6."""
    rt = a_synced_shop(a_row())
    assert (mirrored(rt).start, mirrored(rt).first_seen) == (WED, NOW)
    assert rt.documents.read(Document.RULES).text == RULES
    assert rt.documents.read(Document.VOICE) is not None
    assert [kind for kind, _ in rt.bus.requests] == ["ar.tick_requested"]
    assert rt.store.last_beat(names.DRIVE_SYNC) == NOW


def test_nothing_is_read_or_written_when_nothing_changed() -> None:
    """Promise 4."""
    rt = a_synced_shop(a_row())
    writes, requests, reads = rt.documents.writes, len(rt.bus.requests), rt.sheet.calls.count("read")
    assert later(rt).read is False
    assert (rt.documents.writes, len(rt.bus.requests), rt.sheet.calls.count("read")) == (writes, requests, reads)


def test_an_hour_later_the_cells_are_looked_at_again_and_the_same_mirror_stays() -> None:
    """Promise 4."""
    rt = a_synced_shop(a_row())
    before = rt.documents.read(Document.APPOINTMENTS)
    assert later(rt, minutes=60).read
    assert rt.documents.read(Document.APPOINTMENTS) == before


def test_the_modified_time_is_read_before_the_cells() -> None:
    rt = a_synced_shop(a_row())
    assert rt.sheet.calls.index("modified") < rt.sheet.calls.index("read")


def test_the_state_is_written_before_the_mirror_and_a_run_that_dies_between_is_made_good() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row(**FRIDAY)])
    write = rt.documents.write

    def dies(document: Document, text: str, replaces: object) -> object:
        if document is Document.APPOINTMENTS:
            raise StoreConflict("another sync ran beside this one")
        return write(document, text, replaces)  # type: ignore[arg-type]

    rt.documents.write = dies  # type: ignore[assignment,method-assign]
    with pytest.raises(StoreConflict):
        later(rt)
    rt.documents.write = write  # type: ignore[method-assign]
    assert mirrored(rt).start == WED
    later(rt)
    assert mirrored(rt).start == FRI


def test_google_being_down_fails_the_run_and_leaves_everything() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.down = True
    with pytest.raises(UpstreamError):
        later(rt)
    assert mirrored(rt).start == WED
    assert rt.store.last_beat(names.DRIVE_SYNC) == NOW


def test_a_doc_that_is_unreachable_does_not_stop_the_sheet() -> None:
    rt = a_synced_shop(a_row())
    rt.docs.down = True
    rt.sheet.paste([HEADER, a_row(**FRIDAY)])
    with pytest.raises(UpstreamError):
        later(rt)
    assert mirrored(rt).start == FRI


# ---------------------------------------------------------------- ids


def test_rows_without_an_id_get_one_and_are_first_seen_when_they_were() -> None:
    rt = a_synced_shop(a_row(""), a_row("", customer="Arun"))
    ids = [row.appt_id for row in mirror(rt)]
    assert len(set(ids)) == 2
    assert all(0 < len(appt_id) <= 8 for appt_id in ids)
    assert [row[0] for row in rt.sheet.rows[1:]] == ids
    assert all(row.start == WED and row.first_seen == NOW for row in mirror(rt))


def test_ids_that_can_not_be_written_wait_and_the_rows_are_not_acted_on() -> None:
    rt = a_shop(a_row(""), a_row("A-2"))
    rt.sheet.before_call = lambda number, name: _down(name == "write_marked")
    with pytest.raises(UpstreamError):
        sync_drive(rt)
    assert [(row.start is None, row.first_seen) for row in mirror(rt)] == [(True, NOW), (False, NOW)]
    rt.sheet.before_call = None
    later(rt)
    assert [(row.start, row.first_seen) for row in mirror(rt)] == [(WED, NOW), (WED, NOW)]


def _down(now: bool) -> None:
    if now:
        raise UpstreamError("Google", "down")


def test_an_export_without_ids_and_status_keeps_chains_and_answers() -> None:
    rt = a_synced_shop(a_row("A-1"), a_row("A-2", customer="Arun"))
    answer(rt, ReplyAction.CONFIRM)
    later(rt)
    bare = [column for column in HEADER if column not in ("appt_id", "status")]
    rt.sheet.paste([bare, a_row("", customer="Arun")[1:-1], a_row("")[1:-1]])
    later(rt)
    later(rt)
    assert mirrored(rt).first_seen == NOW
    assert (cell(rt, "customer"), cell(rt, "status")) == ("Mei", "confirmed")
    assert cell(rt, "customer", "A-2") == "Arun"
    assert asked(rt) == []


def test_two_rows_with_one_id_are_told_and_neither_is_acted_on_until_mended() -> None:
    rt = a_synced_shop(a_row())
    paste(rt, a_row(), a_row(customer="Arun"))
    assert [row.start for row in mirror(rt)] == [None, None]
    assert sum("also the id of row" in text for text in rt.staff.texts) == 1
    later(rt, minutes=60)
    assert sum("also the id of row" in text for text in rt.staff.texts) == 1
    paste(rt, a_row(), a_row("A-2", customer="Arun"))
    assert (mirrored(rt).start, mirrored(rt).first_seen) == (WED, NOW)
    assert rt.store.told("row#") == {}


# ---------------------------------------------------------------- staff edit a start


def test_a_start_that_staff_change_is_a_new_chain_first_seen_now() -> None:
    rt = a_synced_shop(a_row())
    paste(rt, a_row(**FRIDAY))
    assert (mirrored(rt).start, mirrored(rt).first_seen) == (FRI, rt.clock())
    assert [entry.action for entry in rt.store.audit("A-1")] == ["moved_by_staff"]
    assert rt.staff.texts == []


def test_staff_are_told_if_the_customer_has_a_message_with_the_old_time() -> None:
    rt = a_synced_shop(a_row())
    a_reminder_went(rt, chain_id(WED))
    paste(rt, a_row(**FRIDAY))
    (text,) = rt.staff.texts
    assert "from Wed 2 Dec 10:00am to Fri 4 Dec 3:00pm" in text
    assert standing(rt).chain == chain_id(FRI)
    assert standing(rt).sent == {}
    assert list(rt.store.world.archive) != []


def test_a_start_that_returns_resumes_its_sends() -> None:
    rt = a_synced_shop(a_row())
    a_reminder_went(rt, chain_id(WED))
    paste(rt, a_row(**FRIDAY))
    paste(rt, a_row())
    assert standing(rt).chain == chain_id(WED)
    assert set(standing(rt).sent) == {"h48"}
    assert mirrored(rt).first_seen == rt.clock()


def test_what_was_cancelled_unsent_may_go_when_its_visit_is_on_again() -> None:
    rt = a_synced_shop(a_row())
    a_reminder_went(rt, chain_id(WED), SendState.CANCELLED)
    paste(rt, a_row(status="cancelled"))
    paste(rt, a_row())
    (send,) = rt.ledger.chain("A-1", chain_id(WED))
    assert send.state is SendState.DEFERRED
    assert standing(rt).reopened_at == rt.clock()


def test_a_confirmed_from_before_the_start_changed_is_cleared_in_the_sheet() -> None:
    rt = a_synced_shop(a_row(status="confirmed"))
    paste(rt, a_row(status="confirmed", **FRIDAY))
    assert cell(rt, "status") == ""
    later(rt)
    assert not standing(rt).pending
    assert rt.store.work() == []
    assert standing(rt).reopened_at is None


def test_a_cancelled_from_before_the_start_changed_is_asked_about_once() -> None:
    rt = a_synced_shop(a_row(status="cancelled"))
    paste(rt, a_row(status="cancelled", **FRIDAY))
    later(rt, minutes=60)
    (question,) = asked(rt)
    assert [button.label for button in question.buttons] == ["It is on", "It is off"]
    assert standing(rt).hold_reason
    assert cell(rt, "status") == "cancelled"


# ---------------------------------------------------------------- replies and exports


def test_a_confirm_is_seen_in_the_sheet_and_then_the_sheet_counts() -> None:
    """Promise 55."""
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.CONFIRM)
    assert cell(rt, "status") == "confirmed"
    assert standing(rt).pending
    later(rt)
    assert not standing(rt).pending
    assert standing(rt).answer is Answer.CONFIRMED
    assert rt.store.work() == []


def test_a_move_carries_its_first_seen_over_to_the_mirror() -> None:
    """Promise 58."""
    rt = a_synced_shop(a_row())
    rt.clock.forward(minutes=3)
    pressed = rt.clock()
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    assert (mirrored(rt).start, mirrored(rt).first_seen) == (FRI, pressed)
    assert (cell(rt, "date"), cell(rt, "time"), cell(rt, "status")) == ("4 Dec 2026", "3:00pm", "moved")
    assert not standing(rt).wins


def test_a_status_column_that_an_export_blanks_is_written_again() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.CONFIRM)
    later(rt)
    paste(rt, a_row())
    assert cell(rt, "status") == "confirmed"
    assert standing(rt).answer is Answer.CONFIRMED


def test_an_export_that_comes_right_after_the_mark_was_written_is_answered_the_same_way() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.CONFIRM)
    paste(rt, a_row())
    assert cell(rt, "status") == "confirmed"


def test_an_export_does_not_take_back_a_customers_move() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    for _ in range(3):
        paste(rt, a_row())
    (question,) = asked(rt)
    assert [button.label for button in question.buttons] == ["Keep Friday 3:00pm", "Back to Wednesday 10:00am"]
    assert standing(rt).contested
    assert standing(rt).chain == chain_id(FRI)
    assert cell(rt, "date") == "2 Dec 2026"


def test_a_move_that_an_export_took_back_is_reminded_though_the_start_that_it_left_has_passed() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    paste(rt, a_row())
    rt.clock.now = FRI - timedelta(hours=48, minutes=30)
    run_tick(rt)
    assert rt.clock.now > WED
    assert [due.key.what for due in rt.bus.moves if due.key.chain == chain_id(FRI) and due.key.what == "h48"] == ["h48"]


def test_booked_that_stood_there_before_the_reply_is_asked_about_once() -> None:
    rt = a_synced_shop(a_row(status="booked"))
    answer(rt, ReplyAction.CANCEL)
    later(rt)
    paste(rt, a_row(status="booked"))
    paste(rt, a_row(status="booked", staff="Tan"))
    (question,) = asked(rt)
    assert [button.label for button in question.buttons] == ["Reopen", "Keep the answer"]
    assert standing(rt).answer is Answer.CANCELLED


def test_booked_where_the_cell_was_blank_reopens_the_visit() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.CANCEL)
    later(rt)
    paste(rt, a_row(status="booked"))
    assert standing(rt).answer is Answer.OPEN
    assert standing(rt).reopened_at == rt.clock()
    assert "reopened" in [entry.action for entry in rt.store.audit("A-1")]


def test_a_row_that_is_gone_is_withdrawn_and_its_waiting_slot_is_free() -> None:
    rt = a_synced_shop(a_row(), a_row("A-2", customer="Arun"))
    answer(rt, ReplyAction.RESCHEDULE, FRI)
    later(rt)
    assert rt.store.holds("lim", FRI, FRI + timedelta(hours=1))
    paste(rt, a_row("A-2", customer="Arun"))
    assert [row.appt_id for row in mirror(rt)] == ["A-2"]
    assert rt.store.holds("lim", FRI, FRI + timedelta(hours=1)) == {}


def test_a_race_with_a_reply_is_tried_again_from_the_fresh_standing() -> None:
    rt = a_synced_shop(a_row())
    a_reminder_went(rt, chain_id(WED))
    rt.sheet.paste([HEADER, a_row(status="Vip")])
    rt.sheet.paste([HEADER, a_row(**FRIDAY)])
    fired: list[str] = []

    def reply_first(call: str) -> None:
        if call == "store.commit" and not fired:
            fired.append(call)
            answer(rt, ReplyAction.CONFIRM)

    rt.store.world.before = reply_first
    later(rt)
    # The customer was faster: the answer wins until the sheet shows it or staff say otherwise.
    assert fired
    assert standing(rt).answer is Answer.CONFIRMED
    assert standing(rt).wins


def marks_fail(number: int, name: str) -> None:
    if name == "mark":
        raise UpstreamError("Google", "unavailable")


def test_a_reply_whose_mark_and_id_an_export_blanked_is_written_back_although_the_id_came_a_sync_later() -> None:
    rt = a_synced_shop(a_row())
    answer(rt, ReplyAction.CONFIRM)
    later(rt)
    rt.sheet.paste([HEADER, a_row("")])
    rt.sheet.before_call = marks_fail
    with pytest.raises(UpstreamError):
        later(rt)
    rt.sheet.before_call = None
    later(rt)
    assert cell(rt, "status") == "confirmed"


def test_a_row_moved_while_its_id_was_missing_begins_a_new_chain_when_the_id_is_back() -> None:
    rt = a_synced_shop(a_row())
    a_reminder_went(rt, chain_id(WED))
    rt.sheet.paste([HEADER, a_row("", date="4 Dec 2026", time="3:00pm")])
    rt.sheet.before_call = marks_fail
    with pytest.raises(UpstreamError):
        later(rt)
    rt.sheet.before_call = None
    later(rt)
    assert standing(rt).chain == chain_id(FRI)


# ---------------------------------------------------------------- not the sheet, and the brake


def test_a_login_page_takes_nothing_and_is_told_once_a_day() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([["<html>", "Sign in"]])
    later(rt)
    later(rt, hours=23)
    assert sum("doesn't look like" in text for text in rt.staff.texts) == 1
    assert mirrored(rt).start == WED
    assert sync_state(rt)["held"] == []
    later(rt, hours=1)
    assert sum("doesn't look like" in text for text in rt.staff.texts) == 2


def test_a_sheet_that_loses_too_many_visits_is_not_taken() -> None:
    rt = a_synced_shop(*rows(12))
    paste(rt, *rows(7), a_row("B-1"))
    assert len(mirror(rt)) == 12
    assert sync_state(rt)["held"] == ["A-10", "A-11", "A-12", "A-8", "A-9"]
    (question,) = asked(rt)
    assert "12 upcoming visits 5 would vanish" in question.text
    later(rt, minutes=60)
    assert len(asked(rt)) == 1


def test_a_sheet_that_doubles_the_ids_of_many_visits_is_refused_and_names_them() -> None:
    rt = a_synced_shop(*rows(12))
    paste(rt, *rows(12), *rows(6))
    (question,) = asked(rt)
    assert "Customer 1 (A-1)" in question.text
    assert len(mirror(rt)) == 12


def test_what_the_refused_sheet_merely_changes_is_held_too() -> None:
    rt = a_synced_shop(*rows(12))
    changed = rows(12)
    for row in changed[:5]:
        row[HEADER.index("date")] = "9 Dec 2026"
    changed[5][HEADER.index("status")] = "cancelled"
    paste(rt, *changed)
    assert len(sync_state(rt)["held"]) == 6
    assert all(row.start == WED for row in mirror(rt))


def test_cancelled_rows_do_not_trip_the_brake() -> None:
    rt = a_synced_shop(*rows(12))
    paste(rt, *rows(12, status="cancelled"))
    assert asked(rt) == []
    assert mirrored(rt, "A-12").values["status"] == "cancelled"
    paste(rt)
    assert asked(rt) == []
    assert mirror(rt) == []


def test_a_later_sheet_within_the_limit_releases_what_was_held() -> None:
    rt = a_synced_shop(*rows(12))
    a_reminder_went(rt, chain_id(WED), SendState.CANCELLED)
    paste(rt, *rows(12)[6:])
    assert "A-1" in sync_state(rt)["held"]
    paste(rt, *rows(11))
    assert (sync_state(rt)["held"], sync_state(rt)["brake"]) == ([], None)
    assert len(mirror(rt)) == 11
    (send,) = rt.ledger.chain("A-1", chain_id(WED))
    assert send.state is SendState.DEFERRED


def test_customers_own_moves_do_not_trip_the_brake() -> None:
    rt = a_synced_shop(*rows(6), rules="Everything else: 24 hours.\nOpening hours: Mon-Fri 9am-5pm.")
    for n in range(1, 7):
        answer(rt, ReplyAction.RESCHEDULE, FRI - timedelta(minutes=30 * n), f"A-{n}")
    later(rt)
    assert asked(rt) == []
    assert all(row.start != WED for row in mirror(rt))


def test_the_past_does_not_trip_the_brake() -> None:
    rt = a_synced_shop(*rows(12, date="20 Nov 2026"), a_row("B-1"))
    paste(rt, a_row("B-1"))
    assert asked(rt) == []
    assert [row.appt_id for row in mirror(rt)] == ["B-1"]


# ---------------------------------------------------------------- what is told


def test_a_bad_row_is_told_once_and_again_after_it_was_mended() -> None:
    rt = a_synced_shop(a_row(date="3/4/2026"), a_row("A-2"))
    (text,) = rt.staff.texts
    assert "row 2 (A-1, Mei), date:" in text
    later(rt, minutes=60)
    assert len(rt.staff.texts) == 1
    paste(rt, a_row(), a_row("A-2"))
    assert rt.store.told("row#") == {}
    paste(rt, a_row(date="3/4/2026"), a_row("A-2"))
    assert len(rt.staff.texts) == 2
    assert mirrored(rt, "A-2").start == WED


def test_a_phone_is_looked_at_once_the_visit_is_near_even_if_nobody_edits_the_sheet() -> None:
    rt = a_synced_shop(a_row(date="20 Dec 2026", phone="123"))
    assert rt.staff.texts == []
    for _ in range(18):
        later(rt, days=1)
    (text,) = rt.staff.texts
    assert "phone" in text


def test_rows_of_the_past_are_nobodys_concern() -> None:
    rt = a_synced_shop(a_row(date="20 Nov 2026", phone="123", status="whatever", service="Unknown"), rules=RULES)
    assert rt.staff.texts == []


def test_many_bad_rows_are_one_message() -> None:
    rt = a_synced_shop(*rows(15, phone="123"))
    assert len(rt.staff.texts) == 1
    assert len(rt.store.told("row#")) == 15


def test_an_unknown_status_word_is_told_once_with_its_rows() -> None:
    rt = a_synced_shop(a_row(status="VIP"), a_row("A-2", customer="Arun", status="vip"))
    (text,) = rt.staff.texts
    assert "“vip”: row 2 (A-1), row 3 (A-2)" in text
    paste(rt, a_row(), a_row("A-2", customer="Arun"))
    paste(rt, a_row(status="VIP"), a_row("A-2", customer="Arun"))
    assert len(rt.staff.texts) == 1


def test_a_service_without_a_line_is_told_once() -> None:
    rt = a_synced_shop(a_row(service="Whitening", date="30 Nov 2026"), rules="Dental cleaning: 24 hours.")
    (text,) = rt.staff.texts
    assert "“Whitening”" in text
    assert "24, 2 hours before" in text
    later(rt, minutes=60)
    assert len(rt.staff.texts) == 1


# ---------------------------------------------------------------- docs


def test_a_bad_rules_doc_keeps_the_former_whole_and_is_told_once_per_version() -> None:
    """Promise 26."""
    rt = a_synced_shop(a_row())
    rt.docs.put(Document.RULES, "Dental cleaning: 24 hours.\nSalon haircut: 10 minutes.\n")
    later(rt)
    later(rt, minutes=60)
    assert rt.documents.read(Document.RULES).text == RULES
    (text,) = rt.staff.texts
    assert "line 2" in text
    assert "former one stays" in text
    rt.docs.put(Document.RULES, "Dental cleaning: 24 hours.\n")
    later(rt)
    assert rt.documents.read(Document.RULES).text == "Dental cleaning: 24 hours.\n"
    assert rt.store.told("doc#") == {}


def test_with_no_former_rules_doc_staff_hear_that_nothing_is_sent() -> None:
    rt = a_synced_shop(a_row(), rules="Dental cleaning: 5 minutes.")
    assert rt.documents.read(Document.RULES) is None
    assert "nothing is sent until" in rt.staff.texts[0]


def test_an_emptied_rules_doc_is_not_taken() -> None:
    rt = a_synced_shop(a_row())
    rt.docs.put(Document.RULES, "")
    later(rt)
    assert rt.documents.read(Document.RULES).text == RULES
    assert "empty" in rt.staff.texts[0]


def test_a_window_that_an_edit_adds_is_known_since_that_sync() -> None:
    rt = a_synced_shop(a_row())
    assert rt.documents.read(Document.RULES_SINCE).text == "{}"
    rt.docs.put(Document.RULES, RULES.replace("48 and 2", "48, 24 and 2"))
    later(rt)
    assert '"1440": "2026-11-24T00:05:00Z"' in rt.documents.read(Document.RULES_SINCE).text
    assert len(rt.bus.requests) == 2


def test_a_bad_voice_doc_keeps_the_former_one() -> None:
    rt = a_synced_shop(a_row())
    before = rt.documents.read(Document.VOICE)
    rt.docs.put(Document.VOICE, "First reminder, text:\nHello {nobody}\n")
    later(rt)
    assert rt.documents.read(Document.VOICE) == before
    assert "voice doc can't be taken" in rt.staff.texts[0]


def test_a_costly_text_is_warned_of_and_taken() -> None:
    rt = a_synced_shop(a_row(), voice="First reminder, text:\n{link} " + "blah " * 80 + "\n")
    assert "blah" in rt.documents.read(Document.VOICE).text
    assert "voice doc is in force" in rt.staff.texts[0]


# ---------------------------------------------------------------- dying anywhere


@pytest.mark.parametrize("call", range(1, 40))
def test_a_sync_that_dies_at_any_call_is_made_good_by_the_next(call: int) -> None:
    rt = a_synced_shop(a_row(status="confirmed"), a_row("A-2", customer="Arun"))
    a_reminder_went(rt, chain_id(WED))
    rt.sheet.paste([HEADER, a_row(status="confirmed", **FRIDAY), a_row("", customer="Rex"), a_row("A-2")])
    calls = [0]

    def dies(_: str) -> None:
        calls[0] += 1
        if calls[0] == call:
            raise UpstreamError("AWS", "gone")

    rt.store.world.after = dies
    try:
        later(rt)
    except ReminderError:
        rt.clock.forward(minutes=1)
    rt.store.world.after = lambda _: None
    later(rt)
    later(rt)
    assert mirrored(rt).start == FRI
    assert standing(rt).chain == chain_id(FRI)
    assert cell(rt, "status") == ""
    assert not standing(rt).pending
    assert [w for w in rt.store.work() if w.kind is not WorkKind.TICK] == []
    assert any("from Wed 2 Dec 10:00am" in text for text in rt.staff.texts)
    assert all(row.start is not None for row in mirror(rt))
    assert len({row.appt_id for row in mirror(rt)}) == 3


def test_a_fake_shop_is_a_whole_runtime() -> None:
    assert isinstance(a_shop(), FakeRuntime)


def test_public_holidays_that_nobody_knows_are_refused_with_their_line() -> None:
    rt = a_synced_shop(a_row(), rules="Everything else: 24 hours.\nClosed: Sundays, public holidays.\n", country="ZZ")
    assert rt.documents.read(Document.RULES) is None
    assert any("line 2" in text and "ZZ" in text for text in rt.staff.texts)


def test_a_sheet_of_which_staff_could_not_be_told_is_taken_by_the_next_sync() -> None:
    rt = a_synced_shop(a_row())
    rt.sheet.paste([HEADER, a_row(date="9 Dec 2026")])

    def down(call: str) -> None:
        if call == "store.told":
            raise UpstreamError("DynamoDB", "timed out")

    rt.store.world.before = down
    with pytest.raises(UpstreamError):
        later(rt)
    rt.store.world.before = lambda call: None
    assert later(rt).mirror_written
    assert mirrored(rt).values["date"] == "9 Dec 2026"
    assert not later(rt).read


def test_a_row_to_mend_is_told_with_the_way_to_it() -> None:
    rt = a_synced_shop(a_row(), a_row("A-2", phone="123"))
    [line] = [line for _, line in rt.staff.lines if "A-2" in line.text]
    assert [(link.label, link.url.rpartition("/")[2]) for link in line.links] == [("Row 3", "edit#range=A3")]


def test_a_doc_to_mend_is_told_with_the_way_to_it() -> None:
    rt = a_synced_shop(a_row(), rules="Everything else: sometime 5.\n")
    [line] = [line for _, line in rt.staff.lines if "rules doc" in line.text]
    assert [link.url for link in line.links] == ["https://docs.google.com/document/d/rules/edit"]
