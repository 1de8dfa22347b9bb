"""A reader of booking mails made of rules, which sits where the model would (`bedrock.py`).

It knows labels, tables and a few sentences, and quotes what it finds word for word. It isn't the model: it misses
what a reader of meaning would see, and it follows no instructions in a mail, since it understands none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from local.standins import booking_words as words

_FIELDS = ("customer", "phone", "email", "service", "staff", "date", "time", "link")
_MOST = 26
_HEADER = re.compile(
    r"^(?:from|to|cc|sent|date|subject|reply-to|von|an|gesendet|datum|betreff|de|à|envoyé|objet|para|enviado|asunto|fecha"
    r"|da|a|inviato|oggetto|data|assunto|van|aan|verzonden|onderwerp|发件人|收件人|发送时间|主题|日期|差出人|宛先|件名|日時|送信日時)"
    r"\s*[:：]",
    re.I,
)
_LABELLED = re.compile(r"^[\s*•>|-]*(?P<label>[^:：|\t=\n]{1,32}?)\s*\**\s*(?:[:：|\t]|\s-\s)\s*\**\s*(?P<value>\S.*)$")
_CELLS = re.compile(r"\s*(?:\||\t|\s{3,})\s*")
_FROM_TO = re.compile(
    r"\b(?:from|von|du|de|dal|van|dari)\b(?P<old>.{4,60}?)\b(?:to|auf|au|a|al|naar|ke)\b(?P<new>.{4,60})", re.I
)


def read_bookings(mail: str) -> list[dict[str, Any]]:
    """The bookings that a mail's text tells of, as the tool's entries. Every quote is a piece of the text."""
    text = "\n".join(line.lstrip("> ") for line in mail.splitlines())
    lines = list(_without_headers(text.split("\n")))
    body = words.ATTRIBUTION.sub("", "\n".join(lines))
    found = _tabled(lines) or _labelled(lines)
    complete = [one for one in found if one["quotes"].keys() & {"date", "time"} and len(one["quotes"]) > 2]
    told = bool(words.BOOKING.search(body) or words.ASKS.search(body))
    if not complete and (not told or words.NO_BOOKING.search(body)):
        return []
    kind = _kind(body)
    entries = complete or [_from_sentences(body, found[0] if found else {"quotes": {}, "old_quotes": {}})]
    for entry in entries:
        _complete(entry, body, alone=len(entries) == 1)
        entry["kind"] = "change" if kind == "booking" and entry["old_quotes"] else kind
        entry["requested_only"] = bool(words.ASKS.search(body)) and not words.AGREED.search(body) and not complete
        if entry["kind"] != "change":
            entry["old_quotes"] = {}
    return [entry for entry in entries if entry["kind"] == "cancellation" or "date" in entry["quotes"]][:_MOST]


def _without_headers(lines: list[str]) -> Iterator[str]:
    """The lines without the header blocks of forwarded mails, whose dates aren't the visit's."""
    block: list[str] = []
    for line in [*lines, ""]:
        if _HEADER.match(line.strip()):
            block.append(line)
            continue
        if len(block) < 3:
            yield from block
        block = []
        yield line


def _kind(body: str) -> str:
    if words.CANCELLED.search(words.MAY_CANCEL.sub(" ", body)):
        return "cancellation"
    if words.CHANGED.search(words.MAY_CHANGE.sub(" ", body)):
        return "change"
    return "reminder" if words.REMINDS.search(body) else "booking"


def _label(text: str) -> str:
    return words.LABEL_OF.get(text.strip(" *_-•").casefold(), "")


def _tabled(lines: list[str]) -> list[dict[str, Any]]:
    """A table written as text: a line of at least three column names, and the lines below it."""
    for place, line in enumerate(lines):
        columns = [_label(cell) for cell in _CELLS.split(line.strip(" |"))]
        if sum(map(bool, columns)) < 3:
            continue
        entries: list[dict[str, Any]] = []
        for row in lines[place + 1 :]:
            cells = _CELLS.split(row.strip(" |\t"))
            if re.fullmatch(r"[\s|:+-]*", row) or len(cells) < len(columns) - 2:
                if entries and not row.strip():
                    break
                continue
            entry: dict[str, Any] = {"quotes": {}, "old_quotes": {}}
            for name, cell in zip(columns, cells, strict=False):
                _put(entry, name, cell)
            entries.append(entry)
        return entries
    return []


def _labelled(lines: list[str]) -> list[dict[str, Any]]:
    """`Name: Jane Doe`, or the name under its label. A label that comes again begins another booking."""
    entries: list[dict[str, Any]] = [{"quotes": {}, "old_quotes": {}}]
    seen: set[str] = set()
    pending = ""
    for line in lines:
        match = _LABELLED.match(line)
        name = _label(match["label"]) if match else ""
        value = match["value"] if match and name else ""
        if not name:
            bare = _label(line.strip().rstrip(":："))
            if not bare and pending and line.strip():
                name, value = pending, line
            pending = bare or ("" if line.strip() else pending)
        else:
            pending = ""
        if not name:
            continue
        if name in seen and name in ("customer", "service", "date", "when") and "date" in entries[-1]["quotes"]:
            entries.append({"quotes": {}, "old_quotes": {}})
            seen = set()
        seen.add(name)
        _put(entries[-1], name, value)
    return entries


def _put(entry: dict[str, Any], name: str, value: str) -> None:
    """A labelled value, as the field of its label; of a second one with that label the first stays."""
    value = value.strip(" *_|\t")
    quotes = entry["quotes"]
    if name in ("date", "time", "when", "old"):
        into = entry["old_quotes"] if name == "old" else quotes
        for field, pattern in (("date", words.DATE), ("time", words.TIME)):
            rest = words.DATE.sub(" ", value) if field == "time" else value
            if (match := pattern.search(rest)) and (piece := match[0].strip()) in value:
                into.setdefault(field, piece)
        if name == "time" and "time" not in quotes and len(value) < 40 and not words.DATE.search(value):
            quotes["time"] = value
        return
    patterns = {"phone": words.PHONE, "email": words.EMAIL, "link": words.LINK}
    if name in patterns:
        if match := patterns[name].search(value):
            quotes.setdefault(name, match[0])
        elif name == "phone" and len(value) <= 40 and any(map(str.isdigit, value)):
            quotes.setdefault(name, value)  # no number that can be right: staff are to hear why
    elif name and value and len(value) <= 120:
        with_staff = re.match(
            rf"(?P<service>.{{3,60}}?)\s(?:with|bei|avec|con|com|met)\s(?P<staff>{words.PERSON})$", value
        )
        if name == "service" and with_staff:
            quotes.setdefault("staff", with_staff["staff"])
            value = with_staff["service"]
        quotes.setdefault(name, words.HONORIFIC.sub("", value) if name == "customer" else value)


def _from_sentences(body: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Date and time out of running text: of a move the second pair, of anything else the first beside a time."""
    quotes, old = entry["quotes"], entry["old_quotes"]
    moved = _FROM_TO.search(body) if words.CHANGED.search(body) else None
    if (
        moved
        and words.DATE.search(moved["old"])
        and (words.DATE.search(moved["new"]) or words.TIME.search(moved["new"]))
    ):
        for part, into in ((moved["old"], old), (moved["new"], quotes)):
            _first(part, into)
        return entry
    for sentence in re.split(r"(?<=[.!?。！？])\s+|\n+", body):
        if words.DATE.search(sentence) and words.TIME.search(words.DATE.sub(" ", sentence)):
            _first(sentence, quotes)
            break
    else:
        _first(body, quotes)
    return entry


