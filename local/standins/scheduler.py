"""EventBridge Scheduler's one-off schedules, on the moved clock.

ministack's own fires on the real clock, and a past `at()` at once; here a schedule fires when the moved clock has
reached it, and is deleted then (`ActionAfterCompletion=DELETE`).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from local.standins.http import HttpStandIn, Request, Response, json_response

_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")


@dataclass(frozen=True)
class OneOff:
    """One schedule: fires at `at` (ISO, UTC) with `input`, the event that dispatch receives."""

    name: str
    group: str
    at: str
    target: str
    input: str

    @property
    def instant(self) -> datetime:
        """When it fires."""
        return datetime.fromisoformat(self.at).replace(tzinfo=UTC)


class SchedulerStandIn(HttpStandIn):
    """The part of Scheduler's API that is used: create, get, delete, list, and schedule groups."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._schedules: dict[str, OneOff] = {}
        self._guard = threading.Lock()
        self.groups: set[str] = set()  # those that somebody made; schedules are taken for any
        self.booked = 0  # since the start, whatever became of them

    def handle(self, request: Request) -> Response:
        """Answer as Scheduler does: a taken name is 409, a malformed `at()` 400."""
        parts = request.path.strip("/").split("/")
        if parts[0] == "schedule-groups":
            return self._group(request.method, parts[-1])
        if parts[0] != "schedules":
            return _error(404, "ResourceNotFoundException", "no such operation")
        if len(parts) == 1:
            with self._guard:
                listed = [{"Name": s.name, "GroupName": s.group} for s in self._schedules.values()]
            return json_response({"Schedules": listed})
        name = parts[1]
        with self._guard:
            if request.method == "POST":
                return self._create(name, request)
            found = self._schedules.get(name)
            if found is None:
                return _error(404, "ResourceNotFoundException", f"Schedule {name} does not exist.")
            if request.method == "DELETE":
                del self._schedules[name]
                return json_response({})
            return json_response({"Name": name, "GroupName": found.group, "ScheduleExpression": f"at({found.at})"})

    def _group(self, method: str, name: str) -> Response:
        arn = f"arn:aws:scheduler:ap-southeast-1:000000000000:schedule-group/{name}"
        if method == "POST":
            self.groups.add(name)
            return json_response({"ScheduleGroupArn": arn})
        if name not in self.groups:
            return _error(404, "ResourceNotFoundException", f"Schedule group {name} does not exist.")
        if method == "DELETE":
            self.groups.remove(name)
            return json_response({})
        return json_response({"Arn": arn, "Name": name, "State": "ACTIVE"})

    def _create(self, name: str, request: Request) -> Response:
        body = request.json()
        if name in self._schedules:
            return _error(409, "ConflictException", f"Schedule {name} already exists.")
        at = _AT.fullmatch(str(body.get("ScheduleExpression", "")))
        if not at or body.get("ScheduleExpressionTimezone", "UTC") != "UTC":
            return _error(400, "ValidationException", "Invalid Schedule Expression")
        target = body.get("Target") or {}
        self._schedules[name] = OneOff(
            name, body.get("GroupName", "default"), at[1], str(target.get("Arn", "")), str(target.get("Input", "{}"))
        )
        self.booked += 1
        return json_response({"ScheduleArn": f"arn:aws:scheduler:ap-southeast-1:000000000000:schedule/x/{name}"})

    def next_at(self) -> datetime | None:
        """The earliest minute at which something fires; None if nothing is booked."""
        with self._guard:
            return min((schedule.instant for schedule in self._schedules.values()), default=None)

    def take_due(self) -> list[OneOff]:
        """What the clock has reached, earliest first; taken out, as after completion."""
        now = self._clock()
        with self._guard:
            due = sorted((s for s in self._schedules.values() if s.instant <= now), key=lambda s: (s.at, s.name))
            for schedule in due:
                del self._schedules[schedule.name]
        return due

    def save(self) -> list[dict[str, str]]:
        """The booked schedules, JSON-able."""
        with self._guard:
            return [asdict(schedule) for schedule in self._schedules.values()]

    def load(self, saved: list[dict[str, str]]) -> None:
        """Put saved schedules back."""
        with self._guard:
            self._schedules = {entry["name"]: OneOff(**entry) for entry in saved}


def _error(status: int, code: str, message: str) -> Response:
    body = json.dumps({"Message": message}).encode()
    return Response(status, body, "application/json", {"x-amzn-errortype": code})
