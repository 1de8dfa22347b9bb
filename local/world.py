"""The whole system on one machine: ministack, the stand-ins, the pump, the pages, and the handlers of `app.py`.

The shipped code is what runs. It is told other endpoint addresses, as a real deployment is told real ones, and the
clock is moved through `bootstrap.runtime(clock=...)`, the one seam besides.
"""

from __future__ import annotations

import base64
import json
import os
import zoneinfo
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.clock import MovableClock
from local.function_url_call import call_as_function_url
from local.ministack import Ministack
from local.pump import Functions, Pump, Run, Sources
from local.standins.bedrock import BedrockStandIn
from local.standins.doors import MailDoor, SmsDoor
from local.standins.google import GoogleStandIn
from local.standins.http import HttpStandIn, Request, Response, json_response
from local.standins.scheduler import SchedulerStandIn
from local.standins.slack import SlackStandIn
from local.standins.textract import TextractStandIn

BASE_URL = "https://r.bright.sg/r/"
"""What customers see in their texts. The pages are served here; whoever opens a link swaps the address."""

SYNC_EVERY = timedelta(minutes=5)
TICK_EVERY = timedelta(hours=1)
ANNOUNCED = "stage.json"
"""In the state directory while the world is up: how to reach it."""
HOURLY = ("reminder", "calendar_sync", "intake_watch")
SLACK_TOKEN = "xoxb-local"
SLACK_SIGNING_SECRET = "10ca1510ca1510ca1510ca1510ca1510"
REPLY_KEYS = json.dumps({"current": 1, "keys": {"1": base64.b64encode(b"local reply key, for nobody else").decode()}})


@dataclass(frozen=True)
class ShopSetup:
    """A shop to play: its documents, and what its engineer configured."""

    sheet: list[list[str]]
    rules: str
    voice: str
    timezone: str = "Asia/Singapore"
    country: str = "SG"
    parameters: Mapping[str, str] = field(default_factory=dict)

    def config(self) -> dict[str, str]:
        """The parameters under `/ar/config/`."""
        return {
            "timezone": self.timezone,
            "country": self.country,
            "shop_name": "Bright Dental",
            "shop_phone": "+65 6123 4567",
            "base_url": BASE_URL,
            "sheet_id": "sheet",
            "rules_doc_id": "rules",
            "voice_doc_id": "voice",
            "slack_channel": "#front-desk",
            "email_from": "appointments@bright.example",
            "sms_sender": "BRIGHT",
            "sms_delivery_log": "yes",
            "sending": "on",
            **self.parameters,
        }


