"""A mail that comes in: proposed, told of, or waiting for its scans; never lost, and never twice."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import docx
import pytest

from chalicelib.domain.open_mail import open_mail
from chalicelib.domain.proposal import Draft, Kind, Proposal, Reader
from chalicelib.domain.proposal_words import SOURCE_TEXT
from chalicelib.errors import Malformed, Unreadable, UpstreamError
from chalicelib.intake_ports import ModelBooking, Scan, ScanState
from chalicelib.usecases.record_mail import MailOutcome, Outcome, tell_of_no_bookings
from chalicelib.usecases.resume_scan import PATIENCE, notice_stuck_scans, resume_scan
from chalicelib.usecases.take_in_mail import (
    LARGEST_MAIL,
    MOST_OFFICE_FILES,
    MOST_SCANS,
    office_documents,
    take_in_mail,
    take_in_object,
)
from tests.builders import local
from tests.fakes.intake import FakeModel, a_message
from tests.fakes.runtime import FakeRuntime

KEY = "0a1b2c"
NOW = local("2026-11-24T08:00")
TEXT = "Customer: Mei Tan\r\nPhone: +65 9123 4567\r\nHaircut on 30 November 2026 at 10:00 am with Lim\r\n"
QUOTES = {
    "customer": "Mei Tan",
    "phone": "+65 9123 4567",
    "service": "Haircut",
    "date": "30 November 2026",
    "time": "10:00 am",
}
PDF = b"%PDF-1.4\n%%EOF\n"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def a_mail(
    text: str = TEXT, *, head: str = "", subject: str = "Booking", attached: Sequence[tuple[str, str, bytes]] = ()
) -> bytes:
    """A raw mail; `attached` has (name, type, content) of each attachment."""
    headers = (
        f"From: Booking tool <tool@bookings.example>\r\nTo: desk@bright.example\r\nSubject: {subject}\r\n"
        f"Date: Mon, 23 Nov 2026 09:00:00 +0800\r\n{head}MIME-Version: 1.0\r\n"
    )
    plain = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    if not attached:
        return f"{headers}{plain}".encode()
    parts = [plain.encode()]
    for name, kind, content in attached:
        top = f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
        parts.append(top.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded)
    body = b"".join(b"--cut\r\n" + part + b"\r\n" for part in parts)
    return headers.encode() + b"Content-Type: multipart/mixed; boundary=cut\r\n\r\n" + body + b"--cut--\r\n"


def a_document(text: str = "") -> bytes:
    """A Word document of one line."""
    made, document = io.BytesIO(), docx.Document()
    document.add_paragraph(text)
    document.save(made)
    return made.getvalue()


def an_exact(**changes: Any) -> Draft:
    """A draft of an .ics with nothing left open."""
    values = {
        "customer": "Mei Tan",
        "service": "Haircut",
        "date": "2026-11-30",
        "time": "10:00",
        "phone": "+6591234567",
    }
    return Draft(Kind.BOOKING, Reader.ICS, {**values, **changes.pop("values", {})}, uid="u-1", **changes)


def a_shop(raw: bytes | None = None, **config: Any) -> FakeRuntime:
    """A shop that this mail has come in to. Its model sees one booking in any text."""
    rt = FakeRuntime(NOW, **config)
    rt.raw_mail.mails[KEY] = a_mail() if raw is None else raw
    rt.booking_model = FakeModel([ModelBooking("booking", QUOTES)])
    return rt


def proposals(rt: FakeRuntime) -> list[Proposal]:
    found: list[Proposal] = rt.store.proposals(NOW - timedelta(days=1))
    return found


def audited(rt: FakeRuntime) -> list[tuple[str, str]]:
    return [(entry.action, entry.after) for entry in rt.store.audit(f"mail#{KEY}")]


# ---------------------------------------------------------------- the model and the exact readers


def test_a_plain_mail_is_proposed_without_a_scan() -> None:
    """Promise 9."""
    rt = a_shop()
    assert take_in_mail(rt, KEY) == MailOutcome(Outcome.PROPOSED)
    [proposal] = proposals(rt)
    assert proposal.draft.reader is Reader.MODEL
    assert (proposal.draft.values["date"], proposal.draft.values["time"]) == ("2026-11-30", "10:00")
    assert rt.scans.started == []
    assert audited(rt) == [("mail_read", "proposed")]


def test_no_row_is_written_before_somebody_approves() -> None:
    """Promise 12."""
    rt = a_shop()
    before = rt.sheet.read()
    take_in_mail(rt, KEY)
    assert proposals(rt)
    assert rt.sheet.read() == before


def test_a_booking_whose_date_has_passed_is_no_booking_any_more() -> None:
    rt = a_shop()
    rt.clock.now = local("2026-11-30T10:00")
    assert take_in_mail(rt, KEY) == MailOutcome(Outcome.NONE, "its visit has passed")
    assert proposals(rt) == []


def test_a_booking_of_a_year_ago_is_put_to_staff_since_its_year_may_be_a_slip() -> None:
    rt = a_shop()
    rt.clock.now = local("2027-11-24T10:00")
    assert take_in_mail(rt, KEY) == MailOutcome(Outcome.PROPOSED)


def test_the_same_notification_again_proposes_nothing_more() -> None:
    rt = a_shop()
    for _ in range(3):
        assert take_in_mail(rt, KEY).outcome is Outcome.PROPOSED
    assert len(proposals(rt)) == 1


def test_an_exact_reader_that_leaves_nothing_open_is_believed_without_the_model() -> None:
    rt = a_shop(a_mail(head="Content-Language: en\r\n", attached=[("a.ics", "text/calendar", b"BEGIN:VCALENDAR")]))
    rt.invites.drafts = [an_exact()]
    assert take_in_mail(rt, KEY).outcome is Outcome.PROPOSED
    assert [proposal.draft.reader for proposal in proposals(rt)] == [Reader.ICS]
    assert rt.booking_model is not None and rt.booking_model.texts == []


def test_the_model_fills_what_an_exact_reader_left_blank_and_nothing_else() -> None:
    rt = a_shop(a_mail(attached=[("a.ics", "text/calendar", b"BEGIN:VCALENDAR")]))
    rt.invites.drafts = [an_exact(values={"service": "", "customer": "Mei Tan-Lim"})]
    take_in_mail(rt, KEY)
    [proposal] = proposals(rt)
    assert proposal.draft.reader is Reader.ICS
    assert proposal.draft.values["service"] == "Haircut"
    assert proposal.draft.values["customer"] == "Mei Tan-Lim"


def test_a_calendar_file_that_cannot_be_read_is_said_on_what_the_text_gives() -> None:
    rt = a_shop(a_mail(attached=[("a.ics", "text/calendar", b"BEGIN:VCALENDAR")]))
    rt.invites.unreadable = "it is broken"
    take_in_mail(rt, KEY)
    [proposal] = proposals(rt)
    assert any("it is broken" in flag for flag in proposal.draft.flags)


def test_a_document_is_read_with_the_mail_under_its_name() -> None:
    """Promise 11."""
    rt = a_shop(a_mail(attached=[("list.docx", WORD, a_document())]))
    rt.office_text.text = "Siti | Colour"
    take_in_mail(rt, KEY)
    assert rt.booking_model is not None
    [text] = rt.booking_model.texts
    assert text.endswith("Attachment list.docx:\nSiti | Colour")


def test_a_model_that_is_down_has_the_mail_handed_over_again() -> None:
    rt = a_shop()
    rt.booking_model = FakeModel(failure=UpstreamError("Bedrock", "ThrottlingException"))
    with pytest.raises(UpstreamError):
        take_in_mail(rt, KEY)
    rt.booking_model = FakeModel([ModelBooking("booking", QUOTES)])
    assert take_in_mail(rt, KEY).outcome is Outcome.PROPOSED


def test_a_malformed_answer_gives_staff_the_text() -> None:
    rt = a_shop()
    rt.booking_model = FakeModel(failure=Malformed("no tool"))
    assert take_in_mail(rt, KEY).outcome is Outcome.PROPOSED
    [proposal] = proposals(rt)
    assert proposal.draft.reader is Reader.NONE
    assert "Mei Tan" in proposal.draft.quotes[SOURCE_TEXT]


def test_without_a_model_staff_get_the_text_of_a_mail_that_a_person_sent() -> None:
    rt = a_shop()
    rt.booking_model = None
    assert take_in_mail(rt, KEY).outcome is Outcome.PROPOSED
    [proposal] = proposals(rt)
    assert (proposal.draft.reader, dict(proposal.draft.values)) == (Reader.NONE, {})


def test_without_a_model_automatic_mail_is_no_booking() -> None:
    rt = a_shop(a_mail(head="List-Unsubscribe: <https://x.example/u>\r\n"))
    rt.booking_model = None
    assert take_in_mail(rt, KEY).outcome is Outcome.NONE
    assert proposals(rt) == []


@pytest.mark.parametrize("verdict", ["X-SES-Spam-Verdict: FAIL\r\n", "X-SES-Virus-Verdict: FAIL\r\n"])
def test_a_failed_verdict_proposes_nothing_and_asks_no_reader(verdict: str) -> None:
    rt = a_shop(verdict.encode() + a_mail())
    assert take_in_mail(rt, KEY).outcome in (Outcome.NONE, Outcome.REFUSED)
    assert proposals(rt) == []
    assert rt.booking_model is not None and rt.booking_model.texts == []


def test_a_forged_sender_is_flagged_and_not_dropped() -> None:
    verdict = (
        b"Authentication-Results: amazonses.com; spf=fail; dkim=none; dmarc=fail header.from=bookings.example;\r\n"
    )
    rt = a_shop(verdict + a_mail())
    assert take_in_mail(rt, KEY).outcome is Outcome.PROPOSED
    [proposal] = proposals(rt)
    assert any("forged" in flag for flag in proposal.draft.flags)


@pytest.mark.parametrize(
    ("senders", "outcome"),
    [
        (["tool@bookings.example"], Outcome.PROPOSED),
        (["@bookings.example"], Outcome.PROPOSED),
        (["@example", "dana@bright.example"], Outcome.REFUSED),
    ],
)
def test_where_senders_are_listed_only_theirs_is_read(senders: list[str], outcome: Outcome) -> None:
    assert take_in_mail(a_shop(intake_senders=frozenset(senders)), KEY).outcome is outcome


# ---------------------------------------------------------------- what is no booking, or can't be read


def test_mails_that_are_no_booking_are_one_line_on_the_next_morning() -> None:
    rt = a_shop()
    rt.booking_model = FakeModel([ModelBooking("none")])
    for number in range(3):
        rt.raw_mail.mails[f"k{number}"] = a_mail(subject=f"Offer {number}")
        assert take_in_mail(rt, f"k{number}").outcome is Outcome.NONE
    assert rt.staff.texts == []
    rt.clock.now = local("2026-11-25T07:59")
    assert tell_of_no_bookings(rt, rt.clock()) == 0
    rt.clock.now = local("2026-11-25T08:00")
    assert tell_of_no_bookings(rt, rt.clock()) == 3
    assert tell_of_no_bookings(rt, rt.clock()) == 0
    [line] = rt.staff.texts
    assert all(f"“Offer {number}”" in line and f"k{number}" in line for number in range(3))


def test_a_mail_that_comes_after_the_day_s_line_waits_for_the_next_one() -> None:
    rt = a_shop()
    rt.booking_model = FakeModel([ModelBooking("none")])
    for day, key in (("2026-11-24", "a"), ("2026-11-25", "b")):
        rt.clock.now = local(f"{day}T10:00")
        rt.raw_mail.mails[key] = a_mail()
        take_in_mail(rt, key)
        tell_of_no_bookings(rt, rt.clock())
        take_in_mail(rt, key)
        assert tell_of_no_bookings(rt, rt.clock()) == 0
    assert len(rt.staff.texts) == 2


def test_a_hundred_mails_that_are_no_booking_lose_none_of_them() -> None:
    rt = a_shop()
    rt.booking_model = FakeModel([])
    for number in range(100):
        rt.raw_mail.mails[f"k{number:03}"] = a_mail()
        take_in_mail(rt, f"k{number:03}")
    assert tell_of_no_bookings(rt, rt.clock()) == 100
    assert all(sum(f"k{number:03}" in line for line in rt.staff.texts) == 1 for number in range(100))


def test_a_mail_that_is_too_large_is_not_even_read_and_staff_get_its_key() -> None:
    rt = a_shop()
    rt.raw_mail.sizes[KEY] = LARGEST_MAIL + 1
    assert take_in_mail(rt, KEY).outcome is Outcome.REFUSED
    assert rt.raw_mail.reads == 0
    [line] = rt.staff.texts
    assert "“Booking”" in line and KEY in line


def test_a_mail_that_a_guard_stops_is_told_once_and_stays_where_it_is() -> None:
    rt = a_shop(b"X: y\r\n" * 20_000 + a_mail())
    for _ in range(3):
        assert take_in_mail(rt, KEY).outcome is Outcome.REFUSED
    assert len(rt.staff.texts) == 1
    assert KEY in rt.raw_mail.mails
    assert audited(rt) == [("mail_read", "refused")] * 3


def test_a_mail_whose_only_document_is_broken_is_unreadable_and_told_with_its_subject() -> None:
    raw = a_mail("See the list.", subject="Bookings next week", attached=[("list.docx", WORD, a_document())])
    rt = a_shop(raw)
    rt.booking_model = FakeModel([])
    rt.office_text.unreadable = "it is locked"
    outcome = take_in_mail(rt, KEY)
    assert outcome == MailOutcome(Outcome.UNREADABLE, "list.docx: it is locked")
    [line] = rt.staff.texts
    assert "Bookings next week" in line and "it is locked" in line and KEY in line


def test_a_notification_of_a_mail_that_is_gone_ends_quietly() -> None:
    rt = a_shop()
    assert take_in_mail(rt, "gone").outcome is Outcome.UNREADABLE
    assert rt.staff.texts == []


def test_our_own_attachments_are_no_mail() -> None:
    assert take_in_object(a_shop(), "attachments/0a/0.pdf") is None


def test_the_note_that_ses_writes_when_its_rule_is_made_is_no_mail() -> None:
    rt = a_shop()
    assert take_in_object(rt, "AMAZON_SES_SETUP_NOTIFICATION") is None
    assert rt.staff.texts == []


# ---------------------------------------------------------------- scans


def a_scanned_shop(count: int = 1, text: str = "See attached.") -> FakeRuntime:
    """A shop whose mail has scans that are under way."""
    rt = a_shop(a_mail(text, attached=[(f"{n}.pdf", "application/pdf", PDF + b"%%%d" % n) for n in range(count)]))
    assert take_in_mail(rt, KEY).outcome is Outcome.WAITING
    return rt


def end(rt: FakeRuntime, number: int = 0, *pages: str, state: ScanState = ScanState.DONE, reason: str = "") -> str:
    """That scan has ended so; returns Textract's message."""
    scan = sorted(rt.store.scans(), key=lambda one: one.attachment_key)[number]
    rt.scans.results[scan.job] = Scan(state, pages, reason)
    return json.dumps(a_message(JobId=scan.job))


