"""The vendors of the simulated world: what they are handed leaves the house, and is noted with its minute.

The bus and the schedules deliver at least once: late, twice, out of order. They lose nothing that they took.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from chalicelib.domain.events import MoveDue
from chalicelib.domain.work import StaffLine
from chalicelib.errors import BadRecipient, UpstreamError
from chalicelib.ports import EmailMessage

Hand = Callable[[MoveDue, float], None]
"""Have dispatch receive an event after so many seconds."""


@dataclass
class WorldBus:
    """EventBridge. `share` of a batch may be all that is taken when a call is refused."""

    rng: Random
    hand_move: Hand
    hand_tick: Callable[[float], None]
    rough: Callable[[], bool]

    def put(self, events: Sequence[MoveDue]) -> None:
        partial = len(events) > 1 and self.rough() and self.rng.random() < 0.1
        taken = [event for event in events if not partial or self.rng.random() < 0.5]
        for event in taken:
            self.hand_move(event, self._delay())
            if self.rough() and self.rng.random() < 0.08:
                self.hand_move(event, self._delay() * self.rng.choice((1, 30, 600)))
        if len(taken) < len(events):
            raise UpstreamError("EventBridge", "some events were not taken")

    def request(self, detail_type: str, detail: Mapping[str, object]) -> None:
        self.hand_tick(self._delay())

    def _delay(self) -> float:
        usual = self.rng.uniform(0.2, 3.0)
        return usual * 60 if self.rough() and self.rng.random() < 0.06 else usual


@dataclass
class WorldSchedules:
    """EventBridge Scheduler: a name that is booked is success, and free again once it has fired."""

    rng: Random
    clock: Callable[[], datetime]
    hand_move: Hand
    rough: Callable[[], bool]
    booked: dict[str, datetime] = field(default_factory=dict)

    def book(self, event: MoveDue, at: datetime) -> None:
        now = self.clock()
        if self.booked.get(event.schedule_name, now) > now:
            return
        self.booked[event.schedule_name] = at
        wait = max((at - now).total_seconds(), 0.0)
        late = self.rng.choice((0, 0, 0, 20, 90, 400)) if self.rough() else 0
        self.hand_move(event, wait + late)
        if self.rough() and self.rng.random() < 0.05:
            self.hand_move(event, wait + late + self.rng.choice((0, 1, 60)))


@dataclass
class WorldSms:
    """SNS. Numbers that end in 9 are landlines."""

    took: Callable[[str, str, str], None]
    count: int = 0

    def send(self, phone: str, text: str) -> str:
        if phone.endswith("9"):
            raise BadRecipient("SNS", "not a mobile number")
        self.count += 1
        message_id = f"sms-{self.count}"
        self.took(phone, text, message_id)
        return message_id


@dataclass
class WorldEmail:
    """SES."""

    took: Callable[[EmailMessage], None]
    count: int = 0

    def send(self, message: EmailMessage) -> str:
        self.count += 1
        self.took(message)
        return f"mail-{self.count}"


@dataclass
class WorldStaff:
    """Slack."""

    took: Callable[[StaffLine, str, str], None]
    count: int = 0

    def post(self, channel: str, line: StaffLine) -> str:
        self.count += 1
        self.took(line, channel, f"ts-{self.count}")
        return f"ts-{self.count}"

    def settle(self, channel: str, message: str, text: str) -> None:
        pass
