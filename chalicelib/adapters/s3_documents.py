"""The mirrored documents in S3: a conditional write for every change, a conditional read for every look."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code, status, upstream
from chalicelib.errors import StoreConflict
from chalicelib.ports import Document, Stored

_VENDOR = "S3"
_PLACES = {
    Document.APPOINTMENTS: (names.APPOINTMENTS_BUCKET, names.APPOINTMENTS_KEY),
    Document.RULES: (names.RULES_BUCKET, names.RULES_KEY),
    Document.VOICE: (names.RULES_BUCKET, names.VOICE_KEY),
    Document.SYNC_STATE: (names.APPOINTMENTS_BUCKET, names.SYNC_STATE_KEY),
    Document.RULES_SINCE: (names.RULES_BUCKET, names.RULES_SINCE_KEY),
    Document.DEPARTED: (names.APPOINTMENTS_BUCKET, names.DEPARTED_KEY),
    Document.CALENDARS: (names.APPOINTMENTS_BUCKET, names.CALENDARS_KEY),
}
_TYPES = {"csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8", "json": "application/json"}
_ABSENT = frozenset({"NoSuchKey", "404"})
_SOMEBODY_WROTE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}) | _ABSENT


class S3Documents:
    """`ports.Documents`. The bucket versions; this class keeps the newest text that it has seen, by its etag."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._seen: dict[Document, Stored] = {}

    def read(self, document: Document) -> Stored | None:
        """The newest version; one that this process has seen already costs no transfer."""
        bucket, key = _PLACES[document]
        seen = self._seen.get(document)
        known = {"IfNoneMatch": seen.etag} if seen else {}
        with upstream(_VENDOR):
            try:
                found = self._client.get_object(Bucket=bucket, Key=key, **known)
                stored = Stored(found["Body"].read().decode("utf-8"), found["ETag"])
            except ClientError as error:
                if seen and status(error) == 304:
                    return seen
                if code(error) in _ABSENT:
                    return None
                raise
        self._seen[document] = stored
        return stored

    def write(self, document: Document, text: str, replaces: Stored | None) -> Stored:
        """Replace exactly `replaces`. Raises StoreConflict if another text stands there by now.

        A retry of the SDK's own may meet what its first try wrote: the text decides, not the refusal.
        """
        bucket, key = _PLACES[document]
        condition = {"IfMatch": replaces.etag} if replaces else {"IfNoneMatch": "*"}
        with upstream(_VENDOR):
            try:
                written = self._client.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=text.encode("utf-8"),
                    ContentType=_TYPES[key.rpartition(".")[2]],
                    **condition,
                )
            except ClientError as error:
                if code(error) not in _SOMEBODY_WROTE:
                    raise
                there = self.read(document)
                if there is None or there.text != text:
                    raise StoreConflict(f"{document.value}: somebody else wrote it") from error
                return there
        self._seen[document] = Stored(text, written["ETag"])
        return self._seen[document]
