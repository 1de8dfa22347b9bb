"""Reply links and button tokens: what opens, what is refused, and how long they are."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import reply_token
from chalicelib.domain.appointment import chain_id
from chalicelib.domain.reply_token import (
    Action,
    Expired,
    Link,
    ReplyAction,
    UnknownKey,
    issue_action,
    issue_link,
    read_action,
    read_link,
)
from chalicelib.errors import TokenRefused
from chalicelib.ports import ReplyKeys

KEYS = ReplyKeys(current=1, keys={1: b"a" * 32})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = datetime(2026, 11, 26, 1, tzinfo=UTC)
NOW = START - timedelta(hours=20)
LINK = Link("A-17", chain_id(START), 2880)
NONCE = bytes(range(16))

links = st.builds(
    Link,
    appt_id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    chain=st.integers(0, 226_000_000).map(lambda minute: chain_id(EPOCH + timedelta(minutes=minute))),
    window=st.integers(0, (1 << 20) - 1),
)


@given(links)
def test_a_link_says_the_same_when_it_is_read(link: Link) -> None:
    long_ago = datetime(1969, 1, 1, tzinfo=UTC)
    assert read_link(issue_link(link, KEYS), KEYS, long_ago) == link


@given(links, st.sampled_from(ReplyAction), st.binary(min_size=16, max_size=16))
def test_a_button_says_the_same_when_it_is_read(link: Link, action: ReplyAction, nonce: bytes) -> None:
    token = issue_action(link, action, nonce, START, KEYS)
    assert read_action(token, KEYS, NOW) == Action(link, action, nonce, START)


def test_an_id_of_eight_characters_makes_a_link_of_forty_two() -> None:
    token = issue_link(Link("A1B2C3D4", chain_id(START), 2880), KEYS)
    assert len(token) == 42
    assert len("https://r.bright.sg/r/" + token) == 64


@given(st.text("ABCXYZabcxyz0123456789-", min_size=1, max_size=8))
def test_a_link_fits_sixty_four_characters_and_ends_in_a_letter_or_digit(appt_id: str) -> None:
    token = issue_link(Link(appt_id, chain_id(START), 120), KEYS)
    assert len(token) <= 42
    assert token[-1].isalnum()


def test_any_changed_bit_is_refused() -> None:
    """Promise 66."""
    token = issue_link(LINK, KEYS)
    sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(TokenRefused):
            read_link(base64.urlsafe_b64encode(changed).rstrip(b"=").decode(), KEYS, NOW)


def test_any_changed_bit_of_a_button_is_refused() -> None:
    token = issue_action(LINK, "cancel", NONCE, START, KEYS)
    sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(TokenRefused):
            read_action(base64.urlsafe_b64encode(changed).rstrip(b"=").decode(), KEYS, NOW)


def test_a_cut_or_lengthened_link_is_refused() -> None:
    token = issue_link(LINK, KEYS)
    for cut in range(len(token)):
        with pytest.raises(TokenRefused):
            read_link(token[:cut], KEYS, NOW)
    for tail in ("A", "=", "==", "AAAA", "\n", "%00"):
        with pytest.raises(TokenRefused):
            read_link(token + tail, KEYS, NOW)


@given(st.text(max_size=120))
def test_nonsense_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(TokenRefused):
        read_link(text, KEYS, NOW)
    with pytest.raises(TokenRefused):
        read_action(text, KEYS, NOW)


def test_a_very_long_text_is_refused_unread() -> None:
    with pytest.raises(TokenRefused, match="too long"):
        read_link("A" * 100_000, KEYS, NOW)


def test_a_link_is_not_a_button_nor_a_button_a_link() -> None:
    with pytest.raises(TokenRefused):
        read_action(issue_link(Link("A" * 40, LINK.chain), KEYS), KEYS, NOW)
    with pytest.raises(TokenRefused):
        read_link(issue_action(LINK, "confirm", NONCE, START, KEYS), KEYS, NOW)


def test_a_link_is_over_when_the_visit_starts() -> None:
    """Promise 67."""
    token = issue_link(LINK, KEYS)
    assert read_link(token, KEYS, START - timedelta(seconds=1)) == LINK
    with pytest.raises(Expired):
        read_link(token, KEYS, START)


def test_an_expired_link_still_tells_which_visit_it_was_where_that_is_asked_for() -> None:
    assert read_link(issue_link(LINK, KEYS), KEYS, START + timedelta(days=9), allow_expired=True) == LINK


def test_a_button_is_over_at_its_own_expiry() -> None:
    ends = NOW + timedelta(minutes=10)
    token = issue_action(LINK, "undo", NONCE, ends, KEYS)
    assert read_action(token, KEYS, ends - timedelta(seconds=1)).action is ReplyAction.UNDO
    with pytest.raises(Expired):
        read_action(token, KEYS, ends)


def test_a_genuine_button_of_a_later_version_that_does_something_unknown_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(reply_token._CODES, ReplyAction.CONFIRM, 200)
    token = issue_action(LINK, "confirm", NONCE, START, KEYS)
    with pytest.raises(TokenRefused):
        read_action(token, KEYS, NOW)


def test_a_genuine_link_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        later.setattr(reply_token, "VERSION", 2)
        token = issue_link(LINK, KEYS)
    with pytest.raises(TokenRefused):
        read_link(token, KEYS, NOW)


def test_a_genuine_token_that_names_no_appointment_is_refused() -> None:
    nobody = Link("", chain_id(START))
    with pytest.raises(TokenRefused):
        read_link(issue_link(nobody, KEYS), KEYS, NOW)
    with pytest.raises(TokenRefused):
        read_action(issue_action(nobody, "confirm", NONCE, START, KEYS), KEYS, NOW)


def test_a_former_key_opens_its_links_while_it_is_live() -> None:
    token = issue_link(LINK, KEYS)
    both = ReplyKeys(current=2, keys={1: b"a" * 32, 2: b"b" * 32})
    assert read_link(token, both, NOW) == LINK
    assert read_link(issue_link(LINK, both), both, NOW) == LINK


def test_a_key_that_is_not_known_is_told_apart_so_that_the_keys_are_read_again() -> None:
    newer = ReplyKeys(current=2, keys={2: b"b" * 32})
    with pytest.raises(UnknownKey):
        read_link(issue_link(LINK, newer), KEYS, NOW)


def test_another_key_under_the_same_id_does_not_open_a_link() -> None:
    with pytest.raises(TokenRefused):
        read_link(issue_link(LINK, ReplyKeys(current=1, keys={1: b"z" * 32})), KEYS, NOW)


def test_what_does_not_fit_a_link_is_said_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="window"):
        issue_link(Link("A-1", LINK.chain, 1 << 20), KEYS)
    with pytest.raises(ValueError, match="start"):
        issue_link(Link("A-1", "90000101T0000Z"), KEYS)
    with pytest.raises(ValueError, match="nonce"):
        issue_action(LINK, "confirm", b"short", START, KEYS)
