"""Keep what left the sheet, before the next mirror forgets it: the weekly summary counts past visits from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from chalicelib.domain.departed import with_departed
from chalicelib.domain.mirror import MirrorRow
from chalicelib.ports import Document
from chalicelib.runtime import Runtime


def keep_departed(rt: Runtime, former: Sequence[MirrorRow], here: Collection[str], now: datetime) -> None:
    """Keep the former mirror's rows whose ids aren't in the sheet any more; no call if there are none.

    Safe to repeat. Raises StoreConflict if another sync writes at the same time.
    """
    gone = [row for row in former if row.start is not None and row.appt_id and row.appt_id not in here]
    if not gone:
        return
    stored = rt.documents.read(Document.DEPARTED)
    text = with_departed(stored.text if stored else "", gone, now)
    if stored is None or stored.text != text:
        rt.documents.write(Document.DEPARTED, text, stored)
