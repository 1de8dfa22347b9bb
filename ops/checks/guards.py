"""What watches over the system when nobody does: the alarms, the budget, and whom they tell."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code
from ops.checks.findings import Check, Finding, ok, unchecked, warning, wrong
from ops.checks.site import Site

BUDGET = f"{names.PREFIX}-monthly"


def _alarms(site: Site) -> Iterator[Finding]:
    pages = site.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{names.PREFIX}-")
    alarms = [alarm for page in pages for alarm in page.get("MetricAlarms", ())]
    if not alarms and site.local:
        yield unchecked("alarms", "a desk has none: there is no CloudWatch that counts")
    elif not alarms:
        yield wrong("alarms", "there are none: nobody hears when the tick is missing", site.deploy())
    for alarm in alarms:
        name = alarm["AlarmName"]
        about = (
            str(alarm.get("AlarmDescription", "")).partition("What to do:")[0].strip() or "it doesn't say what it means"
        )
        if alarm["StateValue"] == "ALARM":
            section = str(alarm.get("AlarmDescription", "")).partition("What to do:")[2].strip()
            yield wrong(
                f"alarm {name}",
                about,
                section or site.aws("cloudwatch", "describe-alarm-history", "--alarm-name", name),
            )
        elif not alarm.get("ActionsEnabled", True):
            enable = site.aws("cloudwatch", "enable-alarm-actions", "--alarm-names", name)
            yield wrong(f"alarm {name}", "tells nobody: its actions are switched off", enable)
    quiet = sum(alarm["StateValue"] != "ALARM" for alarm in alarms)
    if quiet:
        yield ok("alarms", f"{quiet} of {len(alarms)} are quiet")


def _budget(site: Site) -> Iterator[Finding]:
    where = f"budget {BUDGET}"
    found = site.client("budgets").describe_budgets(AccountId=site.account).get("Budgets", ())
    ours = next((one for one in found if one["BudgetName"] == BUDGET), None)
    if ours is None:
        yield wrong(where, "there is none: a loop's bill is seen at the end of the month", site.deploy())
        return
    limit = Decimal(str(ours.get("BudgetLimit", {}).get("Amount", "0")))
    spend = ours.get("CalculatedSpend", {})
    actual, foreseen = (
        Decimal(str(spend.get(kind, {}).get("Amount", "0"))) for kind in ("ActualSpend", "ForecastedSpend")
    )
    said = f"${limit:.0f} a month, of which ${actual:.2f} is spent"
    mend = "docs/operations.md, The bill"
    if actual > limit:
        yield wrong(where, f"{said}: more than all of it", mend)
    elif foreseen > limit:
        yield warning(where, f"{said}, and ${foreseen:.2f} is foreseen", mend)
    elif site.settings is not None and limit != site.settings.budget_usd:
        yield warning(where, f"{said}; the settings say ${site.settings.budget_usd}", site.deploy())
    else:
        yield ok(where, said)


def _owner(site: Site) -> Iterator[Finding]:
    """Whether the owner has confirmed the mails about the topics."""
    for topic in (names.ALARMS_TOPIC, names.COST_TOPIC):
        where = f"topic {topic}, e-mail"
        if site.local:
            yield unchecked(where, "a desk mails no owner")
            continue
        arn = f"arn:aws:sns:{site.region}:{site.account}:{topic}"
        try:
            pages = site.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
            mails = [one for page in pages for one in page.get("Subscriptions", ()) if one["Protocol"] == "email"]
        except ClientError as refused:
            if code(refused) not in ("NotFound", "NotFoundException"):
                raise
            yield wrong(where, "there is no such topic", site.deploy())
            continue
        if not mails:
            yield warning(where, "nobody gets its mails; Slack does", site.deploy())
        elif any(one["SubscriptionArn"] == "PendingConfirmation" for one in mails):
            yield warning(
                where,
                "the owner has not confirmed the subscription: alarms reach Slack only",
                f"owner_email's inbox: AWS Notification, Confirm subscription; it comes again with {site.deploy()}",
            )
        else:
            yield ok(where, "confirmed")


CHECKS: dict[str, Check] = {"alarms": _alarms, "budget": _budget, "owner": _owner}
