"""Runs a saved query on CloudWatch Logs Insights."""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sigv2.passing_errors import BUSY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import GetQueryResultsResponseTypeDef

    from blueprint.queries import SavedQuery
    from sigv2.period import Period

MOST_ROWS: Final = 100_000
"""What Insights returns at most (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html)."""

_BACKOFF_SECONDS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)
_FIRST_POLL_SECONDS: Final = 0.2
_LONGEST_POLL_SECONDS: Final = 3.0
_LONGEST_QUERY_SECONDS: Final = 65 * 60.0
"""Insights ends a query itself after 60 minutes."""

_TOO_OLD: Final = "before the log groups creation time"
"""Of what Insights says where a time ends before a log group was made, or before what it keeps."""
_PENDING: Final = ("Scheduled", "Running", "Unknown")
_ENDED_BADLY: Final = {
    "Failed": "the query failed in CloudWatch Logs Insights; run it again, or over a shorter time with --since",
    "Cancelled": "somebody stopped the query in CloudWatch Logs Insights; run it again",
    "Timeout": "the query took longer than the 60 minutes that CloudWatch Logs Insights allows; "
    "ask for a shorter time with --since",
}


class QueryError(Exception):
    """There is no answer; the message is one sentence for the person who asked."""


@dataclass(frozen=True)
class QueryResult:
    """What a query found.

    Attributes:
        rows: values by field; a field that the counted events lack is not there.
        complete: whether these are all rows, rather than the first `MOST_ROWS`.
    """

    rows: Sequence[Mapping[str, str]]
    complete: bool


def run_query(
    logs: CloudWatchLogsClient,
    query: SavedQuery,
    log_groups: Sequence[str],
    period: Period,
    *,
    tell: Callable[[str], object] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> QueryResult:
    """Start a query, wait until it has ended, and fetch its rows; a query that is given up is stopped.

    Args:
        logs: a client in the log groups' Region.
        query: what to ask.
        log_groups: names of up to fifty log groups; of none there are no rows.
        period: what to look at; log events that are gone already are no error.
        tell: called with what it is waiting for, for a progress display.
        sleep: waits for so many seconds.

    Raises:
        QueryError: a log group is missing, too many queries are running, or the query did not complete.
        botocore.exceptions.ClientError: AWS refuses otherwise.
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    if not log_groups:
        return QueryResult([], complete=True)
    query_id = _start(logs, query, log_groups, period, tell, sleep)
    ended = False
    try:
        for seconds in _poll_intervals():
            results = logs.get_query_results(queryId=query_id)
            if results["status"] not in _PENDING:
                ended = True
                return _answer(logs, query_id, results)
            scanned = int(results.get("statistics", {}).get("recordsScanned", 0))
            tell(f"{results['status']}, {scanned:,} requests read")
            sleep(seconds)
        raise QueryError(_ENDED_BADLY["Timeout"])
    finally:
        if not ended:
            with contextlib.suppress(BotoCoreError, ClientError):
                logs.stop_query(queryId=query_id)


def _start(
    logs: CloudWatchLogsClient,
    query: SavedQuery,
    log_groups: Sequence[str],
    period: Period,
    tell: Callable[[str], object],
    sleep: Callable[[float], None],
) -> str:
    for seconds in (*_BACKOFF_SECONDS, None):
        try:
            return logs.start_query(
                logGroupNames=list(log_groups),
                startTime=max(0, math.floor(period.since.timestamp())),
                # Rounded up: an end before the creation of a log group of this very second would be refused.
                endTime=math.ceil(period.until.timestamp()),
                queryString=query.text,
                limit=MOST_ROWS,
            )["queryId"]
        except ClientError as error:
            code = error.response["Error"].get("Code")
            if code == "ResourceNotFoundException":
                raise QueryError(no_log_group(log_groups, logs.meta.region_name)) from None
            if code == "MalformedQueryException" and _TOO_OLD in error.response["Error"].get("Message", ""):
                raise QueryError(
                    f"{' or '.join(log_groups)} holds nothing as old as {period.until:%Y-%m-%d %H:%M} UTC, where the "
                    "time ends that was asked about: ask about a later one"
                ) from None
            if code not in BUSY:
                raise
            if seconds is None:
                break
        tell("waiting for other queries to end")
        sleep(seconds)
    raise QueryError(
        "CloudWatch Logs Insights has been busy for two minutes: the account may run 100 queries at once in a Region, "
        "dashboards included; try again later"
    )


def no_log_group(names: Sequence[str], region: str) -> str:
    """That log groups are missing, and the way out."""
    return (
        f"there is no log group {' or '.join(names)} in {region}: deploy the stack with `pulumi up`, "
        "or say where to look with --stack, --log-group, --region or --profile"
    )


def _poll_intervals() -> Iterator[float]:
    """Seconds to wait before asking again: short at first, until a query has no time left."""
    seconds, waited = _FIRST_POLL_SECONDS, 0.0
    while waited < _LONGEST_QUERY_SECONDS:
        yield seconds
        waited += seconds
        seconds = min(seconds * 1.5, _LONGEST_POLL_SECONDS)


def _answer(logs: CloudWatchLogsClient, query_id: str, page: GetQueryResultsResponseTypeDef) -> QueryResult:
    if page["status"] != "Complete":
        raise QueryError(_ENDED_BADLY.get(page["status"], f"the query ended as {page['status']}; run it again"))
    rows: list[Mapping[str, str]] = []
    while True:
        rows += [{cell["field"]: cell.get("value", "") for cell in row if "field" in cell} for row in page["results"]]
        token = page.get("nextToken")
        if not token:
            return QueryResult(rows, complete=len(rows) < MOST_ROWS)
        page = logs.get_query_results(queryId=query_id, nextToken=token)
