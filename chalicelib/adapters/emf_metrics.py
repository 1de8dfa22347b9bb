"""Counts that alarms watch, as CloudWatch's embedded metric format: a log line, no call."""

from __future__ import annotations

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib import names


class EmfMetrics:
    """`ports.Metrics`. A metric has no dimensions, so that one alarm sees every function's counts."""

    def count(self, name: str, value: int = 1) -> None:
        """Add to a metric."""
        with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=names.METRICS_NAMESPACE):
            pass
