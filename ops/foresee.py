"""Every send of the next days as it will go if nobody answers: minute, channel, words, segments, and why then.

Told by the shipped rules over the stage's own mirror, standings and ledger. Reply links in it are of the right length
and open nothing: they are signed with a key of zeros, so that a terminal's history holds no live link.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from chalicelib.domain.appointment import Channel
from chalicelib.domain.channel import channels
from chalicelib.domain.events import MoveDue
from chalicelib.domain.forecast import forecast
from chalicelib.domain.mirror import read_mirror
from chalicelib.domain.rules import parse_rules, windows_since
from chalicelib.domain.send import UNSETTLED, Move, Send
from chalicelib.domain.sms import segments
from chalicelib.domain.standing import Standing
from chalicelib.domain.text_price import TextPrice, cost_of_one
from chalicelib.ports import ReplyKeys
from chalicelib.runtime import Runtime
from chalicelib.usecases.compose import compose
from chalicelib.usecases.dispatch_move import retry_event
from chalicelib.usecases.run_tick import move_due
from chalicelib.usecases.shop import Shop, Visit
from chalicelib.usecases.take_docs import rules_in_force

_NO_KEY = ReplyKeys(0, {0: bytes(32)})


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One message to come. `at` is shop-local; `segments` is 0 for what isn't a text."""

    at: datetime
    kind: str  # text | email | slack
    to: str
    appt_id: str
    customer: str
    start: datetime
    move: str
    hours: float | None
    subject: str
    body: str
    segments: int
    reason: str

    @property
    def name(self) -> tuple[str, str, float | None]:
        """What it is, whatever its minute: visit, kind of move, window."""
        return self.appt_id, "gap_alert" if self.move == Move.GAP_ALERT.value else "reminder", self.hours

    def cost(self, price: TextPrice | None) -> Decimal | None:
        """What the text costs, in the price's currency; None for what isn't a text, or where no price is known."""
        return cost_of_one(self.to, self.segments, price) if price is not None and self.segments else None

    def as_json(self, price: TextPrice | None) -> dict[str, Any]:
        """For `--json`; `cost` as a number."""
        known = self.cost(price)
        cost = None if known is None else float(known)
        return {**asdict(self), "at": self.at.isoformat(), "start": self.start.isoformat(), "cost": cost}


class _Unsigned:
    """A runtime whose reply keys are zeros; everything else is the runtime's own."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self.secrets = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rt, name)

    def reply_keys(self, reload: bool = False) -> ReplyKeys:
        """Keys that open nothing."""
        return _NO_KEY


class TriedRules(Shop):
    """The shop as it would be if this rules doc were taken at `now`. Raises DocumentError for a bad line."""

    def __init__(self, rt: Runtime, text: str, now: datetime) -> None:
        super().__init__(rt)
        services = sorted({row.values.get("service", "") for row in read_mirror(self.mirror)})
        self._book = parse_rules(text, services)
        self._former, self._rules_text = self._rules_text, text
        self._now = now

    @cached_property
    def rules_since(self) -> Mapping[str, Mapping[str, str]]:
        """As the sync that takes this doc would write it."""
        earlier = Shop(self._rt).rules_since
        return windows_since(rules_in_force(self._former), self._book, earlier, self._now, self.config.windows)


def foresee(rt: Runtime, shop: Shop, now: datetime, until: datetime) -> list[Foreseen]:
    """Every send planned in [now, until], earliest first. Empty while the shop isn't ready."""
    if not shop.ready:
        return []
    rows = [row for row in read_mirror(shop.mirror) if row.start is not None]
    standings = rt.store.standings([row.appt_id for row in rows])
    visits = [visit for row in rows if (visit := shop.visit(row, standings.get(row.appt_id))) is not None]
    opted_out = rt.store.opted_out({c for visit in visits for c in _contacts(visit)})
    unsigned = _Unsigned(rt)
    coming = [
        shown
        for visit in visits
        for due in forecast(visit.state, visit.schedule, shop.hours, visit.seen, now)
        if due.at <= until
        and (shown := _shown(unsigned, shop, visit, move_due(visit, due, shop), opted_out)) is not None
    ]
    coming += _under_way(rt, unsigned, shop, {visit.appointment.appt_id: visit for visit in visits}, coming, now, until)
    return sorted(coming, key=lambda message: (message.at, message.appt_id, message.kind))


