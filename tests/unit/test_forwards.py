"""Mails forwarded within the text, as mail programs of several languages head them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from chalicelib.domain.forwards import read_sent
from chalicelib.domain.incoming_mail import IncomingMail
from chalicelib.domain.open_mail import open_mail
from tests.unit.mails import mail

SINGAPORE = timezone(timedelta(hours=8))
OUTER = datetime(2026, 11, 24, 8, 0, tzinfo=SINGAPORE)


def opened(body: str, subject: str = "Fwd: booking", *headers: str) -> IncomingMail:
    head = f"From: frontdesk@bright.example\r\nSubject: {subject}\r\nDate: Tue, 24 Nov 2026 08:00:00 +0800\r\n"
    return open_mail(mail(body, "Content-Type: text/plain; charset=utf-8", *headers, head=head))


FORMS = {
    "gmail": """\
---------- Forwarded message ---------
From: Slot <no-reply@slot.example>
Date: Mon, Nov 23, 2026 at 4:31 PM
Subject: New booking
To: <d@bright.example>


Mei tomorrow 10am
""",
    "outlook": """\
________________________________
From: Slot <no-reply@slot.example>
Sent: Monday, November 23, 2026 4:31 PM
To: Desk <d@bright.example>
Subject: New booking

Mei tomorrow 10am
""",
    "outlook of old": """\
-----Original Message-----
From: Slot [mailto:no-reply@slot.example]
Sent: Monday, 23 November 2026 16:31
To: Desk
Subject: New booking

Mei tomorrow 10am
""",
    "apple": """\
> Begin forwarded message:
>
> From: Slot <no-reply@slot.example>
> Subject: New booking
> Date: 23 November 2026 at 4:31:00 PM SGT
> To: d@bright.example
>
> Mei tomorrow 10am
""",
    "apple with bold": """\
Begin forwarded message:

*From: *Slot <no-reply@slot.example>
*Date: *23 Nov 2026 at 16:31
*To: *d@bright.example
*Subject: **New booking*

Mei tomorrow 10am
""",
    "german": """\
Von: Slot <no-reply@slot.example>
Gesendet: Montag, 23. November 2026 16:31
An: Desk
Betreff: Neu

Mei
""",
    "french": """\
De : Slot <no-reply@slot.example>
Envoyé : lundi 23 novembre 2026 16:31
À : Desk
Objet : Neu

Mei
""",
    "spanish": """\
De: Slot <no-reply@slot.example>
Enviado el: lunes, 23 de noviembre de 2026 16:31
Para: D
Asunto: N

Mei
""",
    "italian": """\
Da: Slot <no-reply@slot.example>
Inviato: lunedì 23 novembre 2026 16:31
A: Desk
Oggetto: N

Mei
""",
    "portuguese": """\
De: Slot <no-reply@slot.example>
Enviada em: 23 de novembro de 2026 16:31
Para: D
Assunto: N

Mei
""",
    "dutch": """\
Van: Slot <no-reply@slot.example>
Verzonden: maandag 23 november 2026 16:31
Aan: D
Onderwerp: N

Mei
""",
    "simplified": """\
发件人: Slot <no-reply@slot.example>
发送时间: 2026年11月23日 16:31
收件人: D
主题: 新

Mei
""",
    "traditional": """\
寄件者： Slot <no-reply@slot.example>
日期： 2026年11月23日 下午4:31
收件者： D
主旨： 新

Mei
""",
    "japanese": """\
差出人: Slot <no-reply@slot.example>
送信日時: 2026年11月23日 16:31
宛先: D
件名: 新

Mei
""",
    "malay": """\
Daripada: Slot <no-reply@slot.example>
Tarikh: 23 Nov 2026, 16:31
Kepada: D
Perkara: N

Mei
""",
    "russian": """\
От: Slot <no-reply@slot.example>
Дата: 23 ноября 2026 г., 16:31
Кому: D
Тема: N

