"""What calls the functions: rules, the schedules' group, the bucket's and the topics' wires; and the dead letters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.adapters.aws_faults import code
from ops.checks.declared import functions, patterns, scheduled, topics
from ops.checks.findings import Check, Finding, counted, ok, unchecked, wrong
from ops.checks.site import Site


def _functions(site: Site) -> Iterator[Finding]:
    if site.settings is None:
        yield unchecked("functions", "the desk calls those of app.py" if site.local else "no stage was named")
        return
    expected = site.settings.environment(site.account)
    sound = 0
    for function in functions():
        name = site.settings.function(function)
        where = f"function {name}"
        try:
            found = site.client("lambda").get_function_configuration(FunctionName=name)
        except ClientError as refused:
            if code(refused) != "ResourceNotFoundException":
                raise
            yield wrong(where, "isn't deployed", site.deploy())
            continue
        has = found.get("Environment", {}).get("Variables", {})
        others = sorted(key for key, value in expected.items() if has.get(key, "") != value)
        if found.get("State", "Active") not in ("Active", "Inactive"):
            yield wrong(where, f"is {found['State']}: {found.get('StateReasonCode', 'no reason')}", site.deploy())
        elif others:
            yield wrong(where, f"its environment isn't the stage's: {', '.join(others)}", site.deploy())
        else:
            sound += 1
    if sound:
        yield ok("functions", f"{sound} are deployed, with this stage's environment")


def _rules(site: Site) -> Iterator[Finding]:
    if site.local:
        yield unchecked("schedules", f"the desk's clock runs {', '.join(scheduled())}")
    if not site.rule("any"):
        yield unchecked("rules", "their names aren't known without --stage")
        return
    found = _listed(site)
    wanted: dict[str, Mapping[str, Any] | None] = {**patterns()}
    if not site.local:
        wanted.update(dict.fromkeys(scheduled()))
    for function, pattern in wanted.items():
        yield _rule(site, function, pattern, found.get(site.rule(function)))


def _listed(site: Site) -> dict[str, Any]:
    prefix = site.rule("").removesuffix("-event")
    pages = site.client("events").get_paginator("list_rules").paginate(NamePrefix=prefix)
    return {rule["Name"]: rule for page in pages for rule in page.get("Rules", ())}


def _rule(site: Site, function: str, pattern: Mapping[str, Any] | None, found: Any) -> Finding:
    """Whether a function is called: `pattern` is what it listens to, None for one with a clock."""
    name = site.rule(function)
    where = f"rule {name}"
    if found is None:
        return wrong(where, f"there is none: {function} is never called", site.deploy())
    if found.get("State") != "ENABLED":
        return wrong(
            where, f"is switched off: {function} is never called", site.aws("events", "enable-rule", "--name", name)
        )
    if pattern is not None and _shape(json.loads(found.get("EventPattern") or "{}")) != _shape(pattern):
        return wrong(where, f"waits for other events than app.py says: {function} misses some", site.deploy())
    if not site.client("events").list_targets_by_rule(Rule=name).get("Targets"):
        return wrong(where, f"calls nothing: {function} is never called", site.deploy())
    return ok(where, f"calls {function}")


def _shape(pattern: Mapping[str, Any]) -> dict[str, list[str]]:
    return {key: sorted(values) for key, values in pattern.items()}


def _group(site: Site) -> Iterator[Finding]:
    where = f"schedule group {names.SCHEDULE_GROUP}"
    try:
        state = site.client("scheduler").get_schedule_group(Name=names.SCHEDULE_GROUP).get("State")
    except ClientError as refused:
        if code(refused) != "ResourceNotFoundException":
            raise
        make = site.aws("scheduler", "create-schedule-group", "--name", names.SCHEDULE_GROUP)
        yield wrong(where, "there is none: no reminder's minute can be booked", f"{site.deploy()}, or at once: {make}")
        return
    if state != "ACTIVE":
        yield wrong(where, f"is {state}: no reminder's minute can be booked", site.deploy())
    else:
        yield ok(where, "is there")


def _wires(site: Site) -> Iterator[Finding]:
    """The bucket and the topics that call functions."""
    where = f"bucket {names.RAW_MIME_BUCKET}"
    said = site.client("s3").get_bucket_notification_configuration(Bucket=names.RAW_MIME_BUCKET)
    arns = [
        one.get("LambdaFunctionArn") or one.get("QueueArn", "")
        for kind in ("LambdaFunctionConfigurations", "QueueConfigurations")
        for one in said.get(kind, ())
    ]
    if any(_calls(arn, names.INTAKE) for arn in arns):
        yield ok(where, f"calls {names.INTAKE}")
    else:
        yield wrong(where, f"doesn't call {names.INTAKE}: bookings come in, and nobody reads them", site.deploy())
    for function, topic in topics().items():
        yield _topic(site, function, topic)


def _topic(site: Site, function: str, topic: str) -> Finding:
    where = f"topic {topic}"
    arn = f"arn:aws:sns:{site.region}:{site.account}:{topic}"
    try:
        pages = site.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        heard = [one["Endpoint"] for page in pages for one in page.get("Subscriptions", ())]
    except ClientError as refused:
        if code(refused) not in ("NotFound", "NotFoundException"):
            raise
        return wrong(where, "there is no such topic", site.deploy())
    if not any(_calls(endpoint, function) for endpoint in heard):
        return wrong(where, f"doesn't call {function}: what is said there is lost", site.deploy())
    return ok(where, f"calls {function}")


def _calls(arn: str, function: str) -> bool:
    return arn.rpartition(":")[2].endswith(f"-{function}")


def _dead_letters(site: Site) -> Iterator[Finding]:
    where, sqs = f"queue {names.DEAD_LETTERS}", site.client("sqs")
    try:
        url = sqs.get_queue_url(QueueName=names.DEAD_LETTERS)["QueueUrl"]
    except ClientError as refused:
        if "NonExistentQueue" not in code(refused) and code(refused) != "QueueDoesNotExist":
            raise
        yield wrong(where, "there is none: what fails is lost without a word", site.deploy())
        return
    count = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(count))["Attributes"]
    letters = sum(int(said.get(name, 0)) for name in count)
    if letters:
        yield wrong(
            where,
            f"{counted(letters, 'dead letter')}: somebody gave up on them",
            f"{site.ops('redrive')}, then with --replay",
        )
    else:
        yield ok(where, "is empty")


CHECKS: dict[str, Check] = {
    "functions": _functions,
    "rules": _rules,
    "schedule group": _group,
    "wires": _wires,
    "dead letters": _dead_letters,
}
