import json
from pathlib import Path
from typing import Any

import pytest

from blueprint.queries import (
    DAY,
    REPORT_QUERIES,
    SAVED_QUERIES,
    SAVED_QUERIES_BY_PLACE,
    FirstOf,
    SavedQuery,
    saved_query,
)
from sigv2.query_engine import LoggedEvent, answer

SAMPLES = [json.loads(file.read_text()) for file in (Path(__file__).parents[1] / "samples").glob("*.json")]

BY_CLIENT = (
    "detail.userIdentity.arn, detail.userIdentity.principalId, detail.userIdentity.accountId, "
    "detail.userIdentity.accessKeyId, detail.userIdentity.type, detail.userIdentity.userName, issuer, onBehalfOf, "
    "through, detail.userAgent, detail.requestParameters.bucketName, "
    "detail.additionalEventData.AuthenticationMethod, operation, copySource, resource0, resource1, resource2, "
    "resource3"
)


def counted(by: str, *, made: str | None = None, seen: bool = False, order: str = "requests") -> str:
    """Makes what the log has of an eventID one, and counts."""
    told = ", sortsFirst(eventTime) as firstSeen, sortsLast(eventTime) as lastSeen" if seen else ""
    return (
        f"stats earliest(detail.eventTime) as eventTime by {made or by}, detail.eventID\n"
        f"| stats count(*) as requests{told} by {by}\n"
        f"| sort {order} desc"
    )


SEGMENT = r"(?:[^\/%?]|%[013-9A-Fa-f]|%2[^Ff])+"
TEXTS = {
    "principal": counted("detail.userIdentity.arn, detail.userAgent, detail.requestParameters.bucketName"),
    "client": (
        "fields coalesce(detail.userIdentity.sessionContext.sessionIssuer.arn, detail.userIdentity.identityProvider) "
        "as issuer\n"
        "| fields coalesce(detail.userIdentity.onBehalfOf.userId, detail.userIdentity.sessionContext.sourceIdentity, "
        "detail.userIdentity.credentialId) as onBehalfOf\n"
        "| fields coalesce(detail.userIdentity.invokedBy, detail.userIdentity.inScopeOf.credentialsIssuedTo, "
        "detail.userIdentity.inScopeOf.sourceArn) as through\n"
        "| parse detail.eventName /^(?<operation>ListBuckets|CopyObject|UploadPartCopy)/\n"
        r"| parse `detail.requestParameters.x-amz-copy-source` /^(?:\/|%2[Ff])*(?<copySource>"
        rf"arn(?::|%3[Aa]){SEGMENT}(?:\/|%2[Ff]){SEGMENT}|{SEGMENT})/"
        "\n"
        r"| parse detail.resources.0.ARN /^arn:[^:]*:s3:::(?<resource0>[^\/]+)/"
        "\n"
        r"| parse detail.resources.1.ARN /^arn:[^:]*:s3:::(?<resource1>[^\/]+)/"
        "\n"
        r"| parse detail.resources.2.ARN /^arn:[^:]*:s3:::(?<resource2>[^\/]+)/"
        "\n"
        r"| parse detail.resources.3.ARN /^arn:[^:]*:s3:::(?<resource3>[^\/]+)/"
        "\n"
        f"| {counted(BY_CLIENT, seen=True)}"
    ),
    "access-key": 'filter detail.userIdentity.type = "IAMUser"\n| '
    + counted(
        "detail.userIdentity.accessKeyId, detail.userIdentity.userName, detail.requestParameters.bucketName", seen=True
    ),
    "signature": counted(
        "detail.additionalEventData.AuthenticationMethod, detail.eventName, detail.requestParameters.bucketName"
    ),
    "source": counted("detail.sourceIPAddress, detail.vpcEndpointId, detail.requestParameters.bucketName"),
    "prefix": r"parse detail.requestParameters.key /(?<keyPrefix>^[^\/]+\/)/"
    "\n| " + counted("detail.requestParameters.bucketName, keyPrefix"),
    "day": counted("day", made="bin(1d) as day", order="day"),
    "day-and-signature": counted(
        "day, detail.additionalEventData.AuthenticationMethod",
        made="bin(1d) as day, detail.additionalEventData.AuthenticationMethod",
        order="day",
    ),
    "error": "filter ispresent(detail.errorCode)\n| "
    + counted(
        "detail.errorCode, detail.eventName, detail.userIdentity.arn, detail.userIdentity.principalId, "
        "detail.userAgent, detail.requestParameters.bucketName"
    ),
}


