"""Sends one SigV2-signed request, and waits until the pipeline has logged it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sigv2.discover.sigv2_acceptance import Verdict, verdict_on
from sigv2.passing_errors import is_passing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client

    from sigv2.verify.choice import Probed

_UNAUTHENTICATED: Final = (
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
)
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 15.0
_CLOCKS_DIFFER: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Answer:
    """What S3 answered to the SigV2-signed request.

    Attributes:
        code: S3's error code, such as NoSuchKey; empty where it refused nothing.
        refuses_sigv2: whether it refused how the request is signed; CloudTrail does not log such a request.
        reason: one harmless line that says why.
    """

    code: str
    refuses_sigv2: bool
    reason: str


@dataclass(frozen=True)
class Arrival:
    """The event in the log group.

    Attributes:
        latency: from the request to when it was found in the log group.
        message: the log event as it was found: an attacker could have written parts of any.
    """

    latency: timedelta
    message: str


def send(sigv2: S3Client, probed: Probed) -> Answer:
    """Ask for an object; that it does not exist, or may not be read, is logged as well.

    Args:
        sigv2: a client that signs with SigV2.
        probed: the object.

    Raises:
        botocore.exceptions.ClientError: S3 does not know who asks. CloudTrail logs no such request.
        botocore.exceptions.BotoCoreError: S3 cannot be asked.
    """
    try:
        sigv2.get_object(Bucket=probed.bucket, Key=probed.key)["Body"].close()
    except ClientError as error:
        code = error.response["Error"].get("Code") or ""
        if code in _UNAUTHENTICATED:
            raise
        verdict, reason = verdict_on(error, sigv2.meta.region_name)
        return Answer(code, verdict is Verdict.REFUSES, reason)
    return Answer("", refuses_sigv2=False, reason="S3 answered")


def wait(
    logs: CloudWatchLogsClient,
    log_group: str,
    probed: Probed,
    timeout: timedelta,
    *,
    tell: Callable[[timedelta], object] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Arrival | None:
    """Look for the event, often at first, until it is there or the time is up.

    Args:
        logs: a client in the log group's Region.
        log_group: its name.
        probed: the object that was just asked for.
        timeout: how long to look.
        tell: called with how long it has been, for a progress display.
        sleep: waits for so many seconds.
        clock: seconds that only ever grow.

    Returns:
        The event; None where it did not come, at once where there is no log group to come to.

    Raises:
        botocore.exceptions.ClientError: AWS refuses to show the log group.
        botocore.exceptions.BotoCoreError: AWS cannot be asked, not even when the time is up.
    """
    since = datetime.now(UTC) - _CLOCKS_DIFFER
    sent = clock()
    pause = _FIRST_PAUSE_SECONDS
    while True:
        left = timeout.total_seconds() - (clock() - sent)
        message = None
        try:
            message = _find(logs, log_group, probed.token, since)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"].get("Code") == "ResourceNotFoundException":
                return None
            # Twenty minutes are not lost because the network was for one.
            if left <= 0 or not is_passing(error):
                raise
        elapsed = timedelta(seconds=clock() - sent)
        if message is not None:
            return Arrival(elapsed, message)
        if left <= 0:
            return None
        tell(elapsed)
        sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)


def _find(logs: CloudWatchLogsClient, log_group: str, token: str, since: datetime) -> str | None:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=log_group, startTime=int(since.timestamp() * 1000), filterPattern=f'"{token}"'
    )
    return next((event["message"] for page in pages for event in page["events"]), None)
