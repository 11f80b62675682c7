import json
import uuid
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.queries import REPORT_QUERIES, SavedQuery, saved_query
from sigv2.query_engine import LoggedEvent, answer

SAMPLES = {
    name: json.loads((Path(__file__).parents[1] / "samples" / f"{name}.json").read_text())
    for name in ("get-object-iam-user-refused", "put-object-assumed-role")
}
DAY_ONE, DAY_TWO = 1795161600_000, 1795248000_000


def event(timestamp: int = DAY_ONE, **changed: Any) -> LoggedEvent:
    """An event with an eventID of its own."""
    sample = SAMPLES["get-object-iam-user-refused"]
    return LoggedEvent(timestamp, {**sample, "detail": sample["detail"] | {"eventID": str(uuid.uuid4())} | changed})


ROLE_EVENT = LoggedEvent(DAY_ONE, SAMPLES["put-object-assumed-role"])
USER = {
    "detail.userIdentity.arn": "arn:aws:iam::123456789012:user/nightly-backup",
    "detail.userAgent": "[python-requests/2.31.0]",
    "detail.requestParameters.bucketName": "example-uploads",
}
ROLE = {
    "detail.userIdentity.arn": "arn:aws:sts::XXXXXXXXXXXX:assumed-role/AmazonEC2RoleForSSM/i-00136XXXXXXXXXXXX",
    "detail.userAgent": "[aws-cli/1.10.56 Python/2.7.12 Linux/4.4.19-29.55.amzn1.x86_64 botocore/1.4.46]",
    "detail.requestParameters.bucketName": "example-bucket-XXXXXXXXXXXX",
}
BUCKETS = [{"detail.requestParameters.bucketName": who["detail.requestParameters.bucketName"]} for who in (USER, ROLE)]
EXPECTED: dict[str, list[dict[str, str]]] = {
    "principal": [{**USER, "requests": "2"}, {**ROLE, "requests": "1"}],
    "client": [
        {
            **USER,
            "detail.userIdentity.principalId": "AIDAJ45Q7YFFAREXAMPLE",
            "detail.userIdentity.accountId": "123456789012",
            "detail.userIdentity.accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "detail.userIdentity.type": "IAMUser",
            "detail.userIdentity.userName": "nightly-backup",
            **dict.fromkeys(("resource0", "resource1"), "example-uploads"),
            "detail.additionalEventData.AuthenticationMethod": "QueryString",
            "requests": "2",
            "firstSeen": "2026-11-20T08:14:07Z",
            "lastSeen": "2026-11-21T09:00:00Z",
        },
        {
            **ROLE,
            "detail.userIdentity.principalId": "AROAJHX4LXXXXXXXXXXXX:i-00136XXXXXXXXXXXX",
            "detail.userIdentity.accountId": "XXXXXXXXXXXX",
            "detail.userIdentity.accessKeyId": "ASIA27MRXXXXXXXXXXXX",
            "detail.userIdentity.type": "AssumedRole",
            "issuer": "arn:aws:iam::XXXXXXXXXXXX:role/AmazonEC2RoleForSSM",
            **dict.fromkeys(("resource0", "resource1"), "example-bucket-XXXXXXXXXXXX"),
            "detail.additionalEventData.AuthenticationMethod": "AuthHeader",
            "requests": "1",
            "firstSeen": "2019-06-30T10:20:03Z",
            "lastSeen": "2019-06-30T10:20:03Z",
        },
    ],
    "access-key": [
        {
            "detail.userIdentity.accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "detail.userIdentity.userName": "nightly-backup",
            **BUCKETS[0],
            "requests": "2",
            "firstSeen": "2026-11-20T08:14:07Z",
            "lastSeen": "2026-11-21T09:00:00Z",
        }
    ],
    "signature": [
        {
            "detail.additionalEventData.AuthenticationMethod": "QueryString",
            "detail.eventName": "GetObject",
            **BUCKETS[0],
            "requests": "2",
        },
        {
            "detail.additionalEventData.AuthenticationMethod": "AuthHeader",
            "detail.eventName": "PutObject",
            **BUCKETS[1],
            "requests": "1",
        },
    ],
    "source": [
        {
            "detail.sourceIPAddress": "10.0.12.7",
            "detail.vpcEndpointId": "vpce-0f1e2d3c4b5a69788",
            **BUCKETS[0],
            "requests": "2",
        },
        {"detail.sourceIPAddress": "54.249.95.0", **BUCKETS[1], "requests": "1"},
    ],
    "prefix": [{**BUCKETS[0], "keyPrefix": "reports/", "requests": "2"}, {**BUCKETS[1], "requests": "1"}],
    "day-and-signature": [
        {
            "day": f"2026-11-{day} 00:00:00.000",
            "detail.additionalEventData.AuthenticationMethod": method,
            "requests": "1",
        }
        for day, method in ((21, "QueryString"), (20, "AuthHeader"), (20, "QueryString"))
    ],
    "day": [
        {"day": "2026-11-21 00:00:00.000", "requests": "1"},
        {"day": "2026-11-20 00:00:00.000", "requests": "2"},
    ],
    "error": [
        {
            "detail.errorCode": "AccessDenied",
            "detail.eventName": "GetObject",
            "detail.userIdentity.principalId": "AIDAJ45Q7YFFAREXAMPLE",
            **USER,
            "requests": "2",
        }
    ],
}


