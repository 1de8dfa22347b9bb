"""The parameters: can they be read as a whole, and do they make sense together?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from chalicelib import names
from chalicelib.config import parse_config, unknown_parameters
from chalicelib.domain.rule_book import OpeningHours, QuietHours
from chalicelib.errors import ConfigError
from chalicelib.ports import SendingSwitch
from ops.checks.findings import Check, Finding, ok, unchecked, warning, wrong
from ops.checks.site import Site

READ = "parameters"
"""The check that reads them all."""
_FAR_AHEAD = 14 * 24 * 60
_MANY = 4


def _parsed(site: Site) -> Iterator[Finding]:
    values = site.rt.parameters.all()
    try:
        parse_config(values)
    except ConfigError as bad:
        for problem in bad.problems:
            name = problem.partition(":")[0]
            yield wrong(
                names.CONFIG_PATH + name,
                f"{problem}. Nothing runs before it is right",
                site.set_parameter(name, "VALUE"),
            )
    else:
        yield ok(names.CONFIG_PATH, f"{len(values)} parameters, all of which can be read")
    for problem in unknown_parameters(values):
        path = names.CONFIG_PATH + problem.partition(":")[0]
        yield warning(path, f"{problem}. Nobody reads it", site.aws("ssm", "delete-parameter", "--name", path))


def _as_deployed(site: Site) -> Iterator[Finding]:
    if site.settings is None:
        yield unchecked("settings file", "a desk has none" if site.local else "no stage was named: say --stage")
        return
    values, said = site.rt.parameters.all(), site.settings.config
    others = sorted(name for name, value in said.items() if values.get(name, "").strip() != value.strip())
    file = f"infra-extras/stages/{site.name}.toml"
    for name in others:
        yield warning(
            names.CONFIG_PATH + name,
            f"isn't what {file} says: a deployment may change it back",
            f"write the value that is right into {file}, [config], then {site.deploy()}",
        )
    if not others:
        yield ok("settings file", f"the parameters are what {file} says")


def _sending(site: Site) -> Iterator[Finding]:
    said = site.rt.parameters.all().get("sending", "").strip().lower()
    on = site.set_parameter("sending", "on")
    if said and said not in {switch.value for switch in SendingSwitch}:
        expected = ", ".join(switch.value for switch in SendingSwitch)
        yield wrong(names.SENDING_PARAMETER, f"{said!r} counts as off: nothing is sent. Expected {expected}", on)
    elif said == SendingSwitch.OFF:
        yield warning(names.SENDING_PARAMETER, "sending is off: nothing reaches anybody", on)
    elif said == SendingSwitch.STAFF_ONLY:
        yield warning(names.SENDING_PARAMETER, "sending is staff-only: no customer is reminded", on)
    else:
        yield ok(names.SENDING_PARAMETER, "sending is on")


def _zone_and_country(site: Site) -> Iterator[Finding]:
    config = site.rt.config
    zones = zones_of(config.country)
    where = names.CONFIG_PATH + "timezone"
    if not zones:
        yield unchecked(where, f"no zones are known for {config.country}")
    elif config.zone.key in zones or any(_same_clock(config.zone, ZoneInfo(zone), site.now) for zone in zones):
        yield ok(where, f"{config.zone.key} is a zone of {config.country}")
    else:
        some = ", ".join(sorted(zones)[:3])
        yield warning(
            where,
            f"{config.zone.key} isn't a zone of {config.country}, whose clocks are those of {some}: reminders would "
            "go at the wrong hours",
            site.set_parameter("timezone", sorted(zones)[0]) + " (or mend country)",
        )


def zones_of(country: str) -> frozenset[str]:
    """The zones of a country, by the pinned tzdata. Empty for one that has none."""
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return frozenset(row[2] for row in rows if row[0] == country)


def _same_clock(one: ZoneInfo, other: ZoneInfo, now: datetime) -> bool:
    """Whether the two show the same time all year."""
    days = (now.astimezone(UTC) + timedelta(days=15 * n) for n in range(25))
    return all(day.astimezone(one).utcoffset() == day.astimezone(other).utcoffset() for day in days)


def _quiet_hours(site: Site) -> Iterator[Finding]:
    rules = site.shop.rules
    where = "quiet hours"
    if rules.quiet is None:
        yield ok(where, "none: messages may leave at any hour")
        return
    opened, allowed = open_minutes(rules.opening, rules.quiet)
    shown = f"{rules.quiet.begin:%H:%M} to {rules.quiet.end:%H:%M}"
    mend = "mend the rules doc's line, like Quiet hours: 9pm to 8am, or: " + site.set_parameter(
        "quiet_hours", "9pm to 8am"
    )
    if opened and not allowed:
        yield wrong(where, f"{shown} covers all opening hours: no customer hears anything while you are open", mend)
    elif allowed * 2 < opened:
        yield warning(where, f"{shown} covers more than half of the opening hours", mend)
    else:
        yield ok(where, f"{shown}, {allowed * 100 // max(opened, 1)} % of the opening hours are free of it")


def open_minutes(opening: OpeningHours, quiet: QuietHours) -> tuple[int, int]:
    """Minutes of a week in which the shop is open, and those of them that aren't quiet."""
    opened = [
        minute
        for spans in opening.days.values()
        for begin, end in spans
        for minute in range(_minute(begin), _minute(end))
    ]
    return len(opened), sum(not _is_quiet(minute, quiet) for minute in opened)


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _is_quiet(minute: int, quiet: QuietHours) -> bool:
    begin, end = _minute(quiet.begin), _minute(quiet.end)
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def _windows(site: Site) -> Iterator[Finding]:
    config, rules = site.rt.config, site.shop.rules
    where, windows = names.CONFIG_PATH + "default_windows", config.windows
    shown = ", ".join(f"{window / 60:g}" for window in windows) or "none"
    mend = site.set_parameter("default_windows", "24, 2")
    if not windows:
        yield warning(where, "are none: a service without a line in the rules doc gets no reminder", mend)
    elif max(windows) > _FAR_AHEAD:
        yield warning(where, f"{shown} hours: the first is more than two weeks ahead. Were days meant?", mend)
    elif len(windows) > _MANY:
        yield warning(where, f"{shown} hours: {len(windows)} texts for each visit", mend)
    else:
        yield ok(where, f"{shown} hours before")
    widest = max(rules.all_windows(), default=0)
    if widest and rules.gap_minutes >= widest:
        yield warning(
            names.CONFIG_PATH + "gap_alert",
            f"staff are alerted {rules.gap_minutes / 60:g} hours before, when no customer has been asked yet: the "
            f"first reminder goes {widest / 60:g} hours before",
            "mend the rules doc's line, like Gap alert: 3 hours before, or: " + site.set_parameter("gap_alert", "3"),
        )


CHECKS: dict[str, Check] = {
    READ: _parsed,
    "settings file": _as_deployed,
    "sending switch": _sending,
    "zone and country": _zone_and_country,
    "quiet hours": _quiet_hours,
    "windows": _windows,
}
