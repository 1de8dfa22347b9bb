"""What AWS's own rules (cdk-nag's AwsSolutions) say against a resource, and why it stays as it is.

Accepted at the one resource, with its reason; anything else that the rules find stops a deployment.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import Construct

RULES = "AwsSolutions"


def accept(construct: Construct, reasons: Mapping[str, str]) -> None:
    """`reasons` by the rule's name without its pack: `S1`, or with the finding that is meant: `IAM5[Resource::*]`."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=f"{RULES}-{rule}", reason=reason) for rule, reason in reasons.items())
    )
