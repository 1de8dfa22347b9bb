"""The `.chalice/` of a build directory: one stage of one account, exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from chalicelib import names
from deploy.chalice_config import built_config, built_policies, reserved_concurrency, write
from ops.settings import load_settings
from tests.deploy.account import ACCOUNT
from tests.deploy.conftest import ROOT

SETTINGS = load_settings("prod")
CHECKED_IN = json.loads((ROOT / ".chalice" / "config.json").read_text())
BOUNDED = {"api_handler", names.DISPATCH}


def test_the_stage_s_environment_is_filled_in() -> None:
    config = built_config(ROOT, SETTINGS, ACCOUNT, {})
    assert config["stages"]["prod"]["environment_variables"] == SETTINGS.environment(ACCOUNT)
    assert all(value or name == "PYTHONTZPATH" for name, value in SETTINGS.environment(ACCOUNT).items())


def test_nothing_else_differs_from_what_is_checked_in() -> None:
    config = built_config(ROOT, SETTINGS, ACCOUNT, {})
    assert set(config["stages"]) == {"prod"}
    checked_in = CHECKED_IN["stages"]["prod"]
    assert set(config["stages"]["prod"]["environment_variables"]) == set(checked_in["environment_variables"])
    assert config == {
        **CHECKED_IN,
        "stages": {"prod": {**checked_in, "environment_variables": SETTINGS.environment(ACCOUNT)}},
    }


def test_a_stage_of_another_name_is_made_after_dev() -> None:
    settings = replace(SETTINGS, stage="trial")
    functions = built_config(ROOT, settings, ACCOUNT, {})["stages"]["trial"]["lambda_functions"]
    assert functions == CHECKED_IN["stages"]["dev"]["lambda_functions"]


def test_a_new_account_s_quota_has_no_room_for_reservations() -> None:
    assert reserved_concurrency(10) == {}


def test_a_hundred_stay_for_the_account_s_other_functions() -> None:
    needed = 100 + sum(reserved_concurrency(1000).values())
    assert reserved_concurrency(needed - 1) == {}
    assert set(reserved_concurrency(needed)) == BOUNDED


def test_only_those_with_a_reservation_are_bounded() -> None:
    functions = built_config(ROOT, SETTINGS, ACCOUNT, reserved_concurrency(1000))["stages"]["prod"]["lambda_functions"]
    assert {name for name, function in functions.items() if "reserved_concurrency" in function} == BOUNDED


def test_every_function_has_its_narrowed_policy_in_the_build_directory(tmp_path: Path) -> None:
    """Promise 82."""
    write(ROOT, tmp_path, SETTINGS, ACCOUNT, {})
    written = {path.name: json.loads(path.read_text()) for path in (tmp_path / ".chalice").iterdir()}
    assert written.pop("config.json") == built_config(ROOT, SETTINGS, ACCOUNT, {})
    assert written == built_policies(ROOT, SETTINGS, ACCOUNT)
    assert set(written) == {path.name for path in (ROOT / ".chalice").glob("policy-*.json")}
    assert all(ACCOUNT in json.dumps(policy) for policy in written.values())


def test_what_was_deployed_before_stays_known(tmp_path: Path) -> None:
    record = tmp_path / ".chalice" / "deployed" / "prod.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    write(ROOT, tmp_path, SETTINGS, ACCOUNT, {})
    assert record.read_text() == "{}"
