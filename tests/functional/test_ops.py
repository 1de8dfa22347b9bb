"""What an operator does by hand: dead letters are replayed without harm, an earlier mirror is put back and stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib import names
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.events import MoveDue
from chalicelib.domain.reply_token import ReplyAction
from chalicelib.domain.send import Move, SendKey
from chalicelib.errors import NotTheSheet, StoreConflict, UpstreamError
from chalicelib.intake_ports import Scan, ScanState
from chalicelib.ports import Document, PendingScan, PutScan
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.drain_outbox import drain_outbox
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.sync_drive import sync_drive
from local.world import ShopSetup, World
from ops.__main__ import main
from ops.dead_letters import Kind, Letter, read_letter
from ops.redrive import DeadLetters, Replay, replay_all
from ops.restore import difference, put_back
from tests.fakes.intake import FakeModel
from tests.fakes.runtime import FakeBus, FakeRuntime
from tests.functional.sync_world import (
    HEADER,
    RULES,
    WED,
    a_row,
    a_synced_shop,
    answer,
    cell,
    later,
    mirrored,
    paste,
    rows,
    standing,
    sync_state,
)

_LINES = (Path(__file__).parents[1] / "payloads" / "dead_letters.jsonl").read_text().splitlines()
LETTERS: dict[str, dict[str, Any]] = {line["name"]: line for line in map(json.loads, _LINES)}
THU = WED + timedelta(days=1)


def a_runtime(bus: FakeBus | None = None) -> FakeRuntime:
    """A runtime whose bus is this one."""
    rt = FakeRuntime(WED)
    rt.bus = bus or rt.bus
    return rt


def a_letter(name: str, number: int = 1) -> Letter:
    """A recorded letter as SQS would hand it over."""
    return read_letter(
        {
            "MessageId": f"{number:08d}-1111",
            "ReceiptHandle": f"receipt-{number}",
            "Attributes": {"SentTimestamp": str(1796004180000 + number)},
            **LETTERS[name]["message"],
        }
    )


class NoQueue(DeadLetters):
    """Notes what was deleted."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def delete(self, letter: Letter) -> None:
        self.deleted.append(letter.message_id)


class Functions:
    """Lambda's client, as far as it is used."""

    def __init__(self, status: int = 202) -> None:
        self.invoked: list[tuple[str, Any]] = []
        self.status = status

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:
        self.invoked.append((FunctionName, json.loads(Payload)))
        return {"StatusCode": self.status}


# ---------------------------------------------------------------- dead letters, read


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_told_whoever_put_it_there(name: str) -> None:
    letter = a_letter(name)
    assert (letter.kind.value, letter.error) == (LETTERS[name]["kind"], LETTERS[name]["error"])


@pytest.mark.parametrize("name", LETTERS)
def test_no_contact_is_shown_whatever_a_letter_holds(name: str) -> None:
    line = a_letter(name).line
    assert "91234567" not in line
    assert "@" not in line


def test_a_letter_s_line_says_what_it_is_about() -> None:
    line = a_letter("scheduler").line
    assert "ar.first_reminder for A-1 (h48), planned 2026-11-30 02:00Z" in line
    assert line.startswith("00000001  ")


# ---------------------------------------------------------------- dead letters, replayed


def test_a_mail_is_read_here_and_now_by_its_decoded_key() -> None:
    rt, queue = a_runtime(), NoQueue()
    rt.raw_mail.mails["in/0a 1b+2c"] = b"Subject: x\r\n\r\nNo booking at all.\r\n"
    assert replay_all(queue, [a_letter("new mail")], Replay(rt, Functions()), []) == 0
    assert [entry.after for entry in rt.store.audit("mail#in/0a 1b+2c")] == ["none"]
    assert len(queue.deleted) == 1


def test_an_alarm_that_could_not_be_told_is_told_by_the_replay() -> None:
    rt, queue = a_runtime(), NoQueue()
    assert replay_all(queue, [a_letter("an alarm")], Replay(rt, Functions()), []) == 0
    assert ["The tick is missing" in line.text for _, line in rt.staff.lines] == [True]