def changes(before: Iterable[Foreseen], after: Iterable[Foreseen]) -> Iterator[tuple[str, Foreseen]]:
    """What another rules doc would change, by minute: (`added` | `gone` | `moved to ...`, the message)."""
    was, becomes = {one.name: one for one in before}, {one.name: one for one in after}
    found: list[tuple[datetime, str, Foreseen]] = []
    for name in {*was, *becomes}:
        old, new = was.get(name), becomes.get(name)
        if old is None and new is not None:
            found.append((new.at, "added", new))
        elif new is None and old is not None:
            found.append((old.at, "gone", old))
        elif old is not None and new is not None and old.at != new.at:
            found.append((old.at, f"moved to {new.at:%a %d %b %H:%M}", old))
    for _, what, message in sorted(found, key=lambda one: (one[0], one[1], one[2].appt_id)):
        yield what, message


def _contacts(visit: Visit) -> list[str]:
    return [contact for contact in (visit.appointment.phone, visit.appointment.email) if contact]


def _shown(rt: Any, shop: Shop, visit: Visit, due: MoveDue, opted_out: set[str]) -> Foreseen | None:
    """One message as it will be; None if there is nobody to send it to (staff then hear by the gap alert)."""
    appointment = visit.appointment
    if due.move is Move.GAP_ALERT:
        channel = Channel.SLACK
    else:
        answer = due.move in (Move.MOVED, Move.CANCELLED)
        usable = channels(appointment, opted_out, email_first=answer or due.key.email)
        if not usable:
            return None
        channel = usable[0]
    letter = compose(rt, shop, visit, due, channel)
    body = letter.text or (letter.email.body if letter.email else "") or (letter.line.text if letter.line else "")
    zone = shop.config.zone
    return Foreseen(
        at=due.planned.astimezone(zone),
        kind=channel.value,
        to=letter.recipient,
        appt_id=appointment.appt_id,
        customer=appointment.customer,
        start=appointment.start.astimezone(zone),
        move=due.move.value,
        hours=due.hours,
        subject=letter.email.subject if letter.email else "",
        body=body,
        segments=segments(body).count if channel is Channel.TEXT else 0,
        reason=due.reason,
    )


def _under_way(
    rt: Runtime,
    unsigned: _Unsigned,
    shop: Shop,
    visits: Mapping[str, Visit],
    coming: Iterable[Foreseen],
    now: datetime,
    until: datetime,
) -> Iterator[Foreseen]:
    """Sends that the ledger has begun and not ended, and that no plan shows any more: retries, answers' notes."""
    planned = {message.name for message in coming}
    for send in rt.ledger.unsettled(until):
        visit = visits.get(send.key.appt_id)
        at = max(send.due or send.planned, now)
        if send.state not in UNSETTLED or visit is None or at > until or _is_stale(visit, send):
            continue
        shown = _shown(unsigned, shop, visit, retry_event(send, at), set())
        if shown is not None and shown.name not in planned:
            yield shown


def _is_stale(visit: Visit, send: Send) -> bool:
    """An answer's note outlives its chain's closing; a reminder doesn't."""
    if send.move in (Move.MOVED, Move.CANCELLED):
        standing: Standing | None = visit.standing
        return standing is None or standing.reply_id != send.key.what.partition("#")[2]
    return bool(visit.state.closed) or visit.appointment.chain != send.key.chain


def horizon(now: datetime, days: float) -> datetime:
    """The end of a preview."""
    return now + timedelta(days=days)
