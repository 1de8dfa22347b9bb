"""The certificate of the reply links' own domain: found, or asked for; its owner proves the domain by a DNS line."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.errors import DeployError

_POLL_SECONDS = 3
_POLLS = 20


@dataclass(frozen=True, slots=True)
class DnsLine:
    """One line for the domain's DNS."""

    name: str
    kind: str  # CNAME, MX, TXT
    value: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it stands."""

    arn: str
    status: str  # ISSUED, PENDING_VALIDATION, ...
    proof: DnsLine | None = None  # what proves the domain, until it is proven

    @property
    def issued(self) -> bool:
        """Whether it can be used."""
        return self.status == "ISSUED"


def certificate_for(
    acm: Any,
    domain: str,
    arn: str = "",
    tags: Mapping[str, str] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Certificate:
    """The domain's certificate: the one of that ARN, or one that is there, or a new one, which is then asked for.

    Asking twice within an hour gives the same one. Raises DeployError if the one of that ARN can't be used.
    """
    if arn:
        found = _described(acm, arn)
        if not found.issued:
            raise DeployError(
                f"the certificate of certificate_arn is {found.status}; expected ISSUED. Leave it blank to have one "
                "made"
            )
        return found
    arn = _existing(acm, domain) or _requested(acm, domain, tags or {})
    found = _described(acm, arn)
    for _ in range(_POLLS):  # the line to prove it by comes some seconds after it was asked for
        if found.issued or found.proof or found.status != "PENDING_VALIDATION":
            break
        sleep(_POLL_SECONDS)
        found = _described(acm, arn)
    return found


def _existing(acm: Any, domain: str) -> str:
    there = {"ISSUED": "", "PENDING_VALIDATION": ""}
    for page in acm.get_paginator("list_certificates").paginate(CertificateStatuses=list(there)):
        for one in page["CertificateSummaryList"]:
            if one["DomainName"] == domain:
                status = one.get("Status") or _described(acm, one["CertificateArn"]).status
                there[status] = there.get(status) or one["CertificateArn"]
    return there["ISSUED"] or there["PENDING_VALIDATION"]


def _requested(acm: Any, domain: str, tags: Mapping[str, str]) -> str:
    asked = acm.request_certificate(
        DomainName=domain,
        ValidationMethod="DNS",
        IdempotencyToken=hashlib.sha256(domain.encode()).hexdigest()[:32],
        Tags=[{"Key": key, "Value": value} for key, value in sorted(tags.items())],
    )
    return str(asked["CertificateArn"])


def _described(acm: Any, arn: str) -> Certificate:
    told = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    record = next(
        (one["ResourceRecord"] for one in told.get("DomainValidationOptions", []) if "ResourceRecord" in one), None
    )
    proof = None
    if record and told["Status"] == "PENDING_VALIDATION":
        proof = DnsLine(record["Name"], record["Type"], record["Value"], "proves the reply links' domain to AWS")
    return Certificate(arn, told["Status"], proof)
