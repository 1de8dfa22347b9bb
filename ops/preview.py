"""Show every send that is planned for the next days: minute, channel, words, segments, cost, and why then.

It shows what goes if nobody answers. With `--rules F` it shows instead what an edited rules doc would change, before
it is saved. Nothing is changed and nothing is sent.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from chalicelib.domain.text_price import TextPrice, read_text_price
from chalicelib.errors import DocumentError
from chalicelib.ports import SendingSwitch
from chalicelib.runtime import Runtime
from chalicelib.usecases.shop import Shop
from ops.foresee import Foreseen, TriedRules, changes, foresee, horizon
from ops.printed import as_json_option, print_json, print_table
from ops.stage import open_runtime

_SWITCHED = {
    SendingSwitch.OFF: "Sending is switched off: none of this goes out.",
    SendingSwitch.STAFF_ONLY: "Sending is switched to staff-only: nothing of this reaches a customer.",
}


@click.command(short_help="every send planned for the next days, and why then", help=__doc__)
@click.option(
    "--days", type=click.FloatRange(0, 400, min_open=True), default=7, show_default=True, help="how far ahead"
)
@click.option("--appt", default="", metavar="ID", help="only this appointment")
@click.option("--customer", default="", metavar="NAME", help="only customers whose name has this in it")
@click.option("--kind", type=click.Choice(["text", "email", "slack"]), default=None, help="only this channel")
@click.option("--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a rules doc to try")
@click.option("--price", default="", metavar="PRICE", help="of a segment (0.0421 USD); else what text_price says")
@as_json_option
def preview(
    days: float, appt: str, customer: str, kind: str | None, rules: Path | None, price: str, as_json: bool
) -> int:
    """Show it. Returns 0, or 1 while no sheet and rules have been taken yet."""
    rt = open_runtime()
    now = rt.clock()
    shop = Shop(rt)
    until = horizon(now, days)
    each = read_text_price(price) if price else rt.config.text_price

    def wanted(message: Foreseen) -> bool:
        return (
            appt in ("", message.appt_id)
            and customer.casefold() in message.customer.casefold()
            and kind in (None, message.kind)
        )

    found = [message for message in foresee(rt, shop, now, until) if wanted(message)]
    note = "" if shop.ready else "No sheet or no rules doc has been taken yet: nothing is planned."
    note = note or _SWITCHED.get(rt.parameters.sending(), "")
    if rules is not None:
        tried = _tried(rt, rules, now)
        after = [message for message in foresee(rt, tried, now, until) if wanted(message)]
        differences = list(changes(found, after))
        if as_json:
            shown = [{"change": what, **message.as_json(each)} for what, message in differences]
            print_json(
                {"from": now, "to": until, "note": note, "before": len(found), "after": len(after), "changes": shown}
            )
        else:
            title = f"{rules.name} would change {len(differences)} of the sends until {until:%a %d %b %H:%M}Z"
            print_table(title, ("change", *_COLUMNS), [(what, *_row(message, each)) for what, message in differences])
            _say(note)
        return 0 if shop.ready else 1
    if as_json:
        print_json({"from": now, "to": until, "note": note, "sends": [message.as_json(each) for message in found]})
    else:
        total = sum(message.segments for message in found)
        known = [amount for message in found if (amount := message.cost(each)) is not None]
        cost = f", {each.currency} {sum(known):.2f}" if each is not None else ""
        print_table(
            f"{len(found)} sends in {days:g} days, {total} segments{cost}", _COLUMNS, [_row(m, each) for m in found]
        )
        _say(note)
    return 0 if shop.ready else 1


_COLUMNS = ("when", "to", "visit", "what", "segments", "words", "why")


def _row(message: Foreseen, each: TextPrice | None) -> tuple[str, ...]:
    what = message.move.replace("_", " ") + (f" ({message.hours:g} h)" if message.hours is not None else "")
    amount = message.cost(each)
    cost = f" ({amount:.3f})" if amount is not None else ""
    to = message.to if message.kind == "slack" else f"{message.customer}, {message.kind}"
    return (
        f"{message.at:%a %d %b %H:%M}",
        to,
        f"{message.appt_id}, {message.start:%a %d %b %H:%M}",
        what,
        f"{message.segments or ''}{cost}",
        message.body,
        message.reason,
    )


def _tried(rt: Runtime, rules: Path, now: datetime) -> TriedRules:
    try:
        return TriedRules(rt, rules.read_text(encoding="utf-8-sig"), now)
    except UnicodeDecodeError as wrong:
        raise ValueError(f"{rules}: expected text in UTF-8") from wrong
    except DocumentError as wrong:
        lines = "\n".join(f"{rules}, line {one.line}: {one.problem}" for one in wrong.problems)
        raise ValueError(f"this rules doc would not be taken:\n{lines}") from wrong


def _say(note: str) -> None:
    if note:
        click.echo(note)
