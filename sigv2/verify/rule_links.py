"""Links at the event bus: the rule that lets only SigV2 through, and its target."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from blueprint.event_pattern import SIGV2_EVENT_PATTERN
from sigv2.verify.finding import broken, ok
from sigv2.verify.subject import Hop

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import DescribeRuleResponseTypeDef, TargetOutputTypeDef

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject

DEFAULT_BUS = "default"
_ALL_MANAGEMENT_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def rule(subject: Subject) -> Finding:
    """The rule exists: on the default event bus, the only one that CloudTrail sends to, or where others forward to."""
    name, arns = subject.rule_name, subject.arns
    try:
        described_rule(subject)
    except subject.aws.events.exceptions.ResourceNotFoundException:
        on_bus = f" on the event bus {subject.event_bus}" if subject.event_bus else ""
        return broken(
            f"there is no rule {name}{on_bus} in {arns.region} of account {arns.account_id}",
            f"deploy it with {subject.restore}, or say where it is with --region and --profile",
        )
    return ok(name)


def state(subject: Subject) -> Finding:
    """The rule is enabled, and for bucket-level calls as well where the settings ask for them."""
    found = described_rule(subject)["State"]
    if found == "DISABLED":
        return broken(f"the rule {subject.rule_name} is disabled", f"enable it with {subject.restore}")
    if subject.settings.include_management_events and found != _ALL_MANAGEMENT_EVENTS:
        return broken(
            f"the rule {subject.rule_name} is in the state {found}, in which it does not see bucket-level calls",
            f"restore its state with {subject.restore}",
        )
    return ok(found)


def pattern(subject: Subject) -> Finding:
    """The rule's event pattern is the program's."""
    found = described_rule(subject).get("EventPattern", "null")
    if json.loads(found) != SIGV2_EVENT_PATTERN:
        return broken(
            f"the event pattern of the rule {subject.rule_name} is another one: {found}",
            f"restore it with {subject.restore}",
        )
    return ok("source aws.s3, SigV2 only")


def target(subject: Subject) -> Finding:
    """The rule passes whole events on, to the log group or to the event bus that feeds it."""
    found, meant = target_of(subject), _destination(subject)
    if found is None:
        return broken(
            f"the rule {subject.rule_name} does not have {meant} as its target",
            f"restore it with {subject.restore}",
        )
    if any(found.get(change) for change in ("Input", "InputPath", "InputTransformer")):
        return broken(
            f"the rule {subject.rule_name} changes events on their way to {meant.rpartition(' ')[0]}",
            f"take the input transformation away with {subject.restore}",
        )
    return ok(meant.rpartition(" ")[2])


def _destination(subject: Subject) -> str:
    if subject.forwards_to:
        return f"the event bus {subject.forwards_to}"
    return f"the log group {subject.settings.log_group_name}"


@lru_cache(maxsize=len(Hop))
def described_rule(subject: Subject) -> DescribeRuleResponseTypeDef:
    """What EventBridge says of the rule, asked once a walk.

    Raises:
        botocore.exceptions.ClientError: there is none, or it may not be asked about.
    """
    events, name = subject.aws.events, subject.rule_name
    return (
        events.describe_rule(Name=name, EventBusName=subject.event_bus)
        if subject.event_bus
        else events.describe_rule(Name=name)
    )


@lru_cache(maxsize=len(Hop))
def target_of(subject: Subject) -> TargetOutputTypeDef | None:
    """The rule's target that is the log group or the event bus, asked once a walk; None where there is none."""
    pages = subject.aws.events.get_paginator("list_targets_by_rule").paginate(
        Rule=subject.rule_name, EventBusName=subject.event_bus or DEFAULT_BUS
    )
    targets = (target for page in pages for target in page["Targets"])
    return next((target for target in targets if target["Arn"].removesuffix(":*") == subject.target_arn), None)
