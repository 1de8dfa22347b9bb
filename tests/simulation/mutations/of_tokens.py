"""Links, buttons and Slack's signature: what a token must be before anything is done."""

from __future__ import annotations

from tests.simulation.mutations.mutation import Mutation

TOKEN = "chalicelib/domain/reply_token.py"
LINK = "chalicelib/usecases/reply_link.py"
SLACK = "chalicelib/adapters/slack_signature.py"
ANSWER = "chalicelib/usecases/answer_reply.py"
TESTS = (
    "tests/unit/test_reply_token.py",
    "tests/functional/test_security_tokens.py",
    "tests/functional/test_answer_reply.py",
)
PRESSES = ("tests/functional/test_answer_reply.py", "tests/functional/test_security_tokens.py")


def token(name: str, old: str, new: str, below: str = "") -> Mutation:
    """One in the token itself."""
    return Mutation(f"token: {name}", TOKEN, old, new, TESTS, below, "not ministack")


MUTATIONS = (
    token("the signature isn't looked at", "if not hmac.compare_digest(mac, _mac(purpose, body, key)):", "if False:"),
    token(
        "half of the signature will do",
        "if not hmac.compare_digest(mac, _mac(purpose, body, key)):",
        "if not hmac.compare_digest(mac[:8], _mac(purpose, body, key)[:8]):",
    ),
    token("a link is as good as a button", "hmac.new(key, purpose + body,", "hmac.new(key, body,"),
    token("a link never ends", "if now >= link.expires and not allow_expired:", "if False:"),
    token("a link ends a moment late", "if now >= link.expires and", "if now > link.expires and"),
    token("a button never ends", "if now >= action.expires:", "if False:"),
    token("a button ends a moment late", "if now >= action.expires:", "if now > action.expires:"),
    token("any version", "if len(body) < 1 or body[0] >> 4 != VERSION:", "if len(body) < 1:"),
    token("any action code", "or body[_MOMENT_BYTES] not in _ACTIONS:", "or False:"),
    token("any spelling", 'if base64.urlsafe_b64encode(sealed).rstrip(b"=") != token.encode():', "if False:"),
    token("any length", "if len(token) > _LONGEST:", "if False:"),
    token("a link without an appointment", "if len(moment) != _MOMENT_BYTES or not appt_id:", "if len(moment) < 1:"),
    token(
        "the nonce is cut short",
        "nonce=rest[_EXPIRY_BYTES : _EXPIRY_BYTES + NONCE_BYTES],",
        "nonce=rest[_EXPIRY_BYTES : _EXPIRY_BYTES + 4],",
    ),
    Mutation(
        "press: a button of another visit's page",
        LINK,
        "if action.link.appt_id != link.appt_id:",
        "if False:",
        PRESSES,
        marked="not ministack",
    ),
    Mutation(
        "press: a new key isn't asked for",
        LINK,
        "return read(rt.secrets.reply_keys(reload=True))",
        "return read(rt.secrets.reply_keys())",
        PRESSES,
        marked="not ministack",
    ),
    Mutation(
        "press: the nonce isn't spent",
        "chalicelib/usecases/reply_writes.py",
        "if press.nonce is not None:",
        "if False:",
        PRESSES,
        marked="not ministack",
    ),
    Mutation(
        "press: the nonce isn't handed on",
        ANSWER,
        "nonce=action.nonce,\n",
        "nonce=None,\n",
        PRESSES,
        "result = reply(",
        "not ministack",
    ),
    Mutation(
        "press: buttons of the mail page act here",
        ANSWER,
        "if action.action not in _ANSWERS:",
        "if False:",
        PRESSES,
        marked="not ministack",
    ),
    Mutation(
        "press: behind a link that is over",
        "chalicelib/usecases/answer_reply.py",
        "link = open_link(rt, token, now)",
        "link = open_link(rt, token, now, True)",
        PRESSES,
        marked="not ministack",
    ),
)
