"""The chain from a target bucket to the log group, link by link, and the walk along it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from aws_account.aws_refusals import is_forbidden
from sigv2.aws import explained
from sigv2.verify import (
    delivery_links,
    forwarding_links,
    key_links,
    log_file_links,
    queue_links,
    rule_links,
    topic_links,
    trail_links,
)
from sigv2.verify.finding import State, skipped, unknown
from sigv2.verify.subject import Hop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject


class Name(StrEnum):
    """What a person calls each link."""

    BUCKET = "bucket"
    SIGV2 = "SigV2 access"
    TRAIL = "trail"
    TRAIL_REGIONS = "trail's Regions"
    LOGGING = "trail's logging"
    TRAIL_BUCKET = "trail's bucket"
    TRAIL_KEY = "trail's key"
    TRAIL_DELIVERY = "trail's delivery"
    SELECTORS = "trail's selectors"
    TARGETS = "coverage of targets"
    RULE = "rule"
    STATE = "rule's state"
    PATTERN = "rule's pattern"
    TARGET = "rule's target"
    LOG_GROUP = "log group"
    POLICY = "log group's policy"
    LOG_GROUP_KEY = "log group's key"
    INVOCATIONS = "rule's invocations"
    QUEUE = "dead-letter queue"
    QUEUE_POLICY = "queue's policy"
    QUEUE_KEY = "queue's key"
    UNDELIVERED = "undelivered requests"
    UNDELIVERED_ELSEWHERE = "undelivered in other Regions"
    TOPICS = "alert topics"
    ROLE = "forwarding role"
    PERMISSION = "role's permission"
    TOPICS_ELSEWHERE = "alert topics there"
    BUS = "event bus"
    BUS_POLICY = "event bus's policy"
    FORWARDED_RULE = "forwarded rule"
    FORWARDED_STATE = "forwarded rule's state"
    FORWARDED_PATTERN = "forwarded rule's pattern"
    FORWARDED_TARGET = "forwarded rule's target"
    FORWARDED_INVOCATIONS = "forwarded rule's invocations"
    LOG_QUEUE = "log's dead-letter queue"
    LOG_QUEUE_POLICY = "log's queue's policy"
    LOG_QUEUE_KEY = "log's queue's key"
    UNLOGGED = "undelivered to the log"


@dataclass(frozen=True)
class Link:
    """One thing that must be right for an event to come through.

    Attributes:
        name: of the link.
        check: asks AWS about it.
        after: the link without which there is nothing to ask about.
        hop: where on the way it is; None for what is always in the stack's home Region.
    """

    name: Name
    check: Callable[[Subject], Finding]
    after: Name | None = None
    hop: Hop | None = None


LINKS: Final[tuple[Link, ...]] = (
    Link(Name.BUCKET, trail_links.bucket),
    Link(Name.SIGV2, trail_links.sigv2, after=Name.BUCKET),
    Link(Name.TRAIL, trail_links.trail),
    Link(Name.LOGGING, trail_links.logging, after=Name.TRAIL),
    Link(Name.TRAIL_BUCKET, log_file_links.trail_bucket, after=Name.TRAIL),
    Link(Name.TRAIL_KEY, key_links.trail_key, after=Name.TRAIL),
    Link(Name.TRAIL_DELIVERY, log_file_links.delivery, after=Name.TRAIL),
    Link(Name.SELECTORS, trail_links.selectors, after=Name.TRAIL),
    Link(Name.TARGETS, trail_links.targets, after=Name.SELECTORS),
    Link(Name.RULE, rule_links.rule),
    Link(Name.STATE, rule_links.state, after=Name.RULE),
    Link(Name.PATTERN, rule_links.pattern, after=Name.RULE),
    Link(Name.TARGET, rule_links.target, after=Name.RULE),
    Link(Name.LOG_GROUP, delivery_links.log_group),
    Link(Name.POLICY, delivery_links.resource_policy, after=Name.LOG_GROUP),
    Link(Name.LOG_GROUP_KEY, key_links.log_group_key, after=Name.LOG_GROUP),
    Link(Name.INVOCATIONS, delivery_links.invocations, after=Name.RULE),
    Link(Name.QUEUE, queue_links.queue, after=Name.TARGET),
    Link(Name.QUEUE_POLICY, queue_links.queue_policy, after=Name.QUEUE),
    Link(Name.QUEUE_KEY, key_links.queue_key, after=Name.QUEUE),
    Link(Name.UNDELIVERED, queue_links.waiting, after=Name.QUEUE),
    Link(Name.TOPICS, topic_links.topics),
)
"""In the order in which a request passes them, where bucket and log lie in one Region of one account."""

_BY_NAME: Final = {link.name: link for link in LINKS}
_AT_LOG: Final = {
    Name.RULE: Name.FORWARDED_RULE,
    Name.STATE: Name.FORWARDED_STATE,
    Name.PATTERN: Name.FORWARDED_PATTERN,
    Name.TARGET: Name.FORWARDED_TARGET,
    Name.INVOCATIONS: Name.FORWARDED_INVOCATIONS,
    Name.QUEUE: Name.LOG_QUEUE,
    Name.QUEUE_POLICY: Name.LOG_QUEUE_POLICY,
    Name.QUEUE_KEY: Name.LOG_QUEUE_KEY,
    Name.UNDELIVERED: Name.UNLOGGED,
}
"""What is in the bucket's Region and where the log is, by what it is called there."""


