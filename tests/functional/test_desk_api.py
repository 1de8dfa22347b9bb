"""The desk's door: who may come in, and what each act does to the running shop."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.customer import fetch
from local.desk.api import DeskApi
from local.desk.serve import serve
from local.standins.http import Request
from tests.desk_process import DeskProcess

pytestmark = pytest.mark.ministack


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """The sample shop on its first morning, shared by this module's tests: each acts on visits of its own."""
    with DeskProcess(tmp_path_factory.mktemp("desk") / "state") as running:
        yield running


def asked(method: str, path: str, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, path, {}, {"host": "127.0.0.1:8765", **named}, b"{}")


@pytest.fixture
def door() -> DeskApi:
    api = DeskApi()
    api.port = 8765
    return api


def test_a_name_that_only_leads_here_is_not_let_in(door: DeskApi) -> None:
    assert door(asked("GET", "/api/state", host="rex.example:8765")).status == 403


def test_another_sites_page_can_not_act(door: DeskApi) -> None:
    answer = door(asked("POST", "/api/sync", origin="http://rex.example", content_type="application/json"))
    assert answer.status == 403


def test_a_page_on_another_port_of_this_machine_can_not_act(door: DeskApi) -> None:
    request = asked("POST", "/api/sync", content_type="application/json", sec_fetch_site="same-site")
    assert door(request).status == 403


def test_a_plain_form_can_not_act(door: DeskApi) -> None:
    assert door(asked("POST", "/api/sync", content_type="application/x-www-form-urlencoded")).status == 403


def test_the_page_may_act_once_the_desk_is_open(door: DeskApi) -> None:
    request = asked("POST", "/api/sync", content_type="application/json", origin="http://127.0.0.1:8765")
    assert door(request).status == 503, "still opening, but not refused"


def test_no_file_beside_the_page_is_served(desk: DeskProcess) -> None:
    assert desk.request("/%2e%2e%2fapi.py")[0] == 404


def test_the_page_runs_no_script_but_its_own(desk: DeskProcess) -> None:
    status, page = desk.request("/")
    assert status == 200
    assert "<script>" not in page


def test_a_busy_port_is_named_with_a_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert serve(port, tmp_path / "state", fresh=False) == 2
    assert f"Port {port}" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_a_directory_with_other_files_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert serve(0, tmp_path, fresh=True) == 2
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    assert "other files" in capsys.readouterr().err


def test_the_first_morning_has_texts_and_a_plan(desk: DeskProcess) -> None:
    state = desk.state()
    assert state["texts"]
    assert any(line["fate"] == "planned" for visit in state["plan"] for line in visit["lines"])


def test_a_cell_is_saved_where_it_still_says_what_was_seen(desk: DeskProcess) -> None:
    line, column = desk.place("A-40", "Staff")
    assert desk.post("/api/sheet/cell", line=line, column=column, text="Aisha", was="Dr Lim")[0] == 200
    assert desk.cell("A-40", "Staff") == "Aisha"


def test_a_cell_that_changed_meanwhile_is_not_overwritten(desk: DeskProcess) -> None:
    line, column = desk.place("A-41", "Staff")
    status, said = desk.post("/api/sheet/cell", line=line, column=column, text="Aisha", was="Dr Nobody")
    assert status == 409
    assert "was not saved" in said["problem"]
    assert desk.cell("A-41", "Staff") == "Dr Lim"


def test_an_edit_counts_from_the_next_sync_on(desk: DeskProcess) -> None:
    line, column = desk.place("A-45", "Time")
    desk.post("/api/sheet/cell", line=line, column=column, text="4:45pm", was="9:45am")

    def start() -> str:
        return next(str(visit["start"]) for visit in desk.state()["plan"] if visit["appt_id"] == "A-45")

    assert start() == "2026-12-24T09:45+08:00"
    desk.post("/api/sync")
    assert start() == "2026-12-24T16:45+08:00"


def test_what_is_wrong_with_a_row_is_shown_at_its_cell(desk: DeskProcess) -> None:
    line, column = desk.place("A-26", "Phone")
    problems = desk.state()["sheet"]["problems"]
    assert any((fact["line"], fact["column"]) == (line, column) for fact in problems)


def test_a_bad_rules_line_is_shown_and_the_former_rules_stay(desk: DeskProcess) -> None:
    rules = desk.state()["docs"]["rules"]["text"]
    desk.post("/api/doc", name="rules", text=rules.replace("Check-up: 24 and 2 hours.", "Check-up: whenever 9."))
    desk.post("/api/sync")
    shown = desk.state()["docs"]["rules"]
    assert [problem["line"] for problem in shown["problems"]] == [5]
    assert not shown["in_force"]
    desk.post("/api/doc", name="rules", text=rules)
    desk.post("/api/sync")
    assert desk.state()["docs"]["rules"]["in_force"]


def test_sorting_goes_by_the_date_that_a_cell_means(desk: DeskProcess) -> None:
    header = desk.state()["sheet"]["rows"][0]
    desk.post("/api/sheet/sort", column=header.index("Date"), reverse=True)
    first, last = desk.state()["sheet"]["rows"][1], desk.state()["sheet"]["rows"][-2]
    desk.post("/api/sheet/sort", column=header.index("Date"), reverse=False)
    assert "Dec 2026" in last[header.index("Date")]
    assert desk.state()["sheet"]["rows"][1][0] == "A-01"
    assert first[0] != "A-01"


def test_a_row_is_deleted_only_as_it_was_seen(desk: DeskProcess) -> None:
    line, _ = desk.place("A-43", "Date")
    assert desk.post("/api/sheet/delete", line=line, was=["another row"])[0] == 409
    assert desk.place("A-43", "Date")[0] == line


def test_a_press_on_the_customers_page_reaches_the_sheet_by_itself(desk: DeskProcess) -> None:
    state = desk.wait_until(lambda shown: any(text["appt_id"] == "A-07" for text in shown["texts"]))
    text = next(text for text in state["texts"] if text["appt_id"] == "A-07")
    link = next(part["href"] for part in text["parts"] if "href" in part)
    form = fetch(link).form("confirm")
    assert form is not None
    assert fetch(link, form.fields).stand == "confirmed"
    desk.wait_until(lambda shown: any("A-07" in row and "confirmed" in row for row in shown["sheet"]["rows"]))


def test_running_to_the_next_send_stops_when_something_arrives(desk: DeskProcess) -> None:
    before = desk.state()
    assert desk.post("/api/clock", step="next send")[0] == 200
    after = desk.state()
    assert after["now"] > before["now"]
    arrived = [after["counts"][what] - before["counts"][what] for what in ("text", "e-mail", "Slack line")]
    assert sum(arrived) >= 1


def test_an_unknown_step_of_the_clock_is_refused_in_words(desk: DeskProcess) -> None:
    status, said = desk.post("/api/clock", step="1 year")
    assert status == 409
    assert "1 day" in said["problem"]


def test_a_request_without_its_fields_says_which_is_missing(desk: DeskProcess) -> None:
    status, said = desk.post("/api/sheet/cell", line=3)
    assert status == 400
    assert "column" in said["problem"]
