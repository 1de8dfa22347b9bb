"""Trying mutations: each in a copy of the source, its likely tests first, then more. The work tree is never touched."""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.mutations.mutation import AnchorLost, Mutation

ROOT = Path(__file__).parents[3]
NOT_COPIED = (".git", ".venv", ".state", "__pycache__", ".*_cache", "*.egg-info")
KNOWN = Path(__file__).with_name("caught_by.json")
"""Mutation -> the test that caught it last: tried first, and no more than that. `--learn` writes it anew."""
WIDER = ("tests/contract", "tests/functional")
LEFT_OUT = (  # slow, and about other things
    "tests/contract/test_ministack.py",
    "tests/functional/test_desk_api.py",
    "tests/functional/test_handlers_on_ministack.py",
    "tests/functional/test_headless.py",
    "tests/functional/test_hostile_sheets.py",
    "tests/functional/test_ops.py",
    "tests/functional/test_report.py",
    "tests/functional/test_security_http.py",
    "tests/functional/test_story.py",
)
AT_ONCE = 2
_PASSED, _NO_SUCH_TEST, _NO_TESTS = 0, 4, 5


@dataclass(frozen=True)
class Verdict:
    """What became of one mutation: the test that caught it, or "" if none did; `lost` if it could not be applied."""

    mutation: Mutation
    caught_by: str
    seconds: float
    lost: str = ""


class Court:
    """One copy of the source and the process that runs its tests."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._scratch = tempfile.TemporaryDirectory(prefix="mutations-")
        self._copy = Path(self._scratch.name) / "source"
        shutil.copytree(ROOT, self._copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        # By its hash, not by its time: a mutation and its undoing may fall into one second.
        by_hash = py_compile.PycInvalidationMode.CHECKED_HASH
        for name in ("chalicelib", "local", "tests/twin", "tests/fakes"):
            compileall.compile_dir(self._copy / name, quiet=2, invalidation_mode=by_hash)
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warden.py")), str(self._copy)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(self._copy), "PYTHONTZPATH": "", "PYTHONSAFEPATH": "1"},
            text=True,
        )
        self._answer()

    def hear_the_known(self, tests: Sequence[str]) -> None:
        """Run tests that are known to catch mutations without any: one that fails anyway catches nothing.

        Raises RuntimeError for such a test. Where one can't be found any more, all is looked for anew.
        """
        if not tests:
            return
        failed, status = self._run(tests, "")
        if failed:
            raise RuntimeError(f"{failed} fails without any mutation: mend that first")
        if status != _PASSED:
            self._known = {}

    def judge(self, mutation: Mutation) -> Verdict:
        """Apply it, run tests until one fails, and undo it."""
        began = time.monotonic()
        file = self._copy / mutation.file
        source = file.read_text(encoding="utf-8")
        try:
            mutated = mutation.applied(source)
        except AnchorLost as lost:
            return Verdict(mutation, "", time.monotonic() - began, str(lost))
        known = self._known.get(mutation.name, "")
        caught = ""
        for tests in ((known,) if known else (), mutation.tests, WIDER):
            file.write_text(mutated, encoding="utf-8")
            try:
                caught = self._first_failure(tests, mutation.marked) if tests else ""
            finally:
                file.write_text(source, encoding="utf-8")
            if caught and (caught == known or not self._first_failure((caught,), mutation.marked)):
                break  # it passes without the mutation
            caught = ""
        return Verdict(mutation, caught, time.monotonic() - began)

    def close(self) -> None:
        """End the process and remove the copy."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._scratch.cleanup()

    def _first_failure(self, tests: Iterable[str], marked: str) -> str:
        """The first test that fails; "" if all pass. Likely tests that hang or crash are told as that."""
        failed, status = self._run(tests, marked)
        if failed or status in (_PASSED, _NO_SUCH_TEST, _NO_TESTS) or tests is WIDER:
            return failed
        return f"(the run ended with {status})"

    def _run(self, tests: Iterable[str], marked: str) -> tuple[str, int]:
        arguments = ["-x", "-q", "--tb=no", *(["-m", marked] if marked else []), *tests]
        arguments += [f"--ignore={file}" for file in LEFT_OUT]
        assert self._process.stdin is not None
        print(json.dumps({"args": arguments}), file=self._process.stdin, flush=True)
        answer = json.loads(self._answer())
        return str(answer["failed"]), int(answer["status"])

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs the tests has ended")
        return line


def try_all(
    mutations: Iterable[Mutation],
    tell: Callable[[Verdict], None] = lambda verdict: None,
    known: Mapping[str, str] | None = None,
    at_once: int = AT_ONCE,
) -> list[Verdict]:
    """Judge each, in courts side by side; `known` is what caught them last. In the order of `mutations`."""
    known = read_known() if known is None else known
    cases = list(enumerate(mutations))
    waiting: queue.SimpleQueue[tuple[int, Mutation]] = queue.SimpleQueue()
    for case in cases:
        waiting.put(case)
    known = {mutation.name: known[mutation.name] for _, mutation in cases if mutation.name in known}
    verdicts: dict[int, Verdict] = {}
    failures: list[BaseException] = []
    witnesses = sorted(set(known.values()))
    at_once = min(at_once, len(cases))

    def sit(seat: int) -> None:
        try:
            court = Court(known)
            try:
                court.hear_the_known(witnesses[seat::at_once])
                while not failures:
                    place, mutation = waiting.get_nowait()
                    verdicts[place] = court.judge(mutation)
                    tell(verdicts[place])
            except queue.Empty:
                pass
            finally:
                court.close()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [verdicts[place] for place, _ in cases]


def read_known() -> dict[str, str]:
    """What caught each mutation last."""
    found: dict[str, str] = json.loads(KNOWN.read_text(encoding="utf-8")) if KNOWN.exists() else {}
    return found


def learn(verdicts: Iterable[Verdict], all_of_them: Iterable[Mutation]) -> None:
    """Remember what caught these, beside what is known of the others."""
    caught = {verdict.mutation.name: verdict.caught_by for verdict in verdicts if "::" in verdict.caught_by}
    known = {**read_known(), **caught}
    kept = {mutation.name: known[mutation.name] for mutation in all_of_them if mutation.name in known}
    KNOWN.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
