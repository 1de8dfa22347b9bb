"""One message to the owner, on request only: through the shipped adapters, as a customer's would go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from chalicelib.domain.work import StaffLine
from chalicelib.errors import DeliveryError
from chalicelib.ports import EmailMessage
from ops.checks.findings import Check, Finding, ok, wrong
from ops.checks.site import Site

PHONE = re.compile(r"\+[1-9]\d{6,14}")
ADDRESS = re.compile(r"[^@\s<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_WORDS = "This is a test of your appointment reminder. There is nothing to do."


def trials(text: str, mail: str, slack: bool) -> dict[str, Check]:
    """What was asked for: a text to that number, a mail to that address, a line to staff. None of it by itself."""
    asked: dict[str, Check] = {}
    if text:
        asked["a text"] = partial(_text, phone=text)
    if mail:
        asked["a mail"] = partial(_mail, address=mail)
    if slack:
        asked["a Slack line"] = _line
    return asked


def _text(site: Site, phone: str) -> Iterator[Finding]:
    said = f"{site.rt.config.shop_name}: {_WORDS}"
    try:
        message_id = site.rt.sms.send(phone, said)
    except DeliveryError as failure:
        yield _failed("a text", failure, "see Texts; in the sandbox the number must be verified first")
    else:
        yield ok("a text", f"SNS took it ({message_id}); it should be there within a minute")


def _mail(site: Site, address: str) -> Iterator[Finding]:
    shop = site.rt.config.shop_name
    message = EmailMessage(address, f"{shop}: a test of your appointment reminder", _WORDS, shop_name=shop)
    try:
        message_id = site.rt.email.send(message)
    except DeliveryError as failure:
        yield _failed("a mail", failure, "see Mail; in the sandbox the address must be verified first")
    else:
        yield ok("a mail", f"SES took it ({message_id}); look among spam, too")


def _line(site: Site) -> Iterator[Finding]:
    try:
        site.rt.staff.post(site.rt.config.staff_channel, StaffLine(_WORDS, reason="a test on request"))
    except DeliveryError as failure:
        yield _failed("a Slack line", failure, "see Slack")
    else:
        yield ok("a Slack line", f"is in {site.rt.config.staff_channel}")


def _failed(what: str, failure: DeliveryError, mend: str) -> Finding:
    return wrong(what, f"{failure.vendor} did not take it: {failure.reason}", mend)
