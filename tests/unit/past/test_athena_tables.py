"""Tables of Athena: what they are named, what they hold, which partitions are read, and what is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from blueprint.queries import saved_query
from sigv2.period import Period
from sigv2.report.past.athena.athena_days import partitions_of
from sigv2.report.past.athena.athena_sql import sql_for
from sigv2.report.past.athena.athena_table import AthenaTable, TableName, table_of
from sigv2.report.past.athena.bucket_layout import Layout
from sigv2.report.past.athena.hive_types import HiveType, parsed, sql_of
from sigv2.report.past.athena.table_creation import ACCESS_LOG_COLUMNS, TRAIL_COLUMNS, statement_for
from sigv2.report.past.batches import Kind
from sigv2.report.query_run import QueryError
from tests.unit.past.conftest import PERIOD

NAME = TableName("logs", "trail")


def table(
    keys: Mapping[str, str] | None = None, parameters: Mapping[str, str] | None = None, **columns: str | None
) -> AthenaTable:
    named = {name: kind for name, kind in {**TRAIL_COLUMNS, **columns}.items() if kind}
    metadata: Any = {
        "Name": "trail",
        "TableType": "EXTERNAL_TABLE",
        "Columns": [{"Name": name, "Type": kind} for name, kind in named.items()],
        "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in (keys or {}).items()],
        "Parameters": dict(parameters or {}),
    }
    return table_of(NAME, metadata)


@pytest.mark.parametrize(
    ("named", "name", "sql"),
    [
        ("Db.Table_1", TableName("db", "table_1"), '"awsdatacatalog"."db"."table_1"'),
        ("my-catalog.db.t", TableName("db", "t", "my-catalog"), '"my-catalog"."db"."t"'),
    ],
)
def test_a_table_is_named_with_its_database(named: str, name: TableName, sql: str) -> None:
    assert (TableName.of(named), TableName.of(named).sql) == (name, sql)


@pytest.mark.parametrize(
    "named", ["", "t", "db.", ".t", "a.b.c.d", 'db."t"', "db.t; DROP TABLE x", "db.t t", "d`b.t", "db.t\n"]
)
def test_what_is_no_name_never_comes_into_sql(named: str) -> None:
    with pytest.raises(QueryError, match=r"names no table: write athena:DATABASE.TABLE"):
        TableName.of(named)


def test_fields_are_read_as_their_types_have_it() -> None:
    columns = {
        "useridentity": parsed("struct<arn:string,sessioncontext:struct<attributes:map<string,string>>,n:bigint>"),
        "resources": parsed("array<struct<ARN:varchar(20)>>"),
        "requestparameters": parsed("string"),
    }
    assert columns["resources"] == HiveType("array", inner=HiveType("struct", {"arn": HiveType("varchar(20)")}))
    read = {
        ("userIdentity", "arn"): '"useridentity"."arn"',
        ("userIdentity", "sessionContext", "attributes", "a'b"): (
            'element_at("useridentity"."sessioncontext"."attributes", \'a\'\'b\')'
        ),
        ("userIdentity", "n"): 'CAST("useridentity"."n" AS varchar)',
        ("userIdentity", "sessionContext"): None,
        ("userIdentity", "other"): None,
        ("other",): None,
        ("resources", "2", "ARN"): 'element_at("resources", 3)."arn"',
        ("requestParameters", "x-amz-copy-source"): (
            'json_extract_scalar("requestparameters", \'$["x-amz-copy-source"]\')'
        ),
        ("requestParameters", "a", "0"): 'json_extract_scalar("requestparameters", \'$["a"][0]\')',
    }
    assert {path: sql_of(columns, path) for path in read} == read


@pytest.mark.parametrize("written", ["", "struct<a>", "array<", "struct<a:string"])
def test_what_is_no_type_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no type"):
        parsed(written)


DATED = {"projection.enabled": "TRUE", "projection.timestamp.type": "Date", "projection.timestamp.format": "yyyy/MM/dd"}
NEW_YEAR = Period(datetime(2026, 12, 31, 8, tzinfo=UTC), datetime(2027, 1, 1, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("keys", "parameters", "period", "condition"),
    [
        ({}, {}, PERIOD, None),
        ({"timestamp": "string"}, DATED, PERIOD, "\"timestamp\" BETWEEN '2026/11/19' AND '2026/11/22'"),
        (
            {"timestamp": "string"},
            DATED | {"projection.timestamp.format": "yyyy-MM-dd-HH"},
            PERIOD,
            "\"timestamp\" BETWEEN '2026-11-19-00' AND '2026-11-22-23'",
        ),
        # Texts of these are not in the order of time, and of others nobody knows the format.
        ({"timestamp": "string"}, DATED | {"projection.timestamp.format": "dd/MM/yyyy"}, PERIOD, None),
        ({"timestamp": "string"}, DATED | {"projection.enabled": "false"}, PERIOD, None),
        ({"dt": "date"}, {}, PERIOD, "\"dt\" BETWEEN DATE '2026-11-19' AND DATE '2026-11-22'"),
        (
            {"region": "string", "year": "string", "month": "int", "day": "string"},
            {},
            NEW_YEAR,
            "\"year\" IN ('2026', '2027') AND concat(\"year\", '/', lpad(CAST(\"month\" AS varchar), 2, '0'), '/', "
            "lpad(\"day\", 2, '0')) BETWEEN '2026/12/31' AND '2027/01/02'",
        ),
    ],
)
def test_only_partitions_of_the_days_asked_for_are_read(
    keys: Mapping[str, str], parameters: Mapping[str, str], period: Period, condition: str | None
) -> None:
    asked = table(keys, parameters)
    assert partitions_of(asked, period) == condition
    sql = sql_for(saved_query("day").by_place(), asked, period)
    assert sql.scans_all == (condition is None)
    assert (f"WHERE {condition}" in sql.text) == (condition is not None)


def test_a_partition_that_wants_its_values_is_refused() -> None:
    injected = {"projection.enabled": "true", "projection.account.type": "injected"}
    with pytest.raises(
        QueryError, match=r"the partition account of the table logs.trail is injected, so Athena answers"
    ):
        partitions_of(table({"timestamp": "string", "account": "string"}, DATED | injected), PERIOD)


def test_a_table_without_what_a_query_needs_is_refused_with_the_column() -> None:
    with pytest.raises(
        QueryError, match=r"the table logs.trail has no column additionaleventdata, which those that AWS"
    ):
        table(additionaleventdata=None)
    with pytest.raises(QueryError, match="has no column vpcendpointid"):
        sql_for(saved_query("source"), table(vpcendpointid=None), PERIOD)
    sql_for(saved_query("day").by_place(), table(vpcendpointid=None), PERIOD)
    metadata: Any = {"Name": "t", "Columns": [{"Name": "class_uid", "Type": "int"}]}
    with pytest.raises(QueryError, match=r"is none of CloudTrail's files or server access logs, as it has neither"):
        table_of(NAME, metadata)


def test_fields_that_a_table_does_not_have_are_named() -> None:
    few = table(useridentity="struct<type:string,arn:string,principalid:string,accountid:string,accesskeyid:string>")
    assert sql_for(saved_query("client"), few, PERIOD).values.unknown == [
        f"userIdentity.{field}"
        for field in (
            "userName",
            "sessionContext.sessionIssuer.arn",
            "identityProvider",
            "onBehalfOf.userId",
            "sessionContext.sourceIdentity",
            "credentialId",
            "invokedBy",
            "inScopeOf.credentialsIssuedTo",
            "inScopeOf.sourceArn",
        )
    ]


def test_the_statement_of_access_logs_is_the_whole_of_it() -> None:
    layout = Layout(Kind.ACCESS_LOG_TABLE, "s3://b/logs/")
    statement = statement_for(TableName("db", "t"), layout)
    columns = ",\n".join(f"  `{name}` string" for name in ACCESS_LOG_COLUMNS)
    assert len(ACCESS_LOG_COLUMNS) == 27
    head, _, rest = statement.partition("WITH SERDEPROPERTIES ('input.regex' = '")
    regex, _, tail = rest.partition("')\n")
    assert head == (
        f"CREATE EXTERNAL TABLE `db`.`t` (\n{columns}\n)\nROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'\n"
    )
    assert "\\" not in regex
    assert tail == (
        "STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'\n"
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n"
        "LOCATION 's3://b/logs/'\n"
        "TBLPROPERTIES (\n"
        "  'made.by' = 's3-sigv2-access-log'\n"
        ")"
    )


def test_the_statement_of_trails_projects_account_region_and_day() -> None:
    layout = Layout(
        Kind.TRAIL_TABLE, "s3://b/AWSLogs/", ("111122223333", "o-1/444455556666"), ("eu-west-1", "us-east-1")
    )
    columns, _, rest = statement_for(NAME, layout).partition("\n)\n")
    assert columns.startswith(
        "CREATE EXTERNAL TABLE `logs`.`trail` (\n  `eventversion` string,\n  `useridentity` struct<"
    )
    assert rest == (
        "PARTITIONED BY (`account` string, `region` string, `day` string)\n"
        "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'\n"
        "STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'\n"
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n"
        "LOCATION 's3://b/AWSLogs/'\n"
        "TBLPROPERTIES (\n"
        "  'made.by' = 's3-sigv2-access-log',\n"
        "  'projection.enabled' = 'true',\n"
        "  'projection.account.type' = 'enum',\n"
        "  'projection.account.values' = '111122223333,o-1/444455556666',\n"
        "  'projection.region.type' = 'enum',\n"
        "  'projection.region.values' = 'eu-west-1,us-east-1',\n"
        "  'projection.day.type' = 'date',\n"
        "  'projection.day.format' = 'yyyy/MM/dd',\n"
        "  'projection.day.range' = '2018/11/01,NOW',\n"
        "  'projection.day.interval' = '1',\n"
        "  'projection.day.interval.unit' = 'DAYS',\n"
        "  'storage.location.template' = 's3://b/AWSLogs/${account}/CloudTrail/${region}/${day}'\n"
        ")"
    )
