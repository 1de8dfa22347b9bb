"""What a stage costs in a month in which nobody has an appointment: counted from its templates and its functions.

Prices are those of `scripts/ops cost` (`ops/prices.toml`), without the free tier of a new account but with what is free
for good. None of it was read off a bill.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ops.bill import RUN_SECONDS
from ops.cost import deployed
from ops.prices import Price, load_prices


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of a month's bill."""

    what: str
    usd: float


def idle_month(templates: Mapping[str, Mapping[str, Any]]) -> list[Cost]:
    """A month without appointments, by what costs anything at all."""
    prices = load_prices()
    resources = [one for template in templates.values() for one in template.get("Resources", {}).values()]
    kinds = Counter(one["Type"] for one in resources)
    secrets, dashboards = kinds["AWS::SecretsManager::Secret"], kinds["AWS::CloudWatch::Dashboard"]
    metrics, watched = len({name for one in resources for name in _filled(one)}), sum(map(_watched, resources))
    alarms, metric = prices["cloudwatch.alarms"], prices["cloudwatch.metrics"]
    dashboard, requests, seconds = (prices[key] for key in _THREE)
    runs, busy = _timed()
    return [
        Cost(f"{secrets} secrets", _usd(prices["secretsmanager.secrets"], secrets)),
        Cost(
            f"{kinds['AWS::CloudWatch::Alarm']} alarms on {watched} metrics, {alarms.free} free", _usd(alarms, watched)
        ),
        Cost(f"{dashboards} dashboard, {dashboard.free} free", _usd(dashboard, dashboards)),
        Cost(f"{metrics} metrics of the logs, {metric.free} free in all", _usd(metric, metrics)),
        Cost(
            f"{runs:,} timed runs, {busy:,.0f} GB-seconds; free up to {requests.free:,} and {seconds.free:,}",
            _usd(requests, runs) + _usd(seconds, busy),
        ),
        Cost("tables, buckets, logs, schedules, queue, budget: by use, next to nothing", 0.0),
    ]


_THREE = ("cloudwatch.dashboards", "lambda.requests", "lambda.gb_seconds")


def _timed() -> tuple[int, Decimal]:
    """Runs a month of the functions with a clock, and their GB-seconds with nothing to do."""
    scheduled = deployed().scheduled
    busy = (one.runs * Decimal(one.memory_mb) / 1024 * Decimal(RUN_SECONDS.get(n, "1")) for n, one in scheduled.items())
    return sum(one.runs for one in scheduled.values()), sum(busy, Decimal(0))


def _usd(price: Price, quantity: int | Decimal) -> float:
    return float(price.cost(Decimal(quantity), free=True))


def _watched(resource: Mapping[str, Any]) -> int:
    """How many metrics an alarm watches, which is what it is paid by."""
    if resource["Type"] != "AWS::CloudWatch::Alarm":
        return 0
    several = resource.get("Properties", {}).get("Metrics", [])
    return sum("MetricStat" in one for one in several) or 1


def _filled(resource: Mapping[str, Any]) -> list[str]:
    """The metrics that a filter of a log fills."""
    if resource["Type"] != "AWS::Logs::MetricFilter":
        return []
    return [one["MetricName"] for one in resource.get("Properties", {}).get("MetricTransformations", [])]
