"""The summary as people get it: one story in Slack and by mail, charts that come along, nothing that is fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import png
import pytest

from chalicelib.adapters.email_parts import mime
from chalicelib.adapters.pypng_charts import HEIGHT, WIDTH, PypngCharts
from chalicelib.domain.week_facts import BadRow, WeekFacts
from chalicelib.domain.week_shown import DAYS, slack_text, text_chart
from chalicelib.pages.week_mail import charts, week_html, week_text
from chalicelib.ports import EmailMessage, Picture
from tests.unit.week_lies import FACTS, a_week

TITLE = "Bright Dental, 14 to 20 December"
TOLD = "42 visits took place this week."
CROWDED = replace(FACTS, quiet=FACTS.quiet * 60, bad_rows=(BadRow(3, "A-3", "x" * 60, "phone", "y" * 200),) * 200)
BARE = replace(FACTS, before=(), quiet=(), unreachable=(), bad_rows=(), attendance=None, cost=None, quiet_hours=None)


@pytest.mark.parametrize("facts", [FACTS, CROWDED, BARE])
def test_the_mail_is_small_and_fetches_nothing(facts: WeekFacts) -> None:
    html = week_html(facts, TITLE, TOLD)
    assert len(html.encode()) <= 100_000
    assert not re.search(r"<script|<svg|<link|https?:|url\(|@import", html, re.I)
    assert {f"cid:{one.name}" for one in charts(facts)} == set(re.findall(r"cid:[\w-]+", html))


def test_every_picture_has_its_figures_in_words() -> None:
    html = week_html(FACTS, TITLE, TOLD)
    for image in re.findall(r"<img [^>]+>", html):
        assert re.search(r'alt="[^"]*\d[^"]*"', image)
    assert "Tue 9" in html


def test_what_a_cell_says_is_text_in_the_mail() -> None:
    hostile = replace(FACTS, bad_rows=(BadRow(3, "A-3", "<script>alert(1)</script>", "phone", "<b>"),))
    assert "<script" not in week_html(hostile, TITLE, TOLD)


def test_a_bar_is_as_tall_as_its_figure_beside_the_highest() -> None:
    width, height, rows, info = png.Reader(bytes=PypngCharts().bars([1, 2, 0], accented=[0, 1, 2])).read()
    assert (width, height) == (WIDTH, HEIGHT)
    strong = next(index for index, colour in enumerate(info["palette"]) if tuple(colour[:3]) == (24, 148, 116))
    grid = [list(row) for row in rows]
    tall = [sum(row[WIDTH * (2 * bar + 1) // 6] == strong for row in grid) for bar in range(3)]
    assert tall[1] > 200
    assert abs(tall[0] * 2 - tall[1]) <= 1
    assert tall[2] == 0


def test_quiet_hours_are_tinted_whole_hours() -> None:
    [by_hour] = [one for one in charts(FACTS) if one.name == "by-hour"]
    assert by_hour.shaded == (0, 1, 2, 3, 4, 5, 6, 7, 21, 22, 23)


def test_the_week_stands_beside_the_last_four() -> None:
    [by_week] = [one for one in charts(FACTS) if one.name == "by-week"]
    assert (by_week.values, by_week.accented) == ((24, 27, 26, 28, 31), (4,))


def test_a_first_week_is_compared_with_nothing() -> None:
    assert [one.name for one in charts(BARE)] == ["by-day", "by-hour"]
    assert "Before" not in week_html(BARE, TITLE, TOLD)


def test_the_pictures_come_with_the_mail() -> None:
    drawn = tuple(Picture(one.name, PypngCharts().bars(one.values, one.accented, one.shaded)) for one in charts(FACTS))
    message = EmailMessage(
        to="owner@bright.example",
        subject="Your week",
        body=week_text(FACTS, TITLE, TOLD),
        html=week_html(FACTS, TITLE, TOLD),
        pictures=drawn,
    )
    mail = message_from_bytes(mime(message, "shop@bright.example", datetime(2026, 12, 21, tzinfo=UTC)), policy=default)
    ids = [part["Content-ID"] for part in mail.walk() if part.get_content_type() == "image/png"]
    assert ids == ["<by-day>", "<by-hour>", "<by-week>"]
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert TOLD in plain.get_content()


def test_slack_has_a_chart_of_characters() -> None:
    chart = text_chart(DAYS, (6, 9, 0, 1, 4, 3, 0)).splitlines()
    assert chart[1].count("█") == max(line.count("█") for line in chart)
    assert chart[2] == "Wed · 0"
    assert chart[3].count("█") >= 1
    assert text_chart(DAYS, FACTS.week.confirmed_by_day) in slack_text(FACTS, TITLE, TOLD)


def test_too_few_visits_are_said_to_be_too_few() -> None:
    assert FACTS.attendance is not None
    few = replace(FACTS.attendance, unconfirmed=replace(FACTS.attendance.unconfirmed, visits=3, no_shows=1))
    assert "Too few to tell a rate." in slack_text(replace(FACTS, attendance=few), TITLE, TOLD)


def test_nowhere_are_no_shows_said_to_be_prevented() -> None:
    shown = (slack_text, week_html, week_text)
    assert not any("prevent" in show(FACTS, TITLE, TOLD).casefold() for show in shown)


def test_what_nobody_recorded_is_left_out() -> None:
    unknown = replace(FACTS, week=a_week(no_shows=None))
    assert "No-shows" not in week_text(replace(unknown, attendance=None), TITLE, TOLD)
