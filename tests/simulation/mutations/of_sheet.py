"""Who is right, sheet or standing; and which rows are acted on."""

from __future__ import annotations

from tests.simulation.mutations.mutation import Mutation

RECONCILE = "chalicelib/domain/reconcile.py"
CHAIN = "chalicelib/domain/chain.py"
ROSTER = "chalicelib/domain/roster.py"
TESTS = ("tests/unit/test_reconcile.py", "tests/functional/test_sync_drive.py", "tests/unit/test_worked_examples.py")
CHAINS = ("tests/unit/test_chain.py", "tests/unit/test_decision.py", *TESTS)
ROWS = ("tests/unit/test_roster.py", *TESTS)


def rule(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in the table of cases."""
    return Mutation(f"sheet: {name}", RECONCILE, old, new, TESTS, below, "not ministack")


def chain(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in which chain counts, and whether it is closed."""
    return Mutation(f"chain: {name}", CHAIN, old, new, CHAINS, below, "not ministack")


MUTATIONS = (
    rule(
        "the sheet wins over what is still to be written",
        "        if not (facts.written or shows(present, standing)):\n            return Verdict()\n",
        "",
    ),
    rule(
        "the standing wins until the sheet shows it word for word",
        "if not (facts.written or shows(present, standing)):",
        "if not shows(present, standing):",
    ),
    rule(
        "what only shows by chance isn't taken",
        "if not (facts.written or shows(present, standing)):",
        "if not facts.written:",
    ),
    rule("our own edit is taken for staff's word", "        former = _as_written(former, standing)\n", ""),
    rule("a contest is forgotten", "    if standing.contested and not settled:\n", "    if False:\n"),
    rule(
        "a contest never ends",
        "settled = standing.contested and present.start is not None and _settled_in_sheet(present, standing, facts)",
        "settled = False",
    ),
    rule(
        "an export of the left start settles a contest",
        "        if present.start in facts.left:\n            return False\n",
        "",
    ),
    rule("an answer's mark settles a contest", 'for word in ("", mark_of(standing))]', 'for word in ("",)]'),
    rule("a blank settles a contest", 'for word in ("", mark_of(standing))]', "for word in (mark_of(standing),)]"),
    rule("an answer blanked in a contest isn't written back", 'if mark in ("", "moved") or', "if True or"),
    rule("a blank undoes a reply", 'if mark and word in ("", "moved") and word != mark:', "if False:"),
    rule(
        "a blank undoes a confirmation",
        'if mark and word in ("", "moved") and word != mark:',
        'if mark and word in ("moved",) and word != mark:',
    ),
    rule(
        "`booked` never reopens",
        "if standing.answer is not Answer.OPEN and present.status is Status.BOOKED:",
        "if False:",
    ),
    rule(
        "`booked` reopens even where it stood before",
        "if read_status(standing.cell_before)[0] is Status.BOOKED:",
        "if False:",
    ),
    rule("`booked` always is a question", "if read_status(standing.cell_before)[0] is Status.BOOKED:", "if True:"),
    rule(
        "an export takes back a move",
        "if standing.moved_from is not None and present.start in facts.left | {standing.moved_from}:",
        "if False:",
    ),
    rule(
        "an export takes back the first of two moves",
        "present.start in facts.left | {standing.moved_from}:",
        "present.start == standing.moved_from:",
    ),
    rule(
        "a question leaves the start uncontested",
        "asked = replace(standing, contested=True, pending={})",
        "asked = replace(standing, contested=False, pending={})",
    ),
    rule(
        "an old confirmation counts for the new start",
        "    if present.status is Status.CONFIRMED:\n        return replace(verdict, standing=replace(fresh",
        "    if False:\n        return replace(verdict, standing=replace(fresh",
    ),
    rule(
        "an old cancellation isn't asked about",
        "    if present.status.ends_the_visit:\n        held = replace(fresh",
        "    if False:\n        held = replace(fresh",
    ),
    rule(
        "a fresh word counts as an old one",
        "    if not _stood_before(former, present, standing):\n        return verdict\n",
        "",
    ),
    rule(
        "a new start isn't a new chain",
        "fresh = Standing(appt_id, chain_id(present.start), rev=standing.rev if standing else 0)",
        "fresh = Standing(appt_id, chain_id(left), rev=standing.rev if standing else 0)",
    ),
    rule("a new chain starts at revision 0", "rev=standing.rev if standing else 0)", "rev=0)"),
    rule(
        "a hold ends by itself",
        "        if former is None or status_word(before_text) == word:\n            return Verdict()\n",
        "",
    ),
    rule("reopening brings back what has passed", "reopened_at=now,", "reopened_at=None,"),
    rule("reopening keeps the old answer", '        answer=Answer.OPEN,\n        reply_id="",', '        reply_id="",'),
    rule(
        "another chain shows what was promised",
        "if present.start is None or chain_id(present.start) != standing.chain:\n                return False",
        "if present.start is None:\n                return False",
    ),
    rule("a chain that is on again stays dropped", "return replace(verdict, resume=counts.chain)", "return verdict"),
    rule(
        "a row that is gone keeps its slot",
        "return Verdict(freed=None if standing.pending else freed)",
        "return Verdict()",
    ),
    chain("a standing of another chain counts", "(standing.wins or standing.chain == appointment.chain)", "(True)"),
    chain(
        "the sheet's old start counts before the edit",
        "if standing.chain != appointment.chain:\n            appointment",
        "if False:\n            appointment",
    ),
    chain("a confirmed visit is reminded", "if standing.answer is Answer.CONFIRMED:", "if False:"),
    chain("a cancelled visit is reminded", "if standing.answer is Answer.CANCELLED:", "if False:"),
    chain("a held visit is reminded", "    if standing.hold_reason:\n        return standing.hold_reason\n", ""),
    chain("a contested visit is reminded", "if standing.contested and standing.moved_from is None:", "if False:"),
    chain(
        "a contested move isn't reminded",
        "if standing.contested and standing.moved_from is None:",
        "if standing.contested:",
    ),
    chain("staff's word doesn't count", "if status.ends_the_visit or status is Status.CONFIRMED:", "if False:"),
    chain("the brake holds nothing", "if held else", "if False else"),
    Mutation(
        "roster: doubled ids are acted on",
        ROSTER,
        "named and not is_doubled, is_doubled",
        "named, is_doubled",
        ROWS,
        marked="not ministack",
    ),
    Mutation(
        "roster: an id counts before it was seen",
        ROSTER,
        "named and not is_doubled, is_doubled",
        "not is_doubled, is_doubled",
        ROWS,
        marked="not ministack",
    ),
)
