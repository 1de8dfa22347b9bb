"""Canaries: contacts, tokens, keys and secrets sent through every use case, every failure and the libraries' own DEBUG
lines. None may be seen in a log line, on stdout or stderr, or in what Lambda prints of a failed function."""

from __future__ import annotations

import ast
import base64
import gzip
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config as ClientConfig
from chalice.test import Client
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app import app
from chalicelib import bootstrap, logs
from chalicelib.adapters.dynamodb_store import DynamoStore
from chalicelib.adapters.emf_metrics import EmfMetrics
from chalicelib.adapters.google_credentials import GoogleApi
from chalicelib.adapters.google_sheet import GoogleSheet
from chalicelib.adapters.secrets_manager import SecretsManager
from chalicelib.adapters.ses_email import SesEmail
from chalicelib.adapters.slack_signature import SlackPresses
from chalicelib.adapters.slack_staff import SlackStaff
from chalicelib.adapters.sns_sms import SnsSms
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.reply_token import Link, issue_action, issue_link
from chalicelib.domain.work import StaffLine
from chalicelib.errors import (
    BadRecipient,
    DefiniteNo,
    NoAnswer,
    ReminderError,
    StoreNoAnswer,
    UpstreamError,
)
from chalicelib.logs import ScrubbedJson
from chalicelib.ports import Document, EmailMessage, SetOptOut
from chalicelib.usecases.settle_staff_action import ACTS
from tests.fakes.answering import Vendor, a_vendor
from tests.fakes.runtime import FakeRuntime
from tests.functional.sync_world import NOW, RULES, WED, a_row, a_shop
from tests.functional.test_app import FORM, slack_body, slack_event, url_event

PHONE = "+6591234567"
LOCAL_PHONE = "9345 6712"
MAIL = "mei.canary@example.com"
KEY_TEXT = base64.b64encode(bytes(range(7, 39))).decode()
SLACK_TOKEN = "xoxb-2026112409-CanaryCanaryCanary"
SIGNING_SECRET = "0123456789abcdeffedcba9876543210"
NONCE = bytes.fromhex("c0ffee11deadbeef0badf00dfacefeed")
PRIVATE_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
SECRETS = {
    "ar/reply/hmac": json.dumps({"current": 1, "keys": {"1": KEY_TEXT}}),
    "ar/slack/token": SLACK_TOKEN,
    "ar/slack/signing": SIGNING_SECRET,
    "ar/google": json.dumps({"client_email": "a@b.example", "private_key": PRIVATE_KEY, "token_uri": "http://x"}),
}
ALL_AT_ONCE = " | ".join([PHONE, LOCAL_PHONE, MAIL, KEY_TEXT, SLACK_TOKEN, SIGNING_SECRET, PRIVATE_KEY])


def canaries(*tokens: str) -> dict[str, str]:
    """Everything that must not be seen, by what it is."""
    phone = PHONE.removeprefix("+")
    body = "".join(PRIVATE_KEY.splitlines()[1:-1])
    found = {
        "phone": phone,
        "phone without its country": phone[2:],
        "phone as typed": LOCAL_PHONE,
        "phone as typed, closed up": LOCAL_PHONE.replace(" ", ""),
        "e-mail": MAIL,
        "e-mail, escaped": MAIL.replace("@", "%40"),
        "HMAC key": KEY_TEXT.rstrip("="),
        "Slack token": SLACK_TOKEN.removeprefix("xoxb-"),
        "signing secret": SIGNING_SECRET,
        "private key": body[100:140],
        "nonce": NONCE.hex(),
        "nonce, escaped": base64.urlsafe_b64encode(NONCE)[2:20].decode(),
    }
    found |= {f"token {n}": token for n, token in enumerate(tokens)}
    for name, text in list(found.items()):
        if name in ("phone", "e-mail", "Slack token", "signing secret"):
            found |= {f"{name} in base64, from {shift}": _in_base64(text, shift) for shift in range(3)}
    return found


def _in_base64(text: str, shift: int) -> str:
    """What a text looks like within longer base64, where it begins `shift` bytes after a group of three."""
    coded = base64.b64encode(b"\0" * shift + text.encode()).decode().rstrip("=")
    return coded[(0, 2, 3)[shift] : -1]


