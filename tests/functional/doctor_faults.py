"""Faults to put into a running world, each with what the doctor must say of it. Every one is mended again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib import names
from chalicelib.domain.work import Work, WorkKind
from chalicelib.ports import PutWork, RemoveWork
from local.account import ACCOUNT, BUDGET_USD, RULE_SET, budget, close_bucket, receipt_rule
from local.standins.http import Response, text_response
from local.standins.slack import SlackChannel
from local.tables import EXPIRES, create_tables
from local.world import REPLY_KEYS, SLACK_SIGNING_SECRET, SLACK_TOKEN, World
from tests.functional.sync_world import HEADER

INTAKE = "bookings@in.bright.example"
CALENDAR = "shop@group.calendar.google.com"
PHONE, ADDRESS = "+6591234567", "mei@customer.example"
RULES = "Dental cleaning: 48 and 2 hours.\nEverything else: 24 hours.\n"
VOICE = "First reminder, text:\n{shop}: {service} {day} {date}, {time}. {link}\n"
SHEET = [
    HEADER,
    ["A-1", "Mei Tan", PHONE, "", "Dental cleaning", "Dr Kumar", "2026-11-26", "10:00", "", ""],
    ["A-2", "Lin Wei", "", ADDRESS, "Dental cleaning", "Dr Kumar", "2026-11-26", "11:00", "", ""],
]
SECRETS = (SLACK_TOKEN, SLACK_SIGNING_SECRET, json.loads(REPLY_KEYS)["keys"]["1"], "PRIVATE KEY", PHONE, ADDRESS)


Breaking = AbstractContextManager[None]


@contextmanager
def parameters(world: World, **values: str) -> Iterator[None]:
    before = world.runtime.parameters.all()
    world.configure(values)
    try:
        yield
    finally:
        world.configure({name: before[name] for name in values if name in before})
        for name in set(values) - set(before):
            world.ssm.delete_parameter(Name=names.CONFIG_PATH + name)


@contextmanager
def secret(world: World, name: str, text: str) -> Iterator[None]:
    before = world.secrets.get_secret_value(SecretId=name)["SecretString"]
    world.secrets.put_secret_value(SecretId=name, SecretString=text)
    try:
        yield
    finally:
        world.secrets.put_secret_value(SecretId=name, SecretString=before)


@contextmanager
def no_secret(world: World) -> Iterator[None]:
    world.secrets.delete_secret(SecretId=names.SLACK_TOKEN_SECRET, ForceDeleteWithoutRecovery=True)
    try:
        yield
    finally:
        world.secrets.create_secret(Name=names.SLACK_TOKEN_SECRET, SecretString=SLACK_TOKEN)


def google_secret(world: World, **changes: str) -> Breaking:
    return secret(world, names.GOOGLE_SECRET, json.dumps({**world.google.service_account(), **changes}))


def another_key(world: World) -> Breaking:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    return google_secret(world, private_key=pem)


@contextmanager
def within(place: set[str] | dict[str, Any], name: str, value: Any = None) -> Iterator[None]:
    """Something is in a set, or stands in a mapping, for a while."""
    if isinstance(place, set):
        place.add(name)
        yield
        place.discard(name)
    else:
        before = dict(place)
        place[name] = value
        yield
        place.clear()
        place.update(before)


@contextmanager
def attribute(of: object, name: str, value: Any) -> Iterator[None]:
    before = getattr(of, name)
    setattr(of, name, value)
    yield
    setattr(of, name, before)


@contextmanager
def cell(world: World, line: int, column: int, text: str) -> Iterator[None]:
    before = world.google.sheet_rows()[line - 1][column]
    world.google.set_cell(line, column, text)
    yield
    world.google.set_cell(line, column, before)


@contextmanager
def a_synced_cell(world: World, line: int, column: int, text: str) -> Iterator[None]:
    with cell(world, line, column, text):
        world.sync()
        yield
    world.sync()


@contextmanager
def a_synced_rules_doc(world: World, text: str) -> Iterator[None]:
    with doc(world, "rules", text):
        world.sync()
        yield
    world.sync()


@contextmanager
def a_braked_sheet(world: World) -> Iterator[None]:
    """Ten visits come in, and then nearly all rows are gone at once."""
    before = world.google.sheet_rows()
    more = [
        [f"B-{n}", "Ann Lee", "", ADDRESS, "Dental cleaning", "Dr Ho", "2026-12-01", f"{9 + n // 2}:{n % 2 * 30:02d}"]
        for n in range(10)
    ]
    world.google.paste([*before, *more])
    world.sync()
    world.google.paste(before[:2])
    world.sync()
    yield
    world.google.paste([*before, *more])
    world.sync()
    for _ in more:
        world.google.delete_row(len(before) + 1)
        world.sync()
    assert world.google.sheet_rows() == before


@contextmanager
def doc(world: World, name: str, text: str) -> Iterator[None]:
    before = world.google.doc(name)
    world.google.set_doc(name, text)
    yield
    world.google.set_doc(name, before)


@contextmanager
def calls(begin: Callable[[], Any], end: Callable[[], Any]) -> Iterator[None]:
    begin()
    yield
    end()


def client(service: str) -> Any:
    import boto3

    return boto3.client(service)


def no_recovery(world: World) -> Breaking:
    def switch(on: bool) -> Callable[[], Any]:
        said = {"PointInTimeRecoveryEnabled": on}
        return lambda: world.dynamodb.update_continuous_backups(
            TableName=names.AUDIT, PointInTimeRecoverySpecification=said
        )

    return calls(switch(False), switch(True))


def unprotected(world: World, table: str) -> Breaking:
    return calls(
        lambda: world.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False),
        lambda: world.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True),
    )


def no_expiry(world: World) -> Breaking:
    def switch(on: bool) -> Callable[[], Any]:
        said = {"Enabled": on, "AttributeName": EXPIRES}
        return lambda: world.dynamodb.update_time_to_live(TableName=names.STATE, TimeToLiveSpecification=said)

    return calls(switch(False), switch(True))


@contextmanager
def no_table(world: World) -> Iterator[None]:
    table = names.SENDS_ARCHIVE
    world.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    world.dynamodb.delete_table(TableName=table)
    yield
    create_tables(world.dynamodb)
    world.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
    said = {"PointInTimeRecoveryEnabled": True}
    world.dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=said)


@contextmanager
def another_key_schema(world: World) -> Iterator[None]:
    """The archive's table was made by hand, with the ledger's keys."""
    with no_table(world):
        keys = ("appt_id", "window_index")
        world.dynamodb.create_table(
            TableName=names.SENDS_ARCHIVE,
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
        yield
        world.dynamodb.delete_table(TableName=names.SENDS_ARCHIVE)


def unversioned(world: World) -> Breaking:
    bucket = names.RULES_BUCKET
    off = {"Status": "Suspended"}
    return calls(
        lambda: world.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=off),
        lambda: close_bucket(world.s3, bucket),
    )


def open_bucket(world: World) -> Breaking:
    bucket = names.APPOINTMENTS_BUCKET
    return calls(lambda: world.s3.delete_public_access_block(Bucket=bucket), lambda: close_bucket(world.s3, bucket))


@contextmanager
def no_bucket(world: World) -> Iterator[None]:
    wires = world.s3.get_bucket_notification_configuration(Bucket=names.RAW_MIME_BUCKET)
    wires.pop("ResponseMetadata")
    world.s3.delete_bucket(Bucket=names.RAW_MIME_BUCKET)
    yield
    world._make_bucket(names.RAW_MIME_BUCKET)
    close_bucket(world.s3, names.RAW_MIME_BUCKET)
    world.s3.put_bucket_notification_configuration(Bucket=names.RAW_MIME_BUCKET, NotificationConfiguration=wires)


@contextmanager
def no_wire(world: World) -> Iterator[None]:
    bucket = names.RAW_MIME_BUCKET
    wires = world.s3.get_bucket_notification_configuration(Bucket=bucket)
    wires.pop("ResponseMetadata")
    world.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    yield
    world.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wires)


@contextmanager
def nobody_hears(world: World) -> Iterator[None]:
    arn = world._topic(names.ALARMS_TOPIC)
    found = world.sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    for one in found:
        world.sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    yield
    for one in found:
        world.sns.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])


def switched_off(world: World) -> Breaking:
    rule = "local-dispatch"
    return calls(lambda: world.events.disable_rule(Name=rule), lambda: world.events.enable_rule(Name=rule))


@contextmanager
def another_pattern(world: World) -> Iterator[None]:
    rule = "local-dispatch"
    pattern = world.events.describe_rule(Name=rule)["EventPattern"]
    world.events.put_rule(Name=rule, EventPattern=pattern.replace('"ar.moved", ', ""))
    yield
    world.events.put_rule(Name=rule, EventPattern=pattern)


def no_group(world: World) -> Breaking:
    scheduler = client("scheduler")
    return calls(
        lambda: scheduler.delete_schedule_group(Name=names.SCHEDULE_GROUP),
        lambda: scheduler.create_schedule_group(Name=names.SCHEDULE_GROUP),
    )


@contextmanager
def a_dead_letter(world: World) -> Iterator[None]:
    url = world.sqs.get_queue_url(QueueName=names.DEAD_LETTERS)["QueueUrl"]
    world.sqs.send_message(QueueUrl=url, MessageBody="{}")
    yield
    for message in world.sqs.receive_message(QueueUrl=url)["Messages"]:
        world.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def no_queue(world: World) -> Breaking:
    return calls(
        lambda: world.sqs.delete_queue(QueueUrl=world.sqs.get_queue_url(QueueName=names.DEAD_LETTERS)["QueueUrl"]),
        lambda: world.sqs.create_queue(QueueName=names.DEAD_LETTERS),
    )


@contextmanager
def an_old_beat(world: World, function: str) -> Iterator[None]:
    store = world.runtime.store
    before = store.last_beat(function)
    assert before is not None
    store.beat(function, before - timedelta(hours=7))
    yield
    store.beat(function, before)


@contextmanager
def an_old_promise(world: World) -> Iterator[None]:
    at = world.clock() - timedelta(hours=2)
    work = Work(f"{at.isoformat()}#aaaaaaaa", WorkKind.TICK, "", at)
    world.runtime.store.commit(PutWork(work))
    yield
    world.runtime.store.commit(RemoveWork(work.work_id))


def an_alarm(world: World) -> Breaking:
    watch, name = client("cloudwatch"), "ar-tick-missing"

    def ring() -> None:
        watch.put_metric_alarm(
            AlarmName=name, Namespace="ar-reminder", MetricName="tick", Period=900, EvaluationPeriods=5, Threshold=1,
            ComparisonOperator="LessThanThreshold", Statistic="Sum", AlarmDescription="The tick is missing.",
        )  # fmt: skip
        watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="no data")

    return calls(ring, lambda: watch.delete_alarms(AlarmNames=[name]))


def no_budget(world: World) -> Breaking:
    budgets = client("budgets")
    return calls(
        lambda: budgets.delete_budget(AccountId=ACCOUNT, BudgetName="ar-monthly"),
        lambda: budgets.create_budget(AccountId=ACCOUNT, Budget=budget(BUDGET_USD)),
    )


def rule_off(world: World) -> Breaking:
    ses, rule = client("ses"), receipt_rule(INTAKE)

    def put(rule: dict[str, Any]) -> None:
        ses.delete_receipt_rule(RuleSetName=RULE_SET, RuleName=rule["Name"])
        ses.create_receipt_rule(RuleSetName=RULE_SET, Rule=rule)

    return calls(lambda: put({**rule, "Enabled": False}), lambda: put(rule))


def inactive(world: World) -> Breaking:
    ses = client("ses")
    return calls(ses.set_active_receipt_rule_set, lambda: ses.set_active_receipt_rule_set(RuleSetName=RULE_SET))


def served(world: World, answer: Response) -> Breaking:
    return attribute(world.pages, "_handler", lambda request: answer)


@contextmanager
def many_visits(world: World) -> Iterator[None]:
    """Two visits of one day, where one text a day may go."""
    line = len(world.google.sheet_rows()) + 1
    world.google.insert_row(
        line, ["A-3", "Ann Lee", "+6598765432", "", "Dental cleaning", "Dr Ho", "2026-11-26", "12:00", "", ""]
    )
    world.sync()
    with parameters(world, texts_per_day="1"):
        yield
    world.google.delete_row(line)
    world.sync()


@dataclass(frozen=True)
class Fault:
    """Something broken, and what the doctor must say of it."""

    subject: str
    breaking: Callable[[World], Breaking]
    where: str
    what: str
    mend: str
    state: str = "wrong"


def text_settings(**values: str) -> Callable[[World], Breaking]:
    @contextmanager
    def breaking(world: World) -> Iterator[None]:
        attributes = world.sms.settings.attributes
        before = dict(attributes)
        attributes.update(values)
        yield
        attributes.clear()
        attributes.update(before)

    return breaking


def set_to(**values: str) -> Callable[[World], Breaking]:
    return lambda world: parameters(world, **values)


def holding(name: str, text: str) -> Callable[[World], Breaking]:
    return lambda world: secret(world, name, text)


LONG = "https://reminders-of-appointments.bright-dental-clinic.example/r/"
FAULTS = {
    # parameters
    "a zone that isn't one": Fault(
        "Parameters", set_to(timezone="Asia/Singapor"), "/ar/config/timezone", "is no time zone",
        "aws ssm put-parameter --name /ar/config/timezone",
    ),
    "a parameter that is missing": Fault(
        "Parameters", set_to(shop_name=" "), "/ar/config/shop_name", "is missing", "--name /ar/config/shop_name",
    ),
    "a parameter that nobody reads": Fault(
        "Parameters", set_to(slack_chanel="#x"), "/ar/config/slack_chanel", "did you mean slack_channel",
        "aws ssm delete-parameter --name /ar/config/slack_chanel", "warning",
    ),
    "a zone of another country": Fault(
        "Parameters", set_to(timezone="America/New_York"), "/ar/config/timezone", "isn't a zone of SG",
        "--value Asia/Singapore", "warning",
    ),
    "quiet hours that swallow the day": Fault(
        "Parameters", set_to(quiet_hours="8am to 6pm"), "quiet hours", "covers all opening hours",
        "Quiet hours: 9pm to 8am",
    ),
    "windows in days where hours are meant": Fault(
        "Parameters", set_to(default_windows="500, 24"), "/ar/config/default_windows", "more than two weeks",
        "--name /ar/config/default_windows", "warning",
    ),
    "a gap alert before anybody was asked": Fault(
        "Parameters", set_to(gap_alert="60"), "/ar/config/gap_alert", "no customer has been asked yet",
        "Gap alert: 3 hours",
        "warning",
    ),
    "sending switched off": Fault(
        "Parameters", set_to(sending="off"), "/ar/config/sending", "nothing reaches anybody", "--value on", "warning",
    ),
    "sending to staff only": Fault(
        "Parameters", set_to(sending="staff-only"), "/ar/config/sending", "no customer is reminded", "--value on",
        "warning",
    ),
    "a switch that says nothing known": Fault(
        "Parameters", set_to(sending="yes"), "/ar/config/sending", "counts as off", "--value on",
    ),
    # secrets
    "a secret that was never filled": Fault(
        "Secrets", holding(names.GOOGLE_SECRET, "not set yet"), names.GOOGLE_SECRET, "still holds its placeholder",
        "put-secret-value --secret-id ar/drive/sa --secret-string file://service-account.json",
    ),
    "a secret that isn't there": Fault(
        "Secrets", no_secret, names.SLACK_TOKEN_SECRET, "there is no such secret",
        "create-secret --name ar/slack/bot-token",
    ),
    "half of a key file": Fault(
        "Secrets", lambda world: google_secret(world, private_key=""), names.GOOGLE_SECRET, "lacks private_key",
        "file://service-account.json",
    ),
    "a key whose line ends are lost": Fault(
        "Secrets", lambda world: google_secret(world, private_key="-----BEGIN PRIVATE KEY-----MIIE"),
        names.GOOGLE_SECRET, "can't be read", "file://service-account.json",
    ),
    "a person's token": Fault(
        "Secrets", holding(names.SLACK_TOKEN_SECRET, "xoxp-1-2"), names.SLACK_TOKEN_SECRET, "no bot's token",
        "put-secret-value --secret-id ar/slack/bot-token",
    ),
    "a signing secret that isn't one": Fault(
        "Secrets", holding(names.SLACK_SIGNING_SECRET, "A0123456789"), names.SLACK_SIGNING_SECRET, "every press",
        "Signing Secret",
    ),
    "a reply key that is too short": Fault(
        "Secrets", holding(names.REPLY_KEYS_SECRET, '{"current": 1, "keys": {"1": "c2hvcnQ="}}'),
        names.REPLY_KEYS_SECRET,
        "base64 keys of 32 bytes", "list-secret-version-ids --secret-id ar/reply/hmac",
    ),
    "one reply key under two ids": Fault(
        "Secrets",
        holding(names.REPLY_KEYS_SECRET, json.dumps({"current": 2, "keys": dict.fromkeys("12", "A" * 44)})),
        names.REPLY_KEYS_SECRET, "two ids have one key", "put-secret-value --secret-id ar/reply/hmac", "warning",
    ),
    # Google
    "a sheet that isn't shared": Fault(
        "Google", lambda world: within(world.google.unshared, "sheet"), "the sheet", "not shared",
        "Share, as Editor, with reminders@shop.iam.gserviceaccount.com",
    ),
    "a sheet that can't be written": Fault(
        "Google", lambda world: within(world.google.read_only, "sheet"), "the sheet", "read only", "an Editor",
    ),
    "a header without its column": Fault(
        "Google", lambda world: cell(world, 1, HEADER.index("service"), "what for"), "the sheet, row 1",
        "no column for service", "give the first row",
    ),
    "a rules doc with a bad line": Fault(
        "Google", lambda world: doc(world, "rules", RULES + "Gap alert: soon 3.\n"), "the rules doc, line 3",
        "the former one stays in force", "mend that line",
    ),
    "a voice doc with a bad line": Fault(
        "Google", lambda world: doc(world, "voice", VOICE + "{custmer}\n"), "the voice doc, line 3", "{customer}",
        "mend that line",
    ),
    "a doc that isn't shared": Fault(
        "Google", lambda world: within(world.google.unshared, "voice"), "the voice doc", "not shared",
        "Share, as Viewer",
    ),
    "a calendar that isn't shared": Fault(
        "Google", set_to(calendars=f"{CALENDAR}, other@group.calendar.google.com"), "calendar 2 of calendars", "404",
        "Share with specific people",
    ),
    "a key that was deleted at Google": Fault(
        "Google", another_key, names.GOOGLE_SECRET, "doesn't accept the service account's key", "make a new JSON key",
    ),
    # Slack
    "a token that was revoked": Fault(
        "Slack", holding(names.SLACK_TOKEN_SECRET, "xoxb-revoked"), names.SLACK_TOKEN_SECRET, "refuses the token",
        "Reinstall",
    ),
    "a bot that may not post": Fault(
        "Slack", lambda world: attribute(world.slack, "scopes", {"channels:read", "groups:read"}), "the bot's scopes",
        "chat:write", "Bot Token Scopes: add chat:write",
    ),
    "a bot that was not invited": Fault(
        "Slack", lambda world: within(world.slack.channels, "front-desk", SlackChannel(member=False)), "#front-desk",
        "isn't in it", "/invite",
    ),
    "an archived channel": Fault(
        "Slack", lambda world: within(world.slack.channels, "front-desk", SlackChannel(archived=True)), "#front-desk",
        "is archived", "unarchive #front-desk",
    ),
    "a channel that isn't there": Fault(
        "Slack", set_to(slack_channel="#frontdesk"), "#frontdesk", "no such channel",
        "--name /ar/config/slack_channel",
    ),
    # texts
    "the SMS sandbox": Fault(
        "Texts", lambda world: attribute(world.sms.settings, "sandbox", True), "SNS", "sandbox", "Exit SMS sandbox",
    ),
    "a month's limit that is too low": Fault(
        "Texts", text_settings(MonthlySpendLimit="0.01"), "SNS, MonthlySpendLimit", "drops texts without an error",
        "set-sms-attributes --attributes MonthlySpendLimit=1",
    ),
    "promotional texts": Fault(
        "Texts", text_settings(DefaultSMSType="Promotional"), "SNS, DefaultSMSType", "is Promotional",
        "--attributes DefaultSMSType=Transactional",
    ),
    "a delivery log that is off": Fault(
        "Texts", text_settings(DeliveryStatusIAMRole=""), "SNS, delivery log", "is off, but sms_delivery_log is yes",
        "--name /ar/config/sms_delivery_log",
    ),
    "a delivery log of some texts": Fault(
        "Texts", text_settings(DeliveryStatusSuccessSamplingRate="10"), "SNS, delivery log", "has 10 % of the texts",
        "DeliveryStatusSuccessSamplingRate=100",
    ),
    "a delivery log that nobody heeds": Fault(
        "Texts", set_to(sms_delivery_log="no"), "SNS, delivery log", "nobody hears", "--value yes", "warning",
    ),
    "a sender that isn't registered": Fault(
        "Texts", set_to(sms_sender="SHINY"), "/ar/config/sms_sender", "isn't known to this account", "registrations",
    ),
    "a number that isn't the account's": Fault(
        "Texts", set_to(sms_sender="+6580000001"), "/ar/config/sms_sender", "no such number",
        "--name /ar/config/sms_sender",
    ),
    "a cap below the day's texts": Fault(
        "Texts", lambda world: many_visits(world), "/ar/config/texts_per_day", "texts are planned for",
        "--name /ar/config/texts_per_day",
    ),
    "a long link": Fault(
        "Texts", set_to(base_url=LONG, shop_name="Bright Dental and Orthodontic Clinic of Tanjong Pagar"),
        "length of the texts", "base_url has 65 letters", "preview --kind text", "warning",
    ),
    "a letter that texts don't have": Fault(
        "Texts", set_to(shop_name="Bright 牙科"), "length of the texts", "“牙” (U+7259)", "preview --kind text",
        "warning",
    ),
    # mail
    "the SES sandbox": Fault(
        "Mail", lambda world: within(world.mail.settings.account, "ProductionAccessEnabled", False), "SES", "sandbox",
        "put-account-details --production-access-enabled",
    ),
    "an account that may not send mail": Fault(
        "Mail", lambda world: within(world.mail.settings.account, "SendingEnabled", False), "SES", "switched off",
        "put-account-sending-attributes --sending-enabled",
    ),
    "an account that AWS is watching": Fault(
        "Mail", lambda world: within(world.mail.settings.account, "EnforcementStatus", "PROBATION"), "SES",
        "PROBATION",
        "Reputation", "warning",
    ),
    "a signature that isn't in DNS": Fault(
        "Mail", lambda world: attribute(world.mail.settings, "dkim", "PENDING"), "SES identity bright.example",
        "DKIM signature isn't proven", "._domainkey.bright.example CNAME",
    ),
    "a domain that isn't verified": Fault(
        "Mail", lambda world: attribute(world.mail.settings, "unverified", True), "SES identity bright.example",
        "isn't verified", "._domainkey.bright.example CNAME",
    ),
    "a domain that SES doesn't know": Fault(
        "Mail", set_to(email_from="hello@other.example"), "SES identity other.example", "isn't known to SES",
        "create-email-identity --email-identity other.example",
    ),
    "a rule set that isn't active": Fault(
        "Mail", inactive, f"receipt rule set {RULE_SET}", "isn't active",
        "set-active-receipt-rule-set --rule-set-name ar-inbound-rules",
    ),
    "a rule that is switched off": Fault(
        "Mail", rule_off, f"receipt rule set {RULE_SET}", "is switched off", "scripts/demo",
    ),
    # reply pages
    "pages that are down": Fault(
        "Reply pages", lambda world: attribute(world.pages, "down", True), "/ar/config/base_url", "HTTP 503",
        "functions.log",
    ),
    "somebody else's pages": Fault(
        "Reply pages", lambda world: served(world, text_response("It works!")), "/ar/config/base_url",
        "something else answers", "--name /ar/config/base_url",
    ),
    "pages that lead on": Fault(
        "Reply pages",
        lambda world: served(world, Response(301, headers={"Location": "https://www.bright.example/"})),
        "/ar/config/base_url", "leads on to www.bright.example", "--name /ar/config/base_url",
    ),
    # storage
    "a table without recovery": Fault(
        "Storage", no_recovery, f"table {names.AUDIT}", "no point-in-time recovery",
        "update-continuous-backups --table-name ar-audit",
    ),
    "a table that can be deleted": Fault(
        "Storage", lambda world: unprotected(world, names.SENDS), f"table {names.SENDS}", "isn't protected",
        "update-table --table-name ar-sends --deletion-protection-enabled",
    ),
    "a table that keeps what has expired": Fault(
        "Storage", no_expiry, f"table {names.STATE}", "no time-to-live", "update-time-to-live --table-name ar-state",
    ),
    "a table that isn't there": Fault(
        "Storage", no_table, f"table {names.SENDS_ARCHIVE}", "there is no such table", "scripts/demo",
    ),
    "a table with other keys": Fault(
        "Storage", another_key_schema, f"table {names.SENDS_ARCHIVE}", "expected appt_id, chain_window", "export it",
    ),
    "a bucket that isn't versioned": Fault(
        "Storage", unversioned, f"bucket {names.RULES_BUCKET}", "isn't versioned",
        "put-bucket-versioning --bucket ar-rules-source",
    ),
    "a bucket that could be opened": Fault(
        "Storage", open_bucket, f"bucket {names.APPOINTMENTS_BUCKET}", "opened to the public",
        "put-public-access-block --bucket ar-appointments-source",
    ),
    "a bucket that isn't there": Fault(
        "Storage", no_bucket, f"bucket {names.RAW_MIME_BUCKET}", "there is no such bucket", "scripts/demo",
    ),
    # events
    "a rule of the bus that is off": Fault(
        "Events", switched_off, "rule local-dispatch", "is switched off",
        "aws events enable-rule --name local-dispatch",
    ),
    "a rule that waits for too little": Fault(
        "Events", another_pattern, "rule local-dispatch", "waits for other events", "scripts/demo",
    ),
    "a schedule group that is gone": Fault(
        "Events", no_group, f"schedule group {names.SCHEDULE_GROUP}", "no reminder's minute can be booked",
        "create-schedule-group --name ar-one-offs",
    ),
    "a dead letter": Fault(
        "Events", a_dead_letter, f"queue {names.DEAD_LETTERS}", "1 dead letter:", "scripts/ops --stage local redrive",
    ),
    "no queue for dead letters": Fault(
        "Events", no_queue, f"queue {names.DEAD_LETTERS}", "is lost without a word", "scripts/demo",
    ),
    "mails that nobody reads": Fault(
        "Events", no_wire, f"bucket {names.RAW_MIME_BUCKET}", "nobody reads them", "scripts/demo",
    ),
    "alarms that nobody hears": Fault(
        "Events", nobody_hears, f"topic {names.ALARMS_TOPIC}", "doesn't call alarm", "scripts/demo",
    ),
    # running
    "a tick that stopped": Fault(
        "Running", lambda world: an_old_beat(world, names.REMINDER), "function reminder", "ran last 7 hours ago",
        "scripts/demo",
    ),
    "a clock that is off": Fault(
        "Running", lambda world: attribute(world.slack, "skew", 600.0), "clock, beside Slack's", "seconds apart",
        "timedatectl set-ntp true",
    ),
    "a clock that is a little off": Fault(
        "Running", lambda world: attribute(world.google, "skew", -90.0), "clock, beside Google's", "seconds apart",
        "timedatectl set-ntp true", "warning",
    ),
    "an old promise": Fault(
        "Running", an_old_promise, "the outbox", "the oldest for 2 hours", "The outbox grows old",
    ),
    "a row that can't be read": Fault(
        "Running", lambda world: a_synced_cell(world, 2, HEADER.index("phone"), "12"), "the sheet's rows",
        "row 2 (A-1): phone", "mend these rows", "warning",
    ),
    "a sheet that isn't one": Fault(
        "Running", lambda world: a_synced_cell(world, 1, HEADER.index("customer"), "whom"), "the mirror",
        "doesn't look like the sheet", "see the sheet's finding",
    ),
    "a sheet that loses its visits": Fault(
        "Running", a_braked_sheet, "the mirror", "the brake is on", "answer the question in Slack", "warning",
    ),
    "a service without a line": Fault(
        "Running", lambda world: a_synced_rules_doc(world, "Massage: 24 hours.\n"), "the rules doc",
        "no line for 'Dental cleaning'", "Everything else: 24 hours", "warning",
    ),
    # guards
    "an alarm": Fault(
        "Guards", an_alarm, "alarm ar-tick-missing", "The tick is missing",
        "describe-alarm-history --alarm-name ar-tick-missing",
    ),
    "no budget": Fault("Guards", no_budget, "budget ar-monthly", "there is none", "scripts/demo"),
}  # fmt: skip
"""What is broken -> how, and what must be found."""
