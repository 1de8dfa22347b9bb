"""Randomness from the operating system's generator."""

from __future__ import annotations

import secrets
import string

_LETTERS = string.ascii_lowercase + string.digits


class SystemTokens:
    """`ports.Tokens`."""

    def nonce(self) -> bytes:
        """16 bytes from a CSPRNG."""
        return secrets.token_bytes(16)

    def tail(self) -> str:
        """Eight letters and digits, some 41 bits: enough to tell two writes of one instant apart."""
        return "".join(secrets.choice(_LETTERS) for _ in range(8))
