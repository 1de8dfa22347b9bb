"""Activates SES's rule set, which CloudFormation makes but can't switch on. Runs inline in Lambda, so it stays small.

Only one rule set of an account and region is active. Another one is somebody's mail, and isn't pushed aside.
"""

import boto3
import cfnresponse


def handler(event, context):
    ours = event["ResourceProperties"]["RuleSet"]
    status, reason = cfnresponse.SUCCESS, None
    try:
        ses = boto3.client("ses")
        active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
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
