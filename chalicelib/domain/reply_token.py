"""Reply links and the buttons behind them: short, signed, and good for one thing (DESIGN §7).

A *link* opens a page and nothing else; it travels in a text, so every byte counts. An *action* sits in one button
of one view of that page and carries a nonce, so that a press acts once.

    link    mac 16 | version+key 1 | start+window 6 | appointment id
    action  mac 16 | version+key 1 | start+window 6 | action 1 | expiry 5 | nonce 16 | appointment id

The mac is HMAC-SHA256 over the purpose and the rest, cut to its leftmost 128 bits. An id of 8 characters makes a
link of 42. The id comes last so that a link ends in a letter or digit: phones leave a trailing dash out of the link.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.appointment import Window, chain_id, chain_start
from chalicelib.errors import TokenRefused

VERSION = 1
NONCE_BYTES = 16
_MAC_BYTES = 16
_WINDOW_BITS = 20  # up to two years in minutes; the other 28 hold the start's minute up to the year 2480
_MOMENT_BYTES = 6
_EXPIRY_BYTES = 5
_LONGEST = 1200  # characters; a longer one isn't ours, and isn't decoded
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LINK_PURPOSE = b"link\0"
_ACTION_PURPOSE = b"action\0"


class Keys(Protocol):
    """The live HMAC keys by id (0-15), and the one that new tokens are made with (`ports.ReplyKeys`)."""

    @property
    def current(self) -> int: ...

    @property
    def keys(self) -> Mapping[int, bytes]: ...


class UnknownKey(TokenRefused):
    """Made with a key that isn't among these: it may be newer than they are, so they are worth reloading once."""


class Expired(TokenRefused):
    """Genuine, and over. Nobody outside is told the difference."""


class ReplyAction(StrEnum):
    """What a button does."""

    CONFIRM = "confirm"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    UNDO = "undo"
    NO_TEXTS = "no-texts"
    TEXTS_AGAIN = "texts-again"
    NO_EMAILS = "no-emails"
    EMAILS_AGAIN = "emails-again"


_CODES = {action: code for code, action in enumerate(ReplyAction, start=1)}
_ACTIONS = {code: action for action, code in _CODES.items()}


@dataclass(frozen=True, slots=True)
class Link:
    """What a reply link names: the appointment, its chain, and the window of the message it came in (0: none)."""

    appt_id: str
    chain: str
    window: Window = 0

    @property
    def expires(self) -> datetime:
        """A link is over when its visit starts."""
        return chain_start(self.chain)


@dataclass(frozen=True, slots=True)
class Action:
    """What a button names. `nonce` is spent by the press."""

    link: Link
    action: ReplyAction
    nonce: bytes
    expires: datetime


def issue_link(link: Link, keys: Keys) -> str:
    """The token of a reply link, base64url. Raises ValueError for a chain or window that can't be written."""
    return _seal(_moment(link) + link.appt_id.encode(), _LINK_PURPOSE, keys)


def read_link(token: str, keys: Keys, now: datetime, allow_expired: bool = False) -> Link:
    """The link of a token. Raises TokenRefused: UnknownKey, Expired (unless allowed), or plain for any other reason."""
    body = _open(token, _LINK_PURPOSE, keys)
    link = _link(body[:_MOMENT_BYTES], body[_MOMENT_BYTES:])
    if now >= link.expires and not allow_expired:
        raise Expired(f"the link ended at {link.expires:%Y-%m-%dT%H:%MZ}")
    return link


def issue_action(link: Link, action: str, nonce: bytes, expires: datetime, keys: Keys) -> str:
    """The token of one button. `expires` is kept to the second. Raises ValueError for what can't be written."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes, not {len(nonce)}")
    seconds = (expires.astimezone(UTC) - _EPOCH) // timedelta(seconds=1)
    body = (
        _moment(link)
        + bytes([_CODES[ReplyAction(action)]])
        + seconds.to_bytes(_EXPIRY_BYTES, "big")
        + nonce
        + link.appt_id.encode()
    )
    return _seal(body, _ACTION_PURPOSE, keys)


def read_action(token: str, keys: Keys, now: datetime) -> Action:
    """The action of a button's token. Raises TokenRefused: UnknownKey, Expired, or plain for any other reason."""
    body = _open(token, _ACTION_PURPOSE, keys)
    head = _MOMENT_BYTES + 1 + _EXPIRY_BYTES + NONCE_BYTES
    if len(body) <= head or body[_MOMENT_BYTES] not in _ACTIONS:
        raise TokenRefused("not an action")
    code, rest = body[_MOMENT_BYTES], body[_MOMENT_BYTES + 1 :]
    action = Action(
        link=_link(body[:_MOMENT_BYTES], body[head:]),
        action=_ACTIONS[code],
        nonce=rest[_EXPIRY_BYTES : _EXPIRY_BYTES + NONCE_BYTES],
        expires=_EPOCH + timedelta(seconds=int.from_bytes(rest[:_EXPIRY_BYTES], "big")),
    )
    if now >= action.expires:
        raise Expired("the button is too old")
    return action


def _moment(link: Link) -> bytes:
    """The chain's minute and the window, side by side in six bytes."""
    if not 0 <= link.window < 1 << _WINDOW_BITS:
        raise ValueError(f"a window of {link.window} minutes does not fit a link")
    minutes = (chain_start(link.chain) - _EPOCH) // timedelta(minutes=1)
    if not 0 <= minutes < 1 << (8 * _MOMENT_BYTES - _WINDOW_BITS):
        raise ValueError(f"the start of chain {link.chain} does not fit a link")
    return (minutes << _WINDOW_BITS | link.window).to_bytes(_MOMENT_BYTES, "big")


def _link(moment: bytes, appt_id: bytes) -> Link:
    if len(moment) != _MOMENT_BYTES or not appt_id:
        raise TokenRefused("too short")
    number = int.from_bytes(moment, "big")
    start = _EPOCH + timedelta(minutes=number >> _WINDOW_BITS)
    try:
        return Link(appt_id.decode(), chain_id(start), number & ((1 << _WINDOW_BITS) - 1))
    except UnicodeDecodeError as exc:
        raise TokenRefused("not an appointment id") from exc


def _mac(purpose: bytes, body: bytes, key: bytes) -> bytes:
    return hmac.new(key, purpose + body, hashlib.sha256).digest()[:_MAC_BYTES]


def _seal(payload: bytes, purpose: bytes, keys: Keys) -> str:
    body = bytes([VERSION << 4 | keys.current]) + payload
    sealed = _mac(purpose, body, keys.keys[keys.current]) + body
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _open(token: str, purpose: bytes, keys: Keys) -> bytes:
    """What follows version and key in a genuine token."""
    if len(token) > _LONGEST:
        raise TokenRefused("too long")
    try:
        sealed = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as exc:
        raise TokenRefused("not base64url") from exc
    if base64.urlsafe_b64encode(sealed).rstrip(b"=") != token.encode():
        raise TokenRefused("not in its one spelling")
    mac, body = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
    if len(body) < 1 or body[0] >> 4 != VERSION:
        raise TokenRefused("not this version")
    key = keys.keys.get(body[0] & 0x0F)
    if key is None:
        raise UnknownKey(f"key {body[0] & 0x0F}")
    if not hmac.compare_digest(mac, _mac(purpose, body, key)):
        raise TokenRefused("not signed by us")
    return body[1:]
