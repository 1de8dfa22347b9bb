"""What a cold start imports: `app.py` brings Chalice and next to nothing else (DESIGN §10)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules_after(code: str) -> set[str]:
    """What is loaded in a fresh interpreter after this code."""
    listing = f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(found.stdout.splitlines()[-1]))


def test_the_app_imports_little_more_than_chalice() -> None:
    chalice, app = modules_after("import chalice.app"), modules_after("import app")
    assert len(app) <= 2 * len(chalice)
    assert {name.partition(".")[0] for name in app - chalice} <= {"app", "chalicelib", "json", *sys.stdlib_module_names}


def test_no_sdk_template_or_number_table_is_loaded_with_the_app() -> None:
    heavy = {"boto3", "botocore", "slack_sdk", "googleapiclient", "google", "jinja2", "phonenumbers", "holidays",
             "icalendar", "aws_lambda_powertools"}  # fmt: skip
    assert heavy & modules_after("import app") == set()


def test_the_runtime_alone_brings_no_sdk() -> None:
    loaded = modules_after("from chalicelib.bootstrap import runtime; runtime()")
    assert {"boto3", "slack_sdk", "googleapiclient", "jinja2", "icalendar"} & loaded == set()


def test_the_tick_needs_neither_google_nor_slack_nor_templates() -> None:
    loaded = modules_after("from chalicelib.usecases import run_tick")
    assert {"googleapiclient", "slack_sdk", "jinja2", "icalendar", "boto3"} & loaded == set()
