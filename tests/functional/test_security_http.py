"""The public address under whatever strangers, scanners and broken clients send: nothing is written, nothing leaks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import bootstrap
from chalicelib.adapters.slack_signature import SlackPresses
from chalicelib.function_url import BARE_HEADERS
from tests.functional.reply_world import MEI, Door, button
from tests.functional.test_app import FORM, answer, header, url_event

READS = {
    "store.standings",
    "store.work",
    "store.told",
    "store.holds",
    "store.opted_out",
    "store.last_beat",
    "store.replies",
    "store.audit",
    "ledger.get",
    "ledger.chain",
    "ledger.unsettled",
}
SCANNERS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1)",
    "facebookexternalhit/1.1",
    "WhatsApp/2.23",
    "Slackbot-LinkExpanding 1.0",
    "BarracudaCentral",
    "Microsoft Office/16.0 (SafeLinks)",
    "Proofpoint URL Defense",
    "curl/8.0",
    "",
]
HOSTILE = [
    "a=confirm&a=cancel&move=1",
    "move=1&slot=2026-11-27T07:00:00Z",
    "t=" + "A" * 5000,
    "a=%ff%fe%00",
    "a=%00&move=%00",
    "%ff=%ff",
    "a[]=confirm&a[$ne]=x",
    "_method=POST&a=cancel",
    "a=<script>alert(1)</script>",
    "a=../../etc/passwd",
    "&&&=&=;;;",
    "move=" + "%F0%9F%92%A9" * 500,
    "&".join(f"f{n}={n}" for n in range(300)),
    "a=" + "x" * 100_000,
]


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    """Mei's visit behind the app's own edge; `calls` collects what the store and the ledger are asked."""
    door = Door.open()
    door.rt.presses = SlackPresses(door.rt.secrets.slack_signing_secret)  # type: ignore[attr-defined]
    monkeypatch.setattr(bootstrap, "_runtime", door.rt)
    return door


@pytest.fixture
def calls(door: Door) -> Iterator[list[str]]:
    """Every call on the tables. Nothing else may have changed when the test is over."""
    found: list[str] = []
    door.rt.store.world.before = found.append
    documents, rows = dict(door.rt.documents.texts), [list(row) for row in door.rt.sheet.rows]
    yield found
    assert set(found) <= READS, "a write"
    assert door.rt.documents.texts == documents
    assert [list(row) for row in door.rt.sheet.rows] == rows
    rt = door.rt
    assert not (rt.bus.moves or rt.bus.requests or rt.schedules.booked or rt.sms.texts or rt.email.mails)
    assert not (rt.staff.lines or rt.metrics.counts)


def is_dressed(found: dict[str, Any]) -> bool:
    return all(header(found, name) for name in BARE_HEADERS) and header(found, "Cache-Control") == "no-store"


# ---------------------------------------------------------------- looking writes nothing


@pytest.mark.parametrize("place", ["r", "u"])
def test_scanners_that_follow_a_link_write_nothing_and_the_press_still_works(door: Door, place: str) -> None:
    """A hundred looks, and the customer's own press afterwards acts."""
    written: list[str] = []
    page = door.look()
    door.rt.store.world.before = written.append
    for method in ("GET", "HEAD", "OPTIONS"):
        for agent in SCANNERS:
            for query in ("", "?a=confirm", "?a=cancel", "?move=1"):
                event = url_event(method, f"/{place}/{door.link()}{query}", headers={"user-agent": agent})
                assert is_dressed(answer(event))
    assert set(written) <= READS
    assert door.press(page, "confirm").outcome == "done"


@pytest.mark.parametrize("query", HOSTILE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_no_query_makes_a_look_write_or_fail(door: Door, calls: list[str], method: str, query: str) -> None:
    for place in ("r", "u"):
        found = answer(url_event(method, f"/{place}/{door.link()}?{query}"))
        assert found["statusCode"] in ((405,) if method == "OPTIONS" else (200, 400, 404))
        assert is_dressed(found)
        assert "alert(1)" not in found["body"]


@pytest.mark.parametrize(
    "path",
    [
        "/r/" + "A" * 100_000,
        "/r/%ff%fe",
        "/r/%00",
        "/r/..%2f..%2fetc%2fpasswd",
        "/r/é💩",
        "/r/{token}",
        "/r//",
        "/r/" + "a/" * 500,
        "//r/x",
        "/u/" + "%F0%9F%92%A9" * 100,
        "",
    ],
)
def test_no_path_makes_a_look_write_or_fail(door: Door, calls: list[str], path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        found = answer(url_event(method, path))
        assert found["statusCode"] in (404, 405)
        assert is_dressed(found)


def test_a_look_by_api_gateway_writes_nothing_either(door: Door, calls: list[str]) -> None:
    with Client(app) as client:
        for query in HOSTILE[:10]:
            assert client.http.get(f"/r/{door.link()}?{query}").status_code == 200


@pytest.mark.parametrize("kind", ["", "text/html", "application/json", "garbage", "a/b;c=d;e", "*/*", "\x7f"])
def test_a_look_may_name_any_content_type(door: Door, calls: list[str], kind: str) -> None:
    found = answer(url_event("GET", f"/r/{door.link()}", headers={"content-type": kind, "accept": kind}))
    assert found["statusCode"] == 200
    assert is_dressed(found)


# ---------------------------------------------------------------- forms


def post(door: Door, body: str | None, **changes: Any) -> dict[str, Any]:
    return answer(url_event("POST", f"/r/{door.link()}", body, **changes))


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "t",
        "t=",
        "=",
        "t=%ff%fe",
        "t=" + "A" * 16_384,
        "t=" + "A" * 1_000_000,
        "&".join(f"f{n}=1" for n in range(21)),
        "&".join("t=x" for _ in range(10_000)),
        "t=é",
        "t=\x00",
        '{"t": "x"}',
        "\ufeff",
    ],
)
def test_what_is_no_press_is_refused_like_any_other(door: Door, body: str | None) -> None:
    found = post(door, body)
    assert found == post(door, "t=nonsense")
    assert found["statusCode"] == 404
    assert door.rt.store.world.standings == {}


