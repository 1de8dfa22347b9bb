"""The desk over HTTP: the page's files, the state, and what people do. For this machine's own browser only.

A page of another site must not act here through that browser: a request has to name this server in `Host` (another
name that leads to 127.0.0.1 doesn't), and a POST has to come from this very page, as JSON.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.desk.desk import CannotAct, Desk
from local.standins.http import Request, Response, json_response, text_response

STATIC = Path(__file__).parent / "static"
WAIT_SECONDS = 20.0
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_GUARDS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_MAIL_GUARDS = {
    **_GUARDS,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    ),
}
_OPENING = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>Opening</title>'
    "<p>The desk is opening ..."
)


class DeskApi:
    """Callable: one request, one answer. `desk` is None until the world is up."""

    def __init__(self) -> None:
        self.desk: Desk | None = None
        self.port = 0

    def __call__(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal:
            return json_response({"problem": refusal}, 403)
        if self.desk is None:
            return text_response(_OPENING, 503, "text/html; charset=utf-8")
        try:
            answer = (
                self._get(self.desk, request) if request.method in ("GET", "HEAD") else self._post(self.desk, request)
            )
        except CannotAct as problem:
            answer = json_response({"problem": str(problem)}, 409)
        except (KeyError, TypeError, ValueError) as problem:
            answer = json_response({"problem": f"the request can't be read: {type(problem).__name__}: {problem}"}, 400)
        return Response(answer.status, answer.body, answer.content_type, {**_GUARDS, **answer.headers})

    def _refusal(self, request: Request) -> str:
        """Why this request isn't for us; "" if it is."""
        here = (f"127.0.0.1:{self.port}", f"localhost:{self.port}")
        if request.headers.get("host", "") not in here:
            return f"the desk answers to {here[0]} only"
        if request.method in ("GET", "HEAD"):
            return ""
        if request.method != "POST":
            return "the desk knows GET and POST"
        origin = request.headers.get("origin")
        if origin is not None and origin not in [f"http://{name}" for name in here]:
            return "only the desk's own page may act here"
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "only the desk's own page may act here"
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return "the desk takes JSON"
        return ""

    def _get(self, desk: Desk, request: Request) -> Response:
        match request.path.strip("/").split("/"):
            case ["api", "state"]:
                return json_response(desk.state(int(request.one("after", "-1")), WAIT_SECONDS))
            case ["api", "mail", place, "text"]:
                return self._mail(desk, int(place), plain=True)
            case ["api", "why", appt_id]:
                return self._why(desk, appt_id)
            case ["api", "week"]:
                return json_response({name: text for name, text in desk.week().items() if name != "html"})
            case ["week"]:
                return Response(200, desk.week()["html"].encode(), _TYPES[".html"], _MAIL_GUARDS)
            case ["mail", place]:
                return self._mail(desk, int(place), plain=False)
            case [name]:
                return _file(name or "index.html")
        return json_response({"problem": "there is nothing here"}, 404)

    def _why(self, desk: Desk, appt_id: str) -> Response:
        try:
            return json_response(desk.why(appt_id))
        except LookupError as unknown:
            return json_response({"problem": str(unknown)}, 404)

    def _mail(self, desk: Desk, place: int, plain: bool) -> Response:
        try:
            if plain:
                return json_response({"text": desk.mail_text(place)})
            page = '<base target="_blank">' + desk.mail_html(place)
            return Response(200, page.encode(), _TYPES[".html"], _MAIL_GUARDS)
        except LookupError:
            return json_response({"problem": f"there is no e-mail {place}"}, 404)

    def _post(self, desk: Desk, request: Request) -> Response:
        asked: Mapping[str, Any] = request.json()
        said = ""
        match request.path:
            case "/api/clock":
                said = desk.move_clock(str(asked["step"]))
            case "/api/sync":
                desk.sync_now()
            case "/api/sheet/cell":
                desk.set_cell(int(asked["line"]), int(asked["column"]), str(asked["text"]), str(asked["was"]))
            case "/api/sheet/insert":
                desk.insert_row(int(asked["line"]))
            case "/api/sheet/delete":
                desk.delete_row(int(asked["line"]), [str(cell) for cell in asked["was"]])
            case "/api/sheet/sort":
                desk.sort_rows(int(asked["column"]), bool(asked.get("reverse")))
            case "/api/doc":
                desk.set_doc(str(asked["name"]), str(asked["text"]))
            case "/api/slack":
                desk.press_in_slack(str(asked["ts"]), str(asked["button"]), str(asked.get("user") or "dana"))
            case "/api/slack/form":
                desk.submit_form(str(asked["form"]), {str(k): str(v) for k, v in dict(asked["values"]).items()})
            case "/api/slack/close":
                desk.close_form(str(asked["form"]))
            case "/api/mail/sample":
                desk.forward_sample(str(asked["name"]))
            case "/api/mail/drop":
                desk.drop_mail(str(asked["name"]), base64.b64decode(str(asked["content"]), validate=True))
            case "/api/calendar/add":
                desk.add_event(
                    str(asked["summary"]),
                    str(asked["description"]),
                    str(asked["start"]),
                    int(asked["minutes"]),
                    str(asked["guest"]),
                    str(asked["email"]),
                )
            case "/api/calendar/move":
                desk.move_event(str(asked["id"]), str(asked["start"]))
            case "/api/calendar/delete":
                desk.delete_event(str(asked["id"]))
            case _:
                return json_response({"problem": "there is nothing here"}, 404)
        return json_response({"said": said})


def _file(name: str) -> Response:
    """One of the page's own files."""
    path = STATIC / name
    if path.parent != STATIC or path.suffix not in _TYPES or not path.is_file():
        return json_response({"problem": f"there is no {name!r} here"}, 404)
    return Response(200, path.read_bytes(), _TYPES[path.suffix])