def test_the_end_of_a_scan_has_its_mail_read_on() -> None:
    rt, queue = a_runtime(), NoQueue()
    rt.raw_mail.mails["m"] = b"Subject: x\r\n\r\nSee attached.\r\n"
    rt.store.commit(PutScan(PendingScan("job-1", "m", "attachments/m/0.pdf", WED)))
    rt.scans.results["job-1"] = Scan(ScanState.DONE, ["nothing"])
    assert replay_all(queue, [a_letter("end of a scan")], Replay(rt, Functions()), []) == 0
    assert rt.store.scans() == []


def test_a_mail_that_still_cannot_be_read_on_stays() -> None:
    rt, queue = a_runtime(), NoQueue()
    rt.raw_mail.mails["in/0a 1b+2c"] = b"Subject: x\r\n\r\nText.\r\n"
    rt.booking_model = FakeModel(failure=UpstreamError("Bedrock", "AccessDeniedException"))
    assert replay_all(queue, [a_letter("new mail")], Replay(rt, Functions()), []) == 1
    assert queue.deleted == []


def test_moves_and_ticks_go_on_the_bus_again_and_are_deleted() -> None:
    bus, queue = FakeBus(), NoQueue()
    letters = [a_letter(name, n) for n, name in enumerate(("scheduler", "rule", "lambda queue"))]
    assert replay_all(queue, letters, Replay(a_runtime(bus), Functions()), []) == 0
    assert [move.key.what for move in bus.moves] == ["h48", "h2"]
    assert bus.requests == [("ar.tick_requested", {"version": 1, "appt_id": "A-1"})]
    assert len(queue.deleted) == 3


def test_a_letter_that_the_bus_does_not_take_stays_and_stops_no_other() -> None:
    bus, queue = FakeBus(down=True), NoQueue()
    letters = [a_letter("scheduler"), a_letter("delivery log", 2)]
    assert replay_all(queue, letters, Replay(a_runtime(bus), Functions()), []) == 1
    assert queue.deleted == [letters[1].message_id]


def test_a_press_is_replayed_only_if_it_is_named() -> None:
    """Dana's *Cancelled* of Monday may not be meant on Wednesday."""
    bus, queue, press = FakeBus(), NoQueue(), a_letter("lambda destination")
    assert replay_all(queue, [press], Replay(a_runtime(bus), Functions()), []) == 1
    assert (bus.requests, queue.deleted) == ([], [])
    assert replay_all(queue, [press], Replay(a_runtime(bus), Functions()), [press.name]) == 0
    assert [kind for kind, _ in bus.requests] == ["ar.staff_action"]


def test_only_the_named_letters_are_replayed() -> None:
    bus, queue = FakeBus(), NoQueue()
    letters = [a_letter("scheduler", 1), a_letter("rule", 2)]
    assert replay_all(queue, letters, Replay(a_runtime(bus), Functions()), ["00000002"]) == 1
    assert queue.deleted == [letters[1].message_id]


def test_a_name_that_no_letter_has_replays_nothing() -> None:
    bus = FakeBus()
    with pytest.raises(LookupError, match="no such letter: 9999"):
        replay_all(NoQueue(), [a_letter("scheduler")], Replay(a_runtime(bus), Functions()), ["9999"])
    assert bus.moves == []


def test_lines_of_the_delivery_log_go_to_the_function_that_they_were_for() -> None:
    functions = Functions()
    letters = [a_letter("delivery log", 1), a_letter("delivery log, queue", 2)]
    assert replay_all(NoQueue(), letters, Replay(a_runtime(), functions, "ar-dev-sms_delivery"), []) == 0
    first, second = functions.invoked
    assert first[0].endswith(":function:ar-dev-sms_delivery:$LATEST")
    assert second == ("ar-dev-sms_delivery", {"awslogs": {"data": "H4sIAAAAAAAA"}})


