from collections.abc import Mapping
from typing import Any

import pytest
from pulumi import RunError

from tests.unit.conftest import ProviderError, Recorder, RecordingMonitor, deploy_program
from tests.unit.test_component import make

WAY_OUT = (
    "; correct it with `pulumi config set targetBuckets BUCKET,BUCKET`, watch buckets of another account from a stack "
    "there, or skip this check with `pulumi config set checkTargets false`."
)
ACCOUNTS_BUCKETS = {
    "here": "us-east-1",
    "far": "eu-west-1",
    "new": "eu-central-1",
    **{f"new-{n}": "eu-central-1" for n in range(12)},
}


def failed(bucket: str, reason: str) -> ProviderError:
    """As the engine words what the provider says."""
    return ProviderError(
        "invocation of aws:s3/getBucket:getBucket returned an error: invoking aws:s3/getBucket:getBucket: 1 error "
        f"occurred:\n\t* reading S3 Bucket ({bucket}): {reason}\n\n"
    )


def head_bucket(status: int, code: str) -> str:
    return (
        f"operation error S3: HeadBucket, https response error StatusCode: {status}, RequestID: 4040404, HostID: "
        f"NotFound, api error {code}: {code}"
    )


def get_bucket(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """As the provider answers, failures included."""
    name = arguments["bucket"]
    if "forbidden" in name:
        raise failed(name, head_bucket(403, "Forbidden"))
    if "busy" in name:
        raise failed(name, head_bucket(503, "SlowDown"))
    if name == "gone-404":
        raise failed(name, head_bucket(404, "NotFound"))
    if name not in ACCOUNTS_BUCKETS:
        raise failed(name, "couldn't find resource")
    return {"bucket": name, "bucketRegion": ACCOUNTS_BUCKETS[name]}


def account() -> Recorder:
    return Recorder(answers={"aws:s3/getBucket:getBucket": get_bucket})


@pytest.mark.parametrize(
    ("targets", "problems"),
    [
        ("here,gone", "'gone' does not exist"),
        ("gone-404", "'gone-404' does not exist"),
        ("new/logs/", "'new' lies in eu-central-1, which refuses SigV2"),
        ("gone far new", "'gone' does not exist, 'new' lies in eu-central-1, which refuses SigV2"),
        (
            ",".join(name for name in ACCOUNTS_BUCKETS if name.startswith("new-")),
            ", ".join(f"'new-{n}' lies in eu-central-1, which refuses SigV2" for n in (0, 1, 10, 11, 2, 3, 4, 5, 6, 7))
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


@pytest.mark.parametrize("name", ["forbidden", "forbidden-404", "not-found.forbidden"])
def test_a_bucket_that_may_not_be_looked_up_is_never_called_missing(name: str) -> None:
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": name}, recorder=account())
    assert str(refused.value) == (
        f"targetBuckets: {name!r} may not be looked up (it is another account's, or the permission s3:ListBucket is "
        f"missing){WAY_OUT}"
    )


def test_a_lookup_that_fails_for_another_reason_says_so_and_calls_nothing_missing() -> None:
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "busy-404"}, recorder=account())
    sentence = str(refused.value)
    assert sentence.startswith("targetBuckets: 'busy-404' cannot be looked up (")
    assert "StatusCode: 503" in sentence
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


COMPONENT = "urn:pulumi:dev::s3-sigv2-access-log::sigv2:index:SigV2AccessLog"


def in_state(**outputs: Any) -> dict[str, Any]:
    return {f"{COMPONENT}::sigv2": {"type": "sigv2:index:SigV2AccessLog", "outputs": outputs}}


def test_what_the_last_deployment_looked_up_is_not_looked_up_again() -> None:
    recorder = account()
    recorder.state = in_state(bucket_regions={"far": "eu-west-1", "gone": "eu-central-1"})
    asked: list[str] = []

    def answer(arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(arguments["bucket"])
        return {"bucketRegion": "us-east-1"}

    recorder.answers = {"aws:s3/getBucket:getBucket": answer}
    deployed = deploy_program({"targetBuckets": "here,far,gone"}, recorder=recorder)
    assert sorted(asked) == ["gone", "here"]
    assert deployed.of_components["sigv2:index:SigV2AccessLog::sigv2"]["bucket_regions"] == {
        "far": "eu-west-1",
        "gone": "us-east-1",
        "here": "us-east-1",
    }


def test_a_backend_that_knows_bare_names_alone_is_asked_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi.get_organization", lambda: "organization")
    asked: list[str] = []

    def read(arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(arguments["stackName"])
        if "/" in arguments["stackName"]:
            raise ProviderError("a stack name may only contain alphanumeric, hyphens, underscores, or periods")
        return {"outputs": in_state(bucket_regions={"gone": "us-east-1"})}

    recorder = account()
    recorder.answers = {**recorder.answers, "pulumi:pulumi:readStackResourceOutputs": read}
    assert deploy_program({"targetBuckets": "gone"}, recorder=recorder).outputs["trailNames"]
    assert asked == ["organization/s3-sigv2-access-log/dev", "dev"]


def test_a_state_that_cannot_be_read_ends_the_program_before_anything_is_registered() -> None:
    def read(_: Mapping[str, Any]) -> dict[str, Any]:
        raise ProviderError("no backend client\nis available")

    recorder = account()
    recorder.answers = {"pulumi:pulumi:readStackResourceOutputs": read}
    monitor = RecordingMonitor(recorder)
    with pytest.raises(RunError) as refused:
        deploy_program({"targetBuckets": "here"}, recorder=recorder, monitor=monitor)
    sentence = str(refused.value)
    assert sentence.startswith("stack dev: Pulumi does not tell what it has deployed already (")
    assert "no backend client is available" in sentence
    assert sentence.endswith("); run it again.")
    assert monitor.registered == []


def test_a_secret_is_in_no_refusal_of_what_was_looked_up() -> None:
    recorder = Recorder(answers={"aws:s3/getBucket:getBucket": lambda _: {"bucketRegion": "me-south-1"}})
    topic = "arn:aws:sns:eu-west-1:123456789012:hush"
    given: dict[str, object] = {"target_buckets": ["hush"], "alert_topic_arn": topic}
    for secret, sentence in (
        (
            ["alert_topic_arn"],
            "alertTopicArn: [secret] does not lie in us-east-1 of 'aws', where the stack is deployed; name one that "
            "does with `pulumi config set alertTopicArn ARN`.",
        ),
        (["target_buckets"], f"targetBuckets: [secret] lies in me-south-1, which refuses SigV2{WAY_OUT}"),
    ):
        with pytest.raises(RunError) as refused:
            make({**given, "secret_arguments": secret}, recorder)
        assert str(refused.value) == sentence
        given.pop("alert_topic_arn", None)
