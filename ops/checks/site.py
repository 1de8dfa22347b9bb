"""The system that is examined: its stage, runtime and clients, and how its commands are spelled."""

from __future__ import annotations

import os
import shlex
from datetime import timedelta
from functools import cached_property
from typing import Any

from chalicelib import names
from chalicelib.adapters.google_credentials import GoogleApi
from chalicelib.bootstrap import AwsRuntime
from chalicelib.usecases.shop import Shop
from ops.foresee import Foreseen, foresee
from ops.settings import Settings, load_settings
from ops.stage import LOCAL

AHEAD_DAYS = 30
"""How far ahead texts are counted: a month of them has one limit."""
_LOCAL_RULES = "local-"
"""What an open desk calls its rules: one for each function that the bus calls."""


class Site:
    """`name` is the stage's, "" if the environment alone says what is meant; `local` is a desk that is open."""

    def __init__(self, name: str, rt: AwsRuntime) -> None:
        self.name = name
        self.rt = rt
        self.local = name == LOCAL
        self.now = rt.clock()
        self.google_trouble = ""  # why Google can't be asked anything, once that is known
        self._clients: dict[str, Any] = {}

    @cached_property
    def settings(self) -> Settings | None:
        """The stage's settings file; None for a desk, and without a stage."""
        return load_settings(self.name) if self.name and not self.local else None

    @cached_property
    def shop(self) -> Shop:
        """The shop as its mirror describes it. Raises ConfigError and UpstreamError."""
        return Shop(self.rt)

    @cached_property
    def coming(self) -> list[Foreseen]:
        """Every send of the next thirty days, if nobody answers."""
        return foresee(self.rt, self.shop, self.now, self.now + timedelta(days=AHEAD_DAYS))

    @cached_property
    def google(self) -> GoogleApi:
        """Google, as the service account."""
        return GoogleApi(self.rt.secrets.google_account, os.environ.get("AR_GOOGLE_API", ""))

    def client(self, service: str) -> Any:
        """AWS's client, which asks once more if need be and doesn't wait long."""
        if service not in self._clients:
            import boto3
            from botocore.config import Config

            patient = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
            self._clients[service] = boto3.client(service, config=patient)
        return self._clients[service]

    @cached_property
    def account(self) -> str:
        """The account's number."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def region(self) -> str:
        """Where everything is."""
        return str(self.client("sts").meta.region_name)

    def rule(self, function: str) -> str:
        """The EventBridge rule that calls a function, as Chalice names it; "" where that isn't known."""
        if self.local:
            return _LOCAL_RULES + function
        return f"{self.settings.function(function)}-event" if self.settings else ""

    def aws(self, *words: str) -> str:
        """A command of AWS's own command line that reaches this stage."""
        if not self.local:
            return shlex.join(["aws", *words, "--region", self.region])
        keys = "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local "
        url = os.environ.get("AWS_ENDPOINT_URL", "")
        return keys + shlex.join(["aws", *words, "--region", self.region, "--endpoint-url", url])

    def ops(self, *words: str) -> str:
        """A command of ours against this stage."""
        return shlex.join(["scripts/ops", *(("--stage", self.name) if self.name else ()), *words])

    def deploy(self) -> str:
        """The command that makes what is missing."""
        if self.local:
            return "close the desk and open it again: scripts/demo, with --fresh if that isn't enough"
        return f"scripts/deploy --stage {self.name or 'STAGE'}"

    def set_parameter(self, name: str, value: str) -> str:
        """The command that sets a parameter; a deployed stage's also stands in its settings file."""
        command = self.aws(
            "ssm", "put-parameter", "--name", names.CONFIG_PATH + name, "--type", "String", "--overwrite",
            "--value", value,
        )  # fmt: skip
        if self.settings is None or name == "sending":
            return command
        return f"{command}, and the same under [config] in infra-extras/stages/{self.name}.toml"

    def set_secret(self, name: str, source: str) -> str:
        """The command that puts a file's content into a secret."""
        return self.aws(
            "secretsmanager", "put-secret-value", "--secret-id", name, "--secret-string", f"file://{source}"
        )