def _there(*names: Name) -> Iterator[Link]:
    """The same links in the bucket's Region."""
    return (replace(_BY_NAME[name], hop=Hop.BUCKET) for name in names)


def _at_log(*names: Name) -> Iterator[Link]:
    """The same links where the log is."""
    for link in map(_BY_NAME.__getitem__, names):
        after = link.after and _AT_LOG.get(link.after, link.after)
        yield replace(link, name=_AT_LOG.get(link.name, link.name), after=after, hop=Hop.LOG)


_TO_THE_BUS: Final = (
    *_there(Name.BUCKET, Name.SIGV2),
    *(_BY_NAME[name] for name in (Name.TRAIL, Name.LOGGING, Name.TRAIL_BUCKET, Name.TRAIL_KEY, Name.TRAIL_DELIVERY)),
    *(_BY_NAME[name] for name in (Name.SELECTORS, Name.TARGETS)),
    *_there(Name.RULE, Name.STATE, Name.PATTERN, Name.TARGET),
    Link(Name.ROLE, forwarding_links.role, after=Name.TARGET, hop=Hop.BUCKET),
    Link(Name.PERMISSION, forwarding_links.permission, after=Name.ROLE, hop=Hop.BUCKET),
    *_there(Name.INVOCATIONS, Name.QUEUE, Name.QUEUE_POLICY, Name.QUEUE_KEY, Name.UNDELIVERED),
    _BY_NAME[Name.TOPICS],
)
_FROM_THE_BUS: Final = (
    Link(Name.BUS, forwarding_links.bus, hop=Hop.LOG),
    Link(Name.BUS_POLICY, forwarding_links.bus_policy, after=Name.BUS, hop=Hop.LOG),
    Link(Name.FORWARDED_RULE, rule_links.rule, after=Name.BUS, hop=Hop.LOG),
    *_at_log(Name.STATE, Name.PATTERN, Name.TARGET, Name.LOG_GROUP, Name.POLICY, Name.LOG_GROUP_KEY),
    *_at_log(Name.INVOCATIONS, Name.QUEUE, Name.QUEUE_POLICY, Name.QUEUE_KEY, Name.UNDELIVERED),
)
_SEES_REGIONS: Final = Link(Name.TRAIL_REGIONS, trail_links.regions, after=Name.TRAIL)
_OTHER_QUEUES: Final = Link(Name.UNDELIVERED_ELSEWHERE, queue_links.waiting_elsewhere)
_THEIR_TOPICS: Final = Link(Name.TOPICS_ELSEWHERE, topic_links.topics, hop=Hop.BUCKET)
_UNSEEN: Final = Link(Name.BUS, forwarding_links.unseen_bus, hop=Hop.BUCKET)


def links_of(subject: Subject) -> tuple[Link, ...]:
    """The chain that the event of a subject's request passes, in its order."""
    lies_in = subject.at(Hop.BUCKET).arns.region
    links = [*(_TO_THE_BUS if subject.hops else LINKS)]
    if lies_in != subject.trail.home_region:
        links.insert(links.index(_BY_NAME[Name.TRAIL]) + 1, _SEES_REGIONS)
    if lies_in != subject.arns.region:
        links.append(_THEIR_TOPICS)
    if subject.hops:
        links += _FROM_THE_BUS if Hop.LOG in subject.hops else (_UNSEEN,)
    return (*links, *((_OTHER_QUEUES,) if subject.other_queues else ()))


