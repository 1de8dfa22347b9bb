"""What a month costs, line by line: calculated, not measured on a bill. Needs no account and no network.

Every price comes from ops/prices.toml with its source and date; what is from memory is marked. One text that fits one
segment and one that takes three stand side by side, since texts are nearly all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from ops.bill import Function, Line, Month, Standing, bill, total, usage
from ops.prices import Price, load_prices
from ops.printed import as_json_option, print_json, print_table

SEGMENTS = (1, 3)
_CONFIG = Path(__file__).parents[1] / ".chalice" / "config.json"
_SERVICES = {
    "sms": "Texts (SNS)",
    "sender": "Sender",
    "dynamodb": "DynamoDB",
    "lambda": "Lambda",
    "s3": "S3",
    "ses": "SES",
    "secretsmanager": "Secrets Manager",
    "cloudwatch": "CloudWatch",
    "eventbridge": "EventBridge",
    "scheduler": "EventBridge Scheduler",
    "sns": "SNS topics",
    "bedrock": "Bedrock",
    "textract": "Textract",
    "apigateway": "API Gateway",
    "transfer": "Data transfer",
    "budgets": "Budgets",
    "kms": "KMS",
}
_UNVERIFIED = "from memory, unverified"


@click.command(short_help="what a month costs, line by line, without an account", help=__doc__)
@click.option("--appointments", type=click.IntRange(0, 1_000_000), default=200, show_default=True, help="a month")
@click.option("--country", default="SG", show_default=True, metavar="CC", help="where the customers' phones are")
@click.option(
    "--texts-per-visit",
    type=click.FloatRange(0, 20),
    default=None,
    help="reminders of a visit that nobody answers; without it, as many as the default windows",
)
@click.option("--emailed", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="share sent by e-mail")
@click.option("--mails", type=click.IntRange(0), default=10, show_default=True, help="bookings read out of mails")
@click.option("--text-price", type=click.FloatRange(0), default=None, metavar="USD", help="of one segment, if you know")
@click.option("--free/--no-free", default=True, show_default=True, help="count what AWS gives away every month")
@click.option("--prices", "show_prices", is_flag=True, help="list every price with its source instead")
@as_json_option
def cost(
    appointments: int,
    country: str,
    texts_per_visit: float | None,
    emailed: float,
    mails: int,
    text_price: float | None,
    free: bool,
    show_prices: bool,
    as_json: bool,
) -> int:
    """Print it. Returns 0."""
    country = country.upper()
    prices = with_text_price(load_prices(), country, text_price)
    if show_prices:
        _print_prices(prices, as_json)
        return 0
    month = Month(
        appointments=appointments,
        country=country,
        messages_per_visit=Decimal(str(texts_per_visit)) if texts_per_visit is not None else default_windows(),
        emailed=Decimal(str(emailed)),
        mails=mails,
    )
    standing = deployed()
    bills = [
        Priced(segments, bill(usage(replace(month, segments=segments), standing), prices, free=free))
        for segments in SEGMENTS
    ]
    if as_json:
        print_json(_as_json(month, bills, free))
    else:
        _print(month, bills, free)
    return 0


@dataclass(frozen=True, slots=True)
class Priced:
    """The bill if every text takes so many segments."""

    segments: int
    lines: list[Line]

    @property
    def usd(self) -> Decimal:
        """All of it."""
        return total(self.lines)


def deployed() -> Standing:
    """What is deployed, read from the app and its configuration: which functions run how often, in what memory."""
    from chalice.app import ScheduledEventConfig

    import app

    config = json.loads(_CONFIG.read_text(encoding="utf-8"))
    functions = next(iter(config["stages"].values()))["lambda_functions"]
    default_mb = config["lambda_memory_size"]
    return Standing(
        scheduled={
            source.name: Function(
                minutes_between(_expression(source)),
                functions.get(source.name, {}).get("lambda_memory_size", default_mb),
            )
            for source in app.app.event_sources
            if isinstance(source, ScheduledEventConfig)
        }
    )


def _expression(source: Any) -> str:
    expression = source.schedule_expression
    return expression if isinstance(expression, str) else expression.to_string()


def minutes_between(rate: str) -> int:
    """`rate(5 minutes)` in minutes. Raises ValueError for anything else."""
    number, _, unit = rate.removeprefix("rate(").removesuffix(")").partition(" ")
    minutes = {"minute": 1, "hour": 60, "day": 24 * 60}.get(unit.removesuffix("s"))
    if not number.isdigit() or not int(number) or minutes is None:
        raise ValueError(f"{rate}: expected a rate like rate(5 minutes)")
    return int(number) * minutes


def default_windows() -> Decimal:
    """How many reminders the configuration's default windows are."""
    from chalicelib.config import Config

    (windows,) = (one.default for one in fields(Config) if one.name == "windows")
    return Decimal(len(windows))  # type: ignore[arg-type]  # a dataclass says nothing of its defaults' types


