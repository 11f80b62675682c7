"""Asks S3 itself which buckets accept SigV2, with one harmless request to each.

A bucket's age and Region only hint: S3 accepts SigV2 in the Regions that are older than SigV4, and there for buckets
that are old enough (https://aws.amazon.com/blogs/aws/amazon-s3-update-sigv2-deprecation-period-extended-modified).
"""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from blueprint.sigv2_regions import accepts_sigv2
from sigv2.aws import explained
from sigv2.bucket_region import region_of_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

USER_AGENT: Final = "s3-sigv2-access-log/discover"
"""What the user agent of each request ends with, so that a probe is known in a log of SigV2 requests."""

_AT_ONCE: Final = 16
_LARGEST_PAGE: Final = 10_000
_REFUSED: Final = "The authorization mechanism you have provided is not supported"
_NOT_ALLOWED: Final = "policy allows the s3:ListBucket action"
_EXPLICITLY_DENIED: Final = "with an explicit deny"
_CONFIG: Final = Config(
    max_pool_connections=_AT_ONCE,
    user_agent_extra=USER_AGENT,
    s3={"us_east_1_regional_endpoint": "regional"},
)


class Verdict(StrEnum):
    """What S3 does with a SigV2-signed request to a bucket."""

    ACCEPTS = "accepts"
    DENIED = "denied either way"
    UNKNOWN = "unknown"
    REFUSED_BY_POLICY = "refused by policy"
    REFUSES = "refuses"


MAY_ACCEPT: Final = (Verdict.ACCEPTS, Verdict.DENIED)
"""What there is to watch: where only this caller is denied, S3 takes the signature of others."""


@dataclass(frozen=True)
class Bucket:
    """A bucket of the account.

    Attributes:
        name: as S3 lists it.
        region: None where nobody says.
        created: when it was made, or last made anew.
    """

    name: str
    region: str | None
    created: datetime


@dataclass(frozen=True)
class Acceptance:
    """What S3 answered for a bucket; the reason is one harmless line."""

    bucket: Bucket
    verdict: Verdict
    reason: str


def list_buckets(session: boto3.session.Session) -> list[Bucket]:
    """List the account's buckets, in every Region.

    Args:
        session: whose account.

    Raises:
        botocore.exceptions.BotoCoreError: AWS cannot be reached.
        botocore.exceptions.ClientError: it refuses to tell.
    """
    s3: S3Client = session.client("s3", config=_CONFIG)
    # Only a request with a page size is answered with Regions.
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": _LARGEST_PAGE})
    return [
        Bucket(bucket["Name"], bucket.get("BucketRegion"), bucket["CreationDate"])
        for page in pages
        for bucket in page.get("Buckets", [])
    ]


def probe(session: boto3.session.Session, buckets: Iterable[Bucket], region: str | None) -> Iterator[Acceptance | None]:
    """Send each bucket a SigV2-signed request to list none of its objects, several at a time.

    Args:
        session: who asks.
        buckets: as `list_buckets` gives them.
        region: ask only buckets of this Region; None asks all.

    Yields:
        For each bucket in turn the finding, None where the bucket is known to be of another Region.
    """
    clients = _Clients(session)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="discover") as pool:
        yield from pool.map(lambda bucket: _finding(clients, bucket, region), buckets)


def verdict_on(error: BotoCoreError | ClientError, region: str) -> tuple[Verdict, str]:
    """Judge why a SigV2-signed request failed: it tells whether S3 took the signature first.

    Args:
        error: what boto3 raised.
        region: the bucket's.

    Returns:
        The verdict and its reason.
    """
    answer = error.response["Error"] if isinstance(error, ClientError) else {}
    code, message = answer.get("Code"), answer.get("Message") or ""
    if code == "AccessDenied":
        return Verdict.ACCEPTS, "S3 took the signature; listing is denied (AccessDenied)"
    if code == "InvalidRequest" and message.startswith(_REFUSED):
        # Which Region it is only explains; the answer is S3's.
        if accepts_sigv2(region):
            return Verdict.REFUSES, f"S3 says: {_REFUSED}"
        return Verdict.REFUSES, "every bucket does in Regions opened after 30 January 2014"
    return Verdict.UNKNOWN, explained(error)


class _Clients:
    """S3 clients, made once for each Region: boto3 makes them slowly, and only one at a time."""

    def __init__(self, session: boto3.session.Session) -> None:
        self._session = session
        self._making = threading.Lock()
        self._made: dict[tuple[str, str | None], S3Client] = {}

    def sigv2(self, region: str) -> "S3Client":
        return self._client("s3", region)

    def sigv4(self, region: str) -> "S3Client":
        return self._client("s3v4", region)

    def anywhere(self) -> "S3Client":
        return self._client("s3v4", None)

    def _client(self, signature_version: str, region: str | None) -> "S3Client":
        config = _CONFIG.merge(Config(signature_version=signature_version))
        with self._making:
            key = signature_version, region
            if key not in self._made:
                self._made[key] = self._session.client("s3", region_name=region, config=config)
            return self._made[key]


def _finding(clients: _Clients, bucket: Bucket, region: str | None) -> Acceptance | None:
    try:
        located = bucket if bucket.region else replace(bucket, region=region_of_bucket(clients.anywhere(), bucket.name))
    except (BotoCoreError, ClientError) as error:
        return Acceptance(bucket, Verdict.UNKNOWN, f"its Region cannot be told: {explained(error)}")
    if located.region is None:
        return Acceptance(bucket, Verdict.UNKNOWN, "S3 does not say in which Region it is")
    if region not in (None, located.region):
        return None
    try:
        clients.sigv2(located.region).list_objects(Bucket=located.name, MaxKeys=0)
    except (BotoCoreError, ClientError) as error:
        if _code(error) == "AccessDenied":
            return Acceptance(located, *_denied(clients.sigv4(located.region), located.name, str(error)))
        return Acceptance(located, *verdict_on(error, located.region))
    return Acceptance(located, Verdict.ACCEPTS, "S3 answered")


def _denied(sigv4: "S3Client", bucket: str, denied: str) -> tuple[Verdict, str]:
    """Ask again with SigV4: a denial of SigV2 tells a policy that denies SigV2 from one that denies the caller."""
    if _NOT_ALLOWED in denied:
        # An explicit denial would have been named first
        # (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
        return Verdict.ACCEPTS, "S3 took the signature; listing is not allowed, and nothing denies it"
    try:
        sigv4.list_objects(Bucket=bucket, MaxKeys=0)
    except (BotoCoreError, ClientError) as error:
        if _code(error) != "AccessDenied":
            return Verdict.UNKNOWN, f"S3 denies SigV2, and SigV4 cannot be asked: {explained(error)}"
        if _EXPLICITLY_DENIED in denied and _EXPLICITLY_DENIED not in str(error):
            return Verdict.REFUSED_BY_POLICY, "a policy denies SigV2 explicitly, and SigV4 not"
        return Verdict.DENIED, "S3 took the signature; listing is denied with SigV2 and SigV4 alike"
    return Verdict.REFUSED_BY_POLICY, "S3 answers SigV4, and denies SigV2"


def _code(error: BotoCoreError | ClientError) -> str | None:
    return error.response["Error"].get("Code") if isinstance(error, ClientError) else None
