"""The reply pages: does the address in every text lead to them, and for how long is its certificate good?"""

from __future__ import annotations

import os
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from chalicelib import names
from chalicelib.bootstrap import utc_now
from ops.checks.findings import Check, Finding, ok, unchecked, warning, wrong
from ops.checks.site import Site
from ops.stage import PAGES_URL

NO_TOKEN = "x"
_CALM = 'data-outcome="refused"'
_TROUBLE = 'data-outcome="busy"'
_RENEWED_BEFORE = 21
"""Days: ACM renews sixty days before the end, so a certificate with fewer isn't renewed."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _answers(site: Site) -> Iterator[Finding]:
    base_url, where = site.rt.config.base_url, names.CONFIG_PATH + "base_url"
    asked = os.environ.get(PAGES_URL, "") if site.local else base_url
    mend = (
        f"compare it with what {site.deploy()} says, and with the DNS of {urlsplit(base_url).hostname}; then "
        + site.set_parameter("base_url", "https://.../r/")
    )
    if not site.local and urlsplit(base_url).scheme != "https":
        yield wrong(where, "isn't https: anybody on the way can read and press", mend)
    try:
        status, headers, body = look_at(asked + NO_TOKEN)
    except URLError as error:
        yield wrong(where, f"nothing answers there ({_why(error)}): every link in every text is dead", mend)
        return
    except OSError as error:
        yield wrong(where, f"nothing answers there ({type(error).__name__}): every link in every text is dead", mend)
        return
    if 300 <= status < 400:
        yield wrong(where, f"leads on to {urlsplit(headers.get('Location', '')).hostname}: presses would be lost", mend)
    elif _TROUBLE in body:
        yield wrong(
            where,
            "the pages answer, but can't read something that they need",
            "see the other findings; " + _logs(site),
        )
    elif status >= 500:
        yield wrong(where, f"the pages fail (HTTP {status})", _logs(site))
    elif _CALM not in body:
        yield wrong(where, f"something else answers there (HTTP {status}), not the reply pages", mend)
    elif "default-src 'none'" not in headers.get("Content-Security-Policy", ""):
        yield warning(where, "the page lost its security headers on the way: something rewrites it", mend)
    else:
        through = " (asked where the desk serves it)" if site.local else ""
        yield ok(where, f"a link that isn't good gets the calm page{through}")


def _why(error: URLError) -> str:
    reason = error.reason
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate: {reason.verify_message}"
    if isinstance(reason, socket.gaierror):
        return "no such name in DNS"
    return type(reason).__name__


def _logs(site: Site) -> str:
    if site.local:
        return "the desk's functions.log, in its state directory"
    function = site.settings.function("api_handler") if site.settings else "ar-STAGE"
    return site.aws("logs", "tail", f"/aws/lambda/{function}", "--since", "1h")


def look_at(url: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of a GET that follows nothing. Raises OSError (URLError is one)."""
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(url, timeout=15) as answer:
            return int(answer.status), dict(answer.headers), answer.read(200_000).decode("utf-8", "replace")
    except HTTPError as refused:
        return refused.code, dict(refused.headers), refused.read(200_000).decode("utf-8", "replace")


def _certificate(site: Site) -> Iterator[Finding]:
    parts = urlsplit(site.rt.config.base_url)
    where = f"certificate of {parts.hostname}"
    if site.local:
        yield unchecked(where, "a desk serves its pages on this machine, without one")
        return
    if parts.scheme != "https" or parts.hostname is None:
        yield unchecked(where, "base_url isn't https")
        return
    ends = certificate_end(parts.hostname, parts.port or 443)
    days = (ends - utc_now()).days
    said = f"is good until {ends:%Y-%m-%d}, {days} days"
    if days < _RENEWED_BEFORE:
        yield warning(
            where,
            f"{said}, and isn't renewed",
            "ACM renews by itself while the CNAME that proved the domain stays in DNS: "
            + site.aws("acm", "list-certificates"),
        )
    else:
        yield ok(where, said)


def certificate_end(host: str, port: int) -> datetime:
    """When the certificate of a server ends. Raises OSError, also for one that isn't trusted."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        found: Any = secured.getpeercert()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC)


CHECKS: dict[str, Check] = {"base_url": _answers, "certificate": _certificate}
