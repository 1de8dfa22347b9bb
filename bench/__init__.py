"""Measurements of DESIGN §10: figure beside bar, and beside the literal spec as the peer.

Ratios and counts, never timed tests. `scripts/bench` prints the table; nothing here is shipped.
"""

import local  # noqa: F401 - sets what a deployment would, before anything reads the shipped names
