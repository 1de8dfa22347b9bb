"""What texts cost, and a week's facts as they wait in the outbox."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from chalicelib.domain.text_price import cost_of, read_text_price
from chalicelib.domain.week_count import Records, count_week
from chalicelib.domain.week_facts import Attendance, BadRow, Rate, ToDo, VisitToMind, WeekFacts
from chalicelib.domain.week_json import MOST_NAMED, facts_as_json, facts_of_json
from tests.builders import SINGAPORE, local

A_WEEK = count_week(Records((), (), (), ()), date(2026, 11, 23), SINGAPORE)
MEI = VisitToMind("A-17", "Mei", "Dental cleaning", "", local("2026-12-01 09:00").astimezone(SINGAPORE), ToDo.CALL)


def test_a_text_costs_what_its_country_s_segments_cost() -> None:
    price = read_text_price("SG 0.0421, my 0.03 usd")
    cost = cost_of([("+6591234567", 3), ("+60123456789", 1), ("+447400123456", 2), ("", 1)], price)
    assert (cost.amount, cost.currency, cost.unpriced) == (Decimal("0.16"), "USD", 3)
    everywhere = cost_of([("+447400123456", 2)], read_text_price("0.05 SGD"))
    assert (everywhere.amount, everywhere.unpriced) == (Decimal("0.10"), 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0.05", "no currency"),
        ("SG 0.05, MY USD", "'MY' is no price"),
        ("XX 0.05 USD", "'XX' is no country"),
        ("SG 0.05, SG 0.06 USD", "two prices for SG"),
        ("-1 USD", "'-1' is no price"),
    ],
)
def test_a_price_that_can_not_be_read_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_text_price(text)


def test_facts_come_back_from_their_json_as_they_were() -> None:
    facts = WeekFacts(
        "Bright Dental",
        "Asia/Singapore",
        A_WEEK,
        before=(A_WEEK,),
        unreachable=(MEI,),
        bad_rows=(BadRow(14, "A-3", "Arun", "phone", "not a number"),),
        attendance=Attendance(A_WEEK.monday, 2, Rate(1, 20), Rate(4, 31)),
        cost=cost_of([("+6591234567", 3)], read_text_price("0.0421 USD")),
        quiet_hours=(time(21), time(8)),
    )
    assert facts_of_json(facts_as_json(facts)) == facts
    many = WeekFacts("Bright", "Asia/Singapore", A_WEEK, bad_rows=facts.bad_rows * 5000)
    assert len(facts_of_json(facts_as_json(many)).bad_rows) == MOST_NAMED
