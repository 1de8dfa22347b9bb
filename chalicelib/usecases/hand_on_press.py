"""A press in Slack is answered within three seconds: it is checked here, and handed on to be acted upon."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from chalicelib.config import Config
from chalicelib.domain.events import STAFF_ACTION
from chalicelib.errors import TokenRefused
from chalicelib.ports import StaffPress
from chalicelib.runtime import Runtime

log = logging.getLogger(__name__)


def hand_on_press(rt: Runtime, headers: Mapping[str, str], body: bytes) -> int:
    """Put a believed and allowed press on the bus (DESIGN §8), and say which HTTP status Slack gets.

    401 for what Slack did not sign, 403 for somebody who may not press here (Slack marks the press as failed); 200
    for the rest. Raises UpstreamError if the bus or the configuration can't be reached.
    """
    try:
        press = rt.presses.read(headers, body, rt.clock())
    except TokenRefused as refusal:
        rt.metrics.count("slack_refused")
        log.warning("slack_refused", extra={"reason": str(refusal)})
        return 401
    if press is None:
        return 200
    if not may_press(rt.config, press):
        log.warning("press_not_allowed", extra={"action": press.action, "user": press.user_id})
        return 403
    rt.bus.request(STAFF_ACTION, press_detail(press))
    log.info("press_handed_on", extra={"action": press.action, "user": press.user_id})
    return 200


def may_press(config: Config, press: StaffPress) -> bool:
    """Whether this person may press buttons in this channel; both may be listed by id or by name.

    The staff channel is always allowed; with no users listed, so is everybody in an allowed channel.
    """
    channels = {name.removeprefix("#") for name in (*config.slack_channels, config.staff_channel)}
    if not channels & {press.channel, press.channel_name}:
        return False
    users = {name.removeprefix("@") for name in config.slack_users}
    return not users or bool(users & {press.user_id, press.user})


def press_detail(press: StaffPress) -> dict[str, object]:
    """The detail of `ar.staff_action` (docs/events.md)."""
    return {
        "version": 1,
        "action": press.action,
        "value": press.value,
        "user": press.user,
        "user_id": press.user_id,
        "channel": press.channel,
        "message": press.message,
    }
