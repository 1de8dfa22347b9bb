"""Five days of the sample shop, played headless: how late its messages were, and what the default texts measured."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.figures import Figure
from local.headless import arguments, play, read_play
from local.play_flags import SAMPLE_FROM
from local.quiet import logs_in
from local.report import REMINDERS

HOURS = 120
TIMED = (*REMINDERS, "gap_alert")
HOUR = timedelta(hours=1)


def lateness(hours: float = HOURS) -> tuple[Figure, str]:
    """The figure, and what the run counted besides."""
    parser = argparse.ArgumentParser()
    arguments(parser)
    run = read_play(parser.parse_args(["--from", SAMPLE_FROM, "--hours", str(hours)]))
    with TemporaryDirectory(prefix="bench-") as scratch, logs_in(Path(scratch) / "functions.log"):
        report, world = play(run)
    sent = [event for event in report.events if event["move"] in TIMED]
    late = max((_late(event) for event in sent), default=timedelta())
    hourly = max((_late_at_a_tick(event, run.begin) for event in sent), default=timedelta())
    note = (
        f"The sample shop, {hours / 24:g} days on the moved clock: {report.counts['text']} texts, "
        f"{report.counts['email']} e-mails, {report.counts['slack']} Slack lines; "
        f"{report.counts['duplicates']} duplicates, {report.counts['lost']} lost; "
        f"{sum(run.failed for run in world.functions.runs)} failed runs."
    )
    figure = Figure(
        f"{late.total_seconds():.0f} s at most, {len(sent)} sends (moved clock)",
        late <= timedelta(seconds=60),
        f"{hourly.total_seconds() / 60:.0f} min: the next hourly tick",
    )
    return figure, note


def _late(event: Mapping[str, Any]) -> timedelta:
    return abs(datetime.fromisoformat(event["at"]) - datetime.fromisoformat(event["planned"]))


def _late_at_a_tick(event: Mapping[str, Any], first_tick: datetime) -> timedelta:
    """How late the same minute is served by the first hourly tick that finds it due."""
    planned = datetime.fromisoformat(event["planned"])
    return first_tick + math.ceil((planned - first_tick) / HOUR) * HOUR - planned
