"""Fixtures that every kind of test may ask for: the embedded AWS, and the store and ledger in both their forms."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings

import local  # noqa: F401  its names of a deployment, before `chalicelib.names` reads them
from chalicelib.ports import Ledger, Store

settings.register_profile("untimed", deadline=None)  # how long an example takes says more of the machine than of us
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """What the handlers call of AWS, in whatever test, is held against the inventory when the session ends."""
    from tests.policies.session import CallsWatched

    config.pluginmanager.register(CallsWatched())


@pytest.fixture(autouse=True, scope="module")
def environment_of_its_own() -> Iterator[None]:
    """What a module's tests leave in the environment ends with them: a stage that was entered, a region."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@dataclass
class Tables:
    """A store and a ledger over the same empty tables. `client` is DynamoDB's, None for the twin."""

    store: Store
    ledger: Ledger
    client: Any = None


@pytest.fixture(scope="session")
def ministack() -> Iterator[Any]:
    """The embedded AWS on a free port of 127.0.0.1, one for each test process."""
    from local.ministack import Ministack

    with Ministack() as running:
        yield running


@pytest.fixture
def empty_ministack(ministack: Any) -> Any:
    """The same, emptied of everything."""
    request = urllib.request.Request(f"{ministack.url}/_ministack/reset", method="POST")
    with urllib.request.urlopen(request, timeout=10):
        return ministack


@pytest.fixture
def dynamodb(empty_ministack: Any) -> Tables:
    """The shipped adapters over fresh tables of the embedded AWS."""
    import boto3

    from chalicelib.adapters.dynamodb_ledger import DynamoLedger
    from chalicelib.adapters.dynamodb_store import DynamoStore
    from local.tables import create_tables

    client = boto3.client("dynamodb", **empty_ministack.client_options())
    create_tables(client)
    return Tables(DynamoStore(client), DynamoLedger(client), client)


@pytest.fixture
def twin() -> Tables:
    """The in-memory store and ledger."""
    from tests.twin import TwinLedger, TwinStore

    store = TwinStore()
    return Tables(store, TwinLedger(store))


@pytest.fixture(params=["twin", pytest.param("dynamodb", marks=pytest.mark.ministack)])
def tables(request: pytest.FixtureRequest) -> Tables:
    """Both forms in turn: what a test says of one must hold for the other."""
    found: Tables = request.getfixturevalue(request.param)
    return found
