"""A moto server (run as a module, with `-H` and `-p`) that takes a whole `chalice deploy`: three of its gaps closed.

By itself it reads neither Chalice's Swagger 2.0 document nor one without a description, and knows a notification's
prefix and suffix in small letters only, where AWS takes both.
"""

from __future__ import annotations

import sys
from typing import Any

from moto.apigateway.models import APIGatewayBackend
from moto.s3.responses import S3Response
from moto.server import main

_import_rest_api, _put_rest_api = APIGatewayBackend.import_rest_api, APIGatewayBackend.put_rest_api
_notification_config_from_body = S3Response._notification_config_from_body


def as_openapi(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a version that moto reads, and a description."""
    rest = {name: value for name, value in document.items() if name != "swagger"}
    return {"openapi": "3.0.1", **rest, "info": {"description": "", **document.get("info", {})}}


def import_rest_api(self: APIGatewayBackend, api_doc: dict[str, Any], fail_on_warnings: bool) -> Any:
    """moto's own, given what it reads."""
    return _import_rest_api(self, as_openapi(api_doc), fail_on_warnings)


def put_rest_api(
    self: APIGatewayBackend,
    function_id: str,
    api_doc: dict[str, Any],
    fail_on_warnings: bool = False,
    mode: str = "merge",
) -> Any:
    """moto's own, given what it reads."""
    return _put_rest_api(self, function_id, as_openapi(api_doc), fail_on_warnings, mode)


def notification_config_from_body(self: S3Response) -> Any:
    """moto's own, with the names that it knows."""
    for capital, small in (("Prefix", "prefix"), ("Suffix", "suffix")):
        self.body = self.body.replace(f">{capital}<".encode(), f">{small}<".encode())
    return _notification_config_from_body(self)


APIGatewayBackend.import_rest_api = import_rest_api  # type: ignore[method-assign]
APIGatewayBackend.put_rest_api = put_rest_api  # type: ignore[method-assign]
S3Response._notification_config_from_body = notification_config_from_body  # type: ignore[method-assign]

if __name__ == "__main__":
    main(sys.argv[1:])
