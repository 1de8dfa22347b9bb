"""A function's checked-in policy made exact for one stage, before Chalice puts it on the function's role.

The files under `.chalice/` serve a plain `chalice deploy` in any account: region and account are `*`, a bucket may have
a suffix, the log groups are those of both stages. A deployment knows all of these, so its roles name them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from chalicelib.config import parse_config
from ops.settings import Settings

Statement = dict[str, Any]

_ANY = "*"
_OURS = re.compile(r"(^|[/:])ar(?=[-/])")
"""Where our prefix stands in the last part of an ARN: `table/ar-state`, `secret:ar/slack/bot-token-??????`."""
_GEOGRAPHY = re.compile(r"(global|apac|us-gov|[a-z]{2})\.")
"""How an inference profile's id begins; a vendor's name is longer than two letters."""


def narrowed(policy: dict[str, Any], function: str, settings: Settings, account: str) -> dict[str, Any]:
    """The policy with this stage's region, account, prefix, buckets, log group, sending identity and model.

    `function` is named as in app.py (`api_handler` for the routes). The model's statement is dropped where none is
    configured. What is refused stays refused everywhere. Pure; the policy that is given isn't changed. Raises
    ConfigError if the settings' `[config]` can't be used.
    """
    exact = (_narrowed(one, function, settings, account) for one in policy["Statement"])
    return {**policy, "Statement": [one for some in exact for one in some]}


def _narrowed(statement: Statement, function: str, settings: Settings, account: str) -> list[Statement]:
    if statement["Effect"] != "Allow":
        return [dict(statement)]
    if statement["Resource"] == [_ANY]:  # what no policy can name: in this region at least, as its spending limit is
        return [_under(statement, {"StringEquals": {"aws:RequestedRegion": settings.region}})]
    service = statement["Action"][0].partition(":")[0]
    if service == "bedrock":
        return _asking(statement, parse_config(settings.config).bedrock_model, settings.region, account)
    found: Iterable[str]
    if service == "logs":
        group = f"/aws/lambda/{settings.function(function)}"
        found = [f"arn:aws:logs:{settings.region}:{account}:log-group:{group}:*"]
    elif service == "ses":
        found = [f"arn:aws:ses:{settings.region}:{account}:identity/{name}" for name in _senders(settings)]
    else:
        found = [_exact(arn, settings, account) for arn in statement["Resource"]]
    return [{**statement, "Resource": list(dict.fromkeys(found))}]


def _under(statement: Statement, condition: dict[str, dict[str, str]]) -> Statement:
    """The statement with one condition more."""
    there = statement.get("Condition", {})
    return {**statement, "Condition": {**there, **{how: {**there.get(how, {}), **condition[how]} for how in condition}}}


def _exact(arn: str, settings: Settings, account: str) -> str:
    """An ARN with the stage's names in the places where the checked-in files have patterns."""
    *head, service, region, owner, resource = arn.split(":", 5)
    resource = _OURS.sub(rf"\g<1>{settings.prefix}", resource, count=1)
    if service == "s3":
        bucket, slash, key = resource.partition("/")
        suffix = settings.environment(account)["AR_BUCKET_SUFFIX"]
        resource = bucket.removesuffix(_ANY) + suffix + slash + key
    region = settings.region if region == _ANY else region
    owner = account if owner == _ANY else owner
    return ":".join([*head, service, region, owner, resource])


def _senders(settings: Settings) -> list[str]:
    """The identities that mail may be sent from: the stage's domain, and the sender's own where that is another.

    A subdomain needs no identity of its own in SES: its parent's counts.
    """
    address = settings.config.get("email_from", "").strip()
    domain = address.rpartition("@")[2].lower()
    if not domain or f".{domain}".endswith(f".{settings.mail_domain}"):
        return [settings.mail_domain]
    return [settings.mail_domain, domain, address]


def _asking(statement: Statement, model: str, region: str, account: str) -> list[Statement]:
    """The statement for this model: an inference profile is checked, and then the models that it leads to.

    A global profile's model is checked here and without a region, a geography's in any of its regions. Which models an
    application's own profile leads to isn't said by its name: any, but through that profile only.
    """
    if not model:
        return []
    arn = model.startswith("arn:")
    kind, _, name = model.rpartition("/") if arn else ("", "", model)
    if arn and kind.endswith(":application-inference-profile"):
        through = {"StringEquals": {"bedrock:InferenceProfileArn": model}}
        leads_on = {**statement, "Sid": f"{statement['Sid']}ThroughItsProfile", "Resource": [_model_arn(_ANY, _ANY)]}
        return [{**statement, "Resource": [model]}, _under(leads_on, through)]
    geography = _GEOGRAPHY.match(name)
    if arn and not geography:
        return [{**statement, "Resource": [model]}]
    if not geography:
        return [{**statement, "Resource": [_model_arn(region, name)]}]
    profile = model if arn else f"arn:aws:bedrock:{region}:{account}:inference-profile/{name}"
    places = (region, "") if geography[1] == "global" else (_ANY,)
    leads_to = [_model_arn(place, name[geography.end() :]) for place in places]
    return [{**statement, "Resource": [profile, *leads_to]}]


def _model_arn(region: str, name: str) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{name}"
