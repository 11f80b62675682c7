"""A saved query in the SQL of Athena, which is Trino's (https://docs.aws.amazon.com/athena/latest/ug/functions.html).

Everything is told by one scan: groups of SigV2 requests, and of each day how many requests were looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from blueprint.queries import DAY, SavedQuery
from sigv2.report.past.athena.athena_days import partitions_of
from sigv2.report.past.athena.athena_values import LineValues, TrailValues
from sigv2.report.past.athena.hive_types import sql_of, text
from sigv2.report.past.batches import Kind

if TYPE_CHECKING:
    from sigv2.period import Period
    from sigv2.report.past.athena.athena_table import AthenaTable

SIGV2: Final = "SigV2"
TOLD: Final = "told"
"""Another signature, or none."""
UNTOLD: Final = "untold"
"""It does not say."""
BROKEN: Final = "broken"
OTHER: Final = "other"
"""No request to S3 that tells how it was signed."""

AT: Final = "event_time"
"""The column with the time, as CloudTrail writes times."""

_TIME: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class AthenaSql:
    """A query for Athena.

    Its rows are of the columns `state`, `event_day`, a column for each value, `requests`, `records`, `first_seen`,
    `last_seen` and `of_values`. With `of_values` 1 they tell of the SigV2 requests with these values; with 0, of all
    that is of a state and a day, and all values are null.

    Attributes:
        text: the SQL.
        values: what its values mean.
        names: of the values, in the order of their columns.
        scans_all: whether the table has no partitions of days, so that all of it is scanned, whatever the time.
    """

    text: str
    values: TrailValues | LineValues
    names: tuple[str, ...]
    scans_all: bool


def sql_for(query: SavedQuery, table: AthenaTable, period: Period) -> AthenaSql:
    """Ask a table a saved query.

    Args:
        query: what to ask.
        table: of what.
        period: about what time.

    Raises:
        QueryError: the table cannot answer it.
    """
    is_trail = table.kind is Kind.TRAIL_TABLE
    values = TrailValues(query, table) if is_trail else LineValues(query, table)
    time, state, event = _of_trail(table) if is_trail else _of_access_log(table)
    told_apart = {**values.sql, **({DAY: f"substr({time}, 1, 10)"} if DAY in query.by else {})}
    named = {f"value_{number}": sql for number, sql in enumerate(told_apart.values(), 1)}
    partitions = partitions_of(table, period)
    since, until = _bounds(period)
    of_events = [f"min(CASE WHEN state = '{SIGV2}' THEN {name} END) AS {name}" for name in named]
    lines = [
        "WITH looked_at AS (",
        _select(
            f"{time} AS {AT}", f"{state} AS state", f"{event} AS event", *(f"{sql} AS {n}" for n, sql in named.items())
        ),
        f"FROM {table.name.sql}",
        *([f"WHERE {partitions}"] if partitions else []),
        "),",
        # What two trails recorded, or a line that was delivered twice, is one event.
        "events AS (",
        _select(
            "state",
            f"substr({AT}, 1, 10) AS event_day",
            f"CASE WHEN state = '{SIGV2}' THEN event END AS event",
            "count(*) AS records",
            f"min({AT}) AS first_seen",
            f"max({AT}) AS last_seen",
            *of_events,
        ),
        "FROM looked_at",
        f"WHERE {AT} IS NULL OR {AT} BETWEEN {text(since)} AND {text(until)}",
        "GROUP BY 1, 2, 3",
        ")",
        _select(
            "state",
            "event_day",
            *named,
            "count(*) AS requests",
            "sum(records) AS records",
            "min(first_seen) AS first_seen",
            "max(last_seen) AS last_seen",
            "grouping(event_day) AS of_values",
        ),
        "FROM events",
        f"GROUP BY GROUPING SETS ((state, event_day), (state, {', '.join(named)}))",
        f"HAVING grouping(event_day) = 0 OR state = '{SIGV2}'",
        # Whatever there is no more room for is what there is least of.
        "ORDER BY of_values, requests DESC",
    ]
    return AthenaSql("\n".join(lines), values, tuple(told_apart), scans_all=partitions is None)


def _of_trail(table: AthenaTable) -> tuple[str, str, str]:
    """Time and state of a record, and what is the same for all records of an event."""
    time = f"regexp_extract({table.column('eventtime')}, {text(_TIME)})"
    signature = sql_of(table.columns, ("additionalEventData", "SignatureVersion")) or "NULL"
    state = (
        f"CASE WHEN {time} IS NULL THEN '{BROKEN}' "
        f"WHEN {table.column('eventsource')} = 's3.amazonaws.com' AND {signature} = '{SIGV2}' THEN '{SIGV2}' "
        f"WHEN {signature} IS NOT NULL THEN '{TOLD}' ELSE '{OTHER}' END"
    )
    return time, state, f"coalesce({table.column('eventid')}, {time})"


def _of_access_log(table: AthenaTable) -> tuple[str, str, str]:
    """Time and state of a line, and what is the same for a line that was delivered twice."""
    parsed = f"TRY(date_parse({table.column('requestdatetime')}, '%d/%b/%Y:%H:%i:%s +0000'))"
    time = f"date_format({parsed}, '%Y-%m-%dT%H:%i:%sZ')"
    signature = table.column("sigv")
    state = (
        f"CASE WHEN {time} IS NULL THEN '{BROKEN}' WHEN {signature} IS NULL THEN '{UNTOLD}' "
        f"WHEN {signature} = '{SIGV2}' THEN '{SIGV2}' "
        f"WHEN {signature} = '-' OR {signature} LIKE 'SigV%' THEN '{TOLD}' ELSE '{BROKEN}' END"
    )
    told = (sql_of(table.columns, (name,)) for name in table.columns if name not in table.partition_keys)
    return time, state, f"concat_ws(' ', {', '.join(filter(None, told))})"


def _bounds(period: Period) -> tuple[str, str]:
    """The first and the last second of a time, as CloudTrail writes times."""
    since, until = period.since.astimezone(UTC), period.until.astimezone(UTC)
    if since.microsecond:
        since += _SECOND
    return f"{since:%Y-%m-%dT%H:%M:%SZ}", f"{until:%Y-%m-%dT%H:%M:%SZ}"


def _select(*columns: str) -> str:
    return "SELECT\n  " + ",\n  ".join(columns)
