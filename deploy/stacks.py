"""The stacks' templates, from the CDK app in `infra-extras/`: a process of its own, whose names are the stage's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.errors import DeployError
from deploy.target import ROOT

APP = ROOT / "infra-extras" / "app.py"
_SUFFIX = ".template.json"


def synthesize(stage: str, account: str, out_dir: Path) -> dict[str, Path]:
    """Write every stack's template into a directory; its file by the stack's name. No account is asked.

    Raises DeployError where Node is missing, or CDK refuses, with what it said.
    """
    if not shutil.which("node"):
        raise DeployError(
            "CDK needs Node 20 or later, and there is no node on the PATH. Install it, then run this again"
        )
    environment = {
        **os.environ,
        "AR_STAGE": stage,
        "AR_ACCOUNT": account,
        "CDK_OUTDIR": str(out_dir),
        "PYTHONTZPATH": "",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
    done = subprocess.run(
        [sys.executable, str(APP)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DeployError(f"CDK could not write the templates of the stage {stage}:\n{_end(done.stdout, done.stderr)}")
    return {path.name.removesuffix(_SUFFIX): path for path in sorted(out_dir.glob(f"*{_SUFFIX}"))}


def _end(*said: str) -> str:
    """The last of what a process said: where the reason is."""
    return "\n".join("".join(said).strip().splitlines()[-30:])
