"""Server access logs that S3 delivers to CloudWatch Logs as JSON.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/sal-cw-log-format.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sigv2.query_engine import LoggedEvent
from sigv2.report.coverage import Coverage, coverage_of
from sigv2.report.past.access_log_events import event_of
from sigv2.report.past.access_log_lines import AccessLogLine
from sigv2.report.past.batches import Collector, Kind, Unread
from sigv2.report.past.file_reader import number_of_bytes
from sigv2.report.past.findings import Findings
from sigv2.report.past.reading_progress import reading_progress
from sigv2.report.query_run import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_logs import CloudWatchLogsClient

    from blueprint.queries import SavedQuery
    from sigv2.period import Period

_SIGV2_ONLY: Final = '{ $.signature_version = "SigV2" }'
"""CloudWatch Logs sends no other record, and does not tell how many it looked at
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html)."""


def read_log_group(
    logs: CloudWatchLogsClient, log_group: str, queries: Sequence[SavedQuery], period: Period
) -> tuple[Findings, bool, Coverage]:
    """Read the SigV2 requests of a log group.

    Args:
        logs: a client in the log group's Region.
        log_group: its name.
        queries: what is asked.
        period: about what time.

    Returns:
        What was found, whether somebody interrupted it, and how much of the time the log group tells of.

    Raises:
        QueryError: there is no such log group.
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    collector, findings, interrupted = Collector(queries), Findings(queries), False
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=log_group,
        startTime=int(period.since.timestamp() * 1000),
        endTime=int(period.until.timestamp() * 1000),
        filterPattern=_SIGV2_ONLY,
    )
    try:
        coverage = coverage_of(logs, [log_group], period)
        collector.looked_at(Kind.LOG_GROUP).files = 1
        with reading_progress() as advance:
            for page in pages:
                for event in page["events"]:
                    _add(collector, log_group, event["message"])
                    advance(0, len(event["message"]))
                findings.add(collector.take())
    except KeyboardInterrupt:
        interrupted = True
    except ClientError as error:
        if error.response["Error"].get("Code") == "ResourceNotFoundException":
            raise QueryError(f"--from: there is no log group {log_group} in {logs.meta.region_name}") from None
        raise
    findings.add(collector.take())
    return findings, interrupted, coverage


def _add(collector: Collector, log_group: str, message: str) -> None:
    collector.batch.text_bytes += len(message)
    try:
        line = _line(json.loads(message))
    except (ValueError, TypeError, AttributeError, KeyError):
        collector.batch.unread.append(Unread(log_group, "they are no access logs of S3", 1))
        return
    if line.signature == "SigV2":
        looked_at = collector.looked_at(Kind.LOG_GROUP)
        looked_at.requests += 1
        looked_at.saw(line.time)
        collector.add(number_of_bytes(message.encode()), LoggedEvent(line.timestamp, event_of(line, None)))


def _line(record: Mapping[str, Any]) -> AccessLogLine:
    moment = datetime.fromisoformat(record["request_time"]).astimezone(UTC)
    told = {field: str(value) for field, value in record.items() if value not in (None, "-")}
    return AccessLogLine(
        bucket=told.get("bucket_name", ""),
        time=f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        timestamp=int(moment.timestamp() * 1000),
        address=told.get("remote_ip", ""),
        requester=told.get("requester", ""),
        request_id=told.get("request_id", ""),
        operation=told.get("operation", ""),
        key=told.get("key_name", ""),
        error=told.get("error_code", ""),
        agent=told.get("user_agent", ""),
        signature=str(record["signature_version"]),
        method=told.get("authentication_type", ""),
    )
