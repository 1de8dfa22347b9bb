"""The default event bus. PutEvents takes ten entries and may refuse some of them: those, and only those, go again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib import names
from chalicelib.adapters.aws_faults import upstream
from chalicelib.domain.events import MoveDue
from chalicelib.errors import UpstreamError

_VENDOR = "EventBridge"
MAX_ENTRIES = 10
MAX_BYTES = 256_000
"""Of one call, all entries together: the older of AWS's two published limits (256 KB, since raised to 1 MB)."""
_PAUSES_SECONDS = (0.2, 0.8)

Entry = dict[str, str]


class EventBridgeBus:
    """`ports.Bus`."""

    def __init__(self, client: Any, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._pause = pause

    def put(self, events: Sequence[MoveDue]) -> None:
        """Every event is on the bus when this returns; raises UpstreamError if some still are not."""
        self._put_all([_entry(event.detail_type, event.detail()) for event in events])

    def request(self, detail_type: str, detail: Mapping[str, object]) -> None:
        """One event that isn't a move."""
        self._put_all([_entry(detail_type, detail)])

    def _put_all(self, entries: Sequence[Entry]) -> None:
        refused: list[str] = []
        for call in _calls(entries):
            refused += self._put_call(call)
        if refused:
            codes = ", ".join(sorted(set(refused)))
            raise UpstreamError(_VENDOR, f"{len(refused)} of {len(entries)} events not taken: {codes}")

    def _put_call(self, entries: Sequence[Entry]) -> list[str]:
        """Put these; the codes of what three tries could not."""
        waiting, codes = list(entries), [""]
        for pause in (*_PAUSES_SECONDS, None):
            with upstream(_VENDOR):
                answers = self._client.put_events(Entries=waiting)["Entries"]
            refused = [
                (entry, answer["ErrorCode"])
                for entry, answer in zip(waiting, answers, strict=True)
                if answer.get("ErrorCode")
            ]
            waiting, codes = [entry for entry, _ in refused], [code for _, code in refused]
            if not waiting or pause is None:
                break
            self._pause(pause)
        return codes


def _entry(detail_type: str, detail: Mapping[str, object]) -> Entry:
    return {
        "Source": names.EVENT_SOURCE,
        "DetailType": detail_type,
        "Detail": json.dumps(detail, ensure_ascii=False, separators=(",", ":")),
    }


def _size(entry: Entry) -> int:
    return sum(len(value.encode()) for value in entry.values())


def _calls(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The entries in calls that stay within both of PutEvents' limits. Raises UpstreamError for one too large alone."""
    call: list[Entry] = []
    room = MAX_BYTES
    for entry in entries:
        size = _size(entry)
        if size > MAX_BYTES:
            raise UpstreamError(_VENDOR, f"an event {entry['DetailType']} of {size} bytes is over {MAX_BYTES}")
        if call and (len(call) == MAX_ENTRIES or size > room):
            yield call
            call, room = [], MAX_BYTES
        call.append(entry)
        room -= size
    if call:
        yield call
