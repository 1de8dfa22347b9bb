"""The mirror, the parameters and the secrets on the embedded AWS."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest

from chalicelib import names
from chalicelib.adapters.s3_documents import S3Documents
from chalicelib.adapters.secrets_manager import SecretsManager, parse_reply_keys
from chalicelib.adapters.ssm_parameters import SsmParameters
from chalicelib.errors import ConfigError, StoreConflict, UpstreamError
from chalicelib.ports import Document, SendingSwitch, Stored

pytestmark = pytest.mark.ministack


@pytest.fixture
def s3(empty_ministack: Any) -> Any:
    client = boto3.client("s3", **empty_ministack.client_options())
    for bucket in (names.APPOINTMENTS_BUCKET, names.RULES_BUCKET):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return client


def test_a_document_that_was_never_written_is_none(s3: Any) -> None:
    assert S3Documents(s3).read(Document.APPOINTMENTS) is None


def test_what_is_written_is_what_is_read_by_anybody(s3: Any) -> None:
    """Promise 6."""
    written = S3Documents(s3).write(Document.RULES, "Dental cleaning: 48 and 2 hours – ”Mei“\r\n", None)
    assert S3Documents(s3).read(Document.RULES) == written


def test_the_sheet_lands_where_the_spec_says(s3: Any) -> None:
    """Promise 5."""
    S3Documents(s3).write(Document.APPOINTMENTS, "appt_id\n", None)
    assert s3.get_object(Bucket="ar-appointments-source", Key="appointments.csv")["Body"].read() == b"appt_id\n"


def test_only_the_version_that_was_read_can_be_replaced(s3: Any) -> None:
    mine, other = S3Documents(s3), S3Documents(s3)
    first = mine.write(Document.APPOINTMENTS, "one", None)
    second = other.write(Document.APPOINTMENTS, "two", first)
    with pytest.raises(StoreConflict):
        mine.write(Document.APPOINTMENTS, "three", first)
    assert mine.read(Document.APPOINTMENTS) == second


def test_the_first_version_is_written_once(s3: Any) -> None:
    S3Documents(s3).write(Document.VOICE, "one", None)
    with pytest.raises(StoreConflict):
        S3Documents(s3).write(Document.VOICE, "two", None)


def test_replacing_what_is_gone_is_a_conflict(s3: Any) -> None:
    with pytest.raises(StoreConflict):
        S3Documents(s3).write(Document.VOICE, "two", Stored("one", '"0123"'))


def test_a_retry_of_a_write_that_had_landed_is_no_conflict(s3: Any) -> None:
    first = S3Documents(s3).write(Document.APPOINTMENTS, "one", None)
    landed = S3Documents(s3).write(Document.APPOINTMENTS, "two", first)
    assert S3Documents(s3).write(Document.APPOINTMENTS, "two", first) == landed


def test_an_earlier_version_can_be_put_back(s3: Any) -> None:
    """Promise 7."""
    documents = S3Documents(s3)
    documents.write(Document.APPOINTMENTS, "bad", documents.write(Document.APPOINTMENTS, "good", None))
    versions = s3.list_object_versions(Bucket=names.APPOINTMENTS_BUCKET)["Versions"]
    [former] = [one["VersionId"] for one in versions if not one["IsLatest"]]
    s3.copy_object(
        Bucket=names.APPOINTMENTS_BUCKET,
        Key=names.APPOINTMENTS_KEY,
        CopySource={"Bucket": names.APPOINTMENTS_BUCKET, "Key": names.APPOINTMENTS_KEY, "VersionId": former},
    )
    found = documents.read(Document.APPOINTMENTS)
    assert found is not None
    assert found.text == "good"


def test_a_version_that_was_seen_is_not_fetched_again(s3: Any) -> None:
    documents = S3Documents(s3)
    written = documents.write(Document.APPOINTMENTS, "one", None)
    sizes: list[int] = []
    s3.meta.events.register(
        "after-call.s3.GetObject", lambda parsed, **_: sizes.append(parsed["ResponseMetadata"]["HTTPStatusCode"])
    )
    assert documents.read(Document.APPOINTMENTS) == written
    assert sizes == [304]


def test_a_bucket_that_is_not_there_is_an_upstream_failure(empty_ministack: Any) -> None:
    with pytest.raises(UpstreamError, match="NoSuchBucket"):
        S3Documents(boto3.client("s3", **empty_ministack.client_options())).read(Document.RULES)


# ---------------------------------------------------------------- Parameter Store


@pytest.fixture
def ssm(empty_ministack: Any) -> Any:
    return boto3.client("ssm", **empty_ministack.client_options())


def put(ssm: Any, name: str, value: str) -> None:
    ssm.put_parameter(Name=f"/ar/config/{name}", Value=value, Type="String", Overwrite=True)


def test_every_parameter_is_read_however_many_pages_there_are(ssm: Any) -> None:
    for number in range(25):
        put(ssm, f"p{number}", str(number))
    assert SsmParameters(ssm).all() == {f"p{number}": str(number) for number in range(25)}


@pytest.mark.parametrize(
    ("value", "switch"),
    [
        ("on", SendingSwitch.ON),
        ("Staff-Only ", SendingSwitch.STAFF_ONLY),
        ("off", SendingSwitch.OFF),
        ("yes", SendingSwitch.OFF),
    ],
)
def test_the_switch_is_read_and_an_unknown_word_stops(ssm: Any, value: str, switch: SendingSwitch) -> None:
    put(ssm, "sending", value)
    assert SsmParameters(ssm).sending() is switch


def test_the_switch_is_read_fresh(ssm: Any) -> None:
    parameters = SsmParameters(ssm)
    assert parameters.sending() is SendingSwitch.ON
    put(ssm, "sending", "off")
    assert parameters.sending() is SendingSwitch.OFF


# ---------------------------------------------------------------- Secrets Manager

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def vault(empty_ministack: Any) -> Any:
    return boto3.client("secretsmanager", **empty_ministack.client_options())


def test_reply_keys_are_read_once_and_again_when_asked(vault: Any) -> None:
    vault.create_secret(Name="ar/reply/hmac", SecretString=json.dumps({"current": 1, "keys": {"1": KEY}}))
    secrets = SecretsManager(vault)
    assert secrets.reply_keys().keys == {1: b"k" * 32}
    newer = base64.urlsafe_b64encode(b"\xff" * 40).decode().rstrip("=")
    vault.put_secret_value(
        SecretId="ar/reply/hmac", SecretString=json.dumps({"current": 2, "keys": {"1": KEY, "2": newer}})
    )
    assert secrets.reply_keys().current == 1
    assert secrets.reply_keys(reload=True).keys == {1: b"k" * 32, 2: b"\xff" * 40}
    assert secrets.reply_keys().current == 2


def test_every_secret_is_announced_to_the_logs(vault: Any) -> None:
    vault.create_secret(Name="ar/slack/signing-secret", SecretString="0123456789abcdef\n")
    vault.create_secret(Name="ar/drive/sa", SecretString=json.dumps({"private_key": "PEM", "client_email": "sa@x"}))
    heard: list[str] = []
    secrets = SecretsManager(vault, heard.append)
    assert secrets.slack_signing_secret() == "0123456789abcdef"
    assert secrets.google_account()["client_email"] == "sa@x"
    assert "0123456789abcdef\n" in heard
    assert "PEM" in heard


def test_a_secret_that_is_not_there_is_an_upstream_failure(vault: Any) -> None:
    with pytest.raises(UpstreamError, match="ResourceNotFound"):
        SecretsManager(vault).slack_token()


@pytest.mark.parametrize(
    "text",
    [
        "hunter2-hunter2-hunter2",
        "[]",
        "{}",
        json.dumps({"current": 2, "keys": {"1": KEY}}),
        json.dumps({"current": 1, "keys": {"1": base64.b64encode(b"short").decode()}}),
        json.dumps({"current": 16, "keys": {"16": KEY}}),
        json.dumps({"current": 1, "keys": {"1": 5}}),
    ],
)
def test_a_secret_of_another_form_is_named_but_never_shown(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_reply_keys(text)
    assert "ar/reply/hmac" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
