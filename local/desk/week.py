"""The finished week as the desk shows it: counted and told by the shipped code, and sent to nobody."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.bootstrap import AwsRuntime

_BY_RULES = "Told by the rules that stand in for the model here, and checked word by word."
_PLAIN = "Told in the plain words: there was no text of a model that the check let pass."


def told_week(rt: AwsRuntime) -> dict[str, str] | None:
    """`slack`, `html` (its pictures inside) and `note`; None before a sheet and rules were taken."""
    from chalicelib.domain.week_due import week_days, week_of
    from chalicelib.domain.week_shown import slack_text
    from chalicelib.pages.week_mail import charts, week_html
    from chalicelib.usecases.count_week import count_last_week
    from chalicelib.usecases.shop import Shop
    from chalicelib.usecases.tell_week import tell_week

    shop, now = Shop(rt), rt.clock()
    if not shop.ready:
        return None
    monday = week_of(now, rt.config.zone) - timedelta(days=7)
    facts = count_last_week(rt, shop, monday, now).facts
    told = tell_week(rt, facts)
    title = f"{rt.config.shop_name}, {week_days(monday)}"
    page = week_html(facts, title, told.text)
    for one in charts(facts):
        picture = base64.b64encode(rt.charts.bars(one.values, one.accented, one.shaded)).decode()
        page = page.replace(f"cid:{one.name}", f"data:image/png;base64,{picture}")
    note = _BY_RULES if told.by_model else _PLAIN
    return {"slack": slack_text(facts, title, told.text), "html": page, "note": note}