@pytest.mark.parametrize(("function", "status"), [("", 202), ("ar-dev-sms_delivery", 500)])
def test_lines_of_the_delivery_log_that_cannot_be_handed_over_stay(function: str, status: int) -> None:
    queue = NoQueue()
    replay = Replay(a_runtime(), Functions(status), function)
    assert replay_all(queue, [a_letter("delivery log, queue")], replay, []) == 1
    assert queue.deleted == []


def test_a_scheduled_run_is_only_deleted_and_what_nobody_understands_stays() -> None:
    bus, queue = FakeBus(), NoQueue()
    unreadable = [name for name, line in LETTERS.items() if line["kind"] == Kind.UNREADABLE.value]
    letters = [a_letter(name, n) for n, name in enumerate(["scheduled run", *unreadable])]
    assert replay_all(queue, letters, Replay(a_runtime(bus), Functions()), []) == len(unreadable) == 6
    assert queue.deleted == [letters[0].message_id]
    assert (bus.moves, bus.requests) == ([], [])


@pytest.mark.parametrize("hours_late", [0, 1, 30, 47, 49])
def test_a_replayed_reminder_is_sent_only_if_it_is_still_due_and_was_never_sent(hours_late: int) -> None:
    """Mei's first reminder died on its way, once before anything was sent and once after."""
    for sent_before in (False, True):
        rt = a_synced_shop(a_row())
        bus = FakeBus()
        replay_all(
            NoQueue(), [a_letter("scheduler"), a_letter("scheduler", 2)], Replay(a_runtime(bus), Functions()), []
        )
        rt.clock.now = WED - timedelta(hours=48)
        if sent_before:
            dispatch_move(rt, bus.moves[0])
        rt.clock.forward(hours=hours_late)
        for move in bus.moves:
            dispatch_move(rt, move)
        assert len(rt.sms.texts) == (1 if sent_before or hours_late < 46 else 0)


def test_a_replayed_reminder_of_a_cancelled_visit_is_dropped() -> None:
    rt = a_synced_shop(a_row())
    rt.clock.now = WED - timedelta(hours=47)
    answer(rt, ReplyAction.CANCEL)
    dispatch_move(rt, MoveDue.from_detail(a_letter("scheduler").event["detail"]))
    assert rt.sms.texts == []


# ---------------------------------------------------------------- an earlier mirror


def a_shop_with_a_bad_edit(**more: Any) -> tuple[FakeRuntime, str]:
    """Mei's visit and Arun's; somebody moved both by a day by mistake and a sync took it. And the mirror before."""
    rt = a_synced_shop(a_row(), a_row("B-2", customer="Arun", phone="+6598765432", staff="Tan"), **more)
    good = rt.documents.read(Document.APPOINTMENTS).text
    rt.sheet.paste([HEADER, *bad_rows()])
    later(rt)
    assert mirrored(rt).start == THU
    return rt, good


def bad_rows() -> list[list[str]]:
    wrong = {"date": "3 Dec 2026"}
    return [a_row(**wrong), a_row("B-2", customer="Arun", phone="+6598765432", staff="Tan", **wrong)]


def run_at(rt: FakeRuntime, moment: datetime) -> None:
    """The sync, the tick and dispatch at that moment."""
    rt.clock.now = moment
    sync_drive(rt)
    rt.bus.moves.clear()
    run_tick(rt)
    for move in list(rt.bus.moves):
        dispatch_move(rt, move)


def test_what_is_put_back_is_acted_on_and_the_sheet_is_left_alone() -> None:
    rt, good = a_shop_with_a_bad_edit()
    put_back(rt, good, "version-1")
    assert rt.documents.read(Document.APPOINTMENTS).text == good
    for _ in range(30):
        later(rt)
    assert mirrored(rt).start == WED
    run_at(rt, WED - timedelta(hours=48))
    assert len(rt.sms.texts) == 2
    assert all("2 Dec" in text and "10:00am" in text for _, text in rt.sms.texts)