def test_a_button_in_a_form_that_is_too_large_or_too_long_does_not_act(door: Door) -> None:
    good = button(door.look(), "cancel")
    for body in (
        urlencode({"t": good, "x": "A" * 16_384}),
        "&".join([*(f"f{n}=1" for n in range(20)), f"t={good}"]),
    ):
        assert post(door, body) == post(door, "t=nonsense")
    assert door.rt.store.world.standings == {}


def test_of_two_buttons_in_one_form_the_last_counts_and_only_one_acts(door: Door) -> None:
    page = door.look()
    confirm, cancel = button(page, "confirm"), button(page, "cancel")
    assert post(door, f"t={cancel}&t={confirm}")["statusCode"] == 200
    assert door.actions() == ["confirm"]


@pytest.mark.parametrize(
    "slot",
    [
        "",
        "now",
        "2026-11-27",
        "2026-11-27T15:00:00",
        "2026-11-27T07:00:01Z",
        "1999-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-11-28T19:00:00Z",
        "٢٠٢٦-11-27T07:00:00Z",
        "A" * 5000,
    ],
)
def test_a_move_to_what_was_never_offered_moves_nothing(door: Door, slot: str) -> None:
    page = door.look(move=True)
    found = post(door, urlencode({"t": button(page, "reschedule"), "slot": slot}))
    assert found["statusCode"] == 200
    assert door.actions() == []
    assert door.rt.store.world.holds == {}


def test_a_body_that_is_not_the_base64_it_claims_to_be_is_refused(door: Door) -> None:
    for body in ("t=x", "%%%", "A", base64.b64encode(b"\xff\xfe").decode()):
        found = post(door, body, isBase64Encoded=True)
        assert found["statusCode"] >= 400
        assert is_dressed(found)
    assert door.rt.store.world.standings == {}


def test_a_method_in_a_header_or_field_is_not_heeded(door: Door, calls: list[str]) -> None:
    good = button(door.look(), "cancel")
    for name in ("x-http-method-override", "x-http-method", "x-method-override"):
        event = url_event("GET", f"/r/{door.link()}?t={good}", headers={**FORM, name: "POST"})
        event["body"] = f"t={good}"
        assert answer(event)["statusCode"] == 200


# ---------------------------------------------------------------- every answer is dressed alike


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/r/nonsense", FORM, 404),
        ("GET", "/nowhere", FORM, 404),
        ("PUT", "/r/nonsense", FORM, 405),
        ("TRACE", "/r/nonsense", FORM, 405),
        ("BREW", "/r/nonsense", FORM, 405),
        ("POST", "/r/nonsense", {"content-type": "application/json"}, 415),
        ("POST", "/r/nonsense", {"content-type": "text/plain"}, 415),
        ("POST", "/r/nonsense", {}, 415),
        ("POST", "/u/nonsense", {"content-type": "application/json"}, 415),
        ("POST", "/slack/interactive", {"content-type": "application/json"}, 415),
        ("POST", "/slack/interactive", FORM, 401),
        ("DELETE", "/slack/interactive", FORM, 405),
    ],
)
def test_a_refusal_carries_every_header_and_names_nothing_of_ours(
    door: Door, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    found = answer(url_event(method, path, "x=1", headers=headers))
    assert found["statusCode"] == status
    assert is_dressed(found)
    for word in ("Error", "Chalice", "Traceback", "chalicelib", "lambda", "Method", "Unsupported"):
        assert word not in found["body"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("place", ["r/x", "u/x", "slack/interactive"])
def test_a_crash_carries_every_header_and_names_nothing_of_ours(
    door: Door, monkeypatch: pytest.MonkeyPatch, method: str, place: str
) -> None:
    def crash() -> None:
        raise RuntimeError("boom at /var/task with +6591234567")

    monkeypatch.setattr("app._runtime", crash)
    found = answer(url_event(method, f"/{place}", "t=x"))
    assert found["statusCode"] == (405 if (method, place) == ("GET", "slack/interactive") else 500)
    assert is_dressed(found)
    assert "boom" not in found["body"] and "RuntimeError" not in found["body"]


def test_no_answer_names_the_server_s_software_or_allows_another_site(door: Door) -> None:
    for event in (
        url_event("GET", f"/r/{door.link()}", headers={"origin": "https://evil.example"}),
        url_event("OPTIONS", f"/r/{door.link()}", headers={"origin": "https://evil.example"}),
        url_event("POST", "/r/x", "t=x", headers={**FORM, "origin": "https://evil.example"}),
    ):
        names = {name.lower() for name in answer(event)["headers"]}
        assert not names & {"server", "x-powered-by", "access-control-allow-origin", "set-cookie"}


def test_a_page_shows_no_contact_and_no_id(door: Door) -> None:
    door.mirror({**MEI, "email": "mei@example.com"})
    for path in ("", "?move=1"):
        body = answer(url_event("GET", f"/r/{door.link()}{path}"))["body"]
        for private in ("91234567", "mei@example.com", "A-17", "Mei"):
            assert private not in body


def test_a_token_travels_in_no_header_and_no_address_of_the_page(door: Door) -> None:
    link = door.link()
    found = answer(url_event("GET", f"/r/{quote(link)}"))
    assert link not in found["body"]
    assert all(link not in value for value in found["headers"].values())
