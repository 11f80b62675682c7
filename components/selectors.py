"""Advanced event selectors: how a set of targets becomes what CloudTrail compares, trail by trail."""

import hashlib
import heapq
from collections import deque

import pulumi
import pulumi_aws as aws

from components.arns import Arns
from components.targets import TargetSet

MAX_TRAILS = 5
"""Trails in a Region; not adjustable
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html)."""

MAX_VALUES = 500
"""Values of all conditions in all advanced event selectors of a trail (same page)."""

_DATA_EVENT_VALUES = 2  # eventCategory and resources.type
_NOISY_SOURCES = ("kms.amazonaws.com", "rdsdata.amazonaws.com")
_MANAGEMENT_EVENT_VALUES = 1 + len(_NOISY_SOURCES)


class TooManyTargetsError(ValueError):
    """The targets do not fit into a Region's trails; the message says by how many values."""


def assign_to_trails(targets: TargetSet, *, management_events: bool = False) -> tuple[TargetSet, ...]:
    """Spread the targets over as few trails as their selectors need.

    Which trail a target goes to follows from the set alone, and adding or removing one target leaves the trails
    that it is not in untouched, unless a trail is full or their number changes: targets and trails rank one another
    by a digest, and the stable matching of these ranks is unique.

    Args:
        targets: what to watch, folded.
        management_events: whether the first trail also selects management events.

    Returns:
        What each trail watches: one to five sets.

    Raises:
        TooManyTargetsError: where five trails cannot hold them.
    """
    capacity = MAX_VALUES - _DATA_EVENT_VALUES - len(targets.excluded)
    capacity -= _MANAGEMENT_EVENT_VALUES if management_events else 0
    capacity -= 1 if targets.has_pattern else 0  # the trail bucket
    if capacity < 1:
        raise TooManyTargetsError(
            f"has {len(targets.excluded)} exclusions, and a trail's selectors hold at most {MAX_VALUES} values in all"
        )
    left_over = len(targets.included) - MAX_TRAILS * capacity
    if left_over > 0:
        raise TooManyTargetsError(
            f"needs {len(targets.included)} selector values, {left_over} more than the {MAX_TRAILS * capacity} that "
            f"the {MAX_TRAILS} trails of a Region can hold"
        )
    trails = -(-len(targets.included) // capacity)
    return tuple(
        TargetSet(included, _within(targets.excluded, included))
        for included in _match(targets.included, trails, capacity)
    )


def advanced_event_selectors(
    targets: TargetSet,
    arns: Arns,
    trail_bucket_name: pulumi.Input[str],
    *,
    management_events: bool = False,
) -> list[aws.cloudtrail.TrailAdvancedEventSelectorArgs]:
    """The selectors of one trail: every S3 data event of its targets, read and write, and nothing else.

    Args:
        targets: what this trail watches.
        arns: where the stack is deployed.
        trail_bucket_name: left out wherever a pattern could cover it; each delivery of a log file would be an
            event of its own
            (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html).
        management_events: also select management events, which alone tell of calls such as ListBuckets. A trail
            cannot narrow these to S3; the two sources that it can leave out are left out.

    Returns:
        One selector, or two with management events.
    """
    starts_with = [arns.s3(prefix) for prefix in targets.included if prefix]
    not_starts_with: list[pulumi.Input[str]] = [arns.s3(prefix) for prefix in targets.excluded]
    if targets.has_pattern:
        not_starts_with.append(pulumi.Output.concat(arns.s3(""), trail_bucket_name, "/"))
    fields = [
        _field("eventCategory", equals=["Data"]),
        _field("resources.type", equals=["AWS::S3::Object"]),
    ]
    if starts_with or not_starts_with:
        fields.append(
            aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
                field="resources.ARN",
                starts_withs=starts_with or None,
                not_starts_withs=not_starts_with or None,
            )
        )
    selectors = [
        aws.cloudtrail.TrailAdvancedEventSelectorArgs(
            name="S3 data events of the target buckets", field_selectors=fields
        )
    ]
    if management_events:
        selectors.append(
            aws.cloudtrail.TrailAdvancedEventSelectorArgs(
                name="Management events",
                field_selectors=[
                    _field("eventCategory", equals=["Management"]),
                    aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
                        field="eventSource", not_equals=list(_NOISY_SOURCES)
                    ),
                ],
            )
        )
    return selectors


def _field(name: str, *, equals: list[str]) -> aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs:
    return aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(field=name, equals=equals)


def _within(excluded: tuple[str, ...], included: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(prefix for prefix in excluded if prefix.startswith(included))


def _match(prefixes: tuple[str, ...], trails: int, capacity: int) -> list[tuple[str, ...]]:
    """Deferred acceptance: each prefix asks trails in its own order, a full trail keeps those that it ranks first."""
    held: list[list[tuple[int, str]]] = [[] for _ in range(trails)]
    preferences = {
        prefix: sorted(range(trails), key=lambda trail: _rank(prefix, trail), reverse=True) for prefix in prefixes
    }
    waiting = deque(prefixes)
    while waiting:
        prefix = waiting.popleft()
        trail = preferences[prefix].pop()
        heapq.heappush(held[trail], (-_rank(prefix, trail), prefix))
        if len(held[trail]) > capacity:
            waiting.append(heapq.heappop(held[trail])[1])
    return [tuple(sorted(prefix for _, prefix in kept)) for kept in held]


def _rank(prefix: str, trail: int) -> int:
    digest = hashlib.blake2b(f"{trail}/{prefix}".encode(), digest_size=8).digest()
    return int.from_bytes(digest)
