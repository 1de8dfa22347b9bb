"""What the tests of a deployment share: packages are built once a run, whichever processes ask for one."""

from __future__ import annotations

import fcntl
import os
import pickle
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.package import ARM64, Package, build

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def registry() -> None:
    """Skips what needs the package registry where it can't be reached, and says so."""
    asked = [sys.executable, "-m", "pip", "index", "versions", "tzdata", "--retries", "1", "--timeout", "10"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"LEFT OUT: no package registry can be reached, so nothing can be built. {done.stderr[-300:]}")


@pytest.fixture(scope="session")
def package_for(registry: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Package]:
    """The package for a machine, built by whoever is first."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def package(machine: str) -> Package:
        made, lock = shared / f"package-{machine}.pickle", shared / f"package-{machine}.lock"
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not made.exists():
                made.write_bytes(pickle.dumps(build(ROOT, shared / f"package-{machine}", machine=machine)))
        found: Package = pickle.loads(made.read_bytes())
        return found

    return package


@pytest.fixture(scope="session")
def shipped(package_for: Callable[[str], Package]) -> Package:
    """What goes to AWS: for Lambda's arm64. To be copied before anything is changed in it."""
    return package_for(ARM64)


@pytest.fixture(scope="session")
def runnable(package_for: Callable[[str], Package]) -> Package:
    """The same for the machine that the tests run on."""
    return package_for(platform.machine())
