"""Tables and buckets: there, of the right shape, and kept from being lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code, status
from ops.checks.findings import Check, Finding, ok, unchecked, wrong
from ops.checks.site import Site

TABLES = {
    names.SENDS: ("appt_id", "window_index"),
    names.REPLIES: ("appt_id", "replied_at"),
    names.AUDIT: ("appt_id", "ts"),
    names.SENDS_ARCHIVE: ("appt_id", "chain_window"),
    names.STATE: ("pk", "sk"),
}
"""Hash and range key of each table."""
INDEX_KEYS = ("unsettled", "due")
EXPIRES = "expires"
BUCKETS = (names.APPOINTMENTS_BUCKET, names.RULES_BUCKET, names.RAW_MIME_BUCKET)


def _tables(site: Site) -> Iterator[Finding]:
    for table, keys in TABLES.items():
        try:
            described = site.client("dynamodb").describe_table(TableName=table)["Table"]
        except ClientError as refused:
            if code(refused) != "ResourceNotFoundException":
                raise
            yield wrong(f"table {table}", "there is no such table", site.deploy())
            continue
        faults = list(_table_faults(site, table, keys, described))
        yield from faults
        if not faults:
            yield ok(f"table {table}", f"keys {' and '.join(keys)}, recoverable, protected from deletion")


def _table_faults(site: Site, table: str, keys: tuple[str, str], described: Any) -> Iterator[Finding]:
    where = f"table {table}"
    if _keys(described) != keys:
        yield wrong(
            where,
            f"its keys are {', '.join(_keys(described))}; expected {', '.join(keys)}",
            f"the data must be moved into a new table: export it, delete it, then {site.deploy()}",
        )
    if table == names.SENDS:
        indexes = {index["IndexName"]: _keys(index) for index in described.get("GlobalSecondaryIndexes", ())}
        if indexes.get(names.SENDS_UNSETTLED_INDEX) != INDEX_KEYS:
            yield wrong(
                where,
                f"has no index {names.SENDS_UNSETTLED_INDEX} on {', '.join(INDEX_KEYS)}: sends that were cut off are "
                "never taken up",
                site.deploy(),
            )
    if table == names.STATE:
        yield from _expiry(site, table)
    if not described.get("DeletionProtectionEnabled"):
        yield wrong(
            where,
            "isn't protected from deletion",
            site.aws("dynamodb", "update-table", "--table-name", table, "--deletion-protection-enabled"),
        )
    backups = site.client("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
        yield wrong(
            where,
            "has no point-in-time recovery: a mistake in it can't be taken back",
            site.aws(
                "dynamodb", "update-continuous-backups", "--table-name", table,
                "--point-in-time-recovery-specification", "PointInTimeRecoveryEnabled=true",
            ),
        )  # fmt: skip


def _expiry(site: Site, table: str) -> Iterator[Finding]:
    said = site.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    live = said.get("TimeToLiveStatus") in ("ENABLED", "ENABLING") and said.get("AttributeName") == EXPIRES
    if not live:
        yield wrong(
            f"table {table}",
            f"what has expired stays in it: no time-to-live on {EXPIRES}",
            site.aws(
                "dynamodb", "update-time-to-live", "--table-name", table,
                "--time-to-live-specification", f"Enabled=true,AttributeName={EXPIRES}",
            ),
        )  # fmt: skip


def _keys(described: Any) -> tuple[str, ...]:
    order = {"HASH": 0, "RANGE": 1}
    return tuple(one["AttributeName"] for one in sorted(described["KeySchema"], key=lambda one: order[one["KeyType"]]))


def _buckets(site: Site) -> Iterator[Finding]:
    for bucket in BUCKETS:
        where = f"bucket {bucket}"
        try:
            site.client("s3").head_bucket(Bucket=bucket)
        except ClientError as refused:
            if status(refused) == 404:
                yield wrong(where, "there is no such bucket", site.deploy())
            elif status(refused) == 403:
                yield unchecked(where, "these credentials may not look into it, or it is somebody else's")
            else:
                raise
            continue
        faults = list(_bucket_faults(site, bucket))
        yield from faults
        if not faults:
            yield ok(where, "versioned, closed to the public")


def _bucket_faults(site: Site, bucket: str) -> Iterator[Finding]:
    s3, where = site.client("s3"), f"bucket {bucket}"
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        yield wrong(
            where,
            "isn't versioned: a bad edit can't be rolled back",
            site.aws(
                "s3api", "put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Enabled"
            ),
        )
    try:
        said = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as refused:
        if code(refused) != "NoSuchPublicAccessBlockConfiguration":
            raise
        said = {}
    wanted = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    if not all(said.get(one) for one in wanted):
        yield wrong(
            where,
            "could be opened to the public",
            site.aws(
                "s3api", "put-public-access-block", "--bucket", bucket,
                "--public-access-block-configuration", ",".join(f"{one}=true" for one in wanted),
            ),
        )  # fmt: skip


CHECKS: dict[str, Check] = {"tables": _tables, "buckets": _buckets}
