"""Reading what a reply link or a button says, with the keys that are live now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.reply_token import Action, Link, UnknownKey, read_action, read_link
from chalicelib.errors import TokenRefused
from chalicelib.ports import ReplyKeys
from chalicelib.runtime import Runtime

T = TypeVar("T")


def open_link(rt: Runtime, token: str, now: datetime, allow_expired: bool = False) -> Link:
    """The link of a token. Raises TokenRefused."""
    return _with_keys(rt, lambda keys: read_link(token, keys, now, allow_expired))


def open_action(rt: Runtime, token: str, link: Link, now: datetime) -> Action:
    """The action of a button on the page of that link. Raises TokenRefused."""
    action = _with_keys(rt, lambda keys: read_action(token, keys, now))
    if action.link.appt_id != link.appt_id:
        raise TokenRefused("a button of another visit's page")
    return action


def _with_keys(rt: Runtime, read: Callable[[ReplyKeys], T]) -> T:
    """A key that isn't known may be newer than ours: the secret is reloaded once (DESIGN §6)."""
    try:
        return read(rt.secrets.reply_keys())
    except UnknownKey:
        return read(rt.secrets.reply_keys(reload=True))
