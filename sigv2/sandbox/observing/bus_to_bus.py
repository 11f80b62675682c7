"""Whether EventBridge may forward from a rule to another event bus, as AWS states it.

A bus is reached through a role of the rule's account: its trust must let the rule in, its permissions name the bus. A
bus of another account must let that account in besides; within an account its policy can only deny. There is one hop,
which may lead to another Region in the commercial partition only.
See https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html and, for the codes of what cannot be
delivered, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sigv2.policy_evaluation import completed, forwarding_call, is_allowed, is_denied, merged, service_call
from sigv2.sandbox.observing.deployment import RegionOfAccount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigv2.policy_evaluation import Call
    from sigv2.sandbox.observing.deployment import Deployment, Rule, RuleTarget, TargetRole

_SERVICE: Final = "events.amazonaws.com"
_CROSSING_REGIONS: Final = "arn:aws:"


@dataclass(frozen=True)
class Failure:
    """Why a target was not invoked, in the words of a dead-letter queue's attributes."""

    code: str
    message: str


def why_not_forwarded(
    deployment: Deployment, rule: Rule, target: RuleTarget, event: Mapping[str, object], *, forwarded: bool
) -> Failure | None:
    """Says what keeps a rule from forwarding to an event bus; None where nothing does.

    Args:
        deployment: What is deployed.
        rule: The rule.
        target: Its target, an event bus.
        event: One of the events; all are of its source and detail-type.
        forwarded: Whether the events have come from another bus themselves.

    Raises:
        UnsupportedPolicy: A policy on the way is beyond the evaluator.
    """
    there = RegionOfAccount.of_arn(target.arn)
    if forwarded:
        # Within a Region it is ACCOUNT, even where the account is the same.
        hop = "REGION" if there.region != rule.place.region else "ACCOUNT"
        return Failure(f"THIRD_{hop}_HOP_DETECTED", "An event that was forwarded is not forwarded again.")
    if there.region != rule.place.region and not rule.arn.startswith(_CROSSING_REGIONS):
        return Failure("CROSS_REGION_INGESTION_FAILED", "This partition does not forward from Region to Region.")
    if target.role_arn is None:
        return Failure("NO_PERMISSIONS", "An event bus is reached through a role only.")
    role = deployment.roles.get(target.role_arn)
    assume = service_call(_SERVICE, "sts:AssumeRole", target.role_arn, rule.arn)
    is_own = RegionOfAccount.of_arn(target.role_arn).account_id == rule.place.account_id
    if role is None or not is_own or not is_allowed(completed(role.trust), assume):
        return Failure("FAILED_TO_ASSUME_ROLE", f"EventBridge may not assume {target.role_arn} for this rule.")
    if target.arn not in deployment.event_buses:
        return Failure("NO_RESOURCE", "The event bus does not exist.")
    put = forwarding_call(
        rule.arn,
        target.role_arn,
        target.arn,
        source=str(event["source"]),
        detail_type=str(event["detail-type"]),
        organization=deployment.organizations.get(rule.place.account_id),
    )
    return _why_not_put(deployment, role, put, is_own_bus=there.account_id == rule.place.account_id)


def _why_not_put(deployment: Deployment, role: TargetRole, put: Call, *, is_own_bus: bool) -> Failure | None:
    permissions = completed(merged(role.permissions))
    if not is_allowed(permissions, put):
        return Failure("NO_PERMISSIONS", "The role may not put events on the bus.")
    policy = deployment.event_buses[put.resource] or {"Statement": []}
    admitted = not is_denied(policy, put) if is_own_bus else is_allowed(policy, put)
    return None if admitted else Failure("NO_PERMISSIONS", "The policy of the bus does not let this account in.")
