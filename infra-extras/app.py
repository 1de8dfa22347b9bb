"""The four stacks around Chalice's functions: `AR_STAGE=prod python infra-extras/app.py` writes their templates.

`AR_ACCOUNT` says whose account it is (AWS's example account without one), `AR_CERTIFICATE_ARN` which certificate the
pages' domain has, where it isn't the settings file's, and `CDK_OUTDIR` where the templates go. Nothing is asked of AWS,
and the same settings give the same templates, byte for byte. It fails where AWS's own rules speak against a stack, so
that none is deployed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).parent
sys.path.extend([str(HERE), str(HERE.parent)])  # in a safe path neither is there

from ops.settings import NO_ACCOUNT, Settings, load_settings  # noqa: E402


def write_templates(settings: Settings, account: str) -> None:
    """Synthesize all stacks of a stage."""
    os.environ.update(settings.environment(account))  # before anything reads the resources' names

    from aws_cdk import App, DefaultStackSynthesizer, Environment, Validations
    from cdk_nag import AwsSolutionsChecks
    from data_stack import DataStack
    from guardrails_stack import GuardrailsStack
    from mail_stack import MailStack
    from scheduling_stack import SchedulingStack

    app = App(
        analytics_reporting=False,
        default_stack_synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    env = Environment(account=account, region=settings.region)
    for kind, stack in (
        ("data", DataStack),
        ("scheduling", SchedulingStack),
        ("guardrails", GuardrailsStack),
        ("mail", MailStack),
    ):
        stack(app, f"{settings.prefix}-{kind}", settings=settings, account=account, env=env)
    app.synth()


def main() -> None:
    """Write the templates of the stage that the environment names."""
    settings = load_settings(os.environ["AR_STAGE"])
    certificate = os.environ.get("AR_CERTIFICATE_ARN", settings.certificate_arn)
    write_templates(replace(settings, certificate_arn=certificate), os.environ.get("AR_ACCOUNT") or NO_ACCOUNT)


if __name__ == "__main__":
    main()
