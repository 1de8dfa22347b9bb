"""A small Google: one shop's sheet, docs and calendars behind the real client libraries, and a side for the desk.

Signing in is the real thing too: the service account's key is made here, and its signed assertion is checked as
Google checks it. Drive's `modifiedTime` comes from the system's own clock, which can be moved.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from local.standins.google_calendar import PATH as CALENDAR_PATH
from local.standins.google_calendar import CalendarApi
from local.standins.google_grid import Grid
from local.standins.google_sheets import ApiRefusal, SheetsApi, bad_request
from local.standins.http import HttpStandIn, Request, Response, json_response

SHEET_ID, RULES_ID, VOICE_ID = "sheet", "rules", "voice"
ACCOUNT = "reminders@shop.iam.gserviceaccount.com"
AUDIENCE = "https://oauth2.googleapis.com/token"
_TOKEN_SECONDS = 3600
_SPREADSHEET = re.compile(r"/v4/spreadsheets/([^/:]+)(.*)", re.S)
_FILE = re.compile(r"/drive/v3/files/([^/]+)(/export)?")


class GoogleStandIn(HttpStandIn):
    """`clock` says when an edit happens. `start()` before `service_account()` or `url` are asked for.

    What people do is done by the methods below; each counts as one edit.
    """

    def __init__(self, clock: Callable[[], datetime], port: int = 0) -> None:
        super().__init__(port=port)
        self._clock = clock
        self._lock = threading.RLock()
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._tokens: dict[str, float] = {}
        self._sheets = SheetsApi(Grid())
        self._docs = {RULES_ID: "", VOICE_ID: ""}
        self._modified: dict[str, datetime] = {}
        self.calendar = CalendarApi(clock)
        self.writes = 0  # by the system, since the start
        self.unshared: set[str] = set()  # files that the service account can't reach
        self.read_only: set[str] = set()  # files that it may only read
        for file_id in (SHEET_ID, RULES_ID, VOICE_ID):
            self._touch(file_id)

    # ------------------------------------------------------------ what people do

    def sheet_rows(self) -> list[list[str]]:
        """The sheet as people see it, header first."""
        with self._lock:
            return self._sheets.grid.values()

    def paste(self, rows: Iterable[Iterable[str]]) -> None:
        """Paste an export over the whole sheet."""
        self._edit(lambda grid: grid.paste(rows))

    def set_cell(self, line: int, column: int, text: str) -> None:
        """Type into a cell."""
        self._edit(lambda grid: grid.set_cell(line, column, text))

    def insert_row(self, line: int, cells: Sequence[str] = ()) -> None:
        """Insert a row above this line."""
        self._edit(lambda grid: grid.insert_row(line, cells))

    def delete_row(self, line: int) -> None:
        """Delete a row."""
        self._edit(lambda grid: grid.delete_row(line))

    def sort_rows(self, column: int, reverse: bool = False) -> None:
        """Sort everything below the header by a column."""
        self._edit(lambda grid: grid.sort_rows(lambda row: row[column] if column < len(row) else "", reverse))

    def doc(self, name: str) -> str:
        """The text of `rules` or `voice`."""
        with self._lock:
            return self._docs[name]

    def set_doc(self, name: str, text: str) -> None:
        """Replace the text of `rules` or `voice`. Raises KeyError for another name."""
        with self._lock:
            if self._docs[name] != text:
                self._docs[name] = text
                self._touch(name)

    # ------------------------------------------------------------ what the engineer needs

    def service_account(self) -> dict[str, str]:
        """The key file for Secrets Manager. Raises RuntimeError before `start`."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": "shop",
            "private_key_id": "local",
            "private_key": pem.decode(),
            "client_email": ACCOUNT,
            "client_id": "1",
            "token_uri": f"{self.url}/token",
        }

    def save(self, path: Path) -> None:
        """Keep the sheet, its marks and the docs."""
        with self._lock:
            grid = self._sheets.grid
            state = {
                "rows": grid.rows,
                "marks": {str(mark): line for mark, line in grid.marks.items()},
                "last_mark": grid.last_mark,
                "metadata": {str(mark): what for mark, what in self._sheets.metadata.items()},
                "size": [grid.row_count, grid.column_count],
                "docs": self._docs,
                "calendar": self.calendar.save(),
                "modified": {name: at.isoformat() for name, at in self._modified.items()},
            }
        written = path.with_name(path.name + ".new")
        written.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
        written.replace(path)

    def load(self, path: Path) -> None:
        """Take up what was saved. Raises FileNotFoundError or ValueError."""
        state = json.loads(path.read_text(encoding="utf-8"))
        with self._lock:
            self._sheets = SheetsApi(
                Grid(
                    state["rows"],
                    {int(mark): line for mark, line in state["marks"].items()},
                    row_count=state["size"][0],
                    column_count=state["size"][1],
                    last_mark=state["last_mark"],
                )
            )
            self._sheets.metadata = {int(mark): what for mark, what in state["metadata"].items()}
            self._docs = dict(state["docs"])
            self.calendar.load(state["calendar"])
            self._modified = {name: datetime.fromisoformat(at) for name, at in state["modified"].items()}

    def _edit(self, change: Callable[[Grid], object]) -> None:
        with self._lock:
            before = self._sheets.grid.values()
            change(self._sheets.grid)
            if self._sheets.grid.values() != before:
                self._touch(SHEET_ID)

    def _touch(self, file_id: str) -> None:
        """A later time than the last, even if the clock stands still."""
        now = self._clock().astimezone(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        last = self._modified.get(file_id)
        self._modified[file_id] = now if last is None or now > last else last + timedelta(milliseconds=1)

    # ------------------------------------------------------------ what the system asks

    def handle(self, request: Request) -> Response:
        """Answer as Google does."""
        try:
            with self._lock:
                if request.path == "/token":
                    return json_response(self._token(request.form()))
                self._check_bearer(request.headers.get("authorization", ""))
                if match := _FILE.fullmatch(request.path):
                    return self._drive(match[1], bool(match[2]), request)
                if match := CALENDAR_PATH.fullmatch(request.path):
                    return json_response(self.calendar.handle(match[1], match[2], request))
                if match := _SPREADSHEET.fullmatch(request.path):
                    return json_response(self._spreadsheet(match[1], match[2], request))
                raise ApiRefusal(404, "NOT_FOUND", "no such API")
        except ApiRefusal as refusal:
            error = {"code": refusal.code, "message": str(refusal), "status": refusal.status}
            return json_response({"error": error}, refusal.code)

    def _token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Trade a signed assertion for a token. The library dates it by the machine's clock, so that one counts."""
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise bad_request("unsupported grant_type")
        try:
            signed, _, signature = form.get("assertion", "").rpartition(".")
            self._key.public_key().verify(_unb64(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            header, claims = (json.loads(_unb64(part)) for part in signed.split("."))
        except (InvalidSignature, ValueError) as exc:
            raise bad_request("invalid_grant: Invalid JWT Signature.") from exc
        now = time.time()
        if header.get("alg") != "RS256" or claims.get("iss") != ACCOUNT or claims.get("aud") != AUDIENCE:
            raise bad_request("invalid_grant: Invalid JWT: wrong alg, iss or aud.")
        if not claims.get("scope") or not now - 300 < claims["exp"] <= claims["iat"] + _TOKEN_SECONDS:
            raise bad_request("invalid_grant: Invalid JWT: no scope, or not a short-lived token.")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = now + _TOKEN_SECONDS
        return {"access_token": token, "expires_in": _TOKEN_SECONDS - 1, "token_type": "Bearer"}

    def _check_bearer(self, header: str) -> None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or self._tokens.get(token, 0) < time.time():
            raise ApiRefusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")

    def _drive(self, file_id: str, export: bool, request: Request) -> Response:
        if file_id not in self._modified or file_id in self.unshared:
            raise ApiRefusal(404, "NOT_FOUND", "File not found.")
        if not export:
            at = self._modified[file_id].isoformat(timespec="milliseconds").replace("+00:00", "Z")
            kind = "document" if file_id in self._docs else "spreadsheet"
            file = {
                "modifiedTime": at,
                "mimeType": f"application/vnd.google-apps.{kind}",
                "trashed": False,
                "capabilities": {"canEdit": file_id not in self.read_only},
            }
            asked = re.sub(r"\(.*?\)", "", request.one("fields")).split(",")
            return json_response({name: value for name, value in file.items() if name in asked})
        if file_id not in self._docs or request.one("mimeType") != "text/plain":
            raise bad_request("The requested conversion is not supported.")
        lines = self._docs[file_id].replace("\r\n", "\n").replace("\n", "\r\n")
        return Response(200, ("\ufeff" + lines).encode(), "text/plain; charset=utf-8")

    def _spreadsheet(self, file_id: str, rest: str, request: Request) -> dict[str, Any]:
        if file_id != SHEET_ID or file_id in self.unshared:
            raise ApiRefusal(404, "NOT_FOUND", "Requested entity was not found.")
        api = self._sheets
        match (request.method, rest):
            case ("GET", ""):
                return api.get()
            case ("POST", "/values:batchGetByDataFilter"):
                return api.values_by_filter(request.json())
            case ("POST", "/developerMetadata:search"):
                return api.search(request.json())
            case ("GET", path) if path.startswith("/values/"):
                return api.values_get(path.removeprefix("/values/"))
        if file_id in self.read_only:
            raise ApiRefusal(403, "PERMISSION_DENIED", "The caller does not have permission")
        before = api.grid.values()
        match (request.method, rest):
            case ("POST", "/values:batchUpdateByDataFilter"):
                answer = api.update_by_filter(request.json())
            case ("POST", ":batchUpdate"):
                answer = api.batch_update(request.json())
            case ("PUT", path) if path.startswith("/values/"):
                a1, option = path.removeprefix("/values/"), request.one("valueInputOption")
                answer = api.values_update(a1, request.json(), option)
            case _:
                raise ApiRefusal(404, "NOT_FOUND", "no such method")
        if api.grid.values() != before:
            self._touch(SHEET_ID)
            self.writes += 1
        return answer


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
