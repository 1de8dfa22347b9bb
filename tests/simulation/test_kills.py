"""A few real kills, and the counting seen to find what it looks for. `scripts/prove` makes two hundred."""

from __future__ import annotations

import pytest

from tests.simulation.kills.killing import Tally, kill

pytestmark = pytest.mark.ministack


@pytest.fixture(scope="module")
def ours() -> Tally:
    """Twenty-five kills of the shipped dispatch."""
    return kill(25, seed=7)


def test_killed_runs_text_nobody_twice_and_lose_nothing(ours: Tally) -> None:
    """Promise 42."""
    assert (ours.duplicates, ours.silent, ours.unfinished) == ([], [], [])


def test_runs_were_killed_in_the_middle_of_their_sending(ours: Tally) -> None:
    assert 20 <= ours.kills <= 25
    assert len(ours.killed_in) >= 3


def test_every_reminder_came_as_a_text_an_e_mail_or_a_line_to_staff(ours: Tally) -> None:
    assert ours.visits >= 25
    assert ours.texts + ours.mails + ours.told >= ours.visits


def test_the_same_counting_finds_the_duplicates_of_check_send_record() -> None:
    peer = kill(25, seed=7, literal=True)
    assert peer.duplicates
