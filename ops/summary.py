"""Count the finished week and tell it here, as Slack and the owner get it. Nothing is sent, claimed or changed.

`--week` names another week by any of its days. With `--plain` no model is asked.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click

from chalicelib.domain.week_due import week_begins, week_days, week_of
from chalicelib.domain.week_json import facts_as_json
from chalicelib.domain.week_shown import slack_text
from chalicelib.domain.week_words import plain_story
from chalicelib.pages.week_mail import week_text
from chalicelib.usecases.count_week import count_last_week
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.tell_week import Told, tell_week
from ops.printed import as_json_option, print_json
from ops.stage import open_runtime


@click.command(short_help="the weekly summary as it would be told, without sending it", help=__doc__)
@click.option("--dry-run", is_flag=True, required=True, help="must be said: telling it for good is the function's work")
@click.option("--week", type=click.DateTime(["%Y-%m-%d"]), default=None, help="any day of the week that is meant")
@click.option("--plain", is_flag=True, help="the plain words, without the model")
@click.option("--mail", is_flag=True, help="as the owner's mail has it, in plain text")
@as_json_option
def summary(dry_run: bool, week: datetime | None, plain: bool, mail: bool, as_json: bool) -> int:
    """Tell it here. Returns 1 while no sheet and rules have been taken yet."""
    rt = open_runtime()
    zone = rt.config.zone
    shop = Shop(rt)
    if not shop.ready:
        click.echo("No sheet or no rules doc has been taken yet: there is nothing to count.")
        return 1
    monday = _monday(week.date()) if week else week_of(rt.clock(), zone) - timedelta(days=7)
    now = rt.clock() if week is None else min(rt.clock(), week_begins(monday + timedelta(days=7), zone))
    facts = count_last_week(rt, shop, monday, now).facts
    told = Told(plain_story(facts), by_model=False) if plain else tell_week(rt, facts)
    title = f"{rt.config.shop_name}, {week_days(monday)}"
    if as_json:
        print_json({"title": title, "told": told.text, "by_model": told.by_model, "facts": facts_as_json(facts)})
    else:
        click.echo(week_text(facts, title, told.text) if mail else slack_text(facts, title, told.text))
        if told.problems:
            click.echo("\nThe model's text was refused:\n" + "\n".join(f"- {one}" for one in told.problems))
    return 0


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
