"""The four buckets: how long each keeps what, and who may put into it.

All are kept when the stack goes, have versions, are encrypted, open to nobody, and answer over TLS only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accepted import accept
from aws_cdk import RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct
from mail_stack import rule_arn

from chalicelib import names

if TYPE_CHECKING:
    from ops.settings import Settings

_ALL_SIZES = "varies_by_storage_class"
"""Otherwise S3 leaves what is under 128 KB where it is, whatever a rule says: nearly every mail and list here."""

OLD_LISTS = {
    "id": "old-versions",
    "status": "Enabled",
    "noncurrentVersionTransitions": [{"storageClass": "GLACIER", "transitionInDays": 90}],
    "noncurrentVersionExpiration": {"noncurrentDays": 2 * 365},
    "expiredObjectDeleteMarker": True,
}
"""Of the sheet's and the docs' mirrors: the newest version is the one in force, and always stays."""
OLD_MAILS = {
    "id": "mails",
    "status": "Enabled",
    "transitions": [{"storageClass": "GLACIER", "transitionInDays": 30}],
    "expirationInDays": 365,
    "noncurrentVersionExpiration": {"noncurrentDays": 7},
}
"""A mail that is a year old, or was deleted, is gone for good a week later."""
OLD_RECORDS = {
    "id": "old-versions",
    "status": "Enabled",
    "noncurrentVersionExpiration": {"noncurrentDays": 365},
    "expiredObjectDeleteMarker": True,
}
"""Of Chalice's records of what it has deployed: the newest stays, it can't be removed without."""
UNFINISHED = {
    "id": "unfinished-uploads",
    "status": "Enabled",
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
}


def make_buckets(scope: Construct, settings: Settings, account: str) -> None:
    """Declare them, with their policies. SES may put mail into one of them, if any is taken in."""
    deployments = f"{settings.prefix}-deployments{settings.environment(account)['AR_BUCKET_SUFFIX']}"
    mail_comes = [_from_ses(settings, account)] if settings.bookings_domain else []
    _bucket(scope, "Appointments", names.APPOINTMENTS_BUCKET, OLD_LISTS)
    _bucket(scope, "Rules", names.RULES_BUCKET, OLD_LISTS)
    _bucket(scope, "RawMime", names.RAW_MIME_BUCKET, OLD_MAILS, *mail_comes)
    _bucket(scope, "Deployments", deployments, OLD_RECORDS)


def _bucket(scope: Construct, id: str, name: str, ends: dict[str, Any], *allowed: dict[str, Any]) -> None:
    bucket = s3.CfnBucket(
        scope,
        f"{id}Bucket",
        bucket_name=name,
        versioning_configuration={"status": "Enabled"},
        bucket_encryption={
            "serverSideEncryptionConfiguration": [{"serverSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
        },
        public_access_block_configuration={
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        ownership_controls={"rules": [{"objectOwnership": "BucketOwnerEnforced"}]},
        lifecycle_configuration={
            "rules": [ends, UNFINISHED],
            "transitionDefaultMinimumObjectSize": _ALL_SIZES,
        },
    )
    bucket.apply_removal_policy(RemovalPolicy.RETAIN)
    accept(
        bucket, {"S1": "Functions and one engineer read it, nobody from outside; logs would be one bucket more to keep"}
    )
    policy = s3.CfnBucketPolicy(
        scope,
        f"{id}BucketPolicy",
        bucket=name,
        policy_document={"Version": "2012-10-17", "Statement": [_only_encrypted(name), *allowed]},
    )
    policy.add_resource_dependency(bucket)
    policy.apply_removal_policy(RemovalPolicy.RETAIN)


def _only_encrypted(bucket: str) -> dict[str, Any]:
    return {
        "Sid": "OnlyEncrypted",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _from_ses(settings: Settings, account: str) -> dict[str, Any]:
    """Here and not in the mail stack: a bucket has one policy, and two stacks can't hand it to each other."""
    return {
        "Sid": "MailComesIn",
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{names.RAW_MIME_BUCKET}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": rule_arn(settings, account)}},
    }
