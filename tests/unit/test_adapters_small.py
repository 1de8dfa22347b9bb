"""The two smallest adapters: counts and randomness."""

from __future__ import annotations

import json
import re

import pytest

from chalicelib.adapters.emf_metrics import EmfMetrics
from chalicelib.adapters.system_tokens import SystemTokens


def test_a_count_is_one_embedded_metric_without_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    EmfMetrics().count("token_refused")
    EmfMetrics().count("sms_failed", 3)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    [described] = first["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == "ar-reminder"
    assert [one["Name"] for one in described["Metrics"]] == ["token_refused"]
    assert described["Dimensions"] == [[]]
    assert first["token_refused"] == [1.0]
    assert second["sms_failed"] == [3.0]


def test_a_nonce_has_128_bits_and_does_not_come_again() -> None:
    """Promise 68."""
    nonces = {SystemTokens().nonce() for _ in range(10_000)}
    assert len(nonces) == 10_000
    assert {len(nonce) for nonce in nonces} == {16}


def test_a_tail_is_eight_letters_and_digits() -> None:
    tails = {SystemTokens().tail() for _ in range(1000)}
    assert len(tails) == 1000
    assert all(re.fullmatch(r"[a-z0-9]{8}", tail) for tail in tails)
