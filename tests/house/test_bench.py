"""The bench measures what is held, and says so: a quick look at its table, its meter and its peer. No timings."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.hooks import HierarchicalEmitter
from rich.console import Console

from bench import big_shop, crashes, texts
from bench.__main__ import show
from bench.figures import BARS, Figure, What, lines
from bench.wire import Meter
from chalicelib.domain.mirror import read_mirror
from tests.simulation.enumeration import figures
from tests.simulation.enumeration.figures import Job

ROOT = Path(__file__).parents[2]

HELD = {
    "Duplicate texts, silent losses, over every crash point and interleaving of two runs": "0, 0",
    "Lateness of a send against its planned minute, ticks running": "60 s",
    "DynamoDB read calls in a tick with C candidates": "ceil(2C/100)+3",
    "Tick of a 100,000-row sheet beside the literal spec (two queries a row)": "100 times fewer calls",
    "Peak memory of that tick": "250 MB",
    "Rows read by the tick, against a bare csv.reader loop": "3 times",
    "Write units for a sent reminder": "14",
    "GET of a reply page": "0 writes",
    "Default text with a 22-character base URL": "1 segment",
    "Shipped zip / unzipped": "20 MB / 75 MB",
    "Imports of app.py alone": "2 times",
}


def printed(figures: dict[What, Figure]) -> str:
    out = io.StringIO()
    show(figures, ["a word below"], Console(file=out, width=400))
    return out.getvalue()


def test_the_table_has_every_number_that_is_held_with_its_bar() -> None:
    assert [what.value for what in What] == list(HELD)
    assert all(bar in BARS[what] for what, bar in zip(What, HELD.values(), strict=True))


def test_every_row_is_printed_whether_it_was_measured_or_not() -> None:
    told = printed({What.WRITES: Figure("14", True, "1")})
    assert all(what in told for what in HELD)
    assert told.count("not yet") >= 2 * (len(What) - 1)
    assert "a word below" in told


@pytest.mark.parametrize(("within", "word"), [(True, "yes"), (False, "NO"), (None, "not yet")])
def test_a_bar_that_is_missed_is_said_aloud(within: bool | None, word: str) -> None:
    assert lines({What.PAGE: Figure("3 writes", within)})[list(What).index(What.PAGE)][-1] == word


def test_the_big_shops_mirror_reads_back_with_its_odd_cells() -> None:
    rows, read = list(big_shop.mirror_rows(60)), read_mirror(big_shop.mirror_text(60))
    assert [(row.appt_id, row.start, row.values["Notes"]) for row in read] == [
        (row.appt_id, row.start, row.values["Notes"]) for row in rows
    ]
    assert {note for row in rows if "\n" in (note := row.values["Notes"])}


def test_the_big_shop_has_four_open_days_of_candidates() -> None:
    end = big_shop.NOW + timedelta(days=4)
    found = sum(1 for row in big_shop.mirror_rows(60_000) if row.start and big_shop.NOW <= row.start <= end)
    assert 2_000 < found < 2_600


def test_the_meter_counts_calls_and_the_bill_of_writes() -> None:
    events, meter = HierarchicalEmitter(), Meter()
    meter.watch(events)
    request: dict[str, str] = {}
    events.emit("before-parameter-build.dynamodb.PutItem", params=request)
    events.emit("before-call.dynamodb.PutItem")
    events.emit("after-call.dynamodb.PutItem", parsed={"ConsumedCapacity": {"CapacityUnits": 2.0}})
    events.emit("after-call.dynamodb.TransactWriteItems", parsed={"ConsumedCapacity": [{"CapacityUnits": 4.0}] * 2})
    events.emit("before-call.dynamodb.BatchGetItem")
    events.emit("before-call.s3.GetObject")
    assert request == {"ReturnConsumedCapacity": "INDEXES"}
    assert (meter.reads, meter.writes, meter.write_units) == (1, 1, 10.0)


def test_the_row_on_duplicates_has_the_enumerations_figures_beside_the_literal_specs() -> None:
    figure, note = crashes.figure([Job(0, 1)])
    assert figure.within
    assert figure.ours.startswith("0, 0 of ")
    assert int(figure.spec.partition(",")[0]) > 0
    assert "it isn't known" in note


def test_the_row_on_duplicates_is_missed_if_anything_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(figures.figure(Job(0, 0)), twice=1)
    monkeypatch.setattr(figures, "enumerate_all", lambda jobs: [(broken, broken)])
    assert crashes.figure()[0].within is False


def test_the_bench_strikes_at_every_point_and_lets_two_runs_overlap_with_and_without_a_lease_running_out() -> None:
    assert {(job.faults, job.overlap, job.leases) for job in figures.BOUNDED} == {
        (1, False, 0),
        (0, True, 1),
        (1, True, 0),
    }


def test_the_default_texts_are_one_segment_at_the_promised_sizes_and_in_the_sample_shop() -> None:
    figure = texts.figure()
    assert figure.within, figure.ours


def test_the_script_can_be_run() -> None:
    assert os.access(ROOT / "scripts" / "bench", os.X_OK)
