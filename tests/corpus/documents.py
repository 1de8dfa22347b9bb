"""The smallest PDF, DOCX and XLSX that real readers read, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_LONG_AGO = (2026, 11, 20, 0, 0, 0)
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument"


def pdf(pages: Sequence[Sequence[str]], white: Sequence[str] = ()) -> bytes:
    """Pages of lines with a text layer (Helvetica, Latin-1); `white` lines are drawn white on the first page."""
    objects = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    kids = []
    for number, lines in enumerate(pages):
        shown = _shown(lines) + (b"1 1 1 rg\n" + _shown(white) if white and not number else b"")
        stream = b"BT\n/F1 12 Tf\n16 TL\n60 780 Td\n" + shown + b"ET"
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    named = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%b] /Count %d >>" % (named, len(kids))
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    )


def docx(paragraphs: Sequence[str], table: Sequence[Sequence[str]] = (), header: str = "", hidden: str = "") -> bytes:
    """Paragraphs, then a table; `header` is the page header, `hidden` a run with the hidden property."""
    vanished = f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{escape(hidden)}</w:t></w:r></w:p>" if hidden else ""
    rows = "".join("<w:tr>" + "".join(f"<w:tc>{_paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in table)
    grid = f"<w:tblGrid>{'<w:gridCol/>' * len(table[0])}</w:tblGrid>" if table else ""
    body = (
        "".join(map(_paragraph, paragraphs))
        + vanished
        + (f"<w:tbl><w:tblPr/>{grid}{rows}</w:tbl><w:p/>" if table else "")
    )
    section = f'<w:sectPr><w:headerReference xmlns:r="{_R}" w:type="default" r:id="rId1"/></w:sectPr>' if header else ""
    main = f"{_OFFICE}.wordprocessingml"
    files = {
        "[Content_Types].xml": _types(
            {"/word/document.xml": f"{main}.document.main+xml", "/word/header1.xml": f"{main}.header+xml"}
            if header
            else {"/word/document.xml": f"{main}.document.main+xml"}
        ),
        "_rels/.rels": _rels({"rId1": ("officeDocument", "word/document.xml")}),
        "word/document.xml": f"<w:document {_W}><w:body>{body}{section}</w:body></w:document>",
        "word/_rels/document.xml.rels": _rels({"rId1": ("header", "header1.xml")} if header else {}),
    }
    if header:
        files["word/header1.xml"] = f"<w:hdr {_W}>{_paragraph(header)}</w:hdr>"
    return archive(files)


def xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet of text cells."""
    cells = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            for place, cell in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    main = f"{_OFFICE}.spreadsheetml"
    return archive(
        {
            "[Content_Types].xml": _types(
                {"/xl/workbook.xml": f"{main}.sheet.main+xml", "/xl/worksheets/sheet1.xml": f"{main}.worksheet+xml"}
            ),
            "_rels/.rels": _rels({"rId1": ("officeDocument", "xl/workbook.xml")}),
            "xl/workbook.xml": f'<workbook {space} xmlns:r="{_R}"><sheets>'
            '<sheet name="Bookings" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _rels({"rId1": ("worksheet", "worksheets/sheet1.xml")}),
            "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>",
        }
    )


def archive(files: Mapping[str, str]) -> bytes:
    """A zip of XML files, stored, with one date for all."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name, content in files.items():
            declared = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}'
            packed.writestr(zipfile.ZipInfo(name, _LONG_AGO), declared)
    return out.getvalue()


def _shown(lines: Sequence[str]) -> bytes:
    escaped = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
    return b"".join(b"(%b) Tj T*\n" % line.encode("cp1252") for line in escaped)


def _paragraph(words: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:p>'


def _types(parts: Mapping[str, str]) -> str:
    named = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in parts.items())
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _rels(targets: Mapping[str, tuple[str, str]]) -> str:
    named = "".join(
        f'<Relationship Id="{key}" Type="{_R}/{kind}" Target="{target}"/>' for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{named}</Relationships>'
