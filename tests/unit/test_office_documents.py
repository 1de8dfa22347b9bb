"""Word and Excel files as text, and the files that are made to hurt whoever opens them."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, datetime, time

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.shared import RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters import office_documents, openpyxl_text
from chalicelib.adapters.office_documents import OfficeDocuments
from chalicelib.domain.document_types import DOCX, PDF, XLSX, by_first_bytes
from chalicelib.errors import Unreadable

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def text_of(kind: str, content: bytes) -> str:
    return OfficeDocuments().read(kind, content)


def reason(kind: str, content: bytes) -> str:
    with pytest.raises(Unreadable) as stopped:
        text_of(kind, content)
    return stopped.value.reason


def saved(document: docx.document.Document | openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return saved(document)


def excel(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def repacked(content: bytes, new: dict[str, bytes]) -> bytes:
    """The same package with files within replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in old.namelist():
            package.writestr(name, new.get(name) or old.read(name))
    return out.getvalue()


def with_file(content: bytes, name: str | zipfile.ZipInfo, value: bytes = b"x") -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, value)
    return out.getvalue()


# ---------------------------------------------------------------- Word


def test_a_word_file_reads_in_the_order_of_the_page() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Bright Dental"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("Booking")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Date", "3 Dec", "Time", "10:00"], strict=True):
        cell.text = text
    document.add_paragraph("Thanks\nMei")
    assert text_of(DOCX, saved(document)).splitlines() == [
        "Bright Dental", "Booking", "Date\t3 Dec", "Time\t10:00", "Thanks", "Mei", "Page 1",
    ]  # fmt: skip


def test_a_table_within_a_cell_is_read() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "Visit"
    inner = cell.add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "Date", "3 Dec"
    assert text_of(DOCX, saved(document)).splitlines() == ["Visit", "Date\t3 Dec"]


def test_a_merged_cell_is_read_once_however_wide_it_says_it_is() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "Mei"
    cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:gridSpan {W} w:val="100000000"/>'))
    assert text_of(DOCX, saved(document)) == "Mei"


def test_hidden_deleted_tiny_and_white_words_are_left_out() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Mei")
    paragraph.add_run(" vanished").font.hidden = True
    paragraph.add_run(" white").font.color.rgb = RGBColor(255, 255, 255)
    paragraph._p.append(parse_xml(f"<w:del {W}><w:r><w:t>deleted</w:t></w:r></w:del>"))
    paragraph._p.append(parse_xml(f'<w:r {W}><w:rPr><w:sz w:val="2"/></w:rPr><w:t>tiny</w:t></w:r>'))
    paragraph._p.append(parse_xml(f"<w:ins {W}><w:r><w:t>, 10am</w:t></w:r></w:ins>"))
    assert text_of(DOCX, saved(document)) == "Mei, 10am"


def test_white_words_on_a_coloured_cell_are_read() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.paragraphs[0].add_run("Date").font.color.rgb = RGBColor(255, 255, 255)
    cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {W} w:val="clear" w:fill="1F4E79"/>'))
    assert text_of(DOCX, saved(document)) == "Date"


def test_tables_within_tables_are_walked_once() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 80
    tables = deep + "<w:tc/>" * 100_000 + deep.replace("<w", "</w").replace("tbl></w:tr></w:tc", "tc></w:tr></w:tbl")
    xml = f"<w:document {W}><w:body>{tables}</w:body></w:document>"
    assert text_of(DOCX, repacked(word("Mei"), {"word/document.xml": xml.encode()})) == ""


def test_a_text_box_is_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>Mei</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    run = (
        f"<w:r {W} {mc}><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    document = docx.Document()
    document.add_paragraph("Booking")._p.append(parse_xml(run))
    assert text_of(DOCX, saved(document)) == "Booking\nMei"


# ---------------------------------------------------------------- Excel


def test_an_excel_file_reads_row_by_row_with_dates_as_iso() -> None:
    content = excel(
        ["Name", "Date", "At", "When", "Price", "Paid"],
        ["Mei\nTan", date(2026, 12, 3), time(9, 30), datetime.fromisoformat("2026-12-03T09:30"), 80.0, True],
        [],
        ["Arun", None, None, None, 80.5],
    )
    assert text_of(XLSX, content).splitlines() == [
        "Name\tDate\tAt\tWhen\tPrice\tPaid",
        "Mei Tan\t2026-12-03\t09:30\t2026-12-03 09:30\t80\tyes",
        "Arun\t\t\t\t80.5",
    ]


def test_hidden_sheets_are_left_out_and_visible_ones_named() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Bookings"
    book.active.append(["Mei"])
    for name, state in (("Rules", "hidden"), ("More", "visible"), ("Deep", "veryHidden")):
        sheet = book.create_sheet(name)
        sheet.append([name.lower()])
        sheet.sheet_state = state
    assert text_of(XLSX, saved(book)).splitlines() == ["Bookings:", "Mei", "More:", "more"]


def test_rows_beyond_the_cap_are_left_unread_and_that_is_said() -> None:
    most = openpyxl_text.MOST_ROWS
    lines = text_of(XLSX, excel(*[[number] for number in range(1, most + 100)])).splitlines()
    assert lines[most - 1 :] == [str(most), "[The rest was not read: more than 2,000 rows]"]


def test_columns_and_cells_are_read_so_far_and_no_further() -> None:
    line = text_of(XLSX, excel(["x" * 30_000, *range(200)]))
    assert len(line.split("\t")) == openpyxl_text.MOST_COLUMNS
    assert len(line.split("\t")[0]) == openpyxl_text.LONGEST_CELL


def test_a_row_far_below_is_not_waited_for() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "Mei"
    book.active["XFD1048576"] = "far"
    text = text_of(XLSX, saved(book))
    assert text.startswith("Mei")
    assert "far" not in text


def test_a_formula_is_what_was_saved_of_it_and_is_not_worked_out() -> None:
    assert text_of(XLSX, excel(["Mei", "=1+1"])) == "Mei"


def test_a_long_text_is_cut_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_documents, "LONGEST_TEXT", 20)
    for kind, content in ((DOCX, word("Mei " * 20)), (XLSX, excel(["Mei " * 20]))):
        assert text_of(kind, content).endswith("[The rest was not read: more than 20 characters]")


