from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3.session
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from blueprint.queries import saved_query
from sigv2.period import Period
from sigv2.report.query_run import MOST_ROWS, QueryError, QueryResult, run_query

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

QUERY = saved_query("day")
GROUP = "/aws/events/s3-sigv2-access-log"
PERIOD = Period(datetime(2026, 11, 13, 8, 0, 0, 500_000, UTC), datetime(2026, 11, 20, 8, 0, 0, 500_000, UTC))
START = {
    "logGroupNames": [GROUP],
    "startTime": 1794556800,
    "endTime": 1795161601,
    "queryString": QUERY.text,
    "limit": MOST_ROWS,
}


class Asked:
    """A client whose answers are set in advance, and what was told and slept meanwhile."""

    def __init__(self) -> None:
        self.client: CloudWatchLogsClient = boto3.session.Session().client(
            "logs", region_name="eu-west-1", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="secret"
        )
        self.stub = Stubber(self.client)
        self.told: list[str] = []
        self.slept: list[float] = []

    def starts(self) -> None:
        self.stub.add_response("start_query", {"queryId": "one"}, START)

    def refuses(self, operation: str, code: str) -> None:
        self.stub.add_client_error(operation, code, "no")

    def polls(self, status: str, *rows: list[tuple[str, str]], token: str | None = None, more: bool = False) -> None:
        results = [[{"field": field, "value": value} for field, value in row] for row in rows]
        answer: dict[str, Any] = {"status": status, "results": results, "statistics": {"recordsScanned": 1234.0}}
        parameters = {"queryId": "one", **({"nextToken": token} if token else {})}
        self.stub.add_response("get_query_results", answer | ({"nextToken": "more"} if more else {}), parameters)

    def stops(self) -> None:
        self.stub.add_response("stop_query", {"success": True}, {"queryId": "one"})

    def run(self) -> QueryResult:
        return run_query(self.client, QUERY, [GROUP], PERIOD, tell=self.told.append, sleep=self.slept.append)


@pytest.fixture
def asked() -> Iterator[Asked]:
    asked = Asked()
    with asked.stub:
        yield asked
    asked.stub.assert_no_pending_responses()


def test_a_query_is_polled_until_it_is_complete(asked: Asked) -> None:
    asked.starts()
    asked.polls("Scheduled")
    asked.polls("Running", [("requests", "1")])
    asked.polls("Complete", [("day", "2026-11-20 00:00:00.000"), ("requests", "3")], [("requests", "2")])
    rows = [{"day": "2026-11-20 00:00:00.000", "requests": "3"}, {"requests": "2"}]
    assert asked.run() == QueryResult(rows, complete=True)
    assert asked.told == ["Scheduled, 1,234 requests read", "Running, 1,234 requests read"]
    assert asked.slept == sorted(asked.slept)


def test_every_page_of_results_is_fetched(asked: Asked) -> None:
    asked.starts()
    asked.polls("Complete", [("requests", "2")], more=True)
    asked.polls("Complete", [("requests", "1")], token="more")
    assert asked.run().rows == [{"requests": "2"}, {"requests": "1"}]


def test_as_many_rows_as_insights_returns_may_not_be_all(asked: Asked) -> None:
    asked.starts()
    page = [[("requests", "1")]] * 10_000
    asked.polls("Complete", *page, more=True)
    for _ in range(8):
        asked.polls("Complete", *page, token="more", more=True)
    asked.polls("Complete", *page, token="more")
    assert not asked.run().complete


@pytest.mark.parametrize("code", ["LimitExceededException", "ServiceUnavailableException"])
def test_when_too_many_queries_run_it_waits_for_its_turn(asked: Asked, code: str) -> None:
    asked.refuses("start_query", code)
    asked.refuses("start_query", code)
    asked.starts()
    asked.polls("Complete")
    assert asked.run() == QueryResult([], complete=True)
    assert asked.told == ["waiting for other queries to end"] * 2
    assert asked.slept == [1.0, 2.0]


def test_when_too_many_queries_run_for_two_minutes_it_gives_up(asked: Asked) -> None:
    for _ in range(9):
        asked.refuses("start_query", "LimitExceededException")
    with pytest.raises(QueryError, match="busy for two minutes: the account may run 100 queries at once"):
        asked.run()
    assert sum(asked.slept) == 120


def test_a_missing_log_group_is_one_sentence_with_the_way_out(asked: Asked) -> None:
    asked.refuses("start_query", "ResourceNotFoundException")
    with pytest.raises(QueryError) as missing:
        asked.run()
    assert str(missing.value) == (
        f"there is no log group {GROUP} in eu-west-1: deploy the stack with `pulumi up`, or say where to look with "
        "--stack, --log-group, --region or --profile"
    )


def test_a_time_that_is_older_than_the_log_group_is_one_sentence(asked: Asked) -> None:
    message = (
        "Query's end date and time is either before the log groups creation time or exceeds the log groups log "
        "retention settings ([0,79])"
    )
    asked.stub.add_client_error("start_query", "MalformedQueryException", message)
    with pytest.raises(QueryError) as too_old:
        asked.run()
    assert str(too_old.value) == (
        f"{GROUP} holds nothing as old as 2026-11-20 08:00 UTC, where the time ends that was asked about: ask about a "
        "later one"
    )


def test_of_no_log_group_there_are_no_rows_and_nobody_is_asked(asked: Asked) -> None:
    assert run_query(asked.client, QUERY, [], PERIOD) == QueryResult([], complete=True)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("Failed", "the query failed"),
        ("Cancelled", "somebody stopped the query"),
        ("Timeout", "longer than the 60 minutes that CloudWatch Logs Insights allows; ask for a shorter time"),
        ("SomethingNew", "the query ended as SomethingNew"),
    ],
)
def test_a_query_that_ends_badly_is_explained(asked: Asked, status: str, sentence: str) -> None:
    asked.starts()
    asked.polls("Running")
    asked.polls(status)
    with pytest.raises(QueryError, match=sentence):
        asked.run()


def test_a_query_that_never_ends_is_stopped(asked: Asked) -> None:
    asked.starts()
    results = {"status": "Running", "results": []}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asked.client, "get_query_results", lambda **_: results)
        asked.stops()
        with pytest.raises(QueryError, match="60 minutes"):
            asked.run()
    assert 3600 < sum(asked.slept) < 4000


def test_a_query_that_is_given_up_is_stopped(asked: Asked) -> None:
    asked.starts()
    asked.polls("Running")
    asked.stops()

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_query(asked.client, QUERY, [GROUP], PERIOD, sleep=interrupt)


def test_another_refusal_is_for_the_caller_to_explain(asked: Asked) -> None:
    asked.refuses("start_query", "AccessDeniedException")
    with pytest.raises(ClientError):
        asked.run()


def test_a_time_before_1970_begins_in_1970(asked: Asked) -> None:
    asked.stub.add_response("start_query", {"queryId": "one"}, START | {"startTime": 0})
    asked.polls("Complete")
    period = Period(PERIOD.until - timedelta(weeks=9999), PERIOD.until)
    run_query(asked.client, QUERY, [GROUP], period)
