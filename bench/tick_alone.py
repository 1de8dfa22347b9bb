"""One tick in a process of its own, so that its memory is its own: `python -m bench.tick_alone ours|spec ROWS`.

Prints one JSON object: what it called, how long it took, the most memory that it held. The environment says where AWS
is, as a function's does.
"""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

SHEET_KEY = "literal/appointments.csv"


def peak_memory_mb() -> float:
    """The most that this process held at once. `ru_maxrss` would count the parent's, which it was forked from."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def ours() -> dict[str, Any]:
    """The shipped tick, over the shipped adapters."""
    from bench.big_shop import NOW
    from bench.wire import Meter
    from chalicelib.bootstrap import runtime
    from chalicelib.usecases.run_tick import run_tick

    rt = runtime(clock=lambda: NOW)
    meter = Meter().watch(rt._session.events)
    report = run_tick(rt)
    return {
        "candidates": report.candidates,
        "emitted": report.emitted,
        "recorded": report.recorded,
        "reads": meter.reads,
        "calls": dict(meter.calls),
    }


def spec(rows: int) -> dict[str, Any]:
    """The literal spec's: the whole sheet is read, the first `rows` rows are asked about."""
    import boto3

    from bench.big_shop import NOW, ZONE
    from bench.literal_spec import DynamoTables, LiteralSpec
    from bench.wire import Meter
    from chalicelib import names

    meter = Meter()
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    meter.watch(dynamodb.meta.events)
    body = s3.get_object(Bucket=names.APPOINTMENTS_BUCKET, Key=SHEET_KEY)["Body"].read().decode()
    sheet = list(csv.DictReader(io.StringIO(body, newline="")))
    peer = LiteralSpec(DynamoTables(dynamodb, names.SENDS, names.REPLIES), lambda _phone, _text: None, ZONE)
    asked = peer.tick(islice(sheet, rows), NOW)
    return {"rows": len(sheet), "asked": asked, "reads": meter.reads, "calls": dict(meter.calls)}


def main() -> None:
    """Run the one that is named, and say what it took."""
    began = time.perf_counter()
    found = ours() if sys.argv[1] == "ours" else spec(int(sys.argv[2]))
    found |= {"seconds": time.perf_counter() - began, "cpu": time.process_time(), "peak_mb": peak_memory_mb()}
    sys.stdout.write(json.dumps(found) + os.linesep)


if __name__ == "__main__":
    main()
