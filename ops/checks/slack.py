"""Slack: does the token work, may it post, and is the bot where its lines go?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from chalicelib import names
from chalicelib.adapters.slack_staff import SLACK_API
from ops.checks.findings import Check, Finding, ok, unchecked, wrong
from ops.checks.site import Site

NEEDED = ("chat:write",)
TO_LOOK = ("channels:read", "groups:read")
_DEAD = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})


def slack_api() -> str:
    """Where Slack is, ends in a slash."""
    return os.environ.get("AR_SLACK_API", "") or SLACK_API


def _client(site: Site) -> Any:
    from slack_sdk import WebClient

    return WebClient(site.rt.secrets.slack_token(), base_url=slack_api(), timeout=10, retry_handlers=[])


def _token(site: Site) -> Iterator[Finding]:
    from slack_sdk.errors import SlackApiError

    where = names.SLACK_TOKEN_SECRET
    try:
        answer = _client(site).auth_test()
    except SlackApiError as refused:
        word = str(refused.response.get("error", "")) if isinstance(refused.response.data, dict) else ""
        if word not in _DEAD:
            yield unchecked(where, f"Slack said {word or refused.response.status_code}")
            return
        yield wrong(
            where,
            f"Slack refuses the token ({word}): no line reaches staff",
            "api.slack.com/apps, OAuth & Permissions, Reinstall, then " + site.set_secret(where, "bot-token.txt"),
        )
        return
    if not answer.get("bot_id"):
        yield wrong(
            where,
            "is a person's token, not the bot's",
            "api.slack.com/apps, OAuth & Permissions, Bot User OAuth Token: " + site.set_secret(where, "bot-token.txt"),
        )
    else:
        yield ok(where, "Slack accepts the token")
    headers = {str(name).lower(): value for name, value in answer.headers.items()}
    if "x-oauth-scopes" not in headers:
        yield unchecked("the bot's scopes", "Slack did not say which it has")
        return
    has = {scope.strip() for scope in str(headers["x-oauth-scopes"]).split(",")}
    missing = [scope for scope in NEEDED if scope not in has]
    if missing:
        yield wrong(
            "the bot's scopes",
            f"lack {', '.join(missing)}: nothing can be posted",
            f"api.slack.com/apps, OAuth & Permissions, Bot Token Scopes: add {', '.join(missing)}, then Reinstall",
        )
    else:
        yield ok("the bot's scopes", f"hold {', '.join(NEEDED)}")


def _channels(site: Site) -> Iterator[Finding]:
    config = site.rt.config
    wanted = {"slack_channel": config.staff_channel, "summary_channel": config.summary_channel}
    for parameter, channel in wanted.items():
        if channel:
            yield _channel(site, parameter, channel)


def _channel(site: Site, parameter: str, channel: str) -> Finding:
    """Whether the bot is in a channel, which is named by its id or by its name."""
    from slack_sdk.errors import SlackApiError

    invite = f"in Slack, in {channel}: /invite @the-app's-name; or mend the name: " + site.set_parameter(
        parameter, "#CHANNEL"
    )
    try:
        found = _by_id(site, channel) if re.fullmatch(r"[CG][A-Z0-9]{7,}", channel) else _by_name(site, channel)
    except SlackApiError as refused:
        word = str(refused.response.get("error", ""))
        if word == "channel_not_found":
            found = None
        else:
            why = f"the bot may not look (add the scopes {' and '.join(TO_LOOK)}, or post a line with --slack)"
            return unchecked(channel, why if word == "missing_scope" else f"Slack said {word}")
    if found is None:
        return wrong(channel, "the bot isn't in it, or there is no such channel: no line reaches staff", invite)
    if found.get("is_archived"):
        return wrong(channel, "is archived: no line can be posted there", f"in Slack: unarchive {channel}")
    if not found.get("is_member", True):
        return wrong(channel, "the bot isn't in it: no line reaches staff", invite)
    return ok(channel, "the bot is in it")


def _by_id(site: Site, channel: str) -> dict[str, Any] | None:
    found = _client(site).conversations_info(channel=channel).get("channel")
    return dict(found) if found else None


def _by_name(site: Site, channel: str) -> dict[str, Any] | None:
    """The channel among those that the bot is in."""
    name, cursor = channel.removeprefix("#"), ""
    while True:
        answer = _client(site).users_conversations(
            types="public_channel,private_channel", limit=200, exclude_archived=False, cursor=cursor
        )
        for one in answer.get("channels", ()):
            if one.get("name") == name:
                return dict(one)
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return None


CHECKS: dict[str, Check] = {"token": _token, "channels": _channels}
