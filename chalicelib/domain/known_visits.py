"""A draft held against what is known already: whose visit it is about, whether it is news at all (DESIGN §8).

The sheet's visits and earlier proposals count alike. Nothing is guessed: where two visits fit, a person says which.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.appointment import Problem
from chalicelib.domain.phone import read_email, read_phone
from chalicelib.domain.proposal import Draft, Kind, Proposal, ProposalState
from chalicelib.domain.proposal_words import VISIT_COLUMNS, named_visit, start_of
from chalicelib.domain.status import read_status
from chalicelib.domain.terms import Terms
from chalicelib.domain.wording import local_minute

ALIVE = (ProposalState.OPEN, ProposalState.APPROVING, ProposalState.APPROVED)
MOST_NAMED = 5
SHOWN_BY_THEN = timedelta(hours=1)
"""An approved row is in the mirror by then, unless people took it out."""


@dataclass(frozen=True, slots=True)
class Known:
    """A visit that is in the sheet or was proposed. `values` are its cells; `proposed`: it isn't in the sheet yet."""

    appt_id: str
    values: Mapping[str, str]
    start: datetime
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """What is to be proposed. `appt_id` is None for a new visit, "" where the visit isn't known."""

    draft: Draft
    appt_id: str | None
    row: Mapping[str, str]
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoNews:
    """Why nothing is proposed; `earlier` says it already, if one does."""

    why: str
    earlier: Proposal | None = None


def known_visits(
    rows: Iterable[tuple[Mapping[str, str], datetime]], earlier: Sequence[Proposal], terms: Terms
) -> list[Known]:
    """The sheet's visits (cells, start) and those that are proposed or approved and not in it yet."""
    found = {values["appt_id"]: Known(values["appt_id"], values, start) for values, start in rows}
    for proposal in earlier:
        start = start_of(proposal.draft.values, terms.zone)
        if (
            start is not None
            and proposal.draft.kind is Kind.BOOKING
            and proposal.state in ALIVE
            and proposal.appt_id not in found
        ):
            found[proposal.appt_id] = Known(proposal.appt_id, proposal.draft.values, start, proposed=True)
    return list(found.values())


def judge(
    draft: Draft, known: Sequence[Known], earlier: Sequence[Proposal], terms: Terms, now: datetime
) -> News | NoNews:
    """What the draft means beside the visits known and the proposals made before (oldest first)."""
    own = [p for p in earlier if draft.uid and p.draft.uid == draft.uid]
    if own:
        return _of_known_uid(draft, own, known, earlier, terms, now)
    if draft.is_reminder:
        return _reminder(draft, known, earlier, terms, now)
    if draft.kind is Kind.BOOKING:
        return _booking(draft, known, earlier, terms, now)
    return _of_a_visit(draft, known, earlier, terms, now)


# ---------------------------------------------------------------- by the calendar's own id


def _of_known_uid(
    draft: Draft, own: Sequence[Proposal], known: Sequence[Known], earlier: Sequence[Proposal], terms: Terms,
    now: datetime,
) -> News | NoNews:  # fmt: skip
    last = max(own, key=lambda p: (p.draft.sequence, p.made_at))
    stale = draft.sequence < last.draft.sequence
    if draft.is_reminder or stale:
        return NoNews("it is stale" if stale else "the visit is known", last)
    lives = next((p for p in reversed(own) if p.state in ALIVE and p.appt_id), None)
    visit = next((one for one in known if lives and one.appt_id == lives.appt_id), None)
    if draft.kind is Kind.CANCELLATION:
        if last.draft.kind is Kind.CANCELLATION and last.state in ALIVE:
            return NoNews("it was cancelled before", last)
        return _about(draft, visit, earlier, terms) if visit else _unknown_cancellation(draft)
    start = start_of(draft.values, terms.zone)
    if draft.sequence == last.draft.sequence and last.state is not ProposalState.DISCARDED:
        return NoNews("it is the same again", last)
    if last.draft.kind is not Kind.CANCELLATION and start == start_of(last.draft.values, terms.zone):
        if last.state is ProposalState.DISCARDED and draft.sequence > last.draft.sequence:
            return _booking(draft, known, earlier, terms, now)
        return NoNews("nothing that counts is different", last)
    if visit is None or start is None or visit.start == start:
        return NoNews("the visit is as it says", lives) if visit else _booking(draft, known, earlier, terms, now)
    return _about(replace(draft, kind=Kind.CHANGE), visit, earlier, terms)


# ---------------------------------------------------------------- bookings


