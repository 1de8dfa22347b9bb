"""Mail, out and in: the domain that it is sent from, and the rule that takes in forwarded bookings.

A stack of its own and the last one, because a change of rules changes where mail goes. What only the domain's owner
can do, its lines of DNS, are outputs: `name kind value`, as they are pasted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_ses as ses
from constructs import Construct
from settings_function import SettingsFunction

from chalicelib import names

if TYPE_CHECKING:
    from ops.settings import Settings

RULE_SET = f"{names.PREFIX}-inbound-rules"
RULE = "bookings"
HANDLER = Path(__file__).parent / "rule_set_handler.py"
_DKIM_LINES = 3


def rule_arn(settings: Settings, account: str) -> str:
    """The one rule that may put mail into the raw-mime bucket, whose policy names it."""
    return f"arn:aws:ses:{settings.region}:{account}:receipt-rule-set/{RULE_SET}:receipt-rule/{RULE}"


class MailStack(Stack):
    """`<prefix>-mail`. `account` is twelve digits; the region is the settings'."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, account: str, env: Environment) -> None:
        super().__init__(
            scope, id, env=env, description="The reminder's mail: the sending domain, and bookings by mail"
        )
        self._settings = settings
        self._account = account
        self._sender()
        if settings.bookings_domain:
            self._intake()

    def _sender(self) -> None:
        """The domain that mail is sent from. SPF is the bounce domain's own, so that it aligns with DMARC."""
        domain = self._settings.mail_domain
        bounces = f"bounces.{domain}"
        self._identity(
            "Sender",
            domain,
            "DnsDkim",
            mail_from_attributes={"mailFromDomain": bounces, "behaviorOnMxFailure": "USE_DEFAULT_VALUE"},
        )
        self._line("DnsBouncesMx", bounces, "MX", f"10 feedback-smtp.{self._settings.region}.amazonses.com")
        self._line("DnsBouncesSpf", bounces, "TXT", '"v=spf1 include:amazonses.com ~all"')
        self._line("DnsDmarc", f"_dmarc.{domain}", "TXT", '"v=DMARC1; p=none;"')

    def _intake(self) -> None:
        """Mail to the intake's address: looked at for spam and viruses, put into the bucket, and that is all."""
        domain = self._settings.bookings_domain
        if not domain.endswith(f".{self._settings.mail_domain}"):  # else it is proven along with that
            self._identity("Bookings", domain, "DnsBookingsDkim")
        self._line("DnsBookingsMx", domain, "MX", f"10 inbound-smtp.{self._settings.region}.amazonaws.com")
        rules = ses.CfnReceiptRuleSet(self, "Rules", rule_set_name=RULE_SET)
        rule = ses.CfnReceiptRule(
            self,
            "Rule",
            rule_set_name=RULE_SET,
            rule={
                "name": RULE,
                "enabled": True,
                "recipients": [self._settings.config.get("intake_address") or domain],
                "scanEnabled": True,
                "tlsPolicy": "Optional",  # a forwarder without TLS would lose bookings without a word
                "actions": [
                    {"s3Action": {"bucketName": names.RAW_MIME_BUCKET}},
                    {"stopAction": {"scope": "RuleSet"}},
                ],
            },
        )
        rule.add_resource_dependency(rules)
        activation = SettingsFunction(
            self,
            "Activation",
            name="mail-rules",
            does="Activates SES's rule set for bookings by mail",
            source=HANDLER,
            allowed=[
                {
                    "Effect": "Allow",
                    "Action": ["ses:DescribeActiveReceiptRuleSet", "ses:SetActiveReceiptRuleSet"],
                    "Resource": "*",  # neither has an ARN
                }
            ],
            settings=self._settings,
            account=self._account,
        )
        activation.resource("Active", RuleSet=RULE_SET).add_resource_dependency(rule)

    def _identity(self, id: str, domain: str, lines: str, **further: dict[str, str]) -> None:
        identity = ses.CfnEmailIdentity(
            self,
            id,
            email_identity=domain,
            dkim_attributes={"signingEnabled": True},
            dkim_signing_attributes={"nextSigningKeyLength": "RSA_2048_BIT"},
            **further,
        )
        for number in range(1, _DKIM_LINES + 1):
            token = f"DkimDNSToken{{}}{number}"
            name, value = (identity.get_att(token.format(part)).to_string() for part in ("Name", "Value"))
            self._line(f"{lines}{number}", name, "CNAME", value)

    def _line(self, id: str, name: str, kind: str, value: str) -> None:
        CfnOutput(self, id, value=f"{name} {kind} {value}", description="A line for the domain's DNS")
