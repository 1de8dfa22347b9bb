"""Twice, or never: a bounded run of the enumeration, ours beside check, send, record over the same tables.

One fault at every port call of a reminder's hours, and every interleaving of two dispatches of one send, with its
lease running out and with one fault. `scripts/prove` enumerates up to three faults in six scenes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Figure
from tests.simulation.enumeration import figures
from tests.simulation.enumeration.figures import Job


def figure(jobs: Sequence[Job] = figures.BOUNDED) -> tuple[Figure, str]:
    """Duplicates and silent losses over all plans of the jobs, and what not knowing costs."""
    both = list(figures.enumerate_all(jobs))
    ours, spec = [mine for mine, _ in both], [peer for _, peer in both]
    found = Figure(_told(ours), all(figure.sound for figure in ours), _told(spec))
    note = (
        f"Plans of faults: after {sum(f.needless for f in ours):,} of {sum(f.plans for f in ours):,} staff were told "
        "that it isn't known whether the text went, though it had. scripts/prove tries up to three faults."
    )
    return found, note


def _told(found: Sequence[figures.Figure]) -> str:
    twice, silent = sum(f.twice for f in found), sum(f.silent for f in found)
    return f"{twice:,}, {silent:,} of {sum(f.plans for f in found):,} plans"
