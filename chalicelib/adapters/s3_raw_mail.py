"""Raw mails in S3, as SES puts them there, and beside them the attachments that Textract is to read.

A mail is read and never changed or deleted: what can't be understood today can be read again tomorrow.
"""

from __future__ import annotations

import hashlib
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code, upstream

_VENDOR = "S3"
_ABSENT = frozenset({"NoSuchKey", "NotFound", "404"})
_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tif"}


class S3RawMail:
    """`intake_ports.RawMail`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def size(self, key: str) -> int | None:
        """Bytes, asked without reading them; None if there is no such object."""
        with upstream(_VENDOR):
            try:
                return int(self._client.head_object(Bucket=names.RAW_MIME_BUCKET, Key=key)["ContentLength"])
            except ClientError as error:
                if code(error) in _ABSENT:
                    return None
                raise

    def read(self, key: str, most: int = 0) -> bytes:
        """The MIME message; only its first bytes where `most` says how many."""
        part = {"Range": f"bytes=0-{most - 1}"} if most else {}
        with upstream(_VENDOR):
            found = self._client.get_object(Bucket=names.RAW_MIME_BUCKET, Key=key, **part)
            return bytes(found["Body"].read())

    def put_attachment(self, key: str, place: int, media_type: str, content: bytes) -> str:
        """Lay the `place`-th attachment of a mail down; returns its key. The same one again lands on the same key."""
        mail = hashlib.sha256(key.encode()).hexdigest()[:32]
        attachment = f"{names.ATTACHMENTS}{mail}/{place}.{_ENDINGS.get(media_type, 'bin')}"
        with upstream(_VENDOR):
            self._client.put_object(Bucket=names.RAW_MIME_BUCKET, Key=attachment, Body=content, ContentType=media_type)
        return attachment

    def keys(self, prefix: str = "") -> list[str]:
        """The mails' keys, in name order, without the attachments."""
        with upstream(_VENDOR):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=names.RAW_MIME_BUCKET, Prefix=prefix)
            found = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return sorted(key for key in found if not key.startswith(names.ATTACHMENTS))
