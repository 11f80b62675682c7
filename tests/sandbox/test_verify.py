"""`python -m sigv2 verify` against the emulator, where the real program has deployed: links broken and mended."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from sigv2.sandbox.emulating.emulator import Emulator
from sigv2.stack import read_stack_files
from sigv2.stack.stack_account import enter_without_stack
from sigv2.verify.chain import ACTIONS, walk
from sigv2.verify.choice import choose
from sigv2.verify.subject import Subject, locate
from tests.sandbox.aws_calls import Call, answer_calls, denial
from tests.sandbox.conftest import Pipeline, deploy_pipeline
from tests.sandbox.verified import (
    BASE,
    GROUP,
    GROUP_ARN,
    QUEUE,
    RESTORE,
    Break,
    check,
    last_sentence,
    remove_target,
    run,
    signs,
)

QUEUE_ARN = f"arn:aws:sqs:us-east-1:123456789012:{QUEUE}"
FOREVER = ("--timeout", "1h")
"""Where nothing can come, nothing is waited for: a wait would time the test out."""

UNDELIVERED = {
    "ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"},
    "ERROR_MESSAGE": {"DataType": "String", "StringValue": "Not allowed \x1b]0;pwned\x07"},
}


@pytest.fixture(scope="module")
def pipeline() -> Iterator[Pipeline]:
    """The dev stack, with a key and a topic; every test leaves it as it found it."""
    with Emulator() as emulator:
        yield deploy_pipeline(emulator, {"kmsKey": "create", "alertEmails": "ann@example.com"})


def create_bucket(pipeline: Pipeline) -> None:
    pipeline.emulator.client("s3").create_bucket(Bucket="example-reports")


def delete_bucket(pipeline: Pipeline) -> None:
    pipeline.emulator.client("s3").delete_bucket(Bucket="example-reports")


def move_bucket(pipeline: Pipeline) -> None:
    delete_bucket(pipeline)
    pipeline.emulator.client("s3", "eu-west-1").create_bucket(
        Bucket="example-reports", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )


def move_bucket_back(pipeline: Pipeline) -> None:
    delete_bucket(pipeline)
    create_bucket(pipeline)


def refuse_sigv2(pipeline: Pipeline) -> None:
    pipeline.emulator.client("s3").put_bucket_tagging(
        Bucket="example-reports", Tagging={"TagSet": [{"Key": "sigv2-sandbox", "Value": "refused"}]}
    )


def accept_sigv2(pipeline: Pipeline) -> None:
    pipeline.emulator.client("s3").delete_bucket_tagging(Bucket="example-reports")


def stop_logging(pipeline: Pipeline) -> None:
    pipeline.emulator.client("cloudtrail").stop_logging(Name=BASE)


def start_logging(pipeline: Pipeline) -> None:
    pipeline.emulator.client("cloudtrail").start_logging(Name=BASE)


def select(pipeline: Pipeline, *, bucket: str, instead_of: str) -> None:
    cloudtrail = pipeline.emulator.client("cloudtrail")
    selectors = cloudtrail.get_event_selectors(TrailName=BASE)["AdvancedEventSelectors"]
    changed = json.loads(json.dumps(selectors).replace(f"{instead_of}/", f"{bucket}/"))
    cloudtrail.put_event_selectors(TrailName=BASE, AdvancedEventSelectors=changed)


def disable_rule(pipeline: Pipeline) -> None:
    pipeline.emulator.client("events").disable_rule(Name=BASE)


def enable_rule(pipeline: Pipeline) -> None:
    pipeline.emulator.client("events").enable_rule(Name=BASE)


def match(pipeline: Pipeline, *, version: str, instead_of: str) -> None:
    events = pipeline.emulator.client("events")
    pattern = events.describe_rule(Name=BASE)["EventPattern"].replace(instead_of, version)
    events.put_rule(Name=BASE, EventPattern=pattern, State="ENABLED")


def put_target(pipeline: Pipeline) -> None:
    target: Any = {"Id": "log-group", "Arn": GROUP_ARN, "DeadLetterConfig": {"Arn": QUEUE_ARN}}
    pipeline.emulator.client("events").put_targets(Rule=BASE, Targets=[target])


def forget_queue(pipeline: Pipeline) -> None:
    pipeline.emulator.client("events").put_targets(Rule=BASE, Targets=[{"Id": "log-group", "Arn": GROUP_ARN}])


def leave_undelivered(pipeline: Pipeline) -> None:
    sqs = pipeline.emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}", MessageAttributes=UNDELIVERED)  # type: ignore[arg-type]


def empty_queue(pipeline: Pipeline) -> None:
    sqs = pipeline.emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    # SQS purges a queue once a minute only.
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


BREAKS = {
    "bucket missing": Break(
        delete_bucket,
        "bucket: the bucket example-reports does not exist",
        "take it out of targetBuckets",
        options=FOREVER,
        mend=create_bucket,
    ),
    "bucket in another Region": Break(
        move_bucket,
        f"trail's Regions: the trail {BASE} is a trail of us-east-1 alone, and the bucket lies elsewhere",
        options=FOREVER,
        mend=move_bucket_back,
    ),
    "bucket refuses SigV2": Break(
        refuse_sigv2,
        "SigV2 access: the bucket example-reports refuses SigV2: S3 says: The authorization mechanism",
        "take it out of targetBuckets",
        options=FOREVER,
        mend=accept_sigv2,
    ),
    "trail not logging": Break(stop_logging, f"trail's logging: the trail {BASE} is not logging", mend=start_logging),
    "trail's selectors": Break(
        partial(select, bucket="example-report", instead_of="example-reports"),
        f"trail's selectors: the selectors of the trail {BASE} do not cover example-reports",
        mend=partial(select, bucket="example-reports", instead_of="example-report"),
    ),
    "rule disabled": Break(disable_rule, f"rule's state: the rule {BASE} is disabled", mend=enable_rule),
    "rule's pattern": Break(
        partial(match, version="SigV4", instead_of="SigV2"),
        f'rule\'s pattern: the event pattern of the rule {BASE} is another one: {{"source": ["aws.s3"]',
        mend=partial(match, version="SigV2", instead_of="SigV4"),
    ),
    "target missing": Break(
        remove_target,
        f"rule's target: the rule {BASE} does not have the log group {GROUP} as its target",
        mend=put_target,
    ),
    "no queue": Break(
        forget_queue,
        "dead-letter queue: the rule's target has no dead-letter queue, so what cannot be delivered is lost",
        options=("--check-only",),
        mend=put_target,
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_the_broken_link_is_named_with_its_fix(pipeline: Pipeline, broken: str) -> None:
    check(BREAKS[broken], pipeline)


def test_a_pipeline_that_is_alive_shows_the_event_and_how_long_it_took(pipeline: Pipeline) -> None:
    result = run(pipeline, "--timeout", "30s")
    assert result.exit_code == 0
    *event, sentence = result.stdout.splitlines()
    detail = json.loads("\n".join(event))["detail"]
    key = detail["requestParameters"]["key"]
    assert detail["requestParameters"]["bucketName"] == "example-reports"
    assert detail["additionalEventData"]["SignatureVersion"] == "SigV2"
    assert detail["userAgent"].endswith(" s3-sigv2-access-log/verify]")
    assert sentence.startswith(f"Alive: a SigV2 request for example-reports/{key} was in the log group {GROUP} ")
    assert sentence.endswith(" after it was sent.")
    assert key in pipeline.logged_keys()


def test_a_healthy_chain_is_checked_without_a_request(pipeline: Pipeline) -> None:
    before = pipeline.logged()
    result = run(pipeline, "--check-only")
    assert result.exit_code == 0
    assert signs(result) == {link: "-" if link in ("SigV2 access", "alert topics") else "✓" for link in signs(result)}
    assert len(signs(result)) == 22
    assert last_sentence(result).startswith("Every link is as it must be; only a request")
    assert pipeline.logged() == before


def test_a_target_that_no_trail_covers_is_said_even_where_the_request_for_another_came(pipeline: Pipeline) -> None:
    select(pipeline, bucket="example-upload", instead_of="example-uploads")
    result, checked = run(pipeline), run(pipeline, "--check-only")
    select(pipeline, bucket="example-uploads", instead_of="example-upload")
    says = "no trail of stack dev that is logging covers example-uploads"
    assert (result.exit_code, checked.exit_code) == (1, 1)
    assert "\nAlive: a SigV2 request for example-reports/" in result.stdout
    assert (
        last_sentence(result)
        == f"Not all is watched, though: the coverage of targets: {says} (fix: watch them with {RESTORE})."
    )
    assert (
        last_sentence(checked)
        == f"The first broken link is the coverage of targets: {says}. Fix: watch them with {RESTORE}."
    )


def test_an_event_that_comes_too_late_leaves_it_unproven(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigv2.verify.round_trip._find", lambda *_: None)
    result = run(pipeline)
    assert result.exit_code == 3
    assert "✗" not in signs(result).values()
    assert last_sentence(result).startswith(
        "Unproven: no link is known to be broken, but the event did not come within 0.3s. CloudTrail promises no time"
    )


@pytest.fixture(scope="module")
def subject(pipeline: Pipeline) -> Iterator[Subject]:
    """What is verified, as the user of the emulated account sees it."""
    settings = read_stack_files("dev", ["alertEmails=ann@example.com"]).settings()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AWS_ENDPOINT_URL", pipeline.emulator.endpoint)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", pipeline.user.access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", pipeline.user.secret_access_key)
        yield locate(enter_without_stack(None, None), settings, choose(settings, None))


def may_not(monkeypatch: pytest.MonkeyPatch, denied: set[str]) -> None:
    """The caller lacks permissions, as AWS says."""

    def refusing(call: Call, operation: str, parameters: dict[str, Any]) -> Any:
        if operation in denied:
            raise denial(operation)
        return call(operation, parameters)

    answer_calls(monkeypatch, refusing)


OF_OTHER_CHAINS = ("iam:", "organizations:", "events:DescribeEventBus", "cloudtrail:DescribeTrails")


@pytest.mark.parametrize(
    "operation", [name for name, action in ACTIONS.items() if not action.startswith(OF_OTHER_CHAINS)]
)
def test_a_permission_that_the_caller_lacks_is_named_and_the_walk_goes_on(
    pipeline: Pipeline, subject: Subject, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    # A message makes it ask why.
    leave_undelivered(pipeline)
    with monkeypatch.context() as patch:
        may_not(patch, {operation})
        found = list(walk(subject))
    empty_queue(pipeline)
    assert len(found) == 22
    assert any(one.finding.says.endswith(f"needs {ACTIONS[operation]}") for one in found)
    assert [one.link for one in found if one.finding.fix] == (
        [] if operation in ("ListTargetsByRule", "GetQueueUrl", "GetQueueAttributes") else ["undelivered requests"]
    )


def test_without_any_permission_nothing_is_proven(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    may_not(monkeypatch, set(ACTIONS))
    result = run(pipeline, "--check-only")
    assert result.exit_code == 3
    assert set(signs(result).values()) == {"?", "-"}
    assert last_sentence(result).startswith("Unproven: no link is known to be broken, but these could not be checked: ")


def test_whoever_may_not_read_the_log_learns_that_at_once(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    may_not(monkeypatch, {"FilterLogEvents"})
    result = run(pipeline, "--timeout", "1h")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: these credentials may not call FilterLogEvents: not authorized\n"
