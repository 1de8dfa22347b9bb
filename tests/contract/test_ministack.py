"""The embedded AWS as the runner and the tests use it: what it keeps, what it says when it can't start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib import names
from chalicelib.adapters.dynamodb_store import DynamoStore
from chalicelib.ports import TellOnce
from local.ministack import Ministack, MinistackError
from local.tables import EXPIRES, KEYS, UNSETTLED_KEYS, create_tables

pytestmark = pytest.mark.ministack


def client_of(aws: Ministack) -> Any:
    return boto3.client("dynamodb", **aws.client_options())


def store(aws: Ministack) -> DynamoStore:
    client = client_of(aws)
    create_tables(client)
    return DynamoStore(client)


def test_what_was_saved_survives_a_crash_and_what_was_not_is_gone(tmp_path: Path) -> None:
    with Ministack(tmp_path) as aws:
        store(aws).commit(TellOnce("saved"))
        aws.save()
        store(aws).commit(TellOnce("not saved"))
        aws.kill()
        aws.start()
        assert set(store(aws).told("")) == {"saved"}


def test_an_orderly_stop_keeps_everything(tmp_path: Path) -> None:
    with Ministack(tmp_path) as aws:
        store(aws).commit(TellOnce("kept"))
    with Ministack(tmp_path) as again:
        assert set(store(again).told("")) == {"kept"}


def test_every_save_is_the_newest(tmp_path: Path) -> None:
    with Ministack(tmp_path) as aws:
        for number in range(3):
            store(aws).commit(TellOnce(f"{number}"))
            aws.save()
        aws.kill()
        aws.start()
        assert set(store(aws).told("")) == {"0", "1", "2"}


def test_without_a_state_directory_it_starts_empty_and_leaves_nothing_behind() -> None:
    with Ministack() as aws:
        assert client_of(aws).list_tables()["TableNames"] == []
        scratch = aws.state_dir
    assert not scratch.exists()


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(MinistackError, match=rf"port {port} on 127\.0\.0\.1 is in use: .* another port"):
            Ministack(port=port).start()


def test_saving_what_is_not_running_says_so(tmp_path: Path) -> None:
    with pytest.raises(MinistackError, match="isn't running"):
        Ministack(tmp_path).save()


def test_it_listens_on_this_machine_alone(ministack: Ministack) -> None:
    with socket.socket() as probe:
        # A server on all addresses would answer on every loopback one.
        assert probe.connect_ex(("127.0.0.2", ministack.port)) != 0


def test_its_environment_leads_a_client_here_and_to_no_real_account(ministack: Ministack) -> None:
    program = "import boto3; print(boto3.client('sts').meta.endpoint_url, boto3.session.Session().region_name)"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | ministack.environment()
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == [ministack.url, "ap-southeast-1"]


def test_it_ends_when_the_runner_that_started_it_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from local.ministack import Ministack\n"
        "aws = Ministack(Path(sys.argv[1])); aws.start(); print(aws.port, flush=True); time.sleep(600)"
    )
    root = Path(__file__).parents[2]
    runner = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert runner.stdout is not None
    port = int(runner.stdout.readline())
    runner.kill()
    runner.wait()
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                break
        time.sleep(0.1)
    else:
        pytest.fail("the server outlived its runner")


def test_the_tables_have_the_keys_of_the_spec_and_the_one_sparse_index(dynamodb: Any) -> None:
    create_tables(dynamodb.client)  # they are there: left alone
    for table, keys in KEYS.items():
        found = dynamodb.client.describe_table(TableName=table)["Table"]
        assert tuple(key["AttributeName"] for key in found["KeySchema"]) == keys
    (index,) = dynamodb.client.describe_table(TableName=names.SENDS)["Table"]["GlobalSecondaryIndexes"]
    assert index["Projection"]["ProjectionType"] == "KEYS_ONLY"
    assert tuple(key["AttributeName"] for key in index["KeySchema"]) == UNSETTLED_KEYS
    expiring = dynamodb.client.describe_time_to_live(TableName=names.STATE)["TimeToLiveDescription"]
    assert expiring["AttributeName"] == EXPIRES