class World:
    """One running system. `state_dir` None keeps nothing; else `save` and `stop` keep everything in it."""

    def __init__(self, now: datetime, state_dir: Path | None = None) -> None:
        self.state_dir = state_dir
        self.clock = MovableClock(now)
        self.aws = Ministack(state_dir / "aws" if state_dir else None)
        self.google = GoogleStandIn(self.clock)
        self.scheduler = SchedulerStandIn(self.clock)
        self.slack = SlackStandIn(self.clock, SLACK_TOKEN, SLACK_SIGNING_SECRET)
        self.textract = TextractStandIn(self.clock, self._object, self._publish)
        self.bedrock = BedrockStandIn()
        self.pages = HttpStandIn(self._page)
        self.clock_face = HttpStandIn(lambda request: json_response({"now": self.clock().isoformat()}))
        self._before: tuple[dict[str, str], Sequence[str], Any] | None = None
        self.syncs = 0
        self.ticks = 0

    # ------------------------------------------------------------ up and down

    def start(self, shop: ShopSetup | None) -> World:
        """Bring everything up. `shop` None takes up what was saved. Raises MinistackError."""
        self.aws.start()
        self.sms = SmsDoor(self.clock, self.aws.url)
        self.mail = MailDoor(self.clock, self.aws.url)
        for server in self._servers():
            server.start()
        self._set_environment()
        self.slack.interactive_url = f"{self.pages.url}/slack/interactive"
        self._connect()
        if shop is None:
            self._load()
        else:
            self._create(shop)
        self._make_mail_room()
        self._provide_secrets()
        self._start_app()
        if self.state_dir:
            self._provide_account()
        self._announce()
        return self

    def stop(self) -> None:
        """Save what is kept and end every server."""
        if self.state_dir and hasattr(self, "functions"):
            self._save_stand_ins()
        for server in self._servers():
            server.stop()
        self.aws.stop()
        self._put_back()
        if self.state_dir:
            (self.state_dir / ANNOUNCED).unlink(missing_ok=True)

    def _put_back(self) -> None:
        """The environment, the zone files and the runtime of this process as they were before the world."""
        from chalicelib import bootstrap

        if self._before is not None:
            environment, zones, bootstrap._runtime = self._before
            os.environ.clear()
            os.environ.update(environment)
            zoneinfo.reset_tzpath(zones)

    def _servers(self) -> list[HttpStandIn]:
        doors = [door for name in ("sms", "mail") if (door := getattr(self, name, None))]
        return [
            self.pages,
            self.clock_face,
            self.google,
            self.scheduler,
            self.slack,
            self.textract,
            self.bedrock,
            *doors,
        ]

    def save(self) -> None:
        """Keep everything now, at a quiet moment, so that a crash costs no more than what came since."""
        if self.state_dir:
            self.aws.save()
            self._save_stand_ins()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _set_environment(self) -> None:
        """What a deployment's environment says, with this machine's addresses. It ends with the world."""
        from chalicelib import bootstrap

        self._before = (dict(os.environ), zoneinfo.TZPATH, bootstrap._runtime)
        zoneinfo.reset_tzpath(())  # the zone files of the pinned tzdata, as in production (PYTHONTZPATH="")
        os.environ.update(self.environment())

    def environment(self) -> dict[str, str]:
        """What whoever speaks to this world has in the environment: addresses of its stand-ins, the emulator's keys."""
        return {
            **self.aws.environment(),
            "AWS_ENDPOINT_URL_SNS": self.sms.url,
            "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2": self.sms.url,
            "AWS_ENDPOINT_URL_SESV2": self.mail.url,
            "AWS_ENDPOINT_URL_SCHEDULER": self.scheduler.url,
            "AWS_ENDPOINT_URL_TEXTRACT": self.textract.url,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.bedrock.url,
            "AR_SLACK_API": f"{self.slack.url}/api/",
            "AR_GOOGLE_API": self.google.url,
        }

    def _announce(self) -> None:
        """Say in the state directory where this world can be reached while it is up (`scripts/ops --stage local`)."""
        if self.state_dir:
            named = {name: value for name, value in os.environ.items() if name.startswith("AR_")}
            said = {
                "environment": {**named, **self.environment()},
                "clock": f"{self.clock_face.url}/now",
                "pages": f"{self.pages.url}/r/",
            }
            (self.state_dir / ANNOUNCED).write_text(json.dumps(said), encoding="utf-8")

    def _connect(self) -> None:
        import boto3

        options = self.aws.client_options()
        self.dynamodb = boto3.client("dynamodb", **options)
        self.s3 = boto3.client("s3", **options)
        self.ssm = boto3.client("ssm", **options)
        self.secrets = boto3.client("secretsmanager", **options)
        self.events = boto3.client("events", **options)
        self.sqs = boto3.client("sqs", **options)
        self.sns = boto3.client("sns", **options)
        self.ses = boto3.client("sesv2", **options)

    def _create(self, shop: ShopSetup) -> None:
        from chalicelib import names
        from local.tables import create_tables

        create_tables(self.dynamodb)
        for bucket in (names.APPOINTMENTS_BUCKET, names.RULES_BUCKET):
            self._make_bucket(bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.configure(shop.config())
        self.ses.create_email_identity(EmailIdentity=shop.config()["email_from"])
        self.google.paste(shop.sheet)
        self.google.set_doc("rules", shop.rules)
        self.google.set_doc("voice", shop.voice)

    def _make_bucket(self, name: str) -> None:
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})

    def _make_mail_room(self) -> None:
        """Where mails come in; a world that was saved before there were any gets it too."""
        from chalicelib import names

        if names.RAW_MIME_BUCKET not in {bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]}:
            self._make_bucket(names.RAW_MIME_BUCKET)

    def _topic(self, name: str) -> str:
        """A topic that the app listens to, made if need be: its ARN."""
        return str(self.sns.create_topic(Name=name)["TopicArn"])

    def _object(self, bucket: str, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def _publish(self, topic: str, message: str) -> None:
        self.sns.publish(TopicArn=topic, Message=message)

    def drop_mail(self, name: str, raw: bytes) -> None:
        """A mail has come in: SES puts it into the raw-mime bucket, here under the name that it is given."""
        from chalicelib import names

        self.s3.put_object(Bucket=names.RAW_MIME_BUCKET, Key=name, Body=raw)

    def configure(self, parameters: Mapping[str, str]) -> None:
        """Set parameters under `/ar/config/`."""
        from chalicelib import names

        for name, value in parameters.items():
            self.ssm.put_parameter(Name=names.CONFIG_PATH + name, Value=value, Type="String", Overwrite=True)

    def _provide_secrets(self) -> None:
        """The secrets; Google's account is new at each start, since its key is made with the stand-in."""
        from chalicelib import names

        values = {
            names.GOOGLE_SECRET: json.dumps(self.google.service_account()),
            names.SLACK_TOKEN_SECRET: SLACK_TOKEN,
            names.SLACK_SIGNING_SECRET: SLACK_SIGNING_SECRET,
            names.REPLY_KEYS_SECRET: REPLY_KEYS,
        }
        for name, value in values.items():
            try:
                self.secrets.create_secret(Name=name, SecretString=value)
            except self.secrets.exceptions.ResourceExistsException:
                self.secrets.put_secret_value(SecretId=name, SecretString=value)

    def _provide_account(self) -> None:
        """What an operator's commands look for beside the app; a world that nobody can reach needs none of it."""
        import boto3

        from local.account import provide_account

        provide_account(boto3.client, self.slack, self.runtime.parameters.all())

    def _start_app(self) -> None:
        """Import the shipped app and hand its functions to the pump."""
        from chalice.app import CloudWatchEventConfig, S3EventConfig, SNSEventConfig

        import app as shipped
        from chalicelib import bootstrap

        self.runtime = bootstrap.runtime(clock=self.clock)
        self._app = shipped.app
        handlers = {name: getattr(shipped, name) for name in shipped.app.handler_map if hasattr(shipped, name)}
        self.functions = Functions(handlers, self.clock, counts=self.counts)
        declared = shipped.app.event_sources
        sources = Sources(
            patterns={one.name: one.event_pattern for one in declared if isinstance(one, CloudWatchEventConfig)},
            buckets={one.name: one.bucket for one in declared if isinstance(one, S3EventConfig)},
            topics={one.name: self._topic(one.topic) for one in declared if isinstance(one, SNSEventConfig)},
        )
        clients = {"events": self.events, "sqs": self.sqs, "s3": self.s3, "sns": self.sns}
        self.pump = Pump(self.functions, sources, clients, self.scheduler, self.sms)
        self.functions.runs.extend(self._saved_runs)

    # ------------------------------------------------------------ the passing of time

    def sync(self, held: Collection[str] = ()) -> bool:
        """Run drive_sync as its schedule does, and what it brings about, but for the functions in `held`."""
        self.syncs += 1
        went_well = self.functions.scheduled("drive_sync")
        self.pump.run_until_quiet(held)
        return went_well

    def tick(self) -> bool:
        """Run what runs hourly, and what that brings about. Returns whether the tick itself went well."""
        self.ticks += 1
        went_well = [self.functions.scheduled(name) for name in HOURLY]
        self.pump.run_until_quiet()
        return went_well[0]

    def counts(self) -> dict[str, int]:
        """How many of everything have left the system so far."""
        return {
            "text": len(self.sms.texts),
            "e-mail": len(self.mail.mails),
            "Slack line": len(self.slack.messages),
            "answered Slack line": sum(bool(message.edited_at) for message in self.slack.messages),
            "booked one-off": self.scheduler.booked,
            "sheet write": self.google.writes,
        }

    def outbox_is_empty(self) -> bool:
        """Whether nothing waits in the outbox."""
        from chalicelib import names

        found = self.dynamodb.query(
            TableName=names.STATE,
            KeyConditionExpression="pk = :outbox",
            ExpressionAttributeValues={":outbox": {"S": "outbox"}},
            Select="COUNT",
        )
        return int(found["Count"]) == 0

    # ------------------------------------------------------------ the pages

    def _page(self, request: Request) -> Response:
        """Serve the reply pages and Slack's endpoint as a Function URL does, and note what isn't only a look."""
        response = call_as_function_url(self._app, request, self.clock())
        if request.method not in ("GET", "HEAD") and hasattr(self, "functions"):
            at = self.clock().isoformat()
            self.functions.runs.append(Run(at, "reply pages", f"{request.method} {response.status}"))
        return response

    # ------------------------------------------------------------ keeping

    _saved_runs: tuple[Run, ...] = ()

    def _save_stand_ins(self) -> None:
        assert self.state_dir is not None
        state = {
            "now": self.clock().isoformat(),
            "syncs": self.syncs,
            "ticks": self.ticks,
            "scheduler": self.scheduler.save(),
            "slack": self.slack.save(),
            "texts": self.sms.save(),
            "mails": self.mail.save(),
            "scans": self.textract.save(),
            "runs": [asdict(run) for run in self.functions.runs[-500:]],
        }
        self.google.save(self.state_dir / "google.json")
        path = self.state_dir / "stand-ins.json"
        written = path.with_suffix(".new")
        written.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
        written.replace(path)

    def _load(self) -> None:
        assert self.state_dir is not None
        state = json.loads((self.state_dir / "stand-ins.json").read_text(encoding="utf-8"))
        self.google.load(self.state_dir / "google.json")
        self.clock.move_to(datetime.fromisoformat(state["now"]))
        self.syncs, self.ticks = state["syncs"], state["ticks"]
        self.scheduler.load(state["scheduler"])
        self.slack.load(state["slack"])
        self.sms.load(state["texts"])
        self.mail.load(state["mails"])
        self.textract.load(state.get("scans", []))
        self._saved_runs = tuple(Run(**run) for run in state["runs"])

    @staticmethod
    def was_saved(state_dir: Path) -> bool:
        """Whether there is a state to take up."""
        return (state_dir / "stand-ins.json").exists() and (state_dir / "google.json").exists()

    @staticmethod
    def saved_now(state_dir: Path) -> datetime:
        """Where the saved clock stood."""
        state: dict[str, Any] = json.loads((state_dir / "stand-ins.json").read_text(encoding="utf-8"))
        return datetime.fromisoformat(state["now"]).astimezone(UTC)

    def items(self, table: str) -> Iterable[dict[str, Any]]:
        """Every item of a table, plain."""
        from boto3.dynamodb.types import TypeDeserializer

        read = TypeDeserializer().deserialize
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                yield {name: read(value) for name, value in item.items()}
