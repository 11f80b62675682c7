"""What the engine holds in its state of this component's last deployment: that much is the stack's own, and known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from blueprint.targets import TargetSet

_COMPONENT = "sigv2:logging:SigV2AccessLog"
_TRAIL = "aws:cloudtrail/trail:Trail"
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_KEY = "aws:kms/key:Key"
_SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


@dataclass(frozen=True)
class LastDeployment:
    """What there is already; nothing for a new stack.

    Attributes:
        trails: what each trail watches, by the trail's name.
        log_group_name: the log group that was logged to.
        log_groups: names of log groups, by their resource's name in the program.
        subscriptions: names of the subscriptions' resources in the program.
        has_key: whether there is a KMS key of the stack's own.
        bucket_regions: the Region of each bucket that was looked up.
        regions: that were watched.
        existing_trail_arn: the trail that was joined.
    """

    trails: Mapping[str, TargetSet] = field(default_factory=dict)
    log_group_name: str | None = None
    log_groups: Mapping[str, str] = field(default_factory=dict)
    subscriptions: frozenset[str] = frozenset()
    has_key: bool = False
    bucket_regions: Mapping[str, str] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    existing_trail_arn: str | None = None


def read_last_deployment(state: Mapping[str, Any]) -> LastDeployment:
    """Pick out what the component needs to know.

    Args:
        state: type and outputs of each resource of the stack, by URN, as the engine tells them.
    """
    resources = list(_own(state))
    component: dict[str, Any] = {}
    for resource_type, _, outputs in resources:
        if resource_type == _COMPONENT:
            component = outputs
    return LastDeployment(
        trails={outputs["name"]: _watched(outputs) for kind, _, outputs in resources if kind == _TRAIL},
        log_group_name=component.get("log_group_name"),
        log_groups={name: outputs["name"] for kind, name, outputs in resources if kind == _LOG_GROUP},
        subscriptions=frozenset(name for kind, name, _ in resources if kind == _SUBSCRIPTION),
        has_key=any(kind == _KEY for kind, _, _ in resources),
        bucket_regions=component.get("bucket_regions") or {},
        regions=tuple(component.get("regions") or ()),
        existing_trail_arn=component.get("existing_trail_arn"),
    )


def _own(state: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Type, name and outputs of the component and all below it."""
    for urn, resource in state.items():
        # urn:pulumi:STACK::PROJECT::PARENT'S TYPE$TYPE::NAME
        _, _, types, name = urn.split("::", 3)
        parents, _, resource_type = types.rpartition("$")
        if _COMPONENT in (*parents.split("$"), resource_type):
            yield resource_type, name, resource.get("outputs") or {}


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
