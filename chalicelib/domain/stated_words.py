"""Words of dates and of what stands beside them in booking mails, in the languages that shops see most.

Lower case and without accents, as `stated.folded` makes them. Only to tell whether two sources agree: what is read
from a sheet's cell is `date_text.py`'s, and stricter.
"""

from __future__ import annotations

_MONTHS = (
    "january jan januar janner janvier janv enero ene gennaio gen janeiro januari",
    "february feb februar fevrier fevr fev febrero febbraio fevereiro februari",
    "march mar marz maerz mrz mars marzo marco maart mrt mac maret",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho julai",
    "august aug aout agosto ago augustus agustus ogos",
    "september sept sep septembre septiembre setiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dic dicembre dezembro desember disember",
)
_WEEKDAYS = (
    "monday mon montag lundi lunes lunedi segunda-feira maandag senin isnin",
    "tuesday tue tues dienstag mardi martes martedi terca-feira dinsdag selasa",
    "wednesday wed mittwoch mercredi miercoles mercoledi quarta-feira woensdag rabu",
    "thursday thu thur thurs donnerstag jeudi jueves giovedi quinta-feira donderdag kamis khamis",
    "friday fri freitag vendredi viernes venerdi sexta-feira vrijdag jumat jumaat",
    "saturday samstag sonnabend samedi sabado sabato zaterdag sabtu",
    "sunday sonntag dimanche domingo domenica zondag minggu ahad",
)

MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
WEEKDAYS = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split()}
"""Full names, and English short ones. `sat` and `sun` are left out: they are words as well."""

WHEN_LABELS = (
    "when|date and time|date|time|start|starts|day|wann|datum|uhrzeit|zeit|termin|beginn|quand|heure|cuando|fecha|hora"
    "|quando|data|ora|tijd|時間|时间|日期|日時|日付|予約日|일시|날짜|시간"
)
BOOKING_WORDS = (
    "appointment|booking|booked|reservation|reserved|visit|session|consultation|see you|scheduled|rescheduled|moved to"
    "|termin|buchung|gebucht|reservierung|rendez-vous|rdv|reservation|cita|reserva|appuntamento|prenotazione|consulta"
    "|afspraak|boeking|temujanji|janji temu|預約|预约|予約|예약"
)
NOT_THE_VISIT = (
    "by|before|until|till|sent|received|created|booked on|made on|invoice|issued|paid|due|born|birth|dob|expires?|valid"
    "|since|previous|previously|former|formerly|original|originally|was|old|instead of|moved from|rescheduled from"
    "|changed from|closed|holidays?|deadline|open|opens|opening hours|hours|arrive|arrival|early|call|bis|vor|gesendet"
    "|erstellt|rechnung|statt|ursprunglich|bisher|geoffnet|avant|jusqu'?au|envoye|au lieu du?|facture|ne le|antes"
    "|hasta|enviado|factura|fino|entro|inviato|fattura|voor|tot|verzonden|factuur|copyright"
)
"""What stands before a date or time that is some other one than the visit's."""
FROM_LABELS = "from|von|de|da|van|expediteur|remitente|发件人|寄件者|寄件人|差出人"
HEADER_LABELS = (
    FROM_LABELS + "|to|cc|bcc|sent|date|subject|reply-to|an|gesendet|datum|betreff|a|envoye|objet|enviado|el|para|fecha"
    "|asunto|inviato|data|oggetto|aan|verzonden|onderwerp|收件人|发送时间|日期|主题|主旨|收件者|宛先|送信日時|件名"
)
WROTE = "wrote|schrieb|a ecrit|escribio|ha scritto|escreveu|schreef|写道|寫道"
NAME_LABELS = (
    "(?:customer|client|patient|guest|invitee|attendee|booker)(?:'s)?(?: name)?|full name|your name|booked (?:by|for)"
    "|kunde|kundin|kundenname|patientin|nom du client|nombre|nombre del cliente|paciente|nome del cliente|naam"
    "|姓名|顧客名?|顾客|客戶姓名|客户姓名|お名前|고객명"
)
EVENING = ("pm", "下午", "晚上", "午後", "오후")
MORNING = ("am", "上午", "早上", "午前", "오전")
