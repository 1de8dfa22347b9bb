"""Google: are the sheet, the docs and the calendars shared, and can what stands in them be taken?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from chalicelib import names
from chalicelib.adapters.google_credentials import SCOPES, TIMEOUT_SECONDS, VENDOR
from chalicelib.domain.mirror import read_mirror
from chalicelib.domain.rules import parse_rules
from chalicelib.domain.sending_hours import public_holidays
from chalicelib.domain.sheet import read_table
from chalicelib.domain.voice import parse_voice
from chalicelib.errors import DocumentError, NotTheSheet, UpstreamError
from chalicelib.ports import Document
from ops.checks.findings import Check, Finding, ok, unchecked, warning, wrong
from ops.checks.site import Site

SHEET_TYPE = "application/vnd.google-apps.spreadsheet"
DOC_TYPE = "application/vnd.google-apps.document"
_REFUSALS = ("401", "403", "404")
_PARAMETERS = {Document.RULES: "rules_doc_id", Document.VOICE: "voice_doc_id"}


def _account(site: Site) -> str:
    return str(site.rt.secrets.google_account().get("client_email", "the service account"))


def _file(site: Site, file_id: str) -> Any:
    """What Drive says of a file. Raises UpstreamError."""
    fields = "mimeType,trashed,capabilities(canEdit)"
    return site.google.call(lambda: site.google.files.get(fileId=file_id, fields=fields, supportsAllDrives=True))


def _key(site: Site) -> Iterator[Finding]:
    """Whether Google gives a token for the account's key."""
    import google_auth_httplib2
    import httplib2
    from google.auth.exceptions import RefreshError
    from google.oauth2.service_account import Credentials

    where = names.GOOGLE_SECRET
    try:
        credentials = Credentials.from_service_account_info(site.rt.secrets.google_account(), scopes=SCOPES)
    except ValueError:
        yield unchecked(where, "isn't a service account's key: see Secrets")
        return
    try:
        credentials.refresh(google_auth_httplib2.Request(httplib2.Http(timeout=TIMEOUT_SECONDS)))
    except RefreshError as refused:
        if refused.retryable:
            site.google_trouble = "it has trouble of its own, and gives no token"
            yield unchecked(where, f"Google doesn't answer: {site.google_trouble}")
            return
        yield wrong(
            where,
            "Google doesn't accept the service account's key: deleted, disabled, or of another account",
            "make a new JSON key (console.cloud.google.com, IAM, Service accounts, Keys), then "
            + site.set_secret(where, "service-account.json"),
        )
    else:
        yield ok(where, "Google accepts the key")


def _unless_down(check: Check) -> Check:
    """The check, but not one after the other that waits for an answer which isn't coming."""

    def asked(site: Site) -> Iterator[Finding]:
        if site.google_trouble:
            raise UpstreamError(VENDOR, site.google_trouble)
        yield from check(site)

    return asked


def _refusal(site: Site, where: str, error: UpstreamError, share: str, parameter: str) -> Finding:
    """What a refusal means. Raises the error again if it is none."""
    if not error.reason.startswith(_REFUSALS):
        raise error
    return wrong(
        where,
        f"can't be reached as the service account ({error.reason.partition(':')[0]}): not shared with it, the id in "
        f"{parameter} is another's, or the API isn't enabled",
        f"{share} with {_account(site)}; or mend the id: {site.set_parameter(parameter, 'ID')}",
    )


def _sheet(site: Site) -> Iterator[Finding]:
    where, file_id = "the sheet", site.rt.config.sheet_id
    try:
        file = _file(site, file_id)
        cells = site.rt.sheet.read() if file.get("mimeType", SHEET_TYPE) == SHEET_TYPE else None
    except UpstreamError as error:
        yield _refusal(site, where, error, "open the sheet, Share, as Editor,", "sheet_id")
        return
    if file.get("trashed"):
        yield wrong(where, "lies in the bin; Google deletes it after 30 days", "in Drive's bin: Restore")
    if cells is None:
        yield wrong(
            where,
            f"is no Google Sheet but {file['mimeType']}",
            f"File, Save as Google Sheets, then {site.set_parameter('sheet_id', 'ID')}",
        )
        return
    if not file.get("capabilities", {}).get("canEdit", True):
        yield wrong(
            where,
            "is shared to read only: ids and customers' answers can't be written",
            f"open the sheet, Share, make {_account(site)} an Editor",
        )
    try:
        table = read_table(cells)
    except NotTheSheet as problem:
        yield wrong(
            f"{where}, row 1",
            f"{problem.problem}. No visit of it is seen; the last good list stays",
            "give the first row of the first tab a column with that name",
        )
    else:
        yield ok(where, f"can be read and written; {len(table.rows)} rows, columns {', '.join(table.columns)}")


