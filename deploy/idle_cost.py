"""What a stage costs in a month in which nobody has an appointment: counted from its templates.

Prices are US dollars, from memory, for Singapore or where unknown for us-east-1, as of 2026-11, without the free tier
of a new account but with what is free for good. None of it was read off a bill.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECRET = 0.40
ALARM, FREE_ALARMS = 0.10, 10
METRIC, FREE_METRICS = 0.30, 10
DASHBOARD, FREE_DASHBOARDS = 3.00, 3
GB_SECOND_ARM = 0.0000133334
MILLION_REQUESTS = 0.20
FREE_GB_SECONDS, FREE_REQUESTS = 400_000, 1_000_000
TIMED = (  # runs a month, GB of memory, seconds a run with nothing to do
    ("drive_sync", 8_640, 1.0, 1.0),
    ("reminder", 720, 0.5, 1.0),
    ("calendar_sync", 720, 0.25, 1.0),
    ("intake_watch", 720, 0.5, 0.5),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of a month's bill."""

    what: str
    usd: float


def idle_month(templates: Mapping[str, Mapping[str, Any]]) -> list[Cost]:
    """A month without appointments, by what costs anything at all."""
    resources = [one for template in templates.values() for one in template.get("Resources", {}).values()]
    kinds = Counter(one["Type"] for one in resources)
    metrics = len({name for one in resources for name in _filled(one)})
    runs = sum(runs for _, runs, _, _ in TIMED)
    seconds = sum(runs * memory * long for _, runs, memory, long in TIMED)
    watched, dashboards = sum(map(_watched, resources)), kinds["AWS::CloudWatch::Dashboard"]
    return [
        Cost(f"{kinds['AWS::SecretsManager::Secret']} secrets", kinds["AWS::SecretsManager::Secret"] * SECRET),
        Cost(
            f"{kinds['AWS::CloudWatch::Alarm']} alarms on {watched} metrics, {FREE_ALARMS} free",
            _beyond(watched, FREE_ALARMS) * ALARM,
        ),
        Cost(f"{dashboards} dashboard, {FREE_DASHBOARDS} free", _beyond(dashboards, FREE_DASHBOARDS) * DASHBOARD),
        Cost(f"{metrics} metrics of the logs, {FREE_METRICS} free in all", _beyond(metrics, FREE_METRICS) * METRIC),
        Cost(
            f"{runs:,} timed runs, {seconds:,.0f} GB-seconds; free up to {FREE_REQUESTS:,} and {FREE_GB_SECONDS:,}",
            _beyond(runs, FREE_REQUESTS) / 1e6 * MILLION_REQUESTS + _beyond(seconds, FREE_GB_SECONDS) * GB_SECOND_ARM,
        ),
        Cost("tables, buckets, logs, schedules, queue, budget: by use, next to nothing", 0.0),
    ]


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


def _beyond(count: float, free: float) -> float:
    return max(0.0, count - free)
