"""Each mutation can still be applied, and a few are tried. `scripts/prove` tries all."""

from __future__ import annotations

import pytest

from tests.simulation.mutations.catalogue import MUTATIONS
from tests.simulation.mutations.mutation import AnchorLost, Mutation
from tests.simulation.mutations.trial import ROOT, read_known, try_all

SOME = (
    "dispatch: sent without a claim",
    "sweep: an armed text is sent again",
    "token: the signature isn't looked at",
    "outbox: a line is removed before it is posted",
    "sheet: a blank undoes a reply",
    "twin: arm although answered",
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_changes_source_that_is_there_into_source_that_compiles(mutation: Mutation) -> None:
    mutation.check(ROOT)


def test_every_mutation_has_a_name_of_its_own() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 40


def test_every_mutation_is_known_to_be_caught_by_a_test_that_is_there() -> None:
    assert {mutation.name for mutation in MUTATIONS} - set(read_known()) == set()


def test_a_text_that_is_gone_is_told_and_not_passed_over() -> None:
    with pytest.raises(AnchorLost):
        Mutation("none", "app.py", "no such text", "", ()).check(ROOT)


def test_some_mutations_are_caught_and_the_test_is_named() -> None:
    chosen = [mutation for mutation in MUTATIONS if mutation.name in SOME]
    assert len(chosen) == len(SOME)
    assert [verdict.mutation.name for verdict in try_all(chosen) if "::" not in verdict.caught_by] == []


def test_a_change_that_changes_nothing_survives() -> None:
    harmless = Mutation("harmless", "app.py", '"""The app\'s edge', '"""The edge', ("tests/unit/test_reply_token.py",))
    mutation = Mutation(harmless.name, harmless.file, harmless.old, harmless.new, harmless.tests, marked="no_such_mark")
    [verdict] = try_all([mutation])
    assert verdict.caught_by == ""