def test_a_mail_waits_for_its_scan_and_is_then_read_with_it_pages_in_order() -> None:
    """Promise 10."""
    rt = a_scanned_shop()
    assert proposals(rt) == []
    outcome = resume_scan(rt, end(rt, 0, TEXT, "second page"))
    assert outcome == MailOutcome(Outcome.PROPOSED)
    assert rt.booking_model is not None
    [text] = rt.booking_model.texts
    assert text.startswith("See attached.")
    assert text.index("Mei Tan") < text.index("second page")
    assert rt.store.scans() == []


def test_a_mail_with_several_scans_is_read_when_the_last_has_ended() -> None:
    rt = a_scanned_shop(3)
    messages = [end(rt, number, TEXT) for number in range(3)]
    running = sorted(rt.scans.results)[2]
    ended = rt.scans.results.pop(running)
    assert [resume_scan(rt, message) for message in messages[:2]] == [None, None]
    rt.scans.results[running] = ended
    assert resume_scan(rt, messages[2]) == MailOutcome(Outcome.PROPOSED)
    assert len(proposals(rt)) == 1


def test_textract_s_message_twice_reads_once() -> None:
    rt = a_scanned_shop()
    message = end(rt, 0, TEXT)
    assert resume_scan(rt, message) is not None
    assert resume_scan(rt, message) is None
    assert rt.booking_model is not None and len(rt.booking_model.texts) == 1


