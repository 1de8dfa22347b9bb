"""Whether the sources of one booking agree: exact against the visible text, against the model, against each other.

A disagreement changes no value. It is told to staff with both readings, and the field is doubted. What a text doesn't
mention is no disagreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from chalicelib.domain.cell_text import quoted
from chalicelib.domain.proposal import FIELDS, Draft, Kind, Reader
from chalicelib.domain.said_otherwise import said_otherwise
from chalicelib.domain.stated import folded, tokens

_SOURCE = {
    Reader.ICS: "calendar file",
    Reader.JSONLD: "mail's structured part",
    Reader.MICRODATA: "mail's structured part",
    Reader.CALENDAR: "calendar",
    Reader.MODEL: "model",
}


def with_disagreements(draft: Draft, visible_text: str, today: date, zone: ZoneInfo | None = None) -> Draft:
    """The draft, with a flag and a doubt for date, time and customer where the text states another one and never
    the draft's own. `today` is shop-local: past dates aren't compared, nor times with another zone's name than the
    shop's (any zone's where `zone` isn't given)."""
    source = _SOURCE.get(draft.reader, "source")
    for field, said in said_otherwise(draft, visible_text, today, zone).items():
        flag = f"the {source} says {draft.values[field]}, the text says {quoted(said)}"
        draft = replace(draft, doubtful=_joined(draft.doubtful, [field]), flags=_joined(draft.flags, [flag]))
    return draft


def filled(exact: Draft, model: Draft) -> Draft:
    """The exact draft, its blanks filled from the model's, with quotes, doubts and flags of what was filled.

    No value is overridden; where the model is sure of another one, staff are told.
    """
    return _completed(exact, model, "model")


def same_booking(a: Draft, b: Draft) -> bool:
    """Whether two drafts of one mail are about the same visit: the same uid, or one start and nobody else's name.

    Drafts of one reader with unlike uids, or without, are one only if all their values are.
    """
    if a.uid and a.uid == b.uid:
        return True
    if a.reader == b.reader:
        alike = bool(a.values) and a.kind == b.kind and dict(a.values) == dict(b.values)
        return a == b or (alike and not (a.uid and b.uid))
    return _agree(a, b, "date") and _agree(a, b, "time") and _names_agree(a, b) and bool(a.values.get("date"))


def merged(a: Draft, b: Draft) -> Draft:
    """One draft of two that are the `same_booking`: of one uid and reader the later one; else the richer, its blanks
    filled from the other, differences flagged. Where one cancels, a cancellation is proposed."""
    if a.reader == b.reader and a.uid == b.uid and a.sequence != b.sequence:
        return max(a, b, key=lambda draft: draft.sequence)
    richer, other = (b, a) if len(b.values) > len(a.values) else (a, b)
    whole = _completed(richer, other, _SOURCE.get(other.reader, "other source"))
    if not whole.uid:
        whole = replace(whole, uid=other.uid, sequence=other.sequence)
    if a.kind != b.kind and Kind.CANCELLATION in (a.kind, b.kind):
        flag = "one part of the mail cancels the visit, another doesn't"
        whole = replace(whole, kind=Kind.CANCELLATION, flags=_joined(whole.flags, [flag]))
    return whole


def without_repeats(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts of one mail's exact readers, each visit once, in order.

    One draft from each of two readers that differ only in when the visit is are taken for one visit, too.
    """
    kept: list[Draft] = []
    for draft in drafts:
        place = next((n for n, other in enumerate(kept) if same_booking(other, draft)), None)
        if place is None:
            kept.append(draft)
        else:
            kept[place] = merged(kept[place], draft)
    if len(kept) == 2 and kept[0].reader != kept[1].reader and _names_agree(*kept) and _services_agree(*kept):
        return [merged(*kept)]
    return kept


def _completed(first: Draft, second: Draft, source: str) -> Draft:
    values, quotes = dict(first.values), dict(first.quotes)
    doubtful, flags = list(first.doubtful), list(first.flags)
    for field in FIELDS:
        value = second.values.get(field, "")
        if not value:
            continue
        if not values.get(field):
            values[field] = value
            quotes[field] = second.quotes.get(field, "")
            doubtful = [name for name in doubtful if name != field]
            doubtful += [field] if field in second.doubtful else []
        elif field not in second.doubtful and not _same_value(field, values[field], value):
            flags.append(f"{field}: {values[field]} is taken, the {source} says {value}")
            doubtful.append(field)
    return replace(
        first,
        values=values,
        quotes=quotes,
        doubtful=_joined(doubtful, [f for f in second.doubtful if not values.get(f)]),
        flags=_joined(flags, second.flags),
        old_values={**second.old_values, **first.old_values},
        is_reminder=first.is_reminder or second.is_reminder,
    )


def _joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))


def _agree(a: Draft, b: Draft, field: str) -> bool:
    one, other = a.values.get(field, ""), b.values.get(field, "")
    return not one or not other or one == other


def _names_agree(a: Draft, b: Draft) -> bool:
    one, other = a.values.get("customer", ""), b.values.get("customer", "")
    return not one or not other or _same_value("customer", one, other)


def _services_agree(a: Draft, b: Draft) -> bool:
    one, other = a.values.get("service", ""), b.values.get("service", "")
    return not one or not other or _same_value("service", one, other)


def _same_value(field: str, one: str, other: str) -> bool:
    """Names and services that share a word are the same; links differ for many reasons and say nothing."""
    if field == "link" or folded(one) == folded(other):
        return True
    return field in ("customer", "service", "staff") and bool(tokens(one) & tokens(other))
