"""Dispatch: at its minute, is it still true, may it go now, and then the ledger: never twice, never lost.

Every event may be stale, early, late or a repeat, so everything is read again. The steps and their conditions are
DESIGN §6's: claim, prepare (nothing leaves), arm (one transaction with the standing), one request, record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.appointment import MIN_LEAD, MINUTE, Channel, to_minute, window_key
from chalicelib.domain.channel import channels, why_unreachable
from chalicelib.domain.decision import decide
from chalicelib.domain.delivery import WhyNot, why_not
from chalicelib.domain.events import MoveDue, iso
from chalicelib.domain.plan import Passed, Skipped
from chalicelib.domain.send import DELIVERY_DUE, RETRY_MINUTES, SEGMENTS, UNSETTLED, Move, Send, SendState
from chalicelib.domain.sms import segments
from chalicelib.domain.standing import Standing
from chalicelib.errors import BadRecipient, DefiniteNo, NoAnswer
from chalicelib.ports import ArmGuard, Arming, Claim, SendingSwitch
from chalicelib.runtime import Runtime
from chalicelib.usecases.call_later import LATER, call_now
from chalicelib.usecases.compose import Letter, compose
from chalicelib.usecases.go_down_ladder import OVER_A_CAP, go_down_ladder
from chalicelib.usecases.heed_provider import opted_out_at_provider
from chalicelib.usecases.record_send import hours_of, record_drop, record_send
from chalicelib.usecases.shop import Shop, Visit, is_answered

AT_ONCE = timedelta(seconds=60)
"""A minute closer than this runs at once (DESIGN §6, schedules)."""
GRACE = timedelta(minutes=5)
"""A send whose planned minute was allowed may leave this much later, whatever the hour."""
WORD_WITHIN = timedelta(minutes=30)
"""How long SNS's delivery log may stay silent about a text before staff hear of it."""
FAR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Go:
    """This send may go, from `at` on and until `useful_until`. `planned` is the plan's own minute, even if missed."""

    at: datetime
    planned: datetime
    useful_until: datetime
    move: Move
    reason: str


@dataclass(frozen=True, slots=True)
class NoGo:
    """This send won't go; `tell` if staff must hear of it."""

    reason: str
    tell: bool = False


def dispatch_move(rt: Runtime, due: MoveDue) -> str:
    """Send what `due` names if it is still true, at its minute, at most once. Returns what became of it, for the log.

    Raises ReminderError when the work could not be done and the event should come again; whatever the moment, the
    ledger then shows where it stopped.
    """
    if due.key.what.startswith(LATER):
        return call_now(rt, due)
    now = to_minute(rt.clock())
    shop = Shop(rt)
    if not shop.ready:
        return "nothing is mirrored yet"
    held = rt.ledger.get(due.key)
    if held is not None and held.state not in UNSETTLED:
        return f"settled before: {held.state.value}"
    if held is not None:
        due = replace(due, planned=held.planned)  # a retry's own minute is not the minute that was allowed
    row = shop.row(due.key.appt_id)
    standing = rt.store.standings([due.key.appt_id]).get(due.key.appt_id)
    visit = shop.visit(row, standing) if row else None
    if visit is None:
        return _drop(rt, shop, None, due, held, NoGo("the row is gone from the sheet or can't be read"))
    verdict = _verdict(shop, visit, due, now)
    if isinstance(verdict, NoGo):
        return _drop(rt, shop, visit, due, held, verdict)
    due = replace(due, planned=verdict.at, move=verdict.move, reason=verdict.reason or due.reason)
    if _must_wait(rt, shop, due):
        rt.schedules.book(due, verdict.at)
        return f"booked for {iso(verdict.at)}"
    if not _switched_on(rt, due):
        return "held: sending is switched off"
    return _through_the_ledger(rt, shop, visit, due, verdict)


def _must_wait(rt: Runtime, shop: Shop, due: MoveDue) -> bool:
    """Whether its minute is still to be booked. One that is seconds away runs at once, but never into the night."""
    now = rt.clock()
    if due.planned - now >= AT_ONCE:
        return True
    return due.move is not Move.GAP_ALERT and due.planned > now and not shop.hours.allows(now)


def _switched_on(rt: Runtime, due: MoveDue) -> bool:
    switch = rt.parameters.sending()
    return switch is SendingSwitch.ON or (switch is SendingSwitch.STAFF_ONLY and due.move is Move.GAP_ALERT)


# ---------------------------------------------------------------- is it still true?


