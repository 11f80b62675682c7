"""What the engine holds in its state of a component's last deployment: that much is its own, and known."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blueprint.instances import FORMER_TYPE, TYPE, Instance
from blueprint.targets import TargetSet

_TRAIL = "aws:cloudtrail/trail:Trail"
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_LOG_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
_KEY = "aws:kms/key:Key"
_SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
_CALLED = {
    _LOG_GROUP: "-log-group(-[0-9a-f]{8})?",
    _LOG_POLICY: "-log-group(-[0-9a-f]{8})?-policy",
    _KEY: "-key",
    _SUBSCRIPTION: "(-[a-z]+(-[a-z]+)+-[0-9]+)?-alert-topic-subscription-[0-9a-f]{8}",
}
"""How the name of a resource goes on after that of the component: a URN tells types of parents, and not which."""


@dataclass(frozen=True)
class LastDeployment:
    """What there is already; nothing for a new stack.

    Attributes:
        base_name: what names in AWS start with.
        trails: what each trail watches, by the trail's name.
        trail_arns: of these trails, those of every component of the stack.
        log_group_name: the log group that was logged to.
        log_groups: names of log groups, by their resource's name in the program.
        account_wide_log_policies: names of the policies that let EventBridge write, as far as they are account-wide.
        subscriptions: names of the subscriptions' resources in the program.
        has_key: whether there is a KMS key of the stack's own.
        bucket_regions: the Region of each bucket that was looked up.
        regions: that were watched.
        existing_trail_arn: the trail that was joined.
        log_groups_of_others: by its name, the component of the same stack that each other log group belongs to.
    """

    base_name: str | None = None
    trails: Mapping[str, TargetSet] = field(default_factory=dict)
    trail_arns: frozenset[str] = frozenset()
    log_group_name: str | None = None
    log_groups: Mapping[str, str] = field(default_factory=dict)
    account_wide_log_policies: frozenset[str] = frozenset()
    subscriptions: frozenset[str] = frozenset()
    has_key: bool = False
    bucket_regions: Mapping[str, str] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    existing_trail_arn: str | None = None
    log_groups_of_others: Mapping[str, str] = field(default_factory=dict)


def read_last_deployment(state: Mapping[str, Any], instance: Instance) -> LastDeployment:
    """Pick out what a component needs to know.

    Args:
        state: type and outputs of each resource of the stack, by URN, as the engine tells them.
        instance: the component.
    """
    resources = list(_of_components(state))
    components = {name: outputs for kind, name, outputs in resources if kind in (TYPE, FORMER_TYPE)}
    own = next((name for name in (instance.name, *sorted(instance.former_names)) if name in components), None)
    others = sorted(components.keys() - instance.names)
    # What is called as in an earlier version is no other's either: there was but one component then.
    unnamed = None if own or not others else others[0]
    owned = [(kind, name, outputs, _other(kind, name, others) or unnamed) for kind, name, outputs in resources]
    mine = [(kind, name, outputs) for kind, name, outputs, other in owned if other is None]
    component = components[own] if own else {}
    return LastDeployment(
        base_name=component.get("rule_name"),
        # Of all components: their names in AWS tell whose they are.
        trails={outputs["name"]: _watched(outputs) for kind, _, outputs in resources if kind == _TRAIL},
        trail_arns=frozenset(outputs["arn"] for kind, _, outputs in resources if kind == _TRAIL),
        log_group_name=component.get("log_group_name"),
        log_groups={name: outputs["name"] for kind, name, outputs in mine if kind == _LOG_GROUP},
        account_wide_log_policies=frozenset(
            outputs["policyName"] for kind, _, outputs in mine if kind == _LOG_POLICY and not outputs.get("resourceArn")
        ),
        subscriptions=frozenset(name for kind, name, _ in mine if kind == _SUBSCRIPTION),
        has_key=any(kind == _KEY for kind, _, _ in mine),
        bucket_regions=component.get("bucket_regions") or {},
        regions=tuple(component.get("regions") or ()),
        existing_trail_arn=component.get("existing_trail_arn"),
        log_groups_of_others={
            outputs["name"]: other for kind, _, outputs, other in owned if kind == _LOG_GROUP and other
        },
    )


def _other(kind: str, name: str, others: Sequence[str]) -> str | None:
    """The other component whose resource is called so."""
    goes_on = _CALLED.get(kind)
    return next((other for other in others if goes_on and re.fullmatch(re.escape(other) + goes_on, name)), None)


def _of_components(state: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Type, name and outputs of each SigV2AccessLog and all below it."""
    for urn, resource in state.items():
        # urn:pulumi:STACK::PROJECT::PARENT'S TYPE$TYPE::NAME
        _, _, types, name = urn.split("::", 3)
        if {TYPE, FORMER_TYPE} & set(types.split("$")):
            yield types.rpartition("$")[2], name, resource.get("outputs") or {}


def _watched(trail: Mapping[str, Any]) -> TargetSet:
    """The targets that a trail's selectors were made from."""
    for selector in trail.get("advancedEventSelectors") or ():
        fields = {condition["field"]: condition for condition in selector["fieldSelectors"]}
        if "Data" in (fields.get("eventCategory", {}).get("equals") or ()):
            path = fields.get("resources.ARN", {})
            return TargetSet(
                # A selector without a condition on the ARN selects everything.
                tuple(map(_path, path.get("startsWiths") or ())) or ("",),
                tuple(map(_path, path.get("notStartsWiths") or ())),
            )
    return TargetSet(())


def _path(arn: str) -> str:
    return arn.partition(":::")[2]
