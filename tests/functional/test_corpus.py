"""Every mail of the seen set comes to what it should: its outcome, its doubts, each field where no reader guesses.

The held-out set isn't asserted here: it is measured by `scripts/bench intake`.
"""

from __future__ import annotations

import pytest

from bench.corpus import SETS, Case, cases
from bench.intake import EXACT, Played, play, wrong
from bench.intake_scores import paired

SEEN = cases(SETS["seen"])
pytestmark = pytest.mark.ministack


@pytest.fixture(scope="module")
def played() -> dict[str, Played]:
    """The whole set through the headless run, once."""
    return {mail.case.file: mail for mail in play(SETS["seen"])}


@pytest.mark.parametrize("case", SEEN, ids=lambda case: case.file)
def test_a_mail_comes_to_the_outcome_that_is_expected(case: Case, played: dict[str, Played]) -> None:
    mail = played[case.file]
    assert mail.outcome_is_right, f"{mail.outcome} ({mail.reason}), not {' or '.join(case.outcomes)}"


@pytest.mark.parametrize("case", [case for case in SEEN if case.exact], ids=lambda case: case.file)
def test_an_exact_reader_finds_every_field(case: Case, played: dict[str, Played]) -> None:
    mail = played[case.file]
    assert wrong(mail) == []
    assert {made.reader for made in mail.found} <= EXACT


DOUBTFUL = [case for case in SEEN if any(proposal.doubtful for proposal in case.proposals)]


@pytest.mark.parametrize("case", DOUBTFUL, ids=lambda case: case.file)
def test_what_is_doubtful_is_marked_for_staff(case: Case, played: dict[str, Played]) -> None:
    pairs = paired(case.proposals, played[case.file].found)
    assert len(pairs) == len(case.proposals)
    assert [wanted.doubtful - made.doubtful for wanted, made in pairs if wanted.doubtful - made.doubtful] == []
