"""`report --from athena:…`: what is asked of Athena, what is said of it, and how it ends."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from sigv2.report import report_command
from sigv2.report.past import findings as findings_module
from sigv2.report.past import past_sources
from sigv2.report.past.athena import athena_source
from sigv2.report.past.athena.athena_run import AthenaScan, AthenaWorkGroup, run
from sigv2.report.past.athena.athena_table import TableName
from sigv2.report.past.athena.bucket_layout import Layout
from sigv2.report.past.athena.table_creation import ACCESS_LOG_COLUMNS, TRAIL_COLUMNS, statement_for
from sigv2.report.past.batches import Kind
from sigv2.report.query_run import QueryError
from sigv2.report.report_command import report
from sigv2.time_options import period_of
from tests.unit.alone import run_alone
from tests.unit.past.athena_in_duckdb import AthenaInDuckDb, Table, table_of_statement
from tests.unit.past.conftest import line, record, trail_file, written

NOW = datetime(2026, 11, 20, 12, 0, 0, 500_000, tzinfo=UTC)
DAYS = [NOW, NOW - timedelta(days=1), NOW - timedelta(days=1, hours=23)]
"""Of all days that are asked about."""
NAME = TableName("logs", "trail")
LAYOUT = Layout(Kind.TRAIL_TABLE, "s3://b/AWSLogs/", ("111122223333",), ("us-east-1",))
F = "([^ ]*)"
DOCUMENTED_LINE = (
    rf'{F} {F} \[(.*?)\] {F} {F} {F} {F} {F} ("[^"]*"|-) (-|[0-9]*) {F} {F} {F} {F} {F} {F} ("[^"]*"|-) {F}'
    rf"(?: {F} {F} {F} {F} {F} {F} {F} {F})?.*$"
)
"""Of the S3 user guide's table."""


class Session:
    """The clients of a session."""

    def __init__(self, athena: AthenaInDuckDb) -> None:
        self._athena = athena

    def client(self, service: str) -> Any:
        return self._athena.client() if service == "athena" else None


