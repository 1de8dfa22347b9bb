"""E-mail through SES, raw, so that it carries its own HTML, .ics and unsubscribe headers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.errors import MessageError
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws_faults import NOT_A_REFUSAL, code, delivery_error
from chalicelib.adapters.email_parts import ascii_address, mime
from chalicelib.errors import BadRecipient
from chalicelib.ports import EmailMessage

_VENDOR = "SES"
_NEVER_WILL = frozenset({"MessageRejected", "BadRequestException"})
"""Refused for what it is: an address that SES won't take, or a sandbox that doesn't know it. Never its words: they
quote the address."""


class SesEmail:
    """`ports.Email`. `sender` is the verified identity; `clock` dates the mail."""

    def __init__(self, client: Any, sender: Callable[[], str], clock: Callable[[], datetime]) -> None:
        self._client = client
        self._sender = sender
        self._clock = clock

    def send(self, message: EmailMessage) -> str:
        """The vendor's message id. Raises DefiniteNo, BadRecipient or NoAnswer, and nothing else."""
        sender = self._sender()
        try:
            recipient = ascii_address(message.to)
            raw = mime(message, sender, self._clock())
        except (ValueError, IndexError, MessageError) as error:  # the address parser's ways of saying no
            raise BadRecipient(_VENDOR, "not an address that mail can be sent to") from error
        try:
            answer = self._client.send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [recipient]},
                Content={"Raw": {"Data": raw}},
            )
        except ClientError as error:
            if code(error) in _NEVER_WILL:
                raise BadRecipient(_VENDOR, code(error)) from error
            raise delivery_error(_VENDOR, error) from error
        except NOT_A_REFUSAL as error:
            raise delivery_error(_VENDOR, error) from error
        return str(answer.get("MessageId", ""))