@dataclass
class Watch:
    """All that was logged and printed; `plain` is what the same lines say without our formatter."""

    lines: io.StringIO = field(default_factory=io.StringIO)
    plain: io.StringIO = field(default_factory=io.StringIO)
    printed: Callable[[], str] = lambda: ""
    failures: list[BaseException] = field(default_factory=list)

    def seen(self) -> str:
        """What an operator, or whoever reads the log group, sees."""
        # Lambda prints an uncaught exception as Python does.
        failed = "".join("".join(traceback.format_exception(failure)) for failure in self.failures)
        return self.lines.getvalue() + self.printed() + failed

    def run(self, step: Callable[[], object]) -> None:
        """One call of Lambda's, whatever it ends in."""
        try:
            step()
        except Exception as failure:
            self.failures.append(failure)

    def run_adapter(self, step: Callable[[], object]) -> None:
        """One call of an adapter's; what it raises is logged, with its causes, as the edge of the app does."""
        try:
            step()
        except Exception:
            logging.getLogger("canary").exception("function_failed")


@pytest.fixture
def watch(capsys: pytest.CaptureFixture[str]) -> Iterator[Watch]:
    """The root logger as `logs.set_up` leaves it in a function, then everything at DEBUG, the libraries' own too."""
    watch = Watch(printed=lambda: "".join(capsys.readouterr()))
    root, noisy = logging.getLogger(), [logging.getLogger(name) for name in logs._NOISY]
    before = (list(root.handlers), root.level, [logger.level for logger in noisy], set(logs._secrets))
    root.handlers = [logging.StreamHandler(watch.lines)]
    logs.set_up(logging.DEBUG)
    assert isinstance(root.handlers[0].formatter, ScrubbedJson)
    root.addHandler(logging.StreamHandler(watch.plain))
    for logger in noisy:
        logger.setLevel(logging.DEBUG)
    yield watch
    root.handlers, root.level = before[0], before[1]
    root.setLevel(before[1])
    for logger, level in zip(noisy, before[2], strict=True):
        logger.setLevel(level)
    logs._secrets.clear()
    logs._secrets.update(before[3])


def assert_unseen(watch: Watch, *tokens: str) -> None:
    seen = watch.seen()
    assert [name for name, text in canaries(*tokens).items() if text in seen] == []


# ---------------------------------------------------------------- through every use case


LINK = Link("A-1", chain_id(WED), 2880)


def a_canary_shop() -> FakeRuntime:
    """Mei with a phone and an address; Arun's row is wrong in every cell that holds a contact."""
    rt = a_shop(
        a_row(email=MAIL),
        a_row("B-2", customer="Arun", phone=f"{LOCAL_PHONE} / {PHONE}", email=f"{MAIL}, x", service=MAIL),
        a_row("C-3", customer=PHONE, phone="", email=MAIL, status=f"call {LOCAL_PHONE}", date=PHONE),
    )
    rt.metrics = EmfMetrics()  # type: ignore[assignment]
    rt.presses = SlackPresses(lambda: SIGNING_SECRET)  # type: ignore[attr-defined]
    for secret in SECRETS.values():
        logs.hide(secret)
    for secret in (KEY_TEXT, PRIVATE_KEY):  # as the adapter announces them when it reads them
        logs.hide(secret)
    return rt


def tokens_of(rt: FakeRuntime) -> tuple[str, ...]:
    keys = rt.secrets.reply_keys()
    buttons = [issue_action(LINK, act, NONCE, WED, keys) for act in ("confirm", "cancel", "no-texts", "no-emails")]
    return (issue_link(LINK, keys), *buttons)


