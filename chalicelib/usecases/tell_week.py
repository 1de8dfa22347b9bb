"""The week in words: the model tells it, code checks every word, and the plain template stands in where that fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalicelib.domain.story_brief import RULES, brief
from chalicelib.domain.story_check import check_story
from chalicelib.domain.week_facts import WeekFacts
from chalicelib.domain.week_words import plain_story
from chalicelib.errors import Malformed, UpstreamError
from chalicelib.runtime import Runtime

log = logging.getLogger(__name__)

_TRIES = 2


@dataclass(frozen=True, slots=True)
class Told:
    """A text that is true of the week. `by_model` is False for the template; then `problems` says what was wrong with
    the model's last text, if there was one."""

    text: str
    by_model: bool
    problems: tuple[str, ...] = ()


def tell_week(rt: Runtime, facts: WeekFacts) -> Told:
    """Tell it. Never raises for the model's sake: a refused, lying or silent one is replaced by the template."""
    teller = rt.storyteller
    problems: list[str] = []
    for _ in range(_TRIES if teller is not None else 0):
        assert teller is not None
        try:
            text = teller.tell(RULES, brief(facts), problems)
        except (UpstreamError, Malformed) as failure:
            log.warning("story_not_told", extra={"why": type(failure).__name__})
            problems = problems or [f"the model gave no text ({type(failure).__name__})"]
            break
        problems = check_story(text, facts)
        if not problems:
            return Told(text, by_model=True)
        rt.metrics.count("story_refused")
        log.warning("story_refused", extra={"problems": len(problems)})
    return Told(plain_story(facts), by_model=False, problems=tuple(problems))
