"""Every hour: scans whose end was never heard of, and once a day a line about the mails that were no booking."""

from __future__ import annotations

from chalicelib import names
from chalicelib.runtime import Runtime
from chalicelib.usecases.record_mail import tell_of_no_bookings
from chalicelib.usecases.resume_scan import notice_stuck_scans


def watch_intake(rt: Runtime) -> None:
    """Do both, the line first, and write the heartbeat. Raises what kept a scan from being gone on with."""
    now = rt.clock()
    tell_of_no_bookings(rt, now)
    notice_stuck_scans(rt, now)
    rt.store.beat(names.INTAKE_WATCH, now)
