"""`python -m local`: the desk in a browser, or with `--headless` the weeks in a report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from local import headless

STATE = Path(__file__).parent.parent / ".state" / "desk"


def main() -> int:
    """Read the flags and run. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--headless", action="store_true", help="play the weeks on the moved clock and end")
    parser.add_argument("--port", type=int, default=8765, help="the desk's port (8765)")
    parser.add_argument("--state", type=Path, default=STATE, help="where the desk keeps its state")
    parser.add_argument("--fresh", action="store_true", help="begin the desk anew, with the sample shop")
    headless.arguments(parser)
    options = parser.parse_args()
    if options.headless:
        return headless.main(options)
    from local.desk.serve import serve

    return serve(options.port, options.state, options.fresh)


if __name__ == "__main__":
    sys.exit(main())
