"""A stage's settings file, `infra-extras/stages/<stage>.toml`: what an engineer decides about one deployment.

Under version control, so that a changed zone or region shows in a diff. `[config]` is what becomes parameters under
`/ar/config/`; it is checked by the same code that the functions read them with. No secret stands here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from chalicelib.config import parse_config, unknown_parameters
from chalicelib.errors import ConfigError

STAGES = Path(__file__).parent.parent / "infra-extras" / "stages"
NO_ACCOUNT = "123456789012"
"""AWS's own example account, where a plan is made without one."""


class SettingsError(ValueError):
    """The settings can't be used; the message names every problem."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One stage. Amounts are US dollars a month."""

    stage: str
    region: str
    owner_email: str  # alarms, the budget and the weekly summary
    mail_domain: str  # the domain that mail is sent from: its identity gets DKIM
    bookings_domain: str = ""  # MX of forwarded bookings; blank: no mail is taken in
    link_domain: str = ""  # of reply links (r.bright.example); blank: API Gateway's own, which is long
    certificate_arn: str = ""  # of link_domain, once it is issued; scripts/deploy finds it by the domain
    prefix: str = "ar"
    bucket_suffix: str = ""  # blank: -<account>-<region>
    budget_usd: int = 30
    sms_limit_usd: int = 20
    config: Mapping[str, str] = field(default_factory=dict)

    def function(self, name: str) -> str:
        """A deployed function's name. Chalice names them so; the routes' one has no name of its own."""
        return f"ar-{self.stage}" if name == "api_handler" else f"ar-{self.stage}-{name}"

    def environment(self, account: str) -> dict[str, str]:
        """What the functions' environment says (`chalicelib/names.py`); the same for whoever operates the stage."""
        lambda_, iam = f"arn:aws:lambda:{self.region}:{account}", f"arn:aws:iam::{account}"
        return {
            "AR_PREFIX": self.prefix,
            "AR_BUCKET_SUFFIX": self.bucket_suffix or f"-{account}-{self.region}",
            "AR_DISPATCH_ARN": f"{lambda_}:function:{self.function('dispatch')}",
            "AR_SCHEDULER_ROLE_ARN": f"{iam}:role/{self.prefix}-one-offs",
            "AR_DLQ_ARN": f"arn:aws:sqs:{self.region}:{account}:{self.prefix}-dead-letters",
            "AR_SCANS_TOPIC_ARN": f"arn:aws:sns:{self.region}:{account}:{self.prefix}-scans",
            "AR_TEXTRACT_ROLE_ARN": f"{iam}:role/{self.prefix}-textract",
            "PYTHONTZPATH": "",
        }


def load_settings(stage: str, stages: Path = STAGES) -> Settings:
    """The stage's settings, checked. Raises SettingsError with every problem at once."""
    path = stages / f"{stage}.toml"
    if not re.fullmatch(r"[a-z][a-z0-9]{0,11}", stage) or not path.is_file():
        there = ", ".join(sorted(one.stem for one in stages.glob("*.toml"))) or "none"
        raise SettingsError(f"there is no stage {stage!r} in {stages} (there is {there})")
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise SettingsError(f"{path.name}: {wrong}") from wrong
    config = read.pop("config", {})
    problems = _problems(read, config)
    if problems:
        raise SettingsError("\n".join(f"{path.name}: {problem}" for problem in problems))
    values = {"owner_email": read["owner_email"], **{name: str(value) for name, value in config.items()}}
    return Settings(stage=stage, config=values, **read)


def _problems(read: Mapping[str, Any], config: Any) -> list[str]:
    known = {one.name: one for one in fields(Settings) if one.name not in ("stage", "config")}
    problems = [f"{name}: no such setting (there are {', '.join(known)})" for name in sorted(set(read) - set(known))]
    for name, pattern, expected in _FORMS:
        value = read.get(name, "" if name in _OPTIONAL else None)
        if value is None:
            problems.append(f"{name}: is missing; expected {expected}")
        elif not (isinstance(value, str) and (re.fullmatch(pattern, value) or (name in _OPTIONAL and not value))):
            problems.append(f"{name}: {value!r} isn't {expected}")
    for name in ("budget_usd", "sms_limit_usd"):
        amount = read.get(name, 1)
        if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= 100_000:
            problems.append(f"{name}: {amount!r} isn't a whole number of US dollars from 1")
    if not isinstance(config, dict):
        return [*problems, "config: expected a table of parameters, [config]"]
    values = {name: str(value) for name, value in config.items()}
    try:
        parse_config(values)
    except ConfigError as wrong:
        problems.extend(f"[config] {problem}" for problem in wrong.problems)
    problems.extend(f"[config] {problem}" for problem in unknown_parameters(values))
    if "sending" in values:
        problems.append("[config] sending: isn't a setting of a deployment; a new stage begins with staff-only")
    return problems


_DOMAIN = r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_FORMS = (
    ("region", r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region like ap-southeast-1"),
    ("owner_email", r"[^@\s<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "an e-mail address"),
    ("mail_domain", _DOMAIN, "a domain like bright.example"),
    ("bookings_domain", _DOMAIN, "a domain like bookings.bright.example"),
    ("link_domain", _DOMAIN, "a domain like r.bright.example"),
    ("certificate_arn", r"arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+", "a certificate's ARN"),
    ("prefix", r"[a-z][a-z0-9-]{0,9}", "up to ten small letters, digits and hyphens"),
    ("bucket_suffix", r"-[a-z0-9-]{1,30}", "a hyphen and small letters, digits and hyphens"),
)
_OPTIONAL = {"bookings_domain", "link_domain", "certificate_arn", "prefix", "bucket_suffix"}
