"""Asks log groups again and again for what is new in them.

FilterLogEvents chooses by the time of a request, and requests arrive minutes later, in any order
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html). So each poll reads what
the last ones have read again, as far as `LOOK_BACK`; what was seen before is told by its id.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sigv2.report.query_run import QueryError, no_log_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from mypy_boto3_logs import CloudWatchLogsClient

LOOK_BACK: Final = timedelta(minutes=30)
"""How late a request may arrive; CloudTrail delivers within some five minutes, and promises none
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html)."""


class LogPoller:
    """Reads what may be new since the last poll that came to its end.

    Args:
        logs: a client in the log groups' Region; it needs `logs:FilterLogEvents`.
        log_groups: their names.
        wall_clock: tells the time.
    """

    def __init__(
        self, logs: CloudWatchLogsClient, log_groups: Sequence[str], wall_clock: Callable[[], datetime]
    ) -> None:
        self._logs = logs
        self._log_groups = log_groups
        self._wall_clock = wall_clock
        self._last: datetime | None = None

    def poll(self) -> Iterator[str]:
        """The messages that may be new, and others.

        Raises:
            QueryError: a log group is missing.
            botocore.exceptions.ClientError: AWS refuses.
            botocore.exceptions.BotoCoreError: AWS cannot be asked.
        """
        begun = self._wall_clock()
        since = (self._last or begun) - LOOK_BACK
        for name in self._log_groups:
            pages = self._logs.get_paginator("filter_log_events").paginate(
                logGroupName=name, startTime=int(since.timestamp() * 1000)
            )
            try:
                for page in pages:
                    yield from (event["message"] for event in page["events"])
            except self._logs.exceptions.ResourceNotFoundException:
                raise QueryError(no_log_group([name], self._logs.meta.region_name)) from None
        self._last = begun
