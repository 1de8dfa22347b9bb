"""What a row brings along from mirror to mirror: when it was first seen at this start, and since when it has its terms.

`first_seen` is the sync that first saw this id at this start (DESIGN §4.1). A row whose start is blank in the mirror,
since it can't be read or isn't acted on, keeps there the sync that first saw its date cell as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.appointment import chain_id, chain_start
from chalicelib.domain.mirror import MirrorRow
from chalicelib.domain.standing import Standing


def seen_on(former: MirrorRow | None, date_text: str, zone: ZoneInfo, now: datetime) -> date:
    """The shop's day on which this row's date cell was first seen as it stands, for dates without a year.

    A start that was read from the same text is as good as that day: the date nearest to itself is itself.
    """
    if former is not None and former.values.get("date", "").strip() == date_text.strip():
        known = former.start or former.first_seen
        if known is not None:
            return known.astimezone(zone).date()
    return now.astimezone(zone).date()


def same_texts(former: MirrorRow, values: Mapping[str, str]) -> bool:
    """Whether date and time cells are as they were."""
    return all(former.values.get(c, "").strip() == values.get(c, "").strip() for c in ("date", "time"))


def first_seen(
    former: MirrorRow | None,
    values: Mapping[str, str],
    start: datetime | None,
    standing: Standing | None,
    now: datetime,
) -> datetime:
    """The sync that first saw this id at this start; for a customer's own move, the press.

    A start that was left and returns is seen anew (what its chain sent stays sent).
    """
    if former is None or former.first_seen is None:
        return _press(start, standing) or now
    if start is None:
        kept = former.values.get("date", "").strip() == values.get("date", "").strip()
        return former.first_seen if kept else now
    if former.start == start or (former.start is None and same_texts(former, values)):
        return former.first_seen
    return _press(start, standing) or now


def _press(start: datetime | None, standing: Standing | None) -> datetime | None:
    if standing is None or start is None or standing.chain != chain_id(start):
        return None
    return standing.first_seen


def since(
    former: MirrorRow | None, values: Mapping[str, str], now: datetime, fold: Callable[[str], str]
) -> datetime | None:
    """The latest sync that took this row's service or `reminders` cell; None if neither changed after first sight.

    `fold` is how the rules doc compares service names: another spelling of one service is no change.
    """
    if former is None:
        return None
    changed = any(fold(former.values.get(c, "")) != fold(values.get(c, "")) for c in ("service", "reminders"))
    return now if changed else former.since


def stands(former: MirrorRow | None, standing: Standing | None) -> datetime | None:
    """The start that counts although the sheet shows another; None if the sheet's own does.

    A row that nothing happened to since (`standing` not looked at) keeps what the last mirror says.
    """
    if standing is None:
        return former.stands if former is not None else None
    return chain_start(standing.chain) if standing.contested else None
