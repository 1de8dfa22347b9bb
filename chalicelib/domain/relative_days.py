"""Days that depend on when a mail was written: tomorrow, next Tuesday, übermorgen, 下周二.

Each is a reading that a person should look at, so the flag says from where it was counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.stated_words import WEEKDAYS

_DAYS_AWAY = {
    2: "day after tomorrow|ubermorgen|apres-demain|pasado manana|dopodomani|depois de amanha|overmorgen|lusa|后天|後天"
    "|明後日",
    0: "today|tonight|this (?:morning|afternoon|evening)|heute|aujourd'hui|ce soir|hoy|oggi|stasera|hoje|vandaag"
    "|vanavond|今天|今日|今晚|本日|hari ini",
    1: "tomorrow|tmrw|tmr|morgen|demain|manana|domani|amanha|明天|明日|besok|esok",
}
_AWAY = tuple((days, re.compile(rf"(?<![a-z])(?:{words})(?![a-z])")) for days, words in _DAYS_AWAY.items())
_MORNINGS = re.compile(r"(?:de|por|en) la manana|(?:am|jeden|heute|guten?) morgen(?! fruh)|goede ?morgen")
"""Where `mañana` and `morgen` are the morning."""
_IN_DAYS = re.compile(
    r"\b(?:in|dans|en|tra|fra|em|over) ([0-9]{1,2}) (days?|weeks?|tag(?:en)?|wochen?|jours?|semaines?|dias?"
    r"|semanas?|giorni|settimane|dagen|weken)\b"
)

_EASTERN = {character: place for place, character in enumerate("一二三四五六")} | {"日": 6, "天": 6}
_JAPANESE = {character: place for place, character in enumerate("月火水木金土日")}
_SHORT = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
    "segunda": 0, "terca": 1, "quarta": 2, "quinta": 3, "sexta": 4, "jum'at": 4,
    "lun": 0, "jeu": 3, "ven": 4, "sam": 5, "dim": 6, "mie": 2, "jue": 3, "vie": 4, "sab": 5, "dom": 6, "gio": 3,
}  # fmt: skip
_GERMAN = {"mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6}
_NAMED = WEEKDAYS | _SHORT
_WEEKDAY = re.compile(
    rf"(?<![a-z])(?P<name>{'|'.join(sorted(map(re.escape, _NAMED), key=len, reverse=True))})s?(?![a-z])"
    r"|(?:星期|礼拜|禮拜|[周週])(?P<eastern>[一二三四五六日天])"
    r"|(?P<japanese>[月火水木金土日])曜"
    r"|(?<=[日号號0-9])\s?\((?P<bracket>[一二三四五六月火水木金土日])\)"
    r"|(?<![a-z])(?P<german>mo|di|mi|do|fr|sa|so)(?:\.,?|,)?\s?(?=(?:den\s)?[0-9]{1,2}[./])"
)
_NEXT = re.compile(
    r"(?<![a-z])(?:next|nachste[nrms]?|prochaine?|proxim[oa]|prossim[oa]|volgende|depan|que viene|que vem)(?![a-z])"
)
_NEXT_WEEK = re.compile(
    r"next week|nachste(?:r|n)? woche|semaine prochaine|volgende week|minggu depan|来週|下个?(?=周|星期|礼拜)"
    r"|下個?(?=週|星期|禮拜)"
)


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """A day counted from the writing; `other` is the second reading of `next Tuesday`."""

    day: date
    other: date | None = None


def weekdays_in(text: str) -> list[int]:
    """The weekdays that a `stated.folded` text names, each once, in order; Monday is 0."""
    found: list[int] = []
    for match in _WEEKDAY.finditer(text):
        if match["name"]:
            number = _NAMED[match["name"]]
        elif match["german"]:
            number = _GERMAN[match["german"]]
        else:
            character = match["eastern"] or match["japanese"] or match["bracket"]
            table = _EASTERN if character in "一二三四五六天" else _JAPANESE
            number = table[character]
        if number not in found:
            found.append(number)
    return found


def relative_day(text: str, written: date) -> RelativeDay | None:
    """What a `stated.folded` text means, counted from the day it was written; None if it says no such thing, or two.

    A bare weekday is the next one after that day. "Next Tuesday" is taken as the Tuesday of the week after (weeks
    begin on Monday), and where that isn't the first one to come, `other` is.
    """
    away = [(days, match.start()) for days, pattern in _AWAY for match in pattern.finditer(_MORNINGS.sub(" ", text))]
    if away:
        longest = {days for days, _ in away} - ({1} if any(days == 2 for days, _ in away) else set())
        return RelativeDay(written + timedelta(days=longest.pop())) if len(longest) == 1 else None
    counted = _IN_DAYS.search(text)
    if counted:
        unit = 7 if counted[2].startswith(("week", "woche", "semaine", "semana", "settimane", "weken")) else 1
        return RelativeDay(written + timedelta(days=int(counted[1]) * unit))
    weekdays = weekdays_in(text)
    if len(weekdays) != 1:
        return None
    coming = written + timedelta(days=(weekdays[0] - written.weekday() - 1) % 7 + 1)
    in_next_week = written + timedelta(days=7 - written.weekday() + weekdays[0])
    if _NEXT_WEEK.search(text):
        return RelativeDay(in_next_week)
    if _NEXT.search(text):
        return RelativeDay(in_next_week, coming if coming != in_next_week else None)
    return RelativeDay(coming)
