"""Which trails of an account record a bucket's data events already.

"For data events, all deliveries incur CloudTrail costs, including the first"
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-manage-costs.html): what two trails record
is billed twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_account.account_trails import NEEDED, AccountTrail, AccountTrails
from blueprint.trail_coverage import Recorded, recorded_by
from sigv2.aws import explained
from sigv2.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cloudtrail import CloudTrailClient


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
    """Finds what an account's trails record.

    Args:
        client: makes a client of CloudTrail for a Region.
    """

    def __init__(self, client: Callable[[str], CloudTrailClient]) -> None:
        self._trails = AccountTrails(client)

    def recording(self, bucket: str, region: str) -> Recording:
        """Which trails record the data events of a bucket.

        Args:
            bucket: its name.
            region: where it lies.
        """
        trails = self._trails.described_in(region)
        if not isinstance(trails, Sequence):
            return Recording((), (NotChecked(f"the trails of {region}", f"it takes {NEEDED[0]}: {explained(trails)}"),))
        found, not_checked = [], []
        for trail in trails:
            recorded = _recorded(trail, bucket)
            if isinstance(recorded, NotChecked):
                not_checked.append(recorded)
            elif recorded is not Recorded.NONE:
                found.append(RecordingTrail(trail.arn, trail.bucket, recorded))
        return Recording(tuple(found), tuple(not_checked))


def _recorded(trail: AccountTrail, bucket: str) -> Recorded | NotChecked:
    arn, logs = harmless(trail.arn).plain, trail.effective_selectors
    if not isinstance(logs, Sequence):
        needed = f"{NEEDED[1]} and {NEEDED[2]}, in the account of the trail"
        return NotChecked(arn, f"it takes {needed}: {explained(logs)}")
    try:
        return recorded_by(logs, f"arn:{trail.arn.split(':')[1]}:s3:::{bucket}")
    except ValueError as error:
        return NotChecked(arn, harmless(str(error)).plain)
