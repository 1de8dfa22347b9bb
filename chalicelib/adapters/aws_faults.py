"""How AWS says no, in our words: one place, so that every AWS adapter says it alike and quotes no request.

An error's message may hold an address or a number; only its code goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from chalicelib.errors import DefiniteNo, DeliveryError, NoAnswer, UpstreamError

NEVER_LEFT = (
    EndpointConnectionError,
    ConnectTimeoutError,
    NoCredentialsError,
    PartialCredentialsError,
    ParamValidationError,
)
"""Raised before the request has left: certainly not done."""

NOT_A_REFUSAL = (BotoCoreError, ResponseParserError)
"""All that a call can raise besides AWS's own word (ClientError): no connection, no answer, no readable one."""


def code(error: ClientError) -> str:
    """AWS's own name for what went wrong."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def message(error: ClientError) -> str:
    """AWS's words, for an adapter to look into; never to be passed on."""
    return str(error.response.get("Error", {}).get("Message", ""))


def status(error: ClientError) -> int:
    """The HTTP status; 0 if there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def upstream(vendor: str) -> Iterator[None]:
    """What AWS refuses or doesn't answer inside becomes UpstreamError: a later run tries again."""
    try:
        yield
    except ClientError as error:
        raise UpstreamError(vendor, code(error)) from error
    except NOT_A_REFUSAL as error:
        raise UpstreamError(vendor, type(error).__name__) from error


def delivery_error(vendor: str, error: Exception) -> DeliveryError:
    """Whether a message certainly did not leave. A 5xx, a read timeout or a lost connection leaves it open."""
    if isinstance(error, ClientError):
        refused = 400 <= status(error) < 500
        return (DefiniteNo if refused else NoAnswer)(vendor, code(error))
    return (DefiniteNo if isinstance(error, NEVER_LEFT) else NoAnswer)(vendor, type(error).__name__)
