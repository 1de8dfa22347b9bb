"""The adapters against a small Google: signing in, the docs, what goes wrong, and how staff read of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.adapters.google_credentials import GoogleApi
from chalicelib.adapters.google_docs import GoogleDocs
from chalicelib.adapters.google_sheet import GoogleSheet
from chalicelib.errors import UpstreamError
from chalicelib.ports import Document
from chalicelib.usecases.edit_row import Edit, edit_row
from local.standins.google import RULES_ID, SHEET_ID, VOICE_ID, GoogleStandIn
from local.standins.http import Request, Response

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
ROWS = [
    ["appt_id", "customer", "phone", "service", "date", "time", "status"],
    ["A-1", "Mei", "+6591234567", "Cleaning", "26 Nov 2026", "9:00am", "booked"],
    ["A-2", "Arun", "+6591234568", "Cleaning", "25 Nov 2026", "10:00am", "done"],
]


class Impatient(GoogleStandIn):
    """Somebody sorts the sheet in the split second before the first write."""

    sorted_once = False

    def handle(self, request: Request) -> Response:
        if request.path.endswith("batchUpdateByDataFilter") and not self.sorted_once:
            self.sorted_once = True
            self.sort_rows(4)
        return super().handle(request)


@pytest.fixture
def google() -> Iterator[Impatient]:
    standin = Impatient(lambda: NOON)
    standin.start()
    standin.paste(ROWS)
    yield standin
    standin.stop()


def an_api(google: GoogleStandIn, **changes: str) -> GoogleApi:
    return GoogleApi(lambda: {**google.service_account(), **changes}, google.url)


def a_sheet(google: GoogleStandIn) -> GoogleSheet:
    return GoogleSheet(an_api(google), SHEET_ID)


def some_docs(google: GoogleStandIn) -> GoogleDocs:
    return GoogleDocs(an_api(google), {Document.RULES: RULES_ID, Document.VOICE: VOICE_ID})


def test_a_doc_is_exported_as_plain_lines(google: GoogleStandIn) -> None:
    google.set_doc("rules", "Dental cleaning: 48 and 2 hours.\nQuiet hours: 9pm–8am.\n")
    assert some_docs(google).text(Document.RULES) == "Dental cleaning: 48 and 2 hours.\nQuiet hours: 9pm–8am.\n"


def test_each_doc_has_its_own_modified_time(google: GoogleStandIn) -> None:
    docs = some_docs(google)
    rules, voice = docs.modified(Document.RULES), docs.modified(Document.VOICE)
    google.set_doc("voice", "First reminder:\nHello {customer}")
    assert docs.modified(Document.RULES) == rules
    assert docs.modified(Document.VOICE) > voice


def test_an_edit_within_one_instant_is_a_later_one(google: GoogleStandIn) -> None:
    sheet = a_sheet(google)
    before = sheet.modified()
    google.set_cell(2, 6, "done")
    between = sheet.modified()
    google.set_cell(2, 6, "booked")
    assert before < between < sheet.modified()


def test_an_answer_survives_a_sort_in_the_split_second_before_it_is_written(google: Impatient) -> None:
    """Promise 55."""
    outcome = edit_row(a_sheet(google), "A-1", {"status": "confirmed"}, {"status": "booked"})
    assert google.sorted_once
    assert outcome.edit is Edit.WRITTEN
    assert sorted(google.sheet_rows()[1:]) == [[*ROWS[1][:6], "confirmed"], ROWS[2]]


def test_a_strangers_key_gets_no_token(google: GoogleStandIn) -> None:
    rex = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    sheet = GoogleSheet(an_api(google, private_key=rex.decode()), SHEET_ID)
    with pytest.raises(UpstreamError, match="no token"):
        sheet.read()


def test_a_secret_that_is_no_key_file_is_said_so_without_showing_it(google: GoogleStandIn) -> None:
    sheet = GoogleSheet(an_api(google, private_key="hunter2"), SHEET_ID)
    with pytest.raises(UpstreamError, match="key file") as caught:
        sheet.read()
    assert "hunter2" not in str(caught.value)


def test_without_a_token_nothing_is_answered(google: GoogleStandIn) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{google.url}/v4/spreadsheets/{SHEET_ID}")
    assert caught.value.code == 401


@pytest.mark.parametrize(
    ("status", "words"), [(403, "share the file"), (404, "not found"), (429, "too many"), (500, "of Google's own")]
)
def test_what_google_refuses_is_told_in_words_to_act_on(google: GoogleStandIn, status: int, words: str) -> None:
    sheet = a_sheet(google)
    google.fail_next(status=status, path="/values/")
    with pytest.raises(UpstreamError, match=words) as caught:
        sheet.read()
    assert SHEET_ID not in str(caught.value).replace("the file", "")
    assert google.url not in str(caught.value)
    assert sheet.read() == ROWS


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_login_page_in_place_of_an_answer_is_an_upstream_error(google: GoogleStandIn, signed_in: bool) -> None:
    sheet = a_sheet(google)
    if signed_in:
        sheet.read()
    google.handle = lambda request: Response(200, b"<html>Sign in</html>", "text/html")  # type: ignore[method-assign]
    with pytest.raises(UpstreamError):
        sheet.read()


def test_a_login_page_in_place_of_a_doc_is_not_taken_for_rules(google: GoogleStandIn) -> None:
    google.set_doc("rules", "<!DOCTYPE html><title>Sign in</title>")
    with pytest.raises(UpstreamError, match="web page"):
        some_docs(google).text(Document.RULES)


def test_google_out_of_reach_is_an_upstream_error(google: GoogleStandIn) -> None:
    sheet = a_sheet(google)
    sheet.read()
    google.stop()
    with pytest.raises(UpstreamError, match="no answer"):
        sheet.read()


def test_a_write_whose_answer_was_lost_is_found_written(google: Impatient) -> None:
    google.sorted_once = True
    sheet = a_sheet(google)
    google.fail_next(path="batchUpdateByDataFilter", after=True)
    with pytest.raises(UpstreamError):
        edit_row(sheet, "A-1", {"status": "confirmed"}, {"status": "booked"})
    assert edit_row(sheet, "A-1", {"status": "confirmed"}, {"status": "booked"}).edit is Edit.ALREADY
    assert google.sheet_rows()[1] == [*ROWS[1][:6], "confirmed"]


def test_the_stand_in_takes_up_what_it_saved(google: GoogleStandIn, tmp_path: Path) -> None:
    google.set_doc("voice", "First reminder:\nHello {customer}")
    (mark,) = a_sheet(google).mark([3])
    google.save(tmp_path / "google.json")
    with GoogleStandIn(lambda: NOON + timedelta(days=1)) as again:
        assert isinstance(again, GoogleStandIn)
        again.load(tmp_path / "google.json")
        sheet = a_sheet(again)
        assert sheet.read() == ROWS
        assert sheet.read_marked([mark]) == [ROWS[2]]
        assert sheet.modified() == a_sheet(google).modified()
        assert again.doc("voice").startswith("First reminder")


def test_a_formula_is_refused_as_anything_but_text(google: GoogleStandIn) -> None:
    api = an_api(google)
    with pytest.raises(UpstreamError, match="400"):
        api.call(
            lambda: api.sheets.values().update(
                spreadsheetId=SHEET_ID,
                range="Appointments!A1:A1",
                valueInputOption="USER_ENTERED",
                body={"values": [["=1+1"]]},
            )
        )


def test_a_batch_is_taken_whole_or_not_at_all(google: GoogleStandIn) -> None:
    sheet = a_sheet(google)
    with pytest.raises(UpstreamError):
        sheet.mark([2, 100_000])
    api = an_api(google)
    body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "ar"}}]}
    found = api.call(lambda: api.sheets.developerMetadata().search(spreadsheetId=SHEET_ID, body=body))
    assert json.dumps(found) == "{}"
