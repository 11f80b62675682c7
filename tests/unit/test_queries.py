import json
from pathlib import Path
from typing import Any

import pytest

from blueprint.queries import DAY, SAVED_QUERIES, SavedQuery, saved_query

SAMPLES = [json.loads(file.read_text()) for file in (Path(__file__).parents[1] / "samples").glob("*.json")]

TEXTS = {
    "principal": (
        "stats count(*) as requests by detail.userIdentity.arn, detail.userAgent, detail.requestParameters.bucketName\n"
        "| sort requests desc"
    ),
    "client": (
        "stats count(*) as requests, earliest(detail.eventTime) as firstSeen, latest(detail.eventTime) as lastSeen by "
        "detail.userIdentity.arn, detail.userIdentity.principalId, detail.userIdentity.accountId, "
        "detail.userIdentity.accessKeyId, detail.userAgent, detail.requestParameters.bucketName, "
        "detail.additionalEventData.AuthenticationMethod\n"
        "| sort requests desc"
    ),
    "access-key": (
        'filter detail.userIdentity.type = "IAMUser"\n'
        "| stats count(*) as requests, earliest(detail.eventTime) as firstSeen, latest(detail.eventTime) as lastSeen "
        "by detail.userIdentity.accessKeyId, detail.userIdentity.userName, detail.requestParameters.bucketName\n"
        "| sort requests desc"
    ),
    "signature": (
        "stats count(*) as requests by detail.additionalEventData.AuthenticationMethod, detail.eventName, "
        "detail.requestParameters.bucketName\n"
        "| sort requests desc"
    ),
    "source": (
        "stats count(*) as requests by detail.sourceIPAddress, detail.vpcEndpointId, "
        "detail.requestParameters.bucketName\n"
        "| sort requests desc"
    ),
    "prefix": (
        r"parse detail.requestParameters.key /(?<keyPrefix>^[^\/]+\/)/" + "\n"
        "| stats count(*) as requests by detail.requestParameters.bucketName, keyPrefix\n"
        "| sort requests desc"
    ),
    "day": "stats count(*) as requests by bin(1d)",
    "error": (
        "filter ispresent(detail.errorCode)\n"
        "| stats count(*) as requests by detail.errorCode, detail.eventName, detail.userIdentity.arn, "
        "detail.userAgent, detail.requestParameters.bucketName\n"
        "| sort requests desc"
    ),
}


@pytest.mark.parametrize("query", SAVED_QUERIES, ids=lambda query: query.key)
def test_each_query_is_written_in_the_language_of_logs_insights(query: SavedQuery) -> None:
    assert query.text == TEXTS[query.key]
    assert len(query.text) <= 10_000


def test_each_query_is_found_by_its_key() -> None:
    assert [saved_query(query.key) for query in SAVED_QUERIES] == list(SAVED_QUERIES)
    assert len({query.name for query in SAVED_QUERIES}) == len(SAVED_QUERIES)


def has(event: Any, path: str) -> bool:
    for name in path.split("."):
        if name not in event:
            return False
        event = event[name]
    return True


@pytest.mark.parametrize("query", SAVED_QUERIES, ids=lambda query: query.key)
def test_each_field_of_a_query_is_one_that_cloudtrail_writes(query: SavedQuery) -> None:
    made = {query.extract.name} if query.extract else set()
    fields = [*query.by, *(query.only or ())[:1], *([query.extract.field] if query.extract else [])]
    for field in fields:
        assert field == DAY or field in made or any(has(event, field) for event in SAMPLES), field
