"""The `.chalice/` of a build directory: what is checked in, made exact for one stage of one account."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib import names
from deploy.policies import narrowed
from ops.settings import Settings

ROUTES = "api_handler"
"""What Chalice calls the routes' function in its configuration."""
PATTERN = "dev"
"""The checked-in stage that one without a block of its own is made after."""
MUST_STAY_UNRESERVED = 100
"""AWS refuses to leave less than this to an account's other functions."""
_RESERVED: Mapping[str, int] = {ROUTES: 50, names.DISPATCH: 20}
"""What strangers can call is bounded by the first; twenty at a time send what a busy minute brings within it."""


def reserved_concurrency(unreserved_limit: int) -> Mapping[str, int]:
    """How many may run at once, by function; empty where the account's quota has no room, as a new one's hasn't.

    `unreserved_limit` counts what this stage's functions have reserved already, or a second deployment would undo it.
    """
    room = unreserved_limit - sum(_RESERVED.values()) >= MUST_STAY_UNRESERVED
    return dict(_RESERVED) if room else {}


def built_config(root: Path, settings: Settings, account: str, reserved: Mapping[str, int]) -> dict[str, Any]:
    """The checked-in config.json with this one stage, its environment filled in. A new dict."""
    config = _read(root, "config.json")
    stages = config["stages"]
    stage = copy.deepcopy(stages.get(settings.stage) or stages[PATTERN])
    stage["environment_variables"] = settings.environment(account)
    for name, count in reserved.items():
        stage["lambda_functions"][name]["reserved_concurrency"] = count
    return {**config, "stages": {settings.stage: stage}}


def built_policies(root: Path, settings: Settings, account: str) -> dict[str, dict[str, Any]]:
    """Each function's narrowed policy, by the file name that the built config.json gives it."""
    stage = built_config(root, settings, account, {})["stages"][settings.stage]
    files = {name: function["iam_policy_file"] for name, function in stage["lambda_functions"].items()}
    return {file: narrowed(_read(root, file), name, settings, account) for name, file in files.items()}


def write(root: Path, destination: Path, settings: Settings, account: str, reserved: Mapping[str, int]) -> None:
    """Write config.json and the policies into the build directory's `.chalice/`; what else is there stays."""
    folder = destination / ".chalice"
    folder.mkdir(exist_ok=True)
    written = {
        "config.json": built_config(root, settings, account, reserved),
        **built_policies(root, settings, account),
    }
    for file, content in written.items():
        (folder / file).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _read(root: Path, file: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((root / ".chalice" / file).read_text(encoding="utf-8"))
    return read
