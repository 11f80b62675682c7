"""The Regions that accept SigV2, and which of them a stack watches."""

from collections.abc import Iterable, Mapping

SIGV2_REGIONS: Mapping[str, tuple[str, ...]] = {
    "aws": (
        *("ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1"),
        *("sa-east-1", "us-east-1", "us-west-1", "us-west-2"),
    ),
    "aws-us-gov": ("us-gov-west-1",),
}
"""By partition, those that opened before 30 January 2014; all others refuse SigV2
(https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html)."""

ALL_REGIONS = "all"
"""What stands in the settings for every Region that accepts SigV2."""


def partition_of(region: str) -> str | None:
    """The partition of a Region that accepts SigV2; None where it refuses it, or is none."""
    return next((partition for partition, regions in SIGV2_REGIONS.items() if region in regions), None)


def accepts_sigv2(region: str) -> bool:
    """Whether a Region, of any partition, is old enough to accept SigV2."""
    return partition_of(region) is not None


def watched_regions(home: str, partition: str, named: Iterable[str], of_buckets: Iterable[str]) -> tuple[str, ...]:
    """The Regions that a stack watches.

    Args:
        home: where the stack is deployed.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        named: Regions that the settings name, or `ALL_REGIONS`.
        of_buckets: the Regions that the target buckets were found in.

    Returns:
        Home first, and then all others in the order of their names.
    """
    regions = {*named, *of_buckets}
    if ALL_REGIONS in regions:
        regions = regions - {ALL_REGIONS} | set(SIGV2_REGIONS.get(partition, ()))
    return (home, *sorted(regions - {home}))
