"""HTML as a browser cuts it into tags and text, in linear time.

The standard library's parser takes quadratic time on unclosed tags and comments, which a hostile mail may have by
the hundred thousand. What a browser never shows because it isn't closed (a comment, a tag) isn't given here either.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_MARKUP = re.compile(r"<(?=[a-zA-Z/!?])")  # any other `<` is text
_TAG_NAME = re.compile(r"[a-zA-Z][^\s/>]{0,60}")
_ATTRIBUTE = re.compile(r"[\s/]*(?:(>)|([^\s/>][^\s/>=]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]*))?)")
_COMMENT_END = re.compile(r"--!?>")
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.I)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript")
}
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
_MOST_ATTRIBUTES = 60
_LONGEST_VALUE = 4000


@dataclass(slots=True)
class Tag:
    """A start tag, or an end tag (without attributes). Names are in lower case, values without entities."""

    name: str
    is_end: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    content: str = ""  # of an element whose content is no HTML: script, style, title


def tokens(page: str) -> Iterator[Tag | str]:
    """Tags and stretches of text, in order. Comments, declarations and what isn't closed are left out."""
    at = 0
    while at < len(page):
        markup = _MARKUP.search(page, at)
        mark = markup.start() if markup else len(page)
        if mark > at:
            yield unescaped(page[at:mark])
        after = page[mark + 1 : mark + 2]
        if after == "!" or after == "?":
            at = _behind_declaration(page, mark)
        elif after == "/":
            at = _behind(page, ">", mark)
            if name := _TAG_NAME.match(page, mark + 2):
                if at == len(page) and page[-1] != ">":
                    return
                yield Tag(name[0].lower(), is_end=True)
        elif name := _TAG_NAME.match(page, mark + 1):
            tag = Tag(name[0].lower())
            at = _read_attributes(page, name.end(), tag.attributes)
            if at < 0:
                return
            if tag.name == "plaintext":
                return
            if raw := _RAW.get(tag.name):
                found = raw.search(page, at)
                tag.content = page[at : found.start() if found else len(page)]
                at = found.start() if found else len(page)
            yield tag
        else:
            return


def unescaped(text: str) -> str:
    """The text without entities; a number that is too long to be one is U+FFFD."""
    if "&" not in text:
        return text
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text))  # Python refuses to read numbers of thousands of digits


def _behind(page: str, mark: str, at: int) -> int:
    found = page.find(mark, at)
    return len(page) if found < 0 else found + len(mark)


def _behind_declaration(page: str, mark: int) -> int:
    if not page.startswith("<!--", mark):
        return _behind(page, ">", mark)
    for empty in ("<!-->", "<!--->"):
        if page.startswith(empty, mark):
            return mark + len(empty)
    found = _COMMENT_END.search(page, mark + 4)
    return found.end() if found else len(page)


def _read_attributes(page: str, at: int, attributes: dict[str, str]) -> int:
    """Fill in a tag's attributes (the first of a name counts); where its tag ends, -1 if it doesn't."""
    while found := _ATTRIBUTE.match(page, at):
        at = found.end()
        if found[1]:
            return at
        value = found[3] or ""
        if value[:1] in ("'", '"'):
            if len(value) < 2 or value[-1] != value[0]:
                return -1  # a value whose quote isn't closed swallows the rest of the page
            value = value[1:-1]
        if len(attributes) < _MOST_ATTRIBUTES:
            attributes.setdefault(found[2].lower(), unescaped(value[:_LONGEST_VALUE]))
    return -1