@pytest.mark.parametrize("query", REPORT_QUERIES, ids=lambda query: query.key)
def test_each_saved_query_is_answered_from_what_its_text_is_built_from(query: SavedQuery) -> None:
    events = [event(DAY_TWO, eventTime="2026-11-21T09:00:00Z"), ROLE_EVENT, event()]
    assert answer(query, events) == EXPECTED[query.key]


@pytest.mark.parametrize("query", REPORT_QUERIES, ids=lambda query: query.key)
def test_by_place_the_rows_of_each_region_and_account_are_apart(query: SavedQuery) -> None:
    elsewhere = event(awsRegion="eu-west-1"), event(recipientAccountId="210987654321")
    rows = answer(query.by_place(), [*elsewhere, event(), event()])
    assert [(row["detail.awsRegion"], row["detail.recipientAccountId"], row["requests"]) for row in rows] == [
        ("us-east-1", "123456789012", "2"),
        ("eu-west-1", "123456789012", "1"),
        ("us-east-1", "210987654321", "1"),
    ]


@pytest.mark.parametrize("query", REPORT_QUERIES, ids=lambda query: query.key)
@given(st.lists(st.sampled_from("abc"), min_size=1), st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_what_the_log_has_twice_of_one_event_id_counts_once(
    query: SavedQuery, copied: list[str], random: Random
) -> None:
    one_each = [event(DAY_TWO, eventTime="2026-11-21T09:00:00Z", eventID="a"), event(eventID="b"), event(eventID="c")]
    copies = [replace(one, message={**one.message, "id": "another"}) for one in one_each]
    twice = one_each + [copy for copy in copies if copy.message["detail"]["eventID"] in copied]
    random.shuffle(twice)
    assert answer(query, twice) == answer(query, one_each)


def test_of_the_records_of_two_accounts_with_one_shared_event_id_both_count() -> None:
    both = [event(sharedEventID="one", recipientAccountId=account) for account in ("123456789012", "210987654321")]
    assert [row["requests"] for row in answer(saved_query("principal"), both)] == ["2"]


def test_one_event_id_that_differs_in_what_is_counted_by_is_not_one() -> None:
    both = [event(eventID="one"), event(eventID="one", userAgent="[another]")]
    assert [row["requests"] for row in answer(saved_query("principal"), both)] == ["1", "1"]
    assert [row["requests"] for row in answer(saved_query("source"), both)] == ["1"]


def test_first_and_last_seen_are_compared_as_texts_by_the_second_step() -> None:
    events = [event(DAY_TWO, eventTime="2026-11-20T01:00:00Z"), event(DAY_ONE, eventTime="2026-11-21T02:00:00Z")]
    (row,) = answer(saved_query("access-key"), events)
    assert (row["firstSeen"], row["lastSeen"]) == ("2026-11-20T01:00:00Z", "2026-11-21T02:00:00Z")


def test_a_field_that_is_null_or_an_object_is_not_there() -> None:
    assert answer(saved_query("source"), [event(vpcEndpointId=None, sourceIPAddress={})]) == [
        {**BUCKETS[0], "requests": "1"}
    ]


def test_what_is_no_text_is_written_as_json_writes_it() -> None:
    (row,) = answer(saved_query("principal"), [event(userAgent=True)])
    assert row["detail.userAgent"] == "true"


def test_an_event_without_the_fields_counts_as_well() -> None:
    assert answer(saved_query("client"), [LoggedEvent(DAY_ONE, {})]) == [{"requests": "1"}]


def test_no_event_gives_no_row() -> None:
    assert [answer(query, []) for query in REPORT_QUERIES] == [[]] * len(REPORT_QUERIES)