def test_a_held_sheet_is_not_even_read() -> None:
    rt, good = a_shop_with_a_bad_edit()
    put_back(rt, good, "version-1")
    rt.sheet.calls.clear()
    for _ in range(20):
        assert not later(rt).read
    assert set(rt.sheet.calls) == {"modified"}


def test_the_sheet_is_followed_again_once_somebody_changes_it() -> None:
    rt, good = a_shop_with_a_bad_edit()
    put_back(rt, good, "version-1")
    later(rt)
    paste(rt, a_row(time="11:00am"), bad_rows()[1])
    assert mirrored(rt).start == WED + timedelta(hours=1)
    assert mirrored(rt, "B-2").start == THU
    assert "it is followed again" in rt.staff.texts[-1]
    assert sync_state(rt)["restored"] is None


def test_sorting_the_sheet_does_not_end_the_hold() -> None:
    rt, good = a_shop_with_a_bad_edit()
    put_back(rt, good, "version-1")
    paste(rt, *reversed(bad_rows()))
    assert mirrored(rt).start == WED


def test_our_own_words_in_the_sheet_do_not_end_the_hold() -> None:
    """Arun presses meanwhile: his cell is written, which Drive shows as a change."""
    rt, good = a_shop_with_a_bad_edit()
    put_back(rt, good, "version-1")
    later(rt)
    answer(rt, ReplyAction.CONFIRM, appt_id="B-2")
    for _ in range(3):
        later(rt)
    assert mirrored(rt).start == WED
    paste(rt, a_row(), bad_rows()[1])
    assert sync_state(rt)["restored"] is None


def test_what_is_no_sheet_meanwhile_does_not_end_the_hold_and_is_told() -> None:
    rt, good = a_shop_with_a_bad_edit()
    put_back(rt, good, "version-1")
    rt.sheet.paste([["<html>please log in"]])
    later(rt)
    assert mirrored(rt).start == WED
    assert "doesn't look like one" in rt.staff.texts[-1]
    rt.sheet.paste([HEADER, *bad_rows()])
    later(rt)
    assert mirrored(rt).start == WED


def test_the_rules_are_followed_while_the_sheet_is_held() -> None:
    rt, good = a_shop_with_a_bad_edit()
    put_back(rt, good, "version-1")
    rt.docs.put(Document.RULES, "Dental cleaning: 24 hours.\n")
    later(rt)
    assert rt.documents.read(Document.RULES).text == "Dental cleaning: 24 hours.\n"
    run_at(rt, WED - timedelta(hours=48))
    assert rt.sms.texts == []


def test_a_reminder_that_went_before_is_not_sent_again_for_what_is_put_back() -> None:
    rt = a_synced_shop(a_row())
    good = rt.documents.read(Document.APPOINTMENTS).text
    run_at(rt, WED - timedelta(hours=48))
    assert len(rt.sms.texts) == 1
    rt.sheet.paste([HEADER, bad_rows()[0]])
    later(rt)
    put_back(rt, good, "version-1")
    run_at(rt, WED - timedelta(hours=46))
    assert len(rt.sms.texts) == 1
    run_at(rt, WED - timedelta(hours=2))
    assert len(rt.sms.texts) == 2


@pytest.mark.parametrize(("action", "mark"), [(ReplyAction.CONFIRM, "confirmed"), (ReplyAction.CANCEL, "cancelled")])
def test_an_answer_given_since_stays_whatever_is_put_back(action: ReplyAction, mark: str) -> None:
    rt = a_synced_shop(a_row())
    good = rt.documents.read(Document.APPOINTMENTS).text
    answer(rt, action)
    later(rt)
    assert mirrored(rt).values["status"] == mark
    put_back(rt, good, "version-1")
    run_at(rt, WED - timedelta(hours=48))
    assert [entry.after for entry in rt.store.audit("A-1") if entry.after.endswith("_reminder")] == []
    assert cell(rt, "status") == mark


