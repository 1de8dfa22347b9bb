"""What IAM asks of a call's role: an API operation as the actions that are checked, each on its resource.

A need is one line, `<action> <resource>`, with ` for <service>` where a role is handed over to one: what the inventory
holds, and what a policy allows or not. Region and account are the ones below, whatever a test's world has; names that
vary from call to call (a mail's key, a schedule's name) are one example each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib import names

REGION, ACCOUNT = "ap-southeast-1", "000000000000"
PHONE = "+phone"
"""A text's resource is its number, which no ARN pattern matches."""
NOTHING = "*"
"""The resource of an action that knows none."""
RANDOM = "-AbCdEf"
"""The six characters that Secrets Manager puts behind a secret's name in its ARN."""

Params = Mapping[str, Any]


class UnknownCall(LookupError):
    """A call whose needs nobody has written down yet."""


@dataclass(frozen=True, order=True)
class Need:
    """One check of IAM's. `passed_to` is the service that a role is handed over to, `region` where the request goes."""

    action: str
    resource: str
    passed_to: str = ""
    region: str = field(default=REGION, compare=False)

    def __str__(self) -> str:
        return f"{self.action} {self.resource}" + (f" for {self.passed_to}" if self.passed_to else "")

    @staticmethod
    def read(line: str) -> Need:
        """The need of an inventory's line."""
        action, _, rest = line.partition(" ")
        resource, _, passed_to = rest.partition(" for ")
        return Need(action, resource, passed_to)

    @property
    def context(self) -> dict[str, str]:
        """The request's condition keys, of those that our policies use."""
        passed = {"iam:PassedToService": self.passed_to} if self.passed_to else {}
        return {"aws:RequestedRegion": self.region, **passed}


def needs(service: str, operation: str, params: Params) -> set[Need]:
    """What a role must be allowed for this call of botocore's. Raises UnknownCall for one that isn't known here."""
    found = _CALLS.get((service, operation))
    if found is None:
        raise UnknownCall(f"{service} {operation}: tests/policies/needs.py doesn't say what IAM asks for it")
    return set(found(params))


def arn(service: str, resource: str) -> str:
    """The ARN of something of this account and region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


# ---------------------------------------------------------------- DynamoDB


def _on_table(action: str) -> Callable[[Params], Iterator[Need]]:
    def found(params: Params) -> Iterator[Need]:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield Need(f"dynamodb:{action}", arn("dynamodb", f"table/{params['TableName']}{index}"))

    return found


def _on_tables(action: str) -> Callable[[Params], Iterator[Need]]:
    def found(params: Params) -> Iterator[Need]:
        for table in params["RequestItems"]:
            yield Need(f"dynamodb:{action}", arn("dynamodb", f"table/{table}"))

    return found


def _transaction(params: Params) -> Iterator[Need]:
    """A transaction has no action of its own: each of its items is checked as if it came alone."""
    actions = {
        "Put": "PutItem",
        "Update": "UpdateItem",
        "Delete": "DeleteItem",
        "ConditionCheck": "ConditionCheckItem",
    }
    for item in params["TransactItems"]:
        [(kind, request)] = item.items()
        yield Need(f"dynamodb:{actions[kind]}", arn("dynamodb", f"table/{request['TableName']}"))


# ---------------------------------------------------------------- S3


def _object(bucket: str, key: str) -> str:
    if bucket == names.RAW_MIME_BUCKET:
        key = f"{names.ATTACHMENTS}mail/0.pdf" if key.startswith(names.ATTACHMENTS) else "mail"
    return f"arn:aws:s3:::{bucket}/{key}"


def _read_object(params: Params) -> Iterator[Need]:
    """Without ListBucket an absent object is answered with 403, and the code asks whether it is absent."""
    yield Need("s3:GetObject", _object(params["Bucket"], params["Key"]))
    yield Need("s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}")


def _write_object(params: Params) -> Iterator[Need]:
    """With If-Match S3 compares what is there, which its role must be allowed to read."""
    yield Need("s3:PutObject", _object(params["Bucket"], params["Key"]))
    if "IfMatch" in params:
        yield Need("s3:GetObject", _object(params["Bucket"], params["Key"]))


def _list_bucket(params: Params) -> Iterator[Need]:
    yield Need("s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}")


# ---------------------------------------------------------------- parameters, secrets


def _parameters(params: Params) -> Iterator[Need]:
    """AWS doesn't say whether the path is checked with or without its last slash: both are asked for."""
    path = params["Path"].rstrip("/")
    yield Need("ssm:GetParametersByPath", arn("ssm", f"parameter{path}"))
    yield Need("ssm:GetParametersByPath", arn("ssm", f"parameter{path}/"))


