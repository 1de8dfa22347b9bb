"""A shop's two days in which every function does all that its role is for, failures of others included.

Each lane below brings about what it says, on the shipped handlers and the embedded AWS. What their functions call is
the inventory (`calls.json`): a call that a function may make belongs into a lane, or its role will not allow it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from chalicelib import names
from chalicelib.domain.events import TICK_REQUESTED
from chalicelib.domain.gap_buttons import CALL_LATER, CANCELLED_BY_STAFF
from chalicelib.domain.proposal_actions import APPROVE, EDIT
from chalicelib.domain.question import REOPEN
from local.customer import Customers, fetch
from local.world import ShopSetup, World
from tests.builders import local
from tests.contract.test_scans import a_pdf
from tests.functional.test_take_in_mail import a_mail
from tests.policies.recorder import Recorder, recording

CALENDAR = "desk@bright.example"
OWNER = "owner@bright.example"
HEADER = ["appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status"]
RULES = "Check-up: remind at 48 and 2 hours.\nQuiet hours: 9pm to 8am.\nGap alert: 3 hours before.\n"
VOICE = "Second reminder, text:\n{shop}: see you soon, {customer}: {day} {time}. {link}\n"
BEGIN = local("2026-11-24T10:00")
FIRST, VISIT = local("2026-11-24T11:00"), local("2026-11-26T11:00")
DRAINING = (names.DRIVE_SYNC, names.REMINDER, names.REMINDER_ON_CHANGE)
"""The functions that do whatever waits in the outbox."""

Lane = Callable[["Shop"], None]


def everything_recorded() -> Recorder:
    """Play all lanes in their order: what every function called. Raises AssertionError if a lane comes to nothing."""
    with recording() as recorder, shop() as playing:
        for lane in LANES:
            lane(playing)
    return recorder


class Shop:
    """The world, and hands to touch it with."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.customers = Customers(world)
        self.failed: dict[str, str] = {}  # number -> the provider's words
        self.unheard: set[str] = set()
        self._delivered = world.sms.take_reports
        world.sms.take_reports = self._reports  # type: ignore[method-assign]

    def settle(self) -> None:
        """Everything that is under way comes to its end."""
        self.world.pump.run_until_quiet()

    def move_to(self, moment: datetime) -> None:
        self.world.clock.move_to(moment)

    def run(self, function: str) -> None:
        """The function by itself, as its schedule or the bus calls it; nothing that it brings about."""
        if function == names.REMINDER_ON_CHANGE:
            detail = {"version": 1, "appt_id": ""}
            self.world.functions.invoke(function, bus_event(TICK_REQUESTED, detail, self.world.clock()))
        else:
            assert self.world.functions.scheduled(function), self.world.functions.runs[-1]

    def press(self, appt_id: str, action: str, slot: datetime | None = None) -> None:
        """A customer presses; what that brings about waits."""
        outcome = self.customers.press(appt_id, action, slot)
        assert outcome == "done", (appt_id, action, outcome)

    def staff_press(self, about: str, button: str) -> None:
        """Staff press a button of the newest message that speaks of something, and it is acted on."""
        for message in reversed(self.world.slack.messages):
            ids = [found["action_id"] for found in message.buttons]
            chosen = [action for action in ids if action.startswith(button)]
            if chosen and about in json.dumps([message.text, message.metadata, message.blocks], ensure_ascii=False):
                assert self.world.slack.press(message.ts, chosen[0]) == 200
                self.settle()
                return
        raise AssertionError(f"no message about {about} has {button}")

    def shown(self, about: str) -> None:
        """Slack shows a proposal of this."""
        assert any(about in json.dumps([m.metadata, m.blocks]) for m in self.world.slack.messages), about

    def told(self, words: str) -> None:
        """Staff have been told this."""
        assert any(words in message.posted for message in self.world.slack.messages), words

    def write(self, appt_id: str, column: str, text: str) -> None:
        """Staff write into the sheet."""
        self.world.google.set_cell(self._line(appt_id), HEADER.index(column), text)

    def remove(self, appt_id: str) -> None:
        """Staff delete a row."""
        self.world.google.delete_row(self._line(appt_id))

    def _line(self, appt_id: str) -> int:
        return next(n for n, cells in enumerate(self.world.google.sheet_rows(), 1) if cells[0] == appt_id)

    def status(self, appt_id: str) -> str:
        cells = next(cells for cells in self.world.google.sheet_rows() if cells[0] == appt_id)
        return (cells + [""] * len(HEADER))[HEADER.index("status")]

    def mail(self, name: str, raw: bytes) -> None:
        """A mail comes in and is read, if only so far."""
        self.world.bedrock.current_file = name
        self.world.drop_mail(name, raw)
        self.settle()

    def _reports(self) -> list[dict[str, Any]]:
        """The delivery log's entries, some with other words, and nothing of those of whom nothing is heard."""
        reports = [r for r in self._delivered() if r["delivery"]["destination"] not in self.unheard]
        for report in reports:
            if why := self.failed.get(report["delivery"]["destination"]):
                report["status"], report["delivery"]["providerResponse"] = "FAILURE", why
        return reports

    @contextmanager
    def down(self, *servers: Any) -> Iterator[None]:
        """These don't answer meanwhile."""
        for server in servers:
            server.down = True
        try:
            yield
        finally:
            for server in servers:
                server.down = False


