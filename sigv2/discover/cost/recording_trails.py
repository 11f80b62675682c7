"""Which trails of an account record a bucket's data events already.

"For data events, all deliveries incur CloudTrail costs, including the first"
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-manage-costs.html): what two trails record
is billed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from blueprint.trail_coverage import Recorded, recorded_by
from sigv2.aws import explained
from sigv2.terminal import harmless
from sigv2.trail_selectors import selectors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef

NEEDED: Final = ("cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors")


@dataclass(frozen=True)
class RecordingTrail:
    """A trail that records a bucket's data events.

    Attributes:
        arn: its ARN.
        bucket: where its log files are.
        recorded: how much of them.
    """

    arn: str
    bucket: str
    recorded: Recorded

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True)
class NotChecked:
    """A trail, or the trails of a Region, of which nobody knows what they record; both are harmless lines."""

    what: str
    reason: str


@dataclass(frozen=True)
class Recording:
    """What records a bucket's data events, as far as it can be told."""

    trails: tuple[RecordingTrail, ...]
    not_checked: tuple[NotChecked, ...]


class TrailSearch:
    """Asks about an account's trails, once for each Region, and about each trail once.

    Args:
        client: a client of CloudTrail, by Region.
    """

    def __init__(self, client: Callable[[str], CloudTrailClient]) -> None:
        self._client = cache(client)
        self._of_regions: dict[str, Sequence[_Trail] | NotChecked] = {}
        self._trails: dict[str, _Trail] = {}

    def recording(self, bucket: str, region: str) -> Recording:
        """Which trails record the data events of a bucket.

        Args:
            bucket: its name.
            region: where it lies.
        """
        trails = self._trails_of(region)
        if isinstance(trails, NotChecked):
            return Recording((), (trails,))
        found, not_checked = [], []
        for trail in trails:
            try:
                recorded = trail.recorded(bucket)
            except _UncheckableError as error:
                not_checked.append(NotChecked(harmless(trail.arn).plain, str(error)))
                continue
            if recorded is not Recorded.NONE:
                found.append(RecordingTrail(trail.arn, trail.bucket, recorded))
        return Recording(tuple(found), tuple(not_checked))

    def _trails_of(self, region: str) -> Sequence[_Trail] | NotChecked:
        if region not in self._of_regions:
            self._of_regions[region] = self._listed(region)
        return self._of_regions[region]

    def _listed(self, region: str) -> Sequence[_Trail] | NotChecked:
        try:
            # Those of other Regions and of the organization, too, as far as they see this Region.
            described = self._client(region).describe_trails(includeShadowTrails=True)["trailList"]
        except (BotoCoreError, ClientError) as error:
            return NotChecked(f"the trails of {region}", f"it takes {NEEDED[0]}: {explained(error)}")
        seeing = [trail for trail in described if trail.get("IsMultiRegionTrail") or trail.get("HomeRegion") == region]
        return [self._trail(trail) for trail in seeing]

    def _trail(self, described: TrailTypeDef) -> _Trail:
        # A trail of several Regions is described in each.
        arn = described["TrailARN"]
        if arn not in self._trails:
            home = described.get("HomeRegion") or arn.split(":")[3]
            self._trails[arn] = _Trail(partial(self._client, home), arn, described.get("S3BucketName", ""))
        return self._trails[arn]


class _UncheckableError(Exception):
    """Nobody knows what a trail records; the message says why, in one harmless line."""


class _Trail:
    """A trail, asked about when its answer is needed."""

    def __init__(self, client: Callable[[], CloudTrailClient], arn: str, bucket: str) -> None:
        self.arn = arn
        self.bucket = bucket
        self._client = client

    def recorded(self, bucket: str) -> Recorded:
        selectors = self._selectors
        if isinstance(selectors, str):
            raise _UncheckableError(selectors)
        try:
            partition = self.arn.split(":")[1]
            return recorded_by(selectors, f"arn:{partition}:s3:::{bucket}")
        except ValueError as error:
            raise _UncheckableError(harmless(str(error)).plain) from None

    @cached_property
    def _selectors(self) -> Sequence[Mapping[str, object]] | str:
        """Its selectors, none if it is not logging, or why they cannot be told."""
        try:
            client = self._client()
            if not client.get_trail_status(Name=self.arn)["IsLogging"]:
                return []
            return selectors_of(client, self.arn)
        except (BotoCoreError, ClientError) as error:
            return f"it takes {NEEDED[1]} and {NEEDED[2]}, in the account of the trail: {explained(error)}"
