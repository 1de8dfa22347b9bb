"""Who is right about one visit, sheet or standing, when a sync has read the sheet: a table of cases, told as values.

The rules are DESIGN §4.1 (status, an export must not take back a move) and §6 (who is right). In short: a standing
wins until a mirror has shown what it wrote; from then on the sheet does, except that a blank never undoes a reply, a
`booked` that stood there before the reply may be an export, and so may the start that the customer's own reply left.
Everything here can be repeated: a run that died half-way is made good by the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain.appointment import Status, chain_id, chain_start
from chalicelib.domain.question import Ask
from chalicelib.domain.standing import Answer, Standing
from chalicelib.domain.status import read_status, status_word

if TYPE_CHECKING:
    from chalicelib.domain.mirror import MirrorRow

DECIDING = ("date", "time", "status")
"""The cells that a dispute is about."""


@dataclass(frozen=True, slots=True)
class Present:
    """A row of the sheet as this sync reads it. `start` is None if date or time can't be read."""

    values: Mapping[str, str]
    start: datetime | None

    @property
    def status_text(self) -> str:
        return self.values.get("status", "").strip()

    @property
    def status(self) -> Status:
        return read_status(self.status_text)[0]

    @property
    def cells(self) -> dict[str, str]:
        """What a dispute is about, as it stands now."""
        return {column: self.values.get(column, "").strip() for column in DECIDING}


@dataclass(frozen=True, slots=True)
class Facts:
    """What else is known. `now` is the sync's minute, UTC."""

    now: datetime
    written: bool = False  # the pending cells had been written before this sheet was read
    disputed: tuple[Mapping[str, str], ...] = ()  # the cells as they were when staff were asked about this chain
    left: frozenset[datetime] = frozenset()  # the starts that the customer's own replies left


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one visit. Blank fields mean "nothing".

    `resume` follows from the two rows alone, so that a run that died after storing the standing says it again; all
    else is stored with the standing, in one transaction.
    """

    standing: Standing | None = None  # to be stored in place of the present one
    cells: Mapping[str, str] = field(default_factory=dict)  # to be written into the row
    ask: Ask | None = None
    shown: bool = False  # the written work has been seen in a sheet: it is done
    action: str = ""  # for the audit: `moved_by_staff`, `reopened`
    left: datetime | None = None  # the start whose chain is over: archived, its held slot given back
    freed: datetime | None = None  # the start whose held slot is given back although its chain goes on
    resume: str = ""  # the chain that is on again: what was cancelled unsent may go


def reconcile(former: MirrorRow | None, present: Present | None, standing: Standing | None, facts: Facts) -> Verdict:
    """One visit's verdict. `former` is its row in the last mirror, `present` its row in the sheet, None if none."""
    if present is None:
        return _gone(standing, facts)
    if standing is None:
        return _without_standing(former, present, facts)
    verdict = _with_standing(former, present, standing, facts)
    start, counts = present.start, verdict.standing or standing
    if start is None or counts.chain != chain_id(start) or not _is_on_again(former, present):
        return verdict
    return replace(verdict, resume=counts.chain)


def _is_on_again(former: MirrorRow | None, present: Present) -> bool:
    """Whether sends of this start may have been dropped for what the former row said, or for its not being there."""
    if former is None or former.start != present.start:
        return True
    changed = status_word(former.values.get("status", "")) != status_word(present.status_text)
    return changed and present.status in (Status.NONE, Status.BOOKED)


def _with_standing(former: MirrorRow | None, present: Present, standing: Standing, facts: Facts) -> Verdict:
    shown = bool(standing.pending)
    if shown:
        if not (facts.written or shows(present, standing)):
            return Verdict()
        former = _as_written(former, standing)
        standing = replace(standing, pending={})
    settled = standing.contested and present.start is not None and _settled_in_sheet(present, standing, facts)
    if standing.contested and not settled:
        return _marked_again(Verdict(standing if shown else None, shown=shown), present, standing)
    if settled:
        standing = replace(standing, contested=False)
    verdict = _compare(former, present, standing, facts)
    kept = standing if shown or settled else None
    return replace(verdict, standing=verdict.standing or kept, shown=shown)


def _as_written(former: MirrorRow | None, standing: Standing) -> MirrorRow | None:
    """The former row with our own edit of its status in it: what we wrote ourselves is no word of staff's."""
    if former is None or "status" not in standing.pending:
        return former
    return replace(former, values={**former.values, "status": standing.pending["status"]})


def shows(present: Present, standing: Standing) -> bool:
    """Whether the row shows what the standing is waiting for."""
    for column, text in standing.pending.items():
        if column in ("date", "time"):
            if present.start is None or chain_id(present.start) != standing.chain:
                return False
        elif column == "status":
            same_word = status_word(present.status_text) == status_word(text)
            if not same_word and (present.status is Status.NONE or present.status is not read_status(text)[0]):
                return False
        elif present.values.get(column, "").strip() != text.strip():
            return False
    return True


def mark_of(standing: Standing) -> str:
    """What the system writes into the status cell for this standing; "" where no reply speaks."""
    if not standing.reply_id:
        return ""
    match standing.answer:
        case Answer.CONFIRMED:
            return "confirmed"
        case Answer.CANCELLED:
            return "cancelled"
        case Answer.OPEN:
            return "moved" if standing.moved_from is not None else ""


def _gone(standing: Standing | None, facts: Facts) -> Verdict:
    """Withdrawn: nothing is sent, since there is no row; a waiting hold is given back."""
    if standing is None:
        return Verdict()
    freed = chain_start(standing.chain) if standing.reply_id else None
    if standing.pending and facts.written:
        return Verdict(replace(standing, pending={}), shown=True, freed=freed)
    return Verdict(freed=None if standing.pending else freed)


