"""What is wrong with rows, unknown status words and services without a line: told once, and again after mending.

Dates are checked always; the rest once the visit is within its widest window plus a week (DESIGN §4.1). What lies in
the past is nobody's concern any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.appointment import Problem, Window
from chalicelib.domain.identity import short_id
from chalicelib.domain.mend_links import doc, sheet, sheet_rows
from chalicelib.domain.roster import Entry
from chalicelib.domain.rules import HouseRules, normalise, parse_windows
from chalicelib.domain.sheet import read_row
from chalicelib.domain.status import read_status, status_word
from chalicelib.domain.terms import Terms
from chalicelib.domain.work import StaffLine
from chalicelib.runtime import Runtime
from chalicelib.usecases.sync_state import digest
from chalicelib.usecases.tell_once import Fact, tell_once

AHEAD = timedelta(days=7)
_LONGEST = 40


def tell_rows(rt: Runtime, entries: Sequence[Entry], house: HouseRules, terms: Terms, now: datetime) -> int:
    """Tell staff what is new, forget what is mended. Returns how many problems of rows were new."""
    lines_of: dict[str, list[int]] = {}
    for entry in entries:
        lines_of.setdefault(entry.appt_id, []).append(entry.line)
    problems: dict[str, Fact] = {}
    words: dict[str, list[str]] = {}
    strangers: dict[str, str] = {}
    nth: Counter[str] = Counter()
    for entry in entries:
        nth[entry.appt_id] += 1
        if entry.start is not None and entry.start <= now:
            continue
        for problem in _problems(entry, house, terms, now, lines_of[entry.appt_id]):
            # The words of a doubled id name rows, which move: they are one problem all the same.
            what = "" if problem.field == "appt_id" else digest(problem.problem)
            problems[f"row#{entry.appt_id}#{nth[entry.appt_id]}#{problem.field}#{what}"] = _fact(entry, problem)
        if not entry.acted_on or not _near(entry, house, now):
            continue
        text = entry.values["status"]
        if not read_status(text)[1]:
            words.setdefault(status_word(text)[:_LONGEST], []).append(f"row {entry.line} ({entry.appt_id})")
        if not house.windows(entry.values["service"])[1] and not entry.values["reminders"]:
            strangers.setdefault(normalise(entry.values["service"]), entry.values["service"])
    new = tell_once(rt, "row#", problems, partial(_row_line, rt.config.sheet_id), now)
    _tell_words(rt, words, now)
    _tell_services(rt, strangers, house, now)
    return new


def _near(entry: Entry, house: HouseRules, now: datetime) -> bool:
    if entry.start is None:
        return False
    widest = max((*house.windows(entry.values["service"])[0], *_own(entry.values["reminders"])), default=0)
    return entry.start <= now + timedelta(minutes=widest) + AHEAD


def _own(cell: str) -> Sequence[Window]:
    if not cell:
        return ()
    try:
        return parse_windows(cell)
    except ValueError:
        return ()


def _problems(entry: Entry, house: HouseRules, terms: Terms, now: datetime, lines: Sequence[int]) -> Iterable[Problem]:
    if entry.doubled:
        others = ", ".join(str(line) for line in lines if line != entry.line)
        yield Problem(
            "appt_id",
            f"“{short_id(entry.appt_id)}” is also the id of row {others}. Nothing is sent for either until each has "
            "its own; clear the id of the newer one and it gets another.",
        )
    if entry.problem is not None:
        yield entry.problem
    elif _near(entry, house, now):
        yield from read_row(entry.values, entry.line, entry.start, terms).problems


def _fact(entry: Entry, problem: Problem) -> Fact:
    return {
        "line": entry.line,
        "appt_id": short_id(entry.appt_id),
        "customer": entry.values["customer"][:_LONGEST],
        "field": problem.field,
        "problem": problem.problem,
    }


def _row_line(sheet_id: str, batch: Sequence[Fact]) -> StaffLine:
    def named(fact: Fact) -> str:
        who = f", {fact['customer']}" if fact["customer"] else ""
        return f"row {fact['line']} ({fact['appt_id']}{who}), {fact['field']}: {fact['problem']}"

    ids = {str(fact["appt_id"]) for fact in batch}
    only = ids.pop() if len(ids) == 1 else None
    links = sheet_rows(sheet_id, (int(str(fact["line"])) for fact in batch))
    if len(batch) == 1:
        return StaffLine(f"In the sheet, {named(batch[0])}", appt_id=only, reason="a row to mend", links=links)
    text = "In the sheet, please mend:\n" + "\n".join(f"• {named(fact)}" for fact in batch)
    return StaffLine(text, appt_id=only, reason="rows to mend", links=links)


def _tell_words(rt: Runtime, words: dict[str, list[str]], now: datetime) -> None:
    """Once per word, whatever becomes of its rows."""
    facts: dict[str, Fact] = {f"word#{word}": {"word": word, "rows": rows[:10]} for word, rows in words.items()}

    def compose(batch: Sequence[Fact]) -> StaffLine:
        listed = "\n".join(f"• “{fact['word']}”: {', '.join(map(str, _list(fact['rows'])))}" for fact in batch)
        text = (
            "The status column has words that say nothing to the reminders: these visits count as on. Known are "
            f"booked, confirmed, cancelled, no-show and done.\n{listed}"
        )
        return StaffLine(text, reason="unknown status", links=sheet(rt.config.sheet_id))

    tell_once(rt, "word#", facts, compose, now, forget=False)


def _tell_services(rt: Runtime, strangers: dict[str, str], house: HouseRules, now: datetime) -> None:
    facts: dict[str, Fact] = {f"service#{key}": {"service": name} for key, name in strangers.items()}
    usual = _in_hours(house.default_windows)

    def compose(batch: Sequence[Fact]) -> StaffLine:
        listed = ", ".join(f"“{str(fact['service'])[:_LONGEST]}”" for fact in batch)
        missing = f"The rules doc has no line for {listed}, and no “Everything else”"
        text = f"{missing}: the standard reminders go out ({usual})."
        return StaffLine(text, reason="no rule for a service", links=doc("rules", rt.config.rules_doc_id))

    tell_once(rt, "service#", facts, compose, now)


def _in_hours(windows: Sequence[Window]) -> str:
    return ", ".join(f"{window / 60:g}" for window in windows) + " hours before" if windows else "none"


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
