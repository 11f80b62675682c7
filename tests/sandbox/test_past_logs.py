"""`report --from` a bucket and a log group, against the emulator's S3 and CloudWatch Logs."""

import gzip
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from sigv2.period import Period
from sigv2.report.past import past_sources
from sigv2.report.past.athena.athena_table import AthenaTable, TableName
from sigv2.report.past.athena.bucket_layout import Layout, doubts_about_folders, layout_of
from sigv2.report.past.athena.table_creation import statement_for
from sigv2.report.past.batches import Kind
from sigv2.report.past.bucket_files import BucketFiles
from sigv2.report.past.log_file import LogFile
from sigv2.report.query_run import QueryError
from sigv2.report.report_command import report
from tests.sandbox.conftest import TARGET, Pipeline
from tests.unit.past.athena_in_duckdb import AthenaInDuckDb, table_of_statement
from tests.unit.past.conftest import line, record, trail_file, written

NOW = datetime.now(UTC)
GROUP = "/access/logs"
SINCE_YESTERDAY = Period(NOW - timedelta(days=1), NOW)


@pytest.fixture
def pipeline(deployed: Pipeline) -> Pipeline:
    return deployed


def run(pipeline: Pipeline, *options: str) -> Result:
    app = typer.Typer()
    app.command()(report)
    return CliRunner().invoke(app, options, env={**pipeline.environment(), "AWS_DEFAULT_REGION": "us-east-1"})


def properties_of(statement: str) -> Mapping[str, str]:
    return table_of_statement(statement, Path()).properties


def put(pipeline: Pipeline, bucket: str, *keys: str, text: bytes = b"") -> None:
    s3 = pipeline.emulator.client("s3")
    s3.create_bucket(Bucket=bucket)
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=text)


def day_folder(days_ago: int, account: str = "111122223333") -> str:
    return f"AWSLogs/{account}/CloudTrail/us-east-1/{NOW - timedelta(days=days_ago):%Y/%m/%d}/"


def test_the_pipelines_own_trail_files_tell_what_its_log_tells(pipeline: Pipeline) -> None:
    for number in range(3):
        pipeline.s3().put_object(Bucket=TARGET, Key=f"key{number}", Body=b"x")
    pipeline.emulator.settle()
    live = run(pipeline, "--format", "json")
    past = run(pipeline, "--format", "json", "--from", f"s3://{pipeline.outputs['trailBucketName']}/")
    assert json.loads(past.stdout)["records"] == json.loads(live.stdout)["records"]
    assert json.loads(past.stdout)["requests"] == 3


def test_only_the_days_asked_for_are_listed_and_fetched(pipeline: Pipeline, tmp_path: Path) -> None:
    wanted = [f"{day_folder(0)}a.json.gz", f"{day_folder(1)}b.json.gz", f"o/{day_folder(0, '444455556666')}c.json.gz"]
    old = [f"{day_folder(days)}old.json.gz" for days in (2, 40, 400)]
    empty = ["AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/d.json.gz", f"{day_folder(0)}"]
    put(pipeline, "org-trail", *wanted, *old, *empty, text=b"")
    asked: list[str] = []
    s3 = pipeline.emulator.client("s3")
    s3.meta.events.register(
        "before-parameter-build.s3.ListObjectsV2", lambda params, **_: asked.append(params["Prefix"])
    )
    source = BucketFiles(s3, "org-trail", "", SINCE_YESTERDAY, tmp_path)
    found = [file.name for file in source.files() if isinstance(file, LogFile)]
    assert sorted(found) == sorted(f"s3://org-trail/{key}" for key in wanted)
    assert (source.wanted.passed_over, source.wanted.too_old) == (1, 3)
    assert all("Digest" not in prefix for prefix in asked)
    assert day_folder(2) not in asked


