"""Texts through SNS: one call is one HTTP request, for a repeated request is a repeated text.

The client must come with one attempt (`total_max_attempts=1`) and a read timeout shorter than the lease
(notes: botocore's default would publish three times when an answer is lost).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws_faults import NOT_A_REFUSAL, code, delivery_error, message
from chalicelib.errors import BadRecipient

_VENDOR = "SNS"
_INVALID = frozenset({"InvalidParameter", "InvalidParameterValue", "ValidationError", "ValidationException"})
_E164 = re.compile(r"\+[1-9]\d{6,14}")


class SnsSms:
    """`ports.Sms`. `sender` is a registered number (`+...`) or a sender id; blank is the account's default."""

    def __init__(self, client: Any, sender: Callable[[], str]) -> None:
        self._client = client
        self._sender = sender

    def send(self, phone: str, text: str) -> str:
        """The vendor's message id. Raises DefiniteNo, BadRecipient or NoAnswer, and nothing else."""
        if not _E164.fullmatch(phone):
            raise BadRecipient(_VENDOR, "not an E.164 number")
        try:
            answer = self._client.publish(
                PhoneNumber=phone, Message=text, MessageAttributes=_attributes(self._sender())
            )
        except ClientError as error:
            if _never_will(error):
                raise BadRecipient(_VENDOR, _why(error)) from error
            raise delivery_error(_VENDOR, error) from error
        except NOT_A_REFUSAL as error:
            raise delivery_error(_VENDOR, error) from error
        finally:
            # A frozen Lambda's idle connection is dead by the next send, and its reset would look like a lost
            # answer: a text that is never repeated. So every send has a connection of its own.
            self._client.close()
        return str(answer.get("MessageId", ""))


def _attributes(sender: str) -> dict[str, dict[str, str]]:
    values = {"AWS.SNS.SMS.SMSType": "Transactional"}
    if re.fullmatch(r"\+?\d+", sender):
        values["AWS.MM.SMS.OriginationNumber"] = sender
    elif sender:
        values["AWS.SNS.SMS.SenderID"] = sender
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


def _never_will(error: ClientError) -> bool:
    """Whether it is this number that SNS won't send to: an invalid one, or one that opted out at the provider."""
    words = message(error).lower()
    if "opted out" in words or "optedout" in code(error).lower():
        return True
    return code(error) in _INVALID and ("phonenumber" in words or "phone number" in words)


def _why(error: ClientError) -> str:
    return "opted out at the provider" if "opted" in (message(error) + code(error)).lower() else "invalid number"
