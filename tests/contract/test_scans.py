"""Textract's adapter against the stand-in: text by page, results in several answers, jobs that fail, and repeats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib import names
from chalicelib.adapters.textract_scans import MOST_PAGES, TextractScans
from chalicelib.errors import Unreadable, UpstreamError
from chalicelib.intake_ports import ScanState
from local.standins.textract import Job, TextractStandIn
from tests.fakes.runtime import FakeClock

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OBJECT = "attachments/a/0.pdf"


@dataclass
class Vendor:
    """The stand-in with what it reads and says, and the adapter in front of it."""

    textract: TextractStandIn
    scans: TextractScans
    clock: FakeClock
    objects: dict[str, bytes]
    said: list[tuple[str, str]] = field(default_factory=list)

    def job(self, **changes: Any) -> str:
        """A job as it stands now; returns its id."""
        job = Job(**{"job": "j", "bucket": "b", "key": "k", "topic": "t", "status": "SUCCEEDED", **changes})
        self.textract.jobs[job.job] = job
        return job.job


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    monkeypatch.setattr(names, "SCANS_TOPIC_ARN", "arn:aws:sns:ap-southeast-1:000000000000:ar-scans")
    monkeypatch.setattr(names, "TEXTRACT_ROLE_ARN", "arn:aws:iam::000000000000:role/ar-textract")
    clock, objects, said = FakeClock(NOW), {OBJECT: a_pdf("Customer: Mei Tan")}, list[tuple[str, str]]()
    standin = TextractStandIn(clock, lambda bucket, key: objects[key], lambda *words: said.append(words))
    with standin:
        client = boto3.client(
            "textract",
            endpoint_url=standin.url,
            region_name="ap-southeast-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        yield Vendor(standin, TextractScans(client, clock), clock, objects, said)


def a_pdf(*lines: str) -> bytes:
    """A PDF of one page with these lines as its text layer."""
    drawn = "BT /F1 12 Tf 72 720 Td " + " ".join(f"({line}) Tj 0 -16 Td" for line in lines) + " ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj{content}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Root 1 0 R/Size 6>>\nstartxref\n{len(out)}\n%%EOF"
    return out + end.encode()


def test_a_pdf_s_text_is_read_and_its_end_is_told_to_the_topic(vendor: Vendor) -> None:
    """Promise 10."""
    job = vendor.scans.start(OBJECT)
    found = vendor.scans.result(job)
    assert (found.state, list(found.pages)) == (ScanState.DONE, ["Customer: Mei Tan"])
    [(topic, message)] = vendor.said
    assert topic == names.SCANS_TOPIC_ARN
    assert json.loads(message)["JobId"] == job


def test_the_same_object_on_the_same_day_is_the_same_job(vendor: Vendor) -> None:
    first = vendor.scans.start(OBJECT)
    assert vendor.scans.start(OBJECT) == first
    vendor.clock.now += timedelta(days=1)
    assert vendor.scans.start(OBJECT) != first
    assert len(vendor.textract.jobs) == 2


def test_every_page_of_results_is_read_and_the_document_s_pages_stay_in_order(vendor: Vendor) -> None:
    """Promise 10."""
    pages = [[f"page {page} line {line}" for line in range(200)] for page in range(1, 8)]
    found = vendor.scans.result(vendor.job(pages=pages))
    assert vendor.textract.requests > 5
    assert list(found.pages) == ["\n".join(lines) for lines in pages]


def test_a_page_without_text_keeps_its_place(vendor: Vendor) -> None:
    assert list(vendor.scans.result(vendor.job(pages=[["one"], [], ["three"]])).pages) == ["one", "", "three"]


def test_pages_beyond_the_cap_are_not_read_and_that_is_said(vendor: Vendor) -> None:
    found = vendor.scans.result(vendor.job(pages=[["x"]] * (MOST_PAGES + 60)))
    assert (found.state, len(found.pages)) == (ScanState.PARTIAL, MOST_PAGES)
    assert str(MOST_PAGES) in found.reason


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("IN_PROGRESS", ScanState.RUNNING),
        ("PARTIAL_SUCCESS", ScanState.PARTIAL),
        ("FAILED", ScanState.FAILED),
        ("SOMETHING_NEW", ScanState.FAILED),
    ],
)
def test_how_a_job_stands_is_said_in_our_words(vendor: Vendor, status: str, state: ScanState) -> None:
    assert vendor.scans.result(vendor.job(status=status)).state is state


def test_why_a_job_failed_is_passed_on(vendor: Vendor) -> None:
    assert vendor.scans.result(vendor.job(status="FAILED", message="too blurred")).reason == "too blurred"


def test_a_job_that_textract_has_forgotten_has_failed(vendor: Vendor) -> None:
    assert vendor.scans.result("nobody-knows").state is ScanState.FAILED


def test_a_file_that_textract_does_not_take_is_unreadable_at_once(vendor: Vendor) -> None:
    vendor.objects[OBJECT] = b"PK\x03\x04"
    with pytest.raises(Unreadable, match="can't be read"):
        vendor.scans.start(OBJECT)


def test_an_object_that_is_not_there_is_a_vendor_s_fault(vendor: Vendor) -> None:
    with pytest.raises(UpstreamError, match="InvalidS3Object"):
        vendor.scans.start("attachments/absent.pdf")


def test_a_broken_pdf_ends_as_failed(vendor: Vendor) -> None:
    vendor.objects[OBJECT] = b"%PDF-1.7 and then nothing"
    assert vendor.scans.result(vendor.scans.start(OBJECT)).state is ScanState.FAILED


def test_textract_that_is_down_is_asked_again_later(vendor: Vendor) -> None:
    vendor.textract.down = True
    with pytest.raises(UpstreamError, match="Textract"):
        vendor.scans.start(OBJECT)
