"""Since when a log group can prove anything: it holds nothing from before it existed, or beyond its retention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from sigv2.aws import explained
from sigv2.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import LogGroupTypeDef

    from sigv2.report.query_run import Period

_LESS: Final = "ask about less time with --since"


@dataclass(frozen=True)
class Coverage:
    """How much of a time the log groups tell of.

    Attributes:
        since: since when they hold all that was logged; None where that cannot be told.
        doubts: why that is not all of the time that was asked about, and the way out, each without a stop.
    """

    since: datetime | None
    doubts: tuple[str, ...] = ()


UNKNOWN = Coverage(None)
"""Nobody looked."""


def coverage_of(logs: CloudWatchLogsClient, log_groups: Sequence[str], period: Period) -> Coverage:
    """Look up how much of a time log groups tell of; who may not ask gets a doubt.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html

    Args:
        logs: a client in the log groups' Region.
        log_groups: their names.
        period: the time that was asked about.

    Raises:
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    found = [_of_group(logs, name, period) for name in log_groups]
    known = [coverage.since for coverage in found if coverage.since]
    doubts = tuple(doubt for coverage in found for doubt in coverage.doubts)
    return Coverage(max(known) if len(known) == len(found) else None, doubts)


def _of_group(logs: CloudWatchLogsClient, name: str, period: Period) -> Coverage:
    unknown = f"since when {name} exists and how long it keeps requests cannot be told"
    try:
        group = _described(logs, name)
    except ClientError as error:
        return Coverage(None, (f"{unknown}: {explained(error)}",))
    if group is None or "creationTime" not in group:
        return Coverage(None, (unknown,))
    doubts = []
    since = period.since
    created = datetime.fromtimestamp(group["creationTime"] / 1000, UTC)
    if created > period.since:
        doubts.append(f"{name} exists only since {created:%Y-%m-%d %H:%M} UTC, so {_LESS}, or wait")
        since = created
    # A group without a retention keeps everything.
    days = group.get("retentionInDays")
    if days is not None and period.until - timedelta(days=days) > period.since:
        doubts.append(f"{name} keeps requests for {counted(days, 'day')} only, so {_LESS}")
        since = max(since, period.until - timedelta(days=days))
    return Coverage(since, tuple(doubts))


def _described(logs: CloudWatchLogsClient, name: str) -> LogGroupTypeDef | None:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    return next((group for page in pages for group in page["logGroups"] if group["logGroupName"] == name), None)
