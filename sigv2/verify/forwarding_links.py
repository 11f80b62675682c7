"""Links between event buses: the role that forwards, and the bus that takes what it forwards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sigv2.aws import policies_of_role
from sigv2.policy_evaluation import UnsupportedPolicy, completed, forwarding_call, is_denied, service_call
from sigv2.verify.finding import broken, ok, skipped, unknown
from sigv2.verify.policy_check import NOT_UNDERSTOOD, Admitted, document
from sigv2.verify.rule_links import target_of

if TYPE_CHECKING:
    from sigv2.policy_evaluation import Call
    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Sender, Subject


def role(subject: Subject) -> Finding:
    """The role through which the rule forwards exists, and EventBridge may take it on for this rule.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
    """
    arn = _role_arn(subject)
    if arn is None:
        return broken(
            f"the target of the rule {subject.rule_name} has no role, and no event bus elsewhere is reached without",
            f"restore it with {subject.restore}",
        )
    iam = _sender(subject).iam
    try:
        trust: Any = iam.get_role(RoleName=_name(arn))["Role"]["AssumeRolePolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return broken(f"the role {_name(arn)} does not exist", f"restore it with {subject.restore}")
    admitted = Admitted.of(
        [completed(trust)], [service_call("events.amazonaws.com", "sts:AssumeRole", arn, subject.rule_arn)]
    )
    if admitted.denied:
        return broken(
            f"the role {_name(arn)} does not trust events.amazonaws.com on behalf of the rule {subject.rule_name}",
            f"restore its trust with {subject.restore}",
        )
    if admitted.undecided:
        return unknown(f"the trust of the role {_name(arn)} {NOT_UNDERSTOOD}")
    return ok(f"{_name(arn)} trusts events.amazonaws.com")


def permission(subject: Subject) -> Finding:
    """The role may put events on the bus that is forwarded to."""
    arn, bus = _role_arn(subject) or "", subject.forwards_to or ""
    policies = policies_of_role(_sender(subject).iam, _name(arn))
    admitted = Admitted.of(map(completed, policies), [_put(subject.rule_arn, arn, bus)])
    if admitted.denied:
        return broken(
            f"the role {_name(arn)} may not put events on the event bus {bus}", f"restore it with {subject.restore}"
        )
    if admitted.undecided:
        return unknown(f"a policy of the role {_name(arn)} {NOT_UNDERSTOOD}")
    return ok("may put events on the event bus")


def unseen_bus(subject: Subject) -> Finding:
    """What lies behind another account's bus is that account's to tell."""
    bus = subject.forwards_to or ""
    return skipped(
        f"not asked: {bus.rpartition('/')[2]} lies in account {bus.split(':')[4]}; name its stack with --hub"
    )


def bus(subject: Subject) -> Finding:
    """The bus that is forwarded to exists."""
    name, arns = subject.event_bus or "", subject.arns
    try:
        subject.aws.events.describe_event_bus(Name=name)
    except subject.aws.events.exceptions.ResourceNotFoundException:
        return broken(
            f"there is no event bus {name} in {arns.region} of account {arns.account_id}",
            f"deploy it with {subject.restore}",
        )
    return ok(name)


def bus_policy(subject: Subject) -> Finding:
    """The bus lets the sender put events: another account must be allowed to, the bus's own account must not be denied.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
    """
    name, sender = subject.event_bus or "", _sender(subject)
    arn, account = subject.arns.event_bus(name), sender.rule_arn.split(":")[4]
    policies = document(subject.aws.events.describe_event_bus(Name=name).get("Policy"))
    put = partial(_put, sender.rule_arn, sender.role_arn, arn)
    restore = f"restore it with {subject.restore}"
    if account == subject.arns.account_id:
        try:
            denied = any(is_denied(policy, put()) for policy in policies)
        except UnsupportedPolicy:
            return unknown(f"the policy of the event bus {name} {NOT_UNDERSTOOD}")
        if denied:
            return broken(f"the policy of the event bus {name} denies events:PutEvents to its own account", restore)
        return ok("does not keep its own account out")
    admitted = Admitted.of(policies, [put()])
    accepted = subject.settings.accepted_organizations
    if admitted.denied and any(not Admitted.of(policies, [put(organization)]).denied for organization in accepted):
        admitted = Admitted.of(policies, [put(_organization_of(sender))])
    if admitted.denied:
        return broken(
            f"the policy of the event bus {name} does not allow account {account} events:PutEvents",
            f"name the account in acceptFrom of stack {subject.settings.stack}, and {restore}",
        )
    if admitted.undecided:
        return unknown(f"the policy of the event bus {name} {NOT_UNDERSTOOD}")
    return ok(f"lets account {account} put events")


def _role_arn(subject: Subject) -> str | None:
    target = target_of(subject)
    return target.get("RoleArn") if target else None


def _sender(subject: Subject) -> Sender:
    if subject.sender is None:
        raise ValueError(f"nothing is forwarded from or to {subject.rule_name}")
    return subject.sender


def _put(rule_arn: str, role_arn: str, bus_arn: str, organization: str | None = None) -> Call:
    return forwarding_call(
        rule_arn,
        role_arn,
        bus_arn,
        source="aws.s3",
        detail_type="AWS API Call via CloudTrail",
        organization=organization,
    )


def _organization_of(sender: Sender) -> str | None:
    """The organisation that the sender's account is in."""
    organizations = sender.organizations
    try:
        return organizations.describe_organization()["Organization"].get("Id")
    except organizations.exceptions.AWSOrganizationsNotInUseException:
        return None


def _name(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]
