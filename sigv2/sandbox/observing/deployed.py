"""Reads what is deployed in the emulator back through its AWS APIs.

Never from the program that deployed it: whatever engine made the pipeline, and whatever somebody
changed by hand since, this is what CloudTrail and EventBridge would work with.
"""

from __future__ import annotations

import json
import re
import threading
import time
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from aws_account.account_trails import selectors_of
from sigv2.aws import log_group_named, policies_of_role
from sigv2.sandbox.emulating.aws_clients import is_region
from sigv2.sandbox.observing.deployment import (
    Deployment,
    LogGroup,
    Policy,
    Queue,
    RegionOfAccount,
    Rule,
    RuleTarget,
    TargetRole,
    Trail,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef
    from mypy_boto3_events.type_defs import RuleTypeDef, TargetOutputTypeDef

    from sigv2.sandbox.emulating.aws_clients import Clients


_ACCOUNT = re.compile(r"\d{12}")
_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+")


_PAUSES_SECONDS = (0.0, 0.05, 0.1, 0.2)


class Changes:
    """Counts what may have changed the deployment, and remembers where; any thread may."""

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._count = 0
        self._places: frozenset[RegionOfAccount] = frozenset()

    def add(self, place: RegionOfAccount | None = None) -> None:
        """Counts a change that has just been made; without a place, one of a bucket."""
        with self._counting:
            self._count += 1
            if place is not None:
                self._places |= {place}

    def count(self) -> int:
        """Returns how many changes there were."""
        return self._count

    def places(self) -> frozenset[RegionOfAccount]:
        """Returns every place where anything was ever made."""
        return self._places

    def account_ids(self) -> frozenset[str]:
        """Returns the accounts of these places."""
        return frozenset(place.account_id for place in self._places)


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
                self._read = self._whole(generation)
            return self._read[1]

    def _whole(self, generation: int) -> tuple[int, Deployment]:
        """Reads it again where something changed meanwhile: half of before and half of after was never deployed."""
        for pause in _PAUSES_SECONDS:
            try:
                read = generation, read_deployment(self._clients, self._changes.places())
            except ClientError:
                # What was listed need not be there any more.
                time.sleep(pause)
            else:
                if self._changes.count() == generation:
                    return read
            generation = self._changes.count()
        return generation, read_deployment(self._clients, self._changes.places())


def read_deployment(clients: Clients, places: Iterable[RegionOfAccount]) -> Deployment:
    """Reads everything that decides what is logged.

    Args:
        clients: Makes the clients to read with.
        places: Where to look; nothing was made elsewhere.

    Raises:
        botocore.exceptions.ClientError: The emulator refused to tell.
        ValueError: A policy is not JSON.
    """
    there = sorted(places)
    trails = tuple(trail for place in there for trail in _trails(clients, place))
    rules = tuple(rule for place in there for rule in _rules(clients, place))
    targets = [target for rule in rules for target in rule.targets]
    arns = sorted({target.arn for target in targets} | {target.dead_letter_arn or "" for target in targets})
    # What has an ARN that cannot be does not exist.
    arns = [
        arn
        for arn in arns
        if _ACCOUNT.fullmatch(RegionOfAccount.of_arn(arn).account_id) and is_region(RegionOfAccount.of_arn(arn).region)
    ]
    roles = {target.role_arn for target in targets if target.role_arn and _ROLE.fullmatch(target.role_arn)}
    return Deployment(
        trails=trails,
        rules=rules,
        log_groups=_log_groups(clients, [arn.removesuffix(":*") for arn in arns if log_group_name(arn)]),
        queues=_queues(clients, [arn for arn in arns if ":sqs:" in arn]),
        bucket_policies=bucket_policies(clients, sorted({trail.bucket for trail in trails})),
        event_buses=_event_buses(clients, [arn for arn in arns if event_bus_name(arn)]),
        roles=_roles(clients, sorted(roles)),
        organizations=_organizations(clients, {place.account_id for place in there}) if roles else {},
    )


def log_group_name(arn: str) -> str | None:
    """Returns the name in a log group's ARN, with or without its `:*`; None for any other ARN."""
    _, is_group, name = arn.partition(":log-group:")
    return name.removesuffix(":*") if is_group else None


def event_bus_name(arn: str) -> str | None:
    """Returns the name in an event bus's ARN; None for any other ARN."""
    _, is_bus, name = arn.partition(":event-bus/")
    return name if is_bus else None


def _trails(clients: Clients, place: RegionOfAccount) -> Iterator[Trail]:
    """The trails whose home a place is."""
    for trail in clients.of(*place)("cloudtrail").describe_trails(includeShadowTrails=False)["trailList"]:
        yield _trail(clients, place, trail)


def _trail(clients: Clients, place: RegionOfAccount, trail: TrailTypeDef) -> Trail:
    cloudtrail = clients.of(*place)("cloudtrail")
    organization, member_ids = _organization(clients, place) if trail.get("IsOrganizationTrail") else (None, ())
    return Trail(
        name=trail["Name"],
        arn=trail["TrailARN"],
        bucket=trail["S3BucketName"],
        prefix=trail.get("S3KeyPrefix", ""),
        is_logging=cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"],
        is_multi_region=trail.get("IsMultiRegionTrail", False),
        selectors=tuple(selectors_of(cloudtrail, trail["TrailARN"])),
        organization=organization,
        member_ids=frozenset(member_ids),
    )


def _organization(clients: Clients, place: RegionOfAccount) -> tuple[str, Iterable[str]]:
    """The organisation that an account manages, and who is in it."""
    organizations = clients.of(*place)("organizations")
    pages = organizations.get_paginator("list_accounts").paginate()
    member_ids = [account["Id"] for page in pages for account in page["Accounts"]]
    return organizations.describe_organization()["Organization"]["Id"], member_ids


def _rules(clients: Clients, place: RegionOfAccount) -> Iterator[Rule]:
    events = clients.of(*place)("events")
    for bus in events.list_event_buses()["EventBuses"]:
        for page in events.get_paginator("list_rules").paginate(EventBusName=bus["Name"]):
            for rule in page["Rules"]:
                if "EventPattern" in rule:
                    yield _rule(clients, place, bus["Name"], rule)


def _rule(clients: Clients, place: RegionOfAccount, bus: str, rule: RuleTypeDef) -> Rule:
    paginator = clients.of(*place)("events").get_paginator("list_targets_by_rule")
    pages = paginator.paginate(Rule=rule["Name"], EventBusName=bus)
    return Rule(
        name=rule["Name"],
        event_bus=bus,
        arn=rule["Arn"],
        state=rule["State"],
        pattern=rule["EventPattern"],
        targets=tuple(_target(target) for page in pages for target in page["Targets"]),
    )


def _target(target: TargetOutputTypeDef) -> RuleTarget:
    return RuleTarget(
        id=target["Id"],
        arn=target["Arn"],
        role_arn=target.get("RoleArn"),
        dead_letter_arn=target.get("DeadLetterConfig", {}).get("Arn"),
        has_input=any(target.get(key) for key in ("Input", "InputPath", "InputTransformer")),
    )


def _log_groups(clients: Clients, arns: list[str]) -> dict[str, LogGroup]:
    found = {}
    for arn in arns:
        logs, name = clients.of(*RegionOfAccount.of_arn(arn))("logs"), log_group_name(arn) or ""
        if log_group_named(logs, name):
            answers = (
                logs.describe_resource_policies(),
                logs.describe_resource_policies(policyScope="RESOURCE", resourceArn=arn),
            )
            policies = [policy for answer in answers for policy in answer["resourcePolicies"]]
            documents = tuple(json.loads(policy["policyDocument"]) for policy in policies)
            found[arn] = LogGroup(name, documents)
    return found


def _queues(clients: Clients, arns: list[str]) -> dict[str, Queue]:
    found = {}
    for arn in arns:
        sqs = clients.of(*RegionOfAccount.of_arn(arn))("sqs")
        try:
            url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist:
            continue
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        document = answer.get("Attributes", {}).get("Policy")
        found[arn] = Queue(url, json.loads(document) if document else None)
    return found


def _event_buses(clients: Clients, arns: list[str]) -> dict[str, Policy | None]:
    found: dict[str, Policy | None] = {}
    for arn in arns:
        events = clients.of(*RegionOfAccount.of_arn(arn))("events")
        try:
            document = events.describe_event_bus(Name=event_bus_name(arn) or "").get("Policy")
        except events.exceptions.ResourceNotFoundException:
            continue
        found[arn] = json.loads(document) if document else None
    return found


def _roles(clients: Clients, arns: list[str]) -> dict[str, TargetRole]:
    found = {}
    for arn in arns:
        iam, name = clients.of(*RegionOfAccount.of_arn(arn))("iam"), arn.rpartition("/")[2]
        try:
            role = iam.get_role(RoleName=name)["Role"]
        except iam.exceptions.NoSuchEntityException:
            continue
        if role["Arn"] != arn:
            continue  # it has another path
        # botocore has parsed this document, which its types do not know.
        found[arn] = TargetRole(cast("Policy", role["AssumeRolePolicyDocument"]), tuple(policies_of_role(iam, name)))
    return found


def _organizations(clients: Clients, account_ids: Iterable[str]) -> dict[str, str]:
    """The organisation of each account, as the account itself is told."""
    found: dict[str, str] = {}
    for account_id in account_ids:
        organizations = clients.of(*RegionOfAccount(account_id, ""))("organizations")
        try:
            found[account_id] = organizations.describe_organization()["Organization"]["Id"]
        except organizations.exceptions.AWSOrganizationsNotInUseException:
            continue
    return found


def bucket_policies(clients: Clients, buckets: list[str]) -> dict[str, Policy | None]:
    """Returns the policy of each of these buckets that exists, None where it has none."""
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
