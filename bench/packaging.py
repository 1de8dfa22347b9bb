"""How large what ships is: the zip that is built for Lambda, and the one that Chalice alone makes of a checkout."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import NOT_YET, Figure
from deploy.package import PackageError, build, chalice_zip, unzipped_size

ROOT = Path(__file__).parents[1]
MOST_ZIPPED, MOST_UNZIPPED, MOST_PLAIN = 20_000_000, 75_000_000, 40_000_000


def figure() -> tuple[Figure, str]:
    """Both for arm64, and a note about the other one. The package registry is asked; without it there is no figure."""
    with TemporaryDirectory() as scratch:
        try:
            built = build(ROOT, Path(scratch) / "built")
            plain = chalice_zip(_checkout(Path(scratch) / "plain"))
        except PackageError as refused:
            return NOT_YET, f"The zip wasn't built: {str(refused).splitlines()[0]}"
        size = plain.stat().st_size
        note = f"A plain `chalice deploy` ships {size / 1e6:.1f} MB, {unzipped_size(plain) / 1e6:.0f} MB unzipped."
        within = built.zipped <= MOST_ZIPPED and built.unzipped <= MOST_UNZIPPED and size <= MOST_PLAIN
        shown = f"{built.zipped / 1e6:.1f} MB / {built.unzipped / 1e6:.1f} MB (plain: {size / 1e6:.1f} MB)"
        return Figure(shown, within), note


def _checkout(project: Path) -> Path:
    """What Chalice takes of a checkout."""
    project.mkdir()
    for file in ("app.py", "requirements.txt"):
        shutil.copy2(ROOT / file, project)
    shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    return project
