"""The templates as a deployment writes them: by `infra-extras/app.py`, once for all test processes."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from deploy.stacks import synthesize
from tests.infra.synthesized import ACCOUNT, Template

STAGE = "prod"


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that they are in. Who comes first writes them; the other test processes wait for that."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # this run's, whichever process asks
    directory, done = shared / "templates", shared / "templates.done"
    with (shared / "templates.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            synthesize(STAGE, ACCOUNT, directory)
            done.touch()
    return directory


@pytest.fixture(scope="session")
def templates(written: Path) -> dict[str, Template]:
    """Each stack's template by the stack's name."""
    ending = ".template.json"
    return {
        path.name.removesuffix(ending): json.loads(path.read_text(encoding="utf-8"))
        for path in written.glob(f"*{ending}")
    }
