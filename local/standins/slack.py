"""A small Slack: it keeps what was posted, and its buttons send a signed form to the app, as Slack's do."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from local.standins.http import HttpStandIn, Request, Response, json_response
from local.standins.slack_limits import blocks_problem, filled_state, metadata_problem, view_problem

TRIGGER_SECONDS = 3
"""How long a press may open a form: real seconds, as Slack counts them."""


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


@dataclass
class SlackChannel:
    """A channel that there is; the bot is in it or not."""

    member: bool = True
    archived: bool = False


@dataclass
class SlackModal:
    """A form as the person who pressed has it before them; `errors` is what the app found wrong with it, by block."""

    view_id: str
    user: str
    view: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> dict[str, str]:
        """What stands in each input when it opens."""
        return {block["block_id"]: filled_state(block)[1] for block in self.view["blocks"] if block["type"] == "input"}


class SlackStandIn(HttpStandIn):
    """The Web API methods that are used, at `/api/<method>`, and `press` for the buttons."""

    def __init__(self, clock: Callable[[], datetime], token: str, signing_secret: str) -> None:
        super().__init__()
        self._clock = clock
        self._token = token
        self._signing_secret = signing_secret
        self._guard = threading.Lock()
        self.messages: list[SlackMessage] = []
        self.modals: list[SlackModal] = []  # those that are open
        self._triggers: dict[str, tuple[float, str]] = {}
        self._views = 0
        self.interactive_url = ""
        self.scopes = {"chat:write", "channels:read", "groups:read"}
        self.channels: dict[str, SlackChannel] = {}  # by name, as far as somebody asks; lines are taken for any

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
                    known = json_response({"ok": True, "user": "reminders", "team": "shop", "bot_id": "B0REMINDER"})
                    return replace(known, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))})
                case "users.conversations" | "conversations.info":
                    return self._look(method, arguments)
                case "chat.postMessage":
                    return self._post(arguments)
                case "chat.update":
                    return self._update(arguments)
                case "views.open":
                    return self._open(arguments)
                case _:
                    return json_response({"ok": False, "error": "unknown_method"})

    def _look(self, method: str, arguments: dict[str, Any]) -> Response:
        """The channels that the bot is in, or one by its id."""
        if not {"channels:read", "groups:read"} <= self.scopes:
            return json_response({"ok": False, "error": "missing_scope"})
        shown = {
            name: {"id": channel_id(name), "name": name, "is_member": one.member, "is_archived": one.archived}
            for name, one in self.channels.items()
        }
        if method == "users.conversations":
            mine = [one for one in shown.values() if one["is_member"]]
            return json_response({"ok": True, "channels": mine, "response_metadata": {"next_cursor": ""}})
        asked = next((one for one in shown.values() if one["id"] == arguments.get("channel")), None)
        return json_response({"ok": True, "channel": asked} if asked else {"ok": False, "error": "channel_not_found"})

    def _post(self, arguments: dict[str, Any]) -> Response:
        if not arguments.get("channel"):
            return json_response({"ok": False, "error": "channel_not_found"})
        if refused := _refused(arguments):
            return refused
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
        if refused := _refused(arguments):
            return refused
        for message in self.messages:
            if message.ts == arguments.get("ts"):
                message.text = str(arguments.get("text", message.text))
                message.blocks = arguments.get("blocks") or []
                message.metadata = arguments.get("metadata") or message.metadata
                message.edited_at = self._clock().isoformat()
                return json_response({"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text})
        return json_response({"ok": False, "error": "message_not_found"})

    def _open(self, arguments: dict[str, Any]) -> Response:
        """`views.open`: the trigger is of a press at most three seconds old, and good for one form."""
        pressed_at, user = self._triggers.pop(str(arguments.get("trigger_id")), (None, ""))
        if pressed_at is None:
            return json_response({"ok": False, "error": "invalid_trigger"})
        if time.monotonic() - pressed_at > TRIGGER_SECONDS:
            return json_response({"ok": False, "error": "expired_trigger_id"})
        view = arguments.get("view")
        if problem := view_problem(view):
            return json_response(
                {"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": [problem]}}
            )
        self._views += 1
        self.modals.append(SlackModal(f"V{self._views}", user, dict(view or {})))
        return json_response({"ok": True, "view": {"id": f"V{self._views}", **(view or {})}})

    def submit(self, view_id: str, changes: dict[str, str] | None = None) -> int:
        """Send a form off with these inputs changed (block -> text). Returns the app's HTTP status.

        A form that the app takes is closed; one with faults stays open and has them in `errors`, as Slack shows them.
        Raises LookupError if no such form is open.
        """
        with self._guard:
            modal = next((m for m in self.modals if m.view_id == view_id), None)
        if modal is None:
            raise LookupError(f"no form {view_id} is open")
        given = {**modal.inputs, **(changes or {})}
        states = {}
        for block in modal.view["blocks"]:
            if block["type"] == "input":
                key, _ = filled_state(block)
                element = block["element"]
                state = {"type": element["type"], key: given[block["block_id"]] or None}
                states[block["block_id"]] = {element["action_id"]: state}
        kept = {name: modal.view.get(name, "") for name in ("callback_id", "private_metadata")}
        payload = {
            "type": "view_submission",
            "user": {"id": "U" + modal.user.upper(), "username": modal.user, "name": modal.user},
            "view": {"id": view_id, "type": "modal", **kept, "state": {"values": states}},
        }
        body = urlencode({"payload": json.dumps(payload)}).encode()
        status, answered = self._send(body, int(self._clock().timestamp()))
        told = json.loads(answered) if answered.startswith(b"{") else {}
        modal.errors = told.get("errors", {}) if told.get("response_action") == "errors" else {}
        if status == 200 and not modal.errors:
            with self._guard:
                self.modals.remove(modal)
        return status

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
        trigger = f"{ts}.{uuid.uuid4().hex}"
        self._triggers[trigger] = (time.monotonic(), user)
        payload = {
            "type": "block_actions",
            "user": {"id": "U" + user.upper(), "username": user, "name": user},
            "channel": {"id": message.channel, "name": message.channel.lstrip("#")},
            "container": {"type": "message", "message_ts": ts, "channel_id": message.channel},
            "message": {"ts": ts, "text": message.text},
            "trigger_id": trigger,
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
        return self._send(body, timestamp)[0]

    def _send(self, body: bytes, timestamp: int) -> tuple[int, bytes]:
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
                return int(answer.status), answer.read()
        except HTTPError as refused:
            return refused.code, b""

    def save(self) -> list[dict[str, Any]]:
        """Every message, JSON-able."""
        with self._guard:
            return [asdict(message) for message in self.messages]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Put saved messages back."""
        with self._guard:
            self.messages = [SlackMessage(**entry) for entry in saved]


def channel_id(name: str) -> str:
    """The id of a channel, as Slack's look."""
    return "C" + hashlib.sha256(name.encode()).hexdigest()[:10].upper()


def _refused(arguments: dict[str, Any]) -> Response | None:
    """Slack's refusal of a message that it wouldn't show."""
    if problem := blocks_problem(arguments.get("blocks") or []):
        return json_response({"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": [problem]}})
    if problem := metadata_problem(arguments.get("metadata") or {}):
        return json_response({"ok": False, "error": problem})
    return None


def _arguments(request: Request) -> dict[str, Any]:
    """A method's arguments, sent as JSON or as a form whose nested values are JSON."""
    if "json" in request.headers.get("content-type", ""):
        return dict(request.json())
    form: dict[str, Any] = dict(request.form())
    for name in ("blocks", "metadata", "view"):
        if isinstance(form.get(name), str) and form[name]:
            form[name] = json.loads(form[name])
    return form
