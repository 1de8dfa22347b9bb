"""What stops sends loses none of them: a runaway loop ends at the cap with one alert, the switch holds over a night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.appointment import chain_id
from chalicelib.domain.send import SendKey
from chalicelib.ports import SendingSwitch
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.run_tick import run_tick
from tests.functional.dispatch_world import MEI_WITH_BOTH, OPTED_OUT, Clinic, first_reminder, refusing
from tests.functional.reply_world import MEI
from tests.functional.sync_world import WED, a_row, a_synced_shop

MANY = 10_000


# ---------------------------------------------------------------- a runaway loop


def test_ten_thousand_sends_at_once_stop_at_the_cap_with_one_alert() -> None:
    """Ten thousand visits of as many numbers fall due in one minute; what isn't texted is on record, one by one."""
    rt = a_synced_shop(*[a_row(f"A-{n}", phone=f"+659{1_000_000 + n}", staff=f"Dr {n}") for n in range(MANY)])
    rt.clock.now = WED - timedelta(hours=48)
    run_tick(rt)
    moves = list(rt.bus.moves)
    assert len(moves) == MANY
    for move in moves:
        dispatch_move(rt, move)
    assert len(rt.sms.texts) == 300
    assert [line for line in rt.staff.texts if "limit" in line] == rt.staff.texts[-1:]
    assert rt.metrics.counts["texts_over_cap"] == MANY - 300
    sends = [rt.ledger.get(SendKey(f"A-{n}", chain_id(WED), "h48")) for n in range(MANY)]
    assert Counter(send.state.value for send in sends) == {"SENT": 300, "FAILED": MANY - 300}
    assert not any(send.alert_pending for send in sends)


# ---------------------------------------------------------------- the switch, over a night

HELD = (SendingSwitch.OFF, SendingSwitch.STAFF_ONLY)


def opened(*rows: Mapping[str, str], now: str = "2026-11-23 17:30") -> Clinic:
    """The evening before Mei's first reminder is due at nine."""
    return Clinic.open(*rows, now=now)


@pytest.mark.parametrize("switch", HELD)
def test_a_reminder_that_came_due_while_it_was_off_goes_in_the_morning_and_once(switch: SendingSwitch) -> None:
    clinic = opened()
    clinic.rt.parameters.switch = switch
    clinic.until("2026-11-24 09:30")
    assert clinic.texts == []
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-25 09:00")
    assert clinic.sent_at() == [("Tue 10:00", "first_reminder")]


@pytest.mark.parametrize("switch", HELD)
def test_what_was_held_all_day_and_let_go_at_night_waits_for_the_morning(switch: SendingSwitch) -> None:
    clinic = opened()
    clinic.rt.parameters.switch = switch
    clinic.until("2026-11-24 23:10")
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-25 07:59")
    assert clinic.texts == []
    clinic.until("2026-11-25 12:00")
    assert clinic.sent_at() == [("Wed 08:00", "first_reminder")]


@pytest.mark.parametrize("switch", HELD)
def test_the_note_on_a_cancel_in_the_evening_is_held_over_the_night_and_goes_when_it_is_on(
    switch: SendingSwitch,
) -> None:
    clinic = opened(now="2026-11-24 21:30")
    clinic.door.answer("cancel")
    clinic.rt.parameters.switch = switch
    clinic.answered()
    clinic.until("2026-11-25 09:20")
    assert clinic.texts == []
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-25 10:00")
    assert clinic.sent_at() == [("Wed 10:00", "cancelled")]


@pytest.mark.parametrize("switch", HELD)
def test_an_email_that_follows_a_text_is_held_and_goes_when_it_is_on(switch: SendingSwitch) -> None:
    clinic = opened(MEI_WITH_BOTH, now="2026-11-24 09:00")
    clinic.rt.sms.refuse = refusing(OPTED_OUT)
    clinic.dispatch(first_reminder())
    clinic.rt.parameters.switch = switch
    clinic.until("2026-11-25 08:30")
    assert clinic.mails == []
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-25 12:00")
    assert len(clinic.mails) == 1


def test_staff_only_lets_staff_s_lines_go_all_the_while() -> None:
    clinic = opened(now="2026-11-24 21:30")
    clinic.rt.parameters.switch = SendingSwitch.STAFF_ONLY
    clinic.door.answer("cancel")
    clinic.answered()
    assert [line.move for _, line in clinic.rt.staff.lines] == ["cancelled"]


@pytest.mark.parametrize("switch", HELD)
def test_what_was_answered_while_it_was_off_is_not_sent_afterwards(switch: SendingSwitch) -> None:
    clinic = opened()
    clinic.rt.parameters.switch = switch
    clinic.until("2026-11-24 12:00")
    clinic.door.answer("confirm")
    clinic.answered()
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-26 10:00")
    assert clinic.texts == []


def test_flicking_the_switch_every_hour_sends_nothing_twice_and_loses_nothing() -> None:
    clinic = opened(MEI, {**MEI, "appt_id": "A-18", "phone": "+6598765432", "staff": "Dr Tan"})
    for hour in range(60):
        clinic.rt.parameters.switch = SendingSwitch.OFF if hour % 2 else SendingSwitch.ON
        clinic.until(_later(hour))
    clinic.rt.parameters.switch = SendingSwitch.ON
    clinic.until("2026-11-26 09:30")
    for appt_id in ("A-17", "A-18"):
        assert [move for _, move in clinic.sent_at(appt_id)][:2] == ["first_reminder", "second_reminder"]
    assert len(clinic.texts) == 4


def _later(hours: int) -> str:
    """So many hours after the shop opened, shop-local."""
    return f"{datetime(2026, 11, 23, 17, 45) + timedelta(hours=hours):%Y-%m-%d %H:%M}"  # noqa: DTZ001