def _verdict(shop: Shop, visit: Visit, due: MoveDue, now: datetime) -> Go | NoGo:
    """Plan again, from what the row and the standing say now."""
    if due.key.what.startswith(("moved#", "cancelled#")):
        return _answer_verdict(shop, visit, due, now)
    if visit.appointment.chain != due.key.chain:
        return NoGo("the visit is at another time now")
    if due.key.email:
        # Its text could not be sent; the window is spent, so only the hour and the answer count.
        if visit.state.closed:
            return NoGo(visit.state.closed)
        return _in_sending_hours(shop, due, now, visit.appointment.start - timedelta(minutes=MIN_LEAD))
    # This send's own mark must not make it look done: the ledger knows that better.
    sent = {key: at for key, at in visit.state.sent.items() if key != due.key.what}
    judged_at = due.planned if due.planned <= now <= due.planned + GRACE else now
    decision = decide(replace(visit.state, sent=sent), visit.schedule, shop.hours, visit.seen, judged_at, FAR)
    for entry in decision.due:
        if due.key.what == (window_key(entry.window) if entry.window is not None else "gap"):
            return Go(entry.at, entry.planned or entry.at, entry.useful_until, entry.move, entry.reason)
    not_going: tuple[Passed | Skipped, ...] = (*decision.passed, *decision.skipped)
    for gone in not_going:
        if window_key(gone.window) == due.key.what:
            return NoGo(gone.reason)
    return NoGo(decision.closed or "no longer planned")


def _answer_verdict(shop: Shop, visit: Visit, due: MoveDue, now: datetime) -> Go | NoGo:
    """`moved` and `cancelled`: withdrawn by what overtakes them, e-mail at once, a text in sending hours (§6)."""
    reply_id = due.key.what.partition("#")[2]
    standing = visit.standing
    start = visit.appointment.start
    if standing is None or standing.reply_id != reply_id:
        return NoGo("overtaken by another answer")
    if now >= start:
        return NoGo("the visit's time has come")
    if due.key.email or visit.appointment.email:
        return Go(now, now, start, due.move, due.reason)
    return _in_sending_hours(shop, due, now, start - MINUTE)


def _in_sending_hours(shop: Shop, due: MoveDue, now: datetime, until: datetime) -> Go | NoGo:
    """Now if now is allowed, or was at its planned minute a moment ago; else the next allowed minute up to `until`."""
    if due.planned <= now <= due.planned + GRACE and now <= until and shop.hours.allows(due.planned):
        return Go(now, due.planned, until, due.move, due.reason)
    at = shop.hours.next_allowed(now, until)
    if at is None:
        return NoGo("no allowed minute is left before the visit", tell=True)
    return Go(at, at, until, due.move, due.reason)


def _drop(rt: Runtime, shop: Shop, visit: Visit | None, due: MoveDue, held: Send | None, verdict: NoGo) -> str:
    """Nothing is sent. A customer's answer and what staff must hear are written down even if nothing was yet."""
    if due.planned <= to_minute(rt.clock()):
        record_drop(rt, due, verdict.reason, rt.clock())
    if held is None and (verdict.tell or due.key.what.startswith(("moved#", "cancelled#"))):
        send = Send(due.key, SendState.CLAIMED, Channel.TEXT, due.move, due.planned)
        if rt.ledger.claim(send, rt.tokens.tail(), rt.clock()) is Claim.MINE:
            held = rt.ledger.get(due.key)
    elif held is not None and held.state is SendState.CLAIMED and held.lease_until and held.lease_until > rt.clock():
        return f"left to the run that has it: {verdict.reason}"
    if held is None or held.state is SendState.SENDING:
        return f"dropped: {verdict.reason}"
    missed = held.too_late_at(rt.clock()) and visit is not None and not is_answered(visit, held)
    state = SendState.EXPIRED if verdict.tell or missed else SendState.CANCELLED
    alert = verdict.reason if state is SendState.EXPIRED else ""
    if rt.ledger.settle(held, state.value, verdict.reason, alert, rt.clock()) and alert:
        go_down_ladder(rt, shop, visit, rt.ledger.get(due.key) or held)
    return f"dropped: {verdict.reason}"


# ---------------------------------------------------------------- the ledger


def _through_the_ledger(rt: Runtime, shop: Shop, visit: Visit, due: MoveDue, verdict: Go) -> str:
    """Claim, prepare, arm, one request, record."""
    run = rt.tokens.tail()
    opted_out = rt.store.opted_out([c for c in (visit.appointment.phone, visit.appointment.email) if c])
    channel = _channel(visit, due, opted_out)
    send = Send(
        key=due.key,
        state=SendState.CLAIMED,
        channel=channel or Channel.TEXT,
        move=due.move,
        planned=verdict.planned,
        useful_until=verdict.useful_until,
        reason=verdict.reason,
        detail={"why": due.reason},
    )
    claim = rt.ledger.claim(send, run, rt.clock())
    if claim is not Claim.MINE:
        return f"not claimed: {claim.value}"
    if channel is None:
        why = why_unreachable(visit.appointment, opted_out)
        rt.ledger.fail(send, run, why, alert=why)
        return go_down_ladder(rt, shop, visit, rt.ledger.get(send.key) or send)
    if channel is Channel.TEXT and (exhausted := _over_a_cap(rt, shop, visit)):
        reason = f"{OVER_A_CAP} ({exhausted})"
        rt.ledger.fail(send, run, reason, alert=reason)
        return go_down_ladder(rt, shop, visit, rt.ledger.get(send.key) or send)
    letter = compose(rt, shop, visit, due, channel)
    # A standing that is being changed all the while raises: the event comes again in a minute, when the lease is over.
    arming = rt.ledger.arm(send, run, rt.clock(), _guard(due, visit.standing))
    if arming is Arming.STALE:
        held = rt.ledger.get(send.key)
        if held and held.owner == run:
            rt.ledger.settle(held, SendState.CANCELLED.value, "answered or moved meanwhile", "", rt.clock())
        return "cancelled: answered or moved meanwhile"
    if arming is Arming.LOST:
        return "not armed: another run has it"
    return _send(rt, shop, visit, send, run, letter)


