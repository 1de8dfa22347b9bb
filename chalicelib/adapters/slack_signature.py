"""What Slack posts to us: believed only if it is signed over the raw body, at most five minutes ago."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from slack_sdk.signature import Clock, SignatureVerifier

from chalicelib.errors import TokenRefused
from chalicelib.ports import StaffPress

_MAX_BODY = 256_000


class SlackPresses:
    """`ports.StaffPresses`. `secret` is asked for at each request, and may be cached where it comes from."""

    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> StaffPress | None:
        """The press or filled form; None for what is signed but neither. Raises TokenRefused."""
        if len(body) > _MAX_BODY:
            raise TokenRefused("Slack request of more than 256 kB")
        if not self._signed(headers, body, now):
            raise TokenRefused("Slack signature missing, wrong or older than five minutes")
        press = press_of(body)
        return replace(press, request=hashlib.sha256(body + _signature(headers)).hexdigest()) if press else None

    def _signed(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        verifier = SignatureVerifier(self._secret(), _Stopped(now))
        try:
            return verifier.is_valid_request(body, dict(headers))
        except (ValueError, TypeError, UnicodeDecodeError):  # a time that is no number, bytes that are no UTF-8
            return False


def _signature(headers: Mapping[str, str]) -> bytes:
    """What only this request has: its time is signed with its body."""
    return {name.lower(): text for name, text in headers.items()}.get("x-slack-signature", "").encode()


class _Stopped(Clock):
    """The library's clock, standing at the time that came in as an argument."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()


def press_of(body: bytes) -> StaffPress | None:
    """The press or the filled form that a (verified) post of Slack's describes; None if it is neither."""
    try:
        payload = json.loads(parse_qs(body.decode("utf-8"), max_num_fields=20)["payload"][0])
        if payload["type"] == "view_submission":
            return _filled_form(payload)
        if payload["type"] != "block_actions":
            return None
        pressed = payload["actions"][0]
        if pressed["type"] != "button":
            return None
        channel = payload.get("channel") or {}
        return StaffPress(
            action=str(pressed["action_id"]).partition("#")[0],
            value=str(pressed.get("value") or ""),
            user=_user_name(payload),
            user_id=str(payload["user"]["id"]),
            channel=str(channel.get("id") or ""),
            channel_name=str(channel.get("name") or ""),
            message=_message(payload),
            trigger=str(payload.get("trigger_id") or ""),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None


def _message(payload: Mapping[str, Any]) -> str:
    container = payload.get("container") or {}
    message = payload.get("message") or {}
    return str(container.get("message_ts") or message.get("ts") or "")


def _user_name(payload: Mapping[str, Any]) -> str:
    user = payload["user"]
    return str(user.get("name") or user.get("username") or user["id"])


def _filled_form(payload: Mapping[str, Any]) -> StaffPress:
    view = payload["view"]
    filled = {}
    for name, inputs in view["state"]["values"].items():
        (given,) = inputs.values()
        filled[str(name)] = str(given.get("value") or given.get("selected_date") or given.get("selected_time") or "")
    return StaffPress(
        action=str(view["callback_id"]),
        value=str(view.get("private_metadata") or ""),
        user=_user_name(payload),
        user_id=str(payload["user"]["id"]),
        channel="",
        channel_name="",
        message="",
        filled=filled,
    )
