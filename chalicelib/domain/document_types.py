"""What an attachment is, by its first bytes: what a mail calls it is only a claim."""

from __future__ import annotations

import re

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

READ = {
    PDF: "PDF",
    PNG: "PNG picture",
    JPEG: "JPEG picture",
    TIFF: "TIFF picture",
    DOCX: "Word file",
    XLSX: "Excel file",
}
"""The documents that have a reader, in words."""

_PDF_WITHIN = 1024  # a PDF may have rubbish before its mark
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_UNREAD = (
    # First bytes, where they begin, and what staff are told.
    (b"GIF8", 0, "it is a GIF picture"),
    (b"ftypheic", 4, "it is a HEIC picture (as iPhones take them)"),
    (b"ftypheix", 4, "it is a HEIC picture (as iPhones take them)"),
    (b"ftypmif1", 4, "it is a HEIC picture (as iPhones take them)"),
    (b"WEBP", 8, "it is a WebP picture"),
    (b"BM", 0, "it is a BMP picture"),
    (b"{\\rtf", 0, "it is an RTF file"),
    (b"Rar!", 0, "it is an archive"),
    (b"7z\xbc\xaf", 0, "it is an archive"),
    (b"\x1f\x8b", 0, "it is an archive"),
    (b"MZ", 0, "it is a program"),
    (b"\x78\x9f\x3e\x22", 0, "it is Outlook's own format (winmail.dat)"),
)
_EXTENSIONS = {
    "pdf": PDF, "png": PNG, "jpg": JPEG, "jpeg": JPEG, "jpe": JPEG, "tif": TIFF, "tiff": TIFF, "docx": DOCX,
    "xlsx": XLSX,
}  # fmt: skip
_ALIASES = {"image/jpg": JPEG, "image/pjpeg": JPEG, "image/x-png": PNG, "image/tif": TIFF, "application/x-pdf": PDF}


def by_first_bytes(content: bytes) -> str:
    """The media type of a document that has a reader, or ""."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith((b"II*\0", b"MM\0*")):
        return TIFF
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return PDF
    if content.startswith(_ZIP):  # a zip's file names stand in it as they are
        if b"word/document" in content:
            return DOCX
        if b"xl/workbook" in content or b"xl/worksheets" in content:
            return XLSX
    return ""


def why_unread(content: bytes) -> str:
    """Why a document has no reader, in words for staff."""
    if not content:
        return "it is empty"
    if content.startswith(_OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            return "it is protected with a password"
        return "it is an old Office file (.doc, .xls, .msg)"
    if content.startswith(_ZIP):
        return "it is an archive, or an Office file that isn't Word or Excel"
    for mark, place, words in _UNREAD:
        if content.startswith(mark, place):
            return words
    return "its format isn't known"


def claimed(media_type: str, name: str) -> str:
    """The readable media type that a mail claims, by the part's type or else by the file's name; "" if neither."""
    said = _ALIASES.get(media_type, media_type)
    return said if said in READ else _EXTENSIONS.get(name.rpartition(".")[2].lower(), "")


def file_name(name: str, longest: int = 100) -> str:
    """A file name without the folders before it, and nothing but its own characters."""
    bare = re.split(r"[/\\:]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f<>\"|*?]", "", bare).strip(" .")[-longest:]
