"""How far an account is from sending to strangers: what SNS, its texts' API and SES answer when they are asked.

The embedded AWS knows none of it, or only the best case. Each field can be changed while a world runs; as they stand
they are those of an account that is ready.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from local.standins.http import Request, Response, json_response

_XMLNS = "http://sns.amazonaws.com/doc/2010-03-31/"
LOG_ROLE = "arn:aws:iam::000000000000:role/ar-sms-log"


@dataclass
class TextSettings:
    """SNS's settings for texts, the account's sender ids (id, country, registered) and its numbers (number, status)."""

    sandbox: bool = False
    attributes: dict[str, str] = field(
        default_factory=lambda: {
            "MonthlySpendLimit": "20",
            "DefaultSMSType": "Transactional",
            "DeliveryStatusIAMRole": LOG_ROLE,
            "DeliveryStatusSuccessSamplingRate": "100",
        }
    )
    sender_ids: list[tuple[str, str, bool]] = field(default_factory=lambda: [("BRIGHT", "SG", True)])
    numbers: list[tuple[str, str]] = field(default_factory=list)

    def sns_answer(self, action: str) -> Response | None:
        """SNS's answer to a question about its settings; None for what is no such question."""
        if action == "GetSMSAttributes":
            entries = "".join(
                f"<entry><key>{escape(name)}</key><value>{escape(value)}</value></entry>"
                for name, value in self.attributes.items()
            )
            return _sns(action, f"<attributes>{entries}</attributes>")
        if action == "GetSMSSandboxAccountStatus":
            return _sns(action, f"<IsInSandbox>{str(self.sandbox).lower()}</IsInSandbox>")
        return None

    def voice_answer(self, request: Request) -> Response:
        """The answer of the API that knows senders (pinpoint-sms-voice-v2)."""
        action = request.headers["x-amz-target"].rpartition(".")[2]
        if action == "DescribePhoneNumbers":
            numbers = [{"PhoneNumber": number, "Status": status} for number, status in self.numbers]
            return json_response({"PhoneNumbers": numbers})
        if action != "DescribeSenderIds":
            body = json.dumps({"__type": "ValidationException", "Message": "no such operation"}).encode()
            return Response(400, body, "application/x-amz-json-1.0")
        listed = [
            {
                "SenderIdArn": f"arn:aws:sms-voice:ap-southeast-1:000000000000:sender-id/{name}/{country}",
                "SenderId": name,
                "IsoCountryCode": country,
                "MessageTypes": ["TRANSACTIONAL"],
                "MonthlyLeasingPrice": "0.00",
                "DeletionProtectionEnabled": False,
                "Registered": registered,
            }
            for name, country, registered in self.sender_ids
        ]
        return json_response({"SenderIds": listed})


@dataclass
class MailSettings:
    """SES's account and the identities in it: what is said of them instead of what the embedded AWS says."""

    account: dict[str, object] = field(default_factory=dict)  # like {"ProductionAccessEnabled": False}
    dkim: str = "SUCCESS"
    unverified: bool = False

    def seen(self, request: Request, answer: Response) -> Response:
        """The embedded AWS's answer, as this account's would be."""
        if request.method != "GET" or answer.status != 200:
            return answer
        path, said = request.path, json.loads(answer.body or b"{}")
        if path.endswith("/email/account"):
            return json_response({**said, **self.account})
        if "/email/identities/" in path:
            dkim = {**said.get("DkimAttributes", {}), "Status": self.dkim, "SigningEnabled": self.dkim == "SUCCESS"}
            return json_response({**said, "DkimAttributes": dkim, "VerifiedForSendingStatus": not self.unverified})
        return answer


def _sns(action: str, result: str) -> Response:
    body = f'<{action}Response xmlns="{_XMLNS}"><{action}Result>{result}</{action}Result></{action}Response>'
    return Response(200, body.encode(), "text/xml")