def phone(number: int) -> str:
    return f"+659123{number:04}"


def address(number: int) -> str:
    return f"mei{number}@customer.example"


def row(number: int, **changes: str) -> list[str]:
    """A visit with a phone, all at one time with staff of their own."""
    cells = {
        "appt_id": f"A-{number}",
        "customer": f"Mei Tan {number}",
        "phone": phone(number),
        "email": "",
        "service": "Check-up",
        "staff": f"Dr {number}",
        "date": "2026-11-26",
        "time": "11:00am",
        "status": "",
    }
    return list({**cells, **changes}.values())


@contextmanager
def shop() -> Iterator[Shop]:
    """The shop, up; its environment and runtime are put back afterwards."""
    world = World(BEGIN)
    rows = [
        HEADER,
        *(row(n) for n in (CONFIRMS, MOVES, MOVES_AGAIN, UNREACHED, LOST, LOST_AGAIN, CALLED, STAFF_CANCELS)),
        *(row(n) for n in (LEAVES, LEAVES_TOO)),
        *(row(n, email=address(n)) for n in (CANCELS, FOLLOWED, CARRIER_OPT_OUT, REPORTED_OPT_OUT, OVER_QUOTA)),
        row(MAILED, phone="", email=address(MAILED)),
        *(row(n) for n in LEFT_OVER),
        row(REVIVED, phone="", email=address(REVIVED)),
        row(REOPENED, phone="", email=address(REOPENED), status="booked"),
        *(row(n, phone=phone(99)) for n in CAPPED),
    ]
    parameters = {"calendars": CALENDAR, "texts_per_number": "2", "owner_email": OWNER}
    try:
        world.google.calendar.calendars[CALENDAR] = {}
        world.start(ShopSetup(rows, RULES, VOICE, parameters=parameters))
        yield Shop(world)
    finally:
        world.stop()


CONFIRMS, MOVES, MOVES_AGAIN, UNREACHED, LOST, LOST_AGAIN, CALLED, STAFF_CANCELS, LEAVES, LEAVES_TOO = range(1, 11)
CANCELS, FOLLOWED, CARRIER_OPT_OUT, REPORTED_OPT_OUT, OVER_QUOTA, MAILED = range(11, 17)
LEFT_OVER = (21, 22, 23)
REVIVED, REOPENED = 31, 32
CAPPED = (41, 42, 43)


def bus_event(kind: str, detail: dict[str, Any], now: datetime) -> dict[str, Any]:
    """EventBridge's envelope."""
    return {
        "version": "0",
        "id": "1",
        "account": "000000000000",
        "region": "ap-southeast-1",
        "source": names.EVENT_SOURCE,
        "detail-type": kind,
        "detail": detail,
        "time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "resources": [],
    }


# ---------------------------------------------------------------- the lanes


def the_documents_are_mirrored(shop: Shop) -> None:
    """First sync; an hour before the first reminders, so that they are booked."""
    shop.world.sync()
    shop.world.tick()
    assert shop.world.scheduler.booked


