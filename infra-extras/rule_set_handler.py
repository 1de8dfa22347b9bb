"""Activates SES's rule set, which CloudFormation makes but can't switch on. Runs inline in Lambda, so it stays small.

Only one rule set of an account and region is active. Another one is somebody's mail, and isn't pushed aside.
"""

import time

import boto3
import cfnresponse
from botocore.exceptions import ClientError

TRIES, PAUSE_SECONDS = 6, 5  # a role that was just made isn't known everywhere yet


def handler(event, context):
    ours = event["ResourceProperties"]["RuleSet"]
    status, reason = cfnresponse.SUCCESS, None
    try:
        ses = boto3.client("ses")
        active = now_active(ses)
        if event["RequestType"] == "Delete":
            if active == ours:
                ses.set_active_receipt_rule_set()  # without a name: none is; an active one can't be deleted
        elif active in (None, ours):
            ses.set_active_receipt_rule_set(RuleSetName=ours)
        else:
            status, reason = cfnresponse.FAILED, f"the rule set {active} is active here; only one can be"
    except Exception as failure:  # whatever it is: without an answer CloudFormation waits for an hour
        status, reason = cfnresponse.FAILED, f"{type(failure).__name__}: {failure}"
    if reason:
        print(reason)
    cfnresponse.send(event, context, status, {}, ours, reason=reason)


def now_active(ses):
    tries_left = TRIES
    while True:
        tries_left -= 1
        try:
            return ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        except ClientError as refused:
            if not tries_left or "AccessDenied" not in refused.response["Error"]["Code"]:
                raise
        time.sleep(PAUSE_SECONDS)
