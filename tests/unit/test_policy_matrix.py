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

from sigv2.policy_evaluation import Call, completed, is_allowed, merged, service_call
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
    "trail bucket": ("sigv2-trail-bucket-policy", "policy"),
    "log group": ("sigv2-log-group-policy", "policyDocument"),
    "queue": ("sigv2-dead-letter-queue-policy", "policy"),
    "topic": ("sigv2-alert-topic-policy", "policy"),
    "key": ("sigv2-key", "policy"),
}
OF_A_HUB = {
    "log group of a hub": ("sigv2-log-group-policy", "policyDocument"),
    "queue of a hub": ("sigv2-dead-letter-queue-policy", "policy"),
    "event bus": ("sigv2-bus-policy", "policy"),
}
OF_FORWARDING = {
    "queue elsewhere": ("sigv2-eu-west-1-dead-letter-queue-policy", "policy"),
    "topic elsewhere": ("sigv2-eu-west-1-alert-topic-policy", "policy"),
    "trust in the forwarding role": ("sigv2-forwarding-role", "assumeRolePolicy"),
    "permission of the forwarding role": ("sigv2-forwarding-role-policy", "policy"),
    "event bus of other Regions": ("sigv2-bus-policy", "policy"),
}
"""Resources by their names in the program, and the property that holds the policy."""
ACCEPTED, ORGANIZATION = "333333333333", "o-a1b2c3d4e5"


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


def log_group_rows(document: str, group: str, rule: str) -> Iterator[Row]:
    for service in ("events.amazonaws.com", "delivery.logs.amazonaws.com"):
        stream = service_call(service, "logs:CreateLogStream", f"{group}:log-stream:x", rule)
        put = service_call(service, "logs:PutLogEvents", f"{group}:log-stream:x", rule)
        # EventBridge names the rule when it puts events only; an empty stream is all that could come of it.
        yield from variations(document, f"stream by {service}", stream, source=False)
        yield from variations(document, f"events by {service}", put)
        unnamed = with_context(stream, {"aws:SourceArn": None})
        yield Row(document, f"stream by {service} for no source", unnamed, True)
        foreign = with_context(
            stream, {"aws:SourceArn": rule.replace(ACCOUNT, STRANGER), "aws:SourceAccount": STRANGER}
        )
        yield Row(document, f"stream by {service} for another account", foreign, True)
        yield Row(document, f"events by {service} for no source", with_context(put, {"aws:SourceArn": None}), False)
        for call in (stream, put):
            elsewhere = replace(call, resource=f"{group}-other:log-stream:x")
            yield Row(document, f"{call.action} by {service} in another group", elsewhere, False)


def queue_rows(document: str, queue: str, rule: str, partition: str) -> Iterator[Row]:
    send = service_call("events.amazonaws.com", "sqs:SendMessage", queue, rule)
    yield from variations(document, "undelivered event", send)
    yield Row(document, "undelivered event to another queue", replace(send, resource=f"{queue}x"), False)
    yield from people(document, send, partition)


def topic_rows(document: str, topic: str, alarm: str, partition: str) -> Iterator[Row]:
    publish = service_call("cloudwatch.amazonaws.com", "sns:Publish", topic, alarm)
    yield from variations(document, "alarm", replace(publish), source=False)
    yield Row(
        document, "alarm of another stack", with_context(publish, {"aws:SourceArn": alarm.replace("-dev", "")}), False
    )
    yield Row(document, "alarm, account unknown", with_context(publish, {"aws:SourceAccount": STRANGER}), False)
    yield Row(document, "alarm to another topic", replace(publish, resource=f"{topic}x"), False)
    yield from people(document, publish, partition)


def event_bus_rows(document: str, bus: str, partition: str) -> Iterator[Row]:
    accepted = {"aws:PrincipalAccount": ACCEPTED}
    put = Call("AWS", f"arn:{partition}:iam::{ACCEPTED}:role/forwarding", "events:PutEvents", bus, accepted)
    yield Row(document, "an accepted account's event", put, True)
    yield Row(document, "an accepted account's event on another bus", replace(put, resource=f"{bus}x"), False)
    yield Row(document, "an accepted account's rule", replace(put, action="events:PutRule"), False)
    stranger = replace(put, principal=put.principal.replace(ACCEPTED, STRANGER))
    yield Row(document, "another account's event", stranger, False)
    of_member = with_context(stranger, {"aws:PrincipalOrgID": ORGANIZATION})
    yield Row(document, "an event of the accepted organisation", of_member, True)
    yield Row(document, "an event of it on another bus", replace(of_member, resource=f"{bus}x"), False)
    yield Row(document, "a rule of it", replace(of_member, action="events:PutRule"), False)
    other = with_context(stranger, {"aws:PrincipalOrgID": f"{ORGANIZATION}6"})
    yield Row(document, "an event of another organisation", other, False)
    nobodys = Call("Anonymous", "", "events:PutEvents", bus)
    yield Row(document, "nobody's event", nobodys, False)


def trust_rows(document: str, role: str, rule: str) -> Iterator[Row]:
    assume = service_call("events.amazonaws.com", "sts:AssumeRole", role, rule)
    yield from variations(document, "the home rule", assume)
    for case, source in (
        ("the rule of another Region", rule.replace("us-east-1", "eu-west-1")),
        ("a rule on another bus", rule.replace("rule/", "rule/other/")),
        ("another stack's rule", rule.replace("-dev", "-prod")),
    ):
        allowed = case == "the rule of another Region"
        yield Row(document, case, with_context(assume, {"aws:SourceArn": source}), allowed)
    yield Row(document, "a rule, account unknown", with_context(assume, {"aws:SourceAccount": None}), False)
    yield Row(document, "a rule, said to be a stranger's", with_context(assume, {"aws:SourceAccount": STRANGER}), False)
    unnamed = with_context(assume, {"aws:SourceArn": None})
    yield Row(document, "no rule", unnamed, False)


