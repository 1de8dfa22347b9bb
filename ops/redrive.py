"""List the dead letters, and replay them: each goes to its function again and is deleted once it was taken.

Replaying a reminder is safe at any time, twice too: dispatch reads the sheet's mirror, the standing and the ledger
again, and sends only what is still due and was never sent. A mail is read here and now, as `reparse` does, and so is
one whose scan has ended. A press in Slack is replayed only if it is named, since what was meant then may not be meant
now. A scheduled run needs no replay: the next one has done its work.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from chalicelib import names
from chalicelib.domain.events import STAFF_ACTION, TICK_REQUESTED, MoveDue
from chalicelib.errors import ReminderError, UpstreamError
from chalicelib.logs import scrub
from chalicelib.runtime import Runtime
from chalicelib.usecases.resume_scan import resume_scan
from chalicelib.usecases.take_in_mail import take_in_object
from chalicelib.usecases.tell_alarm import tell_alarm
from ops.dead_letters import Kind, Letter, mail_key, read_letter, topic_message

_BATCH = 10
_HIDDEN_SECONDS = 300
_MOST = 1000


@click.command(short_help="list the dead letters and replay them", help=__doc__)
@click.argument("letters", nargs=-1, metavar="[LETTER]...")
@click.option("--replay", is_flag=True, help="replay these letters, or without any all but the presses in Slack")
@click.option(
    "--delivery-function", default="", metavar="NAME", help="the Lambda function that takes the SMS delivery log"
)
def redrive(letters: tuple[str, ...], replay: bool, delivery_function: str) -> int:
    """List, or replay. Returns 1 if letters are left."""
    import boto3

    from chalicelib import bootstrap

    queue = DeadLetters(boto3.client("sqs"), names.DEAD_LETTERS)
    if letters and not replay:
        raise click.UsageError("letters are named to be replayed: say --replay")
    with queue.opened() as found:
        print(f"{len(found)} dead letters in {names.DEAD_LETTERS}" + (":" if found else "."))
        if not replay:
            for letter in found:
                print(letter.line)
            return 1 if found else 0
        again = Replay(bootstrap.runtime(), boto3.client("lambda"), delivery_function)
        return 1 if replay_all(queue, found, again, letters) else 0


class DeadLetters:
    """The queue. Raises UpstreamError if it isn't there or can't be read."""

    def __init__(self, sqs: Any, name: str) -> None:
        self._sqs = sqs
        try:
            self._url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist as absent:
            raise UpstreamError("SQS", f"there is no queue {name} (its ARN goes into AR_DLQ_ARN)") from absent

    @contextmanager
    def opened(self) -> Iterator[list[Letter]]:
        """Every letter, oldest first, kept from others meanwhile; those that weren't deleted are back at the end."""
        found: dict[str, Letter] = {}
        while len(found) < _MOST:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=1,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            messages = answer.get("Messages", [])
            if not messages:
                break
            found |= {message["MessageId"]: read_letter(message) for message in messages}
        self._deleted: set[str] = set()
        try:
            yield sorted(found.values(), key=lambda letter: (letter.sent, letter.message_id))
        finally:
            for letter in found.values():
                if letter.message_id not in self._deleted:
                    self._sqs.change_message_visibility(
                        QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                    )

    def delete(self, letter: Letter) -> None:
        """It was taken care of."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
        self._deleted.add(letter.message_id)


@dataclass
class Replay:
    """Where letters go. `delivery_function` is for those that don't say which function they were for."""

    rt: Runtime
    functions: Any
    delivery_function: str = ""

    def put(self, letter: Letter) -> str:
        """Hand it over again. Returns what was done. Raises ReminderError or ValueError, and then it stays."""
        detail = letter.event.get("detail", {})
        match letter.kind:
            case Kind.MOVE:
                self.rt.bus.put([MoveDue.from_detail(detail)])
            case Kind.TICK:
                self.rt.bus.request(TICK_REQUESTED, detail)
            case Kind.PRESS:
                self.rt.bus.request(STAFF_ACTION, detail)
            case Kind.MAIL:
                outcome = take_in_object(self.rt, mail_key(letter.event))
                return f"read: {outcome.outcome.value}" if outcome else "no mail, deleted"
            case Kind.SCAN:
                resume_scan(self.rt, topic_message(letter.event))
            case Kind.ALARM:
                tell_alarm(self.rt, topic_message(letter.event), scrub)
            case Kind.DELIVERY:
                self._invoke(letter)
            case Kind.SCHEDULED:
                return "needs no replay, deleted"
            case Kind.UNREADABLE:
                raise ValueError("nobody knows which function it is for")
        return "replayed"

    def _invoke(self, letter: Letter) -> None:
        function = letter.function or self.delivery_function
        if not function:
            raise ValueError("say --delivery-function, the letter doesn't name it")
        try:
            answer = self.functions.invoke(
                FunctionName=function, InvocationType="Event", Payload=json.dumps(letter.event).encode()
            )
        except Exception as refused:  # the SDK's errors share no other base; the letter must stay, whatever it was
            raise UpstreamError("Lambda", type(refused).__name__) from refused
        if answer.get("StatusCode") != 202:
            raise UpstreamError("Lambda", f"answered {answer.get('StatusCode')}")


def replay_all(queue: DeadLetters, letters: Collection[Letter], replay: Replay, named: Collection[str]) -> int:
    """Replay the named letters, or all but presses. Returns how many are left. One that fails stops no other.

    Raises LookupError for a name that no letter has, before anything is replayed.
    """
    unknown = [name for name in named if not any(letter.message_id.startswith(name) for letter in letters)]
    if unknown:
        raise LookupError(f"no such letter: {', '.join(unknown)}")
    left = 0
    for letter in letters:
        wanted = any(letter.message_id.startswith(name) for name in named)
        if named and not wanted:
            left += 1
            continue
        if letter.kind is Kind.PRESS and not wanted:
            left += 1
            print(f"{letter.line}: left. Name it if it is still meant: redrive {letter.name} --replay")
            continue
        try:
            outcome = replay.put(letter)
        except (ReminderError, ValueError) as failure:
            left += 1
            print(f"{letter.line}: left, {failure}")
            continue
        queue.delete(letter)
        print(f"{letter.line}: {outcome}")
    return left
