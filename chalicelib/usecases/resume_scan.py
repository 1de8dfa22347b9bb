"""A scan has ended: its mail is read on, text and scans together, when the last scan of that mail is done.

Textract says so once, by SNS, and that message may be lost or come twice. The jobs that are waited for stand in the
store until their mail is read; a repeat finds none, and `notice_stuck_scans` asks for those that nobody heard of.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from chalicelib.domain.incoming_mail import IncomingMail
from chalicelib.domain.open_mail import open_mail, subject_of
from chalicelib.errors import MailRefused, Refused, ReminderError
from chalicelib.intake_ports import Scan, ScanState
from chalicelib.ports import PendingScan, RemoveScan
from chalicelib.runtime import Runtime
from chalicelib.usecases.read_bookings import Document
from chalicelib.usecases.record_mail import MailOutcome, Outcome, record_mail
from chalicelib.usecases.shop import Shop
from chalicelib.usecases.take_in_mail import MOST_SCANS, SCANNED, office_documents, propose_from

log = logging.getLogger(__name__)

PATIENCE = timedelta(hours=1)
"""A forty-page scan takes minutes; after an hour its end was missed, or never comes."""


def resume_scan(rt: Runtime, message: str) -> MailOutcome | None:
    """Act on Textract's completion message (JSON). None if nothing is waited for, or more scans of the mail are.

    Only the job's id is believed; how it ended is asked. Raises UpstreamError, StoreError: SNS tries again.
    """
    try:
        job = str(json.loads(message)["JobId"])
    except (ValueError, KeyError, TypeError):
        log.warning("scan_message_unreadable")
        return None
    waiting = rt.store.scans()
    ended = next((scan for scan in waiting if scan.job == job), None)
    if ended is None:
        log.info("scan_not_waited_for")
        return None
    return _go_on(rt, [scan for scan in waiting if scan.mail_key == ended.mail_key], rt.clock(), give_up=False)


def notice_stuck_scans(rt: Runtime, now: datetime) -> int:
    """Ask for the scans of mails that have waited for an hour: what has ended is read, the rest given up and told.

    Returns how many mails were gone on with. One that fails stops no other; the first failure is raised at the end.
    """
    waiting = sorted(rt.store.scans(), key=lambda scan: scan.mail_key)
    read = 0
    failures: list[ReminderError] = []
    for _, group in groupby(waiting, key=lambda scan: scan.mail_key):
        scans = list(group)
        if min(scan.started_at for scan in scans) > now - PATIENCE:
            continue
        rt.metrics.count("scan_stuck")
        try:
            read += _go_on(rt, scans, now, give_up=True) is not None
        except ReminderError as failure:
            log.warning("stuck_scan_waits", extra={"key": scans[0].mail_key, "why": str(failure)})
            failures.append(failure)
    if failures:
        raise failures[0]
    return read


def _go_on(rt: Runtime, scans: Sequence[PendingScan], now: datetime, give_up: bool) -> MailOutcome | None:
    """Read the mail of these scans, all of them its own; None while one of them is running and may do so."""
    results = {scan.attachment_key: rt.scans.result(scan.job) for scan in scans}
    if not give_up and any(result.state is ScanState.RUNNING for result in results.values()):
        return None
    key = scans[0].mail_key
    raw = rt.raw_mail.read(key)
    try:
        mail = open_mail(raw)
    except MailRefused as refused:  # it was opened before: the guards have become stricter since
        outcome = record_mail(rt, key, subject_of(raw), MailOutcome(Outcome.REFUSED, refused.reason), now)
    else:
        documents = [*office_documents(rt, mail), *_scanned(mail, results)]
        outcome = propose_from(rt, key, mail, documents, Shop(rt), now)
    try:
        rt.store.commit(*(RemoveScan(scan.job) for scan in scans))
    except Refused:
        log.info("scans_ended_by_another_run", extra={"key": key})
    return outcome


def _scanned(mail: IncomingMail, results: dict[str, Scan]) -> list[Document]:
    """Each scanned attachment as a document, in the mail's order."""
    by_place = {_place(key): result for key, result in results.items()}
    documents = []
    places = [place for place, attachment in enumerate(mail.attachments) if attachment.media_type in SCANNED]
    for number, place in enumerate(places):
        name, result = mail.attachments[place].name, by_place.get(place)
        if result is None:
            why = f"only {MOST_SCANS} attachments are scanned" if number >= MOST_SCANS else "it can't be scanned"
            documents.append(Document(name, problem=why))
        else:
            documents.append(Document(name, "\n".join(result.pages).strip(), _problem(result)))
    return documents


def _place(attachment_key: str) -> int:
    """The attachment's place in its mail, from `attachments/<mail>/<place>.pdf`."""
    return int(attachment_key.rpartition("/")[2].partition(".")[0])


def _problem(result: Scan) -> str:
    match result.state:
        case ScanState.DONE:
            return "" if any(page.strip() for page in result.pages) else "there is no text on it"
        case ScanState.PARTIAL:
            return f"only partly read{f' ({result.reason})' if result.reason else ''}"
        case ScanState.RUNNING:
            return "its scan didn't end within an hour"
        case ScanState.FAILED:
            return f"it can't be scanned{f' ({result.reason})' if result.reason else ''}"
