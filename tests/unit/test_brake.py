"""The brake: how much a sheet may change before somebody must say so (DESIGN §6)."""

from __future__ import annotations

import pytest

from chalicelib.domain.brake import BAD, GONE, Change, brake, covers


def gone(count: int) -> list[Change]:
    return [Change(f"A-{n}", GONE) for n in range(count)]


@pytest.mark.parametrize(
    ("dropped", "upcoming", "refused"),
    [
        (0, 0, False),
        (4, 4, False),  # everything, but fewer than five rows
        (5, 5, True),
        (5, 16, True),
        (5, 17, False),  # 29 %
        (30, 100, False),  # thirty per cent is within the share
        (31, 100, True),
    ],
)
def test_the_brake_needs_both_a_share_and_a_number(dropped: int, upcoming: int, refused: bool) -> None:
    assert (brake(gone(dropped), upcoming, 0.30, 5) is not None) is refused


def test_other_changes_do_not_count_but_are_held() -> None:
    braking = brake([*gone(5), Change("B-1")], 6, 0.30, 5)
    assert braking is not None
    assert "B-1" in braking.held
    assert "B-1" not in braking.would
    assert brake([Change(f"A-{n}") for n in range(20)], 20, 0.30, 5) is None


def test_an_answer_covers_what_was_asked_and_no_more() -> None:
    asked = {"A-1": GONE, "A-2": "20261204T0700Z"}
    assert covers(asked, {"A-1": GONE})
    assert not covers(asked, {"A-1": BAD})
    assert not covers(asked, {"A-1": GONE, "A-3": GONE})
