"""Whether an element of a mail can be seen, by its attributes, its inline style and the page's plainest style rules.

Booking mails hide things for good reasons (a preheader, a phone's version), and attackers hide instructions the same
way. Only what is hidden for certain is left out: a rule that depends on the screen's width isn't looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

_DECLARATION = re.compile(r"\s*([a-zA-Z-]{1,40})\s*:\s*([^;]{0,300})")
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_ZERO = re.compile(r"[+-]?0*\.?0+(?:px|pt|em|rem|%|ex|ch|vh|vw|mm|cm|in|pc)?")
_TINY = re.compile(r"0*(?:0?\.\d+|1)(?:px|pt)")  # a letter of one pixel can't be read
_FAR = re.compile(r"-\d{4,}(?:\.\d+)?(?:px|pt)?|-\d{3,}(?:\.\d+)?(?:em|rem|%|vw|vh)")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*(?:[,/]\s*([\d.]+%?)\s*)?\)")
_RELATIVE_SIZE = re.compile(r"[\d.]+(?:em|%)|larger|smaller|inherit|unset")
_NAMED = {
    "white": "#ffffff", "black": "#000000", "red": "#ff0000", "green": "#008000", "blue": "#0000ff",
    "yellow": "#ffff00", "gray": "#808080", "grey": "#808080", "silver": "#c0c0c0", "navy": "#000080",
    "whitesmoke": "#f5f5f5", "snow": "#fffafa", "ivory": "#fffff0", "lightgray": "#d3d3d3", "lightgrey": "#d3d3d3",
}  # fmt: skip
_UNKNOWN = "?"
_PAGE = "#ffffff"  # what a page without a colour of its own stands on
_GROUNDS = "?"  # stands among the rules for those that aren't understood and colour the ground
_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]{0,20})?(?:[.#][\w-]{1,80})?", re.I)
_MOST_RULES = 500
_LONGEST_SHEET = 200_000


@dataclass(frozen=True, slots=True)
class Look:
    """What an element hands on to those within. `gone`: nothing within can be seen, whatever it says itself."""

    gone: bool = False
    invisible: bool = False  # visibility: hidden, which an element within may lift
    no_size: bool = False  # font-size: 0, likewise
    colour: str = ""
    background: str = ""
    preformatted: bool = False

    @property
    def hidden(self) -> bool:
        """Whether text directly within is hidden."""
        same_colour = self.colour == (self.background or _PAGE) and self.colour.startswith("#")
        return self.gone or self.invisible or self.no_size or same_colour


def looks_of(outer: Look, name: str, attributes: Mapping[str, str], rules: Mapping[str, str]) -> Look:
    """The look of an element within `outer`. `rules` are `style_rules`' of the page."""
    if outer.gone:
        return outer
    style = declarations("".join(_styles(name, attributes, rules)))
    if "hidden" in attributes or _is_gone(style):
        return replace(outer, gone=True)
    look = outer
    if visibility := style.get("visibility"):
        look = replace(look, invisible=visibility in ("hidden", "collapse"))
    size = style.get("font-size", "")
    if size and not _RELATIVE_SIZE.fullmatch(size):
        look = replace(look, no_size=bool(_ZERO.fullmatch(size) or _TINY.fullmatch(size)))
    elif size and _ZERO.fullmatch(size):
        look = replace(look, no_size=True)
    elif name == "font" and "size" in attributes:
        look = replace(look, no_size=False)
    colour = style.get("color") or attributes.get("color", "")
    if colour:
        unknown = not look.background and _GROUNDS in rules
        look = replace(look, colour=_colour(colour), background=_UNKNOWN if unknown else look.background)
    if _colour(style.get("color", "")) == "transparent":
        return replace(look, gone=True)
    background = style.get("background-color") or style.get("background") or attributes.get("bgcolor", "")
    if "background-image" in style or "background" in attributes:
        background = _UNKNOWN
    if background and _colour(background) != "transparent":
        look = replace(look, background=_colour(background))
    if name in ("pre", "textarea") or style.get("white-space", "").startswith("pre"):
        look = replace(look, preformatted=True)
    elif "white-space" in style:
        look = replace(look, preformatted=False)
    return look