def _channel(visit: Visit, due: MoveDue, opted_out: set[str]) -> Channel | None:
    if due.move is Move.GAP_ALERT:
        return Channel.SLACK
    is_answer = due.move in (Move.MOVED, Move.CANCELLED)
    # The answer to one's own press is not a reminder: an opt-out of reminder mail does not hold it back.
    usable = channels(visit.appointment, {c for c in opted_out if "@" not in c} if is_answer else opted_out, is_answer)
    if due.key.email:
        usable = tuple(c for c in usable if c is Channel.EMAIL)
    return usable[0] if usable else None


def _over_a_cap(rt: Runtime, shop: Shop, visit: Visit) -> str:
    """Count this text against the number's and the account's day. Returns which cap refused it, or ""."""
    day = rt.clock().astimezone(shop.config.zone).date().isoformat()
    return rt.store.count_text(visit.appointment.phone, day, shop.config.texts_per_number, shop.config.texts_per_day)


def _guard(due: MoveDue, standing: Standing | None) -> ArmGuard:
    if due.move in (Move.MOVED, Move.CANCELLED) and standing is not None:
        return ArmGuard(due.key.appt_id, due.key.chain, reply_id=standing.reply_id)
    return ArmGuard(due.key.appt_id, due.key.chain)


def _send(rt: Runtime, shop: Shop, visit: Visit, send: Send, run: str, letter: Letter) -> str:
    """One request, and what its answer means. From here on a crash leaves SENDING, which the sweep settles."""
    try:
        message_id = letter.post(rt)
    except BadRecipient as no:
        rt.ledger.fail(send, run, no.reason, alert=no.reason)
        if send.channel is Channel.TEXT and why_not(no.reason) is WhyNot.OPTED_OUT:
            opted_out_at_provider(rt, send.key, letter.recipient)
        return go_down_ladder(rt, shop, visit, rt.ledger.get(send.key) or send)
    except DefiniteNo as no:
        return _try_again(rt, shop, visit, send, run, no.reason)
    except NoAnswer as lost:
        if send.channel is not Channel.TEXT:
            return _try_again(rt, shop, visit, send, run, lost.reason)
        rt.ledger.unknown(send, run, lost.reason, alert="it is not known whether the text went out")
        return go_down_ladder(rt, shop, visit, rt.ledger.get(send.key) or send)
    now = rt.clock()
    if send.channel is Channel.TEXT:
        billed = {SEGMENTS: str(segments(letter.text).count)}
        awaited = {DELIVERY_DUE: iso(now + WORD_WITHIN)} if shop.config.delivery_log else {}
        send = replace(send, detail={**send.detail, **billed, **awaited})
    rt.ledger.sent(send, run, message_id, letter.recipient, now)
    record_send(rt, send, now)
    return f"sent by {send.channel.value}"


def _try_again(rt: Runtime, shop: Shop, visit: Visit, send: Send, run: str, reason: str) -> str:
    """RETRY at its next time, or EXPIRED and told when there is none left."""
    held = rt.ledger.get(send.key) or send
    now = rt.clock()
    wait = RETRY_MINUTES[min(max(held.attempt, 1), len(RETRY_MINUTES)) - 1]
    at = to_minute(now) + timedelta(minutes=wait)
    if held.attempt > len(RETRY_MINUTES) or (send.useful_until is not None and at > send.useful_until):
        rt.ledger.settle(held, SendState.EXPIRED.value, reason, f"it could not be sent: {reason}", now)
        return go_down_ladder(rt, shop, visit, rt.ledger.get(send.key) or held)
    rt.ledger.retry(send, run, at, reason)
    rt.schedules.book(retry_event(send, at), at)
    return f"refused ({reason}), again at {iso(at)}"


def retry_event(send: Send, at: datetime) -> MoveDue:
    """The event that takes an unfinished send up again; its planned minute names the schedule apart."""
    return MoveDue(send.key, send.move, at, hours_of(send), send.reason)
