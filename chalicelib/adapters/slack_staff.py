"""The front desk's Slack: lines with buttons. What a cell says is text there, never markup, mention or link."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from functools import cached_property
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from chalicelib.adapters.slack_cards import card_blocks, card_metadata, form_view
from chalicelib.adapters.slack_text import button_block, escaped
from chalicelib.domain.work import Button, Card, Form, Link, StaffLine
from chalicelib.errors import DefiniteNo, DeliveryError, MessageGone, NoAnswer, ReminderError, UpstreamError
from chalicelib.ports import Posted

_VENDOR = "Slack"
SLACK_API = "https://slack.com/api/"
_MAX_SECTION = 3000  # characters of a section's text, of the 50 that a message may have
_FORM_SECONDS = 2
"""A form must be open three seconds after the press, with the way there and back."""
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_NOBODY_KNOWS = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})


class SlackStaff:
    """`ports.Staff`. `token` is asked for at the first call; `api` is another address of Slack's, if not its own."""

    def __init__(self, token: Callable[[], str], api: str = "", timeout_seconds: int = 5) -> None:
        self._token = token
        self._api = api or SLACK_API
        self._timeout = timeout_seconds

    @cached_property
    def _client(self) -> WebClient:
        # No retries of the SDK's own: a line that may have been posted is the outbox's to repeat.
        return WebClient(self._token(), base_url=self._api, timeout=self._timeout, retry_handlers=[])

    @cached_property
    def _quick_client(self) -> WebClient:
        return WebClient(self._token(), base_url=self._api, timeout=_FORM_SECONDS, retry_handlers=[])

    def post(self, channel: str, line: StaffLine) -> str:
        """The message's timestamp. Raises DefiniteNo or NoAnswer, and nothing else."""
        try:
            answer = self._client.chat_postMessage(
                channel=channel,
                text=escaped(line.text),
                blocks=blocks(line.text, line.buttons, line.links),
                metadata=_metadata(line),
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
            )
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            raise _delivery_error(error) from error
        except ReminderError as no_token:
            raise DefiniteNo(_VENDOR, "the bot's token can't be read") from no_token
        return str(answer["ts"])

    def settle(self, channel: str, message: str, text: str) -> None:
        """Replace a message by this text, its buttons gone. Raises UpstreamError."""
        try:
            self._client.chat_update(channel=channel, ts=message, text=escaped(text), blocks=blocks(text), parse="none")
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            raise UpstreamError(_VENDOR, _delivery_error(error).reason) from error

    def show(self, channel: str, message: str, card: Card) -> Posted:
        """Put the card in place of a message, or post it. Raises MessageGone, DefiniteNo or NoAnswer."""
        said: dict[str, Any] = {
            "channel": channel,
            "text": escaped(card.heading),
            "blocks": card_blocks(card),
            "metadata": card_metadata(card),
            "parse": "none",
        }
        try:
            if message:
                answer = self._client.chat_update(ts=message, **said)
            else:
                answer = self._client.chat_postMessage(unfurl_links=False, unfurl_media=False, **said)
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            failure = _delivery_error(error)
            raise (MessageGone(_VENDOR, failure.reason) if failure.reason in _GONE else failure) from error
        except ReminderError as no_token:
            raise DefiniteNo(_VENDOR, "the bot's token can't be read") from no_token
        return Posted(str(answer.get("channel") or channel), str(answer["ts"]))

    def open_form(self, trigger: str, form: Form) -> None:
        """Open a form: one request, quickly or not at all. Raises DefiniteNo or NoAnswer."""
        try:
            self._quick_client.views_open(trigger_id=trigger, view=form_view(form))
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            raise _delivery_error(error) from error
        except ReminderError as no_token:
            raise DefiniteNo(_VENDOR, "the bot's token can't be read") from no_token


def blocks(text: str, buttons: Sequence[Button] = (), links: Sequence[Link] = ()) -> list[dict[str, Any]]:
    """The message's blocks: its text, cut where Slack would refuse it, then a line of links and a row of buttons if
    there are any."""
    shown: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": part, "verbatim": True}}
        for part in _sections(escaped(text))
    ]
    if links:
        leading = " · ".join(f"<{escaped(link.url)}|{escaped(link.label)}>" for link in links)
        shown.append({"type": "context", "elements": [{"type": "mrkdwn", "text": leading, "verbatim": True}]})
    if buttons:
        shown.append(
            {"type": "actions", "elements": [button_block(place, button) for place, button in enumerate(buttons)]}
        )
    return shown


def _sections(text: str) -> list[str]:
    sections = [""]
    for line in text.splitlines(keepends=True):
        for begin in range(0, len(line), _MAX_SECTION):
            piece = line[begin : begin + _MAX_SECTION]
            if len(sections[-1]) + len(piece) > _MAX_SECTION:
                sections.append("")
            sections[-1] += piece
    return [section.rstrip("\n") or " " for section in sections][:48]


def _metadata(line: StaffLine) -> dict[str, Any]:
    """What the line is about, for whoever looks for it later; people don't see it."""
    return {
        "event_type": f"ar_{line.move}",
        "event_payload": {
            "appt_id": line.appt_id or "",
            "chain": line.chain,
            "move": line.move,
            "hours": "" if line.hours is None else f"{line.hours:g}",
            "reason": line.reason,
        },
    }


def _delivery_error(error: Exception) -> DeliveryError:
    """Slack's own name for the refusal, or what became of the connection; never the message."""
    if isinstance(error, SlackApiError):
        said = error.response.get("error") if isinstance(error.response.data, dict) else None
        word = (
            said if isinstance(said, str) and said.replace("_", "").isalnum() else f"HTTP {error.response.status_code}"
        )
        open_end = word in _NOBODY_KNOWS or error.response.status_code >= 500
        return (NoAnswer if open_end else DefiniteNo)(_VENDOR, word)
    if isinstance(error, URLError) and isinstance(error.reason, socket.gaierror | ConnectionRefusedError):
        return DefiniteNo(_VENDOR, "not reached")
    if isinstance(error, ValueError):
        return DefiniteNo(_VENDOR, "the line can't be shown")
    return NoAnswer(_VENDOR, type(error).__name__)
