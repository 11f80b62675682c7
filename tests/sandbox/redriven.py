"""What waits in the emulator's dead-letter queue, and `python -m sigv2 verify --redrive` as a process of its own."""

import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sigv2.sandbox.demo import read_log
from sigv2.undelivered import waiting_in
from tests.sandbox.conftest import Pipeline
from tests.sandbox.verified import BASE, GROUP, QUEUE

RULE_ARN = f"arn:aws:events:us-east-1:123456789012:rule/{BASE}"
ROOT = Path(__file__).parents[2]
OTHER_LEASES = """
import sys
from datetime import timedelta
from sigv2.verify.redriving import lease
seconds = float(sys.argv.pop(1))
lease.LENGTH, lease.MARGIN = timedelta(seconds=seconds), timedelta(seconds=seconds / 4)
from sigv2.cli import app
print("ready", flush=True)
app(["verify", "--redrive", *sys.argv[1:]])
"""


def event(key: str, *, age: timedelta = timedelta(minutes=5), **changed: Any) -> dict[str, Any]:
    """A SigV2 request for a key, as EventBridge passes it on."""
    detail = {
        "eventID": str(uuid.uuid4()),
        "eventName": "GetObject",
        "eventSource": "s3.amazonaws.com",
        "requestParameters": {"bucketName": "example-uploads", "key": key},
        "additionalEventData": {"SignatureVersion": "SigV2", "AuthenticationMethod": "AuthHeader"},
    }
    return {
        "id": str(uuid.uuid4()),
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.s3",
        "time": f"{datetime.now(UTC) - age:%Y-%m-%dT%H:%M:%SZ}",
        "detail": detail | changed,
    }


def queue_url(pipeline: Pipeline) -> str:
    return pipeline.emulator.client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"]


def leave(pipeline: Pipeline, *bodies: object, rule_arn: str = RULE_ARN) -> None:
    """Put messages into the queue, as EventBridge does."""
    for body in bodies:
        pipeline.emulator.client("sqs").send_message(
            QueueUrl=queue_url(pipeline),
            MessageBody=body if isinstance(body, str) else json.dumps(body),
            MessageAttributes={"RULE_ARN": {"DataType": "String", "StringValue": rule_arn}},
        )


def left(pipeline: Pipeline) -> int:
    """How many messages are in the queue, held or not."""
    return waiting_in(pipeline.emulator.client("sqs"), queue_url(pipeline)).total


def times_logged(pipeline: Pipeline) -> Counter[str]:
    """How often each key's request is in the log group."""
    return Counter(
        event["detail"]["requestParameters"].get("key", "") for event in read_log(pipeline.emulator.client, GROUP)
    )


def start(pipeline: Pipeline, *options: str, lease_seconds: float = 2) -> subprocess.Popen[str]:
    """Run the command as a process, with leases of so many seconds; once it is at work, return."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {name: value for name, value in pipeline.environment().items() if value is not None}
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_LEASES, str(lease_seconds), *options],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process
