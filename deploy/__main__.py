"""`python -m deploy deploy|destroy --stage STAGE`: what `scripts/deploy` and `scripts/destroy` run.

Settings are read and the environment is set before anything that reads resources' names is imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from deploy.errors import DeployError
from deploy.target import Target
from ops.settings import NO_ACCOUNT, Settings, SettingsError, load_settings

_HELP = {"help_option_names": ["-h", "--help"]}
_STAGE = click.option(
    "--stage", required=True, metavar="STAGE", help="dev or prod: infra-extras/stages has its settings"
)
_PLAN = click.option("--plan", "only_plan", is_flag=True, help="show everything, change nothing; needs no account")
_YES = click.option("--yes", is_flag=True, help="don't ask before the first step")


@click.command(context_settings=_HELP)
@_STAGE
@_PLAN
@click.option("--build", is_flag=True, help="with --plan: build the package as well, and say how large it is")
@_YES
def deploy(stage: str, only_plan: bool, build: bool, yes: bool) -> None:
    """Make the stage, or change it to what the settings and the code say. It can be run again at any time."""
    settings = load_settings(stage)
    if only_plan:
        _enter(settings, os.environ.get("AR_ACCOUNT") or NO_ACCOUNT)
        from deploy.showing import plan

        plan(Target(settings, os.environ.get("AR_ACCOUNT") or NO_ACCOUNT), build=build)
        return
    _refuse_problems(settings)
    target = _signed_in(settings)
    from deploy.showing import deploy_for_real

    _ask(f"Deploy the stage {stage} to account {target.account}, {target.region}?", yes)
    deploy_for_real(target)


@click.command(context_settings=_HELP)
@_STAGE
@_PLAN
@_YES
@click.option("--and-data", is_flag=True, help="delete every table, bucket and secret, too")
@click.option("--really-data", default="", metavar="STAGE", help="the stage's name again, in place of typing it")
def destroy(stage: str, only_plan: bool, yes: bool, and_data: bool, really_data: str) -> None:
    """Take the stage down. Tables, buckets and secrets stay, and a later deployment goes on with them."""
    settings = load_settings(stage)
    if only_plan:
        _enter(settings, NO_ACCOUNT)
        from deploy.showing import plan_removal

        plan_removal(Target(settings, NO_ACCOUNT), and_data=and_data)
        return
    target = _signed_in(settings)
    from deploy.removal import refuse_unless_meant
    from deploy.showing import destroy_for_real

    where = f"{target.account}, {target.region}"
    if and_data and not really_data:
        really_data = click.prompt(
            f"All data of the stage {stage} in {where} goes for good. Type its name", default="", show_default=False
        )
    refuse_unless_meant(and_data, really_data, stage)
    _ask(f"Take the stage {stage} down in account {where}?", yes)
    destroy_for_real(target, and_data=and_data)


def _refuse_problems(settings: Settings) -> None:
    """Everything that can be known beforehand, at once."""
    from deploy import checks

    problems = [f"{tool.name}: {tool.problem}" for tool in checks.tools() if tool.problem]
    file = Target(settings, NO_ACCOUNT).settings_file
    problems += [f"{file}: {one}" for one in (*checks.contradictions(settings), *checks.example_values(settings))]
    if problems:
        raise DeployError("nothing was done; first mend:\n" + "\n".join(f"  {one}" for one in problems))


def _signed_in(settings: Settings) -> Target:
    import boto3

    from deploy.account import account_of

    os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] = settings.region
    account = account_of(lambda service: boto3.client(service, region_name=settings.region))
    _enter(settings, account)
    return Target(settings, account)


def _enter(settings: Settings, account: str) -> None:
    os.environ.update(settings.environment(account))


def _ask(question: str, yes: bool) -> None:
    if not yes and not click.confirm(question, default=False):
        raise DeployError("nothing was done")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 stopped on the way, 2 not begun."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = {"deploy": deploy, "destroy": destroy}.get(given[0] if given else "")
    if command is None:
        print("expected deploy or destroy, and its options", file=sys.stderr)
        return 2
    try:
        command.main(given[1:], prog_name=f"scripts/{command.name}", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except click.Abort:
        print("\nstopped; the same command goes on from there", file=sys.stderr)
        return 1
    except SettingsError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except DeployError as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
