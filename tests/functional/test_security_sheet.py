"""Cells are typed by anybody: no text in them breaks another row, reaches a customer as a link or becomes markup."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from icalendar import Calendar

from chalicelib.adapters.email_parts import html, mime
from chalicelib.adapters.eventbridge_bus import EventBridgeBus
from chalicelib.adapters.google_sheet import GoogleSheet
from chalicelib.adapters.slack_staff import blocks
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.gap_buttons import gap_buttons, read_subject
from chalicelib.domain.identity import LONGEST_TAKEN
from chalicelib.domain.question import ask_prefix
from chalicelib.domain.reply_token import Link, issue_link, read_link
from chalicelib.domain.send import SendKey
from chalicelib.domain.sms import segments
from chalicelib.domain.standing import Answer
from chalicelib.domain.work import Button, StaffLine
from chalicelib.ports import Document
from chalicelib.usecases.answer_reply import answer_reply
from chalicelib.usecases.dispatch_move import dispatch_move
from chalicelib.usecases.run_tick import run_tick
from chalicelib.usecases.settle_staff_action import ACTS, settle_staff_action
from chalicelib.usecases.show_reply_page import show_reply_page
from tests.conftest import Tables
from tests.fakes.runtime import KEYS, FakeRuntime
from tests.functional.reply_world import button
from tests.functional.sync_world import HEADER, NOW, WED, a_row, a_synced_shop, cell, later, mirror, standing

IDS = [
    "A#1",
    "A#",
    "#",
    "A|1",
    "A 1",
    "..",
    "../../etc",
    "a/b",
    "%2F",
    "%",
    "ü-1",
    "预约一",
    "💩",
    "=1+1",
    "'1",
    '"',
    "{link}",
    "<b>",
    "spent#1",
    "sheet",
    "-",
    "0",
    "A\nB",
    "x" * LONGEST_TAKEN,
    "预" * LONGEST_TAKEN,
]
URLS = [
    "evil.com",
    "EVIL.COM/pay",
    "http://evil.example/x",
    "https://evil.example",
    "hTTps:evil.com",
    "www.evil.museum",
    "bit.ly/3abc",
    "evil.xn--p1ai",
    "evil。com",
    "evil．com",
    "1.2.3.4/x",
    "javascript:alert(1)",
    "mailto:rex@evil.com",
    "tel:+1900555",
    "evil\u200b.com",
    "e\u202evil.com",
    "{link}",
]
MARKUP = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


@dataclass
class Sent:
    """A shop played up to Mei's first reminder, and her page."""

    rt: FakeRuntime
    outcome: list[str]

    @property
    def text(self) -> str:
        (found,) = [body for _, body in self.rt.sms.texts]
        return found

    def link(self, appt_id: str) -> str:
        return issue_link(Link(appt_id, chain_id(WED), 2880), KEYS)


def played(*rows: list[str], header: Iterable[str] = HEADER, tables: Tables | None = None) -> Sent:
    """The sheet is synced, and at 48 hours before the visit the tick and dispatch run."""
    rt = FakeRuntime(NOW)
    if tables is not None:
        rt.store, rt.ledger = tables.store, tables.ledger
    rt.sheet.paste([list(header), *rows])
    rt.docs.put(Document.RULES, "Dental cleaning: 48 and 2 hours.\nEverything else: 48 hours.\n")
    rt.docs.put(Document.VOICE, "")
    later(rt)
    rt.clock.now = WED - timedelta(hours=48)
    later(rt, seconds=1)
    run_tick(rt)
    moves = list({move.schedule_name: move for move in rt.bus.moves}.values())
    return Sent(rt, [dispatch_move(rt, move) for move in moves])


# ---------------------------------------------------------------- ids


@pytest.mark.parametrize("appt_id", IDS)
def test_any_short_id_is_reminded_and_its_own_link_confirms_it(appt_id: str) -> None:
    shop = played(a_row(appt_id), a_row("other", customer="Rex", phone="+6598765432"))
    assert shop.outcome == ["sent by text"] * 2
    token = next(word for word in shop.rt.sms.texts[0][1].split() if "/r/" in word).rpartition("/r/")[2]
    page = show_reply_page(shop.rt, token)
    assert answer_reply(shop.rt, token, {"t": button(page, "confirm")}).outcome == "done"
    assert standing(shop.rt, appt_id).answer is Answer.CONFIRMED  # type: ignore[union-attr]
    assert standing(shop.rt, "other").answer is Answer.OPEN  # type: ignore[union-attr]


