"""Answers saved queries with what Athena finds in a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sigv2.query_engine import Grouping, LoggedEvent, Moment
from sigv2.report.past.athena.athena_run import AthenaScan, AthenaWorkGroup, rows_of, run
from sigv2.report.past.athena.athena_sql import BROKEN, OTHER, SIGV2, UNTOLD, AthenaSql, sql_for
from sigv2.report.past.athena.athena_table import AthenaTable, TableName, look_up
from sigv2.report.past.athena.bucket_layout import doubts_about_folders, layout_of
from sigv2.report.past.athena.table_creation import statement_for
from sigv2.report.past.batches import LookedAt, Unread
from sigv2.report.past.findings import Findings
from sigv2.report.query_run import QueryError
from sigv2.terminal import say, waiting_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boto3.session import Session
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_s3 import S3Client

    from blueprint.queries import SavedQuery
    from sigv2.period import Period
    from sigv2.query_engine import Tally


@dataclass(frozen=True)
class AthenaOptions:
    """How Athena is asked.

    Attributes:
        work_group: where queries run.
        create_from: `s3://BUCKET/PREFIX` of which the table is to be made; None where there is one.
    """

    work_group: AthenaWorkGroup = field(default_factory=AthenaWorkGroup)
    create_from: str | None = None


AS_USUAL: Final = AthenaOptions()
"""How it is asked where nobody says."""


@dataclass(frozen=True)
class AthenaAnswer:
    """What Athena found.

    Attributes:
        findings: what it found.
        scan: what it scanned for it.
        interrupted: whether somebody interrupted it.
        unknown: fields that queries ask for and the table does not have.
        doubts: why the table may not know all logs, each without a stop.
    """

    findings: Findings
    scan: AthenaScan
    interrupted: bool
    unknown: Sequence[str]
    doubts: Sequence[str]


def read_athena(
    session: Session, named: str, queries: Sequence[SavedQuery], period: Period, options: AthenaOptions
) -> AthenaAnswer:
    """Have Athena answer queries, with one scan of the table for each.

    Args:
        session: for clients in the table's Region.
        named: the table, as `DATABASE.TABLE` or `CATALOG.DATABASE.TABLE`.
        queries: what is asked.
        period: about what time.
        options: how.

    Raises:
        QueryError: there is no such table, it cannot answer, or Athena cannot.
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    athena, s3, name = session.client("athena"), session.client("s3"), TableName.of(named)
    table = _table(athena, s3, name, options)
    scan = AthenaScan(options.work_group.name)
    asked = [sql_for(query, table, period) for query in queries]
    scan.scans_all = any(sql.scans_all for sql in asked)
    # One that was just made of the folders knows them all.
    about_folders = () if options.create_from is not None else doubts_about_folders(s3, table)
    doubts = (*table.doubts(), *about_folders)
    findings, interrupted = Findings(queries), False
    try:
        with waiting_for("Athena") as tell:
            for sql, tally in zip(asked, findings.tallies, strict=True):
                found = rows_of(athena, run(athena, sql.text, name, options.work_group, scan, tell=tell))
                _take(findings, tally, sql, table, found)
    except KeyboardInterrupt:
        interrupted = True
    unknown = dict.fromkeys(field for sql in asked for field in sql.values.unknown)
    return AthenaAnswer(findings, scan, interrupted, tuple(unknown), doubts)


def _table(athena: AthenaClient, s3: S3Client, name: TableName, options: AthenaOptions) -> AthenaTable:
    """The table, which is made first where that is asked."""
    work_group = options.work_group
    table = look_up(athena, name, work_group.name)
    if options.create_from is not None:
        if table is not None:
            raise QueryError(f"--create-table: there is a table {name} already, which is not replaced: name another")
        statement = statement_for(name, layout_of(s3, options.create_from))
        run(athena, statement, name, work_group, AthenaScan(work_group.name))
        say(f"Made the table {name} of the logs in {options.create_from}.", stderr=True)
        table = look_up(athena, name, work_group.name)
    if table is None:
        raise QueryError(
            f"--from: Athena knows no table {name} in {athena.meta.region_name}: name another, or make it with "
            "--create-table s3://BUCKET/PREFIX"
        )
    return table


def _take(
    findings: Findings, tally: Tally, sql: AthenaSql, table: AthenaTable, rows: Iterable[Sequence[str | None]]
) -> None:
    grouping, looked_at, repeated = Grouping(tally.query), LookedAt(files=1), 0
    broken = 0
    for state, _, *values, requests, records, first, last, of_values in rows:
        if of_values == "1":
            named = dict(zip(sql.names, values, strict=True))
            since, until = _moment(first), _moment(last)
            key, _ = grouping.group_of(LoggedEvent(since[0], sql.values.event(named, since[1])))
            if key is not None:
                tally.add(key, int(requests or 0), since, until)
            continue
        counted = int(records or 0)
        looked_at.saw(first or "", last or "")
        if state == BROKEN:
            broken += counted
        elif state != OTHER:
            looked_at.requests += counted
        if state == UNTOLD:
            looked_at.untold += counted
        if state == SIGV2:
            repeated += counted - int(requests or 0)
    # Each query is told the same of what was looked at.
    if table.kind not in findings.looked_at:
        findings.looked_at[table.kind] = looked_at
        findings.repeated = repeated
        if broken:
            findings.add_unread(
                Unread(str(table.name), "they are no records of it, or do not say when they were", broken)
            )


def _moment(time: str | None) -> Moment:
    return int(datetime.fromisoformat(time or "").timestamp()) * 1000, time or ""
