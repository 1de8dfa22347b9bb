"""A press in Slack is answered within three seconds: it is checked here, and handed on to be acted upon.

Forms are the exception: one is opened inside the request, since what opens it lives three seconds, and one that comes
back is taken inside it, since Slack shows what is wrong with it only in this answer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.config import Config
from chalicelib.domain.events import STAFF_ACTION
from chalicelib.domain.proposal_actions import EDIT, EDITED
from chalicelib.errors import Refused, StoreError, TokenRefused, UpstreamError
from chalicelib.ports import SpendNonce, StaffPress
from chalicelib.runtime import Runtime
from chalicelib.usecases.edit_proposal import open_edit, take_edit

log = logging.getLogger(__name__)

SLACK = "slack"
"""Whose spent requests are kept under this name in `ar-replies`."""


@dataclass(frozen=True, slots=True)
class PressAnswer:
    """The HTTP status that Slack gets, and JSON if there is more to say."""

    status: int
    body: Mapping[str, object] | None = None


def hand_on_press(rt: Runtime, headers: Mapping[str, str], body: bytes) -> PressAnswer:
    """Put a believed and allowed press on the bus (DESIGN §8), open its form, or take the form that it sends off.

    401 for what Slack did not sign, 403 for somebody who may not press here (Slack marks the press as failed); 200
    for the rest. A request that came before is counted and not handed on again. Raises UpstreamError if the bus or
    the configuration can't be reached, StoreError if a form can't be stored.
    """
    try:
        press = rt.presses.read(headers, body, rt.clock())
    except TokenRefused as refusal:
        rt.metrics.count("slack_refused")
        log.warning("slack_refused", extra={"reason": str(refusal)})
        return PressAnswer(401)
    if press is None:
        return PressAnswer(200)
    # A form has no channel: it was opened from a message of ours, where the channel was checked.
    allowed = may_press(rt.config, press) if press.filled is None else is_listed(rt.config, press)
    if not allowed:
        log.warning("press_not_allowed", extra={"action": press.action, "user": press.user_id})
        return PressAnswer(403)
    if press.action == EDIT and (opened := open_edit(rt, press)) is not None:
        return PressAnswer(200 if opened else 500)
    if _came_before(rt, press):
        rt.metrics.count("slack_replayed")
        log.warning("slack_replayed", extra={"action": press.action})
        return PressAnswer(200)
    if press.filled is not None:
        return _take_form(rt, press)
    rt.bus.request(STAFF_ACTION, press_detail(press))
    log.info("press_handed_on", extra={"action": press.action, "user": press.user_id})
    return PressAnswer(200)


def _take_form(rt: Runtime, press: StaffPress) -> PressAnswer:
    if press.action != EDITED:
        return PressAnswer(200)
    try:
        proposal_id, errors = take_edit(rt, press, rt.clock())
    except ValueError as malformed:
        log.warning("unreadable_form", extra={"why": str(malformed)})
        return PressAnswer(200)
    if errors:
        return PressAnswer(200, {"response_action": "errors", "errors": dict(errors)})
    try:  # its message is rewritten there; if not at once, by the next run that does the outbox
        rt.bus.request(STAFF_ACTION, press_detail(replace(press, value=proposal_id)))
    except UpstreamError as failure:
        log.warning("edit_not_handed_on", extra={"why": str(failure)})
    return PressAnswer(200)


def _came_before(rt: Runtime, press: StaffPress) -> bool:
    """Whether this very request was seen. If the store can't say, it goes on: every press is safe to repeat."""
    try:
        rt.store.commit(SpendNonce(SLACK, press.request, rt.clock()))
    except Refused:
        return True
    except (StoreError, UpstreamError) as failure:
        log.warning("replay_not_looked_for", extra={"why": str(failure)})
    return False


def may_press(config: Config, press: StaffPress) -> bool:
    """Whether this person may press buttons in this channel; both may be listed by id or by name.

    The staff channel is always allowed; with no users listed, so is everybody in an allowed channel.
    """
    channels = {name.removeprefix("#") for name in (*config.slack_channels, config.staff_channel)}
    return bool(channels & {press.channel, press.channel_name}) and is_listed(config, press)


def is_listed(config: Config, press: StaffPress) -> bool:
    """Whether this person may press at all."""
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
