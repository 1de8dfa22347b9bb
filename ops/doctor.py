"""Examine a stage from end to end, and say in plain words what is wrong and how to mend it.

It only looks. A message goes out with --text, --mail or --slack alone, to the one contact that is given. Status 0: all
is well; 1: something is wrong; 2: nothing could be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from chalicelib.errors import ConfigError, ReminderError, UpstreamError
from ops.checks import google, parameters, running, secrets, slack, storage
from ops.checks.findings import Check, Finding, State, unchecked
from ops.checks.site import Site
from ops.printed import as_json_option, print_json, print_table
from ops.stage import open_runtime

SUBJECTS: dict[str, dict[str, Check]] = {
    "Parameters": parameters.CHECKS,
    "Secrets": secrets.CHECKS,
    "Google": google.CHECKS,
    "Slack": slack.CHECKS,
    "Storage": storage.CHECKS,
    "Running": running.CHECKS,
}
"""Subject -> its checks, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One finding, and which check of which subject it is from."""

    subject: str
    check: str
    finding: Finding


@click.command(short_help="what is wrong with a stage, and how to mend it", help=__doc__)
@as_json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> int:
    """Look at everything. Returns 0, 1 if something is wrong, 2 if nothing could be looked at."""
    site = Site(str(ctx.find_root().params.get("stage") or ""), open_runtime())
    found = list(examine(site, SUBJECTS))
    if as_json:
        print_json(_as_json(site, found))
    else:
        _print(found)
    return exit_status(found)


def examine(site: Site, subjects: dict[str, dict[str, Check]]) -> Iterator[Examined]:
    """Every finding of every check. A check that can't go on says so in a finding, and stops no other."""
    for subject, checks in subjects.items():
        for name, check in checks.items():
            for finding in _findings(site, name, check):
                yield Examined(subject, name, finding)


def _findings(site: Site, name: str, check: Check) -> Iterator[Finding]:
    try:
        yield from check(site)
    except Exception as failure:
        yield unchecked(name, why_not(failure))


def why_not(failure: Exception) -> str:
    """Why a check could not go on, without quoting what it was told: that may hold anything."""
    from botocore.exceptions import BotoCoreError, ClientError

    match failure:
        case ConfigError():
            return "the parameters or a secret can't be read: see Parameters and Secrets"
        case UpstreamError():
            return f"{failure.vendor} doesn't answer, or refuses: {failure.reason}"
        case ClientError():
            said = failure.response.get("Error", {}).get("Code", "unknown")
            call = failure.operation_name
            if "AccessDenied" in said or said == "UnauthorizedOperation":
                return f"these credentials may not call {call}"
            return f"AWS answered {call} with {said}"
        case BotoCoreError():
            return f"AWS was not reached ({type(failure).__name__})"
        case ReminderError():
            return str(failure)
        case _:
            return f"the check itself failed ({type(failure).__name__})"


def exit_status(found: Iterable[Examined]) -> int:
    """0 all well, 1 something wrong, 2 nothing could be looked at."""
    states = {one.finding.state for one in found}
    if State.WRONG in states:
        return 1
    return 0 if states & {State.OK, State.WARNING} else 2


def _counts(found: Iterable[Examined]) -> dict[str, int]:
    states = [one.finding.state for one in found]
    return {state.value: states.count(state) for state in State}


def _as_json(site: Site, found: list[Examined]) -> dict[str, object]:
    return {
        "stage": site.name,
        "at": site.now.isoformat(),
        "counts": _counts(found),
        "findings": [
            {
                "subject": one.subject,
                "check": one.check,
                "state": one.finding.state.value,
                "where": one.finding.where,
                "what": one.finding.what,
                "mend": one.finding.mend,
            }
            for one in found
        ],
    }


def _print(found: list[Examined]) -> None:
    """A table a subject; below it each way to mend, whole on a line of its own, to be copied."""
    for subject in dict.fromkeys(one.subject for one in found):
        findings = [one.finding for one in found if one.subject == subject]
        print_table(subject, ("", "where", "what"), [(one.state.value, one.where, one.what) for one in findings])
        for finding in findings:
            if finding.mend:
                click.echo(f"  mend {finding.where}:\n    {finding.mend}")
        click.echo()
    click.echo(", ".join(f"{count} {state}" for state, count in _counts(found).items()))
