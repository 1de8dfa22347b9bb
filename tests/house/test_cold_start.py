"""What a cold start imports: `app.py` brings Chalice and next to nothing else (DESIGN §10)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"boto3", "botocore", "slack_sdk", "googleapiclient", "google", "jinja2", "holidays", "icalendar", "docx",
         "openpyxl", "lxml", "aws_lambda_powertools"}  # fmt: skip
LOGGING = {"aws_lambda_powertools", "botocore"}
"""On Lambda the log is set up before anything else, and brings these."""
PAGES = {"reply_page", "press", "mail_page", "unsubscribe"}
"""The functions that render, so that templates are their work."""


def declared() -> dict[str, str]:
    """What each function of app.py imports when it is called, by its name there."""
    functions = [
        node
        for node in ast.parse((ROOT / "app.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    ]
    return {
        function.name: "\n".join(ast.unparse(node) for node in function.body if isinstance(node, ast.ImportFrom))
        for function in functions
    }


IMPORTS = declared()


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
    assert (HEAVY | {"phonenumbers"}) & modules_after("import app") == set()


def test_the_runtime_alone_brings_no_sdk() -> None:
    loaded = modules_after("from chalicelib.bootstrap import runtime; runtime()")
    assert {"boto3", "slack_sdk", "googleapiclient", "jinja2", "icalendar"} & loaded == set()


@pytest.mark.parametrize("name", sorted(IMPORTS))
def test_a_function_s_use_cases_bring_no_vendor(name: str) -> None:
    """An SDK comes with its adapter, when the work first asks for it (tests/deploy has what each function asks for)."""
    assert IMPORTS[name]
    unneeded = HEAVY - LOGGING - ({"jinja2"} if name in PAGES else set())
    assert unneeded & modules_after(f"import app\n{IMPORTS[name]}") == set()
