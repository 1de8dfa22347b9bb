"""Measurements of DESIGN §10: figure beside bar, and beside the literal spec as the peer.

Ratios and counts, never timed tests. `scripts/bench` prints the table; nothing here is shipped.
"""
