"""The chain from a target bucket to the log group, link by link, and the walk along it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sigv2.aws import explained
from sigv2.verify import delivery_links, key_links, queue_links, rule_links, topic_links, trail_links
from sigv2.verify.finding import State, skipped, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject


class Name(StrEnum):
    """What a person calls each link."""

    BUCKET = "bucket"
    SIGV2 = "SigV2 access"
    TRAIL = "trail"
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
    TOPICS = "alert topics"


@dataclass(frozen=True)
class Link:
    """One thing that must be right for an event to come through.

    Attributes:
        name: of the link.
        check: asks AWS about it.
        after: the link without which there is nothing to ask about.
    """

    name: Name
    check: Callable[[Subject], Finding]
    after: Name | None = None


LINKS: Final[tuple[Link, ...]] = (
    Link(Name.BUCKET, trail_links.bucket),
    Link(Name.SIGV2, trail_links.sigv2, after=Name.BUCKET),
    Link(Name.TRAIL, trail_links.trail),
    Link(Name.LOGGING, trail_links.logging, after=Name.TRAIL),
    Link(Name.TRAIL_BUCKET, trail_links.trail_bucket, after=Name.TRAIL),
    Link(Name.TRAIL_KEY, key_links.trail_key, after=Name.TRAIL),
    Link(Name.TRAIL_DELIVERY, trail_links.delivery, after=Name.TRAIL),
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
"""In the order in which a request passes them."""

AFTERMATH: Final = tuple(
    link for link in LINKS if link.name in (Name.TARGETS, Name.POLICY, Name.QUEUE, Name.UNDELIVERED)
)
"""What is worth saying even where an event came through: that one did proves little of other buckets."""

ENTRANCE: Final = LINKS[:2]
"""Where these are broken, no event can come, however long one waits."""

SYMPTOMS: Final = (Name.INVOCATIONS, Name.UNDELIVERED)
"""What could not be delivered has a reason: where no link shows it any more, only a request proves that it is gone."""

ACTIONS: Final = {
    "HeadBucket": "s3:ListBucket",
    "GetTrail": "cloudtrail:GetTrail",
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
}
"""The permission behind each call that the links make."""


@dataclass(frozen=True)
class Checked:
    """A link, and what was found out about it."""

    link: Name
    finding: Finding


def walk(subject: Subject, links: Sequence[Link] = LINKS) -> Iterator[Checked]:
    """Check link after link, past broken ones as well; what AWS does not tell is unknown, and no error.

    Args:
        subject: what is verified.
        links: the links, in order.

    Yields:
        Each link with its finding.
    """
    # A subject of its own: what several links ask about is asked once for each subject.
    subject = replace(subject)
    missing: set[Name] = set()
    for link in links:
        finding = skipped(f"not without the {link.after}") if link.after in missing else _check(link, subject)
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


def is_forbidden(error: ClientError) -> bool:
    """Whether it is a permission that the caller lacks; services, and KMS behind them, spell that in their own ways."""
    code = error.response["Error"].get("Code") or ""
    return "AccessDenied" in code or code in ("AuthorizationError", "UnauthorizedOperation")
