"""The ledger on DynamoDB, noticed on ministack; and the in-memory twin, which the use cases' tests run on."""

from __future__ import annotations

from tests.simulation.mutations.mutation import Mutation

LEDGER = "chalicelib/adapters/dynamodb_ledger.py"
TWIN = "tests/twin/ledger.py"
SEND = "chalicelib/domain/send.py"
TESTS = ("tests/contract/test_ledger.py", "tests/contract/test_dynamodb.py")


def real(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in the shipped ledger."""
    return Mutation(f"ledger: {name}", LEDGER, old, new, TESTS, below, "ministack")


def twin(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in its twin."""
    return Mutation(f"twin: {name}", TWIN, old, new, TESTS, below, "not ministack")


CLAIM = (
    real(
        "claim whatever is there",
        'MAY_CLAIM = f"{ABSENT} OR ',
        'MAY_CLAIM = f"attribute_exists(#appt_id) OR {ABSENT} OR ',
    ),
    real(
        "claim a retry before its time",
        "(#state IN (:retry, :deferred) AND #due <= :now)",
        "(#state IN (:retry, :deferred))",
    ),
    real("claim a SENDING whose lease is over", "IN (:retry, :deferred) AND", "IN (:retry, :deferred, :sending) AND"),
    real("never claim a DEFERRED", "IN (:retry, :deferred) AND", "IN (:retry) AND"),
    real("claim although the lease runs", "(#state = :claimed AND #lease_until <= :now)", "(#state = :claimed)"),
    real(
        "claim another's SENDING by the lease alone",
        "(#state = :claimed AND #lease_until <= :now)",
        "(#lease_until <= :now)",
    ),
    real("never claim what a dead run had", " OR {LEASE_HAS_RUN_OUT}", ""),
    real("refuse the SDK's repeat of a claim", ' OR {CLAIMED_BY_ME}"\n\n# Arm', '"\n\n# Arm'),
    real("a claim leaves no trace for the sweep", '"unsettled": _INDEXED,\n            "due": lease,', '"due": lease,'),
)

ARM = (
    real("arm what another run claimed", 'MAY_ARM = f"{CLAIMED_BY_ME} AND', 'MAY_ARM = f"#state = :claimed AND'),
    real("arm in any state", 'MAY_ARM = f"{CLAIMED_BY_ME} AND', 'MAY_ARM = f"#owner = :run AND'),
    real(
        "arm after the lease",
        'MAY_ARM = f"{CLAIMED_BY_ME} AND {LEASE_STILL_RUNS} AND',
        'MAY_ARM = f"{CLAIMED_BY_ME} AND',
    ),
    real("arm as often as one likes", ' AND {ATTEMPTS_LEFT}"', '"'),
    real("arm once more than allowed", "#attempt < :most_attempts", "#attempt <= :most_attempts"),
    real(
        "arm without counting",
        "            one=1,\n        )\n\n    def _guard",
        "            one=0,\n        )\n\n    def _guard",
    ),
    real("arm although answered", "(#answer = :open AND #chain = :chain AND", "(#chain = :chain AND"),
    real("arm on another chain", "(#answer = :open AND #chain = :chain AND", "(#answer = :open AND"),
    real("arm although held", " AND attribute_not_exists(#hold_reason))", ")"),
    real(
        "never arm without a standing",
        'NOBODY_ANSWERED = f"{NO_STANDING} OR {OPEN_ON_THIS_CHAIN}"',
        'NOBODY_ANSWERED = f"{OPEN_ON_THIS_CHAIN}"',
    ),
    real(
        "arm an answer that was overtaken",
        '"#reply_id = :reply_id"',
        '"attribute_exists(#pk) OR #reply_id = :reply_id"',
    ),
    real("arm without noting the window", '{"sent_window": iso(now)}', "{}"),
    real("arm without a new revision", "if_not_exists(#rev, :zero) + :one", "if_not_exists(#rev, :zero) + :zero"),
    real("a lost lease counts as stale", "Arming.LOST if refused.write == 0 else Arming.STALE", "Arming.STALE"),
    real(
        "a stale guard counts as armed",
        "Arming.LOST if refused.write == 0 else Arming.STALE",
        "Arming.LOST if refused.write == 0 else Arming.ARMED",
    ),
    real(
        "an arm whose answer was lost is made again",
        "            if stored.state is SendState.SENDING:\n                return Arming.ARMED",
        "            if False:\n                return Arming.ARMED",
    ),
    real(
        "another's SENDING is taken for one's own arm",
        "if stored is None or stored.owner != run:",
        "if stored is None:",
    ),
)

RECORD = (
    real("record another run's send", 'f"{SENDING_OR_UNKNOWN} AND {MINE}"', "SENDING_OR_UNKNOWN"),
    real("record in any state", 'f"{SENDING_OR_UNKNOWN} AND {MINE}"', "MINE"),
    real("never record a late answer", "#state IN (:sending, :unknown)", "#state IN (:sending)"),
    real(
        "a send of another id counts as recorded",
        'in done and refused.stored.get("message_id") == message_id',
        "in done",
    ),
    real("the repeat of a record is refused", 'return refused.stored.get("state") in done and', "return False and"),
    real(
        "a late answer leaves the alert",
        '"alert_pending": "",\n            "unsettled": _INDEXED if awaited',
        '"unsettled": _INDEXED if awaited',
    ),
    real("a text's delivery is not awaited", '_INDEXED if awaited else ""', '""'),
    real("retry or fail another run's send", 'f"{allowed} AND {MINE}"', "allowed"),
    real("retry or fail from any state", 'f"{allowed} AND {MINE}"', "MINE"),
    real("retry or fail only what is armed", '"#state IN (:sending, :claimed)"', '"#state = :sending"'),
    real(
        "any refusal counts as one's own step",
        "return all(refused.stored.get(name",
        "return True or all(refused.stored.get(name",
    ),
    real(
        "the repeat of a step is refused",
        "return all(refused.stored.get(name",
        "return False and all(refused.stored.get(name",
    ),
    real(
        "a retry is invisible to the sweep",
        'return {"unsettled": _INDEXED, "due": iso(at)}',
        'return {"unsettled": "", "due": iso(at)}',
    ),
    real("defer what is under way", "run, CLAIMED, SendState.DEFERRED", "run, SENDING_OR_CLAIMED, SendState.DEFERRED"),
    real(
        "unknown before it was armed", "run, SENDING, SendState.UNKNOWN", "run, SENDING_OR_CLAIMED, SendState.UNKNOWN"
    ),
    real(
        "unknown without an alert",
        "SendState.UNKNOWN, reason, _alerting(alert)",
        'SendState.UNKNOWN, reason, _alerting("")',
    ),
    real(
        "failed without an alert",
        "SendState.FAILED, reason, _alerting(alert)",
        'SendState.FAILED, reason, _alerting("")',
    ),
    real(
        "an alert is invisible to the sweep",
        '{"unsettled": _INDEXED, "due": alert_due(message_id)',
        '{"unsettled": "", "due": ""',
    ),
)

SWEEP = (
    real("settle whatever its state is now", 'f"#state = :was AND {_same', 'f"attribute_exists(#appt_id) AND {_same'),
    real("settle although another run has it", "AND {_same('owner', send.owner)} AND", "AND"),
    real("settle although the lease is new", " AND {_same('lease_until', send.lease_until)}\"", '"'),
    real(
        "a settle that was refused counts",
        "        except ConditionFailed:\n            return False\n        return True\n\n    def deliver",
        "        except ConditionFailed:\n            return True\n        return True\n\n    def deliver",
    ),
    real("a settle drops the alert", "else _alerting(alert, send.message_id)", 'else _alerting("", send.message_id)'),
    real(
        "word on a send that was settled",
        '"#state = :sent AND #message_id = :message_id"',
        '"#message_id = :message_id"',
    ),
    real("word on another message", '"#state = :sent AND #message_id = :message_id"', '"#state = :sent"'),
    real(
        "undelivered without an alert",
        '"alert_pending": alert} | _alerting(alert, message_id)',
        '"alert_pending": alert} | _alerting("", message_id)',
    ),
    real(
        "clear the alert of another state",
        '"#state = :was AND #alert_pending = :alert_was"',
        '"#alert_pending = :alert_was"',
    ),
    real("clear another alert", '"#state = :was AND #alert_pending = :alert_was"', '"#state = :was"'),
    real("revive what wasn't cancelled", '"#state = :cancelled AND #attempt = :zero"', '"#attempt = :zero"'),
    real("revive what was armed", '"#state = :cancelled AND #attempt = :zero"', '"#state = :cancelled"'),
    real("the sweep looks at what isn't due", 'if item.get("due", "~") <= limit', "if item"),
)

BOUNDS = (
    Mutation(
        "lease of three minutes", SEND, "LEASE_SECONDS = 45", "LEASE_SECONDS = 180", TESTS, marked="not ministack"
    ),
    Mutation(
        "lease shorter than a function runs",
        SEND,
        "LEASE_SECONDS = 45",
        "LEASE_SECONDS = 20",
        TESTS,
        marked="not ministack",
    ),
    Mutation("a sixth attempt", SEND, "MAX_ATTEMPTS = 5", "MAX_ATTEMPTS = 6", TESTS, marked="not ministack"),
    Mutation(
        "RETRY counts as settled",
        SEND,
        "SendState.DEFERRED, SendState.RETRY, SendState.SENDING})",
        "SendState.DEFERRED, SendState.SENDING})",
        ("tests/functional/test_dispatch_ledger.py", *TESTS),
        marked="not ministack",
    ),
    Mutation(
        "too late is never",
        SEND,
        "return self.useful_until is not None and now >= self.useful_until + MINUTE",
        "return False",
        ("tests/functional/test_sweep_ledger.py",),
    ),
)

IN_THE_TWIN = (
    twin(
        "claim a retry before its time",
        "return stored.due is not None and stored.due <= now\n    if stored",
        "return True\n    if stored",
    ),
    twin(
        "claim although the lease runs",
        "stored.lease_until is not None and stored.lease_until <= now)",
        "stored.lease_until is not None)",
    ),
    twin("claim whatever is there", "    return False\n\n\ndef _holds", "    return True\n\n\ndef _holds"),
    twin(
        "arm what another run claimed",
        "                or stored.owner != run\n                or",
        "                or",
    ),
    twin("arm in any state", "                or stored.state is not S.CLAIMED\n", ""),
    twin("arm after the lease", "                or stored.lease_until <= now\n", ""),
    twin("arm as often as one likes", "                or stored.attempt >= MAX_ATTEMPTS\n", ""),
    twin("arm although answered", "return standing.answer is Answer.OPEN and not", "return not"),
    twin("arm although held", " and not standing.hold_reason", ""),
    twin("arm on another chain", " and standing.chain == guard.chain", ""),
    twin(
        "arm an answer that was overtaken",
        "return standing is not None and standing.reply_id == guard.reply_id",
        "return standing is not None",
    ),
    twin("arm without a new revision", "now}, rev=standing.rev + 1", "now}, rev=standing.rev"),
    twin("record another run's send", "(S.SENDING, S.UNKNOWN) or stored.owner != run", "(S.SENDING, S.UNKNOWN)"),
    twin(
        "record in any state",
        "if stored.state not in (S.SENDING, S.UNKNOWN) or stored.owner != run",
        "if stored.owner != run",
    ),
    twin("a send of another id counts as recorded", "return stored.message_id == message_id", "return True"),
    twin(
        "retry or fail another run's send",
        "if stored is None or stored.owner != run:\n            return False\n        if stored.state not in allowed",
        "if stored is None:\n            return False\n        if stored.state not in allowed",
    ),
    twin("retry or fail from any state", "if stored.state not in allowed:", "if False:"),
    twin(
        "settle whatever its state is now",
        "(stored.state, stored.owner) != (send.state, send.owner)",
        "stored.owner != send.owner",
    ),
    twin(
        "settle although another run has it",
        "(stored.state, stored.owner) != (send.state, send.owner)",
        "stored.state != send.state",
    ),
    twin(
        "settle although the lease is new",
        "or stored.lease_until != (to_second(send.lease_until) if send.lease_until else None)",
        "",
    ),
    twin("word on a send that was settled", "if stored.state is S.SENT:", "if True:"),
    twin(
        "clear the alert of another state",
        "(stored.state, stored.alert_pending) == (send.state, send.alert_pending)",
        "stored.alert_pending == send.alert_pending",
    ),
    twin(
        "clear another alert",
        "(stored.state, stored.alert_pending) == (send.state, send.alert_pending)",
        "stored.state == send.state",
    ),
    twin("revive what was armed", "stored.state is S.CANCELLED and stored.attempt == 0", "stored.state is S.CANCELLED"),
    twin("revive what wasn't cancelled", "stored.state is S.CANCELLED and stored.attempt == 0", "stored.attempt == 0"),
    twin("the sweep doesn't see an alert", "(send.alert_pending and send.state not in UNSETTLED) or ", ""),
)

MUTATIONS = (*CLAIM, *ARM, *RECORD, *SWEEP, *BOUNDS, *IN_THE_TWIN)
