import csv
import html
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from blueprint.queries import (
    ACCESS_KEY,
    ACCOUNT,
    AUTHENTICATION_METHOD,
    BUCKET,
    COPY_SOURCE,
    DAY,
    FIRST_SEEN,
    LAST_SEEN,
    OPERATION,
    PRINCIPAL,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ID,
    PRINCIPAL_TYPE,
    REGION,
    REQUESTS,
    SAVED_QUERIES,
    USER_AGENT,
    USER_NAME,
    saved_query,
)
from sigv2.period import Period
from sigv2.report import reports
from sigv2.report.comparison import compared
from sigv2.report.coverage import Coverage
from sigv2.report.formats.csv_format import as_csv
from sigv2.report.formats.json_format import as_json
from sigv2.report.formats.markdown_format import as_markdown
from sigv2.report.formats.table_format import print_table
from sigv2.report.formats.wording import beside_csv
from sigv2.report.owners.by_owner import with_owners
from sigv2.report.owners.owner import Owner
from sigv2.report.query_run import QueryResult
from sigv2.report.reports import Report, make_report

PERIOD = Period(datetime(2026, 11, 13, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
GROUP = "/aws/events/s3-sigv2-access-log"
ROW = {
    PRINCIPAL: "arn:aws:iam::123456789012:user/nightly-backup",
    PRINCIPAL_ID: "AIDAEXAMPLE",
    PRINCIPAL_ACCOUNT: "123456789012",
    ACCESS_KEY: "AKIAEXAMPLE",
    PRINCIPAL_TYPE: "IAMUser",
    USER_NAME: "nightly-backup",
    USER_AGENT: "[python-requests/2.31.0]",
    BUCKET: "example-uploads",
    REGION: "us-east-1",
    ACCOUNT: "123456789012",
    AUTHENTICATION_METHOD: "QueryString",
    FIRST_SEEN: "2026-11-20T07:14:07Z",
    LAST_SEEN: "2026-11-20T07:59:59Z",
    REQUESTS: "1234",
}
HOW = (
    "The agent only follows a URL that somebody else has signed: find the code that makes URLs with the credentials of "
    "access key AKIAEXAMPLE of nightly-backup (AKIAEXAMPLE). boto3 and botocore sign URLs with SigV2 by default in "
    'eight Regions: pass config=Config(signature_version="s3v4") to the client. `aws s3 presign`: run `aws configure '
    "set default.s3.signature_version s3v4`, or move to version 2 of the AWS CLI. `s3cmd signurl` knows SigV2 alone "
    "(https://github.com/s3tools/s3cmd/issues/765): have the AWS CLI or an SDK sign instead. aws-sdk-js v2: new "
    "AWS.S3({signatureVersion: 'v4'}). .NET: AWSConfigsS3.UseSignatureVersion4 = true. fog: aws_signature_version: 4. "
    "django-storages: AWS_S3_SIGNATURE_VERSION = 's3v4'. boto 2: S3_USE_SIGV4=True. A SigV4 URL is good for 7 days at "
    "most."
)
RECORD = {
    "principal": "nightly-backup (AKIAEXAMPLE)",
    "arn": "arn:aws:iam::123456789012:user/nightly-backup",
    "accountId": "123456789012",
    "accessKeyId": "AKIAEXAMPLE",
    "userAgent": "python-requests/2.31.0",
    "bucket": "example-uploads",
    "awsRegion": "us-east-1",
    "recipientAccountId": "123456789012",
    "signed": "presigned URL",
    "firstSeen": "2026-11-20T07:14:07Z",
    "lastSeen": "2026-11-20T07:59:59Z",
    "requests": 1234,
    "fix": 'the signer, not the agent: Config(signature_version="s3v4")',
    "howToFix": HOW,
    "source": "https://github.com/boto/botocore/pull/3791",
    "identityType": "IAMUser",
    "principalId": "AIDAEXAMPLE",
    "userName": "nightly-backup",
    "issuer": "",
    "onBehalfOf": "",
    "through": "",
    "accessPoint": "",
    "copySource": "",
    "place": "example-uploads",
    "sessions": 1,
    "software": "python-requests/2.31.0",
    "userAgents": 1,
}


def report_of(
    *rows: dict[str, str], query: str = "client", complete: bool = True, home: tuple[str, str] = ("", "")
) -> Report:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reports, "run_query", lambda *_, **__: QueryResult(rows, complete))
        return make_report(None, saved_query(query), [GROUP], PERIOD, home=home)  # type: ignore[arg-type]


def printed(report: Report, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, highlight=False)
    print_table(report, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_json_is_the_whole_report_as_plain_data() -> None:
    assert json.loads(as_json(report_of(ROW))) == {
        "logGroups": [GROUP],
        "since": "2026-11-13T08:00:00Z",
        "until": "2026-11-20T08:00:00Z",
        "by": "client",
        "complete": True,
        "provenSince": None,
        "doubts": [],
        "requests": 1234,
        "records": [RECORD],
    }


def test_csv_has_a_line_of_names_and_a_line_for_each_client() -> None:
    names, client = csv.reader(io.StringIO(as_csv(report_of(ROW))))
    assert dict(zip(names, client, strict=True)) == {key: str(value) for key, value in RECORD.items()}


def test_markdown_is_a_table_of_headings_clients_and_fixes_with_a_link_to_each_source() -> None:
    title, blank, headings, rule, client, *rest = html.unescape(as_markdown(report_of(ROW))).split("\n")
    assert title == f"### Who still signs with SigV2 ({GROUP}, since 2026-11-13 08:00 UTC)"
    assert headings == (
        "| Principal | User agent | Bucket | How signed | First seen (UTC) | Last seen (UTC) | Requests | Fix | How | "
        "Source |"
    )
    assert rule == "| " + " | ".join(["---"] * 10) + " |"
    assert client == (
        "| nightly-backup (AKIAEXAMPLE) | python-requests/2.31.0 | example-uploads | presigned URL | 2026-11-20 07:14 "
        f"| 2026-11-20 07:59 | 1234 | {RECORD['fix']} | {HOW} | <{RECORD['source']}> |"
    )
    assert [blank, *rest] == ["", "", "1,234 SigV2 requests in 1 line.", ""]


def test_a_source_stays_whole_in_a_narrow_terminal() -> None:
    assert "   https://github.com/boto/botocore/pull/3791\n" in printed(report_of(ROW), width=30)


def test_an_empty_report_says_that_it_proves_nothing_by_itself() -> None:
    sentence = (
        "No SigV2 request was logged in this time. That proves something only while the pipeline is alive: "
        "`python -m sigv2 verify` tells."
    )
    assert sentence in printed(report_of())
    assert sentence in html.unescape(as_markdown(report_of()))
    assert json.loads(as_json(report_of()))["records"] == []
    assert len(as_csv(report_of()).splitlines()) == 1


def test_a_report_that_is_cut_off_says_so() -> None:
    cut_off = report_of(ROW, complete=False)
    assert "There are more: these are only as many rows as CloudWatch Logs Insights returns" in printed(cut_off)
    assert "There are more" in html.unescape(as_markdown(cut_off))
    assert json.loads(as_json(cut_off))["complete"] is False


def test_a_report_on_more_time_than_the_log_tells_of_says_so() -> None:
    since = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    doubts = ("/a exists only since 2026-11-18 09:30 UTC", "/b keeps requests for 1 day only")
    sentence = f"This does not tell of all that time: {'; '.join(doubts)}."
    for rows in ((), (ROW,)):
        report = replace(report_of(*rows), coverage=Coverage(since, doubts))
        assert sentence in printed(report, width=400)
        assert sentence in html.unescape(as_markdown(report))
        document = json.loads(as_json(report))
        assert (document["provenSince"], document["doubts"]) == ("2026-11-18T09:30:00Z", list(doubts))


def test_a_copy_is_shown_with_where_it_was_copied_from() -> None:
    copied = report_of(ROW | {OPERATION: "CopyObject", COPY_SOURCE: "example-reports"})
    (record,) = copied.records
    assert (record["bucket"], record["copySource"]) == ("example-uploads", "example-reports")
    assert "example-uploads, copied from example-reports" in html.unescape(as_markdown(copied))


@pytest.mark.parametrize("query", SAVED_QUERIES, ids=lambda query: query.key)
def test_every_saved_query_can_be_reported_in_every_format(query: object) -> None:
    assert query in SAVED_QUERIES
    key = next(saved.key for saved in SAVED_QUERIES if saved == query)
    fields = [*saved_query(key).by_place().by, *([FIRST_SEEN, LAST_SEEN] if saved_query(key).seen else [])]
    report = report_of({**{field: f"value-{field[-6:]}" for field in fields}, REQUESTS: "5"}, query=key)
    for text in (printed(report), as_markdown(report), as_csv(report), as_json(report)):
        assert "5" in text
    assert set(report.headings) <= set(report.records[0])


HOME = ("us-east-1", "123456789012")
ELSEWHERE = ROW | {REGION: "eu-west-1", BUCKET: "example-media"}
IN_ANOTHER_ACCOUNT = ROW | {ACCOUNT: "210987654321", BUCKET: "example-site"}


@pytest.mark.parametrize("rows", [(ROW, ELSEWHERE), (ROW, IN_ANOTHER_ACCOUNT), (ELSEWHERE,), (IN_ANOTHER_ACCOUNT,)])
def test_where_there_is_more_than_one_region_or_account_people_see_which(rows: tuple[dict[str, str], ...]) -> None:
    report = report_of(*rows, home=HOME)
    _, _, headings, _, *lines = html.unescape(as_markdown(report)).split("\n")
    assert headings.startswith("| Principal | User agent | Bucket | Region | Account | How signed | ")
    shown = [line for line in lines if "example-" in line]
    for row, line in zip(sorted(rows, key=lambda row: row[BUCKET]), shown, strict=True):
        assert f"| {row[BUCKET]} | {row[REGION]} | {row[ACCOUNT]} | presigned URL |" in line
    table = printed(report, width=400)
    assert all(word in table for row in rows for word in ("Region", "Account", row[REGION], row[ACCOUNT]))


@pytest.mark.parametrize("row", [ROW, {key: value for key, value in ROW.items() if key not in (REGION, ACCOUNT)}])
def test_where_all_is_at_home_people_need_not_see_it_and_programs_do(row: dict[str, str]) -> None:
    report = report_of(row, home=HOME)
    assert "Account" not in printed(report)
    assert "Account" not in as_markdown(report)
    assert {"awsRegion", "recipientAccountId"} <= json.loads(as_json(report))["records"][0].keys()
    assert {"awsRegion", "recipientAccountId"} <= set(next(csv.reader(io.StringIO(as_csv(report)))))


def test_a_client_is_a_line_in_each_region_and_account() -> None:
    elsewhere = [ROW | {REGION: "eu-west-1"}, ROW | {ACCOUNT: "210987654321"}]
    report = report_of(*elsewhere, ROW | {REQUESTS: "1"}, ROW | {REQUESTS: "2"}, home=HOME)
    assert [(one["awsRegion"], one["recipientAccountId"], one["requests"]) for one in report.records] == [
        ("eu-west-1", "123456789012", 1234),
        ("us-east-1", "210987654321", 1234),
        ("us-east-1", "123456789012", 3),
    ]
    assert len(report.of_bucket("example-uploads").records) == 3


def test_a_day_is_a_line_for_each_region_and_account_and_one_where_there_is_but_one() -> None:
    one, other = {DAY: "2026-11-19 00:00:00.000", REQUESTS: "7"}, {DAY: "2026-11-20 00:00:00.000", REQUESTS: "1"}
    here = {REGION: "us-east-1", ACCOUNT: "123456789012"}
    there = {REGION: "eu-west-1", ACCOUNT: "123456789012"}
    report = report_of(other | here, one | there, one | here, query="day", home=HOME)
    assert report.headings == {
        "day": "Day (UTC)",
        "awsRegion": "Region",
        "recipientAccountId": "Account",
        "requests": "Requests",
    }
    assert [(line["day"][:10], line["awsRegion"]) for line in report.records if isinstance(line["day"], str)] == [
        ("2026-11-19", "eu-west-1"),
        ("2026-11-19", "us-east-1"),
        ("2026-11-20", "us-east-1"),
    ]
    assert report_of(one | here, query="day", home=HOME).headings == {"day": "Day (UTC)", "requests": "Requests"}


def test_days_come_in_their_order_and_all_else_by_number() -> None:
    days = [{DAY: "2026-11-20 00:00:00.000", REQUESTS: "1"}, {DAY: "2026-11-19 00:00:00.000", REQUESTS: "7"}]
    by_day = report_of(*reversed(days), query="day")
    assert [record["requests"] for record in by_day.records] == [7, 1]
    assert "2026-11-19 " in printed(by_day)
    assert "00:00:00" not in printed(by_day)
    buckets = [{BUCKET: "b", REQUESTS: "1"}, {BUCKET: "c", REQUESTS: "7"}, {BUCKET: "a", REQUESTS: "1"}]
    by_prefix = report_of(*buckets, query="prefix")
    assert [record["bucketName"] for record in by_prefix.records] == ["c", "a", "b"]


UNTIL = replace(PERIOD, ends_now=False)
BEFORE = PERIOD.before(timedelta(weeks=4))


def in_comparison(*rows: dict[str, str], before: Sequence[dict[str, str]] = (), whole: bool = True) -> Report:
    query = saved_query("client").by_place()
    coverage = Coverage(BEFORE.since) if whole else Coverage(PERIOD.since, (f"{GROUP} exists only since 2026-11-13",))
    told = reports.report_of(query, [GROUP], BEFORE, QueryResult(before, complete=True), coverage=coverage)
    return compared(replace(report_of(*rows), coverage=Coverage(PERIOD.since)), told)


def test_a_time_that_somebody_ended_is_told_with_its_end() -> None:
    report = replace(report_of(ROW), period=UNTIL)
    title, *_, summary, _ = html.unescape(as_markdown(report)).split("\n")
    assert title.endswith(f"({GROUP}, since 2026-11-13 08:00 until 2026-11-20 08:00 UTC)")
    assert summary == "1,234 SigV2 requests in 1 line, until 2026-11-20 08:00 UTC."
    assert "in this time until 2026-11-20 08:00 UTC. That proves" in printed(replace(report_of(), period=UNTIL))


def test_every_format_tells_what_changed_and_who_is_gone() -> None:
    gone = ROW | {BUCKET: "example-reports", REQUESTS: "7"}
    report = in_comparison(ROW, before=[ROW | {REQUESTS: "10"}, gone])
    summary = "Against the time before, from 2026-10-16 08:00 to 2026-11-13 08:00 UTC: 1 growing, 1 gone."
    who = (
        "nightly-backup (AKIAEXAMPLE), python-requests/2.31.0, example-reports, presigned URL: 7 requests before, the "
        "last 2026-11-20 07:59"
    )
    now = {**RECORD, "requestsBefore": 10, "change": "growing"}
    then = {**RECORD, "bucket": "example-reports", "place": "example-reports", "requests": 0}
    then |= {"requestsBefore": 7, "change": "gone"}

    document = json.loads(as_json(report))
    assert (document["records"], document["gone"], document["requests"]) == ([now], [then], 1234)
    assert document["comparedWith"] == {
        "since": "2026-10-16T08:00:00Z",
        "until": "2026-11-13T07:59:59Z",
        "provenSince": "2026-10-16T08:00:00Z",
        "doubts": [],
    }
    names, *lines = csv.reader(io.StringIO(as_csv(report)))
    assert [dict(zip(names, line, strict=True)) for line in lines] == [
        {key: str(value) for key, value in record.items()} for record in (now, then)
    ]
    assert beside_csv(report) == summary
    table = printed(report, width=400)
    assert f"\nGone:\n{who}\n" in table
    assert table.endswith(f"\n1,234 SigV2 requests in 1 line. {summary}\n")
    assert "growing" in next(line for line in table.split("\n") if "example-uploads" in line)
    page = html.unescape(as_markdown(report))
    assert f"\nGone:\n\n- {who}\n\n1,234 SigV2 requests in 1 line. {summary}\n" in page
    assert "| Requests | Change | Fix |" in page
    assert "| 1234 | growing |" in page


def test_who_is_gone_is_told_once_though_owners_part_the_report() -> None:
    gone = ROW | {BUCKET: "example-reports"}
    other = ROW | {BUCKET: "example-media"}
    compared_with = in_comparison(ROW, other, before=[gone])
    report = with_owners(compared_with, [Owner("a", "tag Owner"), Owner("b", "tag Owner")], [])
    assert printed(report, width=400).count("\nGone:\n") == 1
    assert as_markdown(report).count("\nGone&#58;\n") == 1
    *_, last = csv.DictReader(io.StringIO(as_csv(report)))
    assert (last["bucket"], last["change"], last["owner"]) == ("example-reports", "gone", "")


def test_a_comparison_with_what_is_not_all_known_says_so() -> None:
    report = in_comparison(ROW, whole=False)
    sentence = (
        "Against the time before, from 2026-10-16 08:00 to 2026-11-13 08:00 UTC: 1 unknown. Who was there then, and "
        f"how often, is not all known: {GROUP} exists only since 2026-11-13."
    )
    assert beside_csv(report) == sentence
    assert sentence in printed(report, width=400)
    document = json.loads(as_json(report))
    assert document["comparedWith"]["provenSince"] == "2026-11-13T08:00:00Z"
    assert document["comparedWith"]["doubts"] == [f"{GROUP} exists only since 2026-11-13"]
    assert document["doubts"] == []


def test_nobody_then_and_nobody_now_is_said_in_words() -> None:
    assert beside_csv(in_comparison()).endswith(" UTC: nobody in either.")
    assert json.loads(as_json(in_comparison()))["gone"] == []


hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("=+-@\t\r\n\x1b\x7f\x9b\u202e\u2028|`<>&[]()!*_~#;,\"' \\:/.＝＋－＠"),  # noqa: RUF001 - meant
    )
)


