from collections.abc import Mapping
from typing import Any

import pytest
from pulumi import RunError

from tests.unit.conftest import ProviderError, Recorder, RecordingMonitor, deploy_program

WAY_OUT = (
    "; correct it with `pulumi config set targetBuckets BUCKET,BUCKET`, watch buckets of another Region from a stack "
    "of that Region, or skip this check with `pulumi config set checkTargets false`."
)
ACCOUNTS_BUCKETS = {"here": "us-east-1", "far": "eu-west-1", **{f"far-{n}": "eu-west-1" for n in range(12)}}


def get_bucket(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """As the provider answers, failures included."""
    name = arguments["bucket"]
    if name == "forbidden":
        raise ProviderError(
            "invocation of aws:s3/getBucket:getBucket returned an error: invoking aws:s3/getBucket:getBucket: 1 error "
            "occurred:\n\t* reading S3 Bucket (forbidden): operation error S3: HeadBucket, https response error "
            "StatusCode: 403, RequestID: X, HostID: Y, api error Forbidden: Forbidden\n\n"
        )
    if name not in ACCOUNTS_BUCKETS:
        raise ProviderError(
            "invocation of aws:s3/getBucket:getBucket returned an error: invoking aws:s3/getBucket:getBucket: 1 error "
            f"occurred:\n\t* reading S3 Bucket ({name}): couldn't find resource\n\n"
        )
    return {"bucket": name, "bucketRegion": ACCOUNTS_BUCKETS[name]}


def account() -> Recorder:
    return Recorder(answers={"aws:s3/getBucket:getBucket": get_bucket})


@pytest.mark.parametrize(
    ("targets", "problems"),
    [
        ("here,gone", "'gone' does not exist"),
        ("far/logs/", "'far' lies in eu-west-1, not in us-east-1"),
        ("gone far", "'far' lies in eu-west-1, not in us-east-1, 'gone' does not exist"),
        (
            ",".join(name for name in ACCOUNTS_BUCKETS if name.startswith("far-")),
            ", ".join(f"'far-{n}' lies in eu-west-1, not in us-east-1" for n in (0, 1, 10, 11, 2, 3, 4, 5, 6, 7))
            + " and 2 more",
        ),
    ],
)
def test_a_target_that_can_never_be_seen_is_refused_before_anything_is_registered(targets: str, problems: str) -> None:
    recorder = account()
    monitor = RecordingMonitor(recorder)
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": targets}, recorder=recorder, monitor=monitor)
    assert str(refused.value) == f"targetBuckets: {problems}{WAY_OUT}"
    assert monitor.registered == []


def test_a_bucket_that_the_deployer_may_not_look_up_is_refused_with_the_reason() -> None:
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "forbidden"}, recorder=account())
    sentence = str(refused.value)
    assert sentence.startswith("targetBuckets: 'forbidden' cannot be looked up (")
    assert "StatusCode: 403, RequestID: X, HostID: Y, api error Forbidden: Forbidden" in sentence
    assert sentence.endswith(WAY_OUT)
    assert "\n" not in sentence


def test_a_bucket_of_this_region_passes() -> None:
    assert deploy_program({"targetBuckets": "here"}, recorder=account()).outputs["trailNames"]


@pytest.mark.parametrize("targets", ["*", "team-*"])
def test_what_no_pattern_names_is_not_looked_up(targets: str) -> None:
    assert "aws:s3/getBucket:getBucket" not in deploy_program({"targetBuckets": targets}).looked_up


def test_the_check_can_be_skipped() -> None:
    deployed = deploy_program({"targetBuckets": "gone,far", "checkTargets": "false"}, recorder=account())
    assert "aws:s3/getBucket:getBucket" not in deployed.looked_up
    assert deployed.outputs["trailNames"]
