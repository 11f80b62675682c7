"""What is deployed at one moment, in every account and Region: all that decides what is logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Policy = Mapping[str, object]

_ARN_COLONS = 5


class RegionOfAccount(NamedTuple):
    """A Region of an account."""

    account_id: str
    region: str

    @classmethod
    def of_arn(cls, arn: str) -> RegionOfAccount:
        """Where the resource of an ARN lies; nowhere, if it is no ARN."""
        parts = arn.split(":", _ARN_COLONS)
        return cls(parts[4], parts[3]) if len(parts) > _ARN_COLONS else cls("", "")


@dataclass(frozen=True)
class Trail:
    """A trail; its selectors are all basic or all advanced.

    One for an organisation has the organisation's id, and the accounts that are in it.
    """

    name: str
    arn: str
    bucket: str
    prefix: str
    is_logging: bool
    is_multi_region: bool
    selectors: tuple[Mapping[str, object], ...]
    organization: str | None = None
    member_ids: frozenset[str] = frozenset()

    def sees(self, place: RegionOfAccount) -> bool:
        """Whether it records what happens there: in its home Region, or in every Region, of its accounts."""
        home = RegionOfAccount.of_arn(self.arn)
        return place.account_id in {home.account_id, *self.member_ids} and (
            self.is_multi_region or place.region == home.region
        )


@dataclass(frozen=True)
class RuleTarget:
    """What a rule invokes, the role to do it with, and the queue for what it could not be invoked with."""

    id: str
    arn: str
    role_arn: str | None
    dead_letter_arn: str | None
    has_input: bool


@dataclass(frozen=True)
class Rule:
    """A rule that matches a pattern, on an event bus of its own Region and account."""

    name: str
    event_bus: str
    arn: str
    state: str
    pattern: str
    targets: tuple[RuleTarget, ...]

    @property
    def place(self) -> RegionOfAccount:
        """Where it lies."""
        return RegionOfAccount.of_arn(self.arn)


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
class TargetRole:
    """A role that a target is invoked with."""

    trust: Policy
    permissions: tuple[Policy, ...]


@dataclass(frozen=True)
class Deployment:
    """What was deployed at one moment. What is missing here does not exist; all but buckets are told apart by ARN.

    Attributes:
        trails: Every trail.
        rules: Every rule of every event bus.
        log_groups: Log groups that are targets; their ARNs are without `:*`.
        queues: Queues that are targets or dead-letter queues.
        event_buses: Event buses that are targets, each with its policy, None where it has none.
        roles: Roles that targets are invoked with.
        bucket_policies: The policy of each trail's bucket, None where it has none.
        organizations: The organisation of each account that is in one.
    """

    trails: tuple[Trail, ...]
    rules: tuple[Rule, ...]
    log_groups: Mapping[str, LogGroup]
    queues: Mapping[str, Queue]
    bucket_policies: Mapping[str, Policy | None]
    event_buses: Mapping[str, Policy | None] = field(default_factory=dict)
    roles: Mapping[str, TargetRole] = field(default_factory=dict)
    organizations: Mapping[str, str] = field(default_factory=dict)

    def log_group_names(self) -> Mapping[RegionOfAccount, list[str]]:
        """Names of the log groups that are targets, by where they lie, in order."""
        found: dict[RegionOfAccount, list[str]] = {}
        for arn, group in sorted(self.log_groups.items()):
            found.setdefault(RegionOfAccount.of_arn(arn), []).append(group.name)
        return found
