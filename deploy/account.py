"""What the account itself allows, and who is there already: asked, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.errors import DeployError
from deploy.target import STACKS, Clients, Target


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an account is from sending to strangers. None: it could not be asked."""

    ses_production: bool | None = None
    sms_sandbox: bool | None = None
    sms_quota_usd: float | None = None  # the most that a month's texts may be set to cost

    def __str__(self) -> str:
        """In a few words, what is known."""
        known = []
        if self.ses_production is not None:
            known.append("mail to anybody" if self.ses_production else "mail in the sandbox")
        if self.sms_sandbox is not None:
            known.append("texts in the sandbox" if self.sms_sandbox else "texts to anybody")
        if self.sms_quota_usd is not None:
            known.append(f"at most ${self.sms_quota_usd:g} a month for texts")
        return ", ".join(known)


def account_of(clients: Clients) -> str:
    """The account of these credentials. Raises DeployError if AWS doesn't know them."""
    try:
        return str(clients("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as refused:
        raise DeployError(
            f"AWS doesn't know these credentials ({type(refused).__name__}). Set AWS_PROFILE, or sign in "
            "(aws sso login), then run this again"
        ) from refused


def refuse_another_stage(clients: Clients, target: Target) -> None:
    """Raise DeployError if this prefix is another stage's in this account, or this one's in another region.

    The first would share tables; the second would leave them behind.
    """
    role = f"{target.settings.prefix}-textract"  # roles have no region: what is in another one is found by this
    owners = {target.stack(kind): _stack_tags(clients("cloudformation"), target.stack(kind)) for kind in STACKS}
    owners[f"the role {role}"] = _role_tags(clients("iam"), role)
    for what, tags in owners.items():
        if tags.get("ar:stage", target.stage) != target.stage:
            raise DeployError(
                f"{what} in account {target.account} belongs to the stage {tags['ar:stage']!r}. Use another account, "
                f'or give this stage a prefix of its own (prefix = "ar2") in {target.settings_file}'
            )
        if tags.get("ar:region", target.region) != target.region:
            raise DeployError(
                f"{what} says that this stage is in {tags['ar:region']}, and {target.settings_file} says "
                f"{target.region}. Its data doesn't move by itself: put the region back, or take it down there first"
            )


def refuse_to_take_over_mail(clients: Clients, target: Target) -> None:
    """Raise DeployError if another receipt rule set takes the account's mail: only one can be active at a time."""
    if not target.settings.bookings_domain:
        return
    ours = f"{target.settings.prefix}-inbound-rules"
    active = clients("ses").describe_active_receipt_rule_set().get("Metadata", {}).get("Name", "")
    if active and active != ours:
        raise DeployError(
            f"the receipt rule set {active!r} is active in {target.region}; only one can be, and activating ours would "
            f"stop whatever that one does. Use another account or region, or leave bookings_domain blank in "
            f"{target.settings_file}"
        )


def unreserved_concurrency(clients: Clients, functions: list[str]) -> int:
    """How many runs at once the account has to give, what these functions hold already included."""
    client = clients("lambda")
    free = int(client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"])
    return free + sum(_reserved(client, function) for function in functions)


def standing(clients: Clients) -> Standing:
    """What SES and SNS say of the account. Never raises: what can't be asked is None."""
    ses = _asked(lambda: clients("sesv2").get_account())
    sandbox = _asked(lambda: clients("sns").get_sms_sandbox_account_status())
    quota = _asked(lambda: _spend_quota(clients("service-quotas")))
    return Standing(
        None if ses is None else bool(ses.get("ProductionAccessEnabled")),
        None if sandbox is None else bool(sandbox.get("IsInSandbox")),
        (quota or {}).get("Value"),
    )


def _stack_tags(cloudformation: Any, name: str) -> Mapping[str, str]:
    try:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as refused:
        if "does not exist" in refused.response["Error"].get("Message", ""):
            return {}
        raise
    return {} if stack["StackStatus"] == "DELETE_COMPLETE" else _tags(stack)


def _role_tags(iam: Any, name: str) -> Mapping[str, str]:
    try:
        return _tags(iam.get_role(RoleName=name)["Role"])
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "NoSuchEntity":
            return {}
        raise


def _tags(described: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}


def _reserved(client: Any, function: str) -> int:
    try:
        return int(client.get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions", 0))
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "ResourceNotFoundException":
            return 0
        raise


def _spend_quota(quotas: Any) -> dict[str, Any]:
    """SNS's quota of what a month's texts may cost, found by its name."""
    for page in quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sns"):
        for quota in page["Quotas"]:
            if "spend" in quota["QuotaName"].lower():
                return dict(quota)
    return {}


def _asked(ask: Any) -> dict[str, Any] | None:
    try:
        return dict(ask())
    except (BotoCoreError, ClientError):
        return None
