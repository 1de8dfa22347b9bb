"""`scripts/demo --headless`: play a shop's weeks on the moved clock, and write down what was received."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from local.customer import Customers
from local.first_seen import seed_mirror, split_first_seen
from local.passage import TICK_AND_DISPATCH, Passage
from local.play_files import (
    PlannedAnswer,
    PlannedEdit,
    PlayFileError,
)
from local.play_flags import Play, arguments, read_play
from local.quiet import logs_in
from local.report import Received, Report, build_report
from local.world import World

__all__ = ["Play", "arguments", "main", "play", "read_play"]


def play(run: Play) -> tuple[Report, World]:
    """Play it all. The world is stopped when this returns; what it received is in the report."""
    with World(run.begin) as world:
        later = {line for line, at in run.first_seen.items() if at > run.begin}
        sheet = [row for line, row in enumerate(run.shop.sheet, start=1) if line not in later]
        world.start(replace(run.shop, sheet=sheet))
        player = _Player(world, run)
        player.run()
        return build_report(player.received()), world


class _Player:
    """Goes from one minute at which something can happen to the next."""

    def __init__(self, world: World, run: Play) -> None:
        self._world = world
        self._run = run
        self._customers = Customers(world)
        self._edits = sorted(run.edits, key=lambda edit: edit.at)
        self._answers = sorted(run.answers, key=lambda answer: answer.at)
        self._replies: list[dict[str, Any]] = []
        self._refused: dict[str, dict[str, Any]] = {}
        self._problems: dict[str, dict[str, Any]] = {}
        self._mails = list(run.mails)
        world.bedrock.answers = dict(run.model_answers)
        self._late = _typed_in_later(run)
        self._passage = Passage(world, run.begin)
        self._zone = ZoneInfo(run.shop.timezone)

    def run(self) -> None:
        """From the first sync and tick to the last minute, included."""
        seed_mirror(self._world, _lines_at_first(self._run), self._run.shop, self._run.begin)
        now = self._run.begin
        while now <= self._run.end:
            self._world.clock.move_to(now)
            self._minute(now)
            now = self._passage.next_minute(now, self._moments())

    def _minute(self, now: datetime) -> None:
        while self._edits and self._edits[0].at <= now:
            self._edit(self._edits.pop(0))
        self._passage.play(now, self._type_in(now), self._note_what_was_told, lambda: self._people(now))

    def _moments(self) -> list[datetime]:
        """When people are about to do something."""
        return [*(planned[0].at for planned in (self._edits, self._answers) if planned), *(at for at, *_ in self._late)]

    def _type_in(self, now: datetime) -> bool:
        """Type in the rows whose `first_seen` has come, each at its own place. Their sync runs in that very minute."""
        due = [(line, row) for at, line, row in self._late if at <= now]
        self._late = [late for late in self._late if late[0] > now]
        waiting = [line for _, line, _ in self._late]
        for line, row in sorted(due):
            there = self._world.google.sheet_rows()
            if not any(cells[: len(row)] == row for cells in there):  # a list pasted meanwhile may have it
                place = line - sum(other < line for other in waiting)
                self._world.google.insert_row(min(place, len(there) + 1), row)
        return bool(due)

    def _note_what_was_told(self) -> None:
        """Row and document problems as staff were told them; mended ones stay in the report."""
        for key, detail in self._world.runtime.store.told("row#").items():
            fact = json.loads(detail)
            self._refused.setdefault(key, {name: fact[name] for name in ("line", "appt_id", "field", "problem")})
        for key, detail in self._world.runtime.store.told("doc#").items():
            fact = json.loads(detail)
            self._problems.setdefault(key, {name: fact[name] for name in ("document", "line", "problem")})

    def _edit(self, edit: PlannedEdit) -> None:
        self._passage.change()
        if edit.document == "sheet":
            assert isinstance(edit.content, list)
            self._world.google.paste(split_first_seen(edit.content)[0])
        else:
            self._world.google.set_doc(edit.document, str(edit.content))

    def _people(self, now: datetime) -> None:
        """Forward mails and answer."""
        while self._mails:
            self._passage.change()
            file, raw = self._mails.pop(0)
            self._world.bedrock.current_file = file
            self._world.drop_mail(file, raw)
            self._settle_answer()
        self._world.bedrock.current_file = ""
        self._answer_all(now)

    def _answer_all(self, now: datetime) -> None:
        while self._answers and self._answers[0].at <= now:
            self._answer(self._answers.pop(0), now)

    def _answer(self, answer: PlannedAnswer, now: datetime) -> None:
        self._passage.change()
        if answer.action.startswith("staff-"):
            pressed = {"staff-confirm": "confirmed_by_phone", "staff-cancel": "cancelled_by_staff"}[answer.action]
            outcome = self._customers.staff_press(answer.appt_id, pressed, self._settle_answer)
        else:
            outcome = self._customers.press(answer.appt_id, answer.action, answer.slot)
        self._settle_answer()
        at = now.astimezone(self._zone).isoformat(timespec="seconds")
        self._replies.append({"at": at, "appt_id": answer.appt_id, "action": answer.action, "outcome": outcome})

    def _settle_answer(self) -> None:
        """Have everything done that an answer brings about, but for the messages of this minute."""
        self._world.pump.run_until_quiet(TICK_AND_DISPATCH)

    def received(self) -> Received:
        """Everything that the stand-ins and the tables hold."""
        from chalicelib import names

        world = self._world
        header, *rows = world.google.sheet_rows() or [[]]
        width = range(len(header))
        return Received(
            timezone=self._run.shop.timezone,
            begin=self._run.begin,
            end=self._run.end,
            texts=[asdict(text) for text in world.sms.texts],
            mails=[
                {"at": m.at, "to": m.to, "subject": m.subject, "body": m.part("text/plain"), "message_id": m.message_id}
                for m in world.mail.mails
            ],
            slack=[asdict(message) for message in world.slack.messages],
            bus=[e["detail"] for e in world.pump.carried if (e.get("detail") or {}).get("move")],
            sends=list(world.items(names.SENDS)),
            audit=list(world.items(names.AUDIT)),
            replies=self._replies,
            refused=sorted(self._refused.values(), key=lambda fact: int(fact["line"])),
            problems=list(self._problems.values()),
            sheet=[{header[i]: (row[i] if i < len(row) else "") for i in width} for row in rows if any(row)],
            dropped=[file for file, _ in self._run.mails],
            model_inputs=[asdict(given) for given in world.bedrock.inputs],
            syncs=world.syncs,
            ticks=world.ticks,
        )


def main(options: argparse.Namespace) -> int:
    """Run headless. Returns the exit status: 2 for a file that can't be used."""
    try:
        run = read_play(options)
    except PlayFileError as problem:
        print(problem, file=sys.stderr)
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="demo-") as scratch, logs_in(Path(scratch) / "functions.log"):
        report, world = play(run)
    text = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)
    counts = report.counts
    print(
        f"{run.end - run.begin} played in {time.monotonic() - began:.0f} s: {counts['text']} texts, "
        f"{counts['email']} e-mails, {counts['slack']} Slack lines; {counts['duplicates']} duplicates, "
        f"{counts['lost']} lost; {counts['syncs']} syncs, {counts['ticks']} ticks.",
        file=sys.stderr,
    )
    failed = [run for run in world.functions.runs if run.failed]
    for run_ in failed[:10]:
        print(f"{run_.at} {run_.function} failed: {run_.result}", file=sys.stderr)
    return 0


def _lines_at_first(run: Play) -> dict[int, datetime]:
    """`first_seen` of the rows that are there from the beginning, by their row number then."""
    later = [line for line, at in run.first_seen.items() if at > run.begin]
    there = {line: at for line, at in run.first_seen.items() if at <= run.begin}
    return {line - sum(other < line for other in later): at for line, at in there.items()}


def _typed_in_later(run: Play) -> list[tuple[datetime, int, list[str]]]:
    """The rows that are first seen only after the first sync: when, and their row number in the end."""
    return [
        (at, line, run.shop.sheet[line - 1])
        for line, at in sorted(run.first_seen.items(), key=lambda x: x[1])
        if at > run.begin
    ]