def test_a_failed_scan_of_a_mail_that_says_nothing_else_is_told_to_staff() -> None:
    rt = a_scanned_shop()
    rt.booking_model = FakeModel([])
    outcome = resume_scan(rt, end(rt, state=ScanState.FAILED, reason="too blurred"))
    assert outcome is not None and outcome.outcome is Outcome.UNREADABLE
    [line] = rt.staff.texts
    assert "too blurred" in line and KEY in line


def test_a_partial_scan_is_read_as_far_as_it_goes_and_flagged() -> None:
    rt = a_scanned_shop()
    resume_scan(rt, end(rt, 0, TEXT, state=ScanState.PARTIAL))
    [proposal] = proposals(rt)
    assert any("only partly read" in flag for flag in proposal.draft.flags)


def test_a_crash_before_the_mail_is_read_loses_no_scan() -> None:
    rt = a_scanned_shop()
    message = end(rt, 0, TEXT)
    model, rt.booking_model = rt.booking_model, FakeModel(failure=UpstreamError("Bedrock", "down"))
    with pytest.raises(UpstreamError):
        resume_scan(rt, message)
    rt.booking_model = model
    assert resume_scan(rt, message) == MailOutcome(Outcome.PROPOSED)


def test_a_scan_whose_end_nobody_heard_of_is_found_within_the_hour() -> None:
    rt = a_scanned_shop()
    end(rt, 0, TEXT)
    rt.clock.now += PATIENCE - timedelta(minutes=1)
    assert notice_stuck_scans(rt, rt.clock()) == 0
    rt.clock.now += timedelta(minutes=1)
    assert notice_stuck_scans(rt, rt.clock()) == 1
    assert len(proposals(rt)) == 1
    assert notice_stuck_scans(rt, rt.clock()) == 0


