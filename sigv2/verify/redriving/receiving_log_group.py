"""The log group as a redrive sees it: what it holds already, and what it takes."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sigv2.verify.redriving.undelivered_event import logged_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilterLogEventsRequestPaginateTypeDef

    from sigv2.verify.redriving.undelivered_event import Undelivered

_IDS_AT_ONCE: Final = 25
"""As many as a filter pattern of 1,024 characters holds
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html)."""

_CLOCKS_DIFFER: Final = timedelta(hours=1)
_SHOWS_WITHIN: Final = timedelta(seconds=30)
_TRIES: Final = 5
_SERVER_ERROR: Final = 500


class DoubtError(Exception):
    """Whether the log group took events is not known."""


class ReceivingLogGroup:
    """A log group.

    Args:
        reader: a client to look with.
        writer: a client that makes each call once: a PutLogEvents that is made again could log twice.
        log_group: its name.
    """

    def __init__(self, reader: CloudWatchLogsClient, writer: CloudWatchLogsClient, log_group: str) -> None:
        self._reader = reader
        self._writer = writer
        self._log_group = log_group

    def holds(self, events: Sequence[Undelivered]) -> set[str]:
        """The ids of those events that are in the log group, whoever wrote them."""
        found: set[str] = set()
        in_order = sorted(events, key=lambda event: event.milliseconds)
        for start in range(0, len(in_order), _IDS_AT_ONCE):
            some = in_order[start : start + _IDS_AT_ONCE]
            wanted = {event.event_id for event in some}
            terms = [f'"{event_id}"' for event_id in sorted(wanted)]
            pattern = terms[0] if len(terms) == 1 else " ".join(f"?{term}" for term in terms)
            # When EventBridge's own deliveries are dated is not documented, so the search has no end.
            found |= wanted & self._ids(some[0].milliseconds, {"filterPattern": pattern})
        return found

    def put(self, stream: str, batch: Sequence[Undelivered]) -> list[Undelivered]:
        """Write a batch into a stream.

        Returns:
            The events that the log group certainly took.

        Raises:
            DoubtError: it may have taken some.
            botocore.exceptions.ClientError: it took none, and never will.
        """
        for attempt in range(_TRIES):
            try:
                answer = self._writer.put_log_events(
                    logGroupName=self._log_group,
                    logStreamName=stream,
                    logEvents=[{"timestamp": event.milliseconds, "message": event.message} for event in batch],
                )
            except BotoCoreError as error:
                raise DoubtError from error
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_ERROR:
                    raise DoubtError from error
                if error.response["Error"].get("Code") != "ThrottlingException" or attempt + 1 == _TRIES:
                    raise
                time.sleep(2**attempt)
                continue
            rejected = answer.get("rejectedLogEventsInfo", {})
            # Whether an index is of the last event that was rejected or of the first that was not decides nothing here:
            # what is left out stays in the queue, and is looked for again.
            first = max(rejected.get("tooOldLogEventEndIndex", -1), rejected.get("expiredLogEventEndIndex", -1)) + 1
            return list(batch[first : rejected.get("tooNewLogEventStartIndex", len(batch))])
        raise AssertionError("the loop returns or raises")

    def shows(self, stream: str, events: Sequence[Undelivered]) -> set[str]:
        """The ids of those events that a search finds in a stream, by when a search should find what was just put."""
        until = time.time() + _SHOWS_WITHIN.total_seconds()
        wanted = {event.event_id for event in events}
        while True:
            found = wanted & self._ids(min(event.milliseconds for event in events), {"logStreamNames": [stream]})
            if found == wanted or time.time() >= until:
                return found
            time.sleep(0.5)

    def _ids(self, since: int, selection: dict[str, Collection[str]]) -> set[str]:
        earliest = max(0, since - int(_CLOCKS_DIFFER.total_seconds() * 1000))
        request: FilterLogEventsRequestPaginateTypeDef = {"logGroupName": self._log_group, "startTime": earliest}
        pages = self._reader.get_paginator("filter_log_events").paginate(**request, **selection)
        ids = (logged_id(event["message"]) for page in pages for event in page["events"])
        return {event_id for event_id in ids if event_id}
