"""The trails that an account has, and what each logs, asked about once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, cast

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef

    from aws_account.aws_refusals import Refusal
    from blueprint.trail_coverage import Selector

NEEDED: Final = ("cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors")
"""The permissions that it takes."""


@dataclass(frozen=True)
class AccountTrail:
    """A trail that records what happens in the account; its organization may have made it, in another.

    Attributes:
        arn: its ARN.
        home_region: the Region that it was made in, where alone its selectors are told.
        bucket: where its log files go.
        is_multi_region: whether it records what happens in every Region.
        is_organization_trail: whether it records what happens in every account of the organization.
    """

    arn: str
    home_region: str
    bucket: str
    is_multi_region: bool
    is_organization_trail: bool
    _client: Callable[[str], CloudTrailClient] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.rpartition("/")[2]

    def sees(self, region: str) -> bool:
        """Whether it records what happens in a Region.

        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
        """
        return self.is_multi_region or self.home_region == region

    @cached_property
    def is_logging(self) -> bool | Refusal:
        """Whether it is turned on, or why that is not to be known."""
        try:
            return self._client(self.home_region).get_trail_status(Name=self.arn)["IsLogging"]
        except (BotoCoreError, ClientError) as refusal:
            return refusal

    @cached_property
    def event_selectors(self) -> Sequence[Selector] | Refusal:
        """Its event selectors, as `covers` takes them, or why they are not to be known."""
        try:
            return selectors_of(self._client(self.home_region), self.arn)
        except (BotoCoreError, ClientError) as refusal:
            return refusal

    @property
    def effective_selectors(self) -> Sequence[Selector] | Refusal:
        """The selectors of what it logs, none while it is turned off, or why that is not to be known."""
        return self.event_selectors if self.is_logging is True else self.is_logging or []


class AccountTrails:
    """Asks for an account's trails once in each Region, and about each trail once.

    Args:
        client: makes a client of CloudTrail for a Region, once for each.
    """

    def __init__(self, client: Callable[[str], CloudTrailClient]) -> None:
        self._client = cache(client)
        self._of_regions: dict[str, Sequence[AccountTrail] | Refusal] = {}
        self._trails: dict[str, AccountTrail] = {}

    def described_in(self, region: str) -> Sequence[AccountTrail] | Refusal:
        """The trails that count in a Region: its own, and those of other Regions, and of the organization, that see it.

        https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
        """
        if region not in self._of_regions:
            self._of_regions[region] = self._describe(region)
        return self._of_regions[region]

    def _describe(self, region: str) -> Sequence[AccountTrail] | Refusal:
        try:
            described = self._client(region).describe_trails(includeShadowTrails=True)["trailList"]
        except (BotoCoreError, ClientError) as refusal:
            return refusal
        return [trail for trail in map(self._trail, described) if trail.sees(region)]

    def _trail(self, described: TrailTypeDef) -> AccountTrail:
        # A trail of several Regions is described in each.
        arn = described["TrailARN"]
        return self._trails.setdefault(
            arn,
            AccountTrail(
                arn=arn,
                home_region=described.get("HomeRegion") or arn.split(":")[3],
                bucket=described.get("S3BucketName", ""),
                is_multi_region=described.get("IsMultiRegionTrail", False),
                is_organization_trail=described.get("IsOrganizationTrail", False),
                _client=self._client,
            ),
        )


def trails_meant(named: str, here: str, trails: Iterable[AccountTrail]) -> list[AccountTrail]:
    """The trails that somebody means who names one.

    Args:
        named: its name or ARN.
        here: the ARN that it has if it is of this account and Region; such a one is meant before any other.
        trails: those that there are.

    Returns:
        That one, or else all that are called so: of other Regions, or the organization's.
    """
    called = [trail for trail in trails if named in (trail.name, trail.arn)]
    return [trail for trail in called if trail.arn == here] or called


def selectors_of(cloudtrail: CloudTrailClient, trail: str) -> list[Selector]:
    """A trail's event selectors, basic or advanced, as `covers` takes them.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html

    Args:
        cloudtrail: a client of the trail's home Region.
        trail: its name or ARN.

    Raises:
        botocore.exceptions.ClientError: there is no such trail, or it may not be asked about.
    """
    answer = cloudtrail.get_event_selectors(TrailName=trail)
    return cast("list[Selector]", [*answer.get("EventSelectors", []), *answer.get("AdvancedEventSelectors", [])])
