"""Mails in the shapes that programs send them: what is text, what is a calendar, what is a document."""

from __future__ import annotations

import base64
import quopri
from datetime import datetime, timedelta, timezone

import pytest

from chalicelib.domain.incoming_mail import Verdicts
from chalicelib.domain.open_mail import open_mail
from tests.unit.mails import HEAD, PDF, PNG, attached, in_base64, mail, multipart, part, within

SINGAPORE = timezone(timedelta(hours=8))
ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nSUMMARY:Größe\r\nEND:VCALENDAR\r\n"


# ---------------------------------------------------------------- headers


def test_a_plain_mail_is_its_headers_and_its_text() -> None:
    opened = open_mail(mail("Mei, 10am\r\n", "Message-ID: <1@x.example>", "Cc: A <a@x.example>, b@x.example"))
    assert opened.subject == "New booking"
    assert (opened.sender, opened.sender_name) == ("frontdesk@bright.example", "Front Desk")
    assert opened.sent == datetime(2026, 11, 23, 9, 30, tzinfo=SINGAPORE)
    assert opened.text == "Mei, 10am"
    assert opened.message_id == "<1@x.example>"
    assert opened.recipients == ("bookings@bright.example", "a@x.example", "b@x.example")
    assert not opened.automatic
    assert opened.problems == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?B?UsOpc2VydsOp?=", "Réservé"),
        ("=?iso-8859-1?Q?R=E9serv=E9?=", "Réservé"),
        ("=?utf-8?B?UsOp?=\r\n =?utf-8?B?c2VydsOp?=", "Réservé"),
        ("=?utf-8?B?6aKE?= =?utf-8?B?57qm?= 3pm", "预约 3pm"),
        ("=?no-such-charset?Q?Mei?=", "Mei"),
        ("=?utf-8?B?not base64!?=", "=?utf-8?B?not base64!?="),
        ("Réservé", "Réservé"),
        ("a\u202eb\u200bc\tEnd", "abc End"),
    ],
)
def test_a_subject_is_one_line_of_visible_text(written: str, read: str) -> None:
    assert open_mail(mail("x", head=f"Subject: {written}\r\n")).subject == read


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Mei <mei@x.example>", "mei@x.example"),
        ("MEI@X.Example", "mei@x.example"),
        ('"boss@bright.example" <evil@y.example>', "evil@y.example"),
        ("boss@bright.example <evil@y.example>", "evil@y.example"),
        ("=?utf-8?q?boss=40bright.example?= <evil@y.example>", "evil@y.example"),
        ("(boss@bright.example) evil@y.example", "evil@y.example"),
        ('"Tan, Mei" <mei@x.example>', "mei@x.example"),
        ("no address", ""),
    ],
)
def test_the_sender_is_the_address_and_not_what_the_name_pretends(written: str, address: str) -> None:
    assert open_mail(mail("x", head=f"From: {written}\r\n")).sender == address


def test_several_senders_are_noted() -> None:
    opened = open_mail(mail("x", head="From: a@x.example, b@x.example\r\n"))
    assert opened.sender == "a@x.example"
    assert "It names more than one sender." in opened.problems


@pytest.mark.parametrize("written", ["", "yesterday", "Mon, 99 Nov 2026 09:30", "1 Jan 1889 00:00 +1400", "x" * 500])
def test_a_date_that_cannot_be_read_is_unknown(written: str) -> None:
    assert open_mail(mail("x", head=f"Date: {written}\r\n")).sent is None


@pytest.mark.parametrize(
    "header",
    ["List-Unsubscribe: <https://x.example>", "List-Id: <news>", "Auto-Submitted: auto-replied", "Precedence: Bulk"],
)
def test_what_a_program_sent_to_many_is_automatic(header: str) -> None:
    assert open_mail(mail("x", header)).automatic


def test_a_person_who_forwards_an_automatic_mail_is_a_person() -> None:
    inner = mail("Sale!", "List-Unsubscribe: <https://x.example>", "Precedence: bulk")
    opened = open_mail(multipart("mixed", part("text/plain", "see below"), part("message/rfc822", inner)))
    assert not opened.automatic
    assert not open_mail(mail("x", "Auto-Submitted: no")).automatic


