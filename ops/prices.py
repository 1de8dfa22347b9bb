"""What AWS and the telephone companies ask: read from `ops/prices.toml`, where each price says where it is from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

PRICES = Path(__file__).parent / "prices.toml"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for `per` units, the first `free` of a month left out."""

    key: str  # `service.what`
    usd: Decimal
    per: int
    unit: str
    region: str
    read: bool  # somebody read it at `source`; else it is from memory, unverified
    source: str
    said: str  # when the source said so: a year, a month or a day
    free: Decimal = Decimal(0)

    def cost(self, quantity: Decimal, *, free: bool) -> Decimal:
        """That many units in a month, US dollars, not rounded."""
        charged = max(Decimal(0), quantity - self.free) if free else quantity
        return charged * self.usd / self.per


def load_prices(path: Path = PRICES) -> dict[str, Price]:
    """Every price by its key. Raises ValueError for a file that lacks something, and says what."""
    try:
        read: Mapping[str, Mapping[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return {
            f"{service}.{what}": _price(f"{service}.{what}", entry)
            for service, entries in read.items()
            for what, entry in entries.items()
        }
    except tomllib.TOMLDecodeError as wrong:
        raise ValueError(f"{path.name}: {wrong}") from wrong


def _price(key: str, entry: Mapping[str, Any]) -> Price:
    missing = sorted({"usd", "per", "unit", "region", "known", "source", "said"} - entry.keys())
    if missing:
        raise ValueError(f"the price of {key} lacks {', '.join(missing)}")
    if entry["known"] not in ("read", "memory"):
        raise ValueError(f"the price of {key}: known is {entry['known']!r}, expected read or memory")
    return Price(
        key=key,
        usd=Decimal(entry["usd"]),
        per=int(entry["per"]),
        unit=entry["unit"],
        region=entry["region"],
        read=entry["known"] == "read",
        source=entry["source"],
        said=entry["said"],
        free=Decimal(entry.get("free", 0)),
    )
