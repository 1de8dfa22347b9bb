"""Cards and forms as Slack's blocks, within Slack's limits: what is too long is cut, what is too much left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.slack_text import button_block, plain_text
from chalicelib.domain.work import Card, CardField, Form, FormField, Input

_MAX_HEADER = 150
_MAX_SECTION = 3000
_MAX_FIELD = 2000
_MAX_FIELDS = 10
_MAX_NOTES = 35  # of the 50 blocks that a message may have
_MAX_INPUT = 3000
_MAX_TITLE = 24
_MAX_LABEL = 48
_MAX_HINT = 150
_MAX_METADATA = 7500  # bytes; Slack takes a little more
_DOUBTFUL = "⚠ "


def card_blocks(card: Card) -> list[dict[str, Any]]:
    """The card's blocks: heading, fields, notes, text, small print, buttons."""
    shown: list[dict[str, Any]] = [{"type": "header", "text": plain_text(card.heading, _MAX_HEADER)}]
    if len(card.heading) > _MAX_HEADER:
        shown.append({"type": "section", "text": plain_text(card.heading, _MAX_SECTION)})
    fields = [plain_text(_field(field), _MAX_FIELD) for field in card.fields[:_MAX_FIELDS]]
    if fields:
        shown.append({"type": "section", "fields": fields})
    shown += [{"type": "section", "text": plain_text(note, _MAX_SECTION)} for note in card.notes[:_MAX_NOTES]]
    if card.text:
        shown.append({"type": "section", "text": plain_text(card.text, _MAX_SECTION)})
    if card.context:
        shown.append({"type": "context", "elements": [plain_text(card.context, _MAX_FIELD)]})
    if card.buttons:
        elements = [button_block(place, button) for place, button in enumerate(card.buttons)]
        shown.append({"type": "actions", "elements": elements})
    return shown


def _field(field: CardField) -> str:
    said = f"\n“{field.quote}”" if field.quote else ""
    return f"{field.label}\n{_DOUBTFUL if field.doubtful else ''}{field.value}{said}"


def card_metadata(card: Card) -> dict[str, Any]:
    """What the card is about, for whoever looks for it later. What is too much for Slack is cut, quotes first."""
    about = dict(card.about)
    for name in ("quotes", "duplicates", "flags", "fields"):
        for longest in (200, 60, 0):
            if _bytes(about) <= _MAX_METADATA:
                break
            about[name] = _cut(about.get(name), longest)
    return {"event_type": card.event, "event_payload": about}


def _cut(value: object, longest: int) -> object:
    if isinstance(value, Mapping):
        return {name: str(text)[:longest] for name, text in value.items()} if longest else {}
    if isinstance(value, list):
        return [str(text)[:longest] for text in value[:10]] if longest else []
    return value


def _bytes(value: object) -> int:
    return len(json.dumps(value).encode())


def form_view(form: Form) -> dict[str, Any]:
    """The modal that asks for the form's fields. Any may be left blank: what comes back is checked."""
    return {
        "type": "modal",
        "callback_id": form.action,
        "private_metadata": form.value,
        "title": plain_text(form.title, _MAX_TITLE),
        "submit": plain_text("Save", _MAX_TITLE),
        "close": plain_text("Cancel", _MAX_TITLE),
        "blocks": [_input(field) for field in form.fields],
    }


def _input(field: FormField) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "input",
        "block_id": field.name,
        "optional": True,
        "label": plain_text(field.label, _MAX_LABEL),
        "element": _element(field),
    }
    if field.hint:
        block["hint"] = plain_text(field.hint, _MAX_HINT)
    return block


def _element(field: FormField) -> dict[str, Any]:
    match field.kind:
        case Input.DATE:
            return {"type": "datepicker", "action_id": field.name} | _if(initial_date=field.value)
        case Input.TIME:
            return {"type": "timepicker", "action_id": field.name} | _if(initial_time=field.value)
        case Input.TEXT:
            kept = field.value[:_MAX_INPUT]
            return {"type": "plain_text_input", "action_id": field.name, "max_length": _MAX_INPUT} | _if(
                initial_value=kept
            )


def _if(**initial: str) -> dict[str, str]:
    return {name: value for name, value in initial.items() if value}
