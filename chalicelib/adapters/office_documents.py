"""Word and Excel files as text, behind the guards that such a file must pass before anything opens it.

Both are zips of XML: a few kilobytes can unpack to gigabytes, name files outside of the folder, or define entities
that grow. Nothing is unpacked to a disk, and nothing that a file points to is fetched.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from chalicelib.domain.document_types import DOCX, XLSX
from chalicelib.domain.unseen import without_unseen
from chalicelib.errors import Unreadable

MOST_ENTRIES = 1000
"""Files within. A Word file with a hundred pictures has two hundred."""
MOST_UNPACKED = 64 * 1024 * 1024
"""Bytes of all files within, unpacked."""
MOST_XML = 2 * 1024 * 1024
"""Bytes of one XML file within, a Word text or an Excel sheet: a hundred pages, more rows than are read. As a tree it
takes up to eighty times as much memory."""
HIGHEST_RATIO = 200
"""Unpacked to packed, for what is large. Office's own XML comes to fifty; a bomb to a thousand."""
RATIO_FROM = 1024 * 1024
LONGEST_TEXT = 200_000
"""Characters that are handed on."""

_CHUNK = 256 * 1024
_XML = (".xml", ".rels", ".vml")
_XML_BEGINS = re.compile(rb"[\s\0\xef\xbb\xbf\xfe\xff]*<")  # in UTF-8, UTF-16 or UTF-32, whatever it is called
_EBCDIC = b"\x4c\x6f\xa7\x94"  # `<?xm` as a mainframe writes it; libxml2 would read it
_DOCTYPE = re.compile(rb"<\0*!\0*(?:D\0*O\0*C\0*T\0*Y\0*P\0*E|E\0*N\0*T\0*I\0*T\0*Y)", re.I)
_BROKEN = "it is broken, or not what it says"


class OfficeDocuments:
    """`intake_ports.DocumentText` for DOCX and XLSX."""

    def read(self, media_type: str, content: bytes) -> str:
        """What a person reads in it, headers and tables too; cut, with a last line that says so, where it is long.

        Raises Unreadable with the reason in words for staff.
        """
        if media_type not in (DOCX, XLSX):
            raise Unreadable("there is no reader for this kind of file")
        check_package(content)
        try:
            text = _text_of(media_type, content)
        except Unreadable:
            raise
        except Exception as broken:  # the readers raise whatever a hostile file makes them stumble over
            raise Unreadable(_BROKEN) from broken
        text = without_unseen(text).strip()
        if len(text) <= LONGEST_TEXT:
            return text
        return f"{text[:LONGEST_TEXT]}\n[The rest was not read: more than {LONGEST_TEXT:,} characters]"


def check_package(content: bytes) -> None:
    """Every guard on the zip, by unpacking it once, piece by piece, and keeping nothing. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            _check_directory(entries)
            room = MOST_UNPACKED
            for entry in entries:
                room -= _check_entry(package, entry, room)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError) as broken:
        raise Unreadable(_BROKEN) from broken


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Unreadable(f"it has more than {MOST_ENTRIES} files within")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Unreadable("it is protected with a password")
    if any(_leads_outside(entry) for entry in entries):
        raise Unreadable("it has a file within whose name leads outside of it")
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names):
        raise Unreadable("it has two files within of the same name")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Unreadable(f"it would unpack to more than {MOST_UNPACKED // 1024 // 1024} MB")
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1):
            raise Unreadable("it is packed more tightly than any real document")


def _leads_outside(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename
    is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    return (
        is_link
        or name.startswith("/")
        or "\\" in name
        or "\0" in name
        or bool(re.match(r"[A-Za-z]:", name))
        or ".." in name.split("/")
    )


def _check_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> int:
    """Unpack one file, counting what really comes out; how much it was."""
    is_xml = entry.filename.lower().endswith(_XML)
    size = 0
    tail = b""
    with package.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            if not size and chunk.startswith(_EBCDIC):
                raise Unreadable(_BROKEN)
            is_xml = is_xml or (not size and bool(_XML_BEGINS.match(chunk)))
            most = min(room, MOST_XML) if is_xml else room
            size += len(chunk)
            if size > most:
                raise Unreadable("it unpacks to more than is read")
            if size > RATIO_FROM and size > HIGHEST_RATIO * max(entry.compress_size, 1):
                raise Unreadable("it is packed more tightly than any real document")
            if is_xml and _DOCTYPE.search(tail + chunk):
                raise Unreadable("it defines entities, which no real document does")
            tail = chunk[-64:]
    return size


def _text_of(media_type: str, content: bytes) -> str:
    if media_type == DOCX:
        from chalicelib.adapters.docx_text import docx_text

        return docx_text(content, LONGEST_TEXT)
    from chalicelib.adapters.openpyxl_text import xlsx_text

    return xlsx_text(content, LONGEST_TEXT)
