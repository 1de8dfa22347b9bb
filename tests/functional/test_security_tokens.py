"""Links and buttons that nobody gave out, seen from the street: nothing changes, and every refusal looks the same."""

from __future__ import annotations

import ast
import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.system_tokens import SystemTokens
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.reply_token import Link, ReplyAction, issue_action, issue_link
from chalicelib.ports import ReplyKeys
from tests.fakes.runtime import KEYS
from tests.functional.reply_world import MEI, NOW, START, Door, button
from tests.functional.test_app import answer, url_event

NEWER = ReplyKeys(current=9, keys={**KEYS.keys, 9: b"n" * 32})
LINK = Link("A-17", chain_id(START), 2880)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """Mei's and Rex's visits, behind the app's own edge. Nothing may have changed when the test is over."""
    door = Door.open(MEI, {**MEI, "appt_id": "B-2", "customer": "Rex", "phone": "+6598765432"})
    monkeypatch.setattr(bootstrap, "_runtime", door.rt)
    rows = [list(row) for row in door.rt.sheet.rows]
    yield door
    world = door.rt.store.world
    assert not (world.standings or world.replies or world.spent or world.audit or world.outbox or world.opted_out)
    assert [list(row) for row in door.rt.sheet.rows] == rows
    assert not (door.rt.bus.moves or door.rt.bus.requests or door.rt.staff.lines or door.rt.sms.texts)


def get(token: str) -> dict[str, Any]:
    return answer(url_event("GET", f"/r/{quote(token, safe='')}"))


def post(token: str, **form: str) -> dict[str, Any]:
    return answer(url_event("POST", f"/r/{quote(token, safe='')}", urlencode(form)))


def a_button(link: Link = LINK, action: str = "cancel", keys: ReplyKeys = KEYS) -> str:
    return issue_action(link, action, bytes(range(16)), NOW + timedelta(hours=1), keys)


def flipped(token: str) -> Iterator[str]:
    """The token with each of its bits changed in turn, spelled as a token is."""
    sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << (bit % 8)
        yield base64.urlsafe_b64encode(changed).rstrip(b"=").decode()


def test_a_link_with_any_bit_changed_looks_like_one_that_never_was(door: Door) -> None:
    unknown = get("nonsense")
    assert unknown["statusCode"] == 404
    for token in flipped(door.link()):
        assert get(token) == unknown
        assert post(token, t=a_button()) == unknown


def test_a_button_with_any_bit_changed_looks_like_one_that_never_was(door: Door) -> None:
    unknown = post("nonsense", t="nonsense")
    for token in flipped(a_button()):
        assert post(door.link(), t=token) == unknown


def test_a_cut_or_lengthened_token_looks_like_one_that_never_was(door: Door) -> None:
    unknown, link, pressed = post("nonsense", t="nonsense"), door.link(), a_button()
    for cut in range(1, len(link)):
        assert post(link[:cut], t=pressed) == unknown
    for cut in range(len(pressed)):
        assert post(link, t=pressed[:cut]) == unknown
    for tail in ("A", "=", "==", "%00", "\0", "\n", " ", "é", "/", "?", "A" * 10_000):
        assert post(link, t=pressed + tail) == unknown
        assert get(link + tail)["statusCode"] == 404


def test_an_expired_link_looks_like_one_that_never_was(door: Door) -> None:
    link, pressed = door.link(), a_button()
    door.rt.clock.now = START
    assert get(link) == get("nonsense")
    assert post(link, t=pressed) == post("nonsense", t="nonsense")


def test_a_link_to_a_visit_that_is_gone_looks_like_one_that_never_was(door: Door) -> None:
    assert get(door.link("C-3")) == get("nonsense")
    assert post(door.link("C-3"), t=a_button(Link("C-3", LINK.chain))) == post("nonsense", t="nonsense")


def test_a_button_of_another_visit_does_nothing_to_either(door: Door) -> None:
    foreign = a_button(Link("B-2", LINK.chain, LINK.window))
    assert post(door.link(), t=foreign) == post("nonsense", t="nonsense")
    assert post(door.link("B-2"), t=a_button()) == post("nonsense", t="nonsense")


