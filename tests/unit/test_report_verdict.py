"""What a report says to a gate: nobody, somebody, or that it does not know."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from blueprint.queries import BUCKET, REQUESTS, USER_AGENT, saved_query
from sigv2.period import Period
from sigv2.report import reports
from sigv2.report.coverage import Coverage
from sigv2.report.query_run import QueryResult
from sigv2.report.reports import Report, make_report
from sigv2.report.verdict import GateVerdict, verdict

PERIOD = Period(datetime(2026, 11, 13, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
SOMEBODY = {USER_AGENT: "[Boto/2.49.0]", BUCKET: "example-uploads", REQUESTS: "1"}
PROBE = {USER_AGENT: "[Boto3/1.44.5 s3-sigv2-access-log/verify]", BUCKET: "example-uploads", REQUESTS: "1"}


def report_of(*rows: dict[str, str], complete: bool = True) -> Report:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reports, "run_query", lambda *_, **__: QueryResult(rows, complete))
        made = make_report(None, saved_query("client"), ["/group"], PERIOD)  # type: ignore[arg-type]
    return replace(made, coverage=Coverage(PERIOD.since))


def judged(report: Report) -> GateVerdict:
    return verdict(report, report.doubts)


def test_an_empty_report_on_all_of_the_time_says_nobody() -> None:
    assert judged(report_of()) is GateVerdict.NOBODY
    assert judged(report_of(PROBE)) is GateVerdict.NOBODY


def test_a_client_is_found_whatever_else_is_not_known() -> None:
    assert judged(report_of(SOMEBODY)) is GateVerdict.FOUND
    assert judged(report_of(SOMEBODY, complete=False)) is GateVerdict.FOUND


def test_a_report_that_is_cut_off_proves_nothing() -> None:
    cut_off = report_of(PROBE, complete=False)
    assert judged(cut_off) is GateVerdict.NOT_PROVEN
    assert cut_off.doubts == (
        "there are more rows than CloudWatch Logs Insights returns, so ask about less time with --since",
    )


def test_a_report_on_less_than_the_time_proves_nothing() -> None:
    younger = replace(report_of(), coverage=Coverage(PERIOD.until, ("/group exists only since today",)))
    assert judged(younger) is GateVerdict.NOT_PROVEN


def test_the_exit_codes_are_those_that_the_readme_tells() -> None:
    assert {code.name: code.value for code in GateVerdict} == {"NOBODY": 0, "FOUND": 2, "NOT_PROVEN": 3}


def test_of_a_bucket_are_the_clients_that_touch_it_with_their_fixes() -> None:
    report = report_of(SOMEBODY, SOMEBODY | {BUCKET: "example-reports", USER_AGENT: "[Mozilla/5.0]"})
    of_bucket = report.of_bucket("example-uploads")
    assert [client.place.bucket for client in of_bucket.clients] == ["example-uploads"]
    assert [record["bucket"] for record in of_bucket.records] == ["example-uploads"]
    assert [fix.in_short for fix in of_bucket.fixes] == [record["fix"] for record in of_bucket.records]
    assert report.of_bucket("example-nobody").records == []
