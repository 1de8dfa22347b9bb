"""The versions of the mirror that its bucket keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib import names


@dataclass(frozen=True)
class MirrorVersion:
    """One version: the bucket's name for it, and when it was written."""

    version_id: str
    written: datetime
    newest: bool


class MirrorVersions:
    """`appointments.csv` as the bucket has kept it."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def newest(self, count: int = 20) -> list[MirrorVersion]:
        """The last so many, newest first."""
        return list(islice(self._all(), count))

    def find(self, version_id: str) -> MirrorVersion:
        """The version whose name begins like this. Raises LookupError if none does, or more than one."""
        found = [version for version in self._all() if version.version_id.startswith(version_id)]
        exact = [version for version in found if version.version_id == version_id]
        if len(exact or found) != 1:
            raise LookupError(f"{len(found)} versions begin with {version_id!r}: one is needed")
        return (exact or found)[0]

    def text(self, version_id: str) -> str:
        """What it says."""
        answer = self._s3.get_object(Bucket=names.APPOINTMENTS_BUCKET, Key=names.APPOINTMENTS_KEY, VersionId=version_id)
        body: bytes = answer["Body"].read()
        return body.decode("utf-8")

    def _all(self) -> Iterator[MirrorVersion]:
        pages = self._s3.get_paginator("list_object_versions").paginate(
            Bucket=names.APPOINTMENTS_BUCKET, Prefix=names.APPOINTMENTS_KEY
        )
        for page in pages:
            for version in page.get("Versions", []):
                if version["Key"] == names.APPOINTMENTS_KEY:
                    yield MirrorVersion(version["VersionId"], version["LastModified"], bool(version["IsLatest"]))
