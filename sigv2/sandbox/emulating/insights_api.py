"""CloudWatch Logs Insights, for the queries of a report: StartQuery, GetQueryResults and StopQuery.

It does not parse the query language. The text of a query names the `SavedQuery` that it was built from, by place or
not, and the answer is computed from that same data over the log group's events (`sigv2.query_engine`, with which
`report --from` counts, too), which are read through the emulator's own logs API.
"""

from __future__ import annotations

import math
import threading
import time
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ParamValidationError

from blueprint.queries import REPORT_QUERIES, REQUESTS, SavedQuery
from sigv2.aws import log_group_named
from sigv2.json_object import json_object
from sigv2.query_engine import LoggedEvent, Row, answer
from sigv2.sandbox.emulating.logs_request import Document, LogsRefused, number, text, texts
from sigv2.sandbox.observing.deployed import log_group_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigv2.sandbox.emulating.aws_clients import Clients

_MOST_ROWS = 100_000
_MOST_ROWS_OF_A_PAGE = 10_000
_DEFAULT_ROWS = 10_000
_KEPT_QUERIES = 100


@dataclass(frozen=True)
class _Query:
    """A query that was started; `status` is what GetQueryResults has yet to tell."""

    rows: tuple[Row, ...]
    scanned: int
    status: str = "Running"


class Insights:
    """Answers the calls of Logs Insights, keeping the latest queries only.

    Args:
        clients: Makes the client that reads log groups.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._queries: dict[str, _Query] = {}
        self._changing = threading.Lock()

    def start_query(self, body: Document) -> Document:
        """Answers StartQuery; raises `LogsRefused` as AWS does."""
        query = _understood(text(body, "queryString"))
        start, end = number(body, "startTime"), number(body, "endTime")
        if not 0 <= start <= end:
            raise LogsRefused("InvalidParameterException", "End time cannot be less than Start time.")
        limit = number(body, "limit", _DEFAULT_ROWS)
        if not 1 <= limit <= _MOST_ROWS:
            raise LogsRefused("InvalidParameterException", f"limit must be between 1 and {_MOST_ROWS}.")
        events = [event for name in _log_groups(body) for event in self._events(name, start, end)]
        identifier = str(uuid.uuid4())
        with self._changing:
            self._queries[identifier] = _Query(tuple(answer(query, events)[:limit]), len(events))
            for oldest in list(self._queries)[:-_KEPT_QUERIES]:
                del self._queries[oldest]
        return {"queryId": identifier}

    def get_query_results(self, body: Document) -> Document:
        """Answers GetQueryResults: `Running`, without results, the first time; raises `LogsRefused` as AWS does."""
        identifier = text(body, "queryId")
        with self._changing:
            query = self._query(identifier)
            if query.status == "Running":
                self._queries[identifier] = replace(query, status="Complete")
        rows = query.rows if query.status == "Complete" else ()
        first, size = number(body, "nextToken", 0), number(body, "maxItems", _MOST_ROWS_OF_A_PAGE)
        if first < 0 or not 0 <= size <= _MOST_ROWS_OF_A_PAGE:
            raise LogsRefused("InvalidParameterException", "nextToken or maxItems is not valid.")
        page = rows[first : first + size]
        more = {"nextToken": str(first + len(page))} if first + len(page) < len(rows) else {}
        return {
            "queryLanguage": "CWLI",
            "status": query.status,
            "results": [[{"field": field, "value": value} for field, value in row.items()] for row in page],
            "statistics": {
                "recordsMatched": sum(int(row[REQUESTS]) for row in rows),
                "recordsScanned": query.scanned,
            },
            **more,
        }

    def stop_query(self, body: Document) -> Document:
        """Answers StopQuery; raises `LogsRefused` as AWS does."""
        identifier = text(body, "queryId")
        with self._changing:
            query = self._query(identifier)
            if query.status != "Running":
                raise LogsRefused("InvalidParameterException", "The specified query is not running.")
            self._queries[identifier] = replace(query, status="Cancelled")
        return {"success": True}

    def _query(self, identifier: str) -> _Query:
        if identifier not in self._queries:
            raise LogsRefused("ResourceNotFoundException", "The specified query does not exist.")
        return self._queries[identifier]

    def _events(self, log_group: str, start: int, end: int) -> list[LoggedEvent]:
        logs = self._clients("logs")
        # Both ends of the range are included, whole seconds.
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=log_group, startTime=start * 1000, endTime=end * 1000 + 999
        )
        try:
            self._refuse_too_old(name=log_group, end=end)
            found = [event for page in pages for event in page["events"]]
        except logs.exceptions.ResourceNotFoundException:
            raise LogsRefused("ResourceNotFoundException", f"Log group '{log_group}' does not exist.") from None
        except (ClientError, ParamValidationError):
            raise LogsRefused("InvalidParameterException", "The name of a log group or a time is not valid.") from None
        return [LoggedEvent(event["timestamp"], json_object(event["message"]) or {}) for event in found]

    def _refuse_too_old(self, name: str, end: int) -> None:
        group = log_group_named(self._clients("logs"), name)
        if group is None:
            return
        days = group.get("retentionInDays")
        oldest = max(group["creationTime"] / 1000, time.time() - days * 86_400 if days else 0)
        if end < math.floor(oldest):
            raise LogsRefused(
                "MalformedQueryException",
                "Query's end date and time is either before the log groups creation time or exceeds the log groups log "
                "retention settings",
            )


def _understood(query_string: str) -> SavedQuery:
    for query in REPORT_QUERIES:
        for asked in (query, query.by_place()):
            if asked.text == query_string.strip():
                return asked
    raise LogsRefused(
        "MalformedQueryException", "The sandbox understands the queries of a report only, letter for letter."
    )


def _log_groups(body: Document) -> Sequence[str]:
    given = [texts(body, "logGroupNames"), texts(body, "logGroupIdentifiers")]
    if "logGroupName" in body:
        given.append([text(body, "logGroupName")])
    (names, *others) = [groups for groups in given if groups] or [[]]
    if not names or others:
        raise LogsRefused(
            "InvalidParameterException",
            "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given.",
        )
    return [log_group_name(name) or name for name in names]
