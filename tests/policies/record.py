"""`python -m tests.policies.record`: play all lanes, and write what the functions called into the inventory."""

from __future__ import annotations

import sys

from tests.policies import inventory
from tests.policies.lanes import everything_recorded


def main() -> int:
    """Say what is new and what is gone. Fails, and writes nothing, for a call whose needs aren't known."""
    recorder = everything_recorded()
    if recorder.unknown:
        print("\n".join(sorted(recorder.unknown)), file=sys.stderr)
        return 1
    former, made = inventory.read(), recorder.lines()
    for sign, lines in (("+", inventory.beyond(made, former)), ("-", inventory.beyond(former, made))):
        print("".join(f"{sign} {line}\n" for line in lines), end="", file=sys.stderr)
    inventory.write(made)
    print(f"{inventory.PATH.name}: {sum(map(len, made.values()))} lines of {len(made)} functions", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
