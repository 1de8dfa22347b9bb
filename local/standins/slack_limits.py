"""What Slack's API refuses to show: blocks, forms and metadata beyond its limits, as its reference gives them.

From memory of that reference, and on the strict side: what passes here is small enough there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

MOST_BLOCKS = 50
MOST_VIEW_BLOCKS = 100
MOST_METADATA_BYTES = 8000
_TEXT_TYPES = ("plain_text", "mrkdwn")
_INITIAL = {
    "plain_text_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
}


def blocks_problem(blocks: Sequence[Mapping[str, Any]]) -> str:
    """Why Slack would refuse these blocks of a message; "" if it wouldn't."""
    if len(blocks) > MOST_BLOCKS:
        return f"{len(blocks)} blocks, at most {MOST_BLOCKS}"
    return next((f"block {n}: {problem}" for n, block in enumerate(blocks) if (problem := _block(block))), "")


def _block(block: Mapping[str, Any]) -> str:
    match block.get("type"):
        case "header":
            plain = block["text"].get("type") == "plain_text"
            return _text(block["text"], 150) if plain else "a header must be plain_text"
        case "section":
            fields = block.get("fields", [])
            if len(fields) > 10 or ("text" not in block and not fields):
                return "a section needs a text, or one to ten fields"
            texts = [(field, 2000) for field in fields] + ([(block["text"], 3000)] if "text" in block else [])
            return next((problem for text, longest in texts if (problem := _text(text, longest))), "")
        case "context":
            elements = block["elements"]
            return _text(elements[0], 3000) if 1 <= len(elements) <= 10 else "a context needs one to ten elements"
        case "actions":
            return _actions(block["elements"])
        case "divider":
            return ""
        case other:
            return f"unknown type {other!r}"


def _actions(elements: Sequence[Mapping[str, Any]]) -> str:
    if not 1 <= len(elements) <= 25:
        return "actions need one to 25 elements"
    if len({element.get("action_id") for element in elements}) < len(elements):
        return "action_id must be unique"
    for element in elements:
        if len(element.get("value", "")) > 2000:
            return "value over 2000 characters"
        if element.get("style") not in (None, "primary", "danger"):
            return "unknown style"
        if problem := _text(element["text"], 75):
            return problem
    return ""


def _text(text: Mapping[str, Any], longest: int) -> str:
    if text.get("type") not in _TEXT_TYPES:
        return f"a text can't be {text.get('type')!r}"
    count = len(text.get("text", ""))
    return "" if 1 <= count <= longest else f"a text of {count} characters, must be 1 to {longest}"


def metadata_problem(metadata: Mapping[str, Any]) -> str:
    """Slack's word for metadata that it won't take; "" if it will."""
    if not metadata:
        return ""
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), Mapping):
        return "invalid_metadata_format"
    return "metadata_too_large" if len(json.dumps(metadata).encode()) > MOST_METADATA_BYTES else ""


def view_problem(view: object) -> str:
    """Why Slack would refuse to open this form; "" if it wouldn't."""
    if not isinstance(view, Mapping) or view.get("type") != "modal":
        return "not a modal"
    if len(view.get("callback_id", "")) > 255 or len(view.get("private_metadata", "")) > 3000:
        return "callback_id or private_metadata is too long"
    for name in ("title", "submit", "close"):
        if problem := _text(view.get(name, {}), 24):
            return f"{name}: {problem}"
    blocks = view.get("blocks", [])
    if not 1 <= len(blocks) <= MOST_VIEW_BLOCKS:
        return f"{len(blocks)} blocks"
    if len({block.get("block_id") for block in blocks}) < len(blocks):
        return "block_id must be unique"
    return next((f"{block.get('block_id')}: {problem}" for block in blocks if (problem := _input(block))), "")


def _input(block: Mapping[str, Any]) -> str:
    element = block.get("element", {})
    if block.get("type") != "input" or element.get("type") not in _INITIAL:
        return "unknown input"
    initial = element.get(_INITIAL[element["type"]][1])
    if initial is not None:
        if element["type"] == "datepicker" and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", initial):
            return "initial_date must be YYYY-MM-DD"
        if element["type"] == "timepicker" and not re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", initial):
            return "initial_time must be HH:mm"
        if not 1 <= len(initial) <= element.get("max_length", 3000):
            return "initial_value is too long, or blank"
    return _text(block.get("label", {}), 2000) or (_text(block["hint"], 2000) if "hint" in block else "")


def filled_state(block: Mapping[str, Any]) -> tuple[str, str]:
    """An input's key in the state that is sent off, and what stands in it when it opens."""
    key, initial = _INITIAL[block["element"]["type"]]
    return key, str(block["element"].get(initial, ""))
