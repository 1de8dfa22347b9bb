"""Secrets Manager. A secret's value is in no message, no log and no `repr`: only its name is."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib import names
from chalicelib.adapters.aws_faults import upstream
from chalicelib.errors import ConfigError
from chalicelib.ports import ReplyKeys

_VENDOR = "Secrets Manager"
MIN_KEY_BYTES = 32
MAX_KEY_ID = 15


class SecretsManager:
    """`ports.Secrets`, and what bootstrap hands to Google's and Slack's adapters. `hide` hears every secret text, so
    that the logs can keep it out."""

    def __init__(self, client: Any, hide: Callable[[str], None] = lambda text: None) -> None:
        self._client = client
        self._hide = hide
        self._texts: dict[str, str] = {}

    def reply_keys(self, reload: bool = False) -> ReplyKeys:
        """The keys of reply tokens, from `{"current": 1, "keys": {"1": "<base64 of 32 bytes or more>"}}`.

        Raises ConfigError for a secret of another form.
        """
        if reload:
            self._texts.pop(names.REPLY_KEYS_SECRET, None)
        return parse_reply_keys(self._text(names.REPLY_KEYS_SECRET), self._hide)

    def slack_signing_secret(self) -> str:
        """What Slack signs its requests with."""
        return self._text(names.SLACK_SIGNING_SECRET).strip()

    def slack_token(self) -> str:
        """The bot's token."""
        return self._text(names.SLACK_TOKEN_SECRET).strip()

    def google_account(self) -> Mapping[str, Any]:
        """The service account's key file. Raises ConfigError if it isn't one."""
        try:
            account = json.loads(self._text(names.GOOGLE_SECRET))
            self._hide(account["private_key"])
        except (ValueError, KeyError, TypeError):
            raise ConfigError([f"secret {names.GOOGLE_SECRET}: expected a service account's JSON key"]) from None
        found: Mapping[str, Any] = account
        return found

    def _text(self, name: str) -> str:
        if name not in self._texts:
            with upstream(_VENDOR):
                self._texts[name] = self._client.get_secret_value(SecretId=name)["SecretString"]
            self._hide(self._texts[name])
        return self._texts[name]


def parse_reply_keys(text: str, hide: Callable[[str], None] = lambda text: None) -> ReplyKeys:
    """The keys that the secret holds. Raises ConfigError, which says what was expected and not what was there."""
    try:
        secret = json.loads(text)
        keys: dict[int, bytes] = {}
        for number, key in secret["keys"].items():
            hide(key)
            keys[int(number)] = base64.b64decode(key.replace("-", "+").replace("_", "/") + "=" * (-len(key) % 4))
        current = int(secret["current"])
        sound = current in keys and all(
            0 <= number <= MAX_KEY_ID and len(key) >= MIN_KEY_BYTES for number, key in keys.items()
        )
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        sound = False
    if not sound:
        raise ConfigError(
            [
                f'secret {names.REPLY_KEYS_SECRET}: expected {{"current": 1, "keys": {{"1": "..."}}}} with ids from 0 '
                f"to {MAX_KEY_ID} and base64 keys of {MIN_KEY_BYTES} bytes or more"
            ]
        ) from None
    return ReplyKeys(current, keys)