def test_a_customer_s_own_move_since_is_not_taken_back_and_staff_are_asked() -> None:
    rt = a_synced_shop(a_row())
    good = rt.documents.read(Document.APPOINTMENTS).text
    friday = WED + timedelta(days=2)
    answer(rt, ReplyAction.RESCHEDULE, friday)
    later(rt)
    assert mirrored(rt).start == friday
    put_back(rt, good, "version-1")
    assert standing(rt).chain == chain_id(friday)
    assert [line.text for _, line in rt.staff.lines if line.buttons]
    for hours in (48, 2):
        run_at(rt, WED - timedelta(hours=hours))
    assert rt.sms.texts == [] or all("Fri" in text for _, text in rt.sms.texts)


def test_a_row_that_was_deleted_by_mistake_comes_back() -> None:
    rt = a_synced_shop(*rows(4))
    good = rt.documents.read(Document.APPOINTMENTS).text
    paste(rt, *rows(3))
    assert "1 visits come back: A-4" in difference(rt, good)
    put_back(rt, good, "version-1")
    later(rt)
    assert mirrored(rt, "A-4").start == WED


def test_putting_back_is_told_audited_and_followed_by_a_tick() -> None:
    rt, good = a_shop_with_a_bad_edit()
    rt.bus.requests.clear()
    put_back(rt, good, "version-1")
    assert "put back (2 rows)" in rt.staff.texts[-1]
    assert [(entry.action, entry.by) for entry in rt.store.audit("sheet")] == [("mirror_restored", "operator")]
    assert [kind for kind, _ in rt.bus.requests] == ["ar.tick_requested"]


def test_the_way_back_brings_the_former_list_and_follows_the_sheet_again() -> None:
    rt, good = a_shop_with_a_bad_edit()
    bad = rt.documents.read(Document.APPOINTMENTS).text
    put_back(rt, good, "version-1")
    later(rt)
    put_back(rt, bad, "")
    assert mirrored(rt).start == THU
    assert later(rt).read
    assert sync_state(rt)["restored"] is None
    run_at(rt, THU - timedelta(hours=48))
    assert len(rt.sms.texts) == 2
    assert all("3 Dec" in text for _, text in rt.sms.texts)


def test_a_sync_that_ran_meanwhile_is_not_written_over() -> None:
    rt, good = a_shop_with_a_bad_edit()
    taken = rt.documents.write

    def somebody_was_faster(document: Document, text: str, replaces: Any) -> Any:
        rt.documents.write = taken
        taken(document, "{}", replaces)
        return taken(document, text, replaces)

    rt.documents.write = somebody_was_faster
    with pytest.raises(StoreConflict):
        put_back(rt, good, "version-1")
    assert mirrored(rt).start == THU


def test_one_that_died_before_the_mirror_was_there_holds_nothing() -> None:
    rt, good = a_shop_with_a_bad_edit()
    taken = rt.documents.write

    def dies_on_the_mirror(document: Document, text: str, replaces: Any) -> Any:
        if document is Document.APPOINTMENTS:
            raise UpstreamError("S3", "down")
        return taken(document, text, replaces)

    rt.documents.write = dies_on_the_mirror
    with pytest.raises(UpstreamError):
        put_back(rt, good, "version-1")
    rt.documents.write = taken
    assert later(rt).read
    assert (sync_state(rt)["restored"], mirrored(rt).start) == (None, THU)
    run_at(rt, THU - timedelta(hours=48))
    assert len(rt.sms.texts) == 2


def test_what_is_no_mirror_is_not_put_back() -> None:
    rt, _ = a_shop_with_a_bad_edit()
    for text in ("", "<html>", "a,b\r\n1,2\r\n"):
        with pytest.raises(NotTheSheet):
            put_back(rt, text, "version-1")
    assert mirrored(rt).start == THU
    assert "restored" not in json.dumps(sync_state(rt)) or sync_state(rt)["restored"] is None


# ---------------------------------------------------------------- on the embedded AWS

BEGIN = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[World]:
    """A shop in operation, with a dead-letter queue."""
    running = World(BEGIN)
    try:
        running.start(ShopSetup([HEADER, a_row()], RULES, ""))
        running.sync()
        running.sqs.create_queue(QueueName=names.DEAD_LETTERS)
        yield running
    finally:
        running.stop()


