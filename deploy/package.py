"""A build directory for Chalice, with everything that ships and nothing else: half of what Chalice alone would zip.

Chalice puts `vendor/` into its zip as it is. So the pinned requirements are resolved here for Lambda's machine and laid
there without what no function reads (most of all Google's 600 API descriptions), and `requirements.txt` is left empty.
Chalice adds its own runtime (two files). boto3 isn't laid there: Lambda has it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

ARM64 = "aarch64"
"""Lambda's arm64 as wheels name it. A test that imports what was built asks for its own machine's name."""
THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
"""Chalice deploys the version that it runs on."""
CHALICE_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONTZPATH": ""}
"""What `chalice` is run with in a build directory, so that it leaves no caches there: it would ship them."""
SHIPPED_DESCRIPTIONS = frozenset({"sheets.v4.json", "drive.v3.json", "calendar.v3.json"})

_OLDEST_GLIBC = 17
_LAMBDAS_GLIBC = {"3.10": 26, "3.11": 26}
"""The minor version of glibc 2 under each of Lambda's Pythons; from 3.12 on it is 34."""
_GLIBC = 34
_UNSHIPPED_DIRECTORIES = frozenset({"__pycache__", "tests", "test"})
_UNSHIPPED_SUFFIXES = frozenset({".pyc", ".pyi", ".pyx", ".pxd", ".pxi", ".c", ".h"})
"""Nothing is compiled or type-checked there."""
_KEPT_METADATA = frozenset({"METADATA", "entry_points.txt"})
"""What `importlib.metadata` answers from; holidays and opentelemetry ask it when they are imported."""
_FIXED_TIME = 1_577_836_800
"""2020, for every file: the same content makes the same zip."""


class PackageError(RuntimeError):
    """There is no package: the text says which requirement, or which directory, and why."""


@dataclass(frozen=True, slots=True)
class Package:
    """What was built. Sizes in bytes."""

    directory: Path  # what `chalice deploy` and `chalice package` take
    zip: Path  # Chalice's own, which it takes again when it deploys
    zipped: int
    unzipped: int
    requirements: tuple[str, ...]  # `name==version`, what the pins brought along included

    def __str__(self) -> str:
        return f"{self.zipped / 1e6:.1f} MB zipped, {self.unzipped / 1e6:.1f} MB unzipped"


def build(root: Path, destination: Path, *, python_version: str = THIS_PYTHON, machine: str = ARM64) -> Package:
    """Make the build directory. `.chalice/` is for `deploy.chalice_config` to write.

    Only wheels are taken: a requirement without one for this Python and machine is refused, never compiled here.
    pip reads a requirement's conditions (`python_version < ...`) as of the Python that runs. Raises PackageError, also
    for a destination that isn't empty.
    """
    if destination.exists() and any(destination.iterdir()):
        raise PackageError(f"{destination} isn't empty; nothing was built")
    vendor = destination / "vendor"
    vendor.mkdir(parents=True)
    shutil.copy2(root / "app.py", destination)
    shutil.copytree(root / "chalicelib", destination / "chalicelib", ignore=_not_shipped)
    (destination / "requirements.txt").touch()
    _install(root / "requirements.txt", vendor, python_version, machine)
    requirements = tuple(sorted(_installed(vendor)))
    _trim(vendor)
    for path in destination.rglob("*"):
        os.utime(path, (_FIXED_TIME, _FIXED_TIME))
    zip_file = chalice_zip(destination, python_version)
    return Package(destination, zip_file, zip_file.stat().st_size, unzipped_size(zip_file), requirements)


def platforms(python_version: str, machine: str) -> list[str]:
    """The wheel tags that Lambda's Python of this version can load, newest first. pip takes each literally."""
    newest = _LAMBDAS_GLIBC.get(python_version, _GLIBC)
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, _OLDEST_GLIBC - 1, -1)]
    return [*tags, f"manylinux2014_{machine}"]


def wheels_only(python_version: str, machine: str) -> list[str]:
    """pip's options for wheels of this Python and machine, whatever it runs on itself."""
    tags = [option for tag in platforms(python_version, machine) for option in ("--platform", tag)]
    return ["--implementation", "cp", "--python-version", python_version, "--only-binary=:all:", *tags]


def chalice_zip(directory: Path, python_version: str = THIS_PYTHON) -> Path:
    """The zip that Chalice makes of a project's directory for arm64, by its own packager. Raises PackageError."""
    from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager, PackageDownloadError
    from chalice.utils import UI, OSUtils

    files, said = OSUtils(), StringIO()
    builder = DependencyBuilder(files, architecture="arm64")
    packager = LambdaDeploymentPackager(files, builder, UI(said, said), "arm64")
    try:
        made = packager.create_deployment_package(str(directory), f"python{python_version}")
    except PackageDownloadError as failed:
        raise PackageError(str(failed)) from failed
    if "Could not install dependencies" in said.getvalue():  # Chalice only says so, and goes on without them
        raise PackageError(said.getvalue().strip())
    return Path(made)


def unzipped_size(zip_file: Path) -> int:
    """What Lambda counts, in bytes."""
    with ZipFile(zip_file) as zipped:
        return sum(one.file_size for one in zipped.infolist())


def _install(requirements: Path, vendor: Path, python_version: str, machine: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile",
               "--target", str(vendor), *wheels_only(python_version, machine), "-r", str(requirements)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise PackageError("\n".join(errors) or done.stderr.strip())


def _installed(vendor: Path) -> Iterator[str]:
    for found in distributions(path=[str(vendor)]):
        yield f"{found.metadata['Name']}=={found.version}"


def _trim(vendor: Path) -> None:
    descriptions = vendor / "googleapiclient" / "discovery_cache" / "documents"
    for path in descriptions.glob("*.json"):
        if path.name not in SHIPPED_DESCRIPTIONS:
            path.unlink()
    shutil.rmtree(vendor / "bin", ignore_errors=True)  # what the packages' command lines would be
    for path in sorted(vendor.rglob("*"), reverse=True):  # what is in a directory comes before it
        if path.is_dir():
            if path.name in _UNSHIPPED_DIRECTORIES or not any(path.iterdir()):
                shutil.rmtree(path)
        elif path.suffix in _UNSHIPPED_SUFFIXES or (_is_metadata(path, vendor) and path.name not in _KEPT_METADATA):
            path.unlink()


def _is_metadata(path: Path, vendor: Path) -> bool:
    return path.relative_to(vendor).parts[0].endswith(".dist-info")


def _not_shipped(_: str, names: list[str]) -> set[str]:
    """A checkout has caches, and may have an `.env`; Chalice would ship both."""
    return {name for name in names if name == "__pycache__" or name.startswith(".") or name.endswith(".pyc")}