def style_rules(sheet: str) -> dict[str, str]:
    """`name`, `.class`, `#id` and `name.class` of a style sheet, each with its declarations; `@media` is left out."""
    found: dict[str, str] = {}
    for rule in _outside_blocks(_CSS_COMMENT.sub(" ", sheet[:_LONGEST_SHEET])).split("}"):
        selectors, _, body = rule.partition("{")
        for selector in selectors.split(","):
            key = selector.replace("<!--", "").strip()
            if len(found) < _MOST_RULES and key and _SELECTOR.fullmatch(key):
                found[key] = f"{found.get(key, '')};{body}"
            elif "background" in body:
                found[_GROUNDS] = ""
    return found


def declarations(style: str) -> dict[str, str]:
    """A style's properties and values in lower case; the last one of a name counts."""
    if not style:
        return {}
    plain = _CSS_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0xFFFF)), _CSS_COMMENT.sub("", style))
    found: dict[str, str] = {}
    important: set[str] = set()
    for declaration in plain.split(";"):
        if match := _DECLARATION.match(declaration):
            name, value = match[1].lower(), match[2].strip().lower()
            weighty = value.endswith("important")
            if weighty or name not in important:
                found[name] = value.partition("!")[0].strip()
            if weighty:
                important.add(name)
    return found


def _styles(name: str, attributes: Mapping[str, str], rules: Mapping[str, str]) -> Sequence[str]:
    found: list[str] = []
    if rules:
        marks = [f".{word}" for word in attributes.get("class", "").split()[:20]]
        marks = ["", *marks, *([f"#{attributes['id']}"] if "id" in attributes else [])]
        found = [f"{rules[key]};" for mark in marks for key in dict.fromkeys((mark, name + mark)) if key in rules]
    return [*found, attributes.get("style", "")]


def _is_gone(style: Mapping[str, str]) -> bool:
    if not style:
        return False
    clipped = style.get("overflow", style.get("overflow-y", "")) in ("hidden", "clip")
    sizes = [style.get(side, "") for side in ("height", "width", "max-height", "max-width")]
    return (
        style.get("display") == "none"
        or style.get("mso-hide") == "all"
        or bool(_ZERO.fullmatch(style.get("opacity", "")))
        or (clipped and any(_ZERO.fullmatch(size) for size in sizes))
        or any(_FAR.fullmatch(style.get(name, "")) for name in ("text-indent", "left", "top", "margin-left"))
        or re.sub(r"[\s,]|px", "", style.get("clip", "")) in ("rect(0000)", "rect(1111)")
    )


def _colour(value: str) -> str:
    """A colour as `#rrggbb`, `transparent`, or `?` for one that isn't known."""
    value = value.strip().lower().partition("!")[0].strip()
    if not value:
        return ""
    if value in ("transparent", "none"):
        return "transparent"
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        return "#" + "".join(2 * digit for digit in value[1:])
    if re.fullmatch(r"#?[0-9a-f]{6}", value):
        return "#" + value.lstrip("#")
    if match := _RGB.fullmatch(value):
        if match[4] and _ZERO.fullmatch(match[4]):
            return "transparent"
        return "#" + "".join(f"{min(int(number), 255):02x}" for number in match.groups()[:3])
    return _NAMED.get(value, _UNKNOWN)


def _outside_blocks(sheet: str) -> str:
    """A style sheet without its blocks within blocks (`@media`, `@supports`)."""
    kept: list[str] = []
    at = 0
    while (mark := sheet.find("@", at)) >= 0:
        kept.append(sheet[at:mark])
        at = _behind_at_rule(sheet, mark)
    return "".join([*kept, sheet[at:]])


def _behind_at_rule(sheet: str, mark: int) -> int:
    level = 0
    for found in re.compile(r"[{};]").finditer(sheet, mark):
        level += {"{": 1, "}": -1, ";": 0}[found[0]]
        if level <= 0:
            return found.end()
    return len(sheet)
