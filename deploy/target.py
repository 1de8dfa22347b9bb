"""What one deployment is about: a stage's settings in one account, and what is called how there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.settings import STAGES, Settings

ROOT = Path(__file__).parents[1]
STACKS = ("data", "scheduling", "guardrails", "mail")
"""In the order in which they are deployed. Chalice's functions come after the first."""
UNKNOWN_URL = "https://not-known-yet.invalid/r/"
"""`base_url` until the first deployment has said what it is, where a stage has no link_domain."""

Clients = Callable[[str], Any]
"""A service's name -> its client, with the deployer's credentials, in the stage's region."""


@dataclass(frozen=True, slots=True)
class Target:
    """One stage in one account."""

    settings: Settings
    account: str

    @property
    def stage(self) -> str:
        """dev, prod."""
        return self.settings.stage

    @property
    def region(self) -> str:
        """Where all of it is."""
        return self.settings.region

    @property
    def settings_file(self) -> str:
        """Where its settings stand, as it is shown."""
        return f"infra-extras/{STAGES.name}/{self.stage}.toml"

    @property
    def environment(self) -> dict[str, str]:
        """What the functions' environment says."""
        return self.settings.environment(self.account)

    @property
    def deployments(self) -> str:
        """The bucket of deployments' records and of large templates; the data stack makes it."""
        return self.bucket("deployments")

    @property
    def record(self) -> str:
        """The key of Chalice's own record of what it has deployed, without which it can neither remove nor update."""
        return f"chalice/{self.stage}.json"

    @property
    def tags(self) -> Mapping[str, str]:
        """On every stack, and by that on every resource that can be tagged: whose it is."""
        return {"ar:stage": self.stage, "ar:prefix": self.settings.prefix, "ar:region": self.region}

    def bucket(self, kind: str) -> str:
        """A bucket's name."""
        return f"{self.settings.prefix}-{kind}{self.environment['AR_BUCKET_SUFFIX']}"

    def stack(self, kind: str) -> str:
        """A stack's name."""
        return f"{self.settings.prefix}-{kind}"

    def secret(self, name: str) -> str:
        """A secret's name: `drive/sa`."""
        return f"{self.settings.prefix}/{name}"

    def parameter(self, name: str) -> str:
        """A parameter's name: `sending`."""
        return f"/{self.settings.prefix}/config/{name}"

    def topic(self, name: str) -> str:
        """A topic's ARN."""
        return f"arn:aws:sns:{self.region}:{self.account}:{self.settings.prefix}-{name}"
