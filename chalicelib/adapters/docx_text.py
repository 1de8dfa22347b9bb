"""A Word file's text in the order of the page: header, paragraphs and tables, footer.

python-docx opens the package; the tree is walked here, because its tables repeat a merged cell as often as the file
says. Hidden, deleted and white text is left out: nobody sees it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError

from chalicelib.errors import Unreadable

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # a text box, once more
_UNSEEN = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}rPr", f"{_W}pPr", f"{_W}tblPr", _FALLBACK})
_OFF = frozenset({"0", "false", "off"})
_SMALLEST_HALF_POINTS = 4
_MOST_PAGE_HEADERS = 20


def docx_text(content: bytes, longest: int) -> str:
    """The text, a line per paragraph and per row, cells parted by tabs; about `longest` characters at most.

    Raises Unreadable for what is no Word document, and python-docx's own errors for a broken one.
    """
    try:
        document = docx.Document(io.BytesIO(content))
    except (PackageNotFoundError, KeyError, ValueError) as wrong:
        raise Unreadable("it is no Word document (.docx), or a template or one with macros") from wrong
    trees = [
        *_parts(document.part, RELATIONSHIP_TYPE.HEADER),
        document.element.body,
        *_parts(document.part, RELATIONSHIP_TYPE.FOOTER),
    ]
    lines: list[str] = []
    room = longest
    for tree in trees:
        for line in _lines(tree):
            lines.append(line)
            room -= len(line) + 1
            if room < 0:
                return "\n".join(lines)
    return "\n".join(lines)


def _parts(part: Any, kind: str) -> list[Any]:
    """The trees of the page headers (or footers), each once."""
    found = {id(rel.target_part): rel.target_part for rel in part.rels.values() if rel.reltype == kind}
    return [page.element for page in islice(found.values(), _MOST_PAGE_HEADERS)]


def _lines(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in _UNSEEN or not isinstance(child.tag, str):
            continue
        if child.tag == f"{_W}p":
            yield from _paragraph(child)
        elif child.tag == f"{_W}tr":
            cells = ["\n".join(_lines(cell)).strip() for cell in _cells(child)]
            if any("\n" in cell for cell in cells):
                yield from cells
            else:
                yield "\t".join(cells)
        else:
            yield from _lines(child)


def _cells(row: Any) -> Iterator[Any]:
    """The row's own cells, also those within a form's control; none of a table within a cell."""
    for child in row:
        if child.tag == f"{_W}tc":
            yield child
        elif child.tag not in _UNSEEN:
            yield from _cells(child)


def _paragraph(paragraph: Any) -> Iterator[str]:
    """The paragraph's line, or lines where it has breaks, and after it what its text boxes say."""
    words: list[str] = []
    boxes: list[Any] = []
    _collect(paragraph, words, boxes)
    yield from "".join(words).split("\n")
    for box in boxes:
        yield from _lines(box)


def _collect(element: Any, words: list[str], boxes: list[Any]) -> None:
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in _UNSEEN:
            continue
        if tag == f"{_W}t":
            words.append(child.text or "")
        elif tag == f"{_W}tab":
            words.append("\t")
        elif tag in (f"{_W}br", f"{_W}cr"):
            words.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            words.append("-")
        elif tag == f"{_W}txbxContent":
            boxes.append(child)
        elif tag != f"{_W}r" or not _is_hidden(child):
            _collect(child, words, boxes)


def _is_hidden(run: Any) -> bool:
    looks = run.find(f"{_W}rPr")
    if looks is None:
        return False
    for name in ("vanish", "webHidden"):
        mark = looks.find(f"{_W}{name}")
        if mark is not None and mark.get(f"{_W}val", "1").lower() not in _OFF:
            return True
    size = looks.find(f"{_W}sz")
    if size is not None and size.get(f"{_W}val", "").isdecimal() and int(size.get(f"{_W}val")) < _SMALLEST_HALF_POINTS:
        return True
    colour = looks.find(f"{_W}color")
    white = colour is not None and colour.get(f"{_W}val", "").lower() == "ffffff"
    return white and looks.find(f"{_W}shd") is None and looks.find(f"{_W}highlight") is None and not _is_shaded(run)


def _is_shaded(run: Any) -> bool:
    """Whether a paragraph or cell around it has a ground of its own, on which white can be read."""
    return any(
        around.find(f"{_W}{kind}/{_W}shd") is not None
        for around in run.iterancestors(f"{_W}p", f"{_W}tc", f"{_W}tbl")
        for kind in ("pPr", "tcPr", "tblPr")
    )