def test_a_scan_that_never_ends_is_given_up_and_told_with_the_key() -> None:
    rt = a_scanned_shop()
    rt.booking_model = FakeModel([])
    rt.clock.now += PATIENCE
    notice_stuck_scans(rt, rt.clock())
    [line] = rt.staff.texts
    assert "didn't end within an hour" in line and KEY in line
    assert rt.store.scans() == []
    assert rt.metrics.counts["scan_stuck"] == 1


def test_one_stuck_mail_that_fails_stops_no_other() -> None:
    rt = a_scanned_shop()
    rt.raw_mail.mails["other"] = rt.raw_mail.mails[KEY]
    take_in_mail(rt, "other")
    del rt.raw_mail.mails[KEY]
    for scan in rt.store.scans():
        rt.scans.results[scan.job] = Scan(ScanState.DONE, [TEXT])
    rt.clock.now += PATIENCE
    with pytest.raises(UpstreamError):
        notice_stuck_scans(rt, rt.clock())
    assert [proposal.source.key for proposal in proposals(rt)] == ["other"]


def test_only_so_many_attachments_are_scanned_and_that_is_said() -> None:
    rt = a_scanned_shop(MOST_SCANS + 2)
    assert len(rt.scans.started) == MOST_SCANS
    outcome = None
    for number in range(MOST_SCANS):
        message = end(rt, number, TEXT)
        outcome = resume_scan(rt, message) or outcome
    assert outcome == MailOutcome(Outcome.PROPOSED)
    assert sum(f"only {MOST_SCANS} attachments" in flag for flag in proposals(rt)[0].draft.flags) == 2


