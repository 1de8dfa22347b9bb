"""The intake's scores count what they say they count: a wrong value is wrong and missed, a blank is only missed."""

from __future__ import annotations

import io
from datetime import date, time
from pathlib import Path

import phonenumbers
import pytest
from rich.console import Console

from bench.__main__ import chosen
from bench.corpus import SETS, Case, Expected, Shop, attacks, cases
from bench.intake import Played, measure, show, wrong
from bench.intake_scores import DOUBT, KIND, Found, Tally, faults, paired

LILY = {
    "customer": ("Lily Chen",),
    "date": ("2026-12-03",),
    "time": ("09:30",),
    "phone": ("+6581234567", ""),
    "email": ("",),
}


def wanted(kind: str = "booking", doubtful: frozenset[str] = frozenset(), **values: tuple[str, ...]) -> Expected:
    return Expected(kind, {**LILY, **values}, doubtful, ("asked",) if kind == "change" else ())


def made(kind: str = "booking", reader: str = "model", doubtful: frozenset[str] = frozenset(), **values: str) -> Found:
    told = {"customer": "Lily Chen", "date": "2026-12-03", "time": "09:30", **values}
    return Found(kind, reader, told, doubtful)


def counted(expected: list[Expected], found: list[Found], name: str) -> tuple[int, int, int]:
    tally = Tally()
    tally.add(expected, found)
    count = tally.counts[name]
    return count.right, count.wrong, count.missed


def test_a_value_that_will_do_is_right() -> None:
    assert counted([wanted()], [made(customer="LILY  chen")], "customer") == (1, 0, 0)
    assert counted([wanted()], [made(phone="+6581234567")], "phone") == (1, 0, 0)


def test_a_wrong_value_is_wrong_and_the_right_one_missed() -> None:
    assert counted([wanted()], [made(date="2026-03-12")], "date") == (0, 1, 1)


def test_a_blank_is_missed_where_a_value_was_wanted_and_no_fault_where_it_may_be_blank() -> None:
    assert counted([wanted()], [made(time="")], "time") == (0, 0, 1)
    assert counted([wanted()], [made()], "phone") == (0, 0, 0)


def test_a_value_where_none_should_be_is_wrong() -> None:
    assert counted([wanted()], [made(email="shop@bright.example")], "email") == (0, 1, 0)


def test_a_booking_that_nobody_made_is_wrong_in_all_that_it_fills() -> None:
    assert counted([], [made()], KIND) == (0, 1, 0)
    assert counted([], [made()], "customer") == (0, 1, 0)
    assert counted([], [made()], "phone") == (0, 0, 0)


def test_a_booking_that_was_not_seen_is_missed_in_all_that_it_should_fill() -> None:
    assert counted([wanted()], [], KIND) == (0, 0, 1)
    assert counted([wanted()], [], "date") == (0, 0, 1)
    assert counted([wanted()], [], "phone") == (0, 0, 0)


def test_each_wanted_booking_is_held_against_the_one_most_like_it() -> None:
    tom, lily = wanted(customer=("Tom",)), wanted()
    found = [made(), made(customer="Tom", time="10:00")]
    assert paired([tom, lily], found) == [(tom, found[1]), (lily, found[0])]


def test_a_doubt_that_is_not_marked_is_missed_and_one_more_is_no_fault() -> None:
    unsure = wanted(doubtful=frozenset({"date"}))
    assert counted([unsure], [made(doubtful=frozenset({"time"}))], DOUBT) == (0, 0, 1)
    assert counted([unsure], [made(doubtful=frozenset({"date", "time"}))], DOUBT) == (1, 0, 0)


def test_precision_is_of_what_was_filled_and_recall_of_what_should_have_been() -> None:
    tally = Tally()
    tally.add([wanted(), wanted(), wanted()], [made(), made(), made(time="")])
    tally.add([wanted()], [made(time="10:00")])
    assert tally.counts["time"].precision == pytest.approx(2 / 3)
    assert tally.counts["time"].recall == pytest.approx(2 / 4)
    assert tally.counts["staff"].precision is None and tally.counts["staff"].recall is None


