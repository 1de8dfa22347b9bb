"""Words in Slack's blocks: what somebody else wrote is text there, never markup, mention or link."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.work import Button

_MAX_LABEL = 75
_MAX_VALUE = 2000
_PLAIN = str.maketrans({"<": "‹", ">": "›"})


def escaped(text: str) -> str:
    """The three characters by which Slack's markup mentions, links and commands (its own rule), made plain."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain_text(text: str, longest: int) -> dict[str, Any]:
    """A text object that Slack reads no markup, link or emoji in; of at most so many characters and at least one.

    Angle brackets are swapped for ones that mean nothing, so that not even a client that reads markup here finds one.
    """
    line = text.translate(_PLAIN)
    cut = line if len(line) <= longest else f"{line[: longest - 1]}…"
    return {"type": "plain_text", "text": cut or " ", "emoji": False}


def button_block(place: int, button: Button) -> dict[str, Any]:
    """A button. Raises ValueError for a value that Slack would refuse."""
    if len(button.value) > _MAX_VALUE:
        raise ValueError(f"the value of {button.action} is over {_MAX_VALUE} characters")
    shown: dict[str, Any] = {
        "type": "button",
        "action_id": f"{button.action}#{place}",  # must be unique within its row; the reader drops the place
        "text": {"type": "plain_text", "text": button.label[:_MAX_LABEL]},
        "value": button.value,
    }
    if button.style:
        shown["style"] = button.style
    return shown