@pytest.mark.parametrize("appt_id", IDS)
def test_any_short_id_survives_every_key_that_it_is_part_of(appt_id: str) -> None:
    chain = chain_id(WED)
    for key in (SendKey(appt_id, chain, "h48"), SendKey(appt_id, chain, "moved#2026#x", email=True)):
        assert SendKey.parse(appt_id, key.window_index) == key
    for pressed in gap_buttons(appt_id, chain):
        assert read_subject(pressed.value) == (appt_id, chain)
    link = Link(appt_id, chain, 2880)
    assert read_link(issue_link(link, KEYS), KEYS, NOW) == link


def test_no_id_s_questions_are_taken_for_another_s() -> None:
    prefixes = [ask_prefix(appt_id) for appt_id in (*IDS, "A", "A#1#start", "A%231")]
    assert not [(a, b) for a in prefixes for b in prefixes if a is not b and a.startswith(b)]


@pytest.mark.parametrize("length", [LONGEST_TAKEN + 1, 1025, 3000, 50_000])
def test_an_id_too_long_for_any_key_is_a_problem_of_its_row_alone(length: int) -> None:
    shop = played(a_row("x" * length), a_row("other", customer="Rex", phone="+6598765432"))
    assert [phone for phone, _ in shop.rt.sms.texts] == ["+6598765432"]
    (told,) = [line for line in shop.rt.staff.texts if "appt_id" in line]
    assert "row 2" in told and f"{LONGEST_TAKEN}" in told
    assert len(told) < 500
    assert all(len(line.appt_id or "") <= LONGEST_TAKEN for _, line in shop.rt.staff.lines)
    assert shop.rt.store.audit("x" * length) == []


def test_a_shortened_id_is_acted_on_and_forgotten_as_a_problem() -> None:
    rt = a_synced_shop(a_row("x" * 100))
    assert mirror(rt)[0].start is None
    rt.sheet.paste([HEADER, a_row("short")])
    later(rt)
    assert mirror(rt)[0].start == WED
    assert rt.store.told("row#") == {}


def test_a_long_id_in_two_rows_is_told_briefly() -> None:
    rt = a_synced_shop(a_row("x" * 50_000), a_row("x" * 50_000, customer="Rex"))
    assert all(len(line) < 1000 for line in rt.staff.texts)


@pytest.mark.ministack
def test_dynamodb_takes_the_longest_id_and_is_never_asked_for_a_longer_one(dynamodb: Tables) -> None:
    longest = "预" * LONGEST_TAKEN
    shop = played(a_row(longest), a_row("预" * 3000, customer="Rex", phone="+6598765432"), tables=dynamodb)
    assert shop.outcome == ["sent by text"]
    token = shop.link(longest)
    page = show_reply_page(shop.rt, token)
    assert answer_reply(shop.rt, token, {"t": button(page, "cancel")}).outcome == "done"
    assert cell(shop.rt, "status", longest) == "cancelled"


# ---------------------------------------------------------------- cells without end


HUGE = "预约" * 25_000


@pytest.mark.parametrize("column", ["customer", "service", "staff", "status"])
def test_a_cell_as_long_as_a_sheet_allows_stops_no_message_and_no_answer(column: str) -> None:
    shop = played(a_row(**{column: HUGE}), a_row("other", customer="Rex", phone="+6598765432"))
    assert shop.outcome == ["sent by text"] * 2
    assert all(segments(text).count <= 4 for _, text in shop.rt.sms.texts)
    page = show_reply_page(shop.rt, shop.link("A-1"))
    assert len(page.html) < 20_000
    assert answer_reply(shop.rt, shop.link("A-1"), {"t": button(page, "cancel")}).outcome == "done"
    assert all(len(line) < 3000 for line in shop.rt.staff.texts)


