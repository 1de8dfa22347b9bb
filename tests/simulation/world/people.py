"""The shop's people: the sheet that they type into, the rules that they edit, and what each row of theirs should say.

Each row carries a tag in a column that the system leaves alone, so that whatever becomes of ids, it can be told which
row is whose. `typed` is what people last put into a row; what the sheet shows beyond that, the system wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from chalicelib.ports import Document
from tests.fakes.docs import FakeDocs
from tests.fakes.sheet import FakeSheet

HEADER = (*("tag", "appt_id", "customer", "phone", "email", "service", "staff", "date", "time", "status", "reminders"),)
OWN = ("customer", "phone", "email", "service", "staff", "reminders")
"""Cells that only people write."""
COLUMN = {name: at for at, name in enumerate(HEADER)}
SERVICES = ("Cleaning", "Haircut", "Consult")
VOICE = """First reminder, text:
R {customer} {day} {date} {time} {link}

Second reminder, text:
R {customer} {day} {date} {time} {link}

Moved, text:
MV {customer} {day} {date} {time} {link}

Cancelled, text:
CX {customer} {link}
"""


@dataclass(frozen=True)
class Place:
    """Where the shop is, and a Monday of interest there."""

    zone: str
    country: str
    mondays: tuple[date, ...]


PLACES = (
    Place("Asia/Singapore", "SG", (date(2026, 11, 2), date(2026, 12, 28))),
    Place("America/New_York", "US", (date(2026, 10, 26), date(2026, 3, 2), date(2026, 6, 1))),
    Place("Australia/Lord_Howe", "AU", (date(2026, 3, 30), date(2026, 9, 28))),
    Place("Pacific/Pago_Pago", "US", (date(2026, 11, 2),)),
    Place("Pacific/Kiritimati", "NZ", (date(2026, 11, 2),)),
)


@dataclass(frozen=True)
class Rules:
    """A rules doc as it was meant: what it says is known here without reading it."""

    windows: Mapping[str, tuple[int, ...]]  # minutes by service; "*" is everything else
    quiet: tuple[int, int]  # hours on the wall
    closed: frozenset[int]  # weekdays
    gap: int

    @property
    def text(self) -> str:
        """The doc."""
        lines = []
        for service, windows in self.windows.items():
            name = "Everything else" if service == "*" else service
            lines.append(f"{name}: {', '.join(f'{w / 60:g}' for w in windows)} hours.")
        lines.append(f"Quiet hours: {self.quiet[0]}:00 to {self.quiet[1]}:00.")
        if self.closed:
            days = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
            lines.append(f"Closed: {', '.join(days[day] for day in sorted(self.closed))}.")
        lines.append("Opening hours: Mon-Sun 8am-8pm.")
        lines.append(f"Gap alert: {self.gap} hours before.")
        return "\n".join(lines) + "\n"

    def allows(self, local: datetime) -> bool:
        """Whether the wall clock says that customers may be written to."""
        begin, end = self.quiet
        quiet = local.hour >= begin or local.hour < end
        return not quiet and local.weekday() not in self.closed


def some_rules(rng: Random) -> Rules:
    """A rules doc."""
    choices = ((2880, 120), (1440, 60), (4320, 1440, 180), (1440,), (120,), (2880, 1440, 120, 60))
    windows = {service: rng.choice(choices) for service in SERVICES[: rng.randint(1, 3)]} | {"*": rng.choice(choices)}
    closed = rng.choice((frozenset(), frozenset({6}), frozenset({5, 6}), frozenset({2})))
    return Rules(windows, (rng.choice((20, 21, 22)), rng.choice((7, 8, 9))), closed, rng.choice((2, 3, 5)))


@dataclass
class Shop:
    """The sheet, the docs, and what people did to them."""

    rng: Random
    zone: ZoneInfo
    begin: datetime  # UTC
    days: int
    sheet: FakeSheet = field(default_factory=FakeSheet)
    docs: FakeDocs = field(default_factory=FakeDocs)
    typed: dict[str, dict[str, str]] = field(default_factory=dict)  # tag -> column -> text
    rules: Rules = field(init=False)
    books: dict[str, Rules] = field(default_factory=dict)  # text -> what it means
    excused: dict[str, int] = field(default_factory=dict)  # tag -> the step of the latest word of people's own
    retyped: set[str] = field(default_factory=set)  # tags whose date, time or status people typed after first sight
    shuffled: set[str] = field(default_factory=set)  # tags whose ids people mixed up: whose answer is whose is theirs
    had: dict[str, set[str]] = field(default_factory=dict)  # tag -> the ids that people cleared of its row
    snapshots: list[dict[str, list[str]]] = field(default_factory=list)
    changed: bool = True
    steps: Callable[[], int] = lambda: 0
    count: int = 0

    def __post_init__(self) -> None:
        self.write_rules(some_rules(self.rng))
        self.docs.put(Document.VOICE, VOICE)
        visits = [self._visit() for _ in range(self.rng.randint(8, 16))]
        self.sheet.paste([list(HEADER), *visits])
        self._remember()

    # ------------------------------------------------ what they do

    def write_rules(self, rules: Rules) -> None:
        """Edit the rules doc."""
        self.rules = rules
        self.books[rules.text] = rules
        self.docs.put(Document.RULES, rules.text)
        self.changed = True

    def edit(self) -> str:
        """Somebody does something to the sheet or the rules; returns what, for the trace."""
        acts: list[tuple[int, Callable[[], str]]] = [
            *((6, self._move), (6, self._status), (2, self._delete), (4, self._sort), (3, self._insert)),
            *((2, self._blanked_export), (1, self._old_export), (2, self._double), (1, self._clear_id)),
            *((2, self._edit_rules), (1, self._bad_rules), (2, self._contact), (2, self._reminders), (1, self._swap)),
            *((1, self._shift_all), (1, self._another_page)),
        ]
        (act,) = self.rng.choices([act for _, act in acts], [weight for weight, _ in acts])
        self.changed = True
        return act()

    def mend(self) -> str:
        """Ids that are on two rows are cleared on the lower one, the sheet is a sheet again, the rules are good."""
        self.changed = True
        if self.docs.texts[Document.RULES] not in self.books:
            self.docs.put(Document.RULES, self.rules.text)
        if not self._lines():
            self._restore()
        seen: set[str] = set()
        for line in self._lines():
            appt_id = self._cell(line, "appt_id")
            if appt_id and appt_id in seen:
                self._type(line, appt_id="")
            seen.add(appt_id)
        return "mend doubled ids"

    def _lines(self) -> list[int]:
        rows = self.sheet.grid.rows
        if not rows or tuple(rows[0][:2]) != HEADER[:2]:
            return []
        return [line for line in range(2, len(rows) + 1) if self._cell(line, "tag")]

    def _some(self) -> int:
        return self.rng.choice(self._lines() or [0])

    def _cell(self, line: int, column: str) -> str:
        row, at = self.sheet.grid.row(line), COLUMN[column]
        return row[at] if at < len(row) else ""

    def _type(self, line: int, **cells: str) -> None:
        self.sheet.grid.write(line, {COLUMN[column]: text for column, text in cells.items()})
        tag = self._cell(line, "tag")
        self.typed.setdefault(tag, {}).update(cells)
        if {"date", "time", "status"} & set(cells):
            self.retyped.add(tag)
            if cells.get("status") != "":
                self.excused[tag] = self.steps()

    def _remember(self) -> None:
        for line in self._lines():
            self.typed[self._cell(line, "tag")] = {column: self._cell(line, column) for column in HEADER}
        self.snapshots.append({self._cell(line, "tag"): self.sheet.grid.row(line) for line in self._lines()})

    def _start(self, ahead: float = 0.0) -> tuple[str, str]:
        """A date and a time of the shop's, some hours after `ahead` at least."""
        minutes = self.rng.randrange(int(ahead * 60) + 30, self.days * 24 * 60, 15)
        at = (self.begin + timedelta(minutes=minutes)).astimezone(self.zone)
        if self.rng.random() < 0.8 and not 7 <= at.hour < 20:
            at = at.replace(hour=self.rng.randint(8, 19))
        day = self.rng.choice((f"{at:%Y-%m-%d}", f"{at.day} {at:%b %Y}", f"{at:%a} {at.day} {at:%b %Y}"))
        return day, self.rng.choice((f"{at:%H:%M}", f"{at.hour % 12 or 12}:{at:%M}{'am' if at.hour < 12 else 'pm'}"))

    def _visit(self, ahead: float = 0.0) -> list[str]:
        self.count += 1
        n, rng = self.count, self.rng
        day, time = self._start(ahead)
        phone = rng.choice(
            (f"+6591{rng.randint(0, 9)}{n:03d}{rng.randint(0, 9)}0", f"+659123{n:03d}9", "", f"+659{n:07d}")
        )
        email = f"c{n}@example.com" if not phone or rng.random() < 0.3 else ""
        return [
            *(f"t{n}", f"A-{n}" if rng.random() < 0.7 else "", f"Customer {n}", phone, email),
            *(rng.choice(SERVICES), rng.choice(("Lee", "Lim", "")), day, time, rng.choice(("", "", "booked"))),
            rng.choice(("", "", "", "", "24, 2", "none")),
        ]

    @property
    def hour(self) -> float:
        """Hours since the week began."""
        return self.now_hour()

    now_hour: Callable[[], float] = lambda: 0.0

    def _move(self) -> str:
        line = self._some()
        if not line:
            return "nothing to move"
        day, time = self._start(min(self.hour, self.days * 24 - 4))
        self._type(line, date=day, time=time)
        return f"move {self._cell(line, 'tag')} to {day} {time}"

    def _status(self) -> str:
        line = self._some()
        if not line:
            return "nothing to mark"
        word = self.rng.choice(("confirmed", "cancelled", "no-show", "done", "booked", "booked", "", "", "waiting?"))
        self._type(line, status=word)
        return f"status of {self._cell(line, 'tag')}: {word!r}"

    def _delete(self) -> str:
        line = self._some()
        tag = self._cell(line, "tag") if line else ""
        if line:
            self.typed.pop(tag, None)
            self.sheet.grid.delete_row(line)
        return f"delete {tag}"

    def _sort(self) -> str:
        column = COLUMN[self.rng.choice(("customer", "date", "time", "phone", "status"))]
        if self._lines():
            reverse = self.rng.random() < 0.5
            self.sheet.grid.sort_rows(lambda row: row[column] if column < len(row) else "", reverse)
        return f"sort by {HEADER[column]}"

    def _insert(self) -> str:
        line = self._some() or 2
        visit = self._visit(min(self.hour, self.days * 24 - 4))
        self.sheet.grid.insert_row(line, visit)
        self.typed[visit[0]] = dict(zip(HEADER, visit, strict=True))
        return f"insert {visit[0]} {visit[1] or '(no id)'} {visit[7]} {visit[8]}"

    def _blanked_export(self) -> str:
        for line in self._lines():
            cells = {"status": ""} | ({"appt_id": ""} if self.rng.random() < 0.5 else {})
            self._type(line, **cells)
        return "paste an export without statuses"

    def _old_export(self) -> str:
        self._restore(self.rng.choice(self.snapshots[-3:]))
        return "paste an old export"

    def _restore(self, snapshot: Mapping[str, list[str]] | None = None) -> None:
        snapshot = snapshot or {tag: [cells.get(column, "") for column in HEADER] for tag, cells in self.typed.items()}
        self.sheet.paste([list(HEADER), *snapshot.values()])
        self.typed = {}
        for line in self._lines():
            tag = self._cell(line, "tag")
            self.typed[tag] = {column: self._cell(line, column) for column in HEADER}
            self.retyped.add(tag)
            self.excused[tag] = self.steps()

    def _double(self) -> str:
        one, other = self._some(), self._some()
        if one == other or not self._cell(one, "appt_id"):
            return "nothing to double"
        self._type(other, appt_id=self._cell(one, "appt_id"))
        self.shuffled |= {self._cell(one, "tag"), self._cell(other, "tag")}
        return f"double the id of {self._cell(one, 'tag')} on {self._cell(other, 'tag')}"

    def _clear_id(self) -> str:
        line = self._some()
        if line:
            self.had.setdefault(self._cell(line, "tag"), set()).add(self._cell(line, "appt_id"))
            self._type(line, appt_id="")
        return f"clear the id of {self._cell(line, 'tag') if line else ''}"

    def _edit_rules(self) -> str:
        self.write_rules(some_rules(self.rng))
        return "edit the rules"

    def _bad_rules(self) -> str:
        self.docs.put(Document.RULES, self.rules.text + "Cleaning: sometimes 7 parsecs before.\n")
        return "break the rules doc"

    def _contact(self) -> str:
        line = self._some()
        if line:
            self._type(line, phone=self.rng.choice(("12", "", "+6591112220", self._cell(line, "phone"))))
        return f"another phone for {self._cell(line, 'tag') if line else ''}"

    def _reminders(self) -> str:
        line = self._some()
        if line:
            self._type(line, reminders=self.rng.choice(("", "24", "24, 2", "3", "none", "soon")))
        return f"own reminders for {self._cell(line, 'tag') if line else ''}"

    def _swap(self) -> str:
        """Two people swap their times."""
        one, other = self._some(), self._some()
        if not one or one == other:
            return "nothing to swap"
        first, second = [(self._cell(line, "date"), self._cell(line, "time")) for line in (one, other)]
        self._type(one, date=second[0], time=second[1])
        self._type(other, date=first[0], time=first[1])
        return f"swap {self._cell(one, 'tag')} and {self._cell(other, 'tag')}"

    def _shift_all(self) -> str:
        for line in self._lines():
            day, time = self._start(min(self.hour, self.days * 24 - 4))
            self._type(line, date=day, time=time)
        return "give everybody another time"

    def _another_page(self) -> str:
        if self._lines():
            self._remember()
            self.sheet.paste([["Sign in"], ["Please sign in to continue"]])
            return "a login page in place of the sheet"
        self._restore(self.snapshots[-1])
        return "the sheet is back"

    # ------------------------------------------------ what is seen

    def shown(self) -> dict[str, dict[str, str]]:
        """Every row as the sheet shows it: tag -> column -> text; a tag that is on two rows has `#2` behind it."""
        rows: dict[str, dict[str, str]] = {}
        for line in self._lines():
            tag = self._cell(line, "tag")
            rows[tag if tag not in rows else f"{tag}#2"] = {column: self._cell(line, column) for column in HEADER}
        return rows