def _booking(
    draft: Draft, known: Sequence[Known], earlier: Sequence[Proposal], terms: Terms, now: datetime, *flags: str
) -> News | NoNews:
    draft = replace(draft, kind=Kind.BOOKING, flags=(*draft.flags, *flags))
    start = start_of(draft.values, terms.zone)
    words: list[str] = []
    for proposal in reversed(earlier):
        same = start is not None and start_of(proposal.draft.values, terms.zone) == start
        if (
            not same
            or proposal.draft.kind is Kind.CANCELLATION
            or not same_customer(draft.values, proposal.draft.values, terms)
        ):
            continue
        if proposal.state in ALIVE and not _is_over(proposal, known, now):
            return NoNews("it was proposed before", proposal)
        if proposal.state is ProposalState.DISCARDED:
            by = f" by {proposal.settled_by}" if proposal.settled_by else ""
            words.append(f"The same booking was proposed before and discarded{by}.")
            break
    return News(draft, None, {}, (*words, *likely_duplicates(draft.values, known, terms)))


def _is_over(proposal: Proposal, known: Sequence[Known], now: datetime) -> bool:
    """Whether what was approved is cancelled by now, or its row was taken out: then the booking may be a new one."""
    if proposal.state is not ProposalState.APPROVED or proposal.settled_at is None:
        return False
    visit = next((one for one in known if one.appt_id == proposal.appt_id), None)
    if visit is None or visit.proposed:
        return now - proposal.settled_at > SHOWN_BY_THEN
    return read_status(visit.values.get("status", ""))[0].ends_the_visit


def likely_duplicates(values: Mapping[str, str], known: Iterable[Known], terms: Terms) -> tuple[str, ...]:
    """Visits that may be this one, each in a sentence that says which row it is."""
    start = start_of(values, terms.zone)
    day = values.get("date", "")
    found = []
    for visit in known:
        its_day = visit.start.astimezone(terms.zone).date().isoformat()
        if its_day != day:
            continue
        if same_person(values, visit.values, terms):
            why = "same customer, same time" if visit.start == start else "same customer, same day"
        elif (
            visit.start == start
            and (staff := folded(values.get("staff", "")))
            and staff == folded(visit.values.get("staff", ""))
        ):
            why = "same staff member, same time"
        else:
            continue
        found.append(f"{why[0].upper()}{why[1:]}: {_named(visit, terms)}.")
    more = len(found) - MOST_NAMED
    return (*found[:MOST_NAMED], *([f"{more} more like these."] if more > 0 else []))


def _reminder(
    draft: Draft, known: Sequence[Known], earlier: Sequence[Proposal], terms: Terms, now: datetime
) -> News | NoNews:
    start = start_of(draft.values, terms.zone)
    for visit in known:
        if same_customer(draft.values, visit.values, terms) and start in (None, visit.start):
            return NoNews("it reminds of a visit that is known")
    return _booking(draft, known, earlier, terms, now, "This is a reminder of a visit that isn't in the sheet.")


# ---------------------------------------------------------------- changes and cancellations


def _of_a_visit(
    draft: Draft, known: Sequence[Known], earlier: Sequence[Proposal], terms: Terms, now: datetime
) -> News | NoNews:
    """Whose visit a change or a cancellation is about, by customer or contact and the former start."""
    fits = [] if draft.uid and not _former(draft) else _fitting(draft, known, terms, now)
    if len(fits) == 1:
        return _about(draft, fits[0], earlier, terms)
    if fits:
        candidates = tuple(_named(visit, terms) for visit in fits[:MOST_NAMED])
        flagged = replace(draft, flags=(*draft.flags, "Several visits fit: which one?"))
        return _once(News(flagged, "", {}, candidates), earlier)
    if draft.kind is Kind.CHANGE:
        return _booking(draft, known, earlier, terms, now, "This changes a visit that isn't known here.")
    return _once(_unknown_cancellation(draft), earlier)


def _former(draft: Draft) -> Mapping[str, str]:
    """The date and time that the visit had, where the source says: a cancellation's are its own."""
    if draft.kind is Kind.CANCELLATION and not draft.old_values:
        return {name: text for name in ("date", "time") if (text := draft.values.get(name))}
    return draft.old_values


