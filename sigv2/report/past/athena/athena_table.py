"""A table of Athena, and what it holds, told by its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from sigv2.report.past.athena.hive_types import HiveType, identifier, parsed
from sigv2.report.past.batches import Kind
from sigv2.report.query_run import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import ColumnTypeDef, TableMetadataTypeDef

_OWN_CATALOG: Final = "AwsDataCatalog"
_NAME: Final = r"([A-Za-z0-9_][A-Za-z0-9_-]{0,254})"
_NAMED: Final = re.compile(rf"(?:([A-Za-z0-9_@/-]{{1,255}})\.)?{_NAME}\.{_NAME}", re.ASCII)
_NO_SUCH: Final = "EntityNotFoundException"
_NEEDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.TRAIL_TABLE: ("eventtime", "eventsource", "eventid", "additionaleventdata"),
    Kind.ACCESS_LOG_TABLE: ("requestdatetime", "sigv"),
}
_OF_A_TRAIL: Final = frozenset({"eventid", "eventname", "eventsource", "useridentity"})
_OF_AN_ACCESS_LOG: Final = frozenset({"bucketowner", "requestdatetime", "sigv"})
_VIEW: Final = "VIRTUAL_VIEW"
OWN_PROPERTY: Final = ("made.by", "s3-sigv2-access-log")
"""What `--create-table` says of its tables, and its value."""


@dataclass(frozen=True)
class TableName:
    """The name of a table, of which no part can be anything but a name in SQL.

    Attributes:
        database: in which it is.
        table: its own name.
        catalog: in which that is.
    """

    database: str
    table: str
    catalog: str = _OWN_CATALOG

    @classmethod
    def of(cls, named: str) -> TableName:
        """Read a name.

        Args:
            named: `DATABASE.TABLE`, or `CATALOG.DATABASE.TABLE`.

        Raises:
            QueryError: it is neither.
        """
        found = _NAMED.fullmatch(named)
        if not found:
            raise QueryError(
                f"--from: 'athena:{named}' names no table: write athena:DATABASE.TABLE, or "
                "athena:CATALOG.DATABASE.TABLE, each of letters, digits, _ and -"
            )
        catalog, database, table = found.groups()
        return cls(database.lower(), table.lower(), catalog or _OWN_CATALOG)

    def __str__(self) -> str:
        """As people write it."""
        own = self.catalog == _OWN_CATALOG
        return ".".join([*([] if own else [self.catalog]), self.database, self.table])

    @property
    def sql(self) -> str:
        """As SQL writes it."""
        return ".".join(map(identifier, (self.catalog.lower(), self.database, self.table)))


@dataclass(frozen=True)
class AthenaTable:
    """A table.

    Attributes:
        name: what it is called.
        kind: what it holds.
        columns: the types of its columns by name, those of partitions included.
        partition_keys: names of the columns of partitions.
        parameters: its properties, such as those of partition projection.
        is_view: whether it is made of other tables, so that no file is known of a row.
    """

    name: TableName
    kind: Kind
    columns: Mapping[str, HiveType]
    partition_keys: Sequence[str] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_view: bool = False

    def column(self, *names: str) -> str:
        """The first of some columns that it has, as SQL writes it.

        Raises:
            QueryError: it has none of them.
        """
        for name in names:
            if name in self.columns:
                return identifier(name)
        raise QueryError(
            f"--from: the table {self.name} has no column {names[0]}, which those that AWS documents have; "
            "--create-table s3://BUCKET/PREFIX makes one under another name"
        )

    def doubts(self) -> Iterator[str]:
        """Why its rows are no proof of what they lack, each without a stop."""
        key, value = OWN_PROPERTY
        if self.kind is Kind.ACCESS_LOG_TABLE and self.parameters.get(key) != value:
            yield (
                f"the table {self.name} may read lines by a regular expression as AWS documents it, to which a user "
                "agent with a quote in it can pretend another signature: --create-table s3://BUCKET/PREFIX makes one, "
                "under another name, to which it cannot"
            )

    def projection(self, key: str, what: str) -> str | None:
        """A property of a partition's projection, None where it has none.

        https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
        """
        if self.parameters.get("projection.enabled", "").strip().lower() != "true":
            return None
        return self.parameters.get(f"projection.{key}.{what}")


def look_up(athena: AthenaClient, name: TableName, work_group: str) -> AthenaTable | None:
    """What Athena knows of a table; None where there is none of that name.

    Raises:
        QueryError: it holds no logs that can be read.
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS cannot be asked.
    """
    try:
        found = athena.get_table_metadata(
            CatalogName=name.catalog, DatabaseName=name.database, TableName=name.table, WorkGroup=work_group
        )["TableMetadata"]
    except ClientError as error:
        # Athena has one code for all that the catalog refuses.
        if _NO_SUCH in error.response["Error"].get("Message", ""):
            return None
        raise
    return table_of(name, found)


def table_of(name: TableName, found: TableMetadataTypeDef) -> AthenaTable:
    """Tell what a table holds.

    Raises:
        QueryError: no logs that can be read.
    """
    keys = [key["Name"].lower() for key in found.get("PartitionKeys", [])]
    columns = {
        column["Name"].lower(): _type_of(column)
        for column in [*found.get("Columns", []), *found.get("PartitionKeys", [])]
    }
    if _OF_A_TRAIL & columns.keys():
        kind = Kind.TRAIL_TABLE
    elif _OF_AN_ACCESS_LOG & columns.keys():
        kind = Kind.ACCESS_LOG_TABLE
    else:
        raise QueryError(
            f"--from: the table {name} is none of CloudTrail's files or server access logs, as it has neither a column "
            "eventid nor requestdatetime; --create-table s3://BUCKET/PREFIX makes one under another name"
        )
    table = AthenaTable(name, kind, columns, keys, found.get("Parameters", {}), found.get("TableType") == _VIEW)
    for column in _NEEDED[kind]:
        table.column(column)
    return table


def _type_of(column: ColumnTypeDef) -> HiveType:
    try:
        return parsed(column.get("Type", "string"))
    except ValueError:
        return HiveType("unknown")
