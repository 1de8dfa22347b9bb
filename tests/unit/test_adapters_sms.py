"""SNS: one request per text, and a clear word on whether it may have left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.config import Config as ClientConfig

from chalicelib.adapters.sns_sms import SnsSms
from chalicelib.errors import BadRecipient, DefiniteNo, DeliveryError, NoAnswer
from tests.fakes.answering import Vendor, a_closed_port, a_vendor

PHONE = "+6591234567"
SENT = (
    b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId>'
    b"</PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>"
)


def refusal(code: str, message: str = "no") -> bytes:
    return (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>r</RequestId></ErrorResponse>"
    ).encode()


def sms_at(url: str, sender: str = "BRIGHT", read_seconds: float = 5) -> SnsSms:
    client = boto3.client(
        "sns",
        endpoint_url=url,
        region_name="ap-southeast-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=ClientConfig(connect_timeout=1, read_timeout=read_seconds, retries={"total_max_attempts": 1}),
    )
    return SnsSms(client, lambda: sender)


@pytest.fixture
def sns() -> Iterator[Vendor]:
    with a_vendor() as vendor:
        vendor.body, vendor.content_type = SENT, "text/xml"
        yield vendor


def failure(sms: SnsSms) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sms.send(PHONE, "Hello Mei")
    assert PHONE not in str(caught.value)
    return caught.value


def test_a_text_is_transactional_to_an_e164_number_from_the_registered_sender(sns: Vendor) -> None:
    """Promise 46."""
    assert sms_at(sns.url).send(PHONE, "Hello Mei") == "m-1"
    asked = parse_qs(sns.requests[0][3].decode())
    assert asked["PhoneNumber"] == [PHONE]
    attributes = {
        asked[f"MessageAttributes.entry.{place}.Name"][0]: asked[f"MessageAttributes.entry.{place}.Value.StringValue"][
            0
        ]
        for place in (1, 2)
    }
    assert attributes == {"AWS.SNS.SMS.SMSType": "Transactional", "AWS.SNS.SMS.SenderID": "BRIGHT"}


def test_a_sender_that_is_a_number_is_an_origination_number(sns: Vendor) -> None:
    sms_at(sns.url, sender="+6598765432").send(PHONE, "Hello Mei")
    assert b"AWS.MM.SMS.OriginationNumber" in sns.requests[0][3]


def test_every_text_has_a_connection_of_its_own(sns: Vendor) -> None:
    sms = sms_at(sns.url)
    sms.send(PHONE, "one")
    sms.send(PHONE, "two")
    assert len(sns.connections) == 2


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_s_failure_is_no_answer_and_one_request(sns: Vendor, status: int) -> None:
    sns.status, sns.body = status, refusal("InternalError")
    assert type(failure(sms_at(sns.url))) is NoAnswer
    assert len(sns.requests) == 1


def test_a_connection_that_breaks_after_the_request_is_no_answer_and_one_request(sns: Vendor) -> None:
    sns.hang_up = True
    assert type(failure(sms_at(sns.url))) is NoAnswer
    assert len(sns.requests) == 1


def test_a_vendor_that_keeps_silent_is_no_answer_and_one_request(sns: Vendor) -> None:
    sns.keep_silent = threading.Event()
    assert type(failure(sms_at(sns.url, read_seconds=0.3))) is NoAnswer
    assert len(sns.requests) == 1


def test_an_answer_that_cannot_be_read_is_no_answer(sns: Vendor) -> None:
    sns.body = b"<html>login"
    assert type(failure(sms_at(sns.url))) is NoAnswer


def test_a_vendor_that_is_not_there_is_a_definite_no() -> None:
    assert type(failure(sms_at(f"http://127.0.0.1:{a_closed_port()}"))) is DefiniteNo


@pytest.mark.parametrize("code", ["Throttling", "AuthorizationError", "KMSThrottling"])
def test_a_refusal_that_may_pass_is_a_definite_no(sns: Vendor, code: str) -> None:
    sns.status, sns.body = 400, refusal(code)
    assert type(failure(sms_at(sns.url))) is DefiniteNo


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidParameter", "Invalid parameter: PhoneNumber Reason: +6591234567 is not valid to publish to"),
        ("InvalidParameterValue", "Invalid phone number"),
        ("InvalidParameter", "Invalid parameter: this number has opted out"),
        ("OptedOut", "no"),
    ],
)
def test_a_number_that_sns_will_never_text_is_a_bad_recipient(sns: Vendor, code: str, message: str) -> None:
    sns.status, sns.body = 400, refusal(code, message)
    assert type(failure(sms_at(sns.url))) is BadRecipient


def test_a_wrong_sender_is_not_the_customer_s_fault(sns: Vendor) -> None:
    sns.status, sns.body = 400, refusal("InvalidParameter", "Invalid parameter: AWS.SNS.SMS.SenderID")
    assert type(failure(sms_at(sns.url))) is DefiniteNo


@pytest.mark.parametrize("phone", ["", "91234567", "+0123456789", "+65 9123 4567", "+6591234567\n"])
def test_what_is_no_e164_number_is_never_sent_to(sns: Vendor, phone: str) -> None:
    with pytest.raises(BadRecipient):
        sms_at(sns.url).send(phone, "Hello Mei")
    assert sns.requests == []
