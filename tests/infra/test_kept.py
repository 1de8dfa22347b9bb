"""What docs/security.md says of how long things are kept is what the data stack says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib import names
from chalicelib.adapters.dynamodb_items import HOLD_DAYS_KEPT
from chalicelib.adapters.dynamodb_proposals import KEPT as PROPOSALS_KEPT
from chalicelib.adapters.dynamodb_store import COUNTERS_KEPT
from chalicelib.domain.departed import KEPT as DEPARTED_KEPT
from local.tables import KEYS
from ops.settings import load_settings
from tests.infra.synthesized import resources, template

SECURITY = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
KEPT = {
    cells[0].strip(): cells[2].strip()
    for line in SECURITY.partition("## What is kept where")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| ") and len(cells := line.strip().strip("|").split(" | ")) == 3
}


def days(where: str) -> list[int]:
    """The numbers of the last column."""
    return [int(number) for number in re.findall(r"\d+", KEPT[where])]


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    return template("data", load_settings("prod"))


def rules(stack: dict[str, Any], bucket: str) -> dict[str, Any]:
    """The first lifecycle rule of a bucket, whatever its suffix."""
    (found,) = (one for one in resources(stack, "AWS::S3::Bucket") if str(one["BucketName"]).startswith(bucket))
    rule: dict[str, Any] = found["LifecycleConfiguration"]["Rules"][0]
    return rule


def test_the_table_of_what_is_kept_says_the_stack_s_own_days(stack: dict[str, Any]) -> None:
    """Promises 76, 77."""
    for bucket, where in ((names.APPOINTMENTS_BUCKET, "earlier"), (names.RULES_BUCKET, "earlier")):
        rule = rules(stack, bucket)
        (move,) = rule["NoncurrentVersionTransitions"]
        assert (move["StorageClass"], move["TransitionInDays"]) == ("GLACIER", 90)
        said = days(f"`{bucket}`, {where} versions")
        assert said == [move["TransitionInDays"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"]]
    mails = rules(stack, names.RAW_MIME_BUCKET)
    ends = mails["NoncurrentVersionExpiration"]["NoncurrentDays"]
    assert days(f"`{names.RAW_MIME_BUCKET}`") == [
        mails["Transitions"][0]["TransitionInDays"],
        mails["ExpirationInDays"],
        ends,
    ]


def test_logs_and_letters_are_kept_as_long_as_the_table_says(stack: dict[str, Any]) -> None:
    groups = {one["RetentionInDays"] for one in resources(stack, "AWS::Logs::LogGroup")}
    assert [*groups] == days("Logs of the functions") == days("SNS's log of texts")
    (queue,) = (one for one in resources(stack, "AWS::SQS::Queue") if one["QueueName"] == names.DEAD_LETTERS)
    assert [queue["MessageRetentionPeriod"] // 86_400] == days("The dead-letter queue")


def test_what_ends_by_itself_ends_when_the_table_says() -> None:
    assert days("`ar-state`") == [PROPOSALS_KEPT.days, COUNTERS_KEPT.days, HOLD_DAYS_KEPT]
    assert days("`ar-appointments-source`, newest versions") == [DEPARTED_KEPT.days]


def test_every_table_and_bucket_with_a_customer_in_it_has_its_line() -> None:
    named = set(re.findall(r"`(ar-[a-z-]+)`", " ".join(KEPT)))
    assert named == {*KEYS, names.APPOINTMENTS_BUCKET, names.RULES_BUCKET, names.RAW_MIME_BUCKET}
