"""What the steps are done with on a real machine (`deployment.Tools`)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy import chalice_config, package
from deploy.errors import DeployError
from deploy.package import Package, PackageError
from ops.settings import Settings


class Toolbox:
    """This repository's own builders, and commands as processes."""

    def build(self, root: Path, destination: Path) -> Package:
        """The build directory of what ships."""
        try:
            return package.build(root, destination)
        except PackageError as failed:
            raise DeployError(f"the package could not be built: {failed}") from failed

    def write_config(
        self, root: Path, destination: Path, settings: Settings, account: str, reserved: Mapping[str, int]
    ) -> None:
        """The `.chalice/` in it."""
        chalice_config.write(root, destination, settings, account, reserved)

    def reserved(self, unreserved: int) -> Mapping[str, int]:
        """How many of which function may run at once."""
        return chalice_config.reserved_concurrency(unreserved)

    def functions(self, root: Path, settings: Settings, account: str) -> Mapping[str, Mapping[str, Any]]:
        """Every function, as app.py names it (`api_handler` for the routes), with its memory and timeout."""
        config = chalice_config.built_config(root, settings, account, {})
        functions: Mapping[str, Mapping[str, Any]] = config["stages"][settings.stage]["lambda_functions"]
        return functions

    def synthesize(self, settings: Settings, account: str, destination: Path) -> Mapping[str, Path]:
        """Each stack's template. The certificate that was found goes in by the environment."""
        os.environ["AR_CERTIFICATE_ARN"] = settings.certificate_arn
        from deploy.stacks import synthesize

        return synthesize(settings.stage, account, destination)

    def run(self, command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> int:
        """A command, which is seen as it speaks; its exit status."""
        return subprocess.run(command, cwd=directory, env=dict(environment), check=False).returncode
