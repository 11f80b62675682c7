"""`sandbox serve`: stays up for a person's own clients, and shows each SigV2 request as it is logged."""

import contextlib
import json
import os
import signal
import sys
import time
from urllib.parse import urlsplit

from rich.markup import escape

from sigv2.report.formats import print_table
from sigv2.sandbox.deploying.provider import deploy
from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.sandbox.logged import Event, report_on, row_of
from sigv2.sandbox.observing.bucket_rules import REFUSING_TAG
from sigv2.sandbox.people import iam_user
from sigv2.sandbox.visitors import Credentials
from sigv2.stack import Stack
from sigv2.terminal import console, counted, fail, say

_WAKE_SECONDS = 0.2


def serve(stack: Stack | None, *, region: str, port: int, as_json: bool) -> None:
    """Run until Ctrl-C or SIGTERM.

    Args:
        stack: what to deploy first, creating the target buckets that it names; None starts empty, for another
            engine to deploy to.
        region: of the emulator.
        port: on 127.0.0.1; 0 takes any that is free.
        as_json: print each logged event as a line of JSON on standard output, and all else on standard error.
    """
    _heed_signals()
    shown = console(stderr=as_json)
    logged: list[Event] = []

    def show(event: Event) -> None:
        logged.append(event)
        if as_json:
            sys.stdout.write(json.dumps(event) + "\n")
            sys.stdout.flush()
        else:
            say("  ".join((event["detail"]["eventTime"], *row_of(event))))

    with _listening(region, port) as emulator:
        emulator.on_delivered(show)
        credentials = iam_user(emulator.client, "you")
        if stack:
            for bucket in stack.settings().targets.buckets:
                emulator.client("s3").create_bucket(Bucket=bucket)
            deploy(stack, emulator.client)
            say(
                f"Deployed stack {stack.name}. Each SigV2 request to a target bucket is shown as it is logged.",
                stderr=as_json,
            )
        else:
            say("Nothing is deployed: point `pulumi up` or Terraform at the endpoint.", stderr=as_json)
        # Whole lines, however narrow the terminal: they are there to be pasted.
        shown.print(escape(instructions(emulator.endpoint, region, credentials)), soft_wrap=True)
        _wait_for_signal()
        emulator.settle()
        if log_groups := sorted(emulator.deployment().log_groups):
            print_table(report_on(emulator.client, log_groups), shown)
    say(f"{counted(len(logged), 'SigV2 request')} logged.", stderr=as_json)


def _listening(region: str, port: int) -> Emulator:
    try:
        return Emulator(region=region, port=port)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        fail(f"port {port} of 127.0.0.1 cannot be listened on ({reason}); choose another with --port")


def _heed_signals() -> None:
    # What a shell without job control starts in the background ignores SIGINT, and Python leaves it at that.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _wait_for_signal() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            # The kernel may hand the signal to another thread, and this one heeds it only when it wakes up.
            time.sleep(_WAKE_SECONDS)


def instructions(endpoint: str, region: str, credentials: Credentials) -> str:
    """Lines to paste for the clients that people have, old and new signatures side by side."""
    host = urlsplit(endpoint).netloc
    tag, value = REFUSING_TAG
    key, secret = credentials.access_key_id, credentials.secret_access_key
    return f"""
Endpoint   {endpoint}   (S3, and CloudTrail, EventBridge, CloudWatch Logs, SQS, IAM, STS)

environment
  export AWS_ENDPOINT_URL={endpoint}
  export AWS_DEFAULT_REGION={region}
  export AWS_ACCESS_KEY_ID={key}
  export AWS_SECRET_ACCESS_KEY={secret}
boto3
  import boto3, botocore.config
  boto3.client("s3").generate_presigned_url("get_object", Params={{"Bucket": "BUCKET", "Key": "KEY"}})
  boto3.client("s3", config=botocore.config.Config(signature_version="s3"))
aws-cli
  aws s3 cp FILE s3://BUCKET/
  aws s3 presign s3://BUCKET/KEY
s3cmd
  s3cmd --signature-v2 --no-ssl --host={host} --host-bucket={host} \\
    --access_key={key} --secret_key={secret} put FILE s3://BUCKET/
rclone
  rclone copy FILE :s3:BUCKET --s3-provider=AWS --s3-endpoint={endpoint} --s3-force-path-style \\
    --s3-access-key-id={key} --s3-secret-access-key={secret} --s3-v2-auth
a bucket that refuses SigV2, as newer ones do
  aws s3api put-bucket-tagging --bucket BUCKET --tagging 'TagSet=[{{Key={tag},Value={value}}}]'

Ctrl-C ends it with a summary.
"""
