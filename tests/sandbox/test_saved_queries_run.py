"""Logs Insights as the emulator answers it over HTTP; what it computes is tested with the unit tests."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from blueprint.queries import REPORT_QUERIES, SavedQuery, saved_query
from sigv2.sandbox.emulating.emulator import Emulator

GROUP = "/aws/events/s3-sigv2-access-log"
SAMPLE = json.loads((Path(__file__).parents[1] / "samples" / "get-object-iam-user-refused.json").read_text())


class Insights:
    """The emulator's API of Logs Insights, and a log group with a request by each of some agents."""

    def __init__(self, emulator: Emulator) -> None:
        self.endpoint = emulator.endpoint
        self.logs = emulator.client("logs")
        self.logs.create_log_group(logGroupName=GROUP)
        self.logs.create_log_stream(logGroupName=GROUP, logStreamName="stream")

    def log(self, *agents: str) -> None:
        now = int(time.time() * 1000)
        events = [SAMPLE | {"detail": SAMPLE["detail"] | {"userAgent": agent}} for agent in agents]
        self.logs.put_log_events(
            logGroupName=GROUP,
            logStreamName="stream",
            logEvents=[{"timestamp": now, "message": json.dumps(event)} for event in events],
        )

    def start(self, **changed: Any) -> str:
        now = int(time.time())
        query = saved_query("principal").text
        parameters: dict[str, Any] = {
            "logGroupName": GROUP,
            "startTime": now - 60,
            "endTime": now + 1,
            "queryString": query,
        }
        return self.logs.start_query(**(parameters | changed))["queryId"]

    def refusal(self, operation: str, **parameters: Any) -> str:
        with pytest.raises(ClientError) as refused:
            getattr(self.logs, operation)(**parameters)
        return refused.value.response["Error"]["Code"]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def insights(emulator: Emulator) -> Iterator[Insights]:
    insights = Insights(emulator)
    yield insights
    insights.logs.delete_log_group(logGroupName=GROUP)


def test_a_query_runs_before_it_is_complete(insights: Insights) -> None:
    insights.log("[client/1]")
    query_id = insights.start()
    polled = [insights.logs.get_query_results(queryId=query_id) for _ in range(3)]
    assert [(results["status"], len(results["results"])) for results in polled] == [
        ("Running", 0),
        ("Complete", 1),
        ("Complete", 1),
    ]
    assert insights.refusal("stop_query", queryId=query_id) == "InvalidParameterException"


@pytest.mark.parametrize("query", REPORT_QUERIES, ids=lambda query: query.key)
def test_each_query_runs_by_place_too(insights: Insights, query: SavedQuery) -> None:
    insights.log("[client/1]")
    query_id = insights.start(queryString=query.by_place().text)
    insights.logs.get_query_results(queryId=query_id)
    (row,) = insights.logs.get_query_results(queryId=query_id)["results"]
    assert {"field": "detail.awsRegion", "value": "us-east-1"} in row
    assert {"field": "detail.recipientAccountId", "value": "123456789012"} in row


def test_a_query_that_is_stopped_is_cancelled(insights: Insights) -> None:
    query_id = insights.start()
    assert insights.logs.stop_query(queryId=query_id)["success"]
    assert insights.logs.get_query_results(queryId=query_id)["status"] == "Cancelled"


def test_results_come_in_pages_and_no_more_than_the_limit(insights: Insights) -> None:
    insights.log("[client/1]", "[client/2]", "[client/3]", "[client/4]")
    query_id = insights.start(limit=3)
    insights.logs.get_query_results(queryId=query_id)
    first = insights.logs.get_query_results(queryId=query_id, maxItems=2)
    second = insights.logs.get_query_results(queryId=query_id, maxItems=2, nextToken=first["nextToken"])
    assert [len(first["results"]), len(second["results"])] == [2, 1]
    assert "nextToken" not in second
    assert (second["statistics"]["recordsScanned"], second["statistics"]["recordsMatched"]) == (4, 3)


def test_insights_refuses_as_aws_does(insights: Insights) -> None:
    query = {"startTime": 0, "endTime": 1, "queryString": saved_query("day").text}
    refusals = {
        "MalformedQueryException": query | {"logGroupName": GROUP, "queryString": "fields @message | magic"},
        "ResourceNotFoundException": query | {"logGroupName": "/nowhere"},
        "InvalidParameterException": query | {"logGroupName": GROUP, "startTime": 2},
    }
    assert {code: insights.refusal("start_query", **parameters) for code, parameters in refusals.items()} == {
        code: code for code in refusals
    }
    assert insights.refusal("start_query", **query) == "InvalidParameterException"
    both = {"logGroupName": GROUP, "logGroupNames": [GROUP]}
    assert insights.refusal("start_query", **query, **both) == "InvalidParameterException"
    assert insights.refusal("start_query", **query, logGroupName=GROUP, limit=100_001) == "InvalidParameterException"
    assert insights.refusal("get_query_results", queryId="none") == "ResourceNotFoundException"
    assert insights.refusal("stop_query", queryId="none") == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"queryString": 1},
        {"startTime": -1, "endTime": 1, "logGroupName": GROUP},
        {"startTime": "x", "endTime": [], "logGroupName": GROUP},
        {"startTime": 0, "endTime": 1, "logGroupNames": [""]},
        {"startTime": 0, "endTime": 1, "logGroupNames": "text"},
        {"startTime": 0, "endTime": 1, "logGroupNames": ["\ud800", "a" * 9999]},
    ],
)
def test_a_hostile_query_is_refused(insights: Insights, body: dict[str, Any]) -> None:
    answer = requests.post(
        insights.endpoint,
        data=json.dumps({"queryString": saved_query("day").text} | body),
        headers={"X-Amz-Target": "Logs_20140328.StartQuery"},
        timeout=10,
    )
    assert answer.status_code == 400
    assert answer.json()["__type"] in ("InvalidParameterException", "ResourceNotFoundException")
