"""An HTML page as the text that a person sees: what nobody sees is no reader's business.

Comments, scripts, styles, hidden elements, alternative texts and invisible characters are left out: instructions for
a machine hide there. Cells of a row are parted by a tab and rows by a line end, so that a table of labels and values
reads well. A link's target is kept behind its text as ` <https://...>`, because the booking's link may be a value
that is wanted; only if there is text to see, only http and https, and only as long as links of bookings are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chalicelib.domain.html_looks import Look, looks_of, style_rules
from chalicelib.domain.html_tokens import Tag, tokens
from chalicelib.domain.unseen import without_unseen

LONGEST_LINK = 400
"""Characters of a link's target. Longer ones are a mail tool's counters, and room for words that nobody sees."""
MOST_LINKS = 100

_SPACE, _LINE, _CELL, _ROW = 1, 2, 3, 4  # what parts two stretches of text; the strongest between them counts
_NEVER_SHOWN = frozenset(
    {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math", "video", "audio", "canvas",
     "noembed", "noframes", "datalist", "map", "frameset", "select"}
)  # fmt: skip
_VOID = frozenset(
    {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
     "meta", "param", "source", "track", "wbr"}
)  # fmt: skip
_ROWS = frozenset({"tr", "table", "tbody", "thead", "tfoot", "caption"})
_CELLS = frozenset({"td", "th"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr",
     "li", "legend", "main", "menu", "nav", "ol", "option", "p", "pre", "section", "summary", "ul", "xmp", "textarea"}
)  # fmt: skip
_HOLDING = frozenset({"td", "th", "table", "caption", "button"})  # an end tag within can't close what is outside
_MEMBERS = {
    # A start tag closes an open one of these, unless a table lies between.
    "li": ("li",), "dt": ("dt", "dd"), "dd": ("dt", "dd"), "td": ("td", "th"), "th": ("td", "th"), "tr": ("tr",),
}  # fmt: skip
_BLANKS = re.compile(r"[ \t\n\f]+")
_MOST_BREAKS = 2


def visible_text(html: str) -> str:
    """What a person sees of the page, line by line. Takes any text, and time in proportion to its length."""
    page = _Page()
    for token in tokens(html):
        if isinstance(token, str):
            page.write(token)
        elif token.is_end:
            page.close(token.name)
        else:
            page.open(token)
    return page.text()


@dataclass(slots=True)
class _Open:
    name: str
    look: Look
    link: str = ""
    length: int = 0  # of what was written when it began


@dataclass(slots=True)
class _Page:
    """The page while it is read. Positions in `stack` are kept per name, so that closing needs no search."""

    written: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=dict)
    blocks: list[int] = field(default_factory=list)
    holding: list[int] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)
    parting: int = 0
    breaks: int = 0
    item: bool = False
    links: int = 0

    def write(self, text: str) -> None:
        look = self.stack[-1].look if self.stack else Look()
        if look.hidden:
            return
        seen = without_unseen(text)
        if look.preformatted:
            for number, line in enumerate(seen.split("\n")):
                if number:
                    self._break()
                self._put(line.expandtabs(4))
            return
        words = _BLANKS.sub(" ", seen)
        if words.startswith(" "):
            self.parting = max(self.parting, _SPACE)
        if core := words.strip(" "):
            self._put(core)
            if words.endswith(" "):
                self.parting = _SPACE

    def open(self, tag: Tag) -> None:
        name = tag.name
        if name == "style" and not tag.attributes.get("media", "").strip():
            self.rules |= style_rules(tag.content)
        outer = self.stack[-1].look if self.stack else Look()
        if name == "br" and not outer.hidden:
            self._break()
        if name in _VOID:
            self._part(name)
            return
        self._close_implied(name)
        outer = self.stack[-1].look if self.stack else Look()
        look = Look(gone=True) if name in _NEVER_SHOWN else looks_of(outer, name, tag.attributes, self.rules)
        if not look.hidden:
            self._part(name)
            if name == "li":
                self.item = True
        link = _target(tag.attributes.get("href", "")) if name == "a" else ""
        if name == "a" and "a" in self.places and self.places["a"]:
            self.close("a")
        place = len(self.stack)
        self.stack.append(_Open(name, look, link, len(self.written)))
        self.places.setdefault(name, []).append(place)
        if name in _BLOCKS or name in _ROWS or name in _CELLS:
            self.blocks.append(place)
        if name in _HOLDING:
            self.holding.append(place)
        if tag.content and name in ("textarea", "xmp"):
            self.write(tag.content)

    def close(self, name: str) -> None:
        """An end tag. One that has no start, or whose start lies outside of a table's cell, closes nothing."""
        if name == "br":
            self._break()
        places = self.places.get(name)
        if not places:
            return
        place = places[-1]
        if name in _BLOCKS:
            barrier = self.holding
        elif name in _HOLDING or name in _ROWS:
            barrier = [] if name == "table" else self.places.get("table", [])
        else:
            barrier = self.blocks
        if barrier and barrier[-1] > place:
            return
        self._close_to(place)

    def text(self) -> str:
        self._close_to(0)
        lines = (re.sub(r" *\t *", "\t", line).strip() for line in "".join(self.written).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def _close_to(self, place: int) -> None:
        while len(self.stack) > place:
            element = self.stack.pop()
            self.places[element.name].pop()
            for places in (self.blocks, self.holding):
                if places and places[-1] == len(self.stack):
                    places.pop()
            if not element.look.hidden:
                self._end_link(element)
                self._part(element.name)

    def _close_implied(self, name: str) -> None:
        if name in _BLOCKS or name == "table":
            self._close_inner("p")
        for member in _MEMBERS.get(name, ()):
            self._close_inner(member)

    def _close_inner(self, name: str) -> None:
        places = self.places.get(name)
        if not places:
            return
        if name in ("td", "th", "tr"):
            barrier = self.places.get("table", [])
        elif name == "li":
            barrier = max(self.places.get("ul", []), self.places.get("ol", []), self.holding, key=_last)
        else:
            barrier = self.holding
        if _last(barrier) <= places[-1]:
            self._close_to(places[-1])

    def _part(self, name: str) -> None:
        if name in _ROWS:
            self.parting = max(self.parting, _ROW)
        elif name in _CELLS:
            self.parting = max(self.parting, _CELL)
        elif name in _BLOCKS:
            self.parting = max(self.parting, _LINE)

    def _break(self) -> None:
        self.breaks += 1

    def _put(self, text: str) -> None:
        if not text:
            return
        if self.written:
            self.written.append(self._between())
        self.parting = self.breaks = 0
        if self.item:
            self.written.append("- ")
            self.item = False
        self.written.append(text)

    def _between(self) -> str:
        if self.parting == _CELL:
            return "\t"
        if self.breaks or self.parting > _CELL or self.parting == _LINE:
            return "\n" * max(1, min(self.breaks, _MOST_BREAKS))
        return " " if self.parting else ""

    def _end_link(self, element: _Open) -> None:
        if not element.link or self.links >= MOST_LINKS or len(self.written) <= element.length:
            return
        shown = "".join(self.written[element.length : element.length + 50])
        bare = element.link.split("://", 1)[1].rstrip("/")
        if bare in shown:
            return
        self.links += 1
        self.written.append(f" <{element.link}>")


def _last(places: list[int]) -> int:
    return places[-1] if places else -1


def _target(href: str) -> str:
    """A link's target as it may be shown, or "": no other scheme, no blanks, no length to hide words in."""
    link = href.strip()
    if not re.match(r"https?://[\w.-]+", link, re.I) or len(link) > LONGEST_LINK or re.search(r"[\s<>\"]", link):
        return ""
    return without_unseen(link)
