"""The held-out mails that are made: written before any reader, and never changed to suit one."""

from __future__ import annotations

from tests.corpus.documents import pdf
from tests.corpus.mime import attachment, mail, multipart, text, word

GERMAN = """\
Bitte eintragen. Danke!

-----Ursprüngliche Nachricht-----
Von: Terminwerk <info@terminwerk.example>
Gesendet: Freitag, 20. November 2026 09:14
An: frontdesk@bright.example
Betreff: Neue Terminbuchung: Jürgen Weiß

Sehr geehrtes Team,

es liegt eine neue Buchung vor:

Kunde: Jürgen Weiß
Telefon: +49 30 23125 417
E-Mail: juergen.weiss@example.com
Leistung: Zahnreinigung
Mitarbeiterin: Frau Schäfer
Termin: Dienstag, 8. Dezember 2026 um 14:30 Uhr

Mit freundlichen Grüßen
Ihr Terminwerk
"""

JAPANESE = """\
ご予約ありがとうございます。

お名前：高橋 美咲 様
電話番号：+81 90-1234-5678
メール：misaki.takahashi@example.com
メニュー：歯のクリーニング
日時：2026年12月10日（木）15:00
予約の確認：https://yoyaku.example/r/30418

よやくナビ
"""

LETTER = [
    "APPOINTMENT CONFIRMATION",
    "",
    "Patient:   Terence Goh",
    "Mobile:    9081 7723",
    "E-mail:    terence.goh@example.com",
    "Service:   New-patient consult",
    "Dentist:   Dr Wong",
    "Date:      Monday, 7 December 2026",
    "Time:      1:15 pm",
    "",
    "Please arrive ten minutes early.",
]

HELD_OUT = {
    "mails/held_out/04-outlook-german.eml": mail(
        word("WG: Neue Terminbuchung: Jürgen Weiß", "iso-8859-1"),
        "Fri, 20 Nov 2026 17:02:51 +0800",
        text(GERMAN, "iso-8859-1", "quoted-printable"),
    ),
    "mails/held_out/05-shift-jis.eml": mail(
        word("【予約確定】高橋 美咲 様", "shift_jis"),
        "Sat, 21 Nov 2026 10:00:00 +0900",
        text(JAPANESE, "shift_jis", "base64"),
        sender="Yoyaku Navi <noreply@yoyaku.example>",
    ),
    "mails/held_out/11-pdf.eml": mail(
        "Fwd: appointment letter",
        "Mon, 23 Nov 2026 18:25:00 +0800",
        multipart(
            "mixed", [text("See attached letter.\n"), attachment("letter.pdf", "application/pdf", pdf([LETTER]))]
        ),
    ),
}
