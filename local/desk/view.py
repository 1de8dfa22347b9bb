"""What the page shows of a world at a quiet moment: plain values, told from the stand-ins and the shop's own plan.

Instants leave as ISO texts in the shop's own time, so that the page needs no time zones.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from local.desk.bookings import intake
from local.report import read_token
from local.world import BASE_URL, World

if TYPE_CHECKING:
    from chalicelib.domain.sheet import Table

LOG_LINES = 400
STILL_SHOWN = timedelta(hours=12)
"""How long a visit that has begun stays in the plan."""
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


def snapshot(world: World) -> dict[str, Any]:
    """Everything that the page shows, JSON-able."""
    config = world.runtime.config
    zone = config.zone
    sheet = world.google.sheet_rows()
    table = _table(sheet)
    visits = {table.get(row, "appt_id"): table.get(row, "customer") for row in table.rows} if table else {}
    return {
        "shop": config.shop_name,
        "zone": zone.key,
        "now": local(world.clock(), zone),
        "next": next_booked(world, zone),
        "counts": {**world.counts(), "failed": sum(run.failed for run in world.functions.runs)},
        "sheet": {"rows": sheet, "problems": _row_problems(world, table)},
        "docs": {name: _doc(world, name) for name in ("rules", "voice")},
        "texts": _texts(world, zone, visits),
        "mails": _mails(world, zone, visits),
        "slack": _slack(world, zone),
        "forms": _forms(world),
        "intake": intake(world, zone),
        "plan": plan(world, zone),
        "log": [
            {"at": local(run.at, zone), "function": run.function, "about": run.about, "did": run.result}
            | ({"failed": True} if run.failed else {})
            for run in reversed(world.functions.runs[-LOG_LINES:])
        ],
    }


def local(instant: datetime | str, zone: ZoneInfo) -> str:
    """`2026-12-14T08:00+08:00`, in the shop's zone."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return moment.astimezone(zone).isoformat(timespec="minutes")


def next_booked(world: World, zone: ZoneInfo) -> str | None:
    """The minute of the next one-off schedule; None if none is booked."""
    at = world.scheduler.next_at()
    return local(at, zone) if at else None


# ---------------------------------------------------------------- messages


def _texts(world: World, zone: ZoneInfo, visits: Mapping[str, str]) -> list[dict[str, Any]]:
    from chalicelib.domain.sms import segments

    shown = []
    for text in world.sms.texts:
        appt_id = _about(text.body)
        shown.append(
            {
                "at": local(text.at, zone),
                "to": text.to,
                "appt_id": appt_id,
                "name": visits.get(appt_id, ""),
                "parts": linked(text.body, world.pages.url),
                "segments": segments(text.body).count,
            }
        )
    return shown


def _mails(world: World, zone: ZoneInfo, visits: Mapping[str, str]) -> list[dict[str, Any]]:
    shown = []
    for place, mail in enumerate(world.mail.mails):
        appt_id = _about(mail.part("text/plain"))
        mime = mail.mime
        shown.append(
            {
                "id": place,
                "at": local(mail.at, zone),
                "from": str(mime["From"] or ""),
                "to": mail.to,
                "subject": mail.subject,
                "appt_id": appt_id,
                "name": visits.get(appt_id, ""),
                "calendar": any(part.get_content_type() == "text/calendar" for part in mime.walk()),
            }
        )
    return shown


def _slack(world: World, zone: ZoneInfo) -> list[dict[str, Any]]:
    return [
        {
            "ts": message.ts,
            "channel": message.channel,
            "at": local(message.at, zone),
            "edited": local(message.edited_at, zone) if message.edited_at else "",
            "text": html.unescape(message.text),
            "parts": _parts(message.blocks),
            "links": _links(message.blocks),
            "buttons": [
                {"id": button["action_id"], "label": button["text"]["text"], "style": button.get("style", "")}
                for button in message.buttons
            ],
        }
        for message in world.slack.messages
    ]