def _fitting(draft: Draft, known: Sequence[Known], terms: Terms, now: datetime) -> list[Known]:
    ahead = [v for v in known if v.start > now and not read_status(v.values.get("status", ""))[0].ends_the_visit]
    fits = [v for v in ahead if same_contact(draft.values, v.values, terms)]
    fits = fits or [v for v in ahead if same_name(draft.values, v.values)]
    former = _former(draft)
    if day := former.get("date"):
        fits = [v for v in fits if v.start.astimezone(terms.zone).date().isoformat() == day]
    if clock := former.get("time"):
        fits = [v for v in fits if f"{v.start.astimezone(terms.zone):%H:%M}" == clock]
    if len(fits) > 1:
        fits = [v for v in fits if names_agree(draft.values, v.values)] or fits
    if len(fits) > 1 and (service := folded(draft.values.get("service", ""))):
        fits = [v for v in fits if folded(v.values.get("service", "")) == service] or fits
    return fits


def _about(draft: Draft, visit: Known, earlier: Sequence[Proposal], terms: Terms) -> News | NoNews:
    """A change or cancellation of this visit."""
    flags = list(draft.flags)
    values = dict(draft.values)
    if not names_agree(values, visit.values):
        flags.append(f"The row is {visit.values.get('customer', '')}'s, who has the same contact: is it the right one?")
    if draft.kind is Kind.CHANGE:
        local = visit.start.astimezone(terms.zone)
        for column, former, word in (("time", f"{local:%H:%M}", "time"), ("date", local.date().isoformat(), "date")):
            if not values.get(column) and values.get("date" if column == "time" else "time"):
                values[column] = former
                flags.append(f"The new {word} isn't said: the former one is taken.")
        if start_of(values, terms.zone) == visit.start:
            return NoNews("the visit is at that time already")
    elif read_status(visit.values.get("status", ""))[0].value == "cancelled":
        return NoNews("the visit is cancelled already")
    if visit.proposed:
        flags.append("The visit itself isn't in the sheet yet: settle its own proposal first.")
    made = replace(draft, values=values, flags=tuple(flags))
    row = {column: visit.values.get(column, "") for column in VISIT_COLUMNS}
    return _once(News(made, visit.appt_id, row), earlier)


def _unknown_cancellation(draft: Draft) -> News:
    flag = "This cancels a visit that isn't known here: nothing can be written."
    return News(replace(draft, flags=(*draft.flags, flag)), "", {})


def _once(news: News, earlier: Sequence[Proposal]) -> News | NoNews:
    """Nothing, if an earlier proposal that still waits or was approved last says the same of that visit."""
    key = ("customer", "phone", "email", "date", "time")
    for proposal in reversed(earlier):
        draft = proposal.draft
        if draft.kind is Kind.BOOKING or proposal.appt_id != news.appt_id or proposal.state not in ALIVE:
            continue
        about = ("date", "time") if news.appt_id else key
        same = all(draft.values.get(name, "") == news.draft.values.get(name, "") for name in about)
        if draft.kind is news.draft.kind and (same or (news.appt_id and draft.kind is Kind.CANCELLATION)):
            return NoNews("it was proposed before", proposal)
        if news.appt_id and proposal.state is ProposalState.APPROVED:
            break
    return news


# ---------------------------------------------------------------- who is who


def same_person(values: Mapping[str, str], other: Mapping[str, str], terms: Terms) -> bool:
    """The same contact, or the same name."""
    return same_contact(values, other, terms) or same_name(values, other)


def same_customer(values: Mapping[str, str], other: Mapping[str, str], terms: Terms) -> bool:
    """The same name; or the same contact under names that agree: a family shares its phone."""
    return same_name(values, other) or (same_contact(values, other, terms) and names_agree(values, other))


def names_agree(values: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether both may name one person: a name is missing, or all words of the shorter are in the longer."""
    one, two = (set(folded(each.get("customer", "")).replace(",", " ").split()) for each in (values, other))
    return one <= two or two <= one


def same_contact(values: Mapping[str, str], other: Mapping[str, str], terms: Terms) -> bool:
    """The same phone number or e-mail address, however they are spelled."""
    return bool(_contacts(values, terms.country) & _contacts(other, terms.country))


def same_name(values: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """The same customer, without regard to case, accents' form and spaces."""
    name = folded(values.get("customer", ""))
    return bool(name) and name == folded(other.get("customer", ""))


def folded(text: str) -> str:
    """A name for comparing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _contacts(values: Mapping[str, str], country: str) -> set[str]:
    read = (read_phone(values.get("phone", ""), country), read_email(values.get("email", "")))
    return {text.casefold() for text in read if not isinstance(text, Problem) and text}


def _named(visit: Known, terms: Terms) -> str:
    waits = ", proposed and not approved yet" if visit.proposed else ""
    return f"{named_visit(visit.values, visit.appt_id)}, {local_minute(visit.start, terms.zone)}{waits}"