@pytest.mark.parametrize("query", REPORT_QUERIES, ids=lambda query: query.key)
def test_each_query_is_written_in_the_language_of_logs_insights(query: SavedQuery) -> None:
    assert query.text == TEXTS[query.key]
    assert len(query.text) <= 10_000


@pytest.mark.parametrize("query", REPORT_QUERIES, ids=lambda query: query.key)
def test_each_query_can_count_by_region_and_account_too(query: SavedQuery) -> None:
    placed = query.by_place()
    by = ", ".join(query.by)
    made = by.replace(DAY, "bin(1d) as day")
    place = "detail.awsRegion, detail.recipientAccountId"
    expected = query.text.replace(f" by {made}, detail.eventID", f" by {made}, {place}, detail.eventID")
    assert placed.text == expected.replace(f" by {by}\n", f" by {by}, {place}\n")
    assert placed.text != query.text
    assert (placed.key, placed.name) == (query.key, query.name)
    assert len(placed.text) <= 10_000


def test_only_days_are_drawn_and_so_counted_of_all_places_together() -> None:
    assert list(SAVED_QUERIES_BY_PLACE) == [
        query if query.key == "day" else query.by_place() for query in SAVED_QUERIES
    ]


def test_each_query_is_found_by_its_key() -> None:
    assert [saved_query(query.key) for query in SAVED_QUERIES] == list(SAVED_QUERIES)
    assert len({query.name for query in SAVED_QUERIES}) == len(SAVED_QUERIES)


def has(event: Any, path: str) -> bool:
    for name in path.split("."):
        if isinstance(event, list):
            event = dict(enumerate(event)).get(int(name), {})
        elif name not in event:
            return False
        else:
            event = event[name]
    return True


# What only some records have, in the words of CloudTrail's and S3's pages.
OF_SOME_RECORDS = {
    f"detail.{path}"
    for path in (
        "userIdentity.identityProvider",
        "userIdentity.onBehalfOf.userId",
        "userIdentity.sessionContext.sourceIdentity",
        "userIdentity.credentialId",
        "userIdentity.invokedBy",
        "userIdentity.inScopeOf.credentialsIssuedTo",
        "userIdentity.inScopeOf.sourceArn",
        "requestParameters.x-amz-copy-source",
        "resources.2.ARN",
        "resources.3.ARN",
    )
}


@pytest.mark.parametrize("query", SAVED_QUERIES, ids=lambda query: query.key)
def test_each_field_of_a_query_is_one_that_cloudtrail_writes(query: SavedQuery) -> None:
    made = {made.name for made in query.made}
    sources = [field for made in query.made for field in (made.fields if isinstance(made, FirstOf) else (made.field,))]
    assert made <= set(query.by)
    for field in {*query.by_place().by, *(query.only or ())[:1], *sources} - made - OF_SOME_RECORDS:
        assert field == DAY or any(has(event, field) for event in SAMPLES), field


@pytest.mark.parametrize(
    ("logged", "extracted"),
    [
        ("source/key", "source"),
        ("/source/dir/key?versionId=3", "source"),
        ("source%2Fdir%2Fkey%3FversionId=3", "source"),
        ("%2fsource%2fkey", "source"),
        ("%73ource/key", "%73ource"),
        ("my-alias-1a2b-s3alias/key", "my-alias-1a2b-s3alias"),
        ("arn:aws:s3:us-east-1:1:accesspoint/ap/object/key", "arn:aws:s3:us-east-1:1:accesspoint/ap"),
        (
            "arn%3Aaws%3As3%3Aus-east-1%3A1%3Aaccesspoint%2Fap%2Fobject%2Fkey",
            "arn%3Aaws%3As3%3Aus-east-1%3A1%3Aaccesspoint%2Fap",
        ),
        ("arnold/key", "arnold"),
        ("/", None),
        ("", None),
    ],
)
def test_of_a_copy_source_the_bucket_or_access_point_is_taken_and_never_the_key(
    logged: str, extracted: str | None
) -> None:
    event = LoggedEvent(0, {"detail": {"requestParameters": {"x-amz-copy-source": logged}}})
    (row,) = answer(saved_query("client"), [event])
    assert row.get("copySource") == extracted
