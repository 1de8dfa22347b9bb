"""Makes the mails that nobody can type: those in old charsets and those with documents. `python -m tests.corpus.make`.

The others were written by hand as they stand. What this makes is committed too, and a test holds it to these sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.corpus.held_out_made import HELD_OUT
from tests.corpus.injections_made import INJECTIONS
from tests.corpus.seen_made import SEEN

HERE = Path(__file__).parent
MADE: Mapping[str, bytes] = {**HELD_OUT, **SEEN, **INJECTIONS}
"""Path below this folder -> the mail."""


def main() -> None:
    """Write them all."""
    for path, content in MADE.items():
        (HERE / path).write_bytes(content)


if __name__ == "__main__":
    main()