def test_a_link_is_no_button_and_a_button_no_link(door: Door) -> None:
    unknown = post("nonsense", t="nonsense")
    # An id from a hostile sheet that spells out a button of Mei's visit: action, expiry, nonce and her id.
    for code in "\x01\x02\x03\x04\x05\x06\x07\x08":
        evil = Link(code + "\0\x7f\x7f\x7f\x7f" + "n" * 16 + "A-17", LINK.chain, LINK.window)
        assert post(door.link(), t=issue_link(evil, KEYS)) == unknown
    assert post(door.link(), t=door.link()) == unknown
    assert get(a_button()) == get("nonsense")
    assert post(a_button(), t=a_button()) == unknown


@pytest.mark.parametrize("action", ["no-emails", "emails-again"])
def test_the_mail_page_s_buttons_do_nothing_on_the_reply_page(door: Door, action: str) -> None:
    assert post(door.link(), t=a_button(action=action)) == post("nonsense", t="nonsense")


def test_a_stranger_s_key_signs_nothing(door: Door) -> None:
    guess = ReplyKeys(current=1, keys={1: b"guess" * 8})
    assert get(issue_link(LINK, guess)) == get("nonsense")
    assert post(door.link(), t=a_button(keys=guess)) == post("nonsense", t="nonsense")


def test_a_key_that_is_taken_out_of_the_secret_opens_nothing(door: Door) -> None:
    link, pressed = door.link(), a_button()
    door.rt.secrets.keys = ReplyKeys(current=9, keys={9: b"n" * 32})
    assert get(link) == get("nonsense")
    assert post(link, t=pressed) == post("nonsense", t="nonsense")


@pytest.mark.parametrize("ask", [lambda link, _: get(link), lambda link, pressed: post(link, t=pressed)])
def test_an_unknown_key_reads_the_secret_again_once_a_request(door: Door, ask: Callable[[str, str], object]) -> None:
    for count in range(1, 4):
        ask(issue_link(LINK, NEWER), a_button(keys=NEWER))
        assert door.rt.secrets.reloads == count


def test_a_thousand_bad_links_and_presses_cost_no_read_of_any_table_or_file(door: Door) -> None:
    asked: list[object] = []
    door.rt.store.world.before = asked.append
    door.rt.documents.read = asked.append  # type: ignore[method-assign, assignment]
    guess = ReplyKeys(current=1, keys={1: b"guess" * 8})
    for n in range(500):
        get(issue_link(Link(f"A-{n}", LINK.chain), guess))
        post("nonsense", t=a_button(Link(f"A-{n}", LINK.chain), keys=guess))
    assert asked == []
    assert door.rt.secrets.reloads == 0


def test_only_failed_presses_count_and_each_but_once(door: Door) -> None:
    for _ in range(5):
        get("nonsense")
    assert door.rt.metrics.counts == {}
    post("nonsense", t="nonsense")
    post(door.link(), t=a_button(Link("B-2", LINK.chain)))
    assert door.rt.metrics.counts == {"token_refused": 2}


def test_a_button_whose_hour_is_over_changes_nothing_and_offers_fresh_ones(door: Door) -> None:
    pressed = a_button()
    door.rt.clock.forward(hours=1)
    found = post(door.link(), t=pressed)
    assert found["statusCode"] == 200
    assert pressed not in found["body"]


def test_every_view_s_buttons_are_its_own(door: Door) -> None:
    views = [door.look() for _ in range(3)]
    tokens = {button(view, action) for view in views for action in ("confirm", "cancel", "no-texts")}
    assert len(tokens) == 9


def test_nonces_are_128_bits_of_the_system_s_randomness_and_never_the_same() -> None:
    nonces = {SystemTokens().nonce() for _ in range(100_000)}
    assert len(nonces) == 100_000
    assert {len(nonce) for nonce in nonces} == {16}
    ones = sum(int.from_bytes(nonce, "big").bit_count() for nonce in nonces)
    assert 0.499 < ones / (128 * len(nonces)) < 0.501


def test_randomness_comes_from_secrets_and_macs_are_compared_in_constant_time() -> None:
    sources = {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "chalicelib").rglob("*.py")}
    imported = {
        name.partition(".")[0]
        for tree in sources.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert not imported & {"random", "uuid", "pickle", "marshal", "shelve"}
    for path, tree in sources.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                words = ast.unparse(node).lower()
                assert "mac" not in words.split() and "signature" not in words, f"{path}: {words}"


def test_every_button_the_pages_know_is_tried_here(door: Door) -> None:
    """A foreign button of any kind does nothing, so that a new action can't come without this check."""
    unknown = post("nonsense", t="nonsense")
    for action in ReplyAction:
        assert post(door.link(), t=a_button(Link("B-2", LINK.chain), action.value)) == unknown
