"""`python -m sigv2 report` in the emulated account, and what fills and empties the log that it reads."""

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import typer
from typer.testing import CliRunner, Result

from sigv2.report.report_command import report
from sigv2.sandbox.visitors import Credentials
from tests.sandbox.conftest import TARGET, Pipeline, age_log_group
from tests.sandbox.s3_clients import s3_client

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

GROUP = "/aws/events/s3-sigv2-access-log"
DENY = {
    "Sid": "DenySigV2",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::example-reports", "arn:aws:s3:::example-reports/*"],
    "Condition": {"StringEquals": {"s3:signatureversion": "AWS"}},
}


def emptied(pipeline: Pipeline) -> Pipeline:
    """The stack as it is after a year, with nothing in its log."""
    pipeline.emulator.settle()
    logs = pipeline.emulator.client("logs")
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=400)
    age_log_group(timedelta(days=365))
    for stream in logs.describe_log_streams(logGroupName=GROUP)["logStreams"]:
        logs.delete_log_stream(logGroupName=GROUP, logStreamName=stream["logStreamName"])
    return pipeline


def run(pipeline: Pipeline, *options: str) -> Result:
    """Run the command as a user of the emulated account."""
    pipeline.emulator.settle()
    app = typer.Typer()
    app.command()(report)
    return CliRunner().invoke(app, options, env=pipeline.environment())


def records(pipeline: Pipeline, *options: str) -> list[dict[str, Any]]:
    result = run(pipeline, "--format", "json", *options)
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["records"]
    return found


def put(pipeline: Pipeline, key: str = "key", credentials: Credentials | None = None, bucket: str = TARGET) -> None:
    s3_client(pipeline.emulator, credentials or pipeline.user).put_object(Bucket=bucket, Key=key, Body=b"x")


def log_changed(pipeline: Pipeline, **changed: Any) -> None:
    """Log what AWS would of a request that the sandbox cannot be sent: a real one with other fields."""
    put(pipeline)
    (event,) = pipeline.logged()
    logs = pipeline.emulator.client("logs")
    for stream in logs.describe_log_streams(logGroupName=GROUP)["logStreams"]:
        logs.delete_log_stream(logGroupName=GROUP, logStreamName=stream["logStreamName"])
    logs.create_log_stream(logGroupName=GROUP, logStreamName="changed")
    event["detail"] |= changed
    message: InputLogEventTypeDef = {"timestamp": int(time.time() * 1000), "message": json.dumps(event)}
    logs.put_log_events(logGroupName=GROUP, logStreamName="changed", logEvents=[message])
