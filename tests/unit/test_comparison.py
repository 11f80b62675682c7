"""What became of clients since the time before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.queries import (
    ACCOUNT,
    AUTHENTICATION_METHOD,
    BUCKET,
    FIRST_SEEN,
    LAST_SEEN,
    PRINCIPAL,
    PRINCIPAL_TYPE,
    REGION,
    REQUESTS,
    USER_AGENT,
    SavedQuery,
    saved_query,
)
from sigv2.period import Period
from sigv2.report.compared_source import comparing
from sigv2.report.comparison import Comparison, compared
from sigv2.report.coverage import Coverage
from sigv2.report.past.reading import Reading
from sigv2.report.query_run import QueryError, QueryResult
from sigv2.report.reports import Report, report_of

NOW = Period(datetime(2026, 11, 13, 8, tzinfo=UTC), datetime(2026, 11, 20, 8, tzinfo=UTC))
WEEK = timedelta(days=7)
ROW = {
    PRINCIPAL: "arn:aws:iam::123456789012:user/etl",
    USER_AGENT: "[Boto/2.49.0]",
    BUCKET: "example-uploads",
    REGION: "us-east-1",
    ACCOUNT: "123456789012",
    AUTHENTICATION_METHOD: "AuthHeader",
    FIRST_SEEN: "2026-11-14T07:14:07Z",
    LAST_SEEN: "2026-11-14T07:59:59Z",
}


def report(
    period: Period, requests: Mapping[str, int] | None = None, *, complete: bool = True, whole: bool = True
) -> Report:
    """A report on a client for each bucket."""
    rows = [ROW | {BUCKET: bucket, REQUESTS: str(number)} for bucket, number in (requests or {}).items()]
    coverage = Coverage(period.since) if whole else Coverage(period.until, ("the log is younger",))
    query = saved_query("client").by_place()
    return report_of(query, ["/a"], period, QueryResult(rows, complete), coverage=coverage)


def changes(now: Report, before: Report) -> dict[str, tuple[str, int, int]]:
    """What became of the client of each bucket, with its requests then and now."""
    found = compared(now, before)
    return {
        str(one["bucket"]): (str(one["change"]), int(one["requestsBefore"]), int(one["requests"]))
        for one in (*found.records, *found.gone)
    }


def test_a_client_is_new_grows_shrinks_stays_or_is_gone() -> None:
    before = report(NOW.before(WEEK), {"grown": 100, "shrunk": 100, "more": 100, "less": 100, "gone": 5})
    assert changes(report(NOW, {"new": 1, "grown": 121, "shrunk": 79, "more": 119, "less": 81}), before) == {
        "new": ("new", 0, 1),
        "grown": ("growing", 100, 121),
        "shrunk": ("shrinking", 100, 79),
        "more": ("steady", 100, 119),
        "less": ("steady", 100, 81),
        "gone": ("gone", 5, 0),
    }


def test_spans_of_different_lengths_are_compared_by_requests_per_day() -> None:
    before = report(NOW.before(timedelta(weeks=4)), {"same": 400, "more": 100})
    assert changes(report(NOW, {"same": 100, "more": 100}), before) == {
        "same": ("steady", 400, 100),
        "more": ("growing", 100, 100),
    }


def test_sessions_whose_names_are_made_up_anew_are_the_client_that_was_there_before() -> None:
    query = saved_query("client").by_place()
    role = "arn:aws:sts::123456789012:assumed-role/etl/botocore-session-"

    def week(period: Period, session: str) -> Report:
        row = ROW | {PRINCIPAL: f"{role}{session}", PRINCIPAL_TYPE: "AssumedRole", REQUESTS: "5"}
        return report_of(query, [], period, QueryResult([row], complete=True), coverage=Coverage(period.since))

    found = compared(week(NOW, "1795650000"), week(NOW.before(WEEK), "1795045200"))
    assert ([one["change"] for one in found.records], found.gone) == (["steady"], [])


def test_whoever_differs_in_anything_but_numbers_and_times_is_another_client() -> None:
    query = saved_query("client").by_place()

    def one(period: Period, **changed: str) -> Report:
        row = ROW | {REQUESTS: "1"} | changed
        return report_of(query, [], period, QueryResult([row], complete=True), coverage=Coverage(period.since))

    now = one(NOW)
    assert not compared(now, one(NOW.before(WEEK), **{FIRST_SEEN: "2026-11-01T00:00:00Z", REQUESTS: "9"})).gone
    for other in ({PRINCIPAL: "arn:aws:iam::1:user/x"}, {USER_AGENT: "[x]"}, {BUCKET: "b"}, {REGION: "eu-west-1"}):
        assert len(compared(now, one(NOW.before(WEEK), **other)).gone) == 1
    assert len(compared(now, one(NOW.before(WEEK), **{AUTHENTICATION_METHOD: "QueryString"})).gone) == 1


@pytest.mark.parametrize("how", [{"whole": False}, {"complete": False}])
def test_where_the_time_before_is_not_all_known_nobody_is_new_and_fewer_are_fewer_still(how: dict[str, bool]) -> None:
    before = report(NOW.before(WEEK), {"grown": 100, "shrunk": 100, "same": 100, "gone": 5}, **how)
    assert changes(report(NOW, {"new": 1, "grown": 121, "shrunk": 79, "same": 100}), before) == {
        "new": ("unknown", 0, 1),
        "grown": ("unknown", 100, 121),
        "shrunk": ("shrinking", 100, 79),
        "same": ("unknown", 100, 100),
        "gone": ("gone", 5, 0),
    }


@pytest.mark.parametrize("how", [{"whole": False}, {"complete": False}])
def test_where_the_time_itself_is_not_all_known_nobody_shrinks(how: dict[str, bool]) -> None:
    before = report(NOW.before(WEEK), {"grown": 100, "shrunk": 100, "same": 100})
    now = report(NOW, {"new": 1, "grown": 121, "shrunk": 79, "same": 100}, **how)
    assert {bucket: change for bucket, (change, _, _) in changes(now, before).items()} == {
        "new": "new",
        "grown": "growing",
        "shrunk": "unknown",
        "same": "unknown",
    }


def test_who_is_gone_is_no_record_and_counts_for_no_gate() -> None:
    found = compared(report(NOW), report(NOW.before(WEEK), {"gone": 5}))
    assert (found.records, found.offenders, found.requests, len(found.gone)) == ([], [], 0, 1)
    assert found.compared_with == Comparison(
        NOW.before(WEEK), NOW.since - WEEK, doubts=(), whole=True, interrupted=False
    )


counts = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 1000))


@given(counts, counts)
def test_every_request_of_both_times_is_told_once(now: dict[str, int], before: dict[str, int]) -> None:
    told = changes(report(NOW, now), report(NOW.before(WEEK), before))
    assert {bucket: requests for bucket, (_, _, requests) in told.items() if requests} == now
    assert {bucket: requests for bucket, (_, requests, _) in told.items() if requests} == before


class Logged:
    """A source that answers each question as it was told to, and remembers about what time it was asked."""

    def __init__(self, *answers: Report | QueryError) -> None:
        self.answers = list(answers)
        self.asked: list[Period] = []

    @property
    def options(self) -> Sequence[str]:
        return ["--from", "./logs"]

    def ask(self, queries: Sequence[SavedQuery], period: Period) -> list[Report]:
        self.asked.append(period)
        answer = self.answers.pop(0)
        if isinstance(answer, QueryError):
            raise answer
        days = report_of(saved_query("day"), [], period, QueryResult([], complete=True))
        return [answer if query.is_of_clients else days for query in queries]


def test_a_source_is_asked_about_the_time_and_the_span_before_it() -> None:
    logged = Logged(report(NOW, {"a": 3}), report(NOW.before(WEEK), {"a": 1, "b": 2}))
    source = comparing(logged, WEEK)
    (found,) = source.ask([saved_query("client")], NOW)
    assert (logged.asked, source.options) == ([NOW, NOW.before(WEEK)], ["--from", "./logs"])
    assert [(one["bucket"], one["change"]) for one in (*found.records, *found.gone)] == [
        ("a", "growing"),
        ("b", "gone"),
    ]


def test_a_report_beside_that_on_clients_is_not_compared() -> None:
    logged = Logged(report(NOW, {"a": 3}), report(NOW.before(WEEK), {"a": 1}))
    days, found = comparing(logged, WEEK).ask([saved_query("day"), saved_query("client")], NOW)
    assert (days.compared_with, [one["change"] for one in found.records]) == (None, ["growing"])


def test_a_source_that_is_compared_with_nothing_is_asked_once() -> None:
    logged = Logged(report(NOW, {"a": 3}))
    (found,) = comparing(logged, None).ask([saved_query("client")], NOW)
    assert (logged.asked, found.compared_with) == ([NOW], None)


def test_no_answer_about_the_time_before_leaves_the_report_and_every_change_unknown() -> None:
    logged = Logged(report(NOW, {"a": 3}), QueryError("/a holds nothing as old"))
    (found,) = comparing(logged, WEEK).ask([saved_query("client")], NOW)
    assert [(one["requests"], one["requestsBefore"], one["change"]) for one in found.records] == [(3, 0, "unknown")]
    assert found.compared_with == Comparison(
        NOW.before(WEEK), None, doubts=("/a holds nothing as old",), whole=False, interrupted=False
    )


def test_after_ctrl_c_the_time_before_is_not_read() -> None:
    logged = Logged(replace(report(NOW, {"a": 3}), reading=Reading("./logs", {}, interrupted=True)))
    (found,) = comparing(logged, WEEK).ask([saved_query("client")], NOW)
    assert (logged.asked, found.interrupted) == ([NOW], True)
    assert [one["change"] for one in found.records] == ["unknown"]


def test_ctrl_c_while_the_time_before_is_read_is_said_too() -> None:
    before = replace(report(NOW.before(WEEK), whole=False), reading=Reading("./logs", {}, interrupted=True))
    (found,) = comparing(Logged(report(NOW, {"a": 3}), before), WEEK).ask([saved_query("client")], NOW)
    assert found.interrupted
