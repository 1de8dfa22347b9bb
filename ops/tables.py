"""Reading whole tables and buckets, which the system itself never does: for an operator, with their credentials.

A shop's tables are small (some kilobytes a visit), so everything is read at once and looked through here.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from chalicelib import names
from chalicelib.adapters.dynamodb_items import Item, from_wire

TABLES = (names.SENDS, names.SENDS_ARCHIVE, names.REPLIES, names.AUDIT, names.STATE)
BUCKETS = (names.APPOINTMENTS_BUCKET, names.RAW_MIME_BUCKET)
"""Where customers are named. The rules bucket holds what the owner wrote for everybody."""

_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_KEYS = {
    names.SENDS: ("appt_id", "window_index"),
    names.SENDS_ARCHIVE: ("appt_id", "chain_window"),
    names.REPLIES: ("appt_id", "replied_at"),
    names.AUDIT: ("appt_id", "ts"),
    names.STATE: ("pk", "sk"),
}


def key_of(table: str, item: Item) -> dict[str, str]:
    """The item's key."""
    return {name: str(item[name]) for name in _KEYS[table]}


def every_item(dynamodb: Any, table: str) -> Iterator[Item]:
    """Every item of a table, plain, strongly consistent, in no order."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield from_wire(item)


def delete_item(dynamodb: Any, table: str, item: Item) -> None:
    """Delete it; one that is gone is no error."""
    dynamodb.delete_item(TableName=table, Key={name: {"S": value} for name, value in key_of(table, item).items()})


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one object. `text` is None for what lies in Glacier, and for what isn't read as text."""

    bucket: str
    key: str
    version_id: str
    written: datetime
    newest: bool
    archived: bool
    text: str | None

    @property
    def name(self) -> str:
        """`appointments.csv, version 3f1c0a2b of 2026-11-25 01:00Z`."""
        which = "as it stands" if self.newest else f"version {self.version_id[:8]} of {self.written:%Y-%m-%d %H:%MZ}"
        return f"{self.key}, {which}"


def every_version(s3: Any, bucket: str, prefix: str = "") -> Iterator[Version]:
    """Every version of every object, as text where it can be read; markers of deletion are left out."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Versions", ()):
            archived = found.get("StorageClass", "STANDARD") in _ARCHIVED
            named = {"Bucket": bucket, "Key": found["Key"], "VersionId": found["VersionId"]}
            yield Version(
                bucket=bucket,
                key=found["Key"],
                version_id=found["VersionId"],
                written=found["LastModified"],
                newest=bool(found["IsLatest"]),
                archived=archived,
                text=None if archived else _text(bucket, found["Key"], s3.get_object(**named)["Body"].read()),
            )


def delete_versions(s3: Any, versions: list[Version]) -> None:
    """Delete them for good; one that is gone is no error."""
    for version in versions:
        s3.delete_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)


def _text(bucket: str, key: str, content: bytes) -> str | None:
    if bucket == names.RAW_MIME_BUCKET:
        return None if key.startswith(names.ATTACHMENTS) else mail_text(content)
    return content.decode("utf-8", errors="replace")


def mail_text(content: bytes) -> str:
    """What a mail says, headers and every part of text, decoded; what can't be decoded stays as it came."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    said = [f"{name}: {value}" for name, value in mail.items()]
    for part in mail.walk():
        if isinstance(part, EmailMessage) and part.get_content_maintype() == "text":
            try:
                said.append(str(part.get_content()))
            except (LookupError, UnicodeError, ValueError):
                said.append(bytes(part.get_payload(decode=True) or b"").decode("latin-1"))
    return "\n".join(said)


def strings(value: Any) -> Iterator[str]:
    """Every text in an item, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from strings(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from strings(inner)