def _first(text: str, into: dict[str, str]) -> None:
    if match := words.DATE.search(text):
        into.setdefault("date", match[0].strip())
    if match := words.TIME.search(words.DATE.sub(lambda found: "\n" * len(found[0]), text)):
        into.setdefault("time", match[0].strip())


def _complete(entry: dict[str, Any], body: str, alone: bool) -> None:
    """Service, staff and customer from sentences; what can only be one booking's, if there is only one."""
    quotes = entry["quotes"]
    if not alone:
        return
    for pattern in (words.FOR, words.WITH, words.PLAIN):
        for match in pattern.finditer(body):
            parts = match.groupdict()
            service = re.sub(r"^(?:upcoming|next|new)\s", "", parts["service"].strip(), flags=re.I)
            if not words.GENERIC.match(service) and len(service.split()) <= 6 and not words.DATE.search(service):
                quotes.setdefault("service", service)
            if parts.get("staff"):
                quotes.setdefault("staff", parts["staff"].rstrip("."))
    for pattern in (words.GREETING, words.GREETED_BEHIND):
        greeted = pattern.search(body)
        if greeted and "customer" not in quotes and not words.NOBODY.match(greeted["name"]):
            quotes["customer"] = greeted["name"]
    links = words.LINK.findall(body)
    if "link" not in quotes and len(set(links)) == 1 and "unsubscribe" not in links[0]:
        quotes["link"] = links[0]
