"""How proposals and awaited scans lie in `ar-state`, and how they are read back.

A proposal is found by its id, which comes from its source; all of them are one partition, so that those of a time are
one Query. What only the use cases read (the draft, the row, where it came from) is JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from chalicelib.adapters.dynamodb_items import Item, instant, required
from chalicelib.domain.events import iso
from chalicelib.domain.proposal import Draft, Kind, Lane, Proposal, ProposalState, Reader, Source
from chalicelib.ports import PendingScan

KEPT = timedelta(days=400)
"""How long a proposal is remembered, from when it was settled, else made."""

_INSTANTS = ("reminded_at", "settled_at")
_TEXTS = ("appt_id", "channel", "message", "settled_by", "edited_by")


def proposal_key(proposal_id: str) -> Item:
    """The item key of a proposal."""
    return {"pk": "proposal", "sk": proposal_id}


def proposal_item(proposal: Proposal, rev: int) -> Item:
    """A proposal as stored with that revision."""
    item: Item = proposal_key(proposal.proposal_id) | {
        "made_at": iso(proposal.made_at),
        "state": proposal.state.value,
        "draft": _json(asdict(proposal.draft)),
        "source": _json(asdict(proposal.source)),
        "duplicates": _json(proposal.duplicates),
        "row": _json(dict(proposal.row)),
        "expires": int(((proposal.settled_at or proposal.made_at) + KEPT).timestamp()),
        "rev": rev,
    }
    item |= {name: getattr(proposal, name) for name in _TEXTS}
    item |= {name: iso(at) for name in _INSTANTS if (at := getattr(proposal, name)) is not None}
    return item


def proposal_of(item: Mapping[str, Any]) -> Proposal:
    """A stored proposal."""
    source = json.loads(item["source"])
    return Proposal(
        proposal_id=item["sk"],
        draft=_draft_of(json.loads(item["draft"])),
        source=Source(**{**source, "lane": Lane(source["lane"])}),
        made_at=required(item["made_at"]),
        state=ProposalState(item["state"]),
        duplicates=tuple(json.loads(item["duplicates"])),
        row=json.loads(item["row"]),
        reminded_at=instant(item.get("reminded_at")),
        settled_at=instant(item.get("settled_at")),
        **{name: item.get(name, "") for name in _TEXTS},
        rev=int(item["rev"]),
    )


def scan_key(job: str) -> Item:
    """The item key of an awaited scan."""
    return {"pk": "scan", "sk": job}


def scan_item(scan: PendingScan) -> Item:
    """An awaited scan as stored."""
    return scan_key(scan.job) | {
        "mail_key": scan.mail_key,
        "attachment_key": scan.attachment_key,
        "started_at": iso(scan.started_at),
    }


def scan_of(item: Mapping[str, Any]) -> PendingScan:
    """A stored scan."""
    return PendingScan(item["sk"], item["mail_key"], item["attachment_key"], required(item["started_at"]))


def _draft_of(fields: Mapping[str, Any]) -> Draft:
    of_their_type = {"kind": Kind(fields["kind"]), "reader": Reader(fields["reader"])}
    tuples = {name: tuple(fields[name]) for name in ("doubtful", "flags")}
    return Draft(**{**fields, **of_their_type, **tuples})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
