"""What is looked at before anything is touched: this machine's tools, and settings that still are the example's."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from deploy.target import UNKNOWN_URL
from ops.settings import Settings

LAMBDAS_PYTHONS = ((3, 11), (3, 14))
"""The oldest and the newest that this code runs on and Lambda has; Chalice deploys the version that it runs on."""
OLDEST_NODE = 20
PIP_BEFORE = (26, 3)
"""Chalice 1.34's own limit."""

_EXAMPLE = re.compile(r"(^|[.@/])[a-z0-9-]+\.(example|invalid|test)([/:]|$)|(^|[.@])example\.(com|org|net)([/:]|$)")
_GOOGLE_ID = re.compile(r"[\w-]{20,}")
_INBOUND = frozenset({
    "us-east-1", "us-east-2", "us-west-2", "ca-central-1", "eu-west-1", "eu-west-2", "eu-central-1",
    "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
})  # fmt: skip
"""Regions where SES takes mail in; from memory, 2026-11."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something on this machine that a deployment needs."""

    name: str
    problem: str  # "" if it is there and will do


def tools(
    which: Callable[[str], str | None] = shutil.which,
    run: Callable[[Sequence[str]], str] | None = None,
    python: tuple[int, int] = sys.version_info[:2],
    installed: Callable[[str], str] = version,
) -> list[Tool]:
    """Each tool, and what is wrong with it."""
    run = run or _output
    return [
        Tool("Python", _python_problem(python)),
        Tool("Node", _node_problem(which, run)),
        Tool("pip", _pip_problem(installed)),
        *(Tool(package, _package_problem(package, installed)) for package in ("chalice", "aws-cdk-lib", "boto3")),
    ]


def example_values(settings: Settings) -> list[str]:
    """Settings that nobody has replaced yet: a plan may have them, a deployment not."""
    found = [
        f"{name}: {value!r} is the example's" for name, value in _addresses(settings) if _EXAMPLE.search(value.lower())
    ]
    for name in ("sheet_id", "rules_doc_id", "voice_doc_id"):
        value = settings.config.get(name, "").strip()
        if value and not _GOOGLE_ID.search(value):
            found.append(
                f"[config] {name}: {value!r} is no id of Google's; "
                "expected the long part after /d/ in the document's address"
            )
    return found


def contradictions(settings: Settings) -> list[str]:
    """Settings that don't go together, whatever they are."""
    config, found = settings.config, []
    base_url = config.get("base_url", "").strip()
    if settings.link_domain and base_url != (expected := f"https://{settings.link_domain}/r/"):
        found.append(f"[config] base_url: {base_url!r} isn't on link_domain; expected {expected!r}")
    if settings.certificate_arn and not settings.link_domain:
        found.append("certificate_arn: is of use only with link_domain")
    if settings.certificate_arn and f":acm:{settings.region}:" not in settings.certificate_arn:
        found.append(f"certificate_arn: {settings.certificate_arn!r} isn't in {settings.region}, where the address is")
    intake = config.get("intake_address", "").strip().lower()
    if settings.bookings_domain and not intake:
        found.append(f"[config] intake_address: is missing; expected an address at {settings.bookings_domain}")
    elif intake and intake.rpartition("@")[2] != settings.bookings_domain:
        there = settings.bookings_domain or "nothing"
        found.append(f"[config] intake_address: {intake!r} isn't at bookings_domain, which is {there}")
    if settings.bookings_domain and settings.bookings_domain == settings.mail_domain:
        found.append(
            f"bookings_domain: {settings.bookings_domain!r} is mail_domain, too; its MX would take all of that "
            "domain's mail. Expected a subdomain that has no mail so far"
        )
    if settings.bookings_domain and settings.region not in _INBOUND:
        found.append(
            f"bookings_domain: {settings.region} has no SES that takes in mail; leave it blank or choose another"
        )
    return found


def _addresses(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in ("owner_email", "mail_domain", "bookings_domain", "link_domain"):
        yield name, getattr(settings, name)
    for name in ("email_from", "intake_address", "intake_senders"):
        yield f"[config] {name}", settings.config.get(name, "")
    base_url = settings.config.get("base_url", "").strip()
    if base_url != UNKNOWN_URL:
        yield "[config] base_url", urlsplit(base_url).hostname or ""


def _python_problem(python: tuple[int, int]) -> str:
    oldest, newest = LAMBDAS_PYTHONS
    if oldest <= python <= newest:
        return ""
    found, first, last = (".".join(map(str, one)) for one in (python, oldest, newest))
    return f"this is Python {found}; expected {first} to {last}, which Lambda has"


def _node_problem(which: Callable[[str], str | None], run: Callable[[Sequence[str]], str]) -> str:
    if not which("node"):
        return f"there is no node on the PATH; expected Node {OLDEST_NODE} or later, which CDK needs"
    said = run(["node", "--version"]).strip()
    found = re.match(r"v(\d+)", said)
    if not found or int(found[1]) < OLDEST_NODE:
        return f"node says {said!r}; expected {OLDEST_NODE} or later"
    return ""


def _pip_problem(installed: Callable[[str], str]) -> str:
    try:
        found = installed("pip")
    except PackageNotFoundError:
        return "there is no pip beside this Python; python -m ensurepip makes it"
    if tuple(int(part) for part in re.findall(r"\d+", found)[:2]) >= PIP_BEFORE:
        return f"pip is {found}; Chalice expects less than {'.'.join(map(str, PIP_BEFORE))}: pip install 'pip<26.3'"
    return ""


def _package_problem(package: str, installed: Callable[[str], str]) -> str:
    try:
        installed(package)
    except PackageNotFoundError:
        return f"{package} isn't installed beside this Python; scripts/deploy installs it (requirements-deploy.txt)"
    return ""


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout
