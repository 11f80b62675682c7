"""Answers of AWS that the emulator never gives, link by link."""

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from blueprint.arns import Arns
from blueprint.policy_documents import log_group_policy
from settings import read_settings
from sigv2.verify import delivery_links, trail_links
from sigv2.verify.chain import LINKS, Link, Name, walk
from sigv2.verify.choice import choose
from sigv2.verify.finding import Finding, broken, ok, skipped, unknown
from sigv2.verify.round_trip import Answer
from sigv2.verify.subject import Aws, Subject

ARNS = Arns("aws", "123456789012", "us-east-1")
SETTINGS = read_settings({"targetBuckets": "my-bucket"}, "s3-sigv2-access-log", "dev")
BASE = SETTINGS.base_name
GROUP_ARN = ARNS.log_group(SETTINGS.log_group_name)


def subject(**clients: object) -> Subject:
    services = ("s3", "sigv2", "cloudtrail", "events", "logs", "cloudwatch", "sqs", "kms", "sns")
    aws = Aws(**{service: cast("Any", clients.get(service)) for service in services})
    return Subject(
        aws, ARNS, SETTINGS, choose(SETTINGS, None), "arn:aws:iam::123456789012:user/ann", SETTINGS.base_name
    )


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
                "the bucket my-bucket lies in eu-west-1, and the stack in us-east-1",
                "watch it from a stack with aws:region eu-west-1, and take it out of this one's targetBuckets",
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


def test_a_digest_that_cannot_be_delivered_is_a_delivery_error_as_well() -> None:
    status = {"IsLogging": True, "LatestDigestDeliveryError": "KMS.DisabledException"}
    found = trail_links.delivery(subject(cloudtrail=answering(get_trail_status=status)))
    assert found.says == f"the trail {BASE} cannot deliver digests of its log files: KMS.DisabledException"


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


OWN = {"policyName": BASE, "policyDocument": log_group_policy(GROUP_ARN, ARNS.rule(BASE))}
DENY = {"policyName": "deny", "policyDocument": statement("Deny")}
STRANGE = {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}
STRANGE_ALLOW = {"policyName": "strange", "policyDocument": statement("Allow", Condition=STRANGE)}
STRANGE_DENY = {"policyName": "strange", "policyDocument": statement("Deny", Condition=STRANGE)}


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        ([OWN], "lets events.amazonaws.com write"),
        ([{"policyName": "by hand", "policyDocument": OWN["policyDocument"]}], "lets events.amazonaws.com write"),
        ([OWN, STRANGE_ALLOW], "lets events.amazonaws.com write"),
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
    class QueueDoesNotExist(Exception):  # noqa: N818 - boto3's name
        pass

    target = {"Arn": GROUP_ARN, "DeadLetterConfig": {"Arn": ARNS.queue(f"{BASE}-undelivered")}}
    paginator = SimpleNamespace(paginate=lambda **_: [{"Targets": [target]}])
    sqs = answering(
        get_queue_url={"QueueUrl": "https://queue"},
        get_queue_attributes={"Attributes": {"ApproximateNumberOfMessages": str(count)}},
        receive_message=messages,
    )
    sqs.exceptions = SimpleNamespace(QueueDoesNotExist=QueueDoesNotExist)
    return subject(events=SimpleNamespace(get_paginator=lambda _: paginator), sqs=sqs)


def message(number: int, **attributes: str) -> dict[str, Any]:
    return {
        "MessageId": str(number),
        "MessageAttributes": {name: {"StringValue": value} for name, value in attributes.items()},
    }


def test_each_reason_for_messages_in_the_queue_is_told_once_the_most_frequent_first() -> None:
    no_group = {"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": "gone" * 100}
    no_permission = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not allowed"}
    messages = [message(1, **no_group), message(2, **no_permission), message(3, **no_permission), message(4)]
    found = delivery_links.queue(queue(1234, {"Messages": messages}))
    assert found.says == (
        f"1,234 messages wait in the dead-letter queue {BASE}-undelivered: NO_PERMISSIONS (not allowed), "
        f"NO_RESOURCE ({'gone' * 50}), - (-)"
    )


def test_messages_that_may_not_be_read_or_are_gone_meanwhile_are_counted_nevertheless() -> None:
    denied = ClientError({"Error": {"Code": "KMS.AccessDeniedException", "Message": ""}}, "ReceiveMessage")
    assert delivery_links.queue(queue(1, denied)).says.endswith(
        "why cannot be read (KMS.AccessDeniedException): needs sqs:ReceiveMessage"
    )
    assert delivery_links.queue(queue(1, {})).says.endswith("their error codes were not to be had just now")


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


def test_every_link_comes_after_the_one_that_it_needs() -> None:
    names = [link.name for link in LINKS]
    assert names == list(Name)
    assert all(link.after is None or names.index(link.after) < names.index(link.name) for link in LINKS)