def _parameter(params: Params) -> Iterator[Need]:
    yield Need("ssm:GetParameter", arn("ssm", f"parameter{params['Name']}"))


def _secret(params: Params) -> Iterator[Need]:
    yield Need("secretsmanager:GetSecretValue", arn("secretsmanager", f"secret:{params['SecretId']}{RANDOM}"))


# ---------------------------------------------------------------- messages


def _publish(params: Params) -> Iterator[Need]:
    yield Need("sns:Publish", PHONE if "PhoneNumber" in params else params.get("TopicArn") or params["TargetArn"])


def _mail(params: Params) -> Iterator[Need]:
    """SES checks the sender's identity: the address's own, or its domain's, as the mail stack makes it. A raw message
    is checked as SendRawEmail by the API's second version, too."""
    domain = params["FromEmailAddress"].rpartition("@")[2].rstrip(">").lower()
    yield Need("ses:SendEmail", arn("ses", f"identity/{domain}"))
    if "Raw" in params["Content"]:
        yield Need("ses:SendRawEmail", arn("ses", f"identity/{domain}"))


def _events(params: Params) -> Iterator[Need]:
    for entry in params["Entries"]:
        yield Need("events:PutEvents", arn("events", f"event-bus/{entry.get('EventBusName', 'default')}"))


def _schedule(params: Params) -> Iterator[Need]:
    yield Need("scheduler:CreateSchedule", arn("scheduler", f"schedule/{params['GroupName']}/schedule"))
    yield Need("iam:PassRole", _role(params["Target"]["RoleArn"]), "scheduler.amazonaws.com")


def _role(role: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{role.rpartition('/')[2]}"


# ---------------------------------------------------------------- readers of mail


def _model(params: Params) -> Iterator[Need]:
    """Converse is checked as InvokeModel: on the profile, and on the model that it leads to, which a global profile has
    here and without a region."""
    model = params["modelId"]
    if model.startswith("global."):
        yield Need("bedrock:InvokeModel", arn("bedrock", f"inference-profile/{model}"))
        model = model.removeprefix("global.")
        yield Need("bedrock:InvokeModel", f"arn:aws:bedrock:::foundation-model/{model}")
    yield Need("bedrock:InvokeModel", f"arn:aws:bedrock:{REGION}::foundation-model/{model}")


def _start_scan(params: Params) -> Iterator[Need]:
    """Textract reads the object with the caller's rights, and reports with the role that it is handed."""
    place = params["DocumentLocation"]["S3Object"]
    yield Need("textract:StartDocumentTextDetection", NOTHING)
    yield Need("s3:GetObject", _object(place["Bucket"], place["Name"]))
    yield Need("iam:PassRole", _role(params["NotificationChannel"]["RoleArn"]), "textract.amazonaws.com")


def _read_scan(params: Params) -> Iterator[Need]:
    yield Need("textract:GetDocumentTextDetection", NOTHING)


_CALLS: dict[tuple[str, str], Callable[[Params], Iterator[Need]]] = {
    ("dynamodb", "GetItem"): _on_table("GetItem"),
    ("dynamodb", "Query"): _on_table("Query"),
    ("dynamodb", "Scan"): _on_table("Scan"),
    ("dynamodb", "PutItem"): _on_table("PutItem"),
    ("dynamodb", "UpdateItem"): _on_table("UpdateItem"),
    ("dynamodb", "DeleteItem"): _on_table("DeleteItem"),
    ("dynamodb", "BatchGetItem"): _on_tables("BatchGetItem"),
    ("dynamodb", "BatchWriteItem"): _on_tables("BatchWriteItem"),
    ("dynamodb", "TransactWriteItems"): _transaction,
    ("s3", "GetObject"): _read_object,
    ("s3", "HeadObject"): _read_object,
    ("s3", "PutObject"): _write_object,
    ("s3", "ListObjectsV2"): _list_bucket,
    ("ssm", "GetParametersByPath"): _parameters,
    ("ssm", "GetParameter"): _parameter,
    ("secretsmanager", "GetSecretValue"): _secret,
    ("sns", "Publish"): _publish,
    ("sesv2", "SendEmail"): _mail,
    ("events", "PutEvents"): _events,
    ("scheduler", "CreateSchedule"): _schedule,
    ("bedrock-runtime", "Converse"): _model,
    ("bedrock-runtime", "InvokeModel"): _model,
    ("textract", "StartDocumentTextDetection"): _start_scan,
    ("textract", "GetDocumentTextDetection"): _read_scan,
}