def everybody_is_reminded_each_in_their_way(shop: Shop) -> None:
    """By text, by mail, over a cap; refused, undelivered, opted out, out of money, unheard of."""
    world = shop.world
    world.sms.opted_out.add(phone(CARRIER_OPT_OUT))
    world.sms.undeliverable |= {phone(UNREACHED), phone(FOLLOWED)}
    shop.unheard.add(phone(LOST))
    shop.failed = {phone(REPORTED_OPT_OUT): "Phone number is opted out", phone(OVER_QUOTA): "No quota left for account"}
    shop.move_to(FIRST)
    shop.settle()
    reached = {text.to for text in world.sms.texts}
    assert phone(CONFIRMS) in reached and phone(CARRIER_OPT_OUT) not in reached
    assert {address(n) for n in (FOLLOWED, CARRIER_OPT_OUT, MAILED)} <= {mail.to for mail in world.mail.mails}
    shop.told("One number has had 2 texts today")


def customers_answer(shop: Shop) -> None:
    """Confirm, cancel, take it back, press the old button again, move; opt out of mail."""
    shop.press(f"A-{CONFIRMS}", "confirm")
    link = shop.customers.newest_link(f"A-{CANCELS}")
    assert link
    old = fetch(link).form("cancel")
    assert old
    assert fetch(link, old.fields).outcome == "done"
    shop.press(f"A-{CANCELS}", "undo")
    fetch(link, old.fields)
    shop.press(f"A-{MOVES}", "move", VISIT + timedelta(days=1))
    shop.settle()
    assert shop.status(f"A-{CONFIRMS}") == "confirmed"
    mailed = shop.customers.newest_link(f"A-{MAILED}")
    assert mailed
    assert fetch(mailed.replace("/r/", "/u/"), {"List-Unsubscribe": "One-Click"}).status == 200


def the_sheet_follows_a_move(shop: Shop) -> None:
    """Seen by the sync itself, and by the one that an approval begins, whose docs are new as well. Rows leave, too."""
    shop.remove(f"A-{LEAVES}")
    shop.world.sync()
    shop.mail("approve.eml", a_booking("Bo Ek", 3))
    shop.press(f"A-{MOVES_AGAIN}", "move", VISIT + timedelta(days=1))
    shop.world.google.set_doc("rules", RULES.replace("48 and 2", "48, 2 and 1"))
    shop.world.google.set_doc("voice", VOICE + "\nCancelled, text:\n{shop}: {customer}, {day} is cancelled.\n")
    shop.remove(f"A-{LEAVES_TOO}")
    shop.staff_press("approve.eml", APPROVE)
    assert any("Bo Ek" in cells for cells in shop.world.google.sheet_rows())


def a_booking(who: str, day: int) -> bytes:
    said = [
        f"Customer: {who}",
        "Phone: +65 9123 4567",
        "Service: Check-up",
        f"Date: {day} December 2026",
        "Time: 10 am",
    ]
    return a_mail("\r\n".join(said))


def what_waits_is_done_by_whoever_runs_next(shop: Shop) -> None:
    """A press while neither sheet nor Slack answers, and a proposal that nobody could be shown."""
    for function, number in zip(DRAINING, LEFT_OVER, strict=True):
        link = shop.customers.newest_link(f"A-{number}") or ""
        form = fetch(link).form("cancel")
        assert form
        with shop.down(shop.world.google, shop.world.slack):
            assert fetch(link, form.fields).outcome == "done"
        with shop.down(shop.world.slack):
            shop.mail(f"waits-{number}.eml", a_booking(f"Cy Fox {number}", 4))
        shop.run(function)
        assert shop.status(f"A-{number}") == "cancelled"
        shop.settle()


def a_text_of_which_nothing_is_heard(shop: Shop) -> None:
    """Half an hour later the tick that a change brings about finds it."""
    shop.move_to(FIRST + timedelta(minutes=31))
    shop.run(names.REMINDER_ON_CHANGE)
    shop.settle()
    shop.told("nobody knows whether the reminder went out")


def a_mail_with_a_scan(shop: Shop) -> None:
    """Read on when SNS says so; and one of which SNS says nothing, which the watch finds an hour later."""
    shop.mail("scanned.eml", a_scan("Di Goh"))
    shop.world.textract.silent = True
    shop.mail("unheard.eml", a_scan("Ed Hao"))
    shop.world.textract.silent = False
    shop.move_to(shop.world.clock() + timedelta(minutes=61))
    shop.run(names.INTAKE_WATCH)
    for name in ("scanned.eml", "unheard.eml"):
        shop.shown(name)


