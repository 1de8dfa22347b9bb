"""Every resource, parameter and function name, so that code, policies and infrastructure agree.

`AR_PREFIX` (default `ar`) sets two shops in one account apart; `AR_BUCKET_SUFFIX` makes the bucket names
globally unique (`-123456789012-ap-southeast-1`, say). `AR_DISPATCH_ARN`, `AR_SCHEDULER_ROLE_ARN` and `AR_DLQ_ARN` are
what a one-off schedule invokes, as whom, and where it goes if that fails; `AR_SCANS_TOPIC_ARN` and
`AR_TEXTRACT_ROLE_ARN` are where Textract says that a scan is read, and as whom. All are read here and nowhere else.
"""

import os

PREFIX = os.environ.get("AR_PREFIX", "ar")
_BUCKET_SUFFIX = os.environ.get("AR_BUCKET_SUFFIX", "")

# DynamoDB
SENDS = f"{PREFIX}-sends"
SENDS_UNSETTLED_INDEX = "unsettled"
REPLIES = f"{PREFIX}-replies"
AUDIT = f"{PREFIX}-audit"
SENDS_ARCHIVE = f"{PREFIX}-sends-archive"
STATE = f"{PREFIX}-state"

# S3
APPOINTMENTS_BUCKET = f"{PREFIX}-appointments-source{_BUCKET_SUFFIX}"
RULES_BUCKET = f"{PREFIX}-rules-source{_BUCKET_SUFFIX}"
RAW_MIME_BUCKET = f"{PREFIX}-raw-mime{_BUCKET_SUFFIX}"
APPOINTMENTS_KEY = "appointments.csv"
RULES_KEY = "rules.txt"
VOICE_KEY = "voice.txt"
SYNC_STATE_KEY = "sync-state.json"
RULES_SINCE_KEY = "rules-since.json"
CALENDARS_KEY = "calendars.json"
DEPARTED_KEY = "departed.csv"
SES_SETUP_NOTE = "AMAZON_SES_SETUP_NOTIFICATION"  # in the raw-mime bucket: SES's own, when its rule is made
ATTACHMENTS = "attachments/"  # in the raw-mime bucket: what we laid there for Textract, and no mail

# Parameter Store and Secrets Manager
CONFIG_PATH = f"/{PREFIX}/config/"
SENDING_PARAMETER = f"/{PREFIX}/config/sending"
GOOGLE_SECRET = f"{PREFIX}/drive/sa"
SLACK_TOKEN_SECRET = f"{PREFIX}/slack/bot-token"
SLACK_SIGNING_SECRET = f"{PREFIX}/slack/signing-secret"
REPLY_KEYS_SECRET = f"{PREFIX}/reply/hmac"

# EventBridge and Scheduler
EVENT_SOURCE = PREFIX
SCHEDULE_GROUP = f"{PREFIX}-one-offs"
DISPATCH_ARN = os.environ.get("AR_DISPATCH_ARN", "")
SCHEDULER_ROLE_ARN = os.environ.get("AR_SCHEDULER_ROLE_ARN", "")
DEAD_LETTER_ARN = os.environ.get("AR_DLQ_ARN", "")
DEAD_LETTERS = DEAD_LETTER_ARN.rpartition(":")[2] or f"{PREFIX}-dead-letters"  # the queue

# Textract's completion messages (SNS)
SCANS_TOPIC = f"{PREFIX}-scans"
SCANS_TOPIC_ARN = os.environ.get("AR_SCANS_TOPIC_ARN", "")
TEXTRACT_ROLE_ARN = os.environ.get("AR_TEXTRACT_ROLE_ARN", "")

# Alarms (SNS): CloudWatch's, and the budget's
ALARMS_TOPIC = f"{PREFIX}-alarms"
COST_TOPIC = f"{PREFIX}-cost-alarm"

METRICS_NAMESPACE = f"{PREFIX}-reminder"

# Lambda functions, as Chalice names them behind `<app>-<stage>-`
DRIVE_SYNC = "drive_sync"
REMINDER = "reminder"
REMINDER_ON_CHANGE = "reminder_on_change"
DISPATCH = "dispatch"
SMS_DELIVERY = "sms_delivery"
STAFF_ACTION = "staff_action"
INTAKE = "intake"
SCAN_DONE = "scan_done"
INTAKE_WATCH = "intake_watch"
CALENDAR_SYNC = "calendar_sync"
ALARM = "alarm"
SUMMARY = "summary"