@pytest.mark.parametrize("column", ["customer", "phone", "email", "service", "staff", "date", "time", "status"])
@pytest.mark.parametrize(
    "piece",
    ["9am-", "1 ", "a@", "(", " ", "\n", "mon ", "and ", "{a", "+1", "é", "\x00", "\u202e", '"', "=", "1e9"],
)
def test_no_repeated_piece_in_a_cell_stops_another_row(column: str, piece: str) -> None:
    shop = played(a_row(**{column: piece * (45_000 // len(piece))}), a_row("other", phone="+6598765432"))
    assert "+6598765432" in [phone for phone, _ in shop.rt.sms.texts]


def test_half_a_letter_in_a_cell_is_read_as_one_that_can_be_stored() -> None:
    """`=LEFT("😀",1)` cuts an emoji in two; JSON carries the half, UTF-8 has no place for it."""
    row = ["A-1", "Mei \ud83d", "Cut 😀", "\ude00\ud83d"]
    answers = {
        "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1", "index": 0}}],
        "values": [row],
        "valueRanges": [
            {
                "valueRange": {"values": [row]},
                "dataFilters": [{"developerMetadataLookup": {"metadataId": 7}}],
            }
        ],
    }

    class Google:
        def call(self, _: object) -> dict[str, Any]:
            return json.loads(json.dumps(answers))  # type: ignore[no-any-return]

    sheet = GoogleSheet(Google(), "sheet")  # type: ignore[arg-type]
    whole = ["A-1", "Mei \ufffd", "Cut 😀", "\ufffd\ufffd"]
    assert sheet.read() == sheet.read_marked(["7"]) == [whole]
    assert all(text.encode() for text in whole)


@pytest.mark.parametrize("column", ["customer", "service", "staff"])
def test_no_event_is_too_large_for_the_bus_whatever_the_cells_hold(column: str) -> None:
    class Client:
        def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:
            assert sum(len(value.encode()) for entry in Entries for value in entry.values()) < 20_000
            return {"Entries": [{} for _ in Entries]}

    shop = played(a_row(**{column: HUGE}))
    assert shop.rt.bus.moves
    EventBridgeBus(Client()).put(shop.rt.bus.moves)


@pytest.mark.ministack
def test_dynamodb_holds_a_slot_of_a_staff_member_with_an_endless_name(dynamodb: Tables) -> None:
    shop = played(a_row(staff=HUGE), tables=dynamodb)
    page = show_reply_page(shop.rt, shop.link("A-1"), move=True)
    slot = page.html.partition('name="slot" value="')[2].partition('"')[0]
    form = {"t": button(page, "reschedule"), "slot": slot}
    assert answer_reply(shop.rt, shop.link("A-1"), form).outcome == "done"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reminders", ", ".join(str(number) for number in range(1, 400))),
        ("reminders", "366 days"),
        ("reminders", "9" * 40_000),
        ("language", "zz-" * 20_000),
        ("language", "en\r\nBcc: rex@example.com"),
        ("minutes", "9" * 40_000),
        ("channel", "text\n" * 9000),
        ("link", "https://x.example/" + "a" * 49_000),
    ],
)
def test_an_odd_optional_cell_stops_neither_its_row_nor_another(column: str, value: str) -> None:
    header = [*HEADER, column]
    other = a_row("other", customer="Rex", phone="+6598765432")
    shop = played([*a_row(email="mei@example.com"), value], [*other, ""], header=header)
    assert "+6598765432" in [phone for phone, _ in shop.rt.sms.texts]
    page = show_reply_page(shop.rt, shop.link("A-1"))
    assert page.status == 200 and len(page.html) < 20_000
    assert answer_reply(shop.rt, shop.link("A-1"), {"t": button(page, "cancel")}).outcome == "done"
    for move in shop.rt.bus.moves:
        dispatch_move(shop.rt, move)
    for mail in shop.rt.email.mails:
        assert message_from_bytes(mime(mail, "a@bright.example", NOW), policy=policy.default)["Bcc"] is None


# ---------------------------------------------------------------- links and markup


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("column", ["customer", "service", "staff"])
def test_no_address_from_a_cell_reaches_a_text(column: str, url: str) -> None:
    shop = played(a_row(**{column: f"Mei {url}"}))
    words = shop.text.split()
    assert [word for word in words if "/r/" in word] == [word for word in words if "://" in word]
    folded = shop.text.casefold()
    for part in ("evil.com", "evil.example", "evil.museum", "bit.ly", "javascript:", "mailto:", "tel:", "1.2.3.4"):
        assert part not in folded
    assert shop.text.count("/r/") == 1
    assert "\n\n" not in shop.text and "\u202e" not in shop.text


def test_a_cell_s_line_breaks_and_marks_do_not_reach_a_text() -> None:
    shop = played(a_row(customer="Mei\r\n\x00\x1b[31m\u202eTan\u2028x", service="Dental\tcleaning"))
    assert not any(ord(letter) < 32 and letter != "\n" for letter in shop.text)
    assert "\u202e" not in shop.text and "\u2028" not in shop.text


def test_markup_in_every_cell_is_text_on_the_pages_in_the_mail_and_in_slack() -> None:
    cells = dict.fromkeys(("customer", "service", "staff", "status"), MARKUP)
    shop = played(a_row(phone="", email="mei@example.com", **cells))
    (mail,) = shop.rt.email.mails
    for shown in (
        show_reply_page(shop.rt, shop.link("A-1")).html,
        show_reply_page(shop.rt, shop.link("A-1"), move=True).html,
        html(mail),
        html(replace(mail, shop_name=MARKUP, subject=MARKUP, body=MARKUP, language='"><script>')),
    ):
        assert "<script" not in shown and "<img" not in shown
    line = StaffLine("<!channel> <https://evil.example|here> &" + MARKUP)
    (section,) = blocks(line.text)
    assert not set("<>") & set(section["text"]["text"])