# ---------------------------------------------------------------- guards

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {b} "{f"&{a};" * 10}">'.encode() for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + b"]><a>&j;</a>"
)
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE, LAUGHS.decode().encode("utf-16"), b" " * 262_140 + OUTSIDE])
def test_entities_are_refused_before_a_parser_sees_them(xml: bytes) -> None:
    assert "entities" in reason(DOCX, repacked(word("Mei"), {"word/document.xml": xml}))
    assert "entities" in reason(XLSX, repacked(excel(["Mei"]), {"xl/workbook.xml": xml}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "cp037"])
def test_xml_is_guarded_whatever_its_name_and_encoding(encoding: str) -> None:
    """A package may call any file its document."""
    said = reason(DOCX, with_file(word("Mei"), "word/document.png", LAUGHS.decode().encode(encoding)))
    assert "entities" in said or (encoding == "cp037" and "broken" in said)
    large = b"<a>" + b" ".join(str(number * 7919).encode() for number in range(300_000)) + b"</a>"
    assert "unpacks to more" in reason(DOCX, with_file(word("Mei"), "word/document.png", large))


def test_a_bomb_is_refused_by_its_ratio() -> None:
    assert "tightly" in reason(DOCX, with_file(word("Mei"), "word/media/a.bin", b"\0" * 20_000_000))


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_documents, "MOST_UNPACKED", 10_000)
    assert "unpack" in reason(DOCX, word("Mei"))


def test_a_large_xml_file_within_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_documents, "MOST_XML", 1000)
    assert "unpacks to more" in reason(DOCX, word("Mei"))


def test_a_declared_size_that_lies_does_not_help() -> None:
    content = bytearray(with_file(word("Mei"), "word/big.bin", bytes(range(256)) * 40_000))
    place = content.rindex(b"PK\x01\x02")  # the last entry of the directory
    struct.pack_into("<L", content, place + 24, 10)
    assert reason(DOCX, bytes(content)) == "it is broken, or not what it says"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "a/../../b", "C:/evil", "a\\..\\b"])
def test_a_name_that_leads_outside_is_refused(name: str) -> None:
    assert "leads outside" in reason(DOCX, with_file(word("Mei"), name))


def test_a_link_within_is_refused() -> None:
    link = zipfile.ZipInfo("word/link.xml")
    link.external_attr = 0o120777 << 16
    assert "leads outside" in reason(DOCX, with_file(word("Mei"), link, b"/etc/passwd"))


def test_too_many_files_within_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_documents, "MOST_ENTRIES", 5)
    assert "more than 5 files" in reason(DOCX, word("Mei"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused() -> None:
    assert "same name" in reason(DOCX, with_file(word("Mei"), "word/document.xml"))


def test_an_encrypted_file_is_refused_as_one() -> None:
    content = bytearray(word("Mei"))
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    assert reason(DOCX, bytes(content)) == "it is protected with a password"


def test_a_zip_within_is_not_opened() -> None:
    assert text_of(DOCX, with_file(word("Mei"), "word/embeddings/a.zip", word("inner"))) == "Mei"


@pytest.mark.parametrize("kind", [DOCX, XLSX])
def test_what_is_broken_is_unreadable(kind: str) -> None:
    whole = word("Mei") if kind == DOCX else excel(["Mei"])
    for content in (b"", b"PK\x03\x04", whole[:-100], whole[: len(whole) // 2], b"x" * 1000):
        assert reason(kind, content)


def test_one_kind_in_the_place_of_the_other_is_unreadable() -> None:
    assert "no Word document" in reason(DOCX, excel(["Mei"]))
    assert reason(XLSX, word("Mei"))
    assert "no reader" in reason(PDF, b"%PDF-")


def test_deep_xml_is_unreadable_and_no_crash() -> None:
    deep = f"<w:document {W}><w:body>{'<w:sdt>' * 20_000}{'</w:sdt>' * 20_000}</w:body></w:document>"
    assert reason(DOCX, repacked(word("Mei"), {"word/document.xml": deep.encode()}))


def test_the_files_that_are_made_are_known_by_their_first_bytes() -> None:
    assert by_first_bytes(word("Mei")) == DOCX
    assert by_first_bytes(excel(["Mei"])) == XLSX


WHOLE = {DOCX: word("Mei", "10am"), XLSX: excel(["Mei", "10am"])}


@given(st.sampled_from([DOCX, XLSX]), st.integers(0, 30_000), st.binary(min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_damage_is_read_or_unreadable(kind: str, place: int, damage: bytes) -> None:
    content = WHOLE[kind]
    place %= len(content)
    try:
        text_of(kind, content[:place] + damage + content[place + len(damage) :])
    except Unreadable as stopped:
        assert stopped.reason
