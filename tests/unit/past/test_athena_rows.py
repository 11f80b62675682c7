"""What Athena's SQL finds is what `report` finds in the same files: the SQL is run, by DuckDB."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.queries import REPORT_QUERIES
from sigv2.period import Period
from sigv2.report.past import past_sources
from sigv2.report.past.athena import athena_source
from sigv2.report.past.athena.athena_table import TableName
from sigv2.report.past.athena.bucket_layout import Layout
from sigv2.report.past.athena.table_creation import statement_for
from sigv2.report.past.batches import Kind, LookedAt
from sigv2.report.past.past_sources import read_past
from sigv2.report.reports import Report
from tests.unit.past.athena_in_duckdb import AthenaInDuckDb, table_of_statement
from tests.unit.past.conftest import OWNER, PERIOD, SAMPLE, TRAIL, line, record, trail_file, trail_name, written

LOG_FOLDER = "logs/111122223333/eu-west-1/log-bucket/2026/11/20/"
LOG_NAME = "2026-11-20-10-00-00-0123456789ABCDEF"
NAME = TableName("logs", "requests")
TRAILS = Layout(Kind.TRAIL_TABLE, "s3://b/AWSLogs/", ("111122223333", "444455556666"), ("eu-west-1", "us-east-1"))
DATED_LOGS = Layout(Kind.ACCESS_LOG_TABLE, "s3://b/logs/", ("111122223333/eu-west-1/log-bucket",))
FLAT_LOGS = Layout(Kind.ACCESS_LOG_TABLE, "s3://b/logs/")


class _Session:
    """A session with an Athena, and an S3 in which nothing has changed since."""

    def __init__(self, athena: AthenaInDuckDb) -> None:
        self._athena = athena

    def client(self, service: str) -> Any:
        return self._athena.client() if service == "athena" else None


def both(folder: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Report, Report]]:
    """What Athena and `report` tell of the same files, for each query."""
    athena = AthenaInDuckDb(folder)
    athena.tables[str(NAME)] = table_of_statement(statement_for(NAME, layout), folder)
    monkeypatch.setattr(past_sources, "session", lambda *_: _Session(athena))
    monkeypatch.setattr(athena_source, "doubts_about_folders", lambda *_: [])
    # It begins within a second.
    period = Period(PERIOD.since + timedelta(milliseconds=1), PERIOD.until)
    of_athena = read_past(f"athena:{NAME}", REPORT_QUERIES, period)
    return zip(of_athena, read_past(str(folder), REPORT_QUERIES, period), strict=True)


def told(report: Report) -> tuple[Any, ...]:
    reading = report.reading
    assert reading
    return (
        report.query.key,
        sorted((dict(record) for record in report.records), key=str),
        report.complete,
        report.headings,
        [doubt for doubt in report.doubts if "could not be read" not in doubt and "tells of" not in doubt],
        reading.repeated,
        reading.unread_lines,
        [looked.untold for looked in reading.looked_at.values()],
    )


def assert_equal(folder: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch, looked_at: LookedAt) -> None:
    for of_athena, of_files in both(folder, layout, monkeypatch):
        assert told(of_athena) == told(of_files)
        assert of_athena.reading
        # It is told exactly, and of the time alone, where files tell about all that is in them.
        assert of_athena.reading.looked_at == {layout.kind: looked_at}


def trail(folder: Path, *records: Mapping[str, Any], name: str = TRAIL + trail_name(1)) -> None:
    written(folder / name, trail_file(records), compressed=True)


IDENTITIES: Sequence[Mapping[str, Any]] = (
    SAMPLE["userIdentity"],
    {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"},
    {"type": "AWSService", "invokedBy": "it's.amazonaws.com"},
    {
        "type": "AssumedRole",
        "arn": 'arn:aws:sts::111122223333:assumed-role/web/it\'s "me" é\u202e\x1b[31m',
        "accessKeyId": "ASIA1",
        "sessionContext": {
            "sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/web", "type": "Role"},
            "attributes": {"mfaAuthenticated": "false"},
            "sourceIdentity": "jane",
        },
        "inScopeOf": {"credentialsIssuedTo": "arn:aws:lambda:us-east-1:111122223333:function:f"},
    },
    {"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}, "credentialId": "c-1", "accountId": "111122223333"},
    {"type": "WebIdentityUser", "userName": "w", "identityProvider": "accounts.example.com", "sessionContext": None},
)


def test_every_query_finds_the_same_in_cloudtrail_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "b"
    copies: list[Mapping[str, Any]] = [
        {"eventName": "CopyObject", "requestParameters": {"bucketName": "b", "x-amz-copy-source": source, "key": key}}
        for source, key in (
            ("/from/a/b", "x/y"),
            ("from%2Fa", "/y"),
            ("arn%3Aaws%3As3:us-east-1:1:accesspoint%2Fap/object/k", "noslash"),
            ("it's", None),
            ("?x/y", "x"),
        )
    ]
    objects = [{"ARN": f"arn:aws:s3:::bucket-{number}/k'{number}", "type": "AWS::S3::Object"} for number in range(5)]
    hostile: list[Mapping[str, Any]] = [
        {"userAgent": "=cmd|\"'--;", "errorCode": "AccessDenied"},
        {"userAgent": "", "vpcEndpointId": "vpce-1", "sourceIPAddress": "it's"},
        {"userAgent": None, "requestParameters": None},
        {"eventName": "XCopyObject", "resources": objects},
        {"eventName": "ListBuckets", "requestParameters": {"bucketName": {"nested": 1}, "key": ["a"]}, "resources": []},
        {"requestParameters": {"bucketName": 12, "key": True}, "awsRegion": "eu-west-1", "recipientAccountId": "4"},
        {"additionalEventData": {"SignatureVersion": "SigV2", "AuthenticationMethod": None}},
    ]
    identities = [{"userIdentity": identity} for identity in IDENTITIES]
    changes: list[Mapping[str, Any]] = [*identities, *copies, *hostile]
    # The seconds before the time, its first and its last one, and the one after; and what is no request of S3.
    times = ["2026-11-19T08:00:00Z", "2026-11-19T08:00:01Z", "2026-11-21T08:00:00Z", "2026-11-21T08:00:01Z"]
    records = [
        *(record(number, **change) for number, change in enumerate(changes)),
        *(record(100 + number, eventTime=time) for number, time in enumerate(times)),
        record(200, "SigV4"),
        {**record(201), "eventSource": "other.amazonaws.com"},
        {"eventTime": "2026-11-20T09:00:00Z", "eventSource": "s3.amazonaws.com", "eventID": "x"},
        record(202, eventTime="yesterday"),
    ]
    trail(folder, *records)
    # Another trail, account and Region, published a day later, tells of some of them again.
    trail(folder, *records[:5], record(300), name="AWSLogs/444455556666/CloudTrail/eu-west-1/2026/11/22/x.json.gz")
    days = {"2026-11-19", "2026-11-20", "2026-11-21"}
    # All that tell how they were signed: two of them at other times, and one at none.
    requests = len(changes) + 2 + 2 + 5 + 1
    looked_at = LookedAt(1, requests, 0, "2026-11-19T08:00:01Z", "2026-11-21T08:00:00Z", days)
    assert_equal(folder, TRAILS, monkeypatch, looked_at)


LINES = (
    line(),
    line(),
    line(key="photos/b.jpg"),
    line(number=23, key="p%25%32%46q"),
    line(number=24, key="p%252%66q"),
    line(number=2, agent='it\'s "quoted" and "'),
    line(number=3, agent='x" - h SigV4 c AuthHeader e t - -'),
    line(number=4, key="a%2520b/c%2Fd"),
    line(number=5, key="a%252Fb"),
    line(number=6, key="%2Fa"),
    line(number=7, key="none%zz%"),
    line(number=8, key="-"),
    line("SigV4", number=9),
    line("-", number=10),
    line(number=11).replace("arn:aws:iam::111122223333:user/etl", "arn:aws:sts::111122223333:assumed-role/r/s"),
    line(number=12).replace("arn:aws:iam::111122223333:user/etl", OWNER),
    line(number=13).replace("arn:aws:iam::111122223333:user/etl", "-").replace("AuthHeader", "QueryString"),
    line(number=14).replace("REST.GET.OBJECT", "REST.COPY.OBJECT_GET").replace("200 -", "403 AccessDenied"),
    line(number=15).replace("20/Nov/2026:10:00:01", "19/Nov/2026:07:59:59"),
    line(number=16).replace("20/Nov/2026:10:00:01", "21/Nov/2026:08:00:00"),
    line(number=17).replace(' "-" "Boto/2.49.0"', " - -"),
    line(number=18).partition(" ECDHE")[0] + " x y z",
    line(number=19) + " us-east-1 something new",
    line(number=20).partition(" s9lz")[0],
    line("SigX", number=21).replace("SigX", "nonsense"),
    "no line",
    line(number=22).replace('"GET /log-bucket/photos/a.jpg HTTP/1.1" 200', '"GET /a"b" 200 - 1 "x HTTP/1.1" 400'),
)


@pytest.mark.parametrize("layout", [DATED_LOGS, FLAT_LOGS])
def test_every_query_finds_the_same_in_access_logs(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "b"
    written(folder / LOG_FOLDER / LOG_NAME, "\n".join(LINES).encode() + b"\n")
    written(folder / LOG_FOLDER / LOG_NAME.replace("10", "11"), f"{LINES[2]}\n".encode())
    looked_at = LookedAt(1, 25, 1, "2026-11-20T10:00:01Z", "2026-11-21T08:00:00Z", {"2026-11-20", "2026-11-21"})
    assert_equal(folder, layout, monkeypatch, looked_at)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9) | st.sampled_from(
    ["'", '"', "''; --", "a'/b", "/", "%2F", "arn:aws:s3:::b'/k", "arn%3Aa%2Fb/c", "CopyObject", "ASIA'", "$.x", "\\"]
)
VALUES = st.none() | TEXTS
RECORDS = st.fixed_dictionaries(
    {
        "userIdentity": st.none()
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["IAMUser", "AssumedRole", "AWSService"])},
            optional={
                "arn": VALUES,
                "accessKeyId": VALUES,
                "userName": VALUES,
                "invokedBy": VALUES,
                "onBehalfOf": st.none() | st.fixed_dictionaries({"userId": VALUES}),
                "sessionContext": st.fixed_dictionaries({"sessionIssuer": st.fixed_dictionaries({"arn": VALUES})}),
            },
        ),
        "requestParameters": st.none()
        | st.fixed_dictionaries({}, optional=dict.fromkeys(("bucketName", "key", "x-amz-copy-source"), VALUES)),
        "resources": st.none() | st.lists(st.fixed_dictionaries({}, optional={"ARN": VALUES}), max_size=5),
    },
    optional=dict.fromkeys(("userAgent", "errorCode", "eventName", "sourceIPAddress", "vpcEndpointId"), VALUES),
)


@settings(max_examples=5, deadline=None)
@given(changes=st.lists(RECORDS, min_size=10, max_size=30))
def test_whatever_a_record_holds_it_is_found_as_in_files(changes: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as parent, pytest.MonkeyPatch.context() as monkeypatch:
        trail(Path(parent, "b"), *(record(number, **change) for number, change in enumerate(changes)))
        for of_athena, of_files in both(Path(parent, "b"), TRAILS, monkeypatch):
            assert told(of_athena) == told(of_files)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=6)
KEYS = st.lists(st.sampled_from(["a", "/", "%", "2", "5", "F", "f", "%2F", "%252F", "3", "+", "%32", "%46"])).map(
    "".join
)
AGENTS = st.lists(st.sampled_from(['"', " ", "-", "SigV4", "x", "200", "'", "\x85", "\u2028"])).map("".join) | WORDS


@settings(max_examples=5, deadline=None)
@given(lines=st.lists(st.tuples(KEYS, AGENTS, WORDS), min_size=20, max_size=40))
def test_whatever_a_client_writes_into_a_line_it_is_found_as_in_files(lines: list[tuple[str, str, str]]) -> None:
    told_by = [
        line(number=number, agent=agent, key=key or "-").replace(":user/etl", f":user/{name}")
        for number, (key, agent, name) in enumerate(lines)
    ]
    with TemporaryDirectory() as parent, pytest.MonkeyPatch.context() as monkeypatch:
        written(Path(parent, "b", LOG_FOLDER, LOG_NAME), "\n".join(told_by).encode())
        for of_athena, of_files in both(Path(parent, "b"), DATED_LOGS, monkeypatch):
            assert told(of_athena) == told(of_files)
