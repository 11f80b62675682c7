"""What lets EventBridge forward from a rule to another event bus, and by which code it tells what does not."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import MagicMock

import pytest

from blueprint.arns import Arns
from blueprint.policy_documents import (
    dead_letter_queue_policy,
    event_bus_policy,
    forwarding_role_policy,
    forwarding_role_trust_policy,
)
from sigv2.sandbox.observing.bus_to_bus import why_not_forwarded
from sigv2.sandbox.observing.deployment import Deployment, Queue, RegionOfAccount, Rule, RuleTarget, TargetRole
from sigv2.sandbox.observing.event_bus import EventBus
from sigv2.sandbox.observing.target_invocation import UnsupportedTarget

HUB, SPOKE = "123456789012", "210987654321"
BUS = f"arn:aws:events:us-east-1:{HUB}:event-bus/base"
RULE = f"arn:aws:events:eu-west-1:{SPOKE}:rule/base"
ROLE = f"arn:aws:iam::{SPOKE}:role/base-forwarding"
QUEUE = f"arn:aws:sqs:eu-west-1:{SPOKE}:base-undelivered"
EVENT = {"source": "aws.s3", "detail-type": "AWS API Call via CloudTrail", "detail": {}, "time": "2026-11-26T10:00:00Z"}
ROLE_OF_SPOKE = TargetRole(
    forwarding_role_trust_policy(Arns("aws", SPOKE, "eu-west-1"), "base"), (forwarding_role_policy(BUS),)
)
DEPLOYMENT = Deployment(
    trails=(),
    rules=(),
    log_groups={},
    queues={},
    bucket_policies={},
    event_buses={BUS: event_bus_policy(BUS, "aws", [SPOKE], [])},
    roles={ROLE: ROLE_OF_SPOKE},
)


def rule(rule_arn: str = RULE, **target: Any) -> Rule:
    settings = {"arn": BUS, "role_arn": ROLE, "dead_letter_arn": None, "has_input": False, **target}
    pattern = json.dumps({"source": ["aws.s3"]})
    return Rule("base", "default", rule_arn, "ENABLED", pattern, (RuleTarget("event-bus", **settings),))


def code_of(
    deployment: Deployment = DEPLOYMENT,
    sender: Rule | None = None,
    event: Mapping[str, object] = EVENT,
    *,
    forwarded: bool = False,
) -> str | None:
    """The code that a dead letter would carry; None where nothing keeps the event."""
    sender = sender or rule()
    failure = why_not_forwarded(deployment, sender, sender.targets[0], event, forwarded=forwarded)
    return failure.code if failure else None


def with_bus_policy(*statements: Mapping[str, object]) -> Deployment:
    put = {"Action": "events:PutEvents", "Resource": BUS}
    return replace(DEPLOYMENT, event_buses={BUS: {"Statement": [{**put, **statement} for statement in statements]}})


def test_a_rule_of_another_account_and_region_forwards_to_a_bus_that_accepts_it() -> None:
    assert code_of() is None


@pytest.mark.parametrize(
    ("deployment", "sender", "code"),
    [
        (DEPLOYMENT, rule(role_arn=None), "NO_PERMISSIONS"),
        (replace(DEPLOYMENT, roles={}), rule(), "FAILED_TO_ASSUME_ROLE"),
        (DEPLOYMENT, rule(RULE.replace("rule/base", "rule/other")), "FAILED_TO_ASSUME_ROLE"),
        (replace(DEPLOYMENT, roles={ROLE: TargetRole(ROLE_OF_SPOKE.trust, ())}), rule(), "NO_PERMISSIONS"),
        (DEPLOYMENT, rule(arn=f"{BUS}-of-another"), "NO_RESOURCE"),
        (replace(DEPLOYMENT, event_buses={BUS: None}), rule(), "NO_PERMISSIONS"),
        (
            replace(DEPLOYMENT, event_buses={BUS: event_bus_policy(BUS, "aws", ["333333333333"], [])}),
            rule(),
            "NO_PERMISSIONS",
        ),
    ],
)
def test_what_is_missing_has_a_code(deployment: Deployment, sender: Rule, code: str) -> None:
    assert code_of(deployment, sender) == code


def test_a_rule_cannot_borrow_a_role_of_the_account_that_it_forwards_to() -> None:
    trusting = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = f"arn:aws:iam::{HUB}:role/trusts-every-rule"
    roles = {role: TargetRole({"Statement": [trusting]}, (forwarding_role_policy(BUS),))}
    lent = replace(DEPLOYMENT, roles=roles, event_buses={BUS: None})
    assert code_of(lent, rule(role_arn=role)) == "FAILED_TO_ASSUME_ROLE"
    assert code_of(lent, rule(f"arn:aws:events:eu-west-1:{HUB}:rule/base", role_arn=role)) is None


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (f"us-west-2:{HUB}", "THIRD_REGION_HOP_DETECTED"),
        (f"us-west-2:{SPOKE}", "THIRD_REGION_HOP_DETECTED"),
        (f"us-east-1:{SPOKE}", "THIRD_ACCOUNT_HOP_DETECTED"),
        (f"us-east-1:{HUB}", "THIRD_ACCOUNT_HOP_DETECTED"),
    ],
)
def test_what_came_from_a_bus_goes_to_no_other_however_near(place: str, code: str) -> None:
    on_bus = rule(f"arn:aws:events:us-east-1:{HUB}:rule/base/again", arn=f"arn:aws:events:{place}:event-bus/third")
    assert code_of(sender=on_bus, forwarded=True) == code


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_other_partitions_forward_within_a_region_only(partition: str) -> None:
    def there(arn: str) -> str:
        return arn.replace("arn:aws:", f"arn:{partition}:")

    bus, role = there(BUS), there(ROLE)
    deployment = replace(
        DEPLOYMENT,
        event_buses={bus: event_bus_policy(bus, partition, [SPOKE], [])},
        roles={
            role: TargetRole(
                forwarding_role_trust_policy(Arns(partition, SPOKE, "us-east-1"), "base"),
                (forwarding_role_policy(bus),),
            )
        },
    )
    near = there(RULE).replace("eu-west-1", "us-east-1")
    assert code_of(deployment, rule(there(RULE), arn=bus, role_arn=role)) == "CROSS_REGION_INGESTION_FAILED"
    assert code_of(deployment, rule(near, arn=bus, role_arn=role)) is None


def test_within_an_account_a_bus_needs_no_policy_but_may_deny() -> None:
    own = f"arn:aws:iam::{HUB}:role/base-forwarding"
    role = TargetRole(
        forwarding_role_trust_policy(Arns("aws", HUB, "eu-west-1"), "base"), (forwarding_role_policy(BUS),)
    )
    at_home = rule(f"arn:aws:events:eu-west-1:{HUB}:rule/base", role_arn=own)
    denied = with_bus_policy({"Effect": "Deny", "Principal": "*"})
    assert code_of(replace(DEPLOYMENT, roles={own: role}, event_buses={BUS: None}), at_home) is None
    assert code_of(replace(denied, roles={own: role}), at_home) == "NO_PERMISSIONS"


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"StringEquals": {"events:source": "aws.s3"}}, None),
        ({"StringEquals": {"events:source": "aws.ec2"}}, "NO_PERMISSIONS"),
        ({"StringEquals": {"events:detail-type": "AWS API Call via CloudTrail"}}, None),
        ({"StringEquals": {"events:detail-type": "Object Created"}}, "NO_PERMISSIONS"),
        ({"Bool": {"events:eventBusInvocation": "true"}}, None),
        ({"Bool": {"events:eventBusInvocation": "false"}}, "NO_PERMISSIONS"),
        ({"ArnEquals": {"aws:SourceArn": RULE}}, None),
        ({"ArnEquals": {"aws:SourceArn": RULE.replace("eu-west-1", "us-east-1")}}, "NO_PERMISSIONS"),
        ({"StringEquals": {"aws:SourceAccount": SPOKE}}, None),
        ({"StringEquals": {"aws:SourceAccount": HUB}}, "NO_PERMISSIONS"),
        ({"StringEquals": {"aws:PrincipalAccount": SPOKE}}, None),
        ({"ArnEquals": {"aws:PrincipalArn": ROLE}}, None),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, "NO_PERMISSIONS"),
    ],
)
def test_a_bus_may_tell_apart_what_it_takes(condition: Mapping[str, object], code: str | None) -> None:
    assert code_of(with_bus_policy({"Effect": "Allow", "Principal": "*", "Condition": condition})) == code


def delivered(deployment: Deployment, sender: Rule, *events: Mapping[str, object]) -> tuple[dict[str, int], list[str]]:
    """How the sender's metrics count these events, and the errors of the sandbox itself."""
    errors: list[Exception] = []
    clients = MagicMock()
    clients.of()().send_message_batch.return_value = {}
    bus = EventBus(clients, RegionOfAccount(SPOKE, "eu-west-1"), lambda _: None, errors.append)
    bus.deliver(replace(deployment, rules=(sender,)), sender.place, list(events))
    return {metric: count for (_, metric), count in bus.counts().items()}, [type(error).__name__ for error in errors]


