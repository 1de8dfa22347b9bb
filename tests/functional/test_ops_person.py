"""One customer's data is shown whole and deleted whole: everything on the embedded AWS is looked through afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import names
from chalicelib.ports import SetOptOut
from local.customer import Customers
from local.world import ShopSetup, World
from ops.__main__ import main
from ops.forget import FORGOTTEN, delete
from ops.held_kinds import Kind
from ops.holdings import Everything, held_on, read_everything
from ops.person import Trace, contact_of, find_person, masked
from ops.tables import TABLES, Version, mail_text, strings
from tests.functional.sync_world import HEADER, RULES, a_row

BEGIN = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
PHONE, MAIL = "+6591234567", "mei@example.com"
MEI = a_row("A-1", customer="Mei Tan", email=MAIL, date="27 Nov 2026")
ARUN = a_row("A-2", customer="Arun Rao", phone="+6598765432", date="27 Nov 2026", time="2:00pm")
FORWARDED = (
    "From: Desk <desk@bright.example>\r\nTo: bookings@bright.example\r\nSubject: Fwd: a visit\r\n"
    "Date: Tue, 24 Nov 2026 09:00:00 +0800\r\nMessage-ID: <1@bright.example>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    "Mei Tan asks whether you have her number: 9123 4567.\r\n"
)
STRANGER = FORWARDED.replace("Mei Tan", "Dana Lim").replace("9123 4567", "8765 4321").replace("<1@", "<2@")


@pytest.fixture
def world() -> Iterator[World]:
    """A week in which Mei was reminded, confirmed, was written about in a mail; and Arun was reminded."""
    running = World(BEGIN)
    try:
        running.start(ShopSetup([HEADER, MEI, ARUN], RULES, ""))
        running.sync()
        running.drop_mail("mail-of-mei", FORWARDED.encode())
        running.drop_mail("mail-of-dana", STRANGER.encode())
        running.pump.run_until_quiet()
        running.clock.move_to(datetime(2026, 11, 25, 2, 0, tzinfo=UTC))
        running.tick()
        assert Customers(running).press("A-1", "confirm") == "done"
        running.pump.run_until_quiet()
        pass_by(running, minutes=5)
        pass_by(running, minutes=5)
        running.clock.move_to(datetime(2026, 11, 27, 4, 0, tzinfo=UTC))
        running.tick()
        yield running
    finally:
        running.stop()


def pass_by(world: World, **amount: float) -> None:
    world.clock.move_to(world.clock() + timedelta(**amount))
    world.sync()


def gone_from_the_sheet(world: World) -> None:
    """The visit is over, and the shop takes Mei's row out."""
    world.clock.move_to(datetime(2026, 11, 28, 2, 0, tzinfo=UTC))
    world.google.paste([HEADER, ARUN])
    pass_by(world, minutes=5)


def everywhere(world: World) -> dict[str, str]:
    """Every item of every table and every version of every object, as text, by its place."""
    found = {}
    for table in TABLES:
        for number, item in enumerate(world.items(table)):
            found[f"{table} {number} {item.get('pk', item.get('appt_id'))}"] = "\n".join(strings(item))
    for bucket in (names.APPOINTMENTS_BUCKET, names.RULES_BUCKET, names.RAW_MIME_BUCKET):
        for version in world.s3.list_object_versions(Bucket=bucket).get("Versions", []):
            got = world.s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
            found[f"{bucket}/{version['Key']} {version['VersionId']}"] = got["Body"].read().decode()
    return found


def places_of_mei(world: World) -> list[str]:
    """Where anything of hers is."""
    hers = ("91234567", "9123 4567", MAIL, "Mei Tan", "A-1")
    return sorted(place for place, text in everywhere(world).items() if any(one in f"{place}\n{text}" for one in hers))


