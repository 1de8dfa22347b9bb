"""The words by which the rule-based reader knows a booking mail, in a few languages. All lower case."""

from __future__ import annotations

import re

LABELS = {
    "customer": "customer|customer name|client|client name|patient|patient name|guest|guest name|name|full name"
    "|invitee|attendee"
    "|booked by|booked for|who|kunde|kundin|name des kunden|patientin|gast|nom|nom du client|prénom et nom|nombre"
    "|cliente"
    "|paciente|nome|nome do cliente|nome e cognome|naam|klant|nama|nama pelanggan|姓名|顾客|客户|顧客|お名前|氏名"
    "|お客様名",
    "phone": "phone|phone number|mobile|mobile number|mobile phone|cell|cell phone|tel|telephone|contact"
    "|contact number"
    "|handy|telefon|telefonnummer|mobil|téléphone|portable|teléfono|móvil|telefono|cellulare|telefone|telemóvel"
    "|celular"
    "|telefoon|telefoonnummer|telepon|nombor telefon|no. telefon|电话|手机|電話|電話番号|携帯",
    "email": "e-mel|電子郵件|email|e-mail|email address|e-mail address|mail|e-mail-adresse|courriel|adresse e-mail"
    "|correo"
    "|correo electrónico|emel|邮箱|电子邮件|電郵|メール|メールアドレス",
    "service": "service|services|treatment|appointment|appointment type|booking|event|event type|what|session|type"
    "|reason|leistung|behandlung|terminart|dienstleistung|termin|prestation|soin|motif|servicio|tratamiento|servizio"
    "|trattamento|prestazione|serviço|tratamento|dienst|behandeling|perkhidmatan|rawatan|layanan|servis|服务|项目"
    "|服務"
    "|項目|メニュー|サービス|ご予約内容|コース",
    "staff": "bij|staff|with|provider|therapist|stylist|dentist|doctor|technician|specialist|practitioner|mitarbeiter"
    "|mitarbeiterin|bei|behandler|behandlerin|friseurin|friseur|avec|praticien|praticienne|con|profesional|operatore"
    "|operatrice|com|profissional|met|medewerker|behandelaar|dengan|kakitangan|staf|技师|医生|员工|設計師|担当"
    "|担当者|スタッフ",
    "date": "date|day|appointment date|new date|date of appointment|datum|tag|neues datum|jour|nouvelle date|fecha"
    "|día"
    "|nueva fecha|data|giorno|nuova data|nova data|nieuwe datum|dag|tarikh|tanggal|日期|预约日期|日付|予約日|来店日",
    "time": "time|start|start time|starts|new time|appointment time|uhrzeit|zeit|beginn|neue uhrzeit|heure"
    "|nouvelle heure|hora|nueva hora|ora|orario|nuovo orario|horário|nova hora|tijd|nieuwe tijd|masa|waktu|jam|pukul"
    "|时间|時間|時刻|开始时间",
    "when": "horaire|nouvel horaire|nuevo horario|novo horário|when|date and time|date & time|date/time"
    "|new date and time|new time slot|appointment time and date|wann"
    "|termin am|datum und uhrzeit|neuer termin|quand|date et heure|nouveau rendez-vous|cuándo|cuando|fecha y hora"
    "|nueva cita|quando|data e ora|data e hora|wanneer|datum en tijd|bila|tarikh dan masa|waktu dan tanggal|预约时间"
    "|預約時間|日時|予約日時|ご予約日時|ご来店日時",
    "old": "ancien horaire|horario anterior|old|was|previously|previous|previous date|previous time|former"
    "|former date|formerly|original"
    "|original date"
    "|original time|originally|old date|old time|old appointment|from|alt|bisher|bisheriger termin|alter termin"
    "|ursprünglich|ancien|ancienne date|ancien rendez-vous|anterior|fecha anterior|cita anterior|precedente"
    "|data precedente|data anterior|oud|oude datum|vorige|原时间|原預約|原定|変更前",
    "link": "link|manage|manage booking|manage your booking|reschedule|change or cancel|url|website|booking link",
}
LABEL_OF = {word: name for name, words in LABELS.items() for word in words.split("|")}

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul"
    "|aug"
    "|sept|sep|oct|nov|dec|januar|februar|märz|mai|juni|juli|oktober|dezember|okt|dez|janvier|février|mars|avril|juin"
    "|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre"
    "|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro"
    "|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|januari|februari|maart|mei|augustus|mac"
    "|ogos|disember|desember|agustus|maret"
)
_WEEKDAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues|tue|wed|thurs|thur|thu|fri|sat|sun|montag"
    "|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|mo|di|mi|do|fr|sa|so|lundi|mardi|mercredi|jeudi|vendredi"
    "|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì"
    "|sabato|domenica|segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|maandag|dinsdag|woensdag"
    "|donderdag|vrijdag|zaterdag|zondag|isnin|selasa|rabu|khamis|jumaat|sabtu|ahad|senin|kamis|jumat|minggu"
)
_LONG_WEEKDAYS = "|".join(word for word in _WEEKDAYS.split("|") if len(word) > 4)
_NAMED = rf"(?<!\w)(?:(?:{_WEEKDAYS})\b\.?,?\s(?:the\s|den\s|dem\s|le\s|el\s)?)?"
DATE = re.compile(
    r"(?<!\d)20\d\d[-/]\d{1,2}[-/]\d{1,2}(?!\d)"
    r"|(?:20\d\d\s?年\s?)?\d{1,2}\s?月\s?\d{1,2}\s?[日号號](?:\s?[(（].[)）])?"
    rf"|{_NAMED}\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s(?:of\s|de\s)?(?:{_MONTHS})\b\.?(?:,?\s(?:de\s|del\s)?20\d\d)?"
    rf"|{_NAMED}(?:{_MONTHS})\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s20\d\d)?"
    rf"|{_NAMED}(?<![\d.])\d{{1,2}}([./-])\d{{1,2}}\1(?:20\d\d|\d\d)(?!\d)"
    rf"|{_NAMED}(?<![\d./])\d{{1,2}}(?:\.\d{{1,2}}\.|/\d{{1,2}})(?!\d)"
    r"|\bday after tomorrow\b|\btomorrow\b|\btoday\b|\bübermorgen\b|\bheute\b|\bdemain\b|\bpasado mañana\b|\bdomani\b"
    r"|\bamanhã\b|\bovermorgen\b|\bbesok\b|\besok\b|明天|后天|後天|明日|明後日|[下本这]?周[一二三四五六日]"
    rf"|\b(?:next\s|this\s|nächsten\s|kommenden\s|próximo\s)?(?:{_LONG_WEEKDAYS})(?:\sprochain)?\b",
    re.I,
)
_HALF = r"(?:\s?[ap]\.?\s?m\b\.?)"
_END = rf"(?:\s?(?:-|–|—|to|bis|à|until)\s?\d{{1,2}}(?:[:.h]\d\d)?{_HALF}?)?"
TIME = re.compile(
    rf"(?<![\d:.,/])\d{{1,2}}[:h.]\d\d(?!\d|\.\d)(?::\d\d)?{_HALF}?{_END}(?:\sUhr\b|\suur\b|\s?(?:pagi|petang|ptg"
    rf"|pg)\b)?"
    r"(?:\s?[(\[]?(?:[ECMP][SD]T|[ECMP]T|GMT|UTC|BST|CES?T|MES?Z|SGT|JST|HKT"
    r"|AE[SD]T)\b(?:\s?[+-]\s?\d{1,2}(?::\d\d)?)?[)\]]?)?"
    rf"|(?<![\d:.,/])\d{{1,2}}{_END}(?:{_HALF}|\s(?:Uhr|uur|o'clock)\b)|(?<![\d:.,/])\d{{1,2}}\s?h\b"
    r"|(?:上午|下午|晚上|早上|午前|午後)?\s?\d{1,2}\s?[時时點点](?:\s?\d{1,2}\s?分|半)?|(?:上午|下午|午前"
    r"|午後)\s?\d{1,2}:\d\d"
    r"|\bnoon\b|\bhalf past \w+\b|\bhalb \w+\b|\bmittags\b|\bmidi\b",
    re.I,
)
PHONE = re.compile(r"(?<![\w/=+-])\+?\(?\d[\d ().-]{6,18}\d(?![\w/-])")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
LINK = re.compile(r"https?://[^\s<>\"]+[\w/=-]")

