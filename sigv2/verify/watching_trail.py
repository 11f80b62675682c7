"""The trail that is to see an object: one of the stack's own, or one that was there already."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from aws_account.account_trails import selectors_of
from blueprint.stack_settings import ANY_EXISTING_TRAIL
from sigv2.aws import explained
from sigv2.verify.finding import State, skipped, unknown, warning

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef
    from mypy_boto3_kms import KMSClient

    from blueprint.stack_settings import Settings
    from blueprint.trail_coverage import Selector
    from sigv2.verify.finding import Finding
    from sigv2.verify.subject import Subject

    Check = Callable[[Subject], Finding]

_WALKS_AT_ONCE: Final = 64
"""With --all one for each Region that accepts SigV2, and more than that."""
_LOSES_LOG_FILES: Final = (
    "have its owner mend it, whose log files are at stake; what the stack logs comes by the event bus, and AWS "
    "documents no log file on that way"
)


@dataclass(frozen=True)
class WatchingTrail:
    """A trail, and how to ask about it; as text its name, or the ARN of one that is not the stack's.

    Attributes:
        arn: its ARN, which has its home Region and the account that made it.
        cloudtrail: a client of its home Region, where alone its selectors are told.
        kms: another one.
        is_joined: whether it was there already, and is somebody else's to change.
    """

    arn: str
    cloudtrail: CloudTrailClient
    kms: KMSClient
    is_joined: bool = False

    @property
    def home_region(self) -> str:
        """The Region that it was made in."""
        return self.arn.split(":")[3]

    @property
    def account_id(self) -> str:
        """The account that made it: the organization's, where it is an organization's trail."""
        return self.arn.split(":")[4]

    def __str__(self) -> str:
        return self.arn if self.is_joined else self.arn.rpartition("/")[2]

    @property
    def is_logging(self) -> bool:
        """Whether it is turned on, asked each time.

        Raises:
            botocore.exceptions.ClientError: there is no such trail, or the caller may not ask.
        """
        return self.cloudtrail.get_trail_status(Name=str(self))["IsLogging"]

    @property
    def selectors(self) -> list[Selector]:
        """Its event selectors, asked each time.

        Raises:
            botocore.exceptions.ClientError: as for `is_logging`.
        """
        return selectors_of(self.cloudtrail, str(self))

    def describe(self) -> TrailTypeDef:
        """What CloudTrail says of it; nothing where there is no such trail.

        A member account sees its organization's trails in the list of its own, and may not ask for one
        (https://github.com/turbot/steampipe-plugin-aws/issues/577).

        Raises:
            botocore.exceptions.ClientError: the caller may not ask.
        """
        if not self.is_joined:
            try:
                return self.cloudtrail.get_trail(Name=str(self))["Trail"]
            except self.cloudtrail.exceptions.TrailNotFoundException:
                return {}
        for trail in self.cloudtrail.describe_trails(includeShadowTrails=True)["trailList"]:
            if trail.get("TrailARN") == self.arn:
                return trail
        return {}


@lru_cache(maxsize=_WALKS_AT_ONCE)
def described_trail(subject: Subject) -> TrailTypeDef:
    """The same of the trail that is to see the object, asked once a walk.

    Raises:
        botocore.exceptions.ClientError: the caller may not ask.
    """
    return subject.trail.describe()


def mended_by_owner(settings: Settings, act: str) -> str:
    """How a trail that is somebody else's is mended, of which `pulumi up` restores nothing.

    Args:
        settings: of the stack that uses it.
        act: what its owner would have to do; empty where that does not help.
    """
    up = f"`pulumi up --stack {settings.stack}`"
    if settings.existing_trail == ANY_EXISTING_TRAIL:
        instead = f"use another one, or the stack's own where none will do, with {up}, as existingTrail is auto"
    else:
        instead = (
            "name another one with `pulumi config set existingTrail NAME`, or have the stack make its own with "
            f"`pulumi config rm existingTrail`, then {up}"
        )
    return f"have its owner {act}; or {instead}" if act else instead


def told_by_owner(check: Check) -> Check:
    """Have a check of a trail that another account made say that it may be that account's to know.

    Members of an organization may not ask for all of an organization's trail: that is no sign of its state.
    """

    @wraps(check)
    def checked(subject: Subject) -> Finding:
        try:
            return check(subject)
        except ClientError as error:
            owner, asks = subject.trail.account_id, subject.arns.account_id
            if owner == asks:
                raise
            return unknown(f"the trail is of account {owner}, and {asks} is not told: {explained(error)}")

    return checked


def needed_by_log_files_alone(check: Check) -> Check:
    """Have a check of what a trail's log files need break nothing where they are somebody else's.

    CloudTrail tries for 30 days to deliver to a bucket that it cannot reach
    (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html); that it
    sends no event meanwhile, AWS does not say.
    """

    @wraps(check)
    def checked(subject: Subject) -> Finding:
        if not subject.trail.is_joined:
            return check(subject)
        try:
            found = check(subject)
        except ClientError as error:
            return skipped(f"its owner's to know: {explained(error)}")
        match found.state:
            case State.BROKEN:
                return warning(found.says, _LOSES_LOG_FILES)
            case State.UNKNOWN:
                return skipped(found.says)
            case _:
                return found

    return checked
