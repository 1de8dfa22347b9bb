"""Sets SNS's settings for texts, which CloudFormation has no resource for. Runs inline in Lambda, so it stays small.

They are the account's, as the log of texts is: its groups may be there from before, which CloudFormation takes for an
error. A limit above the account's quota is refused; then the one that is there stays, and the answer says so.
"""

import time

import boto3
import cfnresponse
from botocore.exceptions import ClientError

TRIES, PAUSE_SECONDS = 6, 5  # a role that was just made isn't known everywhere yet


def handler(event, context):
    data, status, reason = {}, cfnresponse.SUCCESS, None
    try:
        if event["RequestType"] != "Delete":  # without the stack the limits stay: better too tight than none
            keep_logs(boto3.client("logs"), event["ResourceProperties"])
            data = settled(boto3.client("sns"), event["ResourceProperties"])
    except Exception as failure:  # whatever it is: without an answer CloudFormation waits for an hour
        status, reason = cfnresponse.FAILED, f"{type(failure).__name__}: {failure}"
        print(reason)
    cfnresponse.send(event, context, status, data, "text-settings", reason=reason)


def keep_logs(logs, wanted):
    """Make the groups before SNS does, which would keep all texts for good."""
    for name in wanted["Logs"].split():
        try:
            logs.create_log_group(logGroupName=name)
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                raise
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(wanted["LogDays"]))


def settled(sns, wanted):
    """Set everything. What became of the limit, in words, for the stack's output."""
    for last in [False] * (TRIES - 1) + [True]:
        try:
            sns.set_sms_attributes(
                attributes={
                    "DefaultSMSType": "Transactional",
                    "DeliveryStatusIAMRole": wanted["LogRole"],
                    "DeliveryStatusSuccessSamplingRate": "100",
                }
            )
            break
        except ClientError as refused:
            if last or not of_the_request(refused):
                raise
            time.sleep(PAUSE_SECONDS)
    try:
        sns.set_sms_attributes(attributes={"MonthlySpendLimit": wanted["LimitUsd"]})
    except ClientError as refused:
        if not of_the_request(refused):
            raise
        there = sns.get_sms_attributes(attributes=["MonthlySpendLimit"])["attributes"].get("MonthlySpendLimit", "1")
        return {
            "LimitUsd": there,
            "Said": f"{there} US dollars a month: {wanted['LimitUsd']} were asked for, more than the account's quota. "
            "Have that raised (Service Quotas, Amazon SNS, account spend threshold), then change sms_limit_usd, by a "
            "dollar say, and deploy",
        }
    return {"LimitUsd": wanted["LimitUsd"], "Said": f"{wanted['LimitUsd']} US dollars a month"}


def of_the_request(refused):
    return refused.response["Error"]["Code"] in ("InvalidParameter", "InvalidParameterValue", "ValidationException")
