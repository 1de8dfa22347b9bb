"""Mails made to hurt: each guard stops one before it costs anything, and no bytes at all raise anything else."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.domain import mail_bodies, mime_headers, mime_parts
from chalicelib.domain import open_mail as opening
from chalicelib.domain.mime_headers import parameters
from chalicelib.domain.open_mail import open_mail, subject_of
from chalicelib.errors import MailRefused
from tests.unit.mails import HEAD, PDF, attached, in_base64, mail, multipart, part, within


def refused(raw: bytes) -> str:
    with pytest.raises(MailRefused) as stopped:
        open_mail(raw)
    return stopped.value.reason


def nested(levels: int, innermost: bytes = b"\r\nMei") -> bytes:
    for level in range(levels):
        innermost = within("mixed", innermost, boundary=f"b{level}")
    return HEAD.encode() + innermost


# ---------------------------------------------------------------- each guard


def test_a_mail_that_is_too_large_is_refused_before_anything_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LARGEST_MAIL", 1024 * 1024)
    assert refused(mail(b"x" * (2 * 1024 * 1024))) == "it is 2 MB large; at most 1 MB are read"


def test_a_folded_subject_of_megabytes_is_refused_undecoded() -> None:
    head = "Subject: " + "=?utf-8?q?abc?=\r\n " * 500_000 + "\r\n"
    assert "headers" in refused(mail("x", head=head))
    assert subject_of(mail("x", head=head)).startswith("abcabc")


def test_a_long_subject_is_cut_and_noted() -> None:
    opened = open_mail(mail("Mei", head="Subject: " + "long " * 10_000 + "\r\n"))
    assert len(opened.subject) == mail_bodies.LONGEST_SUBJECT
    assert opened.subject.endswith("…")
    assert "subject" in opened.problems[0]
    assert opened.text == "Mei"


def test_too_many_headers_are_refused() -> None:
    most = mime_headers.MOST_HEADERS
    assert open_mail(mail("x", head="X: 1\r\n" * most)).text == "x"
    assert refused(mail("x", head="X: 1\r\n" * (most + 1))) == f"it has more than {most} headers"


def test_the_headers_of_a_part_are_guarded_as_well() -> None:
    assert "headers" in refused(multipart("mixed", part("text/plain", "x", "X-A: " + "a" * 600_000)))
    assert "headers" in refused(multipart("mixed", part("text/plain", "x", *["X: 1"] * 1001)))


def test_a_long_line_that_is_no_header_begins_the_body() -> None:
    body = b"<" * 1_000_000
    assert open_mail(body).text == "<" * opening.MOST_TEXT
    assert open_mail(HEAD.encode() + body).subject == "New booking"


def test_parts_within_parts_are_read_to_the_guard_and_refused_beyond() -> None:
    assert open_mail(nested(mime_parts.DEEPEST - 1)).text == "Mei"
    assert "levels deep" in refused(nested(mime_parts.DEEPEST))


def test_a_thousand_levels_are_refused_and_no_recursion() -> None:
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(1000))
    assert "levels deep" in refused(HEAD.encode() + head.encode())
    assert "levels deep" in refused(HEAD.encode() + b"Content-Type: message/rfc822\r\n\r\n" * 1000)


def test_mails_within_mails_that_are_encoded_count_as_levels() -> None:
    raw = b"\r\nMei"
    for _ in range(25):
        raw = in_base64("message/rfc822", raw)
    assert "levels deep" in refused(raw)


def test_too_many_parts_are_refused() -> None:
    one = part("text/plain", "x")
    most = mime_parts.MOST_PARTS
    assert len(open_mail(multipart("mixed", *[one] * (most - 1))).text.split()) == most - 1
    assert refused(multipart("mixed", *[one] * most)) == f"it has more than {most} parts"
    halves = [within("mixed", *[one] * (most // 2), boundary=name) for name in ("a", "b")]
    assert "parts" in refused(multipart("mixed", *halves))


def test_a_flood_of_boundaries_is_refused_as_too_many_parts() -> None:
    assert "parts" in refused(mail(b"--BB\r\n" * 100_000, "Content-Type: multipart/mixed; boundary=BB"))


def test_a_parameter_in_endless_pieces_is_taken_so_far() -> None:
    pieces = "".join(f"; name*{number}=a" for number in range(1000))
    assert len(parameters(f"text/plain{pieces}".encode())[1]["name"]) == mime_headers.MOST_PIECES
    assert parameters(b"text/plain; name*" + b"9" * 6000 + b"=a")[1] == {}


@pytest.mark.parametrize("boundary", ["(.*)*$", "[", "a b", "ö", "BB--", "--", "'"])
def test_a_boundary_is_text_and_no_pattern(boundary: str) -> None:
    assert open_mail(multipart("mixed", part("text/plain", "Mei"), boundary=boundary)).text == "Mei"


def test_text_is_handed_on_to_its_cap_and_that_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_TEXT", 100)
    opened = open_mail(mail("Mei\n" * 100))
    assert len(opened.text) == 100
    assert "longer than 100 characters" in opened.problems[0]


def test_texts_of_all_parts_have_one_cap_together() -> None:
    opened = open_mail(multipart("mixed", *[part("text/html", "<p>" + "x" * 300_000)] * 10))
    assert sum(map(len, opened.html)) <= mail_bodies.LARGEST_TEXTS
    assert "the rest was not read" in opened.problems[0]


def test_attachments_beyond_the_cap_are_noted() -> None:
    documents = [attached("application/pdf", PDF + str(number).encode(), f"{number}.pdf") for number in range(25)]
    opened = open_mail(multipart("mixed", *documents))
    assert len(opened.attachments) == mail_bodies.MOST_ATTACHMENTS
    assert "attachments" in opened.problems[0]


def test_calendars_beyond_the_cap_are_noted() -> None:
    calendars = [part("text/calendar", f"BEGIN:VCALENDAR\r\nX:{number}") for number in range(25)]
    opened = open_mail(multipart("mixed", *calendars))
    assert len(opened.calendars) == mail_bodies.MOST_CALENDARS
    assert "calendar" in opened.problems[0]
    large = part("text/calendar", "x" * (mail_bodies.LARGEST_CALENDARS + 1))
    assert open_mail(multipart("mixed", large)).calendars == ()


# ---------------------------------------------------------------- cost


LINES = {
    "short lines": b"\n" * 4_000_000,
    "lines like boundaries": b"\n--BB x" * 500_000,
    "boundaries with blanks": (b"\n--BB" + b" " * 200 + b"x") * 20_000,
    "quoting": b">" * 4_000_000,
    "labels": b"From: a@x.example\n" * 200_000,
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES)
def test_a_mail_of_megabytes_takes_little_more_memory_than_itself(lines: bytes) -> None:
    raw = multipart("mixed", part("text/plain", lines))
    tracemalloc.start()
    try:
        open_mail(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000


# ---------------------------------------------------------------- anything at all

PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=BB\r\n",
        b"Content-Type: multipart/alternative; boundary=\"BB\"\r\n", b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/html; charset=utf-16\r\n", b"Subject: =?utf-8?B?4?=\r\n",
        b"Content-Type: text/plain; format=flowed; charset=hz\r\n", b"Content-Transfer-Encoding: base64\r\n",
        b"--BB\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"--BB--\r\n", b"\r\n",
        b"From: \"(<a@b>,\r\n", b"Date: Mon\r\n", b"Content-Disposition: attachment; filename*0*=''%\r\n",
        b"Date: Mon, 23 Nov 2026 09:30 +9999\r\n", b"=E9=\r\n", b"Date: Fri, 31 Dec 9999 23:59:59 -1200\r\n",
        b"<p style='color:#fff'>&#99999999999;<td>", b"%PDF-", b"PK\x03\x04",
        b"From: a@b.c\r\nSent: 11/12/9999 99:99\r\nSubject: x\r\n", b"BEGIN:VCALENDAR", b"\xff\xfe", b"AAAA",
        b"\x1b$B", b"Date: 2026-11-24 10:33 GMT-14:99\r\n", b"From - \r\n", b" folded\r\n", b"\0", b"> ",
        b"-----BEGIN PGP MESSAGE-----",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=12), max_size=30).map(b"".join))
@settings(max_examples=400, deadline=None)
@example(b"")
@example(b"\n")
@example(b"\r")
@example(b":")
def test_any_bytes_are_a_mail_or_are_refused(raw: bytes) -> None:
    try:
        opened = open_mail(raw)
    except MailRefused:
        return
    assert "\n" not in opened.subject
    opened.text.encode("utf-8")
    assert opened.sent is None or opened.sent.tzinfo is not None
    subject_of(raw)
