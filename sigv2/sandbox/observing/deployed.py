"""What is deployed in the emulator, read back through its AWS APIs.

Never from the program that deployed it: whatever engine made the pipeline, and whatever somebody
changed by hand since, this is what CloudTrail and EventBridge would work with.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef
    from mypy_boto3_events.type_defs import RuleTypeDef, TargetOutputTypeDef

    from sigv2.sandbox.emulating.aws_clients import Clients

Policy = Mapping[str, object]


@dataclass(frozen=True)
class Trail:
    """A trail; its selectors are all basic or all advanced."""

    name: str
    arn: str
    bucket: str
    prefix: str
    is_logging: bool
    selectors: tuple[Mapping[str, object], ...]


@dataclass(frozen=True)
class RuleTarget:
    """What a rule invokes, and the queue for what it could not be invoked with."""

    id: str
    arn: str
    dead_letter_arn: str | None
    has_input: bool


@dataclass(frozen=True)
class Rule:
    """A rule of the default event bus that matches a pattern."""

    name: str
    arn: str
    state: str
    pattern: str
    targets: tuple[RuleTarget, ...]


@dataclass(frozen=True)
class Queue:
    """A queue that is a target or a dead-letter queue."""

    url: str
    policy: Policy | None


@dataclass(frozen=True)
class LogGroup:
    """A log group that is a target, and every resource policy that speaks for it."""

    name: str
    policies: tuple[Policy, ...]


@dataclass(frozen=True)
class Deployment:
    """What was deployed at one moment. A name that is missing here does not exist.

    Attributes:
        trails: Every trail of the Region.
        rules: Every rule of the default event bus.
        log_groups: Log groups that are targets, by name.
        queues: Queues that are targets or dead-letter queues, by ARN.
        bucket_policies: The policy of each trail's bucket, None where it has none.
    """

    trails: tuple[Trail, ...]
    rules: tuple[Rule, ...]
    log_groups: Mapping[str, LogGroup]
    queues: Mapping[str, Queue]
    bucket_policies: Mapping[str, Policy | None]


class Changes:
    """Counts what may have changed the deployment; any thread may."""

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._count = 0

    def add(self) -> None:
        """Counts a change that has just been made."""
        with self._counting:
            self._count += 1

    def count(self) -> int:
        """Returns how many changes there were."""
        return self._count


class Deployed:
    """Reads the deployment when asked, and again only after something may have changed it."""

    def __init__(self, clients: Clients, changes: Changes) -> None:
        """Takes the clients to read with, and the count of changes."""
        self._clients = clients
        self._changes = changes
        self._reading = threading.Lock()
        self._read: tuple[int, Deployment] | None = None

    def now(self) -> Deployment:
        """Returns what is deployed.

        Raises:
            botocore.exceptions.ClientError: The emulator refused to tell.
            ValueError: A policy is not JSON.
        """
        with self._reading:
            # Counted before reading, so that a change meanwhile makes the next call read again.
            generation = self._changes.count()
            if self._read is None or self._read[0] != generation:
                self._read = (generation, read_deployment(self._clients))
            return self._read[1]


def read_deployment(clients: Clients) -> Deployment:
    """Reads everything that decides what is logged; raises as `Deployed.now` does."""
    trails = tuple(_trail(clients, trail) for trail in clients("cloudtrail").describe_trails()["trailList"])
    rules = tuple(
        _rule(clients, rule)
        for page in clients("events").get_paginator("list_rules").paginate()
        for rule in page["Rules"]
        if "EventPattern" in rule
    )
    targets = [target for rule in rules for target in rule.targets]
    groups = {log_group_name(target.arn) for target in targets} - {None}
    queue_arns = {target.arn for target in targets} | {target.dead_letter_arn for target in targets}
    return Deployment(
        trails=trails,
        rules=rules,
        log_groups=_log_groups(clients, sorted(name for name in groups if name)),
        queues=_queues(clients, sorted(arn for arn in queue_arns if arn and ":sqs:" in arn)),
        bucket_policies=_bucket_policies(clients, sorted({trail.bucket for trail in trails})),
    )


def log_group_name(arn: str) -> str | None:
    """Returns the name in a log group's ARN, with or without its `:*`; None for any other ARN."""
    _, is_group, name = arn.partition(":log-group:")
    return name.removesuffix(":*") if is_group else None


def _trail(clients: Clients, trail: TrailTypeDef) -> Trail:
    cloudtrail = clients("cloudtrail")
    selectors = cloudtrail.get_event_selectors(TrailName=trail["TrailARN"])
    basic = cast("list[Mapping[str, object]]", selectors.get("EventSelectors", []))
    advanced = cast("list[Mapping[str, object]]", selectors.get("AdvancedEventSelectors", []))
    return Trail(
        name=trail["Name"],
        arn=trail["TrailARN"],
        bucket=trail["S3BucketName"],
        prefix=trail.get("S3KeyPrefix", ""),
        is_logging=cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"],
        selectors=tuple(basic or advanced),
    )


def _rule(clients: Clients, rule: RuleTypeDef) -> Rule:
    paginator = clients("events").get_paginator("list_targets_by_rule")
    targets = [target for page in paginator.paginate(Rule=rule["Name"]) for target in page["Targets"]]
    return Rule(
        name=rule["Name"],
        arn=rule["Arn"],
        state=rule["State"],
        pattern=rule["EventPattern"],
        targets=tuple(map(_target, targets)),
    )


def _target(target: TargetOutputTypeDef) -> RuleTarget:
    return RuleTarget(
        id=target["Id"],
        arn=target["Arn"],
        dead_letter_arn=target.get("DeadLetterConfig", {}).get("Arn"),
        has_input=any(target.get(key) for key in ("Input", "InputPath", "InputTransformer")),
    )


def _log_groups(clients: Clients, names: list[str]) -> dict[str, LogGroup]:
    logs = clients("logs")
    found = {}
    for name in names:
        arns = {
            group["logGroupName"]: group["arn"].removesuffix(":*")
            for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
            for group in page["logGroups"]
        }
        if name in arns:
            answers = (
                logs.describe_resource_policies(),
                logs.describe_resource_policies(policyScope="RESOURCE", resourceArn=arns[name]),
            )
            policies = [policy for answer in answers for policy in answer["resourcePolicies"]]
            documents = tuple(json.loads(policy["policyDocument"]) for policy in policies)
            found[name] = LogGroup(name, documents)
    return found


def _queues(clients: Clients, arns: list[str]) -> dict[str, Queue]:
    sqs = clients("sqs")
    found = {}
    for arn in arns:
        try:
            url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist:
            continue
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        document = answer.get("Attributes", {}).get("Policy")
        found[arn] = Queue(url, json.loads(document) if document else None)
    return found


def _bucket_policies(clients: Clients, buckets: list[str]) -> dict[str, Policy | None]:
    found: dict[str, Policy | None] = {}
    for bucket in buckets:
        try:
            found[bucket] = json.loads(clients("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        except ClientError as refused:
            if refused.response["Error"]["Code"] == "NoSuchBucketPolicy":
                found[bucket] = None
            elif refused.response["Error"]["Code"] != "NoSuchBucket":
                raise
    return found
