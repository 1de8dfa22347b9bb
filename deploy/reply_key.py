"""The key that signs reply links: made here, once, where the secret still holds what the stack put there.

It is never printed, and never made twice: a second one would break every link that is out.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.secrets_manager import MIN_KEY_BYTES

PLACEHOLDER = "not set yet"
"""What the data stack puts into each secret, so that it is there to be filled."""


def is_stored(client: Any, secret: str) -> bool:
    """Whether the secret holds something that somebody has put there."""
    try:
        text = client.get_secret_value(SecretId=secret).get("SecretString", "")
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise
    return bool(text.strip()) and text.strip() != PLACEHOLDER


def make_reply_key(client: Any, secret: str) -> bool:
    """Put a new random key into the secret; False if there is one already."""
    if is_stored(client, secret):
        return False
    key = base64.b64encode(secrets.token_bytes(MIN_KEY_BYTES)).decode()
    client.put_secret_value(SecretId=secret, SecretString=json.dumps({"current": 1, "keys": {"1": key}}))
    return True