def test_a_fault_names_the_field_and_both_values() -> None:
    told = faults(wanted("change", doubtful=frozenset({"date"})), made(time="10:00"))
    assert told == [
        "time is '10:00', not '09:30'",
        "kind is booking, not change",
        "date isn't marked doubtful",
        "no flag says 'asked'",
    ]
    assert faults(wanted(), made()) == []


# ---------------------------------------------------------------- the corpus itself


@pytest.mark.parametrize("folder", SETS.values(), ids=SETS)
def test_every_mail_of_a_set_is_expected_and_every_expectation_has_its_mail(folder) -> None:
    assert {case.file for case in cases(folder)} == {path.name for path in folder.glob("*.eml")}


def test_the_sets_are_as_large_as_they_are_said_to_be() -> None:
    assert len(cases(SETS["held out"])) == 12
    assert len(cases(SETS["seen"])) >= 44
    assert len(attacks()) >= 32


def test_an_outcome_goes_with_its_proposals() -> None:
    for folder in SETS.values():
        for case in cases(folder):
            assert (case.outcomes == ("proposed",)) == bool(case.proposals), case.file


def test_every_attack_has_its_file() -> None:
    folder = attacks()[0].path.parent
    assert {attack.file for attack in attacks()} == {path.name for path in folder.iterdir()} - {"expected.json"}


def test_expected_values_are_spelled_as_a_proposal_spells_them() -> None:
    for case in (case for folder in SETS.values() for case in cases(folder)):
        for values in (proposal.values for proposal in case.proposals):
            assert all(
                len(time.fromisoformat(value).isoformat("minutes")) == len(value) for value in values["time"] if value
            )
            assert all(date.fromisoformat(value) for value in values["date"] if value)
            assert all(phonenumbers.is_valid_number(phonenumbers.parse(value)) for value in values["phone"] if value)


# ---------------------------------------------------------------- the readers apart


def played(expected: list[Expected], found: list[Found], outcome: str = "proposed", **case) -> Played:
    told = {"exact": False, "outcomes": ("proposed",), **case}
    return Played(
        Case("a.eml", Path("a.eml"), Shop("Asia/Singapore", "SG"), proposals=tuple(expected), **told),
        outcome,
        "",
        found,
    )


def test_the_exact_readers_are_counted_on_their_own_mails_and_the_stand_in_on_the_others() -> None:
    measured = measure(
        [
            played([wanted()], [made(reader="ics")], exact=True),
            played([wanted()], [made(reader="model", time="10:00")]),
        ]
    )
    assert (measured.exact.counts["time"].right, measured.exact.counts["time"].missed) == (1, 0)
    assert (measured.stand_in.counts["time"].right, measured.stand_in.counts["time"].missed) == (0, 1)
    assert (measured.lane.counts["time"].right, measured.lane.counts["time"].missed) == (1, 1)


def test_a_mail_that_an_exact_reader_left_to_the_model_is_missed_by_the_exact_ones() -> None:
    measured = measure([played([wanted()], [made(reader="model")], exact=True)])
    assert measured.exact.counts[KIND].missed == 1
    assert measured.lane.counts[KIND].right == 1


def test_a_booking_that_an_exact_reader_made_up_counts_against_it() -> None:
    measured = measure([played([], [made(reader="jsonld")], outcomes=("none",))])
    assert measured.exact.counts[KIND].wrong == 1


def test_without_the_program_that_it_needs_a_mail_should_be_unreadable() -> None:
    scan = played([wanted()], [], outcome="unreadable", needs="no-such-program")
    assert scan.outcome_is_right and not wrong(scan)
    assert measure([scan]).lane.counts[KIND].missed == 0


def test_a_lost_mail_is_told() -> None:
    assert wrong(played([wanted()], [], outcome="")) == ["lost, not proposed", "0 proposals, not 1"]


def test_the_bench_refuses_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert chosen(["intakes"]) == 2
    assert "usage" in capsys.readouterr().err


def test_a_set_is_printed_with_its_readers_apart() -> None:
    out = io.StringIO()
    mails = [played([wanted()], [made(time="10:00")])]
    show("seen", mails, Console(file=out, width=200), details=True)
    assert "1 mails, the wanted outcome for 1" in out.getvalue()
    assert "a.eml: model: time is '10:00', not '09:30'" in out.getvalue()