def test_no_cell_mentions_or_links_in_any_line_to_staff() -> None:
    evil = "<!channel> <@U1> <https://evil.example|x>"
    shop = played(a_row(customer=evil, service=evil, staff=evil, status=evil, phone="12"))
    assert shop.rt.staff.lines
    for _, line in shop.rt.staff.lines:
        for block in blocks(line.text, line.buttons):
            if block["type"] == "section":
                assert "<" not in block["text"]["text"] and block["text"]["verbatim"] is True
            else:
                assert {element["text"]["type"] for element in block["elements"]} == {"plain_text"}


@pytest.mark.parametrize("column", ["customer", "service", "staff"])
def test_a_line_break_in_a_cell_becomes_no_header_and_no_line_of_the_invitation(column: str) -> None:
    evil = "Mei\r\nBcc: rex@example.com\r\n\r\nBEGIN:VALARM\u2028X: 1\x0b\x85"
    shop = played(a_row(phone="", email="mei@example.com", **{column: evil}))
    (mail,) = shop.rt.email.mails
    parsed = message_from_bytes(mime(mail, "a@bright.example", NOW), policy=policy.default)
    assert parsed["Bcc"] is None
    assert set(parsed.keys()) <= {
        "From", "To", "Subject", "Date", "Auto-Submitted", "X-Entity-Ref-ID", "List-Unsubscribe",
        "List-Unsubscribe-Post", "Content-Language", "MIME-Version", "Content-Type",
    }  # fmt: skip
    (invitation,) = [part for part in parsed.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(invitation.get_content())
    assert [part.name for part in calendar.walk()] == ["VCALENDAR", "VEVENT"]


def test_a_formula_in_a_status_goes_back_into_the_sheet_as_text() -> None:
    """What an undo restores is what the cell showed, written RAW (`tests/contract/test_sheet.py` holds the adapter)."""
    shop = played(a_row(status='=IMPORTXML("https://evil.example","//a")'))
    token = shop.link("A-1")
    undo = answer_reply(shop.rt, token, {"t": button(show_reply_page(shop.rt, token), "cancel")})
    assert answer_reply(shop.rt, token, {"t": button(undo, "undo")}).outcome == "done"
    assert cell(shop.rt, "status") == '=IMPORTXML("https://evil.example","//a")'


# ---------------------------------------------------------------- buttons that Slack carries back


@pytest.mark.parametrize(
    "value",
    ["", "|", "x", "x|", "|A-1", "x|A-1", "20261202T0200Z|nobody", "99999999T9999Z|A-1", "0|0|0", "é" * 2000],
)
def test_a_button_s_value_that_no_line_had_changes_nothing(value: str) -> None:
    shop = played(a_row())
    before = dict(shop.rt.store.world.standings)
    for action in (*ACTS, "unknown", ""):
        settle_staff_action(shop.rt, action, value, "rex", "C1", "1.1", shop.rt.clock())
    assert shop.rt.store.world.standings == before
    assert shop.rt.store.replies("A-1") == []


def test_a_staff_member_s_name_is_text_wherever_it_shows() -> None:
    shop = played(a_row())
    value = f"{chain_id(WED)}|A-1"
    said = settle_staff_action(shop.rt, "confirmed_by_phone", value, "<!channel>\ncustomer", "C1", "1.1")
    assert "<" not in blocks(said)[0]["text"]["text"]
    (entry,) = [entry for entry in shop.rt.store.audit("A-1") if entry.channel == "slack"]
    assert entry.by == "<!channel>\ncustomer"
    assert shop.rt.bus.moves and not [move for move in shop.rt.bus.moves if move.move.value == "cancelled"]


def test_a_label_longer_than_slack_takes_is_cut() -> None:
    (_, actions) = blocks("x", [Button("a", "预" * 500, "v")])
    assert len(actions["elements"][0]["text"]["text"]) <= 75


def test_starts_at_the_edges_of_the_calendar_are_rows_like_others() -> None:
    rt = a_synced_shop(
        a_row("a", date="31 Dec 2199", time="11:30pm"), a_row("b", date="1 Jan 1899"), a_row("c", date="31/12/99999")
    )
    assert [row.start for row in mirror(rt) if row.appt_id == "a"] == [datetime(2199, 12, 31, 15, 30, tzinfo=UTC)]
