"""The steps of a deployment, in their order, and what is known after the last."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from deploy import account, reply_key
from deploy.by_hand import Facts
from deploy.certificate import Certificate, DnsLine, certificate_for
from deploy.chalice_run import ChaliceRecord, api_of, deploy_functions
from deploy.cloudformation import Deployed, Stacks
from deploy.package import Package
from deploy.steps import Say, Step
from deploy.target import ROOT, UNKNOWN_URL, Clients, Target
from ops.settings import Settings

T = TypeVar("T")

SECRETS = ("drive/sa", "slack/bot-token", "slack/signing-secret")
"""What people store; the fourth, the reply key, is made."""


class Tools(Protocol):
    """What the steps are done with, beside AWS's clients."""

    def build(self, root: Path, destination: Path) -> Package:
        """The build directory of what ships."""

    def write_config(
        self, root: Path, destination: Path, settings: Settings, account: str, reserved: Mapping[str, int]
    ) -> None:
        """The `.chalice/` in it."""

    def reserved(self, unreserved: int) -> Mapping[str, int]:
        """How many of which function may run at once."""

    def functions(self, root: Path, settings: Settings, account: str) -> Mapping[str, Mapping[str, Any]]:
        """Every function, as app.py names it, with its memory and timeout."""

    def synthesize(self, settings: Settings, account: str, destination: Path) -> Mapping[str, Path]:
        """Each stack's template."""

    def run(self, command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> int:
        """A command, and its exit status."""


@dataclass
class Deployment:
    """One run. What a step finds out, the later ones go by."""

    target: Target
    clients: Clients
    tools: Tools
    say: Say
    work: Path
    stacks: Stacks
    root: Path = ROOT
    reserved: Mapping[str, int] = field(default_factory=dict)
    templates: Mapping[str, Path] = field(default_factory=dict)
    certificate: Certificate | None = None
    deployed: dict[str, Deployed] = field(default_factory=dict)
    api: tuple[str, str] = ("", "")  # the REST API's id and address

    def steps(self) -> list[Step]:
        """Everything, in order."""
        target, stage = self.target, self.target.stage
        domain = target.settings.link_domain
        found = [
            Step("account", f"see that no other stage has the prefix {target.settings.prefix!r} in {target.account}, "
                 "and what the account allows", self._account),
            Step("package", "lay out what ships, with its pinned wheels for Lambda", self._package),
            Step("certificate", f"find or ask for the certificate of {domain}", self._certificate) if domain else None,
            Step("templates", "write the four stacks' templates with CDK", self._templates),
            Step("data", f"make or change the stack {target.stack('data')}: tables, buckets, secrets, parameters, "
                 "logs. Nothing that holds data is dropped", lambda: self._stack("data")),
            Step("reply key", f"make the key that signs reply links, if {target.secret('reply/hmac')} has none",
                 self._reply_key),
            Step("functions", f"run chalice deploy --stage {stage}: functions, roles, routes, rules", self._functions),
            Step("scheduling", f"make or change the stack {target.stack('scheduling')}: the one-offs' group and role, "
                 "retries, the public address", lambda: self._stack("scheduling")),
            Step("guardrails", f"make or change the stack {target.stack('guardrails')}: budget, texts' limits, alarms",
                 lambda: self._stack("guardrails")),
            Step("mail", f"make or change the stack {target.stack('mail')}: the sending domain"
                 + (", the intake of bookings" if target.settings.bookings_domain else ""),
                 lambda: self._stack("mail")),
        ]  # fmt: skip
        return [step for step in found if step]

    def facts(self) -> Facts:
        """What the list of what people do is made from. What can't be asked is left open."""
        target, outputs = self.target, self._outputs()
        return Facts(
            target,
            dns=dns_lines(target, outputs),
            certificate=self.certificate,
            base_url=self.base_url(),
            slack_url=f"{self.api[1]}slack/interactive",
            standing=account.standing(self.clients),
            stored=self._stored(),
            unconfirmed=_asked(self._unconfirmed),
            verified=_asked(self._verified),
            sending=_asked(self._sending) or "",
        )

    def base_url(self) -> str:
        """Where reply pages answer as deployed: the shop's own domain once it has its certificate, else API Gateway's,
        or the Function URL if that is what the settings say."""
        said = self.target.settings.config.get("base_url", "")
        if self.target.settings.link_domain:
            return f"https://{self.target.settings.link_domain}/r/"
        answering = [
            f"{address.rstrip('/')}/r/" for address in (self.api[1], self._outputs().get("FunctionUrl", "")) if address
        ]
        return said if said in answering else answering[0] if answering else UNKNOWN_URL

    # ------------------------------------------------------------ the steps

    def _account(self) -> str:
        account.refuse_another_stage(self.clients, self.target)
        account.refuse_to_take_over_mail(self.clients, self.target)
        names = self.tools.functions(self.root, self.target.settings, self.target.account)
        deployed = [self.target.settings.function(name) for name in names]
        room = account.unreserved_concurrency(self.clients, deployed)
        self.reserved = self.tools.reserved(room)
        known = str(account.standing(self.clients))
        free = f"free{f'; {known}' if known else ''}; "
        if self.reserved:
            return free + ", ".join(f"{name} may run {count} at a time" for name, count in self.reserved.items())
        return (
            f"{free}it runs {room} functions at a time, so none are reserved (ask for 1000 at Service Quotas, Lambda, "
            "Concurrent executions, and deploy again)"
        )

    def _package(self) -> str:
        directory = self._fresh("build")
        package = self.tools.build(self.root, directory)
        self.tools.write_config(self.root, directory, self.target.settings, self.target.account, self.reserved)
        return str(package)

    def _templates(self) -> str:
        arn = self.certificate.arn if self.certificate and self.certificate.issued else ""
        settings = replace(self.target.settings, certificate_arn=arn)
        self.templates = self.tools.synthesize(settings, self.target.account, self._fresh("templates"))
        return ", ".join(sorted(self.templates))

    def _stack(self, kind: str) -> str:
        name = self.target.stack(kind)
        given = {"RestApiId": self.api[0]} if self.api[0] else {}
        self.deployed[kind] = done = self.stacks.deploy(
            name, self.templates[name], parameters=given, tags=self.target.tags, keeps_data=kind == "data"
        )
        came = f"{len(done.changes)} changes made" if done.changes else "already as it should be"
        texts = done.outputs.get("TextsLimit")
        return f"{came}; texts: {texts}" if texts else came

    def _reply_key(self) -> str:
        made = reply_key.make_reply_key(self.clients("secretsmanager"), self.target.secret("reply/hmac"))
        return "made, and stored" if made else "there is one; it stays"

    def _functions(self) -> str:
        record = ChaliceRecord(self.clients, self.target)
        resources = deploy_functions(record, self.target, self.work / "build", self.tools.run)
        self.api = api_of(resources)
        count = sum(one["resource_type"] == "lambda_function" for one in resources)
        return f"{count} functions; {self.api[1]}"

    def _certificate(self) -> str:
        settings = self.target.settings
        self.certificate = found = certificate_for(
            self.clients("acm"), settings.link_domain, settings.certificate_arn, self.target.tags
        )
        if found.issued:
            return "issued"
        if found.proof:
            line = f"{found.proof.name}  {found.proof.kind}  {found.proof.value}"
            return (
                f"{found.status}; going on without {settings.link_domain}. Put this line into its DNS, and deploy "
                f"again when AWS has seen it (minutes to hours):\n      {line}"
            )
        return f"{found.status}; going on without {settings.link_domain}. Look at it in ACM's console: {found.arn}"

    # ------------------------------------------------------------ looking

    def _fresh(self, name: str) -> Path:
        directory = self.work / name
        if directory.exists():
            shutil.rmtree(directory)
        directory.mkdir(parents=True)
        return directory

    def _outputs(self) -> dict[str, str]:
        return {key: value for done in self.deployed.values() for key, value in done.outputs.items()}

    def _stored(self) -> dict[str, bool]:
        client, found = self.clients("secretsmanager"), {}
        for name in map(self.target.secret, SECRETS):
            stored = _asked(lambda secret=name: reply_key.is_stored(client, secret))  # type: ignore[misc]
            if stored is not None:
                found[name] = stored
        return found

    def _unconfirmed(self) -> list[str]:
        sns, waiting = self.clients("sns"), []
        for topic in ("alarms", "cost-alarm"):
            pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self.target.topic(topic))
            mails = [one for page in pages for one in page["Subscriptions"] if one["Protocol"] == "email"]
            if not mails or any(not one["SubscriptionArn"].startswith("arn:") for one in mails):
                waiting.append(topic)
        return waiting

    def _verified(self) -> bool:
        told = self.clients("sesv2").get_email_identity(EmailIdentity=self.target.settings.mail_domain)
        return bool(told.get("VerifiedForSendingStatus"))

    def _sending(self) -> str:
        told = self.clients("ssm").get_parameter(Name=self.target.parameter("sending"))
        return str(told["Parameter"]["Value"])


def dns_lines(target: Target, outputs: Mapping[str, str]) -> list[DnsLine]:
    """The lines for DNS among the stacks' outputs."""
    lines = []
    if "LinkDomainTarget" in outputs:
        why = "the reply links' domain"
        lines.append(DnsLine(target.settings.link_domain, "CNAME", outputs["LinkDomainTarget"], why))
    for key, value in sorted(outputs.items()):
        if key.startswith("Dns"):
            name, kind, told = value.split(maxsplit=2)
            lines.append(DnsLine(name, kind, told))
    return lines


def template_uploader(clients: Clients, target: Target) -> Callable[[str, str], str]:
    """What lays a large template into the deployments' bucket, and gives its URL."""

    def put(name: str, body: str) -> str:
        key = f"templates/{name}.json"
        clients("s3").put_object(Bucket=target.deployments, Key=key, Body=body.encode(), ContentType="application/json")
        return f"https://{target.deployments}.s3.{target.region}.amazonaws.com/{key}"

    return put


def _asked(ask: Callable[[], T]) -> T | None:
    """What AWS answers; None if it refuses."""
    try:
        return ask()
    except (BotoCoreError, ClientError):
        return None
