"""What a message of the dead-letter queue is, and what CloudWatch Logs takes at once."""

import json
from typing import Any

import pytest

from sigv2.verify.redriving.log_batches import MOST_BYTES, MOST_EVENTS, OVERHEAD, batches, unacceptable
from sigv2.verify.redriving.undelivered_event import NotOfThisRuleError, Undelivered, logged_id, matches

RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/mine"
EVENT_ID = "0A1B2C3D-0000-4000-8000-00000000abcd"
EVENT: dict[str, Any] = {
    "source": "aws.s3",
    "detail-type": "AWS API Call via CloudTrail",
    "time": "2026-11-26T12:00:00Z",
    "detail": {
        "eventID": EVENT_ID,
        "eventSource": "s3.amazonaws.com",
        "additionalEventData": {"SignatureVersion": "SigV2"},
    },
}
NOON = 1_795_694_400_000


def message(body: object, rule_arn: str | None = RULE_ARN) -> Any:
    attributes = {} if rule_arn is None else {"RULE_ARN": {"StringValue": rule_arn}}
    text = body if isinstance(body, str) else json.dumps(body)
    return {"Body": text, "MessageId": "m", "ReceiptHandle": "r", "MessageAttributes": attributes}


def of_detail(**changed: object) -> dict[str, Any]:
    return {**EVENT, "detail": {**EVENT["detail"], **changed}}


@pytest.mark.parametrize("rule_arn", [RULE_ARN, None])
def test_an_undelivered_request_is_read_as_it_was_sent(rule_arn: str | None) -> None:
    body = json.dumps(EVENT)
    assert Undelivered.of(message(EVENT, rule_arn), [RULE_ARN]) == Undelivered(EVENT_ID.lower(), NOON, body, "m", "r")
    assert logged_id(body) == EVENT_ID.lower()


@pytest.mark.parametrize(
    ("body", "rule_arn", "reason"),
    [
        (EVENT, f"{RULE_ARN}-too", f"of another rule, {RULE_ARN}-too"),
        ("no JSON", RULE_ARN, "no SigV2 request to S3"),
        ("[" * 100_000, RULE_ARN, "no SigV2 request to S3"),
        ("[]", RULE_ARN, "no SigV2 request to S3"),
        ({**EVENT, "source": "mine"}, RULE_ARN, "no SigV2 request to S3"),
        ({**EVENT, "detail": "SigV2"}, RULE_ARN, "no SigV2 request to S3"),
        (of_detail(additionalEventData={"SignatureVersion": "SigV4"}), RULE_ARN, "no SigV2 request to S3"),
        (of_detail(additionalEventData={"SignatureVersion": ["SigV2"]}), RULE_ARN, "no SigV2 request to S3"),
        (of_detail(eventID=f'{EVENT_ID}" ?"'), RULE_ARN, "without an eventID, by which it could be told from others"),
        (of_detail(eventID=None), RULE_ARN, "without an eventID, by which it could be told from others"),
        ({**EVENT, "time": "noon"}, RULE_ARN, "without a time"),
        ({**EVENT, "time": None}, RULE_ARN, "without a time"),
    ],
)
def test_what_is_no_request_of_the_rule_says_why(body: object, rule_arn: str, reason: str) -> None:
    with pytest.raises(NotOfThisRuleError) as caught:
        Undelivered.of(message(body, rule_arn), [RULE_ARN])
    assert str(caught.value) == reason


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"detail": 1}', '{"detail": {"eventID": "1"}}'])
def test_a_log_event_without_an_eventid_is_no_request(text: str) -> None:
    assert logged_id(text) is None


def test_a_pattern_of_another_kind_matches_nothing() -> None:
    assert matches({"source": ["aws.s3"]}, EVENT)
    assert not matches({"source": "aws.s3"}, EVENT)
    assert not matches({"missing": ["a"]}, EVENT)


def undelivered(seconds: float = 0, size: int = 0) -> Undelivered:
    return Undelivered("id", NOON + int(seconds * 1000), "é" * (size // 2) + "x" * (size % 2), "m", "r")


def test_events_go_in_the_order_of_their_times() -> None:
    late, early = undelivered(60), undelivered(0)
    assert list(batches([late, early])) == [[early, late]]
    assert list(batches([])) == []


def test_a_batch_holds_ten_thousand_events() -> None:
    assert [len(batch) for batch in batches(undelivered(size=10) for _ in range(MOST_EVENTS * 2 + 1))] == [
        MOST_EVENTS,
        MOST_EVENTS,
        1,
    ]


def test_a_batch_holds_a_mebibyte_of_utf8_with_what_each_event_counts_for_beside_it() -> None:
    half = MOST_BYTES // 2 - OVERHEAD
    assert [len(batch) for batch in batches([undelivered(size=half), undelivered(size=half)])] == [2]
    assert [len(batch) for batch in batches([undelivered(size=half), undelivered(size=half + 1)])] == [1, 1]


def test_a_batch_spans_less_than_a_day() -> None:
    day = 24 * 3600
    assert [len(batch) for batch in batches([undelivered(0), undelivered(day - 0.001), undelivered(day)])] == [2, 1]


@pytest.mark.parametrize(
    ("event", "retention", "reason"),
    [
        (undelivered(), None, None),
        (undelivered(-14 * 86400 + 1), None, None),
        (undelivered(-14 * 86400), None, "older than the 14 days that CloudWatch Logs takes"),
        (undelivered(-3 * 86400 + 1), 3, None),
        (undelivered(-3 * 86400), 3, "older than the 3 days that the log group keeps"),
        (undelivered(7199), 400, None),
        (undelivered(7200), 400, "more than 2 hours in the future, which CloudWatch Logs does not take"),
        (undelivered(size=MOST_BYTES - OVERHEAD), 400, None),
        (undelivered(size=MOST_BYTES), 400, "larger than the 1 MB that CloudWatch Logs takes"),
    ],
)
def test_what_the_log_group_would_refuse_is_told_before(
    event: Undelivered, retention: int | None, reason: str | None
) -> None:
    assert unacceptable(event, NOON, retention) == reason


def test_the_limits_are_those_of_aws() -> None:
    assert (MOST_EVENTS, MOST_BYTES, OVERHEAD) == (10_000, 1_048_576, 26)
