"""What a cold start pays for `app.py` before its first line of work, beside Chalice's own import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from bench.figures import Figure

RUNS = 7
ROOT = Path(__file__).parents[1]
_TIMED = "import time; began = time.process_time(); import {}; print(time.process_time() - began)"


def figure() -> Figure:
    """CPU of each import in a fresh interpreter; medians of runs that alternate."""
    taken: dict[str, list[float]] = {"chalice.app": [], "app": []}
    for _ in range(RUNS):
        for module, seconds in taken.items():
            seconds.append(_import_seconds(module))
    chalice, ours = median(taken["chalice.app"]), median(taken["app"])
    times = ours / chalice
    return Figure(f"{times:.2f} times ({ours * 1000:.0f} ms beside {chalice * 1000:.0f} ms)", times <= 2)


def _import_seconds(module: str) -> float:
    command = [sys.executable, "-c", _TIMED.format(module)]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
