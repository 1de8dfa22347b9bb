"""Examine a stage from end to end, and say in plain words what is wrong and how to mend it.

It only looks. A message goes out with --text, --mail or --slack alone, to the one contact that is given. Status 0: all
is well; 1: something is wrong; 2: nothing could be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from chalicelib.errors import ConfigError, ReminderError, UpstreamError
from ops.checks import events, google, guards, mail, pages, parameters, running, secrets, storage, texts
from ops.checks import slack as slack_checks
from ops.checks.findings import Check, Finding, State, unchecked
from ops.checks.site import Site
from ops.checks.trial import ADDRESS, PHONE, trials
from ops.printed import as_json_option, print_json, print_table
from ops.stage import open_runtime

SUBJECTS: dict[str, dict[str, Check]] = {
    "Parameters": parameters.CHECKS,
    "Secrets": secrets.CHECKS,
    "Google": google.CHECKS,
    "Slack": slack_checks.CHECKS,
    "Texts": texts.CHECKS,
    "Mail": mail.CHECKS,
    "Reply pages": pages.CHECKS,
    "Storage": storage.CHECKS,
    "Events": events.CHECKS,
    "Running": running.CHECKS,
    "Guards": guards.CHECKS,
}
"""Subject -> its checks, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One finding, and which check of which subject it is from."""

    subject: str
    check: str
    finding: Finding


@click.command(short_help="what is wrong with a stage, and how to mend it", help=__doc__)
@click.option("--text", "text_to", default="", metavar="NUMBER", help="send one text there, like +6591234567")
@click.option("--mail", "mail_to", default="", metavar="ADDRESS", help="send one mail there")
@click.option("--slack", is_flag=True, help="post one line to staff")
@click.option(
    "--only",
    type=click.Choice(list(SUBJECTS), case_sensitive=False),
    multiple=True,
    help="only this subject; may be said again",
)
@as_json_option
@click.pass_context
def doctor(ctx: click.Context, text_to: str, mail_to: str, slack: bool, only: tuple[str, ...], as_json: bool) -> int:
    """Look at everything. Returns 0, 1 if something is wrong, 2 if nothing could be looked at."""
    if text_to and not PHONE.fullmatch(text_to):
        raise click.BadParameter("expected a number with its country, like +6591234567", param_hint="--text")
    if mail_to and not ADDRESS.fullmatch(mail_to):
        raise click.BadParameter("expected an e-mail address", param_hint="--mail")
    site = Site(str(ctx.find_root().params.get("stage") or ""), open_runtime())
    asked = {subject: checks for subject, checks in SUBJECTS.items() if not only or subject in only}
    found = list(examine(site, {**asked, "Sent on request": trials(text_to, mail_to, slack)}))
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
    """0 all well, 1 something wrong, 2 nothing could be looked at, or not even the parameters, on which all rests."""
    findings = list(found)
    states = {one.finding.state for one in findings}
    if State.WRONG in states:
        return 1
    unread = any(one.check == parameters.READ and one.finding.state is State.UNCHECKED for one in findings)
    return 2 if unread or not states & {State.OK, State.WARNING} else 0


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
