"""Every fault at every port call of the shipped use cases, up to three in one history, and every overlap of two runs.

Nothing here models the protocol: `dispatch_move`, `run_tick`, `reply` run as they ship, on the twin's tables. Where a
fault can strike is found by running them, so the enumeration follows the code.
"""
