"""What Athena tells requests apart by, for a saved query, and the events that its answer stands for.

Athena counts requests that are alike in whatever the query looks at. Groups are made of them where those of all other
logs are made, so a value needs to be no shorter than what the query makes of it, and what makes one is kept whole.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from blueprint.queries import (
    ACCESS_KEY,
    ACCOUNT,
    AUTHENTICATION_METHOD,
    BUCKET,
    DAY,
    ERROR_CODE,
    EVENT_NAME,
    EVENT_TIME,
    OBJECT_KEY,
    PRINCIPAL,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ID,
    PRINCIPAL_TYPE,
    REGION,
    SOURCE_IP,
    USER_AGENT,
    USER_NAME,
    Extract,
    FirstOf,
    SavedQuery,
)
from sigv2.report.past.access_log_events import event_of
from sigv2.report.past.access_log_lines import AccessLogLine
from sigv2.report.past.athena.hive_types import sql_of, text
from sigv2.report.past.log_file_names import PLACE
from sigv2.report.principals import TEMPORARY_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigv2.report.past.athena.athena_table import AthenaTable

_DETAIL: Final = "detail."
_UP_TO_SLASH: Final = "^.*?(?:/|(?:%25|%)(?:2|%32)(?:[Ff]|%46|%66))"
"""What a key of an access log begins with, up to what is a slash once it is decoded twice; no prefix goes further."""

_LINE_COLUMNS: Final[Mapping[str, str]] = {
    PRINCIPAL: "requester",
    PRINCIPAL_ID: "requester",
    PRINCIPAL_ACCOUNT: "requester",
    PRINCIPAL_TYPE: "requester",
    USER_NAME: "requester",
    ACCESS_KEY: "requester",
    USER_AGENT: "agent",
    BUCKET: "bucket",
    OBJECT_KEY: "key",
    EVENT_NAME: "operation",
    ERROR_CODE: "error",
    AUTHENTICATION_METHOD: "method",
    SOURCE_IP: "address",
}
"""What of a line the fields of its event are made of; the other fields no access log tells."""

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "agent": ("useragent",),
    "bucket": ("bucket_name", "bucket"),
    "error": ("errorcode",),
    "method": ("authtype",),
    "address": ("remoteip",),
}
"""What AWS calls the columns in its tables."""


class TrailValues:
    """What tells requests apart in a table of CloudTrail's files.

    Attributes:
        sql: an expression for each value, by name.
        unknown: the fields that the query asks for and the table does not have.

    Args:
        query: what is asked.
        table: of what.

    Raises:
        QueryError: the table lacks a column that the query needs.
    """

    def __init__(self, query: SavedQuery, table: AthenaTable) -> None:
        self.sql: dict[str, str] = {}
        self.unknown: list[str] = []
        for path, made in _paths(query).items():
            steps = path.removeprefix(_DETAIL).split(".")
            table.column(steps[0].lower())
            sql = sql_of(table.columns, steps)
            if sql is None:
                self.unknown.append(path.removeprefix(_DETAIL))
            elif made is not None:
                self.sql[path] = f"regexp_extract({sql}, {text(f'{made.before}(?:{made.pattern})')})"
            elif path == ACCESS_KEY and query.is_of_clients:
                # All temporary keys of a principal are one client, and there may be millions of them.
                self.sql[path] = (
                    f"CASE WHEN {sql} LIKE {text(TEMPORARY_KEY + '%')} THEN {text(TEMPORARY_KEY)} ELSE {sql} END"
                )
            else:
                self.sql[path] = sql

    def event(self, values: Mapping[str, str | None], time: str) -> Mapping[str, Any]:
        """The event of requests with these values, the first of them at a time."""
        event: dict[str, Any] = {}
        for path, value in {**values, EVENT_TIME: time}.items():
            *parents, name = path.split(".")
            at = event
            for parent in parents:
                at = at.setdefault(parent, {})
            at[name] = value
        return event


class LineValues:
    """What tells requests apart in a table of server access logs.

    Attributes:
        sql: an expression for each value, by name.
        unknown: nothing beside what no access log tells.

    Args:
        query: what is asked.
        table: of what.

    Raises:
        QueryError: the table lacks a column that the query needs.
    """

    unknown: Sequence[str] = ()

    def __init__(self, query: SavedQuery, table: AthenaTable) -> None:
        self.sql: dict[str, str] = {}
        for path, made in _paths(query).items():
            if path in (REGION, ACCOUNT) and not table.is_view:
                for number, name in enumerate(("account", "region"), 1):
                    self.sql[name] = f'regexp_extract("$path", {text(PLACE.pattern)}, {number})'
            elif name := _LINE_COLUMNS.get(path, ""):
                sql = table.column(*_NAMES.get(name, (name,)))
                self.sql[name] = (
                    sql if path != OBJECT_KEY or made is None else f"regexp_extract({sql}, {text(_UP_TO_SLASH)})"
                )

    def event(self, values: Mapping[str, str | None], time: str) -> Mapping[str, Any]:
        """The event of requests with these values, the first of them at a time."""
        told = {name: "" if value in (None, "-") else str(value) for name, value in values.items()}
        account, region = told.get("account"), told.get("region")
        agent = told.get("agent", "").removeprefix('"').removesuffix('"')
        line = AccessLogLine(
            bucket=told.get("bucket", ""),
            time=time,
            timestamp=0,
            address=told.get("address", ""),
            requester=told.get("requester", ""),
            request_id="",
            operation=told.get("operation", ""),
            key=told.get("key", ""),
            error=told.get("error", ""),
            agent="" if agent == "-" else agent,
            signature="SigV2",
            method=told.get("method", ""),
        )
        return event_of(line, (account, region) if account and region else None)


def _paths(query: SavedQuery) -> Mapping[str, Extract | None]:
    """The fields that a query looks at, each with what is made of it, if it is that alone."""
    looks: defaultdict[str, list[Extract | None]] = defaultdict(list)
    made = {field.name: field for field in query.made}
    for field in (*query.by, *(query.only or ())[:1]):
        what = made.get(field or "")
        if isinstance(what, Extract):
            looks[what.field].append(what)
        elif isinstance(what, FirstOf):
            for path in what.fields:
                looks[path].append(None)
        elif field and field != DAY:
            looks[field].append(None)
    return {path: found[0] if len(found) == 1 else None for path, found in looks.items()}
