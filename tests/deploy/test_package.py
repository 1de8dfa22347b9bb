"""What is put into the zip, what is left out, and how large it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from deploy.package import ARM64, SHIPPED_DESCRIPTIONS, Package, PackageError, build, wheels_only
from tests.deploy.conftest import ROOT

_ARM = 183
"""What an ELF file for arm64 has at byte 18."""
MOST_ZIPPED, MOST_UNZIPPED = 20_000_000, 75_000_000


@pytest.fixture(scope="module")
def names(shipped: Package) -> set[str]:
    with ZipFile(shipped.zip) as zipped:
        return set(zipped.namelist())


@pytest.fixture(scope="module")
def packages(names: set[str]) -> set[str]:
    return {name.partition("/")[0] for name in names}


def tiny(root: Path, requirement: str) -> Path:
    """A project with one requirement, and with what lies about in a checkout."""
    (root / "chalicelib" / "__pycache__").mkdir(parents=True)
    (root / "app.py").touch()
    (root / "requirements.txt").write_text(f"{requirement}\n")
    for file in ("__init__.py", ".env", "__pycache__/names.cpython-311.pyc"):
        (root / "chalicelib" / file).touch()
    return root


def test_the_package_is_small_enough(shipped: Package, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nthe package: {shipped}")
    assert shipped.zipped <= MOST_ZIPPED
    assert shipped.unzipped <= MOST_UNZIPPED


def test_all_of_the_app_is_shipped_as_it_is(shipped: Package) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "app.py", "chalicelib"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with ZipFile(shipped.zip) as zipped:
        different = [name for name in tracked.stdout.split() if zipped.read(name) != (ROOT / name).read_bytes()]
    assert different == []


def test_what_lambda_has_and_what_only_chalice_s_command_line_needs_stay_here(packages: set[str]) -> None:
    assert packages & {"boto3", "botocore", "s3transfer", "pip", "setuptools", "wheel", "inquirer", "click"} == set()


def test_of_chalice_only_its_runtime_is_shipped(names: set[str]) -> None:
    assert {name for name in names if name.startswith("chalice/")} == {"chalice/__init__.py", "chalice/app.py"}


def test_nothing_of_the_tests_the_desk_or_the_operator_is_shipped(packages: set[str]) -> None:
    assert packages & {"tests", "local", "ops", "deploy", "bench", "prove", "infra-extras"} == set()


def test_neither_caches_nor_tests_nor_commands_are_shipped(names: set[str]) -> None:
    unwanted = {"__pycache__", "tests", "test", "bin"}
    assert [name for name in names if unwanted & set(name.split("/")[:-1]) or name.endswith((".pyc", ".env"))] == []


def test_only_the_three_apis_that_are_called_are_described(names: set[str]) -> None:
    described = {Path(name).name for name in names if "/discovery_cache/documents/" in name}
    assert described == SHIPPED_DESCRIPTIONS


def test_everything_compiled_is_for_arm64(shipped: Package) -> None:
    """Promise 80."""
    with ZipFile(shipped.zip) as zipped:
        machines = {name: zipped.read(name)[18] for name in zipped.namelist() if name.endswith(".so")}
    assert "lxml/etree" in " ".join(machines)
    assert set(machines.values()) == {_ARM}


def test_every_pin_is_shipped_at_its_version(shipped: Package) -> None:
    pins = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]

    def comparable(requirement: str) -> str:
        return requirement.lower().replace("_", "-")

    assert {comparable(pin) for pin in pins} <= {comparable(one) for one in shipped.requirements}


def test_chalice_finds_no_requirement_left_to_fetch(shipped: Package) -> None:
    assert (shipped.directory / "requirements.txt").read_text() == ""


def test_a_checkout_s_caches_and_secrets_are_not_taken(registry: None, tmp_path: Path) -> None:
    built = build(tiny(tmp_path / "root", "defusedxml==0.7.1"), tmp_path / "built")
    with ZipFile(built.zip) as zipped:
        assert {name for name in zipped.namelist() if name.startswith("chalicelib/")} == {"chalicelib/__init__.py"}


def test_the_same_content_makes_the_same_zip(registry: None, tmp_path: Path) -> None:
    root = tiny(tmp_path / "root", "defusedxml==0.7.1")
    first, second = (build(root, tmp_path / name).zip for name in ("first", "second"))
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_a_requirement_without_a_wheel_is_refused_and_named(registry: None, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="docopt"):
        build(tiny(tmp_path / "root", "docopt==0.6.2"), tmp_path / "built")


def test_nothing_is_built_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "theirs").touch()
    with pytest.raises(PackageError, match="isn't empty"):
        build(ROOT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_requirement_has_a_wheel_for_lambda_s_arm64(registry: None, tmp_path: Path, version: str) -> None:
    """Promise 80. The spec's runtime is 3.14: nothing is compiled for it, nor what the pins bring along."""
    report = tmp_path / "report.json"
    asked = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--target",
             str(tmp_path / "none"), "--report", str(report), *wheels_only(version, ARM64),
             "-r", str(ROOT / "requirements.txt")]  # fmt: skip
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    urls = [one["download_info"]["url"] for one in json.loads(report.read_text())["install"]]
    assert [url for url in urls if not url.endswith(".whl")] == []
    [lxml] = [url for url in urls if "/lxml-" in url]
    assert f"cp{version.replace('.', '')}" in lxml
    assert ARM64 in lxml
