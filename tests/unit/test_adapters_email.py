"""The e-mail that leaves: its parts, its headers, and what SES's answers mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from typing import Any

import boto3
import pytest
from botocore.config import Config as ClientConfig
from icalendar import Calendar

from chalicelib.adapters.email_parts import html, mime
from chalicelib.adapters.ses_email import SesEmail
from chalicelib.errors import BadRecipient, DefiniteNo, DeliveryError, NoAnswer
from chalicelib.ports import EmailMessage, Invite
from tests.fakes.answering import Vendor, a_closed_port, a_vendor

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
SENDER = "appointments@bright.example"
PAGE = "https://r.bright.sg/r/" + "T" * 42

INVITE = Invite(
    uid="A-17@bright.example",
    sequence=2,
    cancel=False,
    start=datetime(2026, 11, 26, 1, 0, tzinfo=UTC),
    minutes=45,
    summary="Dental cleaning at Bright Dental",
)
MAIL = EmailMessage(
    to="mei@example.com",
    subject="Your Dental cleaning on Thursday",
    body=f"Hello Mei,\n\nCleaning with Dr Lim\nThursday 26 Nov, 9:00am\n\nConfirm: {PAGE}?a=confirm\n\nÀ bientôt",
    actions=(("Confirm", f"{PAGE}?a=confirm"), ("Move", f"{PAGE}?a=reschedule"), ("Cancel", f"{PAGE}?a=cancel")),
    shop_name="Bright Dental",
    invite=INVITE,
    unsubscribe_url="https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.ap-southeast-1.on.aws/u/" + "T" * 42,
    message_key="A-17#20261126T0100Z#h48",
)


def parsed(**changes: Any) -> Parsed:
    mail = message_from_bytes(mime(replace(MAIL, **changes), SENDER, NOW), policy=policy.default)
    assert isinstance(mail, Parsed)
    return mail


def part(mail: Parsed, content_type: str) -> Parsed:
    return next(one for one in mail.walk() if one.get_content_type() == content_type)  # type: ignore[return-value]


def visit(mail: Parsed) -> Any:
    calendar = Calendar.from_ical(part(mail, "text/calendar").get_content())
    return calendar, calendar.walk("VEVENT")[0]


def test_the_text_arrives_as_the_voice_doc_has_it() -> None:
    assert part(parsed(), "text/plain").get_content().replace("\r\n", "\n").rstrip("\n") == MAIL.body


def test_an_email_is_seven_bit_clean_with_no_overlong_line() -> None:
    raw = mime(MAIL, SENDER, NOW)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) < 998


def test_the_headers_say_who_writes_about_what_and_which_send_it_is() -> None:
    mail = parsed()
    assert mail["From"] == "Bright Dental <appointments@bright.example>"
    assert mail["To"] == "mei@example.com"
    assert mail["Subject"] == MAIL.subject
    assert mail["X-Entity-Ref-ID"] == MAIL.message_key
    assert mail["Auto-Submitted"] == "auto-generated"


def test_unsubscribing_takes_one_click_however_long_the_address_is() -> None:
    raw = mime(MAIL, SENDER, NOW)
    assert f"List-Unsubscribe: <{MAIL.unsubscribe_url}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_without_an_unsubscribe_address_nothing_is_promised() -> None:
    mail = parsed(unsubscribe_url="")
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("field", ["subject", "shop_name", "message_key", "unsubscribe_url", "language"])
def test_a_line_break_in_a_value_becomes_no_header(field: str) -> None:
    mail = parsed(**{field: "Mei\r\nBcc: rex@example.com\u2028X-Other: 1\x00"})
    assert mail["Bcc"] is None
    assert mail["X-Other"] is None
    assert part(mail, "text/plain").get_content().startswith("Hello Mei")


def test_the_html_has_a_button_for_every_action_and_no_script() -> None:
    page = part(parsed(), "text/html").get_content()
    for label, url in MAIL.actions:
        assert f'href="{url}"' in page
        assert f">{label}</a>" in page
    assert "<script" not in page
    assert "src=" not in page


def test_the_html_leaves_out_lines_that_only_spell_out_a_button() -> None:
    page = html(MAIL)
    assert "Confirm: http" not in page
    assert "Thursday 26 Nov, 9:00am" in page


def test_what_a_cell_says_is_text_in_the_html() -> None:
    page = html(replace(MAIL, body='Hello <script>alert(1)</script> & "co"', shop_name="<b>Bright</b>"))
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_an_address_in_the_text_can_be_followed() -> None:
    assert 'href="https://book.example/1?a=1&amp;b=2"' in html(
        replace(MAIL, body="Book: https://book.example/1?a=1&b=2")
    )


def test_the_invitation_names_the_visit_by_the_same_uid_with_its_sequence() -> None:
    calendar, event = visit(parsed())
    assert calendar["METHOD"] == "REQUEST"
    assert event["UID"] == INVITE.uid
    assert event["SEQUENCE"] == 2
    assert event["DTSTART"].dt == INVITE.start
    assert (event["DTEND"].dt - event["DTSTART"].dt).total_seconds() == 45 * 60
    assert event["STATUS"] == "CONFIRMED"


def test_a_cancelled_visit_is_taken_out_of_the_calendar() -> None:
    mail = parsed(invite=replace(INVITE, cancel=True, sequence=3))
    calendar, event = visit(mail)
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 3)
    assert part(mail, "text/calendar").get_content_type() == "text/calendar"
    assert part(mail, "text/calendar")["Content-Type"].params["method"] == "CANCEL"


def test_the_invitation_is_a_file_as_well() -> None:
    [file] = parsed().iter_attachments()
    assert file.get_filename() == "visit.ics"


def test_an_email_without_a_visit_carries_no_invitation() -> None:
    assert not any(one.get_content_type() == "text/calendar" for one in parsed(invite=None).walk())


def test_a_line_break_in_a_service_becomes_no_line_of_the_invitation() -> None:
    mail = parsed(invite=replace(INVITE, summary="Cleaning\r\nATTENDEE:mailto:rex@example.com"))
    _, event = visit(mail)
    assert event["ATTENDEE"] == "mailto:mei@example.com"


# ---------------------------------------------------------------- SES


@pytest.fixture
def ses() -> Iterator[Vendor]:
    with a_vendor() as vendor:
        vendor.body = b'{"MessageId": "0100-1"}'
        yield vendor


def email_at(url: str) -> SesEmail:
    client = boto3.client(
        "sesv2",
        endpoint_url=url,
        region_name="ap-southeast-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=ClientConfig(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1}),
    )
    return SesEmail(client, lambda: SENDER, lambda: NOW)


def failure(email: SesEmail, message: EmailMessage = MAIL) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        email.send(message)
    assert "mei@" not in str(caught.value)
    return caught.value


def test_ses_is_given_the_raw_mail_from_the_verified_sender(ses: Vendor) -> None:
    assert email_at(ses.url).send(MAIL) == "0100-1"
    asked = json.loads(ses.requests[0][3])
    assert asked["FromEmailAddress"] == SENDER
    assert asked["Destination"] == {"ToAddresses": ["mei@example.com"]}
    assert asked["Content"]["Raw"]["Data"]


def test_an_address_with_letters_of_another_script_in_its_domain_is_sent_in_ascii(ses: Vendor) -> None:
    email_at(ses.url).send(replace(MAIL, to="mei@münchen.example"))
    assert json.loads(ses.requests[0][3])["Destination"] == {"ToAddresses": ["mei@xn--mnchen-3ya.example"]}


@pytest.mark.parametrize(
    "to", ["", "mei", "mei@", "@example.com", "mei@example.com\r\nBcc: rex@example.com", "mé@e.com"]
)
def test_what_is_no_address_is_a_bad_recipient_and_never_sent_to(ses: Vendor, to: str) -> None:
    with pytest.raises(BadRecipient):
        email_at(ses.url).send(replace(MAIL, to=to))
    assert ses.requests == []


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (400, "MessageRejected", BadRecipient),
        (400, "BadRequestException", BadRecipient),
        (429, "TooManyRequestsException", DefiniteNo),
        (400, "SendingPausedException", DefiniteNo),
        (403, "AccessDeniedException", DefiniteNo),
        (500, "InternalServiceErrorException", NoAnswer),
    ],
)
def test_each_refusal_of_ses_has_its_meaning(ses: Vendor, status: int, name: str, kind: type[DeliveryError]) -> None:
    ses.status = status
    ses.body = json.dumps({"__type": name, "message": "Email address is not verified: mei@example.com"}).encode()
    assert type(failure(email_at(ses.url))) is kind


def test_a_lost_connection_is_no_answer(ses: Vendor) -> None:
    ses.hang_up = True
    assert type(failure(email_at(ses.url))) is NoAnswer


def test_ses_that_is_not_there_is_a_definite_no() -> None:
    assert type(failure(email_at(f"http://127.0.0.1:{a_closed_port()}"))) is DefiniteNo