def _links(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The links under a message of plain lines."""
    texts = [e["text"] for b in blocks if b.get("type") == "context" for e in b["elements"] if e["type"] == "mrkdwn"]
    found = (match for text in texts for match in re.finditer(r"<(https://[^|>]+)\|([^>]+)>", text))
    return [{"url": html.unescape(match[1]), "label": html.unescape(match[2])} for match in found]


def _parts(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A card's blocks as the channel shows them; none for a message of plain lines."""
    if not blocks or blocks[0].get("type") != "header":
        return []
    shown: list[dict[str, Any]] = []
    for block in blocks:
        match block["type"]:
            case "header":
                shown.append({"kind": "heading", "texts": [block["text"]["text"]]})
            case "section" if "fields" in block:
                shown.append({"kind": "fields", "texts": [field["text"] for field in block["fields"]]})
            case "section":
                shown.append({"kind": "note", "texts": [block["text"]["text"]]})
            case "context":
                shown.append({"kind": "context", "texts": [element["text"] for element in block["elements"]]})
    return shown


def _forms(world: World) -> list[dict[str, Any]]:
    """The forms that staff have open, with what stands in them and what was found wrong."""
    return [
        {
            "id": modal.view_id,
            "user": modal.user,
            "title": modal.view["title"]["text"],
            "inputs": [
                {
                    "id": block["block_id"],
                    "label": block["label"]["text"],
                    "type": block["element"]["type"],
                    "value": modal.inputs[block["block_id"]],
                    "hint": block.get("hint", {}).get("text", ""),
                    "problem": modal.errors.get(block["block_id"], ""),
                }
                for block in modal.view["blocks"]
                if block["type"] == "input"
            ],
        }
        for modal in world.slack.modals
    ]


def linked(body: str, pages: str) -> list[dict[str, str]]:
    """A text in parts. A reply link has the address at which this machine serves its page; others stay plain text."""
    parts, last = [], 0
    for found in _URL.finditer(body):
        if not found[0].startswith(BASE_URL):
            continue
        parts.append({"text": body[last : found.start()]})
        parts.append({"text": found[0], "href": f"{pages}/r/{found[0].removeprefix(BASE_URL)}"})
        last = found.end()
    return [part for part in [*parts, {"text": body[last:]}] if part["text"]]


def _about(body: str) -> str:
    """The appointment that a message's reply link is about; "" if it has none."""
    found = re.search(r"/r/([A-Za-z0-9_-]{31,})", body)
    named = read_token(found[1]) if found else None
    return named[0] if named else ""


# ---------------------------------------------------------------- what people write


def _table(sheet: list[list[str]]) -> Table | None:
    """The sheet as the system reads it; None if it isn't the sheet."""
    from chalicelib.domain.sheet import read_table
    from chalicelib.errors import NotTheSheet

    try:
        return read_table(sheet)
    except NotTheSheet:
        return None


def _row_problems(world: World, table: Table | None) -> list[dict[str, Any]]:
    """What staff were told is wrong with rows and isn't mended yet, at the cells where it is now."""
    lines = {table.get(row, "appt_id"): row.line for row in table.rows} if table else {}
    columns = table.columns if table else {}
    shown = []
    for detail in world.runtime.store.told("row#").values():
        fact = json.loads(detail)
        line = lines.get(fact["appt_id"], fact["line"])
        shown.append({"line": line, "column": columns.get(fact["field"], -1), "problem": fact["problem"]})
    return sorted(shown, key=lambda fact: (fact["line"], fact["column"]))


def _doc(world: World, name: str) -> dict[str, Any]:
    """A document: its text, whether that is what is in force, and what is wrong with it."""
    from chalicelib.ports import Document

    text = world.google.doc(name)
    stored = world.runtime.documents.read(Document.RULES if name == "rules" else Document.VOICE)
    facts = [json.loads(detail) for detail in world.runtime.store.told("doc#").values()]
    problems = [{"line": f["line"], "problem": f["problem"]} for f in facts if f["document"] == name]
    taken = stored is not None and stored.text.strip() == text.strip()
    return {"text": text, "in_force": taken, "problems": [] if taken else sorted(problems, key=lambda p: p["line"])}


# ---------------------------------------------------------------- the plan


def plan(world: World, zone: ZoneInfo) -> list[dict[str, Any]]:
    """What was sent, will be and won't be for every visit to come, earliest first; empty before the first sync."""
    from chalicelib.domain.mirror import read_mirror
    from chalicelib.domain.outlook import outlook
    from chalicelib.usecases.shop import Shop

    rt, now = world.runtime, world.clock()
    shop = Shop(rt)
    if not shop.ready:
        return []
    rows = [row for row in read_mirror(shop.mirror) if row.start is not None]
    standings = rt.store.standings([row.appt_id for row in rows])
    shown = []
    for row in rows:
        visit = shop.visit(row, standings.get(row.appt_id))
        if visit is None or visit.appointment.start < now - STILL_SHOWN:
            continue
        appointment = visit.appointment
        shown.append(
            {
                "appt_id": appointment.appt_id,
                "line": appointment.line,
                "customer": appointment.customer,
                "service": appointment.service,
                "staff": appointment.staff,
                "start": local(appointment.start, zone),
                "answer": visit.state.answer.value,
                "closed": visit.state.closed,
                "lines": [
                    {
                        "at": local(line.at, zone) if line.at else "",
                        "what": line.what,
                        "why": line.reason,
                        "fate": line.fate.value,
                    }
                    for line in outlook(visit.state, visit.schedule, shop.hours, visit.seen, now)
                ],
            }
        )
    return sorted(shown, key=lambda visit: str(visit["start"]))
