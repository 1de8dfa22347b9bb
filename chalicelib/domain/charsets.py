"""Bytes of a mail as text, whatever charset it claims: mails lie about it, and a wrong charset must not lose a booking.

What a mail says is tried first, unless its bytes show that it can't be so. Nothing here raises.
"""

from __future__ import annotations

import codecs
import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDER = {
    # What programs mean when they name the narrower one.
    "ascii": "",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}
_NOT_TEXT = frozenset(
    # Python's own inventions (one of them takes quadratic time), not charsets of mails.
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "raw-unicode-escape", "unicode-escape", "undefined"}
)
_LATIN = frozenset({"cp1252", "iso8859-15", "cp1254", "mac-roman", ""})
_PAIRS = frozenset({"gb18030", "big5hkscs", "cp932", "cp949"})
_BY_CHANCE = 4  # a few of their pairs of bytes may be good UTF-8; so many hardly ever are
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.I)
_META_WITHIN = 2048


def decoded(content: bytes, charset: str) -> tuple[str, bool]:
    """The text, and whether characters were lost. `charset` is what the mail claims; "" where it doesn't say."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strictly_or_not(content[len(mark) :], encoding)
    name = _codec(charset)
    if name.startswith(("utf-16", "utf-32")) and b"\0" not in content:
        name = ""
    if b"\x1b$" in content and name in _LATIN:  # Japanese of seven bits, which older programs don't label
        name = "iso2022_jp_ext"
    if name in _LATIN:
        # Text of another charset is hardly ever good UTF-8 by chance.
        return _utf8(content) or _strictly_or_not(content, name or "cp1252")
    if name in _PAIRS and (utf8 := _strictly(content, "utf-8")) and sum(c > "\x7f" for c in utf8) >= _BY_CHANCE:
        return utf8, False
    if (text := _strictly(content, name)) is not None:
        return text, False
    return _utf8(content) or _neither(content, name)


def charset_of_page(content: bytes) -> str:
    """The charset that an HTML page names in its own head, or ""."""
    found = _META.search(content[:_META_WITHIN])
    return found[1].decode("ascii") if found else ""


def _codec(charset: str) -> str:
    name = charset.strip().strip("\"'")
    if not _NAME.fullmatch(name):
        return ""
    name = re.sub(r"(?i)^(x-sjis|ms_kanji|windows-31j)$", "cp932", name)
    name = re.sub(r"(?i)^ks_c_5601-1987$", "cp949", name)
    name = re.sub(r"(?i)^(iso-8859-\d{1,2})-[ie]$", r"\1", name)  # Hebrew and Arabic, by the order on the screen
    name = re.sub(r"(?i)^(x-mac-roman|macintosh)$", "mac-roman", name)
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return "" if known in _NOT_TEXT else _WIDER.get(known, known)


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (LookupError, ValueError):  # LookupError: a codec of bytes, not of text (base64, zip)
        return None


def _utf8(content: bytes) -> tuple[str, bool] | None:
    text = _strictly(content, "utf-8")
    return None if text is None else (text, False)


def _strictly_or_not(content: bytes, encoding: str) -> tuple[str, bool]:
    text = _strictly(content, encoding)
    return (text, False) if text is not None else (content.decode(encoding, "replace"), True)


def _neither(content: bytes, encoding: str) -> tuple[str, bool]:
    """Neither what it claims nor UTF-8. A claimed UTF-8 without one good character beyond ASCII is Windows' own."""
    try:
        text = content.decode(encoding, "replace")
    except (LookupError, ValueError):
        return _strictly_or_not(content, "cp1252")
    if encoding == "utf-8" and all(letter < "\x80" or letter == "\ufffd" for letter in text):
        return _strictly_or_not(content, "cp1252")
    return text, True