@pytest.mark.ministack
def test_letters_are_listed_replayed_once_and_gone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    queue = world.sqs.get_queue_url(QueueName=names.DEAD_LETTERS)["QueueUrl"]
    due = MoveDue(SendKey("A-1", chain_id(WED), "h48"), Move.FIRST_REMINDER, WED - timedelta(hours=48), 48.0)
    for body in (json.dumps(due.envelope()), json.dumps(due.envelope()), "call +6591234567"):
        world.sqs.send_message(QueueUrl=queue, MessageBody=body)
    world.clock.move_to(WED - timedelta(hours=47))
    assert main(["redrive"]) == 1
    shown = capsys.readouterr().out
    assert "3 dead letters" in shown
    assert shown.count("ar.first_reminder for A-1") == 2
    assert "91234567" not in shown
    assert main(["redrive", "--replay"]) == 1
    world.pump.run_until_quiet()
    assert len(world.sms.texts) == 1
    capsys.readouterr()
    assert main(["redrive"]) == 1
    assert "1 dead letters" in capsys.readouterr().out


@pytest.mark.ministack
def test_a_version_is_listed_put_back_held_and_undone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.google.paste([HEADER, a_row(date="3 Dec 2026")])
    world.clock.move_to(BEGIN + timedelta(minutes=5))
    world.sync()
    capsys.readouterr()
    assert main(["restore"]) == 0
    newest, former = capsys.readouterr().out.splitlines()
    assert newest.endswith("1 rows, 1 visits ahead  in force")
    version = former.split()[0]

    assert main(["restore", version]) == 0
    assert "1 visits are at another time: A-1\nNothing was done." in capsys.readouterr().out
    assert main(["restore", version, "--yes"]) == 0
    assert capsys.readouterr().out.endswith("The sheet isn't followed until somebody changes it.\n")
    world.clock.move_to(BEGIN + timedelta(minutes=10))
    assert world.sync()
    assert f"{WED:%Y-%m-%dT%H:%M:%SZ}" in world.runtime.documents.read(Document.APPOINTMENTS).text

    assert main(["restore", "--undo", "--yes"]) == 0
    assert f"{THU:%Y-%m-%dT%H:%M:%SZ}" in world.runtime.documents.read(Document.APPOINTMENTS).text
    assert main(["restore", "--undo", "--yes"]) == 2
    assert "nothing was put back" in capsys.readouterr().err


@pytest.mark.ministack
def test_what_cannot_be_done_is_said_and_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.sqs.delete_queue(QueueUrl=world.sqs.get_queue_url(QueueName=names.DEAD_LETTERS)["QueueUrl"])
    assert main(["redrive"]) == 2
    assert "there is no queue ar-dead-letters" in capsys.readouterr().err
    assert main(["restore", "no-such-version", "--yes"]) == 2
    assert main(["restore", "--yes"]) == 2
    assert "0 versions begin with 'no-such-version'" in capsys.readouterr().err


def test_the_outbox_s_age_is_counted_at_every_drain_and_falls_when_it_is_empty() -> None:
    """Slack is down for an hour: what waits for it is as old as it is, and new again once it went."""
    rt = a_synced_shop(a_row(date="31 Nov 2026"))
    rt.sheet.paste([HEADER, a_row(date="32 Nov 2026")])
    ages = []

    def down(_: str) -> None:
        raise UpstreamError("Slack", "down")

    rt.staff.refuse = down
    later(rt)
    for _ in range(3):
        rt.metrics.counts.clear()
        rt.clock.forward(minutes=20)
        drain_outbox(rt)
        ages.append(rt.metrics.counts["outbox_minutes"])
    assert ages == [20, 40, 60]
    rt.staff.refuse = None
    rt.metrics.counts.clear()
    drain_outbox(rt)
    assert rt.metrics.counts["outbox_minutes"] == 0
