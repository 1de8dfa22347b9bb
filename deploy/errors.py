"""Why a deployment stops: each says in plain words what was wrong, where, and what to do."""

from __future__ import annotations


class DeployError(RuntimeError):
    """A step can't be done. The text is for whoever deploys; nothing after that step has happened."""