def exported(capsys: pytest.CaptureFixture[str], who: str = PHONE) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["export", who, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


# ---------------------------------------------------------------- export


@pytest.mark.ministack
def test_everything_that_is_held_on_a_customer_is_shown(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    answer = exported(capsys, "9123 4567")
    assert answer["names"] == ["Mei Tan"]
    assert answer["contacts"] == [PHONE, MAIL]
    assert answer["appointments"] == ["A-1"]
    held = answer["held"]
    assert set(held) >= {
        Kind.ROW.value,
        Kind.STANDING.value,
        Kind.REPLY.value,
        Kind.AUDIT.value,
        Kind.COUNTER.value,
        Kind.MAIL.value,
        Kind.VERSION.value,
        Kind.SEND.value,
    }
    assert held[Kind.ROW.value][0]["customer"] == "Mei Tan"
    assert held[Kind.SEND.value][0]["recipient"] == PHONE
    assert "confirm" in [one.get("action") for one in held[Kind.REPLY.value]]
    assert [one["key"] for one in held[Kind.MAIL.value]] == ["mail-of-mei"]
    assert "Arun" not in json.dumps(held)


@pytest.mark.ministack
def test_number_address_and_id_find_the_same_person(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    by_number = exported(capsys, "+65 9123 4567")
    assert exported(capsys, MAIL.upper()) == by_number
    assert exported(capsys, "A-1") == by_number


@pytest.mark.ministack
def test_the_text_for_people_names_every_kind_and_what_it_doesn_t_read(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["export", PHONE]) == 0
    printed = capsys.readouterr().out
    assert "Names: Mei Tan" in printed
    assert f"    recipient: {PHONE}" in printed
    assert "Not read by this command:\n- Slack" in printed


@pytest.mark.ministack
def test_who_is_unknown_ends_with_that(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for who in ("+6580000000", "nobody@example.com", "A-99"):
        assert main(["export", who]) == 2
        assert "nothing is kept under" in capsys.readouterr().err


# ---------------------------------------------------------------- forget


@pytest.mark.ministack
def test_a_visit_that_stands_in_the_sheet_is_not_forgotten(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = everywhere(world)
    assert main(["forget", PHONE, "--yes"]) == 2
    assert "A-1, row 2: 2026-11-27 02:00Z. Take it out there first" in capsys.readouterr().err
    assert everywhere(world) == before


@pytest.mark.ministack
def test_nothing_is_deleted_before_yes_is_said_and_no_contact_is_shown(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    gone_from_the_sheet(world)
    before = everywhere(world)
    assert main(["forget", PHONE]) == 0
    shown = capsys.readouterr().out
    assert "To be deleted: 1 x mail" in shown
    assert "Nothing was done. Say --yes to do it." in shown
    assert "91234567" not in shown
    assert MAIL not in shown
    assert everywhere(world) == before


@pytest.mark.ministack
def test_after_forgetting_nothing_of_the_person_is_in_any_table_or_bucket(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    gone_from_the_sheet(world)
    assert len(places_of_mei(world)) > 10
    aruns = [item for item in world.items(names.SENDS) if item["appt_id"] == "A-2"]
    assert main(["forget", PHONE, "--yes"]) == 0
    assert places_of_mei(world) == []
    assert main(["export", PHONE]) == 2
    assert [item for item in world.items(names.SENDS) if item["appt_id"] == "A-2"] == aruns
    assert "mail-of-dana" in {mail.key for mail in read_everything(world.dynamodb, world.s3, "SG").mails}
    [entry] = [item for item in world.items(names.AUDIT) if item["appt_id"] == FORGOTTEN]
    assert (entry["action"], entry["by"]) == ("person_forgotten", "operator")
    pass_by(world, minutes=5)
    world.tick()
    assert places_of_mei(world) == []


@pytest.mark.ministack
def test_forgetting_again_does_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    gone_from_the_sheet(world)
    assert main(["forget", PHONE, "--yes"]) == 0
    after = everywhere(world)
    assert main(["forget", PHONE, "--yes"]) == 0
    assert "Nothing is left to delete" in capsys.readouterr().out
    assert everywhere(world) == after


@pytest.mark.ministack
@pytest.mark.parametrize("done", [1, 7, -1])
def test_what_stopped_half_way_is_finished_by_the_next_run(world: World, done: int) -> None:
    gone_from_the_sheet(world)
    _, held = held_on(PHONE, read_everything(world.dynamodb, world.s3, "SG"))
    delete(world.runtime, world.dynamodb, world.s3, held[:done])
    assert main(["forget", PHONE, "--yes"]) == 0
    assert places_of_mei(world) == []


@pytest.mark.ministack
def test_the_opt_out_stays_since_it_protects_them_unless_it_is_said(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    gone_from_the_sheet(world)
    world.runtime.store.commit(SetOptOut(PHONE, True, BEGIN))
    assert main(["forget", PHONE, "--yes"]) == 0
    assert "Stays: 1 x opt-out" in capsys.readouterr().out
    assert world.runtime.store.opted_out([PHONE]) == {PHONE}
    assert main(["forget", PHONE, "--opt-out-too", "--yes"]) == 0
    assert world.runtime.store.opted_out([PHONE]) == set()


@pytest.mark.ministack
def test_one_of_a_family_is_forgotten_only_by_name(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.google.paste([HEADER, MEI, ARUN, a_row("A-3", customer="Kai Tan", date="27 Nov 2026", time="4:00pm")])
    pass_by(world, minutes=5)
    gone_from_the_sheet(world)
    assert main(["forget", PHONE, "--yes"]) == 2
    assert "say --name with one of Kai Tan, Mei Tan, or --everybody" in capsys.readouterr().err
    assert main(["forget", PHONE, "--name", "mei  tan", "--yes"]) == 0
    left = {item["appt_id"] for item in world.items(names.AUDIT)} | {i["appt_id"] for i in world.items(names.SENDS)}
    assert "A-1" not in left
    assert main(["forget", PHONE, "--everybody", "--yes"]) == 0
    assert places_of_mei(world) == []


# ---------------------------------------------------------------- whose is what

ROW = Trace("A-1", "Mei Tan", frozenset({PHONE, MAIL}))


def test_a_visit_under_the_other_contact_and_the_same_name_is_theirs_too() -> None:
    other = Trace("A-2", "mei tan", frozenset({MAIL}))
    found = find_person(PHONE, [ROW, other], "SG")
    assert found.appt_ids == {"A-1", "A-2"}


def test_somebody_else_under_the_other_contact_is_not_theirs_and_the_contact_is_shared() -> None:
    other = Trace("A-2", "Dana Lim", frozenset({MAIL}))
    found = find_person(PHONE, [ROW, other], "SG")
    assert (found.appt_ids, found.shared) == ({"A-1"}, {MAIL})
    assert not found.mentioned_in([f"write to {MAIL}"])
    assert found.mentioned_in(["call 9123 4567"])


def test_a_send_whose_row_is_long_gone_is_found_by_its_recipient() -> None:
    sent = Trace("A-0", "", frozenset({PHONE}))
    assert find_person("A-1", [ROW, sent], "SG").appt_ids == {"A-0", "A-1"}


@pytest.mark.parametrize(
    "spelled",
    [
        "+6591234567",
        "91234567",
        "9123 4567",
        "+65 9123-4567",
        "(65) 9123.4567",
        "tel:+65-9123-4567",
        '{"p": "91234567"}',
    ],
)
def test_a_number_is_found_however_it_is_spelled(spelled: str) -> None:
    assert find_person(PHONE, [ROW], "SG").mentioned_in([spelled])


@pytest.mark.parametrize("other", ["+6591234568", "191234567", "912345678", "mei@example.com.sg", "amei@example.com"])
def test_another_number_or_address_is_not_taken_for_it(other: str) -> None:
    assert not find_person(PHONE, [ROW], "SG").mentioned_in([other])


def test_a_contact_is_read_as_a_number_or_an_address() -> None:
    assert contact_of("9123 4567", "SG") == PHONE
    assert contact_of("Mei@Example.com", "SG") == MAIL
    assert contact_of("A-1", "SG") == ""


def test_a_masked_contact_tells_two_apart_and_no_more() -> None:
    assert [masked(one) for one in (PHONE, MAIL, "")] == ["…4567", "m…@example.com", ""]


def test_a_mail_is_read_with_its_headers_and_whatever_its_encoding() -> None:
    raw = (
        b"From: =?utf-8?q?Mei_T=C3=A4n?= <mei@example.com>\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nY2FsbCA5MTIzIDQ1Njc=\r\n"
    )
    assert "Mei Tän" in mail_text(raw)
    assert "call 9123 4567" in mail_text(raw)
    assert "kept" in mail_text(b"Content-Type: text/plain; charset=nonsense\r\n\r\nkept\xff")


# ---------------------------------------------------------------- what can't be read, what nobody thought of


def everything_with(*mirrors: Version, state: list[dict[str, Any]] | None = None) -> Everything:
    """Mei's send, these files, and these notes."""
    sent = {"appt_id": "A-1", "window_index": "20261127T0200Z#h48", "recipient": PHONE, "state": "sent"}
    sent |= {"move": "first_reminder", "channel": "sms"}
    tables: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    return Everything({**tables, names.SENDS: [sent], names.STATE: state or []}, list(mirrors), [], "SG")


def a_file(key: str, text: str | None, newest: bool) -> Version:
    return Version(names.APPOINTMENTS_BUCKET, key, "v-1", BEGIN, newest, text is None, text)


def test_an_earlier_version_in_glacier_counts_as_theirs_since_nobody_can_tell() -> None:
    everything = everything_with(a_file(names.APPOINTMENTS_KEY, None, newest=False))
    _, held = held_on(PHONE, everything)
    assert [one.kind for one in held] == [Kind.VERSION, Kind.SEND]
    assert "archived" in held[0].what


def test_an_archived_version_alone_is_nobody_s() -> None:
    everything = everything_with(a_file(names.APPOINTMENTS_KEY, None, newest=False))
    with pytest.raises(LookupError):
        held_on("+6580000000", everything)


def test_a_new_file_that_mentions_them_blocks_and_a_new_note_goes() -> None:
    note = {"pk": "something-new", "sk": "1", "text": f"call {PHONE}"}
    everything = everything_with(a_file("new.json", f'"{MAIL} {PHONE}"', newest=True), state=[note])
    _, held = held_on(PHONE, everything)
    assert [(one.kind, one.ahead) for one in held] == [(Kind.FILE, True), (Kind.OTHER, False), (Kind.SEND, False)]