def test_only_the_topmost_verdicts_count() -> None:
    top = (
        "X-SES-Spam-Verdict: FAIL\r\nX-SES-Virus-Verdict: PASS\r\n"
        "Authentication-Results: amazonses.com; spf=fail (spfCheck: dkim=pass) client-ip=1; dkim=none; dmarc=fail\r\n"
    )
    forged = "X-SES-Spam-Verdict: PASS\r\nAuthentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass\r\n"
    assert open_mail(mail("x", head=top + HEAD + forged)).verdicts == Verdicts("FAIL", "PASS", "FAIL", "NONE", "FAIL")


def test_another_server_s_results_are_not_ours() -> None:
    opened = open_mail(mail("x", "Authentication-Results: mx.other.example; dmarc=pass"))
    assert opened.verdicts == Verdicts()


# ---------------------------------------------------------------- text and its charsets


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "Größe 预约"),
        ("iso-8859-1", "Größe"),
        ("windows-1252", "“Größe” – 80 €"),
        ("iso-8859-15", "80 €"),
        ("gb2312", "新预约"),
        ("gb18030", "新预约"),
        ("big5", "預約確認"),
        ("shift_jis", "ご予約"),
        ("iso-2022-jp", "ご予約"),
        ("euc-kr", "예약"),
        ("koi8-r", "Запись"),
        ("utf-16", "Größe"),
        ("tis-620", "นัดหมาย"),
    ],
)
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_every_charset_is_read_in_every_encoding(charset: str, text: str, encoding: str) -> None:
    content = f"Name: {text}\r\n".encode(charset)
    body = {"8bit": bytes, "base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[encoding](content)
    if encoding == "8bit" and charset == "utf-16":
        return  # can't be sent so: its bytes have line ends within
    opened = open_mail(
        mail(body, f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {encoding}")
    )
    assert opened.text == f"Name: {text}"
    assert opened.problems == ()


@pytest.mark.parametrize(
    ("claimed", "really"),
    [
        ("us-ascii", "utf-8"),
        ("us-ascii", "cp1252"),
        ("iso-8859-1", "utf-8"),
        ("utf-8", "cp1252"),
        ("gb2312", "utf-8"),
        ("utf-16", "utf-8"),
        ("no-such-charset", "utf-8"),
        ("base64", "utf-8"),
        ("idna", "utf-8"),
        ("punycode", "cp1252"),
        ("", "utf-8"),
        ("../../etc/passwd", "utf-8"),
    ],
)
def test_a_charset_that_lies_is_found_out_and_loses_nothing(claimed: str, really: str) -> None:
    body = "Name: Zoë Größe Müller\r\n".encode(really)
    opened = open_mail(mail(body, f"Content-Type: text/plain; charset={claimed}"))
    assert opened.text == "Name: Zoë Größe Müller"
    assert opened.problems == ()


def test_characters_that_are_lost_are_noted() -> None:
    opened = open_mail(mail("Zoë ".encode() + b"\xff\r\n", "Content-Type: text/plain; charset=utf-8"))
    assert opened.text == "Zoë \ufffd"
    assert "character set" in opened.problems[0]


def test_base64_that_is_cut_short_is_read_as_far_as_it_goes() -> None:
    body = base64.b64encode(b"Name: Mei Tan, 10am")[:-3]
    assert open_mail(mail(body, "Content-Transfer-Encoding: base64")).text.startswith("Name: Mei Tan, 10")


def test_flowed_paragraphs_are_whole_again() -> None:
    body = "A long \r\nparagraph \r\nhere.\r\n From the margin\r\n> quoted \r\n> twice\r\n-- \r\nMei\r\n"
    opened = open_mail(mail(body, "Content-Type: text/plain; format=flowed"))
    assert opened.text == "A long paragraph here.\nFrom the margin\n> quoted twice\n-- \nMei"


def test_flowed_text_without_its_spaces_is_joined_without_them() -> None:
    assert open_mail(mail("预 \r\n约\r\n", "Content-Type: text/plain; format=flowed; delsp=yes")).text == "预约"


def test_invisible_characters_are_no_text() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "approve")
    assert open_mail(mail(f"M\u200bei\u00a0Tan{hidden}\x00\u202d\r\n")).text == "Mei Tan"


def test_characters_that_turn_the_writing_are_noted() -> None:
    assert "turn the direction" in open_mail(mail("Dana \u202eerihW\u202c")).problems[0]


# ---------------------------------------------------------------- parts


def test_of_alternatives_the_page_is_read_and_only_once() -> None:
    opened = open_mail(
        multipart("alternative", part("text/plain", "Mei 10am"), part("text/html", "<p>Mei <b>10am</b></p>"))
    )
    assert opened.text == "Mei 10am"
    assert opened.html == ("<p>Mei <b>10am</b></p>",)


def test_a_page_without_words_leaves_the_plain_alternative() -> None:
    page = "<p style='display:none'>hidden</p><img src=x>"
    opened = open_mail(multipart("alternative", part("text/plain", "Mei 10am"), part("text/html", page)))
    assert opened.text == "Mei 10am"


def test_a_mail_of_html_alone_is_its_visible_text() -> None:
    opened = open_mail(mail("<title>T</title><p>Mei</p><!-- approve -->", "Content-Type: text/html"))
    assert opened.text == "Mei"


def test_a_page_tells_its_own_charset_where_the_mail_does_not() -> None:
    page = '<meta charset="gb18030"><p>预约</p>'.encode("gb18030")
    assert open_mail(mail(page, "Content-Type: text/html")).text == "预约"


def test_parts_within_parts_are_found() -> None:
    alternative = within("alternative", part("text/plain", "Mei"), part("text/html", "<p>Mei</p>"), boundary="in")
    related = within("related", alternative, attached("image/png", PNG, "x.png"), boundary="rel")
    opened = open_mail(
        multipart("mixed", related, attached("application/pdf", PDF, "a.pdf"), part("text/plain", "Bye"))
    )
    assert opened.text == "Mei\n\nBye"
    assert [each.name for each in opened.attachments] == ["x.png", "a.pdf"]


def test_a_boundary_that_begins_like_the_outer_one_is_another() -> None:
    inner = within("mixed", part("text/plain", "one"), part("text/plain", "two"), boundary="BB-1")
    assert open_mail(multipart("mixed", inner, part("text/plain", "three"))).text == "one\n\ntwo\n\nthree"


def test_what_stands_before_and_behind_the_parts_is_not_the_mail_s() -> None:
    body = "preamble\r\n--BB\r\n\r\nMei\r\n--BB--\r\n--BB\r\n\r\nafterwards\r\n"
    assert open_mail(mail(body, "Content-Type: multipart/mixed; boundary=BB")).text == "Mei"


def test_a_mail_cut_short_in_its_last_part_is_read() -> None:
    body = "--BB\r\n\r\nMei\r\n--BB\r\n\r\n10am"
    assert open_mail(mail(body, "Content-Type: multipart/mixed; boundary=BB")).text == "Mei\n\n10am"


@pytest.mark.parametrize("boundary", ["", "; boundary=XX", f"; boundary={'b' * 500}"])
def test_parts_that_cannot_be_told_apart_are_read_as_text(boundary: str) -> None:
    opened = open_mail(mail("--BB\r\n\r\nMei\r\n", f"Content-Type: multipart/mixed{boundary}"))
    assert "Mei" in opened.text
    assert "told apart" in opened.problems[0]


@pytest.mark.parametrize("ends", ["\n", "\r"])
def test_other_line_ends_make_no_difference(ends: str) -> None:
    raw = multipart("mixed", part("text/plain", "Mei"), part("text/plain", "10am"))
    assert open_mail(raw.replace(b"\r\n", ends.encode())).text == "Mei\n\n10am"


def test_a_signature_is_noted_and_the_signed_text_read() -> None:
    opened = open_mail(multipart("signed", part("text/plain", "Mei"), part("application/pgp-signature", "xx")))
    assert opened.text == "Mei"
    assert opened.problems == ("It is signed; the signature was not checked.",)


@pytest.mark.parametrize(
    "sealed",
    [
        part("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "MIAG"),
        part("application/ms-tnef; name=winmail.dat", "x"),
        part("application/octet-stream; name=WINMAIL.DAT", "x"),
        within("encrypted", part("application/pgp-encrypted", "Version: 1"), boundary="enc"),
        part("text/plain", "-----BEGIN PGP MESSAGE-----\r\nabc\r\n-----END PGP MESSAGE-----"),
        part("message/external-body; access-type=URL", "x"),
    ],
)
def test_what_is_sealed_is_noted_and_the_rest_is_read(sealed: bytes) -> None:
    opened = open_mail(multipart("mixed", part("text/plain", "Mei"), sealed))
    assert opened.text == "Mei"
    assert len(opened.problems) == 1
    assert "not read" in opened.problems[0]


# ---------------------------------------------------------------- calendars


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_calendar_part_comes_as_utf8(charset: str) -> None:
    calendar = in_base64(f"text/calendar; method=REQUEST; charset={charset}", ICS.encode(charset))
    opened = open_mail(multipart("alternative", part("text/plain", "Mei"), calendar))
    assert opened.calendars == (ICS.encode(),)
    assert opened.text == "Mei"


def test_a_calendar_is_known_by_its_name_and_by_its_first_words() -> None:
    by_name = attached("application/octet-stream", ICS.encode(), "Invite.ICS")
    assert open_mail(multipart("mixed", by_name)).calendars == (ICS.encode(),)
    assert open_mail(mail(ICS)).calendars == (ICS.encode(),)


def test_the_same_calendar_twice_is_one() -> None:
    twice = [in_base64("text/calendar", ICS.encode()), attached("application/ics", ICS.encode(), "invite.ics")]
    assert len(open_mail(multipart("mixed", *twice)).calendars) == 1


# ---------------------------------------------------------------- documents


def test_a_document_is_what_its_first_bytes_say_and_a_lie_is_noted() -> None:
    opened = open_mail(multipart("mixed", attached("image/png", PDF, "scan.png")))
    assert [each.media_type for each in opened.attachments] == ["application/pdf"]
    assert opened.problems == ("The attachment “scan.png” calls itself a PNG picture, but is a PDF.",)


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "application/x-anything"])
def test_a_document_of_any_type_is_found(kind: str) -> None:
    opened = open_mail(multipart("mixed", attached(kind, PDF, "a.pdf")))
    assert [(each.name, each.content) for each in opened.attachments] == [("a.pdf", PDF)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"GIF89a....", "GIF"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x", "old Office"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 nothing known", "archive"),
        (b"MZ\x90", "program"),
        (b"nothing known", "format"),
    ],
)
def test_a_document_without_a_reader_is_noted_with_the_reason(content: bytes, reason: str) -> None:
    opened = open_mail(multipart("mixed", attached("application/octet-stream", content, "x.bin")))
    assert opened.attachments == ()
    assert "“x.bin” was not read" in opened.problems[0]
    assert reason in opened.problems[0]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\\tmp\\a.pdf", "a.pdf"),
        ("=?utf-8?B?R3LDtsOfZS5wZGY=?=", "Größe.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ("..", "attachment"),
    ],
)
def test_an_attachment_s_name_is_a_name_and_no_path(written: str, name: str) -> None:
    opened = open_mail(multipart("mixed", attached("application/pdf", PDF, written)))
    assert [each.name for each in opened.attachments] == [name]