def with_text_price(prices: Mapping[str, Price], country: str, usd: float | None) -> dict[str, Price]:
    """The prices with the one that was given for a text. Raises LookupError if there is none for that country."""
    key = f"sms.{country}"
    if usd is not None:
        given = Price(key, Decimal(str(usd)), 1, "part of a text", f"to {country}", True, "--text-price", "given")
        return {**prices, key: given}
    if key not in prices:
        known = ", ".join(sorted(one.removeprefix("sms.") for one in prices if one.startswith("sms.")))
        raise LookupError(f"no price of a text to {country} is known (only {known}): say --text-price")
    return dict(prices)


def _print(month: Month, bills: Sequence[Priced], free: bool) -> None:
    rows = []
    for lines in zip(*(one.lines for one in bills), strict=True):
        price = lines[0].price
        rows.append(
            [
                _service(price),
                price.unit,
                " / ".join(
                    dict.fromkeys(
                        f"{line.quantity:,.0f}" if line.quantity >= 10 else f"{line.quantity:,.3g}" for line in lines
                    )
                ),
                *(f"{line.usd:,.2f}" for line in lines),
                "" if price.read else "memory",
            ]
        )
    rows.append(["All", "", "", *(f"{one.usd:,.2f}" for one in bills), ""])
    print_table(
        f"{month.appointments:,} visits a month, {month.messages_per_visit.normalize():f} reminders each, "
        f"{month.emailed:.0%} by e-mail, to {month.country}; US dollars",
        [
            "Service",
            "Unit",
            "Quantity",
            *(f"{one.segments} segment{'s'[: one.segments > 1]}" for one in bills),
            "Price",
        ],
        rows,
    )
    click.echo("Calculated, not measured on a bill; before tax. `memory` marks a price that is " + _UNVERIFIED + ".")
    click.echo("AWS's free monthly quantities are " + ("taken off." if free else "not taken off."))
    click.echo("Every price with its source and date: scripts/ops cost --prices")


def _print_prices(prices: Mapping[str, Price], as_json: bool) -> None:
    if as_json:
        print_json({key: _price_json(price) for key, price in prices.items()})
        return
    print_table(
        "Prices, US dollars",
        ["Service", "USD", "Per", "Free a month", "Region", "Said", "Source"],
        [
            [
                _service(price),
                f"{price.usd:f}",
                f"{price.per:,} {price.unit}" if price.per > 1 else price.unit,
                f"{price.free:,}" if price.free else "",
                price.region,
                price.said,
                price.source if price.read else f"{_UNVERIFIED}: {price.source}",
            ]
            for price in prices.values()
        ],
    )


def _service(price: Price) -> str:
    return _SERVICES[price.key.partition(".")[0]]


def _as_json(month: Month, bills: Sequence[Priced], free: bool) -> dict[str, Any]:
    return {
        "appointments": month.appointments,
        "country": month.country,
        "texts_per_visit": float(month.messages_per_visit),
        "emailed": float(month.emailed),
        "mails": month.mails,
        "free_quantities": free,
        "bills": [
            {
                "segments": one.segments,
                "usd": round(float(one.usd), 2),
                "lines": [
                    {
                        "service": _service(line.price),
                        "quantity": float(line.quantity),
                        "usd": round(float(line.usd), 4),
                        **_price_json(line.price),
                    }
                    for line in one.lines
                ],
            }
            for one in bills
        ],
    }


def _price_json(price: Price) -> dict[str, Any]:
    return {
        "key": price.key,
        "unit": price.unit,
        "price_usd": float(price.usd),
        "per": price.per,
        "free": float(price.free),
        "region": price.region,
        "source": price.source,
        "said": price.said,
        "verified": "read" if price.read else _UNVERIFIED,
    }
