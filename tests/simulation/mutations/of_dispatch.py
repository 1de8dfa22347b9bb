"""Dispatch, the sweep and the ladder: still true, once, in time, and never in silence."""

from __future__ import annotations

from tests.simulation.mutations.mutation import Mutation

DISPATCH = "chalicelib/usecases/dispatch_move.py"
SWEEP = "chalicelib/usecases/sweep_ledger.py"
LADDER = "chalicelib/usecases/go_down_ladder.py"
TICK = "chalicelib/usecases/run_tick.py"
DELIVERY = "chalicelib/usecases/settle_delivery.py"
TESTS = (
    "tests/functional/test_dispatch_ledger.py",
    "tests/functional/test_dispatch_move.py",
    "tests/functional/test_sweep_ledger.py",
    "tests/functional/test_go_down_ladder.py",
)

DOWN = "return go_down_ladder(rt, shop, visit, rt.ledger.get(send.key) or send)"


def dispatch(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in dispatch."""
    return Mutation(f"dispatch: {name}", DISPATCH, old, new, TESTS, below, "not ministack")


def sweep(name: str, old: str, new: str) -> Mutation:
    """One in the sweep."""
    return Mutation(
        f"sweep: {name}", SWEEP, old, new, ("tests/functional/test_sweep_ledger.py", *TESTS), marked="not ministack"
    )


def ladder(name: str, old: str, new: str) -> Mutation:
    """One in the ladder."""
    return Mutation(
        f"ladder: {name}", LADDER, old, new, ("tests/functional/test_go_down_ladder.py", *TESTS), marked="not ministack"
    )


def tick(name: str, old: str, new: str) -> Mutation:
    """One in the tick."""
    return Mutation(f"tick: {name}", TICK, old, new, ("tests/functional/test_run_tick.py",), marked="not ministack")


MUTATIONS = (
    dispatch("what was settled goes again", "if held is not None and held.state not in UNSETTLED:", "if False:"),
    dispatch("an event of another start counts", "if visit.appointment.chain != due.key.chain:", "if False:"),
    dispatch(
        "an answered visit gets its e-mail",
        "        if visit.state.closed:\n            return NoGo(visit.state.closed)\n",
        "",
    ),
    dispatch(
        "an answer that was overtaken is confirmed",
        "if standing is None or standing.reply_id != reply_id:",
        "if standing is None:",
    ),
    dispatch(
        "an answer's confirmation after the visit",
        '    if now >= start:\n        return NoGo("the visit\'s time has come")\n',
        "",
    ),
    dispatch(
        "an early event goes at once",
        "if due.planned - now >= AT_ONCE:\n        return True",
        "if False:\n        return True",
    ),
    dispatch(
        "seconds early means into the night",
        "return due.move is not Move.GAP_ALERT and due.planned > now and not shop.hours.allows(now)",
        "return False",
    ),
    dispatch("late means into the night", "at = shop.hours.next_allowed(now, until)", "at = now"),
    dispatch(
        "any lateness is graced",
        "due.planned <= now <= due.planned + GRACE and now <= until and shop",
        "due.planned <= now and now <= until and shop",
    ),
    dispatch(
        "the grace doesn't ask whether its minute was allowed",
        " and now <= until and shop.hours.allows(due.planned):",
        " and now <= until:",
    ),
    dispatch(
        "the switch is ignored",
        '    if not _switched_on(rt, due):\n        return "held: sending is switched off"\n',
        "",
    ),
    dispatch(
        "staff only means everybody",
        "(switch is SendingSwitch.STAFF_ONLY and due.move is Move.GAP_ALERT)",
        "(switch is SendingSwitch.STAFF_ONLY)",
    ),
    dispatch(
        "an opt-out is ignored",
        "opted_out = rt.store.opted_out([c for c in (visit.appointment.phone, visit.appointment.email) if c])",
        "opted_out: set[str] = set()",
    ),
    dispatch(
        "sent without a claim", '    if claim is not Claim.MINE:\n        return f"not claimed: {claim.value}"\n', ""
    ),
    dispatch(
        "sent although armed by another",
        '    if arming is Arming.LOST:\n        return "not armed: another run has it"\n',
        "",
    ),
    dispatch(
        "sent although answered meanwhile",
        "    if arming is Arming.STALE:\n        held",
        "    if False:\n        held",
    ),
    dispatch(
        "armed against nothing",
        "return ArmGuard(due.key.appt_id, due.key.chain, reply_id=standing.reply_id)\n",
        "return ArmGuard(due.key.appt_id, due.key.chain)\n",
    ),
    dispatch(
        "caps are not counted",
        "if channel is Channel.TEXT and (exhausted := _over_a_cap(rt, shop, visit)):",
        'if channel is Channel.TEXT and (exhausted := ""):',
    ),
    dispatch(
        "nobody to write to is nobody's business", DOWN, "return why", "rt.ledger.fail(send, run, why, alert=why)"
    ),
    dispatch(
        "a text without an answer goes again",
        "if send.channel is not Channel.TEXT:\n            return _try_again",
        "if True:\n            return _try_again",
    ),
    dispatch(
        "an e-mail without an answer is given up",
        "if send.channel is not Channel.TEXT:\n            return _try_again",
        "if False:\n            return _try_again",
    ),
    dispatch(
        "a bad number is tried again",
        "rt.ledger.fail(send, run, no.reason, alert=no.reason)",
        "return _try_again(rt, shop, visit, send, run, no.reason)",
    ),
    dispatch("unknown is told to nobody", DOWN, "return lost.reason", "rt.ledger.unknown("),
    dispatch("what went isn't recorded", "    rt.ledger.sent(send, run, message_id, letter.recipient, now)\n", ""),
    dispatch("a retry has no end", "if held.attempt > len(RETRY_MINUTES) or (send", "if (send"),
    dispatch(
        "a retry after its use",
        "if held.attempt > len(RETRY_MINUTES) or (send.useful_until is not None and at > send.useful_until):",
        "if held.attempt > len(RETRY_MINUTES):",
    ),
    dispatch("a retry isn't booked", "    rt.schedules.book(retry_event(send, at), at)\n", ""),
    dispatch(
        "an e-mail's delivery is awaited",
        "    if send.channel is Channel.TEXT:\n        billed",
        "    if True:\n        billed",
    ),
    dispatch(
        "a run that still has it is overruled",
        "held.state is SendState.CLAIMED and held.lease_until and held.lease_until > rt.clock()",
        "False",
    ),
    dispatch("a SENDING is dropped", "if held is None or held.state is SendState.SENDING:", "if held is None:"),
    dispatch(
        "what was missed is dropped in silence",
        "state = SendState.EXPIRED if verdict.tell or missed else",
        "state = SendState.EXPIRED if verdict.tell else",
    ),
    sweep(
        "an armed text is sent again",
        "case SendState.SENDING if send.channel is Channel.TEXT:",
        "case SendState.SENDING if False:",
    ),
    sweep(
        "an e-mail is given up",
        "case SendState.SENDING if send.attempt >= MAX_ATTEMPTS:",
        "case SendState.SENDING if True:",
    ),
    sweep(
        "an e-mail is tried for ever",
        "case SendState.SENDING if send.attempt >= MAX_ATTEMPTS:",
        "case SendState.SENDING if False:",
    ),
    sweep(
        "alerts are left alone",
        "        go_down_ladder(rt, shop, shop.visit_of(rt, send.key.appt_id), send)\n        return\n",
        "        return\n",
    ),
    sweep("what is too late goes", "if send.too_late_at(now):", "if False:"),
    sweep(
        "what waits is left alone",
        "            else:\n                rt.bus.put([retry_event(send, send.planned)])\n        case SendState.SENT",
        "            else:\n                pass\n        case SendState.SENT",
    ),
    sweep("an answered visit is told as missed", "if visit is not None and is_answered(visit, send):", "if False:"),
    sweep(
        "one failure stops the rest",
        "            failures.append(failure)\n            log.warning(",
        "            raise\n            log.warning(",
    ),
    sweep(
        "it settles in silence",
        "rt.ledger.settle(send, state.value, reason, reason, now)",
        'rt.ledger.settle(send, state.value, reason, "", now)',
    ),
    ladder(
        "an alert is cleared before it is told",
        "    followed = _follow_by_email(rt, visit, send)\n",
        "    rt.ledger.clear_alert(send)\n    followed = _follow_by_email(rt, visit, send)\n",
    ),
    ladder("an alert is never cleared", "    rt.ledger.clear_alert(send)\n    return f", "    return f"),
    ladder(
        "unknown is told to nobody where an e-mail follows",
        " or send.state in (SendState.UNKNOWN, SendState.EXPIRED):",
        ":",
    ),
    ladder("the e-mail isn't in the ledger before the bus", "    _hold_the_rung(rt, send)\n    rt.bus", "    rt.bus"),
    ladder(
        "what was no text is followed by an e-mail",
        "        or send.key.email\n        or send.channel is not Channel.TEXT\n",
        "",
    ),
    ladder("a missing word is followed by an e-mail", "        or send.reason == NO_WORD\n", ""),
    ladder(
        "an opt-out of mail is ignored",
        "opted_out = rt.store.opted_out([visit.appointment.email])",
        "opted_out: set[str] = set()",
    ),
    Mutation(
        "ladder: a limit is told for each text",
        "chalicelib/usecases/tell_limits.py",
        'commit(TellOnce(f"{what}#{day}#{whose}"), ',
        "commit(",
        ("tests/functional/test_delivery_log.py", "tests/functional/test_go_down_ladder.py", *TESTS),
        marked="not ministack",
    ),
    tick("it doesn't beat", "    rt.store.beat(names.REMINDER, now)\n", ""),
    tick(
        "a failed tick beats",
        "    if report.failures:\n        rt.metrics",
        "    rt.store.beat(names.REMINDER, now)\n    if report.failures:\n        rt.metrics",
    ),
    tick("it looks back at nothing", "begin = max(min(last_beat or now, now), now - LOOK_BACK)", "begin = now"),
    tick(
        "one failure stops the rest",
        "            report.failures.append(failure)\n    if report",
        "            raise\n    if report",
    ),
    tick("a skip is told each time", "if known.get(window_key(entry.window)) != outcome:", "if True:"),
    Mutation(
        "delivery: undelivered is nobody's business",
        DELIVERY,
        "    if not report.delivered:\n        shop",
        "    if False:\n        shop",
        ("tests/functional/test_settle_delivery.py",),
        marked="not ministack",
    ),
)
