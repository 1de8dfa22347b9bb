"""The four secrets: there, filled, and of the form that the functions need. What is in them is never shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code
from chalicelib.adapters.secrets_manager import parse_reply_keys
from chalicelib.errors import ConfigError
from chalicelib.logs import hide
from ops.checks.findings import Check, Finding, ok, warning, wrong
from ops.checks.site import Site

PLACEHOLDER = re.compile(r"not set yet|change[ _-]?me|placeholder|todo|x{3,}|<.*>|\.{3}", re.I)
OLD = timedelta(days=400)
_KEY_FILE = "service-account.json"


def _text(site: Site, name: str, source: str) -> tuple[str, list[Finding]]:
    """What the secret holds, or what is wrong with it before anybody reads it."""
    mend = site.set_secret(name, source)
    try:
        text = str(site.client("secretsmanager").get_secret_value(SecretId=name).get("SecretString", "")).strip()
    except ClientError as refused:
        if code(refused) == "InvalidRequestException":
            restore = site.aws("secretsmanager", "restore-secret", "--secret-id", name)
            return "", [wrong(name, "is being deleted", restore)]
        if code(refused) != "ResourceNotFoundException":
            raise
        create = site.aws("secretsmanager", "create-secret", "--name", name, "--secret-string", f"file://{source}")
        return "", [wrong(name, "there is no such secret", create)]
    hide(text)
    if not text:
        return "", [wrong(name, "is empty", mend)]
    if PLACEHOLDER.fullmatch(text):
        return "", [wrong(name, "still holds its placeholder", mend)]
    return text, []


def _google(site: Site) -> Iterator[Finding]:
    name = names.GOOGLE_SECRET
    text, found = _text(site, name, _KEY_FILE)
    yield from found
    if found:
        return
    mend = f"store the whole JSON key of the service account: {site.set_secret(name, _KEY_FILE)}"
    try:
        account = json.loads(text)
        missing = [one for one in ("client_email", "private_key", "token_uri") if not account.get(one)]
    except (ValueError, AttributeError):
        yield wrong(name, "isn't a JSON key file", mend)
        return
    if missing:
        yield wrong(name, f"lacks {', '.join(missing)}; is it the key of a service account?", mend)
    elif not _is_private_key(account["private_key"]):
        yield wrong(name, "its private_key can't be read (were its line ends lost?)", mend)
    else:
        hide(str(account["private_key"]))
        yield ok(name, f"a key of {account['client_email']}")


def _is_private_key(pem: object) -> bool:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(str(pem).encode(), None)
    except (ValueError, TypeError):
        return False
    return True


def _slack_token(site: Site) -> Iterator[Finding]:
    name = names.SLACK_TOKEN_SECRET
    text, found = _text(site, name, "bot-token.txt")
    yield from found
    if found:
        return
    mend = f"api.slack.com/apps, OAuth & Permissions, Bot User OAuth Token: {site.set_secret(name, 'bot-token.txt')}"
    if text.startswith(("xoxp-", "xapp-", "xoxe")):
        yield wrong(name, f"begins with {text[:4]}, which is no bot's token; expected xoxb-", mend)
    elif not re.fullmatch(r"xoxb-[A-Za-z0-9-]+", text):
        yield wrong(name, "isn't a bot's token; expected one that begins with xoxb-, alone", mend)
    else:
        yield ok(name, "has the form of a bot's token")


def _signing_secret(site: Site) -> Iterator[Finding]:
    name = names.SLACK_SIGNING_SECRET
    text, found = _text(site, name, "signing-secret.txt")
    yield from found
    if found:
        return
    if re.fullmatch(r"[0-9a-f]{32}", text):
        yield ok(name, "has the form of a signing secret")
    else:
        yield wrong(
            name,
            f"isn't 32 letters 0-9 and a-f ({len(text)} characters): every press in Slack would be refused",
            f"api.slack.com/apps, Basic Information, Signing Secret: {site.set_secret(name, 'signing-secret.txt')}",
        )


def _reply_keys(site: Site) -> Iterator[Finding]:
    name = names.REPLY_KEYS_SECRET
    text, found = _text(site, name, "reply-keys.json")
    yield from found
    if found:
        return
    try:
        keys = parse_reply_keys(text, hide)
    except ConfigError as bad:
        yield wrong(
            name,
            f"{bad.problems[0].partition(': ')[2]}. No link can be made or opened",
            f"put the last good version back: "
            f"{site.aws('secretsmanager', 'list-secret-version-ids', '--secret-id', name)}, or "
            f"{site.set_secret(name, 'reply-keys.json')}",
        )
        return
    age = _age(site, name)
    ids = ", ".join(str(one) for one in sorted(keys.keys))
    said = f"keys {ids}; {keys.current} signs; written {age.days} days ago"
    if len({bytes(key) for key in keys.keys.values()}) < len(keys.keys):
        yield warning(
            name, f"{said}; two ids have one key, so nothing was rotated", f"{site.set_secret(name, 'reply-keys.json')}"
        )
    elif age > OLD:
        yield warning(
            name,
            f"{said}: it is time for another key. The old one stays beside it until the last visit that it signed for",
            f"docs/security.md, Rotating keys, step by step; then {site.set_secret(name, 'reply-keys.json')}",
        )
    else:
        yield ok(name, said)


def _age(site: Site, name: str) -> timedelta:
    """By AWS's own clock, which the answer carries."""
    answer = site.client("secretsmanager").describe_secret(SecretId=name)
    changed: datetime = answer["LastChangedDate"]
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]) - changed


CHECKS: dict[str, Check] = {
    names.GOOGLE_SECRET: _google,
    names.SLACK_TOKEN_SECRET: _slack_token,
    names.SLACK_SIGNING_SECRET: _signing_secret,
    names.REPLY_KEYS_SECRET: _reply_keys,
}