def permission_rows(document: str, role: str, bus: str) -> Iterator[Row]:
    put = Call("AWS", role, "events:PutEvents", bus)
    yield Row(document, "the log's bus", put, True)
    yield Row(document, "another bus", replace(put, resource=f"{bus}x"), False)
    yield Row(
        document, "the bus of another Region", replace(put, resource=bus.replace("us-east-1", "eu-west-1")), False
    )
    yield Row(document, "the bus of another account", replace(put, resource=bus.replace(ACCOUNT, STRANGER)), False)
    yield Row(document, "another action", replace(put, action="events:PutRule"), False)


def forwarding_rows(partition: str) -> Iterator[Row]:
    """What a hub adds and, in the partition where Regions can forward, what other Regions do."""
    here = f"{PLACES[partition]}:{ACCOUNT}"
    bus = f"arn:{partition}:events:{here}:event-bus/{BASE}"
    rules = [f"arn:{partition}:events:{here}:rule/{name}" for name in (BASE, f"{BASE}/{BASE}-forwarded")]
    for rule in rules:
        yield from log_group_rows("log group of a hub", f"arn:{partition}:logs:{here}:log-group:{GROUP}", rule)
        yield from queue_rows("queue of a hub", f"arn:{partition}:sqs:{here}:{BASE}-undelivered", rule, partition)
    yield from event_bus_rows("event bus", bus, partition)
    if partition != "aws":
        return
    there = f"eu-west-1:{ACCOUNT}"
    rule, queue = f"arn:aws:events:{there}:rule/{BASE}", f"arn:aws:sqs:{there}:{BASE}-undelivered"
    alarm, topic = f"arn:aws:cloudwatch:{there}:alarm:{BASE}-sigv2-in-use", f"arn:aws:sns:{there}:{BASE}-alerts"
    yield from queue_rows("queue elsewhere", queue, rule, partition)
    yield from topic_rows("topic elsewhere", topic, alarm, partition)
    role = f"arn:aws:iam::{ACCOUNT}:role/{BASE}-forwarding"
    yield from trust_rows("trust in the forwarding role", role, rules[0])
    yield from permission_rows("permission of the forwarding role", role, bus)
    document, put = "event bus of other Regions", Call("AWS", role, "events:PutEvents", bus)
    yield Row(document, "this account's event", put, True)
    yield Row(document, "this account's event on another bus", replace(put, resource=f"{bus}x"), False)
    yield Row(document, "this account's rule", replace(put, action="events:PutRule"), False)
    yield Row(document, "another account's event", replace(put, principal=role.replace(ACCOUNT, STRANGER)), False)


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

    yield from log_group_rows("log group", group, rule)
    yield from queue_rows("queue", queue, rule, partition)
    yield from topic_rows("topic", topic, alarm, partition)

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


def registered(partition: str, documents: Mapping[str, tuple[str, str]], **settings: str) -> dict[str, Any]:
    """Policies as the program registers them."""
    configuration = {"targetBuckets": "one-bucket", "alertEmails": "ops@example.com", **settings}
    deployed = deploy_program(configuration, recorder=Recorder(partition, PLACES[partition]))
    resources = {r.name: r.inputs for r in deployed.resources if r.type.startswith("aws:")}
    return {name: json.loads(resources[resource][key]) for name, (resource, key) in documents.items()}


@cache
def documents(partition: str) -> dict[str, Any]:
    """Each policy of a stack with everything at home, and what a hub and other Regions add to these."""
    of_forwarding = registered(partition, OF_FORWARDING, regions="eu-west-1") if partition == "aws" else {}
    return {
        **registered(partition, DOCUMENTS, kmsKey="create"),
        **registered(partition, OF_A_HUB, acceptFrom=f"{ACCEPTED},{ORGANIZATION}"),
        **of_forwarding,
    }


DECIDING_ALONE = {"key", "event bus", *OF_FORWARDING} - {"queue elsewhere", "topic elsewhere"}


def verdict(document: Any, row: Row) -> bool:
    """Whether the call passes; some policies alone decide, elsewhere people come with an identity policy."""
    by_identity = row.call.principal_type == "AWS" and row.document not in DECIDING_ALONE
    return is_allowed(merged([completed(document), IAM_ALLOWS]) if by_identity else completed(document), row.call)


def all_rows(partition: str) -> list[Row]:
    return [*rows(partition), *forwarding_rows(partition)]


MATRIX = [(partition, row) for partition in PLACES for row in all_rows(partition)]


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
                if statement.get(element, "*") not in ("*", "kms:*"):  # all that a key has is KMS
                    mutant = copy.deepcopy(document)
                    mutant["Statement"][number][element] = "*"
                    yield f"{statement['Sid']} with any {element}", mutant


MUTANTS = [(name, what, mutant) for name, document in documents("aws").items() for what, mutant in mutations(document)]


@pytest.mark.parametrize(("name", "what", "mutant"), MUTANTS, ids=[f"{name}: {what}" for name, what, _ in MUTANTS])
def test_no_restriction_can_go_without_a_row_of_the_matrix_telling(name: str, what: str, mutant: Any) -> None:
    told = [row.name for row in all_rows("aws") if row.document == name and verdict(mutant, row) is not row.allowed]
    assert told, what