def test_a_file_that_textract_does_not_take_does_not_hold_the_mail_up() -> None:
    rt = a_shop(a_mail(attached=[("a.pdf", "application/pdf", PDF)]))

    def refuse(key: str) -> None:
        raise Unreadable("a file that is broken or locked")

    rt.scans.refuse = refuse
    assert take_in_mail(rt, KEY).outcome is Outcome.PROPOSED
    assert any("broken or locked" in flag for flag in proposals(rt)[0].draft.flags)


def test_what_an_invitation_says_whole_needs_no_scan() -> None:
    rt = a_shop(a_mail(attached=[("a.ics", "text/calendar", b"BEGIN:VCALENDAR"), ("a.pdf", "application/pdf", PDF)]))
    rt.invites.drafts = [an_exact()]
    assert take_in_mail(rt, KEY).outcome is Outcome.PROPOSED
    assert rt.scans.started == []


@pytest.mark.parametrize("message", ["", "{}", "[]", '{"JobId": "unknown"}'])
def test_a_message_about_nothing_that_is_waited_for_changes_nothing(message: str) -> None:
    rt = a_scanned_shop()
    assert resume_scan(rt, message) is None
    assert len(rt.store.scans()) == 1


def test_only_so_many_word_and_excel_files_of_a_mail_are_read_and_that_is_said() -> None:
    rt = a_shop()
    rt.office_text.text = "Siti | Colour"
    files = [(f"{n}.docx", WORD, a_document(str(n))) for n in range(MOST_OFFICE_FILES + 2)]
    read = office_documents(rt, open_mail(a_mail(attached=files)))
    assert [bool(one.problem) for one in read] == [False] * MOST_OFFICE_FILES + [True] * 2
