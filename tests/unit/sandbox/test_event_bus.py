"""Which events reach a rule of the default bus."""

from __future__ import annotations

import json

import pytest

from sigv2.sandbox.observing.deployment import Rule
from sigv2.sandbox.observing.event_bus import reaches

ALL_MANAGEMENT = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def rule(pattern: object, state: str = "ENABLED") -> Rule:
    return Rule("rule", "default", "arn:aws:events:us-east-1:123456789012:rule/rule", state, json.dumps(pattern), ())


def event(**detail: object) -> dict[str, object]:
    return {"source": "aws.s3", "detail": {"readOnly": True, "managementEvent": False, **detail}}


@pytest.mark.parametrize(
    ("state", "read_only", "management", "expected"),
    [
        ("ENABLED", True, False, True),
        ("ENABLED", False, True, True),
        ("ENABLED", True, True, False),
        (ALL_MANAGEMENT, True, True, True),
        (ALL_MANAGEMENT, True, False, True),
        ("DISABLED", False, False, False),
    ],
)
def test_a_rules_state_decides_about_management_events_that_only_read(
    state: str, read_only: bool, management: bool, expected: bool
) -> None:
    judged = event(readOnly=read_only, managementEvent=management)
    assert reaches(rule({"source": ["aws.s3"]}, state), judged) is expected


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"a": {"b": ["x"]}}, True),
        ({"a": {"b": ["y"]}}, False),
        ({"a": {"b": [{"prefix": "x"}]}}, True),
        ({"a": {"absent": [{"exists": False}]}}, True),
        ({"absent": {"b": ["x"]}}, False),
        ({"resources": {"ARN": [{"prefix": "arn:aws:s3:::target/"}]}}, True),
        ({"resources": {"ARN": [{"prefix": "arn:aws:s3:::other/"}]}}, False),
        ({"resources": {"accountId": ["123456789012"], "type": ["AWS::S3::Bucket"]}}, True),
    ],
)
def test_a_pattern_looks_into_nested_objects_and_arrays_of_objects(detail: object, expected: bool) -> None:
    resources = [
        {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::target/key"},
        {"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::target", "accountId": "123456789012"},
    ]
    assert reaches(rule({"detail": detail}), event(a={"b": "x"}, resources=resources)) is expected


def test_cloudtrail_sends_no_event_of_more_than_256_kb() -> None:
    everything = rule({"source": ["aws.s3"]})
    assert reaches(everything, event(key="x" * 200_000))
    assert not reaches(everything, event(key="x" * 262_144))
