"""Every policy of the program, proven: what it must allow, what it must refuse, and that no word of it is idle.

People are judged as IAM would let them, by an identity policy that allows everything: what refuses them is the
document itself.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from sigv2.policy_evaluation import Call, is_allowed, merged, service_call
from tests.unit.conftest import ACCOUNT, Recorder, deploy_program

PLACES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
BASE = "s3-sigv2-access-log-dev"
BUCKET = f"{BASE}-trail-0a1b2c3"
GROUP = "/aws/events/s3-sigv2-access-log"
STRANGER = "210987654321"
IAM_ALLOWS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
DOCUMENTS = {
    "trail bucket": ("BucketPolicy", "policy"),
    "log group": ("LogResourcePolicy", "policyDocument"),
    "queue": ("QueuePolicy", "policy"),
    "topic": ("TopicPolicy", "policy"),
    "key": ("Key", "policy"),
}


@dataclass(frozen=True)
class Row:
    """One call on one document."""

    document: str
    case: str
    call: Call
    allowed: bool

    @property
    def name(self) -> str:
        return f"{self.document}: {self.case} is {'allowed' if self.allowed else 'refused'}"


def with_context(call: Call, changes: Mapping[str, str | None]) -> Call:
    """The call with condition keys set, or removed where the value is None."""
    return replace(
        call, context={key: value for key, value in {**call.context, **changes}.items() if value is not None}
    )


def person(call: Call, partition: str, *, tls: bool) -> Call:
    """The same call, made by a user of the account."""
    context = {"aws:SecureTransport": str(tls).lower(), "aws:PrincipalIsAWSService": "false"}
    return Call("AWS", f"arn:{partition}:iam::{ACCOUNT}:user/admin", call.action, call.resource, context)


def variations(document: str, what: str, call: Call, *, source: bool = True) -> Iterator[Row]:
    """The call as the pipeline makes it, and what differs from it in one word."""
    own = call.context["aws:SourceArn"]
    yield Row(document, what, call, True)
    yield Row(document, f"{what} by another service", replace(call, principal="config.amazonaws.com"), False)
    yield Row(document, f"{what}, another action", replace(call, action=call.action.split(":")[0] + ":Other"), False)
    if source:
        other = own.replace(ACCOUNT, STRANGER)
        changed = with_context(call, {"aws:SourceArn": other, "aws:SourceAccount": STRANGER})
        yield Row(document, f"{what} for another account", changed, False)
        yield Row(document, f"{what} for another source", with_context(call, {"aws:SourceArn": f"{own}x"}), False)


def people(document: str, call: Call, partition: str) -> Iterator[Row]:
    yield Row(document, "a person over TLS", person(call, partition, tls=True), True)
    yield Row(document, "a person over plain HTTP", person(call, partition, tls=False), False)
    # Should a service's call ever say so, it must not be locked out.
    yield Row(
        document, "the service, said to be without TLS", with_context(call, {"aws:SecureTransport": "false"}), True
    )


def rows(partition: str) -> Iterator[Row]:
    """The whole matrix, for one partition."""
    place = f"{PLACES[partition]}:{ACCOUNT}"
    trail, rule = (f"arn:{partition}:cloudtrail:{place}:trail/{BASE}", f"arn:{partition}:events:{place}:rule/{BASE}")
    alarm = f"arn:{partition}:cloudwatch:{place}:alarm:{BASE}-sigv2-in-use"
    bucket, group = (f"arn:{partition}:s3:::{BUCKET}", f"arn:{partition}:logs:{place}:log-group:{GROUP}")
    queue, topic = (f"arn:{partition}:sqs:{place}:{BASE}-undelivered", f"arn:{partition}:sns:{place}:{BASE}-alerts")

    document = "trail bucket"
    acl_check = service_call("cloudtrail.amazonaws.com", "s3:GetBucketAcl", bucket, trail)
    yield from variations(document, "ACL check", acl_check)
    yield Row(document, "ACL check of another bucket", replace(acl_check, resource=f"{bucket}x"), False)
    file = f"{bucket}/AWSLogs/{ACCOUNT}/CloudTrail/file.json.gz"
    write = with_context(
        service_call("cloudtrail.amazonaws.com", "s3:PutObject", file, trail),
        {"s3:x-amz-acl": "bucket-owner-full-control"},
    )
    yield from variations(document, "log file", write)
    yield Row(
        document,
        "log file that its owner could not read",
        with_context(write, {"s3:x-amz-acl": "private"}),
        False,
    )
    yield Row(document, "log file of another account", replace(write, resource=file.replace(ACCOUNT, STRANGER)), False)
    yield Row(document, "file elsewhere in the bucket", replace(write, resource=f"{bucket}/index.html"), False)
    yield from people(document, write, partition)

    document = "log group"
    for service in ("events.amazonaws.com", "delivery.logs.amazonaws.com"):
        stream = service_call(service, "logs:CreateLogStream", f"{group}:log-stream:x", rule)
        put = service_call(service, "logs:PutLogEvents", f"{group}:log-stream:x", rule)
        # EventBridge names the rule when it puts events only; an empty stream is all that could come of it.
        yield from variations(document, f"stream by {service}", stream, source=False)
        yield from variations(document, f"events by {service}", put)
        unnamed = with_context(stream, {"aws:SourceArn": None})
        yield Row(document, f"stream by {service} for no source", unnamed, True)
        yield Row(document, f"events by {service} for no source", with_context(put, {"aws:SourceArn": None}), False)
        for call in (stream, put):
            elsewhere = replace(call, resource=f"{group}-other:log-stream:x")
            yield Row(document, f"{call.action} by {service} in another group", elsewhere, False)

    document = "queue"
    send = service_call("events.amazonaws.com", "sqs:SendMessage", queue, rule)
    yield from variations(document, "undelivered event", send)
    yield Row(document, "undelivered event to another queue", replace(send, resource=f"{queue}x"), False)
    yield from people(document, send, partition)

    document = "topic"
    publish = service_call("cloudwatch.amazonaws.com", "sns:Publish", topic, alarm)
    yield from variations(document, "alarm", replace(publish), source=False)
    yield Row(
        document, "alarm of another stack", with_context(publish, {"aws:SourceArn": alarm.replace("-dev", "")}), False
    )
    yield Row(document, "alarm, account unknown", with_context(publish, {"aws:SourceAccount": STRANGER}), False)
    yield Row(document, "alarm to another topic", replace(publish, resource=f"{topic}x"), False)
    yield from people(document, publish, partition)

    yield from key_rows(partition, trail, group, rule, alarm)


def key_rows(partition: str, trail: str, group: str, rule: str, alarm: str) -> Iterator[Row]:
    document = "key"
    key = f"arn:{partition}:kms:{PLACES[partition]}:{ACCOUNT}:key/1234abcd"
    data_key = with_context(
        service_call("cloudtrail.amazonaws.com", "kms:GenerateDataKey", key, trail),
        {"kms:EncryptionContext:aws:cloudtrail:arn": trail},
    )
    yield from variations(document, "data key for log files", data_key)
    foreign = with_context(data_key, {"kms:EncryptionContext:aws:cloudtrail:arn": trail.replace(ACCOUNT, STRANGER)})
    yield Row(document, "data key for another account's log files", foreign, False)
    yield from variations(document, "kms:DescribeKey", replace(data_key, action="kms:DescribeKey"))
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    logs = f"logs.{PLACES[partition]}.{suffix}"
    encrypt = Call("Service", logs, "kms:Encrypt", key, {"kms:EncryptionContext:aws:logs:arn": group})
    for action in ("Encrypt", "Decrypt", "ReEncryptTo", "GenerateDataKey", "DescribeKey"):
        yield Row(document, f"log group's {action}", replace(encrypt, action=f"kms:{action}"), True)
    yield Row(document, "log group's ScheduleKeyDeletion", replace(encrypt, action="kms:ScheduleKeyDeletion"), False)
    other_group = with_context(encrypt, {"kms:EncryptionContext:aws:logs:arn": f"{group}-other"})
    yield Row(document, "another log group's Encrypt", other_group, False)
    other_region = replace(encrypt, principal=f"logs.ap-east-1.{suffix}")
    yield Row(document, "Encrypt by logs of another Region", other_region, False)
    for service, source in (("events.amazonaws.com", rule), ("cloudwatch.amazonaws.com", alarm)):
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            call = service_call(service, action, key, source)
            yield from variations(document, f"{service} {action}", call, source=False)
            unnamed = with_context(call, {"aws:SourceArn": None, "aws:SourceAccount": None})
            yield Row(document, f"{service} {action} for no source", unnamed, True)
    of_stranger = with_context(call, {"aws:SourceAccount": STRANGER})
    yield Row(document, "another account's alarm", of_stranger, False)
    of_other_stack = with_context(call, {"aws:SourceArn": alarm.replace("-dev", "")})
    yield Row(document, "another stack's alarm", of_other_stack, False)
    admin = Call("AWS", f"arn:{partition}:iam::{ACCOUNT}:user/admin", "kms:ScheduleKeyDeletion", key)
    yield Row(document, "the account's administrator", admin, True)
    yield Row(
        document, "another account's", replace(admin, principal=admin.principal.replace(ACCOUNT, STRANGER)), False
    )


@cache
def documents(partition: str) -> dict[str, Any]:
    """Each policy as the program registers it."""
    configuration = {"targetBuckets": "one-bucket", "kmsKey": "create", "alertEmails": "ops@example.com"}
    deployed = deploy_program(configuration, recorder=Recorder(partition, PLACES[partition]))
    return {name: json.loads(deployed.the(kind).inputs[key]) for name, (kind, key) in DOCUMENTS.items()}


def verdict(document: Any, row: Row) -> bool:
    """Whether the call passes; a key's policy alone decides, elsewhere people come with an identity policy."""
    by_identity = row.call.principal_type == "AWS" and row.document != "key"
    return is_allowed(merged([document, IAM_ALLOWS]) if by_identity else document, row.call)


