"""Answers of AWS that the emulator never gives, link by link."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType, SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from blueprint.arns import Arns
from blueprint.policy_documents import log_group_policy
from settings import read_settings
from sigv2.verify import delivery_links, log_file_links, queue_links, trail_links
from sigv2.verify.chain import Link, Name, links_of, walk
from sigv2.verify.choice import choose
from sigv2.verify.finding import Finding, State, broken, ok, skipped, unknown, warning
from sigv2.verify.round_trip import Answer
from sigv2.verify.subject import Aws, Hop, Subject
from sigv2.verify.watching_trail import WatchingTrail

ARNS = Arns("aws", "123456789012", "us-east-1")
SETTINGS = read_settings({"targetBuckets": "my-bucket"}, "s3-sigv2-access-log", "dev")
BASE = SETTINGS.base_name
GROUP_ARN = ARNS.log_group(SETTINGS.log_group_name)


def subject(**clients: object) -> Subject:
    aws = Aws(**{service.name: cast("Any", clients.get(service.name)) for service in fields(Aws)})
    trail = WatchingTrail(ARNS.trail(BASE), cast("Any", clients.get("cloudtrail")), aws.kms)
    return Subject(aws, ARNS, SETTINGS, choose(SETTINGS, None), "arn:aws:iam::123456789012:user/ann", trail)


def answering(**answers: object) -> SimpleNamespace:
    """A client; an answer that is an exception is raised."""

    def call(answer: object) -> Callable[..., object]:
        def answered(**_: object) -> object:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return answered

    return SimpleNamespace(**{operation: call(answer) for operation, answer in answers.items()})


def head_bucket(status: int, **headers: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": str(status), "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers},
    }
    return ClientError(answer, "HeadBucket")


def region(name: str) -> dict[str, str]:
    return {"x-amz-bucket-region": name}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (head_bucket(403, **region("us-east-1")), ok("my-bucket in us-east-1")),
        (
            head_bucket(403, **region("eu-west-1")),
            broken(
                "the bucket my-bucket lies in eu-west-1, which stack dev does not watch",
                "have it look up where its buckets lie with `pulumi up --refresh --stack dev`, or name the Region in "
                "the setting regions",
            ),
        ),
        (
            head_bucket(403, **region("eu-central-1")),
            broken(
                "the bucket my-bucket lies in eu-central-1, which refuses SigV2",
                "take it out of targetBuckets, or verify another bucket with --bucket",
            ),
        ),
        (
            head_bucket(404),
            broken(
                "the bucket my-bucket does not exist",
                "take it out of targetBuckets, or verify another bucket with --bucket",
            ),
        ),
    ],
)
def test_a_bucket_tells_its_region_even_to_those_who_may_not_look_into_it(answer: ClientError, found: Finding) -> None:
    assert trail_links.bucket(subject(s3=answering(head_bucket=answer))) == found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (None, skipped("not asked: --check-only sends nothing")),
        (Answer("", refuses_sigv2=False, reason="S3 answered"), ok("taken: S3 answered")),
        (Answer("AccessDenied", refuses_sigv2=False, reason="…"), ok("taken: AccessDenied")),
        (Answer("NoSuchKey", refuses_sigv2=False, reason="…"), ok("taken: NoSuchKey")),
        (Answer("SlowDown", refuses_sigv2=False, reason="S3 is busy"), unknown("S3 is busy")),
        (
            Answer("InvalidRequest", refuses_sigv2=True, reason="S3 says so"),
            broken(
                "the bucket my-bucket refuses SigV2: S3 says so",
                "there is nothing to watch in a bucket that nobody can reach with SigV2: take it out of "
                "targetBuckets, or verify another bucket with --bucket",
            ),
        ),
    ],
)
def test_s3_itself_says_whether_the_bucket_accepts_sigv2(answer: Answer | None, found: Finding) -> None:
    assert trail_links.sigv2(replace(subject(), answer=answer)) == found


NOTHING_TO_DO = (
    "nothing, if the trail's bucket and the trail's key are right by now: CloudTrail tries again with its next log "
    "file, and the error goes away"
)
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ({}, ok("no delivery error")),
        (
            {
                "LatestDeliveryError": "AccessDenied",
                "LatestDeliveryTime": NOON,
                "LatestDeliveryAttemptTime": "2026-11-26T12:05:00Z",
                "LatestDeliveryAttemptSucceeded": "2026-11-26T12:00:00Z",
            },
            warning(
                "the last attempt at 2026-11-26 12:05 UTC to deliver log files after those of 2026-11-26 12:00 UTC "
                "failed with AccessDenied, and nothing was tried since",
                NOTHING_TO_DO,
            ),
        ),
        (
            {
                "LatestDeliveryError": "AccessDenied",
                "LatestDeliveryTime": NOON,
                "LatestDeliveryAttemptTime": "2026-11-26T11:55:00Z",
            },
            ok("no delivery error"),
        ),
        (
            {"LatestDeliveryError": "NoSuchBucket", "LatestDeliveryAttemptTime": ""},
            warning(
                "the last attempt to deliver log files failed with NoSuchBucket, and nothing was tried since",
                NOTHING_TO_DO,
            ),
        ),
        (
            {"LatestDigestDeliveryError": "KMS.DisabledException", "LatestDigestDeliveryTime": NOON},
            warning(
                "the last attempt to deliver digests of its log files after those of 2026-11-26 12:00 UTC failed with "
                "KMS.DisabledException, and nothing was tried since",
                NOTHING_TO_DO,
            ),
        ),
    ],
)
def test_a_delivery_error_is_of_the_last_attempt_and_breaks_no_link(status: dict[str, Any], found: Finding) -> None:
    assert log_file_links.delivery(subject(cloudtrail=answering(get_trail_status=status))) == found


def failing(*minutes_ago: int, sent_minutes_ago: int | None = None) -> Finding:
    now = datetime.now(UTC)
    points = [{"Sum": 2.0, "Timestamp": now - timedelta(minutes=ago)} for ago in minutes_ago]
    asked = subject(cloudwatch=answering(get_metric_statistics={"Datapoints": [*points, {"Sum": 0.0}]}))
    sent = None if sent_minutes_ago is None else now - timedelta(minutes=sent_minutes_ago)
    return delivery_links.invocations(replace(asked, sent_at=sent))


def test_a_failed_invocation_breaks_the_rule_only_where_the_request_was_sent_before_it() -> None:
    assert failing() == ok("none failed in the last 3 hours")
    assert failing(100, 90).state is State.WARNING
    assert failing(100, 90).says.startswith("4 failed in the last 3 hours, the latest at about ")
    assert "only a request proves" in failing(100, 90).fix
    assert failing(100, 90, sent_minutes_ago=20).state is State.WARNING
    assert failing(100, 90, sent_minutes_ago=20).says.endswith(", before this request was sent")
    assert failing(100, 5, sent_minutes_ago=20).state is State.BROKEN


@pytest.mark.parametrize(
    ("selectors", "found"),
    [
        ({"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]}, "✓"),
        ({"EventSelectors": [{"IncludeManagementEvents": True, "DataResources": []}]}, "✗"),
        ({}, "✗"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "new", "Equals": ["a"]}]}]}, "?"),
    ],
)
def test_selectors_of_any_kind_are_understood_or_said_not_to_be(selectors: dict[str, Any], found: str) -> None:
    (checked,) = walk(
        subject(cloudtrail=answering(get_event_selectors=selectors)), [Link(Name.SELECTORS, trail_links.selectors)]
    )
    assert checked.finding.state == found


def advanced(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"AdvancedEventSelectors": [{"FieldSelectors": list(conditions)}]}


OF_ONE = {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::one-bucket/"]}
OF_BOTH = {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::one-bucket/", "arn:aws:s3:::other-bucket/logs/"]}
DATA = {"Field": "eventCategory", "Equals": ["Data"]}


@pytest.mark.parametrize(
    ("first", "second", "missed"),
    [
        (advanced(DATA, OF_BOTH), None, ""),
        (advanced(DATA), None, ""),
        (advanced(DATA, OF_ONE), None, "other-bucket/logs/"),
        (advanced(DATA, OF_ONE), advanced(DATA, OF_BOTH), ""),
        (advanced(DATA, OF_ONE), {**advanced(DATA, OF_BOTH), "stopped": True}, "other-bucket/logs/"),
        (
            advanced(DATA, OF_BOTH, {"Field": "readOnly", "Equals": ["true"]}),
            None,
            "writes to one-bucket, writes to other-bucket/logs/",
        ),
        (
            advanced(DATA, OF_BOTH, {"Field": "eventName", "Equals": ["PutObject"]}),
            None,
            "some requests to one-bucket (depending on operation), "
            "some requests to other-bucket/logs/ (depending on operation)",
        ),
    ],
)
@pytest.mark.parametrize("management", [False, True])
def test_every_target_must_be_covered_by_trails_that_are_logging(
    first: dict[str, Any], second: dict[str, Any] | None, missed: str, management: bool
) -> None:
    class NoTrailError(Exception):
        pass

    deployed = {BASE: first, f"{BASE}-2": second}

    def trail(name: str) -> dict[str, Any]:
        found = deployed.get(name)
        if found is None:
            raise NoTrailError
        return found

    cloudtrail = SimpleNamespace(
        exceptions=SimpleNamespace(TrailNotFoundException=NoTrailError),
        get_trail_status=lambda **asked: {"IsLogging": "stopped" not in trail(asked["Name"])},
        get_event_selectors=lambda **asked: trail(asked["TrailName"]),
    )
    configuration = {
        "targetBuckets": "one-bucket,other-bucket/logs/",
        "excludeBuckets": "other-bucket/logs/tmp/",
        "includeManagementEvents": str(management).lower(),
    }
    settings = read_settings(configuration, "s3-sigv2-access-log", "dev")
    named = ", ".join(filter(None, (missed, "bucket-level calls" if management else "")))

    assert trail_links.targets(replace(subject(cloudtrail=cloudtrail), settings=settings)) == (
        broken(
            f"no trail of stack dev that is logging covers {named}", "watch them with `pulumi up --refresh --stack dev`"
        )
        if named
        else ok("each is covered")
    )


@pytest.mark.parametrize(
    ("left_out", "missed"),
    [
        ("the-trail-bucket/", ""),
        ("the-trail-bucket", "some requests to * (depending on bucket and key)"),
        ("one-bucket/", "some requests to * (depending on bucket and key)"),
    ],
)
def test_a_pattern_must_be_covered_as_a_whole_but_for_the_bucket_of_the_trail_itself(
    left_out: str, missed: str
) -> None:
    class NoTrailError(Exception):
        pass

    def selectors(**asked: str) -> dict[str, Any]:
        if asked["TrailName"] != BASE:
            raise NoTrailError
        return advanced(DATA, {"Field": "resources.ARN", "NotStartsWith": [f"arn:aws:s3:::{left_out}"]})

    cloudtrail = SimpleNamespace(
        exceptions=SimpleNamespace(TrailNotFoundException=NoTrailError),
        get_trail=lambda **_: {"Trail": {"S3BucketName": "the-trail-bucket"}},
        get_trail_status=lambda **_: {"IsLogging": True},
        get_event_selectors=selectors,
    )
    settings = read_settings({"targetBuckets": "*"}, "s3-sigv2-access-log", "dev")
    found = trail_links.targets(replace(subject(cloudtrail=cloudtrail), settings=settings))
    assert found == (
        broken(f"no trail of stack dev that is logging covers {missed}", found.fix) if missed else ok("each is covered")
    )


def logs(*policies: dict[str, Any]) -> SimpleNamespace:
    answer = {
        "resourcePolicies": [{**policy, "policyDocument": json.dumps(policy["policyDocument"])} for policy in policies]
    }
    paginator = SimpleNamespace(paginate=lambda **_: [answer])
    return SimpleNamespace(
        get_paginator=lambda _: paginator, describe_resource_policies=lambda **_: {"resourcePolicies": []}
    )


def statement(effect: str, **elements: object) -> dict[str, Any]:
    return {"Statement": {"Effect": effect, "Principal": "*", "Action": "logs:*", "Resource": "*", **elements}}


OWN = {"policyName": BASE, "policyDocument": log_group_policy(GROUP_ARN, [ARNS.rule(BASE)])}
DENY = {"policyName": "deny", "policyDocument": statement("Deny")}
STRANGE = {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}
STRANGE_ALLOW = {"policyName": "strange", "policyDocument": statement("Allow", Condition=STRANGE)}
STRANGE_DENY = {"policyName": "strange", "policyDocument": statement("Deny", Condition=STRANGE)}


OF_OTHERS = {
    "policyName": "others",
    "policyDocument": statement("Deny", Principal={"AWS": "123456789012"}, Condition=STRANGE),
}
CONDITIONED = {
    "policyName": BASE,
    "policyDocument": statement(
        "Allow",
        Principal={"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
        Condition={"ArnEquals": {"aws:SourceArn": ARNS.rule(BASE)}},
    ),
}
BOTH = "lets events.amazonaws.com and delivery.logs.amazonaws.com write"


def only(service: str) -> dict[str, Any]:
    return {"policyName": service, "policyDocument": statement("Allow", Principal={"Service": service})}


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        ([OWN], BOTH),
        ([{"policyName": "by hand", "policyDocument": OWN["policyDocument"]}], BOTH),
        ([OWN, STRANGE_ALLOW], BOTH),
        ([OWN, OF_OTHERS], BOTH),
        ([only("events.amazonaws.com"), only("delivery.logs.amazonaws.com")], BOTH),
        (
            [only("events.amazonaws.com")],
            "lets events.amazonaws.com write, and not delivery.logs.amazonaws.com (logs:CreateLogStream and "
            "logs:PutLogEvents): AWS's own policy names both, and with one alone deliveries have failed",
        ),
        (
            [only("delivery.logs.amazonaws.com")],
            "lets delivery.logs.amazonaws.com write, and not events.amazonaws.com (logs:CreateLogStream and "
            "logs:PutLogEvents): AWS's own policy names both, and with one alone deliveries have failed",
        ),
        (
            [CONDITIONED],
            "lets EventBridge call logs:CreateLogStream under a condition on its source, which EventBridge may not "
            "name then: AWS took that condition off its own sample",
        ),
        ([OWN, STRANGE_DENY], "unknown: strange holds more than this check understands"),
        ([STRANGE_ALLOW], "unknown: strange holds more than this check understands"),
        (
            [OWN, DENY],
            f"the resource policy named {BASE} does not allow events.amazonaws.com logs:CreateLogStream and "
            f"logs:PutLogEvents on behalf of the rule {BASE}",
        ),
        (
            [],
            f"the resource policy named {BASE} is missing, so EventBridge may not write to {SETTINGS.log_group_name}",
        ),
    ],
)
def test_all_policies_of_the_account_hold_together(policies: list[dict[str, Any]], says: str) -> None:
    assert delivery_links.resource_policy(subject(logs=logs(*policies))).says == says


def queue(count: int, messages: object) -> Subject:
    target = {"Arn": GROUP_ARN, "DeadLetterConfig": {"Arn": ARNS.queue(f"{BASE}-undelivered")}}
    paginator = SimpleNamespace(paginate=lambda **_: [{"Targets": [target]}])
    sqs = answering(
        get_queue_url={"QueueUrl": "https://queue"},
        get_queue_attributes={
            "Attributes": {
                "ApproximateNumberOfMessages": str(count),
                "ApproximateNumberOfMessagesNotVisible": "2",
                "ApproximateNumberOfMessagesDelayed": "1",
            }
        },
        receive_message=messages,
    )
    return subject(events=SimpleNamespace(get_paginator=lambda _: paginator), sqs=sqs)


def message(
    number: int, attributes: Mapping[str, str] = MappingProxyType({}), *, body: str = "{}", sent: datetime = NOON
) -> dict[str, Any]:
    return {
        "MessageId": str(number),
        "Body": body,
        "Attributes": {"SentTimestamp": str(int(sent.timestamp() * 1000))},
        "MessageAttributes": {name: {"StringValue": value} for name, value in attributes.items()},
    }


REDRIVE = "bring them into the log group with `python -m sigv2 verify --redrive --stack dev`"


def test_each_reason_for_messages_in_the_queue_is_told_once_the_most_frequent_first_with_their_age() -> None:
    no_group = {"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": "gone" * 100}
    no_permission = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not allowed"}
    later = NOON + timedelta(hours=30)
    messages = [
        message(1, no_group),
        message(2, no_permission, sent=later),
        message(3, no_permission),
        message(4),
    ]
    assert queue_links.waiting(queue(1231, {"Messages": messages})) == warning(
        f"1,234 requests wait in the dead-letter queue {BASE}-undelivered, and not in the log, put there from "
        "2026-11-26 12:00 to 2026-11-27 18:00 UTC: NO_PERMISSIONS (not allowed), "
        f"NO_RESOURCE ({'gone' * 50}), - (-)",
        f"when what the error says is mended, {REDRIVE}",
    )


def test_the_request_just_sent_breaks_the_link_where_it_waits_in_the_queue() -> None:
    asked = queue(1, {"Messages": []})
    error = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not allowed"}
    sent = queue(1, {"Messages": [message(1, error, body=f'{{"key": "sigv2-verify-{asked.probed.token}"}}')]})
    sent = replace(sent, probed=asked.probed)
    assert queue_links.waiting(sent).state is State.WARNING
    assert queue_links.waiting(replace(sent, sent_at=NOON)) == broken(
        "the request that was just sent could not be logged: NO_PERMISSIONS (not allowed)", "mend what the error says"
    )


def test_messages_that_may_not_be_read_or_are_gone_meanwhile_are_counted_nevertheless() -> None:
    denied = ClientError({"Error": {"Code": "KMS.AccessDeniedException", "Message": ""}}, "ReceiveMessage")
    assert queue_links.waiting(queue(1, denied)).says.endswith(
        "why cannot be read (KMS.AccessDeniedException): needs sqs:ReceiveMessage"
    )
    assert queue_links.waiting(queue(1, {})).says.endswith("their error codes were not to be had just now")


def test_what_aws_does_not_tell_is_unknown_and_the_walk_goes_on() -> None:
    def unreachable(_: Subject) -> Finding:
        raise EndpointConnectionError(endpoint_url="https://cloudtrail")

    def throttled(_: Subject) -> Finding:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "GetTrail")

    links = [Link(Name.TRAIL, unreachable), Link(Name.LOGGING, throttled, after=Name.TRAIL)]
    assert [checked.finding.says for checked in walk(subject(), links)] == [
        'unknown: AWS cannot be reached (Could not connect to the endpoint URL: "https://cloudtrail"): check the '
        "network, the Region and AWS_ENDPOINT_URL",
        "unknown: AWS refused GetTrail (ThrottlingException): Rate exceeded",
    ]


def test_what_depends_on_what_is_not_asked_is_not_asked_either() -> None:
    links = [
        Link(Name.RULE, lambda _: broken("wrong", "fix")),
        Link(Name.TARGET, lambda _: ok("never asked"), after=Name.RULE),
        Link(Name.QUEUE, lambda _: ok("never asked"), after=Name.TARGET),
    ]
    assert [checked.finding for checked in walk(subject(), links)] == [
        broken("wrong", "fix"),
        skipped("not without the rule"),
        skipped("not without the rule's target"),
    ]


def test_every_link_comes_after_the_one_that_it_needs_and_the_chains_have_no_name_twice() -> None:
    there, at_log = replace(subject(), arns=ARNS.in_region("eu-west-1")), subject()
    chains = [
        links_of(subject()),
        links_of(replace(subject(), hops={Hop.BUCKET: there, Hop.LOG: at_log})),
        links_of(replace(subject(), hops={Hop.BUCKET: there})),
        links_of(replace(subject(), hops={Hop.BUCKET: subject(), Hop.LOG: at_log})),
        links_of(replace(subject(), other_queues={"eu-west-1": cast("Any", None)})),
    ]
    for chain in chains:
        names = [link.name for link in chain]
        assert len(set(names)) == len(names)
        assert [link.name for link in chain if link.after and names.index(link.after) >= names.index(link.name)] == []
    assert {link.name for chain in chains for link in chain} == set(Name)
    assert [len(chain) for chain in chains] == [22, 37, 24, 35, 23]
