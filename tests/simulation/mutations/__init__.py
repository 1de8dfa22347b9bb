"""One condition dropped or weakened at a time in a copy of the source: some test must fail, and is named.

python -m tests.simulation.mutations [--only NAME]
"""
