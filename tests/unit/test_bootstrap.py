"""The runtime: built late, its configuration no older than five minutes, its clock a seam."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.bootstrap import AwsRuntime, utc_now
from chalicelib.errors import ConfigError
from chalicelib.ports import Document
from tests.fakes.runtime import FakeClock, FakeParameters
from tests.unit.test_config import GOOD

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


class CountedParameters(FakeParameters):
    """Parameter Store that counts how often it is asked."""

    asked = 0

    def all(self) -> dict[str, str]:
        self.asked += 1
        return super().all()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def parameters() -> CountedParameters:
    return CountedParameters(dict(GOOD))


@pytest.fixture
def rt(clock: FakeClock, parameters: CountedParameters, monkeypatch: pytest.MonkeyPatch) -> AwsRuntime:
    for name, value in {
        "AWS_DEFAULT_REGION": "ap-southeast-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    runtime = AwsRuntime(clock)
    runtime.__dict__["parameters"] = parameters
    return runtime


def test_the_configuration_is_read_once_in_five_minutes(
    rt: AwsRuntime, clock: FakeClock, parameters: CountedParameters
) -> None:
    """Promise 92."""
    first = rt.config
    clock.forward(minutes=4, seconds=59)
    assert rt.config is first
    assert parameters.asked == 1
    clock.forward(seconds=1)
    parameters.values["texts_per_day"] = "10"
    assert rt.config.texts_per_day == 10
    assert parameters.asked == 2


def test_a_configuration_that_did_not_change_stays_the_same_object(rt: AwsRuntime, clock: FakeClock) -> None:
    first = rt.config
    clock.forward(minutes=10)
    assert rt.config is first


def test_a_clock_that_went_back_reads_the_configuration_again(
    rt: AwsRuntime, clock: FakeClock, parameters: CountedParameters
) -> None:
    assert rt.config
    clock.forward(hours=-1)
    assert rt.config
    assert parameters.asked == 2


def test_a_wrong_configuration_is_said_every_time_until_it_is_mended(
    rt: AwsRuntime, parameters: CountedParameters
) -> None:
    parameters.values["timezone"] = "Mars"
    for _ in range(2):
        with pytest.raises(ConfigError, match="timezone"):
            assert rt.config
    parameters.values["timezone"] = "Asia/Singapore"
    assert rt.config.country == "SG"


def test_another_sheet_in_the_configuration_is_read_from_then_on(
    rt: AwsRuntime, clock: FakeClock, parameters: CountedParameters
) -> None:
    assert rt.config
    former = rt.sheet
    clock.forward(minutes=5)
    parameters.values["sheet_id"] = "another"
    assert rt.config.sheet_id == "another"
    assert rt.sheet is not former


def test_a_text_is_one_request_with_short_timeouts(rt: AwsRuntime) -> None:
    config = rt.sms._client.meta.config  # type: ignore[attr-defined]
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (1, 5)


def test_every_port_can_be_built_without_a_request(rt: AwsRuntime) -> None:
    ports: list[Any] = [
        rt.documents, rt.sheet, rt.docs, rt.store, rt.ledger, rt.bus, rt.schedules, rt.sms, rt.email, rt.staff,
        rt.presses, rt.secrets, rt.metrics, rt.tokens,
    ]  # fmt: skip
    assert all(ports)
    assert rt.store is rt.store


def test_each_client_is_built_once_in_an_environment(rt: AwsRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 92. Building one costs as much as all imports; a warm call builds none."""
    built: list[str] = []
    build = rt._session.client
    monkeypatch.setattr(rt._session, "client", lambda name, **options: built.append(name) or build(name, **options))
    for _ in range(2):
        assert all([rt.documents, rt.store, rt.ledger, rt.bus, rt.schedules, rt.sms, rt.email, rt.secrets])
    assert sorted(built) == ["dynamodb", "events", "s3", "scheduler", "secretsmanager", "sesv2", "sns"]


def test_aws_s_own_endpoint_variable_is_all_that_a_local_run_needs(
    rt: AwsRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:9999")
    assert rt.documents._client.meta.endpoint_url == "http://127.0.0.1:4566"  # type: ignore[attr-defined]
    assert rt.sms._client.meta.endpoint_url == "http://127.0.0.1:9999"  # type: ignore[attr-defined]


def test_the_process_has_one_runtime_until_another_clock_is_brought(
    monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    monkeypatch.setattr(bootstrap, "_runtime", None)
    real = bootstrap.runtime()
    assert real is bootstrap.runtime()
    assert real.clock is utc_now
    moved = bootstrap.runtime(clock=clock)
    assert moved is not real
    assert bootstrap.runtime() is moved
    assert bootstrap.runtime(clock=clock) is moved


def test_the_clock_is_aware_and_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


def test_the_docs_are_those_that_the_configuration_names(rt: AwsRuntime) -> None:
    assert rt.docs._ids == {Document.RULES: "rules1", Document.VOICE: "voice1"}  # type: ignore[attr-defined]
