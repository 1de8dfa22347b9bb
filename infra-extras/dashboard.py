"""One page of CloudWatch's for whoever looks after the system: is it alive, does it reach people, what does it cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import names

_WIDTH, _HEIGHT = 12, 6
_HOUR = 3600
_FIVE_MINUTES = 300

Metric = list[Any]


def dashboard_body(region: str, functions: Mapping[str, str], alarm_arns: Sequence[str]) -> str:
    """The page as JSON. `functions` are the deployed names by those of app.py."""
    graphs = [
        _graph(region, "Alive: ticks and syncs an hour", [_ours("tick"), _ours("sync")], _HOUR),
        _graph(region, "Texts", [_ours("sms_delivered"), _ours("sms_failed"), _ours("texts_over_cap"),
                                 _ours("texts_over_quota")], _HOUR),
        _graph(region, "Waiting: minutes in the outbox, dead letters",
               [_ours("outbox_minutes", "Maximum"),
                ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", names.DEAD_LETTERS,
                 {"stat": "Maximum"}]], _FIVE_MINUTES),
        _graph(region, "Month's cost of texts, US dollars",
               [["AWS/SNS", "SMSMonthToDateSpentUSD", {"stat": "Maximum"}]], _HOUR),
        _graph(region, "Errors", _lambda(functions, "Errors", "Sum"), _HOUR),
        _graph(region, "Throttles", _lambda(functions, "Throttles", "Sum"), _HOUR),
        _graph(region, "Longest run, milliseconds", _lambda(functions, "Duration", "Maximum"), _HOUR),
        _graph(region, "Refused: links, Slack, sheets", [_ours("token_refused"), _ours("slack_refused"),
                                                         _ours("slack_replayed"), _ours("sheet_refused")], _HOUR),
    ]  # fmt: skip
    standing = {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": 2 * _WIDTH,
        "height": _HEIGHT,
        "properties": {"title": "Alarms", "alarms": list(alarm_arns)},
    }
    placed = [
        {**graph, "x": _WIDTH * (place % 2), "y": _HEIGHT * (1 + place // 2)} for place, graph in enumerate(graphs)
    ]
    return json.dumps({"widgets": [standing, *placed]})


def _ours(metric: str, stat: str = "Sum") -> Metric:
    return [names.METRICS_NAMESPACE, metric, {"stat": stat}]


def _lambda(functions: Mapping[str, str], metric: str, stat: str) -> list[Metric]:
    return [
        ["AWS/Lambda", metric, "FunctionName", deployed, {"stat": stat, "label": name}]
        for name, deployed in functions.items()
    ]


def _graph(region: str, title: str, metrics: list[Metric], period_seconds: int) -> dict[str, Any]:
    return {
        "type": "metric",
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {"title": title, "region": region, "period": period_seconds, "view": "timeSeries",
                       "stacked": False, "metrics": metrics},
    }  # fmt: skip