def _rules(site: Site) -> Iterator[Finding]:
    text = yield from _doc(site, Document.RULES)
    if text is None:
        return
    stays = "the former one stays in force" if site.shop.ready else "nothing is sent before it is right"
    try:
        book = parse_rules(text, _services(site))
    except DocumentError as bad:
        yield from _bad_lines("the rules doc", bad, stays)
        return
    config = site.rt.config
    if book.closed is not None and book.closed.public_holidays:
        try:
            public_holidays(config.country, config.region, site.now.year)
        except ValueError as unknown:
            yield wrong("the rules doc", f"{unknown}: {stays}", "write the closed dates instead of public holidays")
            return
    if not text.strip():
        yield warning(
            "the rules doc",
            "is empty: the default windows go for every service",
            "write a line, like Everything else: 24 hours",
        )
        return
    yield ok("the rules doc", f"can be read; lines for {len(book.services)} services")


def _voice(site: Site) -> Iterator[Finding]:
    text = yield from _doc(site, Document.VOICE)
    if text is None:
        return
    try:
        book = parse_voice(text, site.rt.config.language)
    except DocumentError as bad:
        yield from _bad_lines("the voice doc", bad, "the former one, or the standard wording, goes out")
        return
    yield ok("the voice doc", f"can be read; {len(book.sections)} texts of your own")
    for doubt in book.warnings():
        yield warning(f"the voice doc, line {doubt.line}", doubt.problem, "mend that text in the voice doc")


def _doc(site: Site, document: Document) -> Any:
    """The doc's text; None if it can't be had, which is then said."""
    where, parameter = f"the {document.value} doc", _PARAMETERS[document]
    file_id = site.rt.config.rules_doc_id if document is Document.RULES else site.rt.config.voice_doc_id
    try:
        file = _file(site, file_id)
        if file.get("mimeType", DOC_TYPE) != DOC_TYPE:
            yield wrong(
                where,
                f"is no Google Doc but {file['mimeType']}",
                f"File, Save as Google Docs, then {site.set_parameter(parameter, 'ID')}",
            )
            return None
        text = site.rt.docs.text(document)
    except UpstreamError as error:
        yield _refusal(site, where, error, "open the doc, Share, as Viewer,", parameter)
        return None
    if file.get("trashed"):
        yield wrong(where, "lies in the bin; Google deletes it after 30 days", "in Drive's bin: Restore")
    return text


def _bad_lines(where: str, bad: DocumentError, stays: str) -> Iterator[Finding]:
    for problem in bad.problems:
        yield wrong(f"{where}, line {problem.line}", f"{problem.problem}: {stays}", "mend that line in the doc")


def _services(site: Site) -> list[str]:
    return sorted({row.values.get("service", "") for row in read_mirror(site.shop.mirror)} - {""})


def _calendars(site: Site) -> Iterator[Finding]:
    config = site.rt.config
    if not config.calendars and not config.busy_calendars:
        yield ok("calendars", "none are configured")
    soon = site.now + timedelta(days=1)
    for number, calendar in enumerate(config.calendars, 1):
        where = f"calendar {number} of calendars"
        try:
            site.rt.calendars.changes(calendar, "", site.now, soon)
        except UpstreamError as error:
            yield _refusal(site, where, error, "Calendar, Settings, Share with specific people,", "calendars")
        else:
            yield ok(where, "can be read")
    for number, calendar in enumerate(config.busy_calendars, 1):
        where = f"calendar {number} of busy_calendars"
        try:
            site.rt.calendars.busy(calendar, site.now, soon)
        except UpstreamError as error:
            if "can't be read" not in error.reason:
                yield _refusal(site, where, error, "Calendar, Settings, Share with specific people,", "busy_calendars")
                continue
            yield wrong(
                where,
                "isn't shared with the service account: customers may move to times that are taken",
                f"Calendar, Settings, Share with specific people, add {_account(site)}",
            )
        else:
            yield ok(where, "can be read")


CHECKS: dict[str, Check] = {
    "service account": _key,
    "sheet": _unless_down(_sheet),
    "rules doc": _unless_down(_rules),
    "voice doc": _unless_down(_voice),
    "calendars": _unless_down(_calendars),
}
