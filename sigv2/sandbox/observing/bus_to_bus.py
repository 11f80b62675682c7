"""Whether EventBridge may forward from a rule to another event bus, as AWS states it.

A bus of another Region or account is reached through a role: its trust must name the rule, its permissions the bus. A
bus of another account must let that account in besides; within an account its policy can only deny. There is one hop.
See https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html and, for the codes of what cannot be
delivered, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sigv2.policy_evaluation import Call, completed, is_allowed, is_denied, merged, service_call
from sigv2.sandbox.observing.deployment import Place

if TYPE_CHECKING:
    from sigv2.sandbox.observing.deployment import Deployment, Role, Rule, RuleTarget

_SERVICE: Final = "events.amazonaws.com"


@dataclass(frozen=True)
class Failure:
    """Why a target was not invoked, in the words of a dead-letter queue's attributes."""

    code: str
    message: str


def why_not_forwarded(deployment: Deployment, rule: Rule, target: RuleTarget, *, forwarded: bool) -> Failure | None:
    """Says what keeps a rule from forwarding to an event bus; None where nothing does.

    Args:
        deployment: What is deployed.
        rule: The rule.
        target: Its target, an event bus.
        forwarded: Whether the events have come from another bus themselves.

    Raises:
        UnsupportedPolicy: A policy on the way is beyond the evaluator.
    """
    there = Place.of_arn(target.arn)
    if forwarded:
        hop = "ACCOUNT" if there.account_id != rule.place.account_id else "REGION"
        return Failure(f"THIRD_{hop}_HOP_DETECTED", "An event that was forwarded is not forwarded again.")
    if target.role_arn is None:
        return Failure("NO_PERMISSIONS", "An event bus is reached through a role only.")
    role = deployment.roles.get(target.role_arn)
    assume = service_call(_SERVICE, "sts:AssumeRole", target.role_arn, rule.arn)
    if role is None or not is_allowed(completed(role.trust), assume):
        return Failure("FAILED_TO_ASSUME_ROLE", f"EventBridge may not assume {target.role_arn} for this rule.")
    if target.arn not in deployment.event_buses:
        return Failure("NO_RESOURCE", "The event bus does not exist.")
    return _why_not_put(deployment, role, target.role_arn, target.arn)


def _why_not_put(deployment: Deployment, role: Role, role_arn: str, bus_arn: str) -> Failure | None:
    own_account = role_arn.split(":")[4]
    context = {"aws:PrincipalArn": role_arn, "aws:PrincipalAccount": own_account, "aws:PrincipalIsAWSService": "false"}
    if organization := deployment.organizations.get(own_account):
        context["aws:PrincipalOrgID"] = organization
    put = Call("AWS", role_arn, "events:PutEvents", bus_arn, context)
    permissions = completed(merged(role.permissions))
    if not is_allowed(permissions, put):
        return Failure("NO_PERMISSIONS", "The role may not put events on the bus.")
    policy = deployment.event_buses[bus_arn] or {"Statement": []}
    if Place.of_arn(bus_arn).account_id == own_account:
        admitted = not is_denied(policy, put)
    else:
        admitted = is_allowed(policy, put)
    return None if admitted else Failure("NO_PERMISSIONS", "The policy of the bus does not let this account in.")
