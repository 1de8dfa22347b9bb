"""Which system the operator speaks to: a deployed stage, the desk that is open on this machine, or the environment's.

A stage's settings file says region and prefix, the credentials say the account. An open desk leaves the addresses of
its stand-ins, and of its clock, in its state directory. Entered before any name is read (`chalicelib.names`).
"""

from __future__ import annotations

import json
import os
import urllib.request
import zoneinfo
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.bootstrap import AwsRuntime
    from chalicelib.ports import Clock

LOCAL = "local"
LOCAL_STATE = Path(__file__).parent.parent / ".state" / "desk"
ANNOUNCED = "stage.json"
"""In the state directory of a world that is up: `{"environment": {...}, "clock": "<url>", "pages": "<url>"}`."""
CLOCK_URL = "AR_OPS_CLOCK"
PAGES_URL = "AR_OPS_PAGES"
"""Where an open desk's reply pages really are: nobody but it serves its base_url."""


def enter(stage: str, state: Path = LOCAL_STATE) -> None:
    """Set the environment of that stage; "" leaves it as it is.

    Raises LookupError if no desk is open, or there is no such stage, and says what to do.
    """
    zoneinfo.reset_tzpath(())  # the zones of the pinned tzdata, as the functions have them
    if not stage:
        return
    if stage == LOCAL:
        try:
            announced = json.loads((state / ANNOUNCED).read_text(encoding="utf-8"))
        except OSError as absent:
            raise LookupError(f"no desk is open on {state}; open one with scripts/demo, or say --state") from absent
        os.environ.update(announced["environment"])
        os.environ[CLOCK_URL] = announced["clock"]
        os.environ[PAGES_URL] = announced["pages"]
        return
    from ops.settings import SettingsError, load_settings

    try:
        settings = load_settings(stage)
    except SettingsError as wrong:
        raise LookupError(str(wrong)) from wrong
    os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] = settings.region
    os.environ.update(settings.environment(_account()))


def clock() -> Clock:
    """The stage's clock: an open desk's is moved by hand, and asked over HTTP; any other stage's is the real one."""
    url = os.environ.get(CLOCK_URL, "")
    return (lambda: asked(url)) if url else _real


def asked(url: str) -> datetime:
    """The instant that a desk's clock shows, UTC. Raises LookupError if it isn't open any more."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return datetime.fromisoformat(json.load(answer)["now"]).astimezone(UTC)
    except OSError as gone:
        raise LookupError("the desk isn't open any more") from gone


def open_runtime() -> AwsRuntime:
    """The stage's own runtime, on its own clock: the shipped adapters with the operator's credentials."""
    from chalicelib import bootstrap

    return bootstrap.AwsRuntime(clock())


def _real() -> datetime:
    return datetime.now(UTC)  # noqa: TID251


def _account() -> str:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(boto3.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as refused:
        raise LookupError(
            f"AWS doesn't know these credentials ({type(refused).__name__}): set AWS_PROFILE"
        ) from refused
