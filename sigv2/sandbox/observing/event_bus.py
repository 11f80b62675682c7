"""Event buses: which rules an event matches, where it is forwarded to, what became of it, and the metrics of that.

CloudTrail's events arrive on the default bus only, see
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from moto.events.models import EventPattern

from sigv2.policy_evaluation import UnsupportedPolicy
from sigv2.sandbox.observing.bus_to_bus import Failure, why_not_forwarded
from sigv2.sandbox.observing.deployed import event_bus_name
from sigv2.sandbox.observing.deployment import RegionOfAccount
from sigv2.sandbox.observing.target_invocation import Event, Targets, UnsupportedTarget, whole

if TYPE_CHECKING:
    from moto.events.utils import EventMessageType
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDatumTypeDef

    from sigv2.sandbox.emulating.aws_clients import Clients
    from sigv2.sandbox.observing.deployment import Deployment, Rule, RuleTarget

DEFAULT_BUS = "default"

_ALL_MANAGEMENT_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_LARGEST_EVENT_BYTES = 262_144
_METRICS_PER_CALL = 1000


class EventBus:
    """Delivers events to the targets of the rules that they match, on every bus of every account and Region.

    Args:
        clients: Makes the clients to work with.
        home: Where rules are counted by their names.
        on_logged: Called with every event that was put into a log group.
        on_error: Called with what the sandbox itself could not do, such as a policy that it does
            not understand; the events count as failed invocations.
    """

    def __init__(
        self,
        clients: Clients,
        home: RegionOfAccount,
        on_logged: Callable[[Event], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._clients = clients
        self._home = home
        self._targets = Targets(clients, on_logged)
        self._on_error = on_error
        self._counting = threading.Lock()
        self._counts: Counter[tuple[Rule, str]] = Counter()
        self._unpublished: Counter[tuple[Rule, str]] = Counter()

    def deliver(self, deployment: Deployment, place: RegionOfAccount, events: Sequence[Event]) -> None:
        """Matches events with every rule of a place's default bus and gives them to its targets."""
        self._match(deployment, place, DEFAULT_BUS, events, forwarded=False)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Returns the sum of each metric of `AWS/Events` so far, by rule and metric name.

        A rule of another account or Region, or on another bus than the default one, counts under its ARN.
        """
        with self._counting:
            return {(self._name(rule), metric): count for (rule, metric), count in self._counts.items()}

    def publish_metrics(self) -> None:
        """Puts into CloudWatch, where each rule lies, what was counted since the last time."""
        with self._counting:
            counted, self._unpublished = self._unpublished, Counter()
        now = datetime.now(UTC)
        by_place: dict[RegionOfAccount, list[MetricDatumTypeDef]] = {}
        for (rule, metric), count in counted.items():
            by_place.setdefault(rule.place, []).append(
                {
                    "MetricName": metric,
                    "Dimensions": _dimensions(rule),
                    "Timestamp": now,
                    "Value": count,
                    "Unit": "Count",
                }
            )
        for place, data in by_place.items():
            cloudwatch = self._clients.of(*place)("cloudwatch")
            for start in range(0, len(data), _METRICS_PER_CALL):
                cloudwatch.put_metric_data(Namespace="AWS/Events", MetricData=data[start : start + _METRICS_PER_CALL])

    def _name(self, rule: Rule) -> str:
        at_home = rule.event_bus == DEFAULT_BUS and rule.place == self._home
        return rule.name if at_home else rule.arn

    def _match(
        self, deployment: Deployment, place: RegionOfAccount, bus: str, events: Sequence[Event], *, forwarded: bool
    ) -> None:
        for rule in deployment.rules:
            if rule.place != place or rule.event_bus != bus:
                continue
            matched = [event for event in events if reaches(rule, event)]
            if matched:
                self._count(rule, "MatchedEvents", len(matched))
                for target in rule.targets:
                    # A bus's policy may tell events apart by what they are.
                    for alike in _by_kind(matched):
                        self._invoke(deployment, rule, target, alike, forwarded=forwarded)

    def _invoke(
        self, deployment: Deployment, rule: Rule, target: RuleTarget, events: Sequence[Event], *, forwarded: bool
    ) -> None:
        self._count(rule, "Invocations", len(events))
        bus = event_bus_name(target.arn)
        if bus is None:
            failure = self._attempt(lambda: self._targets.invoke(deployment, rule, target, events))
        else:
            failure = self._attempt(
                lambda: why_not_forwarded(deployment, rule, whole(target), events[0], forwarded=forwarded)
            )
            if failure is None:
                self._match(deployment, RegionOfAccount.of_arn(target.arn), bus, events, forwarded=True)
        if failure is None:
            return
        self._count(rule, "FailedInvocations", len(events))
        if target.dead_letter_arn is None:
            return
        unburied = self._attempt(
            lambda: self._targets.bury(deployment, rule, target, events, failure),
        )
        sent = "InvocationsSentToDlq" if unburied is None else "InvocationsFailedToBeSentToDlq"
        self._count(rule, sent, len(events))

    def _attempt(self, delivery: Callable[[], Failure | None]) -> Failure | None:
        try:
            return delivery()
        except (UnsupportedTarget, UnsupportedPolicy) as unsupported:
            self._on_error(unsupported)
            return Failure("INTERNAL_ERROR", f"The sandbox cannot do this: {unsupported}")

    def _count(self, rule: Rule, metric: str, count: int) -> None:
        with self._counting:
            self._counts[rule, metric] += count
            self._unpublished[rule, metric] += count


def _by_kind(events: Sequence[Event]) -> Iterable[Sequence[Event]]:
    kinds: dict[tuple[object, object], list[Event]] = {}
    for event in events:
        kinds.setdefault((event["source"], event["detail-type"]), []).append(event)
    return kinds.values()


def _dimensions(rule: Rule) -> list[DimensionTypeDef]:
    """What tells a rule's metrics apart (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html)."""
    of_bus: list[DimensionTypeDef] = [{"Name": "EventBusName", "Value": rule.event_bus}]
    return [*(of_bus if rule.event_bus != DEFAULT_BUS else []), {"Name": "RuleName", "Value": rule.name}]


def reaches(rule: Rule, event: Event) -> bool:
    """Says whether a rule gets an event of its bus and matches it.

    Data events reach every enabled rule; of management events, those that only read reach none
    but rules in the state that asks for them. CloudTrail sends no event larger than 256 KB.
    """
    detail = event["detail"]
    only_reads = (
        isinstance(detail, Mapping) and detail.get("managementEvent") is True and detail.get("readOnly") is True
    )
    if rule.state not in ({_ALL_MANAGEMENT_EVENTS} if only_reads else {"ENABLED", _ALL_MANAGEMENT_EVENTS}):
        return False
    if len(json.dumps(event, separators=(",", ":"))) > _LARGEST_EVENT_BYTES:
        return False
    matched: bool = EventPattern.load(rule.pattern).matches_event(cast("EventMessageType", _columns(event)))
    return matched


def _columns(value: object) -> object:
    """Turns lists of objects into objects of lists.

    A pattern looks into arrays of objects, which moto's does not do by itself. (EventBridge
    also wants all fields of one array to match in the same element.)
    """
    if isinstance(value, Mapping):
        return {key: _columns(element) for key, element in value.items()}
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        keys = {key for item in value for key in item}
        return {key: [item[key] for item in value if key in item] for key in keys}
    return value
