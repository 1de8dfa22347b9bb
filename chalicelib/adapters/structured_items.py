"""The schema.org items of an HTML page, JSON-LD and microdata in one shape, before any meaning: the limits are here."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import lxml.html
from lxml.etree import Comment, LxmlError, iterwalk, strip_elements

from chalicelib.errors import Unreadable

MOST_CHARACTERS = 2_000_000
_MOST_SCRIPTS = 50
_LONGEST_SCRIPT = 500_000
_MOST_ITEMS = 5_000
_DEEPEST = 40
_LONGEST_VALUE = 2_000
_MOST_STEPS = 500
"""Beginnings and ends of elements that are looked at for one value's text."""
_WRAPPING = re.compile(r"^\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)+|"
                       r"(?://\s*)?(?:-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>|\]\]>)+\s*$")  # fmt: skip
_SCHEMA = re.compile(r"^(?:https?://(?:www\.)?schema\.org/|schema:)", re.I)
_VALUE_ATTRIBUTES = {"meta": "content", "time": "datetime", "a": "href", "link": "href", "area": "href",
                     "data": "value", "meter": "value", "img": "src", "iframe": "src", "object": "data"}  # fmt: skip


@dataclass(slots=True)
class Item:
    """One item: its types without schema.org's address, and its properties, each a list of texts and items."""

    types: tuple[str, ...]
    properties: dict[str, list[str | Item]] = field(default_factory=dict)

    def text(self, *names: str) -> str:
        """The first text among these properties; of an item, its name. "" if there is none."""
        for name in names:
            for value in self.properties.get(name, ()):
                text = value if isinstance(value, str) else value.text("name") if name != "name" else ""
                if text.strip():
                    return text.strip()
        return ""

    def items(self, *names: str) -> list[Item]:
        """The items among these properties; a bare text counts as an item of that name."""
        found = [value for name in names for value in self.properties.get(name, ())]
        return [value if isinstance(value, Item) else Item((), {"name": [value]}) for value in found]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds: items that stand in no other, and why a script that speaks of a reservation wasn't read."""

    json_items: list[Item]
    microdata_items: list[Item]
    problem: str = ""


def schema_name(text: str) -> str:
    """`http://schema.org/ReservationConfirmed` without its address."""
    return _SCHEMA.sub("", text.strip())


def read_page(content: str) -> Page:
    """Its items. Raises Unreadable for a page that is too large or can't be parsed at all."""
    if len(content) > MOST_CHARACTERS:
        raise Unreadable(f"the HTML is larger than {MOST_CHARACTERS // 1_000_000} million characters")
    if not re.search(r"application/ld\+json|itemscope", content, re.I):
        return Page([], [])
    try:
        root = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", content.replace("\0", " ")))
    except (LxmlError, ValueError, AssertionError):
        return Page([], [])
    json_items: list[Item] = []
    problem = ""
    for script in list(root.iter("script"))[:_MOST_SCRIPTS]:
        if (script.get("type") or "").split(";")[0].strip().casefold() == "application/ld+json":
            try:
                json_items += _json_items(script.text or "")
            except (ValueError, RecursionError) as error:
                problem = problem or _why(script.text or "", error)
    strip_elements(root, "script", "style", "template", Comment, with_tail=False)
    return Page(json_items, _microdata_items(root), problem)


def _why(text: str, error: Exception) -> str:
    """In words for staff; "" for a script that has nothing to do with a reservation."""
    if "reservation" not in text.casefold():
        return ""
    where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
    return f"the mail's structured reservation (JSON-LD) is broken{where}"


def _json_items(text: str) -> list[Item]:
    """The items of one script. Raises ValueError or RecursionError."""
    if len(text) > _LONGEST_SCRIPT:
        raise ValueError("too long")
    bare = _WRAPPING.sub("", _WRAPPING.sub("", text.strip())).strip()
    if not bare:
        return []
    try:
        loaded = _loaded(bare)
    except json.JSONDecodeError:
        unescaped = html.unescape(bare)
        if unescaped == bare:
            raise
        loaded = _loaded(unescaped)
    tops = loaded if isinstance(loaded, list) else [loaded]
    nodes = [node for top in tops if isinstance(top, dict) for node in _graph(top)]
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    budget = _Budget()
    return [_item(node, named, 0, budget) for node in nodes]


def _loaded(text: str) -> Any:
    """Numbers stay as they are written; raw line breaks in strings are let through."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, strict=False)


def _graph(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    graph = node.get("@graph")
    if isinstance(graph, dict):
        graph = [graph]
    inner = [one for one in graph if isinstance(one, dict)] if isinstance(graph, list) else []
    return [*([node] if "@type" in node or not inner else []), *inner]


class _Budget:
    """How many items may still be made: references can multiply what is written once."""

    def __init__(self) -> None:
        self._left = _MOST_ITEMS

    def take(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many items")


def _item(node: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]], depth: int, budget: _Budget) -> Item:
    budget.take()
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    reference = node.get("@id")
    if len(node) == 1 and isinstance(reference, str) and reference in named:
        node = named[reference]
    types = node.get("@type", ())
    types = types if isinstance(types, list) else [types]
    item = Item(tuple(schema_name(one) for one in types if isinstance(one, str)))
    for key, value in node.items():
        if key.startswith("@"):
            continue
        name = schema_name(key)
        for one in _flat(value):
            if isinstance(one, dict):
                simple = one.get("@value")
                made = simple if isinstance(simple, str) else _item(one, named, depth + 1, budget)
                item.properties.setdefault(name, []).append(made)
            elif isinstance(one, str):
                item.properties.setdefault(name, []).append(one)
    return item


def _flat(value: Any) -> Iterator[Any]:
    """A value, or those of a list of them, lists within lists not."""
    yield from value[:_MOST_ITEMS] if isinstance(value, list) else [value]


def _microdata_items(root: Any) -> list[Item]:
    """The items that stand in no other. Walked without recursion; what is nested too deep is left out."""
    tops: list[Item] = []
    walk: list[tuple[Any, Item | None, int]] = [(root, None, 0)]
    made = 0
    while walk:
        element, holder, depth = walk.pop()
        inner, inner_depth = holder, depth
        names = (element.get("itemprop") or "").split()[:5]
        if element.get("itemscope") is not None:
            made += 1
            if made > _MOST_ITEMS or depth >= _DEEPEST:
                continue
            types = tuple(schema_name(one) for one in (element.get("itemtype") or "").split()[:5])
            inner, inner_depth = Item(types), depth + 1
            if holder is None or not names:
                tops.append(inner)
        if holder is not None:
            value = inner if inner is not holder else None
            for name in names:
                held = holder.properties.setdefault(schema_name(name), [])
                if len(held) < _MOST_ITEMS:
                    held.append(value if isinstance(value, Item) else _element_text(element))
        walk += [(child, inner, inner_depth) for child in reversed(element) if isinstance(child.tag, str)]
    return tops


def _element_text(element: Any) -> str:
    """A property's value: of some elements an attribute, of all others the text."""
    attribute = element.get(_VALUE_ATTRIBUTES.get(element.tag, "content"))
    if attribute is not None:
        return str(attribute)[:_LONGEST_VALUE]
    pieces: list[str] = []
    for step, inner in islice(iterwalk(element, events=("start", "end")), _MOST_STEPS):
        text = inner.text if step == "start" else inner.tail if inner is not element else ""
        pieces.append((text or "")[:_LONGEST_VALUE])
    return " ".join("".join(pieces).split())[:_LONGEST_VALUE]
