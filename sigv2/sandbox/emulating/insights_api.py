"""CloudWatch Logs Insights, for the saved queries: StartQuery, GetQueryResults and StopQuery.

It does not parse the query language. The text of a query names the `SavedQuery` that it was built from, by place or
not, and the answer is computed from that same data over the log group's events, which are read through the emulator's
own logs API.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from blueprint.queries import DAY, EVENT_TIME, FIRST_SEEN, LAST_SEEN, REQUESTS, SAVED_QUERIES, Extract, SavedQuery
from sigv2.sandbox.emulating.logs_request import Document, LogsRefused, number, text, texts
from sigv2.sandbox.observing.deployed import log_group_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sigv2.sandbox.emulating.aws_clients import Clients

Row = dict[str, str]
"""A row of results; a field that the events lack is not there."""

_MOST_ROWS = 100_000
_MOST_ROWS_OF_A_PAGE = 10_000
_DEFAULT_ROWS = 10_000
_KEPT_QUERIES = 100


@dataclass(frozen=True)
class LoggedEvent:
    """An event of a log group.

    Attributes:
        timestamp: in milliseconds since 1970.
        message: the parsed event.
    """

    timestamp: int
    message: Mapping[str, Any]


def answer(query: SavedQuery, events: Iterable[LoggedEvent]) -> list[Row]:
    """Computes what Logs Insights answers to a saved query.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html

    Args:
        query: the query.
        events: of all log groups that it is run on.

    Returns:
        The rows, busiest first.
    """
    groups: defaultdict[tuple[str | None, ...], list[LoggedEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.timestamp):
        if _passes(query, event):
            groups[tuple(_value(query, event, field) for field in query.by)].append(event)
    rows = []
    for values, counted in groups.items():
        row = {field: value for field, value in zip(query.by, values, strict=True) if value is not None}
        row[REQUESTS] = str(len(counted))
        if query.seen:
            times = [time for event in counted if (time := _field(event.message, EVENT_TIME)) is not None]
            row |= {FIRST_SEEN: times[0], LAST_SEEN: times[-1]} if times else {}
        rows.append(row)
    return sorted(rows, key=lambda row: -int(row[REQUESTS]))


def _passes(query: SavedQuery, event: LoggedEvent) -> bool:
    if query.only is None:
        return True
    field, wanted = query.only
    value = _field(event.message, field)
    return value is not None if wanted is None else value == wanted


def _value(query: SavedQuery, event: LoggedEvent, field: str) -> str | None:
    if field == DAY:
        return datetime.fromtimestamp(event.timestamp / 1000, UTC).strftime("%Y-%m-%d 00:00:00.000")
    made = next((made for made in query.made if made.name == field), None)
    if isinstance(made, Extract):
        found = re.search(f"{made.before}({made.pattern})", _field(event.message, made.field) or "")
        return found[1] if found else None
    fields = made.fields if made else (field,)
    return next((value for path in fields if (value := _field(event.message, path)) is not None), None)


def _field(message: Mapping[str, Any], path: str) -> str | None:
    value: object = message
    for name in path.split("."):
        if isinstance(value, list) and name.isdecimal():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    if value is None or isinstance(value, dict | list):
        return None
    return value if isinstance(value, str) else json.dumps(value)


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
        query = _saved_query(text(body, "queryString"))
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
            found = [event for page in pages for event in page["events"]]
        except logs.exceptions.ResourceNotFoundException:
            raise LogsRefused("ResourceNotFoundException", f"Log group '{log_group}' does not exist.") from None
        except (ClientError, ParamValidationError):
            raise LogsRefused("InvalidParameterException", "The name of a log group or a time is not valid.") from None
        return [LoggedEvent(event["timestamp"], _parsed(event["message"])) for event in found]


def _saved_query(query_string: str) -> SavedQuery:
    for query in SAVED_QUERIES:
        for asked in (query, query.by_place()):
            if asked.text == query_string.strip():
                return asked
    raise LogsRefused("MalformedQueryException", "The sandbox understands the saved queries only, letter for letter.")


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


def _parsed(message: str) -> Mapping[str, Any]:
    """The fields that Insights discovers in a message, none unless it is a JSON object."""
    try:
        document = json.loads(message)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