@pytest.fixture
def athena(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AthenaInDuckDb:
    """An Athena with a table of three days, in which one request of two was signed with SigV2."""
    made = AthenaInDuckDb(tmp_path / "b")
    for number, day in enumerate(DAYS):
        add(made, day, at(day, number, "SigV4"))
    made.tables[str(NAME)] = table_of_statement(statement_for(NAME, LAYOUT), made.folder)
    monkeypatch.setattr(report_command, "period_of", lambda since, until, _: period_of(since, until, NOW))
    monkeypatch.setattr(past_sources, "session", lambda *_: Session(made))
    monkeypatch.setattr(athena_source, "doubts_about_folders", lambda *_: [])
    return made


def add(athena: AthenaInDuckDb, day: datetime, *records: Mapping[str, Any]) -> None:
    folder = athena.folder / f"AWSLogs/111122223333/CloudTrail/us-east-1/{day:%Y/%m/%d}"
    number = len(list(folder.iterdir())) if folder.exists() else 0
    written(folder / f"{number}.json.gz", trail_file(records), compressed=True)


def at(day: datetime, number: int, signature: str = "SigV2", **changed: Any) -> dict[str, Any]:
    return record(number, signature, eventTime=f"{day:%Y-%m-%dT%H:%M:%SZ}", **changed)


def ask(*options: str, table: str = str(NAME)) -> Result:
    return run_alone(report, "--from", f"athena:{table}", "--since", "2d", *options)


def as_json(*options: str, table: str = str(NAME)) -> dict[str, Any]:
    result = ask("--format", "json", *options, table=table)
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_who_signs_is_told_with_what_was_scanned(athena: AthenaInDuckDb) -> None:
    old = NOW - timedelta(days=40)
    add(athena, old, at(old, 99))
    for number in range(9):
        add(athena, DAYS[0], at(DAYS[0], 10 + number, userAgent=f"[client-{number}/1]"))
    add(athena, DAYS[0], at(DAYS[0], 10, userAgent="[client-0/1]"))
    found = as_json()
    wanted = [file for file in athena.folder.rglob("*.gz") if f"{old:%Y/%m/%d}" not in file.as_posix()]
    scanned = sum(file.stat().st_size for file in wanted)
    assert found["read"] == {
        "from": "athena:logs.trail",
        "interrupted": False,
        "sources": [
            {
                "kind": "CloudTrail files in Athena",
                "files": 1,
                "requests": 13,
                "counted": "signed request",
                "untold": 0,
                "firstSeen": "2026-11-18T13:00:00Z",
                "lastSeen": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
                "unknown": [],
            }
        ],
        "athena": {"workGroup": "primary", "queries": 1, "scannedBytes": scanned, "usd": 0.000048, "scansAll": False},
        "bytes": 0,
        "passedOver": 0,
        "tooOld": 0,
        "repeated": 1,
        "notCounted": 0,
        "unread": {"files": 0, "lines": 0, "named": []},
    }
    # All pages were fetched, and the event that was recorded twice counts once.
    assert (found["requests"], len(found["records"]), found["complete"]) == (9, 9, True)
    result = ask()
    assert "9 SigV2 requests in 9 lines. Read 1 table of CloudTrail files with 13 signed requests from" in result.stdout
    assert "in 1 run in the workgroup primary, for less than a cent at the on-demand price of 5 USD" in result.stdout


def test_a_place_for_results_that_athena_refuses_is_not_asked_for_again(athena: AthenaInDuckDb) -> None:
    athena.answers["StartQueryExecution"] = {"__type": "InvalidRequestException", "Message": "outputLocation is no s3"}
    result = ask("--output", "x")
    assert (
        result.stderr == "Error: AWS refused StartQueryExecution (InvalidRequestException): outputLocation is no s3\n"
    )


def test_it_is_asked_as_the_options_say(athena: AthenaInDuckDb) -> None:
    as_json("--workgroup", "audit", "--output", "s3://results/x/")
    (started,) = athena.called("StartQueryExecution")
    started.pop("QueryString")
    started.pop("ClientRequestToken")
    assert started == {
        "QueryExecutionContext": {"Catalog": "AwsDataCatalog", "Database": "logs"},
        "WorkGroup": "audit",
        "ResultConfiguration": {"OutputLocation": "s3://results/x/"},
    }


def test_a_gate_finds_somebody_nobody_and_what_proves_nothing(athena: AthenaInDuckDb) -> None:
    assert ask("--fail-if-any").exit_code == 0
    result = ask("--fail-if-any", "--since", "4d")
    assert result.exit_code == 3
    missing = f"{NOW - timedelta(days=4):%Y-%m-%d}, {NOW - timedelta(days=3):%Y-%m-%d}"
    assert (
        f"no record tells of 2 days ({missing}), so either nothing was recorded then, or the records" in result.stderr
    )
    add(athena, DAYS[1], at(DAYS[1], 10))
    athena.forget()
    assert ask("--fail-if-any", "--by", "day").exit_code == 2
    # One scan for each of the two questions.
    assert len(athena.called("StartQueryExecution")) == 4


def test_records_that_say_no_time_and_trails_without_data_events_prove_nothing(athena: AthenaInDuckDb) -> None:
    add(athena, NOW, at(NOW, 10, "SigV4") | {"eventTime": None})
    result = ask("--fail-if-any")
    assert result.exit_code == 3
    assert (
        "1 line or record could not be read: logs.trail (they are no records of it, or do not say when" in result.stderr
    )
    athena.forget()
    for file in athena.folder.rglob("*.gz"):
        file.unlink()
    add(athena, NOW, {"eventTime": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "eventSource": "ec2.amazonaws.com"})
    assert "no record tells how a request was signed" in ask("--fail-if-any").stderr


def test_folders_that_the_table_does_not_know_prove_nothing(
    athena: AthenaInDuckDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(athena, NOW, at(NOW, 10, "SigV4"))
    monkeypatch.setattr(athena_source, "doubts_about_folders", lambda *_: ["there is more"])
    result = ask("--fail-if-any")
    assert (result.exit_code, "; there is more" in result.stderr or ": there is more" in result.stderr) == (3, True)


def test_the_folders_of_which_a_table_was_just_made_are_not_listed_again(
    athena: AthenaInDuckDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    del athena.tables[str(NAME)]
    monkeypatch.setattr(athena_source, "layout_of", lambda *_: LAYOUT)
    monkeypatch.setattr(athena_source, "doubts_about_folders", lambda *_: ["there is more"])
    assert as_json("--create-table", "s3://b/AWSLogs/")["doubts"] == []
    assert as_json()["doubts"] == ["there is more"]


def test_more_kinds_of_requests_than_there_is_room_for_are_counted_and_said(
    athena: AthenaInDuckDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings_module, "_MOST_BYTES_OF_GROUPS", 1)
    add(athena, NOW, *(at(NOW, 10 + number, userAgent=f"[{number // 4}]") for number in range(5)))
    found = as_json()
    # The busiest stay.
    assert (found["requests"], found["complete"], found["read"]["notCounted"]) == (4, False, 1)


def documented_trail(athena: AthenaInDuckDb, keys: list[str], properties: dict[str, str], template: str) -> None:
    """As the user guides have it: an identity of fewer fields, and other partitions."""
    identity = (
        "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,"
        "userName:string,sessioncontext:struct<sessionissuer:struct<arn:string,userName:string>>>"
    )
    athena.tables[str(NAME)] = Table(
        {**TRAIL_COLUMNS, "useridentity": identity}, keys, properties, "s3://b/AWSLogs/", athena.folder, template
    )


ONE_REGION = "s3://b/AWSLogs/111122223333/CloudTrail/us-east-1/"


@pytest.mark.parametrize(
    ("keys", "properties", "template"),
    [
        ([], {}, ""),
        (
            ["timestamp"],
            {
                "projection.enabled": "true",
                "projection.timestamp.type": "date",
                "projection.timestamp.format": "yyyy/MM/dd",
                "projection.timestamp.range": "2020/01/01,NOW",
                "storage.location.template": f"{ONE_REGION}${{timestamp}}",
            },
            "",
        ),
        (
            ["region", "year", "month", "day"],
            {},
            "s3://b/AWSLogs/111122223333/CloudTrail/${region}/${year}/${month}/${day}",
        ),
    ],
)
def test_tables_as_aws_documents_them_are_read(
    athena: AthenaInDuckDb, keys: list[str], properties: dict[str, str], template: str
) -> None:
    documented_trail(athena, keys, properties, template)
    old = NOW - timedelta(days=40)
    add(athena, old, at(old, 99))
    add(athena, DAYS[1], at(DAYS[1], 10, userIdentity={"type": "IAMUser", "arn": "arn:aws:iam::1:user/a"}))
    found = as_json()
    assert [(one["principal"], one["requests"]) for one in found["records"]] == [("a", 1)]
    assert found["read"]["sources"][0]["unknown"] == [
        "userIdentity.identityProvider",
        "userIdentity.onBehalfOf.userId",
        "userIdentity.sessionContext.sourceIdentity",
        "userIdentity.credentialId",
        "userIdentity.inScopeOf.credentialsIssuedTo",
        "userIdentity.inScopeOf.sourceArn",
    ]
    size = sum(file.stat().st_size for file in athena.folder.rglob("*.gz"))
    assert (found["read"]["athena"]["scannedBytes"] == size) == (not keys)
    assert found["read"]["athena"]["scansAll"] == (not keys)


def test_the_table_of_access_logs_as_s3_documents_it_is_read(athena: AthenaInDuckDb) -> None:
    columns = dict.fromkeys(ACCESS_LOG_COLUMNS[:26], "string") | {"bytessent": "bigint", "objectsize": "bigint"}
    athena.tables["logs.s3"] = Table(columns, [], {"input.regex": DOCUMENTED_LINE}, "s3://b/s3/", athena.folder)
    forged = line(number=3, agent='x" - h SigV4 c AuthHeader e t - -')
    lines = [line(), line(number=2, agent='a"b'), forged, line("SigV4"), "no line"]
    time = f"{NOW:%d/%b/%Y:%H:%M:%S}"
    text = "\n".join(lines).replace("20/Nov/2026:10:00:01", time)
    written(athena.folder / f"s3/444455556666/eu-west-1/log-bucket/{NOW:%Y/%m/%d}/x", text.encode())
    found = as_json(table="logs.s3")
    assert [
        (
            one["principal"],
            one["bucket"],
            one["awsRegion"],
            one["recipientAccountId"],
            one["accessKeyId"],
            one["userAgent"],
        )
        for one in found["records"]
    ] == [("etl (access key unknown)", "log-bucket", "eu-west-1", "444455556666", "unknown", "Boto/2.49.0")]
    # It believes that the forged request was signed with SigV4, so it proves nothing.
    assert found["read"]["sources"][0]["requests"] == 3
    assert found["doubts"][-2].startswith(
        "the table logs.s3 may read lines by a regular expression as AWS documents it,"
    )
    # Its regular expression fits no line whose agent has a quote.
    assert found["read"]["unread"]["lines"] == 2
    assert found["read"]["sources"][0]["unknown"] == ["accessKeyId", "vpcEndpointId", "sessionContext"]


def test_a_view_of_access_logs_tells_no_place(athena: AthenaInDuckDb) -> None:
    layout = Layout(Kind.ACCESS_LOG_TABLE, "s3://b/s3/")
    athena.tables["logs.s3"] = table_of_statement(statement_for(TableName("logs", "s3"), layout), athena.folder)
    athena.tables["logs.s3"].type = "VIRTUAL_VIEW"
    text = line().replace("20/Nov/2026:10:00:01", f"{NOW:%d/%b/%Y:%H:%M:%S}")
    written(athena.folder / f"s3/444455556666/eu-west-1/log-bucket/{NOW:%Y/%m/%d}/x", text.encode())
    (one,) = as_json(table="logs.s3")["records"]
    assert (one["awsRegion"], one["recipientAccountId"]) == ("unknown", "unknown")
    assert '"$path"' not in athena.called("StartQueryExecution")[0]["QueryString"]


def test_ctrl_c_stops_the_query_and_says_so(athena: AthenaInDuckDb) -> None:
    def interrupted() -> Any:
        if not athena.called("StopQueryExecution"):
            raise KeyboardInterrupt
        status = {"State": "CANCELLED"}
        return {"QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": 3 << 40}}}

    athena.answers["GetQueryExecution"] = interrupted
    result = ask()
    assert (result.exit_code, athena.called("StopQueryExecution")) == (130, [{"QueryExecutionId": "q0"}])
    assert "Athena scanned 3.0 TB in 1 run in the workgroup primary, for about 15.00 USD" in result.stdout
    athena.asked.clear()
    result = ask("--fail-if-any")
    assert (result.exit_code, "it was interrupted, and tells only" in result.stderr) == (3, True)


@pytest.mark.parametrize(
    ("operation", "answer", "sentence"),
    [
        (
            "GetQueryExecution",
            {"QueryExecution": {"Status": {"State": "FAILED", "StateChangeReason": "Access\x1b denied: s3://b/x."}}},
            "Error: --from: Athena could not run the query to its end, after 0 bytes: Access\\x1b denied: s3://b/x; "
            "less time (--since) is less to scan\n",
        ),
        (
            "GetQueryExecution",
            {
                "QueryExecution": {
                    "Status": {"State": "CANCELLED", "StateChangeReason": "Bytes scanned limit was exceeded"},
                    "Statistics": {"DataScannedInBytes": 2048},
                }
            },
            "Error: --from: Athena stopped the query, after 2.0 KB: Bytes scanned limit was exceeded; less time",
        ),
        (
            "StartQueryExecution",
            {"__type": "InvalidRequestException", "Message": "No output location provided."},
            "Error: --from: Athena does not take the query in the workgroup primary: No output location provided; name "
            "another with --workgroup, and if it has no place for results, one with --output s3://BUCKET/PREFIX\n",
        ),
        (
            "StartQueryExecution",
            {"__type": "AccessDeniedException", "Message": "You may not perform: athena:StartQueryExecution"},
            "Error: these credentials may not call StartQueryExecution: You may not perform: "
            "athena:StartQueryExecution\n",
        ),
        (
            "GetTableMetadata",
            {"__type": "MetadataException", "Message": "You may not perform: glue:GetTable"},
            "Error: AWS refused GetTableMetadata (MetadataException): You may not perform: glue:GetTable\n",
        ),
    ],
)
def test_what_athena_refuses_is_one_sentence_with_its_reason(
    athena: AthenaInDuckDb, operation: str, answer: Any, sentence: str
) -> None:
    athena.answers[operation] = answer
    result = ask()
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(sentence)


@pytest.mark.parametrize(
    ("options", "table", "sentence"),
    [
        ([], "logs.other", "--from: Athena knows no table logs.other in eu-west-1: name another, or make it with"),
        ([], "logs", "--from: 'athena:logs' names no table: write athena:DATABASE.TABLE, or"),
        (
            ["--create-table", "s3://b/"],
            "logs.trail",
            "--create-table: there is a table logs.trail already, which is not",
        ),
        (
            ["--create-table", "b"],
            "logs.new",
            "--create-table: 'b' names no bucket and prefix that a table can have: write",
        ),
        (["--create-table", "s3://b/it's"], "logs.new", "names no bucket and prefix that a table can have"),
    ],
)
@pytest.mark.usefixtures("athena")
def test_a_table_that_cannot_be_asked_is_one_sentence(options: list[str], table: str, sentence: str) -> None:
    result = ask(*options, table=table)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert sentence in result.stderr


@pytest.mark.parametrize("options", [["--workgroup", "w"], ["--output", "s3://b"], ["--create-table", "s3://b"]])
@pytest.mark.parametrize("source", [[], ["--from", "."]])
def test_options_of_athena_are_for_athena_alone(options: list[str], source: list[str]) -> None:
    result = run_alone(report, *source, *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == ("Error: --workgroup, --output and --create-table are for --from athena:DATABASE.TABLE\n")


def test_a_query_is_polled_until_it_ends_and_told_of(athena: AthenaInDuckDb) -> None:
    states = iter(["QUEUED", "RUNNING", "RUNNING", "SUCCEEDED"])

    def answer() -> Any:
        return {"QueryExecution": {"Status": {"State": next(states)}, "Statistics": {"DataScannedInBytes": 20 << 20}}}

    athena.answers["GetQueryExecution"] = answer
    athena.answers["StartQueryExecution"] = {"QueryExecutionId": "q"}
    told: list[str] = []
    slept: list[float] = []
    scan = AthenaScan("w")
    assert (
        run(athena.client(), "SELECT 1", NAME, AthenaWorkGroup("w"), scan, tell=told.append, sleep=slept.append) == "q"
    )
    assert told == ["queued, 20.0 MB scanned", "running, 20.0 MB scanned", "running, 20.0 MB scanned"]
    assert slept == [0.5, 0.75, 1.125]
    assert scan == AthenaScan("w", queries=1, scanned_bytes=20 << 20, usd=5 * 20 / (1 << 20))
    assert athena.called("StopQueryExecution") == []


@pytest.mark.parametrize(
    ("scanned", "statistics", "megabytes"),
    [
        (0, {}, 10),
        (10 << 20, {}, 10),
        ((10 << 20) + 1, {}, 11),
        (1 << 40, {}, 1 << 20),
        (1 << 40, {"DpuCount": 8.0}, 0),
    ],
)
def test_the_price_is_by_the_megabyte_from_ten_on_and_none_of_reserved_capacity(
    scanned: int, statistics: Any, megabytes: int
) -> None:
    scan = AthenaScan("w")
    execution: Any = {"Statistics": {"DataScannedInBytes": scanned, **statistics}}
    scan.add(execution)
    assert scan.usd == pytest.approx(5 * megabytes / (1 << 20))


def test_a_query_that_fails_is_not_stopped_again(athena: AthenaInDuckDb) -> None:
    athena.answers["GetQueryExecution"] = {"QueryExecution": {"Status": {"State": "FAILED"}}}
    with pytest.raises(QueryError, match="it gives no reason"):
        run(
            athena.client(),
            "CREATE EXTERNAL TABLE `a`.`b` (\n)\nLOCATION 's3://b/'",
            NAME,
            AthenaWorkGroup(),
            AthenaScan("w"),
        )
    assert athena.called("StopQueryExecution") == []
