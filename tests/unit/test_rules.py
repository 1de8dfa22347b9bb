"""The rules doc as a whole: what it says, what is read past, and what is refused."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.rules import (
    Closed,
    HouseRules,
    QuietHours,
    RuleBook,
    ServiceRule,
    house_rules,
    normalise,
    parse_rules,
)
from chalicelib.errors import DocumentError, LineProblem

SAMPLE = """\
Dental cleaning: remind at 48 and 2 hours. Takes 45 minutes.
Salon haircut: 24 and 1 hour.
New-patient consult: 72, 24, and 3 hours.
Quick follow-up: 24 hours only.
Everything else: 2 days and 2 hours.
Quiet hours: 9pm to 8am.
Closed: Sundays, public holidays, 24 December 2026.
Opening hours: Mon-Fri 9am-6pm, Sat 9am-1pm.
Gap alert: 3 hours before.
"""


def in_force(text: str | None) -> HouseRules:
    book = parse_rules(text) if text is not None else None
    return house_rules(book, windows=(1440, 120), quiet=(time(21), time(8)), gap_minutes=180)


def problems(text: str, *services: str) -> list[LineProblem]:
    with pytest.raises(DocumentError) as refused:
        parse_rules(text, services)
    return list(refused.value.problems)


def test_the_sample_doc_says_what_it_says():
    """Promise 24. Promise 25."""
    book = parse_rules(SAMPLE, ["Dental cleaning", "Salon haircut"])
    assert {key: (rule.windows, rule.minutes) for key, rule in book.services.items()} == {
        "dental cleaning": ((2880, 120), 45),
        "salon haircut": ((1440, 60), None),
        "new patient consult": ((4320, 1440, 180), None),
        "quick follow up": ((1440,), None),
    }
    assert book.everything_else == ServiceRule((2880, 120), None, 5)
    assert book.quiet == QuietHours(time(21), time(8))
    assert book.closed == Closed(frozenset({6}), True, frozenset({date(2026, 12, 24)}))
    assert book.opening is not None
    assert book.opening.days[5] == ((time(9), time(13)),)
    assert book.gap_minutes == 180


def test_prose_blank_lines_comments_rules_and_brackets_are_read_past():
    text = (
        "\ufeffHow we remind people\r\n\r\n————————\r\n# was 72 hours until 2025\r\n"
        "(last changed in 2026)\r\nPlease ask Dana before you change this.\r\n"
        "•\u00a0“Dental cleaning” (all staff): remind at 48 and 2 hours [sic].\r\n"
        "1. Salon  haircut: 24 and 1 hour\r\n"
    )
    book = parse_rules(text, ["Dental Cleaning"])
    assert {key: rule.windows for key, rule in book.services.items()} == {
        "dental cleaning": (2880, 120),
        "salon haircut": (1440, 60),
    }


def test_every_bad_line_is_reported_with_its_number_and_what_was_expected():
    found = problems(
        SAMPLE + "Dental cleaning: be on time\nOur phone is 6555 1234\nGap alert: soon\n", "Dental cleaning"
    )
    assert [problem.line for problem in found] == [10, 11, 12]
    assert all("expected" in problem.problem for problem in found)


@pytest.mark.parametrize(
    "line",
    [
        "Facial: 10 minutes",
        "Facial 48 hours",
        ": 48 hours",
        "Facial: 48 and 2",
        "Facial: takes 45 minutes",
        "Quiet hours: 9 to 8",
        "Quiet hours 9pm to 8am",
        "Closed:",
        "Closed Sundays",
        "Closed: 03/04/2026",
        "Opening hours: Mon-Fri 9-5",
        "Opening times: Mon-Fri 9am-5pm",
        "Gap alert: 3 and 2 hours",
        "Gap alerts: 3 hours before",
        "Evrything else: 24 hours",
    ],
)
def test_a_line_that_speaks_and_is_not_clear_refuses_the_doc(line):
    assert [problem.line for problem in problems(SAMPLE + line)] == [10]


@pytest.mark.parametrize(
    "line", ["Closed doors let the heat in.", "Quiet hours matter to us.", "Note: call us", "A note"]
)
def test_prose_that_happens_to_begin_like_a_rule_is_read_past(line):
    assert parse_rules(SAMPLE + line) == parse_rules(SAMPLE)


def test_a_name_that_the_sheet_uses_must_be_understood_even_without_a_digit():
    assert parse_rules("Walk-ins: none", ["Walk-ins"]).services["walk ins"].windows == ()
    assert [problem.line for problem in problems("Walk-ins: ask Dana", "walk-ins")] == [1]


def test_a_service_that_says_two_things_is_refused_with_both_lines():
    (found,) = problems("Facial: 24 hours\nfacial: 48 hours")
    assert found.line == 2
    assert "line 1" in found.problem


def test_the_same_line_twice_says_nothing_new():
    assert parse_rules("Facial: 24 hours\nFACIAL: 24 hours.").services["facial"].windows == (1440,)


def test_closed_lines_add_up():
    closed = parse_rules("Closed: Sundays\nClosed: 24 December\n").closed
    assert closed == Closed(weekdays=frozenset({6}), yearly=frozenset({(12, 24)}))


def test_the_length_of_a_visit_may_stand_anywhere_in_its_line():
    book = parse_rules(
        "A: takes 45 minutes; remind at 24 hours.\nB: 24 hours, takes 1.5 hours\nC: 24 hours. Lasts an hour."
    )
    assert [book.services[key].minutes for key in "abc"] == [45, 90, 60]


def test_a_service_with_brackets_or_a_colon_in_its_name_keeps_its_own_line():
    book = parse_rules(
        "Colour (half head): 24 hours\nColour (full head): 48 hours\nCut: short: 2 hours",
        ["Colour (half head)", "Cut: short"],
    )
    rules = [book.rule_for(name) for name in ("COLOUR (half head)", "Colour (full head)", "Cut: short", "Colour")]
    assert [rule.windows if rule else None for rule in rules] == [(1440,), (2880,), (120,), None]


def test_names_of_services_are_compared_as_people_see_them():
    assert (
        normalise(" New‑Patient\u00a0 Consult ")
        == normalise("new-patient consult")
        == normalise("“New patient consult”.")
    )


def test_a_service_without_a_line_has_everything_elses_windows():
    assert in_force(SAMPLE).windows("Botox") == ((2880, 120), True)


def test_a_service_that_no_line_speaks_of_has_the_default_windows_and_is_known_as_such():
    assert in_force("Facial: 3 hours").windows("Botox") == ((1440, 120), False)


def test_all_windows_are_those_of_every_line_and_the_defaults():
    assert in_force(SAMPLE).all_windows() == {4320, 2880, 1440, 180, 120, 60}


def test_the_doc_wins_over_the_defaults():
    """Promise 26."""
    rules = in_force("Quiet hours: 10pm to 7am\nGap alert: 90 minutes before")
    assert (rules.quiet, rules.gap_minutes) == (QuietHours(time(22), time(7)), 90)


def test_without_a_doc_the_defaults_speak():
    rules = in_force(None)
    assert (rules.quiet, rules.gap_minutes, rules.closed) == (QuietHours(time(21), time(8)), 180, Closed())
    assert rules.opening.days == dict.fromkeys(range(5), ((time(9), time(17)),))


def test_quiet_hours_none_means_none_and_not_the_default():
    assert in_force("Quiet hours: none").quiet is None


def test_a_visit_is_thirty_minutes_unless_the_rules_say():
    rules = in_force(SAMPLE)
    assert (rules.minutes("Dental cleaning"), rules.minutes("Salon haircut")) == (45, 30)


KEYWORDS = st.sampled_from(["Closed", "Quiet hours", "Gap alert", "Opening hours", "Facial"])
PIECES = st.sampled_from(
    [
        "24",
        "-",
        "December",
        "2026",
        "to",
        "and",
        ",",
        "Sun",
        "Mon-Fri",
        "9am",
        "9",
        "5pm",
        ".",
        ":",
        "(",
        "public holidays",
    ]
)
DOCS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(SAMPLE.splitlines()),
        st.tuples(KEYWORDS, st.text(max_size=20)).map(": ".join),
        st.tuples(KEYWORDS, st.lists(PIECES).map(" ".join)).map(": ".join),
    ),
    max_size=6,
).map("\n".join)


@given(DOCS, st.lists(st.text(max_size=10), max_size=2))
def test_any_doc_is_a_book_or_a_list_of_bad_lines(text, services):
    try:
        assert isinstance(parse_rules(text, services), RuleBook)
    except DocumentError as refused:
        numbers = [problem.line for problem in refused.problems]
        assert numbers == sorted(numbers)
        assert numbers
        assert numbers[0] >= 1
        assert numbers[-1] <= len(text.splitlines())


@given(DOCS)
def test_what_was_taken_with_the_sheets_names_reads_the_same_without_them(text):
    try:
        taken = parse_rules(text, ["Facial", "Dental cleaning"])
    except DocumentError:
        return
    again = parse_rules(text)
    assert all(taken.rule_for(name) == again.rule_for(name) for name in ("Facial", "Dental cleaning", "Botox"))