def test_old_months_of_access_logs_in_one_folder_are_not_listed_to_their_end(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    names = [
        f"logs/20{year}-0{month}-01-10-00-00-0123456789ABCDE{n}"
        for year in (19, 20)
        for month in (1, 2)
        for n in (0, 1, 2)
    ]
    recent = f"logs/{NOW:%Y-%m-%d}-10-00-00-0123456789ABCDEF"
    put(pipeline, "flat-logs", *names, recent, "logs/2019other/x", text=line().encode())
    pages: list[str] = []

    def one_key_a_page(params: dict[str, Any], **_: Any) -> None:
        params["MaxKeys"] = 1
        pages.append(params["Prefix"])

    s3 = pipeline.emulator.client("s3")
    s3.meta.events.register("before-parameter-build.s3.ListObjectsV2", one_key_a_page)
    found = {file.name for file in BucketFiles(s3, "flat-logs", "logs/", SINCE_YESTERDAY, tmp_path).files()}
    assert found == {f"s3://flat-logs/{recent}", "s3://flat-logs/logs/2019other/x"}
    # A page for each old month, rather than for each of its files.
    assert len(pages) < len(names)


TRAIL_RECORDS = gzip.compress(trail_file([record(1)]))


def test_how_cloudtrail_files_lie_is_told_by_their_folders(pipeline: Pipeline) -> None:
    files = [
        f"p/AWSLogs/{account}/CloudTrail/{region}/2026/11/20/x.json.gz"
        for account, region in [
            ("111122223333", "us-east-1"),
            ("o-1a2b/444455556666", "eu-west-1"),
            ("o-1a2b/444455556666", "us-east-1"),
        ]
    ]
    digests = [f"p/AWSLogs/111122223333/CloudTrail-{kind}/x" for kind in ("Digest/us-east-1", "Insight/eu-west-3")]
    put(pipeline, "many-accounts", *files, *digests, "p/AWSLogs/elb/y", text=TRAIL_RECORDS)
    s3 = pipeline.emulator.client("s3")
    whole = Layout(
        Kind.TRAIL_TABLE,
        "s3://many-accounts/p/AWSLogs/",
        ("111122223333", "o-1a2b/444455556666"),
        ("eu-west-1", "us-east-1"),
    )
    for where in ("s3://many-accounts", "s3://many-accounts/p/", "s3://many-accounts/p/AWSLogs/"):
        assert layout_of(s3, where) == whole
    with pytest.raises(QueryError, match="is not the folder AWSLogs/ of CloudTrail files, or one that has it"):
        layout_of(s3, "s3://many-accounts/p/AWSLogs/111122223333/")
    with pytest.raises(QueryError, match="there is no log file in s3://many-accounts/q/: name the folder"):
        layout_of(s3, "s3://many-accounts/q/")
    name = TableName("db", "t")
    made = AthenaTable(name, whole.kind, {}, (), properties_of(statement_for(name, whole)))
    assert list(doubts_about_folders(s3, made)) == []
    put(pipeline, "many-accounts", "p/AWSLogs/777788889999/CloudTrail/us-east-1/2026/11/21/x.json.gz")
    assert list(doubts_about_folders(s3, made)) == [
        "the table db.t does not know 1 folder of s3://many-accounts/p/AWSLogs/ that came after it was made "
        "(777788889999/CloudTrail/us-east-1), so make another with --create-table"
    ]
    elsewhere = properties_of(statement_for(name, replace(whole, folder="s3://nobodys-bucket/")))
    (doubt,) = doubts_about_folders(s3, replace(made, parameters=elsewhere))
    assert doubt.startswith("whether the table db.t knows all folders of s3://nobodys-bucket/ is unknown: AWS refused")


def test_how_access_logs_lie_is_told_by_the_first_of_them(pipeline: Pipeline) -> None:
    name = "2026-11-20-10-00-00-0123456789ABCDEF"
    sources = ("111122223333/eu-west-1/a.bucket", "111122223333/us-east-1/Old_Bucket")
    put(pipeline, "dated-logs", *(f"l/{source}/2026/11/20/{name}" for source in sources), text=line().encode())
    put(pipeline, "all-flat-logs", f"logs/{name}", "a-note", text=line().encode())
    s3 = pipeline.emulator.client("s3")
    dated = Layout(Kind.ACCESS_LOG_TABLE, "s3://dated-logs/l/", sources)
    assert layout_of(s3, "s3://dated-logs/") == dated
    assert layout_of(s3, "s3://all-flat-logs/logs/") == Layout(Kind.ACCESS_LOG_TABLE, "s3://all-flat-logs/logs/")
    assert layout_of(s3, "s3://all-flat-logs/logs/2026-") == Layout(Kind.ACCESS_LOG_TABLE, "s3://all-flat-logs/logs/")
    made = AthenaTable(
        TableName("db", "t"), dated.kind, {}, (), properties_of(statement_for(TableName("db", "t"), dated))
    )
    assert list(doubts_about_folders(s3, made)) == []
    put(pipeline, "dated-logs", f"l/111122223333/us-east-1/c/2026/11/20/{name}")
    (doubt,) = doubts_about_folders(s3, made)
    assert "(111122223333/us-east-1/c), so make another" in doubt


def test_a_table_is_made_of_a_bucket_and_asked(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = f"{day_folder(0)}a.json.gz"
    text = gzip.compress(trail_file([record(1, eventTime=f"{NOW - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}")]))
    put(pipeline, "a-trail", key, text=text)
    written(tmp_path / "bucket" / key, text)
    athena = AthenaInDuckDb(tmp_path / "bucket")
    clients = {"athena": athena.client(), "s3": pipeline.emulator.client("s3")}
    monkeypatch.setattr(past_sources, "session", lambda *_: SimpleNamespace(client=clients.__getitem__))
    options = ("--from", "athena:db.trail", "--format", "json", "--since", "1d")
    result = run(pipeline, *options, "--create-table", "s3://a-trail/")
    assert result.stderr.startswith("Made the table db.trail of the logs in s3://a-trail/.\nRead 1 table of CloudTrail")
    assert json.loads(result.stdout)["requests"] == 1
    again = run(pipeline, *options, "--create-table", "s3://a-trail/")
    assert (again.exit_code, "there is a table db.trail already, which is not replaced" in again.stderr) == (1, True)
    assert json.loads(run(pipeline, *options).stdout)["records"] == json.loads(result.stdout)["records"]


def test_what_cannot_be_fetched_is_named_and_a_bucket_that_is_not_there_is_an_error(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    key = f"{day_folder(0)}a.json.gz"
    put(pipeline, "some-trail", key, text=gzip.compress(trail_file([record(1, eventTime=f"{NOW:%Y-%m-%dT%H:%M:%SZ}")])))
    s3 = pipeline.emulator.client("s3")
    s3.meta.events.register("before-parameter-build.s3.GetObject", lambda params, **_: params.update(Key="gone"))
    (unread,) = BucketFiles(s3, "some-trail", "", SINCE_YESTERDAY, tmp_path).files()
    assert unread.name == f"s3://some-trail/{key}"
    assert not isinstance(unread, LogFile)
    assert "NoSuchKey" in unread.why
    result = run(pipeline, "--from", "s3://nobodys-bucket/")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "NoSuchBucket" in result.stderr


def log(pipeline: Pipeline, *records: Any) -> None:
    logs = pipeline.emulator.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="stream")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": json.dumps(one) if isinstance(one, dict) else one} for one in records]
    logs.put_log_events(logGroupName=GROUP, logStreamName="stream", logEvents=events)  # type: ignore[arg-type]


def test_access_logs_in_cloudwatch_logs_are_the_same_report(pipeline: Pipeline) -> None:
    record_of_v2 = {
        "schema_version_id": "V_1_0",
        "bucket_name": "log-bucket",
        "request_time": f"{NOW:%Y-%m-%dT%H:%M:%S}.123Z",
        "remote_ip": "192.0.2.3",
        "requester": "arn:aws:iam::111122223333:user/etl",
        "request_id": "3E57427F3EXAMPLE",
        "operation": "REST.GET.OBJECT",
        "key_name": "photos/a.jpg",
        "http_status": 200,
        "error_code": None,
        "user_agent": "Boto/2.49.0",
        "signature_version": "SigV2",
        "authentication_type": "AuthHeader",
    }
    log(pipeline, record_of_v2, {**record_of_v2, "signature_version": "SigV4", "request_id": "2"}, "no JSON")
    result = run(pipeline, "--from", f"logs:{GROUP}", "--format", "json")
    found = json.loads(result.stdout)
    assert [(one["principal"], one["userAgent"], one["requests"]) for one in found["records"]] == [
        ("etl (access key unknown)", "Boto/2.49.0", 1)
    ]
    assert found["logGroups"] == [GROUP]
    assert found["records"][0]["firstSeen"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert any("exists only since" in doubt for doubt in found["doubts"])
    missing = run(pipeline, "--from", "logs:/nowhere")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "--from: there is no log group /nowhere in us-east-1" in missing.stderr
