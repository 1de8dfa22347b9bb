"""An Excel file's text: its visible sheets, a line per row, cells parted by tabs, dates as ISO.

Read row by row and only so far: the whole of a three-megabyte file takes twenty seconds and 300 MB, its first rows a
tenth of a second. Formulas are shown by the value that was last saved, and aren't worked out.
"""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl

MOST_SHEETS = 10
MOST_ROWS = 2000
"""Rows of all sheets together. No mail with more is a booking; staff import such a file."""
MOST_COLUMNS = 50
LONGEST_CELL = 2000


def xlsx_text(content: bytes, longest: int) -> str:
    """The text, about `longest` characters at most; a last line says if rows or sheets were left unread.

    openpyxl's own errors are raised for a broken file.
    """
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        return "\n".join(_lines(book, longest))
    finally:
        book.close()


def _lines(book: Any, longest: int) -> list[str]:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    lines: list[str] = []
    rows = 0
    room = longest
    for sheet in sheets[:MOST_SHEETS]:
        if len(sheets) > 1:
            lines.append(f"{sheet.title}:")
        # One more row than is read, to know that there are more.
        for cells in sheet.iter_rows(max_row=MOST_ROWS - rows + 1, max_col=MOST_COLUMNS, values_only=True):
            rows += 1
            if rows > MOST_ROWS:
                return [*lines, f"[The rest was not read: more than {MOST_ROWS:,} rows]"]
            line = "\t".join(shown(cell) for cell in cells).rstrip()
            if not line:
                continue
            lines.append(line)
            room -= len(line) + 1
            if room < 0:
                return lines
    if len(sheets) > MOST_SHEETS:
        lines.append(f"[The rest was not read: more than {MOST_SHEETS} sheets]")
    return lines


def shown(cell: object) -> str:
    """A cell as one line of text."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return cell.strftime("%Y-%m-%d") if cell.time() == time() else cell.strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case time():
            return cell.strftime("%H:%M")
        case timedelta():
            return str(cell)
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case _:
            return " ".join(str(cell)[:LONGEST_CELL].split())
