"""Text of PDFs and pictures by Textract, asynchronously: begun here, and its end comes as a message of its topic."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code, upstream
from chalicelib.errors import Unreadable
from chalicelib.intake_ports import Scan, ScanState

MOST_PAGES = 40
"""Pages of a document that are read; a booking that begins later isn't one."""

_VENDOR = "Textract"
_RESULTS = 1000
_MOST_ANSWERS = 100
"""A thousand blocks come in an answer: forty dense pages are some twenty thousand words and lines."""
_REFUSED = {
    "UnsupportedDocumentException": "a kind of file that can't be read",
    "BadDocumentException": "a file that is broken or locked",
    "DocumentTooLargeException": "a file that is too large to be read",
}
_STATES = {
    "IN_PROGRESS": ScanState.RUNNING,
    "SUCCEEDED": ScanState.DONE,
    "PARTIAL_SUCCESS": ScanState.PARTIAL,
    "FAILED": ScanState.FAILED,
}


class TextractScans:
    """`intake_ports.Scans`. A job's result is kept by Textract for seven days."""

    def __init__(self, client: Any, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock

    def start(self, key: str) -> str:
        """Begin with an object of the raw-mime bucket; returns the job's id. The same object on the same day (UTC) is
        the same job. Raises Unreadable if Textract won't take the file."""
        token = hashlib.sha256(f"{key}\n{self._clock():%Y-%m-%d}".encode()).hexdigest()
        with upstream(_VENDOR):
            try:
                started = self._client.start_document_text_detection(
                    DocumentLocation={"S3Object": {"Bucket": names.RAW_MIME_BUCKET, "Name": key}},
                    ClientRequestToken=token,
                    NotificationChannel={"SNSTopicArn": names.SCANS_TOPIC_ARN, "RoleArn": names.TEXTRACT_ROLE_ARN},
                )
            except ClientError as error:
                if code(error) in _REFUSED:
                    raise Unreadable(_REFUSED[code(error)]) from error
                raise
        return str(started["JobId"])

    def result(self, job: str) -> Scan:
        """The job's text: pages in their own order, each its lines as Textract ordered them; at most forty pages.

        A job that Textract doesn't know (any more) has failed.
        """
        lines: dict[int, list[str]] = {}
        state, reason, pages, token = ScanState.RUNNING, "", 0, ""
        with upstream(_VENDOR):
            for _ in range(_MOST_ANSWERS):
                more = {"NextToken": token} if token else {}
                try:
                    answer = self._client.get_document_text_detection(JobId=job, MaxResults=_RESULTS, **more)
                except ClientError as error:
                    if code(error) == "InvalidJobIdException":
                        return Scan(ScanState.FAILED, reason="Textract has no such job")
                    raise
                state = _STATES.get(answer.get("JobStatus", ""), ScanState.FAILED)
                reason = answer.get("StatusMessage", "") or reason
                pages = max(pages, int(answer.get("DocumentMetadata", {}).get("Pages", 0)))
                for block in answer.get("Blocks", ()):
                    if block.get("BlockType") == "LINE":
                        lines.setdefault(int(block.get("Page", 1)), []).append(str(block.get("Text", "")))
                token = answer.get("NextToken", "")
                if not token or max(lines, default=1) > MOST_PAGES:  # blocks come page by page
                    break
        kept = range(1, min(max([pages, *lines]), MOST_PAGES) + 1)
        if token or max([pages, *lines]) > MOST_PAGES:
            state, reason = ScanState.PARTIAL, f"only the first {len(kept)} pages were read"
        return Scan(state, tuple("\n".join(lines.get(page, ())) for page in kept), reason)
