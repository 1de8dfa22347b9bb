"""A shop's own CSV file as cells, however its program wrote it.

Exports come in several encodings and separators, and with stray quotes. To a plain reader a stray quote begins a
cell that swallows every row below it without an error, so a quoted cell over several lines is believed only if what
it took in doesn't look like rows.
"""

from __future__ import annotations

import codecs
import csv
import io
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEPARATORS = ",;\t|"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_SEPARATOR_LINE = re.compile(r'\s*"?sep=(.)"?\s*', re.I)
_LONGEST_CELL_LINES = 200


def read_csv(source: str | bytes) -> list[list[str]]:
    """The cells of every line, blank lines included as rows without cells.

    Takes UTF-8, UTF-16 and UTF-32, with or without a byte order mark where that can be told, and else Windows-1252;
    commas, semicolons, tabs and bars. Never raises: text that is no CSV comes back as odd cells, which
    `sheet.read_table` then refuses.
    """
    text = decoded(source) if isinstance(source, bytes) else source.lstrip("\ufeff")
    lines = _LINE.findall(text)
    separator = None
    if lines and (named := _SEPARATOR_LINE.fullmatch(lines[0])):
        separator, lines = named[1], lines[1:]
    separator = separator or _separator(lines)
    return _records(lines, separator)


def decoded(source: bytes) -> str:
    """The bytes as text, by their mark, by where their zeros are, or by what they can be."""
    for mark, encoding in _BOMS:
        if source.startswith(mark):
            return source[len(mark) :].decode(encoding, "replace").lstrip("\ufeff")
    head = source[:4000]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if zeros and zeros.count(0) > len(zeros) * 0.6:
            return source.decode(encoding, "replace")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError:
        return source.decode("cp1252", "replace")


def _separator(lines: list[str]) -> str:
    """The one that the first line that isn't blank uses most, quoted cells apart; a comma if it uses none."""
    first = next((line for line in lines if line.strip()), "")
    bare = re.sub(r'"(?:[^"]|"")*"', "", first)
    return max(_SEPARATORS, key=bare.count) if any(mark in bare for mark in _SEPARATORS) else ","


def _records(lines: list[str], separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    width = 0
    at = 0
    while at < len(lines):
        taken = 1
        record = _strict(lines[at], separator)
        if record is None:
            record, taken = _over_lines(lines, at, separator, width)
        if record is None:
            record = _lenient(lines[at], separator)
        width = width or len(record)
        records.append([cell.replace("\r\n", "\n").replace("\r", "\n") for cell in record])
        at += taken
    return records


def _over_lines(lines: list[str], at: int, separator: str, width: int) -> tuple[list[str] | None, int]:
    """The record that begins here and goes over several lines, and their number; (None, 1) if it isn't believable.

    It isn't if a later line has a whole row's separators while the first has too (a stray quote on a row of its
    own), or if the outcome hasn't the header's width.
    """
    text = lines[at]
    first_is_row = width > 1 and len(_lenient(lines[at], separator)) >= width
    for taken in range(2, min(_LONGEST_CELL_LINES, len(lines) - at) + 1):
        line = lines[at + taken - 1]
        if first_is_row and len(_lenient(line, separator)) >= width:
            return None, 1
        text += line
        if '"' not in line:
            continue
        record = _strict(text, separator)
        if record is not None:
            return (record, taken) if width in (0, len(record)) else (None, 1)
    return None, 1


def _strict(text: str, separator: str) -> list[str] | None:
    """The one record of a text; None if a quote is left open or stands where none may."""
    if '"' not in text:
        return text.rstrip("\r\n").split(separator) if text.strip("\r\n") else []
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _lenient(line: str, separator: str) -> list[str]:
    """The cells of one line, a quote that doesn't enclose a whole cell being an ordinary character."""
    mark = re.escape(separator)
    cell = re.compile(rf'\s*"((?:[^"]|"")*)"\s*(?={mark}|\Z)|([^{mark}]*)')
    text = line.rstrip("\r\n")
    cells: list[str] = []
    position = 0
    while True:
        match = cell.match(text, position)
        if match is None:  # can't be: the second way matches nothing at least
            return cells
        cells.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        position = match.end()
        if position >= len(text):
            return cells
        position += 1
