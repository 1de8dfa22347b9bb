"""The week is told once, to Slack and the owner, whatever fails, repeats or comes late."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib import names
from chalicelib.config import Config
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.work import Work, WorkKind
from chalicelib.errors import BadRecipient, DefiniteNo, NoAnswer, ReminderError, StoreNoAnswer, UpstreamError
from chalicelib.ports import PutWork
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.summarise_week import summarise_week
from tests.builders import local
from tests.fakes.runtime import FakeRuntime, a_config
from tests.functional.sync_world import WED, a_reminder_went, a_row, a_synced_shop, answer, later

MONDAY = local("2026-11-30 08:00")
WEEK = "2026-11-23"
OWNER = "owner@bright.example"
QUARTER = timedelta(minutes=15)


def a_shop_on_monday(**config: Any) -> FakeRuntime:
    """Mei was reminded on Tuesday and confirmed an hour later; now it is Monday at eight."""
    rt = a_synced_shop(a_row(), **{"owner_email": OWNER, **config})
    a_reminder_went(rt, chain_id(WED))
    rt.clock.forward(hours=1)
    answer(rt, ReplyAction.CONFIRM)
    later(rt)
    later(rt)
    rt.staff.lines.clear()
    rt.clock.now = MONDAY
    return rt


def summaries(rt: FakeRuntime) -> list[tuple[str, str]]:
    """The weeks that Slack was told: channel and first line."""
    return [
        (c, line.text.splitlines()[0].strip("*")) for c, line in rt.staff.lines if line.reason == "the weekly summary"
    ]


def mails(rt: FakeRuntime) -> list[str]:
    """Whom the mails went to."""
    return [mail.to for mail in rt.email.mails]


def configured(rt: FakeRuntime, **changes: Any) -> None:
    known = {name: getattr(rt.config, name) for name in Config.__dataclass_fields__}
    rt.config = a_config(**{**known, **changes})


def run_quarters(rt: FakeRuntime, until: str) -> None:
    """The function runs every quarter of an hour; what raises is run again at its next time."""
    end = local(until)
    while rt.clock.now <= end:
        with suppress(ReminderError):
            summarise_week(rt)
        rt.clock.now += QUARTER


# ---------------------------------------------------------------- what is told, and to whom


def test_on_monday_at_eight_slack_and_the_owner_are_told_the_same() -> None:
    """Promises 71, 73."""
    rt = a_shop_on_monday()
    assert summarise_week(rt) == f"told {WEEK}"
    assert summaries(rt) == [("#front-desk", "Bright Dental, 23 to 29 Nov 2026")]
    [mail] = rt.email.mails
    assert mail.to == OWNER
    story = mail.body.splitlines()[2]
    assert "confirmed" in story
    assert story in rt.staff.texts[0]
    assert story in mail.html
    assert [picture.name for picture in mail.pictures] == ["by-day", "by-hour"]


def test_a_channel_of_its_own_gets_it_if_one_is_configured() -> None:
    """Promise 73."""
    rt = a_shop_on_monday(summary_channel="#owners")
    summarise_week(rt)
    assert [channel for channel, _ in summaries(rt)] == ["#owners"]


def test_without_an_owner_s_address_it_goes_to_slack_only() -> None:
    rt = a_shop_on_monday(owner_email="")
    summarise_week(rt)
    assert (len(summaries(rt)), mails(rt), rt.store.work()) == (1, [], [])


def test_all_of_a_week_s_runs_tell_it_once() -> None:
    rt = a_shop_on_monday()
    rt.clock.now = local("2026-11-29 23:00")
    run_quarters(rt, "2026-12-06 23:45")
    assert (len(summaries(rt)), mails(rt)) == (1, [OWNER])


def test_every_run_beats_and_counts() -> None:
    rt = a_shop_on_monday()
    rt.clock.now = local("2026-11-27 10:15")
    assert summarise_week(rt) == "not due"
    assert rt.store.last_beat(names.SUMMARY) == local("2026-11-27 10:15")
    assert rt.metrics.counts["summary"] == 1


def test_a_shop_that_begins_on_tuesday_hears_nothing_of_the_week_before() -> None:
    rt = a_synced_shop(a_row())
    assert "not there" in summarise_week(rt)
    run_quarters(rt, "2026-11-28 00:00")
    assert summaries(rt) == []


def test_a_week_in_which_the_shop_was_closed_is_told_all_the_same_once_others_were() -> None:
    rt = a_shop_on_monday()
    summarise_week(rt)
    rt.clock.now = MONDAY + timedelta(days=21)
    assert summarise_week(rt) == "told 2026-12-14"


def test_nothing_is_told_before_a_sheet_was_mirrored() -> None:
    rt = FakeRuntime(MONDAY)
    assert summarise_week(rt) == "nothing is mirrored yet"
    assert rt.store.told("summary#") == {}


# ---------------------------------------------------------------- outages, clocks, zones


def test_after_an_outage_of_two_days_it_is_caught_up() -> None:
    """Promise 71."""
    rt = a_shop_on_monday()
    rt.clock.now = local("2026-12-02 08:15")
    assert summarise_week(rt) == f"told {WEEK}"


def test_after_an_outage_until_thursday_it_is_let_go() -> None:
    rt = a_shop_on_monday()
    rt.clock.now = local("2026-12-03 08:00")
    run_quarters(rt, "2026-12-06 23:45")
    assert summaries(rt) == []


@pytest.mark.parametrize("zones", [("America/Los_Angeles", "Asia/Singapore"), ("Pacific/Kiritimati", "Pacific/Niue")])
def test_a_zone_that_is_changed_on_monday_tells_no_week_twice(zones: tuple[str, str]) -> None:
    rt = a_shop_on_monday()
    run_quarters(rt, "2026-11-30 09:00")
    for zone in zones:
        configured(rt, zone=ZoneInfo(zone))
        run_quarters(rt, f"{rt.clock.now + timedelta(hours=36):%Y-%m-%d %H:%M}")
    assert (len(summaries(rt)), mails(rt)) == (1, [OWNER])


def test_a_week_that_is_told_again_after_a_year_counts_its_own_week() -> None:
    rt = a_shop_on_monday()
    summarise_week(rt)
    rt.clock.now = local("2027-11-29 08:00")
    assert summarise_week(rt) == "told 2027-11-22"
    assert list(rt.store.told("summary#")) == ["summary#2027-11-22"]


# ---------------------------------------------------------------- doubled and cut short


CALLS = ["store.told", "week.replies", "week.sends", "store.standings", "store.commit", "store.work", "store.beat"]


def at(name: str, do: Callable[[], None], nth: int = 1) -> Callable[[str], None]:
    """A hook that acts once, at the nth call of that name."""
    left = nth

    def hook(call: str) -> None:
        nonlocal left
        if call == name:
            left -= 1
            if left == 0:
                do()

    return hook


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_a_second_run_at_any_moment_of_the_first_tells_nothing_twice(call: str, when: str, nth: int) -> None:
    """Lambda may call a scheduled function twice. The whole second run fits between two calls of the first."""
    rt = a_shop_on_monday()
    world = rt.store.world
    setattr(world, when, at(call, lambda: summarise_week(rt) and None, nth))
    summarise_week(rt)
    setattr(world, when, lambda _call: None)
    run_quarters(rt, "2026-11-30 12:00")
    assert (len(summaries(rt)), mails(rt)) == (1, [OWNER])


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_a_run_that_dies_at_any_moment_loses_nothing(call: str, when: str, nth: int) -> None:
    """Made good a quarter of an hour later. What was on its way may come twice; it comes."""

    def die() -> None:
        raise StoreNoAnswer("the function ran out of time")

    rt = a_shop_on_monday()
    setattr(rt.store.world, when, at(call, die, nth))
    run_quarters(rt, "2026-11-30 09:00")
    drain_outbox(rt)  # as the next sync does
    assert 1 <= len(summaries(rt)) <= 2
    assert set(mails(rt)) == {OWNER}
    assert len(mails(rt)) <= 2
    assert rt.store.work() == []


def test_a_model_s_vendor_or_a_table_that_is_down_holds_it_up_and_no_longer() -> None:
    rt = a_shop_on_monday()

    def down() -> None:
        raise UpstreamError("dynamodb", "scan: InternalServerError")

    rt.store.world.before = at("week.sends", down)
    with pytest.raises(UpstreamError):
        summarise_week(rt)
    assert (summaries(rt), rt.metrics.counts["summary_failed"]) == ([], 1)
    rt.clock.now += QUARTER
    assert summarise_week(rt) == f"told {WEEK}"


# ---------------------------------------------------------------- Slack and the mail, each by itself


def refuses(error: Exception) -> Callable[[str], None]:
    def refuse(_to: str) -> None:
        raise error

    return refuse


def test_slack_that_is_down_holds_up_the_line_and_not_the_mail() -> None:
    rt = a_shop_on_monday()
    rt.staff.refuse = refuses(NoAnswer("Slack", "down"))
    summarise_week(rt)
    assert (summaries(rt), mails(rt)) == ([], [OWNER])
    rt.staff.refuse = None
    drain_outbox(rt)
    assert len(summaries(rt)) == 1


@pytest.mark.parametrize("error", [DefiniteNo("SES", "throttled"), NoAnswer("SES", "timed out")])
def test_a_mail_that_could_not_go_goes_a_quarter_of_an_hour_later(error: Exception) -> None:
    rt = a_shop_on_monday()
    rt.email.refuse = refuses(error)
    summarise_week(rt)
    rt.email.refuse = None
    rt.clock.now += QUARTER
    summarise_week(rt)
    assert (len(summaries(rt)), mails(rt), rt.store.work()) == (1, [OWNER], [])


def test_no_other_function_sends_the_owner_s_mail() -> None:
    rt = a_shop_on_monday()
    rt.email.refuse = refuses(DefiniteNo("SES", "throttled"))
    summarise_week(rt)
    rt.email.refuse = None
    rt.clock.now += timedelta(hours=1)
    drain_outbox(rt)
    assert mails(rt) == []
    assert rt.metrics.counts["outbox_minutes"] == 60
    assert [work.kind for work in rt.store.work()] == [WorkKind.OWNER_MAIL]


def test_an_address_that_is_refused_is_told_to_staff_without_naming_it() -> None:
    rt = a_shop_on_monday()
    rt.email.refuse = refuses(BadRecipient("SES", "MessageRejected"))
    summarise_week(rt)
    drain_outbox(rt)
    assert "could not be mailed" in rt.staff.texts[-1]
    assert OWNER not in "".join(rt.staff.texts)
    assert rt.store.work() == []


def test_a_mail_that_can_not_go_for_three_days_is_given_up_and_told() -> None:
    rt = a_shop_on_monday()
    rt.email.refuse = refuses(DefiniteNo("SES", "throttled"))
    run_quarters(rt, "2026-12-03 08:15")
    drain_outbox(rt)
    assert [text for text in rt.staff.texts if "could not be mailed" in text] == [rt.staff.texts[-1]]
    assert rt.store.work() == []


def test_a_mail_that_no_code_understands_stops_nothing_else() -> None:
    rt = a_shop_on_monday()
    unreadable = Work("2026-11-29T00:00:00Z#1", WorkKind.OWNER_MAIL, "", MONDAY - timedelta(days=1), {"text": "?"})
    rt.store.commit(PutWork(unreadable))
    assert summarise_week(rt) == f"told {WEEK}"
    assert (len(summaries(rt)), mails(rt), rt.store.work()) == (1, [OWNER], [unreadable])
    assert rt.metrics.counts["outbox_unreadable"] == 1


def test_a_mail_whose_owner_was_taken_out_of_the_configuration_is_dropped() -> None:
    rt = a_shop_on_monday()
    rt.email.refuse = refuses(DefiniteNo("SES", "throttled"))
    summarise_week(rt)
    rt.email.refuse = None
    configured(rt, owner_email="")
    rt.clock.now += QUARTER
    summarise_week(rt)
    assert (mails(rt), rt.store.work()) == ([], [])


def test_the_week_named_is_the_one_that_ended() -> None:
    rt = a_shop_on_monday()
    summarise_week(rt)
    assert list(rt.store.told("summary#")) == [f"summary#{date(2026, 11, 23)}"]
