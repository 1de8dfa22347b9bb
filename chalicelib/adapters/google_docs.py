"""The rules and the voice doc: Google Docs exported as plain text by Drive."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.adapters.google_credentials import VENDOR, GoogleApi
from chalicelib.adapters.google_sheet import modified_time
from chalicelib.errors import UpstreamError
from chalicelib.ports import Document


class GoogleDocs:
    """`ports.Docs`; `ids` says which file is which document."""

    def __init__(self, api: GoogleApi, ids: Mapping[Document, str]) -> None:
        self._api = api
        self._ids = ids

    def modified(self, document: Document) -> str:
        """Drive's modifiedTime, verbatim."""
        return modified_time(self._api, self._ids[document])

    def text(self, document: Document) -> str:
        """The doc as plain text: Google's byte order mark taken off, lines ended by a plain newline.

        Raises UpstreamError, also for a web page in its place.
        """
        content = self._api.call(lambda: self._api.files.export(fileId=self._ids[document], mimeType="text/plain"))
        text = bytes(content).decode("utf-8-sig", "replace")
        if text.lstrip()[:9].casefold().startswith(("<!doctype", "<html")):
            raise UpstreamError(VENDOR, "a web page came in place of the doc (a login page?)")
        return text.replace("\r\n", "\n").replace("\r", "\n")