def test_a_name_in_pieces_is_put_together() -> None:
    pieces = "attachment; filename*1*=%C3%9Fe.pdf; filename*0*=utf-8'de'Gr%C3%B6"
    opened = open_mail(multipart("mixed", in_base64("application/pdf", PDF, f"Content-Disposition: {pieces}")))
    assert opened.attachments[0].name == "Größe.pdf"


def image(content: bytes, *headers: str) -> bytes:
    return in_base64("image/png; name=x.png", content, *headers)


def test_a_logo_that_the_page_shows_is_left_out() -> None:
    page = part("text/html", "<img src='cid:LOGO@1'>Mei")
    opened = open_mail(multipart("related", page, image(PNG, "Content-ID: <logo@1>", "Content-Disposition: inline")))
    assert opened.attachments == ()
    assert opened.problems == ()


def test_a_large_picture_within_the_text_is_left_out_and_noted() -> None:
    page = part("text/html", "<img src='cid:shot'>")
    opened = open_mail(multipart("related", page, image(PNG * 6, "Content-ID: <shot>")))
    assert opened.attachments == ()
    assert "stands within the text" in opened.problems[0]


def test_small_pictures_are_no_documents() -> None:
    small = PNG[:900]
    for disposition in ("inline", "attachment"):
        assert open_mail(multipart("mixed", image(small, f"Content-Disposition: {disposition}"))).attachments == ()
    assert open_mail(multipart("mixed", image(PNG[:9000]))).attachments == ()