BOOKING = re.compile(
    r"appointment|booking|booked|reservation|scheduled|confirmed|see you|termin|buchung|gebucht|rendez-vous|rdv"
    r"|réservation|cita\b|reserva|appuntamento|prenotazione|consulta|marcaç|afspraak|temu ?janji|janji temu|tempahan"
    r"|预约|預約|予約",
    re.I,
)
CANCELLED = re.compile(
    r"\bcancel(?:l?ed|lation)\b|\bhas been called off\b|storniert|abgesagt|stornierung|\bannul(?:é|ation|ata|ato"
    r"|lato|lata|lamento)"
    r"|cancelad[ao]|anulad[ao]|cancellat[ao]|disdett|geannuleerd|dibatalkan|已取消|取消(?:通知|了)|キャンセル",
    re.I,
)
MAY_CANCEL = re.compile(
    r"(?:to|can|may|reschedule or|change or|wish to|need to|manage or)\s+cancel|cancellation (?:policy|fee)"
    r"|cancel(?:led)? (?:within|at least)"
    r"|キャンセル(?:料|ポリシー|する場合|は\S*まで|の際)",
    re.I,
)
CHANGED = re.compile(
    r"\brescheduled?\b(?! or cancel)|\b(?:has|have|been|was|is)\s(?:been\s)?(?:moved|changed)\b|\bnew (?:date|time"
    r"|appointment time)\b|verschoben"
    r"|verlegt|geändert|umgebucht|déplacé|reporté|modifié|reprogramad|cambiad|spostat|modificat|remarcad|alterad"
    r"|verplaatst"
    r"|gewijzigd|dijadualkan semula|改期|改至|更改|変更(?:され|いたし|完了|のお知らせ)",
    re.I,
)
MAY_CHANGE = re.compile(r"\b(?:to|can|or|please)\s+(?:reschedule|change)\b|\breschedule(?: or cancel|:|\s?\|)", re.I)
REMINDS = re.compile(
    r"\breminder\b|\bremind(?:ing)? you\b|don't forget|erinnerung|erinnern|\brappel\b|rappelons|recordatorio"
    r"|recordamos"
    r"|promemoria|ricordiamo|lembrete|lembramos|herinnering|peringatan|pengingat|提醒|リマインド|リマインダー",
    re.I,
)
ASKS = re.compile(
    r"\b(?:could|can|may|might) (?:we|i|you|it)\b.{0,60}(?:\?|move|change|resched|come|book)|\bi(?:'d"
    r"| would) like to\b|\bis it possible\b"
    r"|\bwould it be possible\b|\brequest(?:ed|s|ing)? (?:an?|the|to)\b|könnte(?:n)? (?:ich|wir)|kann ich"
    r"|ich möchte|würde gern"
    r"|est-ce que je peux|pourrais-je|je voudrais|podría|quisiera|me gustaría|potrei|vorrei|gostaria|posso|zou ik"
    r"|kan ik"
    r"|boleh saya|可以.{0,10}吗|できますか|お願いできま",
    re.I,
)
AGREED = re.compile(
    r"\bconfirmed\b|\bis booked\b|\bbestätigt\b|\bconfirmée?\b|\bconfirmad[ao]\b|\bconfermat[ao]\b|\bbevestigd\b"
    r"|disahkan|已确认|確定",
    re.I,
)
NO_BOOKING = re.compile(
    r"out of office|automatic reply|abwesenheitsnotiz|unsubscribe|newsletter|% off|\bsale\b|special offer"
    r"|abbestellen|désabonner|désinscrire|darse de baja|disiscriv"
    r"|cancelar inscrição|afmelden|\binvoice\b|\breceipt\b|amount due|rechnung|facture\b|factura|fattura|fatura"
    r"|factuur"
    r"|退订|配信停止|請求書|发票",
    re.I,
)
GREETING = re.compile(
    r"^(?:dear|hi|hello|hey|hallo|liebe[r]?|sehr geehrte[r]?(?: frau| herr)?|guten tag(?: frau| herr)?|bonjour"
    r"|cher|chère|hola"
    r"|estimad[oa]|gentile|ciao|olá|prezad[oa]|car[oa]|beste|geachte|salam|hai|yth\.?|kepada)\s+"
    r"(?P<name>[^\W\d_][\w'.-]*(?:\s[^\W\d_][\w'.-]*){0,3})\s*[,!:.]?\s*$",
    re.I | re.M,
)
GREETED_BEHIND = re.compile(
    r"^(?P<name>[^\s,、。:：]{1,12}(?:[ 　][^\s,、。]{1,8})?)\s?(?:様|さま|先生|小姐|女士)", re.M
)
NOBODY = re.compile(r"^(?:there|all|team|customer|sir|madam|everyone|friends?|zusammen|damen|you|again|guest)\b", re.I)
PERSON = r"[^\W\d_a-z][\w'.-]*(?:\s(?:[A-Z][\w'.-]*|[A-Z]\.))*"
WITH = re.compile(
    rf"\b(?:your|ihr|ihren?|votre|su|tu|il tuo|la tua|a sua|o seu|uw|je)\s(?P<service>[^\n.,:;!?]{{3,60}}?)\s"
    rf"(?:with|bei|avec|con|com|met|dengan)\s(?P<staff>(?-i:{PERSON}))",
    re.I,
)
FOR = re.compile(
    rf"\b(?:appointment|booking|reservation|session|termin|rendez-vous|cita|appuntamento|afspraak|consulta"
    rf"|temujanji)\s"
    rf"(?:for|für|pour|para|per|voor|untuk)\s(?:(?:an?|your|the|eine?n?|une?|una?"
    rf"|uma?)\s)?(?P<service>[^\n.,:;!?]{{3,60}}?)"
    rf"(?=\s(?:with|bei|avec|con|com|met|dengan|on|am|le|el|il|em|op|pada|at|um|is|has|was|ist|wurde|est|ha)\b"
    rf"|[.,!\n])"
    rf"(?:\s(?:with|bei|avec|con|com|met|dengan)\s(?P<staff>(?-i:{PERSON})))?",
    re.I,
)
PLAIN = re.compile(
    r"\b(?:your|ihr|votre|su|tu|uw)\s(?P<service>[^\n.,:;!?]{3,50}?)\s(?:on|am|le|el|op|is|has been|was|ist|wurde"
    r"|est)\s",
    re.I,
)
GENERIC = re.compile(
    r"^(?:next |new |upcoming |nächste[rn]? )?(?:appointment|booking|reservation|visit|termin|rendez-vous|cita"
    r"|reserva|afspraak|calendar|account|order|invoice)s?$",
    re.I,
)
HONORIFIC = re.compile(r"[ 　]?(?:様|さま|先生|小姐|女士)$")
ATTRIBUTION = re.compile(
    r"^.{0,120}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|menulis)\b.{0,60}[:：]\s*$"
    r"|^\[[^\]\n]{6,30}\]\s",
    re.I | re.M,
)
"""Who wrote when: above a quoted mail, and before each line of a chat's export."""