def entrance(subject: Subject) -> tuple[Link, ...]:
    """The links without which no event can come, however long one waits."""
    return tuple(link for link in links_of(subject) if link.name in (_FIRST if subject.hops else _FIRST[:3]))


def aftermath(subject: Subject) -> tuple[Link, ...]:
    """What is worth saying even where an event came through: that one did proves little of other buckets."""
    return tuple(link for link in links_of(subject) if link.name in _AFTERMATH)


_FIRST: Final = (Name.BUCKET, Name.SIGV2, Name.TRAIL_REGIONS, Name.RULE)
_AFTERMATH: Final = (
    *(Name.TARGETS, Name.POLICY, Name.QUEUE, Name.UNDELIVERED),
    *(Name.FORWARDED_TARGET, Name.LOG_QUEUE, Name.UNLOGGED, Name.UNDELIVERED_ELSEWHERE),
)

SYMPTOMS: Final = (
    *(Name.INVOCATIONS, Name.UNDELIVERED, Name.FORWARDED_INVOCATIONS, Name.UNLOGGED),
    Name.UNDELIVERED_ELSEWHERE,
)
"""What could not be delivered has a reason: another link, be it further on, and that one is named. Where no link shows
it any more, only a request proves that it is gone."""

ACTIONS: Final = {
    "HeadBucket": "s3:ListBucket",
    "GetTrail": "cloudtrail:GetTrail",
    "DescribeTrails": "cloudtrail:DescribeTrails",
    "GetBucketPolicy": "s3:GetBucketPolicy",
    "GetTrailStatus": "cloudtrail:GetTrailStatus",
    "GetEventSelectors": "cloudtrail:GetEventSelectors",
    "DescribeRule": "events:DescribeRule",
    "ListTargetsByRule": "events:ListTargetsByRule",
    "DescribeLogGroups": "logs:DescribeLogGroups",
    "DescribeResourcePolicies": "logs:DescribeResourcePolicies",
    "GetMetricStatistics": "cloudwatch:GetMetricStatistics",
    "GetQueueUrl": "sqs:GetQueueUrl",
    "GetQueueAttributes": "sqs:GetQueueAttributes",
    "ReceiveMessage": "sqs:ReceiveMessage",
    "DescribeKey": "kms:DescribeKey",
    "GetKeyPolicy": "kms:GetKeyPolicy",
    "GetTopicAttributes": "sns:GetTopicAttributes",
    "GetRole": "iam:GetRole",
    "ListRolePolicies": "iam:ListRolePolicies",
    "GetRolePolicy": "iam:GetRolePolicy",
    "ListAttachedRolePolicies": "iam:ListAttachedRolePolicies",
    "GetPolicy": "iam:GetPolicy",
    "GetPolicyVersion": "iam:GetPolicyVersion",
    "DescribeEventBus": "events:DescribeEventBus",
    "DescribeOrganization": "organizations:DescribeOrganization",
}
"""The permission behind each call that the links make."""


@dataclass(frozen=True)
class Checked:
    """A link, and what was found out about it."""

    link: Name
    finding: Finding


def walk(subject: Subject, links: Sequence[Link] | None = None) -> Iterator[Checked]:
    """Check link after link, past broken ones as well; what AWS does not tell is unknown, and no error.

    Args:
        subject: what is verified.
        links: the links, in order; None for the whole chain.

    Yields:
        Each link with its finding.
    """
    subject = subject.anew()
    missing: set[Name] = set()
    for link in links_of(subject) if links is None else links:
        finding = (
            skipped(f"not without the {link.after}") if link.after in missing else _check(link, subject.at(link.hop))
        )
        if finding.state in (State.BROKEN, State.SKIPPED):
            missing.add(link.name)
        yield Checked(link.name, finding)


def _check(link: Link, subject: Subject) -> Finding:
    try:
        return link.check(subject)
    except ClientError as error:
        if is_forbidden(error):
            return unknown(f"needs {ACTIONS.get(error.operation_name, error.operation_name)}")
        return unknown(explained(error))
    except BotoCoreError as error:
        return unknown(explained(error))
