"""The app answers API Gateway's events and a Lambda Function URL's (payload 2.0) alike; Chalice knows the first only.

Whatever goes wrong, an answer is dressed like every other: it is never stored, framed or sniffed, and says nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from chalice.app import Chalice, Response

log = logging.getLogger(__name__)

MAX_FORM_BYTES = 16_384
MAX_FORM_FIELDS = 20
MAX_QUERY_FIELDS = 50
BARE_HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Strict-Transport-Security": "max-age=31536000",
}
_WORDS = {
    200: "",
    401: "",
    403: "",
    404: "There is nothing here.",
    405: "This can't be done here.",
    415: "This form can't be read.",
}
_SORRY = "Something went wrong on our side. Please try again in a minute, or call the shop."


class FnUrlChalice(Chalice):
    """A Chalice app that also takes Function URL events. It logs through the root logger, which scrubs."""

    def __init__(self, app_name: str) -> None:
        super().__init__(app_name, configure_logs=False)
        self.register_middleware(_dress, "http")
        for kind in ("scheduled", "cloudwatch", "pure_lambda"):
            self.register_middleware(_fail_quietly, kind)

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer one HTTP event of either kind."""
        if event.get("version") != "2.0":
            answer: dict[str, Any] = super().__call__(event, context)
            return answer
        path = event.get("rawPath") or "/"
        resource, parameters = self._resource(path)
        if resource is None:
            return _payload_2(bare(404).to_dict())
        return _payload_2(super().__call__(as_payload_1(event, path, resource, parameters), context))

    def _resource(self, path: str) -> tuple[str | None, dict[str, str]]:
        """The declared route that a path is for, and what stands in its `{places}`."""
        for resource in self.routes:
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(resource))
            found = re.fullmatch(pattern, path)
            if found:
                return resource, found.groupdict()
        return None, {}


class Failed(Exception):
    """A function failed; what happened is in the log, scrubbed. Lambda prints this one as it is."""


def _fail_quietly(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Log a failure through our own formatter, and let Lambda (which will try again) see only its kind."""
    try:
        return get_response(event)
    except Exception as failure:
        log.exception("function_failed")
        raise Failed(type(failure).__name__) from None


def _dress(event: Any, get_response: Callable[[Any], Response]) -> Response:
    response = dressed(get_response(event))
    if event is not None and event.method == "HEAD":
        response.body = ""
    return response


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form post; of several with one name the last. What isn't a small form has none."""
    if len(body) > MAX_FORM_BYTES:
        return {}
    try:
        return dict(parse_qsl(body.decode("utf-8"), max_num_fields=MAX_FORM_FIELDS))
    except ValueError:
        return {}


def as_payload_1(event: Mapping[str, Any], path: str, resource: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The event that API Gateway would have sent for a Function URL's."""
    headers = dict(event.get("headers") or {})
    if event.get("cookies"):
        headers["cookie"] = "; ".join(event["cookies"])
    query = _query(event.get("rawQueryString") or "")
    http = event["requestContext"]["http"]
    return {
        "path": path,
        "resource": resource,
        "httpMethod": http["method"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "body": event.get("body"),
        "isBase64Encoded": bool(event.get("isBase64Encoded")),
        "requestContext": {
            "httpMethod": http["method"],
            "resourcePath": resource,
            "path": path,
            "identity": {"sourceIp": http.get("sourceIp", "")},
        },
    }


def _query(text: str) -> dict[str, list[str]]:
    """The fields of a query by name. One of more fields than any link of ours has is a stranger's: it says nothing."""
    fields: dict[str, list[str]] = {}
    try:
        for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS):
            fields.setdefault(name, []).append(value)
    except ValueError:
        return {}
    return fields


def bare(status: int) -> Response:
    """An answer without a page: a status and one calm sentence."""
    return Response(_WORDS.get(status, _SORRY), dict(BARE_HEADERS), status)


def dressed(response: Response) -> Response:
    """The answer as it may leave. Chalice's own refusals (JSON that names classes) become a plain sentence."""
    if isinstance(response.body, Mapping) and response.status_code >= 400:
        plain = bare(response.status_code)
        if "Allow" in response.headers:
            plain.headers["Allow"] = response.headers["Allow"]
        return plain
    for name, value in BARE_HEADERS.items():
        if name.lower() not in {header.lower() for header in response.headers}:
            response.headers[name] = value
    return response


def _payload_2(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Payload 2.0 has no multi-value headers: cookies have their own place, the others are joined."""
    headers = dict(answer.get("headers") or {})
    several = dict(answer.get("multiValueHeaders") or {})
    cookies = [value for name, values in several.items() if name.lower() == "set-cookie" for value in values]
    headers.update({name: ", ".join(values) for name, values in several.items() if name.lower() != "set-cookie"})
    shown = {
        "statusCode": answer["statusCode"],
        "headers": headers,
        "body": answer.get("body", ""),
        "isBase64Encoded": bool(answer.get("isBase64Encoded")),
    }
    return {**shown, "cookies": cookies} if cookies else shown
