"""A small Slack: it keeps what was posted, and its buttons send a signed form to the app, as Slack's do."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from local.standins.http import HttpStandIn, Request, Response, json_response


@dataclass
class SlackMessage:
    """One message as the channel shows it; `posted` is its first text. `at` is the moved clock's, ISO UTC."""

    ts: str
    channel: str
    at: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    edited_at: str = ""
    posted: str = ""

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons that can be pressed now."""
        return [
            element
            for block in self.blocks
            if block.get("type") == "actions"
            for element in block.get("elements", [])
            if element.get("type") == "button"
        ]


class SlackStandIn(HttpStandIn):
    """The Web API methods that are used, at `/api/<method>`, and `press` for the buttons."""

    def __init__(self, clock: Callable[[], datetime], token: str, signing_secret: str) -> None:
        super().__init__()
        self._clock = clock
        self._token = token
        self._signing_secret = signing_secret
        self._guard = threading.Lock()
        self.messages: list[SlackMessage] = []
        self.interactive_url = ""

    def handle(self, request: Request) -> Response:
        """Answer as Slack does: 200 with `ok`, and an error word when it isn't."""
        arguments = _arguments(request)
        if (
            request.headers.get("authorization", "") != f"Bearer {self._token}"
            and arguments.get("token") != self._token
        ):
            return json_response({"ok": False, "error": "invalid_auth"})
        method = request.path.rpartition("/")[2]
        with self._guard:
            match method:
                case "auth.test":
                    return json_response({"ok": True, "user": "reminders", "team": "shop"})
                case "chat.postMessage":
                    return self._post(arguments)
                case "chat.update":
                    return self._update(arguments)
                case _:
                    return json_response({"ok": False, "error": "unknown_method"})

    def _post(self, arguments: dict[str, Any]) -> Response:
        if not arguments.get("channel"):
            return json_response({"ok": False, "error": "channel_not_found"})
        now = self._clock()
        message = SlackMessage(
            ts=f"{int(now.timestamp())}.{len(self.messages):06d}",
            channel=str(arguments["channel"]),
            at=now.isoformat(),
            text=str(arguments.get("text", "")),
            posted=str(arguments.get("text", "")),
            blocks=arguments.get("blocks") or [],
            metadata=arguments.get("metadata") or {},
        )
        self.messages.append(message)
        return json_response({"ok": True, "channel": message.channel, "ts": message.ts, "message": asdict(message)})

    def _update(self, arguments: dict[str, Any]) -> Response:
        for message in self.messages:
            if message.ts == arguments.get("ts"):
                message.text = str(arguments.get("text", message.text))
                message.blocks = arguments.get("blocks") or []
                message.edited_at = self._clock().isoformat()
                return json_response({"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text})
        return json_response({"ok": False, "error": "message_not_found"})

    def press(self, ts: str, action_id: str, user: str = "dana") -> int:
        """Press a button of a message: a signed form POST to the app. Returns the app's HTTP status.

        Raises LookupError if the message has no such button (any more).
        """
        with self._guard:
            message = next((m for m in self.messages if m.ts == ts), None)
            button = next((b for b in message.buttons if b.get("action_id") == action_id), None) if message else None
        if message is None or button is None:
            raise LookupError(f"no button {action_id} on that message")
        now = self._clock()
        payload = {
            "type": "block_actions",
            "user": {"id": "U" + user.upper(), "username": user, "name": user},
            "channel": {"id": message.channel, "name": message.channel.lstrip("#")},
            "container": {"type": "message", "message_ts": ts, "channel_id": message.channel},
            "message": {"ts": ts, "text": message.text},
            "trigger_id": f"{ts}.trigger",
            "actions": [
                {
                    "type": "button",
                    "action_id": action_id,
                    "value": button.get("value", ""),
                    "action_ts": str(now.timestamp()),
                }
            ],
        }
        return self.send_signed(urlencode({"payload": json.dumps(payload)}).encode(), int(now.timestamp()))

    def send_signed(self, body: bytes, timestamp: int) -> int:
        """POST a body with Slack's v0 signature. Returns the HTTP status."""
        base = b"v0:" + str(timestamp).encode() + b":" + body
        signature = "v0=" + hmac.new(self._signing_secret.encode(), base, hashlib.sha256).hexdigest()
        request = urllib.request.Request(
            self.interactive_url,
            data=body,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Slack-Request-Timestamp": str(timestamp),
                "X-Slack-Signature": signature,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except HTTPError as refused:
            return refused.code

    def save(self) -> list[dict[str, Any]]:
        """Every message, JSON-able."""
        with self._guard:
            return [asdict(message) for message in self.messages]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Put saved messages back."""
        with self._guard:
            self.messages = [SlackMessage(**entry) for entry in saved]


def _arguments(request: Request) -> dict[str, Any]:
    """A method's arguments, sent as JSON or as a form whose nested values are JSON."""
    if "json" in request.headers.get("content-type", ""):
        return dict(request.json())
    form: dict[str, Any] = dict(request.form())
    for name in ("blocks", "metadata"):
        if isinstance(form.get(name), str) and form[name]:
            form[name] = json.loads(form[name])
    return form