def test_each_event_of_a_batch_is_judged_for_what_it_is() -> None:
    choosy = with_bus_policy(
        {
            "Effect": "Allow",
            "Principal": "*",
            "Condition": {"StringEquals": {"events:detail-type": EVENT["detail-type"]}},
        }
    )
    service_event = {**EVENT, "detail-type": "AWS Service Event via CloudTrail"}
    counted = {"MatchedEvents": 3, "Invocations": 3, "FailedInvocations": 1}
    assert delivered(choosy, rule(), EVENT, service_event, EVENT) == (counted, [])


def test_an_event_is_forwarded_as_it_is_or_not_at_all() -> None:
    counted = {"MatchedEvents": 1, "Invocations": 1, "FailedInvocations": 1}
    assert delivered(DEPLOYMENT, rule(has_input=True), EVENT) == (counted, [UnsupportedTarget.__name__])


@pytest.mark.parametrize(
    ("queue", "metric"),
    [(QUEUE, "InvocationsSentToDlq"), (QUEUE.replace("eu-west-1", "us-east-1"), "InvocationsFailedToBeSentToDlq")],
)
def test_a_dead_letter_stays_in_the_region_of_its_rule(queue: str, metric: str) -> None:
    queues = {queue: Queue("", dead_letter_queue_policy(queue, [RULE]))}
    counted, errors = delivered(replace(DEPLOYMENT, queues=queues, event_buses={}), rule(dead_letter_arn=queue), EVENT)
    assert (counted, errors) == ({"MatchedEvents": 1, "Invocations": 1, "FailedInvocations": 1, metric: 1}, [])
