"""A stack is brought to its template from whatever state an earlier run left it in, and what holds data is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.cloudformation import INLINE_BYTES, DataAtRisk, StackFailed, Stacks
from tests.deploy.fake_cloudformation import FakeCloudFormation

TABLE = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "ar-state"}}
TOPIC = {"Type": "AWS::SNS::Topic"}
QUEUE = {"Type": "AWS::SQS::Queue"}


class Said(list[str]):
    def text(self) -> str:
        return "\n".join(self)


@pytest.fixture
def aws() -> FakeCloudFormation:
    return FakeCloudFormation()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def stacks(aws: FakeCloudFormation, said: Said) -> Stacks:
    def put(name: str, body: str) -> str:
        aws.uploaded[f"https://bucket/{name}"] = body
        return f"https://bucket/{name}"

    return Stacks(aws, said.append, put, sleep=lambda seconds: None)


def template(folder: Path, resources: Mapping[str, Any], **rest: Any) -> Path:
    file = folder / "stack.json"
    file.write_text(json.dumps({"Resources": resources, **rest}))
    return file


def test_a_new_stack_is_made_and_tells_its_outputs(stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path) -> None:
    made = template(tmp_path, {"Topic": TOPIC}, Outputs={"Url": {"Value": "https://there"}})
    done = stacks.deploy("ar-mail", made, tags={"ar:stage": "prod"})
    assert (done.outputs, [str(one) for one in done.changes]) == ({"Url": "https://there"}, ["add Topic (SNS::Topic)"])
    assert aws.stacks["ar-mail"].status == "CREATE_COMPLETE"
    assert aws.stacks["ar-mail"].tags == [{"Key": "ar:stage", "Value": "prod"}]


def test_a_stack_that_is_as_its_template_says_is_left_alone(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    made = template(tmp_path, {"Topic": TOPIC}, Outputs={"Url": {"Value": "https://there"}})
    stacks.deploy("ar-mail", made)
    done = stacks.deploy("ar-mail", made)
    assert (done.changes, done.outputs) == ((), {"Url": "https://there"})
    assert len(aws.executed) == 1


def test_each_resource_is_said_when_it_is_there(stacks: Stacks, said: Said, tmp_path: Path) -> None:
    stacks.deploy("ar-mail", template(tmp_path, {"Queue": QUEUE, "Topic": TOPIC}))
    assert said == [
        "ar-mail: add Queue, add Topic",
        "  CREATE_COMPLETE Queue (SQS::Queue)",
        "  CREATE_COMPLETE Topic (SNS::Topic)",
    ]


def test_the_first_that_failed_is_named_with_its_reason_and_not_what_was_cancelled_with_it(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    aws.broken["Queue"] = "a queue of that name was deleted less than 60 seconds ago"
    with pytest.raises(
        StackFailed, match=r"^ar-mail is ROLLBACK_COMPLETE\. First to fail: CREATE_FAILED Queue .*60 sec"
    ):
        stacks.deploy("ar-mail", template(tmp_path, {"Queue": QUEUE, "Topic": TOPIC}))


def test_a_first_stack_that_failed_is_removed_and_made_again(
    stacks: Stacks, aws: FakeCloudFormation, said: Said, tmp_path: Path
) -> None:
    made = template(tmp_path, {"Queue": QUEUE})
    aws.broken["Queue"] = "no"
    with pytest.raises(StackFailed):
        stacks.deploy("ar-mail", made)
    aws.broken.clear()
    stacks.deploy("ar-mail", made)
    assert aws.stacks["ar-mail"].status == "CREATE_COMPLETE"
    assert "ar-mail is ROLLBACK_COMPLETE, and holds nothing: it is removed and made again" in said


def test_a_first_data_stack_that_failed_keeps_what_it_has_and_goes_on_from_there(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    made = template(tmp_path, {"State": TABLE, "Topic": TOPIC})
    aws.broken["Topic"] = "no"
    for _ in range(2):
        with pytest.raises(StackFailed):
            stacks.deploy("ar-data", made, keeps_data=True)
        assert aws.stacks["ar-data"].made == {"State": "CREATE_COMPLETE"}
    aws.broken.clear()
    stacks.deploy("ar-data", made, keeps_data=True)
    assert aws.executed == [("ar-data", ["State"]), ("ar-data", []), ("ar-data", ["Topic"])]
    assert "delete_stack" not in aws.calls


def test_a_data_stack_of_which_tables_are_left_is_never_deleted(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    stack = aws.there("ar-data", "ROLLBACK_COMPLETE", State="AWS::DynamoDB::Table")
    stack.made["State"] = "DELETE_SKIPPED"
    with pytest.raises(DataAtRisk, match=r"still ar-state\. Nothing was deleted\. If they are empty, delete them"):
        stacks.deploy("ar-data", template(tmp_path, {"State": TABLE}), keeps_data=True)
    assert "delete_stack" not in aws.calls


@pytest.mark.parametrize("after", [{}, {"State": {**TABLE, "Properties": {"TableName": "other-state"}}}])
def test_a_change_that_would_lose_data_is_refused_before_it_begins(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path, after: dict[str, Any]
) -> None:
    stacks.deploy("ar-data", template(tmp_path, {"State": TABLE}), keeps_data=True)
    with pytest.raises(DataAtRisk, match=r"^ar-data: this would (remove|modify) State .* Nothing was changed"):
        stacks.deploy("ar-data", template(tmp_path, {**after, "Topic": TOPIC}), keeps_data=True)
    assert len(aws.executed) == 1


def test_the_data_stack_is_protected_from_its_first_minute(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    stacks.deploy("ar-data", template(tmp_path, {"State": TABLE}), keeps_data=True)
    assert aws.stacks["ar-data"].protected
    aws.stacks["ar-data"].protected = False
    stacks.deploy("ar-data", template(tmp_path, {"State": TABLE}), keeps_data=True)
    assert aws.stacks["ar-data"].protected


def test_a_stack_that_was_only_proposed_is_made(stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path) -> None:
    aws.there("ar-mail", "REVIEW_IN_PROGRESS")
    stacks.deploy("ar-mail", template(tmp_path, {"Topic": TOPIC}))
    assert aws.stacks["ar-mail"].status == "CREATE_COMPLETE"
    assert "delete_stack" not in aws.calls


def test_a_stack_that_somebody_else_is_changing_is_waited_for(
    stacks: Stacks, aws: FakeCloudFormation, said: Said, tmp_path: Path
) -> None:
    aws.there("ar-mail", "UPDATE_IN_PROGRESS", Topic="AWS::SNS::Topic")
    aws.later("ar-mail", ("Topic", "UPDATE_COMPLETE", ""), ends_as="UPDATE_COMPLETE")
    stacks.deploy("ar-mail", template(tmp_path, {"Topic": TOPIC, "Queue": QUEUE}))
    assert said[0] == "ar-mail is still UPDATE_IN_PROGRESS: waiting for it"
    assert aws.executed == [("ar-mail", ["Queue"])]


def test_an_update_that_could_not_be_undone_is_undone_first(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    aws.there("ar-mail", "UPDATE_ROLLBACK_FAILED", Topic="AWS::SNS::Topic")
    stacks.deploy("ar-mail", template(tmp_path, {"Topic": TOPIC, "Queue": QUEUE}))
    assert aws.stacks["ar-mail"].status == "UPDATE_COMPLETE"


def test_a_failed_update_of_the_data_stack_is_rolled_back_and_can_be_tried_again(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    stacks.deploy("ar-data", template(tmp_path, {"State": TABLE}), keeps_data=True)
    aws.broken["Topic"] = "no"
    more = template(tmp_path, {"State": TABLE, "Topic": TOPIC})
    with pytest.raises(StackFailed, match="UPDATE_ROLLBACK_COMPLETE"):
        stacks.deploy("ar-data", more, keeps_data=True)
    assert aws.options == [{"DisableRollback": True}, {"RetainExceptOnCreate": True}]
    aws.broken.clear()
    stacks.deploy("ar-data", more, keeps_data=True)
    assert aws.stacks["ar-data"].made == {"State": "CREATE_COMPLETE", "Topic": "CREATE_COMPLETE"}


def test_a_template_gets_the_parameters_that_it_asks_for_and_no_others(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    made = template(tmp_path, {"Topic": TOPIC}, Parameters={"RestApiId": {"Type": "String"}})
    stacks.deploy("ar-scheduling", made, parameters={"RestApiId": "abc", "Else": "x"})
    assert aws.stacks["ar-scheduling"].parameters == {"RestApiId": "abc"}


def test_a_parameter_that_nobody_gives_stops_before_anything_changes(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    made = template(tmp_path, {"Topic": TOPIC}, Parameters={"RestApiId": {"Type": "String"}})
    with pytest.raises(StackFailed, match="its template asks for RestApiId, which nothing before it has given"):
        stacks.deploy("ar-scheduling", made)
    assert aws.stacks == {}


def test_a_template_too_large_to_be_sent_goes_through_the_bucket(
    stacks: Stacks, aws: FakeCloudFormation, tmp_path: Path
) -> None:
    described = {**TOPIC, "Metadata": {"about": "x" * INLINE_BYTES}}
    stacks.deploy("ar-mail", template(tmp_path, {"Topic": described}))
    assert list(aws.uploaded) == ["https://bucket/ar-mail"]
    assert aws.stacks["ar-mail"].status == "CREATE_COMPLETE"


def test_a_stack_is_deleted_once_and_then_it_is_gone(stacks: Stacks, aws: FakeCloudFormation) -> None:
    aws.there("ar-mail", Topic="AWS::SNS::Topic")
    assert (stacks.delete("ar-mail"), stacks.delete("ar-mail")) == (True, False)
    assert aws.stacks == {}


def test_a_stack_that_cannot_be_deleted_says_what_stands_in_the_way(stacks: Stacks, aws: FakeCloudFormation) -> None:
    aws.there("ar-mail", Rules="AWS::SES::ReceiptRuleSet")
    aws.broken["Rules"] = "it is active"
    with pytest.raises(StackFailed, match=r"DELETE_FAILED\. First to fail: DELETE_FAILED Rules .*it is active"):
        stacks.delete("ar-mail")
