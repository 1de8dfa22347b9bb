"""A small Textract: asynchronous text detection that reads what it is given, as far as one machine can.

A PDF is read by its own text layer, a picture by Debian's `tesseract` where that is installed. What it can't read has
FAILED, as with the real one, and so goes to the staff. A job ends at once, and its end is published to its SNS topic.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from local.standins.http import HttpStandIn, Request, Response

MOST_RESULTS = 1000
_TESSERACT_SECONDS = 60
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")


@dataclass
class Job:
    """One document's text: pages of lines."""

    job: str
    bucket: str
    key: str
    topic: str
    status: str
    message: str = ""
    pages: list[list[str]] = field(default_factory=list)


class TextractStandIn(HttpStandIn):
    """StartDocumentTextDetection and GetDocumentTextDetection (JSON 1.1).

    `fetch(bucket, key)` reads an object; `publish(topic, message)` is SNS. `stuck`: jobs run on and never end.
    `silent`: they end, and nobody is told.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        fetch: Callable[[str, str], bytes],
        publish: Callable[[str, str], None],
    ) -> None:
        super().__init__()
        self._clock = clock
        self._fetch = fetch
        self._publish = publish
        self._guard = threading.Lock()
        self.jobs: dict[str, Job] = {}
        self.stuck = False
        self.silent = False

    def handle(self, request: Request) -> Response:
        """Answer as Textract does."""
        asked = request.json()
        match request.headers.get("x-amz-target", "").rpartition(".")[2]:
            case "StartDocumentTextDetection":
                return self._start(asked)
            case "GetDocumentTextDetection":
                return self._get(asked)
            case _:
                return _error("UnknownOperationException", "no such operation")

    def _start(self, asked: dict[str, Any]) -> Response:
        place = (asked.get("DocumentLocation") or {}).get("S3Object") or {}
        bucket, key = str(place.get("Bucket", "")), str(place.get("Name", ""))
        channel = asked.get("NotificationChannel") or {}
        if not channel.get("SNSTopicArn") or not channel.get("RoleArn"):
            return _error("InvalidParameterException", "a notification channel needs a topic and a role")
        token = str(asked.get("ClientRequestToken") or f"{bucket}/{key}/{len(self.jobs)}")
        job_id = hashlib.sha256(token.encode()).hexdigest()
        with self._guard:
            if job_id in self.jobs:
                return _answer({"JobId": job_id})
        try:
            content = self._fetch(bucket, key)
        except Exception:  # whatever its S3 says, Textract has one word for it
            return _error("InvalidS3ObjectException", "Unable to get object metadata from S3.")
        if not content.lstrip().startswith((b"%PDF-", *_PICTURES)):
            return _error("UnsupportedDocumentException", "Request has unsupported document format")
        job = Job(job_id, bucket, key, channel["SNSTopicArn"], "IN_PROGRESS")
        if not self.stuck:
            job.status, job.message, job.pages = _read(content)
        with self._guard:
            self.jobs[job_id] = job
        if not self.stuck and not self.silent:
            self._publish(job.topic, self.end_of(job))
        return _answer({"JobId": job_id})

    def end_of(self, job: Job) -> str:
        """The message that says that a job has ended."""
        said = {
            "JobId": job.job,
            "Status": job.status,
            "API": "StartDocumentTextDetection",
            "Timestamp": int(self._clock().timestamp() * 1000),
            "DocumentLocation": {"S3ObjectName": job.key, "S3Bucket": job.bucket},
        }
        return json.dumps(said)

    def _get(self, asked: dict[str, Any]) -> Response:
        with self._guard:
            job = self.jobs.get(str(asked.get("JobId", "")))
        if job is None:
            return _error("InvalidJobIdException", "Request has invalid Job Id")
        begin = int(asked.get("NextToken") or 0)
        end = begin + min(int(asked.get("MaxResults") or MOST_RESULTS), MOST_RESULTS)
        blocks = _blocks(job.pages)
        answer: dict[str, Any] = {"JobStatus": job.status, "DetectDocumentTextModelVersion": "1.0"}
        if job.status != "IN_PROGRESS":
            answer |= {"DocumentMetadata": {"Pages": len(job.pages)}, "Blocks": blocks[begin:end]}
        if job.message:
            answer["StatusMessage"] = job.message
        if end < len(blocks):
            answer["NextToken"] = str(end)
        return _answer(answer)

    def save(self) -> list[dict[str, Any]]:
        """Every job, JSON-able."""
        with self._guard:
            return [asdict(job) for job in self.jobs.values()]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Put saved jobs back."""
        with self._guard:
            self.jobs = {entry["job"]: Job(**entry) for entry in saved}


def _read(content: bytes) -> tuple[str, str, list[list[str]]]:
    """(status, message, pages of lines)."""
    text = _pdf_pages(content) if content.lstrip().startswith(b"%PDF-") else _picture_pages(content)
    if isinstance(text, str):
        return "FAILED", text, []
    pages = [[line.strip() for line in page.splitlines() if line.strip()] for page in text]
    return ("SUCCEEDED", "", pages) if any(pages) else ("FAILED", "no text that can be read here", [])


def _pdf_pages(content: bytes) -> list[str] | str:
    """The text layer of each page, or why there is none."""
    from pypdf import PdfReader

    try:
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    except Exception as broken:  # pypdf raises whatever a broken file makes it stumble over
        return f"the PDF can't be read: {type(broken).__name__}"


def _picture_pages(content: bytes) -> list[str] | str:
    """What tesseract sees, or why it doesn't."""
    program = shutil.which("tesseract")
    if program is None:
        return "unreadable here: tesseract isn't installed"
    try:
        run = subprocess.run(
            [program, "stdin", "stdout"], input=content, capture_output=True, timeout=_TESSERACT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "tesseract took too long"
    if run.returncode:
        return "tesseract can't read it"
    return [page for page in run.stdout.decode("utf-8", "replace").split("\f") if page.strip()]


def _blocks(pages: list[list[str]]) -> list[dict[str, Any]]:
    """Textract's blocks: each page, its lines, their words."""
    blocks: list[dict[str, Any]] = []
    for number, lines in enumerate(pages, start=1):
        blocks.append({"BlockType": "PAGE", "Page": number, "Id": f"p{number}"})
        for place, line in enumerate(lines):
            name = f"p{number}l{place}"
            blocks.append({"BlockType": "LINE", "Page": number, "Id": name, "Text": line, "Confidence": 99.0})
            blocks += [
                {"BlockType": "WORD", "Page": number, "Id": f"{name}w{at}", "Text": word, "Confidence": 99.0}
                for at, word in enumerate(line.split())
            ]
    return blocks


def _answer(value: dict[str, Any]) -> Response:
    return Response(200, json.dumps(value).encode(), "application/x-amz-json-1.1")


def _error(code: str, message: str) -> Response:
    body = json.dumps({"__type": code, "Code": code, "Message": message}).encode()
    return Response(400, body, "application/x-amz-json-1.1", {"x-amzn-errortype": code})