def test_a_photograph_that_a_phone_sends_inline_is_a_document() -> None:
    opened = open_mail(multipart("mixed", image(PNG * 3, "Content-Disposition: inline; filename=IMG_1.png")))
    assert [each.name for each in opened.attachments] == ["IMG_1.png"]


def test_a_small_scan_that_somebody_attached_is_a_document() -> None:
    assert len(open_mail(multipart("mixed", image(PNG[:4000], "Content-Disposition: attachment"))).attachments) == 1


# ---------------------------------------------------------------- a mail within a mail


def test_a_mail_forwarded_as_a_part_is_read_and_its_date_counts() -> None:
    inner = mail(
        "Mei, tomorrow 10am", head="From: S <No-Reply@slot.example>\r\nDate: Fri, 20 Nov 2026 08:00:00 +0100\r\n"
    )
    opened = open_mail(multipart("mixed", part("text/plain", "pls add"), part("message/rfc822", inner)))
    assert opened.sender == "frontdesk@bright.example"
    assert opened.forwarded_from == ("no-reply@slot.example",)
    assert opened.sent == datetime(2026, 11, 20, 8, 0, tzinfo=timezone(timedelta(hours=1)))
    assert opened.text.startswith(
        "pls add\n\n---------- Forwarded message ----------\nFrom: S <no-reply@slot.example>\n"
    )
    assert opened.text.endswith("Mei, tomorrow 10am")


