"""An Athena that runs its SQL for real: translated by sqlglot to that of DuckDB, over files on this machine.

It is asked by boto3's own clients, so that what they send is checked by AWS's models. A table is what its statement
says: its columns, the SerDe that reads lines, and the partitions that its projection makes of the folders.
"""

import functools
import gzip
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import duckdb
import sqlglot
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from sqlglot import exp

from sigv2.report.past.athena.hive_types import HiveType, parsed

_COLUMN = re.compile(r"^  `(\w+)` (.+?),?$", re.MULTILINE)
_PROPERTY = re.compile(r"'([^']+)' = '([^']*)'")
_PARTITIONS = re.compile(r"PARTITIONED BY \((.*)\)")
_ROWS_OF_A_PAGE = 3
MACROS = """
CREATE MACRO trino_json(document, path) AS CASE
  WHEN json_valid(document) AND json_type(document, path) NOT IN ('OBJECT', 'ARRAY') THEN document ->> path END;
CREATE MACRO trino_extract(value, pattern, number) AS
  CASE WHEN regexp_matches(value, pattern) THEN regexp_extract(value, pattern, number) END;
"""
"""Where DuckDB answers otherwise: Trino has null for what is no scalar, and for what does not match."""


@dataclass
class Table:
    """A table of the catalog."""

    columns: Mapping[str, str]
    keys: list[str]
    properties: dict[str, str]
    location: str
    folder: Path
    template: str = ""
    type: str = "EXTERNAL_TABLE"

    def metadata(self, name: str) -> dict[str, Any]:
        return {
            "Name": name,
            "TableType": self.type,
            "Columns": [{"Name": column, "Type": kind} for column, kind in self.columns.items()],
            "PartitionKeys": [{"Name": key, "Type": "string"} for key in self.keys],
            "Parameters": self.properties,
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        bucket, _, prefix = self.location.removeprefix("s3://").partition("/")
        for file in sorted(path for path in (self.folder / prefix).rglob("*") if path.is_file()):
            path = f"s3://{bucket}/{file.relative_to(self.folder).as_posix()}"
            if (partition := self._partition(path)) is None:
                continue
            raw = file.read_bytes()
            text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
            for row in self._lines(text) if "input.regex" in self.properties else self._records(text):
                yield {**row, **partition, "$path": path}

    def _partition(self, path: str) -> dict[str, str] | None:
        """The values of a file's partition; None where projection makes no such partition."""
        if not self.keys:
            return {}
        pattern = re.escape(self.properties.get("storage.location.template") or self.template)
        for key in self.keys:
            one = r"\d{4}/\d\d/\d\d" if self._of(key, "type") == "date" else self._of(key, "values").replace(",", "|")
            pattern = pattern.replace(re.escape(f"${{{key}}}"), f"(?P<{key}>{one})")
        found = re.match(pattern + "/", path)
        return found.groupdict() if found else None

    def _of(self, key: str, what: str) -> str:
        return self.properties.get(f"projection.{key}.{what}", "[^/]+")

    def _records(self, text: bytes) -> Iterator[dict[str, Any]]:
        for record in json.loads(text)["Records"]:
            lower = {name.lower(): value for name, value in record.items()}
            yield {name: _as(parsed(kind), lower.get(name)) for name, kind in self.columns.items()}

    def _lines(self, text: bytes) -> Iterator[dict[str, Any]]:
        pattern = re.compile(self.properties["input.regex"], re.DOTALL)
        for line in text.decode(errors="replace").removesuffix("\n").split("\n"):
            found = pattern.fullmatch(line)
            fields = found.groups() if found else [None] * len(self.columns)
            # What is no number is null in a column of numbers.
            told = zip(self.columns.items(), fields, strict=True)
            yield {name: None if (kind, field) == ("bigint", "-") else field for (name, kind), field in told}


def _as(kind: HiveType, value: Any) -> Any:
    """A value as a SerDe makes it."""
    if value is None:
        return None
    if kind.is_text:
        return value if isinstance(value, str) else json.dumps(value)
    if kind.name == "struct":
        lower = {name.lower(): inner for name, inner in value.items()}
        return {name: _as(inner, lower.get(name)) for name, inner in kind.fields.items()}
    assert kind.inner
    if kind.name == "array":
        return [_as(kind.inner, inner) for inner in value]
    return {name: _as(kind.inner, inner) for name, inner in value.items()}


def _duckdb_type(kind: HiveType) -> str:
    if kind.name == "struct":
        fields = ", ".join(f'"{name}" {_duckdb_type(inner)}' for name, inner in kind.fields.items())
        return f"STRUCT({fields})"
    if kind.inner:
        inner = _duckdb_type(kind.inner)
        return f"{inner}[]" if kind.name == "array" else f"MAP(VARCHAR, {inner})"
    return "VARCHAR" if kind.is_text else kind.name


def table_of_statement(statement: str, folder: Path) -> Table:
    """What `CREATE EXTERNAL TABLE` makes."""
    partitions = _PARTITIONS.search(statement)
    location = re.search(r"^LOCATION '(.*)'$", statement, re.MULTILINE)
    assert location
    return Table(
        columns=dict(_COLUMN.findall(statement.partition("\n)\n")[0])),
        keys=re.findall(r"`(\w+)`", partitions[1]) if partitions else [],
        properties=dict(_PROPERTY.findall(statement)),
        location=location[1],
        folder=folder,
    )


@dataclass
class AthenaInDuckDb:
    """An Athena.

    Attributes:
        folder: what stands for the one bucket that there is.
        tables: by database and name.
        asked: what was called, with its parameters.
        answers: what calls are answered with instead, by their names.
    """

    folder: Path
    tables: dict[str, Table] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    _loaded: dict[str, duckdb.DuckDBPyConnection] = field(default_factory=dict)
    _results: dict[str, tuple[list[list[str | None]], int]] = field(default_factory=dict)

    def client(self) -> Any:
        made = boto3.Session("k", "s").client("athena", region_name="eu-west-1")
        answered: Any = self._answered
        made.meta.events.register("before-send.athena", answered)
        return made

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.asked if name == operation]

    def forget(self) -> None:
        """Read the files anew, as Athena does for each query."""
        self._loaded.clear()

    def _answered(self, request: AWSRequest, **_: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        parameters = json.loads(request.body)
        self.asked.append((name, parameters))
        answer = self.answers[name] if name in self.answers else getattr(self, f"_{name}")(parameters)
        if callable(answer):
            answer = answer()
        status = 400 if "__type" in answer else 200
        return AWSResponse(str(request.url), status, HTTPHeaders(), _Raw(json.dumps(answer).encode()))

    def _GetTableMetadata(self, asked: Mapping[str, Any]) -> Any:  # noqa: N802 - as AWS calls it
        name = f"{asked['DatabaseName']}.{asked['TableName']}"
        if name not in self.tables:
            return {"__type": "MetadataException", "Message": "EntityNotFoundException: Entity Not Found"}
        return {"TableMetadata": self.tables[name].metadata(asked["TableName"])}

    def _StartQueryExecution(self, asked: Mapping[str, Any]) -> Any:  # noqa: N802
        sql, execution_id = asked["QueryString"], f"q{len(self._results)}"
        if created := re.match(r"CREATE EXTERNAL TABLE `(.+)`\.`(.+)` \(", sql):
            self.tables[f"{created[1]}.{created[2]}"] = table_of_statement(sql, self.folder)
            self._results[execution_id] = [], 0
        else:
            self._results[execution_id] = self.run(sql)
        return {"QueryExecutionId": execution_id}

    def _GetQueryExecution(self, asked: Mapping[str, Any]) -> Any:  # noqa: N802
        _, scanned = self._results[asked["QueryExecutionId"]]
        return {"QueryExecution": {"Status": {"State": "SUCCEEDED"}, "Statistics": {"DataScannedInBytes": scanned}}}

    def _StopQueryExecution(self, _: Mapping[str, Any]) -> Any:  # noqa: N802
        return {}

    def _GetQueryResults(self, asked: Mapping[str, Any]) -> Any:  # noqa: N802
        rows, _ = self._results[asked["QueryExecutionId"]]
        first = int(asked.get("NextToken", "0"))
        page = rows[first : first + _ROWS_OF_A_PAGE]
        cells = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in page]
        more = {"NextToken": str(first + _ROWS_OF_A_PAGE)} if first + _ROWS_OF_A_PAGE < len(rows) else {}
        return {"ResultSet": {"Rows": cells, "ResultSetMetadata": {"ColumnInfo": []}}, **more}

    def run(self, sql: str) -> tuple[list[list[str | None]], int]:
        """The rows of an answer, their heading first, and how many bytes were read for it."""
        translated, found = _translated(sql)
        table = self.tables[f"{found.db}.{found.name}"]
        connection = self._loaded.get(table.location) or self._load(found, table)
        self._loaded[table.location] = connection
        answer = connection.execute(translated)
        heading: list[str | None] = [column[0] for column in answer.description or ()]
        rows = [[None if cell is None else str(cell) for cell in row] for row in answer.fetchall()]
        return [heading, *rows], self._size_of(connection, found)

    def _size_of(self, connection: duckdb.DuckDBPyConnection, found: exp.Table) -> int:
        """How many bytes the files have that a query cannot leave out by their partitions."""
        scope = found.find_ancestor(exp.Select)
        assert scope
        paths = exp.select('"$path"').distinct().from_(found.copy())
        if where := scope.args.get("where"):
            paths = paths.where(where.this.copy())
        read = connection.execute(paths.sql(dialect="duckdb")).fetchall()
        return sum((self.folder / path.split("/", 3)[3]).stat().st_size for (path,) in read)

    def _load(self, found: exp.Table, table: Table) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute(MACROS)
        place = f'{found.catalog}."{found.db}"'
        connection.execute(f"ATTACH ':memory:' AS {found.catalog}; CREATE SCHEMA {place}; USE {place}")
        columns = {name: _duckdb_type(parsed(kind)) for name, kind in table.columns.items()}
        columns |= dict.fromkeys([*table.keys, "$path"], "VARCHAR")
        lines = self.folder.parent / "rows.ndjson"
        lines.write_text("".join(json.dumps(row) + "\n" for row in table.rows()))
        connection.read_json(str(lines), columns=columns, format="newline_delimited").create(found.name)
        # Its macros are not in the schema of the table.
        connection.execute("USE memory.main")
        return connection


@functools.lru_cache
def _translated(sql: str) -> tuple[str, exp.Table]:
    """The SQL of DuckDB, and the table in that of Athena."""

    def as_trino(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.JSONExtractScalar):
            path = exp.Literal.string(node.expression.sql(dialect="duckdb").strip("'"))
            return exp.Anonymous(this="trino_json", expressions=[node.this, path])
        if isinstance(node, exp.RegexpExtract):
            number = node.args.get("group") or exp.Literal.number(0)
            return exp.Anonymous(this="trino_extract", expressions=[node.this, node.expression, number])
        return node

    asked = sqlglot.parse_one(sql, read="athena")
    found = next(table for table in asked.find_all(exp.Table) if table.db)
    return asked.transform(as_trino).sql(dialect="duckdb"), found


class _Raw(io.BytesIO):
    """A body, as urllib3 gives it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()