@given(hostile)
def test_in_the_table_nothing_acts_on_the_terminal_or_breaks_a_line(text: str) -> None:
    plain = printed(report_of(ROW | {USER_AGENT: "agent", BUCKET: "bucket"}), width=400)
    shown = printed(report_of(ROW | {USER_AGENT: text, BUCKET: text}), width=400)
    assert all(character.isprintable() for character in shown.replace("\n", ""))
    if len(text) < 20:
        assert shown.count("\n") == plain.count("\n")


@given(hostile)
def test_who_is_gone_acts_on_no_terminal_and_has_no_markup(text: str) -> None:
    report = in_comparison(before=[ROW | {USER_AGENT: text, BUCKET: text}])
    assert all(character.isprintable() for character in printed(report, width=400).replace("\n", ""))
    (line,) = [line for line in as_markdown(report).split("\n") if line.startswith("- ")]
    assert re.fullmatch(r"(?:[A-Za-z0-9 .,;/()=+%?-]|&#\d+;)*", line)
    assert as_csv(report).count("\n") == 2


@given(hostile)
def test_in_csv_no_cell_starts_a_formula_or_a_line(text: str) -> None:
    written = as_csv(report_of(ROW | {USER_AGENT: text, BUCKET: text, PRINCIPAL: text}))
    assert written.count("\n") == 2
    assert all(character.isprintable() for character in written.replace("\n", ""))
    rows = list(csv.reader(io.StringIO(written)))
    assert [len(row) for row in rows] == [len(RECORD)] * 2
    for separator in ",;|":
        for row in csv.reader(io.StringIO(written), delimiter=separator):
            for cell in row:
                assert not re.match(r"[\s\"]*[=+\-@＝＋－＠]", cell), cell  # noqa: RUF001 - meant


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("\t=1", r"\t=1"),
        ("\r=1", r"\r=1"),
        ("a;=1", "a;'=1"),
        ("Mozilla/5.0 (X11; rv:1-2)", "Mozilla/5.0 (X11; rv:1-2)"),
        ("\x1b[31m", r"\x1b[31m"),
    ],
)
def test_in_csv_a_formula_becomes_text(text: str, cell: str) -> None:
    names, client = csv.reader(io.StringIO(as_csv(report_of(ROW | {BUCKET: text}))))
    assert dict(zip(names, client, strict=True))["bucket"] == cell


@given(hostile)
def test_in_markdown_no_cell_has_markup_or_ends_early(text: str) -> None:
    written = as_markdown(report_of(ROW | {USER_AGENT: text, BUCKET: text, PRINCIPAL: text}))
    lines = written.split("\n")
    assert len(lines) == 8
    assert all(character.isprintable() for line in lines for character in line)
    (client,) = [line for line in lines if "1234" in line and line.startswith("| ")]
    cells = client.removeprefix("| ").removesuffix(" |").split(" | ")
    assert len(cells) == 10
    for cell in cells[:-1]:
        assert re.fullmatch(r"(?:[A-Za-z0-9 .,;/()=+%?-]|&#\d+;)*", cell)
        assert not re.search(r"(?i)://|www\.", cell)


@given(hostile)
def test_json_holds_the_text_as_it_is_and_nothing_that_acts_on_the_terminal(text: str) -> None:
    written = as_json(report_of(ROW | {BUCKET: text}))
    assert json.loads(written)["records"][0]["bucket"] == text
    assert re.fullmatch(r"[ -~\n]*", written)