def play(watch: Watch, rt: FakeRuntime, tokens: tuple[str, ...], broken: Callable[[], None] = lambda: None) -> None:
    """Everything that the app is called for, twice over; `broken` breaks something once all is under way."""
    link, confirm, cancel, no_texts, no_emails = tokens
    docs, bus = rt.docs, rt.bus
    with Client(app) as client:

        def cw(name: str, kind: str, detail: dict[str, object]) -> None:
            watch.run(lambda: client.lambda_.invoke(name, client.events.generate_cw_event("ar", kind, detail, [])))

        def http(method: str, path: str, body: str = "", **changes: Any) -> None:
            watch.run(lambda: app(url_event(method, path, body, **changes), None))

        cw("drive_sync", "Scheduled Event", {})
        rt.clock.now = WED - timedelta(hours=48)
        broken()
        for _ in range(2):
            cw("drive_sync", "Scheduled Event", {})
            cw("reminder", "Scheduled Event", {})
            cw("reminder_on_change", "ar.tick_requested", {})
            for move in list(bus.moves):
                cw("dispatch", move.detail_type, move.detail())
            detail = {"version": 1, "appt_id": "A-1", "chain": LINK.chain, "planned": "x", "move": "x", "what": PHONE}
            cw("dispatch", "ar.first_reminder", dict(detail))
            http("GET", f"/r/{link}?a=confirm&x={PHONE}")
            http("GET", f"/r/{link}?move=1")
            for pressed in (confirm, cancel, no_texts, cancel[:-1]):
                http("POST", f"/r/{link}", f"t={pressed}&email={MAIL}")
            http("POST", f"/r/{link}/{MAIL}", f"t={confirm}")
            http("PUT", f"/r/{link}", f"t={confirm}")
            http("POST", f"/u/{link}", f"t={no_emails}")
            http("POST", f"/u/{link}", json.dumps({"t": confirm}), headers={"content-type": "application/json"})
            http("GET", f"/u/{link}")
            for action in ACTS:
                press = {"action": action, "value": f"{LINK.chain}|A-1", "user": MAIL, "channel": "C1", "message": "1"}
                cw("staff_action", "ar.staff_action", dict(press))
            cw("staff_action", "ar.staff_action", {"action": PHONE, "value": PHONE, "user": MAIL})
            signed = slack_event(slack_body(user=PHONE), at=rt.clock.now, secret=SIGNING_SECRET)
            http("POST", "/slack/interactive", signed["body"], headers=signed["headers"])
            forged = {**FORM, "x-slack-signature": SIGNING_SECRET, "x-slack-request-timestamp": "1"}
            http("POST", "/slack/interactive", f"payload={PHONE}", headers=forged)
            for status in ("SUCCESS", "FAILURE"):
                said = {"destination": PHONE, "providerResponse": f"{PHONE} blocked for {MAIL}"}
                entry = {"notification": {"messageId": "sms-1"}, "status": status, "delivery": said}
                watch.run(lambda entry=entry: client.lambda_.invoke("sms_delivery", _log_event(entry, {"x": PHONE})))
            docs.put(Document.RULES, f"{RULES}Call {PHONE} or {MAIL}: 5.\n")
            rt.clock.forward(hours=1)


def _log_event(*entries: object) -> dict[str, Any]:
    events = [{"id": "1", "timestamp": 1, "message": json.dumps(entry)} for entry in entries]
    packed = gzip.compress(json.dumps({"messageType": "DATA_MESSAGE", "logEvents": events}).encode())
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}


