"""The Regions that a stack watches: as it is deployed, or else as its settings and S3 say."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from blueprint.sigv2_regions import accepts_sigv2, watched_regions
from sigv2.bucket_region import region_of_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from blueprint.stack_settings import Settings
    from sigv2.stack.stack_account import AccountInRegion
    from sigv2.stack.stack_value import Stack

_AT_ONCE: Final = 16


def regions_of_buckets(s3: S3Client, settings: Settings) -> dict[str, str]:
    """The Region of each bucket that the settings name exactly, so far as S3 says; all are asked at once.

    Raises:
        botocore.exceptions.BotoCoreError: S3 cannot be asked.
    """

    def told(bucket: str) -> str | None:
        with contextlib.suppress(ClientError):
            return region_of_bucket(s3, bucket)
        return None

    buckets = settings.targets.buckets
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        found = zip(buckets, pool.map(told, buckets), strict=True)
        return {bucket: region for bucket, region in found if region}


def regions_of_stack(stack: Stack, place: AccountInRegion) -> tuple[str, ...]:
    """The Regions that a stack watches, home first.

    Args:
        stack: its outputs say, where there are any; or else its settings do, as for `pulumi up`.
        place: the stack's account and home Region.

    Raises:
        SettingsError: there are no outputs, and a setting is wrong.
        StackError: there are no outputs, and a file cannot tell a setting.
        botocore.exceptions.BotoCoreError: S3 cannot be asked.
    """
    deployed = (stack.outputs or {}).get("regions")
    if deployed:
        return tuple(map(str, deployed))
    if stack.outputs is not None:
        return (place.region,)
    settings = stack.settings()
    found = regions_of_buckets(place.session.client("s3"), settings) if settings.check_targets else {}
    of_buckets = filter(accepts_sigv2, found.values())
    return watched_regions(place.region, place.arns.partition, settings.regions, of_buckets)
