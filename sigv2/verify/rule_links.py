"""Links at the event bus: the rule that lets only SigV2 through, and its target."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from blueprint.event_pattern import SIGV2_EVENT_PATTERN
from sigv2.verify.finding import broken, ok

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import TargetOutputTypeDef

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject

_ALL_MANAGEMENT_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def rule(subject: Subject) -> Finding:
    """The rule exists on the default event bus, the only one that CloudTrail sends to."""
    name, arns = subject.rule_name, subject.arns
    try:
        subject.aws.events.describe_rule(Name=name)
    except subject.aws.events.exceptions.ResourceNotFoundException:
        return broken(
            f"there is no rule {name} in {arns.region} of account {arns.account_id}",
            f"deploy it with {subject.restore}, or say where it is with --region and --profile",
        )
    return ok(name)


def state(subject: Subject) -> Finding:
    """The rule is enabled, and for bucket-level calls as well where the settings ask for them."""
    found = subject.aws.events.describe_rule(Name=subject.rule_name)["State"]
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
    found = subject.aws.events.describe_rule(Name=subject.rule_name).get("EventPattern", "null")
    if json.loads(found) != SIGV2_EVENT_PATTERN:
        return broken(
            f"the event pattern of the rule {subject.rule_name} is another one: {found}",
            f"restore it with {subject.restore}",
        )
    return ok("source aws.s3, SigV2 only")


def target(subject: Subject) -> Finding:
    """The rule passes whole events on to the log group."""
    found = log_group_target(subject)
    if found is None:
        return broken(
            f"the rule {subject.rule_name} does not have the log group {subject.settings.log_group_name} as its target",
            f"restore it with {subject.restore}",
        )
    if any(found.get(change) for change in ("Input", "InputPath", "InputTransformer")):
        return broken(
            f"the rule {subject.rule_name} changes events on their way to the log group",
            f"take the input transformation away with {subject.restore}",
        )
    return ok(subject.settings.log_group_name)


@lru_cache(maxsize=1)
def log_group_target(subject: Subject) -> TargetOutputTypeDef | None:
    """The rule's target that is the log group, asked once a walk; None where there is none."""
    pages = subject.aws.events.get_paginator("list_targets_by_rule").paginate(Rule=subject.rule_name)
    targets = (target for page in pages for target in page["Targets"])
    return next((target for target in targets if target["Arn"].removesuffix(":*") == subject.log_group_arn), None)
