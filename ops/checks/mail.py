"""E-mail: may SES send from the shop's domain, to anybody, signed; and do forwarded bookings come in?"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code
from ops.checks.findings import Check, Finding, ok, unchecked, warning, wrong
from ops.checks.site import Site

RULE_SET = f"{names.PREFIX}-inbound-rules"
_RESOLVER = "https://dns.google/resolve"
_DKIM = {"PENDING": "isn't proven in DNS yet", "FAILED": "was not found in DNS", "NOT_STARTED": "was never asked for"}


def _account(site: Site) -> Iterator[Finding]:
    said = site.client("sesv2").get_account()
    if not said.get("ProductionAccessEnabled"):
        yield wrong(
            "SES",
            "is in its sandbox: mail goes to verified addresses only, and no customer has one",
            site.aws(
                "sesv2", "put-account-details", "--production-access-enabled", "--mail-type", "TRANSACTIONAL",
                "--website-url", f"https://{_domain(site)}", "--contact-language", "EN", "--use-case-description",
                "Appointment reminders to our own customers, each with a way to opt out.",
            ),
        )  # fmt: skip
    else:
        quota = said.get("SendQuota", {})
        yield ok("SES", f"sends to anybody, up to {quota.get('Max24HourSend', 0):.0f} mails a day")
    if not said.get("SendingEnabled", True):
        yield wrong(
            "SES",
            "sending is switched off for the account",
            site.aws("sesv2", "put-account-sending-attributes", "--sending-enabled"),
        )
    health = said.get("EnforcementStatus", "HEALTHY")
    if health != "HEALTHY":
        mend = "read AWS's mail about it; the SES console, Reputation metrics, shows bounces and complaints"
        yield (wrong if health == "SHUTDOWN" else warning)("SES", f"AWS has put the account under {health}", mend)


def _identity(site: Site) -> Iterator[Finding]:
    domain, address = _domain(site), site.rt.config.email_from
    found = None
    for candidate in _and_above(domain):
        found = _said_of(site, candidate)
        if found is not None:
            domain = candidate
            break
    where = f"SES identity {domain}"
    if found is None:
        alone = _said_of(site, address)
        if alone is not None and alone.get("VerifiedForSendingStatus"):
            yield warning(
                where,
                "only the address of email_from is verified, not its domain: mail is unsigned and lands among spam",
                site.aws("sesv2", "create-email-identity", "--email-identity", domain),
            )
        else:
            yield wrong(
                where,
                "isn't known to SES: no mail can be sent from email_from",
                f"{site.aws('sesv2', 'create-email-identity', '--email-identity', domain)}, or mend email_from",
            )
        return
    dkim = found.get("DkimAttributes", {})
    lines = "; ".join(f"{one}._domainkey.{domain} CNAME {one}.dkim.amazonses.com" for one in dkim.get("Tokens", ()))
    in_dns = f"put into the DNS of {domain}: {lines}" if lines else site.deploy()
    if not found.get("VerifiedForSendingStatus"):
        yield wrong(where, "isn't verified: no mail can be sent from it", in_dns)
    if dkim.get("Status") != "SUCCESS":
        why = _DKIM.get(str(dkim.get("Status")), f"is {dkim.get('Status')}")
        yield wrong(where, f"its DKIM signature {why}: mail lands among spam", in_dns)
    elif not dkim.get("SigningEnabled", True):
        yield wrong(
            where,
            "DKIM is switched off: mail lands among spam",
            site.aws("sesv2", "put-email-identity-dkim-attributes", "--email-identity", domain, "--signing-enabled"),
        )
    elif found.get("VerifiedForSendingStatus"):
        yield ok(where, "verified, and signs with DKIM")
    mail_from = found.get("MailFromAttributes", {})
    if mail_from.get("MailFromDomain") and mail_from.get("MailFromDomainStatus") != "SUCCESS":
        sub = mail_from["MailFromDomain"]
        yield warning(
            where,
            f"its MAIL FROM domain {sub} isn't proven in DNS: SPF is Amazon's, not yours",
            f"put into DNS: {sub} MX 10 feedback-smtp.{site.region}.amazonses.com; "
            f'{sub} TXT "v=spf1 include:amazonses.com ~all"',
        )


def _domain(site: Site) -> str:
    return site.rt.config.email_from.partition("@")[2]


def _and_above(domain: str) -> Iterator[str]:
    """The domain and those that it is part of: a verified one may send for all below it."""
    parts = domain.split(".")
    for first in range(max(len(parts) - 1, 1)):
        yield ".".join(parts[first:])


def _said_of(site: Site, identity: str) -> Any:
    """What SES says of an identity; None if it knows none."""
    try:
        return site.client("sesv2").get_email_identity(EmailIdentity=identity)
    except ClientError as refused:
        if code(refused) != "NotFoundException":
            raise
        return None


def _inbound(site: Site) -> Iterator[Finding]:
    intake = site.rt.config.intake_address
    if not intake:
        yield ok("bookings by mail", "no intake_address is set: none are taken in")
        return
    active = site.client("ses").describe_active_receipt_rule_set()
    name = active.get("Metadata", {}).get("Name", "")
    where = f"receipt rule set {RULE_SET}"
    activate = site.aws("ses", "set-active-receipt-rule-set", "--rule-set-name", RULE_SET)
    if name != RULE_SET:
        what = f"isn't the active one ({name} is)" if name else "isn't active"
        yield wrong(where, f"{what}: no forwarded booking comes in", activate)
        return
    domain = intake.partition("@")[2]
    ours = [
        rule
        for rule in active.get("Rules", ())
        if not rule.get("Recipients") or {intake, domain} & {one.lower() for one in rule["Recipients"]}
    ]
    storing = [rule for rule in ours if names.RAW_MIME_BUCKET in _buckets(rule)]
    if not storing:
        yield wrong(where, f"no rule puts mail to intake_address into {names.RAW_MIME_BUCKET}", site.deploy())
    elif not any(rule.get("Enabled") for rule in storing):
        yield wrong(
            where, f"its rule {storing[0]['Name']} is switched off: no forwarded booking comes in", site.deploy()
        )
    else:
        yield ok(where, f"active; mail to intake_address goes into {names.RAW_MIME_BUCKET}")


def _buckets(rule: Any) -> set[str]:
    return {action["S3Action"].get("BucketName", "") for action in rule.get("Actions", ()) if "S3Action" in action}


def _mx(site: Site) -> Iterator[Finding]:
    intake = site.rt.config.intake_address
    if not intake:
        return
    domain = intake.partition("@")[2]
    where = f"MX of {domain}"
    if site.local:
        yield unchecked(where, "a desk's mail is dropped in by hand; no DNS is asked")
        return
    expected = f"inbound-smtp.{site.region}.amazonaws.com"
    found = mx_of(domain)
    line = f"put into DNS: {domain} MX 10 {expected}"
    if expected in found:
        others = sorted(found - {expected})
        if others:
            yield warning(where, f"{', '.join(others)} take mail too: some bookings may not come in", line + ", alone")
        else:
            yield ok(where, f"is {expected}")
    else:
        is_ = ", ".join(sorted(found)) or "missing"
        yield wrong(where, f"is {is_}: forwarded bookings go elsewhere", line)


def mx_of(domain: str) -> set[str]:
    """Who takes a domain's mail, asked at a public resolver over HTTPS. Raises OSError, or ValueError for no answer."""
    asked = f"{_RESOLVER}?{urlencode({'name': domain, 'type': 'MX'})}"
    with urllib.request.urlopen(asked, timeout=10) as answer:
        said = json.load(answer)
    if said.get("Status") not in (0, 3):  # there, or no such name
        raise ValueError("the resolver has no answer")
    return {str(one["data"]).split()[-1].rstrip(".").lower() for one in said.get("Answer", ()) if one.get("type") == 15}


CHECKS: dict[str, Check] = {"account": _account, "identity": _identity, "bookings by mail": _inbound, "MX": _mx}
