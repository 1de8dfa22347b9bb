"""What no program may do for its owner: prove domains, be let out of sandboxes, invite, share, and switch on.

Each thing with the exact values to paste, and, where AWS can be asked, whether it is done.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from deploy.account import Standing
from deploy.certificate import Certificate, DnsLine
from deploy.target import Target

LATER = "(said after the deployment)"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when the list is made; a plan knows the settings only."""

    target: Target
    dns: Sequence[DnsLine] = ()  # from the stacks' outputs
    certificate: Certificate | None = None
    base_url: str = ""  # where the reply pages are as deployed, ends in /r/
    slack_url: str = ""  # where Slack is to post presses
    standing: Standing = field(default_factory=Standing)
    stored: Mapping[str, bool] = field(default_factory=dict)  # secret -> whether it holds more than its placeholder
    unconfirmed: Sequence[str] | None = None  # topics whose e-mail nobody has confirmed; None: not asked
    verified: bool | None = None  # the sending domain
    sending: str = ""  # as the parameter says


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that a person does."""

    title: str
    why: str  # and how long it takes
    paste: tuple[str, ...] = ()
    done: bool | None = None  # None: nobody can be asked


def tasks(facts: Facts) -> list[Task]:
    """Everything, in the order that waits least: what others take days to approve comes first."""
    found = [
        _out_of_ses_sandbox(facts),
        _out_of_sms_sandbox(facts),
        _sender(facts),
        _dns(facts),
        *_secrets(facts),
        _share(facts),
        _slack(facts),
        _bedrock(facts),
        _subscriptions(facts),
        _base_url(facts),
        _sending(facts),
    ]
    return [task for task in found if task]


def _aws(facts: Facts, *words: str) -> str:
    return shlex.join(["aws", *words, "--region", facts.target.region])


def _out_of_ses_sandbox(facts: Facts) -> Task:
    settings = facts.target.settings
    ask = _aws(
        facts, "sesv2", "put-account-details", "--production-access-enabled", "--mail-type", "TRANSACTIONAL",
        "--website-url", f"https://{settings.mail_domain}", "--contact-language", "EN",
        "--additional-contact-email-addresses", settings.owner_email,
        "--use-case-description",
        "Appointment reminders to our own customers, each with a way to opt out. Bounces are told to our staff.",
    )  # fmt: skip
    production = facts.standing.ses_production
    why = "until then mail goes to verified addresses only. AWS answers within a day or so"
    return Task("Leave the SES sandbox", why, (ask,), production)


def _out_of_sms_sandbox(facts: Facts) -> Task:
    sandbox, limit = facts.standing.sms_sandbox, facts.target.settings.sms_limit_usd
    quota = facts.standing.sms_quota_usd
    console = f"https://{facts.target.region}.console.aws.amazon.com/sns/v3/home?region={facts.target.region}#/mobile/text-messaging"
    why = (
        "until then texts go to verified numbers only, and a month's texts may cost one dollar. AWS answers within days"
    )
    lines = [f"{console}  ->  Exit SMS sandbox"]
    if quota is None or quota < limit:
        now = f"it is ${quota:g} now" if quota is not None else "a new account has $1"
        lines.append(f"in the same request: raise the account's spend threshold for SMS to ${limit} a month ({now})")
    done = None if sandbox is None else not sandbox and (quota is None or quota >= limit)
    return Task("Leave the SMS sandbox", why, tuple(lines), done)


def _sender(facts: Facts) -> Task:
    config = facts.target.settings.config
    sender, country = config.get("sms_sender", ""), config.get("country", "").partition("-")[0].upper()
    what = f"the sender {sender!r}" if sender else "a sender"
    rules = {
        "SG": "Singapore: the business registers the id with SSIR (smsregistry.sg), then at AWS; others arrive "
        "as Likely-SCAM, or not at all. Some weeks",
        "US": "United States: no ids; a toll-free number (verification, weeks) or 10DLC (brand and campaign, weeks)",
        "GB": "United Kingdom: ids work without registration at most carriers; check AWS's list",
    }
    why = rules.get(country, "whether an id is allowed, and needs registration, depends on the country; AWS has a list")
    console = f"https://{facts.target.region}.console.aws.amazon.com/sms-voice/home?region={facts.target.region}"
    return Task(
        f"Register {what} for {country or 'your country'}",
        f"{why} (from memory, 2026-11)",
        (f"{console}#/registrations",),
    )


def _dns(facts: Facts) -> Task:
    """Never known to be done: only the signing of mail can be asked about, whose lines are left out then."""
    proof = facts.certificate.proof if facts.certificate else None
    wanted = [one for one in facts.dns if not (facts.verified and "._domainkey." in one.name)]
    lines = [*([proof] if proof else []), *wanted]
    shown = [f"{one.name}  {one.kind}  {one.value}{f'    ({one.why})' if one.why else ''}" for one in lines]
    if not facts.base_url:
        shown.append(f"the lines of DKIM, the certificate's and the links' domain's: {LATER}")
    why = (
        "mail is signed by some, booking mail arrives by others, the links' domain leads to the pages. Minutes to a day"
    )
    return Task("Put these lines into your DNS", why, tuple(shown))


def _secrets(facts: Facts) -> list[Task]:
    wanted = (
        (
            "drive/sa",
            "file://service-account.json",
            "the JSON key of a Google service account (console.cloud.google.com: enable the Drive, Sheets and Calendar "
            "APIs; IAM, Service accounts, Keys). Delete the file afterwards",
        ),
        ("slack/bot-token", "file://bot-token.txt", "the bot's token, xoxb-... (the Slack app, OAuth & Permissions)"),
        ("slack/signing-secret", "file://signing-secret.txt", "its signing secret (the Slack app, Basic Information)"),
    )
    found = []
    for name, source, why in wanted:
        secret = facts.target.secret(name)
        paste = _aws(facts, "secretsmanager", "put-secret-value", "--secret-id", secret, "--secret-string", source)
        found.append(Task(f"Store the secret {secret}", why, (paste,), facts.stored.get(secret)))
    return found


def _share(facts: Facts) -> Task:
    config = facts.target.settings.config
    docs = "https://docs.google.com"
    lines = [
        f"{docs}/spreadsheets/d/{_google_id(config.get('sheet_id', ''))}  ->  Share, as Editor",
        f"{docs}/document/d/{_google_id(config.get('rules_doc_id', ''))}  ->  Share, as Viewer",
        f"{docs}/document/d/{_google_id(config.get('voice_doc_id', ''))}  ->  Share, as Viewer",
    ]
    calendars = ", ".join(filter(None, (config.get("calendars", ""), config.get("busy_calendars", ""))))
    if calendars:
        lines.append(f"the calendars {calendars}  ->  Share with specific people, See all event details")
    return Task(
        "Share the sheet and the docs with the service account",
        "with its client_email, which is in the key file",
        tuple(lines),
    )


def _slack(facts: Facts) -> Task:
    channel = facts.target.settings.config.get("slack_channel", "")
    lines = (
        "api.slack.com/apps  ->  OAuth & Permissions, Bot Token Scopes: chat:write  ->  Install",
        f"Interactivity & Shortcuts  ->  On, Request URL: {facts.slack_url or LATER}",
        f"in {channel}: /invite @the-app's-name",
    )
    return Task(
        "Make the Slack app, and invite it", f"lines to staff go to {channel}, and their buttons come back", lines
    )


def _bedrock(facts: Facts) -> Task | None:
    model = facts.target.settings.config.get("bedrock_model", "").strip().lower()
    if not facts.target.settings.bookings_domain or model == "none":
        return None
    region = facts.target.region
    line = f"https://{region}.console.aws.amazon.com/bedrock/home?region={region}#/model-catalog"
    return Task(
        "Enable the model that reads mails",
        "the catalog, Claude Haiku 4.5: its maker asks once for the use case. Minutes",
        (line,),
    )


def _subscriptions(facts: Facts) -> Task:
    topics = ("alarms", "cost-alarm") if facts.unconfirmed is None else tuple(facts.unconfirmed)
    lines = tuple(f"Confirm subscription, in the mail about {facts.target.topic(topic)}" for topic in topics)
    done = None if facts.unconfirmed is None else not facts.unconfirmed
    return Task(
        f"Confirm the e-mails that {facts.target.settings.owner_email} got",
        "else alarms and the budget reach Slack only",
        lines,
        done,
    )


def _base_url(facts: Facts) -> Task | None:
    """None where the address that texts carry is the one that answers."""
    said = facts.target.settings.config.get("base_url", "")
    if not facts.base_url or said == facts.base_url:
        return None
    lines = [f'base_url = "{facts.base_url}"']
    leads = urlsplit(said).hostname
    why = f"in {facts.target.settings_file}, [config], then deploy again: reply links would lead to {leads}"
    return Task("Say where the reply pages are", why, tuple(lines), False)


def _sending(facts: Facts) -> Task:
    stage = facts.target.stage
    name = facts.target.parameter("sending")
    switch = _aws(facts, "ssm", "put-parameter", "--name", name, "--type", "String", "--overwrite", "--value", "on")
    why = "a new stage sends to staff only. First look that everything answers, and at what would go out"
    check = (f"scripts/ops --stage {stage} doctor", f"scripts/ops --stage {stage} preview", switch)
    return Task("Switch sending on, last of all", why, check, facts.sending == "on" if facts.sending else None)


def _google_id(value: str) -> str:
    """A setting may be the whole address."""
    _, _, after = value.strip().partition("/d/")
    return (after or value).partition("/")[0].strip()
