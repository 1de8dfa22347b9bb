"""What the front desk hears: the urgent first, nothing twice, a crowd of notices as one message."""

from __future__ import annotations

from chalicelib.domain.desk_lines import MOST_KEPT, MOST_TOGETHER, Promised, in_turn
from chalicelib.domain.work import Button, Link, StaffLine

ASK = (Button("keep_start", "Keep Friday 3:00pm", "A-1"),)


def promised(*lines: StaffLine, channel: str = "#front-desk") -> list[Promised]:
    return [Promised(f"{place:03d}", channel, line) for place, line in enumerate(lines)]


def a_notice(number: int) -> StaffLine:
    return StaffLine(f"row {number} wants mending", appt_id=f"A-{number}", reason="a row to mend")


def test_what_can_be_acted_on_comes_first() -> None:
    lines = promised(
        a_notice(1),
        StaffLine("moved", move="moved", appt_id="A-2"),
        StaffLine("which time?", appt_id="A-3", buttons=ASK),
        StaffLine("quiet", move="gap_alert", appt_id="A-4", buttons=ASK),
        StaffLine("a slot is free", move="cancelled", appt_id="A-5"),
    )
    assert [said.line.appt_id for said in in_turn(lines)] == ["A-5", "A-4", "A-3", "A-2", "A-1"]


def test_two_notices_stay_two_messages() -> None:
    assert [said.line for said in in_turn(promised(a_notice(1), a_notice(2)))] == [a_notice(1), a_notice(2)]


def test_three_notices_are_one_message_that_keeps_every_promise() -> None:
    [said] = in_turn(promised(a_notice(1), a_notice(2), a_notice(3)))
    assert said.keeps == ("000", "001", "002")
    assert [f"row {number} wants mending" in said.line.text for number in (1, 2, 3)] == [True] * 3
    assert said.line.appt_id is None


def test_notices_about_one_visit_keep_what_they_are_about() -> None:
    same = [StaffLine(f"{number}", appt_id="A-1") for number in range(3)]
    [said] = in_turn(promised(*same))
    assert said.line.appt_id == "A-1"


def test_a_line_with_buttons_is_never_put_into_a_list() -> None:
    asked = [StaffLine(f"question {number}", appt_id=f"A-{number}", buttons=ASK) for number in range(5)]
    assert [said.line for said in in_turn(promised(*asked))] == asked


def test_the_same_line_promised_twice_is_said_once() -> None:
    [said] = in_turn(promised(a_notice(1), a_notice(1)))
    assert (said.line, said.keeps) == (a_notice(1), ("000", "001"))


def test_channels_are_not_mixed() -> None:
    here = promised(a_notice(1), a_notice(2))
    there = [Promised("9", "#owner", a_notice(3))]
    assert len(in_turn([*here, *there])) == 3


def test_a_long_list_is_cut_into_messages_that_slack_takes() -> None:
    crowd = [StaffLine(f"{number} " + "x" * 400, appt_id=f"A-{number}") for number in range(40)]
    said = in_turn(promised(*crowd))
    assert all(len(one.line.text) < 3000 and len(one.keeps) <= MOST_TOGETHER for one in said)
    assert sorted(key for one in said for key in one.keeps) == [f"{number:03d}" for number in range(40)]


def test_silence_stays_silence() -> None:
    assert in_turn([]) == []


def test_a_list_has_the_links_of_its_lines_each_once_and_a_few() -> None:
    links = [(Link(f"Row {number}", f"https://docs.google.com/{number}"),) for number in range(8)]
    lines = [StaffLine(f"row {number}", links=links[number % 7]) for number in range(8)]
    [said] = in_turn(promised(*lines))
    assert [link.label for link in said.line.links] == ["Row 0", "Row 1", "Row 2", "Row 3", "Row 4"]


def test_a_message_of_several_paragraphs_stands_alone() -> None:
    story = StaffLine("The week\n\n42 visits took place.", reason="the weekly summary")
    said = in_turn(promised(a_notice(1), story, a_notice(2), a_notice(3)))
    assert [one.line for one in said if len(one.keeps) == 1] == [story]


def test_no_message_keeps_more_promises_than_one_transaction_can_remove() -> None:
    same = promised(*[a_notice(1)] * 130)
    others = [Promised(f"x{number}", "#front-desk", a_notice(2)) for number in range(40)]
    assert all(len(said.keeps) <= MOST_KEPT for said in in_turn([*same, *others, *promised(a_notice(3))]))
