"""Links between event buses: the role that forwards, and the bus that takes what it forwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sigv2.policy_evaluation import Call, UnsupportedPolicy, completed, is_denied, service_call
from sigv2.verify.finding import broken, ok, skipped, unknown
from sigv2.verify.policy_check import NOT_UNDERSTOOD, Admitted, document
from sigv2.verify.rule_links import target_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject


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
    try:
        trust: Any = subject.aws.iam.get_role(RoleName=_name(arn))["Role"]["AssumeRolePolicyDocument"]
    except subject.aws.iam.exceptions.NoSuchEntityException:
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
    admitted = Admitted.of(map(completed, _permissions(subject, _name(arn))), [_put(arn, bus)])
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
    name, sender = subject.event_bus or "", subject.sender or ""
    arn, account = subject.arns.event_bus(name), sender.split(":")[4]
    policies = document(subject.aws.events.describe_event_bus(Name=name).get("Policy"))
    put = _put(sender, arn)
    restore = f"restore it with {subject.restore}"
    if account == subject.arns.account_id:
        try:
            denied = any(is_denied(policy, put) for policy in policies)
        except UnsupportedPolicy:
            return unknown(f"the policy of the event bus {name} {NOT_UNDERSTOOD}")
        if denied:
            return broken(f"the policy of the event bus {name} denies events:PutEvents to its own account", restore)
        return ok("does not keep its own account out")
    admitted = Admitted.of(policies, [put])
    accepted = (_of_organization(put, accepted) for accepted in subject.settings.accepted_organizations)
    if admitted.denied and any(not Admitted.of(policies, [of_accepted]).denied for of_accepted in accepted):
        admitted = Admitted.of(policies, [_of_organization(put, _organization_of_sender(subject))])
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


def _permissions(subject: Subject, role_name: str) -> list[Mapping[str, object]]:
    """The documents of all policies of a role, its own and attached ones."""
    iam = subject.aws.iam

    def managed(arn: str) -> Any:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    own = iam.get_paginator("list_role_policies").paginate(RoleName=role_name)
    attached = iam.get_paginator("list_attached_role_policies").paginate(RoleName=role_name)
    found: list[Any] = [
        iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]
        for page in own
        for name in page["PolicyNames"]
    ]
    found.extend(managed(policy["PolicyArn"]) for page in attached for policy in page["AttachedPolicies"])
    return found


def _put(role_arn: str, bus_arn: str) -> Call:
    """The call by which EventBridge, as the role, forwards."""
    context = {"aws:PrincipalArn": role_arn, "aws:PrincipalAccount": role_arn.split(":")[4]} if role_arn else {}
    return Call("AWS", role_arn, "events:PutEvents", bus_arn, {**context, "aws:PrincipalIsAWSService": "false"})


def _of_organization(put: Call, organization: str | None) -> Call:
    """The same call, by an account of an organisation, or of none."""
    return replace(put, context={**put.context, "aws:PrincipalOrgID": organization}) if organization else put


def _organization_of_sender(subject: Subject) -> str | None:
    """The organisation that the sender's account is in."""
    if subject.sender_aws is None:
        return None
    organizations = subject.sender_aws.organizations
    try:
        return organizations.describe_organization()["Organization"].get("Id")
    except organizations.exceptions.AWSOrganizationsNotInUseException:
        return None


def _name(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]
