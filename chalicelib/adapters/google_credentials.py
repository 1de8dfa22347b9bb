"""One way in to Google for Sheets, Drive and Calendar: a service account, short timeouts, errors without secrets.

The API descriptions come from the client library (`static_discovery`), so that starting costs no request. A thread
has its own connection: httplib2 isn't safe to share.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import google_auth_httplib2
import httplib2
from google.auth.exceptions import GoogleAuthError
from google.oauth2.service_account import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import Error, HttpError

from chalicelib.errors import TokenExpired, UpstreamError

SCOPES = (
    "https://www.googleapis.com/auth/drive.readonly",
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/calendar.readonly",
)
TIMEOUT_SECONDS = 10
VENDOR = "Google"
GONE = 410
_SAID = {
    400: "the request was refused as malformed (was the sheet or a row of it deleted meanwhile?)",
    401: "the service account was not accepted",
    403: "no access (share the file with the service account, enable the API, unprotect the cells) or over quota",
    404: "not found: check the id in the configuration and share the file with the service account",
    GONE: "the sync token is no longer known",
    429: "too many requests",
}


class GoogleApi:
    """Calls Google as the service account.

    `account` gives the key file's content (asked for once, at the first call). `endpoint` replaces
    `https://...googleapis.com`, for all APIs at once; the account's own `token_uri` is used as it is.
    """

    def __init__(self, account: Callable[[], Mapping[str, Any]], endpoint: str = "") -> None:
        self._account = account
        self._endpoint = endpoint.rstrip("/")
        self._credentials: Credentials | None = None
        self._lock = threading.Lock()
        self._own = threading.local()

    @property
    def sheets(self) -> Any:
        """The Sheets API's `spreadsheets` collection."""
        return self._once("sheets", lambda: self._service("sheets", "v4", "/").spreadsheets())

    @property
    def values(self) -> Any:
        """The Sheets API's `spreadsheets.values` collection."""
        return self._once("values", lambda: self.sheets.values())

    @property
    def files(self) -> Any:
        """The Drive API's `files` collection."""
        return self._once("files", lambda: self._service("drive", "v3", "/drive/v3/").files())

    @property
    def events(self) -> Any:
        """The Calendar API's `events` collection."""
        return self._once("events", lambda: self._calendar.events())

    @property
    def freebusy(self) -> Any:
        """The Calendar API's `freebusy` collection."""
        return self._once("freebusy", lambda: self._calendar.freebusy())

    @property
    def _calendar(self) -> Any:
        return self._service("calendar", "v3", "/calendar/v3/")

    def call(self, request: Callable[[], Any]) -> Any:
        """Build and run one request, with no retries: a later run tries again.

        Raises TokenExpired for a sync token that is too old, and UpstreamError.
        """
        prepared = request()
        try:
            answer = prepared.execute()
        except HttpError as exc:
            if exc.status_code == GONE:
                raise TokenExpired(_SAID[GONE]) from None
            said = _SAID.get(exc.status_code, "an error of Google's own" if exc.status_code >= 500 else "refused")
            raise UpstreamError(VENDOR, f"{exc.status_code}: {said}") from None
        except (Error, ValueError, TypeError) as exc:
            raise UpstreamError(VENDOR, f"an answer that can't be read ({type(exc).__name__})") from None
        except GoogleAuthError as exc:
            raise UpstreamError(VENDOR, f"the service account got no token ({type(exc).__name__})") from None
        except (httplib2.HttpLib2Error, OSError) as exc:
            raise UpstreamError(VENDOR, f"no answer ({type(exc).__name__})") from None
        if not isinstance(answer, dict | bytes):
            raise UpstreamError(VENDOR, "an answer that can't be read (a login page?)")
        return answer

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        """A collection, made once a thread: the client writes all its methods and their docs anew for each (8 ms)."""
        collections = self._own.__dict__.setdefault("collections", {})
        if name not in collections:
            collections[name] = make()
        return collections[name]

    def _service(self, name: str, version: str, path: str) -> Any:
        services = self._own.__dict__.setdefault("services", {})
        if name not in services:
            options = {"api_endpoint": f"{self._endpoint}{path}"} if self._endpoint else None
            services[name] = build(
                name, version, http=self._http(), static_discovery=True, cache_discovery=False, client_options=options
            )
        return services[name]

    def _http(self) -> google_auth_httplib2.AuthorizedHttp:
        if "http" not in self._own.__dict__:
            http = httplib2.Http(timeout=TIMEOUT_SECONDS)
            self._own.http = google_auth_httplib2.AuthorizedHttp(self._signed_in(), http=http)
        return self._own.http

    def _signed_in(self) -> Credentials:
        with self._lock:
            if self._credentials is None:
                try:
                    self._credentials = Credentials.from_service_account_info(self._account(), scopes=SCOPES)
                except (ValueError, KeyError, TypeError):
                    raise UpstreamError(VENDOR, "the secret does not hold a service account's key file") from None
            return self._credentials
