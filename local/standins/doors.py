"""The doors of SNS and SES: they note what leaves, by the moved clock, and pass it on to ministack.

What passes a door is what a customer would have received, whatever the ledger says: the headless report counts
duplicates from here. A door can also answer what ministack doesn't know: an invalid or opted-out number.
"""

from __future__ import annotations

import base64
import email
import email.policy
import re
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.error import HTTPError
from xml.sax.saxutils import escape

from local.standins.account_settings import MailSettings, TextSettings
from local.standins.http import HttpStandIn, Request, Response, json_response


@dataclass
class Text:
    """One text that left. `at` is the moved clock's, ISO UTC."""

    at: str
    to: str
    body: str
    message_id: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Mail:
    """One e-mail that left, as it was sent (raw MIME, base64)."""

    at: str
    to: str
    subject: str
    raw: str
    message_id: str

    @property
    def mime(self) -> EmailMessage:
        """The message, parsed."""
        parsed = email.message_from_bytes(base64.b64decode(self.raw), policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, content_type: str) -> str:
        """The text of the first part of that type; "" if there is none."""
        for part in self.mime.walk():
            if part.get_content_type() == content_type:
                return str(part.get_content())
        return ""

    def pictures(self) -> dict[str, str]:
        """The PNGs inside it, base64, by their content id."""
        found = {}
        for part in self.mime.walk():
            if part.get_content_type() == "image/png" and part["Content-ID"]:
                found[str(part["Content-ID"]).strip("<>")] = base64.b64encode(part.get_content()).decode()
        return found


class SmsDoor(HttpStandIn):
    """SNS's door. `Publish` to a phone number is noted; everything is passed on to ministack."""

    def __init__(self, clock: Callable[[], datetime], behind: str) -> None:
        super().__init__()
        self._clock = clock
        self._behind = behind
        self._guard = threading.Lock()
        self.texts: list[Text] = []
        self.opted_out: set[str] = set()
        self.undeliverable: set[str] = set()
        self.settings = TextSettings()
        self._reports: list[Text] = []

    def handle(self, request: Request) -> Response:
        """Pass on, noting texts; refuse as SNS does what is no number, or opted out with the carrier."""
        if "x-amz-target" in request.headers:
            return self.settings.voice_answer(request)
        form = request.form()
        if answer := self.settings.sns_answer(form.get("Action", "")):
            return answer
        phone = form.get("PhoneNumber", "")
        if form.get("Action") != "Publish" or not phone:
            return _passed_on(request, self._behind)
        if not re.fullmatch(r"\+[1-9]\d{6,14}", phone):
            return _sns_error(
                "InvalidParameter", f"Invalid parameter: PhoneNumber Reason: {phone} is not valid to publish to"
            )
        if phone in self.opted_out:
            return _sns_error("OptedOut", "Phone number is opted out")
        answer = _passed_on(request, self._behind)
        if answer.status == 200:
            found = re.search(rb"<MessageId>([^<]+)</MessageId>", answer.body)
            text = Text(
                at=self._clock().isoformat(),
                to=phone,
                body=form.get("Message", ""),
                message_id=found[1].decode() if found else "",
                attributes=_attributes(form),
            )
            with self._guard:
                self.texts.append(text)
                self._reports.append(text)
        return answer

    def take_reports(self) -> list[dict[str, Any]]:
        """The delivery log's entries of the texts since the last time, in SNS's own form."""
        with self._guard:
            texts, self._reports = self._reports, []
        return [self._report(text) for text in texts]

    def _report(self, text: Text) -> dict[str, Any]:
        delivered = text.to not in self.undeliverable
        return {
            "notification": {"messageId": text.message_id, "timestamp": text.at},
            "delivery": {
                "destination": text.to,
                "smsType": "Transactional",
                "providerResponse": "Message has been accepted by phone"
                if delivered
                else "Phone is currently unreachable",
                "dwellTimeMs": 300,
                "dwellTimeMsUntilDeviceAck": 1500,
            },
            "status": "SUCCESS" if delivered else "FAILURE",
        }

    def save(self) -> list[dict[str, Any]]:
        """Every text, JSON-able."""
        with self._guard:
            return [asdict(text) for text in self.texts]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Put saved texts back."""
        with self._guard:
            self.texts = [Text(**entry) for entry in saved]


class MailDoor(HttpStandIn):
    """SES v2's door: raw mails are noted and passed on."""

    def __init__(self, clock: Callable[[], datetime], behind: str) -> None:
        super().__init__()
        self._clock = clock
        self._behind = behind
        self._guard = threading.Lock()
        self.mails: list[Mail] = []
        self.settings = MailSettings()
        self.refused: set[str] = set()

    def handle(self, request: Request) -> Response:
        """Pass on, noting mails; refuse addresses that were made to bounce."""
        if request.method != "POST" or not request.path.endswith("/outbound-emails"):
            return self.settings.seen(request, _passed_on(request, self._behind))
        body = request.json()
        recipients = (body.get("Destination") or {}).get("ToAddresses") or []
        raw = ((body.get("Content") or {}).get("Raw") or {}).get("Data", "")
        parsed = email.message_from_bytes(base64.b64decode(raw), policy=email.policy.default)
        to = recipients[0] if recipients else str(parsed["To"])
        if to in self.refused:
            return _ses_error("MessageRejected", "Address is on the suppression list for your account")
        answer = _passed_on(request, self._behind)
        if answer.status == 200:
            found = re.search(rb'"MessageId":\s*"([^"]+)"', answer.body)
            mail = Mail(
                self._clock().isoformat(), to, str(parsed["Subject"] or ""), raw, found[1].decode() if found else ""
            )
            with self._guard:
                self.mails.append(mail)
        return answer

    def save(self) -> list[dict[str, Any]]:
        """Every mail, JSON-able."""
        with self._guard:
            return [asdict(mail) for mail in self.mails]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Put saved mails back."""
        with self._guard:
            self.mails = [Mail(**entry) for entry in saved]


def _attributes(form: dict[str, str]) -> dict[str, str]:
    names = {
        key[:-5]: value for key, value in form.items() if re.fullmatch(r"MessageAttributes\.entry\.\d+\.Name", key)
    }
    return {name: form.get(f"{prefix}.Value.StringValue", "") for prefix, name in names.items()}


def _passed_on(request: Request, behind: str) -> Response:
    """The same request to ministack, and its answer."""
    kept = {k: v for k, v in request.headers.items() if k not in ("host", "connection", "content-length", "expect")}
    passed = urllib.request.Request(behind + request.path, request.body or None, kept, method=request.method)
    try:
        with urllib.request.urlopen(passed, timeout=30) as answer:
            return Response(answer.status, answer.read(), answer.headers.get("Content-Type", "text/xml"))
    except HTTPError as refused:
        return Response(
            refused.code, refused.read(), refused.headers.get("Content-Type", "text/xml"), dict(refused.headers)
        )


def _sns_error(code: str, message: str) -> Response:
    body = (
        '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{escape(message)}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return Response(400, body.encode(), "text/xml")


def _ses_error(code: str, message: str) -> Response:
    answer = json_response({"message": message}, 400)
    return Response(400, answer.body, "application/json", {"x-amzn-errortype": code})
