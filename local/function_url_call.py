"""A request of a browser, or of Slack, to the app as a Lambda Function URL makes it (payload 2.0), and back."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from local.standins.http import Request, Response


def call_as_function_url(
    app: Callable[[dict[str, Any], Any], Mapping[str, Any]], request: Request, now: datetime
) -> Response:
    """Call the app, and give its answer as one of HTTP."""
    answer = app(_event(request, now), None)
    body = str(answer.get("body") or "")
    raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    headers = {
        **{name: str(value) for name, value in (answer.get("headers") or {}).items()},
        **{name: str(values[-1]) for name, values in (answer.get("multiValueHeaders") or {}).items()},
    }
    content_type = next((headers.pop(name) for name in list(headers) if name.lower() == "content-type"), "text/html")
    return Response(int(answer["statusCode"]), raw, content_type, headers)


def _event(request: Request, now: datetime) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": "&".join(f"{k}={v}" for k, values in request.query.items() for v in values),
        "headers": dict(request.headers),
        "requestContext": {
            "http": {"method": request.method, "path": request.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "stage": "$default",
            "requestId": "local",
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "body": base64.b64encode(request.body).decode(),
        "isBase64Encoded": True,
    }
