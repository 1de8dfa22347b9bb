"""Days, dates and times as customers read them. English where a language has no entry here.

The names are ours and not `strftime`'s, which depend on the machine. English has am and pm, the others the 24-hour
clock. Short days are spelled within the SMS alphabet, since one other letter makes a text cost double.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ENGLISH = "en"

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki
kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no
nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te
tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu yue fil ceb
"""
_NAMES = {
    "english": "en", "chinese": "zh", "mandarin": "zh", "中文": "zh", "华语": "zh", "华文": "zh", "malay": "ms",
    "bahasa melayu": "ms", "melayu": "ms", "indonesian": "id", "tamil": "ta", "hindi": "hi", "spanish": "es",
    "español": "es", "french": "fr", "français": "fr", "german": "de", "deutsch": "de", "italian": "it",
    "italiano": "it", "portuguese": "pt", "português": "pt", "dutch": "nl", "nederlands": "nl", "polish": "pl",
    "polski": "pl", "thai": "th", "vietnamese": "vi", "japanese": "ja", "日本語": "ja", "korean": "ko", "한국어": "ko",
    "tagalog": "tl", "filipino": "fil", "cantonese": "yue", "arabic": "ar", "russian": "ru", "turkish": "tr",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VisitWords:
    """When a visit is, in words: `Thursday`, `Thu`, `26 Nov`, `9:00am`."""

    day: str
    short_day: str
    date: str
    time: str


_DAYS = {
    "en": ("Monday Tuesday Wednesday Thursday Friday Saturday Sunday", "Mon Tue Wed Thu Fri Sat Sun"),
    "zh": ("星期一 星期二 星期三 星期四 星期五 星期六 星期日", "周一 周二 周三 周四 周五 周六 周日"),
    "ms": ("Isnin Selasa Rabu Khamis Jumaat Sabtu Ahad", "Isn Sel Rab Kha Jum Sab Ahd"),
    "es": ("lunes martes miércoles jueves viernes sábado domingo", "lun mar mie jue vie sab dom"),
    "fr": ("lundi mardi mercredi jeudi vendredi samedi dimanche", "lun mar mer jeu ven sam dim"),
    "de": ("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag", "Mo Di Mi Do Fr Sa So"),
    "it": ("lunedì martedì mercoledì giovedì venerdì sabato domenica", "lun mar mer gio ven sab dom"),
    "pt": ("segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
           "seg ter qua qui sex sab dom"),
    "nl": ("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag", "ma di wo do vr za zo"),
}  # fmt: skip
_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "zh": "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
    "ms": "Jan Feb Mac Apr Mei Jun Jul Ogos Sep Okt Nov Dis",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "de": "Jan. Feb. März April Mai Juni Juli Aug. Sep. Okt. Nov. Dez.",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}


def language_code(text: str) -> str:
    """A language's code from how people name it: `zh`, `ZH_CN` -> `zh-cn`, `Chinese` -> `zh`; "" for what isn't one."""
    said = text.strip().casefold().replace("_", "-")
    if said in _NAMES:
        return _NAMES[said]
    base, _, region = said.partition("-")
    if base not in _CODES.split() or (region and not (region.isalnum() and 2 <= len(region) <= 8)):
        return ""
    return said


def visit_words(local: datetime, language: str) -> VisitWords:
    """The words for a shop-local start, in that language or else in English."""
    base = language_code(language).partition("-")[0]
    key = base if base in _DAYS else ENGLISH
    days, short_days = (names.split() for names in _DAYS[key])
    month = _MONTHS[key].split()[local.month - 1]
    date = {"zh": f"{month}{local.day}日", "de": f"{local.day}. {month}"}.get(key, f"{local.day} {month}")
    return VisitWords(days[local.weekday()], short_days[local.weekday()], date, _clock(local, key))


def _clock(local: datetime, key: str) -> str:
    if key != ENGLISH:
        return f"{local.hour:02d}:{local.minute:02d}"
    return f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"
