"""Times in words: half past nine, quarter to ten, halb zehn, half tien."""

from __future__ import annotations

import re

_HOURS = (
    "one ein eins een", "two zwei twee", "three drei drie", "four vier", "five funf vijf", "six sechs zes",
    "seven sieben zeven", "eight acht", "nine neun negen", "ten zehn tien", "eleven elf", "twelve zwolf twaalf",
)  # fmt: skip
_NUMBER = {word: number for number, words in enumerate(_HOURS, 1) for word in words.split()}
_NUMBER |= {str(number): number for number in range(1, 13)}
_HOUR = "|".join(sorted(_NUMBER, key=len, reverse=True))
_ENGLISH = {"half past": 30, "quarter past": 15, "quarter to": -15, "ten past": 10, "ten to": -10, "viertel nach": 15,
            "viertel vor": -15, "kwart over": 15, "kwart voor": -15}  # fmt: skip
_PAST = re.compile(rf"\b(?P<words>{'|'.join(_ENGLISH)}) (?P<hour>{_HOUR})\b")
_HALF_TO = re.compile(rf"\b(?:halb|half) (?P<hour>{_HOUR})\b")
_WHOLE = re.compile(rf"\b(?P<hour>{_HOUR})\s(?:o'?clock|uhr|uur)\b")
_PM = re.compile(r"\b(?:pm|p\.m|in the (?:afternoon|evening)|nachmittags|abends|'s middags|'s avonds)")
_AM = re.compile(r"\b(?:am|a\.m|in the morning|morgens|vormittags|'s ochtends|'s morgens)")
_ENGLISH_HOURS = {words.split()[0] for words in _HOURS}


def spoken_time(text: str) -> tuple[int, int, str] | None:
    """(hour, minute, am | pm | "") of a `stated.folded` text; None if it says none, or may mean two.

    `halb zehn` and `half tien` are 9:30. `half ten` is 10:30 to the British and 9:30 to others: none.
    """
    half = "pm" if _PM.search(text) else "am" if _AM.search(text) else ""
    if past := _PAST.search(text):
        minutes = _NUMBER[past["hour"]] * 60 + _ENGLISH[past["words"]]
    elif (to := _HALF_TO.search(text)) and to["hour"] not in _ENGLISH_HOURS:
        minutes = _NUMBER[to["hour"]] * 60 - 30
    elif whole := _WHOLE.search(text):
        minutes = _NUMBER[whole["hour"]] * 60
    else:
        return None
    hour = minutes // 60 or 12
    return hour, minutes % 60, half
