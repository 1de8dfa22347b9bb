"""Prose about spans of time: "remind at 48 and 2 hours", "2 days, 3h", "Takes 45 minutes".

One grammar for the rules doc, the sheet's `reminders` cell and Parameter Store. It reads what has one reading
and refuses the rest: a wrong guess here is a text at the wrong hour.
"""

from __future__ import annotations

import re
from fractions import Fraction

from chalicelib.domain.appointment import MIN_LEAD, Window
from chalicelib.domain.rule_book import as_typed

LONGEST = 366 * 24 * 60
MOST = 20
"""Windows of one visit: far more than anybody reminds, and all of them can be written down in one step."""
_UNIT_MINUTES = {"w": 7 * 24 * 60, "d": 24 * 60, "h": 60, "m": 1}

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: value for value, word in enumerate(_ONES + _TEENS, 1)}
_WORDS |= {word: 10 * value for value, word in enumerate(_TENS, 2)}
_WORDS |= {f"{tens} {one}": _WORDS[tens] + _WORDS[one] for tens in _TENS for one in _ONES}

_NUMBER = (
    r"(?P<digits>[0-9]{1,6}(?:\.[0-9]{1,4})?)(?![0-9.])"
    r"|(?P<half>half(?: an?)?)\b"
    rf"|(?P<word>{'|'.join(sorted((w.replace(' ', '[ -]') for w in _WORDS), key=len, reverse=True))}|an?)\b(?! half)"
)
_UNIT = r"(?P<unit>weeks?|wks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m)(?![a-z0-9])\.?"
_BEFORE = (
    r"(?: (?:before(?:hand)?|ahead|prior|in advance)(?: (?:of|to))?"
    r"(?:(?: (?:the|each|every|their|an?))? (?:visit|appointment|booking|start)s?)?)?"
)
_ITEM = re.compile(rf"(?:{_NUMBER})(?:[ -]?{_UNIT})?(?: reminders?)?{_BEFORE}")
_BETWEEN = re.compile(r" ?(?:[,;/&+]|\b(?:and|then)\b)(?: ?(?:,|&|\b(?:and|then|again|also)\b))* ?(?:at )?")
_LEAD = re.compile(
    r"(?:please )?(?:(?:send )?(?:an? )?remind(?:ers?)?(?: (?:them|people|everyone|(?:the )?customers?))?|send|text)?"
    r"(?: ?:)? ?(?:(?:only|just) )?(?:at )?"
)
_NONE = re.compile(r"(?:none|no|off|never|nothing|no reminders?|no messages?|(?:do not|don't) remind)")


def parse_windows(text: str) -> tuple[Window, ...]:
    """The windows of a `reminders` cell or of Parameter Store, in minutes, largest first: `72, 24, 3`, `2 days, 3h`.

    Numbers without any unit are hours; `none` gives (). Raises ValueError with a plain reason.
    """
    return read_windows(text, bare_is_hours=True)


def read_windows(text: str, bare_is_hours: bool) -> tuple[Window, ...]:
    """The same for a line of the rules doc, where `bare_is_hours` is false: a bare number there has no meaning."""
    said = _tidied(text)
    if not said:
        raise ValueError("it says nothing")
    if _NONE.fullmatch(said):
        return ()
    lead = _LEAD.match(said)
    said = re.sub(r" only$", "", said[lead.end() if lead else 0 :]).strip(" ,")
    if re.search(r"\b(?:and|,) (?:a )?half\b(?! an? )", said):
        raise ValueError('a half is not clear: write "90 minutes" or "1.5 hours"')
    if re.search(r"(?<![0-9,.])[0-4],5(?![0-9,])", said):
        raise ValueError("a comma between digits is not clear: write 1.5 or 1, 5")
    windows: list[Window] = []
    waiting: list[tuple[str, Fraction]] = []  # numbers whose unit is still to come, as in "48 and 2 hours"
    for shown, amount, unit in _items(said):
        waiting.append((shown, amount))
        if unit:
            windows += [_window(text, value, unit) for text, value in waiting]
            waiting = []
    if waiting and (windows or not bare_is_hours):
        raise ValueError(f'"{waiting[0][0]}" needs a unit: hours or days')
    windows += [_window(text, value, "h") for text, value in waiting]
    if len(set(windows)) > MOST:
        raise ValueError(f"{len(set(windows))} reminders are more than {MOST}")
    return tuple(sorted(set(windows), reverse=True))


def read_minutes(text: str) -> int:
    """One length of time in minutes: `45 minutes`, `1 hour 30 minutes`, `1.5 hours`, `an hour`.

    Raises ValueError with a plain reason.
    """
    said = _tidied(text)
    total = Fraction(0)
    seen = ""
    for shown, amount, unit in _items(re.sub(r"(?<=[a-z]) (?=[0-9])", ", ", said)):
        if not unit:
            raise ValueError(f'"{shown}" needs a unit: minutes or hours')
        if seen and "wdhm".index(unit) <= "wdhm".index(seen):
            raise ValueError("one length of time is expected")
        seen = unit
        total += amount * _UNIT_MINUTES[unit]
    if total.denominator != 1 or not 0 < total <= LONGEST:
        raise ValueError(f'"{_short(said)}" is no whole number of minutes')
    return int(total)


def _items(said: str) -> list[tuple[str, Fraction, str]]:
    """Each number as it was written, its value, and its unit's letter or "". Raises ValueError at what isn't one."""
    found: list[tuple[str, Fraction, str]] = []
    position = 0
    while True:
        item = _ITEM.match(said, position)
        if item is None:
            raise ValueError(f'can\'t read "{_short(said[position:] or said)}"')
        found.append((item.group().strip(), _amount(item), (item["unit"] or "")[:1]))
        position = item.end()
        if position == len(said):
            return found
        between = _BETWEEN.match(said, position)
        if between is None:
            raise ValueError(f'can\'t read "{_short(said[position:].strip())}"')
        position = between.end()


def _amount(item: re.Match[str]) -> Fraction:
    if item["digits"]:
        return Fraction(item["digits"])
    if item["half"]:
        return Fraction(1, 2)
    return Fraction(_WORDS.get(item["word"].replace("-", " "), 1))  # "a" and "an" are one


def _window(shown: str, amount: Fraction, unit: str) -> Window:
    minutes = amount * _UNIT_MINUTES[unit]
    if minutes.denominator != 1:
        raise ValueError(f'"{shown}" is no whole number of minutes')
    if minutes < MIN_LEAD:
        raise ValueError(f'"{shown}" is under {MIN_LEAD} minutes, too late to be of use')
    if minutes > LONGEST:
        raise ValueError(f'"{shown}" is more than a year')
    return int(minutes)


def _tidied(text: str) -> str:
    """Folded, on one line (a new line in a cell separates like a comma), without closing punctuation."""
    return as_typed(re.sub(r"[\r\n]+", ", ", text.strip())).casefold().strip(" .!,;")


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