def a_scan(who: str) -> bytes:
    pdf = a_pdf(
        f"Customer: {who}", "Phone: +65 9123 4567", "Service: Check-up", "Date: 7 December 2026", "Time: 9:30 am"
    )
    return a_mail("Please see the attachment.", attached=[("booking.pdf", "application/pdf", pdf)])


def a_proposal_is_edited(shop: Shop) -> None:
    """Its form is opened and taken inside Slack's own request."""
    shop.mail("edited.eml", a_booking("Flo Ito", 8))
    shop.staff_press("edited.eml", EDIT)
    [form] = shop.world.slack.modals
    assert shop.world.slack.submit(form.view_id, {"customer": "Flo Ito-Lim"}) == 200
    shop.settle()
    assert not shop.world.slack.modals


def a_calendar_s_event_is_proposed(shop: Shop) -> None:
    people = [{"email": "pia@customer.example", "displayName": "Pia Qu"}]
    shop.world.google.calendar.add(CALENDAR, "Check-up", "#appt", local("2026-12-03T15:00"), 30, people)
    shop.run(names.CALENDAR_SYNC)
    shop.shown("Pia Qu")


def the_system_speaks_of_itself(shop: Shop) -> None:
    """An alarm comes on, is said twice, and is over."""
    topic = shop.world._topic(names.ALARMS_TOPIC)
    for was, now in (("OK", "ALARM"), ("OK", "ALARM"), ("ALARM", "OK")):
        change = {
            "AlarmName": "ar-tick-missing",
            "AlarmDescription": "No tick for an hour.",
            "OldStateValue": was,
            "NewStateValue": now,
            "StateChangeTime": "2026-11-26T01:15:00.000+0000",
        }
        shop.world._publish(topic, json.dumps(change))
        shop.settle()
    shop.told("No tick for an hour.")


def staff_look_after_who_went_quiet(shop: Shop) -> None:
    """On the day itself: they cancel, and put a call off, which comes back in half an hour."""
    shop.move_to(local("2026-11-26T08:00"))
    shop.world.sync()
    shop.world.tick()
    shop.staff_press(f"A-{STAFF_CANCELS}", CANCELLED_BY_STAFF)
    shop.staff_press(f"A-{CALLED}", CALL_LATER)
    shop.move_to(local("2026-11-26T08:30"))
    shop.settle()


def a_mail_that_could_not_go_is_revived_with_its_visit(shop: Shop) -> None:
    """The second reminder is refused for now, and the visit cancelled meanwhile; then it is on again after all."""
    world = shop.world
    world.mail.fail_next(times=-1, status=400)
    shop.move_to(local("2026-11-26T09:00"))
    shop.unheard.add(phone(LOST_AGAIN))
    shop.settle()
    world.mail.heal()
    shop.write(f"A-{REVIVED}", "status", "cancelled")
    shop.press(f"A-{REOPENED}", "cancel")
    world.sync()
    shop.move_to(local("2026-11-26T09:15"))
    shop.settle()
    for number in (REVIVED, REOPENED):
        shop.write(f"A-{number}", "status", "booked")
    world.sync()
    shop.staff_press(f"A-{REOPENED}", REOPEN)


def the_hourly_tick_finds_what_was_left(shop: Shop) -> None:
    """A text of which nothing was heard."""
    shop.move_to(local("2026-11-26T09:40"))
    shop.run(names.REMINDER)


def the_week_is_told(shop: Shop) -> None:
    """On Monday, counted from what the tables hold."""
    shop.move_to(local("2026-11-30T08:00"))
    shop.run(names.SUMMARY)
    assert OWNER in {mail.to for mail in shop.world.mail.mails}


LANES: tuple[Lane, ...] = (
    the_documents_are_mirrored,
    everybody_is_reminded_each_in_their_way,
    customers_answer,
    the_sheet_follows_a_move,
    what_waits_is_done_by_whoever_runs_next,
    a_text_of_which_nothing_is_heard,
    a_mail_with_a_scan,
    a_proposal_is_edited,
    a_calendar_s_event_is_proposed,
    staff_look_after_who_went_quiet,
    a_mail_that_could_not_go_is_revived_with_its_visit,
    the_hourly_tick_finds_what_was_left,
    the_system_speaks_of_itself,
    the_week_is_told,
)