MATRIX = [(partition, row) for partition in PLACES for row in rows(partition)]


@pytest.mark.parametrize(("partition", "row"), MATRIX, ids=[f"{partition}: {row.name}" for partition, row in MATRIX])
def test_each_call_is_allowed_or_refused_as_it_must_be(partition: str, row: Row) -> None:
    assert verdict(documents(partition)[row.document], row) is row.allowed


def mutations(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with one restriction removed, for each that it has."""
    for number, statement in enumerate(document["Statement"]):
        for operator, keys in statement.get("Condition", {}).items():
            for key in keys:
                mutant = copy.deepcopy(document)
                del mutant["Statement"][number]["Condition"][operator][key]
                yield f"{statement['Sid']} without {operator} {key}", mutant
        if statement["Effect"] == "Allow":
            for element in ("Principal", "Action", "Resource"):
                if statement[element] not in ("*", "kms:*"):  # all that a key has is KMS
                    mutant = copy.deepcopy(document)
                    mutant["Statement"][number][element] = "*"
                    yield f"{statement['Sid']} with any {element}", mutant


MUTANTS = [(name, what, mutant) for name, document in documents("aws").items() for what, mutant in mutations(document)]


@pytest.mark.parametrize(("name", "what", "mutant"), MUTANTS, ids=[f"{name}: {what}" for name, what, _ in MUTANTS])
def test_no_restriction_can_go_without_a_row_of_the_matrix_telling(name: str, what: str, mutant: Any) -> None:
    told = [row.name for row in rows("aws") if row.document == name and verdict(mutant, row) is not row.allowed]
    assert told, what
