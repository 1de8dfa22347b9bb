"""Where a customer can be reached: the phone and e-mail cells, made sendable or refused with a plain reason.

A reason never repeats the number or the address: reasons travel into logs and audit rows, contacts must not.
"""

from __future__ import annotations

import re

import phonenumbers

from chalicelib.domain.appointment import Problem
from chalicelib.domain.cell_text import one_line, plain

_LABEL = re.compile(r"(?:tel|telephone|phone|mobile|mob|cell|hp|h/p|ph|whatsapp|wa)\b\s*[.:]?\s*", re.I)
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?\s*e\s*\+?[0-9]+", re.I)
_EXTENSION = re.compile(r"(?:ext\.?|extension|x|#)\s*[0-9]+$", re.I)
_BETWEEN_NUMBERS = re.compile(r"[/;,|&]|\bor\b|\band\b", re.I)
_FEWEST_DIGITS = 6
_LONGEST_EMAIL = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL_OF_DOMAIN = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL_OF_DOMAIN}\.)+(?:[A-Za-z]{{2,63}}|xn--[A-Za-z0-9-]{{2,59}})")

_TOO = {
    phonenumbers.ValidationResult.TOO_SHORT: "too short",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "without its area code",
    phonenumbers.ValidationResult.TOO_LONG: "too long",
    phonenumbers.ValidationResult.INVALID_LENGTH: "of the wrong length",
}


def read_phone(text: str, country: str) -> str | Problem:
    """The number in E.164; "" for a cell with nothing in it; a Problem for what isn't one valid number.

    A number without a country code is one of `country`'s. Validity is libphonenumber's.
    """
    number = plain(text).replace("tel:", "")
    number = re.sub(r"(?<=[0-9]{5})\.0+$", "", _LABEL.sub("", number, count=1) if _LABEL.match(number) else number)
    if not any(character.isalnum() for character in number):
        return ""
    reason = _not_one_number(text, number)
    if reason:
        return _refused(reason)
    try:
        parsed = _parsed(number, country)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            return _refused("has a country code that doesn't exist")
        if error.error_type == phonenumbers.NumberParseException.TOO_LONG:
            return _refused("is too long for a phone number")
        return _refused("is too short for a phone number")
    if phonenumbers.is_valid_number(parsed):
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    code = parsed.country_code or 0
    at_home = code == phonenumbers.country_code_for_region(country)
    place = country if at_home else phonenumbers.region_code_for_country_code(code)
    verdict = phonenumbers.is_possible_number_with_reason(parsed)
    if verdict in _TOO:
        return _refused(f"is {_TOO[verdict]} for a number of {place}")
    return _refused(f"is not a valid number of {place}")


def _not_one_number(text: str, number: str) -> str:
    """Why this can't even be looked at as one number; "" if it can."""
    if _SCIENTIFIC.fullmatch(number):
        return "was turned into a calculation by a spreadsheet and may have lost digits"
    parts = [part for part in _BETWEEN_NUMBERS.split(" / ".join(filter(str.strip, text.splitlines()))) if part]
    if sum(len(re.findall("[0-9]", part)) >= _FEWEST_DIGITS for part in parts) > 1:
        return "is more than one number"
    if _EXTENSION.search(number):
        return "has an extension, which no text can reach"
    if "@" in number:
        return "is an e-mail address"
    if re.search(r"[^\W\d_]", number):
        return "has letters in it"
    return ""


def _parsed(number: str, country: str) -> phonenumbers.PhoneNumber:
    """`00` is read as `+` where that gives a valid number: some countries' own prefix for abroad is longer."""
    if number.startswith("00"):
        try:
            abroad = phonenumbers.parse("+" + number[2:], None)
        except phonenumbers.NumberParseException:
            abroad = None
        if abroad is not None and phonenumbers.is_valid_number(abroad):
            return abroad
    return phonenumbers.parse(number, country or None)


def _refused(reason: str) -> Problem:
    return Problem(
        "phone", f"The number {reason}. Write one with its country code, like +65 9123 4567. Nothing is texted to it."
    )


def read_email(text: str) -> str | Problem:
    """The address; "" for a cell with nothing in it; a Problem for what isn't exactly one address."""
    address = one_line(text).removeprefix("'")
    address = re.sub(r"^mailto:", "", address, flags=re.I).strip()
    if not any(character.isalnum() for character in address):
        return ""
    named = re.fullmatch(r"[^<>@]*<([^<>]+)>", address)
    address = named[1].strip() if named else address
    if address.count("@") > 1 and re.search(r"[\s,;/]", address):
        return _bad_email("is more than one address")
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return _bad_email("has letters in its domain that can't be there")
    if not local:
        return _bad_email("has no @ with a name before it")
    if not _LOCAL.fullmatch(local) or len(local) > 64:
        return _bad_email("has a character before the @ that can't be there")
    if not _DOMAIN.fullmatch(domain) or len(local) + 1 + len(domain) > _LONGEST_EMAIL:
        return _bad_email("has no valid domain after the @")
    return f"{local}@{domain}"


def _bad_email(reason: str) -> Problem:
    return Problem("email", f"The address {reason}. Write one like mei@example.com. Nothing is e-mailed to it.")
