"""The desk's model: one running world, what people do in it, and the snapshot that the page shows.

People act one at a time. After each action the world is quiet, the snapshot is made anew, and everything is kept on
disk, so that closing the desk at any moment costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from local.desk.bookings import CALENDAR, sample_mails
from local.desk.sorting import sorted_rows
from local.desk.view import snapshot
from local.passage import Passage
from local.standins.http import Request, Response
from local.world import World

FURTHEST = timedelta(days=14)
"""How far `run to the next send` looks before it says that nothing is coming."""
PATIENCE_SECONDS = 10.0
_STEPS = {"5 minutes": timedelta(minutes=5), "1 hour": timedelta(hours=1), "1 day": timedelta(days=1)}


class CannotAct(Exception):
    """What was asked for can't be done now; the text says why and what to do."""


class DeskWorld(World):
    """A world whose customers' presses are heard, since they come straight to the real pages."""

    pressed: Callable[[], None] = staticmethod(lambda: None)

    def _page(self, request: Request) -> Response:
        answer = super()._page(request)
        if request.method == "POST":
            self.pressed()
        return answer


class Desk:
    """`begin` is where the hours and five minutes of syncs and ticks are counted from."""

    def __init__(self, world: DeskWorld, begin: datetime) -> None:
        self.world = world
        self._passage = Passage(world, begin)
        self._acting = threading.Lock()
        self._news = threading.Condition()
        self._version = 0
        self._busy = ""
        self._shown: dict[str, Any] = {}
        self._press_came = threading.Event()
        self._closing = False
        world.pressed = self._press_came.set
        self._hearing = threading.Thread(target=self._hear_presses, daemon=True)

    def open(self, first_minute: bool) -> None:
        """Make the first snapshot; `first_minute` runs the first sync and tick before it."""
        with self._acting:
            if first_minute:
                self._passage.play(self.world.clock())
            self._settle()
        self._hearing.start()

    def close(self) -> None:
        """Wait for what is under way, and keep everything. The world is stopped by whoever started it."""
        self._closing = True
        self._press_came.set()
        with self._news:
            self._news.notify_all()
        self._hearing.join(PATIENCE_SECONDS)
        self._acting.acquire(timeout=PATIENCE_SECONDS)

    # ------------------------------------------------------------ what is shown

    def state(self, after: int, wait_seconds: float) -> dict[str, Any]:
        """The snapshot, as soon as it is newer than version `after`, or when the wait is over."""
        with self._news:
            self._news.wait_for(lambda: self._version != after or self._closing, wait_seconds)
            shown = {**self._shown, "version": self._version, "busy": self._busy}
        if self._busy:
            shown["now"] = self.world.clock().astimezone(self.world.runtime.config.zone).isoformat(timespec="minutes")
            shown["counts"] = {**shown["counts"], **self.world.counts()}
        return shown

    def mail_html(self, place: int) -> str:
        """The HTML of an e-mail, its pictures inside, its links leading to the pages as they are served here. Raises
        LookupError."""
        mail = self.world.mail.mails[place]
        shown = mail.part("text/html")
        for name, picture in mail.pictures().items():
            shown = shown.replace(f"cid:{name}", f"data:image/png;base64,{picture}")
        return self.local_links(shown)

    def mail_text(self, place: int) -> str:
        """The same e-mail as plain text. Raises LookupError."""
        return self.world.mail.mails[place].part("text/plain")

    def why(self, appt_id: str) -> dict[str, Any]:
        """The story of one visit, as the operator's command tells it. Raises LookupError for an id that nobody has."""
        from ops.story import tell

        with self._acting:
            return tell(self.world.runtime, self.world.dynamodb, appt_id).as_json()

    def week(self) -> dict[str, str]:
        """The finished week as it would be told now: Slack's text, the mail's HTML with its pictures inside. Nothing
        is sent. Raises CannotAct while there is nothing to count."""
        from local.desk.week import told_week

        with self._acting:
            shown = told_week(self.world.runtime)
        if shown is None:
            raise CannotAct("there is nothing to count yet: no sheet and rules have been taken")
        return shown

    def local_links(self, text: str) -> str:
        """The text with the customers' address swapped for the one that the pages have on this machine."""
        from local.world import BASE_URL

        site = BASE_URL.removesuffix("/r/")
        return text.replace(f"{site}/r/", f"{self.world.pages.url}/r/").replace(
            f"{site}/u/", f"{self.world.pages.url}/u/"
        )

    # ------------------------------------------------------------ what people do

    def move_clock(self, step: str) -> str:
        """Let `5 minutes`, `1 hour` or `1 day` pass, or the time to the `next send`. Returns what to say about it.

        Raises CannotAct.
        """
        if step == "next send":
            with self._act("Running to the next send"):
                return self._run_to_next_send()
        if step not in _STEPS:
            raise CannotAct(f"{step!r} is no step of the clock; expected one of {', '.join(_STEPS)} or next send")
        with self._act(f"Letting {step} pass"):
            self._run_to(self.world.clock() + _STEPS[step])
        return ""

    def sync_now(self) -> None:
        """Let the system look at the sheet and the docs at once. Raises CannotAct."""
        with self._act("Looking at the sheet and the docs"):
            self._passage.sync(self.world.clock())

    def set_cell(self, line: int, column: int, text: str, was: str) -> None:
        """Type into a cell that still says `was`. Raises CannotAct if it doesn't."""
        with self._edit():
            if self._cell(line, column) != was:
                raise CannotAct(
                    f"row {line} says {self._cell(line, column)!r} there now, so what you typed was not saved: "
                    "look again, and type it once more"
                )
            self.world.google.set_cell(line, column, text)

    def insert_row(self, line: int) -> None:
        """Insert a blank row above this line. Raises CannotAct."""
        with self._edit():
            if not 2 <= line <= len(self._rows()) + 1:
                raise CannotAct(f"there is no row {line}; rows go from 2 to {len(self._rows()) + 1}")
            self.world.google.insert_row(line)

    def delete_row(self, line: int, was: Sequence[str]) -> None:
        """Delete a row that still reads so. Raises CannotAct if it doesn't."""
        with self._edit():
            if line < 2 or line > len(self._rows()) or _trimmed(self._rows()[line - 1]) != _trimmed(was):
                raise CannotAct(f"row {line} has changed meanwhile, so it was not deleted: look again")
            self.world.google.delete_row(line)

    def sort_rows(self, column: int, reverse: bool) -> None:
        """Sort everything below the header by a column: dates and times by what they mean. Raises CannotAct."""
        with self._edit():
            header, *rows = self._rows() or [[]]
            if not 0 <= column < len(header):
                raise CannotAct(f"there is no column {column + 1}; the sheet has {len(header)}")
            self.world.google.paste([header, *sorted_rows(self.world, header, rows, column, reverse)])

    def set_doc(self, name: str, text: str) -> None:
        """Save `rules` or `voice`. Raises CannotAct."""
        with self._edit():
            try:
                self.world.google.set_doc(name, text)
            except KeyError:
                raise CannotAct(f"there is no document {name!r}; expected rules or voice") from None

    def press_in_slack(self, ts: str, action_id: str, user: str) -> None:
        """Press a button of a Slack message. Raises CannotAct if it is gone, or was refused."""
        with self._act("Pressing the button"):
            self._passage.change()
            try:
                status = self.world.slack.press(ts, action_id, user)
            except LookupError:
                raise CannotAct("that button is gone: somebody has answered meanwhile") from None
            self.world.pump.run_until_quiet()
            if status != 200:
                raise CannotAct(f"the system refused the press (HTTP {status}); the log says why")

    def submit_form(self, view_id: str, values: Mapping[str, str]) -> None:
        """Send a form off that Slack has open; what is wrong with it is shown in it. Raises CannotAct."""
        with self._act("Saving"):
            self._passage.change()
            try:
                status = self.world.slack.submit(view_id, dict(values))
            except LookupError:
                raise CannotAct("that form is closed by now") from None
            self.world.pump.run_until_quiet()
            if status != 200:
                raise CannotAct(f"the system refused the form (HTTP {status}); the log says why")

    def close_form(self, view_id: str) -> None:
        """Close a form without sending it."""
        with self._act("Closing"):
            self.world.slack.modals = [modal for modal in self.world.slack.modals if modal.view_id != view_id]

    def drop_mail(self, name: str, raw: bytes) -> None:
        """A mail comes in at the booking address. Raises CannotAct for what is no mail by its name."""
        if not name.lower().endswith(".eml") or not raw:
            raise CannotAct(f"{name or 'that'} is no saved mail; expected a file that ends in .eml")
        with self._act("Reading the mail"):
            self._passage.change()
            self.world.drop_mail(self._fresh_name(Path(name).name), raw)
            self.world.pump.run_until_quiet()

    def forward_sample(self, name: str) -> None:
        """One of the sample mails comes in. Raises CannotAct if there is none of that name."""
        samples = sample_mails()
        if name not in samples:
            raise CannotAct(f"there is no sample {name!r}")
        self.drop_mail(name, samples[name])

    def add_event(self, summary: str, description: str, start: str, minutes: int, guest: str, email: str) -> None:
        """Enter an event into the shop's calendar; `start` is shop-local. Raises CannotAct."""
        people = [{"displayName": guest, "email": email}] if guest or email else []
        with self._calendar_edit():
            self.world.google.calendar.add(CALENDAR, summary, description, self._local(start), minutes, people)

    def move_event(self, event_id: str, start: str) -> None:
        """Move an event. Raises CannotAct."""
        with self._calendar_edit():
            self.world.google.calendar.edit(CALENDAR, event_id, start=self._local(start))

    def delete_event(self, event_id: str) -> None:
        """Delete an event. Raises CannotAct."""
        with self._calendar_edit():
            self.world.google.calendar.delete(CALENDAR, event_id)

    @contextmanager
    def _calendar_edit(self) -> Iterator[None]:
        """Edit the calendar and let the system look at it at once, as its next hour would."""
        with self._act("Looking at the calendar"):
            try:
                yield
            except KeyError:
                raise CannotAct("that event is gone: look again") from None
            self._passage.change()
            self.world.functions.scheduled("calendar_sync")
            self.world.pump.run_until_quiet()

    def _local(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=self.world.runtime.config.zone)
        except ValueError:
            raise CannotAct(f"{text!r} is no time; expected one like 2026-12-17T14:30") from None

    def _fresh_name(self, name: str) -> str:
        """A key that no mail has yet: SES gives every mail its own."""
        count = sum(1 for mail in self._shown.get("intake", {}).get("mails", ()) if mail["name"].startswith(name[:-4]))
        return name if not count else f"{name[:-4]}-{count + 1}.eml"

    # ------------------------------------------------------------ one at a time

    @contextmanager
    def _act(self, saying: str) -> Iterator[None]:
        """Be the only one who acts; afterwards all is quiet, shown and kept. Raises CannotAct while the clock moves."""
        if self._busy or not self._acting.acquire(timeout=PATIENCE_SECONDS):
            raise CannotAct(f"{self._busy or 'Something else is under way'}: wait until that is done")
        try:
            self._tell(saying)
            yield
        finally:
            try:
                self._settle()
            finally:
                self._acting.release()

    @contextmanager
    def _edit(self) -> Iterator[None]:
        with self._act("Saving"):
            yield
            self._passage.change()

    def _tell(self, busy: str) -> None:
        with self._news:
            self._busy = busy
            self._version += 1
            self._news.notify_all()

    def _settle(self) -> None:
        shown = self._shown
        try:
            shown = snapshot(self.world)
            self.world.save()
        finally:
            with self._news:
                self._shown = shown
                self._busy = ""
                self._version += 1
                self._news.notify_all()

    def _hear_presses(self) -> None:
        """Carry on what customers' presses set going: they come to the pages while nobody acts here."""
        while True:
            self._press_came.wait()
            self._press_came.clear()
            if self._closing:
                return
            with self._acting:
                self._passage.change()
                self.world.pump.run_until_quiet()
                self._settle()

    # ------------------------------------------------------------ the clock

    def _run_to(self, target: datetime) -> None:
        now = self.world.clock()
        while (coming := self._passage.next_minute(now)) <= target and not self._closing:
            self._passage.play(coming)
            self._tell(self._busy)
            now = coming
        if not self._closing:
            self.world.clock.move_to(target)

    def _run_to_next_send(self) -> str:
        begin = now = self.world.clock()
        before = self._received()
        while self._received() == before and not self._closing:
            now = self._passage.next_minute(now)
            if now > begin + FURTHEST:
                return "Nothing was sent in the next two weeks."
            self._passage.play(now)
            self._tell(self._busy)
        return ""

    def _received(self) -> int:
        return len(self.world.sms.texts) + len(self.world.mail.mails) + len(self.world.slack.messages)

    # ------------------------------------------------------------ the sheet

    def _rows(self) -> list[list[str]]:
        return self.world.google.sheet_rows()

    def _cell(self, line: int, column: int) -> str:
        rows = self._rows()
        if not 1 <= line <= len(rows) + 1 or not 0 <= column < 100:
            raise CannotAct(f"there is no cell in row {line}, column {column + 1}")
        row = rows[line - 1] if line <= len(rows) else []
        return row[column] if column < len(row) else ""


def _trimmed(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def holds_other_things(state_dir: Path) -> bool:
    """Whether there are files in the directory that no desk has put there."""
    own = {"aws", "google.json", "stand-ins.json", "google.json.new", "stand-ins.new", "functions.log", "desk.lock"}
    return state_dir.exists() and any(entry.name not in own for entry in state_dir.iterdir())
