"""A live stack that uses a trail that is there, and one of its own again: no request is lost, and no log file."""

import json
from typing import Any

import pytest

from tests.engine.conftest import LiveStack, Traffic

BOTH = ("one-bucket", "other-bucket")
ALL_OBJECTS = {
    "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{bucket}/" for bucket in BOTH]},
    ]
}


def make_trail(live: LiveStack, name: str) -> str:
    """A trail as another team makes one, with a bucket of its own; its ARN."""
    s3, cloudtrail = live.emulator.client("s3"), live.emulator.client("cloudtrail")
    bucket, service = f"{name}-files", {"Service": "cloudtrail.amazonaws.com"}
    s3.create_bucket(Bucket=bucket)
    allowed = [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}"},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": allowed}))
    arn = cloudtrail.create_trail(Name=name, S3BucketName=bucket)["TrailARN"]
    cloudtrail.put_event_selectors(TrailName=name, AdvancedEventSelectors=[ALL_OBJECTS])  # type: ignore[list-item]
    cloudtrail.start_logging(Name=name)
    return arn


def trails(live: LiveStack) -> list[str]:
    return sorted(trail["Name"] for trail in live.emulator.client("cloudtrail").describe_trails()["trailList"])


def switched(live: LiveStack, settings: dict[str, str]) -> set[str]:
    """Change settings while a client sends; the keys that it asked for."""
    live.configure(settings)
    with Traffic(live.emulator, live.user, BOTH) as traffic:
        live.up()
    assert traffic.sent
    return set(traffic.sent)


@pytest.mark.timeout(600)
def test_from_its_own_trail_to_another_and_back_nothing_is_lost(live: LiveStack) -> None:
    live.up()
    own, bucket = live.outputs()["trailNames"], live.outputs()["trailBucketName"]
    audit = make_trail(live, "audit")
    selectors: Any = live.emulator.client("cloudtrail").get_event_selectors(TrailName=audit)

    expected = switched(live, {"existingTrail": "audit"})
    assert trails(live) == ["audit"]
    assert {*live.logged()} == expected
    assert live.outputs()["existingTrailArn"] == audit
    assert (live.outputs()["trailNames"], live.outputs().get("trailBucketName")) == ([], None)
    # The stack's no more, but not lost.
    assert live.emulator.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] > 0
    assert live.up() == {}

    with Traffic(live.emulator, live.user, BOTH) as traffic:
        pass
    expected |= {*traffic.sent}
    assert {*live.logged()} == expected

    expected |= switched(live, {"existingTrail": ""})
    assert trails(live) == sorted(["audit", *own])
    assert {*live.logged()} == expected
    assert live.up() == {}
    assert (
        live.emulator.client("cloudtrail").get_event_selectors(TrailName=audit)["AdvancedEventSelectors"]
        == (selectors["AdvancedEventSelectors"])
    )
    assert live.undelivered() == 0


@pytest.mark.timeout(600)
def test_auto_takes_its_own_trail_where_the_other_was_narrowed(live: LiveStack) -> None:
    audit = make_trail(live, "audit")
    live.configure({"existingTrail": "auto"})
    said: list[str] = []
    live.up(said.append)
    assert f"existingTrail: auto uses the trail {audit}, which records all of the targets." in "".join(said)
    assert trails(live) == ["audit"]

    narrowed = {"FieldSelectors": [*ALL_OBJECTS["FieldSelectors"], {"Field": "readOnly", "Equals": ["false"]}]}
    live.emulator.client("cloudtrail").put_event_selectors(
        TrailName=audit,
        AdvancedEventSelectors=[narrowed],  # type: ignore[list-item]
    )
    live.up(said.append)
    assert trails(live) == ["audit", "s3-sigv2-access-log-engine"]
    assert "the stack has its own" in "".join(said)


def test_a_sixth_trail_is_refused_before_anything_is_made(live: LiveStack) -> None:
    for number in range(5):
        make_trail(live, f"trail-{number}")
    live.configure({"targetBuckets": "team-bucket"})
    with pytest.raises(
        Exception, match="this stack needs 1 trail, and us-east-1, which takes 5, has 5 trails of others"
    ):
        live.up()
    assert live.emulator.client("logs").describe_log_groups()["logGroups"] == []
