"""What app.py declares: which functions there are, and what calls them. A function that is added is seen here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from ops.cost import minutes_between


def scheduled() -> dict[str, timedelta]:
    """The functions with a clock, and how often each runs."""
    from chalice.app import ScheduledEventConfig

    return {
        source.name: timedelta(minutes=minutes_between(_expression(source)))
        for source in _sources()
        if isinstance(source, ScheduledEventConfig)
    }


def patterns() -> dict[str, Mapping[str, Any]]:
    """The functions that the bus calls, and for which events."""
    from chalice.app import CloudWatchEventConfig

    return {source.name: source.event_pattern for source in _sources() if isinstance(source, CloudWatchEventConfig)}


def topics() -> dict[str, str]:
    """The functions that listen to a topic, and to which."""
    from chalice.app import SNSEventConfig

    return {source.name: source.topic for source in _sources() if isinstance(source, SNSEventConfig)}


def functions() -> list[str]:
    """Every function by its name in app.py; the pages' one is `api_handler`."""
    import app

    pure = [one.name for one in app.app.pure_lambda_functions]
    return sorted({*pure, *(source.name for source in _sources()), "api_handler"})


@cache
def _sources() -> tuple[Any, ...]:
    import app

    return tuple(app.app.event_sources)


def _expression(source: Any) -> str:
    expression = source.schedule_expression
    return expression if isinstance(expression, str) else str(expression.to_string())
