"""What it would cost to watch each bucket of an account that may accept SigV2."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from rich.progress import track

from blueprint.prices import Dollars, month_of_watching
from sigv2.aws import explained
from sigv2.discover.cost.recording_trails import Recording, TrailSearch
from sigv2.discover.cost.request_metrics import rate_by_metrics
from sigv2.discover.cost.request_rate import RequestRate, UnknownRate
from sigv2.discover.lines_to_paste import holds_trail_files
from sigv2.discover.sigv2_acceptance import MAY_ACCEPT, USER_AGENT, Acceptance, Bucket
from sigv2.terminal import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import boto3.session
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_s3 import S3Client

    from sigv2.period import Period

    Clients = tuple[S3Client, CloudWatchClient]

_AT_ONCE: Final = 16
_CONFIG: Final = Config(max_pool_connections=_AT_ONCE, user_agent_extra=USER_AGENT)


@dataclass(frozen=True)
class BucketCost:
    """What it would cost to watch a bucket.

    Attributes:
        bucket: which.
        account_id: whose it is.
        rate: how many requests it gets.
        recording: what records its data events already.
    """

    bucket: Bucket
    account_id: str
    rate: RequestRate | UnknownRate
    recording: Recording

    @property
    def month(self) -> Dollars | None:
        """What its requests cost in a month; None where these are unknown."""
        if isinstance(self.rate, UnknownRate):
            return None
        return month_of_watching(self.rate.per_day, self.rate.sigv2_share)


def is_to_be_watched(found: Acceptance) -> bool:
    """Whether a bucket may receive SigV2; one that holds a trail's log files would log each again."""
    return found.verdict in MAY_ACCEPT and not holds_trail_files(found.bucket.name)


def costs_of(
    aws: boto3.session.Session,
    account_id: str,
    buckets: Sequence[Bucket],
    period: Period,
    counted: Callable[[str], RequestRate | None] | None,
) -> list[BucketCost]:
    """Find out what the requests of an account's buckets are, and what records them.

    Args:
        aws: who asks.
        account_id: the account.
        buckets: those of it that are to be watched.
        period: about which whole days.
        counted: gives what logs tell of a bucket; None where nobody gave any.
    """
    clients = {region: _clients(aws, region) for region in {bucket.region or "" for bucket in buckets}}
    trails = TrailSearch(lambda region: aws.client("cloudtrail", region_name=region, config=_CONFIG))
    return [
        BucketCost(bucket, account_id, rate, trails.recording(bucket.name, bucket.region or ""))
        for bucket, rate in zip(buckets, _rates(clients, buckets, period, counted), strict=True)
    ]


def _clients(aws: boto3.session.Session, region: str) -> Clients | UnknownRate:
    try:
        return (
            aws.client("s3", region_name=region, config=_CONFIG),
            aws.client("cloudwatch", region_name=region, config=_CONFIG),
        )
    except BotoCoreError as error:
        return UnknownRate(explained(error))


def _rates(
    clients: dict[str, Clients | UnknownRate],
    buckets: Sequence[Bucket],
    period: Period,
    counted: Callable[[str], RequestRate | None] | None,
) -> Iterator[RequestRate | UnknownRate]:
    def rate(bucket: Bucket) -> RequestRate | UnknownRate:
        made = clients[bucket.region or ""]
        known = made if isinstance(made, UnknownRate) else rate_by_metrics(*made, bucket.name, period)
        if isinstance(known, RequestRate):
            return known
        if counted is None:
            return UnknownRate(f"{known.reason}; and no logs are given with --from")
        return counted(bucket.name) or UnknownRate(f"{known.reason}; and the logs of --from tell of no request to it")

    shown = console(stderr=True)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="cost") as pool:
        yield from track(
            pool.map(rate, buckets),
            description="Asking CloudWatch",
            total=len(buckets),
            console=shown,
            transient=True,
            disable=not shown.is_terminal,
        )
