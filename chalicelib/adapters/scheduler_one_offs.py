"""One-off schedules: dispatch is invoked at the minute with the event that it would have had from the bus.

`on_cw_event` handlers need EventBridge's whole envelope, so the schedule's input is one. Times are in UTC: a local
`at(...)` would be wrong in the hour that a clock change repeats.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code, upstream
from chalicelib.domain.events import MoveDue
from chalicelib.errors import UpstreamError

_VENDOR = "EventBridge Scheduler"
_MAX_AGE_SECONDS = 3600
_MAX_RETRIES = 10


class SchedulerOneOffs:
    """`ports.Schedules`. `dispatch_arn` is what is invoked, as `role_arn`; a failure lands in `dead_letter_arn`."""

    def __init__(
        self,
        client: Any,
        dispatch_arn: str = names.DISPATCH_ARN,
        role_arn: str = names.SCHEDULER_ROLE_ARN,
        dead_letter_arn: str = names.DEAD_LETTER_ARN,
    ) -> None:
        self._client = client
        self._dispatch_arn = dispatch_arn
        self._role_arn = role_arn
        self._dead_letter_arn = dead_letter_arn

    def book(self, event: MoveDue, at: datetime) -> None:
        """Have dispatch receive `event` at that instant. One of the same name that exists already is success.

        The name is of id, chain, window and the minute that is booked, so that a retry's later minute is its own.
        """
        if not (self._dispatch_arn and self._role_arn):
            raise UpstreamError(_VENDOR, "AR_DISPATCH_ARN and AR_SCHEDULER_ROLE_ARN must be set to book anything")
        with upstream(_VENDOR):
            try:
                self._client.create_schedule(
                    Name=replace(event, planned=at).schedule_name,
                    GroupName=names.SCHEDULE_GROUP,
                    ScheduleExpression=f"at({at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target=self._target(event),
                )
            except ClientError as error:
                if code(error) != "ConflictException":
                    raise

    def _target(self, event: MoveDue) -> dict[str, Any]:
        region, account = _place(self._dispatch_arn)
        target: dict[str, Any] = {
            "Arn": self._dispatch_arn,
            "RoleArn": self._role_arn,
            "Input": json.dumps(event.envelope(account, region), ensure_ascii=False, separators=(",", ":")),
            "RetryPolicy": {"MaximumEventAgeInSeconds": _MAX_AGE_SECONDS, "MaximumRetryAttempts": _MAX_RETRIES},
        }
        if self._dead_letter_arn:
            target["DeadLetterConfig"] = {"Arn": self._dead_letter_arn}
        return target


def _place(arn: str) -> tuple[str, str]:
    """Region and account of `arn:aws:lambda:<region>:<account>:function:...`; blanks for anything else."""
    parts = arn.split(":")
    return (parts[3], parts[4]) if len(parts) >= 6 else ("", "")
