"""What a text's segment costs, by the country that it goes to, as somebody read it off the carrier's price list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import phonenumbers

from chalicelib.domain.week_facts import Cost

_ENTRY = re.compile(r"(?:([A-Za-z]{2})\s+)?(\d{1,4}(?:\.\d{1,6})?)")


@dataclass(frozen=True, slots=True)
class TextPrice:
    """Prices per segment by country (`SG`); the one for "" is every other country's."""

    currency: str
    prices: tuple[tuple[str, Decimal], ...]

    def of(self, country: str) -> Decimal | None:
        """The price of a segment there; None if none is known."""
        known = dict(self.prices)
        return known.get(country, known.get(""))


def read_text_price(text: str) -> TextPrice:
    """`SG 0.0421, MY 0.029 USD`, or `0.0421 USD` for all countries. Raises ValueError, saying what was expected."""
    expected = "expected prices per segment and a currency, like SG 0.0421, MY 0.029 USD, or 0.0421 USD"
    listed, _, currency = text.strip().rpartition(" ")
    if not re.fullmatch(r"[A-Za-z]{3}", currency):
        raise ValueError(f"no currency at the end; {expected}")
    prices: dict[str, Decimal] = {}
    for entry in listed.split(","):
        found = _ENTRY.fullmatch(entry.strip())
        if not found:
            raise ValueError(f"{entry.strip()[:40]!r} is no price; {expected}")
        country = (found[1] or "").upper()
        if country and country not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"{country!r} is no country; {expected}")
        if country in prices:
            raise ValueError(f"two prices for {country or 'all countries'}; {expected}")
        prices[country] = Decimal(found[2])
    return TextPrice(currency.upper(), tuple(sorted(prices.items())))


def cost_of_one(number: str, segments: int, price: TextPrice) -> Decimal | None:
    """What one text to that number (E.164) costs; None where its country has no price."""
    each = price.of(_country(number))
    return None if each is None else each * segments


def cost_of(texts: Iterable[tuple[str, int]], price: TextPrice) -> Cost:
    """What these texts (number in E.164, segments) cost together, to a hundredth."""
    amount, unpriced = Decimal(0), 0
    for number, count in texts:
        cost = cost_of_one(number, count, price)
        if cost is None:
            unpriced += count
        else:
            amount += cost
    return Cost(amount.quantize(Decimal("0.01")), price.currency, unpriced)


def _country(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""