def _without_standing(former: MirrorRow | None, present: Present, facts: Facts) -> Verdict:
    """Nothing ever happened on our side: the sheet's word alone."""
    if former is None or former.start is None:
        return Verdict()
    before = read_status(former.values.get("status", ""))[0]
    if present.start is None:
        # So that a `confirmed` of the old start is known as that when the row is mended with a new one.
        told = before is Status.CONFIRMED or before.ends_the_visit
        return Verdict(Standing(former.appt_id, chain_id(former.start))) if told else Verdict()
    if present.start != former.start:
        return new_chain(former.appt_id, former, present, None, former.start)
    nothing_yet = Standing(former.appt_id, chain_id(present.start))
    return _open(before, present, nothing_yet, facts)


def _settled_in_sheet(present: Present, standing: Standing, facts: Facts) -> bool:
    """Whether somebody has since changed the disputed cells. An export of the start that was left isn't that. Beside
    a start that isn't ours, neither is a blank, which undoes no reply, nor our own mark, which we write meanwhile."""
    disputed = [dict(cells) for cells in facts.disputed]
    if present.start != chain_start(standing.chain):
        if present.start in facts.left:
            return False
        disputed += [{**cells, "status": word} for cells in disputed for word in ("", mark_of(standing))]
    return present.cells not in disputed


def _marked_again(verdict: Verdict, present: Present, standing: Standing) -> Verdict:
    """While staff are asked which start is right: the answer's mark goes into a blank status cell all the same."""
    mark = mark_of(standing)
    if mark in ("", "moved") or present.start is None or status_word(present.status_text) not in ("", "moved"):
        return verdict
    return replace(verdict, standing=replace(standing, pending={"status": mark}), cells={"status": mark})


def _compare(former: MirrorRow | None, present: Present, standing: Standing, facts: Facts) -> Verdict:
    if present.start is None:
        return Verdict()
    ours = chain_start(standing.chain)
    if present.start == ours:
        return _same_start(former, present, standing, facts)
    if standing.moved_from is not None and present.start in facts.left | {standing.moved_from}:
        asked = replace(standing, contested=True, pending={})
        return _marked_again(Verdict(asked, ask=Ask.START), present, asked)
    return new_chain(standing.appt_id, former, present, standing, ours)


def new_chain(
    appt_id: str, former: MirrorRow | None, present: Present, standing: Standing | None, left: datetime
) -> Verdict:
    """Staff gave the visit another start than `left`. What stood in the status cell before belongs to the old one.

    `former` is the row before that. Raises ValueError for a row without a start.
    """
    if present.start is None:
        raise ValueError("a chain needs a start")
    fresh = Standing(appt_id, chain_id(present.start), rev=standing.rev if standing else 0)
    verdict = Verdict(fresh if standing else None, action="moved_by_staff", left=left)
    if not _stood_before(former, present, standing):
        return verdict
    if present.status is Status.CONFIRMED:
        return replace(verdict, standing=replace(fresh, pending={"status": ""}), cells={"status": ""})
    if present.status.ends_the_visit:
        held = replace(fresh, hold_reason=f"{present.status.value} from before the start changed")
        return replace(verdict, standing=held, ask=Ask.IS_IT_ON)
    return verdict


def _stood_before(former: MirrorRow | None, present: Present, standing: Standing | None) -> bool:
    if former is not None and status_word(former.values.get("status", "")) == status_word(present.status_text):
        return True
    if standing is None:
        return False
    return (standing.answer, present.status) in (
        (Answer.CONFIRMED, Status.CONFIRMED),
        (Answer.CANCELLED, Status.CANCELLED),
    )


def _same_start(former: MirrorRow | None, present: Present, standing: Standing, facts: Facts) -> Verdict:
    before_text = former.values.get("status", "") if former else ""
    before = read_status(before_text)[0]
    word = status_word(present.status_text)
    if standing.hold_reason:
        if former is None or status_word(before_text) == word:
            return Verdict()
        on = present.status in (Status.NONE, Status.BOOKED)
        return Verdict(replace(standing, hold_reason="", reopened_at=facts.now if on else standing.reopened_at))
    verdict = _open(before, present, standing, facts)
    if standing.answer is not Answer.OPEN and present.status is Status.BOOKED:
        if read_status(standing.cell_before)[0] is Status.BOOKED:
            return Verdict(ask=Ask.BOOKED)
        return Verdict(reopened(standing, facts.now), action="reopened")
    mark = mark_of(standing)
    if mark and word in ("", "moved") and word != mark:
        again = replace(verdict.standing or standing, pending={"status": mark})
        return replace(verdict, standing=again, cells={"status": mark})
    return verdict


def reopened(standing: Standing, now: datetime) -> Standing:
    """The visit is on again: nobody has answered, and windows whose minute is past by now stay past."""
    return replace(
        standing,
        answer=Answer.OPEN,
        reply_id="",
        answered_by="",
        answered_at=None,
        cell_before="",
        reopened_at=now,
        undo_until=None,
        hold_reason="",
        contested=False,
        pending={},
    )


def _open(before: Status, present: Present, standing: Standing, facts: Facts) -> Verdict:
    """Staff's own words: a blank or `booked` undoes one where no reply stands; an end gives a held slot back."""
    was_closed = before is Status.CONFIRMED or before.ends_the_visit
    if standing.answer is Answer.OPEN and was_closed and present.status in (Status.NONE, Status.BOOKED):
        return Verdict(replace(standing, reopened_at=facts.now), action="reopened")
    if present.status.ends_the_visit and not before.ends_the_visit and standing.reply_id:
        return Verdict(freed=chain_start(standing.chain))
    return Verdict()
