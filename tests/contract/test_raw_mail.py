"""The raw mails: what S3 holds, in the real adapter and in the fake, by one contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from chalicelib import names
from chalicelib.adapters.s3_raw_mail import S3RawMail
from chalicelib.errors import UpstreamError
from chalicelib.intake_ports import RawMail
from tests.fakes.intake import FakeRawMail

Put = Callable[[str, bytes], None]
ODD_KEY = "2026/11 mails/größe+1 & co.eml"


@pytest.fixture(params=["fake", pytest.param("s3", marks=pytest.mark.ministack)])
def room(request: pytest.FixtureRequest) -> Iterator[tuple[RawMail, Put]]:
    """The raw mails, and SES, which puts them there."""
    if request.param == "fake":
        fake = FakeRawMail()
        yield fake, fake.mails.__setitem__
        return
    client = a_bucket(request.getfixturevalue("empty_ministack"))
    yield S3RawMail(client), lambda key, raw: client.put_object(Bucket=names.RAW_MIME_BUCKET, Key=key, Body=raw)


def a_bucket(aws: Any) -> Any:
    client = boto3.client("s3", **aws.client_options())
    client.create_bucket(
        Bucket=names.RAW_MIME_BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"}
    )
    return client


def test_a_mail_is_weighed_and_read_as_it_came(room: tuple[RawMail, Put]) -> None:
    """Promise 8."""
    mails, put = room
    put(ODD_KEY, b"Subject: x\r\n\r\n\x00\xff")
    assert mails.size(ODD_KEY) == 16
    assert mails.read(ODD_KEY) == b"Subject: x\r\n\r\n\x00\xff"


def test_a_mail_s_beginning_can_be_read_alone(room: tuple[RawMail, Put]) -> None:
    mails, put = room
    put("a", b"Subject: x\r\n" + b"." * 1000)
    assert mails.read("a", 10) == b"Subject: x"
    assert len(mails.read("a", 5000)) == 1012


def test_a_mail_that_is_not_there_weighs_none(room: tuple[RawMail, Put]) -> None:
    assert room[0].size("absent") is None


def test_an_attachment_is_laid_down_once_however_often_and_is_no_mail(room: tuple[RawMail, Put]) -> None:
    mails, put = room
    put("b", b"mail")
    put("a", b"mail")
    keys = {mails.put_attachment("a", 0, "application/pdf", b"%PDF-") for _ in range(3)}
    other = mails.put_attachment("a", 1, "application/pdf", b"%PDF-")
    assert len(keys) == 1
    assert other not in keys
    assert all(key.startswith(names.ATTACHMENTS) for key in (*keys, other))
    assert mails.keys() == ["a", "b"]


@pytest.mark.ministack
def test_a_bucket_that_is_not_there_is_s3_s_fault_and_not_a_missing_mail(empty_ministack: Any) -> None:
    mails = S3RawMail(boto3.client("s3", **empty_ministack.client_options()))
    with pytest.raises(UpstreamError, match="S3"):
        mails.read("a")