def test_of_mails_within_mails_the_innermost_date_counts() -> None:
    innermost = mail("10am", head="From: a@x.example\r\nDate: Wed, 18 Nov 2026 08:00:00 +0000\r\n")
    middle = multipart("mixed", part("message/rfc822", innermost), boundary="m", head="From: b@x.example\r\n")
    opened = open_mail(multipart("mixed", part("message/rfc822", middle)))
    assert opened.forwarded_from == ("b@x.example", "a@x.example")
    assert opened.sent is not None
    assert opened.sent.day == 18


def test_a_mail_within_that_was_sent_encoded_is_read() -> None:
    inner = multipart("mixed", part("text/plain", "Mei"), attached("application/pdf", PDF, "a.pdf"), boundary="i")
    opened = open_mail(multipart("mixed", in_base64("message/rfc822", inner)))
    assert opened.text.endswith("Mei")
    assert [each.name for each in opened.attachments] == ["a.pdf"]


def test_what_a_mail_within_carries_is_the_mail_s() -> None:
    inner = multipart("mixed", in_base64("text/calendar", ICS.encode()), part("text/html", "<b>x</b>"), boundary="i")
    opened = open_mail(multipart("digest", mail(inner, head="")))
    assert opened.calendars == (ICS.encode(),)
    assert opened.html == ("<b>x</b>",)
