"""The seen mails that are made: old charsets and documents."""

from __future__ import annotations

from pathlib import Path

from tests.corpus.documents import docx, pdf, xlsx
from tests.corpus.mime import attachment, mail, multipart, text, word

OFFICE = "application/vnd.openxmlformats-officedocument"
SCAN = (Path(__file__).parent / "scan.png").read_bytes()
"""A letter of twelve lines as a picture, drawn once (black on white, DejaVu Sans)."""

UTF_16 = """\
New booking

Name: Zoë Marlow
Phone: 8770 0134
Service: Check-up
Staff: Dr Lim
Date: 9 December 2026
Time: 2:00 PM
"""

FRENCH = """\
Nouvelle réservation

Client : Benoît Lefèvre
Téléphone : +65 9044 1287
E-mail : benoit.lefevre@example.com
Prestation : Contrôle à 80 €
Avec : Dr Wong
Date : jeudi 10 décembre 2026
Heure : 9h00
"""

CHINESE = """\
新预约

姓名：欧阳娜
电话：+86 138 0013 8000
项目：洗牙
医生：林医生
时间：2026年12月5日 15:30
"""

TAIWAN = """\
預約確認

姓名：陳怡君
電話：+886 912 345 678
電子郵件：yijun.chen@example.com
項目：牙齒檢查
日期：2026/12/11
時間：上午10:30
"""

JAPANESE = """\
ご予約内容

お名前：小林 直樹 様
電話番号：+81 90-1234-5678
メニュー：定期検診
日時：2026年12月12日（土）午前11時
"""

PAGES = [
    [
        "Bookwell confirmation",
        "",
        "Client: Magnus Dahl",
        "Phone: +65 8801 4420",
        "Email: magnus.dahl@example.com",
        "Please read the terms on the next page.",
    ],
    ["Service: New-patient consult", "With: Dr Lim", "Date: 2 December 2026", "Time: 9:00 AM"],
]


def _with(words: str, name: str, media_type: str, content: bytes) -> bytes:
    return mail(
        f"Fwd: {name}",
        "Mon, 23 Nov 2026 17:30:00 +0800",
        multipart("mixed", [text(words), attachment(name, media_type, content)]),
    )


SEEN = {
    "mails/seen/21-utf-16.eml": mail(
        "New booking", "Sat, 21 Nov 2026 16:40:00 +0800", text(UTF_16, "utf-16", "base64")
    ),
    "mails/seen/22-iso-8859-15.eml": mail(
        word("Réservation à 80 €", "iso-8859-15"),
        "Sat, 21 Nov 2026 16:50:00 +0800",
        text(FRENCH, "iso-8859-15"),
    ),
    "mails/seen/23-gb18030.eml": mail(
        word("新预约", "gb18030"), "Sat, 21 Nov 2026 17:00:00 +0800", text(CHINESE, "gb18030", "base64")
    ),
    "mails/seen/24-big5.eml": mail(
        word("預約確認", "big5"), "Sat, 21 Nov 2026 17:10:00 +0800", text(TAIWAN, "big5", "quoted-printable")
    ),
    "mails/seen/25-iso-2022-jp.eml": mail(
        word("ご予約", "iso-2022-jp"), "Sat, 21 Nov 2026 17:20:00 +0900", text(JAPANESE, "iso-2022-jp")
    ),
    "mails/seen/38-pdf-two-pages.eml": _with("see pdf\n", "confirmation.pdf", "application/pdf", pdf(PAGES)),
    "mails/seen/39-docx.eml": _with(
        "",
        "booking.docx",
        f"{OFFICE}.wordprocessingml.document",
        docx(
            ["New appointment"],
            [
                ["Patient", "Priscilla Ng"],
                ["Mobile", "9112 0385"],
                ["Service", "Check-up"],
                ["Dentist", "Dr Wong"],
                ["Date", "Thursday, 3 December 2026"],
                ["Time", "2:30 PM"],
            ],
            header="Chairside booking form",
        ),
    ),
    "mails/seen/40-xlsx.eml": _with(
        "Two more for the list.\n",
        "bookings.xlsx",
        f"{OFFICE}.spreadsheetml.sheet",
        xlsx(
            [
                ["Customer", "Phone", "Service", "Staff", "Date", "Time"],
                ["Samir Patel", "+65 8220 4471", "Dental cleaning", "Aisha", "2026-12-04", "09:00"],
                ["Rui Costa", "+65 8220 4472", "Check-up", "Dr Lim", "2026-12-04", "09:45"],
            ]
        ),
    ),
    "mails/seen/41-scan.eml": _with("", "scan.png", "image/png", SCAN),
}
