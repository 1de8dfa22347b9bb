"""What staff are told once and again only after it was mended: keyed facts, with the lines that tell them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice

from chalicelib.domain.work import StaffLine
from chalicelib.errors import Refused
from chalicelib.ports import PutWork, TellOnce, Untell
from chalicelib.runtime import Runtime
from chalicelib.usecases.staff_lines import line_work

log = logging.getLogger(__name__)

A_LINE = 20
"""So many facts go into one line: forty bad phones in a pasted sheet must not be forty messages."""

Fact = Mapping[str, object]


def tell_once(
    rt: Runtime,
    prefix: str,
    facts: Mapping[str, Fact],
    compose: Callable[[Sequence[Fact]], StaffLine],
    now: datetime,
    forget: bool = True,
) -> int:
    """Tell staff the facts (key -> fact, kept as JSON) that they were not told, and forget those that no longer hold.

    Every key begins with `prefix`; `compose` makes one line of up to twenty facts. `forget=False`: told is told.
    Returns how many were new. Raises StoreError.
    """
    known = rt.store.told(prefix)
    fresh = iter([(key, fact) for key, fact in facts.items() if key not in known])
    count = 0
    while batch := list(islice(fresh, A_LINE)):
        line = compose([fact for _, fact in batch])
        marks = [TellOnce(key, json.dumps(fact, sort_keys=True, ensure_ascii=False)) for key, fact in batch]
        try:
            rt.store.commit(PutWork(line_work(rt, line, now)), *marks)
            count += len(batch)
        except Refused:
            log.info("told_by_another_run", extra={"prefix": prefix})
    mended = iter(sorted(set(known) - set(facts)) if forget else ())
    while gone := list(islice(mended, 100)):
        rt.store.commit(*(Untell(key) for key in gone))
    return count
