"""Runs SQL in Athena, and tells what it scanned.

https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from blueprint.sentences import counted
from sigv2.report.query_run import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef, StartQueryExecutionInputTypeDef

    from sigv2.report.past.athena.athena_table import TableName

_USD_PER_TB: Final = 5.0
"""On demand in most Regions (https://aws.amazon.com/athena/pricing/)."""
_CENT: Final = 0.01
_KB: Final = 1 << 10
_TB: Final = 1 << 40
_MB: Final = 1 << 20
_FEWEST_MB: Final = 10
_FIRST_POLL_SECONDS: Final = 0.5
_LONGEST_POLL_SECONDS: Final = 5.0
_PENDING: Final = ("QUEUED", "RUNNING")
_UNITS: Final = ("KB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True)
class AthenaWorkGroup:
    """Where queries run.

    Attributes:
        name: of the workgroup.
        output: `s3://…` for results, None where the workgroup says it.
    """

    name: str = "primary"
    output: str | None = None


@dataclass
class AthenaScan:
    """What Athena scanned for an answer.

    Attributes:
        work_group: in which workgroup.
        queries: how many queries.
        scanned_bytes: how much they scanned.
        usd: what that costs, about, on demand; a query of a reserved capacity costs nothing beside that.
        scans_all: whether all of the table was scanned, as it has no partitions of days.
    """

    work_group: str
    queries: int = 0
    scanned_bytes: int = 0
    usd: float = 0.0
    scans_all: bool = False

    def add(self, execution: QueryExecutionTypeDef) -> None:
        """Note what a query scanned."""
        statistics = execution.get("Statistics", {})
        scanned = statistics.get("DataScannedInBytes", 0)
        self.queries += 1
        self.scanned_bytes += scanned
        # DPUs are told of queries on reserved capacity alone.
        if not statistics.get("DpuCount") and execution.get("StatementType") != "DDL":
            self.usd += max(_FEWEST_MB, -(-scanned // _MB)) * _MB / _TB * _USD_PER_TB

    @property
    def sentence(self) -> str:
        """What was scanned, for people."""
        told = (
            f"Athena scanned {_size(self.scanned_bytes)} in {counted(self.queries, 'run')} in the workgroup "
            f"{self.work_group}, for {_price(self.usd)} at the on-demand price of {_USD_PER_TB:g} USD per TB."
        )
        if self.scans_all:
            told += " The table has no partitions of days that could be told, so all of it was scanned."
        return told

    @property
    def document(self) -> Mapping[str, Any]:
        """The same as plain data."""
        return {
            "workGroup": self.work_group,
            "queries": self.queries,
            "scannedBytes": self.scanned_bytes,
            "usd": round(self.usd, 6),
            "scansAll": self.scans_all,
        }


def run(
    athena: AthenaClient,
    sql: str,
    table: TableName,
    work_group: AthenaWorkGroup,
    scan: AthenaScan,
    *,
    tell: Callable[[str], object] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Run SQL until it has ended; what is given up is stopped.

    Args:
        athena: a client in the table's Region.
        sql: what to run.
        table: whose catalog and database are meant.
        work_group: where to run it.
        scan: is told what was scanned, of what was given up too.
        tell: called with what it is waiting for, for a progress display.
        sleep: waits for so many seconds.

    Returns:
        The id of the execution, whose rows can be had.

    Raises:
        QueryError: Athena did not run it to its end.
        botocore.exceptions.ClientError: AWS refuses otherwise.
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    execution_id = _start(athena, sql, table, work_group)
    execution: QueryExecutionTypeDef = {}
    ended, seconds = False, _FIRST_POLL_SECONDS
    try:
        while True:
            execution = athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
            state = execution["Status"]["State"]
            if state not in _PENDING:
                ended = True
                break
            tell(f"{state.lower()}, {_size(execution.get('Statistics', {}).get('DataScannedInBytes', 0))} scanned")
            sleep(seconds)
            seconds = min(seconds * 1.5, _LONGEST_POLL_SECONDS)
    finally:
        if not ended:
            with contextlib.suppress(BotoCoreError, ClientError):
                athena.stop_query_execution(QueryExecutionId=execution_id)
                execution = athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
        scan.add(execution)
    if state != "SUCCEEDED":
        reason = execution["Status"].get("StateChangeReason", "it gives no reason").rstrip(".")
        ending = "stopped the query" if state == "CANCELLED" else "could not run the query to its end"
        raise QueryError(
            f"--from: Athena {ending}, after {_size(scan.scanned_bytes)}: {reason}; less time (--since) is less to scan"
        )
    return execution_id


def rows_of(athena: AthenaClient, execution_id: str) -> Iterator[list[str | None]]:
    """All rows of an answer, page by page; None for null."""
    heading = True
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution_id):
        for row in page["ResultSet"]["Rows"]:
            # The first row of the first page has the names of the columns.
            if not heading:
                yield [cell.get("VarCharValue") for cell in row["Data"]]
            heading = False


def _start(athena: AthenaClient, sql: str, table: TableName, work_group: AthenaWorkGroup) -> str:
    asked: StartQueryExecutionInputTypeDef = {
        "QueryString": sql,
        "QueryExecutionContext": {"Catalog": table.catalog, "Database": table.database},
        "WorkGroup": work_group.name,
    }
    if work_group.output:
        asked["ResultConfiguration"] = {"OutputLocation": work_group.output}
    try:
        return athena.start_query_execution(**asked)["QueryExecutionId"]
    except ClientError as error:
        said = error.response["Error"]
        if said.get("Code") != "InvalidRequestException" or work_group.output:
            raise
        reason = said.get("Message", "it gives no reason").rstrip(".")
        raise QueryError(
            f"--from: Athena does not take the query in the workgroup {work_group.name}: {reason}; name another with "
            "--workgroup, and if it has no place for results, one with --output s3://BUCKET/PREFIX"
        ) from None


def _price(usd: float) -> str:
    return f"about {usd:,.2f} USD" if usd >= _CENT else "less than a cent"


def _size(number: int) -> str:
    size, unit = float(number), "bytes"
    for larger in _UNITS:
        if size < _KB:
            break
        size, unit = size / _KB, larger
    return f"{number} bytes" if unit == "bytes" else f"{size:,.1f} {unit}"
