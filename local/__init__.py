"""The whole system on one machine: never shipped.

`chalicelib.names` reads the environment when it is first imported, so the names that a deployment would set are set
here, before anything of this package can import it.
"""

import os

os.environ.setdefault("AR_DISPATCH_ARN", "arn:aws:lambda:ap-southeast-1:000000000000:function:ar-dev-dispatch")
os.environ.setdefault("AR_SCHEDULER_ROLE_ARN", "arn:aws:iam::000000000000:role/ar-one-offs")
os.environ.setdefault("AR_SCANS_TOPIC_ARN", "arn:aws:sns:ap-southeast-1:000000000000:ar-scans")
os.environ.setdefault("AR_TEXTRACT_ROLE_ARN", "arn:aws:iam::000000000000:role/ar-textract")
os.environ.setdefault("AR_DLQ_ARN", "arn:aws:sqs:ap-southeast-1:000000000000:ar-dead-letters")
