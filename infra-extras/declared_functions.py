"""What the app declares, read from the root's app.py: a new function is wired and watched without a word here."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

APP = Path(__file__).parent.parent / "app.py"
ROUTES = "api_handler"
"""What Chalice calls the routes' function; the only one whose caller waits for the answer."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The functions by the names that app.py gives them; `scheduled` with the minutes between two runs."""

    events: tuple[str, ...]
    scheduled: dict[str, int]

    @property
    def all(self) -> tuple[str, ...]:
        """Every function, the routes' first."""
        return (ROUTES, *self.events)


@cache
def declared() -> Declared:
    """Import app.py by its path (this folder has a module of that name) and read what it declares."""
    spec = importlib.util.spec_from_file_location("shipped_app", APP)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sources = module.app.event_sources
    events = sorted({one.name for one in sources} | {one.name for one in module.app.pure_lambda_functions})
    scheduled = {
        one.name: _minutes(one.schedule_expression) for one in sources if type(one).__name__ == "ScheduledEventConfig"
    }
    return Declared(tuple(events), dict(sorted(scheduled.items())))


def _minutes(expression: object) -> int:
    """The interval of `rate(5 minutes)`. Raises ValueError for an expression that isn't a rate."""
    text = expression if isinstance(expression, str) else expression.to_string()  # type: ignore[attr-defined]
    number, _, unit = text.removeprefix("rate(").removesuffix(")").partition(" ")
    minutes = {"minute": 1, "hour": 60, "day": 24 * 60}.get(unit.removesuffix("s"))
    if minutes is None or not number.isdigit():
        raise ValueError(f"{text}: expected a rate like rate(5 minutes)")
    return int(number) * minutes
