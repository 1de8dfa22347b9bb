"""What a headless run is to play, as its flags say; each that can't be used is named with what was expected."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from local.first_seen import split_first_seen
from local.play_files import (
    PlannedAnswer,
    PlannedEdit,
    PlayFileError,
    check_rules_file,
    check_voice_file,
    read_answers,
    read_edits,
    read_local,
    read_mails,
    read_model_answers,
    read_sheet_file,
)
from local.world import ShopSetup

SAMPLE = Path(__file__).parent / "sample"
SAMPLE_FROM = "2026-12-14T08:00"
SAMPLE_HOURS = 21 * 24


@dataclass(frozen=True)
class Play:
    """What is played: a shop, from when to when, and what people do meanwhile."""

    shop: ShopSetup
    begin: datetime
    end: datetime
    first_seen: dict[int, datetime]  # row number -> when it was first seen, if the CSV says
    answers: Sequence[PlannedAnswer]
    edits: Sequence[PlannedEdit]
    mails: Sequence[tuple[str, bytes]] = ()  # file name and raw mail: they come in at the beginning
    model_answers: Mapping[str, object] = field(default_factory=dict)  # file name -> answer in the model's place


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the headless run's flags."""
    parser.add_argument("--sheet", type=Path, help="the appointment sheet, as CSV")
    parser.add_argument("--rules", type=Path, help="the rules doc, as text")
    parser.add_argument("--voice", type=Path, help="the voice doc, as text")
    parser.add_argument("--timezone", default="Asia/Singapore", help="the shop's zone (Asia/Singapore)")
    parser.add_argument("--country", default="SG", help="for holidays and phone numbers: SG, or GB-ENG")
    parser.add_argument("--from", dest="begin", help="shop-local minute of the first sync (2026-11-24T08:00)")
    parser.add_argument("--hours", type=float, help="how many hours are played (96)")
    parser.add_argument("--answers", type=Path, help="what customers and staff press")
    parser.add_argument("--edits", type=Path, help="what staff change")
    parser.add_argument("--mails", type=Path, help="a folder whose .eml files come in at the beginning, in name order")
    parser.add_argument("--model-answers", type=Path, help="what the model says: JSON, file name -> answer")
    parser.add_argument("--json", type=Path, help="where the report goes (default: standard output)")


def read_play(options: argparse.Namespace) -> Play:
    """The run that the flags ask for. Raises PlayFileError, with file, line and what was expected."""
    zone = _zone(options.timezone)
    _check_country(options.country)
    sample = options.sheet is None
    sheet_file = options.sheet or SAMPLE / "appointments.csv"
    sheet, first_seen = split_first_seen(read_sheet_file(sheet_file), str(sheet_file))
    rules_file = options.rules or (SAMPLE / "rules.txt" if sample else None)
    voice_file = options.voice or (SAMPLE / "voice.txt" if sample else None)
    answers_file = options.answers or (SAMPLE / "answers.txt" if sample else None)
    services = _services(sheet)
    begin = _begin(options.begin or (SAMPLE_FROM if sample else None), zone)
    hours = options.hours if options.hours is not None else (SAMPLE_HOURS if sample else 96)
    edits = read_edits(options.edits, zone) if options.edits else []
    if options.json and not options.json.absolute().parent.is_dir():
        raise PlayFileError(f"--json {options.json}: there is no such folder to write into")
    if not 0 < hours <= 24 * 366:
        raise PlayFileError(f"--hours {hours}: expected a number of hours from 1 to {24 * 366}")
    if options.model_answers and not options.mails:
        raise PlayFileError(
            f"--model-answers {options.model_answers}: expected --mails with the mails that it is about"
        )
    return Play(
        shop=ShopSetup(
            sheet=sheet,
            rules=check_rules_file(rules_file, services) if rules_file else "",
            voice=check_voice_file(voice_file, "en") if voice_file else "",
            timezone=options.timezone,
            country=options.country.upper(),
        ),
        begin=begin,
        end=begin + timedelta(hours=hours),
        first_seen=first_seen,
        answers=read_answers(answers_file, zone, _ids([sheet, *_pasted(edits)])) if answers_file else [],
        edits=edits,
        mails=read_mails(options.mails) if options.mails else [],
        model_answers=read_model_answers(options.model_answers) if options.model_answers else {},
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise PlayFileError(f"--timezone {name}: is no time zone; expected one like Asia/Singapore") from None


def _check_country(country: str) -> None:
    from chalicelib.config import parse_config
    from chalicelib.errors import ConfigError

    setup = ShopSetup([], "", "", country=country)
    try:
        parse_config(setup.config())
    except ConfigError as problem:
        raise PlayFileError("\n".join(f"--{line}" for line in problem.problems)) from None


def _begin(text: str | None, zone: ZoneInfo) -> datetime:
    if not text:
        raise PlayFileError("--from is missing: expected a shop-local minute like 2026-11-24T08:00")
    try:
        return read_local(text, zone).astimezone(UTC)
    except ValueError as problem:
        raise PlayFileError(f"--from: {problem}") from None


def _pasted(edits: Sequence[PlannedEdit]) -> list[list[list[str]]]:
    return [edit.content for edit in edits if isinstance(edit.content, list)]


def _ids(sheets: Sequence[list[list[str]]]) -> set[str]:
    """Every word of these sheets that an answer may name."""
    return {cell.strip() for cells in sheets for row in cells for cell in row}


def _services(cells: list[list[str]]) -> set[str]:
    from chalicelib.domain.sheet import read_table

    table = read_table(cells)
    return {table.get(row, "service") for row in table.rows} - {""}