Mei
""",
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_every_program_s_form_is_known(body: str) -> None:
    forward = opened(body)
    assert forward.sender == "frontdesk@bright.example"
    assert forward.forwarded_from == ("no-reply@slot.example",)
    assert forward.text.splitlines()[-1].startswith("Mei")
    assert forward.sent == datetime(2026, 11, 23, 16, 31, tzinfo=SINGAPORE)


def test_quoting_is_taken_off_what_was_forwarded() -> None:
    assert "> " not in opened(FORMS["apple"]).text


def test_a_forward_of_a_forward_counts_by_the_innermost() -> None:
    body = (
        "From: A <a@x.example>\nSent: Mon, 23 Nov 2026 10:00:00 +0000\nSubject: Fwd: booking\n\nsee below\n\n"
        "From: B <b@y.example>\nSent: Fri, 20 Nov 2026 10:00:00 +0000\nSubject: booking\n\nMei tomorrow"
    )
    forward = opened(body)
    assert forward.forwarded_from == ("a@x.example", "b@y.example")
    assert forward.sent is not None
    assert forward.sent.day == 20


def test_what_an_answer_quotes_does_not_date_it() -> None:
    quoted = "Friday 3pm is fine\n\n-----Original Message-----\n" + FORMS["german"]
    answer = opened(quoted, "Re: your visit")
    assert answer.sent == OUTER
    assert answer.forwarded_from == ()
    assert opened(quoted, "your visit", "In-Reply-To: <1@x.example>").sent == OUTER


def test_a_forwarded_answer_counts_by_the_answer_and_not_by_what_it_quotes() -> None:
    body = (
        "From: A <a@x.example>\nSent: Mon, 23 Nov 2026 10:00:00 +0000\nSubject: Re: your visit\n\nyes, tomorrow\n\n"
        "From: B <b@y.example>\nSent: Fri, 6 Nov 2026 10:00:00 +0000\nSubject: your visit\n\nwill you come?"
    )
    forward = opened(body)
    assert forward.forwarded_from == ("a@x.example",)
    assert forward.sent is not None
    assert forward.sent.day == 23


def test_a_booking_from_nine_to_ten_is_no_forward() -> None:
    booking = opened("Date: 3 Dec 2026\nFrom: 9:00\nTo: 10:00\nName: Mei", "New booking")
    assert booking.forwarded_from == ()
    assert booking.sent == OUTER


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tue, 24 Nov 2026 10:33:07 +0100", "2026-11-24T10:33:07+01:00"),
        ("24 November 2026 at 10:33:07 GMT+9", "2026-11-24T10:33:07+09:00"),
        ("Tuesday, November 24, 2026 12:05 AM", "2026-11-24T00:05:00+08:00"),
        ("24.11.2026 um 10:33 Uhr", "2026-11-24T10:33:00+08:00"),
        ("24/11/2026 10:33", "2026-11-24T10:33:00+08:00"),
        ("11/24/2026 10:33 PM", "2026-11-24T22:33:00+08:00"),
        ("2026-11-24 10:33", "2026-11-24T10:33:00+08:00"),
        ("2026. 11. 24. 오후 3:05", "2026-11-24T15:05:00+08:00"),
    ],
)
def test_a_date_with_one_reading_is_read(written: str, read: str) -> None:
    assert read_sent(written, OUTER) == datetime.fromisoformat(read)


@pytest.mark.parametrize(
    "written", ["", "11/12/2026 10:33", "24 November 2026", "yesterday 10:33", "31/02/2026 10:33", "9" * 500]
)
def test_a_date_with_two_readings_or_none_is_left_to_the_mail_s_own(written: str) -> None:
    assert read_sent(written, OUTER) is None


def test_a_forwarded_date_after_the_mail_s_own_is_not_believed() -> None:
    body = "From: A <a@x.example>\nSent: Fri, 18 Dec 2026 10:00:00 +0000\nSubject: booking\n\nMei tomorrow"
    assert opened(body).sent == OUTER
