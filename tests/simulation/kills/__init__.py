"""Real kills: the shipped handlers in processes of their own, ended with SIGKILL at any moment, and what came of it.

    python -m tests.simulation.kills --kills 200 --seed 7 [--literal]

Counted is what SNS's and SES's doors and the Slack stand-in received, never what the ledger says of itself.
"""
