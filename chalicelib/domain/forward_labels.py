"""How mail programs head a mail that is forwarded within the text, in the languages that they speak."""

from __future__ import annotations

import re

FROM, SENT, TO, SUBJECT = "from", "sent", "to", "subject"

_WORDS = {
    FROM: """
        From, Von, De, De la, Da, Van, Från, Fra, Lähettäjä, Od, От, От кого, Від, Kimden, Gönderen, Feladó, Από,
        发件人, 寄件者, 寄件人, 發件人, 差出人, 送信者, 보낸 사람, 보낸사람, Dari, Daripada, Từ, Người gửi, จาก, מאת, من
    """,
    SENT: """
        Sent, Date, Datum, Gesendet, Gesendet am, Envoyé, Envoyé le, Enviado, Enviado el, Enviada em, Enviado em, Fecha,
        Data, Data/Ora, Inviato, Inviata, Verzonden, Skickat, Sendt, Dato, Päivämäärä, Lähetetty, Wysłano, Дата,
        Отправлено, Надіслано, Tarih, Gönderildi, Gönderme Tarihi, Dátum, Elküldve, Ημερομηνία, Στάλθηκε, Trimis,
        Odesláno, Odoslané, 日期, 时间, 发送时间, 发送日期, 寄件日期, 傳送時間,
        傳送日期, 發送時間, 日付, 日時, 送信日時, 送信日, 날짜, 보낸 날짜, 보낸날짜,
        Tanggal, Tarikh, Dikirim, Terkirim, Dihantar, Ngày, Đã gửi, วันที่, ส่ง, תאריך, נשלח, التاريخ, تاريخ الإرسال
    """,
    TO: """
        To, An, À, A, Para, Aan, Till, Til, Vastaanottaja, Do, Кому, Kime, Címzett, Προς, Către, Komu, 收件人, 收件者,
        宛先, 받는 사람, 받는사람, Kepada, Đến, Tới, ถึง, אל, إلى, Cc, Kopie, Copie, Cópia, 副本, 抄送
    """,
    SUBJECT: """
        Subject, Betreff, Objet, Asunto, Assunto, Oggetto, Onderwerp, Ämne, Emne, Aihe, Temat, Тема, Konu, Tárgy, Θέμα,
        Subiect, Předmět, Predmet, 主题, 主旨, 主題, 标题, 件名, 제목, Subjek, Perihal, Perkara, Chủ đề, Tiêu đề, เรื่อง,
        หัวเรื่อง, נושא, الموضوع
    """,
}
LABELS = {word.strip().casefold(): role for role, words in _WORDS.items() for word in words.split(",")}
"""A header's label in lower case, and what it heads."""

MARKS = re.compile(
    r"\s*[-_—–]{2,}\s*(?:forwarded|weitergeleitete|message transféré|mensaje reenviado|mensagem (?:en)?caminhada"
    r"|messaggio inoltrato|doorgestuurd|vidarebefordrat|videresendt|välitetty|przekazana|пересылаем|пересланн|iletilen"
    r"|转发|轉寄|轉發|已轉寄|転送|전달된|pesan (?:yang )?diteruskan|mesej (?:yang )?dimajukan|thư (?:đã )?chuyển tiếp"
    r"|ข้อความที่ส่งต่อ|original|ursprüngliche|origine|initial|originale|oorspronkelijk|原始|元のメッセージ|원본)[^\n]{0,60}"
    r"|\s*(?:begin forwarded message|anfang der weitergeleiteten|début du message (?:réexpédié|transféré)"
    r"|inicio del mensaje reenviado|inizio messaggio inoltrato|início da mensagem (?:re)?encaminhada"
    r"|begin doorgestuurd bericht|下面是被转发的邮件|以下は転送されたメッセージです|開始轉寄郵件|轉寄郵件)[^\n]{0,20}",
    re.I,
)
"""A line that announces one."""

REPLY = re.compile(
    r"\s*(?:re|aw|antw|sv|vs|res|ref|r|odp|ynt|atb|vá|回复|回覆|答复|答覆|返信|rép|回信|bls|balas)\s*(?:\[\d+\])?[:：]",
    re.I,
)
"""A subject that answers. (`VS` is Finnish for an answer; Norwegian forwards are `VS` too, and those have a mark.)"""
FORWARD = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|i|doorst|vb|vl|pd|ilt|továbbítás|转发|轉寄|轉發|転送|전달|fs|teruskan|trs)\s*(?:\[\d+\])?[:：]",
    re.I,
)
"""A subject that forwards."""