@pytest.fixture
def rt(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> FakeRuntime:
    rt = a_canary_shop()
    monkeypatch.setattr(bootstrap, "_runtime", rt)
    return rt


def test_nothing_that_must_not_be_seen_is_seen_when_all_goes_well(watch: Watch, rt: FakeRuntime) -> None:
    tokens = tokens_of(rt)
    play(watch, rt, tokens)
    assert rt.sms.texts and rt.staff.lines and rt.store.audit("A-1")
    assert_unseen(watch, *tokens)
    assert watch.lines.getvalue()


class Broken:
    """A port of which every call ends in this failure."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_: object, **__: object) -> Any:
            raise self._failure

        return fail


PORTS = [
    *("documents", "sheet", "docs", "store", "ledger", "bus", "schedules"),
    *("sms", "email", "staff", "parameters", "secrets", "presses", "tokens"),
]
FAILURES: dict[str, Callable[[], Exception]] = {
    "a bug": lambda: RuntimeError(ALL_AT_ONCE),
    "upstream": lambda: UpstreamError("AWS", ALL_AT_ONCE),
    "the store": lambda: StoreNoAnswer(ALL_AT_ONCE),
    "a no": lambda: DefiniteNo("SNS", ALL_AT_ONCE),
    "a bad recipient": lambda: BadRecipient("SNS", ALL_AT_ONCE),
    "no answer": lambda: NoAnswer("SNS", ALL_AT_ONCE),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("port", PORTS)
def test_nothing_is_seen_when_a_port_fails_and_says_everything(
    watch: Watch, rt: FakeRuntime, port: str, failure: str
) -> None:
    tokens = tokens_of(rt)
    chained = FAILURES[failure]()
    chained.__cause__ = ValueError(f"{ALL_AT_ONCE} {tokens}")
    play(watch, rt, tokens, broken=lambda: setattr(rt, port, Broken(chained)))
    assert_unseen(watch, *tokens)


def test_the_same_lines_without_our_formatter_would_show_them(watch: Watch, rt: FakeRuntime) -> None:
    """The control: the canaries do come by."""
    tokens = tokens_of(rt)
    play(watch, rt, tokens, broken=lambda: setattr(rt, "store", Broken(RuntimeError(f"{ALL_AT_ONCE} {tokens}"))))
    plain = watch.plain.getvalue()
    for text in (PHONE, MAIL, KEY_TEXT, SLACK_TOKEN, SIGNING_SECRET, *tokens):
        assert text in plain


def test_a_failed_function_shows_lambda_nothing_of_its_cause(watch: Watch, rt: FakeRuntime) -> None:
    play(watch, rt, tokens_of(rt), broken=lambda: setattr(rt, "documents", Broken(RuntimeError(ALL_AT_ONCE))))
    assert watch.failures
    assert {str(failure) for failure in watch.failures} <= {"RuntimeError", "ValueError", "KeyError"}
    assert all(not isinstance(failure, ReminderError) for failure in watch.failures)


# ---------------------------------------------------------------- through the vendors' libraries at DEBUG


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with a_vendor() as vendor:
        yield vendor


def aws(service: str, vendor: Vendor) -> Any:
    return boto3.client(
        service,
        endpoint_url=vendor.url,
        region_name="ap-southeast-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="canary-secret-access-key-0123456789abcdef",
        aws_session_token="canarySessionToken0123456789ABCDEFabcdefCANARY/+xyz==",
        config=ClientConfig(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=2),
    )


ECHO = json.dumps({"__type": "InvalidParameter", "message": f"refused {PHONE} {MAIL} {LOCAL_PHONE}"}).encode()
ANSWERS = [(200, b"{}"), (400, ECHO), (500, ECHO), (200, b"<html>"), (200, ECHO)]


@pytest.mark.parametrize(("status", "body"), ANSWERS, ids=range(len(ANSWERS)))
def test_a_text_is_in_no_line_of_the_sdk_s(watch: Watch, vendor: Vendor, status: int, body: bytes) -> None:
    vendor.status, vendor.body = status, body
    token = issue_link(LINK, FakeRuntime(NOW).secrets.reply_keys())
    sms = SnsSms(aws("sns", vendor), lambda: "BRIGHT")
    watch.run_adapter(lambda: sms.send(PHONE, f"Hello, see https://r.bright.sg/r/{token}?a=confirm or {token}"))
    assert vendor.requests
    assert_unseen(watch, token)
    assert "canary-secret" not in watch.seen() and "canarySessionToken" not in watch.seen()


@pytest.mark.parametrize(("status", "body"), ANSWERS, ids=range(len(ANSWERS)))
def test_a_mail_is_in_no_line_of_the_sdk_s(watch: Watch, vendor: Vendor, status: int, body: bytes) -> None:
    vendor.status, vendor.body = status, body
    token = issue_link(LINK, FakeRuntime(NOW).secrets.reply_keys())
    page = f"https://r.bright.sg/r/{token}"
    mail = EmailMessage(
        to=MAIL, subject=f"Hello {MAIL}", body=f"See {page} or call {PHONE}", actions=(("Confirm", page),),
        unsubscribe_url=page.replace("/r/", "/u/"),
    )  # fmt: skip
    email = SesEmail(aws("sesv2", vendor), lambda: "appointments@bright.example", lambda: NOW)
    watch.run_adapter(lambda: email.send(mail))
    assert vendor.requests
    assert_unseen(watch, token, *(_in_base64(token[4:], shift) for shift in range(3)))


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_in_no_line_even_of_its_own_answer(watch: Watch, vendor: Vendor, name: str) -> None:
    vendor.body = json.dumps({"Name": name, "SecretString": SECRETS[name], "VersionStages": ["AWSCURRENT"]}).encode()
    secrets = SecretsManager(aws("secretsmanager", vendor), logs.hide)
    for read in (secrets.reply_keys, secrets.slack_token, secrets.slack_signing_secret, secrets.google_account):
        watch.run_adapter(read)  # the wrong reader too: what is of another form must not be shown either
    assert "Response body" in watch.plain.getvalue()
    assert_unseen(watch)


@pytest.mark.parametrize(("status", "body"), ANSWERS, ids=range(len(ANSWERS)))
def test_a_contact_is_in_no_line_of_the_tables(watch: Watch, vendor: Vendor, status: int, body: bytes) -> None:
    vendor.status, vendor.body = status, body
    store = DynamoStore(aws("dynamodb", vendor))
    watch.run_adapter(lambda: store.commit(SetOptOut(PHONE, True, NOW), SetOptOut(MAIL, True, NOW)))
    watch.run_adapter(lambda: store.opted_out([PHONE, MAIL, LOCAL_PHONE]))
    watch.run_adapter(lambda: store.count_text(PHONE, "2026-11-24", 12, 300))
    assert vendor.requests
    assert_unseen(watch)


@pytest.mark.parametrize(("status", "body"), [*ANSWERS, (200, b'{"ok": false, "error": "invalid_auth"}')], ids=range(6))
def test_a_line_to_staff_and_its_token_are_in_no_line_of_slack_s(
    watch: Watch, vendor: Vendor, status: int, body: bytes
) -> None:
    vendor.status, vendor.body = status, body
    logs.hide(SLACK_TOKEN)
    staff = SlackStaff(lambda: SLACK_TOKEN, f"{vendor.url}/api/")
    watch.run_adapter(lambda: staff.post("#front-desk", StaffLine(f"Please call {PHONE} or write to {MAIL}")))
    watch.run_adapter(lambda: staff.settle("C1", "1.1", f"Called {LOCAL_PHONE}"))
    assert vendor.requests
    assert_unseen(watch)


@pytest.mark.parametrize(("status", "body"), ANSWERS, ids=range(len(ANSWERS)))
def test_the_private_key_is_in_no_line_of_google_s(watch: Watch, vendor: Vendor, status: int, body: bytes) -> None:
    vendor.status, vendor.body = status, body
    account = {
        "type": "service_account",
        "client_email": MAIL,
        "private_key": PRIVATE_KEY,
        "private_key_id": "k1",
        "token_uri": f"{vendor.url}/token",
    }
    sheet = GoogleSheet(GoogleApi(lambda: account, vendor.url), "sheet")
    watch.run_adapter(sheet.read)
    watch.run_adapter(sheet.modified)
    watch.run_adapter(
        lambda: GoogleSheet(GoogleApi(lambda: {**account, "private_key": PRIVATE_KEY[:-90]}, ""), "s").read()
    )
    assert vendor.requests
    assert_unseen(watch)


# ---------------------------------------------------------------- as the functions run


def test_the_libraries_debug_lines_are_off_in_a_function(watch: Watch) -> None:
    logs.set_up(logging.DEBUG)
    for name in ("botocore.endpoint", "botocore.parsers", "urllib3.connectionpool", "slack_sdk.web.base_client"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_our_own_code_prints_nothing() -> None:
    for path in (Path(__file__).parents[2] / "chalicelib").rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        assert not [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"], path


def test_a_long_line_is_scrubbed_whole(watch: Watch) -> None:
    text = " ".join([f"row {n}: fine" for n in range(2000)] + [PHONE, MAIL, LOCAL_PHONE])
    logging.getLogger("canary").error(text, extra={"deep": [{"a": ({"b": text},)}], MAIL: PHONE})
    assert_unseen(watch)


def test_what_isn_t_text_is_scrubbed_as_text(watch: Watch) -> None:
    @dataclass
    class Row:
        phone: str = PHONE
        email: str = MAIL

    extra = {"row": Row(), "raw": f"{PHONE} {MAIL}".encode(), "pair": {PHONE, MAIL}, "error": ValueError(PHONE)}
    logging.getLogger("canary").error("%s %r", Row(), Row(), extra=extra)
    assert_unseen(watch)
